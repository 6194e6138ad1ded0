"""Where a running daemon is: as options or environment say, else as its port files say, else the usual port.

A port file may be stale (a daemon that was killed leaves it), so what it says is tried and not believed.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.config import WS_PORT, default_data_folder, default_runtime_folder
from protocol.errors import ProtocolError

RUNTIME_FILE = "daemon.json"
PORT_FILE = "ports.json"
HERE = "127.0.0.1"
NAMES_OF_ALL = {"0.0.0.0": HERE, "::": "::1", "": HERE}
"""Addresses to listen on that are none to connect to, and the one that reaches such a daemon from here."""

WAY_OUT = (
    "start one: barline (from a checkout: python run_bridge.py), or say where it is: --host, --port, --data"
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a daemon may be. said_by: the file or option that says so."""

    host: str
    port: int
    token: str
    said_by: str

    @property
    def url(self) -> str:
        """For a WebSocket."""
        return f"ws://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def addresses(own: Mapping[str, str]) -> list[Address]:
    """Where to try, the best first; own: a verb's own options. Raises ProtocolError when they make no sense.

    Empty when a file that was asked for is not there: no daemon runs with it.
    """
    token = own.get("--token") or os.environ.get("BARLINE_TOKEN", "")
    host, port = told_place(own)
    if host or port:
        return [Address(host or HERE, read_port(port or str(WS_PORT)), token, "as it was asked for")]
    found = [read_file(path, token) for path in port_files(own)]
    known = [address for address in found if address is not None]
    if "--data" in own or os.environ.get("BARLINE_RUNTIME"):
        return known
    return [*known, Address(HERE, WS_PORT, token, "no port file: the usual port")]


def told_place(own: Mapping[str, str]) -> tuple[str, str]:
    """Host and port as options or environment say, each "" where neither does."""
    env = os.environ.get
    is_told = "--data" in own
    host = own.get("--host") or ("" if is_told else env("BARLINE_HOST", ""))
    return host, own.get("--port") or ("" if is_told else env("BARLINE_WS_PORT", ""))


def port_files(own: Mapping[str, str]) -> Iterator[Path]:
    """The files that may say where a daemon listens."""
    if "--data" in own:
        yield Path(own["--data"]).absolute() / PORT_FILE
        return
    yield default_runtime_folder().expanduser() / RUNTIME_FILE
    if not os.environ.get("BARLINE_RUNTIME"):
        yield default_data_folder() / PORT_FILE


def read_port(text: str) -> int:
    """A port. Raises ProtocolError."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65_535):
        raise ProtocolError("out-of-range", f"--port={text} is outside 1..65535", "--port")
    return int(text)


def read_file(path: Path, token: str) -> Address | None:
    """What a port file says; None when it is not there or says nothing."""
    try:
        facts: Any = json.loads(path.read_bytes())
        host = str(facts.get("host", HERE))
        return Address(NAMES_OF_ALL.get(host, host), int(facts["ws"]), token, str(path))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def none_found(tried: list[Address], reason: str, own: Mapping[str, str]) -> str:
    """What to tell somebody whose daemon is not there."""
    files = [] if any(told_place(own)) else [path for path in port_files(own) if not path.exists()]
    missing = "".join(f"\n  {path} is not there" for path in files)
    told = "".join(f"\n  nothing answers at {one.host} port {one.port} ({one.said_by})" for one in tried)
    why = f"\n  {reason}" if reason else ""
    return f"no daemon was found:{told}{missing}{why}\n{WAY_OUT}"
