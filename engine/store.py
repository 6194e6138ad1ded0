"""Checkpoints from disk into memory, strictly: every tensor the modules want and none besides."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from engine.ace_step import AceStepModel
from engine.catalogue import SHIPPED, VAE_WEIGHTS, choose, shards, weight_files
from engine.config import AceStepConfig, read_config
from engine.errors import ModelError
from engine.models import Models
from engine.near_words import FILE as NEAR_WORDS
from engine.near_words import Near
from engine.oobleck import Oobleck, fold_weight_norm, oobleck_config
from engine.precision import multiplies_bf16
from engine.style_words import FILE as STYLE_WORDS
from engine.style_words import LEVELS, StyleWords
from engine.text import TextEncoder, offsets_with, tokenize_with

SMALL_PARAMETERS = 500_000_000  # below, a CPU runs fp32: no slower to wait for, and exact
HASHED_WHOLE = 512 * 2**20  # bytes; larger checkpoints are hashed by their headers and ends
END = 2**20
DEVICE_DTYPES = {"cuda": torch.bfloat16, "mps": torch.float16}


def load_models(
    folder: str | Path = SHIPPED, name: str = "", device: str = "auto", dtype: torch.dtype | None = None
) -> Models:
    """The checkpoint `name` of a bundle, of a folder of bundles, or of a DiT folder; "" is the first.

    device: "auto", "cpu", "cuda", "cuda:1", "mps".  dtype: None picks what suits the device.
    Raises ModelError, naming the file that is missing or wrong.
    """
    checkpoint = choose(name, [Path(folder)])
    place = choose_device(device)
    config = read_config(checkpoint.dit)
    model, dtype = load_model(checkpoint.dit, config, place, dtype)
    vae = load_vae(checkpoint.vae, place)
    if vae.latent_dim != config.audio_acoustic_hidden_dim:
        raise ModelError(
            "bad-config", f"{checkpoint.vae}: {vae.latent_dim} latent channels do not fit the DiT"
        )
    text = load_text_encoder(checkpoint.text_encoder, place, dtype)
    silence = load_silence(checkpoint.dit, config.audio_acoustic_hidden_dim).to(place)
    digest = hash_files(weight_files(checkpoint))
    return Models(config, model, vae, text, silence, place, dtype, checkpoint.name, digest)


def choose_device(device: str) -> torch.device:
    """The device asked for; "auto" is the fastest there is. Raises ModelError when it is not there."""
    have = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if device in ("", "auto"):
        return torch.device(next(kind for kind, present in have.items() if present))
    kind = device.split(":")[0]
    if not have.get(kind, False):
        present = ", ".join(name for name, there in have.items() if there)
        raise ModelError("no-device", f"device {device!r} is not here (there is: {present})")
    return torch.device(device)


def choose_dtype(device: torch.device, parameters: int) -> torch.dtype:
    """bf16 on CUDA, fp16 on MPS; on a CPU bf16 only for large models where the CPU multiplies it natively."""
    if device.type != "cpu":
        return DEVICE_DTYPES.get(device.type, torch.float32)
    return torch.bfloat16 if parameters > SMALL_PARAMETERS and multiplies_bf16() else torch.float32


def load_model(
    folder: Path, config: AceStepConfig, device: torch.device, dtype: torch.dtype | None
) -> tuple[AceStepModel, torch.dtype]:
    """DiT, condition stack and, where the file has them, the code modules; and the dtype they are in."""
    weights = read_weights(shards(folder), device)
    dtype = dtype or choose_dtype(device, sum(value.numel() for value in weights.values()))
    with_codes = any(name.startswith("tokenizer.") for name in weights)
    build = lambda: AceStepModel(config, with_codes)  # noqa: E731 - the builder `fill` wants
    return fill(build, weights, folder, dtype), dtype


def load_vae(folder: Path, device: torch.device) -> Any:
    """The VAE its config names, in fp32: its few seconds of work are heard directly."""
    values = read_json(folder / "config.json")
    weights = read_weights([folder / VAE_WEIGHTS[0]], device)
    kind = values.get("_class_name", "")
    if kind not in VAES:
        raise ModelError(
            "bad-config", f"{folder / 'config.json'}: unknown VAE {kind!r}; known: {', '.join(VAES)}"
        )
    return VAES[kind](values, weights, folder)


def load_oobleck(values: Mapping[str, Any], weights: dict[str, Tensor], folder: Path) -> Any:
    """ACE-Step's own VAE."""
    config = oobleck_config(values)
    return fill(lambda: Oobleck(config), fold_weight_norm(weights), folder, torch.float32)


def load_spectral(values: Mapping[str, Any], weights: dict[str, Tensor], folder: Path) -> Any:
    """The shipped miniature's VAE."""
    from engine.spectral import SpectralVae

    return fill(lambda: SpectralVae.from_config(dict(values)), weights, folder, torch.float32)


VAES = {"AutoencoderOobleck": load_oobleck, "BarlineSpectralVAE": load_spectral}


def load_text_encoder(folder: Path, device: torch.device, dtype: torch.dtype) -> TextEncoder:
    """A Qwen3 folder: config.json, tokenizer.json, model.safetensors, with near_words.json and
    style_words.json or without.

    Raises ModelError on any mismatch.
    """
    from tokenizers import Tokenizer
    from transformers.models.qwen3.modeling_qwen3 import Qwen3Model  # not from the top: half the import time
    from transformers.utils.logging import disable_progress_bar

    read_json(folder / "config.json")
    disable_progress_bar()
    qwen, report = Qwen3Model.from_pretrained(
        folder, dtype=dtype, local_files_only=True, output_loading_info=True, attn_implementation="sdpa"
    )
    wrong = sorted(str(name) for kind in ("missing_keys", "mismatched_keys") for name in report[kind])
    if wrong:
        text = f"{folder}: {len(wrong)} tensors missing or misshapen: {', '.join(wrong[:4])}"
        raise ModelError("bad-weights", text)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    qwen = qwen.eval().requires_grad_(False).to(device)
    near, styles = load_near_words(folder / NEAR_WORDS), load_style_words(folder / STYLE_WORDS)
    return TextEncoder(qwen, tokenize_with(tokenizer), device, offsets_with(tokenizer), near, styles)


def load_near_words(path: Path) -> Near:
    """A table of near words; empty where there is none. Raises ModelError."""
    near = read_json(path) if path.is_file() else {}
    if not all(isinstance(said, str) and said for said in near.values()):
        raise ModelError("bad-config", f"{path}: each word wants a text to be said with")
    return near


def load_style_words(path: Path) -> StyleWords:
    """A table of style words; empty where there is none. Raises ModelError."""
    if not path.is_file():
        return StyleWords()
    values = read_json(path)
    styles, words = values.get("styles", []), values.get("words", {})
    if not all(set(row) <= set(LEVELS) and len(row) == len(styles) for row in words.values()):
        raise ModelError("bad-config", f"{path}: each word wants {len(styles)} letters, one for a style")
    return StyleWords(tuple(styles), words)


def load_silence(folder: Path, latent: int) -> Tensor:
    """Stored latents of silence as (1, frames, latent) fp32; files have either of the last two axes first."""
    safe, pickled = folder / "silence_latent.safetensors", folder / "silence_latent.pt"
    if safe.is_file():
        stored = next(iter(load_file(safe).values()))
    else:
        stored = torch.load(pickled, map_location="cpu", weights_only=True)
    if stored.ndim != 3 or latent not in stored.shape[1:]:
        raise ModelError(
            "bad-weights", f"{folder}: silence latent of shape {tuple(stored.shape)}, {latent} channels"
        )
    return (stored if stored.shape[2] == latent else stored.transpose(1, 2)).float().contiguous()


def read_weights(files: list[Path], device: torch.device) -> dict[str, Tensor]:
    """All tensors of some safetensors files, on the device."""
    weights: dict[str, Tensor] = {}
    for file in files:
        weights |= load_file(file, device=str(device))
    return {name: value for name, value in weights.items() if not name.endswith("inv_freq")}


def fill(build: Callable[[], Any], weights: Mapping[str, Tensor], folder: Path, dtype: torch.dtype) -> Any:
    """A module in evaluation mode with these very tensors in `dtype`. Raises ModelError on any mismatch."""
    with torch.device("meta"):
        module = build()
    expected = {name: value.shape for name, value in module.state_dict().items()}
    wrong = [name for name in expected if name not in weights or weights[name].shape != expected[name]]
    wrong += [name for name in weights if name not in expected]
    if wrong:
        names = ", ".join(sorted(wrong)[:4])
        raise ModelError(
            "bad-weights", f"{folder}: {len(wrong)} tensors missing, unknown or misshapen: {names}"
        )
    module.load_state_dict({name: value.to(dtype) for name, value in weights.items()}, assign=True)
    return module.eval().requires_grad_(False)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object. Raises ModelError."""
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ModelError("bad-config", f"{path}: {error}") from error


def hash_files(files: list[Path]) -> str:
    """One sha256 over weight files: their contents, or for large ones names, sizes and both ends."""
    digest = hashlib.sha256()
    whole = sum(file.stat().st_size for file in files) <= HASHED_WHOLE
    for file in files:
        size = file.stat().st_size
        digest.update(f"{file.parent.name}/{file.name} {size}\n".encode())
        with file.open("rb") as stream:
            if whole or size <= 2 * END:
                digest.update(stream.read())
            else:
                digest.update(stream.read(END))
                stream.seek(-END, 2)
                digest.update(stream.read(END))
    return digest.hexdigest()
