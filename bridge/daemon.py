"""The daemon: puts its parts together, runs until it is told to end, takes them apart again.

Must never import torch: the engine has a process of its own.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from filelock import FileLock, Timeout
from websockets.asyncio.server import Server

from bridge.announce import announced
from bridge.config import Config, ConfigError, add_options, config_from_args
from bridge.engine_process import EngineStart
from bridge.floor import run_jobs
from bridge.journal import Journal, JournalLost
from bridge.journey import Setting
from bridge.mailbox_server import open_mailbox
from bridge.osc_server import open_osc
from bridge.parts import Bridge
from bridge.plan import MINIATURE, OFFICIAL
from bridge.queue import FairQueue
from bridge.restore import restore
from bridge.runtime_file import MAILBOX, RuntimeTaken, own_runtime_folder, runtime_file
from bridge.sessions import Sessions
from bridge.timetags import Schedule
from bridge.uploads import Uploads
from bridge.worker import Worker
from bridge.ws_server import open_websocket
from engine.catalogue import Checkpoint, choose, traits_of
from engine.errors import ModelError
from protocol.limits import PATH_CHARS
from protocol.replies import EngineEvent

log = logging.getLogger("barline")

PORT_FILE = "ports.json"
LOG_BYTES = 1 << 20
LAST_WORDS_S = 0.1
"""How long the last replies have to leave before the sockets close."""


def main(argv: list[str] | None = None) -> int:
    """Runs a daemon from its command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bridge.daemon")
    add_options(parser)
    return run_daemon(parser.parse_args(argv))


def run_daemon(args: argparse.Namespace) -> int:
    """Runs a daemon from parsed options (see config.add_options); returns the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    try:
        asyncio.run(serve(config_from_args(args)))
    except (ConfigError, ModelError, JournalLost, OSError) as error:
        print(f"barline: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


async def serve(config: Config) -> None:
    """Runs a daemon until a signal or `shutdown` ends it.

    Raises ModelError when there is no model, ConfigError when the data folder is in use, OSError when a port
    is.
    """
    async with running(config) as bridge:
        print(ready_line(bridge), flush=True)
        end_on_signals(bridge.ending)
        await bridge.ending.wait()


@contextlib.asynccontextmanager
async def running(config: Config) -> AsyncIterator[Bridge]:
    """A daemon that listens, and its parts; it ends with the context."""
    checkpoint = choose(config.model, config.model_roots)
    with own_data_folder(config.data), contextlib.closing(Journal(config.data / "journal.sqlite")) as journal:
        bridge = build_bridge(config, checkpoint, journal)
        endings = await restore(bridge)
        bridge.worker.start()
        working = asyncio.create_task(run_jobs(bridge), name="floor")
        working.add_done_callback(
            lambda _: bridge.ending.set()
        )  # it never ends by itself: if it does, so do we
        try:
            async with listening(bridge):
                for end in endings:
                    await end()
                yield bridge
                await say_last_words(bridge)
        finally:
            bridge.ending.set()
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working
            bridge.schedule.clear()
            await bridge.worker.stop()


def build_bridge(config: Config, checkpoint: Checkpoint, journal: Journal) -> Bridge:
    """All parts, none of them running."""
    limits = config.limits
    sessions = Sessions(limits.subscribers)

    def on_state(state: str, text: str) -> None:
        log.info("engine: %s %s", state, text)
        if state != "stopped":
            sessions.send_event(EngineEvent(state=state, text=text[: PATH_CHARS.value]))

    rule = OFFICIAL if checkpoint.name.startswith("acestep-") else MINIATURE
    uploads, takes = config.data / "uploads", config.data / "takes"
    traits = traits_of(checkpoint)
    setting = Setting(
        config.roots,
        uploads,
        takes,
        checkpoint.name,
        rule,
        cannot=traits.cannot,
        weak=traits.weak,
        thinks=traits.thinks,
        planners=config.model_roots,
        codes=traits.codes,
        mask=traits.mask,
    )
    return Bridge(
        config=config,
        setting=setting,
        journal=journal,
        queue=FairQueue(limits.jobs, limits.jobs_per_client),
        worker=Worker(engine_start(config, checkpoint), on_state),
        sessions=sessions,
        schedule=Schedule(),
        uploads=Uploads(uploads, limits.uploads_bytes),
    )


def engine_start(config: Config, checkpoint: Checkpoint) -> EngineStart:
    """How the engine's process is started for this checkpoint."""
    return EngineStart(
        folder=checkpoint.dit,
        name="",
        device=config.device,
        threads=config.threads,
        silence_s=config.silence_s,
        program=config.engine_program,
        stderr=small_log(config.data / "engine.log"),
    )


def small_log(path: Path) -> Path:
    """The log, put aside when it has grown long; one older one is kept."""
    if path.exists() and path.stat().st_size > LOG_BYTES:
        os.replace(path, path.with_suffix(".old"))
    return path


@contextlib.asynccontextmanager
async def listening(bridge: Bridge) -> AsyncIterator[None]:
    """All transports open, and the files that say where."""
    osc = await open_osc(bridge)
    try:
        ws = await open_websocket(bridge)
        try:
            bridge.ports.osc, bridge.ports.ws = osc.port, port_of(ws)
            async with runtime_place(bridge), announced(bridge):
                with port_file(bridge):
                    yield
        finally:
            ws.close()
            await ws.wait_closed()
    finally:
        osc.close()


@contextlib.asynccontextmanager
async def runtime_place(bridge: Bridge) -> AsyncIterator[None]:
    """Mailbox and daemon.json in the runtime folder; where that cannot be, the daemon runs without them."""
    async with contextlib.AsyncExitStack() as opened:
        folder = bridge.config.runtime_folder
        try:
            opened.enter_context(own_runtime_folder(folder))
            await opened.enter_async_context(open_mailbox(bridge, folder / MAILBOX))
            opened.enter_context(runtime_file(bridge))
        except (RuntimeTaken, OSError) as error:
            log.warning("no mailbox and no file for scripts: %s", error)
        yield


def port_of(server: Server) -> int:
    """The TCP port a server listens on."""
    return int(next(iter(server.sockets)).getsockname()[1])


@contextlib.contextmanager
def port_file(bridge: Bridge) -> Iterator[None]:
    """ports.json in the data folder while the daemon listens: how scripts find ports left to chance."""
    path = bridge.config.data / PORT_FILE
    facts = {"osc": bridge.ports.osc, "ws": bridge.ports.ws, "host": bridge.config.host, "pid": os.getpid()}
    part = path.with_suffix(".part")
    part.write_text(json.dumps(facts) + "\n", encoding="utf-8")
    os.replace(part, path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def own_data_folder(folder: Path) -> Iterator[None]:
    """The data folder, ours alone. Raises ConfigError when another daemon has it."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "daemon.lock")  # the kernel frees it when the process ends, however it ends
    try:
        lock.acquire(timeout=0)
    except Timeout:
        text = f"another daemon runs with the data folder {folder}; give --data for a second one"
        raise ConfigError(text) from None
    try:
        yield
    finally:
        lock.release()


async def say_last_words(bridge: Bridge) -> None:
    """Lets the requests that are being answered come to their end, for a moment."""
    pending = [task for tasks in bridge.pending.values() for task in tasks]
    if pending:
        await asyncio.wait(pending, timeout=1.0)
    await asyncio.sleep(LAST_WORDS_S)


def end_on_signals(ending: asyncio.Event) -> None:
    """Ctrl-C and SIGTERM end the daemon in good order, where the loop can take signals."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # Windows
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, ending.set)


def ready_line(bridge: Bridge) -> str:
    """The one line that says where the daemon is."""
    host, ports = bridge.config.host, bridge.ports
    where = f"osc://{host}:{ports.osc} ws://{host}:{ports.ws}"
    return f"barline ready {where} model {bridge.setting.model} data {bridge.config.data}"


if __name__ == "__main__":
    sys.exit(main())
