"""Tiny configs and the renames between our state dicts and those of diffusers' classes."""

import torch
from torch import Tensor, nn

from engine.config import AceStepConfig

TINY = AceStepConfig(
    hidden_size=32,
    intermediate_size=64,
    num_hidden_layers=4,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=8,
    num_lyric_encoder_hidden_layers=2,
    num_timbre_encoder_hidden_layers=2,
    text_hidden_dim=16,
    audio_acoustic_hidden_dim=8,
    timbre_hidden_dim=8,
    in_channels=24,
    fsq_dim=32,
    sliding_window=4,
)
XL_KEYS = {
    "encoder_hidden_size": 32,
    "encoder_intermediate_size": 64,
    "encoder_num_attention_heads": 4,
    "encoder_num_key_value_heads": 2,
}
RENAMES = (
    ("proj_in_conv.", "proj_in.1."),
    ("proj_out_conv.", "proj_out.1."),
    (".to_q.", ".q_proj."),
    (".to_k.", ".k_proj."),
    (".to_v.", ".v_proj."),
    (".to_out.0.", ".o_proj."),
    (".norm_q.", ".q_norm."),
    (".norm_k.", ".k_norm."),
)


def official_name(oracle_name: str) -> str:
    """The published name of a tensor that diffusers calls `oracle_name`."""
    for theirs, official in RENAMES:
        oracle_name = oracle_name.replace(theirs, official)
    return oracle_name


def oracle_sizes(config: AceStepConfig, *names: str) -> dict[str, object]:
    """The named config fields plus those every oracle class takes."""
    shared = ("hidden_size", "intermediate_size", "num_attention_heads", "num_key_value_heads", "head_dim")
    return {name: getattr(config, name) for name in (*shared, "sliding_window", *names)}


def copy_weights(ours: nn.Module, oracle: nn.Module) -> None:
    """Give the oracle our weights, strictly apart from the extras its condition encoder owns."""
    weights = ours.state_dict()
    targets = oracle.state_dict()
    renamed: dict[str, Tensor] = {name: weights.get(official_name(name), targets[name]) for name in targets}
    missing = {name for name in targets if official_name(name) not in weights}
    assert missing <= {"null_condition_emb", "silence_latent"}
    assert {official_name(name) for name in targets} >= set(weights)
    oracle.load_state_dict(renamed, strict=True)


def seeded(seed: int) -> torch.Generator:
    """A CPU generator."""
    return torch.Generator().manual_seed(seed)


def worst(a: Tensor, b: Tensor) -> float:
    """Largest absolute difference."""
    assert a.shape == b.shape
    return float((a - b).abs().max())
