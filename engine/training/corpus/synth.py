"""Our own pitched synthesizers: wavetables whose level is a low-
pass cutoff, and two-operator FM; numpy only.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

RATE = 48_000
TABLE = 2048  # samples of one period
LEVELS_PER_OCTAVE = 6
LEVELS = 10 * LEVELS_PER_OCTAVE  # cutoffs from the fundamental to its 1024th harmonic
CONTROL = 64  # samples per step of the filter's envelope
HIGHEST_HZ = 13_000.0  # cutoff limit: the filter's slope keeps aliases low


@dataclass(frozen=True, slots=True)
class Voice:
    """A synth's sound.

    shape: saw, square, pulse or sine.  cents: detuning of each oscillator, spread over the stereo field by
    `width`.
    cutoff: Hz at rest; sweep: octaves above it at the note's start, falling in `sweep_s` (negative rises).
    attack, decay, release: seconds; sustain: 0..1.  fm: (ratio, depth, decay seconds) turns the oscillator
    into FM.
    drop: octaves the pitch starts above, falling within 30 ms.  drive: 0 = clean.
    """

    shape: str = "saw"
    cents: tuple[float, ...] = (0.0,)
    width: float = 0.0
    cutoff: float = 2000.0
    sweep: float = 0.0
    sweep_s: float = 0.2
    resonance: float = 0.0
    attack: float = 0.004
    decay: float = 0.3
    sustain: float = 0.7
    release: float = 0.06
    fm: tuple[float, float, float] | None = None
    drop: float = 0.0
    drive: float = 0.0
    vibrato: float = 0.0


VOICES: dict[str, Voice] = {
    "saw bass": Voice("saw", (-4, 4), 0.0, 350, 2.5, 0.14, 0.8, decay=0.4, sustain=0.6),
    "square bass": Voice("square", (0,), 0.0, 500, 1.8, 0.12, 0.4, decay=0.3, sustain=0.65),
    "acid bass": Voice("saw", (0,), 0.0, 320, 3.2, 0.16, 3.0, decay=0.25, sustain=0.4, drive=1.5),
    "sub": Voice("sine", (0,), 0.0, 300, decay=0.6, sustain=0.85, release=0.08, drive=0.8),
    "808": Voice("sine", (0,), 0.0, 300, decay=1.1, sustain=0.25, release=0.12, drop=1.2, drive=2.2),
    "reese": Voice(
        "saw", (-17, 15, -3), 0.5, 420, 0.8, 0.6, 0.5, decay=0.8, sustain=0.85, release=0.08, drive=1.0
    ),
    "square lead": Voice("square", (-3, 3), 0.3, 2600, 1.0, 0.2, 0.3, 0.01, 0.3, 0.75, 0.12, vibrato=8),
    "saw lead": Voice("saw", (-9, 0, 9), 0.5, 2900, 1.2, 0.25, 0.4, 0.008, 0.4, 0.75, 0.15, vibrato=8),
    "supersaw": Voice("saw", (-19, -11, -4, 0, 5, 12, 18), 0.9, 4200, 0.8, 0.4, 0.1, 0.008, 0.5, 0.8, 0.2),
    "pluck": Voice("saw", (-6, 6), 0.6, 700, 3.0, 0.12, 0.7, 0.002, 0.22, 0.06, 0.18),
    "stab": Voice("saw", (-8, 8, 0), 0.6, 900, 2.0, 0.16, 0.6, 0.003, 0.25, 0.25, 0.12),
    "pad": Voice("saw", (-12, -5, 6, 11), 0.9, 900, -1.0, 0.9, 0.2, 0.35, 0.8, 0.85, 0.5),
    "fm": Voice(
        "sine", (-2, 2), 0.4, fm=(1.0, 2.2, 0.35), attack=0.002, decay=0.9, sustain=0.25, release=0.2
    ),
    "strings": Voice("saw", (-9, -3, 4, 10), 0.8, 2200, -0.7, 0.3, 0.0, 0.09, 0.5, 0.85, 0.25, vibrato=5),
    "brass": Voice("saw", (-4, 4), 0.4, 1500, -1.6, 0.09, 0.1, 0.03, 0.4, 0.85, 0.1, vibrato=4),
    "reed": Voice("pulse", (0,), 0.0, 1900, -0.6, 0.08, 0.1, 0.03, 0.3, 0.85, 0.08, vibrato=12),
    "plucked string": Voice("saw", (-2, 2), 0.3, 600, 2.8, 0.25, 0.1, 0.002, 0.6, 0.12, 0.12),
    "mallet": Voice(
        "sine", (0,), 0.0, fm=(3.9, 1.2, 0.08), attack=0.001, decay=0.5, sustain=0.0, release=0.3
    ),
}


@lru_cache(maxsize=32)
def wavetables(shape: str, resonance: float) -> np.ndarray:
    """One period per cutoff, (LEVELS + 1, TABLE) float32: a four-pole low-pass with a bump at the cutoff."""
    harmonic = np.arange(1, TABLE // 2)
    series = {
        "saw": 1.0 / harmonic,
        "square": (harmonic % 2) / harmonic,
        "pulse": np.sin(np.pi * harmonic * 0.27) / harmonic,
        "sine": (harmonic == 1).astype(float),
    }[shape]
    cutoff = 2.0 ** (np.arange(LEVELS + 1) / LEVELS_PER_OCTAVE)[:, None]
    ratio = harmonic / cutoff
    gain = 1.0 / np.sqrt(1.0 + ratio**8) * (1.0 + resonance * np.exp(-((np.log2(ratio) / 0.22) ** 2)))
    spectrum = np.zeros((LEVELS + 1, TABLE // 2 + 1), complex)
    spectrum[:, 1:-1] = -1j * series * gain
    tables = np.fft.irfft(spectrum, TABLE, axis=1)
    return (tables / np.abs(tables[-1]).max()).astype(np.float32)


def envelope(voice: Voice, held: int, total: int) -> np.ndarray:
    """Amplitude over `total` samples of a note held for `held`, float32 0..1."""
    at = np.arange(total, dtype=np.float32) / RATE
    level = voice.sustain + (1.0 - voice.sustain) * np.exp(-at * (3.0 / voice.decay))
    rise = max(1, min(held, int(voice.attack * RATE)))
    level[:rise] *= np.linspace(0.0, 1.0, rise, dtype=np.float32)
    tail = total - held
    level[held:] *= np.exp(-np.arange(tail, dtype=np.float32) * (5.0 / max(1, tail)))
    level[-32:] *= np.linspace(1.0, 0.0, 32, dtype=np.float32)[-total:]
    return level.astype(np.float32)


def cycles_of(voice: Voice, hz: float, total: int, start: float) -> np.ndarray:
    """Phase in cycles over the note: constant pitch, a pitch drop or a late vibrato of `vibrato` cents."""
    at = np.arange(total) / RATE
    cycles = start + hz * at
    if voice.drop:
        fall = 0.02
        cycles += hz * (2.0**voice.drop - 1.0) * fall * (1.0 - np.exp(-at / fall))
    if voice.vibrato:
        depth = hz * voice.vibrato / 1731.0 / (2 * np.pi * 5.3)
        cycles += depth * np.minimum(at / 0.4, 1.0) * np.sin(2 * np.pi * 5.3 * at)
    return cycles


def levels_of(voice: Voice, hz: float, total: int, brightness: float) -> np.ndarray:
    """Start of the wavetable's row for every sample, from the filter envelope."""
    at = np.arange(0, total, CONTROL) / RATE
    octaves = voice.sweep * np.exp(-at / voice.sweep_s) + brightness
    highest = np.log2(HIGHEST_HZ / hz)
    rows = np.minimum(np.log2(voice.cutoff / hz) + octaves, highest) * LEVELS_PER_OCTAVE
    return np.repeat(np.clip(rows, 0, LEVELS).astype(np.int64) * TABLE, CONTROL)[:total]


def play_oscillator(voice: Voice, hz: float, rows: np.ndarray, start: float, brightness: float) -> np.ndarray:
    """One oscillator's samples, float32; rows: from `levels_of`."""
    total = len(rows)
    cycles = cycles_of(voice, hz, total, start)
    if voice.fm is not None:
        ratio, depth, decay = voice.fm
        at = np.arange(total) / RATE
        bend = depth * 2.0**brightness * np.exp(-at / decay) * np.sin(2 * np.pi * ratio * cycles)
        return np.sin(2 * np.pi * cycles + bend).astype(np.float32)
    place = (cycles * TABLE).astype(np.int64) & (TABLE - 1)
    place += rows
    return wavetables(voice.shape, voice.resonance).ravel().take(place)


def play_note(voice: Voice, pitch: int, held: int, velocity: int, rng: np.random.Generator) -> np.ndarray:
    """A note of `held` samples and its release, (2, n) float32."""
    total = held + max(64, int(voice.release * RATE))
    sound = np.zeros((2, total), np.float32)
    brightness = (velocity - 90) / 60.0 + (pitch - 60) / 48.0
    count = len(voice.cents)
    rows = levels_of(voice, 440.0 * 2.0 ** ((pitch - 69) / 12.0), total, brightness)
    for index, cents in enumerate(voice.cents):
        hz = 440.0 * 2.0 ** ((pitch - 69 + cents / 100.0) / 12.0)
        place = voice.width * (2.0 * index / max(1, count - 1) - 1.0) if count > 1 else 0.0
        wave = play_oscillator(voice, hz, rows, rng.random(), brightness)
        sound[0] += wave * np.float32((1.0 - place) / count)
        sound[1] += wave * np.float32((1.0 + place) / count)
    sound *= envelope(voice, held, total) * np.float32((velocity / 127.0) ** 1.5)
    if voice.drive:
        sound = np.tanh(sound * np.float32(1.0 + voice.drive)) / np.float32(1.0 + 0.5 * voice.drive)
    return sound


def vary_voice(voice: Voice, rng: np.random.Generator) -> Voice:
    """The same kind of sound with other settings: no two songs share one."""

    def near(value: float, octaves: float) -> float:
        return value * 2.0 ** rng.uniform(-octaves, octaves)

    return Voice(
        voice.shape,
        tuple(c * near(1.0, 0.5) for c in voice.cents),
        min(1.0, near(voice.width, 0.4)),
        near(voice.cutoff, 0.6),
        voice.sweep * near(1.0, 0.4),
        near(voice.sweep_s, 0.6),
        round(near(voice.resonance, 0.5), 2),
        near(voice.attack, 0.5),
        near(voice.decay, 0.5),
        min(1.0, near(voice.sustain, 0.25)),
        near(voice.release, 0.4),
        None
        if voice.fm is None
        else (voice.fm[0] * float(rng.choice((1, 1, 2))), near(voice.fm[1], 0.5), near(voice.fm[2], 0.5)),
        voice.drop,
        voice.drive * near(1.0, 0.5),
        voice.vibrato,
    )
