"""The page that shows what the demo did: one HTML file with its pictures and sounds, without network.

Reads the files anew; knows nothing of the daemon.
"""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from urllib.parse import quote

from bridge.demo_checks import Check
from bridge.demo_report import PAGE, Outcome, name_in
from bridge.demo_score import score, seconds

LOOK = Path(__file__).resolve().parent / "demo_look"
TITLES = {
    "repaint": "Repaint",
    "generate": "New piece",
    "extract": "All stems",
    "lego": "A bass on the repainted bars",
    "vocal2bgm": "Backing for a voice",
    "align": "When the words are sung",
    "cover": "Cover",
}
LINE_ERROR = "Lines are {median} ms (median) from where they are sung, at worst {worst} ms."
ALIGNED = "Alignment score {:.2f}: how well the attention follows the words, not how well they sound."


def write_page(folder: Path, outcomes: list[Outcome], skipped: Mapping[str, str]) -> Path:
    """Write index.html into the results' folder; returns its path."""
    kept = [check.is_kept for outcome in outcomes for check in outcome.checks]
    body = (
        f'<header><h1>Barline demo</h1><p class="{verdict(all(kept))}">{sum(kept)} of {len(kept)} '
        f"promises kept</p>{contents(outcomes)}{left_out(skipped)}</header>\n"
        f"<main>{''.join(job(folder, *numbered) for numbered in enumerate(outcomes, 1))}</main>\n"
        "<footer><p>Sounds here are Ogg Vorbis copies; the files named beside them are the exact ones. Each "
        "promise was checked on those files by code that shares nothing with what made them. Every number is "
        'also in <a href="report.json">report.json</a>.</p></footer>\n'
    )
    page = folder / PAGE
    page.write_text(document(body), "utf-8")
    return page


def document(body: str) -> str:
    """The whole page around its body."""
    style, script = ((LOOK / name).read_text("utf-8") for name in ("page.css", "page.js"))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Barline demo</title>\n<style>\n{style}</style></head>\n"
        f"<body>\n{body}<script>\n{script}</script>\n</body>\n</html>\n"
    )


# --- the top


def contents(outcomes: list[Outcome]) -> str:
    """A line for every job, which leads to it."""
    rows = "".join(
        f'<li><a href="#job-{number}">{said_title(outcome)}</a> '
        f'<span class="{verdict(is_whole(outcome))}">{counted(outcome.checks)}</span></li>'
        for number, outcome in enumerate(outcomes, 1)
    )
    return f"<ol>{rows}</ol>"


def left_out(skipped: Mapping[str, str]) -> str:
    """What the loaded model could not do."""
    said = (f"\u201c{TITLES.get(task, task)}\u201d was left out: {why}" for task, why in skipped.items())
    rows = "".join(f"<li>{escape(line)}</li>" for line in said)
    return f'<ul class="skipped">{rows}</ul>' if rows else ""


def said_title(outcome: Outcome) -> str:
    """What was done, to what."""
    return f"{TITLES[outcome.task]}: {escape(outcome.song.title or outcome.song.name)}"


def counted(checks: list[Check]) -> str:
    """How many of the promises were kept."""
    return f"{sum(check.is_kept for check in checks)} of {len(checks)} kept"


def is_whole(outcome: Outcome) -> bool:
    """Whether a job kept all its promises."""
    return all(check.is_kept for check in outcome.checks)


def verdict(is_kept: bool) -> str:
    """The style of what was kept or broken."""
    return "kept" if is_kept else "broken"


# --- one job


def job(folder: Path, number: int, outcome: Outcome) -> str:
    """A job with its pictures, sounds, words, checks and files."""
    named = f'id="job-{number}" data-task="{outcome.task}" data-seconds="{seconds(outcome.view)}"'
    return (
        f'<section class="job" {named}>'
        f"<h2>{said_title(outcome)}</h2><p>{facts(outcome)}</p>{transport(outcome)}{score(outcome)}"
        f'<ul class="checks">{"".join(map(check_row, outcome.checks))}</ul>{notes(outcome)}'
        f'<p class="files">{files(folder, outcome)}</p></section>\n'
    )


def facts(outcome: Outcome) -> str:
    """Where, by which model, from which seed, and how long it took."""
    song, span, done = outcome.song, outcome.span, outcome.done
    spent = ", ".join(f"{stage} {s:.2f}" for stage, s in outcome.seconds.items())
    told = (
        f"Bars {song.start_bar} to {song.end_bar - 1}, {span.hi - span.lo} samples at {span.rate} Hz.",
        f"Model {done.model}, seed {done.seed}.",
        f"{outcome.figures['wall_s']:.2f} s in all ({spent}).",
    )
    return escape(" ".join(told))


def transport(outcome: Outcome) -> str:
    """Buttons to play, and to switch to the next track where there are several."""
    several = len(outcome.tracks) > 1
    switch = '<button class="switch" type="button">Compare</button>' if several else ""
    return (
        '<div class="transport"><button class="play" type="button">Play</button>'
        f'{switch}<output class="clock">0:00.0</output></div>'
    )


def check_row(check: Check) -> str:
    """One promise, and what was found."""
    found = f" <small>{escape(check.found)}</small>" if check.found else ""
    return f'<li class="{verdict(check.is_kept)}">{escape(check.promise)}{found}</li>'


def notes(outcome: Outcome) -> str:
    """Warnings and measured figures, in plain words."""
    told = [*outcome.done.warnings, *filter(None, [getattr(outcome.done, "lyric_note", "")])]
    if error := outcome.figures.get("line_error_ms"):
        told.append(LINE_ERROR.format(**error))
    told += [ALIGNED.format(value) for value in aligned(outcome)]
    return f'<ul class="notes">{"".join(f"<li>{escape(note)}</li>" for note in told)}</ul>' if told else ""


def aligned(outcome: Outcome) -> list[float]:
    """The alignment scores of the takes that have one."""
    found = [score.get("alignment", score) for score in outcome.scores]
    return [each["value"] for each in found if each and "value" in each]


def files(folder: Path, outcome: Outcome) -> str:
    """Links to the job's files beside the page."""
    named = ({"source": str(outcome.source)} if outcome.source else {}) | outcome.files
    links = ((what, name_in(folder, Path(path))) for what, path in named.items())
    return "Files: " + ", ".join(
        f'<a href="{quote(name)}" title="{escape(name)}">{escape(what)}</a>' for what, name in links
    )
