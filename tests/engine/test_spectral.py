"""The miniature's VAE and the phase it rebuilds, with untrained weights: shapes, inverses, contracts."""

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.phase import analyse, rebuild_phase, synthesise, window_power
from engine.spectral import (
    HOP,
    SpectralConfig,
    SpectralVae,
    borrow_phase,
    log_magnitude,
    magnitude,
    mid_side,
    rebuild_audio,
)

CONFIG = SpectralConfig()
SMALL = SpectralConfig(encoder_width=16, decoder_width=16, latent_width=32, latent_blocks=1, encoder_blocks=1)


def chord(seconds: float = 1.0) -> Tensor:
    """A decaying chord every half second, louder on the left: (2, N) at 48 kHz."""
    t = torch.arange(round(seconds * 25) * HOP) / 48000
    notes = sum(torch.sin(2 * torch.pi * f * t) for f in (220.0, 277.2, 329.6))
    tone = 0.2 * notes * torch.exp(-6 * (t % 0.5))
    return torch.stack((tone, 0.5 * tone))


def test_frames_line_up_with_latent_frames() -> None:
    assert log_magnitude(chord(1.0)[None], CONFIG).shape == (1, 25 * CONFIG.stride, 2 * CONFIG.bins)


def test_a_click_is_in_the_frame_that_holds_it() -> None:
    click = torch.zeros(1, 20 * CONFIG.stft_hop)
    click[0, 10 * CONFIG.stft_hop + 240] = 1.0  # the middle of hop 10
    assert analyse(click, 2048, 480).abs()[0].sum(1).argmax() == 10


def test_full_scale_sine_has_magnitude_one() -> None:
    t = torch.arange(48000) / 48000
    peak = analyse(torch.sin(2 * torch.pi * 1500 * t)[None], 2048, 480).abs().amax(2)[0, 20:80]
    assert torch.allclose(peak, torch.ones(60), atol=0.01)


def test_magnitude_inverts_log_magnitude() -> None:
    audio = chord()[None]
    mags = magnitude(log_magnitude(audio, CONFIG), CONFIG)
    expected = analyse(mid_side(audio)[0], 2048, 480).abs()
    assert torch.allclose(mags[0], expected, atol=2 * CONFIG.floor)


def test_analysis_and_synthesis_are_inverse() -> None:
    audio = chord()
    spec = analyse(audio, 2048, 480)
    back = synthesise(spec, 2048, 480, window_power(spec.shape[1], 2048, 480))
    inner = slice(2048, -2048)
    assert torch.allclose(back[:, inner], audio[:, inner], atol=1e-4)


def test_rebuilt_phase_keeps_the_magnitudes() -> None:
    mags = analyse(chord(), 2048, 480).abs()
    again = analyse(rebuild_phase(mags, 2048, 480), 2048, 480).abs()
    assert float((again - mags).norm() / mags.norm()) < 0.2


def test_griffin_lim_steps_improve_on_the_start() -> None:
    mags = analyse(chord(), 2048, 480).abs()

    def error(iterations: int) -> float:
        return float((analyse(rebuild_phase(mags, 2048, 480, iterations), 2048, 480).abs() - mags).norm())

    assert error(8) < error(0)


def test_left_and_right_survive_mid_and_side() -> None:
    audio = chord()[None]
    assert torch.allclose(mid_side(mid_side(audio)) * 2, audio, atol=1e-6)


def test_magnitudes_with_their_own_phases_are_the_sound_they_are_of() -> None:
    audio = chord()[None] * torch.tensor([1.0, -0.7])[:, None]
    again = borrow_phase(magnitude(log_magnitude(audio, CONFIG), CONFIG), audio, CONFIG)
    assert float((again - audio)[..., 2048:-2048].abs().max()) < 1e-3


def test_what_is_decoded_like_a_sound_is_as_large_as_what_is_decoded_alone() -> None:
    vae, heard = SpectralVae(SMALL).eval(), chord()[None]
    with torch.inference_mode():
        latents = vae.encode(heard)
        sketch, whole = vae.decode_like(latents, heard), vae.decode(latents)
    assert sketch.shape == whole.shape == heard.shape
    sizes = [analyse(mid_side(x).flatten(0, 1), 2048, 480).abs().sum() for x in (sketch, whole)]
    assert float(sizes[0] / sizes[1]) == pytest.approx(1.0, abs=0.3)


def test_silence_stays_silent() -> None:
    silent = log_magnitude(torch.zeros(1, 2, 5 * HOP), CONFIG)
    assert float(rebuild_audio(magnitude(silent, CONFIG), CONFIG).abs().max()) < 1e-4


@pytest.mark.parametrize("samples", [1, HOP, HOP + 1, 7 * HOP - 3])
def test_every_sample_gets_a_latent_frame(samples: int) -> None:
    vae = SpectralVae(SMALL).eval()
    with torch.inference_mode():
        latents = vae.encode(torch.randn(1, 2, samples) * 0.1)
        assert latents.shape == (1, -(-samples // HOP), 64)
        assert vae.decode(latents).shape == (1, 2, latents.shape[1] * HOP)


def test_encoding_is_deterministic() -> None:
    vae, audio = SpectralVae(SMALL).eval(), chord()[None]
    with torch.inference_mode():
        assert torch.equal(vae.encode(audio), vae.encode(audio))


def test_config_survives_its_json() -> None:
    values = SpectralVae(SMALL).config_dict()
    assert SpectralVae.from_config(values).config == SMALL


def test_latents_are_scaled_by_the_stored_statistics() -> None:
    vae, audio = SpectralVae(SMALL).eval(), chord()[None]
    with torch.inference_mode():
        plain = vae.encode(audio)
        vae.latent_mean.fill_(1.0)
        vae.latent_std.fill_(2.0)
        assert np.allclose(vae.encode(audio), (plain - 1) / 2, atol=1e-5)
