"""Which file a target is told by: the take's own where that says all, else one rendered to the sample."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.plugins.reaper.daw import Reaper
from tests.plugins.reaper.paper import PaperDaemon

RATE = 48_000
FRAMES = 3 * RATE


@pytest.fixture
def paper(tmp_path: Path, reaper: Reaper) -> PaperDaemon:
    """A daemon in the test's hand, and a selected item of three seconds."""
    noise = 0.1 * np.random.default_rng(4).standard_normal((FRAMES, 2))
    soundfile.write(tmp_path / "song.wav", noise, RATE, subtype="PCM_24")
    code = "local t = user.track('mix') user.select(user.import(t, path))"
    reaper.do(code, path=str(tmp_path / "song.wav"))
    return PaperDaemon(tmp_path / "runtime")


def told_file(reaper: Reaper, paper: PaperDaemon, action: str = "repaint", **answers: str) -> dict[str, Any]:
    """The request of an action, once its file is ready."""
    reaper.run(action, answers)
    return paper.ask(reaper, "repaint")


def heard(request: dict[str, Any]) -> np.ndarray:
    """The samples of the file a request names."""
    return soundfile.read(request["source"], always_2d=True)[0]


def song(paper: PaperDaemon) -> np.ndarray:
    return soundfile.read(paper.runtime.parent / "song.wav", always_2d=True)[0]


RENDERED = {
    "rate": "user.take(user.item(1)).values.D_PLAYRATE = 0.5",
    "pitch": "user.take(user.item(1)).values.D_PITCH = 2",
    "stretch": "user.take(user.item(1)).stretch_markers = 3",
    "section": "user.take(user.item(1)).source.type = 'SECTION'",
    "loop": "user.item(1).values.D_LENGTH = 4",
    "before its file": "user.take(user.item(1)).values.D_STARTOFFS = -1; user.item(1).values.B_LOOPSRC = 0",
}


@pytest.mark.parametrize("name", RENDERED)
def test_what_the_file_does_not_say_is_rendered(reaper: Reaper, paper: PaperDaemon, name: str) -> None:
    reaper.do(RENDERED[name])
    request = told_file(reaper, paper)
    assert Path(request["source"]).parent.name == "Barline" and request["source_start"] == {"samples": 0}
    info = soundfile.info(request["source"])
    assert (info.samplerate, info.channels, info.subtype) == (RATE, 2, "FLOAT")
    assert info.frames == round(reaper.do("return user.item(1).values.D_LENGTH") * RATE)


def test_a_plain_take_is_told_by_its_file(reaper: Reaper, paper: PaperDaemon) -> None:
    assert told_file(reaper, paper)["source"] == str(paper.runtime.parent / "song.wav")


def test_a_loop_is_rendered_to_the_sample(reaper: Reaper, paper: PaperDaemon) -> None:
    reaper.do("user.item(1).values.D_LENGTH = 4")
    made = heard(told_file(reaper, paper))
    np.testing.assert_array_equal(made, np.float32(np.concatenate([song(paper), song(paper)[:RATE]])))


def test_double_speed_plays_every_second_sample(reaper: Reaper, paper: PaperDaemon) -> None:
    reaper.do("user.take(user.item(1)).values.D_PLAYRATE = 2; user.item(1).values.D_LENGTH = 1.5")
    np.testing.assert_array_equal(heard(told_file(reaper, paper)), np.float32(song(paper)[::2]))


def test_a_mono_file_stays_mono(reaper: Reaper, paper: PaperDaemon) -> None:
    path = str(paper.runtime.parent / "mono.wav")
    soundfile.write(path, np.linspace(-0.5, 0.5, 2 * RATE), RATE, subtype="PCM_16")
    reaper.do("user.select(user.import(user.item(1).track, path, {position = 5, length = 3}))", path=path)
    assert soundfile.info(told_file(reaper, paper)["source"]).channels == 1


def test_several_items_are_told_as_the_track_plays_them(reaper: Reaper, paper: PaperDaemon) -> None:
    path = str(paper.runtime.parent / "song.wav")
    reaper.do("user.import(user.item(1).track, path, {position = 3.5})", path=path)
    reaper.do("user.razor(user.item(1).track, 2, 5)")
    request = told_file(reaper, paper)
    assert (request["start"], request["end"]) == ({"samples": 2 * RATE}, {"samples": 5 * RATE})
    assert request["deliver"] == "take" and request["source_start"] == {"samples": 0}
    made = heard(request)
    np.testing.assert_array_equal(made[:FRAMES], np.float32(song(paper)))
    np.testing.assert_array_equal(made[7 * RATE // 2 :][:FRAMES], np.float32(song(paper)))
    assert not made[FRAMES : 7 * RATE // 2].any()


def test_a_rendered_take_lands_where_the_item_begins(reaper: Reaper, paper: PaperDaemon) -> None:
    reaper.do(
        "local i = user.item(1) i.values.D_POSITION = 1.5 user.take(i).values.D_PLAYRATE = 0.5 "
        "user.take(i).values.D_STARTOFFS = 0.25 user.take(i).effects = {'ReaEQ'}"
    )
    paper.finish(told_file(reaper, paper))
    takes = reaper.settle()["tracks"][0]["items"][0]["takes"]
    assert [(take["offset"], take["rate"], take["effects"]) for take in takes] == [(0.25, 0.5, 1), (0, 1, 1)]


def test_a_rendered_take_follows_a_trim_made_meanwhile(reaper: Reaper, paper: PaperDaemon) -> None:
    reaper.do("user.take(user.item(1)).values.D_PLAYRATE = 0.5")
    request = told_file(reaper, paper)
    reaper.do("local i = user.item(1) i.values.D_POSITION = 1 user.take(i).values.D_STARTOFFS = 0.5")
    paper.finish(request)
    assert reaper.settle()["tracks"][0]["items"][0]["takes"][1]["offset"] == 1


def test_a_continuation_hears_nothing_behind_the_item(reaper: Reaper, paper: PaperDaemon) -> None:
    reaper.do("user.item(1).values.D_LENGTH = 2")
    request = told_file(reaper, paper, "continue", bars="1")
    assert soundfile.info(request["source"]).frames == 2 * RATE
    assert (request["start"]["samples"], request["end"]["samples"]) == (2 * RATE, 4 * RATE)


def test_a_render_goes_on_over_many_ticks_and_shows_it(reaper: Reaper, paper: PaperDaemon) -> None:
    reaper.do("user.item(1).values.D_LENGTH = 9")
    reaper.run("repaint", {})
    reaper.tick(4)
    assert "rendering (it is looped" in reaper.report()["windows"] and paper.requests() == []
    assert reaper.report()["accessors"] == 1
    paper.ask(reaper, "repaint")
    assert reaper.report()["accessors"] == 0


@pytest.mark.parametrize("end", ["program.quit()", "world.close(world.current)", "user.razor(nil)"])
def test_an_unfinished_render_leaves_no_file(reaper: Reaper, paper: PaperDaemon, end: str) -> None:
    reaper.do("user.item(1).values.D_LENGTH = 9")
    reaper.run("repaint", {})
    reaper.tick(3)
    if end.startswith("user"):
        reaper.run("cancel")
        end = "return 1"
    reaper.do(end)
    reaper.tick(3)
    assert list((paper.runtime.parent / "media" / "Barline").iterdir()) == []
    assert reaper.report()["accessors"] == 0 and paper.requests() == []


def test_an_item_deleted_while_it_is_rendered_is_said(reaper: Reaper, paper: PaperDaemon) -> None:
    reaper.do("user.item(1).values.D_LENGTH = 9")
    reaper.run("repaint", {})
    reaper.tick(3)
    reaper.do("world.undo(world.current)")
    reaper.tick(8)
    assert "no longer there" in reaper.report()["windows"] and reaper.report()["jobs"] == 0
    assert reaper.report()["accessors"] == 0


def test_audio_that_is_edited_meanwhile_is_rendered_anew(reaper: Reaper, paper: PaperDaemon) -> None:
    reaper.do("user.item(1).values.D_LENGTH = 4")
    reaper.run("repaint", {})
    reaper.tick(2)
    reaper.do("media.changes = media.changes + 1")
    made = heard(paper.ask(reaper, "repaint"))
    np.testing.assert_array_equal(made[:FRAMES], np.float32(song(paper)))


def test_a_render_is_taken_up_after_the_project_was_opened_again(reaper: Reaper, paper: PaperDaemon) -> None:
    reaper.do("user.item(1).values.D_LENGTH = 9")
    reaper.run("repaint", {})
    reaper.tick(3)
    reaper.do("world.save(world.current, '/p.rpp') program.quit() program.restart()")
    reaper.do("world.open(world.current, '/p.rpp')")
    reaper.run("resume")
    assert soundfile.info(paper.ask(reaper, "repaint")["source"]).frames == 9 * RATE
