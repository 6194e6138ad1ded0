"""What the user wants, from where he can write it: the names of clips and tracks, and the file live.txt.

A name's words after its first colon are the caption: "Guitar: nylon, fingerpicked". A name that begins with
an exclamation mark is a command: "!repaint", "!layer bass, deep and round". live.txt lies in the runtime
folder and holds one setting a line; everything behind the line "lyrics:" is the lyrics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = (
    "woodwinds",
    "brass",
    "fx",
    "synth",
    "strings",
    "percussion",
    "keyboard",
    "guitar",
    "bass",
    "drums",
    "backing_vocals",
    "vocals",
)
"""The classes of stems that the daemon knows (docs/PROTOCOL.md, extract)."""
VERBS = ("repaint", "stems", "layer", "backing", "cover", "continue", "generate", "cancel")
"""Every action, in the order of its MIDI notes."""
SETTINGS_FILE = "live.txt"
LARGEST_SETTINGS = 65_536
"""Bytes that are read of it, so that a tick stays short."""


class WishError(Exception):
    """What the user wrote cannot be meant, or a choice of his is missing; the text says what to do."""


class Settings(NamedTuple):
    """live.txt, with what holds where it says nothing."""

    caption: str = ""
    lyrics: str = ""
    language: str = "en"
    key: str = ""
    stems: str = "vocals drums bass"
    mode: str = "masked"
    """How stems are made, see `extract` in docs/PROTOCOL.md; dsp needs no model, for drums and bass."""
    layer: str = "drums"
    bars: int = 8
    """Length of what Continue and Generate make, in bars."""
    seed: int = -1
    steps: int = 0
    strength: float = 1.0
    out: str = ""
    token: str = ""
    channel: int = 16
    """MIDI channel of the actions, 1..16."""
    note: int = 0
    """MIDI note of the first action; the others follow."""
    controller: int = 102
    """MIDI controller of the first action; the others follow."""


class Command(NamedTuple):
    """A name that is a command."""

    verb: str
    words: str


RANGES = {"bars": (1, 999), "channel": (1, 16), "note": (0, 120), "controller": (0, 120)}


def read_settings(folder: Path) -> Settings:
    """live.txt of the runtime folder; the usual where there is none. Raises WishError."""
    try:
        with open(folder / SETTINGS_FILE, "rb") as file:
            text = file.read(LARGEST_SETTINGS).decode("utf-8-sig")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise WishError(f"{SETTINGS_FILE} cannot be read: {error}") from error
    return parse_settings(text)


def parse_settings(text: str) -> Settings:
    """The settings in a text. Raises WishError, which names the line."""
    settings = Settings()
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if name not in settings._fields or not colon:
            raise WishError(f"{SETTINGS_FILE}, line {number}: there is no setting {name!r}")
        if name == "lyrics":
            rest = [value, *lines[number:]] if value else lines[number:]
            return settings._replace(lyrics="\n".join(rest).strip())
        settings = settings._replace(**{name: read_value(name, value, number)})
    return settings


def read_value(name: str, value: str, line: int) -> str | int | float:
    """A setting's value, as its kind. Raises WishError."""
    usual = getattr(Settings(), name)
    if isinstance(usual, str):
        return value
    try:
        number = int(value) if isinstance(usual, int) else float(value)
    except ValueError:
        raise WishError(f"{SETTINGS_FILE}, line {line}: {name} must be a number, not {value!r}") from None
    low, high = RANGES.get(name, (number, number))
    if not low <= number <= high:
        raise WishError(f"{SETTINGS_FILE}, line {line}: {name} must be {low} to {high}")
    return number


def caption_in(name: str) -> str:
    """The words behind a name's first colon; "" where there is none, or the name is a command."""
    return "" if name.startswith("!") else name.partition(":")[2].strip()


def plain_name(name: str) -> str:
    """A name without its caption."""
    return name.partition(":")[0].strip()


def command_in(name: str) -> Command | None:
    """The command that a name is; None when it is none. Raises WishError when no action is called so."""
    if not name.startswith("!"):
        return None
    verb, _, words = name[1:].replace(":", " ", 1).strip().partition(" ")
    if verb.lower() not in VERBS:
        raise WishError(f"!{verb} is no action; there are {', '.join(VERBS)}")
    return Command(verb.lower(), words.strip())


def layer_and_caption(words: str, settings: Settings) -> tuple[str, str]:
    """The class of a layer and its caption: the class is the first word where that names one."""
    first, _, rest = words.partition(" ")
    name = first.strip(",.;:").lower()
    if name in CLASSES:
        return name, rest.strip(" ,.;:")
    if settings.layer not in CLASSES:
        raise WishError(f"layer: {settings.layer!r} is none of {', '.join(CLASSES)}")
    return settings.layer, words


def stems_and_caption(words: str, settings: Settings) -> tuple[list[str], str]:
    """The classes of stems that words begin with, and what is left; the settings' classes where none does."""
    found: list[str] = []
    rest = words.replace(",", " ").split()
    while rest and (rest[0].lower() in CLASSES or rest[0].lower() == "all"):
        found.append(rest.pop(0).lower())
    return found or settings.stems.replace(",", " ").split(), " ".join(rest) if found else words
