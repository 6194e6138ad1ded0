"""Figures of pitched parts as text: one character a sixteenth, `-` holds the note on, `.` rests.

Bass: r root, R root above, f fifth, t third, s seventh (or sixth), a step into the next chord, l fifth below.
Chords: X accent, x hit, o soft.  Arpeggios: digits count the chord's notes from below, beyond them in the
octave above.
"""

BASS: dict[str, tuple[str, ...]] = {
    "rock": (
        "r-r-r-r-r-r-r-r-",
        "r---r-r-r---r-a-",
        "r-r-r-f-r-r-R-a-",
        "r-----r-r-----a-",
        "r--r--r-r-r-f-a-",
    ),
    "metal": ("r.rrr.rrr.rrr.rr", "r-r-rrrrr-r-rrrr", "r--r--r---r-r-r-", "rrrrrrrrrrrrrrrr"),
    "pop": (
        "r-----r-r-----a-",
        "r--r--r-r--r--r-",
        "r-----f-r-----a-",
        "r-r-r-r-r-r-r-r-",
        "r------rr-------",
    ),
    "funk": (
        "r..r..R...s.r.a.",
        "r.R..r.s..r.Rs.a",
        "r-.r..f.s..rR.a.",
        "r...R.r..s.f..ta",
        "r.r..R..r..s.faa",
    ),
    "disco": ("r.R.r.R.r.R.r.R.", "r.R.r.R.f.R.a.R.", "r-R.r.Rrr-R.f.a.", "r..rR.r.r..rR.a."),
    "house": (
        "..r...r...r...r.",
        "r..r..r...r..r..",
        "..r-..rR..r-..ra",
        "r-.r..R...r..R..",
        "...r..r....r..R.",
    ),
    "techno": ("..rr..rr..rr..rr", ".rrr.rrr.rrr.rrr", "r.rrRr.rr.rrrrRr", "r..r..r..r..r.r."),
    "dnb": ("r-----------r---", "r---..r-----..R-", "r-..r-..s---f---", "r-------..r-R-s-"),
    "hip hop": ("r---..r-..r-....", "r-.r..r-....a-..", "r------rR-..s-a.", "r--...r---..r-f-"),
    "trap": ("r-------..r-----", "r------r--r---..", "r-----r-......R-", "r-----------r-r-"),
    "reggae": (
        "..r-r-..f-r-....",
        "r-..r-t-f-..r-a-",
        "....r-r-f-t-r-..",
        "r--r--f---r-....",
        "..r-..f-..R-f-t-",
    ),
    "bossa": ("r-----f-f-----r-", "r-----l-l-----r-", "r-----f-f---a---"),
    "walk": ("w---w---w---a---",),
    "two": ("r-------f-------", "r-------l---a---", "r-----..f-----a-"),
    "shuffle": ("r-r-t-t-f-f-s-f-", "r-r-R-R-s-s-f-f-", "r-r-r-r-t-t-a-a-", "w---w---w---a-a-"),
    "country": ("r---....f---....", "r---....l---..a-", "r---r---f---a---"),
    "ballad": ("r---------------", "r-------f-----a-", "r-----r-r-------", "r-----------a---"),
    "waltz": ("r-------....", "r---....f---", "r-----------", "r-----f---a-"),
    "synthwave": ("rrrrrrrrrrrrrrrr", "r.r.r.r.r.r.r.r.", "r.rrr.rrr.rrr.rr", "rrRrrrRrrrRrrrRr"),
    "latin": ("...r--f-...r--f-", "r-....f-...-R-..", "......f-....r---", "r-....f-..f-r-.."),
    "drone": ("r---------------",),
    "pulse": ("r-r-r-r-r-r-r-r-", "r---r---r---r---", "r.rrr.rrr.rrr.rr"),
}

CHORDS: dict[str, tuple[str, ...]] = {
    "rock": (
        "X-----x-x-------",
        "x-x-x-x-x-x-x-x-",
        "X---..x-X---..x-",
        "X---------x-x---",
        "X-..x-x-..x-x-x-",
    ),
    "metal": (
        "X.xxX.xxX.xxX.xx",
        "X-------x-x-----",
        "x-xxx-xxx-xxx-xx",
        "X--x--x-X---x-x-",
        "xxxxxxxxX---X---",
    ),
    "strum": (
        "X---x-ox..oxx-ox",
        "x---x-x-..x-x-x-",
        "X-o-x-o-X-o-x-ox",
        "X---x---x---x-x-",
        "x-oxX-o.x-oxX-o.",
    ),
    "pop": (
        "x---x---x---x---",
        "x-------x-----x-",
        "X-----x-..x-----",
        "x-x-x-x-x-x-x-x-",
        "X--x--x-..x-x---",
    ),
    "funk": (
        "..x...xo..x...x.",
        "x..x..x...x..o.x",
        "....X..x....X.o.",
        "xoxoXox.xoxoX.o.",
        "..X..x....X..xo.",
    ),
    "disco": ("..x...x...x...x.", "x.xxX.xxx.xxX.xx", "....X..xX...X...", "x-..x.x-..x.x-x."),
    "stab": (
        "...x..x....x..x.",
        "X..x..x...x.....",
        "..x...x...x...x.",
        "x.....x.....x...",
        "X..x....X..x..x.",
    ),
    "reggae": ("....X.......X...", "..x...x...x...x.", "....X.o.....X.o."),
    "bossa": ("x--x--x---x--x--", "x-..x-.x..x-.x..", "..x-..x-.x-..x--", "x--x--x-..x-..x-"),
    "jazz": (
        "x.....x-........",
        "......x-......x-",
        "x---......x-....",
        "..x-......x.....",
        "x.....x-....x---",
        "......x.....x-..",
    ),
    "shuffle": ("..x...x...x...x.", "X---..x-X---..x-", "x.x.x.x.x.x.x.x.", "..x-....x-....x-"),
    "country": ("....x.......x...", "....x.x.....x.x.", "x...x-o.x...x-o."),
    "ballad": ("x---------------", "x-------x-------", "x---x---x---x---", "x-----x-x-------"),
    "waltz": ("....x-..x-..", "....x---x---", "....x...x.x."),
    "hip hop": ("x-------........", "x--x----..x-....", "..x-....x-..x---", "x-----------x---"),
    "montuno": ("x.xx.x.xx.x.x.x.", "x..x..x.x..x..x.", "xx.x.xx.x.xx.x.x"),
    "pad": ("x---------------",),
    "ostinato": ("x.x.x.x.x.x.x.x.", "X.xxX.xxX.xxX.xx", "X..x..x.X..x..x."),
    "hits": (
        "X...............",
        "X..x............",
        "..........x.X...",
        "......x-X-......",
        "X.....x.........",
        "............x.X-",
    ),
}

ARPEGGIOS: dict[str, tuple[str, ...]] = {
    "eighths": ("0-1-2-3-4-3-2-1-", "0-2-1-2-0-2-1-2-", "0-1-2-1-3-1-2-1-", "0-2-3-4-3-2-3-2-"),
    "sixteenths": (
        "0123456543210123",
        "0120120120120121",
        "0213243502132435",
        "0232023202320232",
        "0403020304030203",
    ),
    "gated": ("0.00.0.00.01.0.2", "0.1.2..1.2.3..2.", "0..1..2..3..2.1.", "0.2.1.3.0.2.4.3."),
    "picked": ("0-2-1-2-0-3-1-2-", "0-1-2-3-2-1-2-1-", "0---2-1-3---2-1-", "0-2-3-2-1-2-3-2-"),
    "slow": ("0---1---2---3---", "0---2---4---3---", "0-------2-------", "0---1---2-----3-"),
    "banjo": ("0.23120302312031", "0231023102310232"),
}

RIFFS: dict[str, tuple[str, ...]] = {  # digits are steps of the pentatonic scale from the root
    "rock": ("0-0-2-0-3-2-0---", "0---0-2-3---2-0-", "0-3-..2-0-0-1-2-", "0-..0-..3-4-3-2-"),
    "metal": ("00.00.1.00.00.31", "0.000.000.003.1.", "0-00.00.2-1-0---", "000300020001000."),
    "funk": ("0..3..4..3.2..0.", "..0.3.4...3..02.", "0.0...3.4.5.4.3.", "..34..34..54.3.."),
    "dance": ("0..0..3...0..2..", "0.0..0.3..0..4.3", "..0..0.2..0..0.3", "0...3..0..2..0.."),
    "string": ("0-0-3-0-2-0-3-0-", "0.00303.0.002.4.", "0-2-3-2-0-2-4-3-"),
}
