"""Plans and understandings as tasks: values in, values out, with a planner that is loaded when needed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import torch

from engine.errors import TaskError
from engine.measured import measure
from engine.models import Models
from engine.planner.blueprint import Blueprint, from_yaml, to_yaml
from engine.planner.draw import Sampling
from engine.planner.model import Planner
from engine.planner.modes import Asked, compose_seconds, expand, plan, rewrite, understand
from engine.planner.score import score_codes
from engine.planner.slot import PlannerSlot
from engine.tasks.conditions import timed
from engine.tasks.hints import code_modules
from engine.vae_chunks import OnStep, encode_audio

HEARD = 0.3  # the temperature for listening: facts, not ideas


@dataclass(frozen=True, slots=True)
class PlanTask:
    """Words to a blueprint, and codes where they are wanted.

    mode: "plan" (caption and lyrics), "simple" (caption is one sentence) or "rewrite".  blueprint: YAML of
    the fields that are given.  seconds: length of the codes, 10..600, 0 for none.  folder: the planner's.
    """

    folder: str
    mode: str
    caption: str
    lyrics: str
    blueprint: str
    sampling: Sampling
    is_instrumental: bool = False
    seconds: float = 0.0
    keep: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class UnderstandTask:
    """What is heard in audio (2, n) at 48 kHz. folder: the planner's, "" to measure only."""

    audio: Any
    folder: str
    sampling: Sampling
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """What came of a task. measured: of an UnderstandTask; score: of codes against the blueprint."""

    blueprint: str = ""
    lyrics: str = ""
    codes: tuple[int, ...] = ()
    measured: Mapping[str, Any] = field(default_factory=dict)
    score: Mapping[str, float] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)


def perform(models: Models, slot: PlannerSlot, task: PlanTask | UnderstandTask, on_step: OnStep) -> Planned:
    """Does a task. Raises TaskError, and what on_step raises; the planner goes unless the task keeps it."""
    try:
        with torch.no_grad():
            return PERFORM[type(task)](models, slot, task, on_step)
    finally:
        if not task.keep:
            slot.release()


def perform_plan(models: Models, slot: PlannerSlot, task: PlanTask, on_step: OnStep) -> Planned:
    """Blueprint first, then codes."""
    seconds: dict[str, float] = {}
    given = from_yaml(task.blueprint)
    lyrics = task.lyrics or given.lyrics
    asked = Asked(task.caption or given.caption, lyrics, given.texts)
    with timed(models, "load", seconds):
        planner = slot.take(task.folder, models.device)
    with timed(models, "think", seconds):
        made = blueprint_of(planner, task, asked, on_step)
    codes: tuple[int, ...] = ()
    score: dict[str, float] = {}
    if task.seconds:
        words = replace(asked, caption=asked.caption or made.caption, lyrics=made.lyrics)
        with timed(models, "codes", seconds):
            codes = compose_seconds(planner, words, made, (task.sampling, task.seconds), on_step)
        with timed(models, "score", seconds):
            found = score_codes(planner, codes, made)
        score = {"total": found.total, **found.parts}
    return Planned(to_yaml(made), made.lyrics, codes, {}, score, seconds)


def blueprint_of(planner: Planner, task: PlanTask, asked: Asked, on_step: OnStep) -> Blueprint:
    """The blueprint in the mode asked for; fields that were given stay as they are."""
    if task.mode == "simple":
        made = expand(planner, asked, task.is_instrumental, task.sampling, on_step)
        return replace(made, lyrics=asked.lyrics) if asked.lyrics else made
    modes = {"plan": plan, "rewrite": rewrite}
    if task.mode not in modes:
        raise TaskError("out-of-range", f"mode={task.mode!r} is none of plan, simple, rewrite")
    return modes[task.mode](planner, asked, task.sampling, on_step)


def perform_understand(models: Models, slot: PlannerSlot, task: UnderstandTask, on_step: OnStep) -> Planned:
    """Measured by signal analysis; heard by the planner where there is one."""
    seconds: dict[str, float] = {}
    on_step("measure", 0, 1)
    with timed(models, "measure", seconds):
        measured = asdict(measure(task.audio))
    if not task.folder:
        return Planned(measured=measured, seconds=seconds)
    with timed(models, "encode", seconds):
        codes = codes_of(models, task.audio, on_step)
    with timed(models, "load", seconds):
        planner = slot.take(task.folder, models.device)
    with timed(models, "think", seconds):
        heard = understand(planner, codes, replace(task.sampling, temperature=HEARD), on_step)
    return Planned(to_yaml(heard), heard.lyrics, codes, measured, {}, seconds)


def codes_of(models: Models, audio: Any, on_step: OnStep) -> tuple[int, ...]:
    """The 5 Hz codes of audio (2, n). Raises TaskError when the checkpoint has no tokenizer."""
    tokenizer, _ = code_modules(models)
    samples = torch.as_tensor(audio, dtype=torch.float32, device=models.device)
    latents = encode_audio(models.vae, samples[None], on_step)
    _, codes = tokenizer(latents.to(models.dtype), models.silence(tokenizer.window))
    return tuple(int(code) for code in codes[0, :, 0])


PERFORM: Mapping[type, Any] = {PlanTask: perform_plan, UnderstandTask: perform_understand}
