"""Heads that find words: the path through words and rests."""

import numpy as np
import pytest

from engine.alignment.word_path import PASSED, best_states, token_spans, word_spans, words_of
from engine.alignment.words import split_lines

COLUMNS = 60


def shares_of(spans: list[tuple[int, int]], clear: float = 0.92, seed: int = 0) -> np.ndarray:
    """Attention (words, columns) that is `clear` where a word is sung and scattered elsewhere."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(len(spans), 0.8), COLUMNS).T * (1 - clear)
    for word, (first, stop) in enumerate(spans):
        shares[word, first:stop] += clear
    return shares


@pytest.mark.parametrize("seed", range(5))
def test_words_are_found_where_they_are_sung(seed: int) -> None:
    sung = [(3, 9), (9, 14), (25, 31), (40, 52)]
    assert np.abs(word_spans(shares_of(sung, seed=seed)) - sung).max() <= 2


def test_a_word_that_is_not_sung_takes_no_time() -> None:
    shares = shares_of([(3, 12), (0, 0), (20, 30)], clear=0.95)
    first, stop = word_spans(shares)[1]
    assert stop - first <= 1


def test_the_path_never_goes_back() -> None:
    shares = shares_of([(30, 40), (5, 15), (50, 58)])
    assert (np.diff(best_states(shares)) >= 0).all()


def test_passing_a_word_over_costs() -> None:
    assert PASSED < 0


def test_a_words_time_is_parted_among_its_tokens() -> None:
    lines = split_lines("[Verse]\nlove song")
    tokens = [(8, 10), (10, 12), (12, 17)]  # "lo", "ve", " song"
    words = words_of(lines, tokens)
    assert words.tolist() == [0, 0, 1]
    halves = shares_of([(10, 20), (30, 40)], clear=0.9)
    spans = token_spans(np.stack((halves[0] / 2, halves[0] / 2, halves[1])), words)
    assert spans[0, 0] <= 11 and spans[0, 1] == spans[1, 0] and abs(int(spans[2, 0]) - 30) <= 1


def test_a_sign_between_words_takes_no_time() -> None:
    spans = token_spans(shares_of([(5, 10), (0, 0), (20, 30)]), np.array([0, -1, 1]))
    assert spans[1, 0] == spans[1, 1] == spans[0, 1]
