"""Tasks from value to audio, on the tiny checkpoint."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.errors import Cancelled, TaskError
from engine.models import Models
from engine.sampler import Kept, Run, denoise, seeded
from engine.store import load_models
from engine.tasks import render
from engine.tasks.conditions import context_latents, extend_phases
from engine.tasks.repaint import seam
from engine.tasks.values import Prompt, RepaintTask, Settings, Text2MusicTask
from engine.tasks.window import zone_frames
from engine.tiny import write_tiny_checkpoint

PROMPT = Prompt("slow strings", duration_s=6.0)
RATE = 48_000
SECONDS = 6
LO, HI = 100_000, 150_000


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return load_models(write_tiny_checkpoint(tmp_path_factory.mktemp("tiny"), grid_channels=10), device="cpu")


@pytest.fixture(scope="module")
def gridless(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return load_models(write_tiny_checkpoint(tmp_path_factory.mktemp("tiny")), device="cpu")


def quiet(stage: str, step: int, of: int) -> None:
    """Lets everything pass."""


def window(seconds: float = SECONDS) -> NDArray[np.float32]:
    return (np.random.default_rng(1).standard_normal((2, int(seconds * RATE))) * 0.1).astype("f4")


def grid(frames: int, pace: float = 0.02) -> NDArray[np.float32]:
    return np.stack([np.arange(frames) * pace % 1, np.arange(frames) * pace / 4 % 1], axis=1).astype("f4")


def repaint(seed: int = 3, **changes: object) -> RepaintTask:
    task = RepaintTask(window(), LO, HI, PROMPT, Settings(seed))
    return replace(task, **changes)


def audio_of(models: Models, task: RepaintTask | Text2MusicTask) -> NDArray[np.float32]:
    return render(models, task, quiet).audio


def test_text2music_gives_exactly_the_samples_asked_for(models: Models) -> None:
    rendered = render(models, Text2MusicTask(70_001, PROMPT, Settings(1)), quiet)
    assert rendered.audio.shape == (2, 70_001)
    assert rendered.audio.dtype == np.float32
    assert rendered.start == 0
    assert set(rendered.seconds) == {"text", "denoise", "decode"}


def test_repaint_covers_the_zone_and_half_a_second_around_it(models: Models) -> None:
    rendered = render(models, repaint(), quiet)
    assert rendered.start % 1920 == 0
    assert rendered.start <= LO - RATE // 2
    assert rendered.start + rendered.audio.shape[1] >= HI + RATE // 2
    assert rendered.audio.shape[1] < HI - LO + 2 * RATE // 2 + 4 * 1920
    assert set(rendered.seconds) == {"text", "encode", "denoise", "decode"}


def test_repaint_never_reaches_past_the_window(models: Models) -> None:
    samples = window().shape[1] - 700
    task = repaint(audio=window()[:, :samples], lo=0, hi=samples)
    rendered = render(models, task, quiet)
    assert (rendered.start, rendered.audio.shape[1]) == (0, samples)


def test_a_window_below_the_models_minimum_is_padded_and_cropped_back(models: Models) -> None:
    task = repaint(audio=window(2.0), lo=30_000, hi=60_000)
    rendered = render(models, task, quiet)
    assert rendered.start + rendered.audio.shape[1] <= 2 * RATE


def test_same_seed_same_samples_and_another_seed_others(models: Models) -> None:
    first = audio_of(models, repaint(3))
    torch.rand(1)  # the global generator has no say
    assert np.array_equal(first, audio_of(models, repaint(3)))
    assert not np.array_equal(first, audio_of(models, repaint(4)))


def test_arrays_may_be_torch_or_numpy(models: Models) -> None:
    ours = audio_of(models, repaint(grid=grid(150)))
    task = repaint(audio=torch.from_numpy(window()), grid=torch.from_numpy(grid(150)))
    assert np.array_equal(ours, audio_of(models, task))


def test_caption_lyrics_and_grid_all_reach_the_music(models: Models) -> None:
    plain = audio_of(models, repaint())
    for task in (
        repaint(prompt=replace(PROMPT, caption="fast drums")),
        repaint(prompt=replace(PROMPT, lyrics="la la la")),
        repaint(grid=grid(150)),
    ):
        assert not np.array_equal(plain, audio_of(models, task))


def test_a_model_without_grid_channels_ignores_the_grid(gridless: Models) -> None:
    assert np.array_equal(audio_of(gridless, repaint()), audio_of(gridless, repaint(grid=grid(150))))


def test_turbo_models_ignore_guidance(models: Models) -> None:
    guided = repaint(settings=Settings(3, guidance=9.0))
    assert np.array_equal(audio_of(models, guided), audio_of(models, repaint(3)))


def test_strength_nought_gives_the_source_through_the_vae(models: Models) -> None:
    rendered = render(models, repaint(settings=Settings(1, strength=0.0)), quiet)
    latents = models.vae.encode(torch.from_numpy(window())[None])
    whole = models.vae.decode(latents)[0].numpy()
    span = whole[:, rendered.start : rendered.start + rendered.audio.shape[1]]
    assert np.abs(rendered.audio - span).max() < 1e-5


def test_lower_strength_stays_nearer_to_the_source(models: Models) -> None:
    source = audio_of(models, repaint(settings=Settings(1, strength=0.0)))
    levels = (0.1, 0.5, 1.0)
    takes = [audio_of(models, repaint(settings=Settings(1, strength=level))) for level in levels]
    distances = [float(np.abs(take - source).mean()) for take in takes]
    assert distances == sorted(distances)


def test_sde_is_reproducible_and_another_method(models: Models) -> None:
    take = repaint(settings=Settings(1, method="sde"))
    assert np.array_equal(audio_of(models, take), audio_of(models, take))
    assert not np.array_equal(audio_of(models, take), audio_of(models, repaint(1)))


def test_steps_are_told_in_order_and_to_the_end(models: Models) -> None:
    told: list[tuple[str, int, int]] = []
    render(models, repaint(settings=Settings(1, steps=4)), lambda *step: told.append(step))
    assert [step for stage, step, _ in told if stage == "denoise"] == [0, 1, 2, 3, 4]
    assert [stage for stage, *_ in told] == sorted(
        (stage for stage, *_ in told), key=["encode", "denoise", "decode"].index
    )


def test_cancel_ends_between_two_steps_and_the_next_task_is_as_ever(models: Models) -> None:
    before, calls = audio_of(models, repaint()), []

    def cancel_at_three(stage: str, step: int, of: int) -> None:
        calls.append((stage, step))
        if (stage, step) == ("denoise", 3):
            raise Cancelled

    with pytest.raises(Cancelled):
        render(models, repaint(), cancel_at_three)
    assert calls[-1] == ("denoise", 3)
    assert np.array_equal(before, audio_of(models, repaint()))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lo": 5, "hi": 5}, "out-of-range"),
        ({"hi": SECONDS * RATE + 1}, "out-of-range"),
        ({"audio": np.zeros((1, 9), "f4")}, "wrong-shape"),
        ({"grid": grid(149)}, "wrong-shape"),
        ({"settings": Settings(1, steps=99)}, "out-of-range"),
        ({"settings": Settings(1, method="heun")}, "out-of-range"),
    ],
)
def test_impossible_tasks_are_refused_with_a_code(
    models: Models, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(TaskError) as caught:
        render(models, repaint(**changes), quiet)
    assert caught.value.code == code


def test_context_is_source_then_mask_then_grid(models: Models) -> None:
    source, zone = torch.full((1, 6, 4), 0.5), torch.zeros(1, 6, 1, dtype=torch.bool)
    zone[:, 2:4] = True
    context = context_latents(models, source, zone, grid(6))
    assert context.shape == (1, 6, 18)
    assert (context[..., :4] == 0.5).all()
    assert context[0, :, 4:8].mean(1).tolist() == [0, 0, 1, 1, 0, 0]
    assert torch.allclose(context[..., 8].square() + context[..., 9].square(), torch.ones(1, 6))
    assert (context_latents(models, source, zone, None)[..., 8:] == 0).all()


def test_a_grid_goes_on_at_its_pace_where_the_model_needs_more_frames() -> None:
    phases = extend_phases(torch.from_numpy(grid(40, 0.07)), 60)
    assert torch.allclose(phases[:, 0] % 1, torch.arange(60) * 0.07 % 1, atol=1e-4)


def test_zones_are_rounded_outward() -> None:
    assert zone_frames(1919, 3841, 1920) == (0, 3)
    assert zone_frames(1920, 3840, 1920) == (1, 2)


def test_the_seam_lies_outside_the_zone() -> None:
    zone = torch.zeros(1, 20, 1, dtype=torch.bool)
    zone[:, 8:12] = True
    mixed = seam(torch.ones(1, 20, 1), Kept(torch.zeros(1, 20, 1), zone)).flatten().tolist()
    way = [0.2, 0.4, 0.6, 0.8]
    assert mixed == pytest.approx([0] * 4 + way + [1] * 4 + way[::-1] + [0] * 4, abs=1e-6)


def test_outside_the_zone_the_last_step_starts_from_the_renoised_source(models: Models) -> None:
    clean = torch.full((1, 130, 4), 0.25)
    kept = Kept(clean, torch.zeros(1, 130, 1, dtype=torch.bool))
    context, states = torch.zeros(1, 130, 18), torch.zeros(1, 3, 32)
    few = denoise(models.model, Run(context, states, (1.0, 0.3), None, kept), seeded(1), quiet)
    many = denoise(models.model, Run(context, states, (1.0, 0.7, 0.3), None, kept), seeded(1), quiet)
    assert torch.equal(few, many)


def test_importing_the_engine_does_not_import_torch() -> None:
    import subprocess
    import sys

    words = (
        "import sys, engine, engine.catalogue, engine.download, engine.runtime; print('torch' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", words], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
