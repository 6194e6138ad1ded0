"""Where notes begin in audio: an onset strength, in seconds, right to about a millisecond.

Knows no beats and no bars. Spectral flux on a logarithmic scale over thirds of octaves, each band against its
neighbours a few milliseconds before (which keeps vibrato out); numpy and scipy only.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d, uniform_filter1d

RATE = 48_000
WINDOW = 256  # samples: 5.3 ms
HOP = 96  # samples: 2 ms
LOWEST_WEIGHT = 0.3  # of the lowest band against the highest
LAG = 2  # hops between the spectra that are compared
BANDS_PER_OCTAVE = 3
LOWEST_HZ = 60.0
FLOOR_DB = -60.0  # below the loudest moment: what is fainter is no note
MEAN_S = 0.6  # the flux is counted above its mean over this long
LEVEL_S = 4.0  # and relative to its own level over this long, so that a quiet passage counts too
BASS_HZ = 160.0
BASS_WINDOW = 1024
BASS_LAG = 10  # hops
KNEE = 2.0  # times that level, from where strength counts as its logarithm: one cymbal is not ten notes
LEAD_S = -0.0015  # from the flux's peak to a click's first sample, measured on bursts over reverberation
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Onsets:
    """Onset strength; values: (frames,), 0 on average, in units of its own level; the first one lies at
    start_s, the others every step_s seconds. bass: the same of the lowest octaves, coarse in time.
    """

    values: Floats
    bass: Floats
    start_s: float
    step_s: float

    def at(self, seconds: Floats) -> Floats:
        """Strength at times in seconds, any shape, linear between frames; 0 outside the audio."""
        place = (np.asarray(seconds, float) - self.start_s) / self.step_s
        return np.interp(place, np.arange(len(self.values)), self.values, left=0.0, right=0.0)


def find_onsets(audio: NDArray[np.float32]) -> Onsets:
    """Onset strength of audio (channels, n) at 48 kHz, any n."""
    mono = np.asarray(audio, np.float64).mean(axis=0)
    levels = band_levels(mono, WINDOW, band_matrix())
    strength = level_out(flux(levels, LAG, band_weights(levels.shape[1])))
    bass_levels = band_levels(mono, BASS_WINDOW, bass_matrix())
    bass = level_out(flux(bass_levels, BASS_LAG, band_weights(bass_levels.shape[1])))
    return Onsets(strength, bass, LEAD_S, HOP / RATE)


def band_levels(signal: Floats, window: int, bands: Floats) -> Floats:
    """Levels of the bands in dB above the floor, (frames, bands); frame i is centred on sample i * HOP."""
    padded = np.pad(signal, window // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::HOP]
    power = np.empty((len(frames), bands.shape[1]))
    for first in range(0, len(frames), 4096):  # a long song's spectra need not be held at once
        spectra = np.fft.rfft(frames[first : first + 4096] * np.hanning(window))
        power[first : first + 4096] = (np.abs(spectra) ** 2) @ bands
    loudest = max(float(power.sum(axis=1).max(initial=0.0)), 1e-12)
    return np.asarray(10.0 * np.log10(power / loudest + 10.0 ** (FLOOR_DB / 10.0)) - FLOOR_DB)


@cache
def band_matrix() -> Floats:
    """Which bins make which band, (WINDOW / 2 + 1, bands); low bands are one bin wide."""
    hertz = np.arange(WINDOW // 2 + 1) * RATE / WINDOW
    octave = np.floor(BANDS_PER_OCTAVE * np.log2(np.maximum(hertz, LOWEST_HZ) / LOWEST_HZ)).astype(int)
    _, band = np.unique(octave, return_inverse=True)
    return np.asarray(band[:, None] == np.arange(band.max() + 1), float)


@cache
def bass_matrix() -> Floats:
    """Which bins make which band below BASS_HZ, (BASS_WINDOW / 2 + 1, bands)."""
    bins = np.arange(1, int(BASS_HZ * BASS_WINDOW / RATE) + 1)
    return np.asarray(np.arange(BASS_WINDOW // 2 + 1)[:, None] == bins, float)


def flux(levels: Floats, lag: int, weights: Floats) -> Floats:
    """Weighted mean rise of the bands in dB since `lag` hops before, (frames,)."""
    before = maximum_filter1d(levels, 3, axis=1)[:-lag]
    rise = np.maximum(levels[lag:] - before, 0.0) @ weights
    return np.concatenate([np.zeros(lag), rise])[: len(levels)]


def band_weights(bands: int) -> Floats:
    """Weights of the bands, sum 1: the attack of a low note is as long as its period."""
    weights = np.linspace(LOWEST_WEIGHT, 1.0, bands)
    return np.asarray(weights / weights.sum())


def level_out(strength: Floats) -> Floats:
    """The strength above its mean around it, in units of its level around it, bent at KNEE."""
    step = HOP / RATE
    smooth = gaussian_filter1d(strength, 1.0)
    above = smooth - uniform_filter1d(smooth, round(MEAN_S / step), mode="nearest")
    level = np.sqrt(np.maximum(uniform_filter1d(above**2, round(LEVEL_S / step), mode="nearest"), 0.0))
    steady = np.maximum(level, 0.1 * float(level.max(initial=0.0)) + 1e-9)
    rise = above / steady
    return np.where(rise > KNEE, KNEE * (1.0 + np.log(np.maximum(rise, KNEE) / KNEE)), rise)
