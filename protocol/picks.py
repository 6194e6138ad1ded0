"""The kind for several words out of a few: stem classes."""

from dataclasses import dataclass
from typing import Any

from protocol.errors import ProtocolError
from protocol.exact import shown, wrong_type
from protocol.kinds import OscArgument

ALL = "all"


@dataclass(frozen=True, slots=True)
class Picks:
    """Some of the words, each once, in the order given: a JSON list, or one text with spaces or commas.

    "all" stands for every word in its own order.  lo: how many at least.
    """

    words: tuple[str, ...]
    lo: int = 0
    unit: str = ""

    @property
    def label(self) -> str:
        """Words."""
        return "words"

    @property
    def range(self) -> str:
        """How many of which words."""
        return f"{self.lo}..{len(self.words)} of {' '.join(self.words)}; or {ALL}"

    def read(self, plain: Any, field: str) -> tuple[str, ...]:
        """The words, from a list or a text."""
        found = plain.replace(",", " ").split() if isinstance(plain, str) else plain
        if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
            raise wrong_type(field, plain, "a list of words")
        if found == [ALL]:
            return self.words
        for word in found:
            if word not in self.words:
                text = f"{field}: {shown(word)} is none of {' '.join(self.words)} (or {ALL} alone)"
                raise ProtocolError("out-of-range", text, field)
        if len(set(found)) < len(found) or len(found) < self.lo:
            told = shown(" ".join(found))
            text = f"{field}={told}: at least {self.lo} words are needed, each once"
            raise ProtocolError("out-of-range", text, field)
        return tuple(found)

    def to_json(self, value: tuple[str, ...]) -> list[str]:
        """A list."""
        return list(value)

    def to_osc(self, name: str, value: tuple[str, ...]) -> tuple[str, OscArgument]:
        """One text with spaces."""
        return name, " ".join(value)

    def schema(self) -> dict[str, Any]:
        """A list of the words, or a text of them."""
        listed = {"enum": [*self.words, ALL]}
        several = {"type": "array", "items": listed, "minItems": self.lo, "maxItems": len(self.words)}
        return {"anyOf": [several, {"type": "string"}]}
