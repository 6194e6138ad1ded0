"""docs/schema.json: the JSON form of every message as JSON Schema 2020-12."""

from typing import Any, get_args

from protocol.describe import summary
from protocol.errors import CODES
from protocol.fields import Declared, declared
from protocol.limits import PROTOCOL_VERSION
from protocol.messages import Request
from protocol.places import LENGTH, POSITION
from protocol.replies import Reply


def build_schema() -> dict[str, Any]:
    """The whole schema: `request` and `reply` are the two things a text message can be."""
    requests = {f"request.{cls.spec.name}": _request_schema(cls) for cls in get_args(Request)}
    replies = {_reply_name(cls): _reply_schema(cls) for cls in get_args(Reply)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Barline protocol",
        "version": PROTOCOL_VERSION.value,
        "anyOf": [{"$ref": "#/$defs/request"}, {"$ref": "#/$defs/reply"}],
        "$defs": {
            "request": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in requests]},
            "reply": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in replies]},
            "error-code": {"type": "string", "examples": list(CODES)},
            "position": POSITION.definition(),
            "length": LENGTH.definition(),
            **requests,
            **replies,
        },
    }


def _reply_name(cls: Any) -> str:
    return f"reply.done.{cls.spec.command}" if cls.spec.name == "done" else f"reply.{cls.spec.name}"


def _request_schema(cls: Any) -> dict[str, Any]:
    fields = declared(cls)
    schema = _object(cls, {f.wire: _annotated(f, f.kind.schema()) for f in fields})
    schema["required"] = ["type", *(f.wire for f in fields if f.is_required)]
    if cls.spec.one_of:
        schema["oneOf"] = [{"required": [name]} for name in cls.spec.one_of]
    return schema


def _reply_schema(cls: Any) -> dict[str, Any]:
    fields = {f.wire: _annotated(f, _as_sent(f.kind.schema())) for f in declared(cls)}
    if cls.spec.name == "done":
        fields["command"] = {"const": cls.spec.command}
    if "code" in fields:
        fields["code"] = {"$ref": "#/$defs/error-code"}
    return _object(cls, fields) | {"required": ["type", *fields]}


def _as_sent(schema: dict[str, Any]) -> dict[str, Any]:
    """Of several accepted forms the first is the one that is sent."""
    first: dict[str, Any] = schema.get("anyOf", [schema])[0]
    return first


def _annotated(field: Declared, schema: dict[str, Any]) -> dict[str, Any]:
    unit = f" [{field.kind.unit}]" if field.kind.unit else ""
    noted = schema | {"description": field.doc + unit}
    if not field.is_required and field.default is not None:
        noted["default"] = field.kind.to_json(field.default)
    return noted


def _object(cls: Any, fields: dict[str, Any]) -> dict[str, Any]:
    properties = {"type": {"const": cls.spec.name}, **fields}
    return {
        "type": "object",
        "description": summary(cls),
        "properties": properties,
        "additionalProperties": False,
    }
