"""What goes back to the DAW: the take, the full song and how to make them again.

Law: outside the region every sample is the source's own; in WAV and AIFF every byte. Nothing is ever
overwritten and nothing half-written ever carries a final name.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bridge.bwf import Bext, append_bext
from bridge.chunks import read_layout
from bridge.encode import (
    WAVES,
    NewForm,
    check_form,
    patch_region,
    write_full_flac,
    write_new,
    write_take,
)
from bridge.plan import RepaintPlan
from bridge.publish import Delivery, delivery_into, safe_name
from bridge.sources import MODEL_RATE, Audio, SourceFormat, check_unchanged, fit, read_span, resample
from bridge.splice import RenderedSpan, Seam, Spliced, splice, to_stored

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
    more: takes beyond the first, or all stems.  told: what else the reply says.
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


def deliver_repaint(
    fmt: SourceFormat, plan: RepaintPlan, rendered: RenderedSpan, place: Place, provenance: Mapping[str, Any]
) -> Delivered:
    """Write and publish the take and/or the full song of a repainted region, and their sidecar.

    provenance: what else makes the result reproducible (message, seed, model, weights), as JSON values.
    Raises ProtocolError `no-file` when the source changed since it was planned, OSError when the folder
    cannot be written.
    """
    check_unchanged(fmt)
    spliced = splice(plan, read_span(fmt, plan.window_lo, plan.window_hi), rendered)
    warnings = clip_warnings(spliced.clipped)
    ending = fmt.path.suffix if fmt.path.suffix.lower() in KNOWN else SUFFIXES[fmt.container]
    with delivery_into(place.folder) as delivery:
        files: dict[str, Path] = {}
        if place.which != "full":
            files[f"_take{ending}"] = take = delivery.part()
            bext = bext_for(place, plan.project_lo, "repaint")
            write_take(take, fmt, spliced.audio, bext)
            warnings += early_warnings(fmt, bext)
        if place.which != "take":
            files[f"_full{ending}"], more = write_full(delivery, fmt, plan, spliced.audio, place)
            warnings += more
        main = "_full" if place.which == "full" else "_take"
        files[f"{main}.json"] = sidecar = delivery.part()
        check_unchanged(fmt)  # it may have been replaced while it was copied
        write_sidecar(sidecar, repaint_record(fmt, plan, spliced, warnings), provenance, files)
        named = delivery.publish(result_stem(place, bars_label(plan.start_bars, plan.end_bars)), files)
    return Delivered(
        take=named.get(f"_take{ending}"),
        full=named.get(f"_full{ending}"),
        sidecar=named[f"{main}.json"],
        warnings=warnings,
        lo=plan.lo,
        hi=plan.hi,
        left=spliced.left,
        right=spliced.right,
    )


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


def write_full(
    delivery: Delivery, fmt: SourceFormat, plan: RepaintPlan, audio: Audio, place: Place
) -> tuple[Path, tuple[str, ...]]:
    """The whole song with its region replaced, as a part, and warnings."""
    path = delivery.part()
    if fmt.container == "flac":
        kept = write_full_flac(delivery.part(), path, fmt, plan, audio)
        return path, () if kept else ("the full song lost its tags: a foreign tag precedes its FLAC stream",)
    shutil.copyfile(fmt.path, path)
    patch_region(path, fmt, plan.lo, audio)
    bext, layout = bext_for(place, plan.source_start, "repaint"), read_layout(path)
    if fmt.container not in WAVES or layout.find(b"bext") or bext is None:
        return path, early_warnings(fmt, bext) if fmt.time_reference is None else ()
    added = append_bext(path, layout, bext)
    return path, () if added else ("the full song got no bext: its WAV form does not end with the file",)


def repaint_record(
    fmt: SourceFormat, plan: RepaintPlan, spliced: Spliced, warnings: tuple[str, ...]
) -> dict[str, Any]:
    """What the bridge did, as JSON values."""
    source = {**asdict(fmt), "path": str(fmt.path), "stamp": list(fmt.stamp)}
    numbers = {**asdict(plan), "window_start_s": str(plan.window_start_s)}
    seams = {"left": asdict(spliced.left), "right": asdict(spliced.right)}
    return {"source": source, "plan": numbers, "seams": seams, "warnings": list(warnings)}


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
    """Write and publish a generated song; audio: float32 (2, n) at 48 kHz, at least as long as the form."""
    check_form(form)
    at_rate = fit(resample(audio.T.astype(np.float64), MODEL_RATE, form.rate), form.samples)
    dtype = {"16": "int16", "float": "float32"}.get(form.depth, "int32")
    numbers, clipped = to_stored(at_rate, dtype, form.depth)
    warnings = clip_warnings(clipped)
    none = Seam(0.0, 0, "none", 0.0)
    ending = f"_take{SUFFIXES[form.container]}"
    with delivery_into(place.folder) as delivery:
        files = {ending: delivery.part(), "_take.json": delivery.part()}
        write_new(files[ending], numbers, form, bext_for(place, form.time_reference, "song"))
        record = {"form": asdict(form), "warnings": list(warnings)}
        write_sidecar(files["_take.json"], record, provenance, files)
        named = delivery.publish(result_stem(place, form.bars), files)
    return Delivered(named[ending], None, named["_take.json"], warnings, 0, form.samples, none, none)
