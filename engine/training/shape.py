"""The miniature's shape, as its config.json states it."""

from __future__ import annotations

from typing import Any

from engine.grid_condition import GRID_CHANNELS
from engine.key_condition import KEY_CHANNELS
from engine.training.words import QWEN_CONFIG

ALIGNMENT_LAYER = 5  # its first heads are shown where each word is sung while it trains
ALIGNMENT_HEADS = (0, 1)

MODEL_CONFIG: dict[str, Any] = {
    "model_type": "acestep",
    "model_version": "base",
    "is_turbo": False,
    "hidden_size": 256,
    "intermediate_size": 768,
    "num_hidden_layers": 8,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "num_lyric_encoder_hidden_layers": 2,
    "num_timbre_encoder_hidden_layers": 1,
    "num_attention_pooler_hidden_layers": 1,
    "text_hidden_dim": QWEN_CONFIG["hidden_size"],
    "fsq_dim": 256,
    "fsq_input_levels": [8, 8, 8, 5],  # 2,560 codes: a planner of a few million parameters can know them all
    "timbre_fix_frame": 150,
    "grid_channels": GRID_CHANNELS,
    "key_channels": KEY_CHANNELS,
    "mixed_precision": True,
    "sliding_window": 128,
    "lyric_alignment_layers_config": {str(ALIGNMENT_LAYER): list(ALIGNMENT_HEADS)},
    "alignment_by_word": True,
    "default_steps": 8,
    "default_shift": 2.0,
    "default_guidance": 1.0,
    "default_key_guidance": 4.0,
    "default_extract_steps": 1,
    "default_extract_guesses": 4,
    "default_mask_power": 0.5,
    "default_mask_low_power": 0.8,
    "default_mask_gain": 1.5,
    "default_mask_mid_side": True,
    "default_mask_rivals": ["drums", "bass", "vocals", "keyboard", "guitar"],
    "tasks": ["text2music", "repaint", "cover", "extract", "lego", "complete"],
}
