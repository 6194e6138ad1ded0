"""Sung vocals of the corpus: their times are those of the sound, their pitch is the melody's."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import librosa
import numpy as np
import pytest

from engine.training.corpus.__main__ import main
from engine.training.corpus.composer import compose
from engine.training.corpus.dataset import read_song
from engine.training.corpus.grid import seconds_of_beats
from engine.training.corpus.phones import PHONES, is_vowel, split_symbols
from engine.training.corpus.render import render_parts
from engine.training.corpus.singer import CLOSED, sing_line, sing_part
from engine.training.corpus.singers import SINGERS
from engine.training.corpus.spelling import pronounce, show_word
from engine.training.corpus.values import Song, SungLine, song_from_json, song_to_json
from engine.training.corpus.wordbank import BANKS

RATE = 48_000


@pytest.fixture(scope="module")
def songs() -> list[Song]:
    return [compose(seed, 16.0) for seed in range(70)]


@pytest.fixture(scope="module")
def sung(songs: list[Song]) -> list[Song]:
    return [song for song in songs if song.sung]


def samples_of(song: Song) -> int:
    return round(float(seconds_of_beats(song, np.array(song.beats))) * RATE)


def sing_alone(song: Song) -> np.ndarray:
    """The lead's dry sound, (n,)."""
    part = next(part for part in song.parts if part.stem_class == "vocals")
    return sing_part(song, part, samples_of(song))[0]


def sounds_by_symbol(songs: list[Song]) -> dict[str, list[np.ndarray]]:
    """Pieces of rendered lines by speech sound."""
    pieces: dict[str, list[np.ndarray]] = {}
    for line in [line for song in songs for line in song.sung if line.notes[0].pitch < 60][:24]:
        wave = sing_line(line, SINGERS[12], np.random.default_rng(0))
        for phone in line.phones:
            lo, hi = (round((at - line.start) * RATE) for at in (phone.start, phone.stop))
            pieces.setdefault(phone.symbol, []).append(wave[lo:hi])
    return pieces


def share_above(pieces: list[np.ndarray], hz: float) -> float:
    """Share of the energy above a frequency."""
    spectra = [np.abs(np.fft.rfft(piece, 16_384)) ** 2 for piece in pieces]
    power = np.sum(spectra, axis=0)
    return float(power[round(hz / RATE * 16_384) :].sum() / power.sum())


def test_about_the_asked_share_of_songs_is_sung(songs: list[Song], sung: list[Song]) -> None:
    assert 0.25 < len(sung) / len(songs) < 0.5
    assert 0.15 < np.mean([bool(song.backing) for song in sung]) < 0.55
    assert not any(compose(seed, 8.0, 0.0).sung for seed in range(12))


def test_songs_have_the_stems_of_their_lines(songs: list[Song]) -> None:
    for song in songs:
        classes = {part.stem_class for part in song.parts}
        assert ("vocals" in classes) == bool(song.sung) == (song.language != "unknown")
        assert ("backing_vocals" in classes) == bool(song.backing)
        assert ("instrumental" in song.tags) != bool(song.sung)


def test_sounds_follow_each_other(sung: list[Song]) -> None:
    for song in sung:
        phones = [phone for line in song.sung for phone in line.phones]
        assert all(p.start < p.stop for p in phones) and phones[0].start >= 0
        assert all(a.stop <= b.start for a, b in pairwise(phones))
        assert song.sung[-1].stop * RATE <= samples_of(song)


def test_times_are_whole_samples(sung: list[Song]) -> None:
    times = np.array([p.start for song in sung for line in song.sung for p in line.phones]) * RATE
    assert np.abs(times - np.rint(times)).max() < 1e-6


def test_a_vowel_starts_on_its_note(sung: list[Song]) -> None:
    for line in (line for song in sung for line in song.sung):
        for syllable in (part for word in line.words for part in word.syllables):
            vowel = next(p for p in syllable.phones if is_vowel(p.symbol))
            assert vowel.start == syllable.notes[0].start


def test_lyrics_show_every_section_and_line(sung: list[Song]) -> None:
    for song in sung:
        rows = [row for row in song.lyrics.split("\n") if row]
        tags = [row for row in rows if row.startswith("[")]
        assert tags == [f"[{section.name}]" for section in song.sections]
        assert [row for row in rows if not row.startswith("[")] == [line.text for line in song.sung]
        assert all(len(line.text.split()) == len(line.words) for line in song.sung)


def test_choruses_repeat_their_words() -> None:
    repeated = 0
    for song in (compose(seed, 60.0, 1.0) for seed in range(10)):
        choruses: dict[int, list[str]] = {}
        for line in song.sung:
            if song.sections[line.section].name == "Chorus":
                choruses.setdefault(line.section, []).append(line.text.split()[0])
        for one, other in pairwise(choruses.values()):
            assert one[0] == other[0]
            repeated += 1
    assert repeated >= 2


def test_songs_with_lines_survive_json(sung: list[Song]) -> None:
    assert all(song_from_json(song_to_json(song)) == song for song in sung[:8])


def test_songs_from_before_there_were_singers_load(songs: list[Song]) -> None:
    fields = json.loads(song_to_json(songs[0]))
    for name in ("sung", "backing", "language"):
        del fields[name]
    assert song_from_json(json.dumps(fields)) == replace(songs[0], sung=(), backing=(), language="unknown")


@pytest.mark.parametrize("language", sorted(BANKS))
def test_every_word_of_a_bank_can_be_sung(language: str) -> None:
    bank = BANKS[language]
    words = {w for p in (*bank.doing, *bank.things, *bank.places, *bank.calls) for w in p.split()}
    for word in words:
        assert show_word(word, language)
        assert all(sum(map(is_vowel, part)) == 1 for part in pronounce(word, language)), word


def test_words_sound_as_they_should() -> None:
    said = {
        ("corazón", "es"): "ko 4a son",
        ("luce", "it"): "lu tSe",
        ("światło", "pl"): "Svja twO",
        ("hoshi", "ja"): "ho Si",
        ("river", "en"): "rI v3",
        ("lumière", "fr"): "lym jER",
    }
    for (word, language), sounds in said.items():
        assert pronounce(word, language) == tuple(split_symbols(part) for part in sounds.split())


def test_words_start_where_the_sound_does(sung: list[Song]) -> None:
    """Behind a rest the level rises within 30 ms of the word's time."""
    late = []
    for song in sung[:5]:
        wave = sing_alone(song)
        level = np.sqrt(np.mean(wave[: len(wave) // 240 * 240].reshape(-1, 240) ** 2, axis=1))
        words = [word for line in song.sung for word in line.words]
        for before, word in pairwise(words):
            quiet = (
                word.start - before.stop > 0.2
                and PHONES[word.syllables[0].phones[0].symbol].kind not in CLOSED
            )
            if quiet:
                first = round(word.start * 200)
                rise = np.flatnonzero(level[first - 16 : first + 20] > 0.02 * level.max())
                late.append((rise[0] - 16) * 0.005)
    assert len(late) >= 8 and np.abs(late).max() <= 0.03


def test_held_notes_are_in_tune(sung: list[Song]) -> None:
    errors = []
    for song in sung[:3]:
        wave = sing_alone(song)
        for note in [n for line in song.sung for n in line.notes if n.stop - n.start > 0.35][:12]:
            piece = wave[round((note.start + 0.12) * RATE) : round(note.stop * RATE)][::2]
            hz = librosa.yin(piece, fmin=55, fmax=1200, sr=RATE // 2, frame_length=2048)
            errors.append(abs(float(np.median(1200 * np.log2(hz / librosa.midi_to_hz(note.pitch))))))
    assert len(errors) >= 10 and np.median(errors) < 30


def test_speech_sounds_differ_in_their_spectra(sung: list[Song]) -> None:
    pieces = sounds_by_symbol(sung)
    assert share_above(pieces["s"], 5000) > 0.7
    assert share_above(pieces["a"], 5000) < 0.05
    assert share_above(pieces["a"], 550) > 2 * share_above(pieces["i"], 550)
    assert share_above(pieces["i"], 1800) > 3 * share_above(pieces["u"], 1800)
    assert share_above(pieces["n"], 500) < share_above(pieces["a"], 500)


def test_singers_differ(sung: list[Song]) -> None:
    line = sung[0].sung[0]
    waves = [sing_line(line, singer, np.random.default_rng(1)) for singer in SINGERS]
    bright = [share_above([wave], 2000) for wave in waves]
    assert len(SINGERS) >= 12 and max(bright) > 2 * min(bright)


def test_singing_is_reproducible_and_part_of_the_mix() -> None:
    song = next(
        song for song in (compose(seed, 5.0, 1.0) for seed in range(200)) if song.sung and song.backing
    )
    first, again = render_parts(song, None), render_parts(song, None)
    assert {"vocals", "backing_vocals"} <= set(first)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert np.abs(sum(first.values())).max() <= 0.95 + 1e-4


def test_the_lead_is_clear_above_the_band(sung: list[Song]) -> None:
    song = sung[1]
    stems = render_parts(song, None)
    spans = [slice(round(line.start * RATE), round(line.stop * RATE)) for line in song.sung]
    band = sum(stem for name, stem in stems.items() if name != "vocals")
    lead, rest = (np.mean([np.mean(sound[:, s] ** 2) for s in spans]) for sound in (stems["vocals"], band))
    assert -9 < 10 * np.log10(lead / rest) < 9


def test_the_command_takes_the_share_of_vocals(tmp_path: Path) -> None:
    asked = ["--out", str(tmp_path), "--songs", "2", "--seed", "21", "--seconds", "6", "--workers", "1"]
    assert main([*asked, "--vocals", "1", "--soundfont"]) == 0
    read = [read_song(tmp_path / f"song_{index:06d}") for index in range(2)]
    assert [song.sung != () for song, _, _ in read] == ["vocals" in names for _, names, _ in read]
    assert any(song.sung for song, _, _ in read)


def lines_by_voice(song: Song) -> dict[int, list[SungLine]]:
    voices: dict[int, list[SungLine]] = {}
    for line in song.backing:
        voices.setdefault(line.voice, []).append(line)
    return voices


def test_a_backing_voice_sings_one_line_at_a_time(sung: list[Song]) -> None:
    for song in (song for song in sung if song.backing):
        for lines in lines_by_voice(song).values():
            assert all(a.stop <= b.start + 0.1 for a, b in pairwise(lines))
