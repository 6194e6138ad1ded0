"""The miniature's VAE: log magnitudes of mid and side in, 25 Hz latents between, phase rebuilt on the way
out.

Same contract as the Oobleck VAE of the official checkpoints (48 kHz stereo, 64 channels at 25 Hz), another
inside:
a waveform network of this quality is out of reach of a CPU, a magnitude network is not. Knows nothing of
training.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.phase import analyse, rebuild_phase, synthesise, window_power

HOP = 1920  # samples in a latent frame
CLASS_NAME = "BarlineSpectralVAE"


@dataclass(frozen=True, slots=True)
class SpectralConfig:
    """Shape of the network; times in samples at 48 kHz."""

    n_fft: int = 2048
    stft_hop: int = 480
    latent_dim: int = 64
    encoder_width: int = 256
    encoder_blocks: int = 2
    decoder_width: int = 256
    decoder_blocks: int = 4
    latent_width: int = 512
    latent_blocks: int = 3
    kernel: int = 5
    expansion: int = 3
    floor: float = 2e-5  # amplitude; 1.0 is a full-scale sine in one bin

    @property
    def bins(self) -> int:
        return self.n_fft // 2 + 1

    @property
    def stride(self) -> int:
        return HOP // self.stft_hop


class Block(nn.Module):
    """ConvNeXt block over time: depthwise convolution, then a gated-free two-layer mix of channels. (B, T,
    C) -> same.
    """

    def __init__(self, width: int, kernel: int, expansion: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width)
        self.norm = nn.LayerNorm(width)
        self.expand = nn.Linear(width, expansion * width)
        self.contract = nn.Linear(expansion * width, width)
        self.scale = nn.Parameter(torch.full((width,), 0.1))

    def forward(self, x: Tensor) -> Tensor:
        # The depthwise convolution as shifted sums: on a CPU several times faster than conv1d with groups.
        k = self.depthwise.kernel_size[0]
        padded = F.pad(x, (0, 0, k // 2, k // 2))
        w = self.depthwise.weight[:, 0].to(x.dtype)  # (C, k)
        y = sum(padded[:, i : i + x.shape[1]] * w[:, i] for i in range(k)) + self.depthwise.bias.to(x.dtype)
        y = self.contract(F.gelu(self.expand(self.norm(y)), approximate="tanh"))
        return x + self.scale.to(y.dtype) * y


def blocks(count: int, width: int, config: SpectralConfig) -> nn.Sequential:
    return nn.Sequential(*(Block(width, config.kernel, config.expansion) for _ in range(count)))


class SpectralEncoder(nn.Module):
    """Log magnitudes (B, T*stride, 2*bins) -> mean and log variance (B, T, 2*latent_dim)."""

    def __init__(self, c: SpectralConfig) -> None:
        super().__init__()
        self.stride = c.stride
        self.proj_in = nn.Linear(2 * c.bins, c.encoder_width)
        self.fine = blocks(c.encoder_blocks, c.encoder_width, c)
        self.down = nn.Linear(c.stride * c.encoder_width, c.latent_width)
        self.coarse = blocks(c.latent_blocks, c.latent_width, c)
        self.norm = nn.LayerNorm(c.latent_width)
        self.proj_out = nn.Linear(c.latent_width, 2 * c.latent_dim)

    def forward(self, log_mag: Tensor) -> Tensor:
        x = self.fine(self.proj_in(log_mag))
        b, t, w = x.shape
        x = self.down(x.reshape(b, t // self.stride, self.stride * w))  # 100 Hz -> 25 Hz
        out: Tensor = self.proj_out(self.norm(self.coarse(x)))
        return out


class SpectralDecoder(nn.Module):
    """Latents (B, T, latent_dim) -> log magnitudes (B, T*stride, 2*bins)."""

    def __init__(self, c: SpectralConfig) -> None:
        super().__init__()
        self.stride = c.stride
        self.proj_in = nn.Linear(c.latent_dim, c.latent_width)
        self.coarse = blocks(c.latent_blocks, c.latent_width, c)
        self.up = nn.Linear(c.latent_width, c.stride * c.decoder_width)
        self.fine = blocks(c.decoder_blocks, c.decoder_width, c)
        self.norm = nn.LayerNorm(c.decoder_width)
        self.proj_out = nn.Linear(c.decoder_width, 2 * c.bins)

    def forward(self, latents: Tensor) -> Tensor:
        x = self.up(self.coarse(self.proj_in(latents)))
        b, t, w = x.shape
        x = self.fine(x.reshape(b, t * self.stride, w // self.stride))  # 25 Hz -> 100 Hz
        out: Tensor = self.proj_out(self.norm(x))
        return out


class SpectralVae(nn.Module):
    """Encoder, decoder, and the statistics that centre and scale what goes into each: log magnitudes and
    latents.
    """

    hop = HOP
    halo_frames: int | None = (
        None  # phase is rebuilt from left to right over the whole span: decode it in one piece
    )
    borrows_phase = True  # has decode_like

    def __init__(self, config: SpectralConfig) -> None:
        super().__init__()
        self.config = config
        self.latent_dim = config.latent_dim
        self.encoder = SpectralEncoder(config)
        self.decoder = SpectralDecoder(config)
        self.register_buffer("bin_mean", torch.full((2 * config.bins,), -7.5))
        self.register_buffer("bin_std", torch.full((2 * config.bins,), 2.0))
        self.register_buffer("latent_mean", torch.zeros(config.latent_dim))
        self.register_buffer("latent_std", torch.ones(config.latent_dim))

    @classmethod
    def from_config(cls, values: dict[str, Any]) -> SpectralVae:
        """Build from the dict of a `vae/config.json`; keys that are not ours (`_class_name`, ...) are
        ignored.
        """
        known = SpectralConfig.__dataclass_fields__
        return cls(SpectralConfig(**{k: v for k, v in values.items() if k in known}))

    def config_dict(self) -> dict[str, Any]:
        return {"_class_name": CLASS_NAME, "sampling_rate": 48000, "audio_channels": 2, **asdict(self.config)}

    def posterior(self, log_mag: Tensor) -> Tensor:
        """Log magnitudes (B, F, 2*bins) -> mean and log variance (B, T, 2*latent_dim), not yet scaled."""
        out: Tensor = self.encoder((log_mag - self.bin_mean) / self.bin_std)
        return out

    def paint(self, latents: Tensor) -> Tensor:
        """Latents before scaling (B, T, latent_dim) -> log magnitudes (B, F, 2*bins)."""
        out: Tensor = self.decoder(latents) * self.bin_std + self.bin_mean
        return out

    def encode(self, audio: Tensor) -> Tensor:
        """Audio (B, 2, N) in -1..1 at 48 kHz -> latents (B, ceil(N / 1920), 64): the posterior's mean, no
        draw.
        """
        mean = self.posterior(log_magnitude(audio, self.config))[..., : self.latent_dim]
        return (mean - self.latent_mean) / self.latent_std

    def decode(self, latents: Tensor) -> Tensor:
        """Latents (B, T, 64) -> audio (B, 2, T * 1920)."""
        return rebuild_audio(self.magnitudes(latents), self.config)

    def decode_like(self, latents: Tensor, heard: Tensor) -> Tensor:
        """Latents (B, T, 64) -> audio (B, 2, T * 1920) with the phases of `heard`, of the same shape.

        A third of decode's time, and all that a mask on `heard` wants.
        """
        return borrow_phase(self.magnitudes(latents), heard, self.config)

    def magnitudes(self, latents: Tensor) -> Tensor:
        """Latents (B, T, 64) -> magnitudes (B, 2 [mid, side], F, bins)."""
        log_mag = self.paint(latents * self.latent_std + self.latent_mean)
        return magnitude(log_mag.float(), self.config)


def mid_side(audio: Tensor) -> Tensor:
    """(B, 2, N) left/right -> (B, 2, N) mid/side, and, being its own inverse up to a factor 2, back with `*
    2`.
    """
    left, right = audio[:, 0], audio[:, 1]
    return torch.stack(((left + right) / 2, (left - right) / 2), 1)


def log_magnitude(audio: Tensor, c: SpectralConfig) -> Tensor:
    """Audio (B, 2, N) -> (B, T*stride, 2*bins): 0.5 * log(|S|^2 + floor^2) of mid and side, right-padded to
    latent frames.
    """
    b, _, n = audio.shape
    frames = -(-n // HOP)
    ms = mid_side(F.pad(audio, (0, frames * HOP - n))).reshape(2 * b, -1)
    spec = analyse(ms.float(), c.n_fft, c.stft_hop)  # (2B, F, bins)
    log_mag = 0.5 * torch.log(spec.real.square() + spec.imag.square() + c.floor**2)
    return log_mag.unflatten(0, (b, 2)).transpose(1, 2).flatten(2)


def magnitude(log_mag: Tensor, c: SpectralConfig) -> Tensor:
    """Exact inverse of the floor: (B, F, 2*bins) -> magnitudes (B, 2, F, bins). exp(l) - floor would leak
    noise.
    """
    power = torch.exp(2 * log_mag.clamp(max=math.log(8.0))) - c.floor**2
    return power.clamp(min=0).sqrt().unflatten(-1, (2, c.bins)).transpose(1, 2)


def rebuild_audio(mags: Tensor, c: SpectralConfig) -> Tensor:
    """Magnitudes (B, 2 [mid, side], F, bins) -> left/right audio (B, 2, F * hop)."""
    ms = rebuild_phase(mags.flatten(0, 1), c.n_fft, c.stft_hop).unflatten(0, (-1, 2))
    return mid_side(ms) * 2


def borrow_phase(mags: Tensor, heard: Tensor, c: SpectralConfig) -> Tensor:
    """Magnitudes (B, 2 [mid, side], F, bins) -> audio (B, 2, F * hop) with the phases of `heard`, as long."""
    spec = analyse(mid_side(heard.float()).flatten(0, 1), c.n_fft, c.stft_hop)
    turned = torch.polar(mags.flatten(0, 1), spec.angle())
    norm = window_power(mags.shape[2], c.n_fft, c.stft_hop).to(mags.device)
    return mid_side(synthesise(turned, c.n_fft, c.stft_hop, norm).unflatten(0, (-1, 2))) * 2
