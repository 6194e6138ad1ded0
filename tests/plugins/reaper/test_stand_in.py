"""The stand-in's own rules: a script that breaks one is caught."""

from pathlib import Path

import pytest

from tests.plugins.reaper.daw import LuaError, Reaper
from tests.plugins.reaper.paper import PaperDaemon


@pytest.fixture
def paper(paper: PaperDaemon, song: Path) -> PaperDaemon:
    """A daemon in the test's hand, and a selected item of eight seconds."""
    return paper


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("reaper.NoSuchThing()", "does not exist"),
        ("reaper.CountTracks()", "0 arguments, not 1"),
        ("reaper.CountTracks(0, 1)", "2 arguments, not 1"),
        ("reaper.GetTrack(0, 'one')", "argument 2|arguments 2 is one, not integer"),
        ("reaper.GetTrack(0, 1.5)", "not integer"),
        ("reaper.GetMediaItemInfo_Value(reaper.GetTrack(0, 0), 'D_POSITION')", "not item"),
        ("reaper.GetMediaItemInfo_Value(reaper.GetMediaItem(0, 0), 'D_NONE')", "does not exist"),
        ("reaper.CountTracks = nil", "must not be set"),
        ("a_global = 1", "sets the global"),
        ("gfx.nothing()", "does not exist"),
        ("reaper.Undo_BeginBlock2(0)", "undo block was left open"),
        ("reaper.Undo_EndBlock2(0, 'x', -1)", "without Undo_BeginBlock2"),
        ("reaper.PreventUIRefresh(1)", "was left on"),
        ("for i = 1, 2 do reaper.EnumerateFiles('/', -1) end", "2 listings in one tick"),
        ("local i = reaper.GetMediaItem(0, 0) undo() reaper.IsMediaItemSelected(i)", "no longer there"),
        ("error('boom')", "boom"),
    ],
)
def test_a_script_that_breaks_a_rule_is_caught(
    reaper: Reaper, paper: PaperDaemon, code: str, said: str
) -> None:
    script = paper.runtime / "bad.lua"
    script.write_text(code)
    reaper.do("_G.undo = function() world.undo(world.current) end program.run(path)", path=str(script))
    with pytest.raises(LuaError, match=said):
        reaper.check()


def test_a_listing_is_remembered_until_it_is_asked_for_anew(reaper: Reaper, tmp_path: Path) -> None:
    code = "return {part('files').list(folder), program.table().EnumerateFiles(folder, 1) or 'none'}"
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "a").touch()
    assert reaper.do(code, folder=str(tmp_path / "box")) == [["a"], "none"]
    (tmp_path / "box" / "b").touch()
    assert reaper.do("return program.table().EnumerateFiles(folder, 1)", folder=str(tmp_path / "box")) is None
    assert reaper.do(code, folder=str(tmp_path / "box")) == [["a", "b"], "b"]
