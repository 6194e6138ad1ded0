"""Who is there, who listens, and where a reply goes.

A route is the address of one listener as text: "osc:HOST:PORT", "box:CLIENT" or "ws:NUMBER". Routes are kept
in the journal, so a client by OSC or mailbox hears of its job after a restart; a WebSocket's number is never
given again, so a dead one hears nothing. Knows nothing of the wire: transports hand in a function that sends.
"""

import secrets
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from protocol.messages import Transport
from protocol.replies import Reply

LEASE_S = 3600.0
"""An OSC subscriber whose machine was silent for so long is taken for dead: UDP has no other sign."""
PORTS_PER_HOST = 16
TRUSTED_HOSTS = 1024
MAIL = "box:"

Send = Callable[[Reply], None]
SendBytes = Callable[[bytes], Awaitable[None]]
SendOsc = Callable[[str, int, Reply], None]
SendMail = Callable[[str, Reply], None]
Hear = Callable[[Reply], None]
Whose = Literal["own", "all"]


class TooManySubscribers(Exception):
    """No room for one more; the text says the limit."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a message."""

    transport: Transport
    route: str
    """Where it can be answered."""

    @property
    def host(self) -> str:
        """Address of an OSC caller, the route of any other: what "the same client" means for each."""
        return split_route(self.route)[0] if self.transport == "osc" else self.route


@dataclass(frozen=True, slots=True)
class Listener:
    """One subscription."""

    whose: Whose
    host: str
    heard_at: float
    """Monotonic seconds of the last message from its host."""


def osc_caller(host: str, port: int) -> Caller:
    """The caller behind a datagram."""
    return Caller("osc", f"osc:{host}:{port}")


def mailbox_caller(client: str) -> Caller:
    """The caller behind the files of one client."""
    return Caller("mailbox", f"{MAIL}{client}")


def split_route(route: str) -> tuple[str, int]:
    """Host and port of an OSC route."""
    host, _, port = route.removeprefix("osc:").rpartition(":")
    return host, int(port)


class Sessions:
    """Everybody who can be answered. Owns the routes and subscriptions, not the sockets."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._sockets: dict[str, tuple[Send, SendBytes]] = {}
        self._send_osc: SendOsc | None = None
        self._send_mail: SendMail | None = None
        self._hear: Hear | None = None
        self._ports: dict[str, tuple[int, ...]] = {}
        self._listeners: dict[str, Listener] = {}
        self._trusted: set[str] = set()

    # --- transports

    def use_osc(self, send: SendOsc | None) -> None:
        """Sets the function that sends a reply by OSC."""
        self._send_osc = send

    def use_mailbox(self, send: SendMail | None) -> None:
        """Sets the function that puts a reply into a client's folder."""
        self._send_mail = send

    def use_browsers(self, hear: Hear | None) -> None:
        """Sets the function that hears what is not for one client alone: jobs' replies and events."""
        self._hear = hear

    def open_socket(self, send: Send, send_bytes: SendBytes) -> Caller:
        """A WebSocket connected; `send` must not wait, `send_bytes` waits until the client takes more."""
        caller = Caller("websocket", f"ws:{secrets.token_hex(8)}")
        self._sockets[caller.route] = send, send_bytes
        return caller

    def close_socket(self, caller: Caller) -> None:
        """A WebSocket is gone, and its subscription with it."""
        self._sockets.pop(caller.route, None)
        self._listeners.pop(caller.route, None)

    def count_sockets(self) -> int:
        """How many WebSockets are connected."""
        return len(self._sockets)

    # --- who is who

    def hear(self, caller: Caller) -> None:
        """A message came: the subscribers on that machine are alive."""
        for route, listener in self._listeners.items():
            if listener.host == caller.host:
                self._listeners[route] = replace(listener, heard_at=self._clock())

    def trust(self, caller: Caller) -> None:
        """The caller showed the token."""
        if len(self._trusted) < TRUSTED_HOSTS:
            self._trusted.add(caller.host)

    def is_trusted(self, caller: Caller) -> bool:
        """Did the caller's machine show the token? WebSockets show it before they are let in.

        The mailbox is open to nobody but the user who started the daemon.
        """
        return caller.transport != "osc" or caller.host in self._trusted

    def routes_of(self, caller: Caller) -> tuple[str, ...]:
        """Where this caller's replies go: to itself, and to the ports its machine registered."""
        ports = self._ports.get(caller.host, ())
        return tuple(dict.fromkeys((caller.route, *(f"osc:{caller.host}:{port}" for port in ports))))

    # --- subscriptions

    def subscribe(self, caller: Caller, port: int, whose: Whose) -> int:
        """Adds a subscription, or changes it. Returns the port it goes to (0 = not by OSC).

        Raises TooManySubscribers.
        """
        route = self._route_for(caller, port)
        self._drop_dead()
        if route not in self._listeners and len(self._listeners) >= self._limit:
            raise TooManySubscribers(f"there are {self._limit} subscribers, the most that may")
        if caller.transport == "osc" and port:
            ports = self._ports.get(caller.host, ())
            self._ports[caller.host] = tuple(dict.fromkeys((*ports, port)))[-PORTS_PER_HOST:]
        self._listeners[route] = Listener(whose, caller.host, self._clock())
        return split_route(route)[1] if caller.transport == "osc" else 0

    def unsubscribe(self, caller: Caller, port: int) -> int:
        """Ends a subscription and the registration of its port; returns the port."""
        route = self._route_for(caller, port)
        self._listeners.pop(route, None)
        if caller.transport != "osc":
            return 0
        left = tuple(other for other in self._ports.get(caller.host, ()) if other != split_route(route)[1])
        self._ports[caller.host] = left
        return split_route(route)[1]

    # --- sending

    def send(self, routes: Iterable[str], reply: Reply) -> None:
        """Sends a reply to these routes; those that are gone are passed over."""
        for route in dict.fromkeys(routes):
            if route.startswith("osc:") and self._send_osc is not None:
                self._send_osc(*split_route(route), reply)
            elif route.startswith(MAIL) and self._send_mail is not None:
                self._send_mail(route.removeprefix(MAIL), reply)
            elif route in self._sockets:
                self._sockets[route][0](reply)

    async def send_bytes(self, caller: Caller, message: bytes) -> None:
        """Sends a binary message to a WebSocket, as soon as it takes more; nothing when it is gone."""
        if caller.route in self._sockets:
            await self._sockets[caller.route][1](message)

    def send_of_job(self, routes: Iterable[str], reply: Reply) -> None:
        """Sends a job's reply to these routes and to everybody who hears of all jobs."""
        everybody = (route for route, listener in self._listeners.items() if listener.whose == "all")
        self.send((*routes, *everybody), reply)
        self.tell_browsers(reply)

    def send_event(self, reply: Reply) -> None:
        """Sends to all subscribers."""
        self.send(tuple(self._listeners), reply)
        self.tell_browsers(reply)

    def tell_browsers(self, reply: Reply) -> None:
        """Lets those hear of a reply who browse the address space."""
        if self._hear is not None:
            self._hear(reply)

    def _route_for(self, caller: Caller, port: int) -> str:
        return f"osc:{caller.host}:{port}" if caller.transport == "osc" and port else caller.route

    def _drop_dead(self) -> None:
        silent = [
            route
            for route, listener in self._listeners.items()
            if route.startswith("osc:") and self._clock() - listener.heard_at > LEASE_S
        ]
        for route in silent:
            del self._listeners[route]
