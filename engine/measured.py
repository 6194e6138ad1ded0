"""Tempo, key, loudness and length of audio by signal analysis alone; knows no model and no grid.

**Conventions.** Audio is (channels, n) float at 48 kHz. Tempo in beats a minute as heard, which may be half
or double what a score says. Loudness after ITU-R BS.1770-4 (integrated, gated). Key: a chroma against
the probe-tone profiles of Krumhansl and Kessler (1982).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter, resample_poly, stft

from engine.onsets import find_onsets

RATE = 48_000
TEMPO_LO, TEMPO_HI, TEMPO_LIKELY = 40.0, 240.0, 115.0
MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
SHORTEST_TEMPO_S = 3.0
SILENCE = -120.0
Floats = NDArray[np.float64]
# K-weighting at 48 kHz: a shelf and a high-pass, coefficients as BS.1770-4 tables 1 and 2 print them.
SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))


@dataclass(frozen=True, slots=True)
class Measured:
    """bpm: None where there is no pulse.  tempo_clarity: 0..1, how far the pulse stands out.  keyscale: as
    "F# minor", "" for silence.  key_clarity: 0..1, lead over the next key.  lufs: -120 for silence.
    """

    seconds: float
    bpm: float | None
    tempo_clarity: float
    keyscale: str
    key_clarity: float
    lufs: float
    peak_dbfs: float


def measure(audio: NDArray[np.float32]) -> Measured:
    """Everything about (channels, n)."""
    bpm, clear = tempo(audio)
    key, lead = keyscale(chroma(audio))
    peak = float(np.abs(audio).max(initial=0.0))
    return Measured(audio.shape[1] / RATE, bpm, clear, key, lead, loudness(audio), decibels(peak * peak))


def decibels(power: float) -> float:
    """10 log10, never below SILENCE."""
    return max(SILENCE, 10 * float(np.log10(max(power, 1e-30))))


def loudness(audio: NDArray[np.float32]) -> float:
    """Integrated loudness in LUFS: 400 ms blocks every 100 ms, gated at -70 LUFS and 10 LU below the mean."""
    weighted = lfilter(*HIGH_PASS, lfilter(*SHELF, audio.astype(np.float64), axis=1), axis=1)
    step = RATE // 10
    tenths = weighted.shape[1] // step
    if tenths < 4:  # shorter than a block: all of it is one
        return level(float((weighted**2).mean(axis=1).sum())) if weighted.size else SILENCE
    power = (weighted[:, : tenths * step] ** 2).reshape(len(weighted), tenths, step).mean(axis=2).sum(axis=0)
    blocks = np.convolve(power, np.full(4, 0.25), "valid")
    loud = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    if not loud.size:
        return SILENCE
    kept = loud[loud > loud.mean() / 10]
    return level(float(kept.mean()))


def level(power: float) -> float:
    """LUFS of a weighted power summed over channels."""
    return max(SILENCE, decibels(power) - 0.691)


def chroma(audio: NDArray[np.float32]) -> Floats:
    """(12,) energy of the pitch classes C, C#, ... between 65 and 2 100 Hz, every moment counting alike."""
    mono = resample_poly(audio.mean(axis=0).astype(np.float64), 1, 6)  # 8 kHz
    if len(mono) < 64 or not mono.any():
        return np.zeros(12)
    size = min(8192, len(mono))
    frequencies, _, spectra = stft(mono, RATE / 6, nperseg=size, noverlap=size * 3 // 4)
    heard = (frequencies > 65) & (frequencies < 2100)
    pitch = 69 + 12 * np.log2(frequencies[heard] / 440)
    nearest = np.round(pitch)
    weight = np.cos(np.pi * (pitch - nearest)) ** 2  # between two notes counts for neither
    magnitudes = np.sqrt(np.abs(spectra[heard])) * weight[:, None]
    classes = np.stack([magnitudes[nearest % 12 == note].sum(axis=0) for note in range(12)])
    sums = classes.sum(axis=0)
    loud = sums > 0.1 * sums.max()
    return np.asarray((classes[:, loud] / sums[loud]).mean(axis=1))


def keyscale(classes: Floats) -> tuple[str, float]:
    """The likeliest key of a chroma and its lead over the second, as correlations; ("", 0) for silence."""
    if classes.std() == 0:
        return "", 0.0
    marks = {
        f"{NOTES[tonic]} {mode}": float(np.corrcoef(np.roll(profile, tonic), classes)[0, 1])
        for tonic in range(12)
        for mode, profile in (("major", MAJOR), ("minor", MINOR))
    }
    best, second, *_ = sorted(marks, key=marks.__getitem__, reverse=True)
    return best, min(1.0, max(0.0, marks[best] - marks[second]))


def tempo(audio: NDArray[np.float32]) -> tuple[float | None, float]:
    """The likeliest tempo and how clear it is; (None, 0) without a pulse or in less than three seconds."""
    if audio.shape[1] < SHORTEST_TEMPO_S * RATE or not audio.any():
        return None, 0.0
    onsets = find_onsets(np.asarray(audio, dtype=np.float32))
    strength = np.asarray(onsets.values, dtype=np.float64)
    strength = strength - strength.mean()
    size = 1 << (2 * len(strength) - 1).bit_length()
    again = np.fft.irfft(np.abs(np.fft.rfft(strength, size)) ** 2)[: len(strength)]
    if again[0] <= 0:
        return None, 0.0
    again = again / again[0] * len(strength) / np.arange(len(strength), 0, -1)
    bpms = np.geomspace(TEMPO_LO, TEMPO_HI, 2000)
    beats = 60 / bpms / onsets.step_s  # frames of a beat
    multiples = [beats * times for times in (1, 2, 4)]
    marks = np.mean([near(again, lags) for lags in multiples], axis=0)
    likely = np.exp(
        -0.5 * (np.log2(bpms / TEMPO_LIKELY) / 0.8) ** 2
    )  # between half and double, the usual one
    best = int(np.argmax(marks * likely))
    clear = float(np.clip(marks[best], 0.0, 1.0))
    return (refined(again, beats[best], onsets.step_s), clear) if clear > 0.05 else (None, clear)


def near(again: Floats, lags: Floats) -> Floats:
    """The autocorrelation at lags that need not be whole; 0 beyond three quarters of its length."""
    return np.interp(lags, np.arange(len(again)), again, right=0.0) * (lags < 0.75 * len(again))


def refined(again: Floats, beat: float, step_s: float) -> float:
    """The tempo by the furthest multiple of a beat (frames) whose peak can be followed from the last one."""
    many = 1
    while many * 2 * beat < 0.5 * len(again) and many < 32:
        many *= 2
        centre, reach = many * beat, max(2, int(0.02 * many * beat))
        lo = max(1, round(centre) - reach)
        part = again[lo : lo + 2 * reach + 1]
        if part.max() < 0.2 * again[max(1, round(beat))]:
            break
        beat = (lo + int(np.argmax(part))) / many
    return 60 / (beat * step_s)
