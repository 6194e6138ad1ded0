"""daemon.json in the runtime folder: where a script in any language finds the daemon, without a library.

The folder belongs to one daemon at a time, by a lock that the kernel frees however the daemon ends; so a file
whose lock is free is stale, and is replaced. Its content is plain JSON in one line.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from bridge.cli import VERSION
from bridge.parts import Bridge
from bridge.private_folder import make_private, write_private
from protocol.limits import PROTOCOL_VERSION

FILE = "daemon.json"
LOCK = "daemon.lock"
MAILBOX = "mailbox"
NAMES_OF_ALL = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}
"""Addresses to listen on that are none to send to, and the one that reaches such a daemon from here."""


class RuntimeTaken(Exception):
    """Another daemon has the runtime folder."""


@contextlib.contextmanager
def own_runtime_folder(folder: Path) -> Iterator[None]:
    """The runtime folder, ours alone. Raises RuntimeTaken, NotPrivate, OSError."""
    make_private(folder)
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise RuntimeTaken(f"another daemon is found by {folder / FILE}: scripts go to that one") from None
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def runtime_file(bridge: Bridge) -> Iterator[None]:
    """The file while the daemon listens. Raises OSError."""
    path = bridge.config.runtime_folder / FILE
    write_private(path, json.dumps(facts_of(bridge)).encode() + b"\n")
    try:
        yield
    finally:
        if read_pid(path) == os.getpid():
            path.unlink(missing_ok=True)


def facts_of(bridge: Bridge) -> dict[str, Any]:
    """What the file says."""
    config, ports = bridge.config, bridge.ports
    return {
        "osc": ports.osc,
        "ws": ports.ws,
        "host": address_to_reach(config.host),
        "pid": os.getpid(),
        "mailbox": str(config.runtime_folder / MAILBOX),
        "protocol": PROTOCOL_VERSION.value,
        "token_needed": bool(config.token),
        "version": VERSION,
    }


def address_to_reach(host: str) -> str:
    """The address that reaches, from this machine, a daemon that listens on `host`."""
    return NAMES_OF_ALL.get(host, host)


def read_pid(path: Path) -> int:
    """Whose file it is; 0 when there is none that can be read."""
    try:
        return int(json.loads(path.read_bytes())["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0
