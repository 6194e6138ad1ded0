"""One request from the shell: checked here, sent, shown on its way, and its end turned into an exit code.

Ctrl-C cancels a job and waits for its end. A daemon that is restarted meanwhile is asked again: the same id
is the same job.
"""

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bridge.client import ConnectionLost, Refused, WebClient
from bridge.commands.options import is_path
from bridge.commands.orders import UPLOAD, Order, new_id
from bridge.commands.reaching import PATIENCE_S, NoDaemon, stay_with_daemon
from bridge.commands.showing import GONE, INTERRUPTED, Show, complain_here, display, exit_code
from bridge.commands.whereabouts import addresses
from protocol.codec import read_request
from protocol.errors import ProtocolError
from protocol.fields import Declared, declared
from protocol.limits import NAME_CHARS, TRANSFER_BYTES
from protocol.messages import Cancel, Download, Upload
from protocol.replies import Accepted, Reply

CANCEL_S = 10.0
"""How long the daemon may take to take up a cancel."""
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What no line of the protocol may hold."""


@dataclass(slots=True)
class Errand:
    """A request under way. files: what is to be sent before it, by wire name of the field that names it."""

    request: Any
    files: dict[str, Path]
    own: Mapping[str, str]
    show: Show
    is_cancelling: bool = False
    is_accepted: bool = False


def run_request(order: Order) -> int:
    """Sends the request of a command line; the exit code."""
    is_json = "--json" in order.own
    try:
        files = files_to_send(order)
        request = check_request(order, files)
        addresses(order.own)
    except ProtocolError as error:
        return complain_here(error, order.verb.name, str(order.fields["id"]), is_json)
    with display(is_json) as show:
        try:
            return asyncio.run(run_errand(Errand(request, files, order.own, show)))
        except KeyboardInterrupt:
            say_left(request)
            return INTERRUPTED


async def run_errand(errand: Errand) -> int:
    """Reaches the daemon and does what is to be done there; the exit code."""
    work = COURSES.get(type(errand.request), hear_out)
    is_job = errand.request.spec.is_job
    try:
        return await stay_with_daemon(
            errand.own, lambda client: work(client, errand), PATIENCE_S if is_job else 0
        )
    except (NoDaemon, ConnectionLost) as gone:
        print(f"barline: {gone}", file=sys.stderr)
        if errand.is_accepted:
            say_left(errand.request)
        return GONE


def say_left(request: Any) -> None:
    """Says how to hear of a job that was left to itself."""
    if request.spec.is_job:
        print(
            f"what becomes of the job, if it was accepted: barline wait {request.request_id}", file=sys.stderr
        )


# --- before anything is sent


def files_to_send(order: Order) -> dict[str, Path]:
    """Local files that the daemon gets sent: those whose path it cannot use. Raises ProtocolError."""
    if order.verb.request is Upload:
        return {"name": readable_file(order.subject, "FILE")}
    is_wanted = "--upload" in order.own
    fields = (field for field in declared(order.verb.request) if field.wire in order.fields)
    return {
        field.wire: readable_file(path, field.wire)
        for field in fields
        if takes_upload(field) and (path := order.fields[field.wire]) and not path.startswith(UPLOAD)
        if is_wanted or not is_sayable(path)
    }


def takes_upload(field: Declared) -> bool:
    """Whether a file that was sent may stand where the path does."""
    return is_path(field.kind) and UPLOAD in field.doc


def is_sayable(path: str) -> bool:
    """Whether a path can stand in a message: UTF-8, without control characters."""
    try:
        path.encode()
    except UnicodeEncodeError:  # bytes of a name that is no UTF-8
        return False
    return not CONTROL.search(path)


def readable_file(text: str, field: str) -> Path:
    """A file that can be sent. Raises ProtocolError."""
    path = Path(text).absolute()
    if not text or not path.is_file():
        raise ProtocolError(
            "no-file", f"{field}={text[:200]!r} is no file" if text else f"{field} is missing", field
        )
    size = path.stat().st_size
    if not 1 <= size <= TRANSFER_BYTES.value:
        rule = f"outside 1..{TRANSFER_BYTES.value} bytes"
        raise ProtocolError("out-of-range", f"{field}={text[:200]!r} has {size}, {rule}", field)
    return path


def check_request(order: Order, files: Mapping[str, Path]) -> Any:
    """The request, checked as the daemon will check it. Raises ProtocolError."""
    if order.verb.request is Upload:
        path = files["name"]
        fields = order.fields | {"name": upload_name(path), "size": path.stat().st_size}
        return read_request(Upload, fields)
    fields = order.fields | {wire: UPLOAD + "soon" for wire in files}
    return read_request(order.verb.request, fields)


def upload_name(path: Path) -> str:
    """A file's name as far as it can be said, with its ending."""
    said = CONTROL.sub("_", path.name.encode("utf-8", "replace").decode())
    ending = Path(said).suffix[:16]
    return said if len(said) <= NAME_CHARS.value else said[: NAME_CHARS.value - len(ending)] + ending


# --- while the daemon is there


async def hear_out(client: WebClient, errand: Errand) -> int:
    """Sends a request and shows its replies until the last; Ctrl-C cancels it if it is a job."""
    try:
        await send_files(client, errand)
    except Refused as refused:
        errand.show(refused.reply)
        return exit_code(refused.reply)
    hearing = asyncio.create_task(hear(client, errand))
    try:
        if errand.is_cancelling:
            await cancel(client, errand)
        return exit_code(await heard_or_cancelled(client, errand, hearing))
    finally:
        hearing.cancel()
        with suppress(asyncio.CancelledError, ConnectionLost):
            await hearing


async def heard_or_cancelled(client: WebClient, errand: Errand, hearing: "asyncio.Task[Reply]") -> Reply:
    """The last reply; Ctrl-C before a job's asks for its end. Raises CancelledError, ConnectionLost."""
    try:
        return await asyncio.shield(hearing)
    except asyncio.CancelledError:
        this = asyncio.current_task()
        if not errand.request.spec.is_job or this is None:
            raise
        this.uncancel()
        errand.is_cancelling = True
        await cancel(client, errand)
        return await hearing


async def hear(client: WebClient, errand: Errand) -> Reply:
    """Sends the request and shows what comes; the last reply. Raises ConnectionLost."""
    async for reply in client.request(errand.request):
        while not client.client.events.empty():  # what a fetch has sent again comes before its own end
            errand.show(client.client.events.get_nowait())
        errand.show(reply)
        errand.is_accepted = errand.is_accepted or isinstance(reply, Accepted)
        if isinstance(reply, Accepted) and "--detach" in errand.own:
            break
    return reply


async def cancel(client: WebClient, errand: Errand) -> None:
    """Asks for the job's end; what comes of it is the job's last reply."""
    print("cancelling; Ctrl-C again leaves the job to itself", file=sys.stderr, flush=True)
    with suppress(TimeoutError, ConnectionLost):
        await client.ask(Cancel(request_id=new_id(), job=errand.request.request_id), CANCEL_S)


async def send_files(client: WebClient, errand: Errand) -> None:
    """Sends the files that go before the request, and puts what they are now called into it."""
    while errand.files:
        wire, path = next(iter(errand.files.items()))
        done = await client.upload(new_id(), path, upload_name(path))
        errand.request = replace(errand.request, **{wire: done.source})
        del errand.files[wire]  # not again when the daemon comes back


async def send_file(client: WebClient, errand: Errand) -> int:
    """The verb `upload`."""
    path = errand.files["name"]
    return await transfer(errand, client.upload(errand.request.request_id, path, errand.request.name))


async def receive_file(client: WebClient, errand: Errand) -> int:
    """The verb `download`."""

    async def receive() -> Reply:
        done, content = await client.receive(errand.request)
        path = await asyncio.to_thread(write_received, errand.own.get("--to", ""), done.name, content)
        print(f"written to {path}", file=sys.stderr)
        return done

    return await transfer(errand, receive())


async def transfer(errand: Errand, moving: Awaitable[Reply]) -> int:
    """Shows how a file's way ended; the exit code."""
    try:
        reply = await moving
    except Refused as refused:
        reply = refused.reply
    errand.show(reply)
    return exit_code(reply)


def write_received(wanted: str, name: str, content: bytes) -> Path:
    """Writes a file that was received: where it is wanted, else under its own name here, replacing none."""
    target = Path(wanted or Path(name).name).absolute()
    if target.is_dir():
        target = target / Path(name).name
    is_free = wanted != "" and not Path(wanted).is_dir()
    number, path = 1, target
    while not is_free and path.exists():
        number += 1
        path = target.with_stem(f"{target.stem}_{number}")
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
    return path


Course = Callable[[WebClient, Errand], Awaitable[int]]
COURSES: dict[type, Course] = {Upload: send_file, Download: receive_file}
"""Requests that need more than to be sent."""
