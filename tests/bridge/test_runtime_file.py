"""The file by which scripts find a daemon."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.config import Config, default_runtime_folder
from bridge.private_folder import NotPrivate, make_private, write_private
from tests.bridge.daemons import little_daemon


async def test_it_says_where_the_daemon_is(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    async with little_daemon(tmp_path, runtime=folder) as daemon:
        told = json.loads((folder / "daemon.json").read_text())
        ports = daemon.bridge.ports
        assert (told["osc"], told["ws"], told["host"]) == (ports.osc, ports.ws, "127.0.0.1")
        assert (told["pid"], told["protocol"], told["token_needed"]) == (os.getpid(), 1, False)
        assert told["mailbox"] == str(folder / "mailbox") and Path(told["mailbox"], "in").is_dir()
        assert (folder / "daemon.json").stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not (folder / "daemon.json").exists()


async def test_it_says_that_a_token_is_needed_and_not_which(tmp_path: Path) -> None:
    async with little_daemon(tmp_path, token="secret", host="127.0.0.1") as daemon:
        text = (daemon.bridge.config.runtime_folder / "daemon.json").read_text()
    assert json.loads(text)["token_needed"] is True and "secret" not in text


async def test_one_of_a_dead_daemon_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (folder / "daemon.json").write_text(json.dumps({"osc": 1, "ws": 2, "pid": dead.pid}))
    async with little_daemon(tmp_path, runtime=folder):
        assert json.loads((folder / "daemon.json").read_text())["pid"] == os.getpid()


async def test_that_of_a_living_daemon_stays(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    async with little_daemon(tmp_path / "a", runtime=folder) as first:
        async with little_daemon(tmp_path / "b", runtime=folder) as second:
            assert second.bridge.ports.ws != first.bridge.ports.ws
        told = json.loads((folder / "daemon.json").read_text())
        assert told["ws"] == first.bridge.ports.ws


async def test_one_that_is_another_daemons_by_now_is_not_removed(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    async with little_daemon(tmp_path, runtime=folder):
        (folder / "daemon.json").write_text(json.dumps({"pid": os.getpid() + 1}))
    assert (folder / "daemon.json").exists()


async def test_without_a_folder_of_its_own_the_daemon_runs_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    async with little_daemon(tmp_path, runtime=tmp_path / "file") as daemon:
        assert daemon.bridge.ports.ws


def test_the_environment_says_which_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BARLINE_RUNTIME", str(tmp_path))
    assert default_runtime_folder() == tmp_path
    monkeypatch.delenv("BARLINE_RUNTIME")
    assert default_runtime_folder() == Path("~/.barline")


def test_nothing_is_written_outside_the_data_folder_unless_said_so(tmp_path: Path) -> None:
    assert Config(tmp_path).runtime_folder == tmp_path / "runtime"


def test_an_open_folder_is_closed_and_a_link_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    make_private(tmp_path / "open")
    assert (tmp_path / "open").stat().st_mode & 0o777 == 0o700
    (tmp_path / "link").symlink_to(tmp_path / "open")
    with pytest.raises(NotPrivate):
        make_private(tmp_path / "link")


def test_a_link_laid_where_the_file_is_prepared_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "a.part").symlink_to(victim)
    write_private(tmp_path / "a.json", b"new")
    assert victim.read_text() == "mine" and (tmp_path / "a.json").read_bytes() == b"new"
