"""TensorFlow checkpoints read without TensorFlow: the "tensor bundle" format, one shard, uncompressed.

PREFIX.index is a LevelDB table: blocks of key-value entries, each key without what it shares with the key
before; a footer of 48 bytes points at the block that lists the blocks. A value is a protobuf message
BundleEntryProto: type, shape, and where the tensor's raw bytes lie in PREFIX.data-00000-of-00001.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOOTER = 48
MAGIC = 0xDB4775248B80FB57  # the last 8 bytes of every LevelDB table
TRAILER = 5  # after a block: its compression, a byte, and a checksum
DTYPES = {1: np.dtype("<f4"), 3: np.dtype("<i4"), 9: np.dtype("<i8")}  # TensorFlow's numbers of types
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # protobuf's wire types
DTYPE, SHAPE, SHARD, OFFSET, SIZE = 1, 2, 3, 4, 5  # field numbers of BundleEntryProto
SHAPE_DIM, DIM_SIZE = 2, 1
Field = tuple[int, int | bytes]


class BadCheckpoint(ValueError):
    """The files are no tensor bundle this reader knows; the text says why."""


def read_bundle(folder: Path, prefix: str = "") -> dict[str, NDArray[np.generic]]:
    """All tensors of a checkpoint by name. prefix: what its files' names begin with; often nothing.

    Raises BadCheckpoint, and OSError where a file is missing.
    """
    index = (folder / f"{prefix}.index").read_bytes()
    raw = (folder / f"{prefix}.data-00000-of-00001").read_bytes()
    entries = read_table(index)
    return {key.decode(): read_tensor(key.decode(), value, raw) for key, value in entries if key}


def read_table(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a LevelDB table in order."""
    if len(table) < FOOTER or struct.unpack("<Q", table[-8:])[0] != MAGIC:
        raise BadCheckpoint("no LevelDB table: the last eight bytes are others")
    footer = table[-FOOTER:]
    at = 0
    for _ in range(2):  # the meta index block, which we have no use for
        _, at = read_varint(footer, at)
    for _, handle in read_block(table, footer[at:]):
        yield from read_block(table, handle)


def read_block(table: bytes, handle: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of the block at a handle: two varints, its offset and size."""
    offset, used = read_varint(handle, 0)
    size, _ = read_varint(handle, used)
    block = table[offset : offset + size + TRAILER]
    if len(block) != size + TRAILER or block[size]:
        raise BadCheckpoint("a block of the index is cut off or compressed")
    restarts = struct.unpack("<I", block[size - 4 : size])[0]
    end = size - 4 * (restarts + 1)
    at, key = 0, b""
    while at < end:
        shared, at = read_varint(block, at)
        own, at = read_varint(block, at)
        length, at = read_varint(block, at)
        key = key[:shared] + block[at : at + own]
        yield key, block[at + own : at + own + length]
        at += own + length


def read_varint(text: bytes, at: int) -> tuple[int, int]:
    """A number of 7 bits a byte, least first, and where it ends."""
    value = shift = 0
    while True:
        if at >= len(text):
            raise BadCheckpoint("a number of the index is cut off")
        value |= (text[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if text[at - 1] < 128:
            return value, at


def read_fields(message: bytes) -> Iterator[Field]:
    """Field numbers and values of a protobuf message; fixed-width ones as their bytes."""
    at = 0
    while at < len(message):
        tag, at = read_varint(message, at)
        kind = tag & 7
        if kind == VARINT:
            value, at = read_varint(message, at)
            yield tag >> 3, value
            continue
        if kind == BYTES:
            width, at = read_varint(message, at)
        elif kind in (FIXED32, FIXED64):
            width = 4 if kind == FIXED32 else 8
        else:
            raise BadCheckpoint(f"protobuf wire type {kind} in the index")
        yield tag >> 3, message[at : at + width]
        at += width


def read_tensor(name: str, entry: bytes, raw: bytes) -> NDArray[np.generic]:
    """The tensor a BundleEntryProto describes, out of the shard's bytes."""
    fields: dict[int, int | bytes] = {SHAPE: b"", SHARD: 0, OFFSET: 0} | dict(read_fields(entry))
    dtype = DTYPES.get(int(fields.get(DTYPE, 0)))
    if dtype is None or fields[SHARD]:
        raise BadCheckpoint(f"{name}: type {fields.get(DTYPE)} in shard {fields[SHARD]} is not read here")
    shape = [read_dim(value) for number, value in read_fields(bytes(fields[SHAPE])) if number == SHAPE_DIM]
    offset, size = int(fields[OFFSET]), int(fields.get(SIZE, 0))
    if size != dtype.itemsize * int(np.prod(shape)) or offset + size > len(raw):
        raise BadCheckpoint(f"{name}: {size} bytes at {offset} for the shape {shape}")
    return np.frombuffer(raw, dtype, int(np.prod(shape)), offset).reshape(shape)


def read_dim(dim: int | bytes) -> int:
    """The size in a TensorShapeProto.Dim; a size of 0 is left out there."""
    return int(dict(read_fields(bytes(dim))).get(DIM_SIZE, 0)) if isinstance(dim, bytes) else 0
