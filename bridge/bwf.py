"""Broadcast Wave: the bext chunk (EBU Tech 3285, version 1) and whole WAV or RF64 files around given samples.

Knows no grid and never scales a sample: it packs what it is given.
"""

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bridge.chunks import FULL_32, Layout, read_chunk, read_layout

ORIGINATOR = "Barline"
TIME_REFERENCE_AT = 338  # bytes of description, originator, reference, date and time before it
FIELDS = "256s32s32s10s8sIIH64s190s"  # version 1: a UMID (none here: zeros), the rest reserved
PCM, IEEE_FLOAT = 1, 3  # format tags of the fmt chunk
WIDTHS = {"16": 2, "24": 3, "32": 4, "float": 4}  # bytes of one sample


@dataclass(frozen=True, slots=True)
class Bext:
    """What the chunk says. time_reference: samples from the project's start to the file's first one, >= 0."""

    description: str
    reference: str
    when: datetime
    time_reference: int


def read_time_reference(path: Path) -> int | None:
    """The first sample's time in samples, None without a bext chunk."""
    layout = read_layout(path)
    chunk = layout.find(b"bext")
    if chunk is None or chunk.size < TIME_REFERENCE_AT + 8:
        return None
    low, high = struct.unpack_from(layout.order + "II", read_chunk(path, chunk), TIME_REFERENCE_AT)
    return int(high << 32 | low)


def bext_body(bext: Bext, order: str) -> bytes:
    """The 602 bytes of the chunk; texts are ASCII, cut to their fields."""
    date, time = bext.when.strftime("%Y-%m-%d"), bext.when.strftime("%H:%M:%S")
    texts = (bext.description, ORIGINATOR, bext.reference, date, time)
    low, high = bext.time_reference & FULL_32, bext.time_reference >> 32
    return struct.pack(order + FIELDS, *map(to_ascii, texts), low, high, 1, b"", b"")


def to_ascii(text: str) -> bytes:
    """The standard's texts are ASCII; anything else becomes a question mark."""
    return text.encode("ascii", "replace")


def chunk_bytes(name: bytes, body: bytes, order: str) -> bytes:
    """A whole chunk with its pad byte."""
    return struct.pack(order + "4sI", name, len(body)) + body + b"\0" * (len(body) % 2)


def format_body(depth: str, rate: int, channels: int) -> bytes:
    """A plain fmt chunk, little endian."""
    block = channels * WIDTHS[depth]
    tag = IEEE_FLOAT if depth == "float" else PCM
    body = struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, 8 * WIDTHS[depth])
    return body + b"\0\0" if depth == "float" else body  # other tags than PCM state that no extension follows


def write_wave(path: Path, form: bytes, format_chunk: bytes, bext: Bext | None, samples: bytes) -> None:
    """Write a whole file: RIFF or RIFX as asked, RF64 when asked or when 4 GiB do not hold it.

    format_chunk: body of fmt in the form's byte order; samples: packed in that order too.
    """
    head = wave_head(form, format_chunk, bext, len(samples))
    write_all(path, (head, samples, b"\0" * (len(samples) % 2)))


def wave_head(form: bytes, format_chunk: bytes, bext: Bext | None, size: int) -> bytes:
    """Everything before the samples of a file that holds `size` bytes of them; as for `write_wave`."""
    order = ">" if form == b"RIFX" else "<"
    block = struct.unpack_from(order + "H", format_chunk, 12)[0]
    tag = struct.unpack_from(order + "H", format_chunk)[0]
    chunks = [(b"bext", bext_body(bext, order))] if bext else []
    chunks.append((b"fmt ", format_chunk))
    if tag != PCM:
        chunks.append((b"fact", struct.pack(order + "I", min(size // block, FULL_32))))
    head = b"".join(chunk_bytes(name, body, order) for name, body in chunks)
    whole = 4 + len(head) + 8 + size + size % 2
    if form in (b"RIFF", b"RIFX") and whole <= FULL_32:
        top = struct.pack(order + "4sI4s", form, whole, b"WAVE")
        data = struct.pack(order + "4sI", b"data", size)
    else:  # EBU Tech 3306: the 64-bit sizes are in ds64, the 32-bit fields are all ones
        wide = struct.pack("<QQQI", whole + 36, size, size // block, 0)
        top = struct.pack("<4sI4s", b"RF64", FULL_32, b"WAVE") + chunk_bytes(b"ds64", wide, "<")
        data = struct.pack("<4sI", b"data", FULL_32)
    return top + head + data


def write_all(path: Path, pieces: Sequence[bytes]) -> None:
    """Write the pieces one after the other."""
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)


def append_bext(path: Path, layout: Layout, bext: Bext) -> bool:
    """Add a bext chunk behind the last one: only the form's size field changes, no byte moves.

    Returns False, and leaves the file alone, where the form does not end with the file (a recording that
    was never closed, or bytes behind the form) or has no room left.
    """
    size = path.stat().st_size
    if abs(layout.stop - size) > 1:  # one: the pad byte that some writers leave out, or do not count
        return False
    addition = b"\0" * (size % 2) + chunk_bytes(b"bext", bext_body(bext, layout.order), layout.order)
    form_size = size + len(addition) - 8
    wide = layout.form in (b"RF64", b"BW64")
    if form_size > FULL_32 and not wide:
        return False
    with path.open("r+b") as file:
        file.seek(0, os.SEEK_END)
        file.write(addition)
        file.seek(20 if wide else 4)  # riffSize is the first field of ds64
        file.write(struct.pack("<Q" if wide else layout.order + "I", form_size))
    return True
