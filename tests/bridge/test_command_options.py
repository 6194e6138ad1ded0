"""The options of the verbs: that they are the declarations, and how what is typed is read."""

from typing import Any

import pytest

from bridge.commands.asking import takes_upload
from bridge.commands.options import FROM_FILE, is_path, options_of, subject_of
from bridge.commands.orders import Order, build_parser, read_order
from bridge.commands.verbs import all_verbs, find_verb
from protocol.codec import read_request
from protocol.errors import ProtocolError
from protocol.examples import REQUESTS as EXAMPLES
from protocol.fields import declared
from protocol.kinds import Flag
from protocol.messages import REQUESTS
from protocol.places import Place


def order(*words: str) -> Order:
    """What a command line asks for."""
    return read_order(find_verb(words[0]), list(words[1:]))


def words_of(request: Any) -> list[str]:
    """The command line that says a request."""
    words = [request.spec.name]
    for field in declared(type(request)):
        value = getattr(request, field.name)
        if value == field.default:
            continue
        plain = field.kind.to_json(value)
        name = next(option.name for option in options_of(type(request)) if option.field == field.wire)
        if isinstance(field.kind, Place):
            ((unit, number),) = plain.items()
            words += [f"{name}.{unit}", str(number)]
        elif isinstance(field.kind, Flag):
            words += [name if plain else f"--no-{name[2:]}"]
        else:
            words += [name, ",".join(plain) if isinstance(plain, list) else str(plain)]
    return words


@pytest.mark.parametrize("verb", REQUESTS)
def test_every_field_has_an_option_with_its_doc(verb: str) -> None:
    options = options_of(REQUESTS[verb])
    for field in declared(REQUESTS[verb]):
        if field.wire not in FROM_FILE.get(REQUESTS[verb], ()):
            docs = [option.doc for option in options if option.field == field.wire]
            assert docs[0].startswith(field.doc)
    assert len({option.name for option in options}) == len(options)


@pytest.mark.parametrize("verb", all_verbs())
def test_every_verb_has_a_help(verb: str) -> None:
    text = build_parser(find_verb(verb)).format_help()
    assert text.startswith(f"usage: barline {verb}")
    assert all(option.name in text for option in find_verb(verb).options if option.is_listed)


def test_the_help_tells_range_unit_and_default() -> None:
    text = " ".join(build_parser(find_verb("repaint")).format_help().split())
    assert "inside the region [0..1000 ms; default 20]" in text
    assert "seconds: -10800..10800 s" in text


@pytest.mark.parametrize(
    "request_",
    [request_ for request_ in EXAMPLES if type(request_) not in FROM_FILE],
    ids=lambda request_: request_.spec.name,
)
def test_a_command_line_can_say_every_example(request_: Any) -> None:
    found = order(*words_of(request_))
    assert read_request(type(request_), found.fields) == request_


def test_the_connections_options_keep_their_names() -> None:
    found = order("notify", "--port", "5", "--notify-port", "9001")
    assert (found.own, found.fields["port"]) == ({"--port": "5"}, "9001")


def test_paths_are_the_fields_that_hold_paths() -> None:
    paths = {(verb, f.wire) for verb, cls in REQUESTS.items() for f in declared(cls) if is_path(f.kind)}
    assert {wire for _, wire in paths} <= {"source", "reference", "out", "merge", "lyric_merge", "codes_file"}
    sent = {f.wire for cls in REQUESTS.values() for f in declared(cls) if takes_upload(f)}
    assert sent == {"source", "reference", "codes_file"}


def test_the_subject_is_what_a_request_is_about() -> None:
    subjects = {verb: subject_of(cls) for verb, cls in REQUESTS.items()}
    told = {verb: option.metavar for verb, option in subjects.items() if option is not None}
    assert told["repaint"] == told["extract"] == told["cover"] == "SOURCE"
    assert (told["generate"], told["project"], told["cancel"], told["upload"]) == (
        "CAPTION",
        "TEMPO",
        "JOB",
        "FILE",
    )
    assert "plan" not in told


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        (("--caption", "-quiet-"), "caption", "-quiet-"),
        (("--caption=--loud",), "caption", "--loud"),
        (("--start", "-3:1:0"), "start", {"bars": "-3|1|0"}),
        (("--start", "17"), "start", {"bars": "17"}),
        (("--start", "3.5s"), "start", {"seconds": "3.5"}),
        (("--start", "3.5 Seconds"), "start", {"seconds": "3.5"}),
        (("--start", "1/3beats"), "start", {"beats": "1/3"}),
        (("--source-start.samples", "-5"), "source_start", {"samples": "-5"}),
        (("--source_start", "5bars"), "source_start", {"bars": "5"}),
        (("--no-outpaint",), "outpaint", False),
        (("--source", "upload:abc"), "source", "upload:abc"),
        (("--source", "/a 'b' \"c\".wav"), "source", "/a 'b' \"c\".wav"),
        (("-odd.wav",), "source", "CWD/-odd.wav"),
        (("--", "--odder.wav"), "source", "CWD/--odder.wav"),
        (("--out", ""), "out", ""),
    ],
)
def test_what_is_typed_is_what_is_meant(
    words: tuple[str, ...], field: str, value: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wanted = value.replace("CWD", str(tmp_path)) if isinstance(value, str) else value
    assert order("repaint", *words).fields[field] == wanted


def test_a_file_that_cannot_be_read_is_named(tmp_path: Any) -> None:
    with pytest.raises(ProtocolError, match=r"none\.txt cannot be read"):
        order("generate", "--lyrics-file", str(tmp_path / "none.txt"))
