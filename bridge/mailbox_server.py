"""The mailbox as a transport: letters to the desk, replies into folders, without the loop waiting for a disk.

Nothing tells us that a file has come: the folder's own time of change is looked at, often while something is
going on and seldom while nothing is, and only a change leads to a listing.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bridge.desk import refuse, take_request
from bridge.ending import fail_reply
from bridge.mailbox import Letter, Mailbox
from bridge.parts import Bridge
from bridge.sessions import mailbox_caller
from protocol.errors import ProtocolError
from protocol.json_text import decode_request
from protocol.messages import Shutdown
from protocol.replies import Reply, ShutdownDone

log = logging.getLogger("barline")

BUSY_S, CALM_S, IDLE_S = 0.01, 0.05, 0.1
"""Between two looks: while something is going on, after that, and after nothing came for a long time."""
BUSY_FOR_S = 2.0
"""Also as coarse as a file system's clock may be: a second change in one tick of it cannot be seen."""
CALM_FOR_S = 60.0
LIST_ANYWAY_S = 1.0
"""A listing without a change: for disks whose clock or whose news of a change is late."""
SWEEP_S = 60.0
FINISH_S = 5.0

Act = Callable[[], object]


@dataclass(slots=True)
class Rhythm:
    """When to look, and when a look must be a listing."""

    changed_at: int = -1
    """The folder's time of change at the last listing, in nanoseconds."""
    moved_at: float = 0.0
    """When it was last seen to change; monotonic seconds, like all here."""
    listed_at: float = 0.0

    def wait_s(self, now: float) -> float:
        """How long to wait until the next look."""
        quiet = now - self.moved_at
        return BUSY_S if quiet < BUSY_FOR_S else CALM_S if quiet < CALM_FOR_S else IDLE_S

    def is_due(self, changed_at: int, now: float) -> bool:
        """Is a listing due, given the folder's time of change? Asked once at each look."""
        if changed_at != self.changed_at:
            self.changed_at, self.moved_at = changed_at, now
        due = now - self.moved_at < BUSY_FOR_S or now - self.listed_at >= LIST_ANYWAY_S
        if due:
            self.listed_at = now
        return due


class Post:
    """What is to be done on the disk, in order and in a thread; `put` never waits."""

    def __init__(self) -> None:
        self._acts: asyncio.Queue[Act] = asyncio.Queue()

    def put(self, act: Act) -> None:
        """Adds something that may raise OSError, which is logged and forgotten."""
        self._acts.put_nowait(act)

    async def work(self) -> None:
        """Does for ever what is put in."""
        while True:
            acts = [await self._acts.get()]
            while not self._acts.empty():
                acts.append(self._acts.get_nowait())
            await asyncio.to_thread(do_all, acts)
            for _ in acts:
                self._acts.task_done()

    async def finish(self) -> None:
        """Waits until all is done, but not for ever: a disk may hang."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FINISH_S):
                await self._acts.join()


def do_all(acts: list[Act]) -> None:
    """One after the other; one that fails does not keep the others from being done."""
    for act in acts:
        try:
            act()
        except OSError as error:
            log.warning("mailbox: %s", error)


@contextlib.asynccontextmanager
async def open_mailbox(bridge: Bridge, folder: Path) -> AsyncIterator[None]:
    """The mailbox while the daemon listens. Raises OSError where the folder cannot be used."""
    mailbox = await asyncio.to_thread(Mailbox, folder, bridge.config.limits)
    post = Post()
    letters = await asyncio.to_thread(mailbox.left_over)
    bridge.sessions.use_mailbox(partial(send, mailbox, post))
    for letter in letters:
        take_letter(bridge, post, letter, is_left_over=True)
    tasks = [
        asyncio.create_task(work, name="mailbox")
        for work in (post.work(), watch(bridge, mailbox, post), sweep(bridge, mailbox, post))
    ]
    for task in tasks:
        task.add_done_callback(say_why)
    try:
        yield
    finally:
        bridge.sessions.use_mailbox(None)
        tasks[1].cancel()
        await post.finish()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def say_why(task: "asyncio.Task[None]") -> None:
    """A task of the mailbox never ends by itself: if it does, the log says why."""
    fault = None if task.cancelled() else task.exception()
    if fault is not None:
        log.error("the mailbox met a fault of ours", exc_info=fault)


async def watch(bridge: Bridge, mailbox: Mailbox, post: Post) -> None:
    """Takes what comes, for ever; the first look finds what lay there before the daemon was there."""
    rhythm, is_first = Rhythm(), True
    while True:
        now = time.monotonic()
        try:
            if rhythm.is_due(mailbox.changed_at(), now):
                for letter in await asyncio.to_thread(mailbox.collect):
                    take_letter(bridge, post, letter, is_first)
                is_first = False
        except OSError as error:
            log.warning("mailbox: %s", error)
            await asyncio.sleep(LIST_ANYWAY_S)
        await asyncio.sleep(rhythm.wait_s(now))


async def sweep(bridge: Bridge, mailbox: Mailbox, post: Post) -> None:
    """Clears away what nobody takes, now and for ever; who does not read is no longer told of events."""
    while True:
        try:
            silent = await asyncio.to_thread(mailbox.sweep)
        except OSError as error:
            log.warning("mailbox: %s", error)
            silent = set()
        for client in silent:
            bridge.sessions.unsubscribe(mailbox_caller(client), 0)
        await asyncio.sleep(min(SWEEP_S, bridge.config.limits.mailbox_s / 2))


def take_letter(bridge: Bridge, post: Post, letter: Letter, is_left_over: bool) -> None:
    """One request; its file stays until it is answered or, if it is a job, until the journal has it."""
    caller = mailbox_caller(letter.slip.client)
    task = None
    try:
        if letter.fault is not None:
            raise letter.fault
        request = decode_request(letter.text, "mailbox")
    except ProtocolError as error:
        refuse(bridge, caller, error.about(error.command, error.request_id or letter.found_id))
    else:
        if is_left_over and isinstance(request, Shutdown):
            # It was meant for the daemon that has gone since: it must not end this one.
            bridge.sessions.send((caller.route,), ShutdownDone(request_id=request.request_id))
        else:
            task = take_request(bridge, caller, request)
    remove = partial(letter.path.unlink, missing_ok=True)
    if task is None:
        post.put(remove)
    else:
        task.add_done_callback(lambda _: post.put(remove))


def send(mailbox: Mailbox, post: Post, client: str, reply: Reply) -> None:
    """Sends a reply, in its turn."""
    post.put(partial(put_reply, mailbox, client, reply))


def put_reply(mailbox: Mailbox, client: str, reply: Reply) -> None:
    """Writes a reply; one that is too long becomes a fail that says so. Raises OSError."""
    try:
        mailbox.put(client, reply)
    except ProtocolError as error:
        told = (error.code, f"the answer is too long: {error.text}", "")
        mailbox.put(client, fail_reply(getattr(reply, "request_id", ""), reply.spec.command, told))
