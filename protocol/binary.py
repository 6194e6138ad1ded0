"""Binary WebSocket frames: one piece of a file that is uploaded or downloaded, behind a 16-byte header.

Header, big-endian: "BRL1", kind u8 (1 upload, 2 download), 0 u8, id length u16, offset u32, total u32;
then the id of the upload or download request in UTF-8, then the payload.
"""

import struct
from dataclasses import dataclass
from typing import Literal

from protocol.errors import ProtocolError
from protocol.limits import CHUNK_BYTES, TRANSFER_BYTES
from protocol.request_fields import FILLED_ID

MAGIC = b"BRL1"
HEADER = struct.Struct(">4sBBHII")
Direction = Literal["upload", "download"]
KINDS: dict[int, Direction] = {1: "upload", 2: "download"}
CODES: dict[Direction, int] = {"upload": 1, "download": 2}


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes offset..offset+len(payload) of a file of `total` bytes, announced by request `transfer_id`."""

    direction: Direction
    transfer_id: str
    offset: int
    total: int
    payload: bytes


def encode_frame(frame: Frame) -> bytes:
    """The frame's bytes.  Raises ProtocolError when it breaks a limit."""
    _check_frame(frame)
    name = frame.transfer_id.encode()
    return (
        HEADER.pack(MAGIC, CODES[frame.direction], 0, len(name), frame.offset, frame.total)
        + name
        + frame.payload
    )


def decode_frame(frame: bytes) -> Frame:
    """The frame in a binary message.  Raises ProtocolError, with the id where it could be read."""
    if len(frame) < HEADER.size or not frame.startswith(MAGIC):
        raise ProtocolError("malformed", "a binary message begins with a header of 16 bytes: BRL1 ...")
    _, kind, zero, id_size, offset, total = HEADER.unpack_from(frame)
    body = HEADER.size + id_size
    if kind not in KINDS or zero or len(frame) < body:
        raise ProtocolError(
            "malformed", f"the frame header has kind {kind}, {zero} for 0, id length {id_size}"
        )
    try:
        name = frame[HEADER.size : body].decode()
    except UnicodeDecodeError:
        raise ProtocolError("malformed", "the frame's id is not UTF-8") from None
    found = Frame(KINDS[kind], name, offset, total, frame[body:])
    _check_frame(found)
    return found


def split_file(direction: Direction, transfer_id: str, content: bytes) -> list[Frame]:
    """The frames of a whole file, in order."""
    step, total = CHUNK_BYTES.value, len(content)
    return [
        Frame(direction, transfer_id, offset, total, content[offset : offset + step])
        for offset in range(0, total, step)
    ]


def _check_frame(frame: Frame) -> None:
    name = FILLED_ID.read(frame.transfer_id, "id")
    size, end = len(frame.payload), frame.offset + len(frame.payload)
    if not 1 <= size <= CHUNK_BYTES.value:
        text = f"payload={size} is outside 1..{CHUNK_BYTES.value} bytes"
        raise ProtocolError("too-long", text, "payload", frame.direction, name)
    if not 1 <= frame.total <= TRANSFER_BYTES.value:
        text = f"total={frame.total} is outside 1..{TRANSFER_BYTES.value} bytes"
        raise ProtocolError("too-long", text, "total", frame.direction, name)
    if end > frame.total:
        text = f"offset={frame.offset} and {size} bytes of payload lie beyond total={frame.total}"
        raise ProtocolError("out-of-range", text, "offset", frame.direction, name)
