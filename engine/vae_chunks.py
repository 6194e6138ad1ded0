"""Long audio through a VAE piece by piece: bounded memory, a cancel point between pieces, the same samples.

A VAE here has encode, decode, hop and halo_frames. With a halo, every piece is computed with that many frames
of context on both sides and cropped, which is exact; with None the VAE must see the whole span at once.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

OnStep = Callable[[str, int, int], None]

CHUNK_FRAMES = 256  # 10.24 s
# Context for a VAE without a halo: past what its convolutions see, so that only phase depends on the cut.
FREE_CONTEXT = 25


def pieces(frames: int, halo: int | None, chunk: int) -> list[tuple[int, int, int, int]]:
    """Spans (from, to, first, stop): compute from..to, keep first..stop; together they cover 0..frames."""
    if halo is None or frames <= chunk:
        return [(0, frames, 0, frames)]
    starts = range(0, frames, chunk)
    stops = [min(start + chunk, frames) for start in starts]
    return [
        (max(start - halo, 0), min(stop + halo, frames), start, stop)
        for start, stop in zip(starts, stops, strict=True)
    ]


def encode_audio(vae: Any, audio: Tensor, on_step: OnStep, chunk: int = CHUNK_FRAMES) -> Tensor:
    """audio (B, 2, N) -> latents (B, ceil(N / hop), latent), with `on_step("encode", ...)` around pieces."""
    audio = F.pad(audio, (0, -audio.shape[-1] % vae.hop))
    spans = pieces(audio.shape[-1] // vae.hop, vae.halo_frames, chunk)
    on_step("encode", 0, len(spans))
    parts = []
    for index, (start, end, first, stop) in enumerate(spans):
        latents = vae.encode(audio[..., start * vae.hop : end * vae.hop])
        parts.append(latents[:, first - start : stop - start])
        on_step("encode", index + 1, len(spans))
    return torch.cat(parts, dim=1)


def decode_span(
    vae: Any, latents: Tensor, span: tuple[int, int], on_step: OnStep, chunk: int = CHUNK_FRAMES
) -> Tensor:
    """Audio (B, 2, n) of the frames span = (first, stop) of latents (B, T, latent).

    With a halo the samples are those of a whole decode. With halo_frames None the span and a second around it
    are decoded in one piece.
    """
    first, stop = span
    halo, frames, hop = vae.halo_frames, latents.shape[1], vae.hop
    around = FREE_CONTEXT if halo is None else halo
    origin, end = max(first - around, 0), min(stop + around, frames)
    parts = []
    spans = pieces(end - origin, halo, chunk)
    on_step("decode", 0, len(spans))
    for index, (low, high, keep, until) in enumerate(spans):
        audio = vae.decode(latents[:, origin + low : origin + high])
        parts.append(audio[..., (keep - low) * hop : (until - low) * hop])
        on_step("decode", index + 1, len(spans))
    return torch.cat(parts, dim=-1)[..., (first - origin) * hop : (stop - origin) * hop]
