"""From checkpoints of runs to the folder that ships: the official layout, fp16 safetensors."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from engine.spectral import HOP, SpectralConfig, SpectralVae
from engine.store import load_vae as load_stored_vae
from engine.training.codes import load_codes
from engine.training.dit import load_learner
from engine.training.run import Average
from engine.training.shape import MODEL_CONFIG
from engine.training.songs import load_audio, mix_of
from engine.training.words import QWEN_CONFIG, copy_words

SILENT_FRAMES = 750


def load_vae(folder: Path) -> SpectralVae:
    """The frozen VAE of a folder that `freeze_vae` wrote, in fp32."""
    vae: SpectralVae = load_stored_vae(folder, torch.device("cpu"))
    return vae


def restore_vae(run: Path) -> SpectralVae:
    """The averaged VAE of a run's last checkpoint."""
    state = torch.load(run / "checkpoint.pt", weights_only=True, map_location="cpu")
    vae = SpectralVae(SpectralConfig())
    vae.load_state_dict(state["vae"])
    average = Average(vae, 0.0)
    average.resume(state["average"])
    average.copy_to(vae)
    return vae.eval()


@torch.inference_mode()
def freeze_vae(run: Path, corpus: Path, out: Path, songs: int = 60) -> None:
    """Fix a run's VAE for the DiT: latents of `songs` mixes of the corpus get zero mean and unit variance
    per channel.
    """
    vae = restore_vae(run)
    latents = torch.cat([vae.encode(torch.from_numpy(mix_of(a))[None])[0] for a in load_audio(corpus, songs)])
    vae.latent_mean.copy_(latents.mean(0))
    vae.latent_std.copy_(latents.std(0))
    write_vae(vae, out)
    print("spread of latents before:", [round(float(x), 2) for x in latents.std(0).sort().values])


def write_vae(vae: SpectralVae, out: Path) -> None:
    """The VAE as a folder of the official layout."""
    write_folder(out, vae.config_dict(), vae.state_dict(), "diffusion_pytorch_model.safetensors")


def write_folder(folder: Path, config: dict[str, object], weights: dict[str, Tensor], name: str) -> None:
    """config.json and one fp16 weight file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    half = {k: v.detach().to(torch.float16).contiguous() for k, v in weights.items()}
    save_file(half, folder / name, metadata={"format": "pt"})


@torch.inference_mode()
def silence_latent(vae: SpectralVae) -> Tensor:
    """(64,): the latent of digital silence, away from the edges."""
    return vae.encode(torch.zeros(1, 2, 64 * HOP))[0, 32].clone()


def export_miniature(run: Path, vae: Path, codes: Path, out: Path) -> None:
    """Write the shipped folder: miniature-dit/ with the code modules, vae/, text-encoder/."""
    learner, modules = load_learner(run), load_codes(codes)
    weights = learner.model.state_dict() | modules.state_dict()
    write_folder(out / "miniature-dit", MODEL_CONFIG, weights, "model.safetensors")
    write_folder(out / "text-encoder", QWEN_CONFIG, learner.text.state_dict(), "model.safetensors")
    copy_words(run, out / "text-encoder")
    silence = silence_latent(load_vae(vae)).expand(1, SILENT_FRAMES, -1).contiguous()
    save_file({"silence_latent": silence}, out / "miniature-dit" / "silence_latent.safetensors")
    shutil.copytree(vae, out / "vae", dirs_exist_ok=True)
