"""A real Ardour without a screen: its session, its settings, and Lua run inside of it."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins_reference.ardour import install

HERE = Path(__file__).parent
LONGEST_S = 240.0
"""What takes longer is given up; the machine may be busy."""
OURS = sorted(path.stem for path in install.SCRIPTS.glob("*.lua") if path.name != install.HOOK)
"""Barline's actions in the order of their slots."""
DUMMY = {
    "backend": "None (Dummy)",
    "driver": "Normal Speed",
    "device": "Silence",
    "input-device": "",
    "output-device": "",
    "sample-rate": "48000",
    "buffer-size": "1024",
    "input-latency": "0",
    "output-latency": "0",
    "active": "yes",
    "use-buffered-io": "0",
    "midi-option": "No MIDI I/O",
    "lru": "1",
}
CONFIG = """<?xml version="1.0" encoding="UTF-8"?>
<Ardour><Config>
<Option name="try-autostart-engine" value="1"/><Option name="hide-dummy-backend" value="0"/>
</Config><Extra><AudioMIDISetup><EngineStates><State {state}/></EngineStates></AudioMIDISetup></Extra>
</Ardour>
"""
OWN_NETWORK = ("unshare", "-n", "sh", "-c", 'ip link set lo up; exec "$@"', "sh")


class Placed(NamedTuple):
    """A region as a second Ardour read it. layer: 0 is the lowest. samples: (channels, length)."""

    track: str
    name: str
    position: int
    length: int
    layer: int
    samples: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Found:
    """What a saved session holds."""

    regions: tuple[Placed, ...]
    markers: tuple[tuple[str, int], ...]
    ranges: tuple[str, ...]

    def on(self, track: str) -> list[Placed]:
        """A track's regions: in order of position, then the lowest layer first."""
        return sorted((r for r in self.regions if r.track == track), key=lambda r: (r.position, r.layer))

    @property
    def tracks(self) -> set[str]:
        """Names of the tracks with regions."""
        return {region.track for region in self.regions}


def read_found(folder: Path) -> Found:
    """What read_session.lua wrote."""
    rows = [line.split("\t") for line in (folder / "found.txt").read_text().splitlines()]
    regions = []
    for number, row in enumerate([row for row in rows if row[0] == "region"], 1):
        position, length, layer, channels = map(int, row[3:])
        samples = np.fromfile(folder / f"{number}.f32", "<f4").reshape(channels, length)
        regions.append(Placed(row[1], row[2], position, length, layer, samples))
    markers = [(row[1], int(row[2])) for row in rows if row[0] == "marker"]
    ranges = [row[1] for row in rows if row[0] == "range"]
    return Found(tuple(regions), tuple(markers), tuple(ranges))


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
        with open(self.place / "second.log", "wb") as log:
            command = ["ardour7-lua", str(HERE / script), *arguments]
            subprocess.run(
                command, env=self.environment, stdout=log, stderr=log, timeout=LONGEST_S, check=False
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
            command,
            pass_fds=[write_end],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
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

    def start_action(self, name: str) -> None:
        """Calls one of Barline's actions as its key would."""
        slot = OURS.index(f"barline_{name}") + 1
        self.run(f'Editor:access_action ("LuaAction", "script-{slot}")')

    def act(self, name: str) -> dict[str, Any]:
        """Calls an action and waits for its result; what was kept of it."""
        before = len(self.told)
        self.start_action(name)
        return self.landed(before)

    def landed(self, before: int) -> dict[str, Any]:
        """Waits until the hook tells the end of one more job; what was kept of the last one."""
        self.wait_for(lambda: len(self.told) > before, "a result")
        assert "landed" in self.told[-1], self.log()
        kept: dict[str, Any] = json.loads((self.session / "barline-takes.jsonl").read_text().splitlines()[-1])
        return kept

    @property
    def told(self) -> list[str]:
        """What Barline's scripts told the user and the log."""
        path = self.session / "barline-log.txt"
        return path.read_text().splitlines() if path.exists() else []

    def choose(self, **values: object) -> None:
        """Sets what Barline's dialogs would ask."""
        (self.config / "barline.json").write_text(json.dumps({"dialogs": False, **values}))

    def wait_for(self, is_so: Callable[[], bool], what: str) -> None:
        """Waits until something is so; fails with Ardour's log when it takes too long."""
        give_up = time.monotonic() + LONGEST_S
        while not is_so():
            if time.monotonic() > give_up or self.processes[-1].poll() is not None:
                raise AssertionError(f"{what}: not in time\n{self.log()}")
            time.sleep(0.05)

    def log(self) -> str:
        """The end of what Ardour and our scripts said."""
        files = (
            self.place / "ardour.log",
            self.place / "second.log",
            self.session / "barline-log.txt",
        )
        return "\n".join(file.read_text(errors="replace")[-3000:] for file in files if file.exists())

    def read_back(self) -> Found:
        """Saves the session and reads it with a second Ardour."""
        self.run('Session:save_state ("")')
        copy, answers = self.place / "copy", self.place / "found"
        for _ in range(2):  # an Ardour without windows now and then crashes while it loads
            for folder in (copy, answers):
                shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(self.session, copy)
            answers.mkdir()
            self.ask_second_ardour("read_session.lua", str(copy), str(answers))
            if (answers / "found.txt").exists():
                return read_found(answers)
        raise AssertionError(self.log())

    def stop(self) -> None:
        """Ends everything it started."""
        for process in reversed(self.processes):
            for sign in (signal.SIGTERM, signal.SIGKILL):
                if process.poll() is None:
                    os.killpg(process.pid, sign)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(10)
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
    """A session that is open in Ardour."""
    room = Studio(place, runtime)
    try:
        room.prepare()
        room.start()
        yield room
    finally:
        room.stop()
