"""Which tokens a chain of thought, lyrics or codes may go on with: prefix trees of whole lines, free text by
automaton.

Everything that depends on the vocabulary alone is built once (`build_grammar`). A position in the text is a
frozen value; `allowed` reads tables and `advance` follows one arrow, so that a token costs next to nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.planner.automaton import CAPTION, LYRICS, NO, Automaton, build_automaton
from engine.planner.blueprint import thought_yaml
from engine.planner.limits import CAPTION_TOKENS, CLOSED, FIELDS, LYRIC_TOKENS
from engine.planner.vocabulary import END, THOUGHT, Vocabulary

ROOM = 6  # tokens a free text may need to come to an end: the rest of a character, a word, a line end
Rows = slice | Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A place in a prefix tree of token ids. ids: what may follow, in rising order; none at the end."""

    ids: Tensor
    after: Mapping[int, "Node"]


@dataclass(frozen=True, slots=True, eq=False)
class Allowed:
    """What may follow. rows: ids as rows of the output layer; keep: (rows,) bool of those, None = all."""

    rows: Rows
    keep: Tensor | None = None

    def token(self, index: int) -> int:
        """The id of the index-th row."""
        return index + self.rows.start if isinstance(self.rows, slice) else int(self.rows[index])


@dataclass(frozen=True, slots=True, eq=False)
class FreeText:
    """An automaton as torch masks over ids 0..stop-1: open (states, stop), closing (states, stop)."""

    automaton: Automaton
    open: Tensor
    closing: Tensor
    most: int


@dataclass(frozen=True, slots=True, eq=False)
class Grammar:
    """Everything about one vocabulary. lines: a tree for every closed field, "bpm: 30" to "bpm: 300"."""

    vocabulary: Vocabulary
    lines: Mapping[str, Node]
    caption: FreeText
    lyrics: FreeText


@dataclass(frozen=True, slots=True, eq=False)
class Position:
    """Where a text stands.

    parts: what is still to come, its first being under way: a prefix tree or a free text.  node: the place
    in a tree.  state, count: of a free text, the automaton's state and its tokens so far.
    """

    parts: tuple[Node | FreeText, ...]
    node: Node | None = None
    state: int = 0
    count: int = 0

    @property
    def is_over(self) -> bool:
        """Is nothing to come any more?"""
        return not self.parts


def build_grammar(vocabulary: Vocabulary) -> Grammar:
    """The tables of a vocabulary: some seconds for 150 000 tokens."""
    lines = {
        name: tree(vocabulary.encode(f"{name}: {value}\n") for value in kind.values)
        for name, kind in CLOSED.items()
    }
    return Grammar(
        vocabulary,
        lines,
        free_text(build_automaton(CAPTION, vocabulary.pieces), CAPTION_TOKENS),
        free_text(build_automaton(LYRICS, vocabulary.pieces), LYRIC_TOKENS),
    )


def free_text(automaton: Automaton, most: int) -> FreeText:
    """An automaton as torch sees it; most: tokens."""
    is_open = torch.from_numpy(automaton.after != NO)
    return FreeText(automaton, is_open, torch.from_numpy(automaton.closing), most)


def tree(sequences: Iterable[list[int]]) -> Node:
    """The prefix tree of some token sequences, none of which may begin another."""
    branches: dict[int, list[list[int]]] = {}
    for sequence in sequences:
        if sequence:
            branches.setdefault(sequence[0], []).append(sequence[1:])
    after = {token: tree(rests) for token, rests in sorted(branches.items())}
    return Node(torch.tensor(list(after), dtype=torch.long), after)


def chain(sequence: list[int]) -> Node:
    """The tree of one sequence, of any length."""
    node = Node(torch.empty(0, dtype=torch.long), {})
    for token in reversed(sequence):
        node = Node(torch.tensor([token]), {token: node})
    return node


def thought(grammar: Grammar, given: Mapping[str, str]) -> Position:
    """The beginning of a chain of thought, behind "<think>\\n". given: checked fields that are fixed."""
    encode = grammar.vocabulary.encode
    parts: list[Node | FreeText] = []
    for name in FIELDS:
        if name == "caption" and name not in given:
            parts += [chain(encode("caption:")), grammar.caption]
        elif name == "caption":
            parts.append(chain(encode(thought_yaml({name: given[name]}))))
        else:
            parts.append(chain(encode(f"{name}: {given[name]}\n")) if name in given else grammar.lines[name])
    parts.append(chain([grammar.vocabulary.special[THOUGHT]]))
    return enter(tuple(parts))


def song_words(grammar: Grammar) -> Position:
    """The beginning of lyrics, behind "</think>"; they end with the answer."""
    return enter((grammar.lyrics, chain([grammar.vocabulary.special[END]])))


def enter(parts: tuple[Node | FreeText, ...]) -> Position:
    """The first position in what is to come."""
    first = parts[0] if parts else None
    if isinstance(first, FreeText):
        return Position(parts, None, first.automaton.numbers[first.automaton.rules.start])
    return Position(parts, first)


def is_closing(position: Position, text: FreeText) -> bool:
    """Is there room for no more than coming to an end?"""
    return position.count >= text.most - ROOM


def may_end(position: Position, text: FreeText) -> bool:
    """Could what follows the free text begin here?"""
    rules = text.automaton.rules
    return any(position.state == text.automaton.numbers[name] for name in rules.ends)


def allowed(position: Position) -> Allowed:
    """What may follow. The position must not be over."""
    if position.node is not None:
        return Allowed(position.node.ids)
    text = position.parts[0]
    assert isinstance(text, FreeText)
    ends, closing = may_end(position, text), is_closing(position, text)
    roots = next_roots(position)
    if ends and closing:
        return Allowed(roots)
    keep = (text.closing if closing else text.open)[position.state]
    if ends:
        keep = keep.clone()
        keep[roots] = True
    return Allowed(slice(0, keep.shape[0]), keep)


def next_roots(position: Position) -> Tensor:
    """The tokens that what comes after a free text can begin with."""
    after = position.parts[1]
    assert isinstance(after, Node)
    return after.ids


def advance(position: Position, token: int) -> Position:
    """The position behind one allowed token."""
    if position.node is not None:
        node = position.node.after[token]
        return replace(position, node=node) if node.after else enter(position.parts[1:])
    text = position.parts[0]
    assert isinstance(text, FreeText)
    if may_end(position, text) and token in position.parts[1].after:  # type: ignore[union-attr]
        return advance(enter(position.parts[1:]), token)
    state = int(text.automaton.after[position.state, token])
    return replace(position, state=state, count=position.count + 1)


def forced(position: Position) -> tuple[list[int], Position]:
    """The tokens that follow without any choice, and the position behind them."""
    tokens: list[int] = []
    while position.node is not None and len(position.node.after) == 1:
        tokens.append(int(position.node.ids[0]))
        position = advance(position, tokens[-1])
    return tokens, position


def code_rows(vocabulary: Vocabulary) -> Allowed:
    """The audio codes; as a slice where their ids follow one another, so that no row has to be copied."""
    ids = vocabulary.codes
    first, last = int(ids[0]), int(ids[-1])
    in_order = last - first + 1 == len(ids) and bool((ids[1:] > ids[:-1]).all())
    return Allowed(slice(first, last + 1) if in_order else torch.from_numpy(ids))
