"""Where the daemon listens: the port file that it leaves for local scripts, else the default ports."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple, cast

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 7771
PORT_FILE = "daemon.json"
LARGEST_PORT_FILE = 4096
"""Bytes; what is larger is not ours."""


class Address(NamedTuple):
    """Where to connect to."""

    host: str
    port: int


def runtime_folder() -> Path:
    """The folder that the daemon and local scripts share."""
    given = os.environ.get("BARLINE_RUNTIME", "")
    return Path(given) if given else Path.home() / ".barline"


def find_daemon() -> Address:
    """Where the port file says; the default where there is none, or one that cannot be read."""
    try:
        with open(runtime_folder() / PORT_FILE, encoding="utf-8") as file:
            facts: Any = json.loads(file.read(LARGEST_PORT_FILE))
    except (OSError, ValueError):
        return Address(DEFAULT_HOST, DEFAULT_PORT)
    if not isinstance(facts, dict):
        return Address(DEFAULT_HOST, DEFAULT_PORT)
    return read_address(cast("dict[str, Any]", facts))


def read_address(facts: dict[str, Any]) -> Address:
    """The address in a port file's object; the default where it names none."""
    host, port = facts.get("host"), facts.get("ws")
    if not isinstance(host, str) or not isinstance(port, int) or not 0 < port < 1 << 16:
        return Address(DEFAULT_HOST, DEFAULT_PORT)
    return Address(host, port)
