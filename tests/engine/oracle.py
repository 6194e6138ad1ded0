"""diffusers' ACE-Step pipeline around the weights of one of our tiny checkpoints: the parity oracle."""

import json
from pathlib import Path

import torch
from diffusers import (
    AceStepPipeline,
    AceStepTransformer1DModel,
    AutoencoderOobleck,
    FlowMatchEulerDiscreteScheduler,
)
from diffusers.pipelines.ace_step.modeling_ace_step import (
    AceStepAudioTokenDetokenizer,
    AceStepAudioTokenizer,
    AceStepConditionEncoder,
)
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3Model

from engine.models import Models
from tests.engine.tiny_shapes import official_name, oracle_sizes


class MeanVae(AutoencoderOobleck):
    """The oracle's VAE with the posterior's mean where diffusers draws a sample from the global generator."""

    def encode(self, x: Tensor, return_dict: bool = True) -> object:
        output = super().encode(x)
        output.latent_dist.sample = output.latent_dist.mode
        return output


def oracle_vae(folder: Path) -> AutoencoderOobleck:
    values = json.loads((folder / "vae/config.json").read_text())
    vae = MeanVae(**{key: value for key, value in values.items() if not key.startswith("_")}).eval()
    vae.load_state_dict(load_file(folder / "vae/diffusion_pytorch_model.safetensors"), strict=True)
    return vae


def oracle_text_encoder(folder: Path) -> tuple[Qwen3Model, PreTrainedTokenizerFast]:
    home = folder / "Qwen3-Embedding-0.6B"
    qwen = Qwen3Model(Qwen3Config(**json.loads((home / "config.json").read_text()))).eval()
    qwen.load_state_dict(load_file(home / "model.safetensors"), strict=True)
    end = "<|endoftext|>"
    tokens = PreTrainedTokenizerFast(
        tokenizer_file=str(home / "tokenizer.json"), pad_token=end, eos_token=end
    )
    return qwen, tokens


def load_part(oracle: nn.Module, weights: dict[str, Tensor], prefix: str) -> None:
    """Fill an oracle module from the official state dict."""
    own = {name: weights.get(prefix + official_name(name)) for name in oracle.state_dict()}
    extras = {name: value for name, value in own.items() if value is None}
    assert set(extras) <= {"null_condition_emb", "silence_latent"}
    oracle.load_state_dict({**oracle.state_dict(), **{k: v for k, v in own.items() if v is not None}})


def oracle_codes(
    models: Models, weights: dict[str, Tensor]
) -> tuple[AceStepAudioTokenizer, AceStepAudioTokenDetokenizer]:
    names = ("audio_acoustic_hidden_dim", "fsq_dim")
    tokenizer = AceStepAudioTokenizer(**oracle_sizes(models.config, *names)).eval()
    load_part(tokenizer, weights, "tokenizer.")
    sizes = oracle_sizes(models.config, "audio_acoustic_hidden_dim")
    detokenizer = AceStepAudioTokenDetokenizer(**sizes).eval()
    load_part(detokenizer, weights, "detokenizer.")
    return tokenizer, detokenizer


def build_oracle(folder: Path, models: Models) -> AceStepPipeline:
    """The whole pipeline, fp32, on the weights in `folder`; `models` is the same checkpoint loaded by us."""
    config = models.config
    weights = load_file(folder / "acestep-v15-turbo/model.safetensors")
    names = ("num_hidden_layers", "in_channels", "audio_acoustic_hidden_dim")
    dit = AceStepTransformer1DModel(**oracle_sizes(config, *names), is_turbo=config.turbo).eval()
    load_part(dit, weights, "decoder.")
    names = ("text_hidden_dim", "timbre_hidden_dim", "num_lyric_encoder_hidden_layers")
    sizes = oracle_sizes(config, *names, "num_timbre_encoder_hidden_layers")
    encoder = AceStepConditionEncoder(**sizes).eval()
    load_part(encoder, weights, "encoder.")
    with torch.no_grad():
        encoder.null_condition_emb.copy_(weights["null_condition_emb"])
        encoder.silence_latent.copy_(models.silence(15_000))
    qwen, tokens = oracle_text_encoder(folder)
    scheduler = FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0)
    codes = oracle_codes(models, weights)
    pipe = AceStepPipeline(oracle_vae(folder), qwen, tokens, dit, encoder, scheduler, *codes)
    pipe.set_progress_bar_config(disable=True)
    return pipe
