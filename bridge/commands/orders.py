"""A command line of a verb, read: what is asked of the daemon, and how the answer is wanted.

The options only bring texts; what they mean and whether they are allowed is checked by the declarations, so
the shell hears the same words as every other client.
"""

import argparse
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from bridge.commands.options import OWN, Option, asked_fields, is_needed
from bridge.commands.spelling import place_of
from bridge.commands.verbs import Verb
from protocol.errors import ProtocolError
from protocol.fields import Declared, declared
from protocol.places import Place

SUBJECT = "subject"
UPLOAD = "upload:"
ENDS = "Ends with 0 when done, 1 failed, 2 wrong usage, 3 cancelled, 4 no daemon; Ctrl-C cancels the job."
SPELT = (
    "{label}s: 17 or 17:3:480 (bar:beat:tick), 3.5s, 16beats, 96000samples; or with the unit in the name: "
    "--{field}.seconds 3.5. {ranges}."
)


@dataclass(frozen=True, slots=True)
class Order:
    """What a command line asks for.

    fields: plain values of the request by wire name, its id among them, not checked yet.  own: the command's
    own options that were given, by name; a flag is "".  subject: what was given without a name, if that is no
    field.
    """

    verb: Verb
    fields: dict[str, Any]
    own: dict[str, str]
    subject: str = ""


def read_order(verb: Verb, argv: list[str]) -> Order:
    """The order in a verb's command line (without the verb).

    Raises ProtocolError for what an option holds; leaves with a usage text and code 2 for what is no option.
    """
    parser = build_parser(verb)
    found, unknown = parser.parse_known_args(guarded(argv, verb.options))
    if unknown:
        parser.error(too_much(unknown[0], verb))
    given = vars(found)
    texts = [(option, text) for option in verb.options for text in given[option.name] or ()]
    own = {option.name: text for option, text in texts if option.field == OWN}
    asked = [(option, text) for option, text in texts if option.field != OWN]
    subject = given.get(SUBJECT)
    if subject is not None and verb.subject is not None and verb.subject.field != OWN:
        asked.append((verb.subject, subject))
        subject = None
    return Order(verb, read_fields(verb, asked), own, subject or "")


def build_parser(verb: Verb) -> argparse.ArgumentParser:
    """A parser that takes all values as texts and requires nothing: the declarations know better."""
    parser = argparse.ArgumentParser(
        prog=f"barline {verb.name}",
        usage=usage_of(verb),
        description=escaped(verb.doc),
        epilog=escaped(epilog_of(verb)),
        allow_abbrev=False,
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=30),
    )
    if verb.subject is not None:
        needed = "?" if verb.request is not None else None
        doc = escaped(verb.subject.doc)
        parser.add_argument(SUBJECT, nargs=needed, metavar=verb.subject.metavar, help=doc)
    for option in verb.options:
        told = escaped(option.doc) if option.is_listed else argparse.SUPPRESS
        if option.metavar:
            metavar = option.metavar
            parser.add_argument(option.name, dest=option.name, action="append", metavar=metavar, help=told)
        else:
            parser.add_argument(option.name, dest=option.name, action="append_const", const="", help=told)
    return parser


def usage_of(verb: Verb) -> str:
    """The first line of the help: what must be given, by name where it needs one."""
    fields = tuple(asked_fields(verb.request)) if verb.request is not None else ()
    needed = {field.wire for field in fields if is_needed(field)}
    subject = verb.subject
    words = []
    if subject is not None:
        is_free = verb.request is not None and subject.field not in needed and subject.field != OWN
        words = [f"[{subject.metavar}]" if is_free else subject.metavar]
        needed -= {subject.field}
    plain = [
        option for option in verb.options if option.form in ("text", "path", "place") and option.is_listed
    ]
    named = {option.field: f"{option.name} {option.metavar}" for option in plain}
    ordered = [named[field.wire] for field in fields if field.wire in needed]
    return " ".join(["barline", verb.name, *words, *ordered, "[options]"])


def epilog_of(verb: Verb) -> str:
    """What the options do not say themselves: how positions are spelt, and the exit codes."""
    fields = declared(verb.request) if verb.request is not None else ()
    places = {kind.label: (kind, field) for field in fields if isinstance(kind := field.kind, Place)}
    return " ".join([*(spelling_of(*place) for place in places.values()), ENDS])


def spelling_of(kind: Place, field: Declared) -> str:
    """How positions, or lengths, are spelt."""
    ranges = ", ".join(f"{unit.name}: {unit.range}" for unit in kind.units)
    text = SPELT.format(label=kind.label, field=field.wire.replace("_", "-"), ranges=ranges)
    return text[0].upper() + text[1:]


def escaped(text: str) -> str:
    """A text for argparse, which takes the percent sign for its own."""
    return text.replace("%", "%%")


def guarded(argv: Iterable[str], options: tuple[Option, ...]) -> list[str]:
    """The words in a form in which none that begins with a dash is taken for an option but our own.

    `--caption -quiet-` is given as one word; a lone `-odd name.wav` is no option, for we have no short ones.
    """
    valued = {option.name for option in options if option.metavar}
    names = {option.name for option in options} | {"-h", "--help"}
    words, named, bare = list(argv), list[str](), list[str]()
    while words:
        word = words.pop(0)
        if word == "--":
            bare, words = [*bare, *words], []
        elif word in valued and words and words[0] not in names:
            named.append(f"{word}={words.pop(0)}")
        else:
            is_bare = word not in names and not word.startswith("--")
            (bare if is_bare else named).append(word)
    return [*named, "--", *bare] if bare else named


def too_much(word: str, verb: Verb) -> str:
    """What to say of a word that nothing is known of."""
    is_option = word.startswith("--")
    text = f"{word!r} is no option of {verb.name}" if is_option else f"{word!r} is one word too many"
    return text + (nearest(word, verb.options) if is_option else "; options begin with two dashes")


def nearest(word: str, options: Iterable[Option]) -> str:
    """The option that may have been meant."""
    close = get_close_matches(word.partition("=")[0], [option.name for option in options], 1, 0.5)
    return f"; did you mean {close[0]}?" if close else ""


def read_fields(verb: Verb, asked: Iterable[tuple[Option, str]]) -> dict[str, Any]:
    """The plain values by wire name, an id among them. Raises ProtocolError."""
    if verb.request is None:
        return {}
    kinds = {field.wire: field.kind for field in declared(verb.request)}
    fields: dict[str, Any] = {}
    for option, text in asked:
        if option.field in fields:
            rule = f"{option.field} was given twice, the second time as {text[:60]!r}"
            raise ProtocolError("duplicate-field", rule, option.field)
        fields[option.field] = FORMS.get(option.form, place_form(option.form))(kinds[option.field], text)
    return {"id": new_id(), **fields}


def new_id() -> str:
    """An id that nobody else has."""
    return f"cli-{secrets.token_hex(6)}"


def place_form(unit: str) -> Callable[[Any, str], Any]:
    """Reads a position whose option names the unit."""
    return lambda kind, text: place_of(kind, text, unit)


def absolute(kind: Any, text: str) -> str:
    """A path as the daemon must see it, who has another current folder; an upload as it is."""
    is_path = text != "" and not text.startswith(UPLOAD)
    return str(Path(text).absolute()) if is_path else text


def file_text(kind: Any, text: str) -> str:
    """What stands in a text file. Raises ProtocolError."""
    try:
        return Path(text).read_text("utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ProtocolError("no-file", f"{text} cannot be read: {error}") from error


FORMS: dict[str, Callable[[Any, str], Any]] = {
    "text": lambda kind, text: text,
    "path": absolute,
    "place": place_of,
    "on": lambda kind, text: True,
    "off": lambda kind, text: False,
    "read": file_text,
}
