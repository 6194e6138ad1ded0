"""Lyrics with times. Times are exact seconds; whether from a file's or a project's start, whoever holds them
says.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

# What some reader takes for the end of a line, or does not show.
CONTROLS = re.compile(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word, sung from start to end."""

    text: str
    start: Fraction
    end: Fraction


@dataclass(frozen=True, slots=True)
class TimedLine:
    """A line; its words, where they are known, follow each other in its text.

    is_tag: a section tag as "[chorus]", which nobody sings.
    """

    text: str
    start: Fraction
    end: Fraction
    words: tuple[TimedWord, ...] = ()
    is_tag: bool = False


def plain(text: str) -> str:
    """One line of a text file: no line breaks or control characters, no spaces around it."""
    return CONTROLS.sub(" ", text).strip()


def sung(lines: Iterable[TimedLine]) -> list[TimedLine]:
    """The lines that are sung, in order of time."""
    return sorted((line for line in lines if not line.is_tag), key=lambda line: line.start)


def moved(line: TimedLine, by: Fraction) -> TimedLine:
    """The line `by` seconds later."""
    words = tuple(TimedWord(word.text, word.start + by, word.end + by) for word in line.words)
    return replace(line, start=line.start + by, end=line.end + by, words=words)


def spelled(line: TimedLine) -> list[tuple[TimedWord, str]]:
    """Every word with the text it stands for: itself, what precedes it on the line, and the space behind it.

    The texts together are the line's; a line without words is one word.
    """
    words = line.words or (TimedWord(line.text, line.start, line.end),)
    text, parts, at = plain(line.text), [], 0
    for index, word in enumerate(words):
        found = text.find(plain(word.text), at)
        end = at if found < 0 else found + len(plain(word.text))
        while end < len(text) and text[end].isspace():
            end += 1
        end = len(text) if index == len(words) - 1 else end
        parts.append((word, text[at:end]))
        at = end
    return parts
