"""Placing files in the set: bounded work for each clip, and a plain word where Live does not go along."""

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.plugins.live import acting
from tests.plugins.live.studio import SCRIPT, Studio


@pytest.fixture
def take(tmp_path: Path) -> str:
    """Thirty seconds."""
    soundfile.write(tmp_path / "take.wav", np.zeros(8_000 * 30), 8_000, subtype="PCM_16")
    return str(tmp_path / "take.wav")


@pytest.fixture
def loaded(studio: Studio, nowhere: Path) -> Studio:
    """The script, without a daemon; its track is tagged."""
    studio.load()
    studio.tracks[0]._fake["data"]["barline.tag"] = "t"
    return studio


def spot(markers: int, **changes: Any) -> Any:
    """A place in the arrangement with so many warp markers, a beat apart."""
    orders, maps = (importlib.import_module(f"{SCRIPT}.{name}") for name in ("orders", "maps"))
    pins = tuple(maps.Marker(30.0 * beat / (markers - 1), float(beat)) for beat in range(markers))
    length = markers - 1.0 if markers else 60.0
    mode = 4 if markers else -1
    return orders.Spot("t", True, 8.0, length, -1, pins, mode, "take", False)._replace(**changes)


def said(studio: Studio, where: Any, *paths: str) -> list[str]:
    """What placing says; each clip within a tick's bounds."""
    placing = importlib.import_module(f"{SCRIPT}.placing")
    steps = placing.place(studio.song, where, [placing.TakeFile(path, "") for path in paths])
    texts: list[str] = []
    while (text := stepped(studio, steps)) is not None:
        texts.append(text)
    return texts


def stepped(studio: Studio, steps: Any) -> str | None:
    """One step, measured."""
    found: list[str | None] = []
    studio.measure(lambda: found.append(next(steps, None)))
    return found[0]


def test_the_most_markers_over_the_worst_guess_keep_within_a_tick(loaded: Studio, take: str) -> None:
    loaded.desk.guesses_tempo = True
    where = spot(122)
    assert said(loaded, where, take) == [""]
    (clip,) = loaded.tracks[0]._fake["take_lanes"]._fake["items"][0]._fake["arrangement_clips"]._fake["items"]
    assert [beat for _, beat in clip._fake["markers"][:-1]] == [float(beat) for beat in range(122)]
    assert clip._fake["warp_mode"] == 4


def test_a_guessed_warp_is_taken_off_a_take_that_plays_at_its_own_speed(loaded: Studio, take: str) -> None:
    loaded.desk.guesses_tempo = True
    assert said(loaded, spot(0), take) == [""]
    (lane,) = loaded.tracks[0]._fake["take_lanes"]._fake["items"]
    assert acting.clip_end(lane._fake["arrangement_clips"]._fake["items"][0]) == 68.0


def test_a_file_that_is_gone_is_told_with_its_path(loaded: Studio) -> None:
    (text,) = said(loaded, spot(0), "/nowhere/take.wav")
    assert text.startswith("Live does not take it") and "/nowhere/take.wav" in text


def test_a_set_that_is_full_is_told(loaded: Studio, take: str) -> None:
    limit = loaded.live.Base.LimitationError

    def refuse(song: Any, index: int) -> None:
        raise limit("too many tracks")

    loaded.desk.rules.call["Song", "create_audio_track"] = refuse
    (text,) = said(loaded, spot(0, own_tracks=True), take)
    assert "too many tracks" in text and take in text


def test_a_take_of_another_length_than_asked_is_told(loaded: Studio, take: str) -> None:
    (text,) = said(loaded, spot(0, length=16.0), take)
    assert "length in Live is not the region's" in text


def test_warp_markers_that_live_refuses_are_told(loaded: Studio, take: str) -> None:
    loaded.desk.rules.call["Clip", "add_warp_marker"] = lambda clip, marker: None
    loaded.desk.rules.call["Clip", "move_warp_marker"] = lambda clip, beat, distance: None
    (text,) = said(loaded, spot(9), take)
    assert "did not take all warp markers" in text


def test_several_files_are_one_undo_step(loaded: Studio, take: str) -> None:
    assert said(loaded, spot(0, own_tracks=True), take, take, take) == ["", "", ""]
    loaded.song.undo()
    assert (len(loaded.tracks), loaded.desk.steps, loaded.desk.made_loose) == (1, [], [])
