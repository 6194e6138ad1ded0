"""What a job is and how its state may change.

Everything that decides about states lives in TRANSITIONS; a pair that is not in it is an error. This file
knows nothing of sockets, files, the journal or the engine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    PUBLISHING = "publishing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What may happen to a job."""

    START = "start"
    PUBLISH = "publish"
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"
    REQUEUE = "requeue"


TRANSITIONS: Mapping[tuple[State, Event], State] = {
    (State.QUEUED, Event.START): State.RUNNING,
    (State.QUEUED, Event.CANCEL): State.CANCELLED,
    (State.QUEUED, Event.FAIL): State.FAILED,
    (State.RUNNING, Event.PUBLISH): State.PUBLISHING,
    (State.RUNNING, Event.FAIL): State.FAILED,
    (State.RUNNING, Event.CANCEL): State.CANCELLED,
    (State.RUNNING, Event.REQUEUE): State.QUEUED,
    # Once its names are journalled a job can no longer be cancelled: it is as good as done.
    (State.PUBLISHING, Event.FINISH): State.DONE,
    (State.PUBLISHING, Event.FAIL): State.FAILED,
    (State.PUBLISHING, Event.REQUEUE): State.QUEUED,
}

TERMINAL = frozenset({State.DONE, State.FAILED, State.CANCELLED})

MAX_STARTS = 2
"""A job is started at most this often: the first time, and once more after a crash."""


class WrongTransition(Exception):
    """An event came that the state does not allow: a bug of ours, never a client's fault."""


def next_state(state: State, event: Event) -> State:
    """The state after `event`; raises WrongTransition when the table has no such pair."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise WrongTransition(f"a job that is {state} cannot {event}") from None


@dataclass(frozen=True, slots=True)
class Job:
    """One accepted request for audio, as the journal keeps it."""

    id: str
    """The client's request id."""
    command: str
    """Name of the request: a key of the journey's tables."""
    request: str
    """The request as JSON text."""
    project: str
    """The project at the moment of acceptance, as JSON text."""
    client: str
    """Whose turn in the queue it takes."""
    reply_to: tuple[str, ...]
    """Routes of its replies, see bridge.sessions."""
    folder: str
    """Where its files will lie."""
    staging: str
    """Where they are written before they have names: a hidden folder in `folder` that is this job's alone."""
    priority: int = 0
    """-10..10, compared only with jobs of the same client."""
    seed: int = 0
    """The seed that is used, also when the client let the bridge choose."""
    state: State = State.QUEUED
    is_cancelled: bool = False
    """Somebody asked for it; it takes effect at the next step, or at the next start."""
    starts: int = 0
    """How often it was started."""
    accepted_at: float = 0.0
    """Unix seconds."""
    reply: str = ""
    """Its terminal reply as JSON text, once there is one; while publishing, the reply that will be sent."""
    parcel: tuple[tuple[str, str], ...] = ()
    """While publishing: (staged path, final path) of each file."""


def after(job: Job, event: Event, **changes: Any) -> Job:
    """The job after `event`, with other fields changed too; raises WrongTransition."""
    return replace(job, state=next_state(job.state, event), **changes)
