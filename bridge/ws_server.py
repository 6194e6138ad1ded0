"""WebSocket: JSON texts, OSC packets and pieces of files in, to the desk; replies out, without ever waiting.

The same port answers plain HTTP with the address space (oscquery). Decides who may connect (origin, host,
token); a client that does not read its replies is dropped, the others never wait for it.
"""

import asyncio
import contextlib
import hmac
import logging
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as Handshake
from websockets.http11 import Response

from bridge.browsers import command_of
from bridge.browsing import begin_browsing
from bridge.config import is_loopback
from bridge.desk import refuse, take_request
from bridge.osc_server import packet_of, take_packet
from bridge.oscquery import Answer, answer_query
from bridge.parts import Bridge
from bridge.sessions import Caller
from protocol.binary import HEADER, decode_frame
from protocol.errors import ProtocolError
from protocol.json_text import decode_request, encode_reply
from protocol.limits import CHUNK_BYTES, ID_CHARS
from protocol.replies import Progress, Reply

log = logging.getLogger("barline")

MAX_MESSAGE = CHUNK_BYTES.value + HEADER.size + 4 * ID_CHARS.value
ALWAYS = {
    "Connection": "close",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Origin",
    "Allow": "GET, HEAD",
}
"""Headers of every answer to plain HTTP."""
OSC_BEGINS = (b"/", b"#bundle\0")
CLOSE_S = 2.0
"""How long a client may take to say goodbye when the daemon ends."""


class Outbox:
    """What waits to be sent to one client. Never waits itself: a client that does not read is dropped."""

    def __init__(self, connection: ServerConnection, limit: int) -> None:
        self._connection = connection
        self._limit = limit
        self._messages: asyncio.Queue[str | bytes] = asyncio.Queue()
        self._encode: Callable[[Reply], str | bytes] = encode_reply

    def put(self, reply: Reply) -> None:
        """Adds a reply; progress is left out when the client is behind."""
        if isinstance(reply, Progress) and self._is_behind():
            return
        if self._messages.qsize() >= self._limit:
            self._connection.transport.abort()
            return
        self._messages.put_nowait(self._encode(reply))

    def offer(self, message: str | bytes) -> None:
        """Adds a message that is left out when the client is behind."""
        if not self._is_behind():
            self._messages.put_nowait(message)

    def speak_osc(self) -> None:
        """From now on replies are OSC packets: the client has sent one."""
        self._encode = packet_of

    async def send_all(self) -> None:
        """Sends for ever what is put in."""
        while True:
            await self._connection.send(await self._messages.get())

    def _is_behind(self) -> bool:
        return self._messages.qsize() > self._limit // 2


async def open_websocket(bridge: Bridge) -> Server:
    """Opens the server. Raises OSError when the port is taken."""

    async def attend(connection: ServerConnection) -> None:
        await attend_client(bridge, connection)

    def admit(connection: ServerConnection, handshake: Handshake) -> Response | None:
        refusal = refusal_of(bridge, handshake)
        if refusal is not None:
            return connection.respond(*refusal)
        return None if is_upgrade(handshake) else answer_http(bridge, handshake)

    begin_browsing(bridge)
    return await serve(
        attend,
        bridge.config.host,
        bridge.config.ws_port,
        process_request=admit,
        max_size=MAX_MESSAGE,
        compression=None,
        close_timeout=CLOSE_S,
        server_header=None,
    )


def refusal_of(bridge: Bridge, handshake: Handshake) -> tuple[HTTPStatus, str] | None:
    """Why a client may not connect, as HTTP says it; None when it may."""
    config = bridge.config
    origin = handshake.headers.get("Origin")
    if origin is not None and origin not in config.origins:
        return HTTPStatus.FORBIDDEN, f"origin {origin} may not connect; start with --origin {origin}\n"
    # A page whose name was made to point to this machine would send its own name here (DNS rebinding).
    if not is_our_name(handshake.headers.get("Host", ""), config.host):
        return HTTPStatus.FORBIDDEN, "this is not the name of this machine\n"
    if config.token and not hmac.compare_digest(shown_token(handshake).encode(), config.token.encode()):
        return HTTPStatus.UNAUTHORIZED, "show the token: Authorization: Bearer TOKEN, or ?token=TOKEN\n"
    if is_upgrade(handshake) and bridge.sessions.count_sockets() >= config.limits.sessions:
        return HTTPStatus.SERVICE_UNAVAILABLE, f"there are {config.limits.sessions} connections\n"
    return None


def is_upgrade(handshake: Handshake) -> bool:
    """Is a WebSocket asked for, or else a page?"""
    return "websocket" in handshake.headers.get("Upgrade", "").lower()


def answer_http(bridge: Bridge, handshake: Handshake) -> Response:
    """The address space, or a part of it, as JSON."""
    if handshake.method not in ("GET", "HEAD"):
        answer = Answer(HTTPStatus.METHOD_NOT_ALLOWED)
    else:
        answer = answer_query(bridge, handshake.path)
    body = answer.text.encode("utf-8", "replace")
    headers = Headers([*ALWAYS.items()])
    if answer.status is not HTTPStatus.NO_CONTENT:
        headers["Content-Type"] = "application/json"
        headers["Content-Length"] = str(len(body))
    origin = handshake.headers.get("Origin")
    if origin is not None:  # one that may ask, or it would not have come so far
        headers["Access-Control-Allow-Origin"] = origin
    sent = b"" if handshake.method == "HEAD" else body
    return Response(answer.status.value, answer.status.phrase, headers, sent)


def is_our_name(host: str, bound: str) -> bool:
    """Does a Host header name this machine by its loopback name or the address we listen on?"""
    name = (urlsplit(f"//{host}").hostname or "").lower()
    # Bound to all addresses there is no one name; then the token is what guards us.
    return is_loopback(name) or name == bound or bound in ("0.0.0.0", "::")


def shown_token(handshake: Handshake) -> str:
    """The token of a handshake, "" for none."""
    scheme, _, value = handshake.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    return parse_qs(urlsplit(handshake.path).query).get("token", [""])[0]


async def attend_client(bridge: Bridge, connection: ServerConnection) -> None:
    """One connection, from its first message to its end."""
    outbox = Outbox(connection, bridge.config.limits.send_queue)
    caller = bridge.sessions.open_socket(outbox.put, connection.send)
    bridge.browsers.open(caller.route, outbox.offer)
    sending = asyncio.create_task(outbox.send_all())
    try:
        async for message in connection:
            if isinstance(message, str):
                take_text(bridge, caller, message)
            elif message.startswith(OSC_BEGINS):
                outbox.speak_osc()
                take_packet(bridge, caller, message)
            else:
                await take_piece(bridge, caller, message)
    except ConnectionClosed:
        pass
    finally:
        sending.cancel()
        bridge.browsers.close(caller.route)
        bridge.sessions.close_socket(caller)
        bridge.uploads.drop(caller.route)
        with contextlib.suppress(ConnectionClosed, asyncio.CancelledError):
            await sending


def take_text(bridge: Bridge, caller: Caller, text: str) -> None:
    """One JSON message: a command of OSCQuery, or a request."""
    command = command_of(text)
    try:
        if command is not None:
            bridge.browsers.obey(caller.route, *command)
            return
        request = decode_request(text)
    except ProtocolError as error:
        refuse(bridge, caller, error)
        return
    take_request(bridge, caller, request)


async def take_piece(bridge: Bridge, caller: Caller, message: bytes) -> None:
    """One piece of an upload."""
    try:
        frame = decode_frame(message)
    except ProtocolError as error:
        refuse(bridge, caller, error)
        return
    await asyncio.sleep(0)  # its announcement may have come just before: let it be taken first
    try:
        done = await asyncio.to_thread(bridge.uploads.feed, caller.route, frame)
    except ProtocolError as error:
        refuse(bridge, caller, error.about("upload", frame.transfer_id))
        return
    if done is not None:
        bridge.sessions.send((caller.route,), done)
