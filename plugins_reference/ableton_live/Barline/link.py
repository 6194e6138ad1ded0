"""The connection to the daemon: a non-blocking socket, drained a little at each tick, opened again when lost.

No call here ever waits, and none raises: what goes wrong is a text in `problem`. What one tick may do is
bounded in bytes and messages, so that Live's main thread is never held up.
"""

from __future__ import annotations

import errno
import json
import os
import select
import socket
from typing import TYPE_CHECKING, Any, cast

from .wire import (
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Joiner,
    WireError,
    encode_frame,
    handshake,
    take_frame,
    take_welcome,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .finding import Address

READ_BYTES = 16_384
"""Bytes taken from the socket in one tick, at most."""
WRITE_BYTES = 32_768
"""Bytes given to the socket in one tick, at most."""
MESSAGES = 8
"""Messages taken up in one tick, at most; the others wait for the next."""
REST_TICKS = 40
"""Ticks between two attempts to connect."""
PATIENCE_TICKS = 200
"""Ticks that a connection may take to open."""
UNDER_WAY = (0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY, 10035)
"""What connect_ex says of a connection that is being made; 10035 is Windows' own number for it."""

DOWN, CONNECTING, GREETING, OPEN = "down", "connecting", "greeting", "open"


class Link:
    """One connection. `find` tells where the daemon is, asked anew at each attempt."""

    def __init__(self, find: Callable[[], Address], token: Callable[[], str]) -> None:
        self._find, self._token = find, token
        self._socket: socket.socket | None = None
        self._incoming, self._outgoing = bytearray(), bytearray()
        self._joiner = Joiner()
        self._nonce = b""
        self._rest = 0
        self.state = DOWN
        self.problem = ""
        """Why the last connection ended, or could not be made."""
        self.openings = 0
        """How often it was open: when this grows, what was asked before must be asked again."""

    def tick(self) -> list[dict[str, Any]]:
        """Goes one bounded step on; the messages that have come."""
        if self.state == OPEN:
            return self._exchange()
        if self._rest > 0:
            self._rest -= 1
        elif self.state == DOWN:
            self._begin()
        else:
            self._lose("it takes too long to answer")
        if self.state == CONNECTING:
            self._look_whether_connected()
        elif self.state == GREETING:
            self._greet()
        return []

    def send(self, message: dict[str, Any]) -> bool:
        """Takes a message to be sent; False when there is no connection, or it would be too long."""
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        if self.state != OPEN or len(text) > 262_144:
            return False
        self._outgoing += encode_frame(TEXT, text, os.urandom(4))
        return True

    def close(self) -> None:
        """Gives the socket back."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self.state = DOWN

    def _begin(self) -> None:
        self._rest = PATIENCE_TICKS
        address = self._find()
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        # A name other than this one would have to be looked up, and that waits.
        host = "127.0.0.1" if address.host == "localhost" else address.host
        self._nonce = os.urandom(16)
        self._incoming, self._joiner = bytearray(), Joiner()
        self._outgoing = bytearray(handshake(host, address.port, self._nonce, self._token()))
        try:
            self._socket = socket.socket(family, socket.SOCK_STREAM)
            self._socket.setblocking(False)
            code = self._socket.connect_ex((host, address.port))
        except (OSError, ValueError) as error:
            self._lose(str(error))
            return
        self.state = CONNECTING
        if code not in UNDER_WAY:
            self._lose(os.strerror(code))

    def _look_whether_connected(self) -> None:
        assert self._socket is not None
        _, writable, failed = select.select([], [self._socket], [self._socket], 0)
        code = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code or failed:
            self._lose(os.strerror(code))
        elif writable:
            self.state = GREETING

    def _greet(self) -> None:
        try:
            if self._move_bytes() and take_welcome(self._incoming, self._nonce):
                self.state, self.problem = OPEN, ""
                self.openings += 1
        except (OSError, WireError) as error:
            self._lose(str(error))

    def _exchange(self) -> list[dict[str, Any]]:
        try:
            is_alive = self._move_bytes()
            return self._take_messages() if is_alive else []
        except (OSError, WireError) as error:
            self._lose(str(error))
            return []

    def _move_bytes(self) -> bool:
        """One send and one receive, both bounded; False when the other side has hung up."""
        assert self._socket is not None
        if self._outgoing:
            try:
                del self._outgoing[: self._socket.send(bytes(self._outgoing[:WRITE_BYTES]))]
            except (BlockingIOError, InterruptedError):
                pass
        try:
            got = self._socket.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return True
        if not got:
            self._lose("the daemon has ended the connection")
            return False
        self._incoming += got
        return True

    def _take_messages(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while len(found) < MESSAGES:
            frame = take_frame(self._incoming)
            if frame is None:
                break
            if frame.opcode == PING:
                self._outgoing += encode_frame(PONG, frame.payload, os.urandom(4))
            elif frame.opcode == CLOSE:
                self._lose("the daemon has ended the connection")
                break
            elif frame.opcode in (TEXT, CONTINUATION):
                whole = self._joiner.add(frame)
                found += [] if whole is None else read_message(whole)
        return found

    def _lose(self, problem: str) -> None:
        self.close()
        self.problem = problem
        self._rest = REST_TICKS


def read_message(text: bytes) -> list[dict[str, Any]]:
    """The JSON object of a text; nothing when it is none."""
    try:
        message: Any = json.loads(text.decode("utf-8"))
    except ValueError:
        return []
    return [cast("dict[str, Any]", message)] if isinstance(message, dict) else []
