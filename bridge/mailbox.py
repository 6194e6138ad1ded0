"""The mailbox on the disk: requests and replies as files, for programs that have no sockets.

    in/CLIENT.SEQ.json            a request, put there by rename
    claimed/TIME.CLIENT.SEQ.json  ours: taken, but not yet answered or, if it is a job, not yet in the journal
    out/CLIENT/NNNNNNNN.json      replies, put there by rename, deleted by the client that has read them

Knows files and replies only; one thread at a time. docs/MAILBOX.md tells it to those who write clients.
"""

import contextlib
import itertools
import os
import re
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from bridge.config import Limits
from bridge.private_folder import make_private, write_private
from protocol.errors import ProtocolError
from protocol.json_text import encode_reply
from protocol.limits import JSON_BYTES
from protocol.replies import Progress, Reply

SLIP = re.compile(r"([A-Za-z0-9_-]{1,32})\.([A-Za-z0-9_-]{1,32})\.json")
CLAIMED = re.compile(r"\d{20}\.(.+)")
REPLY = re.compile(r"(\d{8,})\.json")
ID_IN_TEXT = re.compile(rb'"id"\s*:\s*(?:"([^"\\\x00-\x1f]{1,64})"|(-?\d{1,19})\b)')
LISTED = 8192
"""Files that one look at a folder takes in."""
AT_ONCE = 64
"""Requests of one client that one look takes."""


class Slip(NamedTuple):
    """The name of a waiting request; slips of one client sort in the order of their numbers."""

    client: str
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A request that was claimed. fault: why it cannot be read or taken, None where it can."""

    slip: Slip
    path: Path
    text: bytes = b""
    fault: ProtocolError | None = None

    @property
    def found_id(self) -> str:
        """An id to answer to when the text as a whole cannot be read: one that stands in it, or the name."""
        found = ID_IN_TEXT.search(self.text)
        if found is None:
            return self.slip.name.removesuffix(".json")
        return (found[1] or found[2]).decode("utf-8", "replace")


@dataclass(slots=True)
class _Shelf:
    """Replies to one client: the last number, how many files there may be, the unread progress by its id."""

    number: int
    files: int
    progress: dict[str, Path] = field(default_factory=dict)


class Mailbox:
    """The folder. Raises OSError where it cannot be used."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._in, self._claimed, self._out = (folder / name for name in ("in", "claimed", "out"))
        self._limits = limits
        self._shelves: dict[str, _Shelf] = {}
        for part in (folder, self._in, self._claimed, self._out):
            make_private(part)

    # --- requests

    def changed_at(self) -> int:
        """When something was last put into `in` or taken from it, in nanoseconds; makes it if it is gone."""
        try:
            return self._in.stat().st_mtime_ns
        except FileNotFoundError:
            make_private(self._in)
            return 0

    def left_over(self) -> list[Letter]:
        """What a daemon had claimed that was killed before it answered, in order."""
        found = sorted(entry.name for entry in files_in(self._claimed))
        names = ((name, CLAIMED.fullmatch(name)) for name in found)
        slips = ((self._claimed / name, match and slip_of(match[1])) for name, match in names)
        return [read_letter(slip, path) for path, slip in slips if slip is not None]

    def collect(self) -> list[Letter]:
        """Claims what waits: for each client in the order of its numbers."""
        newest = {slip.client: slip.number for slip in sorted(self._waiting())}
        if not newest:
            return []
        # A listing is no snapshot: it may show a file and miss an earlier one. The next one cannot.
        second = sorted(slip for slip in self._waiting() if slip.number <= newest.get(slip.client, -1))
        letters = []
        for _, group in itertools.groupby(second, key=lambda slip: slip.client):
            slips = list(group)
            most = self._limits.mailbox_files
            letters += [self._claim(slip) for slip in slips[: min(AT_ONCE, most)]]
            letters += [self._turn_away(slip) for slip in slips[most:]]
        return [letter for letter in letters if letter is not None]

    def _waiting(self) -> list[Slip]:
        return [slip for entry in files_in(self._in) if (slip := slip_of(entry.name)) is not None]

    def _claim(self, slip: Slip) -> Letter | None:
        """Makes the file ours; None when another was quicker, or its writer still holds it."""
        path = self._claimed / f"{time.time_ns():020d}.{slip.name}"
        try:
            os.rename(self._in / slip.name, path)
        except OSError:
            return None
        return read_letter(slip, path)

    def _turn_away(self, slip: Slip) -> Letter | None:
        letter = self._claim(slip)
        if letter is None:
            return None
        rule = f"{self._limits.mailbox_files} requests of {slip.client} wait, the most that may"
        return replace(letter, fault=ProtocolError("busy", f"{rule}; slow down"))

    # --- replies

    def put(self, client: str, reply: Reply) -> None:
        """Puts a reply into the client's folder; of a job's progress only the newest stays.

        Raises OSError, and ProtocolError when it is too long.
        """
        folder, text = self._out / client, text_of(reply)
        make_private(folder)
        shelf = self._shelf(client)
        shelf.number, shelf.files = shelf.number + 1, shelf.files + 1
        path = folder / f"{shelf.number:08d}.json"
        write_private(path, text.encode())
        older = shelf.progress.pop(getattr(reply, "request_id", ""), None)
        if isinstance(reply, Progress):
            shelf.progress[reply.request_id] = path
            if older is not None:
                older.unlink(missing_ok=True)
        if shelf.files > self._limits.mailbox_files:
            self._make_room(folder, shelf)

    def _shelf(self, client: str) -> _Shelf:
        if client not in self._shelves:
            numbers = [number for number, _ in replies_in(self._out / client)]
            self._shelves[client] = _Shelf(max(numbers, default=0), len(numbers))
        return self._shelves[client]

    def _make_room(self, folder: Path, shelf: _Shelf) -> None:
        """Counts again, and deletes the oldest of what is too much: `fetch` brings it back."""
        found = sorted(replies_in(folder))
        too_many = found[: max(0, len(found) - self._limits.mailbox_files)]
        for _, path in too_many:
            path.unlink(missing_ok=True)
        shelf.files = len(found) - len(too_many)

    # --- order

    def sweep(self) -> set[str]:
        """Deletes what is too old; returns the clients that let replies become so."""
        oldest = time.time() - self._limits.mailbox_s
        for entry in files_in(self._in):
            if slip_of(entry.name) is None and is_older(entry, oldest):
                Path(entry.path).unlink(missing_ok=True)
        silent = set()
        for folder in folders_in(self._out):
            for entry in files_in(Path(folder.path)):
                if is_older(entry, oldest):
                    Path(entry.path).unlink(missing_ok=True)
                    silent.add(folder.name)
            if is_older(folder, oldest):
                with contextlib.suppress(OSError):  # not empty
                    os.rmdir(folder.path)
                    self._shelves.pop(folder.name, None)
        return silent


def slip_of(name: str) -> Slip | None:
    """What a file's name says; None when it is no request. A number that is none counts as 0."""
    match = SLIP.fullmatch(name)
    return match and Slip(match[1], int(match[2]) if match[2].isdecimal() else 0, name)


def read_letter(slip: Slip, path: Path) -> Letter:
    """The text of a claimed file: a plain one, not too long, and never what a link points to."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with os.fdopen(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError("it is no plain file")
            return Letter(slip, path, file.read(JSON_BYTES.value + 1))
    except OSError as error:
        fault = ProtocolError("malformed", f"{slip.name} cannot be read: {error}")
        return Letter(slip, path, fault=fault)


def text_of(reply: Reply) -> str:
    """The reply's JSON text, with the line end that some readers wait for. Raises ProtocolError."""
    return encode_reply(reply) + "\n"


def replies_in(folder: Path) -> Iterator[tuple[int, Path]]:
    """Number and path of every reply that lies in a client's folder."""
    for entry in files_in(folder):
        match = REPLY.fullmatch(entry.name)
        if match is not None:
            yield int(match[1]), Path(entry.path)


def files_in(folder: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder and is no folder; empty when it is not there. A link is listed, not followed."""
    return [entry for entry in entries_of(folder) if not entry.is_dir(follow_symlinks=False)]


def folders_in(folder: Path) -> list[os.DirEntry[str]]:
    """The folders in a folder; no links to folders."""
    return [entry for entry in entries_of(folder) if entry.is_dir(follow_symlinks=False)]


def entries_of(folder: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder, as far as one look goes."""
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        return list(itertools.islice(entries, LISTED))
    return []


def is_older(entry: os.DirEntry[str], oldest: float) -> bool:
    """Was it last written before this unix time? Not when it has just gone."""
    with contextlib.suppress(FileNotFoundError):
        return entry.stat(follow_symlinks=False).st_mtime < oldest
    return False
