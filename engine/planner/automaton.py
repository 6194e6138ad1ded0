"""Which tokens may follow in free text: a byte automaton, run once over the whole vocabulary.

What it lets through is valid UTF-8 of printable characters, and in captions always a plain YAML scalar.
Knows bytes; knows neither models nor fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

NO = -1
LONGEST = 48  # bytes; longer tokens are runs of blanks and dashes
PENDING = ("c2", "1", "e0", "2", "e2", "e280", "ed", "ef", "efbf", "f0", "3", "f4")
"""What a character that has begun still wants; U+0080-009F, U+2028, U+2029, U+FFFE, U+FFFF are no text."""
LEADS = (
    (0xC2, 0xC2, "c2"),
    (0xC3, 0xDF, "1"),
    (0xE0, 0xE0, "e0"),
    (0xE1, 0xE1, "2"),
    (0xE2, 0xE2, "e2"),
    (0xE3, 0xEC, "2"),
    (0xED, 0xED, "ed"),
    (0xEE, 0xEE, "2"),
    (0xEF, 0xEF, "ef"),
    (0xF0, 0xF0, "f0"),
    (0xF1, 0xF3, "3"),
    (0xF4, 0xF4, "f4"),
)
FOLLOW: Mapping[str, tuple[tuple[int, int, str], ...]] = {
    "c2": ((0xA0, 0xBF, ""),),
    "1": ((0x80, 0xBF, ""),),
    "e0": ((0xA0, 0xBF, "1"),),
    "2": ((0x80, 0xBF, "1"),),
    "e2": ((0x80, 0x80, "e280"), (0x81, 0xBF, "1")),
    "e280": ((0x80, 0xA7, ""), (0xAA, 0xBF, "")),
    "ed": ((0x80, 0x9F, "1"),),
    "ef": ((0x80, 0xBE, "1"), (0xBF, 0xBF, "efbf")),
    "efbf": ((0x80, 0xBD, ""),),
    "f0": ((0x90, 0xBF, "2"),),
    "3": ((0x80, 0xBF, "2"),),
    "f4": ((0x80, 0x8F, "2"),),
}
VISIBLE = "".join(map(chr, range(33, 127)))
INDICATORS = "-?:,[]{}#&*!|>'\"%@`=~<."


@dataclass(frozen=True, slots=True)
class Rules:
    """A language: for each state, what the bytes of ASCII lead to.

    inside: the state after a character beyond ASCII.  takes: states in which one may begin.  start: where a
    text begins.  ends: states in which it may end.
    """

    ascii: Mapping[str, Mapping[str, str]]
    inside: str
    takes: tuple[str, ...]
    start: str
    ends: tuple[str, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, begun characters included."""
        return (*self.ascii, *PENDING)


def _signs(signs: str, state: str) -> dict[str, str]:
    return dict.fromkeys(signs, state)


TEXT, LINE, COLON, BLANK = VISIBLE.replace("`", "").replace(":", ""), "line", "colon", "blank"
AFTER_BLANK = TEXT.replace("#", "")
CAPTION = Rules(
    # blank before the first word, first letter, text, after a blank, after a colon, new line, its indentation
    ascii={
        "start": {" ": "first"},
        "first": _signs("".join(sign for sign in TEXT if sign not in INDICATORS), "text"),
        "text": {**_signs(TEXT, "text"), ":": COLON, " ": BLANK, "\n": LINE},
        BLANK: {**_signs(AFTER_BLANK, "text"), ":": COLON, " ": BLANK, "\n": LINE},
        COLON: {**_signs(TEXT, "text"), ":": COLON},
        LINE: {" ": "indent"},
        "indent": {**_signs(AFTER_BLANK, "text"), ":": COLON, " ": "indent"},
    },
    inside="text",
    takes=("first", "text", BLANK, COLON, "indent"),
    start="start",
    ends=(LINE,),
)
LYRICS = Rules(
    ascii={"text": {**_signs(VISIBLE, "text"), " ": "text", "\n": "text"}},
    inside="text",
    takes=("text",),
    start="text",
    ends=("text",),
)


@dataclass(frozen=True, slots=True, eq=False)
class Automaton:
    """Rules met by a vocabulary.

    after: (states, V) int8, the state after each token or NO.  closing: (states, V) bool, tokens that bring
    the text nearest to an end; empty rows of bytes are never allowed.
    """

    rules: Rules
    numbers: Mapping[str, int]
    after: np.ndarray
    closing: np.ndarray


def byte_table(rules: Rules) -> np.ndarray:
    """(states, 256) int8: the state after each byte, or NO."""
    number = {name: i for i, name in enumerate(rules.states)}
    table = np.full((len(number), 256), NO, dtype=np.int8)
    for state, arrows in rules.ascii.items():
        for sign, target in arrows.items():
            table[number[state], ord(sign)] = number[target]
        for lo, hi, target in LEADS if state in rules.takes else ():
            table[number[state], lo : hi + 1] = number[target]
    for state, spans in FOLLOW.items():
        for lo, hi, target in spans:
            table[number[state], lo : hi + 1] = number[target or rules.inside]
    return table


def build_automaton(rules: Rules, pieces: tuple[bytes, ...]) -> Automaton:
    """Runs every token's bytes from every state."""
    table = byte_table(rules)
    count = min(LONGEST, max(map(len, pieces)))
    usable = np.array([0 < len(piece) <= count for piece in pieces])
    letters = np.zeros((len(pieces), count), dtype=np.uint8)
    lengths = np.array([len(piece) if good else 0 for piece, good in zip(pieces, usable, strict=True)])
    joined = np.frombuffer(
        b"".join(p for p, good in zip(pieces, usable, strict=True) if good), dtype=np.uint8
    )
    letters[np.arange(count)[None, :] < lengths[:, None]] = joined
    after = np.stack([run(table, state, letters, lengths) for state in range(len(table))])
    after[:, ~usable] = NO
    numbers = {name: i for i, name in enumerate(rules.states)}
    return Automaton(rules, numbers, after, closing_tokens(rules, numbers, after))


def run(table: np.ndarray, state: int, letters: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The state after every token, begun in one state."""
    now = np.full(len(letters), state, dtype=np.int8)
    for place in range(letters.shape[1]):
        alive = np.flatnonzero((lengths > place) & (now != NO))
        now[alive] = table[now[alive], letters[alive, place]]
    return now


def closing_tokens(rules: Rules, numbers: Mapping[str, int], after: np.ndarray) -> np.ndarray:
    """For every state the tokens after which an end is nearest: distance to an end, one step at a time."""
    reached = np.isin(after, [numbers[name] for name in rules.ends])
    near = {numbers[name] for name in rules.ends}
    closing = np.zeros(after.shape, dtype=bool)
    done = np.zeros(len(after), dtype=bool)
    while True:
        fresh = ~done & reached.any(axis=1)
        if not fresh.any():
            return closing
        closing[fresh] = reached[fresh]
        done |= fresh
        near |= set(np.flatnonzero(fresh))
        reached = np.isin(after, list(near))
