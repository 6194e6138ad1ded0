"""A complete checkpoint folder in the official layout with small random weights: loads and renders at once.

It makes noise, not music. For tests and dry runs of everything around the engine.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from engine.ace_step import AceStepModel
from engine.config import config_from_json
from engine.oobleck import CLASS_NAME, Oobleck, oobleck_config

LATENT = 4
DIT = {
    "model_type": "acestep",
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "num_lyric_encoder_hidden_layers": 2,
    "num_timbre_encoder_hidden_layers": 2,
    "text_hidden_dim": 16,
    "audio_acoustic_hidden_dim": LATENT,
    "timbre_hidden_dim": LATENT,
    "in_channels": 3 * LATENT,
    "fsq_dim": 32,
    "lyric_alignment_layers_config": {"1": [0, 3], "2": [1]},
}
VAE = {
    "_class_name": CLASS_NAME,
    "encoder_hidden_size": 2 * LATENT,
    "downsampling_ratios": [2, 4, 4, 6, 10],
    "channel_multiples": [1, 1, 1, 1, 1],
    "decoder_channels": 4,
    "decoder_input_channels": LATENT,
    "audio_channels": 2,
    "sampling_rate": 48000,
}
QWEN: dict[str, Any] = {
    "model_type": "qwen3",
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 8,
    "vocab_size": 257,
    "rms_norm_eps": 1e-6,
    "rope_theta": 1000000.0,
}
SILENT_FRAMES = 800
LOUDNESS = 0.1  # rms the decoder's output is scaled to


def write_tiny_checkpoint(folder: str | Path, seed: int = 0, **config: Any) -> Path:
    """Writes `folder`/{acestep-v15-turbo, vae, Qwen3-Embedding-0.6B} and returns `folder`.

    config: keys of the DiT's config.json to change, as grid_channels=10 or is_turbo=False.
    """
    root = Path(folder)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        vae = write_vae(root / "vae")
        write_dit(root / "acestep-v15-turbo", {**DIT, **config}, vae)
        write_text_encoder(root / "Qwen3-Embedding-0.6B")
    return root


def write_dit(folder: Path, values: dict[str, Any], vae: Oobleck) -> None:
    """config.json, model.safetensors and silence_latent.pt, channels first as published."""
    model = AceStepModel(config_from_json(values))
    write_json(folder / "config.json", values)
    save_file(plain(model), folder / "model.safetensors")
    middle = vae.encode(torch.zeros(1, 2, 32 * vae.hop))[:, 16:17]  # away from both edges: constant
    torch.save(middle.transpose(1, 2).repeat(1, 1, SILENT_FRAMES), folder / "silence_latent.pt")


def write_vae(folder: Path) -> Oobleck:
    """config.json and weights with weight norm's two tensors per convolution, as published."""
    vae = Oobleck(oobleck_config(VAE)).eval()
    vae.decoder.conv2.weight *= LOUDNESS / vae.decode(torch.randn(1, 64, LATENT)).std()
    write_json(folder / "config.json", VAE)
    save_file(unfold_weight_norm(plain(vae)), folder / "diffusion_pytorch_model.safetensors")
    return vae


def write_text_encoder(folder: Path) -> None:
    """config.json, weights, and a tokenizer of one token per byte that appends <|endoftext|>."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers.models.qwen3.modeling_qwen3 import Qwen3Config, Qwen3Model

    Qwen3Model(Qwen3Config(**QWEN)).save_pretrained(folder)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={sign: i for i, sign in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken("<|endoftext|>", special=True)])
    end = tokenizer.token_to_id("<|endoftext|>")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A <|endoftext|>", special_tokens=[("<|endoftext|>", end)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))


def unfold_weight_norm(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The inverse of folding: every convolution's weight as a direction and its gain."""
    unfolded: dict[str, Tensor] = {}
    for name, value in weights.items():
        if name.endswith(".weight"):
            unfolded[f"{name}_v"] = value
            unfolded[f"{name}_g"] = value.flatten(1).norm(dim=1).view(-1, 1, 1)
        else:
            unfolded[name] = value
    return unfolded


def plain(module: nn.Module) -> dict[str, Tensor]:
    """A state dict safetensors can write."""
    return {name: value.contiguous() for name, value in module.state_dict().items()}


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Writes the file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values, indent=2) + "\n", "utf-8")
