"""What replies, refusals and silence do to a waiting job, with the test as the daemon."""

from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.common import write_song
from tests.plugins.reaper.daw import LuaError, Reaper, installed
from tests.plugins.reaper.paper import PaperDaemon

LRC = "[offset:500]\n[00:01.50]first line\n[00:02.00][00:04.00]twice\n[00:03.50]\n"


@pytest.fixture
def lua() -> str:
    """The newest Lua alone: what differs between the two is tried by the other files."""
    if not installed():
        pytest.skip("no Lua installed; .ci/run installs it where apt is there")
    return installed()[-1]


@pytest.fixture
def paper(tmp_path: Path, reaper: Reaper) -> PaperDaemon:
    """A daemon in the test's hand, and a selected item of eight seconds."""
    path = write_song(tmp_path / "song.wav", 8)
    reaper.do("local t = user.track('mix') user.select(user.import(t, path))", path=str(path))
    return PaperDaemon(tmp_path / "runtime")


def asked(reaper: Reaper, paper: PaperDaemon, **answers: str) -> dict[str, Any]:
    """A repaint on its way."""
    reaper.run("repaint", answers)
    return paper.ask(reaper, "repaint")


def windows(reaper: Reaper) -> str:
    reaper.tick(8)
    found: str = reaper.report()["windows"]
    return found


def test_progress_is_shown(reaper: Reaper, paper: PaperDaemon) -> None:
    request = asked(reaper, paper)
    paper.reply(request, "accepted", position=2)
    assert "waiting behind 2" in windows(reaper)
    paper.reply(request, "progress", stage="denoise", step=3, of=8)
    assert "denoise 3 of 8" in windows(reaper)


def test_a_refusal_is_said_and_the_job_is_gone(reaper: Reaper, paper: PaperDaemon) -> None:
    paper.fail(asked(reaper, paper), "out-of-range", "seed", "seed=9 is outside")
    assert "seed=9 is outside (out-of-range)" in windows(reaper)
    assert reaper.report()["jobs"] == 0 and reaper.report()["undo"] == 2


def test_a_refused_grid_is_said_too(reaper: Reaper, paper: PaperDaemon) -> None:
    reaper.run("repaint", {})
    project = paper.ask(reaper, "project")
    paper.fail(project, "out-of-range", "tempo", "bpm=9 is outside")
    assert "bpm=9" in windows(reaper) and reaper.report()["jobs"] == 0


@pytest.mark.parametrize("code", ["not-ready", "busy"])
def test_later_means_again_under_a_new_id(reaper: Reaper, paper: PaperDaemon, code: str) -> None:
    first = asked(reaper, paper)
    paper.fail(first, code, text="in a moment")
    assert "later: in a moment" in windows(reaper)
    reaper.skip(4)
    second = paper.ask(reaper, "repaint")
    assert second["id"] != first["id"] and second["source"] == first["source"]


def test_a_folder_that_is_not_allowed_is_left_to_the_daemon(reaper: Reaper, paper: PaperDaemon) -> None:
    first = asked(reaper, paper)
    assert first["out"].endswith("Barline")
    paper.fail(first, "not-allowed", "out")
    assert "out" not in paper.ask(reaper, "repaint")


def test_a_file_that_cannot_be_read_there_is_rendered(reaper: Reaper, paper: PaperDaemon) -> None:
    first = asked(reaper, paper)
    paper.fail(first, "no-audio", "source")
    second = paper.ask(reaper, "repaint")
    assert second["source"].startswith(first["out"]) and Path(second["source"]).is_file()
    paper.fail(second, "no-audio", "source", "still not")
    assert "still not" in windows(reaper), "once is enough"


def test_a_job_the_daemon_lost_is_sent_again_under_the_same_id(reaper: Reaper, paper: PaperDaemon) -> None:
    first = asked(reaper, paper)
    paper.announce(pid=2)
    reaper.skip(3)
    fetch = paper.ask(reaper, "fetch")
    paper.fail(fetch, "unknown-job", "job")
    again = paper.ask(reaper, "repaint")
    assert again == first


def test_another_daemon_is_asked_for_what_was_missed(reaper: Reaper, paper: PaperDaemon) -> None:
    request = asked(reaper, paper)
    paper.announce(pid=2)
    reaper.skip(3)
    assert paper.ask(reaper, "fetch")["job"] == request["id"]
    paper.finish(request)
    reaper.settle()


def test_silence_is_said_and_asked_about(reaper: Reaper, paper: PaperDaemon) -> None:
    request = asked(reaper, paper)
    for _ in range(2):
        reaper.skip(11)
        assert paper.ask(reaper, "fetch")["job"] == request["id"]
    reaper.skip(11)
    assert "is Barline running?" in windows(reaper)


def test_without_a_daemon_the_request_waits_for_one(reaper: Reaper, paper: PaperDaemon) -> None:
    (paper.runtime / "daemon.json").unlink()
    reaper.run("repaint", {})
    reaper.tick(5)
    reaper.skip(11)
    assert paper.requests() == [] and "waiting for the daemon" in windows(reaper)
    paper.announce(pid=3)
    reaper.skip(3)
    assert paper.ask(reaper, "repaint")["type"] == "repaint"


@pytest.mark.parametrize("text", ["", "{", '{"mailbox": 7}', "[1]", "nothing"])
def test_a_broken_port_file_is_no_daemon(reaper: Reaper, paper: PaperDaemon, text: str) -> None:
    (paper.runtime / "daemon.json").write_text(text)
    reaper.run("repaint", {})
    reaper.tick(20)
    assert paper.requests() == [] and reaper.report()["jobs"] == 1


def test_replies_that_nobody_waits_for_are_read_and_forgotten(reaper: Reaper, paper: PaperDaemon) -> None:
    request = asked(reaper, paper)
    paper.reply(request | {"id": "someone else's"}, "done")
    folder = paper.box / "out" / request["client"]
    (folder / "00000009.json").write_text("{ no JSON")
    (folder / "notes.txt").write_text("no reply")
    paper.reply(request, "engine", state="ready")
    reaper.tick(10)
    assert [path.name for path in folder.iterdir()] == ["notes.txt"] and reaper.report()["jobs"] == 1


def test_a_done_that_comes_twice_is_placed_once(reaper: Reaper, paper: PaperDaemon) -> None:
    request = asked(reaper, paper)
    paper.finish(request)
    paper.finish(request)
    reaper.settle()
    reaper.tick(20)
    assert reaper.do("return #user.item(1).takes") == 2


# --- giving up


def test_cancel_asks_the_daemon_and_ends_with_its_answer(reaper: Reaper, paper: PaperDaemon) -> None:
    request = asked(reaper, paper)
    reaper.run("cancel")
    cancel = paper.ask(reaper, "cancel")
    assert cancel["job"] == request["id"] and cancel["client"] == request["client"]
    paper.reply(request, "cancelled")
    report = reaper.settle()
    assert report["undo"] == 2 and "cancelled" in windows(reaper)


def test_cancel_means_the_selected_items_job_where_there_is_one(reaper: Reaper, paper: PaperDaemon) -> None:
    first = asked(reaper, paper)
    reaper.do(
        "user.select(user.import(user.item(1).track, user.take(user.item(1)).source.path, {position=10}))"
    )
    reaper.run("stems", {"stems": "bass"})
    second = paper.ask(reaper, "extract")
    reaper.run("cancel")
    assert paper.ask(reaper, "cancel")["job"] == second["id"]
    reaper.do("user.select(nil)")
    reaper.run("cancel")
    reaper.tick(3)
    assert first["id"] in {one.get("job") for one in paper.requests()}


def test_cancel_finds_jobs_that_nobody_looks_after(reaper: Reaper, paper: PaperDaemon) -> None:
    request = asked(reaper, paper)
    reaper.do("program.quit(); program.restart()")
    reaper.run("cancel")
    cancel = paper.ask(reaper, "cancel")
    assert cancel["job"] == request["id"]
    paper.fail(cancel, "unknown-job", "job")
    reaper.settle()


def test_the_x_of_a_line_gives_its_job_up(reaper: Reaper, paper: PaperDaemon) -> None:
    asked(reaper, paper, takes="2")
    reaper.do("local g = program.scripts[1].gfx g.mouse_x, g.mouse_y, g.mouse_cap = 450, 50, 1")
    assert paper.ask(reaper, "cancel")["job"].endswith("-1")
    reaper.tick(5)
    assert paper.requests() == [], "one click is one cancel"


def test_a_closed_window_changes_nothing_and_an_error_opens_it(reaper: Reaper, paper: PaperDaemon) -> None:
    request = asked(reaper, paper)
    reaper.do("program.scripts[1].is_window_open = false")
    reaper.tick(3)
    paper.fail(request, "internal", text="a fault")
    assert "a fault" in windows(reaper)


# --- lyrics


def sung(reaper: Reaper, paper: PaperDaemon, kind: str) -> dict[str, Any]:
    """A repaint with lyrics, placed, and its alignment too."""
    reaper.run("settings", {"lyrics as": kind})
    paper.finish(asked(reaper, paper, lyrics="first line / twice"))
    request = paper.ask(reaper, "align")
    (paper.runtime / "a.lrc").write_text("﻿" + LRC)
    (paper.runtime / "a.txt").write_text("1.1.00\tfirst \t1.2.00\tline\t")
    files = [str(paper.runtime / "a.lrc"), str(paper.runtime / "a.txt")]
    told = {"start_sample": 0, "end_sample": 8 * 48_000, "sample_rate": 48_000}
    paper.reply(request, "done", formats=["lrc", "reaper"], files=files, **told)
    return reaper.settle()


def test_lyrics_become_regions(reaper: Reaper, paper: PaperDaemon) -> None:
    marks = sung(reaper, paper, "regions")["markers"]
    spans = [(mark["name"], mark["first"], mark["last"]) for mark in marks if mark["is_region"]]
    assert spans == [("first line", 1, 1.5), ("twice", 1.5, 3), ("twice", 3.5, 8)]


def test_lyrics_become_markers_in_one_undo_step(reaper: Reaper, paper: PaperDaemon) -> None:
    report = sung(reaper, paper, "markers")
    assert [mark["first"] for mark in report["markers"] if not mark["is_region"]] == [1, 1.5, 3.5]
    assert report["last_undo"] == "Barline: lyrics 1.1.00 - 5.1.00"


def test_lyrics_become_take_markers_of_the_new_take(reaper: Reaper, paper: PaperDaemon) -> None:
    sung(reaper, paper, "take")
    marks = reaper.do("return user.item(1).takes[2].markers")
    assert [(mark["name"], mark["at"]) for mark in marks] == [
        ("first line", 1),
        ("twice", 1.5),
        ("twice", 3.5),
    ]


def test_lyrics_become_midi_lyrics(reaper: Reaper, paper: PaperDaemon) -> None:
    tracks = sung(reaper, paper, "midi")["tracks"]
    assert tracks[1]["name"] == "Lyrics" and tracks[1]["lyrics"] == "1.1.00\tfirst \t1.2.00\tline\t"


def test_lyrics_that_cannot_be_timed_are_no_alarm(reaper: Reaper, paper: PaperDaemon) -> None:
    paper.finish(asked(reaper, paper, lyrics="la"))
    paper.fail(paper.ask(reaper, "align"), "no-task", text="this model cannot")
    assert "this model cannot" in windows(reaper)
    reaper.tick(100)
    assert reaper.report()["scripts"] == 0, "the window closes by itself"


def test_no_lyrics_no_question(reaper: Reaper, paper: PaperDaemon) -> None:
    paper.finish(asked(reaper, paper))
    reaper.settle()
    reaper.tick(5)
    assert paper.requests() == []


# --- the stand-in itself


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("reaper.NoSuchThing()", "does not exist"),
        ("reaper.CountTracks()", "0 arguments, not 1"),
        ("reaper.CountTracks(0, 1)", "2 arguments, not 1"),
        ("reaper.GetTrack(0, 'one')", "argument 2|arguments 2 is one, not integer"),
        ("reaper.GetTrack(0, 1.5)", "not integer"),
        ("reaper.GetMediaItemInfo_Value(reaper.GetTrack(0, 0), 'D_POSITION')", "not item"),
        ("reaper.GetMediaItemInfo_Value(reaper.GetMediaItem(0, 0), 'D_NONE')", "does not exist"),
        ("reaper.CountTracks = nil", "must not be set"),
        ("a_global = 1", "sets the global"),
        ("gfx.nothing()", "does not exist"),
        ("reaper.Undo_BeginBlock2(0)", "undo block was left open"),
        ("reaper.Undo_EndBlock2(0, 'x', -1)", "without Undo_BeginBlock2"),
        ("reaper.PreventUIRefresh(1)", "was left on"),
        ("for i = 1, 2 do reaper.EnumerateFiles('/', -1) end", "2 listings in one tick"),
        ("local i = reaper.GetMediaItem(0, 0) undo() reaper.IsMediaItemSelected(i)", "no longer there"),
        ("error('boom')", "boom"),
    ],
)
def test_a_script_that_breaks_a_rule_is_caught(
    reaper: Reaper, paper: PaperDaemon, code: str, said: str
) -> None:
    script = paper.runtime / "bad.lua"
    script.write_text(code)
    reaper.do("_G.undo = function() world.undo(world.current) end program.run(path)", path=str(script))
    with pytest.raises(LuaError, match=said):
        reaper.check()


def test_a_listing_is_remembered_until_it_is_asked_for_anew(reaper: Reaper, tmp_path: Path) -> None:
    code = "return {part('files').list(folder), program.table().EnumerateFiles(folder, 1) or 'none'}"
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "a").touch()
    assert reaper.do(code, folder=str(tmp_path / "box")) == [["a"], "none"]
    (tmp_path / "box" / "b").touch()
    assert reaper.do("return program.table().EnumerateFiles(folder, 1)", folder=str(tmp_path / "box")) is None
    assert reaper.do(code, folder=str(tmp_path / "box")) == [["a", "b"], "b"]
