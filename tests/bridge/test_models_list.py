"""The `models` verb: what it lists and how it fails."""

import argparse
from pathlib import Path

import pytest

from bridge.models_list import fetch, find_model, run_models
from engine.errors import ModelError


def test_the_list_names_what_can_be_fetched(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_models(argparse.Namespace(download=None)) == 0
    assert "acestep-v15-turbo" in capsys.readouterr().out


def test_a_model_that_nobody_offers_is_not_fetched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch("acestep-v99", tmp_path) == 1
    assert "acestep-v99" in capsys.readouterr().out


def test_a_folder_without_a_model_is_not_taken_for_one(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        find_model(str(tmp_path))
