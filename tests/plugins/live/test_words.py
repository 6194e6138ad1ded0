"""Captions, commands and settings: what a producer writes, and what is read from it."""

import importlib

import pytest

wishes = importlib.import_module("plugins_reference.ableton_live.Barline.wishes")


@pytest.mark.parametrize(
    ("name", "caption"),
    [
        ("Guitar: nylon, fingerpicked", "nylon, fingerpicked"),
        ("Guitar", ""),
        ("a: b: c", "b: c"),
        ("!repaint: warm", ""),
        ("", ""),
    ],
)
def test_the_caption_stands_behind_the_first_colon(name: str, caption: str) -> None:
    assert wishes.caption_in(name) == caption


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("!repaint", ("repaint", "")),
        ("!Repaint: warm brass", ("repaint", "warm brass")),
        ("!layer bass, deep", ("layer", "bass, deep")),
        ("plain", None),
    ],
)
def test_a_name_with_an_exclamation_mark_is_a_command(name: str, command: tuple[str, str] | None) -> None:
    assert wishes.command_in(name) == command


def test_a_command_that_is_none_names_those_there_are() -> None:
    with pytest.raises(wishes.WishError, match="!remix is no action; there are repaint"):
        wishes.command_in("!remix")


def test_settings_are_one_a_line_and_the_rest_is_lyrics() -> None:
    text = "# mine\nbars: 4\nstems: drums bass\n\nlyrics:\n[verse]\nla: la\n"
    settings = wishes.parse_settings(text)
    assert (settings.bars, settings.stems, settings.lyrics) == (4, "drums bass", "[verse]\nla: la")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour: red", "line 1: there is no setting 'colour'"),
        ("\nbars: many", "line 2: bars must be a number"),
        ("bars: 0", "line 1: bars must be 1 to 999"),
        ("just words", "line 1: there is no setting"),
    ],
)
def test_a_wrong_setting_is_told_with_its_line(text: str, words: str) -> None:
    with pytest.raises(wishes.WishError, match=words):
        wishes.parse_settings(text)


@pytest.mark.parametrize(
    ("words", "found"),
    [("bass, deep", ("bass", "deep")), ("deep bass", ("drums", "deep bass")), ("", ("drums", ""))],
)
def test_a_layers_class_is_its_first_word(words: str, found: tuple[str, str]) -> None:
    assert wishes.layer_and_caption(words, wishes.Settings()) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("drums, bass warm", (["drums", "bass"], "warm")),
        ("all", (["all"], "")),
        ("nylon strings", (["vocals", "drums", "bass"], "nylon strings")),
    ],
)
def test_the_stems_are_the_first_words(words: str, found: tuple[list[str], str]) -> None:
    assert wishes.stems_and_caption(words, wishes.Settings()) == found
