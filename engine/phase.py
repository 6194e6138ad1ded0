"""From magnitudes to a signal: a start phase from a Gaussian window's phase-gradient relations, then
Griffin-Lim.

Source of the relations: Prusa, Balazs, Sondergaard, "A Noniterative Method for Reconstruction of Phase from
STFT Magnitude" (2017). Instead of their heap integration each frame solves one least-squares problem whose
normal matrix is tridiagonal, so a frame costs one LAPACK call.
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
TIME_TRUST = 1.4  # exponents of the weights: loud neighbours decide the phase
ITERATIONS = 5


def rebuild_phase(mags: Tensor, n_fft: int, hop: int, iterations: int = ITERATIONS) -> Tensor:
    """Magnitudes (S, bins, F), full-scale sine = 1 -> signals (S, F * hop), frames centred on (i + 1/2) *
    hop.
    """
    start = np.stack([start_phase(m, n_fft, hop) for m in mags.double().numpy()])
    unit = torch.from_numpy(start).to(torch.complex64)
    signal = synthesise(mags * unit, n_fft, hop)
    for _ in range(iterations):
        spec = analyse(signal, n_fft, hop)
        signal = synthesise(mags * spec / spec.abs().clamp(min=1e-9), n_fft, hop)
    return signal


def start_phase(mag: NDArray[np.float64], n_fft: int, hop: int) -> NDArray[np.complex64]:
    """Unit phasors (bins, F) whose differences along time and frequency agree with the magnitudes' slopes.

    Frame n minimises sum_k a_k |x_k - x_k(n-1) e^{i at_k}|^2 + b_k |x_{k+1} - x_k e^{i af_k}|^2.
    """
    log_mag = np.log(np.maximum(mag, 1e-6))
    bins, frames = mag.shape
    gamma = GAMMA * n_fft * n_fft
    slope_f = np.gradient(log_mag, axis=0)
    slope_t = np.gradient(log_mag, axis=1) if frames > 1 else np.zeros_like(log_mag)
    # Phase is referenced to the frame's centre (multiplied by (-1)^k), which takes the linear term out of af.
    k = np.arange(bins)[:, None]
    along_time = 2 * math.pi * k * hop / n_fft + (hop * n_fft / gamma) * slope_f
    along_freq = -(gamma / (hop * n_fft)) * slope_t
    turn_t = np.exp(1j * (along_time[:, 1:] + along_time[:, :-1]) / 2).astype(np.complex64)
    turn_f = np.exp(1j * (along_freq[1:] + along_freq[:-1]) / 2).astype(np.complex64)
    weight = np.maximum(mag, 1e-5) ** TIME_TRUST
    weight = weight.astype(np.float32)
    b = 2 * weight[1:] * weight[:-1]
    out = np.empty((bins, frames), np.complex64)
    previous = np.exp(1j * np.pi * np.arange(bins) ** 2 / bins).astype(np.complex64)  # spread, not a click
    for n in range(frames):
        a = weight[:, n] * weight[:, n - 1] if n else np.full(bins, 1e-12, np.float32)
        target = previous * turn_t[:, n - 1] if n else previous
        out[:, n] = previous = solve_frame(a + 1e-14, b[:, n], target, turn_f[:, n])
    return out * np.where(k % 2, -1, 1).astype(np.float32)


def solve_frame(
    a: NDArray[np.float32], b: NDArray[np.float32], target: NDArray[np.complex64], turn: NDArray[np.complex64]
) -> NDArray[np.complex64]:
    """One frame's tridiagonal least squares, then projection on the unit circle."""
    scale = 1.0 / max(float(a.max()), float(b.max()), 1e-30)
    a, b = a * scale + 1e-7, b * scale
    diagonal = a.copy()
    diagonal[:-1] += b
    diagonal[1:] += b
    # Row k+1, column k of the Hermitian normal matrix: -b e^{i af}.
    _, _, x, _ = cptsv(diagonal, -b * turn, a * target)
    size = np.abs(x)
    return np.where(size > 1e-20, x / np.maximum(size, 1e-20), target).astype(np.complex64)


def analyse(signals: Tensor, n_fft: int, hop: int) -> Tensor:
    """Signals (S, N), N a multiple of the hop -> complex (S, bins, N / hop), a full-scale sine being 1.

    Frame i is centred on (i + 1/2) * hop: half a hop of offset, so that every latent frame owns whole frames.
    """
    pad = (n_fft - hop) // 2
    frames = F.pad(signals, (pad, n_fft - hop - pad)).unfold(-1, n_fft, hop)
    return torch.fft.rfft(frames * torch.hann_window(n_fft)).transpose(1, 2) * (4.0 / n_fft)


def synthesise(spec: Tensor, n_fft: int, hop: int) -> Tensor:
    """Least-squares inverse of `analyse`: (S, bins, F) -> (S, F * hop)."""
    f = spec.shape[-1]
    window = torch.hann_window(n_fft)
    frames = torch.fft.irfft(spec.transpose(1, 2) * (n_fft / 4.0), n=n_fft) * window  # (S, F, n_fft)
    shifts = -(-n_fft // hop)

    def overlap_add(x: Tensor) -> Tensor:
        """Frames (S, F, n_fft) -> (S, (F + shifts - 1) * hop), as sums of whole hops: no scatter."""
        hops = F.pad(x, (0, shifts * hop - n_fft)).reshape(x.shape[0], f, shifts, hop)
        out = x.new_zeros(x.shape[0], f + shifts - 1, hop)
        for i in range(shifts):
            out[:, i : i + f] += hops[:, :, i]
        return out.reshape(x.shape[0], -1)

    power = overlap_add((window * window).expand(1, f, n_fft))
    pad = (n_fft - hop) // 2
    out: Tensor = (overlap_add(frames) / power.clamp(min=1e-4))[:, pad : pad + f * hop]
    return out
