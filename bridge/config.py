"""How the daemon is set up: ports, folders, model, limits; read once from the command line.

Imports the standard library only at module level: `--help` must answer before an environment exists.
"""

import argparse
import ipaddress
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OSC_PORT = 7770
WS_PORT = 7771
SHIPPED = Path(__file__).resolve().parents[1] / "engine" / "weights"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one daemon takes on."""

    jobs: int = 256
    """Waiting jobs, all clients together."""
    jobs_per_client: int = 64
    subscribers: int = 64
    sessions: int = 64
    """WebSocket connections at a time."""
    uploads_bytes: int = 4 << 30
    """All uploads that are kept, together."""
    upload_days: int = 7
    """Uploads that no job needs are deleted after this many days."""
    send_queue: int = 256
    """Frames that wait for a slow WebSocket client before it is dropped."""
    mailbox_files: int = 256
    """Files of one client that wait in the mailbox, each way."""
    mailbox_s: float = 600.0
    """Replies that nobody took from the mailbox for so long are deleted."""


@dataclass(frozen=True, slots=True)
class Config:
    """One daemon."""

    data: Path
    """Folder of the journal, uploads and takes without a home; one daemon at a time."""
    runtime: Path | None = None
    """Folder where local scripts find the daemon: port file and mailbox; None = one in `data`."""
    host: str = "127.0.0.1"
    osc_port: int = OSC_PORT
    """0 = any free one."""
    ws_port: int = WS_PORT
    """0 = any free one."""
    announce: bool = False
    """Tell the network by mDNS where the daemon is."""
    token: str = ""
    """Every client must show it; needed when `host` is no loopback address."""
    model_roots: tuple[Path, ...] = (SHIPPED,)
    """Folders that hold models, as engine.catalogue knows them; the first one's come first."""
    model: str = ""
    """Name of the model to keep warm; "" = the first complete one."""
    device: str = "auto"
    threads: int = 1
    """CPU threads of the engine."""
    roots: tuple[Path, ...] = ()
    """Sources and takes must lie in one of these folders."""
    origins: tuple[str, ...] = ()
    """Web pages that may connect, as their Origin header says; native programs send none and may."""
    silence_s: float = 20.0
    """Seconds without a sign of life after which the engine's process is killed."""
    engine_program: tuple[str, ...] = ("-m", "bridge.engine_child")
    """What Python runs as the engine's process."""
    limits: Limits = field(default_factory=Limits)

    @property
    def runtime_folder(self) -> Path:
        """Folder of the port file and the mailbox."""
        return self.runtime or self.data / "runtime"


class ConfigError(Exception):
    """The command line asks for something that must not or cannot be; the text says what and the way out."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declares the daemon's options."""
    parser.add_argument("--data", type=Path, help="data folder (default: the user's)")
    runtime = "folder where scripts find the daemon (default: $BARLINE_RUNTIME, else ~/.barline)"
    parser.add_argument("--runtime", type=Path, metavar="DIR", help=runtime)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--osc-port", type=int, default=OSC_PORT, help="default %(default)s; 0 = any")
    parser.add_argument("--ws-port", type=int, default=WS_PORT, help="default %(default)s; 0 = any")
    parser.add_argument("--token", default="", help="secret of every client; or set BARLINE_TOKEN")
    parser.add_argument("--announce", action="store_true", help="let programs find the daemon by mDNS")
    parser.add_argument("--model", default="", help="name or folder of the model (default: the best)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, mps ... (default: %(default)s)")
    parser.add_argument(
        "--threads",
        type=int,
        default=0,
        help="CPU threads of the engine (default: every core of up to four, else all but one)",
    )
    allow = "also read sources and write takes in this folder (may be given again)"
    parser.add_argument("--allow", type=Path, action="append", default=[], metavar="DIR", help=allow)
    origin = "a web page's origin that may connect, such as http://localhost:8080"
    parser.add_argument("--origin", action="append", default=[], metavar="URL", help=origin)


def config_from_args(args: argparse.Namespace) -> Config:
    """The daemon's set-up from parsed options. Raises ConfigError."""
    from engine.runtime import default_threads

    data = (args.data or default_data_folder()).expanduser().resolve()
    config = Config(
        data=data,
        runtime=(args.runtime or default_runtime_folder()).expanduser().resolve(),
        host=args.host,
        osc_port=args.osc_port,
        ws_port=args.ws_port,
        token=args.token or os.environ.get("BARLINE_TOKEN", ""),
        announce=args.announce,
        **model_choice(args.model, data),
        device=args.device,
        threads=args.threads or default_threads(),
        roots=default_roots(data, args.allow),
        origins=tuple(args.origin),
    )
    check_config(config)
    return config


def check_config(config: Config) -> None:
    """Raises ConfigError when the daemon would be open to strangers, or a number makes no sense."""
    if not is_loopback(config.host) and not config.token:
        text = f"{config.host} can be reached from other machines: give --token, or listen on 127.0.0.1"
        raise ConfigError(text)
    for name, port in (("--osc-port", config.osc_port), ("--ws-port", config.ws_port)):
        if not 0 <= port <= 65535:
            raise ConfigError(f"{name}={port} is outside 0..65535")


def model_choice(model: str, data: Path) -> dict[str, Any]:
    """Where to look for which model: a folder is its own place, a name is looked for in all of ours."""
    if model and Path(model).expanduser().is_dir():
        return {"model_roots": (Path(model).expanduser().resolve(),), "model": ""}
    return {"model_roots": (data / "models", SHIPPED), "model": model}


def is_loopback(host: str) -> bool:
    """Is this address (or "localhost") reachable from this machine only?"""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def default_data_folder() -> Path:
    """Where this user's programs keep their things."""
    import platformdirs

    return Path(platformdirs.user_data_dir("barline", appauthor=False))


def default_runtime_folder() -> Path:
    """Where this user's scripts look for a daemon: a place that a script in any language can name."""
    return Path(os.environ.get("BARLINE_RUNTIME") or "~/.barline")


def default_roots(data: Path, allowed: list[Path]) -> tuple[Path, ...]:
    """The user's home, the current folder, the data folder, and what --allow adds; all resolved."""
    usual = (folder.resolve() for folder in (Path.home(), Path.cwd(), data))
    # A service may have "/" as its home and current folder: that is only allowed when somebody says so.
    chosen = (folder for folder in usual if folder != Path(folder.anchor))
    return tuple(dict.fromkeys((*chosen, *(folder.expanduser().resolve() for folder in allowed))))
