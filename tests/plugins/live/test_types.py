"""The script against the published types of Live's API, by pyright; its syntax against Live 11's Python."""

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins.live.stubs import DISTRIBUTION, stub_folder

SCRIPT = Path(__file__).resolve().parents[3] / "plugins_reference" / "ableton_live" / "Barline"
STRICT = {
    "include": ["Barline"],
    "typeCheckingMode": "strict",
    "pythonVersion": "3.11",
    # _live_ptr is documented by the stubs, in spite of its name.
    "reportPrivateUsage": False,
    # Live itself brings the module: there is no source of it anywhere.
    "reportMissingModuleSource": False,
}


def run_pyright(place: Path, *files: Path) -> list[str]:
    """The errors pyright finds in copies of files; skipped where it or the stubs cannot be had."""
    stubs = stub_folder()
    if stubs is None:
        pytest.skip(f"{DISTRIBUTION} is not installed")
    if importlib.util.find_spec("pyright") is None or shutil.which("node") is None:
        pytest.skip("pyright and the Node.js it runs on are not both installed")
    (place / "Barline").mkdir()
    for file in files:
        shutil.copy(file, place / "Barline")
    shutil.copytree(stubs, place / "typings" / "Live")
    (place / "pyrightconfig.json").write_text(json.dumps(STRICT), encoding="utf-8")
    # From a folder of its own: in the checkout it would look at every file there is.
    command = [sys.executable, "-m", "pyright", "--outputjson", "-p", str(place)]
    quiet = os.environ | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    ran = subprocess.run(
        command, cwd=place, env=quiet, capture_output=True, text=True, check=False, timeout=400
    )
    found = json.loads(ran.stdout)["generalDiagnostics"]
    return [f"{Path(one['file']).name}: {one['message']}" for one in found if one["severity"] == "error"]


def test_pyright_finds_nothing_in_the_script(tmp_path: Path) -> None:
    assert run_pyright(tmp_path, *SCRIPT.glob("*.py")) == []


def test_pyright_finds_what_live_does_not_have(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("import Live\n\ndef act(song: Live.Song.Song):\n    print(song.tempos)\n", "utf-8")
    assert any("tempos" in error for error in run_pyright(tmp_path, wrong))


@pytest.mark.parametrize("file", sorted(SCRIPT.glob("*.py")), ids=lambda file: file.name)
def test_live_11_can_parse_it(file: Path) -> None:
    # Live 11 has Python 3.7: no walrus, no match, no positional-only parameters; unions only in annotations,
    # which `from __future__ import annotations` keeps from being evaluated.
    text = file.read_text("utf-8")
    ast.parse(text, feature_version=(3, 7))
    assert "from __future__ import annotations" in text
