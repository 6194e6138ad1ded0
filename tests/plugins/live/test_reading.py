"""Which clip, span and grid the script takes, and what it says when it cannot. Without a daemon."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.plugins.live import acting
from tests.plugins.live.studio import Studio

REPAINT, STEMS, LAYER, BACKING, COVER, CONTINUE, GENERATE, CANCEL = range(8)


@pytest.fixture
def song_file(tmp_path: Path) -> str:
    """Twelve seconds of nothing."""
    path = tmp_path / 'Löwe\'s "song".wav'
    soundfile.write(path, np.zeros((48_000 * 12, 1)), 48_000, subtype="PCM_16")
    return str(path)


@pytest.fixture
def alone(studio: Studio, nowhere: Path) -> Studio:
    """A set with the script running and no daemon."""
    studio.load()
    return studio


def asked(studio: Studio) -> dict[str, Any]:
    """The newest order, as the set keeps it."""
    kept: list[dict[str, Any]] = json.loads(studio.song._fake["data"]["barline.orders"])
    return kept[-1]


def test_the_whole_clip_is_meant_where_the_brace_does_not_meet_it(alone: Studio, song_file: str) -> None:
    alone.add_clip(song_file, start=8.0)
    alone.loop(100.0, 4.0)
    alone.press(REPAINT)
    request = asked(alone)["request"]
    assert (request["start"], request["end"]) == ({"beats": 8.0}, {"beats": 32.0})


def test_the_brace_may_reach_over_the_clips_end(alone: Studio, song_file: str) -> None:
    alone.add_clip(song_file, start=8.0)
    alone.loop(28.0, 16.0)
    alone.press(REPAINT)
    request = asked(alone)["request"]
    assert (request["start"], request["end"]) == ({"beats": 28.0}, {"beats": 32.0})


def test_a_path_goes_as_it_is(alone: Studio, song_file: str) -> None:
    alone.add_clip(song_file)
    alone.press(REPAINT)
    assert asked(alone)["request"]["source"] == song_file


def test_without_a_selected_clip_the_one_under_the_brace_is_meant(alone: Studio, song_file: str) -> None:
    alone.add_clip(song_file)
    alone.select(None)
    alone.loop(4.0, 4.0)
    alone.press(REPAINT)
    assert asked(alone)["request"]["start"] == {"beats": 4.0}


def test_a_trimmed_clip_begins_inside_its_source(alone: Studio, song_file: str) -> None:
    clip = alone.add_clip(song_file, start=8.0)
    clip._fake |= {"loop_start": 3.0, "start_marker": 3.0}
    alone.press(REPAINT)
    order = asked(alone)
    shift = order["request"]["start"]["beats"] - 8.0
    assert order["request"]["source_start"] == {"beats": 8.0 - 6.0 + shift}


def test_a_source_that_begins_before_the_set_is_moved_by_whole_bars(alone: Studio, song_file: str) -> None:
    clip = alone.add_clip(song_file, start=0.0)
    clip._fake |= {"loop_start": 3.0, "start_marker": 3.0}
    alone.press(REPAINT)
    request = asked(alone)["request"]
    assert (request["source_start"], request["start"]) == ({"beats": 2.0}, {"beats": 8.0})
    assert asked(alone)["spot"]["start"] == 0.0


def test_the_signature_is_the_sets(alone: Studio, song_file: str) -> None:
    alone.song._fake |= {"signature_numerator": 7, "signature_denominator": 8}
    alone.add_clip(song_file)
    alone.press(CONTINUE)
    order = asked(alone)
    assert order["project"]["meter"] == "7/8"
    assert order["request"]["end"]["beats"] - order["request"]["start"]["beats"] == 8 * 3.5


def test_an_automated_tempo_below_an_unwarped_clip_is_measured_and_told(
    alone: Studio, song_file: str
) -> None:
    clip = alone.add_clip(song_file)
    clip._fake["ends_at"] = 22.0
    alone.press(REPAINT)
    assert asked(alone)["project"]["tempo"] == [{"beat": 0.0, "bpm": 110.0}]
    assert alone.hears("the tempo is automated here; 110.00 bpm on average was used")


def test_a_warped_clips_markers_are_its_tempo_map(alone: Studio, song_file: str) -> None:
    clip = alone.add_clip(song_file, start=16.0)
    acting.warp(clip, [(0.5, 0.0), (4.5, 8.0), (12.0, 20.0)])
    alone.press(REPAINT)
    tempo = asked(alone)["project"]["tempo"]
    assert [(point["beat"], point["bpm"]) for point in tempo[:2]] == [(0.0, 120.0), (24.0, 96.0)]
    assert asked(alone)["request"]["source_start"] == {"beats": 15.0}


def test_thousands_of_markers_are_not_all_read(alone: Studio, song_file: str) -> None:
    clip = alone.add_clip(song_file)
    acting.warp(clip, [(beat * 0.45, float(beat)) for beat in range(5000)])
    alone.loop(2000.0, 16.0)
    alone.press(REPAINT)
    assert asked(alone)["request"]["end"]["beats"] - asked(alone)["request"]["start"]["beats"] == 16.0


def test_a_span_with_too_many_markers_is_refused(alone: Studio, song_file: str) -> None:
    clip = alone.add_clip(song_file)
    acting.warp(clip, [(beat * 0.45, float(beat)) for beat in range(5000)])
    alone.press(REPAINT)
    assert alone.hears("choose a shorter span")


def test_the_second_pass_of_a_loop_comes_from_the_same_source(alone: Studio, song_file: str) -> None:
    clip = alone.add_clip(song_file)
    acting.warp(clip, [(0.0, 0.0), (12.0, 24.0)])
    clip._fake |= {"looping": True, "loop_start": 0.0, "loop_end": 8.0, "arranged": 32.0}
    alone.loop(10.0, 4.0)
    alone.press(REPAINT)
    order = asked(alone)
    assert order["request"]["source_start"]["beats"] == order["request"]["start"]["beats"] - 2.0


def test_a_span_over_a_loops_seam_is_refused(alone: Studio, song_file: str) -> None:
    clip = alone.add_clip(song_file)
    acting.warp(clip, [(0.0, 0.0), (12.0, 24.0)])
    clip._fake |= {"looping": True, "loop_start": 0.0, "loop_end": 8.0, "arranged": 32.0}
    alone.loop(6.0, 4.0)
    alone.press(REPAINT)
    assert alone.hears("the clip's loop begins anew inside the span")


def test_the_sets_key_counts_where_its_scale_is_on(alone: Studio, song_file: str) -> None:
    alone.song._fake |= {"scale_mode": True, "scale_name": "Minor", "root_note": 9}
    alone.add_clip(song_file)
    alone.press(REPAINT)
    assert asked(alone)["request"]["key"] == "A minor"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"is_audio_clip": False}, "this is a MIDI clip"),
        ({"is_recording": True}, "stop the recording first"),
        ({"file_path": ""}, "has no file yet"),
    ],
    ids=["midi", "recording", "no file"],
)
def test_a_clip_that_cannot_be_used_is_told(
    alone: Studio, song_file: str, changes: dict[str, Any], words: str
) -> None:
    alone.add_clip(song_file)._fake.update(changes)
    alone.press(REPAINT)
    assert alone.hears(words)


@pytest.mark.parametrize(
    ("number", "words"),
    [(REPAINT, "select an audio clip first"), (CANCEL, "nothing is under way")],
    ids=["repaint", "cancel"],
)
def test_with_nothing_to_work_on_it_says_so(alone: Studio, number: int, words: str) -> None:
    alone.press(number)
    assert alone.hears(words)


def test_generate_without_words_asks_for_them(alone: Studio) -> None:
    alone.tracks[0]._fake["name"] = "Keys"
    alone.press(GENERATE)
    assert alone.hears("say what it shall be")


def test_a_wrong_settings_file_is_told_with_its_line(alone: Studio, nowhere: Path, song_file: str) -> None:
    (nowhere / "live.txt").write_text("bars: 2\ncolour: red\n", encoding="utf-8")
    alone.add_clip(song_file)
    alone.press(REPAINT)
    assert alone.hears("live.txt, line 2: there is no setting 'colour'")


def test_a_clip_renamed_to_a_command_acts_and_keeps_its_words(alone: Studio, song_file: str) -> None:
    clip = alone.add_clip(song_file)
    clip._fake["name"] = "Lead"
    for _ in range(8):
        alone.tick()
    clip._fake["name"] = "!repaint warm brass"
    for _ in range(8):
        alone.tick()
    assert asked(alone)["request"]["caption"] == "warm brass"
    assert clip._fake["name"] == "Lead: warm brass"


def test_a_track_renamed_to_a_command_that_is_none_gets_its_name_back(alone: Studio) -> None:
    for _ in range(8):
        alone.tick()
    alone.tracks[0]._fake["name"] = "!remix"
    for _ in range(16):
        alone.tick()
    assert alone.tracks[0]._fake["name"] == "Guitar: nylon strings"
    assert sum("!remix is no action" in message for message in alone.messages) == 1


def test_notes_and_controllers_of_channel_16_are_asked_for(alone: Studio) -> None:
    alone.surface.build_midi_map(3)
    wanted = {("note", 15, number) for number in range(8)} | {("cc", 15, 102 + n) for n in range(8)}
    assert set(alone.desk.forwarded) == wanted


@pytest.mark.parametrize(
    "message", [(0x8F, 0, 64), (0x9F, 0, 0), (0x9E, 0, 100), (0xBF, 102, 0), (0xF0, 1, 2, 0xF7), (0x9F, 8, 1)]
)
def test_other_midi_does_nothing(alone: Studio, song_file: str, message: tuple[int, ...]) -> None:
    alone.add_clip(song_file)
    alone.surface.receive_midi(message)
    assert "barline.orders" not in alone.song._fake["data"]


def test_stems_take_their_classes_and_their_way_from_the_settings(
    alone: Studio, nowhere: Path, song_file: str
) -> None:
    (nowhere / "live.txt").write_text("stems: drums bass\nmode: dsp\n", encoding="utf-8")
    alone.add_clip(song_file)
    alone.press(STEMS)
    request = asked(alone)["request"]
    assert (request["stems"], request["mode"]) == (["drums", "bass"], "dsp")


def test_a_controllers_button_acts_too(alone: Studio, song_file: str) -> None:
    alone.add_clip(song_file)
    alone.surface.receive_midi((0xBF, 104, 127))
    assert asked(alone)["request"]["type"] == "lego"


def test_without_a_daemon_an_order_waits_and_can_be_taken_back(alone: Studio, song_file: str) -> None:
    alone.add_clip(song_file)
    alone.press(REPAINT)
    alone.press(CANCEL)
    assert alone.hears("waits for the daemon") and alone.hears("Repaint: taken back")
    assert json.loads(alone.song._fake["data"]["barline.orders"]) == []


def test_a_timer_that_an_error_stopped_goes_on_with_lives_own_tick(alone: Studio) -> None:
    alone.desk.timers[0]._fake["running"] = False
    alone.surface.update_display()
    assert alone.desk.timers[0]._fake["running"]
