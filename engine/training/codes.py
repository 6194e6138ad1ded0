"""Train the audio tokenizer and detokenizer: latents through 5 Hz codes and back, by squared error.

Codes are finite scalars (arXiv 2309.15505); rounding lets the gradient through as if it were not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.config import config_from_json
from engine.store import load_models
from engine.tokenizer import AudioDetokenizer, AudioTokenizer, ResidualFSQ
from engine.training.device import DEVICE, mixed, on_device
from engine.training.latents import LatentSong, load_latents
from engine.training.run import Average, Budget, cosine_rate, draw_curves, open_run, steps
from engine.training.shape import MODEL_CONFIG


@dataclass(frozen=True, slots=True)
class CodesRecipe:
    """Numbers of the training; a batch holds `batch` crops of `windows` codes."""

    batch: int = 24
    windows: int = 40
    rate: float = 2e-3
    clip: float = 1.0
    average: float = 0.998
    seed: int = 5


RECIPE = CodesRecipe()


class Codes(nn.Module):
    """Tokenizer and detokenizer as one round trip."""

    def __init__(self) -> None:
        super().__init__()
        config = config_from_json(MODEL_CONFIG)
        self.tokenizer = AudioTokenizer(config)
        self.detokenizer = AudioDetokenizer(config)

    def forward(self, latents: Tensor) -> Tensor:
        """(B, 5 N, 64) -> the same through codes, with gradient."""
        windows = self.tokenizer.audio_acoustic_proj(latents).unflatten(1, (-1, self.tokenizer.window))
        states = pass_through(self.tokenizer.quantizer, self.tokenizer.attention_pooler(windows))
        out: Tensor = self.detokenizer(states)
        return out

    @torch.no_grad()
    def hints(self, latents: Tensor) -> Tensor:
        """(B, T, 64) -> what its codes keep of it, of the same length, as the engine computes it."""
        states, _ = self.tokenizer(latents, latents[:1, -1:].expand(1, self.tokenizer.window, -1))
        out: Tensor = self.detokenizer(states)
        return out[:, : latents.shape[1]]


def pass_through(quantizer: ResidualFSQ, states: Tensor) -> Tensor:
    """Quantised states (B, N, width) whose gradient is that of the bounded, unrounded ones."""
    levels = torch.tensor(quantizer.levels, device=states.device)
    bound = 1 + 1 / (levels - 1)
    soft = torch.tanh(quantizer.project_in(states.float()) / bound) * bound
    digits = (((soft.clamp(-1, 1) + 1) / 2 * (levels - 1)) + 0.5).floor()
    hard = digits * 2 / (levels - 1) - 1
    out: Tensor = quantizer.project_out(soft + (hard - soft).detach()).to(states.dtype)
    return out


def train_codes(latents: list[Path], folder: Path, budget: Budget, recipe: CodesRecipe = RECIPE) -> None:
    """Train as long as the budget says, resuming what `folder` holds; writes checkpoint and curves there."""
    songs = [song for one in latents for song in load_latents(one)]
    torch.manual_seed(recipe.seed)
    codes = Codes().to(DEVICE)
    run, state = open_run(folder, budget.minutes, {"songs": len(songs)})
    optimiser = torch.optim.AdamW(codes.parameters(), lr=recipe.rate, betas=(0.9, 0.98), fused=True)
    average = Average(codes, recipe.average)
    if state:
        codes.load_state_dict(state["codes"])
        optimiser.load_state_dict(state["optimiser"])
        average.resume(state["average"])

    def save() -> None:
        weights = {"codes": codes.state_dict(), "average": average.values}
        run.save({**weights, "optimiser": optimiser.state_dict()})

    for step in steps(run, save):
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * cosine_rate(run.progress)
        clean = on_device(draw_windows(songs, recipe, np.random.default_rng((recipe.seed, step))))
        with mixed():
            loss = (codes(clean).float() - clean).square().mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(codes.parameters(), recipe.clip)
        optimiser.step()
        average.update(codes, step)
        run.note({"loss": float(loss.detach())})
    draw_curves(folder)


def draw_windows(
    songs: list[LatentSong], recipe: CodesRecipe, rng: np.random.Generator
) -> NDArray[np.float32]:
    """A batch (B, 5 windows, 64) of mixes, and of single stems now and then."""
    length = 5 * recipe.windows
    out = []
    while len(out) < recipe.batch:
        song = songs[rng.integers(len(songs))]
        track = song.mix
        if len(song.stems) and rng.random() < 0.25:
            track = song.stems[rng.integers(len(song.stems))]
        at = int(rng.integers(max(1, len(track) - length)))
        if len(track) >= length:
            out.append(track[at : at + length].astype(np.float32))
    return np.stack(out)


def load_codes(folder: Path) -> Codes:
    """The averaged modules of a run's last checkpoint, or those of a miniature's folder."""
    codes = Codes()
    if (folder / "checkpoint.pt").exists():
        average = Average(codes, 0.0)
        state = torch.load(folder / "checkpoint.pt", weights_only=True, map_location="cpu")
        average.resume(state["average"])
        average.copy_to(codes)
    else:
        model = load_models(folder).model
        for name in ("tokenizer", "detokenizer"):
            getattr(codes, name).load_state_dict(getattr(model, name).state_dict())
    return codes.eval().requires_grad_(False)
