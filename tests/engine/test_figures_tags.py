"""Prompts in a user's own words: which words they are, and how hits and baselines are counted."""

import re

import numpy as np
import pytest

from engine.models import Models
from engine.store import load_models
from engine.tiny import write_tiny_checkpoint
from engine.training import figures_tags
from engine.training.corpus.captions import COLOURS, PACES
from engine.training.corpus.composer import STYLES, compose
from engine.training.corpus.instruments import INSTRUMENTS
from engine.training.figures_tags import KINDS, SEEN, Wish, hit, judge, make_music, tag_figures
from engine.training.tagger import MISSING, Tagger
from engine.training.text_compare import Encoder as TextEncoder
from engine.training.text_compare import count_trigrams, score, unheard_wordings
from engine.training.unheard_words import WORDINGS

SMALL_WORDS = set("a and at before by de for four from in of on one or the three to under up with".split())
TAGGER = Tagger({}, {"MSD": tuple(f"tag {i}" for i in range(12))})
WISHES = [Wish("x", frozenset({"tag 0"}), "rock"), Wish("y", frozenset({"tag 11"}), "metal")]
RISING = np.linspace(0.1, 0.9, 12, dtype=np.float32)


def words_of(*texts: str) -> set[str]:
    """Words of meaning."""
    return {word for text in texts for word in re.findall(r"[a-z0-9]+", text.lower())} - SMALL_WORDS


@pytest.fixture(scope="module")
def corpus_words() -> set[str]:
    """The words captions are put together from, and those of some captions as they are."""
    styles = [text for s in STYLES.values() for text in (s.name, *s.moods, *s.tags)]
    others = [word for _, words in PACES for word in words] + [w for ws in COLOURS.values() for w in ws]
    songs = [compose(seed, 8.0) for seed in range(24)]
    return words_of(*styles, *others, *INSTRUMENTS, *(c for song in songs for c in song.captions))


def test_seen_captions_use_words_of_the_corpus(corpus_words: set[str]) -> None:
    assert words_of(*(one.caption for one in KINDS["seen"])) - corpus_words == set()


def test_unseen_captions_use_none_of_them(corpus_words: set[str]) -> None:
    assert words_of(*(one.caption for one in KINDS["unseen"])) & corpus_words == set()


def test_unheard_wordings_use_none_of_them_either(corpus_words: set[str]) -> None:
    assert words_of(*(caption for _, caption in unheard_wordings())) & corpus_words == set()
    assert WORDINGS.keys() == STYLES.keys()


def test_both_kinds_mean_the_same_styles() -> None:
    assert [one.style for one in KINDS["seen"]] == [one.style for one in KINDS["unseen"]]
    assert {one.style for one in SEEN} <= STYLES.keys()


def test_a_tag_outside_the_five_likeliest_is_no_hit() -> None:
    heard = {"MSD": RISING}
    assert [hit(TAGGER, frozenset({f"tag {i}"}), heard) for i in (6, 7, 11)] == [0.0, 1.0, 1.0]


def test_music_that_follows_its_captions_scores_one_and_its_shuffled_pairs_zero() -> None:
    heard = [{"MSD": RISING[::-1].copy()}, {"MSD": RISING}]
    assert judge(TAGGER, WISHES, heard, 0) == {
        "prompt_tags_top5": 1.0,
        "base_prompt_tags_top5_shuffled": 0.0,
        "prompt_tags_auc": 1.0,
    }


def test_music_that_has_nothing_to_do_with_its_captions_does_not() -> None:
    heard = [{"MSD": RISING}, {"MSD": RISING}]
    row = judge(TAGGER, WISHES, heard, 0)
    assert row["prompt_tags_top5"] < row["base_prompt_tags_top5_shuffled"]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return load_models(write_tiny_checkpoint(tmp_path_factory.mktemp("tiny"), grid_channels=10), device="cpu")


def test_music_is_made_of_a_caption_alone(models: Models) -> None:
    one, other = (make_music(models, caption, 0) for caption in ("calm piano", "loud drums"))
    assert one.shape == other.shape == (2, 12 * 48_000)
    assert not np.array_equal(one, other)


def test_without_the_package_the_figure_is_skipped_with_a_reason(
    models: Models, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(figures_tags, "open_tagger", lambda: None)
    assert list(tag_figures(models, [])) == []
    assert MISSING in capsys.readouterr().out


def test_retrieval_finds_the_style_whose_captions_are_spelt_alike() -> None:
    encoder = TextEncoder("trigrams", count_trigrams, 0, 0, 0)
    library = [(name, f"{name} music") for name in STYLES]
    found = score(encoder, library, [(name, f"some {name}") for name in STYLES])
    strangers = score(encoder, library, [(name, "qqqq") for name in STYLES])
    assert found.top1 > 0.9
    assert strangers.reciprocal < 0.5 * found.reciprocal
