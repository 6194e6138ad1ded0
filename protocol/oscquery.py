"""The address space as OSCQuery tells it: a tree of plain JSON made from the declarations.

    /repaint               a request: the id, and the fields that must be given, as key and value
    /repaint/caption       one field of it: type, range, unit and meaning of the value behind the key
    /repaint/start/bars    one unit of a position: the key is start.bars
    /progress              a reply: what is sent, in its order
    /progress/stage        one of its arguments
    /done/repaint/take     one field of a done; its key is take

Only requests are addresses to send to (ACCESS 2), only replies have values to read and to listen to (1);
fields say what goes with them (0). Source: the OSCQuery proposal, third revision.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from protocol.describe import summary
from protocol.fields import Declared, declared
from protocol.kinds import Choice, Flag, Integer, Kind, Number
from protocol.messages import REQUESTS
from protocol.places import Place, Unit
from protocol.replies import DONES, PLAIN_REPLIES

Node = dict[str, Any]

NO_VALUE, READABLE, WRITABLE = 0, 1, 2
ATTRIBUTES = (
    "FULL_PATH",
    "CONTENTS",
    "TYPE",
    "ACCESS",
    "VALUE",
    "RANGE",
    "DESCRIPTION",
    "TAGS",
    "EXTENDED_TYPE",
    "UNIT",
    "OVERLOADS",
    "DEFAULT_VALUE",
)
"""What a node may hold; TYPE, VALUE, RANGE, EXTENDED_TYPE and UNIT have one entry for each argument.

DEFAULT_VALUE is libossia's: what an optional field is when it is left out.
"""
EXTENSIONS = (*ATTRIBUTES[3:], "LISTEN", "PATH_CHANGED", "PATH_ADDED", "PATH_REMOVED")
UNITS = {
    "ms": "time.ms",
    "s": "time.second",
    "seconds": "time.second",
    "Hz": "time.hz",
    "samples": "time.samples",
    "quarter notes/min": "time.bpm",
}
"""Ours, and the same in the proposal's list; a unit that is not in it keeps its own name."""
INT32_MAX = 2**31 - 1
TEXT_TOO: list[Node] = [{"TYPE": "s", "EXTENDED_TYPE": ["exact number as text"]}]


@cache
def build_tree() -> Node:
    """The whole tree, without values. Not to be changed: it is made once."""
    requests = [request_node(cls) for cls in REQUESTS.values() if "osc" in cls.spec.transports]
    replies = [reply_node(cls) for cls in PLAIN_REPLIES.values()]
    text = "Barline: repaints regions of a project exactly on its grid"
    return container("/", text, [*requests, *replies, done_node()])


def container(path: str, text: str, nodes: Sequence[Node], access: int = NO_VALUE) -> Node:
    """A node with others in it."""
    contents = {node["FULL_PATH"].rpartition("/")[2]: node for node in nodes}
    return {"FULL_PATH": path, "DESCRIPTION": text, "ACCESS": access, "CONTENTS": contents}


def request_node(cls: Any) -> Node:
    """A request: what must be sent at least, and its fields."""
    path, fields = f"/{cls.spec.name}", declared(cls)
    needed = [field for field in fields[1:] if field.is_required or field.wire == one_of(cls)]
    arguments = [arguments_of(fields[0])[1], *(part for field in needed for part in arguments_of(field))]
    node = container(path, summary(cls), [field_node(path, field) for field in fields], WRITABLE)
    tags = ["request", "job"] if cls.spec.is_job else ["request"]
    return node | typed(arguments) | {"TAGS": tags}


def one_of(cls: Any) -> str:
    """Of fields of which one must be given, the one that stands in the shortest message; "" for none."""
    return cls.spec.one_of[0] if cls.spec.one_of else ""


def reply_node(cls: Any) -> Node:
    """A reply whose arguments are told by their order."""
    path, fields = f"/{cls.spec.name}", declared(cls)
    node = container(path, summary(cls), [field_node(path, field) for field in fields], READABLE)
    tags = ["reply"] if fields[0].wire == "id" else ["reply", "event"]
    return node | typed([arguments_of(field)[1] for field in fields]) | {"TAGS": tags}


def done_node() -> Node:
    """All that end a request well: they share an address, the second argument tells them apart."""
    nodes = []
    for command, cls in DONES.items():
        path = f"/done/{command}"
        fields = [field_node(path, field) for field in declared(cls)]
        nodes.append(container(path, summary(cls), fields) | {"TAGS": ["reply"]})
    head = arguments_of(declared(PLAIN_REPLIES["accepted"])[0])[1]
    told = [head, {"TYPE": "s", "EXTENDED_TYPE": "command", "RANGE": {"VALS": list(DONES)}}]
    text = "The request is done: its id, its name, then key and value of each field"
    return container("/done", text, nodes, READABLE) | typed(told) | {"TAGS": ["reply"]}


def field_node(path: str, field: Declared) -> Node:
    """One field: what stands behind its key."""
    path = f"{path}/{field.wire}"
    node: Node = {"FULL_PATH": path, "DESCRIPTION": described(field.doc, field.kind), "ACCESS": NO_VALUE}
    if isinstance(field.kind, Place):
        units = [unit_node(path, unit, field.doc) for unit in field.kind.units]
        node |= {"CONTENTS": {unit["FULL_PATH"].rpartition("/")[2]: unit for unit in units}}
    else:
        node |= typed([value_of(field.kind)]) | {"EXTENDED_TYPE": [field.kind.label]}
    if isinstance(field.kind, Number):
        node["OVERLOADS"] = TEXT_TOO
    if not field.is_required and field.default is not None:
        node["DEFAULT_VALUE"] = [field.kind.to_osc("", field.default)[1]]
    return node | {"TAGS": ["required" if field.is_required else "optional"]}


def unit_node(path: str, unit: Unit, doc: str) -> Node:
    """A position or length in one of its units; every unit may also be sent as text."""
    number = unit.schema["anyOf"][0]
    of_kind = Integer if number["type"] == "integer" else Number
    kind = of_kind(number["minimum"], number["maximum"], unit.name)
    node = {"FULL_PATH": f"{path}/{unit.name}", "DESCRIPTION": f"{doc} ({unit.range})", "ACCESS": NO_VALUE}
    return node | typed([value_of(kind)]) | {"OVERLOADS": TEXT_TOO}


def arguments_of(field: Declared) -> list[Node]:
    """Key and value of a field in an OSC message, each as {TYPE, RANGE, UNIT, EXTENDED_TYPE}."""
    keys = [field.wire]
    value = value_of(field.kind)
    if isinstance(field.kind, Place):
        keys = [f"{field.wire}.{unit.name}" for unit in field.kind.units]
        value = {"TYPE": "s"}  # the one type that every unit can be sent as
    key = {"TYPE": "s", "RANGE": {"VALS": keys}, "EXTENDED_TYPE": "key"}
    return [key, value | {"EXTENDED_TYPE": field.wire}]


def value_of(kind: Kind) -> Node:
    """TYPE, RANGE and UNIT of one value."""
    tell = VALUES.get(type(kind), _text)
    unit = {"UNIT": UNITS.get(kind.unit, kind.unit)} if kind.unit else {}
    return tell(kind) | unit


def typed(arguments: Sequence[Node]) -> Node:
    """Arguments as a node tells them: one type tag for each, and lists with null where there is nothing."""
    node: Node = {"TYPE": "".join(argument["TYPE"] for argument in arguments)}
    for name in ("RANGE", "EXTENDED_TYPE", "UNIT"):
        told = [argument.get(name) for argument in arguments]
        if any(one is not None for one in told):
            node[name] = told
    return node


def described(doc: str, kind: Kind) -> str:
    """The meaning of a field, with its range where RANGE cannot say it."""
    is_told = isinstance(kind, tuple(VALUES)) or not kind.range
    return doc if is_told else f"{doc} ({kind.range})"


def _integer(kind: Integer) -> Node:
    fits = -INT32_MAX - 1 <= kind.lo and kind.hi <= INT32_MAX
    return {"TYPE": "i" if fits else "h", "RANGE": {"MIN": kind.lo, "MAX": kind.hi}}


def _number(kind: Number) -> Node:
    return {"TYPE": "f", "RANGE": {"MIN": kind.lo, "MAX": kind.hi}}


def _flag(_: Flag) -> Node:
    return {"TYPE": "i", "RANGE": {"VALS": [0, 1]}}


def _choice(kind: Choice) -> Node:
    return {"TYPE": "s", "RANGE": {"VALS": list(kind.words)}}


def _text(_: Any) -> Node:
    return {"TYPE": "s"}


VALUES: dict[type, Callable[[Any], Node]] = {Integer: _integer, Number: _number, Flag: _flag, Choice: _choice}
