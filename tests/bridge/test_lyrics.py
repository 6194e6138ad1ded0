"""Every lyrics format, read back by somebody else's reader."""

import csv
import json
import re
from dataclasses import replace
from fractions import Fraction
from io import BytesIO, StringIO

import mido
import pytest
import srt
import webvtt
from hypothesis import given
from lrcparser import LrcParser

from bridge.grid import build_grid, time_at
from bridge.lyrics.formats import FORMATS, written
from bridge.lyrics.lrc import write_lrc, write_word_lrc
from bridge.lyrics.lyric_json import write_json
from bridge.lyrics.midi import write_midi
from bridge.lyrics.reaper import write_markers, write_track_lyrics
from bridge.lyrics.ruler import Ruler, hours_stamp, measures, minutes_stamp
from bridge.lyrics.subtitles import write_srt, write_vtt
from bridge.lyrics.values import TimedLine, spelled
from protocol.values import Beats, MeterPoint, TempoPoint
from tests.bridge.lyric_strategies import FEW, line, song
from tests.engine.sung import LYRICS

STEADY = build_grid((TempoPoint(Fraction(0), Fraction(120)),), (MeterPoint(1, 4, 4),))
RAMPED = build_grid(
    (
        TempoPoint(Fraction(0), Fraction(100), "beats"),
        TempoPoint(Fraction(16), Fraction(140)),
        TempoPoint(Fraction(40), Fraction(90), "time"),
        TempoPoint(Fraction(60), Fraction(120)),
    ),
    (MeterPoint(1, 4, 4), MeterPoint(3, 7, 8)),
)
PROJECT = Ruler(STEADY)
FROM_FILE = Ruler(STEADY, Fraction(10), "file")
IN_BARS = Ruler(STEADY, Fraction(10), "bars")
SONG = [
    TimedLine("[verse]", Fraction(10), Fraction(10), is_tag=True),
    line("Hello big world", 10),
    line("你好，世界", 12, 14, words=()),
    line("<b> & shalom", "59.996", 62),
    line("much later", 4000),
]


def near(a: float, b: Fraction, within: float) -> bool:
    return abs(a - float(b)) <= within + 1e-9


# --- stamps


@pytest.mark.parametrize(
    ("t", "stamp"),
    [("0", "00:00.00"), ("59.996", "01:00.00"), ("59.994", "00:59.99"), ("3599.999", "60:00.00"),
     ("6000.125", "100:00.13"), ("0.005", "00:00.01")],
)  # fmt: skip
def test_centiseconds_carry_and_minutes_go_past_59(t: str, stamp: str) -> None:
    assert minutes_stamp(Fraction(t)) == stamp


def test_milliseconds_carry() -> None:
    assert hours_stamp(Fraction("3599.9996"), ",") == "01:00:00,000"


# --- LRC


def read_lrc(text: str) -> list[tuple[float, str]]:
    """By lrcparser."""
    lines = LrcParser.parse(text)["lrc_lines"]
    return [(seconds_of(found.start_time), "".join(str(part.text) for part in found.text)) for found in lines]


def seconds_of(time: object) -> float:
    return time.minutes * 60 + time.seconds + time.microseconds / 1e6  # type: ignore[attr-defined]


def test_lrc_is_read_back_without_tags_of_sections() -> None:
    text = write_lrc(SONG, PROJECT, {"ti": "Song", "by": "Barline"})
    assert text.startswith("[ti:Song]\n[by:Barline]\n[00:10.00]Hello big world\n")
    assert "[verse]" not in text and "[66:40.00]much later" in text
    assert read_lrc(text)[0] == (10.0, "Hello big world")
    assert LrcParser.parse(text)["attributes"] == {"ti": "Song", "by": "Barline"}


def test_a_line_that_begins_with_a_bracket_is_not_lost() -> None:
    assert read_lrc(write_lrc([line("[softly] come home", 1)], PROJECT)) == [(1.0, "(softly) come home")]


def test_lrc_never_has_two_tags_on_a_line() -> None:
    tricky = [line("[00:05.00]no <00:06.00> tag", 1, words=())]
    assert write_lrc(tricky, PROJECT) == "[00:01.00](00:05.00)no (00:06.00) tag\n"


@FEW
@given(song())
def test_any_lrc_is_read_back(lines: list[TimedLine]) -> None:
    read = read_lrc(write_lrc(lines, PROJECT))
    texts = (re.sub(r"^\[(.*?)\]", r"(\1)", one.text) for one in lines)  # readers drop a first [word]
    assert sorted(text for _, text in read) == sorted(texts)
    assert all(near(t, one.start, 0.005) for (t, _), one in zip(read, lines, strict=True))


@FEW
@given(song())
def test_any_word_lrc_is_read_back(lines: list[TimedLine]) -> None:
    drawn = [without_angles(one) for one in lines]
    found = LrcParser.parse(write_word_lrc(drawn, PROJECT))["lrc_lines"]
    parts = [(seconds_of(part.time), str(part.text).strip()) for one in found for part in one.text]
    words = sorted(pair for pair in parts if pair[1])
    wanted = sorted((float(word.start), word.text) for one in drawn for word in one.words)
    assert sorted(text for _, text in words) == sorted(text for _, text in wanted)
    assert all(abs(a - b) <= 0.0051 for (a, _), (b, _) in zip(words, wanted, strict=True))


def without_angles(one: TimedLine) -> TimedLine:
    """lrcparser parts a word at any <."""
    words = tuple(replace(word, text=re.sub("[<>]", "-", word.text)) for word in one.words)
    return replace(one, text=" ".join(word.text for word in words), words=words)


def test_a_file_starts_at_its_own_zero_and_bars_are_the_projects() -> None:
    assert write_lrc(SONG[1:2], FROM_FILE) == "[00:00.00]Hello big world\n"
    assert write_lrc(SONG[1:2], IN_BARS) == "[6|1|0]Hello big world\n"
    assert write_lrc([line("early", 8)], FROM_FILE) == "[00:00.00]early\n"


def test_words_without_spaces_stay_together() -> None:
    words = tuple(line(sign, 12 + i).words[0] for i, sign in enumerate(("你", "好，", "世", "界")))
    text = write_word_lrc([TimedLine("你好，世界", Fraction(12), Fraction(16), words)], PROJECT)
    assert text == "[00:12.00]<00:12.00>你<00:13.00>好，<00:14.00>世<00:15.00>界<00:15.50>\n"


# --- subtitles


@FEW
@given(song())
def test_any_srt_is_read_back(lines: list[TimedLine]) -> None:
    cues = list(srt.parse(write_srt(lines, PROJECT)))
    assert [cue.content for cue in cues] == [one.text for one in lines]
    assert all(
        near(cue.start.total_seconds(), one.start, 0.0005) for cue, one in zip(cues, lines, strict=True)
    )
    assert all(cue.end > cue.start for cue in cues)


@FEW
@given(song())
def test_any_vtt_is_read_back(lines: list[TimedLine]) -> None:
    cues = list(webvtt.from_string(write_vtt(lines, PROJECT)))
    assert [unescaped(cue.text) for cue in cues] == [one.text for one in lines]
    assert [cue.start for cue in cues] == [hours_stamp(one.start) for one in lines]


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def test_vtt_has_word_times_inside_its_cues() -> None:
    assert "00:00:10.000 --> 00:00:11.500\nHello <00:00:10.500>big <00:00:11.000>world\n" in write_vtt(
        SONG, PROJECT
    )
    assert "&lt;b&gt; <00:01:00.496>&amp; " in write_vtt(SONG, PROJECT)


def test_subtitles_in_bars() -> None:
    assert "6|1|0 --> 6|4|0\nHello" in write_srt(SONG, IN_BARS)


# --- JSON


def test_json_has_every_time_in_three_units() -> None:
    read = json.loads(write_json(SONG, FROM_FILE))
    tag, hello, *_ = read["lines"]
    assert tag["is_tag"] and not hello["is_tag"] and read["sample_rate"] == 48_000
    big = hello["words"][1]
    assert (big["start_s"], big["start_sample"], big["start_bar"]) == (0.5, 24_000, "6|2|0")


@FEW
@given(song())
def test_any_json_is_read_back(lines: list[TimedLine]) -> None:
    read = json.loads(write_json(lines, PROJECT))["lines"]
    assert [one["text"] for one in read] == [one.text for one in lines]
    assert all(near(one["end_s"], wanted.end, 1e-6) for one, wanted in zip(read, lines, strict=True))


# --- MIDI


def read_midi(made: bytes, kind: str = "lyrics") -> list[tuple[float, str]]:
    """By mido: seconds, by the file's own tempo map, and texts."""
    file, at, found = mido.MidiFile(file=BytesIO(made), charset="utf-8"), 0.0, []
    for message in file:
        at += message.time
        if message.type == kind:
            found.append((at, message.name if kind == "track_name" else message.text))
    return found


def test_midi_lyrics_keep_spaces_and_end_lines() -> None:
    read = read_midi(write_midi(SONG, PROJECT))
    assert [text for _, text in read[:4]] == ["Hello ", "big ", "world\r", "你好，世界\r"]
    assert read_midi(write_midi(SONG, PROJECT), "marker") == [(10.0, "[verse]")]


@FEW
@given(song())
def test_any_midi_is_read_back_at_its_seconds(lines: list[TimedLine]) -> None:
    near_lines = [one for one in lines if one.end < 300]
    read = read_midi(write_midi(near_lines, Ruler(RAMPED)))
    wanted = sorted((word.start, text) for one in near_lines for word, text in spelled(one))
    assert sorted(text.removesuffix("\r") for _, text in read) == sorted(text for _, text in wanted)
    assert all(near(a, b, 0.002) for (a, _), (b, _) in zip(sorted(read), wanted, strict=True))


def test_midi_relative_to_the_file_starts_in_the_middle_of_the_map() -> None:
    start = time_at(RAMPED, Beats(Fraction(6))).value
    lines = [line("in the ramp", float(start) + 3)]
    read = read_midi(write_midi(lines, Ruler(RAMPED, start, "file")))
    assert near(read[0][0], lines[0].start - start, 0.002)


def test_midi_carries_tempo_and_signatures() -> None:
    made = write_midi([line("late", 60)], Ruler(RAMPED))
    file = mido.MidiFile(file=BytesIO(made))
    signs = [m for m in file.tracks[0] if m.type == "time_signature"]
    assert [(m.numerator, m.denominator) for m in signs] == [(4, 4), (7, 8)]
    tempos = [mido.tempo2bpm(m.tempo) for m in file.tracks[0] if m.type == "set_tempo"]
    assert tempos[-1] == pytest.approx(120) and 100 < tempos[0] < 101


# --- REAPER


def test_reaper_regions_and_markers() -> None:
    rows = list(csv.DictReader(StringIO(write_markers(SONG, PROJECT))))
    assert [row["#"] for row in rows] == ["M1", "R1", "R2", "R3", "R4"]
    assert (rows[1]["Start"], rows[1]["End"], rows[1]["Length"]) == (
        "00:00:10.000", "00:00:11.500", "00:00:01.500",
    )  # fmt: skip
    assert next(csv.DictReader(StringIO(write_markers(SONG[1:], IN_BARS))))["End"] == "6.4.00"


def test_reaper_track_lyrics_are_places_and_words() -> None:
    assert write_track_lyrics(SONG[:2], PROJECT) == "6.1.00\tHello \t6.2.00\tbig \t6.3.00\tworld\t"


@pytest.mark.parametrize(
    ("t", "text"), [("10", "6.1.00"), ("10.2475", "6.1.50"), ("10.499", "6.2.00"), ("11.999", "7.1.00")]
)
def test_measures_round_to_hundredths_and_carry(t: str, text: str) -> None:
    assert measures(STEADY, Fraction(t)) == text


def test_measures_count_beats_of_the_signature() -> None:
    t = time_at(RAMPED, Beats(Fraction(8) + Fraction(7, 2) + Fraction(3, 4))).value
    assert measures(RAMPED, t) == "4.2.50"


# --- all


@pytest.mark.parametrize("script", LYRICS)
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_keeps_every_script(name: str, script: str) -> None:
    texts = [text for text in LYRICS[script].split("\n") if text and not text.startswith("[")]
    made = written(name, [line(text, 10 * i) for i, text in enumerate(texts)], PROJECT)
    readers = {
        "lrc": lambda raw: [text for _, text in read_lrc(raw.decode())],
        "words": lambda raw: [text for _, text in read_lrc(raw.decode())],
        "srt": lambda raw: [cue.content for cue in srt.parse(raw.decode())],
        "vtt": lambda raw: [cue.text for cue in webvtt.from_string(raw.decode())],
        "json": lambda raw: [one["text"] for one in json.loads(raw)["lines"]],
        "midi": lambda raw: "".join(text for _, text in read_midi(raw)).split("\r")[:-1],
        "markers": lambda raw: [row["Name"] for row in csv.DictReader(StringIO(raw.decode()))],
        "reaper": lambda raw: regrouped(raw.decode().split("\t")[1::2], texts),
    }
    assert readers[name](made) == texts


def regrouped(words: list[str], texts: list[str]) -> list[str]:
    """REAPER's lyrics know no lines: the words joined, cut where the lines are."""
    counts = [len(text.split()) for text in texts]
    starts = [sum(counts[:i]) for i in range(len(counts))]
    return ["".join(words[a : a + n]) for a, n in zip(starts, counts, strict=True)]
