"""What a producer does in Live, with a real daemon at the other end."""

from pathlib import Path
from typing import Any

import pytest
import soundfile

from tests.acceptance.common import DaemonProcess
from tests.plugins.live import acting
from tests.plugins.live.conftest import OpenStudio
from tests.plugins.live.studio import LIVE_11, LIVE_12_1, Studio

REPAINT, STEMS, LAYER, BACKING, COVER, CONTINUE, GENERATE, CANCEL = range(8)


def lanes(studio: Studio, track: int = 0) -> list[Any]:
    """Take lanes of a track."""
    found: list[Any] = studio.tracks[track]._fake["take_lanes"]._fake["items"]
    return found


def clips(holder: Any) -> list[Any]:
    """Arrangement clips of a track or lane."""
    found: list[Any] = holder._fake["arrangement_clips"]._fake["items"]
    return found


def finish(studio: Studio, number: int, label: str) -> None:
    """Presses a key and waits for the result."""
    studio.press(number)
    studio.run_until(lambda: studio.hears(f"{label}: done"))


@pytest.fixture
def ready(studio: Studio, live_daemon: DaemonProcess, song_file: str) -> Studio:
    """The song on a track from bar 3 on, the loop brace on its third bar, the script running."""
    studio.add_clip(song_file, start=8.0)
    studio.desk.made_loose.clear()
    studio.loop(12.0, 4.0)
    studio.load()
    return studio


def test_a_repaint_lies_in_a_take_lane_where_the_region_is(ready: Studio) -> None:
    finish(ready, REPAINT, "Repaint")
    (clip,) = clips(lanes(ready)[0])
    assert (clip._fake["start_time"], acting.clip_end(clip)) == (12.0, 16.0)
    assert soundfile.info(clip._fake["file_path"]).frames == 2 * 48_000
    assert clip._fake["name"] == "song repaint"
    assert not clip._fake["warping"]


def test_the_original_is_as_it_was(ready: Studio) -> None:
    before = dict(clips(ready.tracks[0])[0]._fake)
    finish(ready, REPAINT, "Repaint")
    assert [dict(clip._fake) for clip in clips(ready.tracks[0])] == [before]


def test_one_undo_takes_a_repaint_away(ready: Studio) -> None:
    finish(ready, REPAINT, "Repaint")
    assert (len(ready.desk.steps), ready.desk.depth, ready.desk.made_loose) == (1, 0, [])
    ready.song.undo()
    assert lanes(ready) == []


def test_the_tracks_words_behind_the_colon_are_the_caption(ready: Studio) -> None:
    finish(ready, REPAINT, "Repaint")
    (clip,) = clips(lanes(ready)[0])
    sidecars = Path(clip._fake["file_path"]).parent.glob("*.json")
    assert any("nylon strings" in sidecar.read_text("utf-8") for sidecar in sidecars)


def test_before_12_2_a_repaint_comes_on_a_track_of_its_own(
    studio_for: OpenStudio, live_daemon: DaemonProcess, song_file: str
) -> None:
    studio = studio_for(LIVE_12_1)
    studio.add_clip(song_file)
    studio.loop(4.0, 4.0)
    studio.load()
    finish(studio, REPAINT, "Repaint")
    assert [len(clips(track)) for track in studio.tracks] == [1, 1]
    assert clips(studio.tracks[1])[0]._fake["start_time"] == 4.0


def test_live_11_makes_no_clips_from_files_and_says_where_the_take_is(
    studio_for: OpenStudio, live_daemon: DaemonProcess, song_file: str, write_settings: Any
) -> None:
    folder = live_daemon.place / "User Library"
    write_settings(f"out: {folder}")
    studio = studio_for(LIVE_11)
    studio.add_clip(song_file)
    studio.loop(4.0, 4.0)
    studio.load()
    studio.press(REPAINT)
    studio.run_until(lambda: studio.hears("drag it in from"))
    assert list(folder.rglob("*.wav"))


def test_a_session_clip_gets_its_take_in_the_next_free_slot(
    studio: Studio, live_daemon: DaemonProcess, song_file: str
) -> None:
    clip = studio.add_session_clip(song_file)
    acting.warp(clip, [(0.0, 0.0), (12.0, 24.0)])
    clip._fake |= {"loop_start": 4.0, "loop_end": 8.0}
    studio.load()
    finish(studio, REPAINT, "Repaint")
    slots = studio.tracks[0]._fake["clip_slots"]._fake["items"]
    take = slots[1]._fake["clip"]
    assert (take._fake["loop_start"], take._fake["loop_end"]) == (0.0, 4.0)


def test_when_all_slots_are_taken_there_is_a_new_scene(
    studio: Studio, live_daemon: DaemonProcess, song_file: str
) -> None:
    studio.add_session_clip(song_file, slot=0)
    clip = studio.add_session_clip(song_file, slot=1)
    clip._fake |= {"loop_start": 2.0, "loop_end": 4.0}
    studio.load()
    finish(studio, REPAINT, "Repaint")
    slots = studio.tracks[0]._fake["clip_slots"]._fake["items"]
    assert len(slots) == 3 and slots[2]._fake["clip"] is not None


def test_stems_come_on_tracks_of_their_own_at_one_place(ready: Studio) -> None:
    finish(ready, STEMS, "Stems")
    made = ready.tracks[1:]
    names = ["song stems vocals", "song stems drums", "song stems bass", "song stems remainder"]
    assert [track._fake["name"] for track in made] == names
    assert [clips(track)[0]._fake["start_time"] for track in made] == [12.0] * 4
    assert (len(ready.desk.steps), ready.desk.depth) == (1, 0)


@pytest.mark.parametrize(
    ("number", "label"), [(LAYER, "Layer"), (BACKING, "Backing")], ids=["layer", "backing"]
)
def test_what_is_added_comes_on_a_track_behind_the_source(ready: Studio, number: int, label: str) -> None:
    finish(ready, number, label)
    (clip,) = clips(ready.tracks[1])
    assert (clip._fake["start_time"], acting.clip_end(clip)) == (12.0, 16.0)


def test_a_cover_is_a_take(ready: Studio) -> None:
    finish(ready, COVER, "Cover")
    assert clips(lanes(ready)[0])[0]._fake["name"] == "song cover"


def test_continue_goes_on_behind_the_clip(ready: Studio, write_settings: Any) -> None:
    ready.song._fake["loop"] = False
    write_settings("bars: 1")
    finish(ready, CONTINUE, "Continue")
    (clip,) = clips(lanes(ready)[0])
    assert (clip._fake["start_time"], acting.clip_end(clip)) == (32.0, 36.0)


def test_generate_fills_the_loop_brace_on_a_new_track(ready: Studio) -> None:
    ready.select(None)
    finish(ready, GENERATE, "New")
    (clip,) = clips(ready.tracks[1])
    assert (clip._fake["start_time"], acting.clip_end(clip)) == (12.0, 16.0)


def test_cancel_stops_what_runs(ready: Studio, write_settings: Any) -> None:
    write_settings("steps: 20")
    ready.press(REPAINT)
    ready.run_until(lambda: ready.hears(" begins") or ready.hears(" of "))
    ready.press(CANCEL)
    ready.run_until(lambda: ready.hears("Repaint: cancelled"))
    assert lanes(ready) == []


def test_a_warped_take_is_pinned_to_the_beats_of_its_source(
    studio: Studio, live_daemon: DaemonProcess, song_file: str
) -> None:
    clip = studio.add_clip(song_file, start=8.0)
    acting.warp(clip, [(0.0, 0.0), (5.0, 8.0), (12.0, 24.0)])
    studio.desk.guesses_tempo = True
    studio.loop(12.0, 8.0)
    studio.load()
    finish(studio, REPAINT, "Repaint")
    (take,) = clips(lanes(studio)[0])
    found = [marker for marker in take._fake["markers"][:-1]]
    wanted = [(0.0, 0.0), (2.5, 4.0), (4.25, 8.0)]
    assert [beat for _, beat in found] == [beat for _, beat in wanted]
    assert [second for second, _ in found] == pytest.approx([second for second, _ in wanted])
    assert soundfile.info(take._fake["file_path"]).frames == round(4.25 * 48_000)
    assert (take._fake["start_time"], acting.clip_end(take)) == (12.0, 20.0)
