"""Words that the miniature's text encoder never read: what is said instead, and that the rest stays."""

import json
import re
from pathlib import Path

import pytest
import torch

from engine.catalogue import SHIPPED
from engine.errors import ModelError
from engine.models import Models
from engine.near_words import FILE, LONGEST, key_of, say_known
from engine.store import load_models, load_near_words
from engine.tasks.conditions import condition_states
from engine.tasks.instructions import instruction
from engine.tasks.values import Prompt
from engine.tiny import write_tiny_checkpoint
from engine.training.corpus.composer import compose
from engine.training.figures_tags import UNSEEN
from engine.training.music_words import music_words
from engine.training.near_check import MEANT, NOTHING
from engine.training.near_words import known_words, measure, targets
from engine.training.unheard_words import WORDINGS
from engine.training.words import TOKENIZER, copy_words

NEAR = {
    "gloomy": "dark",
    "dark": "dark",
    "slow": "slow",
    "hip hop": "hip hop",
    "death metal": "metal",
    "metal": "metal",
    "death": "sombre",
    "fiddler": "fiddle",
    "strum": "acoustic guitar",
    "melody": "sweet",
    "driving": "driving",
    "drive": "racing",
    "upright bass": "upright bass",
    "upright": "noble",
}
ENCODER = "Qwen3-Embedding-0.6B"
TABLE = SHIPPED / "miniature" / "text-encoder" / FILE


@pytest.fixture(scope="module")
def shipped() -> dict[str, str]:
    return dict(load_near_words(TABLE))


def words(text: str) -> str:
    return f" {' '.join(re.findall('[a-z0-9]+', text.lower()))} "


@pytest.mark.parametrize(
    ("caption", "said"),
    [
        ("gloomy slow piano", "dark slow piano"),
        ("Gloomy, SLOW piano!", "dark, SLOW piano!"),
        ("death metal", "metal"),
        ("death, metal", "sombre, metal"),
        ("a death-metal drummer", "a metal drummer"),
        ("Hip-Hop", "Hip-Hop"),
        ("two fiddlers strumming melodies", "two fiddle acoustic guitar sweet"),
        ("driving", "driving"),
        ("upright bass, upright", "upright bass, noble"),
        ("gloomy dark piano", "dark piano"),
        ("dark dark piano", "dark dark piano"),
        ("pianissimo 90 bpm", "pianissimo 90 bpm"),
        ("陰鬱 gloomy", "陰鬱 dark"),
        ("", ""),
    ],
)
def test_unknown_words_are_said_with_known_ones(caption: str, said: str) -> None:
    assert say_known(caption, NEAR) == said


def test_without_a_table_a_caption_stays_as_it_is() -> None:
    assert say_known("Gloomy  slow\npiano", {}) == "Gloomy  slow\npiano"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint whose text encoder carries the table."""
    folder = write_tiny_checkpoint(tmp_path_factory.mktemp("near"))
    (folder / ENCODER / FILE).write_text(json.dumps(NEAR))
    return folder


def states(models: Models, caption: str) -> torch.Tensor:
    return condition_states(models, Prompt(caption), instruction("text2music"))


def test_an_encoder_with_a_table_hears_the_near_word(folder: Path) -> None:
    models = load_models(folder, device="cpu")
    assert torch.equal(states(models, "gloomy piano"), states(models, "dark piano"))


def test_an_encoder_without_one_hears_what_is_written(tmp_path: Path) -> None:
    models = load_models(write_tiny_checkpoint(tmp_path), device="cpu")
    assert not torch.equal(states(models, "gloomy piano"), states(models, "dark piano"))
    assert models.text.understood(Prompt("gloomy piano")) == Prompt("gloomy piano")


@pytest.mark.parametrize("text", ["[1]", '{"gloomy": 1}', '{"gloomy": ""}', "{"])
def test_a_table_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ModelError, match=FILE):
        load_near_words(tmp_path / FILE)


def test_the_table_goes_along_with_the_tokenizer(folder: Path, tmp_path: Path) -> None:
    copy_words(folder / ENCODER, tmp_path)
    assert load_near_words(tmp_path / FILE) == NEAR
    assert (tmp_path / TOKENIZER).exists()


def test_the_shipped_table_holds_texts_under_their_own_keys(shipped: dict[str, str]) -> None:
    assert len(shipped) > 3000
    assert [key for key in shipped if key != key_of(key) or len(key.split()) > LONGEST] == []
    assert TABLE.stat().st_size < 200_000


def test_captions_of_the_corpus_stay_as_they_are(shipped: dict[str, str]) -> None:
    captions = ["deep house", *(caption for seed in range(12) for caption in compose(seed, 8.0).captions)]
    assert [one for one in captions if say_known(one, shipped) != one] == []


def test_what_is_said_is_known(shipped: dict[str, str]) -> None:
    assert {said for said in shipped.values() if say_known(said, shipped) != said} == set()


def test_the_shipped_table_is_right_about_most_words_set_aside_to_choose_it_by(
    shipped: dict[str, str],
) -> None:
    said = {word: say_known(word, shipped) for word in MEANT}
    replaced = [word for word in MEANT if said[word] != word]
    right = [word for word in replaced if said[word] in MEANT[word].split(", ")]
    assert len(replaced) > 0.6 * len(MEANT)
    assert len(right) > 0.75 * len(replaced)
    assert sum(say_known(word, shipped) != word for word in NOTHING) < 0.2 * len(NOTHING)


def test_no_wording_of_the_measurement_was_used_to_make_it() -> None:
    asked = [words(text) for texts in WORDINGS.values() for text in texts]
    asked += [words(one.caption) for one in UNSEEN]
    listed = [*music_words(), *MEANT, *NOTHING]
    assert [phrase for phrase in listed if any(words(phrase) in text for text in asked)] == []


def test_corpus_words_and_phrases_are_known() -> None:
    known = known_words()
    assert {"rock", "drum and bass", "808", "featuring", "upright bass"} <= known
    assert {key_of(phrase) for phrase in targets()} <= known


def test_nearness_is_chosen_by_shares_of_the_words_set_aside() -> None:
    found = dict.fromkeys(NOTHING, ("dark", 0.2)) | {
        w: (said.split(", ")[0], 0.9) for w, said in MEANT.items()
    }
    assert measure(found, 0.5) == (1.0, 1.0, 0.0)
    assert measure(found, 0.1) == (1.0, 1.0, 1.0)
