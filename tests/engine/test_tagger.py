"""The tagger: TensorFlow's checkpoints read without it, and tags of music whose style is known."""

import struct
from itertools import takewhile
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
import torch

from engine.training.tagger import (
    MELS,
    PATCH,
    Tagger,
    cut_patches,
    hear_tags,
    likeliest,
    logits,
    mel_frames,
    open_tagger,
)
from engine.training.tensor_bundle import MAGIC, BadCheckpoint, read_bundle

SOURCES = Path(__file__).resolve().parents[2] / "bridge" / "demo_sources"
TENSORS = {
    "conv2d/bias": np.arange(3, dtype=np.float32),
    "conv2d/kernel": np.arange(24, dtype=np.float32).reshape(4, 1, 2, 3),
    "conv2d_1/bias": np.array([7], dtype=np.float32),
    "step": np.array(300, dtype=np.int64),
}
DTYPES = {"float32": 1, "int64": 9}


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: int | bytes) -> bytes:
    """A protobuf field, a number or a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def block(pairs: list[tuple[bytes, bytes]]) -> bytes:
    """A LevelDB block: keys without what they share with the one before, one restart, no compression."""
    body, before = b"", b""
    for key, value in pairs:
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(key, before, strict=False)))
        body += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    return body + struct.pack("<II", 0, 1) + bytes(5)


def write_bundle(folder: Path) -> None:
    """TENSORS as TensorFlow would have saved them."""
    raw, pairs = b"", [(b"", field(1, 1))]
    for name, tensor in TENSORS.items():
        dims = b"".join(field(2, field(1, size)) for size in tensor.shape)
        place = field(4, len(raw)) + field(5, tensor.nbytes) + varint(6 << 3 | 5) + bytes(4)
        pairs.append((name.encode(), field(1, DTYPES[tensor.dtype.name]) + field(2, dims) + place))
        raw += tensor.tobytes()
    data = block(pairs)
    index = block([(b"z", varint(0) + varint(len(data) - 5))])
    handles = varint(0) + varint(0) + varint(len(data)) + varint(len(index) - 5)
    (folder / ".index").write_bytes(data + index + handles.ljust(40, b"\0") + struct.pack("<Q", MAGIC))
    (folder / ".data-00000-of-00001").write_bytes(raw)


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    found = open_tagger()
    if found is None:
        pytest.skip("the package musicnn is not installed")
    return found


def demo_song(name: str) -> np.ndarray:
    """Nine seconds of a demo song, (2, n) at 48 kHz."""
    audio, rate = soundfile.read(SOURCES / f"{name}.flac", dtype="float32", start=0, frames=9 * 48_000)
    return soxr.resample(audio, rate, 48_000).T


def probability(tagger: Tagger, name: str, tag: str) -> float:
    return float(hear_tags(tagger, demo_song(name))["MSD"][tagger.labels["MSD"].index(tag)])


def test_a_checkpoint_is_read_with_names_shapes_types_and_values(tmp_path: Path) -> None:
    write_bundle(tmp_path)
    read = read_bundle(tmp_path)
    assert read.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        assert read[name].dtype == tensor.dtype
        np.testing.assert_array_equal(read[name], tensor)


def test_an_index_that_is_none_is_refused(tmp_path: Path) -> None:
    write_bundle(tmp_path)
    (tmp_path / ".index").write_bytes(bytes(200))
    with pytest.raises(BadCheckpoint, match="LevelDB"):
        read_bundle(tmp_path)


def test_a_shard_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    write_bundle(tmp_path)
    (tmp_path / ".data-00000-of-00001").write_bytes(bytes(20))
    with pytest.raises(BadCheckpoint, match="conv2d/kernel"):
        read_bundle(tmp_path)


def test_patches_follow_each_other_and_short_music_is_repeated() -> None:
    frames = np.arange(400 * MELS, dtype=np.float32).reshape(400, MELS)
    patches = cut_patches(frames)
    assert patches.shape == (2, PATCH, MELS)
    np.testing.assert_array_equal(patches[1], frames[PATCH : 2 * PATCH])
    np.testing.assert_array_equal(cut_patches(frames[:100])[0, 100:], frames[:87])


def test_a_tone_is_loudest_in_its_own_mel_band() -> None:
    seconds = np.arange(48_000) / 48_000
    low, high = (mel_frames(np.sin(2 * np.pi * hz * seconds).astype(np.float32)) for hz in (440, 3000))
    assert low.shape[1] == MELS
    assert low.mean(0).argmax() < high.mean(0).argmax() < MELS


def random_weights(generator: torch.Generator) -> dict[str, torch.Tensor]:
    """The published shapes."""
    kernels = [(204, 7, 38), (204, 7, 67), (51, 128, 1), (51, 64, 1), (51, 32, 1)]
    kernels += [(64, 7, 561), (64, 7, 64), (64, 7, 64)]
    norms = [1, *(out for out, _, _ in kernels), 1506, 200]
    weights = {"dense/kernel": (200, 1506), "dense/bias": (200,)}
    weights |= {"dense_1/kernel": (50, 200), "dense_1/bias": (50,)}
    for i, (out, long, high) in enumerate(kernels):
        layer = f"conv2d_{i}" if i else "conv2d"
        weights |= {f"{layer}/kernel": (out, 1, long, high), f"{layer}/bias": (out,)}
    for i, size in enumerate(norms):
        layer = f"batch_normalization_{i}" if i else "batch_normalization"
        weights |= {
            f"{layer}/{part}": (size,) for part in ("moving_mean", "moving_variance", "gamma", "beta")
        }
    return {name: 0.1 * torch.rand(shape, generator=generator) for name, shape in weights.items()}


def test_every_patch_gets_its_own_logits() -> None:
    generator = torch.Generator().manual_seed(0)
    weights = random_weights(generator)
    patches = torch.rand(2, PATCH, MELS, generator=generator)
    both = logits(weights, patches)
    assert both.shape == (2, 50)
    torch.testing.assert_close(both[1:], logits(weights, patches[1:]), rtol=1e-3, atol=1e-3)
    assert not torch.allclose(both[0], both[1])


def test_metal_is_heard_as_metal(tagger: Tagger) -> None:
    heard = hear_tags(tagger, demo_song("real_song"))
    assert "metal" in likeliest(tagger.labels["MSD"], heard["MSD"], 5)
    assert "rock" in likeliest(tagger.labels["MTT"], heard["MTT"], 5)


def test_a_bossa_nova_of_ours_is_not(tagger: Tagger) -> None:
    assert probability(tagger, "heldout_song", "metal") < 0.3 * probability(tagger, "real_song", "metal")
