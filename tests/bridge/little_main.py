"""A daemon with the engine that makes no music, in a process that can be killed; its argument is a folder."""

import asyncio
import sys
from pathlib import Path

from tests.bridge.daemons import little_daemon


async def main() -> None:
    """Runs until it is killed; says when it listens."""
    async with little_daemon(Path(sys.argv[1])) as daemon:
        print("ready", flush=True)
        await daemon.bridge.ending.wait()


if __name__ == "__main__":
    asyncio.run(main())
