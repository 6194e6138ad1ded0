"""Train a frozen VAE's decoder further: latents stay what the DiT knows, only the picture gets sharper."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from engine.spectral import SpectralVae, log_magnitude
from engine.training.device import DEVICE, mixed, on_device
from engine.training.export import load_vae, write_vae
from engine.training.run import Average, Budget, cosine_rate, draw_curves, open_run, steps
from engine.training.songs import load_corpora
from engine.training.vae import BinWeights, VaeRecipe, draw_crops

# Mixes are what is decoded in use, and the mel term is what the table measures.
RECIPE = VaeRecipe(rate=5e-4, kinds=(0.8, 0.1, 0.1), gain_db=(-4.0, 2.0), seed=3)
TERMS = {"log": 0.5, "slope": 0.1, "linear": 0.25, "root": 0.35, "mel": 1.0}
LATENT_NOISE = 0.05  # of a latent's spread: generated latents are never exact


def refine_decoder(corpora: list[Path], frozen: Path, folder: Path, budget: Budget) -> None:
    """Train the decoder of the VAE in `frozen` as long as the budget says; resumes what `folder` holds."""
    vae = load_vae(frozen).requires_grad_(False).to(DEVICE)
    vae.decoder.requires_grad_(True)
    songs = load_corpora(corpora)
    run, state = open_run(
        folder, budget.minutes, {"recipe": asdict(RECIPE), "terms": TERMS, "songs": len(songs)}
    )
    optimiser = torch.optim.AdamW(vae.decoder.parameters(), lr=RECIPE.rate, betas=(0.85, 0.99), fused=True)
    average = Average(vae.decoder, RECIPE.average)
    if state:
        vae.decoder.load_state_dict(state["decoder"])
        optimiser.load_state_dict(state["optimiser"])
        average.resume(state["average"])
    if budget.compiled:
        vae.decoder.compile()

    def save() -> None:
        weights = {"decoder": vae.decoder.state_dict(), "average": average.values}
        run.save({**weights, "optimiser": optimiser.state_dict()})

    weights = BinWeights(vae.config, budget.compiled)
    for step in steps(run, save):
        for group in optimiser.param_groups:
            group["lr"] = RECIPE.rate * cosine_rate(run.progress)
        audio = draw_crops(songs, RECIPE, np.random.default_rng((RECIPE.seed, step)))
        loss, figures = decoder_loss(vae, on_device(audio), weights)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(vae.decoder.parameters(), RECIPE.clip)
        optimiser.step()
        average.update(vae.decoder, step)
        run.note(figures)
    draw_curves(folder)


def decoder_loss(vae: SpectralVae, audio: Tensor, weights: BinWeights) -> tuple[Tensor, dict[str, float]]:
    """Audio (B, 2, N) -> loss and its parts, from latents as the DiT would have to hit them."""
    target = log_magnitude(audio, vae.config)
    with mixed():
        with torch.no_grad():
            mean = vae.posterior(target)[..., : vae.latent_dim].float()
        latents = mean + LATENT_NOISE * vae.latent_std * torch.randn_like(mean)
        out = vae.paint(latents)
    terms = weights.terms(out.float(), target, RECIPE.log_floor, weights.bins, weights.mel)
    loss = torch.stack([TERMS[k] * v for k, v in terms.items()]).sum()
    return loss, {k: float(v.detach()) for k, v in {"loss": loss, **terms}.items()}


def replace_decoder(run: Path, frozen: Path, out: Path) -> None:
    """Write `frozen` with the decoder of a refining run's last checkpoint to `out`."""
    vae = load_vae(frozen)
    average = Average(vae.decoder, 0.0)
    average.resume(torch.load(run / "checkpoint.pt", weights_only=True, map_location="cpu")["average"])
    average.copy_to(vae.decoder)
    write_vae(vae, out)
