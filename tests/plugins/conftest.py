"""One real daemon with a tiny model, for all programs that talk to it."""

from collections.abc import Iterator

import pytest

from tests.acceptance.common import DaemonProcess, write_song, write_tiny_model
from tests.plugins.peers import Stage, own_network


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A daemon as users run it, in a network of its own where that is possible."""
    place = tmp_path_factory.mktemp("peers")
    daemon = DaemonProcess(place, write_tiny_model(place / "models"), before=own_network())
    daemon.start()
    assert daemon.process is not None
    inside = ("nsenter", f"--net=/proc/{daemon.process.pid}/ns/net") if own_network() else ()
    stage = Stage(daemon, inside)
    write_song(stage.song, 12)
    yield stage
    daemon.stop()
