"""How values are spelt in the shell. Only positions need a spelling of their own: everything else is text.

17, 17|3|480, 17:3:480     bars, beats and ticks (the second needs no quotes in a shell)
3.5s, 3.5seconds           seconds; also 16beats, 96000samples, 17bars
"""

import re
from typing import Any

from protocol.places import Place

SHORT = {"s": "seconds"}
"""Units that are so common that a letter is enough."""


def place_of(kind: Place, text: str, unit: str = "") -> dict[str, str]:
    """The plain value {unit: number} of a position or length; its checks are the kind's own.

    unit: given by the option (`--start.seconds 3.5`); "" = whatever the text ends in, bars when in nothing.
    """
    number, word = (text, unit) if unit else _split_unit(kind, text)
    return {word: number.replace(":", "|") if word == "bars" else number}


def _split_unit(kind: Place, text: str) -> tuple[str, str]:
    names = [*(unit.name for unit in kind.units), *SHORT]
    found = re.fullmatch(rf"(.*?)\s*({'|'.join(names)})\s*", text, re.IGNORECASE)
    if found is None:
        return text, kind.units[0].name
    word = found[2].lower()
    return found[1], SHORT.get(word, word)


def place_text(plain: dict[str, Any]) -> str:
    """How a position is shown: 17|1|0 for bars, else the number and its unit."""
    ((unit, number),) = plain.items()
    return str(number) if unit == "bars" else f"{number}{unit}"
