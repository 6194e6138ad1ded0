"""A client of the mailbox as a script would be that has files only: nothing of Barline is used."""

import asyncio
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

GOES_ON = ("accepted", "progress")


@dataclass(slots=True)
class MailClient:
    """One client's name and the numbers it has used."""

    folder: Path
    name: str = "tester"
    sent: int = 0
    heard: list[dict[str, Any]] = field(default_factory=list)
    """Every message it ever read, in its order."""

    def send(self, **message: Any) -> None:
        """Puts a request into the mailbox."""
        self.send_text(json.dumps(message).encode())

    def send_text(self, text: bytes) -> None:
        """Puts any bytes into the mailbox."""
        self.sent += 1
        path = self.folder / "in" / f"{self.name}.{self.sent}.json"
        part = path.with_suffix(".part")
        part.write_bytes(text)
        os.replace(part, path)

    def read(self) -> list[dict[str, Any]]:
        """What has come; each file is deleted when it has been read."""
        box = self.folder / "out" / self.name
        read = []
        for path in sorted(box.glob("*.json")) if box.is_dir() else []:
            try:
                read.append(json.loads(path.read_bytes()))
            except FileNotFoundError:  # an older progress, of which there is a newer one by now
                continue
            path.unlink(missing_ok=True)
        self.heard += read
        return read

    async def hear(self, is_last: Any, timeout_s: float = 20) -> list[dict[str, Any]]:
        """Reads until a message is the one looked for; all that came since the call."""
        found: list[dict[str, Any]] = []
        async with asyncio.timeout(timeout_s):
            while not any(is_last(message) for message in found):
                found += self.read()
                await asyncio.sleep(0.01)
        return found

    async def ask(self, **message: Any) -> list[dict[str, Any]]:
        """Sends a request; its replies up to the one that ends it."""
        self.send(**message)
        name = message["id"]
        heard = await self.hear(lambda reply: reply.get("id") == name and reply["type"] not in GOES_ON)
        return [reply for reply in heard if reply.get("id") == name]
