"""A drum machine and noise sweeps in numpy: every hit is a falling tone plus a band of decaying noise."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.signal import butter, sosfilt

from .synth import RATE


@dataclass(frozen=True, slots=True)
class Hit:
    """hz: tone at rest; bend: octaves it starts above, falling within `bend_s`; tone, noise: their levels
    and decay
    times in seconds; band: Hz range of the noise; bursts: the noise's repeats, 11 ms apart."""

    hz: float = 0.0
    bend: float = 0.0
    bend_s: float = 0.02
    tone: float = 0.0
    tone_s: float = 0.1
    noise: float = 0.0
    noise_s: float = 0.1
    band: tuple[float, float] = (1000.0, 16000.0)
    bursts: int = 1
    metal: float = 0.0


KICK = Hit(52, 2.2, 0.025, 1.0, 0.22, 0.08, 0.01, (1500, 9000))
TOM = Hit(110, 0.6, 0.05, 0.8, 0.22, 0.08, 0.03, (600, 5000))
HAND = Hit(220, 0.25, 0.02, 0.6, 0.12, 0.12, 0.02, (900, 6000))
HITS: dict[int, Hit] = {
    36: KICK,
    37: Hit(820, 0.2, 0.005, 0.4, 0.02, 0.35, 0.02, (1800, 9000)),
    38: Hit(190, 0.6, 0.015, 0.5, 0.1, 0.6, 0.14, (1200, 14000)),
    39: Hit(noise=0.8, noise_s=0.11, band=(900, 7000), bursts=3),
    42: Hit(noise=0.35, noise_s=0.035, band=(7000, 18000), metal=0.25),
    44: Hit(noise=0.25, noise_s=0.025, band=(6000, 16000), metal=0.2),
    46: Hit(noise=0.35, noise_s=0.22, band=(6500, 18000), metal=0.3),
    49: Hit(noise=0.5, noise_s=0.8, band=(3500, 18000), metal=0.35),
    51: Hit(noise=0.2, noise_s=0.35, band=(5000, 16000), metal=0.5),
    53: Hit(noise=0.1, noise_s=0.3, band=(5000, 14000), metal=0.6),
    48: replace(TOM, hz=170),
    47: replace(TOM, hz=140),
    45: replace(TOM, hz=115),
    43: replace(TOM, hz=90),
    54: Hit(noise=0.4, noise_s=0.06, band=(6000, 17000), bursts=2, metal=0.3),
    56: Hit(560, 0, 0.01, 0.5, 0.09, metal=0.3),
    60: replace(HAND, hz=330),
    61: replace(HAND, hz=240),
    62: replace(HAND, hz=280, tone_s=0.05),
    63: replace(HAND, hz=230),
    64: replace(HAND, hz=160, tone_s=0.2),
    65: replace(HAND, hz=400, tone_s=0.18),
    67: Hit(1200, 0, 0.01, 0.4, 0.12),
    68: Hit(850, 0, 0.01, 0.4, 0.12),
    69: Hit(noise=0.4, noise_s=0.03, band=(5000, 15000)),
    73: Hit(noise=0.4, noise_s=0.09, band=(2500, 8000), bursts=4),
    75: Hit(2500, 0, 0.01, 0.5, 0.03),
    76: Hit(1400, 0.1, 0.01, 0.5, 0.03),
    81: Hit(4200, 0, 0.01, 0.3, 0.5),
    82: Hit(noise=0.4, noise_s=0.04, band=(5500, 16000)),
}
KITS = {  # (tone decay, noise decay, kick Hz) factors
    "analog kit": (1.0, 1.0, 1.0),
    "house kit": (0.8, 0.9, 1.05),
    "trap kit": (1.5, 0.8, 0.92),
}
RISER, IMPACT, FALL = 36, 48, 60


def band_noise(count: int, band: tuple[float, float], rng: np.random.Generator) -> np.ndarray:
    """White noise through a second-order band-pass, about unit peak."""
    filters = butter(2, (band[0], min(band[1], RATE * 0.45)), "band", fs=RATE, output="sos")
    return sosfilt(filters, rng.standard_normal(count)) * 0.8


def ring_metal(count: int) -> np.ndarray:
    """Six square waves in inharmonic ratios, the cymbal of early machines."""
    at = np.arange(count) / RATE
    ratios = (1.0, 1.342, 1.2312, 1.6532, 1.9523, 2.1523)
    cluster = sum(np.sign(np.sin(2 * np.pi * 3950.0 * r * at)) for r in ratios) / 6
    return sosfilt(butter(2, 6500, "high", fs=RATE, output="sos"), cluster)


def strike(hit: Hit, rng: np.random.Generator) -> np.ndarray:
    """One hit at full level, mono float32."""
    last = max(hit.tone_s * (hit.tone > 0), hit.noise_s * (hit.noise > 0 or hit.metal > 0)) * 5 + 0.01
    count = int(RATE * min(last, 2.5))
    at = np.arange(count) / RATE
    sound = np.zeros(count)
    if hit.tone:
        cycles = hit.hz * (at + (2.0**hit.bend - 1.0) * hit.bend_s * (1.0 - np.exp(-at / hit.bend_s)))
        sound += hit.tone * np.sin(2 * np.pi * cycles) * np.exp(-at / hit.tone_s)
    if hit.noise:
        decay = np.zeros(count)
        for burst in range(hit.bursts):
            delay = burst * 0.011
            speed = hit.noise_s if burst == hit.bursts - 1 else 0.006
            decay = np.maximum(decay, (at >= delay) * np.exp(-np.maximum(at - delay, 0) / speed))
        sound += hit.noise * band_noise(count, hit.band, rng) * decay
    if hit.metal:
        sound += hit.metal * ring_metal(count) * np.exp(-at / max(hit.noise_s, 0.02))
    sound[-64:] *= np.linspace(1, 0, 64)
    return sound.astype(np.float32)


def vary_hit(pitch: int, kit: str, rng: np.random.Generator) -> Hit:
    """A kit's version of a hit with settings of its own."""
    hit = HITS.get(pitch, HAND)
    tone, noise, kick = KITS[kit]
    hz = hit.hz * 2 ** rng.uniform(-0.12, 0.12) * (kick if pitch == 36 else 1.0)
    return replace(
        hit,
        hz=hz,
        tone_s=hit.tone_s * tone * 2 ** rng.uniform(-0.5, 0.5),
        noise_s=hit.noise_s * noise * 2 ** rng.uniform(-0.4, 0.4),
        bend=hit.bend * rng.uniform(0.8, 1.2),
    )


def sweep_noise(pitch: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """A riser, an impact or a fall of `count` samples, mono float32."""
    at = np.linspace(0.0, 1.0, count)
    if pitch == IMPACT:
        boom = np.sin(2 * np.pi * 45 * (at * count / RATE + 0.05 * (1 - np.exp(-at * count / RATE / 0.05))))
        return ((boom + band_noise(count, (80, 2500), rng)) * np.exp(-5 * at)).astype(np.float32)
    rising = at if pitch == RISER else 1.0 - at
    bands = ((300, 900), (900, 2700), (2700, 7000), (7000, 16000))
    sound = sum(
        band_noise(count, band, rng) * np.exp(-((rising * 3.0 - index) ** 2))
        for index, band in enumerate(bands)
    )
    return (sound * rising**1.5 * np.minimum(1.0, (1.0 - at) * 60)).astype(np.float32)
