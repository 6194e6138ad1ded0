"""FLAC's metadata blocks: those of one file put before the audio frames of another; decodes nothing."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MARK = b"fLaC"
STREAMINFO, PADDING, SEEKTABLE, COMMENT = 0, 1, 3, 4
OF_THE_ENCODING = (STREAMINFO, PADDING, SEEKTABLE)  # they describe the frames, not the song
LAST = 0x80


@dataclass(frozen=True, slots=True)
class Block:
    """One metadata block: its kind and its body."""

    kind: int
    body: bytes


def read_blocks(file: BinaryIO) -> Iterator[Block]:
    """The blocks of a stream that stands at its start; leaves it at the first frame. No mark: none."""
    last = file.read(4) != MARK
    while not last:
        head = file.read(4)
        last = len(head) < 4 or bool(head[0] & LAST)
        if len(head) == 4:
            yield Block(head[0] & ~LAST, file.read(int.from_bytes(head[1:], "big")))


def join_metadata(source: Path, encoded: Path, out: Path) -> bool:
    """Write to `out` the frames of `encoded` under the tags, pictures and cue sheets of `source`.

    Returns False when the source's blocks cannot be found (a foreign tag before the mark); then only the
    encoder's are there.
    """
    with source.open("rb") as file:
        kept = [block for block in read_blocks(file) if block.kind not in OF_THE_ENCODING]
        file.seek(0)
        found = file.read(4) == MARK
    with encoded.open("rb") as frames, out.open("wb") as file:
        blocks = list(read_blocks(frames))
        own = [b for b in blocks if b.kind == STREAMINFO or (b.kind == COMMENT and not found)]
        write_blocks(file, own + kept)
        shutil.copyfileobj(frames, file)
    return found


def write_blocks(file: BinaryIO, blocks: list[Block]) -> None:
    """The mark and the blocks, the last one marked as such."""
    file.write(MARK)
    for i, block in enumerate(blocks):
        kind = block.kind | (LAST if i == len(blocks) - 1 else 0)
        file.write(bytes([kind]) + len(block.body).to_bytes(3, "big") + block.body)
