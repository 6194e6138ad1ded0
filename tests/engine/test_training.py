"""Training from nothing, shortened: the same functions the commands call, on two small songs."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.store import load_models
from engine.tasks import render
from engine.tasks.values import Prompt, Settings, Text2MusicTask
from engine.training.batches import DitRecipe, Item, draw_batch, draw_zone
from engine.training.codes import load_codes, train_codes
from engine.training.corpus.dataset import write_dataset
from engine.training.distil import DistilRecipe, distil
from engine.training.dit import Material, train_dit
from engine.training.evaluate import read_cases
from engine.training.export import export_miniature, freeze_vae, load_vae, silence_latent
from engine.training.figures_planner import planner_figures
from engine.training.latents import encode_corpus, load_latents, read_latents
from engine.training.plan_examples import PlannerRecipe
from engine.training.planner import FOLDER, export_planner, train_planner
from engine.training.run import Budget, cosine_rate, open_run, steps
from engine.training.vae import VaeRecipe, train_vae

VAE_RECIPE = VaeRecipe(batch=3, crop_frames=10)
DIT_RECIPE = DitRecipe(lengths=(128,), frames=384)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for all of this module's runs, half a gigabyte: gone when they have been looked at."""
    folder = tmp_path_factory.mktemp("training")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def corpus(place: Path) -> Path:
    folder = place / "songs"
    write_dataset(folder, 2, 77, 8.0, [], 1)
    return folder


@pytest.fixture(scope="module")
def vae_run(corpus: Path, place: Path) -> Path:
    run = place / "vae"
    train_vae([corpus], run, Budget(8 / 60), recipe=VAE_RECIPE)
    return run


@pytest.fixture(scope="module")
def frozen(vae_run: Path, corpus: Path) -> Path:
    freeze_vae(vae_run, corpus, vae_run / "frozen")
    return vae_run / "frozen"


@pytest.fixture(scope="module")
def latents(corpus: Path, frozen: Path) -> Path:
    encode_corpus(corpus, load_vae(frozen), frozen.parent / "latents", True, 2)
    return frozen.parent / "latents"


@pytest.fixture(scope="module")
def codes_run(latents: Path, place: Path) -> Path:
    run = place / "codes"
    train_codes([latents], run, Budget(3 / 60))
    return run


@pytest.fixture(scope="module")
def material(latents: Path, frozen: Path, codes_run: Path) -> Material:
    return Material(load_latents(latents), silence_latent(load_vae(frozen)), load_codes(codes_run))


@pytest.fixture(scope="module")
def dit_run(material: Material, place: Path) -> Path:
    run = place / "dit"
    train_dit(material, run, Budget(10 / 60), recipe=DIT_RECIPE)
    return run


@pytest.fixture(scope="module")
def miniature(dit_run: Path, frozen: Path, codes_run: Path, place: Path) -> Path:
    out = place / "miniature"
    export_miniature(dit_run, frozen, codes_run, out)
    return out


def draw(latents: Path, tasks: str, seed: int = 6) -> list[Item]:
    recipe = replace(DIT_RECIPE, tasks=((tasks, 1.0),), absent=0.0)
    silence = np.full(64, 9, np.float32)
    return draw_batch(load_latents(latents), silence, recipe, np.random.default_rng(seed))


def losses(run: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (run / "log.jsonl").read_text().splitlines()]


def test_vae_training_leaves_a_log_a_checkpoint_and_curves(vae_run: Path) -> None:
    assert {"log.jsonl", "checkpoint.pt", "curves.png", "config.json"} <= {p.name for p in vae_run.iterdir()}


def test_vae_training_goes_on_where_it_stopped_and_gets_better(vae_run: Path, corpus: Path) -> None:
    before = torch.load(vae_run / "checkpoint.pt", weights_only=True)["step"]
    train_vae([corpus], vae_run, Budget(16 / 60), recipe=VAE_RECIPE)
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


def test_codes_training_leaves_a_checkpoint(codes_run: Path) -> None:
    assert losses(codes_run)[-1] < 3
    assert load_codes(codes_run).hints(torch.zeros(1, 7, 64)).shape == (1, 7, 64)


def test_dit_training_gets_better(dit_run: Path, material: Material) -> None:
    train_dit(material, dit_run, Budget(20 / 60), recipe=DIT_RECIPE)
    assert losses(dit_run)[-1] < losses(dit_run)[0]


def test_exported_miniature_loads_and_renders(miniature: Path) -> None:
    models = load_models(miniature)
    task = Text2MusicTask(48000, Prompt("funk", bpm=100.0), Settings(seed=1, steps=2))
    audio = render(models, task, lambda stage, step, of: None).audio
    assert audio.shape == (2, 48000) and np.isfinite(audio).all() and audio.std() > 0


def test_training_goes_on_from_a_miniature(miniature: Path, material: Material, tmp_path: Path) -> None:
    """A fine-tune starts where the miniature ended: its first loss is no beginner's."""
    one_step = Budget(1e-6)  # both see the same songs in the same noise
    train_dit(replace(material, start=miniature), tmp_path / "on", one_step, recipe=DIT_RECIPE)
    train_dit(material, tmp_path / "anew", one_step, recipe=DIT_RECIPE)
    words = (tmp_path / "on" / "tokenizer.json").read_bytes()
    assert words == (miniature / "text-encoder" / "tokenizer.json").read_bytes()
    assert losses(tmp_path / "on")[0] < 0.8 * losses(tmp_path / "anew")[0]


def test_a_student_is_taught(dit_run: Path, material: Material, tmp_path: Path) -> None:
    distil(material, dit_run, tmp_path, Budget(3 / 60), DistilRecipe(DIT_RECIPE))
    assert np.isfinite(losses(tmp_path)).all()


def test_a_planner_is_taught_and_measured(
    material: Material, miniature: Path, corpus: Path, tmp_path: Path
) -> None:
    recipe = PlannerRecipe(composed=20)
    train_planner(material.songs, material.codes, tmp_path / "run", Budget(4 / 60), recipe)
    export_planner(tmp_path / "run", tmp_path)
    song = read_cases(corpus, 1)
    (figures,) = planner_figures(load_models(miniature), tmp_path / FOLDER, song)
    assert np.isfinite(losses(tmp_path / "run")).all()
    wanted = {"understood_style", "base_understood_style", "plan_keeps_bpm", "thinking_tempo_within_2pct"}
    assert wanted <= set(figures)


def test_items_are_the_same_for_the_same_step(latents: Path) -> None:
    a, b = (draw(latents, "text2music") for _ in "ab")
    assert all(np.array_equal(x.source, y.source) and x.prompt == y.prompt for x, y in zip(a, b, strict=True))


def test_source_is_silence_in_the_zone_and_music_outside(latents: Path) -> None:
    for item in draw(latents, "repaint"):
        zone = item.mask > 0
        assert (item.source[zone] == 9).all()
        assert np.array_equal(item.source[~zone], item.latents[~zone])


@pytest.mark.parametrize(
    ("task", "wanted", "shown"),
    [("extract", "stems", "mix"), ("lego", "stems", "rests"), ("complete", "rests", "stems")],
)
def test_a_layer_is_shown_what_its_task_hears(latents: Path, task: str, wanted: str, shown: str) -> None:
    songs = load_latents(latents)
    for item in draw(latents, task):
        for track, kind in ((item.latents, wanted), (item.source, shown)):
            every = np.concatenate([getattr(s, kind).reshape(-1, 64) for s in songs]).astype(np.float32)
            assert (every == track[0]).all(1).any()


def test_a_variant_is_the_same_song_with_other_levels(latents: Path) -> None:
    first, second = (read_latents(path) for path in sorted(latents.glob("*.npz"))[:2])
    assert first.song == second.song and first.names == second.names
    assert not np.array_equal(first.mix, second.mix)


def test_repaint_zones_leave_something_outside() -> None:
    bars = np.arange(0, 256, 50)
    shares = [draw_zone(bars, 256, np.random.default_rng(seed)).mean() for seed in range(200)]
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
