"""What goes back of repainted regions: their takes, the whole song with the first take of each, a sidecar.

Law: outside the regions every sample is the source's own; in WAV and AIFF every byte.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bridge.bwf import append_bext
from bridge.chunks import read_layout
from bridge.delivery import (
    KNOWN,
    SUFFIXES,
    Delivered,
    Place,
    bars_label,
    bext_for,
    clip_warnings,
    early_warnings,
    result_stem,
    take_names,
    write_sidecar,
)
from bridge.encode import WAVES, Patches, patch_region, write_full_flac, write_longer, write_take
from bridge.plan import RepaintPlan
from bridge.publish import Delivery, delivery_into
from bridge.sources import SourceFormat, check_unchanged, read_span
from bridge.splice import RenderedSpan, Spliced, splice


@dataclass(frozen=True, slots=True)
class Painted:
    """A region and what was rendered for it, one span a take."""

    plan: RepaintPlan
    takes: Sequence[RenderedSpan]


def deliver_repaint(
    fmt: SourceFormat, plan: RepaintPlan, rendered: RenderedSpan, place: Place, provenance: Mapping[str, Any]
) -> Delivered:
    """`deliver_regions` for one take of one region."""
    return deliver_regions(fmt, [Painted(plan, [rendered])], place, provenance)


def deliver_regions(
    fmt: SourceFormat, regions: Sequence[Painted], place: Place, provenance: Mapping[str, Any]
) -> Delivered:
    """Write and publish the takes and/or the full song, and their sidecar. Every region has as many takes.

    provenance: what else makes the result reproducible (message, seed, model, weights), as JSON values.
    Raises ProtocolError `no-file` when the source changed since it was planned, OSError when the folder
    cannot be written.
    """
    check_unchanged(fmt)
    made = [splice_takes(fmt, painted) for painted in regions]
    warnings = clip_warnings(sum(take.clipped for takes in made for take in takes))
    ending = fmt.path.suffix if fmt.path.suffix.lower() in KNOWN else SUFFIXES[fmt.container]
    names = [f"{name}{ending}" for name in take_names(len(made), len(made[0]))]
    plans = [painted.plan for painted in regions]
    with delivery_into(place.folder) as delivery:
        files: dict[str, Path] = {}
        if place.which != "full":
            warnings += write_takes(fmt, plans, made, place, (files, delivery, names))
        if place.which != "take":
            files[f"_full{ending}"], more = write_full(
                delivery, fmt, plans, [takes[0] for takes in made], place
            )
            warnings += more
        main = "_full" if place.which == "full" else "_take"
        files[f"{main}.json"] = sidecar = delivery.part()
        check_unchanged(fmt)  # it may have been replaced while it was copied
        write_sidecar(sidecar, repaint_record(fmt, plans, made, warnings), provenance, files)
        label = bars_label(plans[0].start_bars, plans[0].end_bars)
        named = delivery.publish(result_stem(place, label), files)
    takes = tuple(named[name] for name in names if name in named)
    first = made[0][0]
    return Delivered(
        take=takes[0] if takes else None,
        full=named.get(f"_full{ending}"),
        sidecar=named[f"{main}.json"],
        warnings=warnings,
        lo=plans[0].lo,
        hi=plans[0].hi,
        left=first.left,
        right=first.right,
        more=takes[1:],
    )


def splice_takes(fmt: SourceFormat, painted: Painted) -> list[Spliced]:
    """Every take of a region, laid into it."""
    before = read_span(fmt, painted.plan.window_lo, painted.plan.window_hi)
    return [splice(painted.plan, before, take) for take in painted.takes]


def write_takes(
    fmt: SourceFormat,
    plans: Sequence[RepaintPlan],
    made: Sequence[Sequence[Spliced]],
    place: Place,
    out: tuple[dict[str, Path], Delivery, list[str]],
) -> tuple[str, ...]:
    """Writes every take as a part; out: where the parts are put down, what gives them, and their endings."""
    files, delivery, names = out
    takes = [(plan, take) for plan, several in zip(plans, made, strict=True) for take in several]
    warnings: tuple[str, ...] = ()
    for name, (plan, take) in zip(names, takes, strict=True):
        files[name] = part = delivery.part()
        bext = bext_for(place, plan.project_lo, "repaint")
        write_take(part, fmt, take.audio, bext)
        warnings = warnings or early_warnings(fmt, bext)
    return warnings


def write_full(
    delivery: Delivery,
    fmt: SourceFormat,
    plans: Sequence[RepaintPlan],
    takes: Sequence[Spliced],
    place: Place,
) -> tuple[Path, tuple[str, ...]]:
    """The whole song with its regions replaced, as a part, and warnings."""
    path = delivery.part()
    patches: Patches = [(plan.lo, take.audio) for plan, take in zip(plans, takes, strict=True)]
    span = full_span(fmt, plans)
    bext = bext_for(place, plans[0].source_start + span[0], "repaint")
    if span != (0, fmt.frames):
        write_longer(path, fmt, patches, span, bext)
        return path, (*early_warnings(fmt, bext), "the full song is longer than the source: it lost its tags")
    if fmt.container == "flac":
        kept = write_full_flac(delivery.part(), path, fmt, patches)
        return path, () if kept else ("the full song lost its tags: a foreign tag precedes its FLAC stream",)
    shutil.copyfile(fmt.path, path)
    for lo, audio in patches:
        patch_region(path, fmt, lo, audio)
    layout = read_layout(path)
    if fmt.container not in WAVES or layout.find(b"bext") or bext is None:
        return path, early_warnings(fmt, bext) if fmt.time_reference is None else ()
    added = append_bext(path, layout, bext)
    return path, () if added else ("the full song got no bext: its WAV form does not end with the file",)


def full_span(fmt: SourceFormat, plans: Sequence[RepaintPlan]) -> tuple[int, int]:
    """What the full song holds, source samples: all of the source, and regions that reach past it."""
    return min(0, *(plan.lo for plan in plans)), max(fmt.frames, *(plan.hi for plan in plans))


def repaint_record(
    fmt: SourceFormat,
    plans: Sequence[RepaintPlan],
    made: Sequence[Sequence[Spliced]],
    warnings: tuple[str, ...],
) -> dict[str, Any]:
    """What the bridge did, as JSON values; plan and seams are the first region's and its first take's."""
    source = {**asdict(fmt), "path": str(fmt.path), "stamp": list(fmt.stamp)}
    regions = [
        {"plan": plan_record(plan), "seams": [seams_record(take) for take in takes]}
        for plan, takes in zip(plans, made, strict=True)
    ]
    first = {"plan": regions[0]["plan"], "seams": seams_record(made[0][0])}
    return {"source": source, **first, "regions": regions, "warnings": list(warnings)}


def plan_record(plan: RepaintPlan) -> dict[str, Any]:
    """A region's numbers."""
    return {**asdict(plan), "window_start_s": str(plan.window_start_s)}


def seams_record(take: Spliced) -> dict[str, Any]:
    """What was done at both ends of a take."""
    return {"left": asdict(take.left), "right": asdict(take.right)}
