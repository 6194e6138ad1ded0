"""Where the actions' results land in the project, with the test as the daemon."""

from pathlib import Path
from typing import Any

import pytest

from tests.plugins.reaper.daw import Reaper, item_of
from tests.plugins.reaper.paper import PaperDaemon

RATE = 48_000


def told(reaper: Reaper, track: int = 1, take: int = 1) -> dict[str, Any]:
    """The provenance in a take's ext data."""
    ext = item_of(reaper, track)["takes"][take - 1]["ext"]
    found: dict[str, Any] = reaper.do("return part('jobs').unpack(ext)", ext=ext)
    return found


def test_a_repaint_is_a_new_take_of_the_item(reaper: Reaper, paper: PaperDaemon, song: Path) -> None:
    reaper.do("user.take(user.item(1)).values.D_VOL = 0.5; user.take(user.item(1)).effects = {'ReaEQ'}")
    before = item_of(reaper)
    reaper.run("repaint", {"how": 'it\'s "so" `odd`'})
    request = paper.ask(reaper, "repaint")
    paper.finish(request)
    report = reaper.settle()
    after = item_of(reaper)
    assert after["takes"][0] == before["takes"][0], "the original is untouched"
    assert (after["position"], after["length"], after["active"], after["attach"]) == (0, 8, 2, 0)
    assert after["takes"][1]["offset"] == 0 and after["takes"][1]["volume"] == 0.5
    assert after["takes"][1]["effects"] == 1 and after["takes"][1]["name"] == "Repaint, seed 7"
    assert report["last_undo"] == "Barline: repaint 1.1.00 - 5.1.00"
    made = told(reaper, take=2)
    assert (
        made["job"] == request["id"]
        and made["seed"] == "7"
        and made["request"]["caption"] == 'it\'s "so" `odd`'
    )


def test_one_undo_takes_it_away(reaper: Reaper, paper: PaperDaemon, song: Path) -> None:
    before = reaper.report()
    reaper.run("repaint", {})
    paper.finish(paper.ask(reaper, "repaint"))
    reaper.settle()
    reaper.do("world.undo(world.current)")
    after = reaper.report()
    assert after["tracks"] == before["tracks"] and after["undo"] == before["undo"]


def test_stems_are_tracks_below_their_source(reaper: Reaper, paper: PaperDaemon, song: Path) -> None:
    reaper.do("user.track('other'); user.time(1, 3)")
    reaper.run("stems", {"stems": "vocals, drums"})
    paper.finish(paper.ask(reaper, "extract"))
    report = reaper.settle()
    names = [track["name"] for track in report["tracks"]]
    assert names == ["mix", "Stems vocals", "Stems drums", "Stems remainder", "other"]
    for track in (2, 3, 4):
        stem = item_of(reaper, track)
        assert (stem["position"], stem["length"], stem["loop"], stem["attach"]) == (1, 2, 0, 0)


LAYERS: dict[str, tuple[str, dict[str, str]]] = {
    "layer": ("lego", {"class": "drums"}),
    "backing": ("vocal2bgm", {"instruments": "all"}),
    "cover": ("cover", {"strength": "0.25", "timbre": "/x/y.wav"}),
}


@pytest.mark.parametrize("action", LAYERS)
def test_a_layer_lies_on_a_track_of_its_own(
    reaper: Reaper, paper: PaperDaemon, song: Path, action: str
) -> None:
    command, answers = LAYERS[action]
    reaper.do("user.time(0.5, 2)")
    reaper.run(action, answers)
    paper.finish(paper.ask(reaper, command))
    reaper.settle()
    layer = item_of(reaper, 2)
    assert (layer["position"], layer["length"]) == (0.5, 1.5) and len(item_of(reaper)["takes"]) == 1


def test_generate_begins_at_the_cursor(reaper: Reaper, paper: PaperDaemon) -> None:
    reaper.do("world.current.state.cursor = 1.25")
    reaper.run("generate", {"how": "piano", "bars": "2"})
    request = paper.ask(reaper, "generate")
    assert request["start"] == {"samples": 60_000} and request["length"] == {"bars": 2}
    paper.finish(request)
    reaper.settle()
    assert item_of(reaper)["position"] == 1.25


def test_continue_fills_whole_bars_behind_the_item(reaper: Reaper, paper: PaperDaemon, song: Path) -> None:
    reaper.do("user.item(1).values.D_LENGTH = 8; user.time(1, 2)")
    reaper.run("continue", {"bars": "2"})
    request = paper.ask(reaper, "repaint")
    assert request["outpaint"] is True and request["deliver"] == "take"
    assert (request["start"]["samples"], request["end"]["samples"]) == (8 * RATE, 12 * RATE)
    paper.finish(request)
    reaper.settle()
    assert (item_of(reaper, 2)["position"], item_of(reaper, 2)["length"]) == (8, 4)


def test_an_item_between_samples_gets_stems_between_samples(
    reaper: Reaper, paper: PaperDaemon, song: Path
) -> None:
    position = 1.00001  # 48000.48 samples
    reaper.do(f"user.item(1).values.D_POSITION = {position}")
    reaper.run("stems", {})
    request = paper.ask(reaper, "extract")
    assert request["source_start"] == {"samples": 48_000} and request["start"] == {"samples": 48_000}
    paper.finish(request)
    reaper.settle()
    assert item_of(reaper, 2)["position"] == pytest.approx(position, abs=1e-12)


def test_a_trimmed_item_is_told_with_its_offset(reaper: Reaper, paper: PaperDaemon, song: Path) -> None:
    reaper.do(
        "local i = user.item(1) i.values.D_POSITION, i.values.D_LENGTH = 10, 3 "
        "user.take(i).values.D_STARTOFFS = 2"
    )
    reaper.run("repaint", {})
    request = paper.ask(reaper, "repaint")
    assert request["source_start"] == {"samples": 8 * RATE}
    assert (request["start"]["samples"], request["end"]["samples"]) == (10 * RATE, 13 * RATE)
    paper.finish(request)
    reaper.settle()
    assert item_of(reaper)["takes"][1]["offset"] == 2
