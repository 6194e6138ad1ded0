"""What goes back to the DAW: the take, the full song and how to make them again.

Law: outside the region every sample is the source's own; in WAV and AIFF every byte. Nothing is ever
overwritten and nothing half-written ever carries a final name.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bridge.bwf import Bext
from bridge.encode import (
    WAVES,
    NewForm,
    check_form,
    write_new,
)
from bridge.publish import delivery_into, safe_name
from bridge.sources import MODEL_RATE, SourceFormat, fit, resample
from bridge.splice import Seam, to_stored

SUFFIXES = {"wav": ".wav", "wavex": ".wav", "rf64": ".wav", "aiff": ".aiff", "flac": ".flac"}
KNOWN = (".wav", ".wave", ".bwf", ".rf64", ".aif", ".aiff", ".aifc", ".flac")  # endings that are kept
Which = Literal["take", "full", "both"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a result goes. stem: the song's name; job: the client's id; when: for the files' dates."""

    folder: Path
    stem: str
    job: str
    when: datetime
    which: Which = "both"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was published. lo, hi: the region in source samples; left, right: gains and fades as applied;
    more: takes beyond the first, or all stems.  lyrics: files of timed lyrics.  told: what else the reply
    says.
    """

    take: Path | None
    full: Path | None
    sidecar: Path
    warnings: tuple[str, ...]
    lo: int
    hi: int
    left: Seam
    right: Seam
    more: tuple[Path, ...] = ()
    told: Mapping[str, Any] = field(default_factory=dict)
    lyrics: tuple[Path, ...] = ()


def clip_warnings(clipped: int) -> tuple[str, ...]:
    """Whether integers had to be cut. Scaling instead would move the level against the song around it."""
    return (f"{clipped} values were above full scale and clipped",) if clipped else ()


def early_warnings(fmt: SourceFormat, bext: Bext | None) -> tuple[str, ...]:
    """Whether a WAV went without a time reference."""
    early = fmt.container in WAVES and bext is None
    return ("a file starts before the project, which bext cannot say: it has none",) if early else ()


def bars_label(start: str, end: str) -> str:
    """Where a region lies, for a file name: bars5-9, or bars5.3.480-9.1.0 when it is not on bar lines."""
    places = [text.removesuffix("|1|0") for text in (start, end)]
    if any("|" in text for text in places):
        places = [start, end]
    return "bars" + "-".join(text.replace("|", ".") for text in places)


def result_stem(place: Place, bars: str) -> str:
    """<song>_<bars>_<job>, safe for any file system."""
    job = safe_name(place.job, 40)
    return f"{safe_name(place.stem, 100)}_{safe_name(bars, 40)}_{job}"


def bext_for(place: Place, time_reference: int, task: str) -> Bext | None:
    """bext of a result whose first sample lies there in the project; None before its start, which no bext
    can say.
    """
    if time_reference < 0:
        return None
    return Bext(f"Barline {task}, job {place.job}", place.job, place.when, time_reference)


def write_sidecar(
    path: Path, record: Mapping[str, Any], provenance: Mapping[str, Any], files: Mapping[str, Path]
) -> None:
    """JSON: the provenance, what the bridge did, and the SHA-256 of each audio file by its ending."""
    sums = {ending: digest(part) for ending, part in files.items() if part != path}
    whole = {"provenance": dict(provenance), "bridge": dict(record), "sha256": sums}
    path.write_text(json.dumps(whole, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    total = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            total.update(block)
    return total.hexdigest()


def deliver_new(
    audio: NDArray[np.float32], form: NewForm, place: Place, provenance: Mapping[str, Any]
) -> Delivered:
    """Write and publish a generated song; audio: float32 (2, n) at 48 kHz, at least as long as the form, or
    several takes of it, (k, 2, n).
    """
    check_form(form)
    takes = audio[None] if audio.ndim == 2 else audio
    dtype = {"16": "int16", "float": "float32"}.get(form.depth, "int32")
    bext, warnings = bext_for(place, form.time_reference, "song"), tuple[str, ...]()
    none = Seam(0.0, 0, "none", 0.0)
    endings = [f"{name}{SUFFIXES[form.container]}" for name in take_names(1, len(takes))]
    with delivery_into(place.folder) as delivery:
        files = {ending: delivery.part() for ending in endings}
        for ending, take in zip(endings, takes, strict=True):
            at_rate = fit(resample(take.T.astype(np.float64), MODEL_RATE, form.rate), form.samples)
            numbers, clipped = to_stored(at_rate, dtype, form.depth)
            warnings += clip_warnings(clipped)
            write_new(files[ending], numbers, form, bext)
        files["_take.json"] = delivery.part()
        record = {"form": asdict(form), "warnings": list(warnings)}
        write_sidecar(files["_take.json"], record, provenance, files)
        named = delivery.publish(result_stem(place, form.bars), files)
    first, *more = (named[ending] for ending in endings)
    sidecar = named["_take.json"]
    return Delivered(first, None, sidecar, warnings, 0, form.samples, none, none, tuple(more))


def take_names(regions: int, takes: int) -> list[str]:
    """How the files of a job's takes end: _take alone, or with the region's and the take's number."""
    return [
        "_take" + (f"-r{region}" if regions > 1 else "") + (f"-{take}" if takes > 1 else "")
        for region in range(1, regions + 1)
        for take in range(1, takes + 1)
    ]
