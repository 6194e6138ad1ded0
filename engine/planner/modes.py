"""What a planner can be asked for: a plan, its codes, what music it hears, a whole song from one sentence.

All of them raise TaskError, and whatever on_step raises between two tokens; the same seed, the same answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch

from engine.errors import TaskError
from engine.planner import prompts
from engine.planner.answer import Answer
from engine.planner.blueprint import Blueprint, build_blueprint, read_mapping
from engine.planner.draw import Sampling, check_sampling
from engine.planner.grammar import song_words, thought
from engine.planner.limits import CODES_PER_SECOND, SECONDS_HI, SECONDS_LO, check_given
from engine.planner.model import Planner
from engine.vae_chunks import OnStep

HEADS = ("# lyric", "# lyrics")


@dataclass(frozen=True, slots=True)
class Asked:
    """Words to plan a song from. given: fields that stay as they are, as text; see limits.FIELDS."""

    caption: str = ""
    lyrics: str = ""
    given: Mapping[str, str] | None = None


def plan(planner: Planner, asked: Asked, sampling: Sampling, on_step: OnStep) -> Blueprint:
    """Planner: caption and lyrics to a blueprint; the lyrics stay as they are."""
    prompts.checked_words(asked.caption, asked.lyrics)
    prompt = prompts.planning(planner.vocabulary, asked.caption, asked.lyrics)
    return replace(think(planner, prompt, (asked.given or {}, False), sampling, on_step), lyrics=asked.lyrics)


def expand(
    planner: Planner, asked: Asked, is_instrumental: bool, sampling: Sampling, on_step: OnStep
) -> Blueprint:
    """Co-pilot: one sentence, asked.caption, to a whole blueprint with lyrics."""
    prompts.checked_words(asked.caption, "")
    prompt = prompts.inspiring(planner.vocabulary, asked.caption, is_instrumental)
    wanted = {name: text for name, text in (asked.given or {}).items() if name != "caption"}
    made = think(planner, prompt, (wanted, not is_instrumental), sampling, on_step)
    return replace(made, lyrics=prompts.INSTRUMENTAL) if is_instrumental else made


def rewrite(planner: Planner, asked: Asked, sampling: Sampling, on_step: OnStep) -> Blueprint:
    """Refiner: a fuller caption and lyrics in their usual form; lyrics that come back empty stay."""
    prompts.checked_words(asked.caption, asked.lyrics)
    prompt = prompts.rewriting(planner.vocabulary, asked.caption, asked.lyrics)
    made = think(planner, prompt, (asked.given or {}, True), sampling, on_step)
    return made if made.lyrics else replace(made, lyrics=asked.lyrics)


def understand(planner: Planner, codes: Sequence[int], sampling: Sampling, on_step: OnStep) -> Blueprint:
    """Listener: audio codes to metadata, caption and lyrics."""
    check_codes(planner, codes)
    return think(planner, prompts.listening(planner.vocabulary, codes), ({}, True), sampling, on_step)


def think(
    planner: Planner,
    prompt: Sequence[int],
    wanted: tuple[Mapping[str, str], bool],
    sampling: Sampling,
    on_step: OnStep,
) -> Blueprint:
    """The blueprint answered to a prompt; wanted: given fields, and whether lyrics are to follow."""
    given, with_lyrics = wanted
    check_sampling(sampling)
    vocabulary, grammar = planner.vocabulary, planner.grammar
    fixed = check_given(given)
    opening = [*prompt, *prompts.opened(vocabulary)]
    parts = [("think", thought(grammar, fixed))]
    if with_lyrics:
        parts.append(("words", song_words(grammar)))
    thoughts, *words = Answer(planner, sampling, on_step).write(opening, parts)
    texts = read_mapping(vocabulary.decode(thoughts[:-1])) | fixed
    lyrics = lyrics_of(vocabulary.decode(words[0][:-1])) if words else ""
    return build_blueprint({**texts, "lyrics": lyrics})


def lyrics_of(text: str) -> str:
    """The lyrics in an answer, without their heading and the empty lines around them."""
    head, _, rest = text.strip("\n ").partition("\n")
    return (rest if head.strip().lower() in HEADS else text).strip("\n ")


def compose(
    planner: Planner, asked: Asked, blueprint: Blueprint, sampling: Sampling, on_step: OnStep
) -> tuple[int, ...]:
    """Exactly int(5 * duration) audio codes for a blueprint; `asked` holds the user's own words.

    The unguided side has the same words and an empty chain of thought.
    """
    if blueprint.duration is None:
        raise TaskError("missing-field", "the blueprint has no duration to make codes for")
    return compose_seconds(planner, asked, blueprint, (sampling, float(blueprint.duration)), on_step)


def compose_seconds(
    planner: Planner,
    asked: Asked,
    blueprint: Blueprint,
    how: tuple[Sampling, float],
    on_step: OnStep,
) -> tuple[int, ...]:
    """As `compose`, for seconds that need not be whole: how = (sampling, 10..600 s)."""
    sampling, seconds = how
    check_sampling(sampling)
    prompts.checked_words(asked.caption, asked.lyrics)
    if not SECONDS_LO <= seconds <= SECONDS_HI:
        raise TaskError("out-of-range", f"{seconds:.2f} s of codes are outside {SECONDS_LO}..{SECONDS_HI} s")
    vocabulary = planner.vocabulary
    sides = [blueprint.texts, {}] if sampling.guidance > 1 else [blueprint.texts]
    texts = [prompts.coding(vocabulary, asked.caption, asked.lyrics, side) for side in sides]
    with torch.no_grad():
        return tuple(Answer(planner, sampling, on_step).codes(texts, int(CODES_PER_SECOND * seconds)))


def check_codes(planner: Planner, codes: Sequence[int]) -> None:
    """Raises TaskError unless there are codes, all of them known."""
    count = len(planner.vocabulary.codes)
    wrong = next((code for code in codes if not 0 <= code < count), None)
    if wrong is not None or not codes:
        text = "no codes were given" if wrong is None else f"code {wrong} is outside 0..{count - 1}"
        raise TaskError("out-of-range", text)
