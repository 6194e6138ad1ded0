"""Checks timed lyrics with code of its own: reads LRC in seconds or in bars, and the JSON beside it."""

import json
import re
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

from bridge.demo_checks import Check, Span, beat_of_bar, seconds_of_beat
from bridge.demo_songs import DemoSong

SECONDS = re.compile(r"\[(\d+):(\d\d\.\d\d)\](.*)")
BARS = re.compile(r"\[(\d+)\|(\d+)\|(\d+)\](.*)")
NEAR_S = Fraction(11, 2000)  # half of LRC's hundredth, and a little
NEAR_TICK_S = 0.0011  # half of a tick of 1/960 quarter note at any tempo a song has
TICKS = 960


def check_lyrics(files: dict[str, Path], song: DemoSong, span: Span) -> tuple[list[Check], dict[str, Any]]:
    """The promises of timed lyrics; files by format. Figures: how far from where they are known to lie."""
    read = read_lrc(files["lrc"], song)
    times, texts = [time_s for time_s, _ in read], [text for _, text in read]
    lo, hi = Fraction(span.lo, span.rate) - NEAR_S, Fraction(span.hi, span.rate) + NEAR_S
    in_bars, told = lines_of(files["json"]), sung_lines(song.lyrics)
    gaps = [abs(bar_seconds(line["start_bar"], song) - line["start_s"]) for line in in_bars]
    apart = max(gaps, default=0.0)
    checks = [
        Check("every sung line has a time", texts == told, f"{len(read)} of {len(told)}"),
        Check("the lines are in order", times == sorted(times), ""),
        Check("every line is inside the region", all(lo <= time_s <= hi for time_s in times), said(times)),
        Check("bars and seconds name the same times", apart <= NEAR_TICK_S, f"{1000 * apart:.2f} ms apart"),
    ]
    return checks, line_errors([float(time_s) for time_s in times], song)


def line_errors(times: list[float], song: DemoSong) -> dict[str, Any]:
    """How far the lines' times are from the known ones, milliseconds; nothing where none are known."""
    if len(times) != len(song.sung):
        return {}
    errors = [1000 * abs(time_s - begun) for time_s, (begun, _) in zip(times, song.sung, strict=True)]
    return {"line_error_ms": {"median": round(median(errors), 1), "worst": round(max(errors), 1)}}


def read_lrc(path: Path, song: DemoSong) -> list[tuple[Fraction, str]]:
    """Project seconds and text of every line, in the file's order."""
    lines = []
    for line in path.read_text("utf-8").splitlines():
        if found := SECONDS.fullmatch(line):
            lines.append((int(found[1]) * 60 + Fraction(found[2]), found[3]))
        elif found := BARS.fullmatch(line):
            lines.append((place_seconds(song, *(int(found[at]) for at in (1, 2, 3))), found[4]))
    return lines


def place_seconds(song: DemoSong, bar: int, beat: int, tick: int) -> Fraction:
    """Project seconds of bar|beat|tick: beats in units of the signature's denominator, ticks of a quarter."""
    signatures = {int(at): sign for at, sign in (part.split() for part in song.meter.split(";"))}
    sign = signatures[max(at for at in signatures if at <= bar)]
    into = (beat - 1) * Fraction(4, int(sign.split("/")[1])) + Fraction(tick, TICKS)
    return seconds_of_beat(song.tempo, beat_of_bar(song.meter, bar) + into)


def bar_seconds(text: str, song: DemoSong) -> float:
    """Project seconds of "5|3|960"."""
    bar, beat, tick = map(int, text.split("|"))
    return float(place_seconds(song, bar, beat, tick))


def lines_of(path: Path) -> list[dict[str, Any]]:
    """The sung lines in a JSON file of timed lyrics."""
    lines = json.loads(path.read_text("utf-8"))["lines"]
    return [line for line in lines if not line["is_tag"]]


def sung_lines(lyrics: str) -> list[str]:
    """The lines of the lyrics that are sung: not empty, and no tag in brackets."""
    return [line.strip() for line in lyrics.splitlines() if line.strip() and not line.strip().startswith("[")]


def said(times: list[Fraction]) -> str:
    """First and last time in words."""
    return f"{float(times[0]):.2f} to {float(times[-1]):.2f} s" if times else "no lines"
