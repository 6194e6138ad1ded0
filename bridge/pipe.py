"""Frames between the daemon and its engine process: a small header, then raw float32 arrays.

    uint32 big-endian: length of the header | header, MessagePack | each array, float32 little-endian, C order

The header is [kind, job, values, [[name, shape], ...]]. Both ends are ours and of one version, so there is no
version field. This file knows nothing of asyncio, torch or jobs.
"""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

MAX_HEADER = 1 << 20
MAX_BODY = 1 << 31
"""Bytes. Both are far above anything we send: a larger figure means that the stream is out of step."""


class BrokenFrame(Exception):
    """The bytes are no frame of ours."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message over the pipe."""

    kind: str
    job: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Header:
    """A frame without its arrays' contents."""

    kind: str
    job: str
    values: dict[str, Any]
    shapes: tuple[tuple[str, tuple[int, ...]], ...]


def encode_frame(frame: Frame) -> list[bytes]:
    """The frame's bytes, in pieces to be written one after the other (large arrays are not joined)."""
    arrays = {name: np.ascontiguousarray(array, dtype="<f4") for name, array in frame.arrays.items()}
    shapes = [(name, array.shape) for name, array in arrays.items()]
    header = msgspec.msgpack.encode((frame.kind, frame.job, frame.values, shapes))
    return [struct.pack(">I", len(header)) + header, *(array.tobytes() for array in arrays.values())]


def header_length(prefix: bytes) -> int:
    """Length of the header that follows these 4 bytes; raises BrokenFrame."""
    length: int = struct.unpack(">I", prefix)[0]
    if length > MAX_HEADER:
        raise BrokenFrame(f"a header of {length} bytes is above {MAX_HEADER}")
    return length


def decode_header(header: bytes) -> Header:
    """Raises BrokenFrame when the bytes are no header."""
    shape = list[tuple[str, tuple[int, ...]]]
    try:
        kind, job, values, shapes = msgspec.msgpack.decode(
            header, type=tuple[str, str, dict[str, Any], shape]
        )
    except msgspec.MsgspecError as error:
        raise BrokenFrame(str(error)) from error
    decoded = Header(kind, job, values, tuple(shapes))
    if body_length(decoded) > MAX_BODY:
        raise BrokenFrame(f"a body of {body_length(decoded)} bytes is above {MAX_BODY}")
    return decoded


def body_length(header: Header) -> int:
    """Bytes of all arrays together."""
    return sum(4 * math.prod(shape) for _, shape in header.shapes)


def join_frame(header: Header, body: bytes | bytearray) -> Frame:
    """Puts a header and the bytes of its arrays together; the arrays are views of `body`."""
    arrays: dict[str, Array] = {}
    offset = 0
    for name, shape in header.shapes:
        count = math.prod(shape)
        arrays[name] = np.frombuffer(body, dtype="<f4", count=count, offset=offset).reshape(shape)
        offset += 4 * count
    return Frame(header.kind, header.job, header.values, arrays)


def read_frame(stream: BinaryIO) -> Frame:
    """Reads one frame from a blocking stream; raises EOFError at its end, BrokenFrame on nonsense."""
    header = decode_header(_read_exactly(stream, header_length(_read_exactly(stream, 4))))
    return join_frame(header, _read_exactly(stream, body_length(header)))


def _read_exactly(stream: BinaryIO, length: int) -> bytes:
    piece = stream.read(length)
    if piece is None or len(piece) < length:
        raise EOFError
    return piece
