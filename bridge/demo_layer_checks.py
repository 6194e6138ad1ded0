"""Checks stems, layers, backings and covers with code of its own: it shares nothing with what it judges.

Reads files back with soundfile, and a WAV's place in the project with a few lines of its own.
"""

import math
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from bridge.demo_checks import SILENT, Check, Span, energy_changed

Floats = NDArray[np.float64]
NOTHING_DB = -300.0  # what is said of a residual that is exactly nothing
RESIDUAL_DB = -90.0
EDGE = 0.01  # most that may be heard on the first and last sample, full scale = 1: -40 dB
STEP_16 = 2.0**-15
REMAINDER = "remainder"


def check_stems(source: Path, stems: Mapping[str, Path], span: Span) -> tuple[list[Check], dict[str, Any]]:
    """The promises of masked stems; figures: what their sum leaves over of the source, and levels."""
    sounds = {name: read_floats(path) for name, path in stems.items()}
    lengths = sorted({len(sound) for sound in sounds.values()})
    part = read_floats(source)[span.lo : span.hi]
    is_long = lengths == [span.hi - span.lo]
    residual = decibels(part - sum(sounds.values())) if is_long else 0.0
    checks = [
        rates(stems.values(), span),
        Check("every stem is as long as the grid says", is_long, f"{lengths}"),
        Check("a remainder comes with the stems", REMAINDER in stems, ", ".join(stems)),
        Check("stems and remainder add up to the source", residual <= RESIDUAL_DB, said_level(residual)),
        *(place_of(path, span, f"{name} says") for name, path in stems.items()),
    ]
    levels = {name: round(rms(sound), 5) for name, sound in sounds.items()}
    return checks, {"residual_dbfs": residual, "stem_rms": levels}


def check_layer(source: Path, take: Path, span: Span) -> tuple[list[Check], dict[str, Any]]:
    """The promises of a layer for a region of a source, delivered alone; figures: how alike both are."""
    layer, part = read_floats(take), read_floats(source)[span.lo : span.hi]
    is_long = len(layer) == span.hi - span.lo
    alike = alike_as(layer, part) if is_long else 0.0
    edge = float(np.max(np.abs(layer[[0, -1]]))) if len(layer) else 1.0
    checks = [
        rates([take], span),
        Check("layer is as long as the grid says", is_long, f"{len(layer)}"),
        place_of(take, span, "layer says"),
        Check(
            "it is silent where the region begins and ends", edge <= EDGE, f"at most {edge:.4f} on its edges"
        ),
        sounding(layer),
    ]
    return checks, {"rms": round(rms(layer), 5), "correlation": round(alike, 3)}


def check_backing(voice: Path, files: tuple[Path, Path], span: Span) -> tuple[list[Check], dict[str, Any]]:
    """The promises of a backing; files: the backing alone, and voice and backing mixed."""
    backing, mix = (read_floats(path) for path in files)
    part = read_floats(voice)[span.lo : span.hi, :2]
    is_long = len(backing) == len(mix) == span.hi - span.lo
    residual = decibels(over_the_sum(mix, part + backing)) if is_long else 0.0
    is_sum = residual <= 20 * math.log10(STEP_16) + 0.01
    checks = [
        rates(files, span),
        Check("backing and mix are as long as the grid says", is_long, f"{len(backing)}, {len(mix)}"),
        place_of(files[0], span, "backing says"),
        Check("the mix is the voice as it was and the backing", is_sum, said_level(residual)),
        sounding(backing),
    ]
    return checks, {"rms": round(rms(backing), 5), "mix_residual_dbfs": residual}


def check_cover(source: Path, take: Path, span: Span) -> tuple[list[Check], dict[str, Any]]:
    """The promises of a cover: its length and place, and that it is something else than the source."""
    cover, part = read_floats(take), read_floats(source)[span.lo : span.hi, :2]
    is_long = len(cover) == span.hi - span.lo
    changed = energy_changed(part, cover) if is_long else 0.0
    checks = [
        rates([take], span),
        Check("cover is as long as the grid says", is_long, f"{len(cover)}"),
        place_of(take, span, "cover says"),
        Check("it is made anew", changed > 0, f"{changed:.1f} % of the source's energy"),
        sounding(cover),
    ]
    return checks, {"rms": round(rms(cover), 5), "energy_changed_percent": round(changed, 2)}


# --- one promise each


def rates(files: Iterable[Path], span: Span) -> Check:
    """Whether every file has the source's rate."""
    found = sorted({soundfile.info(str(path)).samplerate for path in files})
    return Check("sample rate is the source's", found == [span.rate], f"{found}")


def place_of(path: Path, span: Span, who: str) -> Check:
    """Whether a file says itself where in the project it begins."""
    place = time_reference(path)
    return Check(f"{who} itself where it begins", place == span.lo, f"sample {place}")


def sounding(audio: Floats) -> Check:
    """Whether there is something to hear."""
    return Check("there is something to hear", rms(audio) > SILENT, f"RMS {rms(audio):.4f}")


def said_level(level: float) -> str:
    """A residual in words."""
    return "nothing is left over" if level == NOTHING_DB else f"{level:.1f} dBFS is left over"


# --- measuring


def read_floats(path: Path) -> Floats:
    """A file's samples, full scale = 1; (samples, 2 or more channels), mono doubled."""
    audio: Floats = soundfile.read(str(path), dtype="float64", always_2d=True)[0]
    return np.repeat(audio, 2, axis=1) if audio.shape[1] == 1 else audio


def decibels(audio: Floats) -> float:
    """The largest sample in dBFS, one decimal; NOTHING_DB where all are zero."""
    peak = float(np.max(np.abs(audio), initial=0.0))
    return round(20 * math.log10(peak), 1) if peak else NOTHING_DB


def rms(audio: Floats) -> float:
    """Root mean square over all channels; 0 of nothing."""
    return float(np.sqrt(np.mean(audio**2))) if audio.size else 0.0


def over_the_sum(mix: Floats, wanted: Floats) -> Floats:
    """Their difference, but for samples of the sum that no file can hold."""
    return np.where(np.abs(wanted) >= 1 - STEP_16, 0.0, mix - wanted)


def alike_as(one: Floats, other: Floats) -> float:
    """Correlation of two sounds of the same length, -1..1; 0 where one is silent."""
    left, right = one[:, :2].ravel(), other[:, :2].ravel()
    size = float(np.linalg.norm(left) * np.linalg.norm(right))
    return float(left @ right) / size if size else 0.0


def time_reference(path: Path) -> int:
    """The first sample's place by the WAV's bext chunk (EBU Tech 3285); -1 where it has none."""
    content = path.read_bytes()
    at = 12
    while at + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, at)
        if name == b"bext":
            low, high = struct.unpack_from("<II", content, at + 8 + 256 + 32 + 32 + 10 + 8)
            return int(low + (high << 32))
        at += 8 + size + size % 2
    return -1
