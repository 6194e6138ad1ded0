"""Tags of audio by musicnn (Pons and Serra 2019): two networks that others trained, 50 tags each.

"MTT" learnt from MagnaTagATune (instruments, voices, genres), "MSD" from the Million Song Dataset (genres,
moods, decades). Code written anew here; only its checkpoints and lists of tags are read, from the package
musicnn (ISC), which nothing but an evaluation needs. Its own code wants a TensorFlow of 2019, and keeps
spectrograms in half precision, which overflows on loud music; here they are single.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import soxr
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from engine.training.tensor_bundle import read_bundle

MISSING = "skipped: the tagger's checkpoints are in the package musicnn (run_bridge.py --with train)"
VOCABULARIES = ("MTT", "MSD")
AUDIO_RATE, RATE = 48_000, 16_000
FFT, HOP, MELS, COMPRESSION = 512, 256, 96, 10_000
PATCH = 187  # frames, 3 s
EPSILON = 1e-3  # of TensorFlow's batch normalisation
TIMBRE, TEMPO = (0, 1), (2, 3, 4)  # the front end's convolutions: wide in frequency, or long in time
Weights = dict[str, Tensor]
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tagger:
    """The networks' weights and tags by vocabulary, "MTT" and "MSD"."""

    weights: dict[str, Weights]
    labels: dict[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def open_tagger() -> Tagger | None:
    """Both networks; None without the package."""
    found = find_spec("musicnn")
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(found.submodule_search_locations[0])
    from musicnn import configuration  # type: ignore[import-untyped]  # lists of constants, nothing else

    weights = {name: read_weights(folder / f"{name}_musicnn") for name in VOCABULARIES}
    labels = {name: tuple(getattr(configuration, f"{name}_LABELS")) for name in VOCABULARIES}
    return Tagger(weights, labels)


def read_weights(folder: Path) -> Weights:
    """A checkpoint in torch's layouts, without what its optimizer left there."""
    tensors = read_bundle(folder)
    kept = {name: value for name, value in tensors.items() if "Adam" not in name and "/" in name}
    return {name: torch.from_numpy(LAYOUTS[value.ndim](value).copy()) for name, value in kept.items()}


LAYOUTS: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {  # TensorFlow's -> torch's, by dimensions
    1: lambda x: x,
    2: lambda x: x.T,
    4: lambda x: x.transpose(3, 2, 0, 1),
}


def hear_tags(tagger: Tagger, audio: Array) -> dict[str, Array]:
    """Probability of each tag by vocabulary, mean over patches of 3 s. audio: (2, n) or (n,) at 48 kHz."""
    patches = torch.from_numpy(cut_patches(mel_frames(audio)))
    with torch.inference_mode():
        return {
            name: torch.sigmoid(logits(weights, patches)).mean(0).numpy()
            for name, weights in tagger.weights.items()
        }


def top_tags(tagger: Tagger, audio: Array, count: int = 5) -> dict[str, list[str]]:
    """The `count` likeliest tags by vocabulary, likeliest first."""
    heard = hear_tags(tagger, audio)
    return {name: likeliest(tagger.labels[name], values, count) for name, values in heard.items()}


def likeliest(labels: tuple[str, ...], values: Array, count: int) -> list[str]:
    """The labels of the `count` largest values."""
    return [labels[i] for i in np.argsort(-values, kind="stable")[:count]]


def mel_frames(audio: Array) -> Array:
    """Compressed mel spectrogram (frames, 96) of the mono mix at 16 kHz: what both networks were fed with."""
    import librosa

    mono = soxr.resample(audio if audio.ndim == 1 else audio.mean(0), AUDIO_RATE, RATE)
    power = librosa.feature.melspectrogram(
        y=mono, sr=RATE, n_fft=FFT, hop_length=HOP, n_mels=MELS, pad_mode="reflect"
    )
    frames: Array = np.log10(COMPRESSION * power.T + 1).astype(np.float32)
    return frames


def cut_patches(frames: Array) -> Array:
    """Whole patches (k, 187, 96) one after the other; what is shorter than one is repeated to fill it."""
    if len(frames) < PATCH:
        frames = np.tile(frames, (-(-PATCH // len(frames)), 1))
    count = len(frames) // PATCH
    return frames[: count * PATCH].reshape(count, PATCH, frames.shape[1])


def logits(weights: Weights, patches: Tensor) -> Tensor:
    """Logits (k, 50) of patches (k, 187, 96): front end, three layers of which two are residual, pooling."""
    picture = normalise(weights, 0, patches[:, None])
    parts = [timbre(weights, i, picture) for i in TIMBRE] + [tempo(weights, i, picture) for i in TEMPO]
    front = torch.cat(parts, 1)
    first = middle(weights, 5, front)
    second = middle(weights, 6, first) + first
    third = middle(weights, 7, second) + second
    features = torch.cat([front, first, second, third], 1)
    pooled = torch.stack([features.amax(2), features.mean(2)], 2).flatten(1)
    dense = partial(linear, weights)
    hidden = normalise(weights, 10, dense("dense", normalise(weights, 9, pooled)).relu())
    return dense("dense_1", hidden)


def timbre(weights: Weights, index: int, picture: Tensor) -> Tensor:
    """A convolution 7 frames long and most of the mel axis high, its maximum over pitch: (k, C, T)."""
    return over_pitch(weights, index, F.pad(picture, (0, 0, 3, 3)))


def tempo(weights: Weights, index: int, picture: Tensor) -> Tensor:
    """A convolution along time alone, as long out as in, its maximum over pitch: (k, C, T)."""
    extra = named(weights, "conv2d", index, "kernel").shape[2] - 1
    return over_pitch(weights, index, F.pad(picture, (0, 0, extra // 2, extra - extra // 2)))


def over_pitch(weights: Weights, index: int, padded: Tensor) -> Tensor:
    """Convolution, rectifier, normalisation, maximum over the mel axis."""
    return normalise(weights, index + 1, convolve(weights, index, padded)).amax(3)


def middle(weights: Weights, index: int, features: Tensor) -> Tensor:
    """A convolution 7 frames long over all features (k, C, T) -> (k, 64, T)."""
    picture = F.pad(features.transpose(1, 2)[:, None], (0, 0, 3, 3))
    return normalise(weights, index + 1, convolve(weights, index, picture))[..., 0]


def convolve(weights: Weights, index: int, picture: Tensor) -> Tensor:
    """A convolution without padding, and the rectifier."""
    kernel, bias = (named(weights, "conv2d", index, part) for part in ("kernel", "bias"))
    return F.conv2d(picture, kernel, bias).relu()


def normalise(weights: Weights, index: int, x: Tensor) -> Tensor:
    """Batch normalisation by what was seen in training; channels are the second axis."""
    parts = ("moving_mean", "moving_variance", "gamma", "beta")
    values = [named(weights, "batch_normalization", index, part) for part in parts]
    return F.batch_norm(x, *values, eps=EPSILON)


def linear(weights: Weights, name: str, x: Tensor) -> Tensor:
    """A dense layer."""
    return F.linear(x, weights[f"{name}/kernel"], weights[f"{name}/bias"])


def named(weights: Weights, layer: str, index: int, part: str) -> Tensor:
    """A tensor by TensorFlow's numbering: the first layer of a kind has no number."""
    return weights[f"{layer}_{index}/{part}" if index else f"{layer}/{part}"]
