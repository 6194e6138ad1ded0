"""The command line, and what it must not open."""

import argparse
from pathlib import Path

import pytest

from bridge.config import SHIPPED, Config, ConfigError, add_options, config_from_args, default_roots


def config_of(*words: str) -> Config:
    parser = argparse.ArgumentParser()
    add_options(parser)
    return config_from_args(parser.parse_args(words))


def test_by_default_it_listens_on_this_machine_only(tmp_path: Path) -> None:
    config = config_of("--data", str(tmp_path))
    assert (config.host, config.osc_port, config.ws_port, config.data) == ("127.0.0.1", 7770, 7771, tmp_path)
    assert config.threads >= 1


def test_a_model_may_be_named_or_be_a_folder(tmp_path: Path) -> None:
    named = config_of("--data", str(tmp_path), "--model", "acestep-v15-turbo")
    placed = config_of("--data", str(tmp_path), "--model", str(tmp_path))
    assert (named.model, named.model_roots) == ("acestep-v15-turbo", (tmp_path / "models", SHIPPED))
    assert (placed.model, placed.model_roots) == ("", (tmp_path,))


def test_more_folders_can_be_allowed(tmp_path: Path) -> None:
    roots = config_of("--data", str(tmp_path / "data"), "--allow", str(tmp_path / "songs")).roots
    assert {tmp_path / "data", tmp_path / "songs", Path.home().resolve()} <= set(roots)


def test_the_whole_disk_is_allowed_only_by_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert Path("/") not in default_roots(tmp_path, [])
    assert Path("/") in default_roots(tmp_path, [Path("/")])


def test_the_token_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BARLINE_TOKEN", "secret")
    assert config_of("--data", str(tmp_path), "--host", "0.0.0.0").token == "secret"


@pytest.mark.parametrize("words", [("--host", "0.0.0.0"), ("--osc-port", "65536"), ("--ws-port", "-1")])
def test_what_makes_no_sense_or_is_open_to_all_is_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError):
        config_of("--data", str(tmp_path), *words)
