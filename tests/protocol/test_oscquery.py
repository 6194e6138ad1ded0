"""The OSCQuery tree says what the declarations say: every message, field, type, range, unit and meaning.

What is expected is read from the classes here, not from the module that makes the tree.
"""

import dataclasses
import json
from typing import Any, get_args

import pytest

from protocol import osc
from protocol.examples import REPLIES
from protocol.kinds import Choice, Flag, Integer, Number
from protocol.messages import Request
from protocol.osc import decode_packet
from protocol.osc_bytes import read_raw
from protocol.oscquery import ATTRIBUTES, EXTENSIONS, UNITS, build_tree
from protocol.places import Place
from protocol.replies import Done, Reply

TREE = build_tree()
SENDABLE = [cls for cls in get_args(Request) if "osc" in cls.spec.transports]
PLAIN = [cls for cls in get_args(Reply) if cls.spec.name != "done"]
MESSAGES = [
    *((f"/{cls.spec.name}", cls) for cls in (*SENDABLE, *PLAIN)),
    *((f"/done/{cls.spec.command}", cls) for cls in get_args(Done)),
]
PATHS = [path for path, _ in MESSAGES]


def node_at(path: str) -> dict[str, Any]:
    """The node at an address, found as a client would."""
    node = TREE
    for name in path.strip("/").split("/"):
        node = node["CONTENTS"][name]
    return node


def wire(field: "dataclasses.Field[Any]") -> str:
    return "id" if field.name == "request_id" else field.name


def key_of(path: str, field: "dataclasses.Field[Any]") -> str:
    return f"{path}/{wire(field)}"


def test_the_tree_has_every_message_and_nothing_else() -> None:
    paths = {f"/{name}" for name in TREE["CONTENTS"]}
    assert paths == {f"/{path.split('/')[1]}" for path, _ in MESSAGES}
    assert set(node_at("/done")["CONTENTS"]) == {cls.spec.command for cls in get_args(Done)}


def test_no_request_and_reply_share_an_address() -> None:
    names = [cls.spec.name for cls in (*SENDABLE, *PLAIN)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("path", "cls"), MESSAGES, ids=PATHS)
def test_a_message_has_its_fields_its_meaning_and_its_access(path: str, cls: Any) -> None:
    node = node_at(path)
    assert list(node["CONTENTS"]) == [wire(field) for field in dataclasses.fields(cls)]
    assert node["FULL_PATH"] == path and node["DESCRIPTION"] == first_paragraph(cls)
    assert node["ACCESS"] == (2 if cls in SENDABLE else 0 if path.startswith("/done/") else 1)
    assert ("job" in node["TAGS"]) == getattr(cls.spec, "is_job", False)


@pytest.mark.parametrize(("path", "cls"), MESSAGES, ids=PATHS)
def test_a_field_has_its_type_range_unit_and_meaning(path: str, cls: Any) -> None:
    for field in dataclasses.fields(cls):
        node, kind = node_at(key_of(path, field)), field.metadata["kind"]
        assert node["FULL_PATH"] == key_of(path, field) and node["ACCESS"] == 0
        assert node["DESCRIPTION"].startswith(field.metadata["doc"])
        assert node["TAGS"] == ["required" if field.default is dataclasses.MISSING else "optional"]
        if isinstance(kind, Place):
            assert list(node["CONTENTS"]) == kind.unit.split(", ") and "TYPE" not in node
        else:
            check_value(node, kind)


def check_value(node: dict[str, Any], kind: Any) -> None:
    """What a node tells of a value that is no position."""
    assert node["EXTENDED_TYPE"] == [kind.label] and node["TYPE"] == tag_of(kind)
    assert node.get("UNIT", [""]) == [UNITS.get(kind.unit, kind.unit)]
    told = node.get("RANGE", [None])[0]
    assert told == range_of(kind)
    assert told is not None or f"({kind.range})" in node["DESCRIPTION"] or not kind.range


@pytest.mark.parametrize(("path", "cls"), MESSAGES, ids=PATHS)
def test_a_default_is_told_as_it_would_be_sent(path: str, cls: Any) -> None:
    for field in dataclasses.fields(cls):
        node, default = node_at(key_of(path, field)), field.default
        if default is dataclasses.MISSING or default is None:
            assert "DEFAULT_VALUE" not in node
        else:
            assert node["DEFAULT_VALUE"] == [field.metadata["kind"].to_osc("", default)[1]]


def test_a_position_has_each_of_its_units() -> None:
    places = [(p, f) for p, cls in MESSAGES for f in dataclasses.fields(cls) if is_place(f)]
    for path, field in places:
        for unit in field.metadata["kind"].units:
            node = node_at(f"{key_of(path, field)}/{unit.name}")
            number = unit.schema["anyOf"][0]
            assert node["RANGE"] == [{"MIN": number["minimum"], "MAX": number["maximum"]}]
            assert node["TYPE"] == ("i" if number["type"] == "integer" else "f")
            assert node["OVERLOADS"][0]["TYPE"] == "s" and unit.range in node["DESCRIPTION"]
    assert len(places) > 10


def is_place(field: Any) -> bool:
    return isinstance(field.metadata["kind"], Place)


@pytest.mark.parametrize("cls", SENDABLE, ids=lambda cls: cls.spec.name)
def test_a_message_as_short_as_the_tree_allows_misses_no_field(cls: Any) -> None:
    node = node_at(f"/{cls.spec.name}")
    ranges = node.get("RANGE", [None])
    arguments = [
        told["VALS"][0] if told else sample_of(meaning)
        for told, meaning in zip(ranges, node["EXTENDED_TYPE"], strict=True)
    ]
    assert len(arguments) == len(node["TYPE"])
    (timed,) = decode_packet(osc.encode_values(node["FULL_PATH"], arguments))
    assert isinstance(timed.message, cls), timed.message


def test_a_reply_has_the_type_tags_it_is_sent_with() -> None:
    for reply in REPLIES:
        if reply.spec.name != "done":
            sent = read_raw(osc.encode_reply(reply)).tags.removeprefix(",")
            assert node_at(f"/{reply.spec.name}")["TYPE"] == sent


def test_a_done_begins_with_the_type_tags_of_its_node() -> None:
    done = next(one for one in REPLIES if one.spec.name == "done")
    tags = read_raw(osc.encode_reply(done)).tags.removeprefix(",")
    assert tags.startswith(node_at("/done")["TYPE"]) and node_at("/done")["TYPE"] == "ss"


def test_every_attribute_that_is_used_is_announced() -> None:
    def used(node: dict[str, Any]) -> set[str]:
        return set(node) | {name for child in node.get("CONTENTS", {}).values() for name in used(child)}

    assert used(TREE) <= set(ATTRIBUTES) and set(ATTRIBUTES[3:]) <= set(EXTENSIONS)


def test_the_tree_is_plain_json() -> None:
    assert json.loads(json.dumps(TREE, allow_nan=False)) == TREE


def first_paragraph(cls: Any) -> str:
    lines = [line.strip() for line in cls.__doc__.strip().splitlines()]
    return " ".join(lines[: lines.index("")] if "" in lines else lines)


def tag_of(kind: Any) -> str:
    if isinstance(kind, Integer):
        return "i" if -(2**31) <= kind.lo and kind.hi < 2**31 else "h"
    return {Number: "f", Flag: "i"}.get(type(kind), "s")


def range_of(kind: Any) -> dict[str, Any] | None:
    if isinstance(kind, Integer | Number):
        return {"MIN": kind.lo, "MAX": kind.hi}
    if isinstance(kind, Flag):
        return {"VALS": [0, 1]}
    return {"VALS": list(kind.words)} if isinstance(kind, Choice) else None


def sample_of(meaning: str) -> str:
    """A value for an argument, as one would fill in a form."""
    return {"tempo": "0 120", "meter": "4/4", "start": "5", "end": "9", "stems": "drums"}.get(meaning, "x")
