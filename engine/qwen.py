"""Qwen3 as a text encoder: the weights of a Qwen3-Embedding folder in the layers this engine already has.

Loading transformers only for this would cost about two seconds of every start; a test holds both equal.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from engine.config import AceStepConfig
from engine.layers import RMSNorm, additive_mask, encoder_layers, random_parameter, rope_tables


def qwen_config(values: Mapping[str, Any]) -> AceStepConfig:
    """The layer sizes of a Qwen3 config.json."""
    rope = values.get("rope_parameters") or values
    heads = values["num_attention_heads"]
    return AceStepConfig(
        hidden_size=values["hidden_size"],
        intermediate_size=values["intermediate_size"],
        num_hidden_layers=values["num_hidden_layers"],
        num_attention_heads=heads,
        num_key_value_heads=values.get("num_key_value_heads", heads),
        head_dim=values.get("head_dim") or values["hidden_size"] // heads,
        rms_norm_eps=values.get("rms_norm_eps", 1e-6),
        rope_theta=rope.get("rope_theta", 1e6),
        attention_bias=values.get("attention_bias", False),
    )


class Qwen3(nn.Module):
    """Token ids to last hidden states; causal."""

    def __init__(self, config: AceStepConfig, vocabulary: int) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding.from_pretrained(
            random_parameter(1.0, vocabulary, config.hidden_size), freeze=False
        )
        self.layers = encoder_layers(config, config.num_hidden_layers)
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(self, ids: Tensor) -> Tensor:
        """ids (B, S) -> (B, S, H). Padding belongs at the end, where a causal model never looks."""
        x = self.embed_tokens(ids)
        rope = rope_tables(ids.shape[1], self.config.head_dim, self.config.rope_theta, x)
        positions = torch.arange(ids.shape[1], device=ids.device)
        causal = additive_mask((positions[:, None] >= positions[None, :])[None, None], x)
        for layer in self.layers:
            x = layer(x, rope, causal)
        return self.norm(x)


def plain_names(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights under this module's names: without "model." in front and without a language-model head."""
    return {name.removeprefix("model."): value for name, value in weights.items() if "lm_head" not in name}
