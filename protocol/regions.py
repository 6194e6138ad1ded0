"""The kind for further regions of a job: where each lies, and what it says differently."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from protocol.documents import canonical
from protocol.errors import ProtocolError
from protocol.exact import wrong_type
from protocol.kinds import Kind, OscArgument, Text
from protocol.limits import CAPTION_CHARS, LYRICS_CHARS
from protocol.places import POSITION
from protocol.values import FurtherRegion

FIELDS: dict[str, Kind] = {
    "start": POSITION,
    "end": POSITION,
    "caption": Text(CAPTION_CHARS.value),
    "lyrics": Text(LYRICS_CHARS.value),
}
REQUIRED = ("start", "end")


@dataclass(frozen=True, slots=True)
class Regions:
    """A list of objects with start, end and, where they differ from the request's, caption and lyrics.

    In JSON a list, in OSC its JSON text.
    """

    hi: int
    unit: str = ""

    @property
    def label(self) -> str:
        """Regions."""
        return "regions"

    @property
    def range(self) -> str:
        """How many, and what each is."""
        return f"0..{self.hi} objects with start, end and, if different, caption, lyrics"

    def read(self, plain: Any, field: str) -> tuple[FurtherRegion, ...]:
        """The regions, from a list or a JSON text of one."""
        found = _parse(plain, field) if isinstance(plain, str) else plain
        if not isinstance(found, list):
            raise wrong_type(field, plain, "a list of regions, or a JSON text of one")
        if len(found) > self.hi:
            raise ProtocolError("too-long", f"{field} has {len(found)} regions, at most {self.hi}", field)
        return tuple(_region(one, f"{field}[{index}]") for index, one in enumerate(found))

    def to_json(self, value: tuple[FurtherRegion, ...]) -> list[dict[str, Any]]:
        """A list of objects."""
        return [_plain(region) for region in value]

    def to_osc(self, name: str, value: tuple[FurtherRegion, ...]) -> tuple[str, OscArgument]:
        """The list as JSON text; none is an empty text."""
        return name, canonical(self.to_json(value)) if value else ""

    def schema(self) -> dict[str, Any]:
        """A list of objects, or a text of one."""
        one = {
            "type": "object",
            "properties": {name: kind.schema() for name, kind in FIELDS.items()},
            "required": list(REQUIRED),
            "additionalProperties": False,
        }
        return {"anyOf": [{"type": "array", "items": one, "maxItems": self.hi}, {"type": "string"}]}


def _region(plain: Any, field: str) -> FurtherRegion:
    if not isinstance(plain, dict):
        raise wrong_type(field, plain, "an object with start and end")
    unknown = next((name for name in plain if name not in FIELDS), None)
    if unknown is not None:
        raise ProtocolError("unknown-field", f"{field} has no field {str(unknown)[:80]!r}", field)
    missing = next((name for name in REQUIRED if name not in plain), None)
    if missing is not None:
        raise ProtocolError("missing-field", f"{field}.{missing} is missing", field)
    return FurtherRegion(
        **{name: FIELDS[name].read(value, f"{field}.{name}") for name, value in plain.items()}
    )


def _plain(region: FurtherRegion) -> dict[str, Any]:
    told: dict[str, Callable[[Any], Any]] = {name: kind.to_json for name, kind in FIELDS.items()}
    values = {name: getattr(region, name) for name in told}
    return {name: told[name](value) for name, value in values.items() if value is not None}


def _parse(text: str, field: str) -> Any:
    try:
        return json.loads(text) if text.strip() else []
    except (ValueError, RecursionError) as error:
        raise wrong_type(field, text, "JSON") from error
