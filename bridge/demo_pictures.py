"""Pictures of sound without a drawing library: a waveform as an SVG path, a spectrogram as a PNG."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
COLUMNS, ROWS = 900, 96
WAVE_HEIGHT = 100  # units of the path, from top to bottom
SIZE = 2048  # samples of the transform
LOWEST_HZ, HIGHEST_HZ = 40.0, 16_000.0
DEPTH_DB = 75.0  # from the brightest colour down to the darkest
COLOURS = (
    (8, 10, 20), (24, 22, 66), (62, 31, 114), (118, 38, 126), (178, 52, 110), (226, 88, 78), (248, 150, 62),
    (252, 214, 112), (255, 252, 224),
)  # fmt: skip
"""From silence to loud: ours, even in lightness, so that grey prints keep the order."""


def wave_path(audio: Floats, peak: float) -> str:
    """The lowest and highest sample of every column as one closed SVG path.

    audio: (samples, channels), their mean is drawn.  peak: what fills the height.
    """
    mono = audio.mean(axis=1) / max(peak, 1e-9)
    edges = column_edges(len(mono))
    highs, lows = (at(mono, edges[:-1]) for at in (np.maximum.reduceat, np.minimum.reduceat))
    middle = WAVE_HEIGHT / 2
    top = [f"{x} {middle - middle * y:.1f}" for x, y in enumerate(highs)]
    bottom = [f"{x} {middle - middle * y + 0.6:.1f}" for x, y in enumerate(lows)]
    return f"M{'L'.join([*top, *reversed(bottom)])}Z"


def column_edges(samples: int) -> NDArray[np.int64]:
    """Where the columns begin and end; each has at least one sample unless there are fewer than columns."""
    columns = min(COLUMNS, max(samples, 1))
    return np.linspace(0, samples, columns + 1).astype(np.int64)


def spectrogram(audio: Floats, rate: int, loudest: float) -> bytes:
    """A PNG of COLUMNS x ROWS: time to the right, frequency upwards on a logarithmic scale.

    loudest: the level that gets the brightest colour, from `loudest_band`.
    """
    level = 10 * np.log10(bands(audio, rate) / max(loudest, 1e-20) + 1e-12)
    shade = np.clip(1 + level / DEPTH_DB, 0, 1)
    return write_png(np.round(shade[::-1] * 255).astype(np.uint8), palette())


def loudest_band(audio: Floats, rate: int) -> float:
    """The most energy that any band has in any column."""
    return float(bands(audio, rate).max())


def bands(audio: Floats, rate: int) -> Floats:
    """Mean energy of every band around every column's middle: (ROWS, columns)."""
    mono = np.pad(audio.mean(axis=1), SIZE // 2)
    edges = column_edges(len(audio))
    starts = (edges[:-1] + edges[1:]) // 2
    window = np.hanning(SIZE)
    frames = np.stack([mono[at : at + SIZE] * window for at in starts])
    power = np.abs(np.fft.rfft(frames)) ** 2  # (columns, bins)
    sums = np.pad(np.cumsum(power, axis=1), ((0, 0), (1, 0)))
    hertz = np.geomspace(LOWEST_HZ, min(HIGHEST_HZ, rate / 2), ROWS + 1)
    at_bin = hertz * SIZE / rate + 0.5
    low = np.floor(at_bin).astype(int)
    until = sums[:, low] + (at_bin - low) * (sums[:, np.minimum(low + 1, sums.shape[1] - 1)] - sums[:, low])
    energy: Floats = (np.diff(until, axis=1) / np.diff(at_bin)).T
    return np.maximum(energy, 0.0)


def height_of(hertz: float, rate: int) -> float:
    """Where a frequency lies in the picture: 0 at the bottom, 1 at the top."""
    highest = min(HIGHEST_HZ, rate / 2)
    return float(np.log(hertz / LOWEST_HZ) / np.log(highest / LOWEST_HZ))


def palette() -> NDArray[np.uint8]:
    """256 colours, (256, 3), straight lines between COLOURS."""
    at = np.linspace(0, len(COLOURS) - 1, 256)
    steps = np.arange(len(COLOURS))
    each = [np.interp(at, steps, [colour[channel] for colour in COLOURS]) for channel in range(3)]
    return np.round(np.stack(each, axis=1)).astype(np.uint8)


def write_png(shades: NDArray[np.uint8], colours: NDArray[np.uint8]) -> bytes:
    """An image with a palette; shades: (rows, columns), top row first."""
    rows, columns = shades.shape
    header = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    lines = np.pad(shades, ((0, 0), (1, 0)))  # a filter byte before each line: none
    parts = [(b"IHDR", header), (b"PLTE", colours.tobytes()), (b"IDAT", zlib.compress(lines.tobytes(), 9))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*part) for part in [*parts, (b"IEND", b"")])


def png_chunk(name: bytes, content: bytes) -> bytes:
    """One chunk with its length and checksum."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
