"""Eight requests from four clients at once, two OSC and two WebSocket: each gets exactly its own answers.

Run: python -m tests.acceptance.clients8
"""

import asyncio
import sys
from contextlib import AsyncExitStack

from bridge.client import Client, WebClient
from protocol.replies import Accepted, Progress, RepaintDone, Reply
from tests.acceptance.common import DaemonProcess, parse, ready, repaint, require, show, workplace, write_song


async def replies_to(client: Client | WebClient, daemon: DaemonProcess, name: str) -> list[Reply]:
    """Everything one client hears of one request."""
    song = daemon.place / "song.wav"
    return [reply async for reply in client.request(repaint(name, song, seed=len(name)))]


async def run(daemon: DaemonProcess) -> None:
    """Two requests from each of four clients."""
    write_song(daemon.place / "song.wav", 20)
    async with ready(daemon), AsyncExitStack() as stack:
        clients: list[Client | WebClient] = [await stack.enter_async_context(daemon.osc()) for _ in range(2)]
        clients += [await stack.enter_async_context(daemon.ws()) for _ in range(2)]
        names = [f"client{number}-{turn}" for turn in range(2) for number in range(4)]
        heard = await asyncio.gather(
            *(replies_to(clients[index % 4], daemon, name) for index, name in enumerate(names))
        )
        strays = sum(getattr(client, "client", client).events.qsize() for client in clients)
    good = [one for one in heard if isinstance(one[-1], RepaintDone) and isinstance(one[0], Accepted)]
    ends = [sum(not isinstance(reply, (Accepted, Progress)) for reply in one) for one in heard]
    show(
        "8 requests, 4 clients (2 OSC, 2 WebSocket)",
        {
            "accepted then done": f"{len(good)} of {len(names)}",
            "terminal replies each": f"{min(ends)}..{max(ends)}",
            "replies that belonged to nobody": strays,
        },
    )
    require(len(good) == len(names) and set(ends) == {1} and strays == 0, "every client its own answers")


def main() -> int:
    """The script."""
    with workplace(parse(str(__doc__))) as daemon:
        daemon.start()
        asyncio.run(run(daemon))
    return 0


if __name__ == "__main__":
    sys.exit(main())
