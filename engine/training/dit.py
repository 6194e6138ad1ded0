"""Train the DiT, its condition stack and the text encoder together by flow matching on a latent folder."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers.models.qwen3.modeling_qwen3 import Qwen3Config, Qwen3Model

from engine.ace_step import AceStepModel
from engine.config import config_from_json
from engine.grid_condition import GRID_CHANNELS, grid_features
from engine.tasks.instructions import INSTRUCTIONS
from engine.text import caption_text, lyric_text
from engine.training.batches import Batch, DitRecipe, draw_batch, song_prompt
from engine.training.latents import LatentSong, load_latents
from engine.training.run import Average, Budget, cosine_rate, draw_curves, open_run, steps
from engine.training.words import QWEN_CONFIG, batch_words, open_tokenizer

MODEL_CONFIG: dict[str, Any] = {
    "model_type": "acestep",
    "model_version": "base",
    "is_turbo": False,
    "hidden_size": 256,
    "intermediate_size": 768,
    "num_hidden_layers": 8,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "num_lyric_encoder_hidden_layers": 2,
    "num_timbre_encoder_hidden_layers": 1,
    "num_attention_pooler_hidden_layers": 1,
    "text_hidden_dim": QWEN_CONFIG["hidden_size"],
    "fsq_dim": 256,
    "timbre_fix_frame": 150,
    "grid_channels": GRID_CHANNELS,
    "sliding_window": 128,
    "default_steps": 16,
    "default_shift": 2.0,
    "default_guidance": 2.0,
    "tasks": ["text2music", "repaint"],  # what this edition is trained for
}


RECIPE = DitRecipe()


class Learner(nn.Module):
    """What is trained together: the ACE-Step modules and the text encoder."""

    def __init__(self) -> None:
        super().__init__()
        self.model = AceStepModel(config_from_json(MODEL_CONFIG))
        self.text = Qwen3Model(Qwen3Config(**QWEN_CONFIG))
        # Velocity starts at 0 and gates near 0: without it the first hundred steps are spent unlearning
        # noise.
        for layer in (self.model.decoder.proj_out["1"], self.model.decoder.time_embed_r.time_proj):
            nn.init.zeros_(layer.weight)
        nn.init.normal_(self.text.embed_tokens.weight, std=0.5)

    def forward(self, batch: dict[str, Tensor], noise: Tensor, t: Tensor) -> Tensor:
        """Velocity (B, T, 64) for noised latents; batch as `to_tensors` makes it."""
        states = self.text(input_ids=batch["text"]).last_hidden_state
        lyrics = self.text.embed_tokens(batch["lyrics"])
        states, valid = self.model.encoder(
            states, lyrics, batch["timbre"], batch["text_mask"], batch["lyric_mask"]
        )
        assert valid is not None  # masks were given
        dropped = batch["drop"][:, None]
        states = torch.where(dropped[..., None], self.model.null_condition_emb.to(states.dtype), states)
        xt = t[:, None, None] * noise + (1 - t[:, None, None]) * batch["latents"]
        velocity: Tensor = self.model.decoder(xt, t, batch["context"], states, valid | dropped)
        return velocity


def to_tensors(
    batch: Batch, tokenizer: Tokenizer, silence: Tensor, recipe: DitRecipe, rng: np.random.Generator
) -> dict[str, Tensor]:
    """A drawn batch as the learner's inputs."""
    text, text_mask, lyrics, lyric_mask = batch_words(tokenizer, batch)
    latents, mask = torch.from_numpy(batch.latents), torch.from_numpy(batch.mask)[..., None]
    grid = grid_features(torch.from_numpy(batch.phase)) * torch.from_numpy(batch.with_grid)[:, None, None]
    context = torch.cat((torch.from_numpy(batch.source), mask.expand_as(latents), grid), -1)
    timbre = silence.expand(1, MODEL_CONFIG["timbre_fix_frame"], -1)  # no reference in this edition
    return {
        "latents": latents,
        "context": context,
        "weight": mask + (1 - mask) * recipe.outside_weight,
        "text": text,
        "text_mask": text_mask,
        "lyrics": lyrics,
        "lyric_mask": lyric_mask,
        "timbre": timbre,
        "drop": torch.from_numpy(rng.random(len(batch.prompts)) < recipe.drop_condition),
    }


def flow_loss(
    learner: Learner, batch: dict[str, Tensor], recipe: DitRecipe, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Weighted mean square of v - (noise - latents), per item (B,), and its mean. Paper 2602.00744, section
    on training.
    """
    clean = batch["latents"]
    noise = torch.randn(clean.shape, generator=generator)
    normal = torch.randn(len(clean), generator=generator)
    t = torch.sigmoid(recipe.time_mean + recipe.time_spread * normal)
    with torch.autocast("cpu", torch.bfloat16):
        velocity = learner(batch, noise, t)
    error = (velocity.float() - (noise - clean)).square().mean(-1, keepdim=True) * batch["weight"]
    per_item = error.sum((1, 2)) / batch["weight"].sum((1, 2))
    return per_item, per_item.mean()


def caption_texts(songs: list[LatentSong]) -> list[str]:
    """Every prompt the tokenizer should know words from."""
    prompts = [song_prompt(s.song, 20.0, c) for s in songs for c in s.song.captions]
    tasks = list(INSTRUCTIONS.values())
    return [caption_text(p, tasks[i % 2]) for i, p in enumerate(prompts)] + [
        lyric_text(p) for p in prompts[:50]
    ]


def train_dit(
    latents: Path, silence: Tensor, folder: Path, budget: Budget, recipe: DitRecipe = RECIPE
) -> None:
    """Train as long as the budget says, resuming what `folder` holds; writes checkpoint and curves there.

    silence: (64,), the latent of silence.
    """
    songs = [s for s in load_latents(latents) if len(s.mix) >= min(recipe.lengths)]
    torch.manual_seed(recipe.seed)
    shape = {"model": MODEL_CONFIG, "recipe": asdict(recipe), "songs": len(songs)}
    run, state = open_run(folder, budget.minutes, shape)
    tokenizer = open_tokenizer(folder / "tokenizer.json", caption_texts(songs))
    learner = Learner()
    optimiser = torch.optim.AdamW(
        learner.parameters(), lr=recipe.rate, betas=recipe.betas, weight_decay=recipe.weight_decay, fused=True
    )
    average = Average(learner, recipe.average)
    if state:
        learner.load_state_dict(state["learner"])
        optimiser.load_state_dict(state["optimiser"])
        average.values = state["average"]
    if budget.compiled:
        for layer in learner.model.decoder.layers:
            layer.compile(dynamic=True)  # lengths differ from batch to batch

    def save() -> None:
        run.save(
            {"learner": learner.state_dict(), "optimiser": optimiser.state_dict(), "average": average.values}
        )

    for step in steps(run, save):
        rng = np.random.default_rng((recipe.seed, step))
        generator = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * cosine_rate(run.progress)
        drawn = draw_batch(songs, silence.numpy(), recipe, rng)
        per_item, loss = flow_loss(
            learner, to_tensors(drawn, tokenizer, silence, recipe, rng), recipe, generator
        )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(learner.parameters(), recipe.clip)
        optimiser.step()
        average.update(learner, step)
        run.note(losses_by_task(per_item.detach(), drawn))
    draw_curves(folder)


def losses_by_task(per_item: Tensor, batch: Batch) -> dict[str, float]:
    """Mean loss of the batch and of each task in it."""
    figures = {"loss": float(per_item.mean())}
    for task in ("text2music", "repaint"):
        chosen = [
            float(x) for x, i in zip(per_item, batch.instructions, strict=True) if i == INSTRUCTIONS[task]
        ]
        if chosen:
            figures[task] = sum(chosen) / len(chosen)
    return figures
