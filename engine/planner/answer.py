"""The writing of an answer, token by token: what the grammar forces is read at once, the rest is drawn."""

import time
from collections.abc import Sequence

import torch
from torch import Tensor

from engine.planner.draw import Sampling, draw, seeded
from engine.planner.grammar import Allowed, Position, advance, allowed, code_rows, forced
from engine.planner.model import Planner, Reader
from engine.vae_chunks import OnStep

NAMES = {"think": 256, "words": 512}
"""Stages of an answer in words, and about how many tokens they have: only for the progress told."""


class Answer:
    """One answer under way. It owns what moves with every token: the cache and the generator.

    grammar_s, all_s: seconds spent on choosing what may follow, and on everything.
    """

    def __init__(self, planner: Planner, sampling: Sampling, on_step: OnStep) -> None:
        self.planner, self.sampling, self.on_step = planner, sampling, on_step
        self.generator = seeded(sampling.seed)
        self.grammar_s = self.all_s = 0.0

    def write(self, prompt: Sequence[int], parts: Sequence[tuple[str, Position]]) -> list[list[int]]:
        """The tokens of each part, one behind the other, after the prompt. on_step(stage, tokens, of)."""
        reader, unread, written = Reader(self.planner), list(prompt), []
        for stage, position in parts:
            tokens: list[int] = []
            while True:
                began = time.perf_counter()
                known, position = forced(position)
                choice = None if position.is_over else allowed(position)
                self.grammar_s += time.perf_counter() - began
                tokens += known
                unread += known
                if choice is None:
                    break
                self.on_step(stage, len(tokens), max(NAMES[stage], len(tokens)))
                token = self._choose(reader.feed(unread), choice)
                unread = [token]
                tokens.append(token)
                position = self._advance(position, token)
                self.all_s += time.perf_counter() - began
            written.append(tokens)
        return written

    def codes(self, prompts: Sequence[Sequence[int]], count: int) -> list[int]:
        """Exactly `count` audio codes behind the first prompt, guided away from the second, if there is one.

        on_step("codes", done, of) comes before every code.
        """
        reader, batch = Reader(self.planner), len(prompts)
        rows, found = code_rows(self.planner.vocabulary), list[int]()
        states = reader.start(prompts)
        while len(found) < count:
            self.on_step("codes", len(found), count)
            began = time.perf_counter()
            logits = guide(self.planner.logits(states, rows), self.sampling.guidance)
            found.append(draw(logits, self.sampling, self.generator))
            if len(found) < count:
                states = reader.feed([int(self.planner.vocabulary.codes[found[-1]])], batch)
            self.all_s += time.perf_counter() - began
        self.on_step("codes", count, count)
        return found

    def _choose(self, states: Tensor, choice: Allowed) -> int:
        logits = self.planner.logits(states, choice)[0]
        began = time.perf_counter()
        if choice.keep is not None:
            logits = logits.masked_fill(~choice.keep.to(logits.device), -torch.inf)
        self.grammar_s += time.perf_counter() - began
        return choice.token(draw(logits, self.sampling, self.generator))

    def _advance(self, position: Position, token: int) -> Position:
        began = time.perf_counter()
        position = advance(position, token)
        self.grammar_s += time.perf_counter() - began
        return position


def guide(logits: Tensor, guidance: float) -> Tensor:
    """(1 or 2, rows) -> (rows): classifier-free guidance where there is a second prompt."""
    if logits.shape[0] == 1:
        return logits[0]
    with_it, without = logits
    return without + guidance * (with_it - without)
