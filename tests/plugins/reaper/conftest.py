"""The stand-in under every Lua that is installed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.common import write_song
from tests.plugins.reaper.daw import LUAS, Reaper, installed
from tests.plugins.reaper.paper import PaperDaemon


@pytest.fixture(params=LUAS)
def lua(request: pytest.FixtureRequest) -> str:
    """The name of a Lua program."""
    if request.param not in installed():
        pytest.skip(f"{request.param} not installed; .ci/run installs it where apt is there")
    name: str = request.param
    return name


@pytest.fixture
def newest_lua() -> str:
    """The newest Lua that is installed, for what the two do not differ in."""
    if not installed():
        pytest.skip("no Lua installed; .ci/run installs it where apt is there")
    return installed()[-1]


@pytest.fixture
def reaper(lua: str, tmp_path: Path) -> Iterator[Reaper]:
    """A stand-in with one empty project whose media folder is a folder of the test."""
    (tmp_path / "runtime").mkdir()
    daw = Reaper(lua, tmp_path / "runtime")
    daw.do("world.media_folder = folder; world.new_project()", folder=str(tmp_path / "media"))
    yield daw
    daw.close()


@pytest.fixture
def paper(tmp_path: Path, reaper: Reaper) -> PaperDaemon:
    """A daemon in the test's hand."""
    return PaperDaemon(tmp_path / "runtime")


@pytest.fixture
def song(tmp_path: Path, reaper: Reaper) -> Path:
    """Eight seconds with a name that is not easy to write, on the project's first track, selected."""
    path = write_song(tmp_path / 'it\'s "my" söng ♫ `1`.wav', 8)
    reaper.do("local t = user.track('mix') user.select(user.import(t, path))", path=str(path))
    return path
