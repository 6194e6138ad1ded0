"""A session of a hundred steps with a real daemon and its real mailbox; the daemon is killed on the way."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bridge.little_process import LittleProcess
from tests.plugins.reaper.daw import Reaper

QUICK, SLOW = "steps 8 0.05", "steps 400 0.05"
"""Captions that steer the little engine."""
SONG_S = 12
FIRST_S, LAST_S = 2, 6


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[LittleProcess]:
    """A daemon of this test's own."""
    daemon = LittleProcess(tmp_path.resolve())
    daemon.start()
    yield daemon
    daemon.stop()


@pytest.fixture
def show(newest_lua: str, daemon: LittleProcess) -> "Iterator[Show]":
    """REAPER at that daemon, with one track."""
    reaper = Reaper(newest_lua, Path(daemon.environment["BARLINE_RUNTIME"]))
    place = str(daemon.place / "media")
    reaper.do("world.media_folder = place world.new_project() user.track('mix')", place=place)
    yield Show(reaper, daemon)
    reaper.close()


class Show:
    """What the person at the desk does, step by step; each step is counted and leaves everything in order."""

    def __init__(self, reaper: Reaper, daemon: LittleProcess) -> None:
        self.reaper, self.daemon = reaper, daemon
        self.steps: list[str] = []
        self.start_s = 0.0

    def step(self, name: str, what: "Callable[[], Any] | str") -> Any:
        """Does something, in Lua or here, and looks whether all is in order."""
        result = self.reaper.do(what) if isinstance(what, str) else what()
        self.steps.append(name)
        self.reaper.check()
        assert self.reaper.do("return world.current.depth == 0 and program.refresh == 0"), name
        return result

    def items(self) -> list[dict[str, Any]]:
        """All items of the project, with their track's number from 0."""
        tracks = self.reaper.report()["tracks"]
        return [item | {"track": number} for number, track in enumerate(tracks) for item in track["items"]]

    def keys(self) -> set[str]:
        """The jobs whose results lie in the project."""
        return {take["key"] for item in self.items() for take in item["takes"]} - {""}

    def import_song(self, position: float) -> None:
        """The song, selected, and a time selection in it."""
        self.start_s = position
        code = "user.select(user.import(world.current.state.tracks[1], path, {position = at}))"
        self.reaper.do(code, path=str(self.daemon.song), at=position)
        self.reaper.do(f"user.time({position + FIRST_S}, {position + LAST_S})")

    def run(self, action: str, **answers: str) -> None:
        """An action, with a caption where it asks for one."""
        told = answers if action == "stems" else {"how it": QUICK} | answers
        self.reaper.run(action, told)

    def restart_daemon(self) -> None:
        """SIGKILL, and a new one."""
        self.daemon.kill()
        self.daemon.start()

    def restart_reaper(self) -> None:
        """Saved, closed, opened again; Resume takes up what waits."""
        path = str(self.daemon.place / "song.rpp")
        self.reaper.do("world.save(world.current, path) program.quit() program.restart()", path=path)
        self.reaper.do("world.open(world.current, path)", path=path)
        self.reaper.run("resume")

    def cancel_one(self) -> None:
        """A long job is begun and given up."""
        self.reaper.run("generate", {"how it": SLOW, "bars": "2"})
        self.reaper.wait("program.windows():find('denoise') ~= nil")
        self.reaper.run("cancel")
        self.reaper.settle()


TEMPI: list[list[dict[str, Any]]] = [
    [{"qn": 0, "bpm": 120, "num": 4, "den": 4}],
    [{"qn": 0, "bpm": 97.3, "num": 4, "den": 4}, {"qn": 8, "bpm": 140, "num": 7, "den": 8}],
    [{"qn": 0, "bpm": 120, "num": 3, "den": 4, "ramp": True}, {"qn": 90, "bpm": 60}],
    [{"qn": 0, "bpm": 120, "num": 4, "den": 4}, {"qn": 6.5, "bpm": 100, "num": 4, "den": 4}],
]
MOVE = "local i = user.item(#world.items(world.current)) i.values.D_POSITION = i.values.D_POSITION + 1"
DELETE = (
    "world.step(world.current, 'delete', function() table.remove(world.current.state.tracks[1].items) end)"
)
OTHER_TAB = "first = world.current world.current = world.new_project('/other.rpp')"
STRETCH = "user.take(user.item(#world.current.state.tracks[1].items)).values.D_PLAYRATE = 0.5"

ROUNDS: list[tuple[str, str, str]] = [
    ("repaint", "", ""),
    ("stems", "", "world.undo(world.current) world.redo(world.current)"),
    ("repaint", "", "kill"),
    ("layer", "", MOVE),
    ("backing", "", "reopen"),
    ("cover", "down", "up"),
    ("continue", "", OTHER_TAB),
    ("repaint", "", DELETE),
    ("generate", "", "again"),
    ("repaint", STRETCH, "kill"),
]
"""Action, what is done before it, what is done while it waits."""


def do_to(show: Show, what: str) -> None:
    """One of the disturbances of ROUNDS."""
    acts: dict[str, Callable[[], Any]] = {
        "": lambda: show.reaper.tick(3),
        "kill": show.restart_daemon,
        "down": show.daemon.kill,
        "up": show.daemon.start,
        "reopen": show.restart_reaper,
        "again": lambda: show.run("generate"),
    }
    acts.get(what, lambda: show.reaper.do(what))()


def check_landed(show: Show, action: str, before: list[dict[str, Any]], meanwhile: str) -> None:
    """The results of a round lie where they belong, to the sample."""
    known = {item["guid"] for item in before}
    new = [item for item in show.items() if item["guid"] not in known]
    if action == "repaint" and meanwhile != DELETE:
        assert new == []
        painted = max(
            (item for item in show.items() if item["track"] == 0), key=lambda item: item["position"]
        )
        old, take = painted["takes"]
        assert painted["active"] == 2 and (take["offset"], take["rate"]) == (0, 1) and old["key"] == ""
        return
    first, last = show.start_s + FIRST_S, show.start_s + LAST_S
    if action == "continue":
        assert new[0]["position"] == pytest.approx(show.start_s + SONG_S, abs=1e-9)
        return
    if meanwhile == DELETE:
        first, last = show.start_s, show.start_s + SONG_S
    wanted = 4 if action == "stems" else 2 if meanwhile == "again" else 1
    assert [(item["position"], item["length"]) for item in new] == [(first, last - first)] * wanted


def play_round(show: Show, number: int) -> int:
    """Ten steps; how many jobs were done in them."""
    action, before, meanwhile = ROUNDS[number]
    reaper, tempo = show.reaper, TEMPI[number % len(TEMPI)]
    show.step("tempo map", lambda: reaper.do("user.tempo(map)", map=tempo))
    show.step("import", lambda: show.import_song(16.0 * number))
    show.step("prepare", lambda: do_to(show, before) if before else None)
    there, keys = show.items(), show.keys()
    show.step(action, lambda: show.run(action))
    show.step("meanwhile", lambda: do_to(show, meanwhile))
    show.step("wait", lambda: wait_for(show, meanwhile))
    show.step("look", lambda: check_landed(show, action, there, meanwhile))
    show.step("undo", "return world.undo(world.current)")
    show.step("redo", "return world.redo(world.current)")
    done = show.keys() - keys
    show.step("cancel", show.cancel_one)
    assert show.keys() == keys | done, "what was given up leaves nothing"
    return len(done)


def wait_for(show: Show, meanwhile: str) -> None:
    """The round's jobs have ended; back in the tab they belong to."""
    if meanwhile == OTHER_TAB:
        show.reaper.wait("user.waiting(first) == 0")
        show.reaper.do("world.current = first")
    show.reaper.settle()
    show.reaper.do("program.quit()")


def test_a_hundred_steps(show: Show) -> None:
    done = sum(play_round(show, number) for number in range(len(ROUNDS)))
    assert len(show.steps) == 100
    assert done == len(ROUNDS) + 1, "every action was answered once, one of them was asked twice"
    assert show.reaper.report()["accessors"] == 0
    assert not list((Path(show.daemon.environment["BARLINE_RUNTIME"]) / "mailbox" / "in").glob("*.json"))
    show.restart_reaper()
    assert show.reaper.do("return program.most_calls") < 20_000
