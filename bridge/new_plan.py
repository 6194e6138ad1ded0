"""How long a new piece is, and how much a model renders: what the grid says, and some behind its end."""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

from bridge.grid import FRAME_S, Grid, bars_text, local_bpm, meter_at, sample_at
from bridge.plan import FRAME
from protocol.errors import ProtocolError
from protocol.values import Position

SPARE = Fraction(3, 100)  # of the length: what music that is played 3 % too fast lacks at its end
SPARE_S = Fraction(1, 5)  # and more: it may also begin late by a sixteenth


@dataclass(frozen=True, slots=True)
class NewPlan:
    """A song to generate. samples: its exact length at `rate`; project_lo: its start in the project at
    `rate`; model_samples: that length at 48 kHz, up to a multiple of 1920; start_s: project seconds of its
    first sample; spare: what the model renders behind the end, 48 kHz samples, a multiple of 1920.
    """

    rate: int
    samples: int
    project_lo: int
    model_samples: int
    start_s: Fraction
    start_bars: str
    end_bars: str
    bpm: float
    meter: str
    spare: int = 0

    @property
    def rendered(self) -> int:
        """Samples at 48 kHz that the model renders."""
        return self.model_samples + self.spare

    @property
    def frames(self) -> int:
        """Latent frames to render."""
        return self.rendered // FRAME


def with_spare(plan: NewPlan, longest: Fraction) -> NewPlan:
    """The plan with music behind its end, which slides in where what was played too fast is slowed down to
    the grid; longest: seconds that the model can make.
    """
    length = Fraction(plan.model_samples // FRAME) * FRAME_S
    spare_s = min(length * SPARE + SPARE_S, longest - length)
    return replace(plan, spare=max(0, floor(spare_s / FRAME_S)) * FRAME)


def plan_new(grid: Grid, start: Position, end: Position, rate: int) -> NewPlan:
    """The plan for audio that is to fill start..end of a project at `rate`. Raises ProtocolError when that
    is empty.
    """
    lo, hi = sample_at(grid, start, rate), sample_at(grid, end, rate)
    if hi <= lo:
        raise ProtocolError("out-of-range", f"the song ends at sample {hi}, not behind its start {lo}", "end")
    meter = meter_at(grid, start)
    return NewPlan(
        rate=rate,
        samples=hi - lo,
        project_lo=lo,
        model_samples=ceil(Fraction(hi - lo, rate) / FRAME_S) * FRAME,
        start_s=Fraction(lo, rate),
        start_bars=bars_text(grid, start),
        end_bars=bars_text(grid, end),
        bpm=local_bpm(grid, start),
        meter=f"{meter.numerator}/{meter.denominator}",
    )
