"""A singing synthesizer: pulses of a glottis and noise through the moving formants of a vocal tract.

The source is made sample by sample from pitch and level curves; what the tract does to it is applied to
overlapping windows in the frequency domain.  numpy and scipy only.
"""

from dataclasses import dataclass, fields

import numpy as np
from scipy import fft
from scipy.ndimage import gaussian_filter1d

from .effects import pan_gains
from .phones import PHONES, Phone
from .singers import SINGERS, Singer
from .values import Part, Song, SungLine, SungPhone

RATE = 48_000
STEP = 48  # samples of a control step: 1 ms
HOP, WINDOW, SIZE = 384, 768, 2048
TAIL_S = 0.06  # a line rings this much longer
BANDWIDTHS = (75.0, 95.0, 140.0, 200.0, 260.0)
UPPER_FORMANTS = (3500.0, 4500.0)
HIGHEST_HARMONIC = 15_000.0
NOISE_LEVEL = 3.3  # of fricatives against the voice
BREATH_LEVEL = 0.8
CLOSED = {"stop": 0.62, "affricate": 0.4}  # share of the sound before it bursts
BURST_MS = 9
TRILL_HZ = 27.0
VOICE_SMOOTH_MS, NOISE_SMOOTH_MS, TRACT_SMOOTH_MS = 5.0, 1.5, 14.0
HERTZ = np.linspace(0.0, RATE / 2, SIZE // 2 + 1, dtype=np.float32)
DELAY = np.exp(-2j * np.pi * HERTZ / RATE).astype(np.complex64)  # of one sample, by frequency


@dataclass(frozen=True, slots=True)
class Curves:
    """What a line asks of the voice, one value a millisecond: levels, Hz, and MIDI pitch."""

    pitch: np.ndarray
    voiced: np.ndarray
    breath: np.ndarray
    noise: np.ndarray
    noise_hz: np.ndarray
    noise_width: np.ndarray
    zero: np.ndarray
    first: np.ndarray
    second: np.ndarray
    third: np.ndarray


def empty_curves(count: int) -> Curves:
    """Silence with a neutral mouth, `count` ms."""
    values = {field.name: np.zeros(count) for field in fields(Curves)}
    curves = Curves(**values)
    curves.noise_hz[:], curves.noise_width[:] = 5000.0, 2000.0
    return curves


def shape_mouth(curves: Curves, phone: Phone, lo: int, hi: int) -> None:
    """The formants of a sound, a diphthong's moving in its second half."""
    ramp = np.clip((np.linspace(0.0, 1.0, hi - lo) - 0.45) / 0.45, 0.0, 1.0)
    last = phone.glide or phone.formants
    for curve, start, stop in zip(
        (curves.first, curves.second, curves.third), phone.formants, last, strict=True
    ):
        curve[lo:hi] = start + (stop - start) * ramp
    curves.zero[lo:hi] = phone.zero


def burst(curves: Curves, phone: Phone, lo: int, hi: int) -> None:
    """A stop or affricate: closed, then its noise."""
    opening = lo + round((hi - lo) * CLOSED[phone.kind])
    curves.voiced[lo:opening] = phone.voiced
    after = np.arange(hi - opening)
    if phone.kind == "affricate":
        curves.noise[opening:hi] = phone.noise
        return
    curves.noise[opening:hi] = phone.noise * np.exp(-after / BURST_MS)
    curves.voiced[opening:hi] = phone.voiced * 2
    if not phone.voiced:
        curves.breath[opening:hi] += 0.35 * np.minimum(1.0, after / 8)


def speak(curves: Curves, phone: Phone, lo: int, hi: int) -> None:
    """One sound from `lo` to `hi` ms."""
    shape_mouth(curves, phone, lo, hi)
    if phone.noise_hz:
        curves.noise_hz[lo:hi], curves.noise_width[lo:hi] = phone.noise_hz, phone.noise_width
    if phone.kind in CLOSED:
        burst(curves, phone, lo, hi)
        return
    curves.voiced[lo:hi] = phone.voiced
    curves.noise[lo:hi] = phone.noise
    if phone.kind == "breath":
        curves.breath[lo:hi] += 0.7
    if phone.kind == "tap" and hi - lo > 60:
        curves.voiced[lo:hi] *= 0.6 + 0.4 * np.cos(2 * np.pi * TRILL_HZ * np.arange(hi - lo) / 1000)


def mouth_of(phones: tuple[SungPhone, ...], index: int) -> Phone:
    """A sound; the breath of an h is shaped by the vowel behind it."""
    phone = PHONES[phones[index].symbol]
    if phone.kind == "breath" and index + 1 < len(phones):
        nearest = PHONES[phones[index + 1].symbol]
        return Phone("breath", nearest.formants, 0.0)
    return phone


def draw_curves(line: SungLine, singer: Singer, rng: np.random.Generator) -> Curves:
    """The curves of a line, from its first sound on."""
    count = round((line.stop - line.start + TAIL_S) * 1000) + 1
    curves = empty_curves(count)
    phones, at = line.phones, 0
    for index, sung in enumerate(phones):
        lo = round((sung.start - line.start) * 1000)
        hi = max(lo + 1, round((sung.stop - line.start) * 1000))
        speak(curves, mouth_of(phones, index), lo, hi)
        for curve in (curves.first, curves.second, curves.third, curves.noise_hz, curves.noise_width):
            curve[hi:] = curve[hi - 1]
            if lo > at:  # a rest: the mouth is ready early
                curve[at + (lo - at) // 2 : lo] = curve[lo]
        at = hi
    curves.pitch[:] = sing_pitch(line, singer, count, rng)
    smooths = {"voiced": VOICE_SMOOTH_MS, "breath": VOICE_SMOOTH_MS, "noise": NOISE_SMOOTH_MS}
    smooths |= dict.fromkeys(("first", "second", "third", "zero"), TRACT_SMOOTH_MS)
    for name, width in smooths.items():
        curve = getattr(curves, name)
        curve[:] = gaussian_filter1d(curve, width, mode="nearest")
    return curves


def sing_pitch(line: SungLine, singer: Singer, count: int, rng: np.random.Generator) -> np.ndarray:
    """MIDI pitch at every ms: slides between notes, vibrato on what is held, drift."""
    pitch, vibrato = np.zeros(count), np.zeros(count)
    before = 0
    for note in line.notes:
        lo = max(0, round((note.start - line.start) * 1000))
        hi = round((note.stop - line.start) * 1000)
        pitch[max(0, lo - 30) :] = note.pitch
        held = np.arange(hi - lo)
        if hi - lo > 330:
            vibrato[lo:hi] = np.clip((held - 180) / 300, 0.0, 1.0)
        if not before:
            pitch[:lo] = note.pitch
            before = hi
    smooth = gaussian_filter1d(pitch, singer.glide_s * 400, mode="nearest")
    rate, cents = singer.vibrato[0] * rng.uniform(0.94, 1.06), singer.vibrato[1] * rng.uniform(0.7, 1.3)
    time = np.arange(count) / 1000
    wave = np.sin(2 * np.pi * (rate * time + rng.random())) * cents * gaussian_filter1d(vibrato, 30.0)
    drift = gaussian_filter1d(rng.standard_normal(count), 12.0, mode="nearest") * singer.jitter * 6.5
    scoop = -rng.uniform(0, 90) * np.exp(-time / 0.05)
    return smooth + (wave + drift + scoop) / 100


def pulse(hz: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Band-limited pulses, every harmonic of level 1 up to HIGHEST_HARMONIC, and their phase in cycles."""
    phase = (np.cumsum(hz) / RATE + rng.random()) % 1.0
    order = np.floor(HIGHEST_HARMONIC / hz)
    below = np.sin(np.pi * phase)
    near = np.abs(below) < 1e-5
    train = np.sin(np.pi * (2 * order + 1) * phase) / np.where(near, 1.0, below)
    return (np.where(near, 2 * order + 1, train) - 1) / 2, phase


def spread(curve: np.ndarray, count: int) -> np.ndarray:
    """A curve of milliseconds at `count` samples."""
    return np.interp(np.arange(count) / STEP, np.arange(len(curve)), curve)


def cut_windows(sound: np.ndarray, frames: int) -> np.ndarray:
    """Spectra of Hann windows a hop apart, the first centred on sample 0; they add up to the sound."""
    padded = np.zeros((frames - 1) * HOP + WINDOW, np.float32)
    padded[WINDOW // 2 : WINDOW // 2 + len(sound)] = sound
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    return fft.rfft(windows * hann.astype(np.float32), SIZE, axis=1)


def tract_response(curves: Curves, at: np.ndarray, singer: Singer) -> np.ndarray:
    """What five formants do to a sound at the control steps `at`: (frames, bins) complex64, 1 at 0 Hz."""
    lowest = 440.0 * 2.0 ** ((curves.pitch[at] - 69) / 12) * 1.03  # high notes carry the first formant along
    tracks = [np.maximum(curves.first[at] * singer.tract, lowest)]
    tracks += [curve[at] * singer.tract for curve in (curves.second, curves.third)]
    tracks += [np.full(len(at), hz * singer.tract) for hz in UPPER_FORMANTS]
    below = np.ones((len(at), len(HERTZ)), np.complex64)
    gain = np.ones(len(at))
    for hz, width in zip(tracks, BANDWIDTHS, strict=True):
        radius = np.exp(-np.pi * width * (0.6 + 0.4 * singer.tract) / RATE)
        turn = (-2 * radius * np.cos(2 * np.pi * hz / RATE)).astype(np.float32)
        below *= 1 + turn[:, None] * DELAY + np.float32(radius**2) * DELAY**2
        gain *= 1 + turn + radius**2
    upper = (1 + (HERTZ / (UPPER_FORMANTS[1] * singer.tract)) ** 2) ** 4  # the formants above the fifth
    dip = curves.zero[at].astype(np.float32)[:, None]
    nasal = 1 - 0.85 * (dip > 100) * np.exp(-(((HERTZ - dip) / 320) ** 2))
    return gain[:, None].astype(np.float32) * upper * nasal / below


def glottis_response(singer: Singer, loud: float) -> np.ndarray:
    """Spectrum of the glottis, (bins,): louder voices are brighter."""
    tilt = singer.tilt_hz * (0.6 + 0.8 * loud)
    flow = (HERTZ / 200) / (1 + (HERTZ / 200) ** 2)
    ring = 10 ** (singer.ring_db / 20 * np.exp(-(((HERTZ - 2900 * singer.tract**0.5) / 450) ** 2)))
    return flow * ring / np.sqrt(1 + (HERTZ / tilt) ** 2)


def sing_line(line: SungLine, singer: Singer, rng: np.random.Generator) -> np.ndarray:
    """A line's sound from its first sample on, (n,) float32."""
    curves = draw_curves(line, singer, rng)
    count = len(curves.pitch) * STEP
    hz = 440.0 * 2.0 ** ((spread(curves.pitch, count) - 69) / 12)
    train, phase = pulse(hz, rng)
    voice = train * spread(curves.voiced, count) * np.sqrt(hz / 200.0) * (0.55 + 0.5 * line.loud)
    air = rng.standard_normal(count)
    level = curves.breath + singer.breath * curves.voiced
    aspirated = air * spread(level, count) * BREATH_LEVEL * (0.65 + 0.35 * np.cos(2 * np.pi * phase))
    hiss = air * spread(curves.noise, count) * NOISE_LEVEL * (0.6 + 0.4 * line.loud)
    frames = count // HOP + 2
    at = np.minimum(np.arange(frames) * HOP // STEP, len(curves.pitch) - 1)
    sound = cut_windows(voice, frames) * glottis_response(singer, line.loud).astype(np.float32)
    sound += cut_windows(aspirated, frames) * np.float32(0.5)
    sound *= tract_response(curves, at, singer)
    centre = (curves.noise_hz[at] * (0.5 + 0.5 * singer.tract)).astype(np.float32)[:, None]
    width = curves.noise_width[at].astype(np.float32)[:, None]
    sound += cut_windows(hiss, frames) * (np.exp(-0.5 * ((HERTZ - centre) / width) ** 2) + 0.03)
    return join_windows(fft.irfft(sound, SIZE, axis=1), count)


def join_windows(windows: np.ndarray, count: int) -> np.ndarray:
    """Adds up windows that were cut a hop apart; (n,) float32 without what would come before the start."""
    whole = np.zeros(len(windows) * HOP + SIZE, np.float32)
    for index, window in enumerate(windows):
        whole[index * HOP : index * HOP + SIZE] += window
    return whole[WINDOW // 2 : WINDOW // 2 + count]


def sing_part(song: Song, part: Part, count: int) -> np.ndarray:
    """The part "vocals" or "backing_vocals" of a song, (2, count) float32, before its level is set."""
    lines = song.sung if part.stem_class == "vocals" else song.backing
    voices = 1 + max((line.voice for line in lines), default=0)
    sound = np.zeros((2, count), np.float32)
    for index, line in enumerate(lines):
        rng = np.random.Generator(np.random.PCG64([song.seed, 77, index, line.voice]))
        wave = sing_line(line, SINGERS[part.program % len(SINGERS)], rng)
        first = round(line.start * RATE)
        wave = wave[: count - first]
        pan = 0.0 if voices == 1 else 0.6 * (2 * line.voice / (voices - 1) - 1)
        sound[:, first : first + len(wave)] += pan_gains(pan) * wave
    return sound
