"""A job of the demo on one scale of time: ruler of bars, sung words, and every track as picture and sound."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from bridge.demo_checks import Span
from bridge.demo_pictures import COLUMNS, WAVE_HEIGHT, height_of, loudest_band, spectrogram, wave_path
from bridge.demo_report import Line, Outcome
from bridge.demo_ruler import Mark, ruler
from bridge.demo_sound import encode, hear

SCALE_HZ = ((100, "100"), (1_000, "1k"), (10_000, "10k"))
LAST_LABEL = 0.985  # a bar number further right would stick out


@dataclass(frozen=True, slots=True)
class Lane:
    """One track as it is shown and heard. audio: (samples, 2) of the part shown."""

    name: str
    audio: NDArray[np.float64]
    peak: float
    loudest: float


def score(outcome: Outcome) -> str:
    """Ruler, words and tracks below each other on one scale of time."""
    sounds = [(track.name, hear(track, outcome.view)) for track in outcome.tracks]
    rate = outcome.view.rate
    peak = max(float(np.max(np.abs(audio.mean(axis=1)))) for _, audio in sounds)
    loudest = max(loudest_band(audio, rate) for _, audio in sounds)
    lanes = [Lane(name, audio, peak, loudest) for name, audio in sounds]
    marks = ruler(outcome.song, outcome.view)
    rows = [ruler_row(marks), *word_rows(outcome), *(lane_row(lane, rate) for lane in lanes)]
    return (
        f'<div class="score">{region(outcome)}{"".join(rows)}{bar_lines(marks)}<div class="head"></div></div>'
    )


def row(name: str, kind: str, content: str) -> str:
    """A row of the score: its name, and what lies on the scale of time."""
    return f'<div class="row {kind}"><span class="name">{name}</span><div class="time">{content}</div></div>'


def ruler_row(marks: list[Mark]) -> str:
    """Bar numbers, with signature and tempo where they change; beats as ticks."""
    drawn = []
    for mark in marks:
        style = f'style="--x:{mark.at:.6f}"'
        if mark.kind == "beat":
            drawn.append(f'<i class="beat" {style}></i>')
        elif mark.at <= LAST_LABEL:
            tempo = mark.bpm and f"&#9833;={mark.bpm}"
            above = f"<small>{' '.join(filter(None, [mark.meter, tempo]))}</small>"
            drawn.append(f'<b class="bar" data-bar="{mark.bar}" {style}>{mark.bar}{above}</b>')
    return row("bar", "ruler", "".join(drawn))


def bar_lines(marks: list[Mark]) -> str:
    """Lines through all rows."""
    lines = (f'<i style="--x:{mark.at:.6f}"></i>' for mark in marks if mark.kind == "bar")
    return f'<div class="bars">{"".join(lines)}</div>'


def region(outcome: Outcome) -> str:
    """The part that was made anew, where more than that is shown."""
    span, view = outcome.span, outcome.view
    if (span.lo, span.hi) == (view.lo, view.hi):
        return ""
    at, width = (span.lo - view.lo) / (view.hi - view.lo), (span.hi - span.lo) / (view.hi - view.lo)
    return f'<div class="region" style="--x:{at:.6f};--w:{width:.6f}"></div>'


def word_rows(outcome: Outcome) -> list[str]:
    """The lines where they were found, and where they are known to be sung."""
    if not outcome.lines:
        return []
    rows = [row("words", "words", words(outcome.lines, outcome.view))]
    known = outcome.song.sung
    if len(known) == len(outcome.lines):
        sung = [Line(line.text, *at) for line, at in zip(outcome.lines, known, strict=True)]
        rows.append(row("as sung", "words known", words(sung, outcome.view)))
    return rows


def words(lines: Iterable[Line], view: Span) -> str:
    """Boxes with the lines in them."""
    begins, length = view.lo / view.rate, seconds(view)
    return "".join(
        f'<span dir="auto" title="{line.start_s:.2f} to {line.end_s:.2f} s" style="--x:'
        f'{(line.start_s - begins) / length:.6f};--w:{max(line.end_s - line.start_s, 0) / length:.6f}">'
        f"{escape(line.text)}</span>"
        for line in lines
    )


def lane_row(lane: Lane, rate: int) -> str:
    """A track: waveform above spectrogram, and its sound."""
    picture = embedded("image/png", spectrogram(lane.audio, rate, lane.loudest))
    sound = embedded("audio/ogg", encode(lane.audio, rate))
    columns = min(COLUMNS, len(lane.audio))
    heights = ((name, height_of(hertz, rate)) for hertz, name in SCALE_HZ if hertz < rate / 2)
    scale = "".join(f'<i style="--y:{height:.3f}">{name}</i>' for name, height in heights)
    box = f'viewBox="0 0 {columns} {WAVE_HEIGHT}" preserveAspectRatio="none"'
    content = (
        f'<svg {box} role="img" aria-label="waveform">'
        f'<path d="{wave_path(lane.audio, lane.peak)}"></path></svg>'
        f'<div class="spectrum"><img alt="spectrogram" src="{picture}">{scale}</div>'
        f'<audio controls preload="auto" src="{sound}"></audio>'
    )
    return row(f'<button type="button" aria-pressed="false">{escape(lane.name)}</button>', "lane", content)


def embedded(kind: str, content: bytes) -> str:
    """Bytes as a URL that holds them."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def seconds(view: Span) -> float:
    """How long the part shown is."""
    return (view.hi - view.lo) / view.rate
