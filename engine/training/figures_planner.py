"""What a planner hears, and whether its codes help the music: songs with its thinking and without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.models import Models
from engine.planner.blueprint import build_blueprint, from_yaml, to_yaml
from engine.planner.draw import Sampling
from engine.planner.slot import PlannerSlot
from engine.planner.tasks import PlanTask, UnderstandTask, perform
from engine.planner.thinking import Thought, think_through
from engine.tasks import render
from engine.tasks.values import Settings, Text2MusicTask
from engine.training import measures
from engine.training.batches import song_prompt
from engine.training.corpus.values import Song
from engine.training.figures import GENERATED_S, TEMPO_TOLERANCE, Case, Figures, beat_figures, grid_of, quiet
from engine.training.plan_examples import Coded, thought_of

HEARING = Sampling(seed=1, temperature=0.0)


def planner_figures(models: Models, planner: Path, cases: list[Case]) -> Iterator[Figures]:
    """A row a song; planner: its folder. What is heard is also held against the next song (base_)."""
    slot = PlannerSlot()
    for case, other in zip(cases, [*cases[1:], cases[0]], strict=True):
        place = slot, planner
        yield {
            **heard_figures(models, place, case, other),
            **sentence_figures(models, place, case.song, other.song),
            **thought_figures(models, place, case),
        }
    slot.release()


def sentence_figures(models: Models, place: tuple[PlannerSlot, Path], song: Song, other: Song) -> Figures:
    """Whether the blueprint of one sentence keeps what that says; base_: held against another song's."""
    slot, folder = place
    asked = f"{song.captions[2]}, {round(float(song.tempo[0].bpm))} bpm, in {song.keyscale}"
    task = PlanTask(str(folder), "simple", asked, "", "", Sampling(seed=song.seed % 2**31), keep=True)
    texts = from_yaml(perform(models, slot, task, quiet).blueprint).texts
    bpm = float(texts.get("bpm") or 0)

    def keeps(said: Song) -> Figures:
        return {
            "plan_keeps_bpm": float(abs(bpm / float(said.tempo[0].bpm) - 1) <= TEMPO_TOLERANCE),
            "plan_keeps_key": float(texts.get("keyscale", "") == said.keyscale),
            "plan_keeps_style": float(said.style in texts.get("caption", "")),
        }

    return keeps(song) | {f"base_{name}": value for name, value in keeps(other).items()}


def heard_figures(models: Models, place: tuple[PlannerSlot, Path], case: Case, other: Case) -> Figures:
    """What the planner makes of a song's own codes: tempo, key and style."""
    slot, folder = place
    task = UnderstandTask(case.mix, str(folder), HEARING, keep=True)
    texts = from_yaml(perform(models, slot, task, quiet).blueprint).texts
    bpm = float(texts.get("bpm") or 0)

    def hits(song: Case) -> Figures:
        wanted = float(song.song.tempo[0].bpm)
        return {
            "understood_bpm_within_2pct": float(abs(bpm / wanted - 1) <= TEMPO_TOLERANCE),
            "understood_key": float(texts.get("keyscale", "") == song.song.keyscale),
            "understood_style": float(song.song.style in texts.get("caption", "")),
        }

    return hits(case) | {f"base_{name}": value for name, value in hits(other).items()}


def thought_figures(models: Models, place: tuple[PlannerSlot, Path], case: Case) -> Figures:
    """generate_figures's music with the planner's codes; its rows without are generate_figures's."""
    slot, folder = place
    samples = min(int(GENERATED_S * measures.RATE), case.mix.shape[1])
    seconds = samples / measures.RATE
    prompt = song_prompt(case.song, seconds, case.song.caption)
    given = thought_of(Coded(case.song, seconds, "", ()), case.song.caption)
    how = Thought(str(folder), to_yaml(build_blueprint(given)), seconds, Sampling(seed=case.seed), keep=True)
    task = Text2MusicTask(samples, prompt, Settings(seed=case.seed), grid_of(case.song, samples))
    thought, _ = think_through(models, slot, (task, how), quiet)
    audio = render(models, thought, quiet).audio
    figures = beat_figures("thinking_", audio, case.song)
    return figures | {"thinking_key_top1": measures.key_hit(audio, case.song.keyscale)}
