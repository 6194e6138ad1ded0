"""The jobs of the demo, each from request to checked files."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import soundfile

from bridge.demo_checks import Check, Span, check_generate, check_repaint, sample_of_bar, span_of_bars
from bridge.demo_layer_checks import check_backing, check_cover, check_layer, check_stems
from bridge.demo_lyric_checks import check_lyrics, lines_of
from bridge.demo_report import Line, Outcome, Track, lyric_files
from bridge.demo_requests import (
    LAYER,
    align_of,
    backing_of,
    cover_of,
    extract_of,
    generate_of,
    lego_of,
    project_of,
    repaint_of,
)
from bridge.demo_songs import DemoSong, copy_song
from bridge.demo_stage import Stage, set_project, watch
from protocol.layers import ExtractDone, LegoDone, Vocal2BgmDone
from protocol.lyric_tasks import AlignDone
from protocol.replies import GenerateDone, RepaintDone
from protocol.tasks import CoverDone

PIECE_RATE = 48_000
BARS_AROUND = 2
"""Bars on both sides of a region that are shown with it."""


async def repaint_song(stage: Stage, job_id: str, song: DemoSong, source: Path) -> Outcome:
    """Repaint the song's bars and read the files back."""
    span = await region(stage, song, source)
    done, wall_s = await watch(stage, repaint_of(job_id, song, source, stage.folder), RepaintDone)
    full = Path(done.full)
    checks, figures = check_repaint(source, Path(done.take), full, span)
    tracks = (Track("before", ((source, 0),)), Track("after", ((full, 0),)))
    told = (done, [named_like(span, done), *checks], {"wall_s": wall_s, **figures})
    return Outcome("repaint", song, span, source, *told, tracks, around(song, source, span))


async def generate_piece(stage: Stage, job_id: str, song: DemoSong) -> Outcome:
    """Make a new piece on a tempo ramp and read the file back."""
    await set_project(stage, project_of(song, PIECE_RATE))
    done, wall_s = await watch(stage, generate_of(job_id, song, stage.folder), GenerateDone)
    span = span_of_bars(song.tempo, song.meter, (song.start_bar, song.end_bar), PIECE_RATE)
    checks, figures = check_generate(Path(done.take), span)
    tracks = (Track("new piece", ((Path(done.take), span.lo),)),)
    told = (done, [named_like(span, done), *checks], {"wall_s": wall_s, **figures})
    return Outcome("generate", song, span, None, *told, tracks, span)


async def part_song(stage: Stage, job_id: str, song: DemoSong, source: Path) -> Outcome:
    """Take all stems out of the song's bars; what they leave over comes with them."""
    span = await region(stage, song, source)
    done, wall_s = await watch(stage, extract_of(job_id, song, source, stage.folder), ExtractDone)
    stems = {name: Path(path) for name, path in zip(done.stems, done.takes, strict=True)}
    checks, figures = check_stems(source, stems, span)
    tracks = (
        Track("source", ((source, 0),)),
        *(Track(name, ((path, span.lo),)) for name, path in stems.items()),
        Track("all files added", tuple((path, span.lo) for path in stems.values())),
    )
    told = (done, [named_like(span, done), *checks], {"wall_s": wall_s, **figures})
    return Outcome("extract", song, span, source, *told, tracks, span)


async def add_layer(stage: Stage, job_id: str, song: DemoSong, source: Path) -> Outcome:
    """Make a bass for the song's bars, which have just been repainted."""
    span = await region(stage, song, source)
    done, wall_s = await watch(stage, lego_of(job_id, song, source, stage.folder), LegoDone)
    layer = (Path(done.take), span.lo)
    checks, figures = check_layer(source, layer[0], span)
    tracks = (
        Track("as it was", ((source, 0),)),
        Track(f"{LAYER} alone", (layer,)),
        Track(f"with the {LAYER}", ((source, 0), layer)),
    )
    told = (done, [named_like(span, done), *checks], {"wall_s": wall_s, **figures})
    return Outcome("lego", song, span, source, *told, tracks, around(song, source, span))


async def back_voice(stage: Stage, job_id: str, song: DemoSong, source: Path) -> Outcome:
    """Make a backing for the voice; its words come back timed in bars."""
    span = await region(stage, song, source)
    done, wall_s = await watch(stage, backing_of(job_id, song, source, stage.folder), Vocal2BgmDone)
    take, full = Path(done.take), Path(done.full)
    checks, figures = check_backing(source, (take, full), span)
    tracks = (
        Track("voice", ((source, 0),)),
        Track("backing", ((take, span.lo),)),
        Track("voice and backing", ((full, span.lo),)),
    )
    told = (done, [named_like(span, done), *checks], {"wall_s": wall_s, **figures})
    return with_lyrics(Outcome("vocal2bgm", song, span, source, *told, tracks, span))


async def time_words(stage: Stage, job_id: str, song: DemoSong, source: Path) -> Outcome:
    """Find out when the voice's words are sung, in the project's time and in its bars."""
    span = await region(stage, song, source)
    done, wall_s = await watch(stage, align_of(job_id, song, source, stage.folder), AlignDone)
    told = (done, [named_like(span, done)], {"wall_s": wall_s})
    return with_lyrics(Outcome("align", song, span, source, *told, (Track("voice", ((source, 0),)),), span))


async def cover_song(stage: Stage, job_id: str, song: DemoSong, source: Path) -> Outcome:
    """Make the song's bars anew in another style."""
    span = await region(stage, song, source)
    done, wall_s = await watch(stage, cover_of(job_id, song, source, stage.folder), CoverDone)
    checks, figures = check_cover(source, Path(done.take), span)
    tracks = (Track("source", ((source, 0),)), Track("cover", ((Path(done.take), span.lo),)))
    told = (done, [named_like(span, done), *checks], {"wall_s": wall_s, **figures})
    return Outcome("cover", song, span, source, *told, tracks, span)


# --- what they share


def bring(stage: Stage, song: DemoSong) -> Path:
    """A copy of the song among the results."""
    return copy_song(song, stage.folder)


async def region(stage: Stage, song: DemoSong, source: Path) -> Span:
    """Tell the daemon the song's grid; the song's bars in the source's samples, by the law of the grid."""
    rate = soundfile.info(str(source)).samplerate
    await set_project(stage, project_of(song, rate))
    return span_of_bars(song.tempo, song.meter, (song.start_bar, song.end_bar), rate)


def around(song: DemoSong, source: Path, span: Span) -> Span:
    """The region with a few bars on both sides, as far as the source goes."""
    first, last = max(1, song.start_bar - BARS_AROUND), song.end_bar + BARS_AROUND
    lo, hi = (sample_of_bar(song.tempo, song.meter, bar, span.rate) for bar in (first, last))
    return Span(lo, max(span.hi, min(hi, soundfile.info(str(source)).frames)), span.rate)


def named_like(span: Span, done: Any) -> Check:
    """Whether the reply names the very samples that the grid's law gives."""
    told = (done.start_sample, done.end_sample)
    return Check("reply and grid name the same samples", told == (span.lo, span.hi), f"{told[0]}..{told[1]}")


def with_lyrics(outcome: Outcome) -> Outcome:
    """The outcome with its timed lyrics read and checked; as it is where the model times none."""
    files = {form: Path(path) for form, path in lyric_files(outcome.done).items()}
    if not files:
        return outcome
    checks, figures = check_lyrics(files, outcome.song, outcome.span)
    lines = tuple(Line(line["text"], line["start_s"], line["end_s"]) for line in lines_of(files["json"]))
    return replace(
        outcome, checks=[*outcome.checks, *checks], figures={**outcome.figures, **figures}, lines=lines
    )
