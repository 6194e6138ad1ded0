"""The plain kinds of field: text, numbers, flags, choices, lists and objects.

A kind is a frozen value with one meaning per method: `read` (a plain wire value, OSC or JSON, to a checked
value), `to_json` and `to_osc` (back), `schema` (JSON Schema), and three texts for the documentation.
Plain values are what JSON can say: bool, int, float or Fraction, str, list, dict, None.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from protocol.errors import ProtocolError
from protocol.exact import digits_of, number_text, read_number, read_whole, shown, wrong_type

OscArgument = int | str
_DECIMAL = r"^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?\s*$"
NUMBER_TEXT = {"type": "string", "pattern": _DECIMAL + r"|^\s*[+-]?\d+/\d+\s*$"}


class Kind(Protocol):
    """What every kind of field can do."""

    @property
    def label(self) -> str:
        """The type, in a word or two, for the tables."""

    @property
    def unit(self) -> str:
        """The unit of its values, "" where there is none."""

    @property
    def range(self) -> str:
        """What values are allowed, in words, "" where the type says it all."""

    def read(self, plain: Any, field: str) -> Any:
        """The checked value of a plain one.  Raises ProtocolError naming `field`."""

    def to_json(self, value: Any) -> Any:
        """The plain value to put in JSON."""

    def to_osc(self, name: str, value: Any) -> tuple[str, OscArgument]:
        """The key and the argument (int32 or text) to put in OSC."""

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its JSON form; of an `anyOf`, the first is the form that Barline sends."""


# Not str.isprintable: macOS puts no-break spaces into the names of files.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _check_range(value: Fraction | int, kind: "Integer | Number", sent: Any, field: str) -> None:
    if not kind.lo <= value <= kind.hi:
        text = sent.strip()[:60] if isinstance(sent, str) else shown(sent)
        rule = f"{kind.range} {kind.unit}".rstrip()
        raise ProtocolError("out-of-range", f"{field}={text} is outside {rule}", field)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of lo..hi characters. is_line: without control characters or line ends (names, ids, paths).

    A whole number is taken as its digits: Pure Data and Max cannot send the text "42".
    """

    hi: int
    lo: int = 0
    is_line: bool = False
    unit: str = ""

    @property
    def label(self) -> str:
        """Text, or one line of it."""
        return "line" if self.is_line else "text"

    @property
    def range(self) -> str:
        """How many characters."""
        return f"{self.lo}..{self.hi} characters"

    def read(self, plain: Any, field: str) -> str:
        """The text, without NUL (OSC strings end there) and within its length."""
        text = digits_of(plain)
        if not isinstance(text, str):
            raise wrong_type(field, plain, "a text")
        if not self.lo <= len(text) <= self.hi:
            code = "too-long" if len(text) > self.hi else "out-of-range"
            raise ProtocolError(code, f"{field} has {len(text)} characters, allowed are {self.range}", field)
        if _CONTROL.search(text) if self.is_line else "\0" in text:
            raise wrong_type(field, plain, "free of control characters" if self.is_line else "free of NUL")
        return text

    def to_json(self, value: str) -> str:
        """Itself."""
        return value

    def to_osc(self, name: str, value: str) -> tuple[str, OscArgument]:
        """Itself."""
        return name, value

    def schema(self) -> dict[str, Any]:
        """A string; a whole number is taken as its digits."""
        text = {"type": "string", "minLength": self.lo, "maxLength": self.hi}
        return {"anyOf": [text, {"type": "integer"}]}


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number lo..hi; floats and texts are accepted where they hold one."""

    lo: int
    hi: int
    unit: str = ""

    @property
    def label(self) -> str:
        """Integer."""
        return "integer"

    @property
    def range(self) -> str:
        """Both ends belong to it."""
        return f"{self.lo}..{self.hi}"

    def read(self, plain: Any, field: str) -> int:
        """The whole number, checked."""
        value = read_whole(plain, field)
        _check_range(value, self, plain, field)
        return value

    def to_json(self, value: int) -> int:
        """Itself."""
        return value

    def to_osc(self, name: str, value: int) -> tuple[str, OscArgument]:
        """Itself; beyond int32 the codec sends its digits."""
        return name, value

    def schema(self) -> dict[str, Any]:
        """An integer in range, or a text of one."""
        return {"anyOf": [{"type": "integer", "minimum": self.lo, "maximum": self.hi}, NUMBER_TEXT]}


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number lo..hi."""

    lo: int
    hi: int
    unit: str = ""

    @property
    def label(self) -> str:
        """Number."""
        return "number"

    @property
    def range(self) -> str:
        """Both ends belong to it."""
        return f"{self.lo}..{self.hi}"

    def read(self, plain: Any, field: str) -> Fraction:
        """The exact number, checked."""
        value = read_number(plain, field)
        _check_range(value, self, plain, field)
        return value

    def to_json(self, value: Fraction) -> int | str:
        """An integer where it is whole, else exact text."""
        return value.numerator if value.denominator == 1 else number_text(value)

    def to_osc(self, name: str, value: Fraction) -> tuple[str, OscArgument]:
        """An int32 where it is whole, else exact text: never a rounded float."""
        return name, value.numerator if value.denominator == 1 else number_text(value)

    def schema(self) -> dict[str, Any]:
        """A number in range, or an exact text of one."""
        return {"anyOf": [{"type": "number", "minimum": self.lo, "maximum": self.hi}, NUMBER_TEXT]}


_FLAGS: dict[Any, bool] = {0: False, 1: True, "0": False, "1": True, "false": False, "true": True}


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    unit: str = ""

    @property
    def label(self) -> str:
        """Flag."""
        return "flag"

    @property
    def range(self) -> str:
        """How it may be sent."""
        return "T/F, true/false, 1/0"

    def read(self, plain: Any, field: str) -> bool:
        """The flag from T/F, true/false or 1/0."""
        if isinstance(plain, (list, dict)) or plain not in _FLAGS:
            raise wrong_type(field, plain, "a flag (T, F, true, false, 1 or 0)")
        return _FLAGS[plain]

    def to_json(self, value: bool) -> bool:
        """Itself."""
        return value

    def to_osc(self, name: str, value: bool) -> tuple[str, OscArgument]:
        """1 or 0: SuperCollider, Pure Data and ChucK know no T and F."""
        return name, int(value)

    def schema(self) -> dict[str, Any]:
        """A boolean, 1 or 0."""
        return {"anyOf": [{"type": "boolean"}, {"enum": [0, 1]}]}


@dataclass(frozen=True, slots=True)
class Choice:
    """One word of a few."""

    words: tuple[str, ...]
    unit: str = ""

    @property
    def label(self) -> str:
        """Choice."""
        return "choice"

    @property
    def range(self) -> str:
        """The words."""
        return " | ".join(word or '""' for word in self.words)

    def read(self, plain: Any, field: str) -> str:
        """The word; a whole number is taken as its digits."""
        word = digits_of(plain)
        if not isinstance(word, str):
            raise wrong_type(field, plain, f"one of {self.range}")
        if word not in self.words:
            raise ProtocolError("out-of-range", f"{field}={shown(word)} is none of {self.range}", field)
        return word

    def to_json(self, value: str) -> str:
        """Itself."""
        return value

    def to_osc(self, name: str, value: str) -> tuple[str, OscArgument]:
        """Itself."""
        return name, value

    def schema(self) -> dict[str, Any]:
        """One of the words."""
        return {"enum": list(self.words)}
