"""How a message is declared: `@message`, and one `arg` per field that carries its doc, kind and default.

Knows neither the messages nor the wire; codecs, checks, schema and docs read what is declared here.
"""

import dataclasses
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, TypeVar, dataclass_transform

from protocol.kinds import Kind

Message = TypeVar("Message")
REQUIRED: Any = dataclasses.MISSING
WIRE_NAMES = {"request_id": "id"}


class Arg(NamedTuple):
    """Doc and kind of a field that several messages share: `caption: str = arg(*CAPTION, default="")`."""

    doc: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Declared:
    """One field. name: Python attribute; wire: name in OSC and JSON; default: REQUIRED or a value."""

    name: str
    wire: str
    doc: str
    kind: Kind
    default: Any

    @property
    def is_required(self) -> bool:
        """Whether a client must give it."""
        return self.default is REQUIRED


def arg(doc: str, kind: Kind, *, default: Any = REQUIRED) -> Any:
    """Declare one field of a message. The field `request_id` is called `id` on the wire."""
    return dataclasses.field(default=default, metadata={"doc": doc, "kind": kind})


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(arg,))
def message(cls: type[Message]) -> type[Message]:
    """Make a declared class a frozen value, built by keyword only."""
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


def declared(cls: Any) -> tuple[Declared, ...]:
    """The fields of a message class, in the order of their declaration."""
    return _declared(cls)


@cache
def _declared(cls: Any) -> tuple[Declared, ...]:
    return tuple(
        Declared(f.name, WIRE_NAMES.get(f.name, f.name), f.metadata["doc"], f.metadata["kind"], f.default)
        for f in dataclasses.fields(cls)
    )
