"""The tokens of a planner: text to ids and back, the bytes behind every token, and which tokens are codes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import ModelError
from engine.planner.limits import CODES

CODE = re.compile(r"<\|audio_code_(\d+)\|>")
START, END, THINK, THOUGHT = "<|im_start|>", "<|im_end|>", "<think>", "</think>"
SPECIAL = (START, END, THINK, THOUGHT)


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """tokenizer: of plain text only, so that no text a user sends can spell a special token.

    pieces: the bytes of every id below `text_stop`, empty for ids that are no text.  special: ids of the
    chat's own signs.  codes: ids of audio codes 0, 1, 2, ...  size: one past the largest id.
    """

    tokenizer: Any
    pieces: tuple[bytes, ...]
    special: Mapping[str, int]
    codes: np.ndarray
    size: int

    @property
    def text_stop(self) -> int:
        """One past the last id that text, or the end of it, needs."""
        return len(self.pieces)

    def encode(self, text: str) -> list[int]:
        """Ids of plain text."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def decode(self, ids: list[int]) -> str:
        """The text of ids that are text; what is no whole character becomes U+FFFD."""
        return b"".join(self.pieces[i] for i in ids).decode("utf-8", errors="replace")


def load_vocabulary(path: Path) -> Vocabulary:
    """Reads tokenizer.json. Raises ModelError when it is none a planner can have."""
    from tokenizers import Tokenizer

    try:
        values = json.loads(path.read_text("utf-8"))
        words: dict[str, int] = dict(values["model"]["vocab"])
        added = {item["content"]: int(item["id"]) for item in values.get("added_tokens", ())}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError("bad-config", f"{path}: {type(error).__name__}: {error}") from error
    every = words | added
    missing = [name for name in SPECIAL if name not in every]
    if missing:
        raise ModelError(
            "bad-config", f"{path}: no token {', '.join(missing)}: this is no planner's tokenizer"
        )
    values |= {"added_tokens": [], "post_processor": None, "padding": None, "truncation": None}
    codes = code_ids(every, path)
    special = {name: every[name] for name in SPECIAL}
    plain = {word: i for word, i in words.items() if word not in added and not CODE.fullmatch(word)}
    stop = 1 + max(*plain.values(), *special.values())
    return Vocabulary(
        Tokenizer.from_str(json.dumps(values)), bytes_of(plain, stop), special, codes, max(every.values()) + 1
    )


def code_ids(every: Mapping[str, int], path: Path) -> np.ndarray:
    """Ids of the audio codes, in the order of their numbers. Raises ModelError."""
    found = {int(match[1]): i for word, i in every.items() if (match := CODE.fullmatch(word))}
    count = min(len(found), CODES)
    if not count or any(number not in found for number in range(count)):
        raise ModelError(
            "bad-config", f"{path}: audio codes 0, 1, 2, ... expected, {len(found)} tokens found"
        )
    return np.array([found[number] for number in range(count)])


def bytes_of(words: Mapping[str, int], stop: int) -> tuple[bytes, ...]:
    """The bytes behind byte-level words; a word with other letters in it is none."""
    signs = byte_signs()
    pieces = [b""] * stop
    for word, i in words.items():
        if all(sign in signs for sign in word):
            pieces[i] = bytes(signs[sign] for sign in word)
    return tuple(pieces)


def byte_signs() -> dict[str, int]:
    """The printable sign that byte-level tokenizers write for each byte (Radford et al. 2019), and back."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in shown]
    return {chr(byte): byte for byte in shown} | {chr(256 + n): byte for n, byte in enumerate(rest)}
