"""What the demo tells: report.json for programs, a table for people, and a live line while it runs."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bridge.demo_checks import Check, Span
from bridge.demo_songs import DemoSong

PAGE = "index.html"


@dataclass(frozen=True, slots=True)
class Track:
    """Something to hear: one file, or several that sound together.

    files: each with the project's sample on which it begins.
    """

    name: str
    files: tuple[tuple[Path, int], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A sung line, in project seconds."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """One job of the demo. span: by the law of the grid.  source: None for a new piece.  done: the reply.

    figures: what was measured, by name.  tracks, view: what to hear and show of it, and the part shown.
    lines: when its words are sung.
    """

    task: str
    song: DemoSong
    span: Span
    source: Path | None
    done: Any
    checks: list[Check]
    figures: dict[str, Any]
    tracks: tuple[Track, ...]
    view: Span
    lines: tuple[Line, ...] = ()

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds by stage, as the daemon measured them."""
        spent: dict[str, float] = json.loads(self.done.seconds)
        return spent

    @property
    def files(self) -> dict[str, str]:
        """Everything the reply names, by what it is; in the reply's order."""
        done = self.done
        stems = zip(getattr(done, "stems", ()), getattr(done, "takes", ()), strict=False)
        singly = {name: getattr(done, name, "") for name in ("take", "full", "sidecar")}
        return {name: path for name, path in {**singly, **dict(stems), **lyric_files(done)}.items() if path}

    @property
    def scores(self) -> list[Any]:
        """What the daemon's own scores say of the takes."""
        told = json.loads(getattr(self.done, "scores", "") or getattr(self.done, "score", "") or "[]")
        return told if isinstance(told, list) else [told]


def lyric_files(done: Any) -> dict[str, str]:
    """Files of timed lyrics by format, of any kind of reply."""
    if hasattr(done, "formats"):
        return dict(zip(done.formats, done.files, strict=True))
    names = (name.split("-", 1)[-1] for name in getattr(done, "lyric_names", ()))
    return dict(zip(names, getattr(done, "lyric_files", ()), strict=True))


def write_report(folder: Path, outcomes: list[Outcome], skipped: Mapping[str, str]) -> None:
    """Write report.json; file names in it are relative to its folder, samples are at the source's rate.

    skipped: what the model cannot do, with the reason.
    """
    report = {"jobs": [report_job(folder, outcome) for outcome in outcomes], "skipped": dict(skipped)}
    (folder / "report.json").write_text(json.dumps(report, indent=2) + "\n", "utf-8")


def report_job(folder: Path, outcome: Outcome) -> dict[str, Any]:
    """One job as plain values."""
    done = outcome.done
    names = {what: name_in(folder, Path(path)) for what, path in outcome.files.items()}
    stems = getattr(done, "stems", ())
    return {
        "task": outcome.task,
        "source": outcome.source and name_in(folder, outcome.source),
        "take": names.get("take"),
        "full": names.get("full"),
        "stems": {stem: names[stem] for stem in stems},
        "lyrics": {form: names[form] for form in lyric_files(done)},
        "sidecar": names["sidecar"],
        "start_sample": done.start_sample,
        "end_sample": done.end_sample,
        "fade_samples": getattr(done, "fade_samples", 0),
        "sample_rate": done.sample_rate,
        "tempo": outcome.song.tempo,
        "meter": outcome.song.meter,
        "bars": [outcome.song.start_bar, outcome.song.end_bar],
        "model": done.model,
        "seed": done.seed,
        "seconds": outcome.seconds,
        **outcome.figures,
        "scores": outcome.scores,
        "warnings": list(done.warnings),
        "checks": {check.promise: check.is_kept for check in outcome.checks},
    }


def name_in(folder: Path, path: Path) -> str:
    """A path relative to the folder, with forward slashes on every system."""
    return path.resolve().relative_to(folder.resolve()).as_posix()


def show(console: Console, folder: Path, outcomes: list[Outcome], skipped: Mapping[str, str]) -> None:
    """Print what was done, what every check found, what was left out, and where the files are."""
    for outcome in outcomes:
        console.print(job_table(folder, outcome))
    for task, reason in skipped.items():
        console.print(f"[yellow]{task}: left out.[/] {escape(reason)}")
    kept = [check.is_kept for outcome in outcomes for check in outcome.checks]
    colour = "green" if all(kept) else "red"
    console.print(f"\n[{colour}]{sum(kept)} of {len(kept)} promises kept.[/] Files and report.json: {folder}")
    console.print(f"To look at and listen to: {folder / PAGE}")


def job_table(folder: Path, outcome: Outcome) -> Table:
    """One job: what, where, how long, and every check."""
    song, span, done = outcome.song, outcome.span, outcome.done
    title = f"{outcome.task}: {song.title or song.name}"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, show_header=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    table.add_row("region", f"bars {song.start_bar} to {song.end_bar - 1}, samples {span.lo}..{span.hi}")
    table.add_row("length", f"{span.hi - span.lo} samples by the grid ({song.tempo}) at {span.rate} Hz")
    stages = ", ".join(f"{stage} {spent:.2f}" for stage, spent in outcome.seconds.items())
    table.add_row("seconds", f"{outcome.figures['wall_s']:.2f} in all: {stages}")
    for check in outcome.checks:
        mark = "[green]kept[/]" if check.is_kept else "[red]BROKEN[/]"
        table.add_row(mark, f"{check.promise}{f' ({check.found})' if check.found else ''}")
    for warning in done.warnings:
        table.add_row("[yellow]note[/]", escape(warning))
    if note := getattr(done, "lyric_note", ""):
        table.add_row("[yellow]note[/]", escape(note))
    files = [outcome.source, *outcome.files.values()]
    table.add_row("files", "\n".join(name_in(folder, Path(file)) for file in files if file))
    return table


@contextmanager
def live_line(console: Console, name: str) -> Iterator[Callable[[str, int, int], None]]:
    """A line that shows stage, step and time while a job runs; yields the function that moves it on.

    Where there is no terminal, only the name is printed.
    """
    if not console.is_terminal:
        console.print(f"{name} ...")
    columns = (TextColumn("{task.description}"), BarColumn(30), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        line = bar.add_task(f"{name}: queued", total=None)
        yield lambda stage, step, of: bar.update(
            line, description=f"{name}: {stage}", completed=step, total=of or None
        )
