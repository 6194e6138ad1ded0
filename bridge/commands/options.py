"""What a verb can be told: one option for each declared field, and the few that are about the command itself.

Knows the declarations and neither argparse nor any shell: the parser and the completions read what is here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from bridge.commands.spelling import place_text
from protocol.fields import Declared, declared
from protocol.kinds import Choice, Flag, Kind, Text
from protocol.limits import PATH_CHARS
from protocol.maps import Meters, Tempos
from protocol.messages import Download, Upload
from protocol.picks import ALL, Picks
from protocol.places import Place
from protocol.regions import Regions

Holds = Literal["text", "word", "words", "file", "project", "nothing"]
"""What a shell may offer behind an option: nothing of its own, one word, words with commas, files ..."""
OWN = ""
"""The `field` of an option that is about the command and not about the request."""
FROM_FILE = {Upload: ("name", "size", "sha256")}
"""Fields that follow from the file that is sent, and are not asked for."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    name: as it is written, with its dashes.  field: wire name, OWN for the command's own.  form: how the text
    behind it becomes the field's value, see orders.FORMS.  metavar: "" for an option without a value.
    words: what may stand there, if that is a list.  is_listed: whether --help gives it a line.
    """

    name: str
    field: str
    form: str
    metavar: str
    doc: str
    holds: Holds = "text"
    words: tuple[str, ...] = ()
    is_listed: bool = True


def own_option(
    name: str, metavar: str, doc: str, holds: Holds = "text", words: tuple[str, ...] = ()
) -> Option:
    """An option about the command itself; without a metavar it is a flag."""
    return Option(
        name, OWN, "text" if metavar else "on", metavar, doc, holds if metavar else "nothing", words
    )


CONNECTION = (
    own_option("--json", "", "one JSON reply per line on the output, and nothing else there"),
    own_option("--host", "ADDRESS", "where the daemon listens; or BARLINE_HOST; else as its port file says"),
    own_option("--port", "NUMBER", "its WebSocket port; or BARLINE_WS_PORT; else as its port file says"),
    own_option("--token", "SECRET", "the daemon's token, where it has one; or BARLINE_TOKEN"),
    own_option("--data", "FOLDER", "the data folder of a daemon that does not use the usual one", "file"),
)
OF_JOBS = (
    own_option("--detach", "", "end as soon as the job is accepted; `barline wait` hears its end"),
    own_option("--upload", "", "send the files themselves, for a daemon that cannot read them by path"),
)
TARGET = own_option("--to", "FILE", "where to write it; left out: its own name, in this folder", "file")
SENT_FILE = Option("FILE", OWN, "text", "FILE", "the file to send", "file")


def options_of(cls: Any) -> tuple[Option, ...]:
    """Every option of a request: its fields, the required ones first, then those about the command."""
    own = own_options(cls)
    taken = {option.name for option in own}
    fields = sorted(asked_fields(cls), key=lambda field: not is_needed(field))
    return (*(option for field in fields for option in field_options(cls, field, taken)), *own)


def asked_fields(cls: Any) -> Iterator[Declared]:
    """The fields a user may give."""
    return (field for field in declared(cls) if field.wire not in FROM_FILE.get(cls, ()))


def own_options(cls: Any) -> tuple[Option, ...]:
    """The options that are about the command itself."""
    return (*((TARGET,) if cls is Download else ()), *(OF_JOBS if cls.spec.is_job else ()), *CONNECTION)


def is_needed(field: Declared) -> bool:
    """Whether the user must give it: required, and not the id, which can be chosen for him."""
    return field.is_required and field.wire != "id"


def subject_of(cls: Any) -> Option | None:
    """What needs no name: the first required field that is no place in time, or the file that is sent.

    Where nothing is required of a request that is no job, its first text or choice.
    """
    if cls in FROM_FILE:
        return SENT_FILE
    fields = [field for field in declared(cls) if field.wire != "id" and not isinstance(field.kind, Place)]
    required = [field for field in fields if field.is_required]
    plain = [field for field in fields if isinstance(field.kind, Text | Choice) and not cls.spec.is_job]
    found = next(iter(required or plain), None)
    return None if found is None else replace(named_option(cls, found, ""), metavar=found.wire.upper())


def field_options(cls: Any, field: Declared, taken: set[str]) -> Iterator[Option]:
    """The options of one field: by its name, as in the protocol, and by what its kind adds to that."""
    wire, name = field.wire, f"--{field.wire.replace('_', '-')}"
    if name in taken:  # the connection has the plain name
        name = f"--{cls.spec.name}-{name[2:]}"
    best = named_option(cls, field, name)
    yield best
    if "_" in wire:
        yield replace(best, name=f"--{wire}", is_listed=False)
    if isinstance(field.kind, Place):
        for unit in field.kind.units:
            text = f"{wire} in {unit.name}: {unit.range}"
            yield Option(f"{name}.{unit.name}", wire, unit.name, "NUMBER", text, is_listed=False)
    elif isinstance(field.kind, Flag):
        yield Option(f"--no-{name[2:]}", wire, "off", "", f"the opposite of {name}", "nothing")
    elif is_long(field.kind):
        yield Option(f"{name}-file", wire, "read", "FILE", f"{wire} from a text file", "file")


def named_option(cls: Any, field: Declared, name: str) -> Option:
    """The option that is the field's own."""
    told = " [left out: a new one]" if field.wire == "id" else facts_of(field)
    form, metavar = form_of(field.kind), metavar_of(field)
    return Option(name, field.wire, form, metavar, field.doc + told, *offer_of(field))


def is_long(kind: Kind) -> bool:
    """Whether its values may be of a length that belongs into a file."""
    return isinstance(kind, Tempos | Meters | Regions) or (isinstance(kind, Text) and not kind.is_line)


def is_path(kind: Kind) -> bool:
    """Whether its values are paths: one line, and as long as only a path may be."""
    return isinstance(kind, Text) and kind.is_line and kind.hi == PATH_CHARS.value


def form_of(kind: Kind) -> str:
    """How the text behind the option is read."""
    if isinstance(kind, Flag):
        return "on"
    return "place" if isinstance(kind, Place) else "path" if is_path(kind) else "text"


def metavar_of(field: Declared) -> str:
    """What stands for its value in the help; "" when it has none."""
    if isinstance(field.kind, Flag):
        return ""
    if field.wire in ("id", "job"):
        return "ID"
    return "PATH" if is_path(field.kind) else field.kind.label.upper().replace(" ", "-")


def offer_of(field: Declared) -> tuple[Holds, tuple[str, ...]]:
    """What a shell can offer behind it."""
    kind = field.kind
    if isinstance(kind, Choice):
        return "word", tuple(word for word in kind.words if word)
    if isinstance(kind, Picks):
        return "words", (*kind.words, ALL)
    if isinstance(kind, Flag):
        return "nothing", ()
    if field.wire == "project":
        return "project", ()
    return ("file" if is_path(kind) else "text"), ()


def facts_of(field: Declared) -> str:
    """Range, unit and default, in brackets, as far as there are any."""
    kind = field.kind
    bounds = "" if isinstance(kind, Flag | Place) else f"{kind.range} {kind.unit}".strip()
    told = "; ".join(
        part for part in (bounds, "required" if field.is_required else default_of(field)) if part
    )
    return f" [{told}]" if told else ""


def default_of(field: Declared) -> str:
    """What counts when it is left out, "" where that says nothing."""
    if field.default is None:
        return ""
    plain = field.kind.to_json(field.default)
    if isinstance(plain, dict):
        return f"default {place_text(plain)}"
    if isinstance(plain, bool):
        return f"default {'on' if plain else 'off'}"
    text = " ".join(plain) if isinstance(plain, list) else str(plain)
    return f"default {text}" if text else ""
