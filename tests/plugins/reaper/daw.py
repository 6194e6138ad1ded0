"""A REAPER that is none: the stand-in of `driver.lua` as a process, and the Lua programs that can run it."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.acceptance.common import ROOT

HERE = Path(__file__).parent
SCRIPTS = ROOT / "plugins_reference" / "reaper"
LUAS = ("lua5.3", "lua5.4")
TICK_S = 0.004
"""Real time between turns of the stand-in's loop while it waits; its own clock goes on by 1/30 s a turn."""
PATIENCE_S = 240.0
"""The machine may be busy with other things; nothing here takes longer than seconds by itself."""


class LuaError(Exception):
    """What a script or the stand-in raised."""


class Reaper:
    """The stand-in as a process; its Lua names (`user`, `world` ...) are in user.lua and driver.lua."""

    def __init__(self, lua: str, runtime: Path, scripts: Path = SCRIPTS) -> None:
        environment = os.environ | {"BARLINE_RUNTIME": str(runtime)}
        self._process = subprocess.Popen(
            [lua, str(HERE / "driver.lua"), str(HERE), str(scripts)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            encoding="utf-8",
        )

    def do(self, code: str, **values: Any) -> Any:
        """Runs Lua and returns what it returns; `values` are its locals. Raises LuaError."""
        given = "".join(f"local {name} = json.decode({quoted(value)}) " for name, value in values.items())
        self._write({"lua": given + code})
        while True:
            said = self._read()
            if "list" in said or "make" in said:
                self._write({"answer": answer(said)})
            elif "error" in said:
                raise LuaError(said["error"])
            else:
                return said["value"]

    def run(self, action: str, *answers: Mapping[str, str] | bool) -> None:
        """Starts an action; each of its dialogs is answered by one of `answers`."""
        told = ", ".join(f"json.decode({quoted(one)})" for one in (action, *answers))
        self.do(f"user.run({told})")

    def tick(self, count: int = 1) -> None:
        """Turns of the loop. Raises LuaError with what scripts raised or left open."""
        errors = self.do("for _ = 1, count do program.tick() end return program.errors", count=count)
        if errors:
            raise LuaError("\n".join(errors))

    def check(self) -> None:
        """Raises LuaError with what scripts raised or left open."""
        self.tick(0)

    def skip(self, seconds: float) -> None:
        """Lets time go by in which the loop did not turn."""
        self.do("program.now = program.now + seconds", seconds=seconds)

    def wait(self, is_done: "str | Callable[[], Any]", seconds: float = PATIENCE_S) -> None:
        """Ticks until a Lua condition, or a function of the test, is true."""
        ends = time.monotonic() + seconds
        while not (self.do(f"return {is_done}") if isinstance(is_done, str) else is_done()):
            if time.monotonic() > ends:
                raise TimeoutError(f"{is_done}: {json.dumps(self.report(), indent=1)[:4000]}")
            self.tick(2)
            time.sleep(TICK_S)

    def settle(self, seconds: float = PATIENCE_S) -> dict[str, Any]:
        """Ticks until no job waits in the project; the report then."""
        self.wait("user.waiting() == 0", seconds)
        return self.report()

    def report(self) -> dict[str, Any]:
        """Everything in the project that is shown."""
        found: dict[str, Any] = self.do("return user.report()")
        return found

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)

    def _write(self, message: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise LuaError(f"the stand-in ended with {self._process.wait(10)}")
        said: dict[str, Any] = json.loads(line)
        return said


def item_of(reaper: Reaper, track: int = 1, number: int = 1) -> dict[str, Any]:
    """An item as it is now; both count from 1."""
    found: dict[str, Any] = reaper.report()["tracks"][track - 1]["items"][number - 1]
    return found


def answer(question: Mapping[str, str]) -> "list[str] | bool":
    """What the stand-in cannot do with plain Lua."""
    if "list" in question:
        folder = Path(question["list"])
        return sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    Path(question["make"]).mkdir(parents=True, exist_ok=True)
    return True


def quoted(value: Any) -> str:
    """A value as a Lua text that holds its JSON."""
    text = json.dumps(value)
    depth = "=" * (1 + max((len(run) for run in text.split("]") if set(run) == {"="}), default=0))
    return f"[{depth}[{text}]{depth}]"


def installed() -> list[str]:
    """The Lua programs that are here."""
    return [lua for lua in LUAS if shutil.which(lua)]
