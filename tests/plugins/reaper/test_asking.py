"""What the actions ask the daemon for, with the test as the daemon."""

from pathlib import Path

import pytest

from tests.plugins.reaper.daw import Reaper
from tests.plugins.reaper.paper import PaperDaemon

RATE = 48_000


def test_a_repaint_names_file_place_and_words(reaper: Reaper, paper: PaperDaemon, song: Path) -> None:
    reaper.do("user.time(2, 4)")
    reaper.run("repaint", {"how it": "brass, 'stabs'", "lyrics": "one / two", "seed": "5"})
    request = paper.ask(reaper, "repaint")
    assert request["source"] == str(song) and request["deliver"] == "full"
    assert (request["start"], request["end"]) == ({"samples": 2 * RATE}, {"samples": 4 * RATE})
    assert request["source_start"] == {"samples": 0} and request["seed"] == 5
    assert request["caption"] == "brass, 'stabs'" and request["lyrics"] == "one\ntwo"


def test_the_grid_is_declared_before_every_request(reaper: Reaper, paper: PaperDaemon, song: Path) -> None:
    markers = [{"qn": 0, "bpm": 120, "num": 4, "den": 4}, {"qn": 8, "bpm": 90, "num": 7, "den": 8}]
    reaper.do("user.tempo(markers)", markers=markers)
    reaper.run("repaint", {})
    reaper.tick(3)
    project, request = paper.requests()
    assert (project["tempo"], project["meter"]) == ("0 120; 8 90", "1 4/4; 3 7/8")
    assert project["sample_rate"] == RATE and project["name"] == request["project"]


@pytest.mark.parametrize(
    ("select", "spans"),
    [
        ("user.time(0, 0)", [(0, 8)]),
        ("user.time(1, 3)", [(1, 3)]),
        ("user.time(7, 30)", [(7, 8)]),
        ("user.razor(user.item(1).track, 5, 6); user.time(1, 3)", [(5, 6)]),
        ("user.select(nil); user.select_track(user.item(1).track); user.time(2, 3)", [(2, 3)]),
    ],
)
def test_razor_areas_go_before_items_before_tracks(
    reaper: Reaper, paper: PaperDaemon, song: Path, select: str, spans: list[tuple[int, int]]
) -> None:
    reaper.do(select)
    reaper.run("repaint", {})
    reaper.tick(3)
    asked = [one for one in paper.requests() if one["type"] == "repaint"]
    assert [(one["start"]["samples"], one["end"]["samples"]) for one in asked] == [
        (first * RATE, last * RATE) for first, last in spans
    ]


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ("user.select(nil)", "select an item"),
        ("user.time(20, 30)", "no audio, or none inside"),
        ("user.razor(user.item(1).track, 20, 30)", "razor areas"),
        ("user.take(user.item(1)).is_midi = true", "hold no audio"),
        ("os.remove(user.take(user.item(1)).source.path)", "offline"),
    ],
)
def test_what_cannot_be_meant_is_said_in_the_window(
    reaper: Reaper, song: Path, select: str, said: str
) -> None:
    reaper.do(select)
    reaper.run("repaint", *([{}] if said == "offline" else []))
    reaper.tick(10)
    assert said in reaper.report()["windows"] and reaper.report()["jobs"] == 0


def test_giving_up_a_dialog_does_nothing(reaper: Reaper, paper: PaperDaemon, song: Path) -> None:
    reaper.run("repaint", False)
    reaper.tick(5)
    assert paper.requests() == [] and reaper.report()["scripts"] == 0


@pytest.mark.parametrize("answers", [{"seed": "x"}, {"takes": "9"}, {"seed": "1.5"}])
def test_a_wrong_number_is_refused_by_name(reaper: Reaper, song: Path, answers: dict[str, str]) -> None:
    reaper.run("repaint", answers)
    reaper.tick(5)
    assert next(iter(answers.values())) in reaper.report()["windows"] and reaper.report()["jobs"] == 0


def test_several_takes_are_jobs_with_the_following_seeds(
    reaper: Reaper, paper: PaperDaemon, song: Path
) -> None:
    reaper.run("repaint", {"takes": "3", "seed": "4294967295"})
    reaper.tick(3)
    assert [one["seed"] for one in paper.requests() if one["type"] == "repaint"] == [4294967295, 0, 1]


def test_notes_of_the_item_are_its_lyrics(reaper: Reaper, paper: PaperDaemon, song: Path) -> None:
    reaper.do("user.item(1).notes = 'line one\\r\\nline two\\r\\n'")
    reaper.run("repaint", {"lyrics": "@notes"})
    assert paper.ask(reaper, "repaint")["lyrics"] == "line one\nline two"


def test_settings_are_kept_and_said(reaper: Reaper, paper: PaperDaemon, song: Path) -> None:
    reaper.run(
        "settings", {"key": "A minor", "steps": "4", "move": "off", "model": "tiny", "crossfade": "12.5"}
    )
    reaper.do("program.quit(); program.restart()")
    reaper.run("repaint", {})
    reaper.tick(3)
    project, request = paper.requests()
    assert project["key"] == "A minor" and request["model"] == "tiny" and request["steps"] == 4
    assert request["conform"] == "off" and request["fade_ms"] == "12.5"
