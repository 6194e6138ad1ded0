"""docs/PROTOCOL.md: the prose of reference.md, with tables and examples made from the declarations."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from protocol import examples, json_text, osc
from protocol.describe import ended_by, summary
from protocol.errors import CODES
from protocol.fields import Declared, declared
from protocol.limits import LIMITS
from protocol.messages import REQUESTS, Request
from protocol.places import LENGTH_UNITS, POSITION_UNITS, Unit
from protocol.replies import PLAIN_REPLIES, Reply
from protocol.spec import Spec

PROSE = Path(__file__).with_name("reference.md")
COLUMNS = ("field", "type", "unit", "range", "default", "meaning")


def build_reference() -> str:
    """The whole document."""
    text = PROSE.read_text("utf-8")
    for limit in LIMITS:
        text = text.replace(f"{{{limit.name}}}", f"{limit.value:,}")
    parts = {
        "positions": _unit_table(POSITION_UNITS),
        "lengths": _unit_table(LENGTH_UNITS),
        "overview": _overview(),
        "requests": "\n".join(_request_part(request) for request in examples.REQUESTS),
        "replies": "\n".join(_reply_part(reply) for reply in _plain_replies()),
        "codes": _table(("code", "meaning"), ((f"`{code}`", doc) for code, doc in CODES.items())),
        "limits": _table(
            ("limit", "value", "unit", "what it bounds"),
            ((f"`{limit.name}`", f"{limit.value:,}", limit.unit, limit.doc) for limit in LIMITS),
        ),
    }
    for name, part in parts.items():
        text = text.replace(f"<!-- {name} -->", part.rstrip())
    return text


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _unit_table(units: tuple[Unit, ...]) -> str:
    return _table(("unit", "range"), ((f"`{unit.name}`", unit.range) for unit in units))


def _overview() -> str:
    rows = (
        (
            f"[`{name}`](#{name})",
            " ".join(cls.spec.transports),
            _ends(cls.spec),
            summary(cls),
        )
        for name, cls in REQUESTS.items()
    )
    return _table(("request", "travels on", "ends", "what it does"), rows)


def _ends(spec: Spec) -> str:
    if spec.is_job:
        return "as a job"
    return "at once" if "osc" in spec.transports else "after its frames"


def _request_part(request: Request) -> str:
    name, spec = request.spec.name, request.spec
    lines = [f"### {name}", "", summary(request), ""]
    if spec.one_of:
        lines += [f"Give exactly one of {' and '.join(f'`{field}`' for field in spec.one_of)}.", ""]
    wire = [osc.wire_line(request)] if "osc" in spec.transports else []
    lines += [
        "```",
        *wire,
        json_text.encode_request(request),
        "```",
        "",
        _fields_table(declared(type(request))),
    ]
    done = ended_by(name)
    done_fields = [field for field in declared(done) if field.wire != "id"]
    lines += [f"Ends in `/{done.spec.name}`: {summary(done)}", ""]
    if done_fields:
        example = next(reply for reply in examples.REPLIES if type(reply) is done)
        lines += ["```", osc.show(osc.encode_reply(example)), "```", "", _reply_table(done_fields)]
    return "\n".join(lines)


def _plain_replies() -> Iterable[Reply]:
    return (reply for reply in examples.REPLIES if reply.spec.name in PLAIN_REPLIES)


def _reply_part(reply: Reply) -> str:
    shown = ["```", osc.show(osc.encode_reply(reply)), json_text.encode_reply(reply), "```"]
    return "\n".join(
        [f"### /{reply.spec.name}", "", summary(reply), "", *shown, "", _reply_table(declared(type(reply)))]
    )


def _fields_table(fields: Sequence[Declared]) -> str:
    return _table(COLUMNS, ((*_cells(field), _default(field), field.doc) for field in fields))


def _reply_table(fields: Sequence[Declared]) -> str:
    return _table(
        ("field", "type", "unit", "range", "OSC", "meaning"), ((*_cells(f), _tag(f), f.doc) for f in fields)
    )


def _cells(field: Declared) -> tuple[str, str, str, str]:
    is_place = field.kind.label in ("position", "length")
    name = f"`{field.wire}.UNIT`" if is_place else f"`{field.wire}`"
    return name, field.kind.label, "one of four" if is_place else field.kind.unit, field.kind.range


def _tag(field: Declared) -> str:
    return "i" if field.kind.label in ("integer", "flag") else "s"


def _default(field: Declared) -> str:
    if field.is_required:
        return "**required**"
    if field.default is None:
        return "none"
    key, value = field.kind.to_osc("", field.default)
    words: list[Any] = [value if value != "" else '""', key.removeprefix(".")]
    return " ".join(f"`{word}`" for word in words if word != "")
