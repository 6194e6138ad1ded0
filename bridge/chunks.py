"""Where the samples of a WAV, RF64 or AIFF file lie, byte by byte; reads headers only and never decodes
audio.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from protocol.errors import ProtocolError

RIFF_FORMS = (b"RIFF", b"RIFX", b"RF64", b"BW64")
FULL_32 = 0xFFFFFFFF
AIFC_LITTLE = (b"sowt", b"42n1", b"23ni")  # 16, 24, 32 bits; the last two are libsndfile's names


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: its four letters, where its body starts in the file, the body's bytes (no pad byte)."""

    name: bytes
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A file as chunks. form: RIFF, RIFX, RF64, BW64 or FORM; order: struct's byte order of its numbers;
    stop: where the form says it ends; samples: body of the sample chunk."""

    form: bytes
    order: str
    stop: int
    chunks: tuple[Chunk, ...]
    samples: Chunk

    def find(self, name: bytes) -> Chunk | None:
        """The first chunk of that name."""
        return next((chunk for chunk in self.chunks if chunk.name == name), None)


def read_layout(path: Path) -> Layout:
    """Walk the chunks of a file. Raises ProtocolError when it is no RIFF/FORM file or has no sample chunk."""
    with path.open("rb") as file:
        form, kind = file.read(4), file.seek(8) and file.read(4)
        file_size = path.stat().st_size
        if form in RIFF_FORMS and kind == b"WAVE":
            return riff_layout(file, form, file_size)
        if form == b"FORM" and kind in (b"AIFF", b"AIFC"):
            return aiff_layout(file, file_size)
    raise ProtocolError("no-audio", f"{path.name} is neither RIFF WAVE nor FORM AIFF", "source")


def riff_layout(file: BinaryIO, form: bytes, file_size: int) -> Layout:
    """The chunks of a WAVE form; RF64 and BW64 keep 64-bit sizes in ds64 (EBU Tech 3306)."""
    order = ">" if form == b"RIFX" else "<"
    wide = wide_sizes(file) if form in (b"RF64", b"BW64") else {}
    file.seek(4)
    size = struct.unpack(order + "I", file.read(4))[0]
    stop = 8 + wide.get(b"RIFF", size) if size != FULL_32 or wide else file_size
    chunks = walk(file, order, file_size, wide)
    return Layout(form, order, stop, chunks, samples_of(chunks, b"data"))


def wide_sizes(file: BinaryIO) -> dict[bytes, int]:
    """riffSize and dataSize of the ds64 chunk, which comes first."""
    file.seek(12)
    name, size = struct.unpack("<4sI", file.read(8))
    if name != b"ds64" or size < 24:
        raise ProtocolError("no-audio", "an RF64 file without its ds64 chunk", "source")
    riff, data, _ = struct.unpack("<QQQ", file.read(24))
    return {b"RIFF": riff, b"data": data}


def aiff_layout(file: BinaryIO, file_size: int) -> Layout:
    """The chunks of an AIFF or AIFC form; SSND opens with offset and block size before the samples."""
    file.seek(4)
    stop = 8 + struct.unpack(">I", file.read(4))[0]
    chunks = walk(file, ">", file_size, {})
    sound = samples_of(chunks, b"SSND")
    file.seek(sound.start)
    skip = 8 + struct.unpack(">I", file.read(4))[0]
    return Layout(b"FORM", ">", stop, chunks, Chunk(b"SSND", sound.start + skip, sound.size - skip))


def walk(file: BinaryIO, order: str, file_size: int, wide: dict[bytes, int]) -> tuple[Chunk, ...]:
    """All chunks behind the form's 12 bytes; a size that runs past the file is cut (recorders that never
    closed it).
    """
    chunks, at = [], 12
    while at + 8 <= file_size:
        file.seek(at)
        name, size = struct.unpack(order + "4sI", file.read(8))
        if size == FULL_32 and name in wide:
            size = wide[name]
        size = min(size, file_size - at - 8)
        chunks.append(Chunk(name, at + 8, size))
        at += 8 + size + size % 2  # chunks start on even bytes
    return tuple(chunks)


def samples_of(chunks: tuple[Chunk, ...], name: bytes) -> Chunk:
    """The sample chunk, or ProtocolError."""
    for chunk in chunks:
        if chunk.name == name:
            return chunk
    raise ProtocolError("no-audio", f"no {name.decode()} chunk in the file", "source")


def read_chunk(path: Path, chunk: Chunk) -> bytes:
    """The body of a chunk."""
    with path.open("rb") as file:
        file.seek(chunk.start)
        return file.read(chunk.size)


def is_little(path: Path, layout: Layout) -> bool:
    """Whether the samples are stored least significant byte first; AIFC says so by its compression type."""
    if layout.form != b"FORM":
        return layout.order == "<"
    common = layout.find(b"COMM")
    return common is not None and read_chunk(path, common)[18:22] in AIFC_LITTLE
