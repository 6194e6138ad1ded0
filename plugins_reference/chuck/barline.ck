// A Barline session in ChucK: describe, project, one repaint with its progress, and a second one that is cancelled.
//   chuck --silent barline.ck:7770:/music/mix.wav:120:17:21        port : song : bpm : first bar : end bar
// ChucK sends from one port and listens on another, so the daemon is told once where to answer (/notify).

9138 => int ear;
Std.atoi(me.arg(0)) => int port;
me.arg(1) => string song;
Std.atof(me.arg(2)) => float bpm;
Std.atoi(me.arg(3)) => int first;
Std.atoi(me.arg(4)) => int end;

OscIn in;
OscMsg msg;
ear => in.port;
in.listenAll();
OscOut out;
out.dest("127.0.0.1", port);

// The daemon's fresh word begins the job ids: ChucK has no clock that goes on when it ends.
"ck" => string fresh;

fun void tell(OscMsg m)
{
    m.address => string line;
    for (0 => int i; i < m.numArgs(); i++)
    {
        if (m.typetag.substring(i, 1) == "i") line + " " + m.getInt(i) => line;
        else line + " " + m.getString(i) => line;
    }
    chout <= line <= IO.newline();
    chout.flush();
}

// Tells all that is heard until this reply to an id that begins so has come (or its fail, which ends the program); its last value after `key` is kept in `found`.
string found;
fun void wait(string address, string id, string key)
{
    while (true)
    {
        while (in.recv(msg))
        {
            tell(msg);
            if (msg.getString(0).find(id) != 0) continue;
            if (msg.address == "/fail") me.exit();
            if (msg.address != address) continue;
            for (2 => int i; i + 1 < msg.numArgs() && key != ""; 2 +=> i)
                if (msg.getString(i) == key) msg.getString(i + 1) => found;
            return;
        }
        in => now;
    }
}

fun void repaint(string id, int steps, int takes)
{
    out.start("/repaint").add(id).add("project").add("chuck").add("source").add(song);
    out.add("start.bars").add(first).add("end.bars").add(end).add("strength").add(0.5);
    out.add("steps").add(steps).add("takes").add(takes).send();
}

// Until it is answered: ChucK opens its ear in the background, and UDP tells nobody what it lost. With --silent these
// seconds pass as fast as the machine can.
0 => int isHeard;
fun void introduce()
{
    for (0 => int i; i < 500 && !isHeard; i++)
    {
        out.start("/notify").add("ck-notify-" + i).add("port").add(ear).send();
        2::second => now;
    }
}
spork ~ introduce();
wait("/done", "ck-notify", "");
1 => isHeard;
out.start("/hello").add("ck-hello").add("client").add("chuck").send();
wait("/done", "ck-hello", "fresh");
found => fresh;
out.start("/describe").add("ck-describe").add("what").add("limits").send();
wait("/done", "ck-describe", "");
out.start("/project").add("ck-project").add("name").add("chuck").add("tempo").add(bpm).send();
wait("/done", "ck-project", "");
repaint(fresh + "-1", 0, 1);
wait("/done", fresh + "-1", "take");
chout <= "TAKE " <= found <= IO.newline();
repaint(fresh + "-2", 20, 8);
wait("/accepted", fresh + "-2", "");
out.start("/cancel").add("ck-cancel").add("job").add(fresh + "-2").send();
wait("/cancelled", fresh + "-2", "");
out.start("/sync").add("ck-sync").send();
wait("/synced", "ck-sync", "");
