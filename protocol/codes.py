"""The kind for audio codes: what a planner writes, five for a second of music."""

from dataclasses import dataclass
from typing import Any

from protocol.errors import ProtocolError
from protocol.exact import shown, wrong_type
from protocol.kinds import OscArgument

MOST = 63_999
LONGEST = 3_000
"""Codes of 600 s."""


@dataclass(frozen=True, slots=True)
class Codes:
    """Audio codes 0..63999 in their order: a JSON list, or one text of numbers with spaces or commas."""

    unit: str = ""

    @property
    def label(self) -> str:
        """Codes."""
        return "codes"

    @property
    def range(self) -> str:
        """How many, and what each is."""
        return f"0..{LONGEST} codes, each 0..{MOST}"

    def read(self, plain: Any, field: str) -> tuple[int, ...]:
        """The codes, from a list or a text."""
        found = plain.replace(",", " ").split() if isinstance(plain, str) else plain
        if not isinstance(found, list):
            raise wrong_type(field, plain, "a list of codes")
        if len(found) > LONGEST:
            raise ProtocolError("too-long", f"{field} has {len(found)} codes, allowed are {LONGEST}", field)
        return tuple(_code(code, field) for code in found)

    def to_json(self, value: tuple[int, ...]) -> list[int]:
        """A list."""
        return list(value)

    def to_osc(self, name: str, value: tuple[int, ...]) -> tuple[str, OscArgument]:
        """One text with spaces."""
        return name, " ".join(map(str, value))

    def schema(self) -> dict[str, Any]:
        """A list of integers, or a text of them."""
        code = {"type": "integer", "minimum": 0, "maximum": MOST}
        return {"anyOf": [{"type": "array", "items": code, "maxItems": LONGEST}, {"type": "string"}]}


def _code(plain: Any, field: str) -> int:
    is_text = isinstance(plain, str) and plain.isascii() and plain.isdigit() and len(plain) <= len(str(MOST))
    if not is_text and (isinstance(plain, bool) or not isinstance(plain, int)):
        raise wrong_type(field, plain, "whole numbers")
    if not 0 <= int(plain) <= MOST:
        raise ProtocolError("out-of-range", f"{field}: code {shown(plain)} is outside 0..{MOST}", field)
    return int(plain)
