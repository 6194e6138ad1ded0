"""Messages as JSON texts, one object each: {"type": "cancel", "id": "c1", "job": "r1"}.

Numbers are read as the decimals that stand in the text, so 119.88 is exactly 11988/100.
"""

import json
from typing import Any

import msgspec

from protocol.codec import (
    clean,
    is_done,
    json_fields,
    read_message,
    read_request,
    readable_id,
    reply_class,
    request_class,
)
from protocol.errors import ProtocolError
from protocol.exact import exact_decimal, shown
from protocol.limits import JSON_BYTES
from protocol.messages import Request
from protocol.replies import Reply
from protocol.spec import Transport

_DECODER = msgspec.json.Decoder(float_hook=exact_decimal)


def decode_request(text: str | bytes, transport: Transport = "websocket") -> Request:
    """The request in a JSON text.  Raises ProtocolError, with command and id where they could be read."""
    plain = _parse_object(text)
    command, request_id = plain.pop("type", None), readable_id(plain.get("id"))
    if not isinstance(command, str):
        raise ProtocolError(
            "missing-field", "type is missing: the name of the request", "type", "", request_id
        )
    try:
        cls = request_class(command, transport)
    except ProtocolError as error:
        raise error.about(error.command, request_id) from None
    return read_request(cls, plain)


def encode_request(request: Request) -> str:
    """The JSON text of a request, without the fields that equal their default."""
    return _text({"type": request.spec.name, **json_fields(request, skip_defaults=True)})


def decode_reply(text: str | bytes) -> Reply:
    """The reply in a JSON text, as a client reads it.  Raises ProtocolError."""
    plain = _parse_object(text)
    name = str(plain.pop("type", ""))
    cls = reply_class(name, str(plain.get("command", "")))
    if is_done(cls):
        del plain["command"]
    reply: Reply = read_message(cls, plain)
    return reply


def encode_reply(reply: Reply) -> str:
    """The JSON text of a reply, with every field.  Raises ProtocolError when it is too long."""
    fields, head = json_fields(reply, skip_defaults=False), {"type": reply.spec.name}
    if is_done(type(reply)):
        head |= {"id": fields.pop("id"), "command": reply.spec.command}
    return _text(head | fields)


def _text(plain: dict[str, Any]) -> str:
    text = clean(json.dumps(plain, ensure_ascii=False, separators=(", ", ": ")))
    _check_size(len(text.encode()))
    return text


def _check_size(size: int) -> None:
    if size > JSON_BYTES.value:
        rule = f"at most {JSON_BYTES.value} are allowed: send audio by path or upload"
        text = f"the message has {size} bytes, {rule}"
        raise ProtocolError("too-long", text)


def _parse_object(text: str | bytes) -> dict[str, Any]:
    raw = text.encode("utf-8", "replace") if isinstance(text, str) else text
    _check_size(len(raw))
    try:
        plain = _DECODER.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ProtocolError("malformed", f"this is no JSON text: {str(error)[:200]}") from None
    if not isinstance(plain, dict):
        raise ProtocolError("malformed", f"a message is a JSON object, not {shown(plain)}")
    return plain
