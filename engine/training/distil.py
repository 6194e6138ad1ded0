"""Teach a trained DiT to do in one pass and few steps what it does guided: the student's velocity over one of
its own steps is the way the teacher goes in several smaller guided ones.

Of the paper's recipe (2602.00744: distribution matching with an adversarial head, a dynamic shift of 1, 2
or 3) only the shifts are taken: every item runs under one of them, so the student knows the times of each.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.guidance import guide
from engine.schedule import timesteps
from engine.training.batches import DitRecipe, draw_batch
from engine.training.device import DEVICE, mixed
from engine.training.dit import Learner, Material, compile_layers, fit, load_learner, losses_by_task
from engine.training.inputs import Inputs, to_inputs
from engine.training.listening import Listener, attention_loss
from engine.training.run import Budget, draw_curves, open_run
from engine.training.words import copy_words, open_tokenizer


@dataclass(frozen=True, slots=True)
class DistilRecipe:
    """Numbers of the distillation. unguided: tasks whose teacher is not guided: extract wants the mean."""

    batches: DitRecipe = field(default_factory=lambda: DitRecipe(rate=2e-4, drop_condition=0.0, frames=3072))
    steps: tuple[int, ...] = (8, 8, 8, 4)
    shifts: tuple[float, ...] = (1.0, 2.0, 3.0)
    substeps: int = 2
    guidance: float = 2.0
    unguided: tuple[str, ...] = ("extract",)


RECIPE = DistilRecipe()


def distil(
    material: Material, teacher: Path, folder: Path, budget: Budget, lesson: DistilRecipe = RECIPE
) -> None:
    """Train a student of the DiT run `teacher` as long as the budget says; resumes what `folder` holds."""
    recipe = lesson.batches
    run, state = open_run(folder, budget.minutes, {"recipe": asdict(lesson), "songs": len(material.songs)})
    if not (folder / "tokenizer.json").exists():
        copy_words(teacher, folder)
    tokenizer = open_tokenizer(folder / "tokenizer.json", ())
    wise, student = load_learner(teacher).requires_grad_(False).to(DEVICE), load_learner(teacher).to(DEVICE)
    listener = Listener(student.model.decoder)
    songs = [s for s in material.songs if len(s.mix) >= min(recipe.lengths)]

    def losses(step: int) -> tuple[Tensor, dict[str, float]]:
        rng = np.random.default_rng((recipe.seed, 9, step))
        generator = torch.Generator().manual_seed(recipe.seed * 1_000_033 + step)
        items = draw_batch(songs, material.silence.numpy(), recipe, rng)
        given = to_inputs(items, tokenizer, material.silence, material.codes, recipe, rng)
        t, after = draw_steps(lesson, len(items), rng)
        noise = torch.randn(given.latents.shape, generator=generator).to(DEVICE)
        with mixed():
            wanted = teach(lesson, (wise, given), noise, t, after)
            velocity = student(given, noise, t)
            heard = attention_loss(listener, given, t)
        error = (velocity.float() - wanted).square().mean(-1, keepdim=True) * given.weight
        per_item = error.sum((1, 2)) / given.weight.sum((1, 2))
        figures = losses_by_task(per_item.detach(), items) | {"attention": float(heard.detach())}
        return per_item.mean() + recipe.attention * heard, figures

    if budget.compiled:
        compile_layers(student, listener)
        compile_layers(wise, Listener(wise.model.decoder))
    fit(run, student, state, recipe, losses)
    draw_curves(folder)


def draw_steps(lesson: DistilRecipe, items: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """From where to where (B,), (B,) the student is to go: a step of a random run for every item."""
    pairs = []
    for _ in range(items):
        times = (*timesteps(int(rng.choice(lesson.steps)), float(rng.choice(lesson.shifts))), 0.0)
        at = int(rng.integers(len(times) - 1))
        pairs.append(times[at : at + 2])
    first, second = torch.tensor(pairs, dtype=torch.float32).T.to(DEVICE)
    return first, second


@torch.no_grad()
def teach(
    lesson: DistilRecipe, taught: tuple[Learner, Inputs], noise: Tensor, t: Tensor, after: Tensor
) -> Tensor:
    """The mean velocity (B, T, 64) of the guided teacher's way from t to `after`."""
    teacher, given = taught
    states, valid = teacher.conditions(given)
    null = teacher.model.null_states(states)
    both_states, both_valid = torch.cat((states, null)), torch.cat((valid, torch.ones_like(valid)))
    context = torch.cat((given.context, given.context))
    guided = torch.tensor([task not in lesson.unguided for task in given.tasks]).to(DEVICE)[:, None, None]
    start = x = t[:, None, None] * noise + (1 - t[:, None, None]) * given.latents
    for part in range(lesson.substeps):
        now, then = (t + (after - t) * share / lesson.substeps for share in (part, part + 1))
        both = teacher.model.decoder(
            torch.cat((x, x)), torch.cat((now, now)), context, both_states, both_valid
        )
        told, untold = both.float().chunk(2)
        velocity = torch.where(guided, guide(told, untold, lesson.guidance, None)[0].float(), told)
        x = x - velocity * (now - then)[:, None, None]
    way: Tensor = (start - x) / (t - after)[:, None, None]
    return way
