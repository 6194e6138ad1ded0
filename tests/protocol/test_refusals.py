"""What is wrong is refused with the right code and text, addressed to the request that caused it."""

import struct
from typing import Any

import pytest

from protocol import json_text, osc
from protocol.binary import Frame, decode_frame, encode_frame
from protocol.errors import CODES, ProtocolError
from protocol.messages import Repaint, Sync
from protocol.osc_bytes import write_bundle
from protocol.replies import DescribeDone
from protocol.values import Bars
from tests.protocol.clients import datagram, decoded

REPAINT = ("r1", "source", "/m.wav", "start.bars", 17, "end.bars", 21)
TAGS = "ssssisi"

OSC_FAULTS: list[tuple[str, str, tuple[Any, ...], str, str]] = [
    (
        "/repaint",
        TAGS + "si",
        (*REPAINT, "fade_ms", 5000),
        "out-of-range",
        "fade_ms=5000 is outside 0..1000 ms",
    ),
    (
        "/repaint",
        TAGS + "si",
        (*REPAINT, "sed", 1),
        "unknown-field",
        "repaint has no field 'sed'; did you mean seed?",
    ),
    (
        "/repaint",
        TAGS + "si",
        (*REPAINT, "strt.bars", 1),
        "unknown-field",
        "repaint has no field 'strt'; did you mean start?",
    ),
    (
        "/repaint",
        TAGS[:-2],
        REPAINT[:-2],
        "missing-field",
        "end is missing: where the region ends; this sample no longer belongs to it",
    ),
    ("/repaint", TAGS + "si", (*REPAINT, "start.bars", 1), "duplicate-field", "start is given twice"),
    (
        "/repaint",
        TAGS + "si",
        (*REPAINT, "id", 1),
        "duplicate-field",
        "id is the first argument, it needs no key",
    ),
    (
        "/repaint",
        TAGS + "s",
        (*REPAINT, "seed"),
        "malformed",
        "after the id come keys with their values, but the number of arguments is odd",
    ),
    (
        "/repaint",
        TAGS + "ii",
        (*REPAINT, 1, 2),
        "malformed",
        "1 stands where the name of a field is expected",
    ),
    (
        "/repaint",
        TAGS + "sb",
        (*REPAINT, "seed", b"1234"),
        "wrong-type",
        "seed has the OSC type 'b': send one of i h f d s T F",
    ),
    (
        "/repaint",
        TAGS + "sT",
        (*REPAINT, "seed", True),
        "wrong-type",
        "seed=true is not a number (an integer, a finite float, or a text like 12.345 or 1/3)",
    ),
    (
        "/repaint",
        TAGS + "sf",
        (*REPAINT, "guidance", float("nan")),
        "wrong-type",
        "guidance=nan is not a number (an integer, a finite float, or a text like 12.345 or 1/3)",
    ),
    (
        "/repaint",
        TAGS + "sf",
        (*REPAINT, "seed", 2.0**24),
        "wrong-type",
        "seed=16777216.0 as a 32-bit float may have lost its last digits: send i, h, d or a text",
    ),
    (
        "/repaint",
        TAGS + "ss",
        (*REPAINT, "deliver", "all"),
        "out-of-range",
        'deliver="all" is none of take | full | both',
    ),
    (
        "/repaint",
        TAGS + "ss",
        (*REPAINT, "model", "x" * 65),
        "too-long",
        "model has 65 characters, allowed are 0..64 characters",
    ),
    (
        "/repaint",
        TAGS + "ss",
        (*REPAINT, "model", "a\nb"),
        "wrong-type",
        'model="a\\nb" is not free of control characters',
    ),
    ("/notify", "ssi", ("r1", "on", 2), "wrong-type", "on=2 is not a flag (T, F, true, false, 1 or 0)"),
    ("/generate", "sss", ("r1", "caption", "x"), "missing-field", "give exactly one of end and length"),
    (
        "/generate",
        "ssssisi",
        ("r1", "caption", "x", "end.bars", 9, "length.bars", 8),
        "missing-field",
        "give exactly one of end and length",
    ),
    ("/repant", "s", ("r1",), "unknown-address", "there is no request 'repant'; did you mean repaint?"),
    (
        "/re*",
        "s",
        ("r1",),
        "unknown-address",
        "address patterns are not matched: /re* holds one of ? * [ ] { }",
    ),
    ("/upload", "sss", ("r1", "name", "a"), "wrong-transport", "upload travels on websocket only"),
]


@pytest.mark.parametrize(("address", "tags", "arguments", "code", "text"), OSC_FAULTS)
def test_a_wrong_osc_message_is_answered_to_its_sender(
    address: str, tags: str, arguments: Any, code: str, text: str
) -> None:
    error = decoded(address, tags, *arguments)
    assert isinstance(error, ProtocolError)
    assert (error.code, error.text) == (code, text)
    assert (error.command, error.request_id) == (address[1:], "r1")
    assert code in CODES


def test_a_message_without_id_names_its_command() -> None:
    error = decoded("/sync", "")
    assert (error.code, error.field, error.command, error.request_id) == ("missing-field", "id", "sync", "")


JSON_FAULTS = [
    ("{", "malformed", ""),
    ("[]", "malformed", ""),
    ('{"type": "sync", "id": NaN}', "malformed", ""),
    ("[" * 100_000, "malformed", ""),
    ('"' + "x" * 300_000 + '"', "too-long", ""),
    ('{"id": "r1"}', "missing-field", "r1"),
    ('{"type": "sync"}', "missing-field", ""),
    ('{"type": "sync", "id": "r1", "x": 1}', "unknown-field", "r1"),
    ('{"type": "sink", "id": "r1"}', "unknown-address", "r1"),
    ('{"type": "status", "id": "r1", "job": null}', "wrong-type", "r1"),
    ('{"type": "notify", "id": "r1", "port": 1e99}', "out-of-range", "r1"),
    ('{"type": "notify", "id": "r1", "port": 1' + "0" * 400 + "}", "out-of-range", "r1"),
    ('{"type": "project", "id": "r1", "tempo": {"beat": 0}}', "wrong-type", "r1"),
    ('{"type": "sync", "id": "a\\nb"}', "wrong-type", ""),
    ('{"type": "sync", "id": ""}', "out-of-range", ""),
]


@pytest.mark.parametrize(("text", "code", "request_id"), JSON_FAULTS)
def test_a_wrong_json_text_is_answered_to_its_sender(text: str, code: str, request_id: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        json_text.decode_request(text)
    assert (caught.value.code, caught.value.request_id) == (code, request_id)


def test_a_long_datagram_is_refused_with_the_way_out() -> None:
    lyrics = "la " * 3000
    packet = datagram("/repaint", "sss", "r1", "lyrics", lyrics)
    with pytest.raises(ProtocolError) as caught:
        osc.decode_packet(packet)
    assert caught.value.text == (
        "the datagram has 9036 bytes, at most 8192 are allowed: send audio by path, long texts by WebSocket"
    )
    assert (caught.value.code, caught.value.command, caught.value.request_id) == ("too-long", "repaint", "r1")


def test_a_reply_that_fits_no_datagram_is_not_cut() -> None:
    with pytest.raises(ProtocolError, match="at most 8192"):
        osc.encode_reply(DescribeDone(request_id="d1", what="all", content='["' + "x" * 9000 + '"]'))


def test_long_lyrics_fit_json() -> None:
    request = Repaint(request_id="r1", source="/m", start=Bars(1), end=Bars(2), lyrics="la " * 5000)
    assert json_text.decode_request(json_text.encode_request(request)) == request


def test_a_wrong_message_does_not_spoil_its_bundle() -> None:
    good = osc.encode_request(Sync(request_id="s1"))
    packet = write_bundle([good, b"/x\0\0,q\0\0", b"junk", write_bundle([good], None)], None)
    codes = [getattr(timed.message, "code", "good") for timed in osc.decode_packet(packet)]
    assert codes == ["good", "unknown-address", "malformed", "good"]


def test_an_inner_bundle_is_never_due_before_the_outer_one() -> None:
    good = osc.encode_request(Sync(request_id="s1"))
    inner, later = write_bundle([good], 5), write_bundle([good], 20)
    packet = write_bundle([inner, write_bundle([good], None), later], 10)
    assert [timed.due for timed in osc.decode_packet(packet)] == [10, 10, 20]


def test_deep_bundles_are_refused() -> None:
    packet = osc.encode_request(Sync(request_id="s1"))
    for _ in range(9):
        packet = write_bundle([packet], None)
    with pytest.raises(ProtocolError, match="deeper than 8 levels"):
        osc.decode_packet(packet)


def test_crowded_bundles_are_refused() -> None:
    with pytest.raises(ProtocolError, match="at most 256 messages"):
        osc.decode_packet(write_bundle([b"/x\0\0"] * 257, None))


@pytest.mark.parametrize(
    "packet",
    [b"", b"#bundle\0", b"#bundle\0" + bytes(8) + b"\0\0\0\x08abcd", b"/a", b"/\xff\xff\0", b"/a\0\0xy\0\0"],
)
def test_broken_packets_are_malformed(packet: bytes) -> None:
    with pytest.raises(ProtocolError) as caught:
        osc.decode_packet(packet)
    assert caught.value.code == "malformed"


def test_a_cut_off_float_is_no_zero() -> None:
    whole = datagram("/notify", "ssf", "n1", "port", 9.0)
    with pytest.raises(ProtocolError, match="cut off"):
        osc.decode_packet(whole[:-4])


FRAME_FAULTS = [
    (b"", "malformed"),
    (b"BRL2" + bytes(20), "malformed"),
    (struct.pack(">4sBBHII", b"BRL1", 3, 0, 1, 0, 4) + b"ux", "malformed"),
    (struct.pack(">4sBBHII", b"BRL1", 1, 0, 9, 0, 4) + b"ux", "malformed"),
    (struct.pack(">4sBBHII", b"BRL1", 1, 0, 1, 0, 4) + b"\xffx", "malformed"),
    (struct.pack(">4sBBHII", b"BRL1", 1, 0, 1, 0, 4) + b"u", "too-long"),
    (struct.pack(">4sBBHII", b"BRL1", 1, 0, 1, 4, 4) + b"ux", "out-of-range"),
    (struct.pack(">4sBBHII", b"BRL1", 1, 0, 1, 0, 2**32 - 1) + b"ux", "too-long"),
]


@pytest.mark.parametrize(("frame", "code"), FRAME_FAULTS)
def test_a_wrong_frame_is_refused(frame: bytes, code: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode_frame(frame)
    assert caught.value.code == code


def test_a_frame_too_large_is_not_sent() -> None:
    with pytest.raises(ProtocolError, match=r"payload=1048577 is outside 1\.\.1048576 bytes"):
        encode_frame(Frame("upload", "u1", 0, 2_000_000, bytes(1_048_577)))
