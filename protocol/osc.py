"""Messages as OSC 1.0 datagrams: `/cancel "c1" "job" "r1"`, the id first, then key and value pairs.

Uses python-osc's readers and writers of single arguments; bundles are walked here, because its packet class
looks at the clock, rounds timetags to floats and lets foreign exceptions out.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pythonosc.osc_message_builder import OscMessageBuilder

from protocol.codec import (
    clean,
    is_done,
    osc_fields,
    read_message,
    read_request,
    readable_id,
    reply_class,
    request_class,
)
from protocol.errors import ProtocolError
from protocol.fields import declared
from protocol.kinds import OscArgument
from protocol.limits import BUNDLE_DEPTH, BUNDLE_MESSAGES, OSC_BYTES
from protocol.messages import Request
from protocol.osc_bytes import Raw, due_of, elements_of, is_bundle, read_head, read_raw, write_bundle
from protocol.replies import Reply

WILDCARDS = frozenset("?*[]{}")


@dataclass(frozen=True, slots=True)
class Timed:
    """One message of a packet, or what is wrong with it.

    due: its bundle's timetag in exact NTP seconds (since 1900), None for at once.
    """

    due: Fraction | None
    message: Request | ProtocolError


def decode_packet(packet: bytes) -> list[Timed]:
    """Every message of a datagram, in its order; a wrong message does not spoil the others.

    Raises ProtocolError when the datagram as a whole cannot be read (malformed, too-long).
    """
    if len(packet) > OSC_BYTES.value:
        address, first = read_head(packet)
        raise _too_long(len(packet)).about(address.removeprefix("/")[:80], readable_id(first))
    if not is_bundle(packet):
        raw = read_raw(packet)
        return [Timed(None, _request_or_error(raw))]
    timed: list[Timed] = []
    _walk_bundle(packet, None, 1, timed)
    return timed


def encode_request(request: Request) -> bytes:
    """The datagram of a request, without the fields that equal their default."""
    (_, request_id), *pairs = osc_fields(request, skip_defaults=True)
    return _datagram(request.spec.name, [request_id, *(part for pair in pairs for part in pair)])


def encode_bundle(requests: Sequence[Request], due: Fraction | None) -> bytes:
    """A bundle of requests.  due: exact NTP seconds (since 1900), None for at once."""
    packet = write_bundle([encode_request(request) for request in requests], due)
    if len(packet) > OSC_BYTES.value:
        raise _too_long(len(packet))
    return packet


def encode_reply(reply: Reply) -> bytes:
    """The datagram of a reply: done names its fields, every other reply is positional.

    Raises ProtocolError(too-long) when it does not fit a datagram.
    """
    fields = osc_fields(reply, skip_defaults=False)
    if not is_done(type(reply)):
        return _datagram(reply.spec.name, [argument for _, argument in fields])
    (_, request_id), *pairs = fields
    return _datagram("done", [request_id, reply.spec.command, *(part for pair in pairs for part in pair)])


def encode_values(address: str, values: Sequence[OscArgument]) -> bytes:
    """The packet of an address's values, as those who listen to it hear them (OSCQuery)."""
    return _datagram(address.removeprefix("/"), list(values))


def decode_reply(datagram: bytes) -> Reply:
    """The reply in a datagram, as a client reads it.  Raises ProtocolError."""
    raw = read_raw(datagram)
    name = raw.address.removeprefix("/")
    command = str(raw.arguments[1]) if name == "done" and len(raw.arguments) > 1 else ""
    cls = reply_class(name, command)
    if raw.fault is not None:
        raise raw.fault
    if is_done(cls):
        plain = _pairs(raw.arguments[2:]) | {"id": raw.arguments[0]}
    elif len(raw.arguments) != len(declared(cls)):
        raise ProtocolError(
            "malformed", f"/{name} has {len(declared(cls))} arguments, not {len(raw.arguments)}"
        )
    else:
        plain = {f.wire: argument for f, argument in zip(declared(cls), raw.arguments, strict=True)}
    reply: Reply = read_message(cls, plain)
    return reply


def show(datagram: bytes) -> str:
    """One line for people: address, type tags, arguments; for docs, tests and logs."""
    raw = read_raw(datagram)
    words = [json.dumps(a, ensure_ascii=False) if isinstance(a, str) else str(a) for a in raw.arguments]
    return " ".join([raw.address, raw.tags, *words])


def wire_line(request: Request) -> str:
    """What a request looks like on the OSC wire, for docs and doctests."""
    return show(encode_request(request))


def _walk_bundle(bundle: bytes, due: Fraction | None, depth: int, timed: list[Timed]) -> None:
    """Append the messages of a bundle; one inside another is never due before the outer one (OSC 1.0)."""
    if depth > BUNDLE_DEPTH.value:
        raise ProtocolError("malformed", f"bundles are nested deeper than {BUNDLE_DEPTH.value} levels")
    inner = due_of(bundle)
    due = inner if due is None or (inner is not None and inner > due) else due
    for element in elements_of(bundle):
        if is_bundle(element):
            _walk_bundle(element, due, depth + 1, timed)
        else:
            timed.append(Timed(due, _element_or_error(element)))
        if len(timed) > BUNDLE_MESSAGES.value:
            raise ProtocolError("too-long", f"a packet may hold at most {BUNDLE_MESSAGES.value} messages")


def _element_or_error(element: bytes) -> Request | ProtocolError:
    try:
        return _request_or_error(read_raw(element))
    except ProtocolError as error:
        return error


def _request_or_error(raw: Raw) -> Request | ProtocolError:
    command, request_id = raw.address.removeprefix("/"), readable_id(next(iter(raw.arguments), None))
    try:
        if WILDCARDS & set(command):
            text = f"address patterns are not matched: {raw.address[:80]} holds one of ? * [ ] {{ }}"
            raise ProtocolError("unknown-address", text)
        cls = request_class(command, "osc")
        if raw.fault is not None:
            raise raw.fault
        plain = _pairs(raw.arguments[1:])
        if "id" in plain:
            raise ProtocolError("duplicate-field", "id is the first argument, it needs no key", "id")
        return read_request(cls, plain | ({"id": raw.arguments[0]} if raw.arguments else {}))
    except ProtocolError as error:
        return error.about(command[:80], request_id)


def _pairs(arguments: Sequence[Any]) -> dict[str, Any]:
    """Keys and values; `start.bars` 5 becomes {"start": {"bars": 5}}."""
    if len(arguments) % 2:
        text = "after the id come keys with their values, but the number of arguments is odd"
        raise ProtocolError("malformed", text)
    plain: dict[str, Any] = {}
    for key, value in zip(arguments[::2], arguments[1::2], strict=True):
        if not isinstance(key, str):
            raise ProtocolError("malformed", f"{key} stands where the name of a field is expected")
        name, dot, unit = key.partition(".")
        place = plain.setdefault(name, {}) if dot else plain
        last = unit if dot else name
        if not isinstance(place, dict) or last in place:
            raise ProtocolError("duplicate-field", f"{name[:80]} is given twice", name[:80])
        place[last] = value
    return plain


def _datagram(name: str, arguments: list[OscArgument]) -> bytes:
    """One message; only int32 and text, so every client can read it."""
    builder = OscMessageBuilder(f"/{name}")
    for argument in arguments:
        if isinstance(argument, str) and "\0" in argument:
            raise ProtocolError("wrong-type", f"{name}: a text holds a NUL character")
        is_int32 = isinstance(argument, int) and -(2**31) <= argument < 2**31
        builder.add_arg(argument if is_int32 else clean(str(argument)), "i" if is_int32 else "s")
    datagram: bytes = builder.build().dgram
    if len(datagram) > OSC_BYTES.value:
        raise _too_long(len(datagram))
    return datagram


def _too_long(size: int) -> ProtocolError:
    way_out = "send audio by path, long texts by WebSocket"
    return ProtocolError(
        "too-long", f"the datagram has {size} bytes, at most {OSC_BYTES.value} are allowed: {way_out}"
    )
