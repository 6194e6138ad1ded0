"""REAPER's tempo map as the protocol's texts: what the bridge makes of them must be what REAPER plays."""

import json
import random
from fractions import Fraction
from typing import Any

import pytest

from bridge.grid import Grid, build_grid, time_at
from protocol import json_text
from protocol.messages import Project
from protocol.values import Bars, Beats, Position
from tests.plugins.reaper.daw import Reaper

Marker = dict[str, Any]


def mark(qn: float, bpm: float, signature: str = "", ramp: bool = False) -> Marker:
    num, den = map(int, signature.split("/")) if signature else (0, 0)
    return {"qn": qn, "bpm": bpm, "num": num, "den": den, "ramp": ramp}


MAPS: dict[str, tuple[list[Marker], str, str]] = {
    "constant": ([mark(0, 119.88, "4/4")], "0 119.88", "1 4/4"),
    "steps": ([mark(0, 120, "4/4"), mark(8, 90), mark(16, 147)], "0 120; 8 90; 16 147", "1 4/4"),
    "ramps": (
        [mark(0, 120, "4/4"), mark(16, 120, ramp=True), mark(32, 90), mark(40, 60, ramp=True), mark(48, 200)],
        "0 120; 16 120 ramp-time; 32 90; 40 60 ramp-time; 48 200",
        "1 4/4",
    ),
    "a ramp to nowhere": ([mark(0, 100, "4/4"), mark(4, 80, ramp=True)], "0 100; 4 80", "1 4/4"),
    "meters": (
        [mark(0, 120, "4/4"), mark(8, 120, "7/8"), mark(15, 120, "3/4")],
        "0 120; 8 120; 15 120",
        "1 4/4; 3 7/8; 5 3/4",
    ),
    "odd places": ([mark(0, 133.7, "6/8"), mark(3.5, 97.25), mark(7 + 1 / 3, 88.1)], "", "1 6/8"),
    "a cut measure": ([mark(0, 120, "4/4"), mark(6.5, 100, "4/4")], "0 120; 6.5 100", "1 4/4; 2 5/8; 3 4/4"),
    "cut to a beat": ([mark(0, 120, "3/4"), mark(4, 120, "3/4")], "0 120; 4 120", "1 3/4; 2 1/4; 3 3/4"),
    "two markers at once": ([mark(0, 120, "4/4"), mark(8, 60), mark(8, 90)], "0 120; 8 90", "1 4/4"),
}


def grid_of(reaper: Reaper) -> Grid:
    """What the bridge understands of the project that is shown."""
    told = reaper.do("local g, p = part('grid'), world.current return {tempo=g.tempo(p), meter=(g.meter(p))}")
    project = json_text.decode_request(json.dumps({"type": "project", "id": "p", **told}))
    assert isinstance(project, Project)
    return build_grid(project.tempo, project.meter, 48_000)


def seconds(grid: Grid, place: Position) -> float:
    return float(time_at(grid, place, 20).value)


def worst_s(reaper: Reaper, grid: Grid, beats: list[float]) -> float:
    """How far the two are apart at these quarter notes, in seconds."""
    code = (
        "for i, q in ipairs(beats) do beats[i] = tempo.to_time(world.current.state.tempo, q) end return beats"
    )
    times = reaper.do(code, beats=beats)
    told = [seconds(grid, Beats(Fraction(beat))) for beat in beats]
    return max(abs(one - other) for one, other in zip(told, times, strict=True))


@pytest.mark.parametrize("name", MAPS)
def test_a_map_is_told_in_the_protocols_words(reaper: Reaper, name: str) -> None:
    markers, tempo, meter = MAPS[name]
    reaper.do("user.tempo(markers)", markers=markers)
    assert reaper.do("return part('grid').tempo(world.current)") == tempo or not tempo
    assert reaper.do("return (part('grid').meter(world.current))") == meter


@pytest.mark.parametrize("name", MAPS)
def test_every_beat_lies_where_reaper_plays_it(reaper: Reaper, name: str) -> None:
    reaper.do("user.tempo(markers)", markers=MAPS[name][0])
    assert worst_s(reaper, grid_of(reaper), [step / 4 for step in range(200)]) < 1e-8


@pytest.mark.parametrize("name", MAPS)
def test_every_bar_lies_where_reaper_draws_it(reaper: Reaper, name: str) -> None:
    reaper.do("user.tempo(markers)", markers=MAPS[name][0])
    grid = grid_of(reaper)
    code = "local t = {} for m = 0, 29 do t[m + 1] = (reaper_table.TimeMap_GetMeasureInfo(0, m)) end return t"
    times = reaper.do("local reaper_table = program.table() " + code)
    assert all(abs(seconds(grid, Bars(bar)) - time) < 1e-8 for bar, time in enumerate(times, 1))


def test_random_maps_agree(reaper: Reaper) -> None:
    draw = random.Random(5)
    for _ in range(12):
        places = sorted({draw.randrange(1, 800) / 8 for _ in range(10)})
        signatures = ["", "", "4/4", "7/8", "3/4", "5/16"]
        markers = [mark(0, draw.uniform(40, 220), "4/4")]
        markers += [
            mark(at, draw.uniform(40, 220), draw.choice(signatures), draw.random() < 0.5) for at in places
        ]
        reaper.do("user.tempo(markers)", markers=markers)
        assert worst_s(reaper, grid_of(reaper), [step for step in range(110)]) < 1e-7


def test_a_bpm_that_counts_the_signatures_beats_is_found_out(reaper: Reaper) -> None:
    reaper.do("world.bpm_counts_beats = true")
    reaper.do("user.tempo(markers)", markers=[mark(0, 60, "6/8"), mark(6, 90, "4/4")])
    assert reaper.do("return part('grid').tempo(world.current)") == "0 60; 6 90"


def test_a_project_without_markers_has_its_settings_tempo(reaper: Reaper) -> None:
    reaper.do("world.current.state.tempo = tempo.build({{qn=0, bpm=87.5, num=6, den=8}})")
    told = reaper.do("local g, p = part('grid'), world.current return {g.tempo(p), (g.meter(p))}")
    assert told == ["0 87.5", "1 6/8"]


def test_a_stretch_that_nothing_explains_is_told_note_by_note(reaper: Reaper) -> None:
    reaper.do("user.tempo(markers)", markers=[mark(0, 120, "4/4"), mark(2, 100)])
    reaper.do("world.shown_wrong = true")  # the markers do not say what is played
    assert reaper.do("return part('grid').tempo(world.current)").startswith(
        "0 120; 1 120; 2 100; 3 100; 4 100;"
    )


def test_a_cut_that_no_signature_tells_is_warned_of(reaper: Reaper) -> None:
    reaper.do("user.tempo(markers)", markers=[mark(0, 120, "4/4"), mark(4 + 1 / 3, 120, "4/4")])
    meter, warning = reaper.do("return {part('grid').meter(world.current)}")
    assert meter == "1 4/4; 2 5/64; 3 4/4" and "measure 2" in warning


def test_too_many_points_are_refused(reaper: Reaper) -> None:
    markers = [mark(index / 2, 100 + index % 2, "4/4" if not index else "") for index in range(4100)]
    reaper.do("user.tempo(markers)", markers=markers)
    why = reaper.do("local map, why = part('grid').tempo(world.current) return why")
    assert why == "the tempo map has 4100 points, the most is 4096"


@pytest.mark.parametrize(
    ("time", "bars", "where"), [(0, 1, 2), (2, 1, 4), (2.5, 1, 6), (2.5, 2, 8), (3.99995, 1, 6)]
)
def test_bars_behind_a_time_end_on_a_bar_line(reaper: Reaper, time: float, bars: int, where: float) -> None:
    assert reaper.do(f"return part('grid').bars_behind(world.current, {time}, {bars})") == pytest.approx(
        where
    )


def test_the_rate_is_the_projects_or_the_devices(reaper: Reaper) -> None:
    assert reaper.do("return part('grid').sample_rate(world.current)") == 48_000
    assert (
        reaper.do("world.current.use_rate = false; return part('grid').sample_rate(world.current)") == 44_100
    )
