"""The shape of an ACE-Step 1.5 checkpoint, read from its config.json; knows nothing of tensors.

Keys are the official ones. Keys of our own, absent from official files: grid_channels, key_channels,
mixed_precision, min_frames, tasks, alignment_by_word, weak_tasks and default_steps / _shift / _guidance /
_key_guidance / _mask_power / _mask_low_power / _mask_gain / _mask_mid_side / _mask_rivals / _extract_steps /
_extract_guesses / _thinking.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import prod
from pathlib import Path
from typing import Any

from engine.errors import ModelError

SLIDING = "sliding_attention"
FULL = "full_attention"
HEADS = "lyric_alignment_layers_config"


@dataclass(frozen=True, slots=True)
class AceStepConfig:
    """One checkpoint's sizes. Defaults are those of the 2B model."""

    hidden_size: int = 2048
    intermediate_size: int = 6144
    num_hidden_layers: int = 24
    num_attention_heads: int = 16
    num_key_value_heads: int = 8
    head_dim: int = 128
    encoder_hidden_size: int | None = None  # condition stack's own width, XL only
    encoder_intermediate_size: int | None = None
    encoder_num_attention_heads: int | None = None
    encoder_num_key_value_heads: int | None = None
    fsq_dim: int = 2048
    fsq_input_levels: tuple[int, ...] = (8, 8, 8, 5, 5, 5)
    fsq_input_num_quantizers: int = 1
    rms_norm_eps: float = 1e-6
    rope_theta: float = 1e6
    attention_bias: bool = False
    use_sliding_window: bool = True
    sliding_window: int = 128  # tokens each way, inclusive
    layer_types: tuple[str, ...] = ()  # empty: even layers slide, odd ones see everything
    num_lyric_encoder_hidden_layers: int = 8
    num_timbre_encoder_hidden_layers: int = 4
    num_attention_pooler_hidden_layers: int = 2
    audio_acoustic_hidden_dim: int = 64  # latent channels
    timbre_hidden_dim: int = 64
    timbre_fix_frame: int = 750
    pool_window_size: int = 5
    text_hidden_dim: int = 1024
    in_channels: int = 192  # source + mask + noisy latents, without the grid
    patch_size: int = 2
    model_version: str = "turbo"
    is_turbo: bool | None = None
    grid_channels: int = 0  # ours: 0 or 10 (engine/grid_condition.py)
    key_channels: int = 0  # ours: 0 or 24 (engine/key_condition.py)
    mixed_precision: bool = False  # ours: trained with bf16 products (engine/precision.py)
    min_frames: int = 128  # ours: shortest sequence the model is run on
    tasks: tuple[str, ...] = ()  # ours: what it was trained for; empty: what its family can (abilities.py)
    weak_tasks: tuple[tuple[str, str], ...] = ()  # ours: what it can, but not well, each with what to expect
    # (layer, heads) pairs whose cross-attention follows the lyrics; empty: not known (alignment/heads.py)
    lyric_alignment_layers_config: tuple[tuple[int, tuple[int, ...]], ...] = ()
    alignment_by_word: bool = False  # ours: those heads were taught to find words (alignment/word_path.py)
    default_steps: int | None = None
    default_shift: float | None = None
    default_guidance: float | None = None
    default_key_guidance: float | None = None  # ours: how far new pieces are led towards the key; 1: not
    # ours: steps of extract where a task does not say; one gives the mean of what fits, which a mask wants
    default_extract_steps: int | None = None
    default_extract_guesses: int = 1  # ours: how many of these, from other noise, a stem is the mean of
    default_mask_power: float = 1.0  # ours: how stems become masks (engine/masks.py)
    default_mask_low_power: float | None = None
    default_mask_gain: float = 1.0
    default_mask_mid_side: bool = False
    default_mask_rivals: tuple[str, ...] = ()
    default_thinking: bool = False  # whether new pieces are planned by a language model first

    @property
    def turbo(self) -> bool:
        """True for guidance-distilled checkpoints, which are run without guidance."""
        return "turbo" in self.model_version if self.is_turbo is None else self.is_turbo

    @property
    def codebook_size(self) -> int:
        """How many audio codes there are."""
        return prod(self.fsq_input_levels)

    @property
    def has_timbre_token(self) -> bool:
        """True for XL, whose timbre encoder puts its learned token before the reference frames."""
        return self.encoder_hidden_size not in (None, self.hidden_size)

    @property
    def condition_width(self) -> int:
        """Channels of the states the DiT attends to."""
        return self.encoder_hidden_size or self.hidden_size

    def window(self, layer: int) -> int | None:
        """Reach of self-attention in tokens each way at a layer of any stack; None: no limit."""
        default = SLIDING if layer % 2 == 0 else FULL
        kind = self.layer_types[layer] if layer < len(self.layer_types) else default
        return self.sliding_window if kind == SLIDING and self.use_sliding_window else None

    def condition_stack(self) -> "AceStepConfig":
        """The same checkpoint as its condition encoder, tokenizer and detokenizer see it."""
        if not self.has_timbre_token:
            return self
        return replace(
            self,
            hidden_size=self.condition_width,
            intermediate_size=self.encoder_intermediate_size or self.intermediate_size,
            num_attention_heads=self.encoder_num_attention_heads or self.num_attention_heads,
            num_key_value_heads=self.encoder_num_key_value_heads or self.num_key_value_heads,
        )


def config_from_json(values: Mapping[str, Any]) -> AceStepConfig:
    """Config from the decoded config.json; unknown keys and nulls fall away. Raises ModelError."""
    known = {field.name for field in fields(AceStepConfig)}
    given = {key: value for key, value in values.items() if key in known and value is not None}
    for key in ("fsq_input_levels", "layer_types", "tasks"):
        given[key] = tuple(given.get(key, getattr(AceStepConfig(), key)))
    if HEADS in given:
        given[HEADS] = read_heads(given[HEADS])
    if "weak_tasks" in given:
        given["weak_tasks"] = read_weak(given["weak_tasks"])
    config = AceStepConfig(**given)
    latent = config.audio_acoustic_hidden_dim
    if config.in_channels != 3 * latent:
        raise ModelError("bad-config", f"in_channels={config.in_channels} is not 3 x {latent} latents")
    return config


def read_heads(value: Any) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """The alignment heads from `{"2": [6], "3": [10, 11]}`, layers rising. Raises ModelError."""
    try:
        return tuple(sorted((int(layer), tuple(sorted(map(int, heads)))) for layer, heads in value.items()))
    except (AttributeError, TypeError, ValueError):
        raise ModelError("bad-config", f"{HEADS}={value!r} is not an object of layer: [heads]") from None


def read_weak(value: Any) -> tuple[tuple[str, str], ...]:
    """The weak tasks from `{"extract": "drums only"}`. Raises ModelError."""
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
        raise ModelError("bad-config", f"weak_tasks={value!r} is not an object of task: text")
    return tuple(sorted(value.items()))


def read_config(folder: Path) -> AceStepConfig:
    """Config of a DiT folder. Raises ModelError when config.json is missing or no JSON object."""
    path = folder / "config.json"
    try:
        return config_from_json(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise ModelError("no-file", f"{path} is missing") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise ModelError("bad-config", f"{path}: {error}") from error
