"""Which timesteps a denoising run visits. 1 is noise, 0 is music; 0 itself is never in the list."""

from dataclasses import dataclass

from engine.config import AceStepConfig
from engine.errors import TaskError

MOST_STEPS = {True: 20, False: 200}  # turbo or not


@dataclass(frozen=True, slots=True)
class Family:
    """What a kind of checkpoint is run with when a task does not say."""

    steps: int
    shift: float
    guidance: float


# Turbo is distilled for 8 steps at shift 3; ACE-Step's docs want 50 at shift 1, guidance 7, of base and sft.
FAMILIES = {True: Family(8, 3.0, 1.0), False: Family(50, 1.0, 7.0)}


def family(config: AceStepConfig) -> Family:
    """The checkpoint's own defaults, from its config where it states them."""
    usual = FAMILIES[config.turbo]
    return Family(
        usual.steps if config.default_steps is None else config.default_steps,
        usual.shift if config.default_shift is None else config.default_shift,
        usual.guidance if config.default_guidance is None else config.default_guidance,
    )


def timesteps(steps: int, shift: float) -> tuple[float, ...]:
    """Evenly spaced times 1 .. 1/steps, warped by shift: s t / (1 + (s - 1) t)."""
    even = [1 - index / steps for index in range(steps)]
    return tuple(shift * t / (1 + (shift - 1) * t) for t in even)


def plan_timesteps(
    config: AceStepConfig, steps: int | None, shift: float | None, strength: float = 1.0
) -> tuple[float, ...]:
    """The times for one task.

    strength: 1 starts from pure noise; below, the run starts at t = strength with the source renoised to that
    level, and later times stay as they are; 0 leaves nothing to do.  Raises TaskError out of range.
    """
    own = family(config)
    steps, shift = own.steps if steps is None else steps, own.shift if shift is None else shift
    most = MOST_STEPS[config.turbo]
    if not 1 <= steps <= most:
        raise TaskError("out-of-range", f"steps={steps} is outside 1..{most} for this model")
    if shift <= 0:
        raise TaskError("out-of-range", f"timestep_shift={shift} is not above 0")
    if not 0 <= strength <= 1:
        raise TaskError("out-of-range", f"strength={strength} is outside 0..1")
    times = timesteps(steps, shift)
    if strength == 1:
        return times
    return (strength, *(t for t in times if t < strength)) if strength > 0 else ()
