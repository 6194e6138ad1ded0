"""Magnitudes to a signal: a start phase from a Gaussian window's phase-gradient relations, then Griffin-Lim.

Source of the relations: Prusa, Balazs, Sondergaard, "A Noniterative Method for Reconstruction of Phase from
STFT Magnitude" (2017). Instead of their heap integration each frame solves one least-squares problem whose
normal matrix is tridiagonal, so a frame costs one LAPACK call. Spectra are (S, F, bins): a frame's bins lie
side by side, which is what everything here runs along.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from scipy.linalg.lapack import cptsv
from torch import Tensor

GAMMA = 0.25645  # of a Hann window: the Gaussian exp(-pi t^2 / (GAMMA n_fft^2)) fits it best
TIME_TRUST = 1.4  # exponent of the weights: loud neighbours decide the phase
ITERATIONS = 5
TINY = 1e-9
Phasors = NDArray[np.complex64]
Weights = NDArray[np.float32]


def rebuild_phase(mags: Tensor, n_fft: int, hop: int, iterations: int = ITERATIONS) -> Tensor:
    """Magnitudes (S, F, bins), full-scale sine = 1 -> signals (S, F * hop), frames centred on (i + 1/2) *
    hop.
    """
    mags = mags.float().contiguous()
    start = torch.stack([torch.from_numpy(start_phase(m, n_fft, hop)) for m in mags.cpu()]).to(mags.device)
    norm = window_power(mags.shape[1], n_fft, hop).to(mags.device)
    signal = synthesise(mags * start, n_fft, hop, norm)
    for _ in range(iterations):
        spec = analyse(signal, n_fft, hop)
        sizes = torch.view_as_real(spec).square().sum(-1).add_(TINY * TINY).rsqrt_().mul_(mags)
        signal = synthesise(spec * sizes, n_fft, hop, norm)
    return signal


def start_phase(mag: Tensor, n_fft: int, hop: int) -> Phasors:
    """Unit phasors (F, bins) whose differences agree with the slopes of magnitudes (F, bins) both ways.

    Frame n minimises sum_k a_k |x_k - x_k(n-1) e^{i at_k}|^2 + b_k |x_{k+1} - x_k e^{i af_k}|^2.
    """
    frames, bins = mag.shape
    log_mag = mag.clamp(min=1e-6).log()
    gamma = GAMMA * n_fft * n_fft
    turn_t = unit(along_time(log_mag, n_fft, hop, gamma))
    turn_f = unit(along_frequency(log_mag, n_fft, hop, gamma))
    weight = mag.clamp(min=1e-5).pow(TIME_TRUST)
    near = (2 * weight[:, 1:] * weight[:, :-1]).numpy()
    before = (weight[1:] * weight[:-1]).numpy()
    out = np.empty((frames, bins), np.complex64)
    previous = np.exp(1j * np.pi * np.arange(bins) ** 2 / bins).astype(np.complex64)  # spread, not a click
    nothing = np.full(bins, 1e-12, np.float32)
    for n in range(frames):
        a, target = (before[n - 1], previous * turn_t[n - 1]) if n else (nothing, previous)
        out[n] = previous = solve_frame(a + 1e-14, near[n], target, turn_f[n])
    out[:, 1::2] *= -1  # phase was referenced to the frame's centre
    return out


def along_time(log_mag: Tensor, n_fft: int, hop: int, gamma: float) -> Tensor:
    """How far the phase turns from each frame to the next, (F - 1, bins) radians."""
    slope = torch.gradient(log_mag, dim=1)[0] * (hop * n_fft / gamma)
    bins = torch.arange(log_mag.shape[1], dtype=torch.float64)
    advance = (2 * math.pi * bins * hop / n_fft) % (2 * math.pi)  # in full digits, then folded
    return advance.float() + (slope[1:] + slope[:-1]) / 2


def along_frequency(log_mag: Tensor, n_fft: int, hop: int, gamma: float) -> Tensor:
    """How far the phase turns from each bin to the next, (F, bins - 1) radians, from a frame's centre."""
    if log_mag.shape[0] == 1:
        return torch.zeros_like(log_mag[:, 1:])
    slope = torch.gradient(log_mag, dim=0)[0] * -(gamma / (hop * n_fft))
    return (slope[:, 1:] + slope[:, :-1]) / 2


def unit(angles: Tensor) -> Phasors:
    """e^{i angle}, complex64."""
    out: Phasors = torch.polar(torch.ones_like(angles), angles).numpy()
    return out


def solve_frame(a: Weights, b: Weights, target: Phasors, turn: Phasors) -> Phasors:
    """One frame's tridiagonal least squares, then projection on the unit circle."""
    scale = 1.0 / max(float(a.max()), float(b.max()), 1e-30)
    a, b = a * scale + 1e-7, b * scale
    diagonal = a.copy()
    diagonal[:-1] += b
    diagonal[1:] += b
    # Row k+1, column k of the Hermitian normal matrix: -b e^{i af}.
    _, _, x, _ = cptsv(diagonal, -b * turn, a * target)
    size = np.abs(x)
    found: Phasors = np.where(size > 1e-20, x / np.maximum(size, 1e-20), target)
    return found


def analyse(signals: Tensor, n_fft: int, hop: int) -> Tensor:
    """Signals (S, N), N a multiple of the hop -> complex (S, N / hop, bins), a full-scale sine being 1.

    Frame i is centred on (i + 1/2) * hop: half a hop of offset, so that every latent frame owns whole frames.
    """
    pad = (n_fft - hop) // 2
    frames = F.pad(signals, (pad, n_fft - hop - pad)).unfold(-1, n_fft, hop)
    return torch.fft.rfft(frames * (torch.hann_window(n_fft, device=signals.device) * (4.0 / n_fft)))


def window_power(frames: int, n_fft: int, hop: int) -> Tensor:
    """(1, (frames + shifts - 1) * hop): what overlapping squared windows sum to, never near 0."""
    window = torch.hann_window(n_fft)
    return overlap_add((window * window).expand(1, frames, n_fft), hop).clamp(min=1e-4)


def overlap_add(frames: Tensor, hop: int) -> Tensor:
    """Frames (S, F, n_fft) -> (S, (F + shifts - 1) * hop), as sums of whole hops: no scatter."""
    items, count, n_fft = frames.shape
    shifts = -(-n_fft // hop)
    out = frames.new_zeros(items, count + shifts - 1, hop)
    for i in range(shifts):
        part = frames[:, :, i * hop : (i + 1) * hop]
        out[:, i : i + count, : part.shape[-1]] += part
    return out.reshape(items, -1)


def synthesise(spec: Tensor, n_fft: int, hop: int, norm: Tensor) -> Tensor:
    """Least-squares inverse of `analyse`: (S, F, bins) -> (S, F * hop). norm: window_power of F frames."""
    window = torch.hann_window(n_fft, device=spec.device) * (n_fft / 4.0)
    frames = torch.fft.irfft(spec, n=n_fft).mul_(window)  # (S, F, n_fft)
    pad = (n_fft - hop) // 2
    out: Tensor = (overlap_add(frames, hop) / norm)[:, pad : pad + spec.shape[1] * hop]
    return out
