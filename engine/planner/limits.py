"""What the fields of a plan may hold: ranges and lists as ACE-Step's language models were trained on them.

Knows neither tokens nor YAML.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.errors import TaskError

CODES_PER_SECOND = 5
CODES = 64_000  # 0 .. 63 999; what a vocabulary has above is never used
BPM_LO, BPM_HI = 30, 300  # quarter notes a minute
SECONDS_LO, SECONDS_HI = 10, 600
CAPTION_TOKENS = 512
LYRIC_TOKENS = 2048
CAPTION_CHARS = 16_384
SIGNATURES = ("2", "3", "4", "6")
LANGUAGES = tuple(
    "ar az bg bn ca cs da de el en es fa fi fr he hi hr ht hu id is it ja ko la lt ms ne nl no "
    "pa pl pt ro ru sa sk sr sv sw ta te th tl tr uk ur vi yue zh unknown".split()
)
KEYSCALES = tuple(
    f"{note}{sign} {mode}"
    for note in "ABCDEFG"
    for sign in ("", "#", "b", "♯", "♭")
    for mode in ("major", "minor")
)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole numbers lo..hi."""

    lo: int
    hi: int
    unit: str

    @property
    def values(self) -> tuple[str, ...]:
        """Every one of them, as text."""
        return tuple(map(str, range(self.lo, self.hi + 1)))

    @property
    def rule(self) -> str:
        """The range in words."""
        return f"a whole number from {self.lo} to {self.hi} {self.unit}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a list."""

    values: tuple[str, ...]

    @property
    def rule(self) -> str:
        """The list in words, cut where it is long."""
        shown = ", ".join(self.values[:12])
        return f"one of {shown}" + (f", ... ({len(self.values)} in all)" if len(self.values) > 12 else "")


CLOSED: Mapping[str, Span | OneOf] = {
    "bpm": Span(BPM_LO, BPM_HI, "quarter notes a minute"),
    "duration": Span(SECONDS_LO, SECONDS_HI, "seconds"),
    "keyscale": OneOf(KEYSCALES),
    "language": OneOf(LANGUAGES),
    "timesignature": OneOf(SIGNATURES),
}
FIELDS = ("bpm", "caption", "duration", "keyscale", "language", "timesignature")
"""The order in which a chain of thought holds them."""


def check_closed(field: str, text: str) -> str:
    """The text as the field holds it. Raises TaskError naming field, rule and value."""
    kind = CLOSED[field]
    plain = text.strip()
    if isinstance(kind, Span) and plain.isascii() and plain.isdigit():
        plain = plain.lstrip("0") or "0"
        if len(plain) < 9 and kind.lo <= int(plain) <= kind.hi:
            return plain
    elif plain in kind.values:
        return plain
    raise TaskError("out-of-range", f"{field}={text[:80]!r} is not {kind.rule}")


def check_caption(text: str) -> str:
    """The caption on one line. Raises TaskError."""
    return one_line(check_text("caption", text, CAPTION_CHARS))


def check_text(field: str, text: str, most: int) -> str:
    """The text itself. Raises TaskError when it is too long or holds what no text should."""
    if len(text) > most:
        raise TaskError("too-long", f"{field} has {len(text)} characters, allowed are {most}")
    bad = next((sign for sign in text if is_control(sign)), "")
    if bad:
        raise TaskError("wrong-type", f"{field} holds the control character U+{ord(bad):04X}")
    return text


def is_control(sign: str) -> bool:
    """Is it a control character other than a line end or tab, or half of a character?"""
    return (ord(sign) < 32 and sign not in "\n\t") or 0x7F <= ord(sign) < 0xA0 or "\ud800" <= sign <= "\udfff"


def one_line(text: str) -> str:
    """Line ends and runs of blanks become single blanks; other scripts' own spaces stay."""
    return " ".join(part for line in text.split("\n") for part in line.replace("\t", " ").split(" ") if part)


CHECKS: Mapping[str, Callable[[str], str]] = {
    **{name: lambda text, name=name: check_closed(name, text) for name in CLOSED},
    "caption": check_caption,
}


def check_given(given: Mapping[str, str]) -> dict[str, str]:
    """The fields a user gave, checked; empty ones are left out. Raises TaskError."""
    unknown = [name for name in given if name not in FIELDS]
    if unknown:
        raise TaskError(
            "unknown-field", f"{unknown[0]!r} is no field of a plan; there are {', '.join(FIELDS)}"
        )
    return {name: CHECKS[name](text) for name, text in given.items() if text.strip()}
