"""Bus effects on stereo stems: a room per song, tilt, echo and saturation; loudness of what sounds."""

import numpy as np
from scipy import fft
from scipy.ndimage import uniform_filter1d

RATE = 48_000
BLOCK = 2400  # samples: 50 ms, for loudness
SILENCE_DB = -40.0  # below the loudest block: not sounding


def room_response(seconds: float, rng: np.random.Generator) -> np.ndarray:
    """Impulse response of a room with a reverberation time of `seconds`, (2, n) float32 of unit energy.

    Bright noise dies three times as fast as dark noise; a pre-delay keeps onsets clear.
    """
    count = int(RATE * min(seconds, 3.0))
    delay = int(RATE * rng.uniform(0.004, 0.025))
    at = np.arange(count) / RATE
    noise = rng.standard_normal((2, count))
    dark = np.cumsum(noise - np.mean(noise, axis=1, keepdims=True), axis=1)
    dark = (dark[:, 24:] - dark[:, :-24]) / 5.0  # a moving average of 24 samples
    fall = 6.9 / seconds
    tail = noise * np.exp(-3.0 * fall * at)
    tail[:, :-24] += dark * np.exp(-fall * at[:-24])
    tail = np.pad(tail, ((0, 0), (delay, 0)))
    return (tail / np.sqrt(np.sum(tail**2) / 2)).astype(np.float32)


def tilt_gains(count: int, tilt_db: float) -> np.ndarray:
    """Gains of `count` spectral bins up to half the rate: tilt_db / 2 up above 1 kHz, as much down below."""
    hz = np.linspace(1.0, RATE / 2, count, dtype=np.float32)
    slope = np.tanh(np.log2(hz / 1000.0) / 2.5)
    return (10.0 ** (tilt_db / 40.0 * slope)).astype(np.float32)


def add_room(sound: np.ndarray, spectrum: np.ndarray, size: int, send: float, tilt_db: float) -> np.ndarray:
    """The stem tilted, with `send` of its mono sum in the room; sound
    (2, n), spectrum of the room (2, bins).
    """
    bins = fft.rfft(sound, size, axis=1)
    if send > 0.0:
        mono = (bins[0] + bins[1]) * np.float32(0.5 * send)
        bins += mono * spectrum
    if tilt_db:
        bins *= tilt_gains(bins.shape[1], tilt_db)
    return fft.irfft(bins, size, axis=1)[:, : sound.shape[1]]


def add_echo(sound: np.ndarray, delay: int, level: float) -> np.ndarray:
    """The stem with three repeats `delay` samples apart, crossing sides."""
    wet = sound.copy()
    for repeat in range(1, 4):
        shift, gain = repeat * delay, np.float32(level**repeat)
        if shift < sound.shape[1]:
            wet[:, shift:] += gain * (sound[::-1] if repeat % 2 else sound)[:, :-shift]
    return wet


def saturate(sound: np.ndarray, drive: float) -> np.ndarray:
    """Soft clipping: drive 0 = none, 1 = audible on peaks of a stem at full scale."""
    if drive <= 0.0:
        return sound
    return np.tanh(sound * np.float32(drive)) / np.float32(drive)


def squeeze(sound: np.ndarray, ratio: float = 2.5) -> np.ndarray:
    """A gentle compressor: what is louder than the stem's own mean is turned down; sound (2, n)."""
    step = 480
    count = -(-sound.shape[1] // step)
    power = np.zeros(count * step, np.float32)
    power[: sound.shape[1]] = (sound**2).sum(axis=0)
    level = uniform_filter1d(power.reshape(count, step).mean(axis=1), 9, mode="nearest")
    sounding = level > level.max(initial=0.0) * 10 ** (SILENCE_DB / 10)
    if not sounding.any():
        return sound
    over = np.maximum(level / level[sounding].mean(), 0.25)
    gain = over ** (0.5 / ratio - 0.5)
    return sound * np.interp(np.arange(sound.shape[1]), np.arange(count) * step + step / 2, gain).astype(
        np.float32
    )


def active_level(sound: np.ndarray) -> float:
    """RMS of the 50 ms blocks that sound, 0 for silence; sound (2, n)."""
    usable = sound.shape[1] // BLOCK * BLOCK
    blocks = sound[:, :usable].reshape(2, -1, BLOCK) if usable else sound[:, None]
    power = np.einsum("cbn,cbn->b", blocks, blocks) / (2 * blocks.shape[2])
    loudest = power.max(initial=0.0)
    if loudest <= 0.0:
        return 0.0
    return float(np.sqrt(power[power > loudest * 10 ** (SILENCE_DB / 10)].mean()))


def pan_gains(pan: float) -> np.ndarray:
    """Gains of left and right for a balance of -1..1, (2, 1): the far
    side is turned down, never the near one.
    """
    return np.array([[min(1.0, 1.0 - pan)], [min(1.0, 1.0 + pan)]], np.float32)
