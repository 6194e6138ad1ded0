"""The denoising loop. Latents stay in fp32 between steps whatever the model runs in."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.ace_step import AceStepModel
from engine.guidance import guide
from engine.layers import KeysValues
from engine.precision import products
from engine.vae_chunks import OnStep


@dataclass(frozen=True, slots=True)
class Kept:
    """What must stay of a source: clean latents (B, T, C) wherever `zone` (B, T, 1) bool is False."""

    clean: Tensor
    zone: Tensor


@dataclass(frozen=True, slots=True)
class Switch:
    """Another condition from step `at` on (0 = from the first). Shapes as in Run."""

    at: int
    context: Tensor
    states: Tensor


@dataclass(frozen=True, slots=True)
class Lead:
    """A condition that is to be followed more than by itself.

    While t >= until, the velocity is that without it plus `scale` times what it changes. context: as in Run,
    without the condition.
    """

    context: Tensor
    scale: float
    until: float


@dataclass(frozen=True, slots=True)
class Run:
    """One denoising run.

    context: (B, T, 2 latent + grid + key).  states: condition states (B, S, H).  times: falling, all above 0.
    source: latents the run starts from where times[0] < 1.  kept: put back, renoised, after every step but
    the last.  guidance: 1 = none.  method: "ode" (Euler) or "sde" (predict the end, add fresh noise).
    switch: what the model sees from some step on instead of context and states.  lead: see Lead.
    """

    context: Tensor
    states: Tensor
    times: tuple[float, ...]
    source: Tensor | None = None
    kept: Kept | None = None
    guidance: float = 1.0
    method: str = "ode"
    switch: Switch | None = None
    lead: Lead | None = None


def seeded(seed: int) -> torch.Generator:
    """The source of all of a task's noise: on the CPU, so that a seed means the same on every device."""
    return torch.Generator("cpu").manual_seed(seed)


def draw(generator: torch.Generator, like: Tensor) -> Tensor:
    """fp32 noise of the shape and on the device of `like`."""
    return torch.randn(like.shape, generator=generator, dtype=torch.float32).to(like.device)


def velocity_of(model: AceStepModel, run: Run) -> Callable[[Tensor, float], Tensor]:
    """The velocity at (x, t), guided or not; conditions are projected to keys and values once, here."""
    dtype, items = run.context.dtype, run.context.shape[0]
    guided = run.guidance > 1 and not model.config.turbo
    states = torch.cat((run.states, model.null_states(run.states))) if guided else run.states
    context = torch.cat((run.context, run.context)) if guided else run.context
    with products(model.config, context.device):
        cross = model.decoder.cross_states(states)
    running: Tensor | None = None

    def plain(x: Tensor, t: float, seen: Tensor, cross: list[KeysValues]) -> Tensor:
        times = torch.full((x.shape[0],), t, device=x.device)
        with products(model.config, x.device):
            v: Tensor = model.decoder(x.to(dtype), times, seen, cross).float()
        return v

    def velocity(x: Tensor, t: float) -> Tensor:
        nonlocal running
        v = plain(x.repeat(2, 1, 1) if guided else x, t, context, cross)
        told = v[:items]
        if run.lead is not None and t >= run.lead.until:
            untold = plain(x, t, run.lead.context, [(k[:items], value[:items]) for k, value in cross])
            told = untold + run.lead.scale * (told - untold)
        if not guided:
            return told
        guided_v, running = guide(told, v[items:], run.guidance, running)
        return guided_v

    return velocity


@torch.no_grad()
def denoise(model: AceStepModel, run: Run, generator: torch.Generator, on_step: OnStep) -> Tensor:
    """Latents (B, T, C) fp32. Calls `on_step("denoise", done, of)` before the first and after every step."""
    latent = model.config.audio_acoustic_hidden_dim
    noise = draw(generator, run.context[..., :latent])
    x = noise if run.source is None else renoise(run.source, noise, (*run.times, 0.0)[0])
    velocity = velocity_of(model, run)
    on_step("denoise", 0, len(run.times))
    for index, t in enumerate(run.times):
        if run.switch is not None and index == run.switch.at:
            velocity = velocity_of(model, switched(run, run.switch))
        after = (*run.times, 0.0)[index + 1]
        v = velocity(x, t)
        last = index + 1 == len(run.times)
        fresh = run.method == "sde" and not last
        x = renoise(x - v * t, draw(generator, x), after) if fresh else x - v * (t - after)
        if run.kept is not None and not last:
            x = torch.where(run.kept.zone, x, renoise(run.kept.clean, noise, after))
        if x.is_cuda:
            torch.cuda.synchronize(x.device)  # a step reported is a step done, and a cancel stops here
        on_step("denoise", index + 1, len(run.times))
    return x


def switched(run: Run, switch: Switch) -> Run:
    """The run with what is seen after the switch."""
    return replace(run, context=switch.context, states=switch.states)


def renoise(clean: Tensor, noise: Tensor, t: float) -> Tensor:
    """`clean` at noise level t."""
    return t * noise + (1 - t) * clean
