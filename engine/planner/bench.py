"""How much of a token's time the grammar takes: python -m engine.planner.bench FOLDER.

Without a folder: a random model with the shape of the official 0.6B (28 layers, width 1024) and as many
tokens, 151 000 of text and 64 000 of codes, so that the masks have their real size.
"""

import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch

from engine.errors import Cancelled
from engine.planner.answer import Answer
from engine.planner.draw import Sampling
from engine.planner.grammar import song_words, thought
from engine.planner.model import Planner, load_planner
from engine.planner.prompts import opened, planning
from engine.planner.tiny import write_tiny_planner

MOST = 150
OFFICIAL_SHAPE = {
    "hidden_size": 1024,
    "intermediate_size": 3072,
    "num_hidden_layers": 28,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 128,
}


@dataclass(frozen=True, slots=True)
class Cost:
    """tokens: drawn ones.  token_s, grammar_s: seconds a token takes, and the grammar of it."""

    tokens: int
    token_s: float
    grammar_s: float

    @property
    def share(self) -> float:
        """The grammar's part of a token, 0..1."""
        return self.grammar_s / self.token_s


def measure(planner: Planner, seed: int = 0) -> Cost:
    """A chain of thought and lyrics, cut at 150 tokens each."""
    tokens = 0

    def on_step(stage: str, step: int, of: int) -> None:
        nonlocal tokens
        tokens += 1
        if step >= MOST:
            raise Cancelled

    answer = Answer(planner, Sampling(seed), on_step)
    prompt = [*planning(planner.vocabulary, "a song", "la la la"), *opened(planner.vocabulary)]
    for part in (("think", thought(planner.grammar, {})), ("words", song_words(planner.grammar))):
        with suppress(Cancelled):
            answer.write(prompt, [part])
    return Cost(tokens, answer.all_s / tokens, answer.grammar_s / tokens)


def main(arguments: list[str]) -> int:
    """Prints the table."""
    with tempfile.TemporaryDirectory() as place:
        folder = (
            Path(arguments[0]) if arguments else write_tiny_planner(place, words=151_000, **OFFICIAL_SHAPE)
        )
        began = time.perf_counter()
        planner = load_planner(folder, torch.device("cpu"))
        loaded = time.perf_counter() - began
        cost = measure(planner)
    size = sum(value.numel() for value in planner.qwen.parameters()) / 1e6
    print(
        f"{planner.name}: {size:.1f} M parameters, {planner.vocabulary.size} tokens, loaded in {loaded:.1f} s"
    )
    print(f"tokens {cost.tokens}   token {1e3 * cost.token_s:.3f} ms   grammar {1e3 * cost.grammar_s:.4f} ms")
    print(f"share of the grammar {100 * cost.share:.2f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
