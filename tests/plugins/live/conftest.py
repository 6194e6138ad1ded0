"""A Live set without Live, and a daemon as users run it."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from engine.abilities import EVERY
from tests.acceptance.common import DaemonProcess, write_song
from tests.plugins.live.stubs import DISTRIBUTION, stub_folder
from tests.plugins.live.studio import Studio, open_studio

OpenStudio = Callable[..., Studio]


@pytest.fixture
def studio_for() -> Iterator[OpenStudio]:
    """Opens sets; skipped where the stubs of Live are not installed."""
    if stub_folder() is None:
        pytest.skip(f"{DISTRIBUTION} is not installed")
    opened: list[Studio] = []

    def open_one(missing: Iterable[str] = ()) -> Studio:
        opened.append(open_studio(missing))
        return opened[-1]

    yield open_one
    for studio in opened:
        if studio.surface is not None:
            studio.unload()


@pytest.fixture
def studio(studio_for: OpenStudio) -> Studio:
    """A set in the newest Live."""
    return studio_for()


@pytest.fixture(scope="session")
def live_daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """One daemon for all tests, found by its port file."""
    place = tmp_path_factory.mktemp("live")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BARLINE_RUNTIME", str(place / "runtime"))
        daemon = DaemonProcess(place, write_able_model(place / "models"))
        write_song(place / "song.wav", 12)
        daemon.start()
        yield daemon
        daemon.stop()


def write_able_model(folder: Path) -> Path:
    """A tiny model that can do everything, in two steps."""
    from engine.tiny import write_tiny_checkpoint

    write_tiny_checkpoint(folder, grid_channels=10, tasks=list(EVERY), default_steps=2)
    (folder / "acestep-v15-turbo").rename(folder / "tiny-dit")
    return folder


@pytest.fixture
def song_file(live_daemon: DaemonProcess) -> str:
    """Twelve seconds: six bars at 120 bpm."""
    return str(live_daemon.place / "song.wav")


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A runtime folder whose daemon is gone."""
    monkeypatch.setenv("BARLINE_RUNTIME", str(tmp_path))
    facts = {"host": "127.0.0.1", "ws": 9, "osc": 9}
    (tmp_path / "daemon.json").write_text(json.dumps(facts), encoding="utf-8")
    return tmp_path


@pytest.fixture
def write_settings(live_daemon: DaemonProcess) -> Iterator[Callable[[str], None]]:
    """Writes live.txt; gone after the test."""
    path = live_daemon.place / "runtime" / "live.txt"
    yield lambda text: (path.write_text(text + "\n", encoding="utf-8"), None)[1]
    path.unlink(missing_ok=True)
