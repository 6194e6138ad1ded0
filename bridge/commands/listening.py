"""Verbs that only listen: `listen` to everything, `wait` for the end of one job."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

from bridge.client import ConnectionLost, WebClient
from bridge.commands.orders import Order, new_id
from bridge.commands.reaching import FOR_EVER, PATIENCE_S, NoDaemon, stay_with_daemon
from bridge.commands.showing import DONE, GOES_ON, GONE, Show, complain_here, display, exit_code, line_display
from bridge.commands.whereabouts import addresses
from protocol.errors import ProtocolError
from protocol.messages import Fetch, Notify
from protocol.replies import EngineEvent, Fail, Reply
from protocol.values import Whose

ASK_S = 20.0
Work = Callable[[WebClient], Awaitable[int]]


def run_listen(order: Order) -> int:
    """Prints what happens, until Ctrl-C; the exit code."""
    show = line_display("--json" in order.own)
    whose: Whose = "own" if "--own" in order.own else "all"

    async def listen(client: WebClient) -> int:
        heard = await client.ask(Notify(request_id=new_id(), jobs=whose), ASK_S)
        if isinstance(heard, Fail):
            show(heard)
            return exit_code(heard)
        print("listening; Ctrl-C ends it", file=sys.stderr, flush=True)
        async for reply in events_of(client):
            show(reply)
        return DONE

    return stay(order, listen, FOR_EVER)


def run_wait(order: Order) -> int:
    """Shows a job until its end; the job's exit code."""
    with display("--json" in order.own) as show:
        return stay(order, lambda client: hear_end(client, order.subject, show), PATIENCE_S)


def stay(order: Order, work: Work, patience_s: float) -> int:
    """Does the work with the daemon as long as there is one; the exit code."""
    try:
        addresses(order.own)
        return asyncio.run(stay_with_daemon(order.own, work, patience_s))
    except ProtocolError as error:
        return complain_here(error, order.verb.name, "", "--json" in order.own)
    except (NoDaemon, ConnectionLost, TimeoutError) as gone:
        print(f"barline: {gone}", file=sys.stderr)
        return GONE


async def hear_end(client: WebClient, job: str, show: Show) -> int:
    """Shows the replies of somebody's job until its last; what that means to the shell."""
    await client.ask(Notify(request_id=new_id(), jobs="all"), ASK_S)  # first, so that nothing is missed
    answer = await client.ask(Fetch(request_id=new_id(), job=job), ASK_S)
    if isinstance(answer, Fail) and answer.code != "not-finished":
        show(answer)
        return exit_code(answer)
    async for reply in events_of(client):
        if not isinstance(reply, EngineEvent) and reply.request_id == job:
            show(reply)
            if not isinstance(reply, GOES_ON):
                break
    return exit_code(reply)


async def events_of(client: WebClient) -> AsyncIterator[Reply]:
    """What comes without being asked for. Raises ConnectionLost when the daemon goes away."""
    closed = asyncio.create_task(client.connection.wait_closed())
    events = client.client.events
    try:
        while not (closed.done() and events.empty()):
            event = asyncio.create_task(events.get())
            await asyncio.wait([event, closed], return_when=asyncio.FIRST_COMPLETED)
            if event.done():
                yield event.result()
            else:
                event.cancel()
        raise ConnectionLost("the daemon went away")
    finally:
        closed.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await closed
