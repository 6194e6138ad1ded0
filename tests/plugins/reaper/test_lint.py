"""luacheck over the scripts and the stand-in, with the API's names as the only ones of `reaper`."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.common import ROOT
from tests.plugins.reaper.daw import HERE, SCRIPTS

CONFIG = HERE / "luacheck.lua"


def luacheck(*paths: Path) -> "subprocess.CompletedProcess[str]":
    if shutil.which("luacheck") is None:
        pytest.skip("luacheck not installed; .ci/run installs it where apt is there")
    options = ["--no-color", "--config", str(CONFIG), "--exclude-files", str(CONFIG)]
    command = ["luacheck", *options, "--", *map(str, paths)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_luacheck_finds_nothing() -> None:
    ran = luacheck(SCRIPTS, HERE)
    assert ran.returncode == 0, ran.stdout


def test_luacheck_knows_an_invented_name(tmp_path: Path) -> None:
    (tmp_path / "bad.lua").write_text("reaper.NoSuchFunction()\nreaper.CountTracks(0)\n")
    found = luacheck(tmp_path / "bad.lua").stdout
    assert "NoSuchFunction" in found and "CountTracks" not in found


def test_every_action_has_a_script_and_a_line_in_the_table_of_keys() -> None:
    readme = (SCRIPTS / "README.md").read_text("utf-8")
    scripts = sorted(path.name for path in SCRIPTS.glob("barline_*.lua"))
    assert len(scripts) == 11 and all(f"`{name}`" in readme for name in scripts)


def test_scripts_use_nothing_but_stock_reaper() -> None:
    extensions = re.compile(r"reaper\.(JS_|BR_|CF_|SNM_|NF_|SWS|ImGui|Xen_|FNG_|ReaPack)")
    assert [path.name for path in SCRIPTS.rglob("*.lua") if extensions.search(path.read_text("utf-8"))] == []


def test_lua_files_are_short() -> None:
    lengths = {path.name: len(path.read_text("utf-8").splitlines()) for path in SCRIPTS.rglob("*.lua")}
    assert {name: length for name, length in lengths.items() if length > 300} == {}
