"""The way to a daemon: a connection to the first that answers, and again after it went away.

A daemon that was restarted finds its jobs in the journal, so whoever waits only has to come back and ask.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from websockets.exceptions import InvalidHandshake, InvalidStatus

from bridge.client import ConnectionLost, WebClient, connect_ws
from bridge.commands.whereabouts import Address, addresses, none_found

RETRY_S = 0.5
PATIENCE_S = 60.0
"""How long a client whose job is under way waits for the daemon to come back."""
FOR_EVER = float("inf")


class NoDaemon(Exception):
    """No daemon answers, or the one that does lets nobody in; the text says what was tried and what helps."""


@contextlib.asynccontextmanager
async def open_daemon(own: Mapping[str, str]) -> AsyncIterator[WebClient]:
    """A connection to the first daemon that answers. Raises NoDaemon, ProtocolError."""
    tried = addresses(own)
    async with contextlib.AsyncExitStack() as stack:
        client = await first_of(stack, tried, own)
        yield client


async def first_of(
    stack: contextlib.AsyncExitStack, tried: list[Address], own: Mapping[str, str]
) -> WebClient:
    """Connects to the first address that lets us. Raises NoDaemon."""
    reason = ""
    for address in tried:
        try:
            return await stack.enter_async_context(connect_ws(address.url, address.token))
        except InvalidStatus as refused:
            body = (refused.response.body or b"").decode("utf-8", "replace").strip()
            raise NoDaemon(f"the daemon at {address.url} ({address.said_by}) refuses: {body}") from refused
        except (OSError, InvalidHandshake, TimeoutError) as error:
            reason = str(error) if isinstance(error, InvalidHandshake) else ""
    raise NoDaemon(none_found(tried, reason, own))


async def stay_with_daemon(
    own: Mapping[str, str], work: Callable[[WebClient], Awaitable[int]], patience_s: float
) -> int:
    """Runs `work` to its end, on a new connection whenever the daemon went away; returns its exit code.

    patience_s: how long one that went away may take to come back; 0 = what is not answered then is lost.
    Raises NoDaemon, ConnectionLost, ProtocolError.
    """
    clock = asyncio.get_running_loop().time
    give_up_at: float | None = None
    while True:
        try:
            async with open_daemon(own) as client:
                give_up_at = None
                return await work(client)
        except ConnectionLost:
            if not patience_s:
                raise
            print("the daemon went away; waiting for it to come back", file=sys.stderr, flush=True)
            give_up_at = clock() + patience_s
        except NoDaemon:
            if give_up_at is None or clock() > give_up_at:
                raise
        await asyncio.sleep(RETRY_S)
