"""The stand-in itself: it must refuse what Live would refuse, or the other tests prove nothing."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.plugins.live.strict import Misused, Undocumented
from tests.plugins.live.studio import LIVE_11, Studio, open_studio


def test_what_is_not_documented_is_not_there(studio: Studio) -> None:
    with pytest.raises(AttributeError):
        _ = studio.song.tempos


def test_what_is_not_documented_cannot_be_set(studio: Studio) -> None:
    with pytest.raises(Undocumented):
        studio.song.tempos = 3


def test_what_is_read_only_cannot_be_set(studio: Studio) -> None:
    with pytest.raises(AttributeError):
        studio.song.tracks = []


@pytest.mark.parametrize("given", [("a.wav",), ("a.wav", "bar 3"), ("a.wav", 3.0, 4.0), (3.0, 3.0)])
def test_wrong_arguments_are_refused(studio: Studio, given: tuple[Any, ...]) -> None:
    with pytest.raises(Misused):
        studio.tracks[0].create_audio_clip(*given)


def test_arguments_by_name_are_refused_where_live_takes_positions(studio: Studio) -> None:
    with pytest.raises(Misused):
        studio.song.create_scene(index=-1)


def test_a_value_of_another_kind_cannot_be_set(studio: Studio) -> None:
    with pytest.raises(Misused):
        studio.tracks[0].color = "red"


def test_another_thread_may_touch_nothing(studio: Studio) -> None:
    caught: list[BaseException] = []

    def touch() -> None:
        try:
            _ = studio.song.tempo
        except Misused as error:
            caught.append(error)

    thread = threading.Thread(target=touch)
    thread.start()
    thread.join()
    assert len(caught) == 1


def test_what_was_deleted_cannot_be_used(studio: Studio) -> None:
    studio.tracks[0]._fake["_is_gone"] = True
    with pytest.raises(TypeError, match="did not match C"):
        _ = studio.tracks[0].name


def test_every_touch_is_counted(studio: Studio) -> None:
    before = studio.desk.rules.touches
    _ = [track.name for track in studio.song.tracks]
    assert studio.desk.rules.touches - before == 3


def test_a_tick_that_does_too_much_is_caught(studio: Studio) -> None:
    with pytest.raises(Misused, match="may use"):
        studio.measure(lambda: [studio.song.tempo for _ in range(2000)] and None)


def test_what_is_documented_but_not_acted_says_so(studio: Studio) -> None:
    with pytest.raises(NotImplementedError):
        _ = studio.song.swing_amount


def test_an_older_live_lacks_what_came_later(studio: Studio) -> None:
    old = open_studio(LIVE_11)
    assert not hasattr(old.tracks[0], "create_audio_clip")
    assert hasattr(studio.tracks[0], "create_audio_clip")


def test_nothing_may_be_changed_while_a_script_starts(studio: Studio) -> None:
    studio.desk.is_starting = True
    with pytest.raises(RuntimeError, match="being started"):
        studio.tracks[0].name = "x"


def test_a_clip_is_as_long_as_its_file(studio: Studio, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(24_000), 48_000)
    clip = studio.tracks[0].create_audio_clip(str(tmp_path / "a.wav"), 4.0)
    assert (clip.start_time, clip.end_time) == (4.0, 5.0)


def test_undo_takes_back_one_step(studio: Studio) -> None:
    studio.song.begin_undo_step()
    studio.song.create_audio_track(-1)
    studio.song.end_undo_step()
    studio.song.undo()
    assert len(studio.tracks) == 1
