"""The way of an align job: source, region and lyrics -> the engine's alignment -> lyrics files."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from bridge.align_frames import lines_of
from bridge.delivery import Delivered, Place, bars_label, result_stem, write_sidecar
from bridge.grid import Grid, bars_text, build_grid, local_bpm, meter_at, phases, sample_at
from bridge.journey import SIGNATURES, Journey, Order, Route, Setting, find_source, seconds_text
from bridge.lyrics.formats import FORMATS, written
from bridge.lyrics.lrc_read import WORD, merge_lrc
from bridge.lyrics.old import read_old
from bridge.lyrics.ruler import Ruler
from bridge.lyrics.values import TimedLine, moved
from bridge.pipe import Array, Frame
from bridge.plan import FRAME, Region, check_length, region_in_source
from bridge.publish import delivery_into
from bridge.sources import MODEL_RATE, SourceFormat, check_unchanged, read_format, read_span, to_model_audio
from bridge.splice import Seam
from engine.alignment.words import split_lines
from protocol.errors import ProtocolError
from protocol.lyric_tasks import Align, AlignDone
from protocol.values import Seconds

MERGED = "merged"
NO_SEAM = Seam(0.0, 0, "none", 0.0)


@dataclass(frozen=True, slots=True)
class AlignPlan:
    """Samples lo..hi of a source at `rate` are what is listened to.

    project_lo, source_start: where they and the file begin in the project, samples at `rate`.  old: the text
    of the LRC to merge into, as it was when the job was planned; None for none.
    """

    rate: int
    lo: int
    hi: int
    project_lo: int
    source_start: int
    start_bars: str
    end_bars: str
    bpm: float
    meter: str
    old: str | None = None

    @property
    def model_samples(self) -> int:
        """How long that is at 48 kHz, rounded up."""
        return -(-(self.hi - self.lo) * MODEL_RATE // self.rate)

    @property
    def region(self) -> tuple[Fraction, Fraction]:
        """The same span in project seconds."""
        return Fraction(self.project_lo, self.rate), Fraction(self.project_lo + self.hi - self.lo, self.rate)


# --- before the engine


def plan_align_job(setting: Setting, order: Order) -> Route:
    """Raises ProtocolError for whatever can be known to be wrong before it is tried."""
    request: Align = order.request
    project = order.project
    if "align" in setting.cannot:
        raise ProtocolError("no-task", setting.cannot["align"])
    if all(line.is_tag for line in split_lines(request.lyrics)):
        raise ProtocolError("out-of-range", "lyrics hold no line that is sung", "lyrics")
    old = read_old(setting.roots, request.merge, request.relative)
    grid = build_grid(project.tempo, project.meter, project.sample_rate)
    source = read_format(find_source(setting, request.source))
    plan = plan_span(source, grid, region_of(request, order, source, grid))
    check_length(Fraction(plan.hi - plan.lo, plan.rate), setting.rule.max_window_s)
    return Route(order, grid, replace(plan, old=old), source)


def region_of(request: Align, order: Order, source: SourceFormat, grid: Grid) -> Region:
    """The region a request names; what it leaves out is the source's own end."""
    at = order.project.source_start if request.source_start is None else request.source_start
    first = sample_at(grid, at, source.rate)
    start = Seconds(Fraction(first, source.rate)) if request.start is None else request.start
    end = Seconds(Fraction(first + source.frames, source.rate)) if request.end is None else request.end
    return Region(start, end, at)


def plan_span(source: SourceFormat, grid: Grid, region: Region) -> AlignPlan:
    """A region in samples. Raises ProtocolError when it is empty or not in the source."""
    first = sample_at(grid, region.source_start, source.rate)
    lo, hi = region_in_source(source, grid, region, first)
    meter = meter_at(grid, region.start)
    return AlignPlan(
        rate=source.rate,
        lo=lo,
        hi=hi,
        project_lo=lo + first,
        source_start=first,
        start_bars=bars_text(grid, region.start),
        end_bars=bars_text(grid, region.end),
        bpm=local_bpm(grid, region.start),
        meter=f"{meter.numerator}/{meter.denominator}",
    )


def align_task(job_id: str, route: Route, index: int) -> Frame:
    """The frame for the engine process, with the region's audio. Raises ProtocolError."""
    plan: AlignPlan = route.plan
    request: Align = route.order.request
    assert route.source is not None
    check_unchanged(route.source)
    heard = read_span(route.source, plan.lo, plan.hi)
    arrays: dict[str, Array] = {
        "audio": to_model_audio(route.source, heard, plan.model_samples),  # (2, model_samples)
        "grid": phases(route.grid, plan.region[0], -(-plan.model_samples // FRAME)),
    }
    prompt = {
        "caption": request.caption,
        "lyrics": request.lyrics,
        "language": request.language,
        "bpm": plan.bpm,
        "keyscale": request.key or route.order.project.key,
        "timesignature": SIGNATURES.get(plan.meter, ""),
        "duration_s": plan.model_samples / MODEL_RATE,
    }
    settings = {"seed": route.order.seed, "steps": request.steps or None}
    return Frame(
        "render", job_id, {"kind": "align", "task": {}, "prompt": prompt, "settings": settings}, arrays
    )


# --- after the engine


def files_of(route: Route, lines: tuple[TimedLine, ...]) -> dict[str, tuple[str, bytes]]:
    """Every file by its name in the reply: its ending, and what is in it. Lines are in project seconds."""
    plan: AlignPlan = route.plan
    request: Align = route.order.request
    ruler = Ruler(route.grid, Fraction(plan.source_start, plan.rate), request.relative)
    files = {name: (FORMATS[name].ending, written(name, lines, ruler)) for name in request.formats}
    if plan.old is not None:
        back = ruler.start if request.relative == "file" else Fraction(0)
        region = plan.region[0] - back, plan.region[1] - back
        shifted = [moved(line, -back) for line in lines]
        merged = merge_lrc(plan.old, shifted, region, words=WORD.search(plan.old) is not None)
        files[MERGED] = "-merged.lrc", merged.encode()
    return files


def deliver_align_job(route: Route, rendered: Frame, place: Place, origin: Mapping[str, Any]) -> Delivered:
    """Writes every file asked for, and their sidecar. Raises OSError."""
    plan: AlignPlan = route.plan
    assert route.source is not None
    check_unchanged(route.source)
    files = files_of(route, lines_of(rendered.values, plan.region[0]))
    warnings = warnings_of(rendered.values["untimed"])
    facts = {name: value for name, value in asdict(plan).items() if name != "old"}
    record = {"plan": facts, "score": rendered.values["score"], "warnings": list(warnings)}
    with delivery_into(place.folder) as delivery:
        parts: dict[str, Path] = {}
        for ending, content in files.values():
            parts[f"_take{ending}"] = part = delivery.part()
            part.write_bytes(content)
        parts["_take.json"] = sidecar = delivery.part()
        write_sidecar(sidecar, record, origin, parts)
        named = delivery.publish(result_stem(place, bars_label(plan.start_bars, plan.end_bars)), parts)
    made = tuple(named[f"_take{ending}"] for ending, _ in files.values())
    told = {"score": rendered.values["score"], "lines": sung_count(rendered.values["lines"])}
    return Delivered(
        None, None, named["_take.json"], warnings, plan.lo, plan.hi, NO_SEAM, NO_SEAM, made, told
    )


def sung_count(lines: Any) -> int:
    """How many of the frame's lines are no tags."""
    return sum(not is_tag for _, _, _, is_tag, _ in lines)


def warnings_of(untimed: int) -> tuple[str, ...]:
    """Whether lines went without times."""
    text = f"the last {untimed} lines have no times: the model reads 2048 tokens of lyrics"
    return (text,) if untimed else ()


def align_reply(route: Route, made: Delivered, model: str, seconds: Mapping[str, Any]) -> AlignDone:
    """What the client is told; paths as they are in `made`."""
    plan: AlignPlan = route.plan
    request: Align = route.order.request
    names = request.formats if plan.old is None else (*request.formats, MERGED)
    return AlignDone(
        request_id=request.request_id,
        formats=names,
        files=tuple(map(str, made.more)),
        sidecar=str(made.sidecar),
        lines=made.told["lines"],
        score=score_text(made.told["score"]),
        start_sample=plan.project_lo,
        end_sample=plan.project_lo + plan.hi - plan.lo,
        start_bar=plan.start_bars,
        end_bar=plan.end_bars,
        sample_rate=plan.rate,
        seed=str(route.order.seed),
        model=model,
        seconds=seconds_text(seconds),
        warnings=made.warnings,
    )


def score_text(score: Mapping[str, float]) -> str:
    """The score as JSON, to four digits."""
    return msgspec.json.encode({name: round(value, 4) for name, value in sorted(score.items())}).decode()


ALIGN_JOURNEYS: dict[type, Journey] = {
    Align: Journey(plan_align_job, align_task, deliver_align_job, align_reply)
}
