"""Every module against diffusers' own classes, same tiny random weights, fp32. Largest difference 1e-5."""

from dataclasses import replace

import pytest
import torch
from diffusers import AceStepTransformer1DModel
from diffusers.pipelines.ace_step.modeling_ace_step import (
    AceStepAudioTokenDetokenizer,
    AceStepAudioTokenizer,
    AceStepConditionEncoder,
)
from torch import Tensor, nn

from engine.conditions import ConditionEncoder
from engine.config import AceStepConfig
from engine.dit import DiT
from engine.tokenizer import AudioDetokenizer, AudioTokenizer
from tests.engine.tiny_shapes import TINY, XL_KEYS, copy_weights, oracle_sizes, seeded, worst

XL = replace(TINY, hidden_size=48, num_attention_heads=6, **XL_KEYS)
LIMIT = 1e-5


def build(kind: type, config: AceStepConfig) -> nn.Module:
    """One of our modules with seeded weights; norms are moved off 1 so that they matter."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        module = kind(config)
        for name, value in module.named_parameters():
            if name.endswith("norm.weight"):
                nn.init.uniform_(value, 0.5, 1.5)
    return module.eval()


def noise(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=seeded(seed))


@torch.no_grad()
@pytest.mark.parametrize("config", [TINY, XL], ids=["2b", "xl"])
@pytest.mark.parametrize("frames", [40, 41])
def test_dit_equals_diffusers(config: AceStepConfig, frames: int) -> None:
    ours = build(DiT, config)
    names = ("num_hidden_layers", "in_channels", "audio_acoustic_hidden_dim", "encoder_hidden_size")
    oracle = AceStepTransformer1DModel(**oracle_sizes(config, *names)).eval()
    copy_weights(ours, oracle)
    xt, context = noise(1, 2, frames, 8), noise(2, 2, frames, 16)
    states, t = noise(3, 2, 11, config.condition_width), torch.tensor([0.9, 0.3])
    want = oracle(xt, t, t, states, context, return_dict=False)[0]
    difference = worst(ours(xt, t, context, states), want)
    print(f"DiT {frames} frames: {difference:.2e}")
    assert difference <= LIMIT


@torch.no_grad()
def test_condition_encoder_equals_diffusers() -> None:
    ours, oracle, inputs = condition_pair(TINY)
    want, want_mask = oracle(**inputs)
    got, mask = ask(ours, inputs)
    assert mask is not None and torch.equal(mask, want_mask)
    print(f"condition encoder, padded batch: {worst(got, want):.2e}")
    assert worst(got, want) <= LIMIT


@torch.no_grad()
def test_xl_condition_encoder_equals_diffusers_with_the_timbre_token_put_in_front() -> None:
    # diffusers 0.42.1 never prepends the token that upstream's XL does, so the oracle's embedding is wrapped.
    ours, oracle, inputs = condition_pair(XL)
    embed, token = oracle.timbre_encoder.embed_tokens, oracle.timbre_encoder.special_token
    oracle.timbre_encoder.embed_tokens = Prepend(embed, token)
    want, _ = oracle(**inputs)
    got, _ = ask(ours, inputs)
    print(f"XL condition encoder: {worst(got, want):.2e}")
    assert worst(got, want) <= LIMIT


class Prepend(nn.Module):
    """An embedding with a token in front of its sequence."""

    def __init__(self, embed: nn.Module, token: Tensor) -> None:
        super().__init__()
        self.embed, self.token = embed, token

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat((self.token.expand(x.shape[0], -1, -1), self.embed(x)), dim=1)


def condition_pair(config: AceStepConfig) -> tuple[nn.Module, nn.Module, dict[str, Tensor]]:
    """Our encoder, the oracle with its weights, and a batch of unequal lengths."""
    ours = build(ConditionEncoder, config)
    names = ("text_hidden_dim", "timbre_hidden_dim", "num_lyric_encoder_hidden_layers")
    sizes = oracle_sizes(config.condition_stack(), *names, "num_timbre_encoder_hidden_layers")
    oracle = AceStepConditionEncoder(**sizes).eval()
    copy_weights(ours, oracle)
    inputs = {
        "text_hidden_states": noise(1, 2, 9, 16),
        "text_attention_mask": torch.arange(9)[None] < torch.tensor([[9], [5]]),
        "lyric_hidden_states": noise(2, 2, 17, 16),
        "lyric_attention_mask": torch.arange(17)[None] < torch.tensor([[6], [17]]),
        "refer_audio_acoustic_hidden_states_packed": noise(3, 2, 30, 8),
        "refer_audio_order_mask": torch.arange(2),
    }
    return ours, oracle, inputs


def ask(ours: nn.Module, inputs: dict[str, Tensor]) -> tuple[Tensor, Tensor | None]:
    text, text_mask, lyrics, lyric_mask, timbre, _ = inputs.values()
    return ours(text, lyrics, timbre, text_mask, lyric_mask)


@torch.no_grad()
@pytest.mark.parametrize("frames", [50, 53])
@pytest.mark.parametrize("quantizers", [1, 2])
def test_tokenizer_codes_equal_diffusers(frames: int, quantizers: int) -> None:
    config = replace(TINY, fsq_input_num_quantizers=quantizers)
    ours = build(AudioTokenizer, config)
    names = ("audio_acoustic_hidden_dim", "fsq_dim", "fsq_input_num_quantizers")
    oracle = AceStepAudioTokenizer(**oracle_sizes(config, *names)).eval()
    copy_weights(ours, oracle)
    latents, silence = noise(1, 3, frames, 8) * 3, noise(2, 1, 100, 8)
    want_states, want_codes = oracle.tokenize(latents, silence)
    states, codes = ours(latents, silence)
    assert torch.equal(codes, want_codes)
    assert len(codes.unique()) > 20
    print(f"tokenizer: {codes.numel()} codes equal, states {worst(states, want_states):.2e}")
    assert worst(states, want_states) <= LIMIT
    if quantizers == 1:
        assert worst(ours.quantizer.states_from_codes(codes), states) <= LIMIT
    rebuilt = oracle.quantizer.get_output_from_indices(codes)
    assert worst(ours.quantizer.states_from_codes(codes), rebuilt) <= LIMIT


@torch.no_grad()
def test_detokenizer_equals_diffusers() -> None:
    ours = build(AudioDetokenizer, TINY)
    oracle = AceStepAudioTokenDetokenizer(**oracle_sizes(TINY, "audio_acoustic_hidden_dim")).eval()
    copy_weights(ours, oracle)
    quantized = noise(1, 2, 7, 32)
    difference = worst(ours(quantized), oracle(quantized))
    print(f"detokenizer: {difference:.2e}")
    assert difference <= LIMIT
