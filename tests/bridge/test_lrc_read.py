"""LRC files as people have them, and merging a region into one."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lrcparser import LrcParser

from bridge.grid import build_grid
from bridge.lyrics.lrc import write_lrc, write_word_lrc
from bridge.lyrics.lrc_read import merge_lrc, parse_lrc
from bridge.lyrics.ruler import Ruler
from bridge.lyrics.values import TimedLine
from protocol.values import MeterPoint, TempoPoint
from tests.bridge.lyric_strategies import FEW, line, song

PROJECT = Ruler(build_grid((TempoPoint(Fraction(0), Fraction(120)),), (MeterPoint(1, 4, 4),)))
OLD = "[ti:Song]\n[00:01.00]one\n[00:05.00]two\n[00:09.00]three\n[00:20.00]four\n"


def starts(text: str) -> list[tuple[float, str]]:
    return [(float(one.start), one.text) for one in parse_lrc(text).lines]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("[00:12.34]x", [(12.34, "x")]),
        ("[0:12]x", [(12.0, "x")]),
        ("[00:12.3]x", [(12.3, "x")]),
        ("[00:12.345] x ", [(12.345, "x")]),
        ("[00:12:34]x", [(12.34, "x")]),
        ("[125:01,5]x", [(7501.5, "x")]),
        ("[01:02:03.50]x", [(3723.5, "x")]),
        ("[ 00:01.00 ][00:05.00] twice", [(1.0, "twice"), (5.0, "twice")]),
        ("\ufeff[00:02.00]b\r\n[00:01.00]a\r\n", [(1.0, "a"), (2.0, "b")]),
        ("[offset:+500]\n[00:02.00]x", [(1.5, "x")]),
        ("[offset:-500]\n[00:02.00]x", [(2.5, "x")]),
        ("[offset:soon]\n[00:02.00]x", [(2.0, "x")]),
        ("no time\n[chorus]\n[00:99]x\n[]", [(99.0, "x")]),
        ("[00:01.00][chorus] la", [(1.0, "[chorus] la")]),
        ("", []),
    ],
)
def test_what_people_write_is_read(text: str, lines: list[tuple[float, str]]) -> None:
    assert starts(text) == lines


def test_id_tags_are_read_and_the_offset_is_apart() -> None:
    read = parse_lrc("[ti: A: B ]\n[AR:x]\n[offset: 250 ]\n")
    assert read.ids == (("ti", "A: B"), ("AR", "x")) and read.offset == Fraction(1, 4)


def test_a_line_ends_where_the_next_begins_or_an_empty_one_says() -> None:
    lines = parse_lrc("[00:01.00]a\n[00:03.00]\n[00:07.00]b\n[00:09.00]c").lines
    assert [(float(x.start), float(x.end)) for x in lines] == [(1, 3), (7, 9), (9, 9)]


def test_word_times_are_read_and_repeats_move_them() -> None:
    first, second = parse_lrc("[00:12.00][01:12.00]<00:12.00> When <00:12.50>the <00:13.00>").lines
    assert first.text == "When the"
    assert [(w.text, float(w.start), float(w.end)) for w in first.words] == [
        ("When", 12, 12.5),
        ("the", 12.5, 13),
    ]
    assert float(second.words[0].start) == 72 and float(second.end) == 73


@FEW
@given(st.text(st.sampled_from("[]<>:.,0123456789ab\n\r offset-+"), max_size=80))
def test_reading_never_fails(text: str) -> None:
    parse_lrc(text)
    merge_lrc(text, [], (Fraction(1), Fraction(2)))


@FEW
@given(song())
def test_what_we_write_we_read(lines: list[TimedLine]) -> None:
    read = parse_lrc(write_word_lrc(lines, PROJECT)).lines
    assert sorted(one.text for one in read) == sorted(one.text for one in lines)
    assert all(abs(a.start - b.start) <= Fraction(1, 200) for a, b in zip(read, lines, strict=True))
    assert sum(len(one.words) for one in read) == sum(len(one.words) for one in lines)


# --- merge


def merged(old: str, *new: TimedLine, start: str = "4", end: str = "10", words: bool = False) -> str:
    return merge_lrc(old, new, (Fraction(start), Fraction(end)), words)


def test_only_the_lines_inside_are_replaced() -> None:
    text = merged(OLD, line("TWO", 6), line("THREE", 8))
    assert text == "[ti:Song]\n[00:01.00]one\n[00:06.00]TWO\n[00:08.00]THREE\n[00:20.00]four\n"


def test_new_lines_outside_the_region_are_not_taken() -> None:
    assert merged(OLD, line("before", 3), line("after", 10)) == "[ti:Song]\n[00:01.00]one\n[00:20.00]four\n"


def test_no_new_lines_empty_the_region_and_an_empty_region_gains_lines() -> None:
    assert "two" not in merged(OLD) and "four" in merged(OLD)
    assert starts(merged(OLD, line("new", 15), start="12", end="18"))[3] == (15.0, "new")


def test_a_line_at_the_start_is_inside_one_at_the_end_is_not() -> None:
    text = "[00:12.35]start\n[00:20.00]end\n"  # 12.345 was written as 12.35
    assert merged(text, start="12.345", end="20") == "[00:20.00]end\n"


def test_repeats_outside_the_region_stay() -> None:
    assert merged("[00:05.00][01:05.00]chorus\n", line("new", 5)) == "[00:05.00]new\n[01:05.00]chorus\n"


def test_the_offset_is_kept_and_reckoned_with() -> None:
    old = "[offset:1000]\n[00:05.50]at 4.5\n[00:04.50]at 3.5\n"
    text = merged(old, line("new", 5))
    assert text == "[offset:1000]\n[00:06.00]new\n[00:04.50]at 3.5\n"
    assert (5.0, "new") in starts(text)


def test_comments_line_ends_and_marks_stay() -> None:
    old = "\ufeff[ti:x]\r\n# a comment\r\n[00:05.00]two\r\n\r\nfree text"
    assert merged(old, line("new", 5)) == "\ufeff[ti:x]\r\n# a comment\r\n[00:05.00]new\r\n\r\nfree text\r\n"


def test_section_tags_are_not_merged_in_and_words_are_when_asked_for() -> None:
    tag = TimedLine("[chorus]", Fraction(5), Fraction(5), is_tag=True)
    assert "chorus" not in merged(OLD, tag, line("la", 5))
    assert "[00:05.00]<00:05.00>la <00:05.50>lo<00:06.00>" in merged(OLD, line("la lo", 5), words=True)


def test_into_nothing() -> None:
    assert merged("", line("new", 5)) == "[00:05.00]new\n"


REGION = st.tuples(st.integers(0, 900_000), st.integers(1, 900_000))


@FEW
@given(song(), song(), REGION)
def test_a_merge_is_the_old_outside_and_the_new_inside(
    old: list[TimedLine], new: list[TimedLine], centiseconds: tuple[int, int]
) -> None:
    start, end = Fraction(centiseconds[0], 100), Fraction(sum(centiseconds), 100)
    before = write_lrc(old, PROJECT)
    after = merge_lrc(before, new, (start, end))
    outside = [one for one in starts(before) if not float(start) <= one[0] < float(end)]
    inside = [one.text for one in new if start <= one.start < end]
    assert sorted(text for _, text in starts(after)) == sorted([*(text for _, text in outside), *inside])
    assert set(outside) <= set(starts(after))
    assert len(LrcParser.parse(after)["lrc_lines"]) == len(outside) + len(inside)


@FEW
@given(song(), REGION)
def test_merging_twice_changes_nothing_more(new: list[TimedLine], centiseconds: tuple[int, int]) -> None:
    region = Fraction(centiseconds[0], 100), Fraction(sum(centiseconds), 100)
    once = merge_lrc(OLD, new, region)
    inside = [one for one in new if one.start < region[1] - Fraction(1, 100)]
    assert merge_lrc(merge_lrc(OLD, inside, region), inside, region) == merge_lrc(OLD, inside, region)
    assert once.startswith("[ti:Song]\n")
