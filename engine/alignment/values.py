"""What an alignment says. Times are 48 kHz samples from the start of the audio; texts in logical order."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A token or a word and when it is sung: samples start..end, end at least start."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the lyrics. A section tag ("[chorus]") is not sung: it starts and ends where the next line
    starts, and has no words.
    """

    text: str
    start: int
    end: int
    words: tuple[Piece, ...]
    is_tag: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """How clearly the attention follows the lyrics, each 0..1; alignment/scores.py says what it is not."""

    coverage: float
    monotonicity: float
    confidence: float

    @property
    def value(self) -> float:
        """coverage^2 x monotonicity^2 x confidence, 0..1."""
        return self.coverage**2 * self.monotonicity**2 * self.confidence


@dataclass(frozen=True, slots=True)
class Alignment:
    """Every sung line with its words, the tags between them, and the tokens they were made of.

    untimed: lines past the last token the model reads (2048), which have no time and are left out.
    """

    lines: tuple[Line, ...]
    tokens: tuple[Piece, ...]
    score: Score
    untimed: int = 0
