"""The framing between daemon and engine."""

import io
import struct

import numpy as np
import pytest

from bridge.pipe import MAX_HEADER, BrokenFrame, Frame, encode_frame, read_frame


def round_trip(frame: Frame) -> Frame:
    return read_frame(io.BytesIO(b"".join(encode_frame(frame))))


def test_a_frame_comes_back_as_it_was() -> None:
    audio = np.random.default_rng(0).standard_normal((2, 1000)).astype(np.float32)
    frame = Frame("render", "id", {"lo": 3, "caption": "drüms"}, {"audio": audio, "grid": audio[:, :2].T})
    back = round_trip(frame)
    assert (back.kind, back.job, back.values) == ("render", "id", {"lo": 3, "caption": "drüms"})
    assert np.array_equal(back.arrays["audio"], audio)
    assert np.array_equal(back.arrays["grid"], audio[:, :2].T)


def test_special_samples_pass_bit_for_bit() -> None:
    odd = np.array([[np.inf, -np.inf, -0.0, 1e-45]], np.float32)
    assert round_trip(Frame("x", arrays={"a": odd})).arrays["a"].tobytes() == odd.tobytes()


def test_frames_follow_each_other() -> None:
    stream = io.BytesIO(b"".join(encode_frame(Frame("ping")) + encode_frame(Frame("cancel", "j"))))
    assert [read_frame(stream).kind, read_frame(stream).kind] == ["ping", "cancel"]


@pytest.mark.parametrize("length", [0, 3, 4, 10])
def test_a_stream_that_ends_within_a_frame_is_an_end(length: int) -> None:
    whole = b"".join(encode_frame(Frame("x", arrays={"a": np.zeros(4, np.float32)})))
    with pytest.raises(EOFError):
        read_frame(io.BytesIO(whole[:length]))


@pytest.mark.parametrize(
    "stream", [struct.pack(">I", MAX_HEADER + 1), struct.pack(">I", 3) + b"\xc1\xc1\xc1"]
)
def test_nonsense_is_refused(stream: bytes) -> None:
    with pytest.raises(BrokenFrame):
        read_frame(io.BytesIO(stream))
