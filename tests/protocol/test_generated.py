"""The generated files are fresh, and what they promise holds."""

import ast
from pathlib import Path
from typing import get_args

import pytest

import protocol
from protocol import binary, examples, json_text, limits, osc
from protocol.describe import describe_limits, describe_messages
from protocol.documents import canonical
from protocol.fields import declared
from protocol.generated import GOLDEN, generated_files
from protocol.limits import LIMITS, OSC_COMFORT_BYTES, Limit
from protocol.messages import REQUESTS, Request
from protocol.replies import DescribeDone, Reply

ROOT = Path(__file__).parents[2]
FILES = generated_files()


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_generated_file_is_fresh(name: str) -> None:
    assert (ROOT / name).read_bytes() == FILES[name], "stale: run `python -m protocol`"


def test_no_golden_file_is_left_over() -> None:
    assert {f"{GOLDEN}/{path.name}" for path in (ROOT / GOLDEN).iterdir()} <= set(FILES)


def test_every_message_has_one_example() -> None:
    assert [type(request) for request in examples.REQUESTS] == list(get_args(Request))
    assert {type(reply) for reply in examples.REPLIES} == set(get_args(Reply))


def golden(name: str) -> bytes:
    """The committed bytes of an example."""
    return (ROOT / GOLDEN / name).read_bytes()


@pytest.mark.parametrize("request_", examples.REQUESTS, ids=lambda request: request.spec.name)
def test_golden_requests_decode_to_their_example(request_: Request) -> None:
    name = f"request.{request_.spec.name}"
    assert json_text.decode_request(golden(f"{name}.json")) == request_
    if "osc" in request_.spec.transports:
        assert osc.decode_packet(golden(f"{name}.osc")) == [osc.Timed(None, request_)]


def test_the_golden_bundle_and_frame_decode() -> None:
    assert osc.decode_packet(golden("bundle.osc")) == [
        osc.Timed(examples.BUNDLE_DUE, r) for r in examples.BUNDLE
    ]
    assert binary.decode_frame(golden("frame.upload.bin")) == examples.FRAME


def test_the_wire_of_cancel_byte_for_byte() -> None:
    assert golden("request.cancel.osc") == b"/cancel\0,sss\0\0\0\0c1\0\0job\0r1\0\0"


def test_examples_fit_one_network_packet() -> None:
    sizes = {name: len(content) for name, content in FILES.items() if name.endswith(".osc")}
    assert max(sizes.values()) <= OSC_COMFORT_BYTES.value


@pytest.mark.parametrize("name", ["", *REQUESTS])
def test_message_descriptions_fit_a_datagram(name: str) -> None:
    content = canonical(describe_messages(name))
    osc.encode_reply(DescribeDone(request_id="d" * 64, what="messages", content=content))


def test_limits_are_all_listed_and_described() -> None:
    assert {name for name in vars(limits) if isinstance(getattr(limits, name), Limit)} == {
        limit.name.upper() for limit in LIMITS
    }
    assert describe_limits()["horizon_s"]["value"] == 60


def test_every_default_is_a_value_its_own_kind_accepts() -> None:
    for cls in get_args(Request):
        for field in declared(cls):
            if not field.is_required and field.default is not None:
                assert field.kind.read(field.kind.to_json(field.default), field.wire) == field.default


FORBIDDEN = {"socket", "asyncio", "time", "datetime", "numpy", "torch", "engine", "bridge", "threading"}


def test_protocol_knows_no_sockets_no_clock_and_no_engine() -> None:
    folder = Path(str(protocol.__file__)).parent
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert not {name.split(".")[0] for name in names} & FORBIDDEN, path.name
