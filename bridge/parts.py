"""What a running daemon consists of: one argument for everything that needs more than one part of it."""

import asyncio
from dataclasses import dataclass, field

from bridge.browsers import Browsers
from bridge.config import Config
from bridge.jobs import Job
from bridge.journal import Journal
from bridge.journey import Setting
from bridge.queue import FairQueue
from bridge.sessions import Sessions
from bridge.timetags import Schedule
from bridge.uploads import Uploads
from bridge.worker import Worker
from protocol.messages import Project


@dataclass(slots=True)
class Live:
    """A job that has not ended, and what only memory knows of it."""

    job: Job
    watchers: list[str] = field(default_factory=list)
    """Routes beside job.reply_to: whoever sent the same id again."""
    stage: str = ""
    step: int = 0
    of: int = 0

    @property
    def routes(self) -> tuple[str, ...]:
        """Where its replies go."""
        return (*self.job.reply_to, *self.watchers)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A job on its way in: whose it is, and the end of that way."""

    client: str
    ended: asyncio.Future[None]


@dataclass(slots=True)
class Ports:
    """Where the transports listen; known once they do."""

    osc: int = 0
    ws: int = 0


@dataclass(frozen=True, slots=True)
class Bridge:
    """The parts of one daemon."""

    config: Config
    setting: Setting
    journal: Journal
    queue: FairQueue
    worker: Worker
    sessions: Sessions
    schedule: Schedule
    uploads: Uploads
    ports: Ports = field(default_factory=Ports)
    browsers: Browsers = field(default_factory=Browsers)
    projects: dict[str, Project] = field(default_factory=dict)
    live: dict[str, Live] = field(default_factory=dict)
    """Every job without a terminal reply, by id."""
    arriving: dict[str, Arrival] = field(default_factory=dict)
    """Jobs that are being checked and written to the journal, by id, in the order in which they came."""
    pending: dict[str, dict[asyncio.Task[None], None]] = field(default_factory=dict)
    """Requests that are being answered, by the caller's host and in their order: what `sync` waits for."""
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the queue may hold something."""
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the daemon is to end."""
