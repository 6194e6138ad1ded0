"""What the actions ask for and where its answer lands, with the test as the daemon."""

from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.common import write_song
from tests.plugins.reaper.daw import Reaper
from tests.plugins.reaper.paper import PaperDaemon

RATE = 48_000


@pytest.fixture
def paper(tmp_path: Path, reaper: Reaper) -> PaperDaemon:
    """A daemon in the test's hand."""
    return PaperDaemon(tmp_path / "runtime")


@pytest.fixture
def song(tmp_path: Path, reaper: Reaper) -> Path:
    """Eight seconds with a name that is not easy to write, on the project's first track, selected."""
    path = write_song(tmp_path / 'it\'s "my" söng ♫ `1`.wav', 8)
    reaper.do("local t = user.track('mix') user.select(user.import(t, path))", path=str(path))
    return path


def item(reaper: Reaper, track: int = 1, number: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = reaper.report()["tracks"][track - 1]["items"][number - 1]
    return found


def told(reaper: Reaper, track: int = 1, take: int = 1) -> dict[str, Any]:
    """The provenance in a take's ext data."""
    ext = item(reaper, track)["takes"][take - 1]["ext"]
    found: dict[str, Any] = reaper.do("return part('jobs').unpack(ext)", ext=ext)
    return found


# --- what is asked for


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


# --- where it lands


def test_a_repaint_is_a_new_take_of_the_item(reaper: Reaper, paper: PaperDaemon, song: Path) -> None:
    reaper.do("user.take(user.item(1)).values.D_VOL = 0.5; user.take(user.item(1)).effects = {'ReaEQ'}")
    before = item(reaper)
    reaper.run("repaint", {"how": 'it\'s "so" `odd`'})
    request = paper.ask(reaper, "repaint")
    paper.finish(request)
    report = reaper.settle()
    after = item(reaper)
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
        stem = item(reaper, track)
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
    layer = item(reaper, 2)
    assert (layer["position"], layer["length"]) == (0.5, 1.5) and len(item(reaper)["takes"]) == 1


def test_generate_begins_at_the_cursor(reaper: Reaper, paper: PaperDaemon) -> None:
    reaper.do("world.current.state.cursor = 1.25")
    reaper.run("generate", {"how": "piano", "bars": "2"})
    request = paper.ask(reaper, "generate")
    assert request["start"] == {"samples": 60_000} and request["length"] == {"bars": 2}
    paper.finish(request)
    reaper.settle()
    assert item(reaper)["position"] == 1.25


def test_continue_fills_whole_bars_behind_the_item(reaper: Reaper, paper: PaperDaemon, song: Path) -> None:
    reaper.do("user.item(1).values.D_LENGTH = 8; user.time(1, 2)")
    reaper.run("continue", {"bars": "2"})
    request = paper.ask(reaper, "repaint")
    assert request["outpaint"] is True and request["deliver"] == "take"
    assert (request["start"]["samples"], request["end"]["samples"]) == (8 * RATE, 12 * RATE)
    paper.finish(request)
    reaper.settle()
    assert (item(reaper, 2)["position"], item(reaper, 2)["length"]) == (8, 4)


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
    assert item(reaper, 2)["position"] == pytest.approx(position, abs=1e-12)


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
    assert item(reaper)["takes"][1]["offset"] == 2


# --- what happens meanwhile


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
    assert [take["offset"] for take in item(reaper)["takes"]] == [1, 1]


def test_an_item_deleted_meanwhile_gets_its_result_on_a_new_track(
    reaper: Reaper, paper: PaperDaemon, song: Path
) -> None:
    reaper.run("repaint", {})
    request = paper.ask(reaper, "repaint")
    reaper.do("world.step(world.current, 'delete', function() user.item(1).track.items = {} end)")
    paper.finish(request)
    reaper.settle()
    assert item(reaper, 2)["position"] == 0 and item(reaper, 2)["length"] == 8


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
    assert len(item(reaper)["takes"]) == 2 and reaper.report()["jobs"] == 0


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
    assert len(item(reaper)["takes"]) == 3


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
    assert len(report["tracks"]) == 3 and len(item(reaper)["takes"]) == 2


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
