"""Every action against a daemon as users run it, with a real engine and a tiny model, down to its files.

Under the older Lua, because the hundred steps of test_session.py are done under the newer.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from engine.abilities import EVERY
from tests.acceptance.common import DaemonProcess, write_song
from tests.plugins.reaper.daw import Reaper, installed

RATE = 48_000


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[DaemonProcess]:
    """A daemon with a tiny model that can do everything, in two steps."""
    from engine.tiny import write_tiny_checkpoint

    if not installed():
        pytest.skip("no Lua installed; .ci/run installs it where apt is there")
    place = tmp_path.resolve()
    folder = write_tiny_checkpoint(place / "models", grid_channels=10, tasks=list(EVERY), default_steps=2)
    (folder / "acestep-v15-turbo").rename(folder / "tiny-dit")
    daemon = DaemonProcess(place, folder)
    daemon.start()
    yield daemon
    daemon.stop()


def play(reaper: Reaper, action: str, **answers: str) -> dict[str, Any]:
    """An action to its end."""
    reaper.run(action, answers)
    reaper.settle(400)
    reaper.do("program.quit()")
    return reaper.report()


def audio_of(take: dict[str, Any]) -> np.ndarray:
    """The samples of a take's file, as they are stored."""
    return soundfile.read(take["path"], dtype="int32", always_2d=True)[0]


def test_every_action_lands_to_the_sample(daemon: DaemonProcess) -> None:
    song = write_song(daemon.place / 'it\'s "my" söng ♫.wav', 8)
    reaper = Reaper(installed()[0], daemon.place / "runtime")
    reaper.do("world.media_folder = path world.new_project()", path=str(daemon.place / "media"))
    reaper.do("local t = user.track('mix') user.select(user.import(t, path)) user.time(2, 4)", path=str(song))

    old, new = play(reaper, "repaint", **{"how it": 'it\'s "brass"'})["tracks"][0]["items"][0]["takes"]
    before, after = audio_of(old), audio_of(new)
    assert before.shape == after.shape and new["offset"] == 0
    changed = np.flatnonzero((before != after).any(axis=1))
    assert changed[0] >= 2 * RATE and changed[-1] < 4 * RATE and len(changed) > RATE

    tracks = play(reaper, "stems", stems="drums bass")["tracks"]
    assert [track["name"] for track in tracks[1:]] == ["Stems drums", "Stems bass", "Stems remainder"]
    parts = [audio_of(track["items"][0]["takes"][0]).astype(np.int64) >> 8 for track in tracks[1:]]
    np.testing.assert_array_equal(sum(parts), after[2 * RATE : 4 * RATE].astype(np.int64) >> 8)

    play(reaper, "layer", **{"class": "drums"})
    play(reaper, "backing")
    play(reaper, "cover", **{"how it": "strings"})
    layers = [track["items"][0] for track in reaper.report()["tracks"][1:4]]
    assert [(item["position"], item["length"]) for item in layers] == [(2, 2)] * 3
    assert [soundfile.info(item["takes"][0]["path"]).frames for item in layers] == [2 * RATE] * 3

    behind = play(reaper, "continue", bars="1")["tracks"][1]["items"][0]
    assert (behind["position"], behind["length"]) == (8, 2)

    play(reaper, "generate", **{"how it": "slow piano"})
    made = reaper.do("local t = world.current.state.tracks return t[#t].items[1].values")
    assert (made["D_POSITION"], made["D_LENGTH"]) == (2, 2)

    marks = play(reaper, "lyrics", lyrics="one two / three")["markers"]
    assert [mark["name"] for mark in marks] == ["one two", "three"]
    assert all(2 <= mark["first"] < mark["last"] <= 4.05 for mark in marks)
    reaper.close()
