"""Figures of audio by estimators we did not write (librosa): mel error, tempo, beat phase, flux at a seam,
key.

Conventions: audio float32 (2, n) or (n,) at 48 kHz; times in seconds; beats are quarter notes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.key_condition import SCALES, read_key

RATE = 48000
HOP = 240  # samples between onset frames: 5 ms, a fifth of the phase error to be measured
FLUX_HOP = 512
Array = NDArray[np.float32]


def mono(audio: Array) -> Array:
    return audio if audio.ndim == 1 else audio.mean(0)


def mel_db(audio: Array) -> NDArray[np.float32]:
    """128 mel bands in dB, 80 dB of range under the loudest (librosa defaults, n_fft 2048, hop 512)."""
    import librosa

    power = librosa.feature.melspectrogram(y=mono(audio), sr=RATE, n_fft=2048, hop_length=512, n_mels=128)
    out: NDArray[np.float32] = librosa.power_to_db(power, ref=np.max, top_db=80)
    return out


def mel_l1_db(truth: Array, got: Array) -> float:
    """Mean absolute difference of two mel pictures in dB; each relative to the truth's loudest cell,
    floored 80 dB below.
    """
    import librosa

    a, b = (
        librosa.feature.melspectrogram(y=mono(x), sr=RATE, n_fft=2048, hop_length=512, n_mels=128)
        for x in (truth, got)
    )
    top = float(a.max())
    a_db, b_db = (10 * np.log10(np.maximum(x, top * 1e-8) / top) for x in (a, b))
    n = min(a_db.shape[1], b_db.shape[1])
    return float(np.abs(a_db[:, :n] - b_db[:, :n]).mean())


def onset_envelope(audio: Array) -> Array:
    """librosa's onset strength, one value every 5 ms; value i is centred on i * HOP samples."""
    import librosa

    out: Array = librosa.onset.onset_strength(y=mono(audio), sr=RATE, hop_length=HOP, n_fft=1024, fmax=16000)
    return out


def track_beats(audio: Array, asked: NDArray[np.float64]) -> NDArray[np.float64]:
    """Beat times in seconds by librosa's dynamic-programming tracker.

    It is told how fast the asked beats go by at each moment, not where they are.
    """
    import librosa

    envelope = onset_envelope(audio)
    times = np.arange(len(envelope)) * HOP / RATE
    pace = 60 / np.diff(asked)
    bpm = np.interp(times, (asked[1:] + asked[:-1]) / 2, pace)
    steady = np.ptp(pace) < 1e-3 * pace.mean()
    _, beats = librosa.beat.beat_track(
        onset_envelope=envelope,
        sr=RATE,
        hop_length=HOP,
        tightness=100,
        trim=False,
        **({"start_bpm": float(pace.mean())} if steady else {"bpm": bpm}),
    )
    return np.asarray(librosa.frames_to_time(beats, sr=RATE, hop_length=HOP), np.float64)


def tempo_of(beats: NDArray[np.float64]) -> float:
    """Beats per minute of a list of beat times: the slope of a line through them; nan for fewer than 4."""
    if len(beats) < 4:
        return float("nan")
    return float(60 / np.median((beats[2:] - beats[:-2]) / 2))


def tempo_ratio(got: float, asked: float) -> float:
    """got/asked folded into 1/sqrt(2)..sqrt(2): a tracker's choice of octave is not the music's error."""
    ratio = got / asked
    return float(ratio / 2 ** np.round(np.log2(ratio))) if np.isfinite(ratio) and ratio > 0 else float("nan")


def beat_errors(beats: NDArray[np.float64], grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signed distance in seconds of each tracked beat to the nearest of the asked beats."""
    if not len(beats) or not len(grid):
        return np.array([np.nan])
    nearest = np.abs(beats[:, None] - grid[None]).argmin(1)
    return beats - grid[nearest]


def on_grid_ratio(audio: Array, eighths: NDArray[np.float64]) -> float:
    """Mean onset strength within 20 ms of the given times over the mean elsewhere: about 1 when unrelated."""
    envelope = onset_envelope(audio)
    times = np.arange(len(envelope)) * HOP / RATE
    near = np.abs(times[:, None] - eighths[None]).min(1) < 0.02
    return float(envelope[near].mean() / max(float(envelope[~near].mean()), 1e-9))


def spectral_flux(audio: Array) -> Array:
    """How much the magnitude spectrum changes from frame to frame (L2 norm, n_fft 2048, hop 512)."""
    import librosa

    magnitudes = np.abs(librosa.stft(mono(audio), n_fft=2048, hop_length=FLUX_HOP))
    out: Array = np.sqrt(np.square(np.diff(magnitudes, axis=1)).sum(0))
    return out


def seam_flux_ratio(audio: Array, seams: list[int], reference: Array) -> float:
    """Largest flux within three frames of a seam over the 95th percentile of the reference song's flux.

    seams: samples. Bar lines of real songs are above 1 themselves: look at the reference's own figure too.
    """
    flux, usual = spectral_flux(audio), float(np.percentile(spectral_flux(reference), 95))
    at = (round(seam / FLUX_HOP) for seam in seams)
    return float(np.mean([flux[max(0, frame - 3) : frame + 3].max() / usual for frame in at]))


def si_sdr_db(truth: Array, estimate: Array) -> float:
    """Scale-invariant signal-to-distortion ratio of (2, n) audio, both channels as one signal, in dB."""
    from fast_bss_eval import si_sdr

    flat = (np.asarray(x, np.float64).reshape(1, -1) for x in (truth, estimate))
    return float(si_sdr(*flat)[0])


def is_heard(stem: Array, mix: Array) -> bool:
    """Is a stem more than 40 dB under the mix? Fainter ones have no separation worth a figure."""
    return float(np.square(stem).mean()) > 1e-4 * float(np.square(mix).mean()) > 0


def chroma(audio: Array) -> Array:
    """Chroma (12, frames) of constant-Q energies, librosa's, about 12 frames a second."""
    import librosa

    low = librosa.resample(mono(audio), orig_sr=RATE, target_sr=24000)
    out: Array = librosa.feature.chroma_cqt(y=low, sr=24000, hop_length=2048)
    return out


def chroma_match(layer: Array, context: Array) -> float:
    """Mean correlation of two chromas (12, frames) frame by frame, where both are heard; nan for none."""
    frames = min(layer.shape[1], context.shape[1])
    a, b = (x[:, :frames] - x[:, :frames].mean(0) for x in (layer, context))
    sizes = np.linalg.norm(a, axis=0) * np.linalg.norm(b, axis=0)
    heard = sizes > 1e-4
    return float(((a * b).sum(0)[heard] / sizes[heard]).mean()) if heard.any() else float("nan")


# Krumhansl and Kessler's probe-tone ratings of the twelve degrees.
PROFILES = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}


def key_hit(audio: Array, keyscale: str) -> float:
    """1 when the mean chroma correlates best with the asked key's profile among its 12 transpositions.

    nan where keyscale is no key.
    """
    key = read_key(keyscale)
    if key is None:
        return float("nan")
    tonic, mode = key[0], "minor" if 3 in SCALES[key[1]] else "major"
    mean = chroma(audio).mean(1)
    fits = [np.corrcoef(np.roll(PROFILES[mode], shift), mean)[0, 1] for shift in range(12)]
    return float(np.argmax(fits) == tonic)


def interval(
    values: list[float], center: Callable[..., NDArray[np.float64]] = np.mean, draws: int = 2000
) -> tuple[float, float, float]:
    """Centre (mean or median) of values with its 95 % bootstrap interval; nan where there are none."""
    x = np.asarray([v for v in values if np.isfinite(v)])
    if not len(x):
        return (float("nan"),) * 3
    rng = np.random.default_rng(0)
    centers = center(x[rng.integers(len(x), size=(draws, len(x)))], axis=1)
    return float(center(x)), float(np.percentile(centers, 2.5)), float(np.percentile(centers, 97.5))
