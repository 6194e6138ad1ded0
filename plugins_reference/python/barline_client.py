"""A client of Barline for asyncio: one file; needs Python 3.11, websockets 15 (or newer) and nothing else.

    async with Barline.connect() as barline:
        done = await barline.repaint(source=Path("song.wav"), start={"bars": 5}, end={"bars": 9})

Every request of docs/PROTOCOL.md is a method that takes its fields by name. When the connection is lost, the
client asks again on a new one under the same ids, and the daemon does no work twice: a request outlives its
restart. Cancelling the task that waits for a job cancels the job.
"""

import asyncio
import contextlib
import functools
import hashlib
import json
import os
import secrets
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

Reply = dict[str, Any]  # a message of the daemon, as it came: type, id, and its fields
OnProgress = Callable[[str, int, int], object] | None  # is told stage, step, of
OnAccepted = Callable[[], Awaitable[None]] | None
ENDS = frozenset({"done", "synced", "fail", "cancelled"})
HEADER = struct.Struct(">4sBBHII")
PIECE = 1 << 20


class BarlineError(Exception):
    """A request that did not end well: code (also `cancelled`, `no-daemon`, `lost`), field to blame, text."""

    def __init__(self, code: str, text: str, field: str = "", command: str = "") -> None:
        super().__init__(f"{command}: {text} ({code})" if command else f"{text} ({code})")
        self.code, self.text, self.field, self.command = code, text, field, command


def discover(host: str = "", port: int = 0, token: str = "") -> tuple[str, str]:
    """URL and token: as given, else as the environment says, else the daemon's port file, else the usual.

    Environment: BARLINE_HOST, BARLINE_WS_PORT, BARLINE_TOKEN; BARLINE_RUNTIME is the folder of the port file.
    """
    env = os.environ.get
    try:
        folder = Path(env("BARLINE_RUNTIME") or "~/.barline").expanduser()
        told = dict(json.loads((folder / "daemon.json").read_bytes()))
    except (OSError, ValueError, TypeError):
        told = {}
    name = host or env("BARLINE_HOST") or told.get("host") or "127.0.0.1"
    number = port or env("BARLINE_WS_PORT") or told.get("ws") or 7771
    return f"ws://{f'[{name}]' if ':' in name else name}:{number}", token or env("BARLINE_TOKEN", "")


@dataclass(slots=True)
class _Call:
    """A request whose end is awaited. is_left: nobody waits for it any more."""

    command: str
    id: str
    text: str
    is_left: bool = False
    replies: "asyncio.Queue[Reply]" = field(default_factory=asyncio.Queue)
    pieces: bytearray = field(default_factory=bytearray)


@dataclass(eq=False)
class Barline:
    """A connection to a daemon, made again whenever it is lost. Use it in `async with`; see `discover`."""

    host: str = ""
    port: int = 0
    token: str = ""
    patience_s: float = 60.0
    """How long a daemon may stay away before what waits for it ends with the code `lost`."""
    _socket: ClientConnection | None = None
    _staying: "asyncio.Task[None] | None" = None
    _calls: dict[str, _Call] = field(default_factory=dict)
    _listeners: list["asyncio.Queue[Reply]"] = field(default_factory=list)

    @classmethod
    def connect(cls, host: str = "", port: int = 0, token: str = "") -> Self:
        """A client for `async with`, which raises BarlineError `no-daemon` or `not-allowed`."""
        return cls(host, port, token)

    async def __aenter__(self) -> Self:
        self._socket = await self._open()
        self._staying = asyncio.create_task(self._stay(self._socket))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._staying is not None:
            self._staying.cancel()
            await asyncio.wait([self._staying])
        if self._socket is not None:
            await self._socket.close()
        self._fail_calls("the client was closed")

    def __getattr__(self, command: str) -> Callable[..., Coroutine[Any, Any, Reply]]:
        """barline.lego(...) is barline.request("lego", ...), and so with every request there is."""
        if command.startswith("_"):
            raise AttributeError(command)
        return functools.partial(self.request, command)

    async def request(
        self, command: str, /, *, id: str = "", on_progress: OnProgress = None, **fields: Any
    ) -> Reply:
        """Sends a request and returns its `done`. Raises BarlineError.

        fields: as in docs/PROTOCOL.md; a Path becomes its absolute text, Fraction and Decimal stay exact.
        id: choose it, and the same job can be asked for again later, by another program too.
        """
        return await self._ask(_call(command, id, fields), on_progress)

    async def wait(self, job: str, on_progress: OnProgress = None) -> Reply:
        """The `done` of a job that another client started, or this program before it ended."""
        async with self._listening() as queue:
            queue.put_nowait({"type": "connected"})
            while True:
                reply = await queue.get()
                if reply["type"] == "connected":
                    await self._fetch(job)
                elif reply.get("id") == job and reply["type"] in ENDS:
                    return _result(reply)
                elif reply.get("id") == job:
                    _report(reply, on_progress)

    async def events(self) -> AsyncIterator[Reply]:
        """What nobody here asked for: the engine's state, and the jobs of other clients.

        {"type": "connected"}: the connection was lost and is back; something may have been missed.
        """
        async with self._listening() as queue:
            while True:
                yield await queue.get()

    async def upload(self, path: str | os.PathLike[str]) -> str:
        """Sends a file that the daemon cannot read by path; returns what to write in `source`."""
        content = await asyncio.to_thread(Path(path).read_bytes)
        name, digest = Path(path).name[-64:], hashlib.sha256(content).hexdigest()
        call = _call("upload", "", {"name": name, "size": len(content), "sha256": digest})
        done = await self._ask(call, accepted=lambda: self._send_pieces(call.id, content))
        return str(done["source"])

    async def download(self, job: str, which: str = "take", name: str = "") -> bytes:
        """One of a job's files: take, full or sidecar; name: which of several. Raises BarlineError."""
        call = _call("download", "", {"job": job, "which": which, "name": name})
        done = await self._ask(call)
        if hashlib.sha256(call.pieces).hexdigest() != done["sha256"]:
            raise BarlineError("lost", "the file that came is not the file that was sent", "", "download")
        return bytes(call.pieces)

    async def _ask(self, call: _Call, on_progress: OnProgress = None, accepted: OnAccepted = None) -> Reply:
        if call.id in self._calls:
            raise BarlineError("id-taken", f"id={call.id!r} is under way here", "id", call.command)
        self._calls[call.id] = call
        try:
            await self._send(call.text)
            while (reply := await call.replies.get())["type"] not in ENDS:
                _report(reply, on_progress)
                if reply["type"] == "accepted" and accepted is not None:
                    await accepted()
            call.is_left = True
            return _result(reply)
        finally:
            del self._calls[call.id]
            if not call.is_left:  # cancelled, or a callback failed: nobody wants the job any more
                await self._send_unheard("cancel", {"job": call.id})

    async def _send(self, message: str | bytes) -> None:
        """Sends if there is a connection; the next one gets whatever has no answer yet."""
        if self._socket is not None:
            with contextlib.suppress(ConnectionClosed):
                await self._socket.send(message)

    async def _send_unheard(self, command: str, fields: dict[str, Any]) -> None:
        """Sends what must arrive, but whose answer does not matter."""
        call = _call(command, "", fields)
        call.is_left = True
        self._calls[call.id] = call
        await self._send(call.text)

    async def _send_pieces(self, name: str, content: bytes) -> None:
        socket, encoded = self._socket, name.encode()
        for offset in range(0, len(content), PIECE):
            if self._socket is socket:  # else: it will be announced, and sent, again
                head = HEADER.pack(b"BRL1", 1, 0, len(encoded), offset, len(content))
                await self._send(head + encoded + content[offset : offset + PIECE])

    async def _fetch(self, job: str) -> None:
        try:
            await self.request("fetch", job=job)
        except BarlineError as error:
            if error.code != "not-finished":
                raise

    @contextlib.asynccontextmanager
    async def _listening(self) -> AsyncIterator["asyncio.Queue[Reply]"]:
        queue: asyncio.Queue[Reply] = asyncio.Queue()
        self._listeners.append(queue)
        try:
            await self.request("notify", jobs="all")
            yield queue
        finally:
            self._listeners.remove(queue)
            await self._send_unheard("notify", {"on": bool(self._listeners), "jobs": "all"})

    # --- the connection

    async def _open(self) -> ClientConnection:
        url, token = discover(self.host, self.port, self.token)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            return await connect(
                url, additional_headers=headers, proxy=None, max_size=2 * PIECE, close_timeout=1
            )
        except InvalidStatus as refused:
            body = refused.response.body or b""
            raise BarlineError("not-allowed", f"{url}: {body.decode()}") from refused
        except (OSError, InvalidHandshake, TimeoutError) as error:
            text = f"no daemon answers at {url}; start one: barline, or python run_bridge.py"
            raise BarlineError("no-daemon", text) from error

    async def _stay(self, socket: ClientConnection) -> None:
        """Reads what comes, on one connection after the other, and repeats there what has no answer."""
        while True:
            with contextlib.suppress(ConnectionClosed):
                async for message in socket:
                    self._take(json.loads(message)) if isinstance(message, str) else self._take_piece(message)
            self._socket = None
            self._fail_calls("the daemon went away", "shutdown")  # not to be repeated to one that comes back
            socket = self._socket = await self._open_again()
            for text in [call.text for call in self._calls.values()]:
                await self._send(text)
            if self._listeners:
                await self._send_unheard("notify", {"jobs": "all"})
                for queue in self._listeners:
                    queue.put_nowait({"type": "connected"})

    async def _open_again(self) -> ClientConnection:
        clock = asyncio.get_running_loop().time
        give_up_at = clock() + self.patience_s
        while True:
            await asyncio.sleep(0.25)
            with contextlib.suppress(BarlineError):
                return await self._open()
            if clock() > give_up_at:
                self._fail_calls(f"the daemon was away for {self.patience_s:g} s")

    def _fail_calls(self, why: str, only: str = "") -> None:
        for call in self._calls.values():
            if only in ("", call.command):
                lost = {"type": "fail", "command": call.command, "code": "lost", "field": "", "text": why}
                call.replies.put_nowait(lost)

    def _take(self, reply: Reply) -> None:
        call = self._calls.get(reply.get("id", ""))
        if call is None:
            for queue in self._listeners:
                queue.put_nowait(reply)
        elif not call.is_left:
            call.replies.put_nowait(reply)
        elif reply["type"] in ENDS:
            del self._calls[call.id]

    def _take_piece(self, frame: bytes) -> None:
        _, _, _, size, offset, _ = HEADER.unpack_from(frame)
        call = self._calls.get(frame[HEADER.size : HEADER.size + size].decode())
        if call is not None:
            del call.pieces[offset:]  # of a connection that was lost
            call.pieces += frame[HEADER.size + size :]


def _call(command: str, name: str, fields: dict[str, Any]) -> _Call:
    name = name or f"py-{secrets.token_hex(8)}"
    message = {"type": command, "id": name, **fields}
    text = json.dumps(message, ensure_ascii=False, default=_plain)
    return _Call(command, name, text.encode("utf-8", "replace").decode())


def _plain(value: object) -> str:
    """What JSON does not know: a path, made absolute; else an exact number, as its text."""
    return os.path.abspath(value) if isinstance(value, os.PathLike) else str(value)


def _report(reply: Reply, on_progress: OnProgress) -> None:
    if reply["type"] == "progress" and on_progress is not None:
        on_progress(reply["stage"], reply["step"], reply["of"])


def _result(reply: Reply) -> Reply:
    if reply["type"] == "fail":
        raise BarlineError(reply["code"], reply["text"], reply["field"], reply["command"])
    if reply["type"] == "cancelled":
        raise BarlineError("cancelled", f"{reply['id']} was cancelled", "", reply["command"])
    return reply
