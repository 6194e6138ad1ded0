"""Train the DiT, its condition stack and the text encoder together by flow matching on a latent folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers.models.qwen3.modeling_qwen3 import Qwen3Config, Qwen3Model

from engine.ace_step import AceStepModel
from engine.config import config_from_json
from engine.key_condition import KEY_CHANNELS
from engine.models import Models
from engine.store import load_models
from engine.tasks.instructions import instruction
from engine.text import caption_text, lyric_text
from engine.training.batches import DRAW, DitRecipe, Item, draw_batch, song_prompt
from engine.training.codes import Codes
from engine.training.device import DEVICE, mixed
from engine.training.inputs import Inputs, to_inputs
from engine.training.latents import LatentSong
from engine.training.listening import Listener, attention_loss
from engine.training.run import Average, Budget, Run, cosine_rate, draw_curves, open_run, steps
from engine.training.shape import MODEL_CONFIG
from engine.training.words import QWEN_CONFIG, copy_words, open_tokenizer

RECIPE = DitRecipe()
CODE_MODULES = ("tokenizer", "detokenizer")
INPUTS = "decoder.proj_in.1.weight"
State = dict[str, Any]


class Learner(nn.Module):
    """What is trained together: the ACE-Step modules and the text encoder."""

    def __init__(self) -> None:
        super().__init__()
        self.model = AceStepModel(config_from_json(MODEL_CONFIG), with_codes=False)
        self.text = Qwen3Model(Qwen3Config(**QWEN_CONFIG))
        # Velocity starts at 0 and gates near 0: without it the first hundred steps are spent unlearning
        # noise.
        for layer in (self.model.decoder.proj_out["1"], self.model.decoder.time_embed_r.time_proj):
            nn.init.zeros_(layer.weight)
        nn.init.normal_(self.text.embed_tokens.weight, std=0.5)

    def conditions(self, given: Inputs) -> tuple[Tensor, Tensor]:
        """Condition states (B, S, H) and which of them are real (B, S); of dropped prompts the null state."""
        states = self.text(input_ids=given.text).last_hidden_state
        lyrics = self.text.embed_tokens(given.lyrics)
        states, valid = self.model.encoder(states, lyrics, given.timbre, given.text_mask, given.lyric_mask)
        assert valid is not None  # masks were given
        dropped = given.drop[:, None]
        null = self.model.null_condition_emb.to(states.dtype)
        return torch.where(dropped[..., None], null, states), valid | dropped

    def forward(self, given: Inputs, noise: Tensor, t: Tensor) -> Tensor:
        """Velocity (B, T, 64) at t (B,) for latents under that much noise."""
        states, valid = self.conditions(given)
        xt = t[:, None, None] * noise + (1 - t[:, None, None]) * given.latents
        velocity: Tensor = self.model.decoder(xt, t, given.context, states, valid)
        return velocity


def draw_times(given: Inputs, recipe: DitRecipe, generator: torch.Generator) -> Tensor:
    """t (B,) of a batch: logit-normal (paper 2602.00744); sometimes 1, extract often; near 0 if sung."""
    items = len(given.latents)
    t = torch.sigmoid(recipe.time_mean + recipe.time_spread * torch.randn(items, generator=generator))
    dice, low = torch.rand(items, generator=generator), torch.rand(items, generator=generator)
    shares = {"extract": recipe.pure_noise}
    blind = dice < torch.tensor([shares.get(task, recipe.beginning) for task in given.tasks])
    heard = given.sung.cpu() & (dice > 1 - recipe.listening)
    drawn = torch.where(blind, torch.ones(items), torch.where(heard, 0.02 + 0.2 * low, t))
    return drawn.to(DEVICE)


def flow_loss(
    learner: Learner, listener: Listener, given: Inputs, recipe: DitRecipe, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Weighted mean square of v - (noise - latents), per item (B,); its mean; the alignment heads' loss."""
    clean = given.latents
    noise = torch.randn(clean.shape, generator=generator).to(DEVICE)
    t = draw_times(given, recipe, generator)
    with mixed():
        velocity = learner(given, noise, t)
        heard = attention_loss(listener, given, t)
    error = (velocity.float() - (noise - clean)).square().mean(-1, keepdim=True) * given.weight
    per_item = error.sum((1, 2)) / given.weight.sum((1, 2))
    return per_item, per_item.mean(), heard


def caption_texts(songs: list[LatentSong]) -> Iterator[str]:
    """Every prompt the tokenizer should know words from."""
    tasks = list(DRAW)
    for index, song in enumerate(songs):
        for number, caption in enumerate(song.song.captions):
            prompt = song_prompt(song.song, 20.0, caption)
            yield caption_text(prompt, instruction(tasks[(index + number) % len(tasks)]))
        yield lyric_text(song_prompt(song.song, 20.0, ""))


@dataclass(frozen=True, slots=True)
class Material:
    """What a DiT is trained with. silence: (64,), its latent. start: a miniature to go on from, or None."""

    songs: list[LatentSong]
    silence: Tensor
    codes: Codes
    start: Path | None = None


def train_dit(material: Material, folder: Path, budget: Budget, recipe: DitRecipe = RECIPE) -> None:
    """Train as long as the budget says, resuming what `folder` holds; writes checkpoint and curves there."""
    songs = [s for s in material.songs if len(s.mix) >= min(recipe.lengths)]
    silence, codes = material.silence, material.codes
    torch.manual_seed(recipe.seed)
    shape = {"model": MODEL_CONFIG, "recipe": asdict(recipe), "songs": len(songs)}
    run, state = open_run(folder, budget.minutes, shape)
    if material.start and not (folder / "tokenizer.json").exists():
        copy_words(material.start / "text-encoder", folder)
    tokenizer = open_tokenizer(folder / "tokenizer.json", caption_texts(songs))
    learner = Learner() if material.start is None else learner_of(load_models(material.start))
    learner.to(DEVICE)
    listener = Listener(learner.model.decoder)

    def losses(step: int) -> tuple[Tensor, dict[str, float]]:
        rng = np.random.default_rng((recipe.seed, step))
        generator = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
        items = draw_batch(songs, silence.numpy(), recipe, rng)
        given = to_inputs(items, tokenizer, silence, codes, recipe, rng)
        per_item, loss, heard = flow_loss(learner, listener, given, recipe, generator)
        figures = losses_by_task(per_item.detach(), items) | {"attention": float(heard.detach())}
        return loss + recipe.attention * heard, figures

    if budget.compiled:
        compile_layers(learner, listener)
    fit(run, learner, state, recipe, losses)
    draw_curves(folder)


def compile_layers(learner: Learner, listener: Listener) -> None:
    """Compile the decoder's layers, but the one that is listened to; lengths differ from batch to batch."""
    # One layer's code serves all of them, masked or not and for several ranges of lengths: more than the
    # eight versions after which torch falls back to running it uncompiled.
    torch._dynamo.config.recompile_limit = 64
    for index, layer in enumerate(learner.model.decoder.layers):
        if index != listener.layer:
            layer.compile(dynamic=True)


def fit(
    run: Run,
    learner: Learner,
    state: State | None,
    recipe: DitRecipe,
    losses: Callable[[int], tuple[Tensor, dict[str, float]]],
) -> None:
    """Steps of AdamW until the budget is used; `losses` gives a step's loss and its figures."""
    optimiser = torch.optim.AdamW(
        learner.parameters(), lr=recipe.rate, betas=recipe.betas, weight_decay=recipe.weight_decay, fused=True
    )
    average = Average(learner, recipe.average)
    if state:
        learner.load_state_dict(state["learner"])
        average.resume(state["average"])
        if "optimiser" in state:
            optimiser.load_state_dict(state["optimiser"])

    def save() -> None:
        weights = {"learner": learner.state_dict(), "average": average.values}
        run.save({**weights, "optimiser": optimiser.state_dict()})

    for step in steps(run, save, 120.0):
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * cosine_rate(run.progress)
        loss, figures = losses(step)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(learner.parameters(), recipe.clip)
        optimiser.step()
        average.update(learner, step)
        run.note(figures)


def losses_by_task(per_item: Tensor, items: list[Item]) -> dict[str, float]:
    """Mean loss of the batch and of each task in it."""
    figures = {"loss": float(per_item.mean())}
    for task in {item.task for item in items}:
        chosen = [float(x) for x, item in zip(per_item, items, strict=True) if item.task == task]
        figures[task] = sum(chosen) / len(chosen)
    return figures


def learner_of(models: Models) -> Learner:
    """A learner that starts where a miniature on disk ended."""
    learner = Learner()
    parts = dict(models.model.state_dict())
    if not models.config.key_channels:
        parts[INPUTS] = widened(parts[INPUTS])
    learner.model.load_state_dict({k: v for k, v in parts.items() if k.split(".")[0] not in CODE_MODULES})
    learner.text.load_state_dict(models.text.qwen.state_dict())
    return learner


def widened(weight: Tensor) -> Tensor:
    """Input weights (H, channels, patch) of a model that knew no key, with key channels that say nothing yet;
    the noisy latents come last.
    """
    latent = config_from_json(MODEL_CONFIG).audio_acoustic_hidden_dim
    silent = weight.new_zeros(weight.shape[0], KEY_CHANNELS, weight.shape[2])
    return torch.cat((weight[:, :-latent], silent, weight[:, -latent:]), dim=1)


def load_learner(run: Path) -> Learner:
    """The averaged weights of a run's last checkpoint."""
    state = torch.load(run / "checkpoint.pt", weights_only=True, map_location="cpu")
    learner = Learner()
    learner.load_state_dict(state["learner"])
    average = Average(learner, 0.0)
    average.resume(state["average"])
    average.copy_to(learner)
    return learner
