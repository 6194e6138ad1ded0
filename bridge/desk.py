"""The way in for all transports: a request gets exactly one terminal reply, whatever happens."""

import asyncio
import logging
from typing import Any

from bridge.answers import ANSWERS
from bridge.ending import fail_reply
from bridge.journal import JournalLost
from bridge.parts import Bridge
from bridge.sessions import Caller
from bridge.timetags import TooFar, TooMany
from protocol.errors import ProtocolError
from protocol.messages import Hello, Request

log = logging.getLogger("barline")

MAX_PENDING = 1024
"""Requests of one host that are being answered; more are refused, so a flood cannot fill the memory."""


def take_request(bridge: Bridge, caller: Caller, request: Request) -> "asyncio.Task[None] | None":
    """Answers a request; returns at once, with what is still at work (None: it was refused)."""
    pending = bridge.pending.setdefault(caller.host, {})
    if len(pending) >= MAX_PENDING:
        refuse(bridge, caller, too_busy().about(request.spec.name, request.request_id))
        return None
    task = asyncio.create_task(answer(bridge, caller, request))
    pending[task] = None
    task.add_done_callback(lambda ended: forget(bridge, caller, request, ended))
    return task


def take_timed(bridge: Bridge, caller: Caller, request: Request, when: float | None) -> None:
    """Answers a request at its time (unix seconds; None = at once)."""
    try:
        bridge.schedule.at(when, lambda: take_request(bridge, caller, request))
    except TooFar as error:
        refuse(
            bridge, caller, ProtocolError("too-late", str(error)).about(request.spec.name, request.request_id)
        )
    except TooMany as error:
        refuse(bridge, caller, ProtocolError("busy", str(error)).about(request.spec.name, request.request_id))


def refuse(bridge: Bridge, caller: Caller, error: ProtocolError) -> None:
    """Sends a fail for something that is not even a request, or not one that is taken."""
    reply = fail_reply(error.request_id, error.command, (error.code, error.text, error.field))
    bridge.sessions.send(bridge.sessions.routes_of(caller), reply)


async def answer(bridge: Bridge, caller: Caller, request: Any) -> None:
    """Answers a request to its end."""
    sessions = bridge.sessions
    sessions.hear(caller)
    try:
        check_trust(bridge, caller, request)
        reply = await ANSWERS[type(request)](bridge, caller, request)
    except ProtocolError as error:
        refuse(bridge, caller, error.about(request.spec.name, request.request_id))
    except (JournalLost, OSError) as error:
        log.error("%s %s: %s", request.spec.name, request.request_id, error)
        code = "io-error" if isinstance(error, OSError) else "internal"
        problem = ProtocolError(code, f"{type(error).__name__}: {error}")
        refuse(bridge, caller, problem.about(request.spec.name, request.request_id))
    else:
        if reply is not None:
            sessions.send(sessions.routes_of(caller), reply)


def check_trust(bridge: Bridge, caller: Caller, request: Request) -> None:
    """Raises ProtocolError when there is a token and this caller has not shown it."""
    if bridge.config.token and not isinstance(request, Hello) and not bridge.sessions.is_trusted(caller):
        raise ProtocolError(
            "not-allowed", "this daemon wants its token first: send hello with token", "token"
        )


def too_busy() -> ProtocolError:
    """The refusal of a flood."""
    return ProtocolError("busy", f"{MAX_PENDING} requests are being answered, the most at a time; slow down")


def forget(bridge: Bridge, caller: Caller, request: Request, task: "asyncio.Task[None]") -> None:
    """A request has its answer; if a fault of ours was in the way, it gets one here."""
    pending = bridge.pending.get(caller.host, {})
    pending.pop(task, None)
    if not pending:
        bridge.pending.pop(caller.host, None)
    fault = None if task.cancelled() else task.exception()
    if fault is not None:
        log.error("%s %s met a fault of ours", request.spec.name, request.request_id, exc_info=fault)
        error = ProtocolError("internal", f"{type(fault).__name__}: {fault}")
        refuse(bridge, caller, error.about(request.spec.name, request.request_id))
