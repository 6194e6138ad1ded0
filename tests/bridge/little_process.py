"""A daemon with the little engine in a process of its own: one that can be killed, and clients can be run at.

`python -m tests.bridge.little_process PLACE [TOKEN]` is that process.
"""

import asyncio
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bridge.daemon import serve
from tests.bridge.daemons import config_for, write_song

ROOT = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class LittleProcess:
    """Start it, kill it, start it again: the data folder stays. It listens where it did not before."""

    place: Path
    token: str = ""
    process: "subprocess.Popen[str] | None" = None

    @property
    def environment(self) -> dict[str, str]:
        """What a client finds it by."""
        told = {"BARLINE_RUNTIME": str(self.place / "data" / "runtime"), "PYTHONPATH": str(ROOT)}
        return os.environ | told

    @property
    def song(self) -> Path:
        """Six bars at 120 bpm, with a name that is not easy to type."""
        path = self.place / '-it\'s "søng" №1 & more.wav'
        return path if path.exists() else write_song(path)

    @property
    def log(self) -> str:
        """What it said."""
        return (self.place / "daemon.log").read_text("utf-8")

    def start(self) -> None:
        """Starts it and waits until it listens."""
        command = [sys.executable, "-m", "tests.bridge.little_process", str(self.place), self.token]
        with (self.place / "daemon.log").open("a") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, env=self.environment
            )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("barline ready"), self.log

    def kill(self) -> None:
        """SIGKILL; waits until it is gone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Ends it in good order."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait(30)


if __name__ == "__main__":
    asyncio.run(serve(config_for(Path(sys.argv[1]), token=sys.argv[2])))
