"""Chord progressions: loops everybody knows, and phrases from a functional grammar with cadences."""

from random import Random

from .theory import FAMILY, MODES, read_numeral

LOOPS: dict[tuple[str, str], tuple[str, ...]] = {  # (idiom, mode); bars apart by |, chords in a bar by spaces
    ("song", "major"): (
        "I | V | vi | IV",
        "vi | IV | I | V",
        "I | vi | IV | V",
        "IV | V | iii | vi",
        "I | IV | vi | V",
        "I | iii | IV | V",
        "IV | I | V | vi",
        "I | V | IV | IV",
        "ii | IV | I | V",
        "I | IV | ii | V",
        "I | V | vi | iii | IV | I | IV | V",
        "I | iii | vi | IV",
        "I | I | IV | iv",
        "vi | V | IV | V",
        "I | ii | IV | I",
        "I | V | ii | IV",
        "IV | vi | I | V",
    ),
    ("song", "minor"): (
        "i | bVI | bIII | bVII",
        "i | bVII | bVI | V",
        "i | iv | bVI | V",
        "i | bIII | bVII | iv",
        "i | bVI | iv | V",
        "bVI | bVII | i | i",
        "i | v | bVI | bVII",
        "i | bVII | bVI | bVII",
        "i | iv | bVII | bIII | bVI | iio | V | i",
        "bVI | bIII | bVII | i",
        "i | bIII | bVI | bVII",
        "iv | i | bVI | V",
        "i | v | iv | bVII",
    ),
    ("song", "dorian"): (
        "i | IV | i | IV",
        "i | IV | bVII | i",
        "i | bIII | IV | i",
        "i | bVII | IV | IV",
        "i | ii | bIII | IV",
        "i | v | IV | i",
    ),
    ("song", "mixolydian"): (
        "I | bVII | IV | I",
        "I | I | bVII | IV",
        "I | v | IV | I",
        "I | bVII | I | bVII",
        "I | IV | bVII | IV",
        "bVII | IV | I | I",
    ),
    ("song", "harmonic minor"): (
        "i | iv | V | i",
        "i | bVI | iio | V",
        "i | V | i | V",
        "i | bII | V | i",
        "i | bVI | V | V",
        "iv | i | V | i",
    ),
    ("blues", "major"): (
        "I7 | IV7 | I7 | I7 | IV7 | IV7 | I7 | I7 | V7 | IV7 | I7 | V7",
        "I7 | I7 | I7 | I7 | IV7 | IV7 | I7 | I7 | V7 | IV7 | I7 | I7",
        "I7 | IV7 | I7 | I7 | IV7 | #ivo7 | I7 | VI7 | ii7 | V7 | I7 VI7 | ii7 V7",
    ),
    ("blues", "minor"): (
        "i7 | iv7 | i7 | i7 | iv7 | iv7 | i7 | i7 | bVI7 | V7 | i7 | V7",
        "i7 | i7 | i7 | i7 | iv7 | iv7 | i7 | i7 | V7 | iv7 | i7 | V7",
    ),
    ("jazz", "major"): (
        "ii7 | V7 | Imaj7 | Imaj7",
        "Imaj7 vi7 | ii7 V7 | iii7 VI7 | ii7 V7",
        "Imaj7 | VI7 | ii7 | V7",
        "iii7 | VI7 | ii7 | V7",
        "ii7 | V7 | Imaj7 | IVmaj7 | viiø | III7 | vi7 | VI7",
        "Imaj7 | IVmaj7 | iii7 VI7 | ii7 V7",
        "III7 | III7 | VI7 | VI7 | II7 | II7 | V7 | V7",
        "Imaj7 | ii7 V7 | Imaj7 | v7 I7 | IVmaj7 | iv7 bVII7 | iii7 VI7 | ii7 V7",
    ),
    ("jazz", "minor"): (
        "i7 | iiø V7 | i7 | iiø V7",
        "iiø | V7b9 | i6 | i6",
        "i7 | iv7 | iiø | V7b9",
        "iv7 | bVII7 | bIIImaj7 | bVImaj7 | iiø | V7b9 | i6 | i6",
        "i7 | bVImaj7 | iiø | V7b9",
    ),
    ("jazz", "dorian"): ("i7 | i7 | ii7 | i7", "i7 | IV7 | i7 | IV7", "i9 | i9 | bVII9 | bVII9"),
    ("bossa", "major"): (
        "Imaj7 | II7 | ii7 | V7",
        "Imaj7 | #io7 | ii7 | V7",
        "Imaj7 | vi7 | ii7 | V7b9",
        "Imaj7 | Imaj7 | II7 | II7 | ii7 | V7 | Imaj7 | bII7",
        "IVmaj7 | iv7 | iii7 | VI7",
    ),
    ("bossa", "minor"): (
        "i7 | bVI7 | iiø | V7b9",
        "i7 | iv7 | bVII7 | bIIImaj7 | bVImaj7 | iiø | V7b9 | i6",
        "i6 | V7b9 | i6 | V7b9",
    ),
    ("montuno", "major"): ("I | IV | V7 | IV", "I | vi | ii | V7", "I | V7 | V7 | I", "I IV | V7 IV"),
    ("montuno", "minor"): ("i | iv | V7 | iv", "i | V7 | V7 | i", "i | bVII | bVI | V7", "i iv | V7 iv"),
    ("vamp", "major"): (
        "I7 | IV7",
        "I | IV",
        "I7 | I7 | IV7 | IV7",
        "Imaj7 | iii7",
        "I | ii",
        "Imaj7 | IVmaj7",
    ),
    ("vamp", "minor"): ("i | bVI", "i7 | iv7", "i | bVII", "i | i | bVI | bVII", "i | i | iv | v", "i"),
    ("vamp", "dorian"): ("i7 | IV7", "i7 IV7", "i7 | ii7", "i7 | IV7 | i7 | IV7 | bVII | bVII | IV7 | IV7"),
    ("vamp", "mixolydian"): ("I7 | bVII", "I7 | v7", "I7", "I7 | IV7 | I7 | bVII"),
    ("country", "major"): (
        "I | I | IV | I | V | V | I | I",
        "I | IV | V | I",
        "I | IV | I | V",
        "I | V | IV | I",
        "I | I | IV | IV | I | V | I | I",
        "I | vi | IV | V",
        "I | IV | I | V | I | IV | V | I",
    ),
    ("epic", "minor"): (
        "i | bVI | bIII | bVII",
        "i | i | bVI | bVII",
        "i | bVI | iv | V",
        "i | iv | bVI | V",
        "i | bIII | bVII | bVI",
        "i | bVI | i | bII",
    ),
    ("epic", "major"): ("I | bVI | bVII | I", "I | iii | IV | iv", "I | V | vi | IV", "I | bIII | IV | I"),
}
FALLBACK = {
    "dorian": "minor",
    "harmonic minor": "minor",
    "mixolydian": "major",
    "major": "major",
    "minor": "minor",
}

FUNCTIONS: dict[str, dict[str, tuple[str, ...]]] = {  # tonic, subdominant, dominant of each mode
    "major": {"T": ("I", "I", "vi", "iii"), "S": ("IV", "ii", "ii", "IV"), "D": ("V", "V7", "viio", "V")},
    "minor": {"T": ("i", "i", "bVI", "bIII"), "S": ("iv", "iio", "iv", "bVI"), "D": ("V", "v", "bVII", "V7")},
    "dorian": {"T": ("i", "i", "bIII"), "S": ("IV", "ii", "IV"), "D": ("bVII", "v")},
    "mixolydian": {"T": ("I", "I", "vi"), "S": ("IV", "ii"), "D": ("bVII", "v", "bVII")},
    "harmonic minor": {"T": ("i", "i", "bVI"), "S": ("iv", "iio", "bII"), "D": ("V", "V7", "viio7")},
}
HOME_WEIGHT = 3.0  # against 1: loops that start on the tonic leave no doubt about the key
PHRASES = {  # function of each bar; the first halves end open, the second ones closed
    4: (("TTSD", "TSTD", "TTSS", "TDTS", "TSDD"), ("TSDT", "TTDT", "SDTT", "TSDD")),
    8: (("TTSSTTSD", "TTTSSTDD", "TDTSTSDD"), ("TTSDTSDT", "TSTDTSDT", "SSTTSDTT", "TTSSSDTT")),
}


def write_phrase(rng: Random, mode: str, bars: int, closed: bool) -> list[list[str]]:
    """A phrase of 4 or 8 bars by functions, ending on a half (open) or authentic cadence (closed)."""
    table = FUNCTIONS[mode]
    home, shape = table["T"][0], rng.choice(PHRASES[bars][int(closed)])
    numerals = [[rng.choice(table[function])] for function in shape]
    numerals[0] = [home] if rng.random() < 0.8 or shape[0] != "T" else numerals[0]
    if closed and shape[-1] == "T":
        numerals[-1] = [home]
        numerals[-2] = [table["D"][0]] if shape[-2] == "D" else numerals[-2]
    if shape[-2:] == "SD" and rng.random() < 0.3:  # the cadential fourth
        numerals[-1] = ["Vsus4", "V"] if table["D"][0] == "V" else numerals[-1]
    return numerals


def read_loop(text: str) -> list[list[str]]:
    """Bars of numerals from the notation of `LOOPS`."""
    return [bar.split() for bar in text.split("|")]


def starts_home(loop: str, mode: str) -> bool:
    """Whether a loop's first chord is the tonic, whatever its extensions."""
    return loop.split()[0].rstrip("maj0123456789") == FUNCTIONS[mode]["T"][0]


def pick_progression(rng: Random, idiom: str, mode: str, bars: int) -> list[list[str]]:
    """Numerals for each bar of a section of `bars` bars."""
    grammar = idiom == "song" and rng.random() < 0.35 and bars >= 4
    if grammar:
        half = 8 if bars >= 16 else 4
        opening, answer = write_phrase(rng, mode, half, False), write_phrase(rng, mode, half, True)
        cycle = answer if bars < 2 * half else opening + answer
    else:
        options = LOOPS.get((idiom, mode)) or LOOPS.get((idiom, FALLBACK[mode])) or LOOPS["song", mode]
        weights = [HOME_WEIGHT if starts_home(option, mode) else 1.0 for option in options]
        cycle = read_loop(rng.choices(options, weights)[0])
    return [cycle[bar % len(cycle)] for bar in range(bars)]


def turn_around(rng: Random, numerals: list[list[str]], mode: str) -> list[list[str]]:
    """The same bars with a dominant in the last half bar, pulling into the next section."""
    if FUNCTIONS[mode]["D"][0] != "V" or len(numerals[-1]) > 1 or rng.random() < 0.5:
        return numerals
    return [*numerals[:-1], [numerals[-1][0], "V"]] if not numerals[-1][0].startswith("V") else numerals


def voice_names(numerals: list[str], tonic: int, mode: str, colour: str) -> list[tuple[int, str]]:
    """Roots and qualities of numerals in a key."""
    return [read_numeral(numeral, tonic, MODES[mode], colour) for numeral in numerals]


def third_of(mode: str) -> str:
    """ "major" or "minor": what a keyscale says of the mode."""
    return FAMILY[mode]
