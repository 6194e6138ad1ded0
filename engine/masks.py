"""A source parted by what a model believes its stems to sound like: soft masks on its own spectrum.

Arrays only. The phase of a stem is the source's; what no stem claims is left over.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.config import AceStepConfig

Floats = NDArray[np.float64]
Spectra = NDArray[np.complex128]
TINY = 1e-12
LOW_HZ, HIGH_HZ = 150.0, 500.0  # between them the power goes over from low_power to power


@dataclass(frozen=True, slots=True)
class MaskRule:
    """How estimated magnitudes become shares: each times `gain`, to the power of `power`.

    A model that samples one guess of a stem is taken at its word (1, 1). One that tells the mean of the log
    magnitudes that fit is lower than the stem and knows not which of them is there: a smaller power says so.
    low_power: below 150 Hz, where fewer stems meet; None: as above.  mid_side: shares of the middle and of
    the sides, for models that estimate those.  rivals: classes that are estimated beside those asked for,
    since a share is only as good as what it is a share of.
    """

    power: float = 1.0
    gain: float = 1.0
    low_power: float | None = None
    mid_side: bool = False
    rivals: tuple[str, ...] = ()


PLAIN = MaskRule()


def rule_of(config: AceStepConfig) -> MaskRule:
    """The rule of a checkpoint."""
    return MaskRule(
        config.default_mask_power,
        config.default_mask_gain,
        config.default_mask_low_power,
        config.default_mask_mid_side,
        config.default_mask_rivals,
    )


def with_rivals(stems: tuple[str, ...], rule: MaskRule) -> tuple[str, ...]:
    """What is to be estimated for masks of these stems: they, then their rivals."""
    return (*stems, *(rival for rival in rule.rivals if rival not in stems))


def part_source(
    source: Floats, estimates: Floats, rule: MaskRule = PLAIN, rate: int = 48_000, wanted: int | None = None
) -> Floats:
    """Stems (k, n, channels) of a source (n, channels) at `rate` Hz, from estimates (>= k, n, channels).

    wanted: k; the estimates behind those only compete.  None: all.
    A stem's mask is its share of all estimated magnitudes; where they sum to less than the source has, of
    the source's. So masks never sum to more than 1, and one estimate alone takes no more than there is.
    """
    count = len(estimates) if wanted is None else wanted
    turned = rule.mid_side and source.shape[1] == 2
    stems = np.empty((count, *source.shape))
    for channel in range(source.shape[1]):
        one, guesses = (side_of(x, channel) if turned else x[..., channel] for x in (source, estimates))
        stems[:, :, channel] = part_channel(one, guesses, (rule, rate, count))
    return np.stack((stems.sum(2), stems[:, :, 0] - stems[:, :, 1]), axis=2) if turned else stems


def side_of(audio: Floats, channel: int) -> Floats:
    """The middle (0) or the sides (1) of (..., 2) audio."""
    side: Floats = (audio[..., 0] + (1 - 2 * channel) * audio[..., 1]) / 2
    return side


def part_channel(source: Floats, estimates: Floats, how: tuple[MaskRule, int, int]) -> Floats:
    """Stems (k, n) of one channel (n,); how: the rule, the rate in Hz, and k."""
    rule, rate, count = how
    padded, window, hop = framing(len(source))
    spectrum = transform(source, padded, window, hop)
    power = powers(rule, len(window), rate)
    whole, sizes = np.zeros(spectrum.shape), []
    for estimate in estimates:
        size = (rule.gain * np.abs(transform(estimate, padded, window, hop))) ** power
        whole += size
        if len(sizes) < count:
            sizes.append(size)
    whole = np.maximum(np.maximum(whole, np.abs(spectrum) ** power), TINY)
    return np.stack([restore(spectrum * (size / whole), len(source), window, hop) for size in sizes])


def powers(rule: MaskRule, size: int, rate: int) -> Floats:
    """The power in each of the size / 2 + 1 bins."""
    low = rule.power if rule.low_power is None else rule.low_power
    hz = np.fft.rfftfreq(size, 1 / rate)
    above = np.log(np.maximum(hz, LOW_HZ) / LOW_HZ) / np.log(HIGH_HZ / LOW_HZ)
    bins: Floats = low + (rule.power - low) * np.minimum(above, 1.0)
    return bins


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
