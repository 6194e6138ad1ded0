"""Train the spectral VAE on crops of a corpus: mixes, single stems and partial mixes. Recipe:
docs/TRAINING.md.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.spectral import SpectralConfig, SpectralVae, log_magnitude
from engine.training.device import DEVICE, mixed, on_device
from engine.training.run import Average, Budget, cosine_rate, draw_curves, open_run, steps
from engine.training.songs import SongAudio, load_corpora

FRAME = 1920
TERMS = {"log": 0.7, "slope": 0.15, "linear": 0.25, "root": 0.35, "mel": 0.3}  # weights in the loss
MEL_FLOOR = 1e-9  # power; 90 dB under a full-scale sine


@dataclass(frozen=True, slots=True)
class VaeRecipe:
    """Numbers of the training; lengths in latent frames, gains in dB."""

    batch: int = 12
    crop_frames: int = 25
    rate: float = 1.2e-3
    kl: float = 1e-3
    kinds: tuple[float, float, float] = (0.5, 0.28, 0.22)  # mix, one stem, some stems
    gain_db: tuple[float, float] = (-7.0, 3.0)
    log_floor: float = 1.5e-4  # amplitude under which differences stop counting in the log terms
    clip: float = 3.0
    average: float = 0.999
    seed: int = 1


RECIPE = VaeRecipe()


def train_vae(corpora: list[Path], folder: Path, budget: Budget, recipe: VaeRecipe = RECIPE) -> None:
    """Train as long as the budget says, resuming what `folder` holds; writes checkpoint and curves there."""
    songs = load_corpora(corpora)
    torch.manual_seed(recipe.seed)
    vae = new_vae(songs, recipe).to(DEVICE)
    shape = {"vae": asdict(vae.config), "recipe": asdict(recipe), "songs": len(songs)}
    run, state = open_run(folder, budget.minutes, shape)
    optimiser = torch.optim.AdamW(
        vae.parameters(), lr=recipe.rate, betas=(0.85, 0.99), weight_decay=1e-3, fused=True
    )
    average = Average(vae, recipe.average)
    if state:
        vae.load_state_dict(state["vae"])
        optimiser.load_state_dict(state["optimiser"])
        average.resume(state["average"])
    if budget.compiled:
        vae.encoder.compile()
        vae.decoder.compile()

    def save() -> None:
        run.save({"vae": vae.state_dict(), "optimiser": optimiser.state_dict(), "average": average.values})

    weights = BinWeights(vae.config, budget.compiled)
    for step in steps(run, save, 90.0):
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * cosine_rate(run.progress)
        audio = draw_crops(songs, recipe, np.random.default_rng((recipe.seed, step)))
        loss, figures = vae_loss(vae, on_device(audio), recipe, weights)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(vae.parameters(), recipe.clip)
        optimiser.step()
        average.update(vae, step)
        run.note(figures)
    draw_curves(folder)


def new_vae(songs: list[SongAudio], recipe: VaeRecipe) -> SpectralVae:
    """An untrained VAE that knows how loud each bin usually is."""
    vae = SpectralVae(SpectralConfig())
    measure_bins(vae, songs, recipe)
    # Start nearly without noise: from a unit posterior the decoder learns to ignore its latents first, for
    # good.
    nn.init.constant_(vae.encoder.proj_out.bias[vae.latent_dim :], -6.0)
    with torch.no_grad():
        vae.encoder.proj_out.weight[vae.latent_dim :] *= 0.1
    return vae


@torch.no_grad()
def measure_bins(vae: SpectralVae, songs: list[SongAudio], recipe: VaeRecipe) -> None:
    """Set the mean and spread of every bin from 20 batches. Uncentred inputs (all near -8) hardly train at
    all.
    """
    batches = (draw_crops(songs, recipe, np.random.default_rng((recipe.seed, 7, i))) for i in range(20))
    frames = torch.cat([log_magnitude(torch.from_numpy(b), vae.config).flatten(0, 1) for b in batches])
    vae.bin_mean.copy_(frames.mean(0))
    vae.bin_std.copy_(frames.std(0))


def draw_crops(songs: list[SongAudio], recipe: VaeRecipe, rng: np.random.Generator) -> NDArray[np.float32]:
    """A batch of crops (B, 2, crop) in -1..1: random kind, gain, polarity and channel order."""
    samples = recipe.crop_frames * FRAME
    out = np.zeros((recipe.batch, 2, samples), np.float32)
    for i in range(recipe.batch):
        stems = songs[rng.integers(len(songs))].stems  # (S, 2, n) int16
        at = int(rng.integers(stems.shape[-1] - samples))
        kind = rng.choice(3, p=recipe.kinds)
        chosen = np.arange(len(stems)) if kind == 0 else rng.permutation(len(stems))
        count = (len(stems), 1, int(rng.integers(2, max(3, len(stems)))))[kind]
        crop = stems[chosen[:count], :, at : at + samples].sum(0, dtype=np.int32) / 32768.0
        gain = 10 ** (rng.uniform(*recipe.gain_db) / 20) * rng.choice((-1, 1))
        out[i] = gain * (crop if rng.random() < 0.5 else crop[::-1])
    return out


class BinWeights:
    """Constant weights of the loss: low bins count as much as ears give them, and mel bands as the table
    measures.
    """

    def __init__(self, c: SpectralConfig, compiled: bool = False) -> None:
        self.terms = torch.compile(spectral_terms, dynamic=False) if compiled else spectral_terms
        hertz = torch.linspace(0, 24000, c.bins)
        w = 1 / (1 + hertz / 600)
        self.bins = (w / w.mean()).repeat(2).to(DEVICE)  # (2*bins,)
        self.mel = mel_filters(c.bins, 96).to(DEVICE)


def mel_filters(bins: int, bands: int) -> Tensor:
    """Triangular mel bands (bins, bands) with unit area over 0..24 kHz (Slaney scale left out: HTK
    formula).
    """
    edges = 700 * (10 ** (np.linspace(0, 2595 * math.log10(1 + 24000 / 700), bands + 2) / 2595) - 1)
    hertz = np.linspace(0, 24000, bins)[:, None]
    rise = (hertz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - hertz) / (edges[2:] - edges[1:-1])
    filters = np.maximum(0, np.minimum(rise, fall))
    filters[0] = 0
    return torch.from_numpy((filters / np.maximum(filters.sum(0), 1e-9)).astype(np.float32))


def vae_loss(
    vae: SpectralVae, audio: Tensor, recipe: VaeRecipe, weights: BinWeights
) -> tuple[Tensor, dict[str, float]]:
    """Audio (B, 2, N) -> loss and its parts: weighted log, amplitude, root, slope, mel and KL terms."""
    c = vae.config
    target = log_magnitude(audio, c)  # (B, F, 2*bins)
    with mixed():
        mean, log_var = vae.posterior(target).float().chunk(2, -1)
        log_var = log_var.clamp(-10, 4)
        latents = mean + torch.randn_like(mean) * (0.5 * log_var).exp()
        out = vae.paint(latents)
    terms = weights.terms(out.float(), target, recipe.log_floor, weights.bins, weights.mel)
    kl = 0.5 * (mean.square() + log_var.exp() - 1 - log_var).mean()
    loss = sum(TERMS[k] * v for k, v in terms.items()) + recipe.kl * kl
    return loss, {k: float(v.detach()) for k, v in {"loss": loss, **terms, "kl": kl}.items()}


def spectral_terms(
    out: Tensor, target: Tensor, log_floor: float, bins: Tensor, filters: Tensor
) -> dict[str, Tensor]:
    """Differences of log magnitudes (B, F, 2*bins): weighted log, slope in time, amplitude, its root, mel."""
    a, b = out.clamp(-14, 3).exp(), target.exp()
    la, lb = (a + log_floor).log(), (b + log_floor).log()
    level = b.mean((1, 2), keepdim=True) + 1e-3
    return {
        "log": (bins * (la - lb).abs()).mean(),
        "slope": ((la[:, 1:] - la[:, :-1]) - (lb[:, 1:] - lb[:, :-1])).abs().mean(),
        "linear": (bins * (a - b).abs() / level).mean(),
        "root": (bins * (a.sqrt() - b.sqrt()).abs() / level.sqrt()).mean(),
        "mel": mel_term(a, b, filters),
    }


def mel_term(a: Tensor, b: Tensor, filters: Tensor) -> Tensor:
    """Mean difference of log mel amplitudes (nepers) of magnitudes (B, F, 2*bins), mid counted twice as
    much as side.
    """
    shape = (*a.shape[:2], 2, -1)
    ma, mb = (x.reshape(shape).square() @ filters for x in (a, b))
    difference = (0.5 * ((ma + MEL_FLOOR).log() - (mb + MEL_FLOOR).log())).abs().mean((0, 1, 3))
    return (2 * difference[0] + difference[1]) / 3
