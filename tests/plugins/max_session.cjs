// describe, project, repaint, cancel and a clip with barline.n4m.js, as a patch would.
const max = require("max-api");
const song = process.env.SONG;

async function play() {
  const ready = max.hear("status", "connected");
  require("./barline.n4m.js");
  max.send("repaint", "source", song); // too early: nobody is connected
  await ready;
  const say = (answer, ...message) => {
    const heard = max.hear(...answer);
    max.send(...message);
    return heard;
  };
  await say(["done", "describe"], "describe", "what", "limits");
  await say(["done", "project"], "project", "name", "max", "tempo", 120, "meter", "4/4");
  const region = ["project", "max", "source", song, "start.bars", 2, "end.bars", "4|1|0"];
  await say(["done", "repaint"], "repaint", ...region, "strength", 0.5);
  await say(["accepted", "repaint"], "repaint", ...region, "steps", 20, "takes", 8);
  await say(["cancelled", "repaint"], "cancel");
  await say(["fail", "repaint"], "repaint", ...region, "fade_ms", 5000);
  await say(["fail", "repaint"], "repaint", "source");
  max.send("caption", "brass", "stabs");
  const clip = { id: 7, track: "live_set tracks 0", name: "verse", file: song, tempo: "0 120", meter: "4/4" };
  await say(["place"], "clip", JSON.stringify({ ...clip, source_start: 0, start: 4, end: 12, warped: 1 }));
  await say(["done", "sync"], "sync");
  process.exit(0);
}

play();
