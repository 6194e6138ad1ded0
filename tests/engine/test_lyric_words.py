"""What a word and a line is in any script, and the best path down a map."""

import numpy as np
import pytest

from engine.alignment.path import best_path
from engine.alignment.words import split_lines, split_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("one  two", ["one", "two"]),
        ("你好，世界", ["你", "好，", "世", "界"]),
        ("「好」吗", ["「好」", "吗"]),
        ("カーテンがゆれる", ["カー", "テ", "ン", "が", "ゆ", "れ", "る"]),
        ("ちょっと待って", ["ちょっ", "と", "待っ", "て"]),
        ("안녕 나의", ["안녕", "나의"]),
        ("love你baby", ["love", "你", "baby"]),
        ("re\u0301sume\u0301", ["re\u0301sume\u0301"]),
        ("می\u200cروم تا", ["می\u200cروم", "تا"]),
        ("か\u3099く", ["か\u3099", "く"]),
        ("", []),
    ],
)
def test_words_are_what_spaces_part_and_signs_alone(text: str, words: list[str]) -> None:
    assert [text[a:b] for a, b in split_words(text)] == words


def test_tags_and_empty_lines_are_no_sung_lines() -> None:
    lyrics = "[Verse 1]\n  la la \r\n\n[Chorus]\noh [laughs] no"
    lines = split_lines(lyrics)
    shown = [(lyrics[slice(*line.span)], line.is_tag) for line in lines]
    assert shown == [("[Verse 1]", True), ("la la", False), ("[Chorus]", True), ("oh [laughs] no", False)]


# --- path


def slow_path_gain(gain: np.ndarray) -> float:
    """The best sum by the book."""
    sums = np.full(gain.shape, -np.inf)
    for i, j in np.ndindex(gain.shape):
        came = [sums[i - a, j - b] for a, b in ((1, 1), (1, 0), (0, 1)) if i >= a and j >= b]
        sums[i, j] = gain[i, j] + (max(came) if came else 0.0)
    return float(sums[-1, -1])


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (7, 1), (5, 12), (12, 5), (20, 21)])
def test_the_path_is_monotone_whole_and_the_best(shape: tuple[int, int]) -> None:
    gain = np.random.default_rng(2).standard_normal(shape).astype("f4")
    rows, columns = best_path(gain)
    steps = set(zip(np.diff(rows).tolist(), np.diff(columns).tolist(), strict=True))
    assert steps <= {(1, 1), (1, 0), (0, 1)}
    assert (rows[0], columns[0], rows[-1], columns[-1]) == (0, 0, shape[0] - 1, shape[1] - 1)
    assert float(gain[rows, columns].astype("f8").sum()) == pytest.approx(slow_path_gain(gain))
