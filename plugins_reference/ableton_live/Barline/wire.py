"""The client's side of a WebSocket (RFC 6455): bytes in, messages out.

Knows no socket, no clock and no chance: keys and masks are given. Only what Barline's daemon speaks is here:
no extensions, no compression; texts go out whole, and come in whole or in fragments.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from typing import NamedTuple

CONTINUATION, TEXT, CLOSE, PING, PONG = 0, 1, 8, 9, 10
ACCEPT_SALT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455, section 1.3."""
MAX_HEAD = 8192
"""Bytes of an HTTP answer to the handshake."""
MAX_MESSAGE = 262_144
"""Bytes of a text, both ways: the protocol's own limit (docs/PROTOCOL.md, json_bytes)."""


class WireError(Exception):
    """The other side is no daemon of ours, or does not want us; the text says why."""


class Frame(NamedTuple):
    """One frame as it was on the wire."""

    final: bool
    opcode: int
    payload: bytes


def handshake(host: str, port: int, nonce: bytes, token: str) -> bytes:
    """The HTTP request that asks for a WebSocket; nonce: 16 bytes."""
    name = f"[{host}]" if ":" in host else host
    lines = [
        "GET / HTTP/1.1",
        f"Host: {name}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(nonce).decode()}",
        "Sec-WebSocket-Version: 13",
    ]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8")


def take_welcome(buffer: bytearray, nonce: bytes) -> bool:
    """Takes the answer to the handshake off the buffer; False while it is incomplete. Raises WireError."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        if len(buffer) > MAX_HEAD:
            raise WireError("what answers on this port is no Barline daemon")
        return False
    head = bytes(buffer[:end]).decode("latin-1").split("\r\n")
    body = bytes(buffer[end + 4 :])
    if not head[0].startswith("HTTP/1.1 101"):
        reason = body.decode("utf-8", "replace").strip() or head[0]
        raise WireError(f"the daemon does not let us in: {reason}")
    fields = {name.strip().lower(): value.strip() for name, _, value in (x.partition(":") for x in head[1:])}
    wanted = base64.b64encode(hashlib.sha1(base64.b64encode(nonce) + ACCEPT_SALT).digest()).decode()
    if fields.get("sec-websocket-accept") != wanted:
        raise WireError("what answers on this port is no Barline daemon")
    del buffer[: end + 4]
    return True


def encode_frame(opcode: int, payload: bytes, mask: bytes) -> bytes:
    """One whole, masked frame, as a client must send it; mask: 4 bytes."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    return head + mask + masked(payload, mask)


def masked(payload: bytes, mask: bytes) -> bytes:
    """The payload under its mask, and back; as one large number, because a loop over bytes would be slow."""
    size = len(payload)
    stretched = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(stretched, "big")).to_bytes(size, "big")


def take_frame(buffer: bytearray) -> Frame | None:
    """Takes one frame off the buffer; None while it is incomplete. Raises WireError."""
    if len(buffer) < 2:
        return None
    first, second = buffer[0], buffer[1]
    if first & 0x70 or second & 0x80:
        raise WireError("the daemon sent a frame that no server may send")
    size, start = second & 0x7F, 2
    if size >= 126:
        code, start = ("!H", 4) if size == 126 else ("!Q", 10)
        if len(buffer) < start:
            return None
        size = int(struct.unpack(code, bytes(buffer[2:start]))[0])
    if size > MAX_MESSAGE:
        raise WireError(f"the daemon sent {size} bytes at once; {MAX_MESSAGE} are the most")
    if len(buffer) < start + size:
        return None
    payload = bytes(buffer[start : start + size])
    del buffer[: start + size]
    return Frame(bool(first & 0x80), first & 0x0F, payload)


class Joiner:
    """Puts fragments of one message together."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def add(self, frame: Frame) -> bytes | None:
        """The whole message, when this text frame or continuation ends it. Raises WireError."""
        if (frame.opcode == CONTINUATION) != bool(self._parts):
            raise WireError("the daemon's fragments do not fit together")
        self._parts.append(frame.payload)
        if sum(map(len, self._parts)) > MAX_MESSAGE:
            raise WireError(f"the daemon sent a message above {MAX_MESSAGE} bytes")
        if not frame.final:
            return None
        whole = b"".join(self._parts)
        self._parts = []
        return whole
