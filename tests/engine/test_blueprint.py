"""Blueprints as YAML, and lyrics of any script through YAML, tokens and prompt."""

import unicodedata
from pathlib import Path

import pytest
import yaml

from engine.errors import TaskError
from engine.planner.blueprint import Blueprint, from_yaml, thought_yaml, to_yaml
from engine.planner.prompts import planning
from engine.planner.tiny import write_tokenizer
from engine.planner.vocabulary import Vocabulary, load_vocabulary

SCRIPTS = {
    "latin": "[Verse 1]\nÇa va, naïve café – “oui”, it's: # 1",
    "arabic": "[كورس]\nيا ليلُ، يا عينُ\nحبّي: قلبي # ١",
    "hebrew": "שִׁיר הַשִּׁירִים\nאהבה גדולה",
    "persian": "می‌خواهم بخوانم\nدلِ من",
    "urdu": "دل کے ارمان\nآنسوؤں میں",
    "greek": "Ω γλυκύ μου έαρ",
    "cyrillic": "Ой, у лузі\nчервона калина",
    "devanagari": "दिल है कि मानता नहीं\nक्या करूँ",
    "bengali": "আমার সোনার বাংলা",
    "gurmukhi": "ਸੋਹਣੀਏ ਨੀ",
    "tamil": "கண்ணே கலைமானே",
    "telugu": "నా ప్రాణమా",
    "thai": "รักเธอหมดใจ\nไม่มีวันลืม",
    "chinese": "月亮代表我的心\n你問我愛你有多深",
    "japanese": "さくら さくら\nヤヨイの空は",
    "korean": "아리랑 아리랑\n아라리요",
    "amharic": "ትዝታ",
    "georgian": "სულიკო",
    "armenian": "Սարի սիրուն յար",
    "emoji": "la 🎵 la 👩‍🎤\n\n  two blanks before",
}


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    path: Path = tmp_path_factory.mktemp("tokens") / "tokenizer.json"
    write_tokenizer(path, 10)
    return load_vocabulary(path)


@pytest.mark.parametrize("script", SCRIPTS)
def test_lyrics_of_any_script_survive_yaml_tokens_and_prompt(vocabulary: Vocabulary, script: str) -> None:
    lyrics = SCRIPTS[script]
    blueprint = Blueprint(caption=lyrics.split("\n")[0], lyrics=lyrics, bpm=90)
    assert from_yaml(to_yaml(blueprint)) == blueprint
    assert yaml.safe_load(to_yaml(blueprint))["lyrics"] == lyrics
    composed = unicodedata.normalize("NFC", lyrics)  # what the official tokenizer does to every text
    assert vocabulary.decode(vocabulary.encode(lyrics)) == composed
    assert f"# Lyric\n{composed}\n" in vocabulary.decode(planning(vocabulary, "x", lyrics))


@pytest.mark.parametrize("text", ["no", "12", "null", "~", "2020-01-01", "a: b # c", "'", "{x}", "=", "<<"])
def test_words_that_yaml_reads_otherwise_stay_words(text: str) -> None:
    assert from_yaml(to_yaml(Blueprint(caption=text, lyrics=text))) == Blueprint(caption=text, lyrics=text)


def test_a_person_may_write_it_by_hand() -> None:
    text = (
        "language: no\ntimesignature: 4\nbpm: 090\nkeyscale: F# minor\ncaption: >\n  warm\n  soul\nlyrics:\n"
    )
    assert from_yaml(text) == Blueprint(90, "warm soul", None, "F# minor", "no", "4")


def test_a_thought_is_folded_as_in_training() -> None:
    caption = "An energetic piece with a driving bass line and a bright lead synthesizer over steady drums."
    folded = thought_yaml({"bpm": "90", "caption": caption, "timesignature": "4"})
    assert folded.splitlines()[0] == "bpm: 90" and folded.splitlines()[2].startswith("  ")
    assert folded.endswith("timesignature: 4\n")


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("bpm: 20", "out-of-range", "bpm='20' is not a whole number from 30 to 300"),
        ("duration: 9999999999999", "out-of-range", "duration="),
        ("speed: 20", "unknown-field", "'speed' is no field"),
        ("bpm: [90]", "wrong-type", "'bpm' holds"),
        ("bpm: 90\nbpm: 91", "duplicate-field", "'bpm' is given twice"),
        ("- bpm", "wrong-type", "no mapping"),
        ("bpm: 'x", "malformed", "no YAML"),
        ('caption: "a\\x07b"', "wrong-type", "caption holds the control character U\\+0007"),
        ("caption: " + "x" * 70_000, "too-long", "65536"),
        ("[" * 30_000, "malformed", "no YAML"),
    ],
)
def test_what_is_wrong_is_said(text: str, code: str, message: str) -> None:
    with pytest.raises(TaskError, match=message) as caught:
        from_yaml(text)
    assert caught.value.code == code
