"""A source parted by what a model believes its stems to sound like: soft masks on its own spectrum.

Arrays only. The phase of a stem is the source's; what no stem claims is left over.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Spectra = NDArray[np.complex128]
TINY = 1e-12


@dataclass(frozen=True, slots=True)
class MaskRule:
    """How estimated magnitudes become shares: each times `gain`, to the power of `power`.

    A model that samples one guess of a stem is taken at its word (1, 1). One that tells the mean of the log
    magnitudes that fit is lower than the stem and knows not which of them is there: a smaller power says so.
    """

    power: float = 1.0
    gain: float = 1.0


PLAIN = MaskRule()


def part_source(source: Floats, estimates: Floats, rule: MaskRule = PLAIN) -> Floats:
    """Stems (k, n, channels) of a source (n, channels), from estimates of the same shape as the stems.

    A stem's mask is its share of all estimated magnitudes; where they sum to less than the source has, of
    the source's. So masks never sum to more than 1, and one estimate alone takes no more than there is.
    """
    stems = np.empty_like(estimates)
    for channel in range(source.shape[1]):
        stems[:, :, channel] = part_channel(source[:, channel], estimates[:, :, channel], rule)
    return stems


def part_channel(source: NDArray[np.float64], estimates: Floats, rule: MaskRule) -> Floats:
    """Stems (k, n) of one channel (n,)."""
    padded, window, hop = framing(len(source))
    spectrum = transform(source, padded, window, hop)
    spectra = (transform(estimate, padded, window, hop) for estimate in estimates)
    magnitudes = [(rule.gain * np.abs(estimated)) ** rule.power for estimated in spectra]
    whole = np.maximum(np.maximum(sum(magnitudes), np.abs(spectrum) ** rule.power), TINY)
    parts = [restore(spectrum * (size / whole), len(source), window, hop) for size in magnitudes]
    return np.stack(parts)


def framing(samples: int, size: int = 2048) -> tuple[int, NDArray[np.float64], int]:
    """Padded length, window and hop of the transform: four frames over every sample."""
    hop = size // 4
    window = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size))
    return -(-samples // hop) * hop + 2 * size, window, hop


def transform(signal: NDArray[np.float64], padded: int, window: NDArray[np.float64], hop: int) -> Spectra:
    """Spectra (frames, bins), complex, of a signal with silence on both sides."""
    room = np.zeros(padded)
    room[len(window) : len(window) + len(signal)] = signal
    frames = np.lib.stride_tricks.sliding_window_view(room, len(window))[::hop]
    spectra: Spectra = np.fft.rfft(frames * window, axis=1)
    return spectra


def restore(spectra: Spectra, samples: int, window: NDArray[np.float64], hop: int) -> NDArray[np.float64]:
    """The signal behind spectra from `transform`; the squared windows of four frames sum to 2."""
    frames = np.fft.irfft(spectra, len(window), axis=1) * (window / 2)
    pieces = len(window) // hop
    sums = np.zeros((len(frames) + pieces - 1, hop))
    for piece in range(pieces):
        sums[piece : piece + len(frames)] += frames[:, piece * hop : (piece + 1) * hop]
    whole: NDArray[np.float64] = sums.reshape(-1)[len(window) : len(window) + samples]
    return whole
