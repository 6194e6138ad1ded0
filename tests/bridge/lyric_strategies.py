"""Drawn lyrics: any text, any times."""

from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st

from bridge.lyrics.values import TimedLine, TimedWord

# Letters, marks, digits, punctuation and signs of all scripts; brackets too.
WORDS = st.text(st.characters(categories=("L", "M", "N", "P", "S")), min_size=1, max_size=6)
FEW = settings(max_examples=40, deadline=None)
TIMES = st.fractions(0, 9000, max_denominator=48_000)
STEPS = st.fractions(0, 20, max_denominator=48_000)


@st.composite
def timed_line(draw: st.DrawFn) -> TimedLine:
    """A line of one to six words, in order."""
    at, words = draw(TIMES), []
    for text in draw(st.lists(WORDS, min_size=1, max_size=6)):
        end = at + draw(STEPS)
        words.append(TimedWord(text, at, end))
        at = end + draw(STEPS)
    text = " ".join(word.text for word in words)
    return TimedLine(text, words[0].start, words[-1].end, tuple(words))


@st.composite
def song(draw: st.DrawFn) -> list[TimedLine]:
    """Lines in order of time."""
    lines = draw(st.lists(timed_line(), max_size=6))
    return sorted(lines, key=lambda line: line.start)


def line(text: str, start: float | str, end: float | str = 0, **more: object) -> TimedLine:
    """A line with a word every half second, or with what is given."""
    first = Fraction(str(start))
    words = tuple(
        TimedWord(word, first + Fraction(i, 2), first + Fraction(i + 1, 2))
        for i, word in enumerate(text.split())
    )
    last = Fraction(str(end)) or words[-1].end
    return TimedLine(text, first, last, **({"words": words} | more))
