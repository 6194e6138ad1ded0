"""Training from nothing, shortened: the same functions the commands call, on two small songs."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.store import load_models
from engine.tasks import render
from engine.tasks.values import Prompt, Settings, Text2MusicTask
from engine.training.batches import DitRecipe, draw_batch, repaint_mask
from engine.training.corpus.dataset import write_dataset
from engine.training.dit import train_dit
from engine.training.export import export_miniature, freeze_vae, load_vae, silence_latent
from engine.training.latents import encode_corpus, load_latents
from engine.training.run import Budget, cosine_rate, open_run, steps
from engine.training.vae import VaeRecipe, train_vae

VAE_RECIPE = VaeRecipe(batch=3, crop_frames=10)
DIT_RECIPE = DitRecipe(lengths=(128,), frames=384)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "songs"
    write_dataset(folder, 2, 77, 8.0, [], 1)
    return folder


@pytest.fixture(scope="module")
def vae_run(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("vae")
    train_vae(corpus, run, Budget(8 / 60), recipe=VAE_RECIPE)
    return run


@pytest.fixture(scope="module")
def frozen(vae_run: Path, corpus: Path) -> Path:
    freeze_vae(vae_run, corpus, vae_run / "frozen")
    return vae_run / "frozen"


@pytest.fixture(scope="module")
def latents(corpus: Path, frozen: Path) -> Path:
    encode_corpus(corpus, load_vae(frozen), frozen.parent / "latents")
    return frozen.parent / "latents"


@pytest.fixture(scope="module")
def dit_run(latents: Path, frozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("dit")
    train_dit(latents, silence_latent(load_vae(frozen)), run, Budget(10 / 60), recipe=DIT_RECIPE)
    return run


def losses(run: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (run / "log.jsonl").read_text().splitlines()]


def test_vae_training_leaves_a_log_a_checkpoint_and_curves(vae_run: Path) -> None:
    assert {"log.jsonl", "checkpoint.pt", "curves.png", "config.json"} <= {p.name for p in vae_run.iterdir()}


def test_vae_training_goes_on_where_it_stopped_and_gets_better(vae_run: Path, corpus: Path) -> None:
    before = torch.load(vae_run / "checkpoint.pt", weights_only=True)["step"]
    train_vae(corpus, vae_run, Budget(16 / 60), recipe=VAE_RECIPE)
    assert torch.load(vae_run / "checkpoint.pt", weights_only=True)["step"] > before
    assert losses(vae_run)[-1] < losses(vae_run)[0]


def test_frozen_latents_have_zero_mean_and_unit_spread(latents: Path) -> None:
    every = np.concatenate([song.mix for song in load_latents(latents)])
    assert np.abs(every.mean(0)).max() < 0.1
    assert np.abs(every.std(0) - 1).max() < 0.1


def test_latent_songs_know_their_bars(latents: Path) -> None:
    song = load_latents(latents)[0]
    assert song.bars[0] == 0 and len(song.bars) >= 2
    assert song.phase.shape == (len(song.mix), 2)


def test_dit_training_gets_better(dit_run: Path, latents: Path, frozen: Path) -> None:
    train_dit(latents, silence_latent(load_vae(frozen)), dit_run, Budget(20 / 60), recipe=DIT_RECIPE)
    assert losses(dit_run)[-1] < losses(dit_run)[0]


def test_exported_miniature_loads_and_renders(dit_run: Path, frozen: Path, tmp_path: Path) -> None:
    export_miniature(dit_run, frozen, tmp_path / "miniature")
    models = load_models(tmp_path / "miniature")
    task = Text2MusicTask(48000, Prompt("funk", bpm=100.0), Settings(seed=1, steps=2))
    audio = render(models, task, lambda stage, step, of: None).audio
    assert audio.shape == (2, 48000) and np.isfinite(audio).all() and audio.std() > 0


def test_items_are_the_same_for_the_same_step(latents: Path) -> None:
    songs = load_latents(latents)
    a, b = (draw_batch(songs, np.zeros(64, np.float32), DIT_RECIPE, np.random.default_rng(5)) for _ in "ab")
    assert np.array_equal(a.source, b.source) and a.prompts == b.prompts


def test_source_is_silence_in_the_zone_and_music_outside(latents: Path) -> None:
    recipe = replace(DIT_RECIPE, repaint=1.0)
    batch = draw_batch(load_latents(latents), np.full(64, 9, np.float32), recipe, np.random.default_rng(6))
    zone = batch.mask > 0
    assert (batch.source[zone] == 9).all()
    assert np.array_equal(batch.source[~zone], batch.latents[~zone])


def test_repaint_zones_leave_something_outside() -> None:
    bars = np.arange(0, 256, 50)
    shares = [repaint_mask(bars, 256, np.random.default_rng(seed)).mean() for seed in range(200)]
    assert 0 < min(shares) and max(shares) < 1


def test_rate_warms_up_holds_and_falls() -> None:
    rates = [cosine_rate(p) for p in (0.0, 0.02, 0.3, 0.65, 1.0)]
    assert rates[0] < 0.1 and rates[1] == rates[2] == 1 and rates[2] > rates[3] > rates[4] > 0


def test_a_used_budget_is_not_used_again(tmp_path: Path) -> None:
    run, _ = open_run(tmp_path, 0.001, {})
    for _ in steps(run, lambda: run.save({})):
        run.note({"loss": 1.0})
    again, state = open_run(tmp_path, 0.001, {})
    assert state is not None and list(steps(again, lambda: None)) == []
