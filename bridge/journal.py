"""What survives a crash: jobs, their results, and the projects, in one SQLite file.

Writes go through one thread that gathers whatever waits into one transaction, so that a burst of messages
costs a few disk flushes and not hundreds, and the event loop never waits for the disk. A write's future is
done only when its transaction is on the disk (WAL with synchronous=FULL): "accepted" and "done" are said
after that, never before.

Knows nothing of sockets, audio or the engine.
"""

import asyncio
import contextlib
import dataclasses
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from bridge.jobs import TERMINAL, Job, State

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    command TEXT NOT NULL,
    request TEXT NOT NULL,
    project TEXT NOT NULL,
    client TEXT NOT NULL,
    reply_to TEXT NOT NULL,
    folder TEXT NOT NULL,
    staging TEXT NOT NULL,
    priority INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    state TEXT NOT NULL,
    is_cancelled INTEGER NOT NULL,
    starts INTEGER NOT NULL,
    accepted_at REAL NOT NULL,
    reply TEXT NOT NULL,
    parcel TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, accepted_at);
CREATE TABLE IF NOT EXISTS projects (name TEXT PRIMARY KEY, project TEXT NOT NULL) STRICT;
"""

VERSION = 1
"""To be raised with every change of the tables."""

COLUMNS = tuple(field.name for field in dataclasses.fields(Job))
AS_JSON = {"reply_to": tuple[str, ...], "parcel": tuple[tuple[str, str], ...]}
"""Columns that hold JSON, and what it holds."""

KEEP_FINISHED = 10_000
"""Finished jobs beyond this number are forgotten at the next start, oldest first."""

Write = Callable[[sqlite3.Connection], None]


class JournalLost(Exception):
    """The journal could not be written: the disk is full or the file is gone."""


class Journal:
    """The file and the thread that writes it. Close it. Raises JournalLost when the file is none of ours."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._reading = _open(path)
            _prepare(self._reading)
        except sqlite3.Error as error:
            raise JournalLost(f"{path} cannot be opened: {error}") from error
        self._writes: queue.SimpleQueue[tuple[Write, asyncio.Future[None]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, name="journal", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Waits for the last writes and closes the file."""
        self._writes.put(None)
        self._thread.join()
        self._reading.close()

    # --- reading, at once: one row by its key

    def find(self, job_id: str) -> Job | None:
        """The job with this id as last written; None when there never was one."""
        row = self._reading.execute(
            f"SELECT {', '.join(COLUMNS)} FROM jobs WHERE id = ?", (job_id,)
        ).fetchone()
        return row and _row_to_job(row)

    def unfinished(self) -> list[Job]:
        """Every job without a terminal reply, oldest first."""
        marks = ", ".join("?" * len(TERMINAL))
        query = (
            f"SELECT {', '.join(COLUMNS)} FROM jobs WHERE state NOT IN ({marks}) ORDER BY accepted_at, rowid"
        )
        return [_row_to_job(row) for row in self._reading.execute(query, tuple(TERMINAL))]

    def projects(self) -> dict[str, str]:
        """All projects by name, as JSON text."""
        return dict(self._reading.execute("SELECT name, project FROM projects"))

    # --- writing: the future is done when it is on the disk

    def put_job(self, job: Job) -> asyncio.Future[None]:
        """Writes the job over what was known of it."""
        row = _job_to_row(job)
        query = f"INSERT OR REPLACE INTO jobs ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
        return self._write(lambda connection: void(connection.execute(query, row)))

    def put_project(self, name: str, project: str) -> asyncio.Future[None]:
        """Writes a project over an older one of the same name."""
        query = "INSERT OR REPLACE INTO projects (name, project) VALUES (?, ?)"
        return self._write(lambda connection: void(connection.execute(query, (name, project))))

    def forget_old(self, keep: int = KEEP_FINISHED) -> asyncio.Future[None]:
        """Forgets the oldest finished jobs beyond `keep`."""
        marks = ", ".join("?" * len(TERMINAL))
        query = (
            f"DELETE FROM jobs WHERE state IN ({marks}) AND id NOT IN "
            f"(SELECT id FROM jobs WHERE state IN ({marks}) ORDER BY accepted_at DESC LIMIT ?)"
        )
        values = (*TERMINAL, *TERMINAL, keep)
        return self._write(lambda connection: void(connection.execute(query, values)))

    def _write(self, write: Write) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writes.put((write, future))
        return future

    def _write_all(self) -> None:
        connection = _open(self._path)
        while (first := self._writes.get()) is not None:
            batch = [first]
            stop = False
            while not self._writes.empty():
                following = self._writes.get()
                if following is None:
                    stop = True
                    break
                batch.append(following)
            _commit(connection, batch)
            if stop:
                break
        connection.close()


def void(_: object) -> None:
    """Drops a value: what a write's cursor says is of no interest."""


def project_names(path: Path) -> list[str]:
    """The names of the projects in a journal, which a daemon may be writing; none when it cannot be read."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as reading:
            return [str(name) for (name,) in reading.execute("SELECT name FROM projects ORDER BY name")]
    except sqlite3.Error:
        return []


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Makes the tables. Raises JournalLost when another version made them, with other columns."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version not in (0, VERSION):
        raise JournalLost(f"the journal is of version {version}, not {VERSION}; give --data for a new one")
    connection.executescript(f"{SCHEMA} PRAGMA user_version = {VERSION};")


def _commit(connection: sqlite3.Connection, batch: list[tuple[Write, asyncio.Future[None]]]) -> None:
    """One transaction for all; each future hears how it went."""
    error: JournalLost | None = None
    try:
        connection.execute("BEGIN IMMEDIATE")
        for write, _ in batch:
            write(connection)
        connection.execute("COMMIT")
    except sqlite3.Error as problem:
        error = JournalLost(f"the journal cannot be written: {problem}")
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    for _, future in batch:
        future.get_loop().call_soon_threadsafe(_resolve, future, error)


def _resolve(future: asyncio.Future[None], error: JournalLost | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)


def _job_to_row(job: Job) -> tuple[Any, ...]:
    values = ((name, getattr(job, name)) for name in COLUMNS)
    return tuple(msgspec.json.encode(value).decode() if name in AS_JSON else value for name, value in values)


def _row_to_job(row: tuple[Any, ...]) -> Job:
    values = dict(zip(COLUMNS, row, strict=True))
    values |= {name: msgspec.json.decode(values[name], type=kind) for name, kind in AS_JSON.items()}
    values |= {"state": State(values["state"]), "is_cancelled": bool(values["is_cancelled"])}
    return Job(**values)


def now() -> float:
    """Unix seconds: when a job is accepted."""
    return time.time()
