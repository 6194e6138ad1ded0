"""Who browses the address space by WebSocket, and what they hear of it: values they listen to, and changes.

A connection browses from its first LISTEN or IGNORE on; before that nothing is sent to it, for a client that
speaks Barline's own messages would not know what to do with it. Knows no sockets: a connection hands in a
function that takes a message or leaves it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from protocol.codec import osc_fields
from protocol.errors import ProtocolError
from protocol.kinds import OscArgument
from protocol.limits import PATH_CHARS
from protocol.replies import Reply

MOST_PATHS = 4096
"""Paths that one connection listens to."""

Offer = Callable[[str | bytes], None]
Values = list[OscArgument]


@dataclass(slots=True)
class Browser:
    """One connection."""

    offer: Offer
    paths: set[str] = field(default_factory=set)
    is_told: bool = False
    """Does it hear of changes?"""


class Browsers:
    """All connections, and what was last told of every address."""

    def __init__(self) -> None:
        self.told: dict[str, Values] = {}
        """What was last sent to each address that only sends."""
        self.known: set[str] = set()
        """Paths of projects and jobs that browsers were told of, or can see."""
        self._browsers: dict[str, Browser] = {}

    def open(self, route: str, offer: Offer) -> None:
        """A connection; `offer` must not wait, and may leave a message out."""
        self._browsers[route] = Browser(offer)

    def close(self, route: str) -> None:
        """A connection is gone."""
        self._browsers.pop(route, None)

    def obey(self, route: str, command: str, path: str) -> None:
        """LISTEN or IGNORE. Raises ProtocolError for another command, or too many paths."""
        browser = self._browsers[route]
        if len(path) > PATH_CHARS.value:
            raise ProtocolError("too-long", f"DATA has {len(path)} characters", "DATA")
        browser.is_told = True
        if command == "LISTEN":
            if len(browser.paths) >= MOST_PATHS:
                raise ProtocolError("busy", f"{MOST_PATHS} paths are listened to, the most that may")
            browser.paths.add(path)
        elif command == "IGNORE":
            browser.paths.discard(path)
        else:
            raise ProtocolError("unknown-address", f"there is no command {command[:80]!r}", "COMMAND")

    def keep(self, reply: Reply) -> None:
        """Remembers a reply as the value of its address."""
        self.told[f"/{reply.spec.name}"] = values_of(reply)

    def stream(self, path: str, encode: Callable[[], bytes]) -> None:
        """Sends a value to those who listen to its path; an empty packet is not sent."""
        listening = [browser for browser in self._browsers.values() if path in browser.paths]
        packet = encode() if listening else b""
        for browser in listening if packet else ():
            browser.offer(packet)

    def tell(self, command: str, path: str) -> None:
        """Tells of a change: PATH_ADDED, PATH_REMOVED or PATH_CHANGED."""
        text = json.dumps({"COMMAND": command, "DATA": path})
        for browser in self._browsers.values():
            if browser.is_told:
                browser.offer(text)


def values_of(reply: Reply) -> Values:
    """The arguments that a reply's node declares: all of them, of a done its id and its command."""
    fields = osc_fields(reply, skip_defaults=False)
    if reply.spec.name == "done":
        return [fields[0][1], reply.spec.command]
    return [value for _, value in fields]


def command_of(text: str) -> tuple[str, str] | None:
    """Command and path of an OSCQuery message; None when the text is none."""
    if '"COMMAND"' not in text:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or "type" in found:
        return None
    command, path = found.get("COMMAND"), found.get("DATA")
    return (command, path) if isinstance(command, str) and isinstance(path, str) else None
