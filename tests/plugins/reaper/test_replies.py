"""What replies, refusals and silence do to a waiting job, with the test as the daemon."""

from pathlib import Path

import pytest

from tests.plugins.reaper.daw import Reaper
from tests.plugins.reaper.paper import PaperDaemon, asked, windows


@pytest.fixture
def lua(newest_lua: str) -> str:
    """One Lua is enough here."""
    return newest_lua


@pytest.fixture
def paper(paper: PaperDaemon, song: Path) -> PaperDaemon:
    """A daemon in the test's hand, and a selected item of eight seconds."""
    return paper


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
