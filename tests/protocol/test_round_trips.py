"""Every message survives both wires unchanged, and both wires mean the same."""

from dataclasses import replace
from fractions import Fraction
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import json_text, osc
from protocol.binary import decode_frame, encode_frame, split_file
from protocol.codec import fingerprint
from protocol.examples import FRAME, REPAINT
from protocol.messages import REQUESTS, Request, Sync
from protocol.replies import Reply, Synced
from protocol.values import Bars
from tests.protocol.strategies import messages

OSC_REQUESTS = [cls for cls in get_args(Request) if "osc" in cls.spec.transports]


@pytest.mark.parametrize("cls", OSC_REQUESTS, ids=lambda cls: cls.__name__)
@given(drawn=st.data())
@settings(max_examples=30, deadline=None)
def test_a_request_survives_osc(cls: Any, drawn: st.DataObject) -> None:
    request = drawn.draw(messages(cls))
    assert osc.decode_packet(osc.encode_request(request)) == [osc.Timed(None, request)]


@pytest.mark.parametrize("cls", get_args(Request), ids=lambda cls: cls.__name__)
@given(drawn=st.data())
@settings(max_examples=30, deadline=None)
def test_a_request_survives_json(cls: Any, drawn: st.DataObject) -> None:
    request = drawn.draw(messages(cls))
    assert json_text.decode_request(json_text.encode_request(request)) == request


@pytest.mark.parametrize("cls", get_args(Reply), ids=lambda cls: cls.__name__)
@given(drawn=st.data())
@settings(max_examples=30, deadline=None)
def test_a_reply_survives_both_wires(cls: Any, drawn: st.DataObject) -> None:
    reply = drawn.draw(messages(cls))
    assert osc.decode_reply(osc.encode_reply(reply)) == reply
    assert json_text.decode_reply(json_text.encode_reply(reply)) == reply


def test_every_request_has_an_end() -> None:
    ends = {cls.spec.command for cls in get_args(Reply)}
    assert ends >= set(REQUESTS)


def test_osc_replies_use_only_int32_and_text() -> None:
    huge = Synced(request_id="s" * 64)
    assert osc.read_raw(osc.encode_reply(huge)).tags == ",s"


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=5), st.fractions(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_a_bundle_keeps_order_and_timetag(ids: list[str], due: Fraction) -> None:
    due = Fraction(int(due * 2**32) | 2, 2**32)
    packet = osc.encode_bundle([Sync(request_id=name) for name in ids], due)
    assert osc.decode_packet(packet) == [osc.Timed(due, Sync(request_id=name)) for name in ids]


def test_a_fingerprint_ignores_the_id_and_sees_everything_else() -> None:
    assert fingerprint(REPAINT) == fingerprint(replace(REPAINT, request_id="other"))
    assert fingerprint(REPAINT) != fingerprint(replace(REPAINT, seed=8))
    assert fingerprint(REPAINT) != fingerprint(replace(REPAINT, start=Bars(18)))


def test_a_fingerprint_is_the_same_from_both_wires() -> None:
    (timed,) = osc.decode_packet(osc.encode_request(REPAINT))
    assert fingerprint(timed.message) == fingerprint(
        json_text.decode_request(json_text.encode_request(REPAINT))
    )


def test_a_frame_survives() -> None:
    assert decode_frame(encode_frame(FRAME)) == FRAME


def test_a_file_is_split_without_loss() -> None:
    content = bytes(range(256)) * 9000
    frames = [decode_frame(encode_frame(frame)) for frame in split_file("download", "w1", content)]
    assert b"".join(frame.payload for frame in frames) == content
    assert [frame.offset for frame in frames] == [0, 1_048_576, 2_097_152]
