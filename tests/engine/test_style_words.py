"""Which style unknown words mean: when one is named, which, and that the table on disk says so."""

import json
from pathlib import Path

import pytest

from engine.catalogue import SHIPPED
from engine.errors import ModelError
from engine.store import load_near_words, load_style_words
from engine.style_words import FILE, LEVELS, StyleWords, known_caption, letter_of, name_style, score_of
from engine.training.corpus.composer import STYLES, compose
from engine.training.style_table import measure

NEAR = {"slow": "slow", "piano": "piano", "gloomy": "dark", "jazz swing": "jazz swing"}


def row(jazz: float, rock: float) -> str:
    return letter_of(jazz) + letter_of(rock)


TABLE = StyleWords(
    ("jazz swing", "rock"),
    {"speakeasy": row(3.0, 0.2), "stadium": row(-0.4, 1.6), "amp": row(0.0, 1.6), "piano": row(2.8, 0.0)},
)


@pytest.mark.parametrize(
    ("caption", "told"),
    [
        ("a speakeasy", "a speakeasy, jazz swing"),
        ("stadium amps", "stadium amps, rock"),  # "amps" by its stem; neither alone is enough
        ("stadium", "stadium"),  # not clear
        ("slow piano", "slow piano"),  # all known: the encoder knows better
        ("rock for a speakeasy", "rock for a speakeasy"),  # it names its style
        ("invoice", "invoice"),
        ("", ""),
    ],
)
def test_a_style_is_named_for_new_words_that_are_clear(caption: str, told: str) -> None:
    assert name_style(caption, NEAR, TABLE) == told


def test_near_words_are_said_as_well() -> None:
    assert known_caption("Gloomy speakeasy", NEAR, TABLE) == "dark speakeasy, jazz swing"


def test_without_a_table_captions_stay() -> None:
    assert known_caption("a gloomy speakeasy", {}, StyleWords()) == "a gloomy speakeasy"


def test_letters_keep_scores_to_a_tenth() -> None:
    assert len(set(LEVELS)) == len(LEVELS)
    assert all(abs(score_of(letter_of(x / 10)) - x / 10) <= 0.1 + 1e-9 for x in range(-32, 70))
    assert (letter_of(-99), letter_of(99)) == (LEVELS[0], LEVELS[-1])


def test_a_wrong_table_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_text(json.dumps({"styles": ["rock", "folk"], "words": {"amp": "A"}}))
    with pytest.raises(ModelError, match=f"{FILE}.*2 letters"):
        load_style_words(path)
    assert load_style_words(tmp_path / "none.json") == StyleWords()


@pytest.fixture(scope="module")
def shipped() -> StyleWords:
    return load_style_words(SHIPPED / "miniature" / "text-encoder" / FILE)


def test_the_shipped_table_has_every_style_and_finds_some_by_words_never_trained(shipped: StyleWords) -> None:
    top1, top3, said, wrongly = measure(shipped)
    assert shipped.names == tuple(sorted(STYLES))
    assert (top1 > 0.2, top3 > 0.35) == (True, True)  # chance .04 and .11
    assert said > wrongly + 0.15


def test_the_shipped_tables_leave_the_corpus_alone(shipped: StyleWords) -> None:
    near = load_near_words(SHIPPED / "miniature" / "text-encoder" / "near_words.json")
    captions = [caption for seed in range(8_000_000, 8_000_020) for caption in compose(seed, 8.0).captions]
    assert [one for one in captions if known_caption(one, near, shipped) != one] == []
