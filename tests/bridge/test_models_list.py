"""The `models` verb: what it lists and how it fails."""

import argparse
from pathlib import Path

import pytest

from bridge.models_list import fetch, find_model, run_models
from engine.errors import ModelError
from engine.planner.catalogue import choose_planner, planners_table


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


def test_the_list_names_planners_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models" / "tiny-5Hz-lm"
    folder.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (folder / name).write_text('{"model_type": "qwen3"}')
    assert [(row.name, row.state) for row in planners_table([tmp_path / "models"])][:2] == [
        ("tiny-5Hz-lm", "installed"),
        ("acestep-5Hz-lm-0.6B", "downloadable"),
    ]
    monkeypatch.setenv("COLUMNS", "200")
    assert run_models(argparse.Namespace(download=None)) == 0
    assert "acestep-5Hz-lm-1.7B" in capsys.readouterr().out


def test_a_planner_of_another_models_codes_is_passed_over(tmp_path: Path) -> None:
    for place, facts in (("a-5Hz-lm", ', "audio_codes": 2560'), ("b-5Hz-lm", "")):
        (tmp_path / place).mkdir()
        for name in ("config.json", "tokenizer.json", "model.safetensors"):
            (tmp_path / place / name).write_text(f'{{"model_type": "qwen3"{facts}}}')
    chosen = [choose_planner("", [tmp_path], codes).name for codes in (0, 2560, 64_000)]
    assert chosen == ["a-5Hz-lm", "a-5Hz-lm", "b-5Hz-lm"]
    with pytest.raises(ModelError, match="for this model"):
        choose_planner("a-5Hz-lm", [tmp_path], 64_000)
