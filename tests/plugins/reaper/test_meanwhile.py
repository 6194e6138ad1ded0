"""What may happen to project, REAPER and daemon while a job waits, with the test as the daemon."""

from pathlib import Path

import pytest

from tests.plugins.reaper.daw import Reaper, item_of
from tests.plugins.reaper.paper import PaperDaemon


def test_an_item_moved_and_trimmed_meanwhile_keeps_its_take_in_place(
    reaper: Reaper, paper: PaperDaemon, song: Path
) -> None:
    reaper.run("repaint", {})
    request = paper.ask(reaper, "repaint")
    reaper.do(
        "local i = user.item(1) i.values.D_POSITION, i.values.D_LENGTH = 21, 4 "
        "user.take(i).values.D_STARTOFFS = 1"
    )
    paper.finish(request)
    reaper.settle()
    assert [take["offset"] for take in item_of(reaper)["takes"]] == [1, 1]


def test_an_item_deleted_meanwhile_gets_its_result_on_a_new_track(
    reaper: Reaper, paper: PaperDaemon, song: Path
) -> None:
    reaper.run("repaint", {})
    request = paper.ask(reaper, "repaint")
    reaper.do("world.step(world.current, 'delete', function() user.item(1).track.items = {} end)")
    paper.finish(request)
    reaper.settle()
    assert item_of(reaper, 2)["position"] == 0 and item_of(reaper, 2)["length"] == 8


def test_a_track_deleted_meanwhile_too(reaper: Reaper, paper: PaperDaemon, song: Path) -> None:
    reaper.run("stems", {"stems": "bass"})
    request = paper.ask(reaper, "extract")
    reaper.do("world.step(world.current, 'delete', function() world.current.state.tracks = {} end)")
    paper.finish(request)
    assert [track["name"] for track in reaper.settle()["tracks"]] == ["Stems bass", "Stems remainder"]


@pytest.mark.parametrize("restores", [True, False])
def test_undo_while_waiting_loses_nothing_and_doubles_nothing(
    reaper: Reaper, paper: PaperDaemon, song: Path, restores: bool
) -> None:
    reaper.do("world.undo_restores_ext = restores; user.track('late')", restores=restores)
    reaper.run("repaint", {})
    request = paper.ask(reaper, "repaint")
    reaper.do("world.undo(world.current)")
    paper.finish(request)
    reaper.wait("#user.item(1).takes == 2")
    reaper.do("world.undo(world.current); world.redo(world.current); program.quit()")
    reaper.run("resume")
    reaper.tick(5)
    reaper.skip(11)
    reaper.tick(5)
    assert len(item_of(reaper)["takes"]) == 2 and reaper.report()["jobs"] == 0


def test_another_tab_shown_meanwhile_changes_nothing(reaper: Reaper, paper: PaperDaemon, song: Path) -> None:
    reaper.run("stems", {"stems": "bass"})
    request = paper.ask(reaper, "extract")
    reaper.do("first = world.current; world.current = world.new_project('other.rpp')")
    paper.finish(request)
    reaper.wait("#first.state.tracks == 3")
    assert reaper.report()["tracks"] == []


def test_an_older_reaper_waits_until_the_tab_is_shown(reaper: Reaper, paper: PaperDaemon, song: Path) -> None:
    reaper.do("program.missing = {InsertTrackInProject = true, set_action_options = true}")
    reaper.run("stems", {"stems": "bass"})
    request = paper.ask(reaper, "extract")
    reaper.do("first = world.current world.current = world.new_project('other.rpp')")
    paper.finish(request)
    reaper.wait("program.windows():find('waits until its project is shown') ~= nil")
    reaper.do("world.current = first")
    assert [track["name"] for track in reaper.settle()["tracks"]] == ["mix", "Stems bass", "Stems remainder"]


def test_a_closed_project_ends_the_script_quietly(reaper: Reaper, paper: PaperDaemon, song: Path) -> None:
    reaper.run("repaint", {})
    paper.ask(reaper, "repaint")
    reaper.do("world.close(world.current)")
    reaper.tick(5)
    assert reaper.report()["scripts"] == 0


def test_another_project_in_the_same_tab_is_left_alone(
    reaper: Reaper, paper: PaperDaemon, song: Path
) -> None:
    reaper.run("repaint", {})
    request = paper.ask(reaper, "repaint")
    reaper.do("world.open(world.current, '/other.rpp')")
    paper.finish(request)
    reaper.tick(10)
    assert reaper.report()["tracks"] == [] and reaper.report()["scripts"] == 0


def test_a_saved_project_gets_its_result_when_it_is_opened_again(
    reaper: Reaper, paper: PaperDaemon, song: Path
) -> None:
    reaper.run("repaint", {"lyrics": 'it\'s "la" `la`'})
    request = paper.ask(reaper, "repaint")
    reaper.do("world.save(world.current, '/p.rpp'); program.quit(); program.restart()")
    reaper.do("world.open(world.current, '/p.rpp')")
    reaper.run("resume")
    fetch = paper.ask(reaper, "fetch")
    assert fetch["job"] == request["id"]
    paper.finish(request | {"client": fetch["client"]})
    reaper.wait("#user.item(1).takes == 2")


def test_the_same_action_started_again_takes_over_its_jobs(
    reaper: Reaper, paper: PaperDaemon, song: Path
) -> None:
    reaper.run("repaint", {"seed": "1"})
    first = paper.ask(reaper, "repaint")
    reaper.run("repaint", {"seed": "2"})
    reaper.tick(3)
    asked = {one["type"]: one for one in paper.requests()}
    assert reaper.report()["scripts"] == 1
    assert asked["fetch"]["job"] == first["id"] and asked["repaint"]["seed"] == 2
    for request in (first, asked["repaint"]):
        paper.finish(request | {"client": asked["fetch"]["client"]})
    reaper.settle()
    assert len(item_of(reaper)["takes"]) == 3


def test_two_actions_at_a_time_leave_each_others_jobs_alone(
    reaper: Reaper, paper: PaperDaemon, song: Path
) -> None:
    reaper.run("repaint", {})
    repaint = paper.ask(reaper, "repaint")
    reaper.run("stems", {"stems": "bass"})
    reaper.tick(5)
    extract = [one for one in paper.requests() if one["type"] != "project"]
    assert [one["type"] for one in extract] == ["extract"]
    paper.finish(extract[0])
    paper.finish(repaint)
    report = reaper.settle()
    assert len(report["tracks"]) == 3 and len(item_of(reaper)["takes"]) == 2


def test_a_result_that_is_gone_is_said_and_changes_nothing(
    reaper: Reaper, paper: PaperDaemon, song: Path
) -> None:
    reaper.run("stems", {"stems": "bass"})
    before = reaper.report()
    paper.finish(paper.ask(reaper, "extract"), takes=[str(song), "/nowhere/gone.wav"])
    reaper.settle()
    reaper.tick(5)
    after = reaper.report()
    assert after["tracks"] == before["tracks"] and after["undo"] == before["undo"]
    assert "/nowhere/gone.wav" in after["windows"]
