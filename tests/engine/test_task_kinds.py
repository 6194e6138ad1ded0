"""Cover, extract, lego, complete and several takes on the tiny checkpoint, and who may do what."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.abilities import BASIC, EVERY, tasks_of
from engine.config import config_from_json
from engine.errors import TaskError
from engine.models import Models
from engine.store import load_models
from engine.tasks import render
from engine.tasks.values import (
    CompleteTask,
    CoverTask,
    ExtractTask,
    LegoTask,
    Prompt,
    RepaintTask,
    Settings,
    Text2MusicTask,
)
from engine.tiny import write_tiny_checkpoint

PROMPT, SEED = Prompt("slow strings", duration_s=6.0), Settings(3, steps=2)
AUDIO = (np.random.default_rng(1).standard_normal((2, 288_000)) * 0.1).astype("f4")
LO, HI = 100_000, 150_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_checkpoint(tmp_path_factory.mktemp("tiny"), grid_channels=10, tasks=list(EVERY))


@pytest.fixture(scope="module")
def models(folder: Path) -> Models:
    return load_models(folder, device="cpu")


def quiet(stage: str, step: int, of: int) -> None:
    """Lets everything pass."""


def extract(*stems: str) -> ExtractTask:
    return ExtractTask(AUDIO, LO, HI, stems, PROMPT, SEED)


@pytest.mark.parametrize(
    "task",
    [
        CoverTask(AUDIO, LO, HI, PROMPT, SEED),
        extract("bass"),
        LegoTask(AUDIO, LO, HI, "bass", PROMPT, SEED),
        CompleteTask(AUDIO, LO, HI, (), PROMPT, SEED),
    ],
)
def test_what_comes_back_covers_the_span_and_margins_only(models: Models, task: Any) -> None:
    rendered = render(models, task, quiet)
    length = rendered.audio.shape[-1]
    assert rendered.start % 1920 == 0
    assert rendered.start <= LO - 24_000 and rendered.start + length >= HI + 24_000
    assert length < HI - LO + 48_000 + 4 * 1920
    assert set(rendered.seconds) == {"text", "encode", "denoise", "decode"}


def test_stems_do_not_depend_on_what_else_is_extracted(models: Models) -> None:
    both = render(models, extract("bass", "drums"), quiet).audio
    alone = render(models, extract("drums"), quiet).audio
    assert both.shape[0] == 2 and alone.shape[0] == 1
    assert np.array_equal(both[1], alone[0]) and not np.array_equal(both[0], both[1])


def test_takes_encode_once_and_equal_those_made_alone(models: Models) -> None:
    told: list[tuple[str, int, int]] = []
    task = RepaintTask(AUDIO, LO, HI, PROMPT, Settings(3, steps=2, takes=8))
    takes = render(models, task, lambda *step: told.append(step)).audio
    alone = render(models, replace(task, settings=Settings(5, steps=2)), quiet).audio
    assert takes.shape == (8, *alone.shape) and np.array_equal(takes[2], alone)
    assert len({take.tobytes() for take in takes}) == 8
    assert [step for stage, *step in told if stage == "encode"] == [[0, 1], [1, 1]]
    assert [step for stage, *step in told if stage == "denoise"][-1] == [16, 16]


def test_text2music_makes_takes_too(models: Models) -> None:
    task = Text2MusicTask(70_001, PROMPT, Settings(3, steps=2, takes=2))
    takes = render(models, task, quiet).audio
    alone = render(models, replace(task, settings=Settings(4, steps=2)), quiet).audio
    assert takes.shape == (2, 2, 70_001) and np.array_equal(takes[1], alone)


def test_reference_and_rawness_reach_the_cover(models: Models) -> None:
    task = CoverTask(AUDIO, LO, HI, PROMPT, SEED)
    plain = render(models, task, quiet).audio
    for other in (replace(task, raw=True), replace(task, reference=AUDIO[:, ::-1].copy())):
        assert not np.array_equal(plain, render(models, other, quiet).audio)
    silent = replace(task, reference=np.zeros((2, 9_000), "f4"))
    assert np.array_equal(plain, render(models, silent, quiet).audio)


IMPOSSIBLE: dict[str, tuple[Callable[[], Any], str, str]] = {
    "no such class": (lambda: extract("kazoo"), "out-of-range", "kazoo"),
    "no class": (extract, "out-of-range", "at least 1"),
    "twice": (lambda: extract("bass", "bass"), "out-of-range", "each once"),
    "strength": (
        lambda: CoverTask(AUDIO, LO, HI, PROMPT, Settings(1, steps=2, strength=1.5)),
        "out-of-range",
        "strength=1.5",
    ),
    "takes": (lambda: Text2MusicTask(9, PROMPT, Settings(1, takes=9)), "out-of-range", "takes=9"),
    "codes": (lambda: Text2MusicTask(9, PROMPT, SEED, codes=(64_000,)), "out-of-range", "64000"),
    "reference": (
        lambda: CoverTask(AUDIO, LO, HI, PROMPT, SEED, reference=AUDIO[:1]),
        "wrong-shape",
        "(1, 288000)",
    ),
    "span": (lambda: LegoTask(AUDIO, 5, 5, "bass", PROMPT, SEED), "out-of-range", "lo=5, hi=5"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_impossible_tasks_are_refused_with_code_and_value(models: Models, name: str) -> None:
    make, code, words = IMPOSSIBLE[name]
    with pytest.raises(TaskError) as caught:
        render(models, make(), quiet)
    assert caught.value.code == code and words in caught.value.text


def test_a_checkpoint_may_have_steps_of_its_own_for_extract(models: Models) -> None:
    own = replace(models, config=replace(models.config, default_extract_steps=1))
    task = replace(extract("bass"), settings=Settings(3))
    seen: list[tuple[str, int, int]] = []
    render(own, task, lambda *told: seen.append(told))
    assert [told for told in seen if told[0] == "denoise"] == [("denoise", 0, 1), ("denoise", 1, 1)]


def test_a_stem_may_be_the_mean_of_several_guesses(models: Models) -> None:
    def made(guesses: int, **settings: int) -> Any:
        config = replace(models.config, default_extract_steps=1, default_extract_guesses=guesses)
        task = replace(extract("bass"), settings=Settings(3, **settings))
        return render(replace(models, config=config), task, quiet).audio

    assert np.array_equal(made(3), made(3)) and not np.array_equal(made(3), made(1))
    assert np.array_equal(made(3, steps=1), made(1))  # who says how many steps gets them, once


def test_a_waveform_that_is_for_a_mask_is_the_waveform(models: Models) -> None:
    plain, masking = (render(models, replace(extract("bass"), for_mask=x), quiet) for x in (False, True))
    assert plain.start == masking.start and np.array_equal(plain.audio, masking.audio)


def test_turbo_names_the_checkpoint_that_can_extract(models: Models) -> None:
    turbo = replace(models, config=replace(models.config, tasks=()), name="acestep-v15-turbo")
    with pytest.raises(TaskError) as caught:
        render(turbo, extract("bass"), quiet)
    assert caught.value.code == "no-task"
    assert "acestep-v15-base" in caught.value.text and "'extract'" in caught.value.text


@pytest.mark.parametrize(
    ("values", "name", "able"),
    [
        ({}, "", BASIC),
        ({"model_version": "base"}, "", EVERY),
        ({"model_version": "sft"}, "", BASIC),
        ({"model_version": "base"}, "acestep-v15-xl-sft", BASIC),
        ({"tasks": ["lego"]}, "", ("lego",)),
    ],
)
def test_who_may_do_what(values: dict[str, Any], name: str, able: tuple[str, ...]) -> None:
    assert tasks_of(config_from_json(values), name) == able


def test_without_code_modules_a_cover_is_refused_and_a_raw_one_made(models: Models) -> None:
    kept = models.model.tokenizer
    try:
        models.model.tokenizer = None
        with pytest.raises(TaskError) as caught:
            render(models, CoverTask(AUDIO, LO, HI, PROMPT, SEED), quiet)
        assert caught.value.code == "no-task"
        raw = render(models, CoverTask(AUDIO, LO, HI, PROMPT, SEED, raw=True), quiet)
        assert torch.from_numpy(raw.audio).isfinite().all()
    finally:
        models.model.tokenizer = kept
