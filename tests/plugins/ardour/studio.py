"""A real Ardour without a screen: its session, its settings, and Lua run inside of it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

from plugins_reference.ardour import install
from tests.plugins.peers import PLUGINS

HERE = Path(__file__).parent
LONGEST_S = float(os.environ.get("ARD_T","120"))
"""What takes longer is given up; the machine may be busy."""
DUMMY = {
    "backend": "None (Dummy)",
    "driver": "Normal Speed",
    "device": "Silence",
    "input-device": "",
    "output-device": "",
    "sample-rate": "48000",
    "buffer-size": "1024",
    "active": "yes",
    "use-buffered-io": "0",
    "midi-option": "No MIDI I/O",
    "lru": "1",
}
CONFIG = """<?xml version="1.0" encoding="UTF-8"?>
<Ardour><Config>
<Option name="try-autostart-engine" value="1"/><Option name="hide-dummy-backend" value="0"/>
</Config><Extra><AudioMIDISetup><EngineStates><State {state}/></EngineStates></AudioMIDISetup></Extra></Ardour>
"""
OWN_NETWORK = ("unshare", "-n", "sh", "-c", 'ip link set lo up; exec "$@"', "sh")


class Placed(NamedTuple):
    """A region as a second Ardour read it."""

    track: str
    name: str
    position: int
    length: int
    layer: int
    channels: int
    checksum: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a saved session holds."""

    regions: tuple[Placed, ...]
    markers: tuple[tuple[str, int], ...]

    def on(self, track: str) -> list[Placed]:
        """A track's regions, the lowest layer first."""
        return sorted((region for region in self.regions if region.track == track), key=lambda r: r.layer)


@dataclass(slots=True)
class Studio:
    """One session, and the Ardour that has it open."""

    place: Path
    runtime: Path
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def session(self) -> Path:
        """The session's folder."""
        return self.place / "a song's session"

    @property
    def config(self) -> Path:
        """Ardour's settings."""
        return self.place / ".config" / "ardour7"

    @property
    def environment(self) -> dict[str, str]:
        """Ardour's: a home of its own."""
        told = {"HOME": str(self.place), "BARLINE_RUNTIME": str(self.runtime), "LC_ALL": "C.UTF-8"}
        return {"PATH": os.environ["PATH"], "NO_AT_BRIDGE": "1", **told}

    def prepare(self, rate: int = 48_000) -> None:
        """Settings without questions, Barline's scripts, a session."""
        self.config.mkdir(parents=True)
        (self.config / ".a7").touch()
        state = " ".join(f'{name}="{value}"' for name, value in DUMMY.items())
        (self.config / "config").write_text(CONFIG.format(state=state))
        install.install(self.config)
        add_driver(self.config)
        self.ask_second_ardour("make_session.lua", str(self.session), str(rate))

    def ask_second_ardour(self, script: str, *arguments: str) -> None:
        """Runs a script of ours in an Ardour without windows."""
        # its exit status says nothing: Ardour aborts in its own clean-up after the script has finished
        subprocess.run(
            ["ardour7-lua", str(HERE / script), *arguments],
            env=self.environment,
            capture_output=True,
            timeout=LONGEST_S,
            check=False,
        )

    def start(self) -> None:
        """Opens the session in Ardour, on a screen that nobody sees and in a network without a way out."""
        display = self.start_screen()
        with open(self.place / "ardour.log", "ab") as log:
            command = (*own_network(), "ardour", str(self.session / "song.ardour"))
            self.processes.append(
                subprocess.Popen(
                    command,
                    env=self.environment | {"DISPLAY": display},
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )
        self.run("return 1")

    def start_screen(self) -> str:
        """Starts an X server and returns its name."""
        read_end, write_end = os.pipe()
        command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
        screen = subprocess.Popen(
            command, pass_fds=[write_end], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.processes.append(screen)
        os.close(write_end)
        with open(read_end) as told:
            return f":{told.readline().strip()}"

    def run(self, lua: str) -> str:
        """Runs Lua in the open Ardour, as a hook; what it returned."""
        answer = self.place / "answer.txt"
        answer.unlink(missing_ok=True)
        (self.place / "command.part").write_text(lua)
        (self.place / "command.part").rename(self.place / "command.lua")
        self.wait_for(answer.exists, lua)
        kind, _, text = answer.read_text().partition("\n")
        assert kind == "fine", text
        return text

    def wait_for(self, is_so, what: str) -> None:  # type: ignore[no-untyped-def]
        """Waits until something is so; fails with Ardour's log when it takes too long."""
        give_up = time.monotonic() + LONGEST_S
        while not is_so():
            if time.monotonic() > give_up or self.processes[-1].poll() is not None:
                raise AssertionError(f"{what}: not in time\n{self.log()}")
            time.sleep(0.05)

    def log(self) -> str:
        """The end of what Ardour and our scripts said."""
        files = (self.place / "ardour.log", self.session / "barline-log.txt")
        return "\n".join(file.read_text(errors="replace")[-3000:] for file in files if file.exists())

    def read_back(self) -> Found:
        """Saves the session and reads it with a second Ardour."""
        self.run('Session:save_state ("")')
        copy, answers = self.place / "copy", self.place / "found.txt"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.session, copy)
        answers.unlink(missing_ok=True)
        self.ask_second_ardour("read_session.lua", str(copy), str(answers))
        rows = [line.split("\t") for line in answers.read_text().splitlines()]
        regions = [Placed(*row[1:3], *map(int, row[3:])) for row in rows if row[0] == "region"]
        return Found(tuple(regions), tuple((row[1], int(row[2])) for row in rows if row[0] == "marker"))

    def stop(self) -> None:
        """Ends everything it started."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()


def add_driver(config: Path) -> None:
    """Enters the test's own hook beside Barline's."""
    path = config / "ui_scripts"
    hook = (HERE / "driver.lua").read_text()
    signals = "1" + "0" * install.TIMER_BIT
    node = f'<LuaCallback lua="Lua 5.3" id="7770002" name="driver" signals="{signals}">'
    node += install.encoded(install.entry("s", hook)) + "</LuaCallback></ActionHooks>"
    path.write_text(path.read_text().replace("</ActionHooks>", node))


def own_network() -> tuple[str, ...]:
    """What starts a program in a network that has loopback only; nothing where that is not allowed."""
    try:
        may = subprocess.run([*OWN_NETWORK, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        may = False
    return OWN_NETWORK if may else ()


@contextmanager
def studio(place: Path, runtime: Path) -> Iterator[Studio]:
    """A session that is open in Ardour; skips where Ardour is missing."""
    missing = [name for name in ("ardour", "ardour7-lua", "Xvfb") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed (Debian: ardour, xvfb)")
    room = Studio(place, runtime)
    try:
        room.prepare()
        room.start()
        yield room
    finally:
        room.stop()


__all__ = ["PLUGINS", "Found", "Placed", "Studio", "studio", "sys"]
