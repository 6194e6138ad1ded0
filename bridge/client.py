"""An asynchronous client for both transports: what demo, tests and Python scripts speak to the daemon with.

    async with connect_osc("127.0.0.1", 7770) as client:
        async for reply in client.request(Repaint(...)):
            ...
        done = await client.ask(Status(request_id="s1"))

Knows the protocol only, nothing of the daemon's parts.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from protocol import json_text, osc
from protocol.binary import HEADER, Frame, decode_frame, encode_frame, split_file
from protocol.errors import ProtocolError
from protocol.limits import CHUNK_BYTES, ID_CHARS
from protocol.messages import Download, Request, Upload
from protocol.replies import Accepted, DownloadDone, EngineEvent, Fail, Progress, Reply, UploadDone

MAX_MESSAGE = CHUNK_BYTES.value + HEADER.size + 4 * ID_CHARS.value
CLOSE_S = 1.0
"""How long a daemon may take to say goodbye."""
GOES_ON = (Accepted, Progress)
"""Replies that are not the end of a request."""


class ConnectionLost(Exception):
    """The daemon has gone; whoever waits for a reply can ask for it again with `fetch` after reconnecting."""


class Refused(Exception):
    """The daemon answered with a fail, which is in `reply`."""

    def __init__(self, reply: Fail) -> None:
        super().__init__(f"{reply.command}: {reply.code}: {reply.text}")
        self.reply = reply


@dataclass(slots=True)
class Client:
    """A connection. Replies are kept by their id, so many requests may be under way at a time."""

    send: Callable[[Request], "asyncio.Future[None]"]
    """Sends one request."""
    events: asyncio.Queue[Reply] = field(default_factory=asyncio.Queue)
    """What came without being asked for: engine events, and other clients' jobs."""
    _waiting: dict[str, asyncio.Queue[Reply | None]] = field(default_factory=dict)
    _is_lost: bool = False

    async def request(self, request: Request) -> AsyncIterator[Reply]:
        """Sends a request and yields its replies; the last one is its end. Raises ConnectionLost."""
        replies: asyncio.Queue[Reply | None] = asyncio.Queue()
        self._waiting[request.request_id] = replies
        try:
            await self.send(request)
            while not self._is_lost or not replies.empty():
                reply = await replies.get()
                if reply is None:
                    break
                yield reply
                if not isinstance(reply, GOES_ON):
                    return
            raise ConnectionLost(f"the daemon went away before {request.request_id} had its end")
        finally:
            self._waiting.pop(request.request_id, None)

    async def ask(self, request: Request, timeout_s: float | None = None) -> Reply:
        """Sends a request and returns the reply that ends it. Raises ConnectionLost, TimeoutError."""
        async with asyncio.timeout(timeout_s):
            async for reply in self.request(request):
                last = reply
        return last

    def take(self, reply: Reply) -> None:
        """A reply has come."""
        name = "" if isinstance(reply, EngineEvent) else reply.request_id
        if name in self._waiting:
            self._waiting[name].put_nowait(reply)
        else:
            self.events.put_nowait(reply)

    def lose(self) -> None:
        """The connection is gone: whoever waits is told."""
        self._is_lost = True
        for replies in self._waiting.values():
            replies.put_nowait(None)


# --- OSC


class _Datagrams(asyncio.DatagramProtocol):
    """Hands each reply to a client."""

    def __init__(self) -> None:
        self.client: Client | None = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """One reply."""
        if self.client is not None:
            with contextlib.suppress(ProtocolError):  # not from our daemon
                self.client.take(osc.decode_reply(data))


@contextlib.asynccontextmanager
async def connect_osc(host: str = "127.0.0.1", port: int = 7770) -> AsyncIterator[Client]:
    """A client by OSC, from a port of its own. UDP cannot tell whether anybody is there: use timeouts."""
    loop = asyncio.get_running_loop()
    transport, datagrams = await loop.create_datagram_endpoint(_Datagrams, remote_addr=(host, port))

    def send(request: Request) -> "asyncio.Future[None]":
        transport.sendto(osc.encode_request(request))
        sent: asyncio.Future[None] = loop.create_future()
        sent.set_result(None)
        return sent

    datagrams.client = Client(send)
    try:
        yield datagrams.client
    finally:
        transport.close()


# --- WebSocket


@dataclass(slots=True)
class WebClient:
    """A connection by WebSocket: a Client, and files both ways."""

    client: Client
    connection: ClientConnection
    pieces: dict[str, bytearray] = field(default_factory=dict)
    """Downloads that are coming in, by id."""

    def request(self, request: Request) -> AsyncIterator[Reply]:
        """As Client.request."""
        return self.client.request(request)

    async def ask(self, request: Request, timeout_s: float | None = None) -> Reply:
        """As Client.ask."""
        return await self.client.ask(request, timeout_s)

    async def upload(self, request_id: str, path: Path, name: str = "") -> UploadDone:
        """Sends a file, under another name than its own if one is given. Raises Refused, ConnectionLost."""
        content = await asyncio.to_thread(path.read_bytes)
        digest = hashlib.sha256(content).hexdigest()
        announced = Upload(request_id=request_id, name=name or path.name, size=len(content), sha256=digest)
        async for reply in self.request(announced):
            if isinstance(reply, Accepted):
                for frame in split_file("upload", request_id, content):
                    await self.connection.send(encode_frame(frame))
        return ended_well(reply, UploadDone)

    async def download(self, request: Download) -> bytes:
        """What is in one of a job's files. Raises Refused, ConnectionLost."""
        return (await self.receive(request))[1]

    async def receive(self, request: Download) -> tuple[DownloadDone, bytes]:
        """One of a job's files: what is told of it, and what is in it. Raises Refused, ConnectionLost."""
        self.pieces[request.request_id] = bytearray()
        try:
            done = ended_well(await self.ask(request), DownloadDone)
            content = bytes(self.pieces[request.request_id])
        finally:
            del self.pieces[request.request_id]
        if hashlib.sha256(content).hexdigest() != done.sha256:
            raise ConnectionLost("the file that came is not the file that was sent")
        return done, content

    def take_piece(self, frame: Frame) -> None:
        """A piece of a download has come."""
        if frame.transfer_id in self.pieces:
            self.pieces[frame.transfer_id] += frame.payload


@contextlib.asynccontextmanager
async def connect_ws(url: str = "ws://127.0.0.1:7771", token: str = "") -> AsyncIterator[WebClient]:
    """A client by WebSocket. Raises OSError or websockets' InvalidHandshake when it is not let in."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with connect(
        url,
        max_size=MAX_MESSAGE,
        compression=None,
        additional_headers=headers,
        proxy=None,
        close_timeout=CLOSE_S,
    ) as connection:

        def send(request: Request) -> "asyncio.Future[None]":
            return asyncio.ensure_future(send_text(connection, json_text.encode_request(request)))

        client = WebClient(Client(send), connection)
        listening = asyncio.create_task(listen(client))
        try:
            yield client
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening


async def listen(client: WebClient) -> None:
    """Hands every message to the client that waits for it, until the connection ends."""
    try:
        async for message in client.connection:
            if isinstance(message, bytes):
                client.take_piece(decode_frame(message))
            else:
                client.client.take(json_text.decode_reply(message))
    except ConnectionClosed:
        pass
    finally:
        client.client.lose()


async def send_text(connection: ClientConnection, text: str) -> None:
    """Sends a text. Raises ConnectionLost."""
    try:
        await connection.send(text)
    except ConnectionClosed as closed:
        raise ConnectionLost("the daemon went away") from closed


Done = TypeVar("Done")


def ended_well(reply: Reply, wanted: type[Done]) -> Done:
    """The reply, if it is the one that was hoped for. Raises Refused when it is a fail."""
    if isinstance(reply, Fail):
        raise Refused(reply)
    assert isinstance(reply, wanted), f"{type(reply).__name__} instead of {wanted.__name__}"
    return reply
