"""A daemon that is none: the test itself reads the mailbox's requests and writes the replies it likes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from tests.plugins.reaper.daw import Reaper


class PaperDaemon:
    """Both ends of a mailbox folder, in the test's hand."""

    def __init__(self, runtime: Path, pid: int = 1) -> None:
        self.runtime = runtime
        self.box = runtime / "mailbox"
        self._numbers: dict[str, int] = {}
        (self.box / "in").mkdir(parents=True, exist_ok=True)
        self.announce(pid)

    def announce(self, pid: int) -> None:
        """Writes daemon.json, as a daemon of that process id."""
        told = {"pid": pid, "mailbox": str(self.box), "host": "127.0.0.1", "osc": 1, "ws": 2}
        (self.runtime / "daemon.json").write_text(json.dumps(told))

    def requests(self) -> list[dict[str, Any]]:
        """What waits, in the order of the numbers, each with `client`; it is taken away."""
        found = []
        for path in sorted((self.box / "in").glob("*.json")):
            found.append(json.loads(path.read_text("utf-8")) | {"client": path.name.split(".")[0]})
            path.unlink()
        return found

    def ask(self, reaper: Reaper, kind: str) -> dict[str, Any]:
        """The next request of a kind; the others before it are forgotten."""
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            found.extend(one for one in self.requests() if one["type"] == kind)
            return bool(found)

        reaper.wait(is_there)
        return found[0]

    def reply(self, request: dict[str, Any], kind: str, **fields: Any) -> None:
        """A reply to a request."""
        client = request["client"]
        number = self._numbers[client] = self._numbers.get(client, 0) + 1
        folder = self.box / "out" / client
        folder.mkdir(parents=True, exist_ok=True)
        message = {"type": kind, "id": request["id"], "command": request["type"], **fields}
        (folder / f"{number:08d}.part").write_text(json.dumps(message), "utf-8")
        (folder / f"{number:08d}.part").rename(folder / f"{number:08d}.json")

    def fail(self, request: dict[str, Any], code: str, field: str = "", text: str = "no") -> None:
        """Refuses a request."""
        self.reply(request, "fail", code=code, field=field, text=text)

    def finish(self, request: dict[str, Any], **more: Any) -> None:
        """Done, with a file for what was asked; the region is the request's own."""
        first = request["start"]["samples"]
        last = request["end"]["samples"] if "end" in request else first + 2 * 48_000
        told = {
            "start_sample": first,
            "end_sample": last,
            "start_bar": "1",
            "end_bar": "2",
            "sample_rate": 48_000,
        }
        told |= {"seed": "7", "model": "paper", "sidecar": "", "warnings": []}
        if request.get("deliver") == "full":
            frames = soundfile.info(request["source"]).frames
            told |= {"take": "", "takes": [], "full": self.file("full", frames)}
            told |= {"full_start": request["source_start"]["samples"]}
        elif request["type"] == "extract":
            stems = [*request["stems"], "remainder"]
            told |= {"stems": stems, "takes": [self.file(stem, last - first) for stem in stems]}
        else:
            told |= {"take": self.file("take", last - first)}
        self.reply(request, "done", **(told | more))

    def file(self, name: str, frames: int) -> str:
        """A silent WAV."""
        path = self.runtime / f"{name} {len(list(self.runtime.iterdir()))}.wav"
        soundfile.write(path, np.zeros((frames, 2)), 48_000, subtype="PCM_24")
        return str(path)


def asked(reaper: Reaper, paper: PaperDaemon, **answers: str) -> dict[str, Any]:
    """A repaint on its way."""
    reaper.run("repaint", answers)
    return paper.ask(reaper, "repaint")


def windows(reaper: Reaper) -> str:
    """What the windows say, a little later."""
    reaper.tick(8)
    found: str = reaper.report()["windows"]
    return found
