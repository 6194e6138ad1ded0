"""The best way through a song word by word, for heads that were taught to find the word that is sung.

Such heads share their attention among its tokens and know nothing of rests: there they look at several
words, faintly. So the way is that of a hidden Markov model whose states are the words in order and the rests
between them; a rest is as likely as a faint look, and a word may be passed over at a price.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.alignment.words import LineSpans, Span

REST = 0.1  # a column belongs to a rest where no word that fits gets more of its attention
PASSED = -4.0  # log of how unlikely it is that a word of the lyrics is not sung
FLOOR = 1e-4
STAY, STEP, NEXT, PASS = 0, 1, 2, 4  # how many states ahead


def words_of(lines: Sequence[LineSpans], tokens: Sequence[Span]) -> NDArray[np.intp]:
    """Of each token the number of the word it writes, counted over all sung lines; -1 for none."""
    spans = [word for line in lines if not line.is_tag for word in line.words]
    of = np.full(len(tokens), -1, np.intp)
    for row, (a, b) in enumerate(tokens):
        of[row] = next((n for n, (start, stop) in enumerate(spans) if a < stop and b > start), -1)
    return of


def token_spans(shares: NDArray[np.float32], words: NDArray[np.intp]) -> NDArray[np.intp]:
    """First column and the one after the last of each token, (rows, 2).

    shares: attention (rows, columns), each column summing to 1 at most.  words: as from `words_of`, rising.
    A word's time is parted evenly among its tokens; a word that is passed over takes none.
    """
    known = np.unique(words[words >= 0])
    summed = np.stack([shares[words == word].sum(0) for word in known])
    spans = np.zeros((len(words), 2), np.intp)
    for word, (first, stop) in zip(known, word_spans(summed), strict=True):
        rows = np.flatnonzero(words == word)
        edges = first + (stop - first) * np.arange(len(rows) + 1) // len(rows)
        spans[rows] = np.stack((edges[:-1], edges[1:]), 1)
    for row in np.flatnonzero(words < 0):  # a sign between words: where the one before it ends
        spans[row] = spans[row - 1, 1] if row else 0
    return spans


def word_spans(shares: NDArray[np.floating]) -> NDArray[np.intp]:
    """First column and the one after the last of each word, (words, 2), from its shares (words, columns)."""
    path = best_states(shares)
    spans, last = np.zeros((len(shares), 2), np.intp), 0
    for word in range(len(shares)):
        own = np.flatnonzero(path == 2 * word + 1)
        spans[word] = (own[0], own[-1] + 1) if len(own) else (last, last)
        last = spans[word, 1]
    return spans


def best_states(shares: NDArray[np.floating]) -> NDArray[np.intp]:
    """The likeliest state of each column: 2 n + 1 is word n, even numbers are the rests around them."""
    words, columns = shares.shape
    gain = np.full((2 * words + 1, columns), np.log(REST))
    gain[1::2] = np.log(shares + FLOOR)
    states = np.arange(len(gain))
    came = np.zeros((columns, len(gain)), np.intp)
    best = np.full(len(gain), -np.inf)
    best[:2] = gain[:2, 0]
    for column in range(1, columns):
        ways = ways_on(best)
        chosen = ways.argmax(0)
        came[column] = states - np.array((STAY, STEP, NEXT, PASS))[chosen]
        best = ways[chosen, states] + gain[:, column]
    path = np.zeros(columns, np.intp)
    state = len(best) - 1 if best[-1] >= best[-2] else len(best) - 2
    for column in range(columns - 1, -1, -1):
        path[column] = state
        state = came[column, state]
    return path


def ways_on(best: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each state would have by each way into it: stay, step, word to next word, a word passed over."""
    ways = np.full((4, len(best)), -np.inf)
    ways[0] = best
    ways[1, STEP:] = best[:-STEP]
    ways[2, 3::2] = best[1:-2:2]
    ways[3, PASS:] = best[:-PASS] + PASSED
    return ways
