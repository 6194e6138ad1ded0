"""The stand-in under every Lua that is installed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.reaper.daw import LUAS, Reaper, installed


@pytest.fixture(params=LUAS)
def lua(request: pytest.FixtureRequest) -> str:
    """The name of a Lua program."""
    if request.param not in installed():
        pytest.skip(f"{request.param} not installed; .ci/run installs it where apt is there")
    name: str = request.param
    return name


@pytest.fixture
def reaper(lua: str, tmp_path: Path) -> Iterator[Reaper]:
    """A stand-in with one empty project whose media folder is a folder of the test."""
    (tmp_path / "runtime").mkdir()
    daw = Reaper(lua, tmp_path / "runtime")
    daw.do("world.media_folder = folder; world.new_project()", folder=str(tmp_path / "media"))
    yield daw
    daw.close()
