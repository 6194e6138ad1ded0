"""The official VAE (Oobleck, of Stable Audio): 48 kHz stereo to 25 Hz latents and back.

Reads the weights layout of a published `vae/` folder. Weight norm is folded into plain weights on loading,
and encoding gives the posterior's mean: a take must not depend on an unseeded draw.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.errors import ModelError

CLASS_NAME = "AutoencoderOobleck"
DILATIONS = (1, 3, 9)
WIDE = 7  # kernel of every convolution that keeps the rate
UNIT_REACH = sum(DILATIONS) * (WIDE // 2)  # samples each way three residual units see
RATE = 48_000
HOP = 1920


@dataclass(frozen=True, slots=True)
class OobleckConfig:
    """Sizes as in vae/config.json, under the official keys."""

    encoder_hidden_size: int = 128  # also the encoder's output: mean and scale
    downsampling_ratios: tuple[int, ...] = (2, 4, 4, 6, 10)
    channel_multiples: tuple[int, ...] = (1, 2, 4, 8, 16)
    decoder_channels: int = 128
    decoder_input_channels: int = 64
    audio_channels: int = 2
    sampling_rate: int = RATE


def oobleck_config(values: Mapping[str, Any]) -> OobleckConfig:
    """Config from decoded JSON. Raises ModelError when the VAE is not 48 kHz at 25 latents a second."""
    given = {key: values[key] for key in OobleckConfig.__dataclass_fields__ if key in values}
    for key in ("downsampling_ratios", "channel_multiples"):
        given[key] = tuple(given.get(key, getattr(OobleckConfig(), key)))
    config = OobleckConfig(**given)
    ratios = config.downsampling_ratios
    if math.prod(ratios) != HOP or config.sampling_rate != RATE or any(ratio % 2 for ratio in ratios):
        raise ModelError(
            "bad-config",
            f"VAE with ratios {ratios} at {config.sampling_rate} Hz; only even ratios of product {HOP} at "
            f"{RATE} Hz will do",
        )
    return config


class Snake(nn.Module):
    """x + sin(a x)^2 / b per channel, a and b stored as logarithms."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(1, channels, 1))
        self.beta = nn.Parameter(torch.zeros(1, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.addcmul(x, (self.beta.exp() + 1e-9).reciprocal(), (self.alpha.exp() * x).sin().square())


class ResidualUnit(nn.Module):
    """A dilated and a pointwise convolution around a shortcut."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.snake1 = Snake(channels)
        self.conv1 = nn.Conv1d(channels, channels, WIDE, dilation=dilation, padding=WIDE // 2 * dilation)
        self.snake2 = Snake(channels)
        self.conv2 = nn.Conv1d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv2(self.snake2(self.conv1(self.snake1(x))))


class EncoderBlock(nn.Module):
    """Three residual units, then the rate falls by `ratio`."""

    def __init__(self, channels: int, out_channels: int, ratio: int) -> None:
        super().__init__()
        self.res_unit1, self.res_unit2, self.res_unit3 = (ResidualUnit(channels, d) for d in DILATIONS)
        self.snake1 = Snake(channels)
        self.conv1 = nn.Conv1d(channels, out_channels, 2 * ratio, stride=ratio, padding=ratio // 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv1(self.snake1(self.res_unit3(self.res_unit2(self.res_unit1(x)))))


class DecoderBlock(nn.Module):
    """The rate rises by `ratio`, then three residual units."""

    def __init__(self, channels: int, out_channels: int, ratio: int) -> None:
        super().__init__()
        self.snake1 = Snake(channels)
        self.conv_t1 = nn.ConvTranspose1d(channels, out_channels, 2 * ratio, stride=ratio, padding=ratio // 2)
        self.res_unit1, self.res_unit2, self.res_unit3 = (ResidualUnit(out_channels, d) for d in DILATIONS)

    def forward(self, x: Tensor) -> Tensor:
        return self.res_unit3(self.res_unit2(self.res_unit1(self.conv_t1(self.snake1(x)))))


class Encoder(nn.Module):
    """Audio (B, 2, N) -> mean and scale (B, 2 latent, N / 1920)."""

    def __init__(self, config: OobleckConfig) -> None:
        super().__init__()
        base = config.encoder_hidden_size
        widths = [base * multiple for multiple in (1, *config.channel_multiples)]
        self.conv1 = nn.Conv1d(config.audio_channels, base, WIDE, padding=WIDE // 2)
        steps = zip(pairwise(widths), config.downsampling_ratios, strict=True)
        self.block = nn.ModuleList(EncoderBlock(a, b, ratio) for (a, b), ratio in steps)
        self.snake1 = Snake(widths[-1])
        self.conv2 = nn.Conv1d(widths[-1], base, 3, padding=1)

    def forward(self, audio: Tensor) -> Tensor:
        x = self.conv1(audio)
        for block in self.block:
            x = block(x)
        return self.conv2(self.snake1(x))


class Decoder(nn.Module):
    """Latents (B, latent, T) -> audio (B, 2, 1920 T)."""

    def __init__(self, config: OobleckConfig) -> None:
        super().__init__()
        widths = [config.decoder_channels * multiple for multiple in (1, *config.channel_multiples)][::-1]
        self.conv1 = nn.Conv1d(config.decoder_input_channels, widths[0], WIDE, padding=WIDE // 2)
        steps = zip(pairwise(widths), config.downsampling_ratios[::-1], strict=True)
        self.block = nn.ModuleList(DecoderBlock(a, b, ratio) for (a, b), ratio in steps)
        self.snake1 = Snake(widths[-1])
        self.conv2 = nn.Conv1d(widths[-1], config.audio_channels, WIDE, padding=WIDE // 2, bias=False)

    def forward(self, latents: Tensor) -> Tensor:
        x = self.conv1(latents)
        for block in self.block:
            x = block(x)
        return self.conv2(self.snake1(x))


class Oobleck(nn.Module):
    """The VAE contract of this engine: encode, decode, latent_dim, hop, halo_frames, borrows_phase."""

    borrows_phase = False  # its waveforms have phases of their own

    def __init__(self, config: OobleckConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.latent_dim = config.decoder_input_channels
        self.hop = HOP
        self.halo_frames = halo_frames(config.downsampling_ratios)

    def encode(self, audio: Tensor) -> Tensor:
        """audio (B, 2, N) 48 kHz, -1..1 -> mean latents (B, ceil(N / 1920), latent); zeros fill the end."""
        padded = F.pad(audio, (0, -audio.shape[-1] % self.hop))
        return self.encoder(padded)[:, : self.latent_dim].transpose(1, 2)

    def decode(self, latents: Tensor) -> Tensor:
        """latents (B, T, latent) -> audio (B, 2, 1920 T), 48 kHz."""
        return self.decoder(latents.transpose(1, 2))


def halo_frames(ratios: tuple[int, ...]) -> int:
    """Latent frames of context beyond which nothing changes a decoded or encoded frame.

    Walks both networks from their output to their input, adding each convolution's reach.
    """
    samples = WIDE // 2  # the decoder's last convolution
    for ratio in ratios:
        samples = math.ceil((samples + UNIT_REACH) / ratio + 1.5)
    decoding = samples + WIDE // 2
    samples = 1  # the encoder's last convolution, in latent frames
    for ratio in reversed(ratios):
        samples = samples * ratio + math.ceil(1.5 * ratio) + UNIT_REACH
    encoding = math.ceil((samples + WIDE // 2) / math.prod(ratios))
    return max(decoding, encoding)


def fold_weight_norm(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Published weights with every direction and gain pair (weight_v, weight_g) made one weight, fp32."""
    folded = {name: value.float() for name, value in weights.items()}
    for name in [name for name in folded if name.endswith(".weight_v")]:
        stem = name.removesuffix("_v")
        direction, gain = folded.pop(name), folded.pop(f"{stem}_g")
        folded[stem] = direction * (gain / direction.flatten(1).norm(dim=1).view(-1, 1, 1))
    return folded
