"""Whole requests against diffusers' pipeline on one tiny checkpoint, fp32. Largest difference 1e-5."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import AceStepPipeline
from torch import Tensor

from engine.models import Models
from engine.sampler import Run, denoise, draw, seeded
from engine.store import load_models
from engine.tasks import conditions, render
from engine.tasks.instructions import instruction
from engine.tasks.values import Prompt, RepaintTask, Settings, Text2MusicTask
from engine.tasks.window import encode_window
from engine.text import caption_text, lyric_text
from engine.tiny import write_tiny_checkpoint
from tests.engine.oracle import build_oracle, oracle_text_encoder, oracle_vae
from tests.engine.tiny_shapes import worst

LIMIT = 1e-5
PROMPT = Prompt("soft piano über alles", "[verse]\nla la ♪", "de", 123, "F# minor", "3", 6.0)
WORDS = {
    "prompt": PROMPT.caption,
    "lyrics": PROMPT.lyrics,
    "vocal_language": "de",
    "bpm": 123,
    "keyscale": "F# minor",
    "timesignature": "3",
    "output_type": "latent",
}
FRAMES = 150
FIRST, STOP = 50, 90


@dataclass(frozen=True)
class Pair:
    """Our models and the oracle on the same weights."""

    folder: Path
    models: Models
    oracle: AceStepPipeline


def make_pair(folder: Path, **config: Any) -> Pair:
    write_tiny_checkpoint(folder, **config)
    models = load_models(folder, device="cpu")
    return Pair(folder, models, build_oracle(folder, models))


@pytest.fixture(scope="module")
def turbo(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return make_pair(tmp_path_factory.mktemp("turbo"))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return make_pair(tmp_path_factory.mktemp("base"), is_turbo=False, model_version="base")


@dataclass
class Recorder:
    """A VAE that remembers the latents it was asked to decode."""

    vae: Any
    decoded: list[Tensor]

    hop = 1920

    @property
    def halo_frames(self) -> int:
        return self.vae.halo_frames

    def encode(self, audio: Tensor) -> Tensor:
        return self.vae.encode(audio)

    def decode(self, latents: Tensor) -> Tensor:
        self.decoded.append(latents)
        return self.vae.decode(latents)


def recorded(models: Models, task: Any) -> Tensor:
    """The latents a render of `task` decodes."""
    recorder = Recorder(models.vae, [])
    render(replace(models, vae=recorder), task, quiet)
    return torch.cat(recorder.decoded, dim=1)


def quiet(stage: str, step: int, of: int) -> None:
    """An on_step that lets everything pass."""


def noise_for(frames: int, seed: int, models: Models) -> Tensor:
    return draw(seeded(seed), models.silence(frames))


def source_audio() -> Tensor:
    return torch.randn(2, FRAMES * 1920, generator=seeded(5)) * 0.2


def test_text2music_latents_equal_diffusers(turbo: Pair) -> None:
    latents = recorded(turbo.models, Text2MusicTask(FRAMES * 1920, PROMPT, Settings(7)))
    noise = noise_for(FRAMES, 7, turbo.models)
    want = turbo.oracle(**WORDS, audio_duration=6.0, latents=noise).audios
    print(f"text2music, 8 turbo steps: {worst(latents, want):.2e}")
    assert worst(latents, want) <= LIMIT


@pytest.mark.parametrize(("steps", "shift"), [(6, 1.0), (10, 2.5)])
def test_guided_latents_equal_diffusers(base: Pair, steps: int, shift: float) -> None:
    settings = Settings(3, steps=steps, timestep_shift=shift, guidance=5.0)
    latents = recorded(base.models, Text2MusicTask(FRAMES * 1920, PROMPT, settings))
    want = base.oracle(
        **WORDS,
        audio_duration=6.0,
        latents=noise_for(FRAMES, 3, base.models),
        num_inference_steps=steps,
        shift=shift,
        guidance_scale=5.0,
    ).audios
    print(f"text2music with APG, {steps} steps: {worst(latents, want):.2e}")
    assert worst(latents, want) <= LIMIT


def paint_with_oracle(pair: Pair, noise: Tensor, on_end: Callable[..., Any] | None = None) -> Tensor:
    return pair.oracle(
        **WORDS,
        audio_duration=6.0,
        latents=noise,
        task_type="repaint",
        src_audio=source_audio(),
        repainting_start=FIRST / 25,
        repainting_end=STOP / 25,
        callback_on_step_end=on_end,
    ).audios


@torch.no_grad()
def test_repaint_without_injection_equals_diffusers(turbo: Pair) -> None:
    # diffusers never puts the source back during denoising; neither does this run, which has nothing kept.
    models = turbo.models
    clean = encode_window(models, source_audio(), quiet)
    places = torch.arange(FRAMES)[None, :, None]
    zone = (places >= FIRST) & (places < STOP)
    states = conditions.condition_states(models, PROMPT, instruction("repaint"))
    source = torch.where(zone, models.silence(FRAMES), clean)
    context = conditions.context_latents(models, source, zone, None)
    run = conditions.plan_run(models, Settings(9), context, states)
    latents = denoise(models.model, run, seeded(9), quiet)
    want = paint_with_oracle(turbo, noise_for(FRAMES, 9, models))
    print(f"repaint, all {FRAMES} frames, no injection: {worst(latents, want):.2e}")
    assert worst(latents, want) <= LIMIT


def test_repaint_zone_equals_diffusers_with_the_source_put_back_after_each_step(turbo: Pair) -> None:
    models = turbo.models
    noise = noise_for(FRAMES, 9, models)
    clean = oracle_vae(turbo.folder).encode(source_audio()[None]).latent_dist.mode().transpose(1, 2)
    zone = torch.zeros(1, FRAMES, 1, dtype=torch.bool)
    zone[:, FIRST:STOP] = True

    def put_back(pipe: AceStepPipeline, step: int, t: float, values: dict[str, Tensor]) -> dict[str, Tensor]:
        after = float(pipe.scheduler.sigmas[step + 1])
        put = after * noise + (1 - after) * clean
        return {"latents": torch.where(zone, values["latents"], put) if after else values["latents"]}

    want = paint_with_oracle(turbo, noise, put_back)[:, FIRST:STOP]
    task = RepaintTask(source_audio().numpy(), FIRST * 1920 + 5, STOP * 1920 - 5, PROMPT, Settings(9))
    latents = recorded(models, task)
    lead = 13 + models.vae.halo_frames
    got = latents[:, lead : lead + STOP - FIRST]
    print(f"repaint through render(), zone, source re-injected: {worst(got, want):.2e}")
    assert worst(got, want) <= LIMIT


@torch.no_grad()
def test_vae_equals_diffusers(turbo: Pair) -> None:
    oracle, ours = oracle_vae(turbo.folder), turbo.models.vae
    audio = torch.randn(1, 2, 48_000, generator=seeded(1)) * 0.3
    latents = ours.encode(audio)
    assert latents.shape == (1, 25, 4)
    encoded = worst(latents, oracle.encode(audio).latent_dist.mode().transpose(1, 2))
    decoded = worst(ours.decode(latents * 5), oracle.decode(latents.transpose(1, 2) * 5).sample)
    print(f"VAE encode {encoded:.2e}, decode {decoded:.2e}")
    assert max(encoded, decoded) <= LIMIT


@torch.no_grad()
def test_text_encoder_and_tokenizer_equal_transformers(turbo: Pair) -> None:
    qwen, tokens = oracle_text_encoder(turbo.folder)
    text = caption_text(PROMPT, instruction("repaint")) * 3
    cut = tokens(text, truncation=True, max_length=256, return_tensors="pt").input_ids
    assert turbo.models.text.tokenize(text, 256) == cut[0].tolist()
    assert cut.shape == (1, 256)
    difference = worst(turbo.models.text.caption_states(text), qwen(cut).last_hidden_state)
    print(f"Qwen3 caption states: {difference:.2e}")
    assert difference <= LIMIT
    lyrics = lyric_text(PROMPT)
    embedded = qwen.embed_tokens(tokens(lyrics, return_tensors="pt").input_ids)
    assert torch.equal(turbo.models.text.lyric_embeddings(lyrics), embedded)


def test_prompt_texts_equal_diffusers(turbo: Pair) -> None:
    words = {"lyrics": PROMPT.lyrics, "vocal_language": "de", "audio_duration": 6.0, "bpm": 123}
    want = turbo.oracle._format_prompt(PROMPT.caption, **words, keyscale="F# minor", timesignature="3")
    assert (caption_text(PROMPT, instruction("text2music")), lyric_text(PROMPT)) == want
    bare = Prompt("x", duration_s=9.9)
    want = turbo.oracle._format_prompt("x", audio_duration=9.9)
    assert (caption_text(bare, instruction("text2music")), lyric_text(bare)) == want


def test_instructions_equal_diffusers() -> None:
    words = AceStepPipeline._get_task_instruction
    for task in ("text2music", "repaint", "cover"):
        assert instruction(task) == words(task)
    for task in ("extract", "lego"):
        assert instruction(task, ("backing_vocals",)) == words(task, "backing_vocals")
        assert instruction(task) == words(task)
    assert instruction("complete", ("bass", "drums")) == words("complete", None, ["bass", "drums"])
    assert instruction("complete") == words("complete")


@torch.no_grad()
def test_keys_and_values_made_once_equal_those_made_every_step(turbo: Pair) -> None:
    model = turbo.models.model
    states = torch.randn(1, 20, 32, generator=seeded(2))
    xt, context = (torch.randn(1, 60, n, generator=seeded(n)) for n in (4, 8))
    t = torch.tensor([0.5])
    once = model.decoder(xt, t, context, model.decoder.cross_states(states))
    assert torch.equal(once, model.decoder(xt, t, context, states))
    run = Run(context, states, (1.0,))
    assert worst(denoise(model, run, seeded(1), quiet), draw(seeded(1), xt)) > 0.01
