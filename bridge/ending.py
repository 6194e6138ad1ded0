"""How a job ends, whoever ends it: journal first, then its one terminal reply."""

import asyncio
import logging

from bridge.jobs import Event, after
from bridge.journal import JournalLost
from bridge.parcels import clear_staging
from bridge.parts import Bridge, Live
from protocol.errors import CODES
from protocol.json_text import encode_reply
from protocol.limits import NAME_CHARS, PATH_CHARS
from protocol.replies import Cancelled, Fail, Reply

log = logging.getLogger("barline")


async def end_job(bridge: Bridge, live: Live, event: Event, reply: Reply) -> None:
    """Writes the terminal state, then tells everybody who waits for the job."""
    live.job = after(live.job, event, reply=encode_reply(reply), parcel=())
    try:
        await bridge.journal.put_job(live.job)
    except JournalLost as lost:
        # The client still hears how it ended; after a restart the job may run again, for all we can know.
        log.error("job %s ended, but %s", live.job.id, lost)
    bridge.live.pop(live.job.id, None)
    bridge.sessions.send_of_job(live.routes, reply)


async def end_cancelled(bridge: Bridge, live: Live) -> None:
    """The job was cancelled: nothing of it stays on the disk."""
    await asyncio.to_thread(clear_staging, live.job.staging)
    await end_job(bridge, live, Event.CANCEL, Cancelled(request_id=live.job.id, command=live.job.command))


async def end_failed(bridge: Bridge, live: Live, code: str, text: str, field: str = "") -> None:
    """The job cannot be done: nothing of it stays on the disk."""
    await asyncio.to_thread(clear_staging, live.job.staging)
    await end_job(bridge, live, Event.FAIL, fail_reply(live.job.id, live.job.command, (code, text, field)))


def fail_reply(request_id: str, command: str, why: tuple[str, str, str]) -> Fail:
    """A `fail`; why: code, text, field. A code that clients do not know becomes "internal"."""
    code, text, field = why
    return Fail(
        request_id=request_id,
        command=printable(command)[: NAME_CHARS.value],
        code=code if code in CODES else "internal",
        field=printable(field)[: PATH_CHARS.value],
        text=text.replace("\0", "?")[: PATH_CHARS.value],
    )


def printable(text: str) -> str:
    """One line that any client can show: what came in as a name may be anything."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
