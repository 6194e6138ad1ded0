"""The speech sounds our singers know: formants, noise and usual length; symbols after X-SAMPA."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phone:
    """One speech sound of an adult male voice.

    kind: vowel, nasal, approximant, tap, fricative, stop, affricate or breath.  formants: the first three,
    Hz; glide: those a diphthong ends on.  voiced: level of the voice, 0..1.  noise: level of the turbulence
    at `noise_hz`, `noise_width` wide.  zero: Hz of the dip of a nasal, 0 for none.  ms: usual length of a
    consonant.
    """

    kind: str
    formants: tuple[float, float, float]
    voiced: float = 1.0
    noise: float = 0.0
    noise_hz: float = 0.0
    noise_width: float = 1000.0
    ms: float = 70.0
    zero: float = 0.0
    glide: tuple[float, float, float] | None = None


VOWELS: dict[str, tuple[float, float, float]] = {
    "i": (280, 2250, 2950),
    "I": (400, 1950, 2550),
    "e": (400, 2100, 2700),
    "E": (550, 1800, 2500),
    "{": (680, 1700, 2450),
    "a": (750, 1300, 2500),
    "A": (720, 1100, 2450),
    "O": (570, 850, 2450),
    "o": (430, 800, 2400),
    "U": (450, 1050, 2300),
    "u": (310, 800, 2250),
    "@": (500, 1450, 2450),
    "V": (630, 1200, 2500),
    "3": (480, 1350, 1700),
    "y": (280, 1850, 2150),
    "2": (380, 1550, 2200),
    "9": (540, 1450, 2250),
    "1": (320, 1550, 2350),
}
DIPHTHONGS = {
    "aI": ("a", "I"),
    "eI": ("E", "i"),
    "oU": ("o", "U"),
    "aU": ("a", "U"),
    "OI": ("O", "I"),
    "eU": ("e", "U"),
}
NASAL_VOWELS: dict[str, tuple[float, float, float]] = {
    "a~": (680, 1050, 2450),
    "E~": (600, 1600, 2450),
    "O~": (520, 800, 2400),
}
FRICATIVES = {  # symbol -> (formants, noise level, noise Hz, width Hz, ms), and the symbol of its voiced twin
    "f": ((340, 1000, 2300), 0.16, 7500, 5000, 95, "v"),
    "T": ((340, 1400, 2600), 0.14, 6500, 3500, 95, "D"),
    "s": ((330, 1700, 2600), 0.42, 7200, 1900, 105, "z"),
    "S": ((330, 1800, 2500), 0.45, 3400, 1100, 110, "Z"),
    "C": ((300, 2000, 2700), 0.28, 4300, 1000, 95, ""),
    "x": ((400, 1300, 2400), 0.3, 1700, 700, 95, "G"),
}
STOPS = {  # symbol -> (formants it moves to, burst Hz, width Hz, burst level, ms), and its voiced twin
    "p": ((330, 800, 2200), 1000, 800, 0.7, 85, "b"),
    "t": ((330, 1750, 2650), 4600, 1800, 0.85, 85, "d"),
    "k": ((330, 1950, 2350), 2000, 700, 0.9, 90, "g"),
}
AFFRICATES = {"ts": ("t", "s"), "tS": ("t", "S")}  # stop and fricative; voiced: dz, dZ
SONORANTS: dict[str, Phone] = {
    "m": Phone("nasal", (270, 1000, 2200), 0.42, zero=800, ms=75),
    "n": Phone("nasal", (270, 1500, 2500), 0.42, zero=1700, ms=70),
    "J": Phone("nasal", (270, 2000, 2700), 0.42, zero=2600, ms=80),
    "N": Phone("nasal", (280, 1900, 2350), 0.4, zero=3200, ms=80),
    "l": Phone("approximant", (350, 1150, 2750), 0.6, ms=65),
    "j": Phone("approximant", (270, 2200, 3000), 0.65, ms=60),
    "w": Phone("approximant", (310, 650, 2200), 0.6, ms=65),
    "H": Phone("approximant", (280, 1700, 2150), 0.62, ms=55),
    "r": Phone("approximant", (380, 1150, 1500), 0.6, ms=65),
    "4": Phone("tap", (420, 1450, 2400), 0.35, ms=32),
    "rr": Phone("tap", (450, 1350, 2300), 0.5, ms=95),
    "R": Phone("fricative", (480, 1150, 2300), 0.4, 0.1, 1500, 700, ms=65),
    "h": Phone("breath", (500, 1450, 2450), 0.0, 0.0, ms=60),
}


def make_phones() -> dict[str, Phone]:
    """Every sound by its symbol."""
    phones = {symbol: Phone("vowel", formants) for symbol, formants in VOWELS.items()}
    for symbol, (first, last) in DIPHTHONGS.items():
        phones[symbol] = Phone("vowel", VOWELS[first], glide=VOWELS[last])
    for symbol, formants in NASAL_VOWELS.items():
        phones[symbol] = Phone("vowel", formants, 0.9, zero=850)
    for symbol, (formants, level, hz, width, ms, twin) in FRICATIVES.items():
        phones[symbol] = Phone("fricative", formants, 0.0, level, hz, width, ms)
        if twin:
            phones[twin] = Phone("fricative", formants, 0.35, level * 0.5, hz, width, ms * 0.75)
    for symbol, (formants, hz, width, level, ms, twin) in STOPS.items():
        phones[symbol] = Phone("stop", formants, 0.0, level, hz, width, ms)
        phones[twin] = Phone("stop", formants, 0.12, level * 0.5, hz, width, ms * 0.75)
    for symbol, (_, fricative) in AFFRICATES.items():
        sharp = phones[fricative]
        phones[symbol] = Phone(
            "affricate", sharp.formants, 0.0, sharp.noise, sharp.noise_hz, sharp.noise_width, 115
        )
        voiced = symbol.replace("t", "d").replace("s", "z").replace("S", "Z")
        phones[voiced] = Phone(
            "affricate", sharp.formants, 0.2, sharp.noise * 0.6, sharp.noise_hz, sharp.noise_width, 95
        )
    return phones | SONORANTS


PHONES = make_phones()
LONGEST_SYMBOL = max(map(len, PHONES))


def is_vowel(symbol: str) -> bool:
    """Whether a sound can carry a syllable."""
    return PHONES[symbol].kind == "vowel"


def split_symbols(text: str) -> tuple[str, ...]:
    """The symbols in a string without gaps, the longest first; spaces part what would join ("t s").

    Raises ValueError for what is no symbol.
    """
    found: list[str] = []
    at = 0
    while at < len(text):
        if text[at] in " .":
            at += 1
            continue
        symbol = next(
            (text[at : at + n] for n in range(LONGEST_SYMBOL, 0, -1) if text[at : at + n] in PHONES), ""
        )
        if not symbol:
            raise ValueError(f"no speech sound in {text[at:]!r}")
        found.append(symbol)
        at += len(symbol)
    return tuple(found)
