"""What both wires share: plain values by field name to a checked message, and back.

Knows fields and kinds, but neither OSC nor JSON: those modules only bring their bytes into plain values.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from hashlib import sha256
from typing import Any

from protocol.documents import canonical
from protocol.errors import ProtocolError
from protocol.fields import Declared, declared
from protocol.kinds import OscArgument
from protocol.messages import REQUESTS, Request
from protocol.replies import DONES, PLAIN_REPLIES, Reply
from protocol.request_fields import FILLED_ID
from protocol.spec import Transport


def request_class(command: str, transport: Transport) -> Any:
    """The class of a request's name.  Raises ProtocolError when there is none, or not on this transport."""
    cls = REQUESTS.get(command)
    if cls is None:
        text = f"there is no request {command[:80]!r}{_nearest(command, REQUESTS)}"
        raise ProtocolError("unknown-address", text, command=command[:80])
    if transport not in cls.spec.transports:
        text = f"{command} travels on {' and '.join(cls.spec.transports)} only"
        raise ProtocolError("wrong-transport", text, command=command)
    return cls


def reply_class(name: str, command: str) -> Any:
    """The class of a reply, as a client reads it.  command: what a `done` answers."""
    cls = DONES.get(command) if name == "done" else PLAIN_REPLIES.get(name)
    if cls is None:
        raise ProtocolError("unknown-address", f"there is no reply {name} {command}", command=command)
    return cls


def is_done(cls: Any) -> bool:
    """Whether a reply class is one of the `done`, whose command stands in its name and not in a field."""
    return bool(cls.spec.name == "done")


def readable_id(plain: Any) -> str:
    """The request id if it can be read, else "": for the sender of a message that is wrong elsewhere."""
    try:
        return FILLED_ID.read(plain, "id")
    except ProtocolError:
        return ""


def read_request(cls: Any, plain: dict[str, Any]) -> Request:
    """The checked request.  Raises ProtocolError that carries the command and, if readable, the id."""
    try:
        request: Request = read_message(cls, plain)
    except ProtocolError as error:
        raise error.about(cls.spec.name, readable_id(plain.get("id"))) from None
    return request


def read_message(cls: Any, plain: dict[str, Any]) -> Any:
    """The checked message, from plain values by wire name.  Raises ProtocolError naming the field."""
    fields = {field.wire: field for field in declared(cls)}
    for name in plain:
        if name not in fields:
            text = f"{cls.spec.name} has no field {name[:80]!r}{_nearest(name, fields)}"
            raise ProtocolError("unknown-field", text, name[:80])
    _check_given(cls, fields.values(), plain)
    return cls(**{fields[name].name: _read_field(fields[name], value) for name, value in plain.items()})


def json_fields(message: Request | Reply, skip_defaults: bool) -> dict[str, Any]:
    """The fields as plain JSON values by wire name.  skip_defaults: leave out what equals its default."""
    return {f.wire: f.kind.to_json(getattr(message, f.name)) for f in _told(message, skip_defaults)}


def osc_fields(message: Request | Reply, skip_defaults: bool) -> list[tuple[str, OscArgument]]:
    """The fields as OSC keys and arguments, in the order of their declaration."""
    return [f.kind.to_osc(f.wire, getattr(message, f.name)) for f in _told(message, skip_defaults)]


def fingerprint(request: Request) -> str:
    """SHA-256, in hex, of what a request asks for: equal for equal content whatever its id and its wire."""
    content = json_fields(request, skip_defaults=True) | {"type": request.spec.name}
    del content["id"]
    return sha256(canonical(content).encode("utf-8", "replace")).hexdigest()


def clean(text: str) -> str:
    """The text with whatever UTF-8 cannot say (bytes of a broken file name) replaced by question marks."""
    return text.encode("utf-8", "replace").decode()


def _read_field(field: Declared, plain: Any) -> Any:
    """The checked value; a fault inside it (a unit, a point of a map) is blamed on the field."""
    try:
        return field.kind.read(plain, field.wire)
    except ProtocolError as error:
        raise ProtocolError(error.code, error.text, field.wire) from None


def _told(message: Any, skip_defaults: bool) -> list[Declared]:
    fields = declared(message.__class__)
    return [f for f in fields if not (skip_defaults and getattr(message, f.name) == f.default)]


def _check_given(cls: Any, fields: Iterable[Declared], plain: dict[str, Any]) -> None:
    for field in fields:
        if field.is_required and field.wire not in plain:
            raise ProtocolError("missing-field", f"{field.wire} is missing: {field.doc}", field.wire)
    one_of = getattr(cls.spec, "one_of", ())
    if one_of and sum(name in plain for name in one_of) != 1:
        text = f"give exactly one of {' and '.join(one_of)}"
        raise ProtocolError("missing-field", text, one_of[0])


def _nearest(name: str, names: Iterable[str]) -> str:
    """ "; did you mean ...?" with the nearest known name, or nothing."""
    close = get_close_matches(name[:80], list(names), 1, 0.5)
    return f"; did you mean {close[0]}?" if close else ""
