"""The published state dicts of the 2B and XL checkpoints load strictly: names, shapes and counts.

The expected list is made from diffusers' classes at full size through the converter's renames, not from ours.
"""

from dataclasses import replace

import pytest
import torch
from diffusers import AceStepTransformer1DModel
from diffusers.pipelines.ace_step.modeling_ace_step import (
    AceStepAudioTokenDetokenizer,
    AceStepAudioTokenizer,
    AceStepConditionEncoder,
)
from torch import Tensor

from engine.ace_step import AceStepModel
from engine.config import AceStepConfig, config_from_json
from tests.engine.tiny_shapes import official_name, oracle_sizes

XL_JSON = {
    "hidden_size": 2560,
    "intermediate_size": 9728,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "encoder_hidden_size": 2048,
    "encoder_intermediate_size": 6144,
    "encoder_num_attention_heads": 16,
    "encoder_num_key_value_heads": 8,
    "architectures": ["not a key of ours"],
}
CONFIGS = {"2B": AceStepConfig(), "XL": config_from_json(XL_JSON)}
MILLIONS = {"2B": 2393.9, "XL": 4987.3}


def published(config: AceStepConfig) -> dict[str, Tensor]:
    """The state dict as the hub has it, on the meta device."""
    stack = config.condition_stack()
    layers = ("num_lyric_encoder_hidden_layers", "num_timbre_encoder_hidden_layers")
    with torch.device("meta"):
        parts = {
            "decoder.": AceStepTransformer1DModel(
                **oracle_sizes(config, "num_hidden_layers", "encoder_hidden_size")
            ),
            "encoder.": AceStepConditionEncoder(**oracle_sizes(stack, *layers)),
            "tokenizer.": AceStepAudioTokenizer(**oracle_sizes(stack)),
            "detokenizer.": AceStepAudioTokenDetokenizer(**oracle_sizes(stack)),
        }
    tensors = {
        prefix + official_name(name): value
        for prefix, module in parts.items()
        for name, value in module.state_dict().items()
    }
    del tensors["encoder.silence_latent"]
    tensors["null_condition_emb"] = tensors.pop("encoder.null_condition_emb")
    return tensors


@pytest.mark.parametrize("size", CONFIGS)
def test_published_state_dict_loads_strictly(size: str) -> None:
    config = CONFIGS[size]
    with torch.device("meta"):
        model = AceStepModel(config)
    tensors = published(config)
    model.load_state_dict(tensors, strict=True, assign=True)
    count = sum(value.numel() for value in model.parameters()) / 1e6
    print(f"{size}: {len(tensors)} tensors, {count:.1f}M parameters")
    assert count == pytest.approx(MILLIONS[size], abs=0.05)


def test_names_are_the_hubs_own() -> None:
    names = set(published(CONFIGS["2B"]))
    assert {
        "decoder.proj_in.1.weight",
        "decoder.layers.23.cross_attn.q_proj.weight",
        "decoder.time_embed_r.time_proj.bias",
        "encoder.timbre_encoder.special_token",
        "encoder.lyric_encoder.layers.7.self_attn.k_norm.weight",
        "tokenizer.attention_pooler.special_token",
        "tokenizer.quantizer.project_in.weight",
        "detokenizer.special_tokens",
        "null_condition_emb",
    } <= names


def test_grid_channels_widen_only_the_input_convolution() -> None:
    with torch.device("meta"):
        plain = AceStepModel(AceStepConfig()).state_dict()
        grid = AceStepModel(replace(AceStepConfig(), grid_channels=10)).state_dict()
    wider = {name for name in plain if plain[name].shape != grid[name].shape}
    assert wider == {"decoder.proj_in.1.weight"}
    assert grid["decoder.proj_in.1.weight"].shape == (2048, 202, 2)
