"""OSC over UDP: datagrams in, requests to the desk; replies out, to any address.

Knows bytes and addresses only as far as protocol.osc does not: nothing here waits, and nothing here decides.
"""

import asyncio
import contextlib
import logging
import socket
from fractions import Fraction
from typing import cast

from bridge.desk import refuse, take_timed
from bridge.ending import fail_reply
from bridge.parts import Bridge
from bridge.sessions import Caller, osc_caller
from protocol.errors import ProtocolError
from protocol.osc import decode_packet, encode_reply
from protocol.replies import Reply

log = logging.getLogger("barline")

NTP_TO_UNIX_S = 2_208_988_800
"""Seconds from 1900 to 1970: OSC time tags count from the first (OSC 1.0, as NTP)."""
RECEIVE_BUFFER = 4 << 20
"""Bytes asked of the kernel, so that a burst of messages is not lost while we are busy; it may give less."""


class OscServer(asyncio.DatagramProtocol):
    """One UDP socket. Opened by `open_osc`, closed by `close`."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        self._transport = cast(asyncio.DatagramTransport, transport)
        self._bridge.sessions.use_osc(self.send)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """One packet: each of its messages is taken, refused or scheduled by itself."""
        take_packet(self._bridge, osc_caller(addr[0], addr[1]), data)

    def error_received(self, exc: Exception) -> None:
        """Some earlier datagram found nobody: UDP gives no more than that."""
        log.debug("osc: %s", exc)

    def send(self, host: str, port: int, reply: Reply) -> None:
        """Sends a reply; one too long for a datagram becomes a fail that says so."""
        if self._transport is None or self._transport.is_closing():
            return
        with contextlib.suppress(OSError, ValueError):  # no way to that host, or no such port
            self._transport.sendto(packet_of(reply), (host, port))

    def close(self) -> None:
        """Gives the socket back."""
        self._bridge.sessions.use_osc(None)
        if self._transport is not None:
            self._transport.close()


def take_packet(bridge: Bridge, caller: Caller, packet: bytes) -> None:
    """Takes each message of an OSC packet at its time, whatever brought it."""
    try:
        messages = decode_packet(packet)
    except ProtocolError as error:
        refuse(bridge, caller, error)
        return
    for timed in messages:
        if isinstance(timed.message, ProtocolError):
            refuse(bridge, caller, timed.message)
        else:
            take_timed(bridge, caller, timed.message, unix_seconds(timed.due))


def unix_seconds(due: Fraction | None) -> float | None:
    """NTP seconds as unix seconds; None stays None."""
    return None if due is None else float(due - NTP_TO_UNIX_S)


def packet_of(reply: Reply) -> bytes:
    """A reply's datagram; one that does not fit becomes a fail that says so."""
    try:
        return encode_reply(reply)
    except ProtocolError as error:
        told = (error.code, f"the answer does not fit a datagram: {error.text}", "")
        return encode_reply(fail_reply(getattr(reply, "request_id", ""), reply.spec.command, told))


async def open_osc(bridge: Bridge) -> OscServer:
    """Opens the socket. Raises OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in bridge.config.host else socket.AF_INET
    udp = socket.socket(family, socket.SOCK_DGRAM)
    with contextlib.suppress(OSError):
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    try:
        udp.bind((bridge.config.host, bridge.config.osc_port))
        udp.setblocking(False)
        loop = asyncio.get_running_loop()
        _, server = await loop.create_datagram_endpoint(lambda: OscServer(bridge), sock=udp)
    except OSError:
        udp.close()
        raise
    return server
