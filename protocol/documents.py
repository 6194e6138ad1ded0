"""Kinds for what replies tell at length: lists of lines, and JSON documents."""

import json
from dataclasses import dataclass
from typing import Any

from protocol.errors import ProtocolError
from protocol.exact import wrong_type
from protocol.kinds import OscArgument


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of one-line texts: a JSON list; in OSC one text with a line for each."""

    hi: int
    unit: str = ""

    @property
    def label(self) -> str:
        """Lines."""
        return "lines"

    @property
    def range(self) -> str:
        """How many."""
        return f"0..{self.hi} lines"

    def read(self, plain: Any, field: str) -> tuple[str, ...]:
        """The texts, from a list or from lines."""
        lines = (plain.split("\n") if plain else []) if isinstance(plain, str) else plain
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise wrong_type(field, plain, "a list of texts")
        if len(lines) > self.hi:
            raise ProtocolError(
                "too-long", f"{field} has {len(lines)} lines, allowed are {self.range}", field
            )
        return tuple(lines)

    def to_json(self, value: tuple[str, ...]) -> list[str]:
        """A list."""
        return list(value)

    def to_osc(self, name: str, value: tuple[str, ...]) -> tuple[str, OscArgument]:
        """One text, a line for each; line breaks inside a text become spaces."""
        return name, "\n".join(" ".join(line.split("\n")) for line in value)

    def schema(self) -> dict[str, Any]:
        """A list of strings."""
        return {"type": "array", "items": {"type": "string"}, "maxItems": self.hi}


@dataclass(frozen=True, slots=True)
class Json:
    """A JSON object or list, held as its canonical text; in JSON it is embedded, in OSC it is the text."""

    unit: str = ""

    @property
    def label(self) -> str:
        """JSON."""
        return "JSON"

    @property
    def range(self) -> str:
        """An object or a list."""
        return "object or list"

    def read(self, plain: Any, field: str) -> str:
        """The canonical text of an object or list, or of a text that holds one."""
        found = _parse_json(plain, field) if isinstance(plain, str) else plain
        if not isinstance(found, (dict, list)):
            raise wrong_type(field, plain, "a JSON object or list")
        try:
            return canonical(found)
        except (ValueError, RecursionError) as error:  # numbers too long to print, or nested too deep
            raise wrong_type(field, plain, "JSON that can be written again") from error

    def to_json(self, value: str) -> Any:
        """The object itself."""
        return json.loads(value)

    def to_osc(self, name: str, value: str) -> tuple[str, OscArgument]:
        """Its text."""
        return name, value

    def schema(self) -> dict[str, Any]:
        """Any object or list."""
        return {"type": ["object", "array"]}


def canonical(found: Any) -> str:
    """The one JSON text of an object: keys sorted, no spaces."""
    return json.dumps(
        found, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=float
    )


def _parse_json(text: str, field: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise wrong_type(field, text, "JSON") from error
