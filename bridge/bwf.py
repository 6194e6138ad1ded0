"""Broadcast Wave: the bext chunk (EBU Tech 3285 v2), read and written; knows no audio and no grid."""

import struct
from pathlib import Path

from bridge.chunks import read_chunk, read_layout

TIME_REFERENCE_AT = 338  # bytes of Description, Originator, OriginatorReference, date and time before it


def read_time_reference(path: Path) -> int | None:
    """Samples since midnight of the first sample, None without a bext chunk."""
    layout = read_layout(path)
    chunk = layout.find(b"bext")
    if chunk is None or chunk.size < TIME_REFERENCE_AT + 8:
        return None
    low, high = struct.unpack_from("<II", read_chunk(path, chunk), TIME_REFERENCE_AT)
    return int(high << 32 | low)
