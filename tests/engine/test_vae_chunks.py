"""Pieces of a VAE's work equal the whole, and the way in and out of it is cancellable."""

import pytest
import torch
from torch import Tensor

from engine.errors import Cancelled
from engine.oobleck import Oobleck, fold_weight_norm, halo_frames, oobleck_config
from engine.tiny import VAE, plain, unfold_weight_norm
from engine.vae_chunks import decode_span, encode_audio, pieces
from tests.engine.tiny_shapes import seeded, worst


def quiet(stage: str, step: int, of: int) -> None:
    """Lets everything pass."""


@pytest.fixture(scope="module")
def vae() -> Oobleck:
    """Weights in float64, so that a difference is a missing context and not rounding."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return Oobleck(oobleck_config(VAE)).eval().double().requires_grad_(False)


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=seeded(3), dtype=torch.float64)


def test_halo_of_the_official_ratios_is_ten_frames() -> None:
    assert halo_frames((2, 4, 4, 6, 10)) == 10


def test_decoding_in_pieces_equals_decoding_whole(vae: Oobleck) -> None:
    latents = noise(1, 64, 4)
    whole = vae.decode(latents)
    parts = decode_span(vae, latents, (0, 64), quiet, chunk=20)
    print(f"chunked decode: {worst(parts, whole):.1e}")
    assert worst(parts, whole) < 1e-12


def test_decoding_a_span_equals_that_span_of_the_whole(vae: Oobleck) -> None:
    latents = noise(1, 64, 4)
    part = decode_span(vae, latents, (21, 34), quiet)
    assert part.shape == (1, 2, 13 * 1920)
    assert worst(part, vae.decode(latents)[..., 21 * 1920 : 34 * 1920]) < 1e-12


def test_two_frames_less_of_halo_would_show(vae: Oobleck) -> None:
    latents = noise(1, 64, 4)
    cut = vae.decode(latents[:, 13:])[..., 8 * 1920 : 9 * 1920]
    assert worst(cut, vae.decode(latents)[..., 21 * 1920 : 22 * 1920]) > 1e-13


def test_encoding_in_pieces_equals_encoding_whole(vae: Oobleck) -> None:
    audio = noise(1, 2, 60 * 1920 - 700)
    whole = vae.encode(audio)
    assert whole.shape == (1, 60, 4)
    parts = encode_audio(vae, audio, quiet, chunk=25)
    print(f"chunked encode: {worst(parts, whole):.1e}")
    assert worst(parts, whole) < 1e-12


def test_a_vae_without_halo_is_run_in_one_piece() -> None:
    assert pieces(1000, None, 50) == [(0, 1000, 0, 1000)]


def test_pieces_cover_every_frame_once() -> None:
    kept = [range(first, stop) for _, _, first, stop in pieces(103, 10, 25)]
    assert [frame for span in kept for frame in span] == list(range(103))


def test_cancel_ends_between_pieces(vae: Oobleck) -> None:
    seen: list[int] = []

    def on_step(stage: str, step: int, of: int) -> None:
        seen.append(step)
        if step == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        decode_span(vae, noise(1, 60, 4), (0, 60), on_step, chunk=20)
    assert seen == [0, 1]


def test_folding_weight_norm_gives_the_weights_back(vae: Oobleck) -> None:
    weights = {name: value.float() for name, value in plain(vae).items()}
    folded = fold_weight_norm(unfold_weight_norm(weights))
    assert folded.keys() == weights.keys()
    assert max(worst(folded[name], weights[name]) for name in weights) < 1e-6
