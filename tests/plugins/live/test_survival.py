"""Daemon killed, script reloaded, set closed, tracks and clips deleted: what was asked for comes, once."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.common import DaemonProcess
from tests.plugins.live import acting
from tests.plugins.live.studio import Studio
from tests.plugins.live.test_actions import CANCEL, REPAINT, clips, finish, lanes


@pytest.fixture
def working(studio: Studio, live_daemon: DaemonProcess, song_file: str) -> Iterator[Studio]:
    """The song in the arrangement, the script running, the daemon up again afterwards."""
    studio.add_clip(song_file)
    studio.loop(4.0, 4.0)
    studio.load()
    yield studio
    if live_daemon.process is None or live_daemon.process.poll() is not None:
        live_daemon.start()


def kept(studio: Studio) -> list[dict[str, Any]]:
    """The orders in the set."""
    found: list[dict[str, Any]] = json.loads(studio.song._fake["data"]["barline.orders"])
    return found


def test_a_daemon_killed_and_started_again_still_brings_the_take(
    working: Studio, live_daemon: DaemonProcess, write_settings: Any
) -> None:
    write_settings("steps: 20")
    working.press(REPAINT)
    working.run_until(lambda: working.hears(" begins") or working.hears(" of "))
    live_daemon.kill()
    working.run_until(lambda: working.hears("no daemon: "))
    live_daemon.start()
    working.run_until(lambda: working.hears("Repaint: done"))
    assert [len(clips(lane)) for lane in lanes(working)] == [1]
    assert kept(working) == []


def test_a_reload_finds_what_was_asked_for_before(working: Studio, write_settings: Any) -> None:
    write_settings("steps: 20")
    working.press(REPAINT)
    working.run_until(lambda: working.hears(" begins") or working.hears(" of "))
    working.unload()
    working.load()
    working.run_until(lambda: working.hears("Repaint: done"))
    assert [len(clips(lane)) for lane in lanes(working)] == [1]


def test_a_result_that_came_while_the_set_was_closed_is_fetched(working: Studio, song_file: str) -> None:
    working.press(REPAINT)
    left = dict(working.song._fake["data"])
    finish(working, REPAINT, "Repaint")
    working.run_until(lambda: not kept(working))
    working.unload()
    working.song._fake["data"].update(left)
    working.messages.clear()
    working.load()
    working.run_until(lambda: working.hears("Repaint: done"))
    assert len(lanes(working)) == 3


def test_an_order_the_daemon_never_heard_of_is_dropped(working: Studio) -> None:
    working.press(REPAINT)
    text = working.song._fake["data"]["barline.orders"]
    order_id = json.loads(text)[0]["id"]
    working.press(CANCEL)
    working.unload()
    working.song._fake["data"]["barline.orders"] = text.replace(order_id, "live-0000")
    working.load()
    working.run_until(lambda: working.hears("no longer knows it"))
    assert kept(working) == []


def test_a_track_that_was_deleted_is_replaced_by_a_new_one(working: Studio, song_file: str) -> None:
    working.press(REPAINT)
    gone = working.tracks.pop(0)
    gone._fake["_is_gone"] = True
    other = acting.make_track(working.desk, working.song, name="Other")
    working.song._fake["view"]._fake |= {"detail_clip": None, "selected_track": other}
    working.run_until(lambda: working.hears("Repaint: done"))
    assert [len(clips(track)) for track in working.tracks] == [0, 1]


def test_a_clip_that_was_deleted_does_not_matter(working: Studio) -> None:
    working.press(REPAINT)
    clips(working.tracks[0]).pop()._fake["_is_gone"] = True
    working.select(None)
    working.run_until(lambda: working.hears("Repaint: done"))
    assert clips(lanes(working)[0])[0]._fake["start_time"] == 4.0


def test_a_frozen_track_gets_its_take_beside_it(working: Studio) -> None:
    working.tracks[0]._fake["is_frozen"] = True
    finish(working, REPAINT, "Repaint")
    assert [len(clips(track)) for track in working.tracks] == [1, 1]


def test_what_the_daemon_refuses_is_shown(working: Studio) -> None:
    clips(working.tracks[0])[0]._fake["file_path"] = "/nowhere/at all.wav"
    working.press(REPAINT)
    working.run_until(lambda: working.hears("/nowhere/at all.wav"))
    assert kept(working) == []


def test_the_end_of_the_script_gives_the_socket_back(working: Studio) -> None:
    working.run_until(lambda: working.surface._desk._link.state == "open")
    found = working.surface._desk._link._socket
    working.surface.disconnect()
    assert found.fileno() == -1
    assert not working.desk.timers[0]._fake["running"]


def test_a_script_ended_while_it_places_leaves_no_undo_step_open(working: Studio) -> None:
    working.press(REPAINT)
    working.run_until(lambda: working.desk.depth == 1)
    working.surface.disconnect()
    assert working.desk.depth == 0
