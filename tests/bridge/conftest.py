"""Daemons for the tests of the bridge."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.acceptance.common import DaemonProcess, write_song, write_tiny_model
from tests.bridge.daemons import Daemon, little_daemon


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Daemon]:
    """A daemon in this process, with an engine that makes no music."""
    async with little_daemon(tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def real_daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """A daemon as users run it, with a real engine and a tiny model; one for all tests."""
    place = tmp_path_factory.mktemp("real")
    daemon = DaemonProcess(place, write_tiny_model(place / "models"))
    write_song(place / "song.wav", 12)
    daemon.start()
    yield daemon
    daemon.stop()
