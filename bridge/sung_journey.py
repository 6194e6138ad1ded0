"""Scores and timed lyrics of every take, whatever the kind of job: in the reply, the sidecar and files.

Comes after conforming: its times are those of what is heard in the end.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from bridge.align_frames import lines_of
from bridge.delivery import Delivered, Place
from bridge.journey import Journey, Order, Route, Setting, keep_nothing, seeds_text
from bridge.lyrics.formats import FORMATS, written
from bridge.lyrics.lrc_read import WORD, merge_lrc
from bridge.lyrics.old import read_old
from bridge.lyrics.ruler import Ruler
from bridge.lyrics.values import TimedLine, TimedWord, moved
from bridge.pipe import Frame
from bridge.plan import RepaintPlan
from bridge.repaint_delivery import full_span

MERGED = "merged"
Heard = Mapping[str, Any]
"""What a frame says of its takes: takes, untold."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a pass lies, in exact project seconds.

    origin: its window's first sample.  lo, hi: its region, which its takes fill.  source, full: the first
    sample of the source's file and of the whole file that comes back.
    """

    origin: Fraction
    lo: Fraction
    hi: Fraction
    source: Fraction
    full: Fraction


OnGround = Callable[[Route, int], Ground]


def singing(journey: Journey, ground: OnGround) -> Journey:
    """The journey with scores and, where something is sung, files of timed lyrics beside its takes."""
    kept = journey.keep is not keep_nothing

    def plan(setting: Setting, order: Order) -> Route:
        route, request = journey.plan(setting, order), order.request
        wanted = getattr(request, "lyric_merge", "")
        return replace(route, old_lyrics=read_old(setting.roots, wanted, request.lyric_clock, "lyric_"))

    def keep(route: Route, index: int, rendered: Frame, folder: Path) -> None:
        journey.keep(route, index, rendered, folder)
        notes_path(folder, index).write_text(json.dumps(heard_in(route, rendered)))

    def deliver(route: Route, rendered: Frame, place: Place, origin: Mapping[str, Any]) -> Delivered:
        passes = take_notes(place.folder, journey.passes(route)) if kept else [heard_in(route, rendered)]
        scores = scores_of(passes)
        made = journey.deliver(route, rendered, place, {**origin, "takes": scores})
        grounds = [ground(route, index) for index in range(len(passes))]
        files = lyric_files(route, made, list(zip(passes, grounds, strict=True)))
        for path, content in files.values():
            path.write_bytes(content)
        untold = next((heard["untold"] for heard in passes if heard["untold"]), "")
        told = {**made.told, "scores": scores, "lyric_names": tuple(files), "untold": untold}
        lyrics = tuple(path for path, _ in files.values())
        return replace(made, lyrics=lyrics, told=told, warnings=(*made.warnings, *untimed_of(passes)))

    def reply(route: Route, made: Delivered, model: str, seconds: Mapping[str, Any]) -> Any:
        done = journey.reply(route, made, model, seconds)
        told = {
            "scores": msgspec.json.encode(made.told["scores"]).decode(),
            "lyric_names": made.told["lyric_names"],
            "lyric_files": tuple(map(str, made.lyrics)),
            "lyric_note": made.told["untold"],
        }
        if getattr(done, "seeds", ()):
            told["seeds"] = tuple(score["seed"] for score in made.told["scores"])
        return replace(done, **told)

    return replace(journey, plan=plan, keep=keep if kept else keep_nothing, deliver=deliver, reply=reply)


# --- what the engine says of a pass


def heard_in(route: Route, rendered: Frame) -> Heard:
    """What a frame says of its takes; of an engine that says nothing, their seeds."""
    count = getattr(route.order.request, "takes", 1)
    seeds = seeds_text(route.order.seed, count)
    silent: list[Heard] = [{"seed": int(seed), "alignment": None, "fit": {}} for seed in seeds]
    values = rendered.values
    return {"takes": values.get("takes", silent), "untold": values.get("untold", "")}


def notes_path(folder: Path, index: int) -> Path:
    """Where what is said of a pass lies until all are made."""
    return folder / f"{index}.heard.json"


def take_notes(folder: Path, passes: int) -> list[Heard]:
    """What is said of all passes; their files go."""
    found = [json.loads(notes_path(folder, index).read_text()) for index in range(passes)]
    for index in range(passes):
        notes_path(folder, index).unlink()
    return found


def scores_of(passes: list[Heard]) -> list[dict[str, Any]]:
    """The scores of every take, in their order, as JSON values to four digits."""
    return [
        {
            "region": region,
            "take": number,
            "seed": str(take["seed"]),
            "alignment": take["alignment"] and rounded(take["alignment"]["score"]),
            "planner": rounded(take["fit"]) or None,
        }
        for region, heard in enumerate(passes, 1)
        for number, take in enumerate(heard["takes"], 1)
    ]


def rounded(score: Mapping[str, float]) -> dict[str, float]:
    """A score to four digits, its parts in a fixed order."""
    return {name: round(value, 4) for name, value in sorted(score.items())}


def untimed_of(passes: list[Heard]) -> tuple[str, ...]:
    """Whether lines went without times."""
    found = [take["alignment"] for heard in passes for take in heard["takes"]]
    most = max((each["untimed"] for each in found if each), default=0)
    return (f"the last {most} lines have no times: the model reads 2048 tokens of lyrics",) if most else ()


# --- files


def lyric_files(
    route: Route, made: Delivered, passes: list[tuple[Heard, Ground]]
) -> dict[str, tuple[Path, bytes]]:
    """Every lyrics file by its name in the reply: where it will lie, and what is in it."""
    firsts = [(timed(heard["takes"][0], ground), ground) for heard, ground in passes]
    takes = [path for path in (made.take, *made.more) if path is not None]
    songs: list[tuple[str, Path, list[TimedLine], Fraction]] = []
    if takes:
        each = [(take, ground) for heard, ground in passes for take in heard["takes"]]
        for number, ((take, ground), path) in enumerate(zip(each, takes, strict=True), 1):
            songs.append((str(number), path, timed(take, ground) or [], ground.lo))
    elif made.full is not None:
        lines = [line for found, _ in firsts for line in found or []]
        songs.append(("full", made.full, lines, firsts[0][1].full))
    request = route.order.request
    files = {
        f"{name}-{form}": (
            path.with_name(path.stem + FORMATS[form].ending),
            written(form, lines, Ruler(route.grid, start, request.lyric_clock)),
        )
        for name, path, lines, start in songs
        if lines
        for form in request.lyric_formats
    }
    if route.old_lyrics is not None and not any(heard["untold"] for heard, _ in passes):
        path = songs[0][1]
        merged = merge_all(route.old_lyrics, firsts, request.lyric_clock)
        files[MERGED] = path.with_name(f"{path.stem}-merged.lrc"), merged.encode()
    return files


def timed(take: Mapping[str, Any], ground: Ground) -> list[TimedLine] | None:
    """A take's lines in project seconds, inside its region; None where there are no times."""
    found = take["alignment"]
    if found is None:
        return None
    return [held(line, ground) for line in lines_of(found, ground.origin)]


def held(line: TimedLine, ground: Ground) -> TimedLine:
    """The line with no time outside the region: the model's clock is coarser than the file's."""

    def at(t: Fraction) -> Fraction:
        return min(max(t, ground.lo), ground.hi)

    words = tuple(TimedWord(word.text, at(word.start), at(word.end)) for word in line.words)
    return replace(line, start=at(line.start), end=at(line.end), words=words)


def merge_all(old: str, regions: list[tuple[list[TimedLine] | None, Ground]], clock: str) -> str:
    """The old LRC with the lines inside each region replaced by its own; with none where nothing is sung."""
    words = WORD.search(old) is not None
    for lines, ground in regions:
        back = ground.source if clock == "file" else Fraction(0)
        span = ground.lo - back, ground.hi - back
        old = merge_lrc(old, [moved(line, -back) for line in lines or []], span, words)
    return old


# --- where a pass lies


def repaint_ground(route: Route, index: int) -> Ground:
    """A region of a source."""
    plans: tuple[RepaintPlan, ...] = (route.plan, *route.more)
    plan = plans[index]
    assert route.source is not None
    full = Fraction(plan.source_start + full_span(route.source, plans)[0], plan.rate)
    lo = Fraction(plan.project_lo, plan.rate)
    hi = lo + Fraction(plan.hi - plan.lo, plan.rate)
    return Ground(plan.window_start_s, lo, hi, Fraction(plan.source_start, plan.rate), full)


def generate_ground(route: Route, index: int) -> Ground:
    """A new piece, which is its own window."""
    lo = route.plan.start_s
    return Ground(lo, lo, lo + Fraction(route.plan.samples, route.plan.rate), lo, lo)


def layer_ground(route: Route, index: int) -> Ground:
    """A layer over a region of a source; a mix with it is as long."""
    plan, chunk = route.plan, route.plan.chunks[index]
    lo = Fraction(plan.project_lo, plan.rate)
    hi = lo + Fraction(plan.hi - plan.lo, plan.rate)
    source = Fraction(plan.source_start, plan.rate)
    return Ground(source + Fraction(chunk.window_lo, plan.rate), lo, hi, source, lo)
