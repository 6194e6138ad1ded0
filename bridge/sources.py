"""The song as the DAW left it: its format, any span of its samples as stored, and a 48 kHz view for the
model.

Knows nothing of jobs, grids or models. A sample is never touched by reading: integers come as integers.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from bridge.bwf import read_time_reference
from protocol.errors import ProtocolError

MODEL_RATE = 48_000  # hertz, stereo: what every model of the family takes
RATE_MIN, RATE_MAX = 8_000, 192_000
ACCEPTED = "WAV (also BWF, WAVEX, RF64), AIFF/AIFC or FLAC with 16, 24, 32 bit integers or 32 bit floats"
CONTAINERS = {"WAV": "wav", "WAVEX": "wavex", "RF64": "rf64", "AIFF": "aiff", "FLAC": "flac"}
SUBTYPES = {"PCM_16": "16", "PCM_24": "24", "PCM_32": "32", "FLOAT": "float"}
DTYPES = {"16": "int16", "24": "int32", "32": "int32", "float": "float32"}
FULL_SCALE = {"int16": 2.0**15, "int32": 2.0**31, "float32": 1.0}  # 24 bit lies in the upper bytes of int32

Audio = NDArray[Any]  # (frames, channels) as stored: int16, int32 or float32


@dataclass(frozen=True, slots=True)
class SourceFormat:
    """What a file is. container: wav wavex rf64 aiff flac; depth: 16 24 32 float; rate: hertz; frames:
    samples a channel; time_reference: BWF's first sample since midnight or None; stamp: (bytes, modified
    ns), to see that it did not change.
    """

    path: Path
    container: str
    depth: str
    rate: int
    channels: int
    frames: int
    time_reference: int | None
    stamp: tuple[int, int]

    @property
    def dtype(self) -> str:
        """numpy's name for the samples as `read_span` gives them."""
        return DTYPES[self.depth]


def read_format(path: Path) -> SourceFormat:
    """Read a file's header. Raises ProtocolError: `no-file`, `no-audio` (naming what is accepted) or `out-
    of-range`.
    """
    if not path.is_file():
        raise ProtocolError("no-file", f"no file at {path}", "source")
    try:
        header = soundfile.info(str(path))
    except soundfile.LibsndfileError as error:
        raise ProtocolError(
            "no-audio", f"{path.name} cannot be read ({error}); accepted: {ACCEPTED}", "source"
        ) from error
    container, depth = CONTAINERS.get(header.format), SUBTYPES.get(header.subtype)
    if container is None or depth is None:
        text = f"{path.name} is {header.format} {header.subtype}; accepted: {ACCEPTED}"
        raise ProtocolError("no-audio", text, "source")
    if not RATE_MIN <= header.samplerate <= RATE_MAX:
        raise ProtocolError(
            "out-of-range", f"sample rate {header.samplerate} is outside {RATE_MIN}..{RATE_MAX} Hz", "source"
        )
    first = read_time_reference(path) if container in ("wav", "wavex", "rf64") else None
    return SourceFormat(
        path, container, depth, header.samplerate, header.channels, header.frames, first, stamp_of(path)
    )


def stamp_of(path: Path) -> tuple[int, int]:
    """Size and time of last change."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def check_unchanged(fmt: SourceFormat) -> None:
    """Raise ProtocolError `no-file` when the file is not the one that was planned with."""
    if not fmt.path.is_file() or stamp_of(fmt.path) != fmt.stamp:
        raise ProtocolError("no-file", f"{fmt.path.name} changed since the job was planned", "source")


def read_span(fmt: SourceFormat, lo: int, hi: int) -> Audio:
    """Samples lo..hi (hi not included) exactly as stored, (hi - lo, channels) of fmt.dtype; zeros outside
    the song.
    """
    out: Audio = np.zeros((hi - lo, fmt.channels), fmt.dtype)
    first, stop = max(lo, 0), min(hi, fmt.frames)
    if first >= stop:
        return out
    try:
        with soundfile.SoundFile(str(fmt.path)) as file:
            file.seek(first)
            read = file.read(stop - first, dtype=fmt.dtype, always_2d=True)
    except soundfile.LibsndfileError as error:
        raise ProtocolError("no-audio", f"{fmt.path.name} cannot be decoded ({error})", "source") from error
    if len(read) != stop - first:
        text = f"{fmt.path.name} ends at sample {first + len(read)}, not {fmt.frames}"
        raise ProtocolError("no-audio", text, "source")
    out[first - lo : stop - lo] = read
    return out


def read_context(fmt: SourceFormat, lo: int, hi: int, tile: int) -> Audio:
    """Samples lo..hi as `read_span`; outside a song that is too short the song itself goes on.

    tile: samples after which it comes again, at most its length; 0: zeros outside.
    """
    if not tile or (lo >= 0 and hi <= fmt.frames):
        return read_span(fmt, lo, hi)
    whole = read_span(fmt, 0, fmt.frames)
    places = np.arange(lo, hi)
    outside = (places < 0) | (places >= fmt.frames)
    return whole[np.where(outside, places % tile, places)]


def to_float(audio: Audio) -> NDArray[np.float64]:
    """Stored samples as floats, full scale = 1.0; exact."""
    return audio.astype(np.float64) / FULL_SCALE[audio.dtype.name]


def to_stereo(audio: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, channels) -> (n, 2): mono doubled, of more than two channels the first two."""
    return np.repeat(audio, 2, axis=1) if audio.shape[1] == 1 else audio[:, :2]


def resample(audio: NDArray[np.float64], rate: int, wanted: int) -> NDArray[np.float64]:
    """(n, channels) at `rate` -> `wanted` hertz by soxr VHQ, linear phase: sample i stays at i / rate."""
    return audio if rate == wanted else np.asarray(soxr.resample(audio, rate, wanted, quality="VHQ"))


def fit(audio: NDArray[np.float64], frames: int) -> NDArray[np.float64]:
    """Cut or zero-padded at its end to `frames` samples; (n, channels) -> (frames, channels)."""
    return np.pad(audio[:frames], ((0, max(0, frames - len(audio))), (0, 0)))


def to_model_audio(fmt: SourceFormat, audio: Audio, frames: int) -> NDArray[np.float32]:
    """Stored samples as the model takes them: float32 (2, frames) at 48 kHz, cut or zero-padded."""
    stereo = resample(to_stereo(to_float(audio)), fmt.rate, MODEL_RATE)
    return np.ascontiguousarray(fit(stereo, frames).T, np.float32)


def model_step(rate: int) -> int:
    """Samples at `rate` after which both clocks meet again: multiples of it are whole samples at 48 kHz
    (147 at 44.1 kHz).
    """
    return rate // gcd(rate, MODEL_RATE)


def model_ratio(rate: int) -> Fraction:
    """48 kHz samples per sample at `rate`."""
    return Fraction(MODEL_RATE, rate)
