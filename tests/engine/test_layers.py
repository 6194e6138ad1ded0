"""Attention, masks and positions: what they see and what they do not."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.conditions import ConditionEncoder, pack
from engine.dit import DiT
from engine.layers import additive_mask, attend, rope_tables, rotate, self_masks
from tests.engine.tiny_shapes import TINY, seeded, worst


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=seeded(seed))


@torch.no_grad()
def test_sliding_layers_see_their_window_and_no_further() -> None:
    config = replace(TINY, num_hidden_layers=1, sliding_window=4)  # one sliding layer
    dit = DiT(config).eval()
    xt, context, states = noise(1, 60, 8), noise(1, 60, 16), noise(1, 5, 32)
    t = torch.tensor([0.5])
    moved = xt.clone()
    moved[:, 30:32] += 1  # token 15
    difference = (dit(xt, t, context, states) - dit(moved, t, context, states)).abs().amax((0, 2))
    touched = difference.view(-1, 2).amax(1).nonzero().flatten()
    assert touched.min() == 15 - 4
    assert touched.max() == 15 + 4


@torch.no_grad()
def test_full_layers_see_everything() -> None:
    dit = DiT(replace(TINY, num_hidden_layers=1, layer_types=("full_attention",))).eval()
    xt, context, states = noise(1, 60, 8), noise(1, 60, 16), noise(1, 5, 32)
    moved = xt.clone()
    moved[:, 0] += 1
    t = torch.tensor([0.5])
    assert ((dit(xt, t, context, states) - dit(moved, t, context, states)).abs().amax((0, 2)) > 0).all()


@torch.no_grad()
def test_masked_states_do_not_reach_the_dit() -> None:
    dit = DiT(TINY).eval()
    xt, context, states = noise(2, 20, 8), noise(2, 20, 16), noise(2, 9, 32)
    t, mask = torch.tensor([0.5, 0.2]), torch.arange(9)[None] < torch.tensor([[9], [6]])
    both = dit(xt, t, context, states, mask)
    alone = dit(xt[1:], t[1:], context[1:], states[1:, :6])
    assert worst(both[1:], alone) < 1e-6
    assert worst(both[1:], dit(xt, t, context, states)[1:]) > 1e-4


@torch.no_grad()
def test_padding_of_a_batch_does_not_change_an_items_condition_states() -> None:
    encoder = ConditionEncoder(TINY).eval()
    text, lyrics, timbre = noise(2, 7, 16), noise(2, 12, 16, seed=1), noise(1, 30, 8, seed=2)
    text_mask = torch.arange(7)[None] < torch.tensor([[7], [4]])
    lyric_mask = torch.arange(12)[None] < torch.tensor([[12], [5]])
    states, mask = encoder(text, lyrics, timbre, text_mask, lyric_mask)
    alone, none = encoder(text[1:, :4], lyrics[1:, :5], timbre)
    assert none is None
    assert mask is not None and mask.sum(1).tolist() == [20, 10]
    assert worst(states[1:, :10], alone) < 1e-6


def test_packing_keeps_order_and_puts_padding_last() -> None:
    a, b = torch.tensor([[[1.0], [9.0]]]), torch.tensor([[[2.0], [9.0], [9.0]]])
    states, mask = pack([a, b], [torch.tensor([[True, False]]), torch.tensor([[True, False, False]])])
    assert states.flatten().tolist() == [1, 2, 9, 9, 9]
    assert mask.tolist() == [[True, True, False, False, False]]


@pytest.mark.parametrize("masked", [False, True])
def test_the_bf16_product_path_equals_torchs_attention(masked: bool) -> None:
    q, k, v = (noise(2, heads, 24, 16, seed=heads).bfloat16() for heads in (4, 2, 2))
    mask = additive_mask(torch.rand(2, 1, 1, 24, generator=seeded(1)) > 0.5, q) if masked else None
    wide = None if mask is None else mask.float()
    want = F.scaled_dot_product_attention(q.float(), k.float(), v.float(), attn_mask=wide, enable_gqa=True)
    assert worst(attend(q, k, v, mask), want) < 0.03


def test_masks_take_autocasts_dtype_so_that_no_row_turns_into_nan() -> None:
    x = noise(1, 6, 8)
    with torch.autocast("cpu", torch.bfloat16):
        masks = self_masks(6, 2, torch.tensor([[True] * 2 + [False] * 4]), x)
    assert {mask.dtype for mask in masks.values() if mask is not None} == {torch.bfloat16}
    assert all(mask.isfinite().all() for mask in masks.values() if mask is not None)


def test_training_in_autocast_gives_finite_gradients_everywhere() -> None:
    dit, encoder = DiT(replace(TINY, grid_channels=10)), ConditionEncoder(TINY)
    mask = torch.arange(6)[None] < torch.tensor([[6], [2]])
    with torch.autocast("cpu", torch.bfloat16):
        states, valid = encoder(noise(2, 6, 16), noise(2, 6, 16), noise(1, 20, 8), mask, mask)
        v = dit(noise(2, 21, 8), torch.tensor([0.1, 0.9]), noise(2, 21, 26), states, valid)
    v.float().square().mean().backward()
    unused = {"timbre_encoder.special_token"}
    for name, value in (*dit.named_parameters(), *encoder.named_parameters()):
        assert name in unused or (value.grad is not None and value.grad.isfinite().all()), name


def test_rotation_depends_on_distance_only() -> None:
    x = noise(1, 1, 1, 8).expand(1, 1, 9, 8)
    turned = rotate(x, rope_tables(9, 8, 100.0, x))
    products = turned[0, 0] @ turned[0, 0].T
    assert worst(products.diagonal(2)[:1].expand(7), products.diagonal(2)) < 1e-5
