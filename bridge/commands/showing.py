"""How replies are shown: one JSON text per line, or for people: results on the output, all else on the side.

Progress bars are drawn only where somebody looks (a terminal on stderr), else a line tells each new stage.
"""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from protocol.codec import is_done
from protocol.errors import ProtocolError
from protocol.fields import declared
from protocol.json_text import encode_reply
from protocol.replies import Accepted, Cancelled, EngineEvent, Fail, Progress, Reply

DONE, FAILED, WRONG, CANCELLED, GONE, INTERRUPTED = 0, 1, 2, 3, 4, 130
"""Exit codes; the last is what a shell says of a program that Ctrl-C ended."""
GOES_ON = (Accepted, Progress)
CODES: dict[type, int] = {Fail: FAILED, Cancelled: CANCELLED}
Show = Callable[[Reply], None]


def exit_code(reply: Reply) -> int:
    """What a request's last reply means to the shell."""
    return CODES.get(type(reply), DONE)


@contextlib.contextmanager
def display(is_json: bool) -> Iterator[Show]:
    """What shows replies for as long as the context lasts; for people, results come after the bars."""
    if is_json:
        yield show_json
        return
    ends: list[Reply] = []
    try:
        with progress_display() as show_progress:
            yield lambda reply: show_progress(reply) if isinstance(reply, GOES_ON) else ends.append(reply)
    finally:
        for reply in ends:
            show_end(reply)


def line_display(is_json: bool) -> Show:
    """What shows replies at once, each on lines of its own."""
    progress = plain_progress(sys.stdout)
    return (
        show_json if is_json else lambda reply: (progress if isinstance(reply, GOES_ON) else show_end)(reply)
    )


def show_json(reply: Reply) -> None:
    """One line, at once: somebody may be reading it."""
    print(encode_reply(reply), flush=True)


@contextlib.contextmanager
def progress_display() -> Iterator[Show]:
    """Shows that a job goes on."""
    if not sys.stderr.isatty():
        yield plain_progress(sys.stderr)
        return
    from bridge.commands.bars import live_progress  # draws with rich, which a script's run need not load

    with live_progress() as show:
        yield show


def plain_progress(out: TextIO) -> Show:
    """Tells each new stage on a line."""
    last = [""]

    def show(reply: Reply) -> None:
        text = stage_text(reply)
        if text and text != last[0]:
            print(text, file=out, flush=True)
            last[0] = text

    return show


def stage_text(reply: Reply) -> str:
    """What a job is at."""
    if isinstance(reply, Accepted):
        ahead = f", {reply.position} ahead of it" if reply.position else ""
        return f"{reply.request_id}: {reply.command} accepted{ahead}"
    return f"{reply.request_id}: {reply.stage}" if isinstance(reply, Progress) else ""


def show_end(reply: Reply) -> None:
    """A reply that is no progress: results to the output, failures to stderr."""
    if isinstance(reply, Fail):
        complain(reply.command, reply.code, reply.field, reply.text)
    elif isinstance(reply, Cancelled):
        print(f"{reply.request_id}: {reply.command} was cancelled", file=sys.stderr)
    elif isinstance(reply, EngineEvent):
        print(f"engine: {reply.state}{f' ({reply.text})' if reply.text else ''}", flush=True)
    else:
        print("\n".join(lines_of(reply)), flush=True)


def complain(command: str, code: str, field: str, text: str) -> None:
    """Says what was wrong: the code for looking it up, the field to blame, rule and value."""
    blamed = f"{field}: " if field and field not in text else ""
    print(f"barline {command}: {blamed}{text} ({code})".replace("barline :", "barline:"), file=sys.stderr)


def complain_here(error: ProtocolError, verb: str, request_id: str, is_json: bool) -> int:
    """Says what is wrong before anything was sent, in the words of the declarations; the exit code."""
    command = error.command or verb
    if is_json:
        told = error.request_id or request_id
        show_json(Fail(request_id=told, command=command, code=error.code, field=error.field, text=error.text))
    else:
        complain(command, error.code, error.field, error.text)
    return WRONG


def lines_of(reply: Any) -> list[str]:
    """The fields of a reply that say something, one on a line; lists and documents on several."""
    fields = {field.wire: field.kind.to_json(getattr(reply, field.name)) for field in declared(type(reply))}
    name = reply.spec.command if is_done(type(reply)) else reply.spec.name
    told = {wire: plain for wire, plain in fields.items() if wire != "id" and plain not in ("", [], {})}
    width = max(map(len, told), default=0)
    lines = (f"  {wire:<{width}}  {value_text(plain, width + 4)}" for wire, plain in told.items())
    return [f"{fields.get('id', '')}: {name} {reply.spec.name}".replace("synced synced", "synced"), *lines]


def value_text(plain: Any, indent: int) -> str:
    """A field's value; what needs more than one line is indented below the first."""
    gap = "\n" + " " * indent
    if isinstance(plain, list) and all(isinstance(one, str) for one in plain):
        return gap.join(plain)
    text = json.dumps(plain, ensure_ascii=False) if isinstance(plain, list | dict) else str(plain)
    if len(text) > 100 and isinstance(plain, list | dict):
        text = json.dumps(plain, ensure_ascii=False, indent=2)
    return gap.join(text.split("\n"))
