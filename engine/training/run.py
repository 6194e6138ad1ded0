"""A training run on disk: what was asked, what happened, and a checkpoint to go on from. Knows nothing of
models.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

Losses = dict[str, float]


@dataclass(frozen=True, slots=True)
class Budget:
    """minutes: of training. compiled: by torch.compile, a fifth to a half faster, needs a C++ compiler."""

    minutes: float
    compiled: bool = False


@dataclass(slots=True)
class Run:
    """One run folder: `log.jsonl` (a line per report), `checkpoint.pt` (replaced whole), `curves.png`."""

    folder: Path
    minutes: float  # budget of training time, stops and resumes not counted
    step: int = 0
    seconds: float = 0.0  # trained so far
    sums: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def progress(self) -> float:
        """How much of the budget is used, 0..1: drives the learning rate, so a run fits any machine."""
        return min(1.0, self.seconds / (60 * self.minutes))

    def note(self, losses: Losses) -> None:
        """Add one step's figures to the running means of the next report."""
        for name, value in losses.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
            self.counts[name] = self.counts.get(name, 0) + 1

    def report(self, **more: float) -> Losses:
        """Write the means since the last report to the log and start new ones."""
        line = {"step": self.step, "minutes": round(self.seconds / 60, 3)}
        line |= {k: round(v / self.counts[k], 5) for k, v in self.sums.items()} | more
        self.sums.clear(), self.counts.clear()
        with (self.folder / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
        print(" ".join(f"{k}={v}" for k, v in line.items()), flush=True)
        return line

    def save(self, state: dict[str, Any]) -> None:
        """Replace the checkpoint in one rename, so a kill at any moment leaves a whole one."""
        partial = self.folder / "checkpoint.partial"
        torch.save({"step": self.step, "seconds": self.seconds, **state}, partial)
        os.replace(partial, self.folder / "checkpoint.pt")


def open_run(folder: Path, minutes: float, config: dict[str, Any]) -> tuple[Run, dict[str, Any] | None]:
    """Start or go on with a run. Returns it and the last checkpoint's state, None for a fresh start."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1, default=str))
    checkpoint = folder / "checkpoint.pt"
    if not checkpoint.exists():
        return Run(folder, minutes), None
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")
    return Run(folder, minutes, state["step"], state["seconds"]), state


def steps(run: Run, save: Callable[[], None], every_s: float = 60.0) -> Iterator[int]:
    """Count steps until the budget is used; save and report every `every_s` seconds and at the end."""
    last = time.monotonic()
    due = run.seconds + every_s
    while run.progress < 1:
        yield run.step
        run.step += 1
        now = time.monotonic()
        run.seconds, last = run.seconds + now - last, now
        if run.seconds >= due or run.progress >= 1:
            run.report()
            save()
            due = run.seconds + every_s
            last = time.monotonic()


def cosine_rate(progress: float, flat: float = 0.3, floor: float = 0.02, warm: float = 0.01) -> float:
    """Factor of the learning rate: short warm-up, flat part, cosine down to `floor`."""
    if progress < warm:
        return max(progress / warm, 0.02)
    rest = max(0.0, progress - flat) / (1 - flat)
    return floor + (1 - floor) * 0.5 * (1 + float(torch.cos(torch.tensor(rest * torch.pi))))


class Average:
    """Exponential moving average of a module's parameters: what is evaluated and shipped."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.values: dict[str, Tensor] = {k: p.detach().clone() for k, p in module.named_parameters()}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))  # the first steps must not be remembered
        for name, p in module.named_parameters():
            self.values[name].lerp_(p.detach(), 1 - decay)

    def resume(self, values: dict[str, Tensor]) -> None:
        """Go on from the averages of a checkpoint, wherever they were."""
        self.values = {name: values[name].to(old.device) for name, old in self.values.items()}

    def copy_to(self, module: nn.Module) -> None:
        with torch.no_grad():
            for name, p in module.named_parameters():
                p.copy_(self.values[name])


def draw_curves(folder: Path) -> Path:
    """Draw every figure of the log over the minutes trained: `curves.png`."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    lines = [json.loads(x) for x in (folder / "log.jsonl").read_text().splitlines()]
    names = sorted({k for x in lines for k in x} - {"step", "minutes"})
    figure, axes = plt.subplots(len(names), 1, figsize=(8, 2.2 * len(names)), squeeze=False, sharex=True)
    for name, axis in zip(names, axes[:, 0], strict=True):
        points = [(x["minutes"], x[name]) for x in lines if name in x]
        axis.plot(*zip(*points, strict=True))
        axis.set_ylabel(name)
        axis.grid(alpha=0.3)
    axes[-1, 0].set_xlabel("minutes trained")
    figure.tight_layout()
    figure.savefig(folder / "curves.png", dpi=90)
    plt.close(figure)
    return folder / "curves.png"
