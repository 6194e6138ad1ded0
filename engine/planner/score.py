"""How well codes and words fit each other in the planner's eyes (test-time scaling).

PMI = mean log p(words | codes) - mean log p(words | no codes), per token, squeezed by sigmoid(PMI / 0.1).
What it is not: it is no measure of how good the music sounds, nor of whether the words can be heard in it. It
judges 5 Hz codes, not the audio made from them; it is the model's opinion of its own kind; and it compares
takes of the same words only: figures of different songs, languages or planners mean nothing side by side.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from engine.errors import TaskError
from engine.planner import prompts
from engine.planner.blueprint import Blueprint, thought_yaml
from engine.planner.grammar import Allowed
from engine.planner.limits import CLOSED
from engine.planner.model import Planner, Reader
from engine.planner.modes import check_codes
from engine.planner.vocabulary import THINK, THOUGHT

SCALE = 0.1
WEIGHTS = {"caption": 0.5, "lyrics": 0.3, "metadata": 0.2}
BEST = 10  # ranks that count for metadata


@dataclass(frozen=True, slots=True)
class Score:
    """total and parts 0..1; 0.5 in caption or lyrics says that the codes tell nothing of them.

    parts: "caption", "lyrics" (PMI) and "metadata" (how high the true tokens rank among the 10 likeliest),
    those of them that the blueprint has.
    """

    total: float
    parts: dict[str, float]


def score_codes(planner: Planner, codes: Sequence[int], blueprint: Blueprint) -> Score:
    """The fit of codes and blueprint. Raises TaskError when there is nothing to compare."""
    check_codes(planner, codes)
    parts: dict[str, float] = {}
    if blueprint.caption:
        parts["caption"] = fit(planner, codes, thought_ids(planner, {"caption": blueprint.caption}))
    if blueprint.lyrics:
        sung = planner.vocabulary.encode(f"# Lyric\n{blueprint.lyrics}\n")
        parts["lyrics"] = fit(planner, codes, [*thought_ids(planner, {}), *sung])
    facts = {name: text for name, text in blueprint.texts.items() if name in CLOSED}
    if facts:
        ranks = [rank_share(planner, codes, thought_ids(planner, {n: t})) for n, t in facts.items()]
        parts["metadata"] = sum(ranks) / len(ranks)
    if not parts:
        raise TaskError("missing-field", "the blueprint has neither caption nor lyrics nor metadata to score")
    weight = sum(WEIGHTS[name] for name in parts)
    return Score(sum(WEIGHTS[name] * value for name, value in parts.items()) / weight, parts)


def thought_ids(planner: Planner, texts: dict[str, str]) -> list[int]:
    """A whole chain of thought as an answer."""
    vocabulary = planner.vocabulary
    inside = vocabulary.encode(thought_yaml(texts))
    signs, line = vocabulary.special, vocabulary.encode("\n")
    return [signs[THINK], *line, *inside, signs[THOUGHT], *line]


def fit(planner: Planner, codes: Sequence[int], answer: Sequence[int]) -> float:
    """sigmoid(PMI / 0.1) of an answer and codes."""
    sides = [token_logits(planner, side, answer) for side in (codes, ())]
    likely, alone = (float(of_tokens(logits, answer).mean()) for logits in sides)
    return squeeze(likely - alone)


def squeeze(pmi: float) -> float:
    """sigmoid(pmi / 0.1), without overflow."""
    bounded = max(-60.0, min(60.0, pmi / SCALE))
    return 1 / (1 + math.exp(-bounded))


@torch.no_grad()
def token_logits(planner: Planner, codes: Sequence[int], answer: Sequence[int]) -> torch.Tensor:
    """(answer, vocabulary) log probabilities of what comes at every place of an answer to these codes."""
    prompt = prompts.listening(planner.vocabulary, codes)
    states = Reader(planner).states([[*prompt, *answer]])[0]  # (tokens, H)
    whole = Allowed(slice(0, planner.vocabulary.size))
    return torch.log_softmax(planner.logits(states[len(prompt) - 1 : -1], whole), dim=-1)


def of_tokens(logits: torch.Tensor, answer: Sequence[int]) -> torch.Tensor:
    """(answer,) the entries of the tokens that really stand there."""
    return logits.gather(1, torch.tensor(answer, device=logits.device)[:, None])[:, 0]


def rank_share(planner: Planner, codes: Sequence[int], answer: Sequence[int]) -> float:
    """Mean over tokens of 1 for the likeliest, 0.9 for the second, ... 0 beyond the tenth."""
    logits = token_logits(planner, codes, answer)
    ranks = (logits > of_tokens(logits, answer)[:, None]).sum(1)
    return float((1 - ranks / BEST).clamp(min=0).mean())
