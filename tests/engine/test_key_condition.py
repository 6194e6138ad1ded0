"""The key as input channels, which key a stretch of a song is in, and products in bf16."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine import precision
from engine.config import AceStepConfig
from engine.dit import DiT
from engine.key_condition import KEY_CHANNELS, key_features, read_key
from engine.models import Models
from engine.planner.limits import KEYSCALES
from engine.sampler import Lead, Run, velocity_of
from engine.store import load_models
from engine.tasks import render
from engine.tasks.conditions import context_latents
from engine.tasks.values import Prompt, Settings, Text2MusicTask
from engine.tiny import write_tiny_checkpoint
from engine.training.corpus.composer import compose
from engine.training.corpus.theory import NOTE_NAMES
from engine.training.dit import widened
from engine.training.keys import key_between, pitched_notes
from tests.engine.tiny_shapes import TINY


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    folder = write_tiny_checkpoint(tmp_path_factory.mktemp("tiny"), grid_channels=10, key_channels=24)
    return load_models(folder, device="cpu")


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("C major", (0, "major")),
        ("F# minor", (6, "minor")),
        ("B♭ major", (10, "major")),
        ("Cb minor", (11, "minor")),
        ("Am", (9, "minor")),
        ("eb", (3, "major")),
        (" G  maj ", (7, "major")),
        ("D dorian", (2, "dorian")),
    ],
)
def test_a_key_is_read_in_the_ways_it_is_written(said: str, key: tuple[int, str]) -> None:
    assert read_key(said) == key


@pytest.mark.parametrize("said", ["", "H major", "C blues", "unknown", "C## major"])
def test_what_is_no_key_is_none_and_gives_zeros(said: str) -> None:
    assert read_key(said) is None
    assert not key_features(said).any()


@pytest.mark.parametrize("said", KEYSCALES)
def test_every_key_a_planner_can_name_has_a_tonic_and_seven_notes_with_it(said: str) -> None:
    features = key_features(said)
    assert features.shape == (KEY_CHANNELS,)
    tonic = int(features[:12].argmax())
    assert (features[:12].sum(), features[12:].sum()) == (1, 7)
    assert features[12 + tonic] == 1


def test_relative_keys_share_their_notes_and_not_their_tonic() -> None:
    major, minor = key_features("C major"), key_features("A minor")
    assert torch.equal(major[12:], minor[12:])
    assert not torch.equal(major[:12], minor[:12])


def test_the_context_ends_with_the_key_in_every_frame(models: Models) -> None:
    source, zone = torch.zeros(1, 6, 4), torch.zeros(1, 6, 1, dtype=torch.bool)
    context = context_latents(models, source, zone, None, "D minor")
    assert context.shape == (1, 6, 8 + 10 + KEY_CHANNELS)
    assert (context[0, :, 18:] == key_features("D minor")).all()
    assert not context_latents(models, source, zone, None)[..., 18:].any()


def test_another_key_gives_another_piece(models: Models) -> None:
    made = [
        render(models, Text2MusicTask(96_000, Prompt("", keyscale=key), Settings(seed=1)), quiet).audio
        for key in ("C major", "F# major")
    ]
    assert not np.array_equal(*made)


def test_key_channels_widen_only_the_input_convolution() -> None:
    plain, keyed = (DiT(replace(TINY, key_channels=n)).state_dict() for n in (0, KEY_CHANNELS))
    wider = [name for name, value in keyed.items() if value.shape != plain[name].shape]
    assert wider == ["proj_in.1.weight"]


def test_a_stretch_of_a_song_is_in_its_key_or_in_the_one_it_was_lifted_to() -> None:
    scale = np.array([60, 62, 64, 65, 67, 69, 71])
    home = np.stack([np.arange(7.0), np.arange(7.0) + 0.9, scale], axis=1)
    lifted = home + np.array([7.0, 7.0, 2.0])
    notes = np.concatenate([home, lifted])
    assert key_between("C major", notes, 0.0, 7.0) == "C major"
    assert key_between("C major", notes, 7.0, 14.0) == "D major"
    assert key_between("C major", notes, 20.0, 30.0) == "C major"
    assert key_between("none", notes, 0.0, 7.0) == "none"


@pytest.mark.parametrize("seed", range(6))
def test_composed_songs_sound_mostly_in_the_key_they_name(seed: int) -> None:
    song = compose(seed, 20.0)
    notes = pitched_notes(song)
    named = read_key(key_between(song.keyscale, notes, 0.0, 8.0))
    assert named is not None
    times = np.bincount(notes[:, 2].astype(int) % 12, notes[:, 1] - notes[:, 0], 12)
    inside = times[key_features(f"{NOTE_NAMES[named[0]]} {named[1]}")[12:].numpy() > 0].sum()
    assert inside / times.sum() > 0.7


def test_products_are_in_bf16_only_where_the_model_was_trained_so_and_the_cpu_has_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = torch.ones(2, 2), torch.ones(2, 2)
    trained = replace(AceStepConfig(), mixed_precision=True)
    for config, native, kind in (
        (trained, True, torch.bfloat16),
        (trained, False, torch.float32),
        (AceStepConfig(), True, torch.float32),
    ):
        monkeypatch.setattr(precision, "multiplies_bf16", lambda native=native: native)
        with precision.products(config, torch.device("cpu")):
            assert (one @ other).dtype == kind


def test_products_in_bf16_stay_near_those_in_fp32(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_tiny_checkpoint(tmp_path, mixed_precision=True)
    models = load_models(folder, device="cpu")
    task = Text2MusicTask(96_000, Prompt("drums"), Settings(seed=3))
    monkeypatch.setattr(precision, "multiplies_bf16", lambda: True)
    rough = [render(models, task, quiet).latents[0] for _ in range(2)]
    monkeypatch.setattr(precision, "multiplies_bf16", lambda: False)
    exact = render(models, task, quiet).latents[0]
    assert torch.equal(rough[0], rough[1])
    assert 0 < float((rough[0] - exact).abs().max()) < 0.1 * float(exact.std())


def quiet(stage: str, step: int, of: int) -> None:
    """Hears nothing."""


def test_training_goes_on_from_a_model_that_knew_no_key() -> None:
    weight = torch.randn(3, 138 + 64, 2)
    wide = widened(weight)
    assert wide.shape == (3, 138 + KEY_CHANNELS + 64, 2)
    assert torch.equal(torch.cat((wide[:, :138], wide[:, -64:]), 1), weight)
    assert not wide[:, 138:-64].any()


def test_a_piece_is_led_to_its_key_where_its_model_says_so_and_a_key_is_named(tmp_path: Path) -> None:
    folder = write_tiny_checkpoint(tmp_path, grid_channels=10, key_channels=24, default_key_guidance=4.0)
    led = load_models(folder, device="cpu")
    plain = replace(led, config=replace(led.config, default_key_guidance=None))

    def latents(models: Models, key: str, steps: int = 8) -> torch.Tensor:
        task = Text2MusicTask(96_000, Prompt("", keyscale=key), Settings(seed=1, steps=steps))
        return render(models, task, quiet).latents[0]

    assert torch.equal(latents(led, ""), latents(plain, ""))
    assert not torch.equal(latents(led, "A minor"), latents(plain, "A minor"))
    assert torch.equal(latents(led, "A minor"), latents(led, "A minor"))


def test_a_lead_adds_to_what_its_condition_changes_and_only_above_its_noise_level(models: Models) -> None:
    shape = (1, 8, models.config.audio_acoustic_hidden_dim)
    states = torch.randn(1, 3, models.config.condition_width)
    context, away = (torch.randn(1, 8, 2 * shape[2] + 10 + KEY_CHANNELS) for _ in range(2))
    x = torch.randn(shape)
    told, untold = (velocity_of(models.model, Run(seen, states, ()))(x, 0.9) for seen in (context, away))
    led = velocity_of(models.model, Run(context, states, (), lead=Lead(away, 4.0, 0.8)))
    assert torch.allclose(led(x, 0.9), untold + 4 * (told - untold), atol=1e-5)
    calm = velocity_of(models.model, Run(context, states, ()))(x, 0.7)
    assert torch.equal(led(x, 0.7), calm)
