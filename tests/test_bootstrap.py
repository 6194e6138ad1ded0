"""The start from a checkout: what it decides, repairs and refuses. pip itself is replaced by a recorder."""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bridge import environment
from bridge.bootstrap import read_order
from bridge.cli import VERSION
from bridge.environment import BootstrapError, ensure, is_ready, python_of, read_pins, read_stamp
from bridge.pip_lines import Progress

ROOT = Path(__file__).resolve().parent.parent
NONE: frozenset[str] = frozenset()
DEV = frozenset({"dev"})


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with our own pins and an environment that looks made; pip is a list in a file."""
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    python = python_of(tmp_path / ".venv")
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("version = 3.11\n")
    asked = tmp_path / "asked.txt"
    monkeypatch.setattr(
        environment, "install", lambda root, venv, extras: asked.open("a").write(f"{sorted(extras)}\n")
    )
    return tmp_path


def asked(checkout: Path) -> list[str]:
    file = checkout / "asked.txt"
    return file.read_text().splitlines() if file.exists() else []


def make(checkout: Path, extras: frozenset[str] = NONE) -> None:
    ensure(checkout, checkout / ".venv", extras)


def test_a_second_start_installs_nothing(checkout: Path) -> None:
    make(checkout)
    make(checkout)
    assert asked(checkout) == ["[]"]


def test_a_changed_pin_installs_again(checkout: Path) -> None:
    make(checkout)
    with (checkout / "constraints.txt").open("a") as file:
        file.write("another==1.0\n")
    make(checkout)
    assert len(asked(checkout)) == 2


def test_a_verb_that_needs_less_keeps_what_is_there(checkout: Path) -> None:
    make(checkout, DEV)
    make(checkout)
    assert asked(checkout) == ["['dev']"]


def test_a_verb_that_needs_more_keeps_the_extras_that_were_there(checkout: Path) -> None:
    make(checkout, frozenset({"live"}))
    make(checkout, DEV)
    assert asked(checkout) == ["['live']", "['dev', 'live']"]


def test_an_interrupted_installation_is_repaired_by_the_next_start(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(checkout)
    with monkeypatch.context() as patched:
        patched.setattr(environment, "install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            make(checkout, DEV)
    assert not is_ready(checkout, checkout / ".venv", NONE)
    make(checkout, DEV)
    assert is_ready(checkout, checkout / ".venv", DEV)


def test_an_installation_that_was_killed_starts_from_an_empty_environment(checkout: Path) -> None:
    leftover = checkout / ".venv" / "half-a-package"
    leftover.write_text("")
    (checkout / ".venv" / environment.UNFINISHED).touch()
    environment.make_venv(checkout / ".venv")
    assert not leftover.exists()


def test_a_pip_that_failed_by_itself_leaves_what_is_there(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "install", failed)
    with pytest.raises(BootstrapError):
        make(checkout)
    assert not (checkout / ".venv" / environment.UNFINISHED).exists()


def failed(root: Path, venv: Path, extras: frozenset[str]) -> None:
    raise BootstrapError("no network")


def interrupted(root: Path, venv: Path, extras: frozenset[str]) -> None:
    raise KeyboardInterrupt


def test_a_checkout_that_moved_is_installed_again(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    make(checkout)
    moved = tmp_path_factory.mktemp("elsewhere") / "barline"
    shutil.move(checkout, moved)
    assert not is_ready(moved, moved / ".venv", NONE)


def test_an_environment_whose_python_is_gone_is_not_ready(checkout: Path) -> None:
    make(checkout)
    python_of(checkout / ".venv").unlink()
    assert not is_ready(checkout, checkout / ".venv", NONE)


def test_a_torn_stamp_counts_as_none(checkout: Path) -> None:
    make(checkout)
    (checkout / ".venv" / environment.STAMP).write_text('{"digest": ')
    assert read_stamp(checkout / ".venv") == environment.NO_STAMP


def test_a_folder_that_is_no_environment_is_never_cleared(checkout: Path) -> None:
    shutil.rmtree(checkout / ".venv")
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "novel.txt").write_text("chapter one")
    with pytest.raises(BootstrapError, match="not a virtual environment"):
        make(checkout)
    assert (checkout / ".venv" / "novel.txt").exists()


def test_an_unknown_extra_is_refused_by_name(checkout: Path) -> None:
    with pytest.raises(BootstrapError, match="no extra named cello"):
        make(checkout, frozenset({"cello"}))


@pytest.mark.parametrize(
    ("argv", "extras", "is_bootstrapping"),
    [
        ([], NONE, True),
        (["demo", "--out", "x"], NONE, True),
        (["test", "-k", "grid"], DEV, True),
        (["--with", "live,train", "demo"], frozenset({"live", "train"}), True),
        (["--no-bootstrap", "demo"], NONE, False),
        (["--help"], NONE, False),
        (["demo", "--help"], NONE, False),
        (["test", "--help"], DEV, True),  # pytest's own help needs pytest
    ],
)
def test_the_command_line_decides_what_is_installed(
    argv: list[str], extras: frozenset[str], is_bootstrapping: bool
) -> None:
    order = read_order(argv)
    assert (order.extras, order.is_bootstrapping) == (extras, is_bootstrapping)


def test_bootstrap_options_are_not_passed_on() -> None:
    assert read_order(["--with", "live", "--no-bootstrap", "demo", "--keep"]).argv == ("demo", "--keep")


def test_pins_are_read_without_comments() -> None:
    pins = read_pins(ROOT / "constraints.txt")
    assert pins["torch"] == "2.13.0"
    assert not any("+" in version or " " in version for version in pins.values())


def test_the_version_is_said_once_more_where_no_metadata_is_needed() -> None:
    assert environment.read_pyproject(ROOT)["project"]["version"] == VERSION


def test_help_lists_every_verb_without_an_environment() -> None:
    command = [sys.executable, "-S", str(ROOT / "run_bridge.py"), "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ)).stdout
    assert all(verb in shown for verb in ("demo", "test", "bench", "models"))


@pytest.mark.skipif(shutil.which("python2") is None, reason="needs a very old Python")
def test_an_old_python_is_told_which_one_it_takes() -> None:
    ran = subprocess.run(
        ["python2", str(ROOT / "run_bridge.py")], capture_output=True, text=True, check=False
    )
    if "pyenv" in ran.stderr:
        pytest.skip("python2 is a shim without a Python behind it")
    assert ran.returncode == 1
    assert "Barline needs Python 3.11 or newer" in ran.stderr


def test_pip_output_becomes_few_lines() -> None:
    out = io.StringIO()
    progress = Progress(out)
    for name in ("torch", "numpy", "scipy"):
        progress.add(f"Collecting {name}\n")
        progress.add(f"  Downloading {name}-1.0-cp311-manylinux.whl (12.0 MB)\n")
    progress.add("Installing collected packages: torch, numpy, scipy\n")
    progress.close()
    assert out.getvalue().splitlines() == [
        "run_bridge: 1 packages, torch",
        "run_bridge: unpacking 3 packages",
    ]


def test_pip_tail_keeps_what_explains_a_failure() -> None:
    progress = Progress(io.StringIO())
    progress.add("ERROR: No matching distribution found for torch==2.13.0\n")
    assert "No matching distribution" in progress.tail()
