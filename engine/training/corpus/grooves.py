"""Drum and percussion grooves as text: one character a sixteenth; X accent, x hit, o ghost, . rest."""

KIT = {
    "kick": 36, "rim": 37, "snare": 38, "clap": 39, "hat": 42, "pedal": 44, "open": 46, "crash": 49, "ride": 51,
    "bell": 53, "tom1": 48, "tom2": 47, "tom3": 45, "tom4": 43, "tambourine": 54, "cowbell": 56, "bongo": 60,
    "low bongo": 61, "conga slap": 62, "conga": 63, "low conga": 64, "timbale": 65, "agogo": 67, "low agogo": 68,
    "cabasa": 69, "shaker": 82, "claves": 75, "block": 76, "triangle": 81, "guiro": 73,
}

Groove = dict[str, str]

GROOVES: dict[str, Groove] = {  # 16 or 32 steps of 4/4
    "rock": {"kick": "X.......x.x.....", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
    "rock push": {"kick": "X.....x.x.....x.", "snare": "....X..o.o..X...", "hat": "X.x.X.x.X.x.X.x."},
    "rock ride": {"kick": "X..x....x.x.....", "snare": "....X.......X..o", "ride": "X.x.X.x.X.x.X.x."},
    "rock half": {"kick": "X.....x.........", "snare": "........X.......", "hat": "x.x.x.x.x.x.x.x."},
    "metal double": {"kick": "xxxxxxxxxxxxxxxx", "snare": "....X.......X...", "ride": "X...X...X...X..."},
    "metal gallop": {"kick": "X.xxX.xxX.xxX.xx", "snare": "....X.......X...", "hat": "X...X...X...X..."},
    "metal thrash": {"kick": "X.x.X.x.X.x.X.x.", "snare": "..X...X...X...X.", "hat": "X.x.X.x.X.x.X.x."},
    "metal half": {"kick": "X..x..x.....x.xx", "snare": "........X.......", "crash": "X...x...x...x..."},
    "pop": {"kick": "X......xx.......", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
    "pop four": {"kick": "X...X...X...X...", "snare": "....X.......X...", "hat": "..x...x...x...x."},
    "pop sixteen": {"kick": "X.....x...x.....", "snare": "....X.......X...", "hat": "xoxoxoxoxoxoxoxo"},
    "funk": {"kick": "X..x......x..x..", "snare": "....X..o.o..X..o", "hat": "x.x.x.x.x.x.x.x."},
    "funk sixteen": {"kick": "X.x....x..x.....", "snare": "....X..o.o.oX..o", "hat": "XoxoXoxoXoxoXoxo"},
    "funk open": {"kick": "X.x.......x..x..X..x...x..x.....", "snare": "....X..o.o..X..o....X..o.oo.X...",
                  "hat": "x.x.x.x...x.x.x.x.x.x.x...x.x.x.", "open": "........x...............x......."},
    "disco": {"kick": "X...X...X...X...", "snare": "....X.......X...", "hat": "x.o.x.o.x.o.x.o.", "open": "..x...x...x...x."},
    "disco sixteen": {"kick": "X...X...X...X...", "snare": "....X.......X..o", "hat": "xx.xxx.xxx.xxx.x",
                      "open": "..x...x...x...x."},
    "house": {"kick": "X...X...X...X...", "clap": "....X.......X...", "open": "..x...x...x...x.", "hat": "x...x...x...x..."},
    "house shuffle": {"kick": "X...X...X...X...", "clap": "....X.......X..o", "open": "..x...x...x...x.",
                      "hat": "xo.oxo.oxo.oxo.o", "rim": "...x..x....x..x."},
    "techno": {"kick": "X...X...X...X...", "hat": "..X...X...X...X.", "clap": "............x...", "rim": "...x......x....."},
    "techno drive": {"kick": "X...X...X...X...", "hat": "xoXoxoXoxoXoxoXo", "clap": "....x.......x...", "ride": "..x...x...x...x."},
    "dnb": {"kick": "X.........x.....", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
    "dnb roll": {"kick": "X.x.......x.....X.........xx....", "snare": "....X..o.o..X..o....X..o.o..X.o.",
                 "ride": "x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x."},
    "breakbeat": {"kick": "X.x.......xx....", "snare": "....X..o.o..X..o", "hat": "x.x.x.x.x.x.x.x."},
    "hip hop": {"kick": "X.....x...x.....", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
    "boom bap": {"kick": "X......x..x.....X..x...x..x.....", "snare": "....X.......X.......X.......X..o",
                 "hat": "x.x.x.xox.x.x.x.x.x.x.x.x.xox.x."},
    "lo-fi": {"kick": "X......x..x.....", "rim": "....X.......X...", "hat": "x.x.x.x.x.x.x.xo"},
    "neo soul": {"kick": "X..x......x.x...", "snare": "....X..o......X.....X..o.o..X...", "hat": "x.xox.x.x.xox.x."},
    "trap": {"kick": "X......x..x.....", "clap": "........X.......", "hat": "x.x.x.xxx.x.xxxx"},
    "trap roll": {"kick": "X.....x.......x.X..x......x.....", "clap": "........X...............X.......",
                  "hat": "x.x.xxx.x.x.x.xxx.xxx.x.x.xxxxxx", "open": "..............................x."},
    "reggae one drop": {"kick": "........X.......", "rim": "........X.......", "hat": "x.X.x.X.x.X.x.X."},
    "reggae rockers": {"kick": "X...X...X...X...", "rim": "........X.......", "hat": "x.X.x.X.x.X.x.Xo"},
    "reggae steppers": {"kick": "X...X...X...X...", "snare": "........X.....o.", "hat": "xoxoxoxoxoxoxoxo"},
    "bossa": {"kick": "X..xX..xX..xX..x", "rim": "x..x..x...x..x..", "hat": "xoxoxoxoxoxoxoxo"},
    "bossa two": {"kick": "X...x..xX...x..x", "rim": "x..x..x...x..x....x..x..x..x..x.", "hat": "x.x.x.x.x.x.x.x."},
    "samba": {"kick": "x..XX..Xx..XX..X", "snare": "xoxxoxoxxoxxoxox", "pedal": "..x...x...x...x."},
    "swing": {"ride": "X...X.x.X...X.x.", "pedal": "....x.......x...", "kick": "o...o...o...o...", "snare": "......o.......o."},
    "swing comp": {"ride": "X...X.x.X...X.x.", "pedal": "....x.......x...", "kick": "......o.........", "snare": "..o.......o...o."},
    "shuffle": {"kick": "X.......X.....x.", "snare": "....X.......X...", "hat": "X.x.X.x.X.x.X.x."},
    "shuffle ride": {"kick": "X.....x.X.......", "snare": "..o.X.o...o.X.o.", "ride": "X.x.X.x.X.x.X.x."},
    "train": {"kick": "X...x...X...x...", "snare": "oxoXoxoXoxoXoxoX", "hat": "..x...x...x...x."},
    "country two": {"kick": "X.......X.......", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
    "ballad": {"kick": "X.........x.....", "rim": "....x.......x...", "hat": "x.x.x.x.x.x.x.x."},
    "ballad full": {"kick": "X......xx.......", "snare": "....X.......X...", "ride": "x.x.x.x.x.x.x.x."},
    "synthwave": {"kick": "X...X...X...X...", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
    "synthwave half": {"kick": "X.....x.x.......", "snare": "....X.......X..x", "hat": "xoxoxoxoxoxoxoxo"},
    "latin": {"kick": "x..x..x.x..x..x.", "rim": "..x.x...x..x..x.", "bell": "X.x.X.xxX.xxX.x."},
    "salsa": {"kick": "...x..x....x..x.", "cowbell": "X...x...X...x...", "timbale": "......x.......x.", "ride": "x.xxx.xxx.xxx.xx"},
    "reggaeton": {"kick": "X...X...X...X...", "snare": "...x..x....x..x.", "hat": "x.x.x.x.x.x.x.x."},
    "cinematic toms": {"tom4": "X..x..x.X..x..x.", "tom3": "......x.......xx", "kick": "X.......X......."},
    "cinematic pulse": {"kick": "X.......X.......", "tom4": "x.x.x.x.x.x.x.xx"},
    "sparse": {"kick": "X...............", "rim": "........x.......", "hat": "....x.......x..."},
    "waltz": {"kick": "X...........", "hat": "....x...x...", "rim": "........o..."},
    "waltz jazz": {"kick": "X...........", "ride": "X...X.x.X...", "pedal": "....x...x..."},
    "waltz rock": {"kick": "X.........x.", "snare": "....X...X...", "hat": "x.x.x.x.x.x."},
    "six eight": {"kick": "X.........x.", "snare": "......X.....", "hat": "x.x.x.x.x.x."},
    "six eight ride": {"kick": "X...x.......", "snare": "......X....o", "ride": "X.x.x.X.x.x."},
}

METER_GROOVES = {  # grooves for bars that are no cut or repeated 4/4
    (3, 4): ("waltz", "waltz jazz", "waltz rock"), (6, 8): ("six eight", "six eight ride"),
}

PERCUSSION: dict[str, Groove] = {
    "congas": {"conga slap": "..x...x...x...x.", "conga": "......xx......xx", "low conga": "x.......x......."},
    "tumbao": {"conga slap": "x.x.X.x.x.x.X.x.", "conga": "......x.......xx", "low conga": "...x.......x...."},
    "shaker": {"shaker": "XoxoXoxoXoxoXoxo"},
    "shaker eighths": {"shaker": "X.x.X.x.X.x.X.x.", "tambourine": "....x.......x..."},
    "tambourine": {"tambourine": "x.xxX.xxx.xxX.xx"},
    "son clave": {"claves": "x..x..x...x.x...", "guiro": "X..oX..oX..oX..o", "bongo": "x.oxx.oxx.oxx.ox"},
    "rumba clave": {"claves": "x..x...x..x.x...", "cowbell": "X...X...X...X...", "low bongo": "......x.......x."},
    "bongos": {"bongo": "x.oxx.xox.oxx.xo", "low bongo": "....x.......x..."},
    "agogo": {"agogo": "x...x.x.....x...", "low agogo": "..x.....x.x...x.", "cabasa": "XoxoXoxoXoxoXoxo"},
    "triangle": {"triangle": "x.......x.......", "shaker": "x.x.x.x.x.x.x.x."},
    "blocks": {"block": "x..x..x..x..x.x.", "shaker": "..x...x...x...x."},
}

FILLS: tuple[Groove, ...] = (  # the last eight sixteenths of a section
    {"snare": "x.x.xxxX"}, {"snare": "..xxx.xX"}, {"tom1": "xx......", "tom2": "..xx....", "tom3": "....xx..", "tom4": "......xX"},
    {"snare": "xx......", "tom1": "..xx....", "tom3": "....xx..", "tom4": "......xx"}, {"snare": "ooxxxxXX", "kick": "x...x..."},
    {"tom1": "x..x....", "tom3": "....x..x", "snare": "x.....x."}, {"snare": "....x.xx"}, {"snare": "......xx", "tom4": "....x..."},
    {"kick": "x.x...x.", "snare": "..x.x..x", "open": "......x."},
)
MACHINE_FILLS: tuple[Groove, ...] = (
    {"snare": "x.x.xxxx"}, {"clap": "x..x..x."}, {"snare": "xxxxxxxx"}, {"clap": "....x.xx"}, {"tom1": "x..x..x.", "tom4": "......xx"}, {},
)
