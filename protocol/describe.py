"""The protocol told as plain JSON objects: what `describe limits` and `describe messages` answer."""

from typing import Any

from protocol.errors import ProtocolError
from protocol.fields import Declared, declared
from protocol.limits import LIMITS
from protocol.messages import REQUESTS
from protocol.replies import DONES, PLAIN_REPLIES


def describe_limits() -> dict[str, Any]:
    """Every declared limit by name: value, unit, doc."""
    return {limit.name: {"value": limit.value, "unit": limit.unit, "doc": limit.doc} for limit in LIMITS}


def describe_messages(name: str = "") -> dict[str, Any]:
    """All requests and replies in a line each; with a name, everything about that request.

    Both fit an OSC datagram.  Raises ProtocolError(out-of-range) when there is no request of that name.
    """
    if not name:
        replies = PLAIN_REPLIES | {f"done {command}": cls for command, cls in DONES.items()}
        return {
            "requests": {request: summary(cls) for request, cls in REQUESTS.items()},
            "replies": {reply: summary(cls) for reply, cls in replies.items()},
        }
    if name not in REQUESTS:
        raise ProtocolError("out-of-range", f"name={name[:80]} is none of {' | '.join(REQUESTS)}", "name")
    cls = REQUESTS[name]
    return {
        "name": name,
        "doc": summary(cls),
        "is_job": cls.spec.is_job,
        "transports": list(cls.spec.transports),
        "exactly_one_of": list(cls.spec.one_of),
        "fields": [describe_field(field) for field in declared(cls)],
        "done": [describe_field(field) for field in declared(ended_by(name))],
    }


def ended_by(name: str) -> Any:
    """The class of the reply that ends a request well."""
    return DONES.get(name) or PLAIN_REPLIES["synced"]


def summary(cls: Any) -> str:
    """The first paragraph of a message's docstring, as one line."""
    return " ".join(str(cls.__doc__).strip().partition("\n\n")[0].split())


def describe_field(field: Declared) -> dict[str, Any]:
    """One field: name, type, doc; unit, range, default (as JSON has it) and `required` where there is one."""
    row: dict[str, Any] = {"name": field.wire, "type": field.kind.label, "doc": field.doc}
    told = {"unit": field.kind.unit, "range": field.kind.range, "required": field.is_required}
    row |= {name: value for name, value in told.items() if value}
    if not field.is_required and field.default is not None:
        row["default"] = field.kind.to_json(field.default)
    return row
