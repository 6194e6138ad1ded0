"""The virtual environment of a checkout: what it must hold, and making or repairing it with pip.

Knows the standard library only, and nothing of what Barline does inside that environment.
"""

import hashlib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bridge.pip_lines import Progress

STAMP = "barline-stamp.json"
UNFINISHED = "barline-unfinished"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the last installation that ended well was made from."""

    digest: str
    extras: frozenset[str]


NO_STAMP = Stamp("", frozenset())


class BootstrapError(Exception):
    """The environment could not be made; the text says what to do about it."""


def is_inside(venv: Path) -> bool:
    """Whether the running interpreter belongs to `venv`."""
    return Path(sys.prefix).resolve() == venv.resolve()


def python_of(venv: Path) -> Path:
    """Where a virtual environment keeps its interpreter on this system."""
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def has_what_is_pinned(root: Path, extras: frozenset[str]) -> bool:
    """Whether a virtual environment the user activated already holds every direct dependency at its pin."""
    if sys.prefix == sys.base_prefix or is_inside(root / ".venv"):
        return False
    pins = read_pins(root / "constraints.txt")
    return all(installed_version(name) == pins.get(name) for name in direct_names(root, extras))


def installed_version(name: str) -> str:
    """The installed version without its local suffix ("2.13.0+cpu" is "2.13.0"), or "" when absent."""
    import importlib.metadata  # here, because it is the slowest import of a start and seldom needed

    try:
        return importlib.metadata.version(name).split("+")[0]
    except importlib.metadata.PackageNotFoundError:
        return ""


def read_pins(path: Path) -> dict[str, str]:
    """name -> version for every `name==version` line of a constraints file."""
    lines = (line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    return dict(line.split("==", 1) for line in lines if "==" in line)


def direct_names(root: Path, extras: frozenset[str]) -> list[str]:
    """Names of the packages pyproject.toml asks for, with these extras and their no-deps wheels."""
    project = read_pyproject(root)
    optional, alone = project["project"]["optional-dependencies"], no_deps(root, extras)
    check_extras(extras, optional)
    wanted = [*project["project"]["dependencies"], *(r for e in extras for r in optional[e]), *alone]
    return [requirement.split("==")[0].lower() for requirement in wanted]


def no_deps(root: Path, extras: frozenset[str]) -> list[str]:
    """Requirements of these extras that pip must install without their dependencies."""
    table = read_pyproject(root)["tool"]["barline"]["no-deps"]
    return sorted({requirement for extra in extras for requirement in table.get(extra, [])})


def read_pyproject(root: Path) -> dict[str, Any]:
    """pyproject.toml as plain values."""
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))


def check_extras(extras: frozenset[str], known: dict[str, list[str]]) -> None:
    """Refuse an extra that pyproject.toml does not name; pip would only warn."""
    if unknown := extras - known.keys():
        raise BootstrapError(f"no extra named {', '.join(sorted(unknown))}; there are {', '.join(known)}")


def ensure(root: Path, venv: Path, extras: frozenset[str]) -> None:
    """Make or repair `venv` unless its stamp says that it already holds what is pinned, with these extras."""
    if is_ready(root, venv, extras):
        return
    with locked(root / ".venv.lock"):
        if is_ready(root, venv, extras):
            return  # another start made it while this one waited
        check_extras(extras, read_pyproject(root)["project"]["optional-dependencies"])
        every = extras | read_stamp(venv).extras
        (venv / STAMP).unlink(missing_ok=True)
        make_venv(venv)
        install_marked(root, venv, every)
        write_stamp(root, venv, every)


def is_ready(root: Path, venv: Path, extras: frozenset[str]) -> bool:
    """Whether an installation from the files as they are now ended well, with at least these extras."""
    if not python_of(venv).exists():
        return False
    stamp = read_stamp(venv)
    return stamp.digest == digest(root, venv) and extras <= stamp.extras


def digest(root: Path, venv: Path) -> str:
    """SHA-256 over what decides an environment: the pins, its Python, and where the checkout lies."""
    parts = [root / "pyproject.toml", root / "constraints.txt", venv / "pyvenv.cfg"]
    content = b"\0".join(part.read_bytes() for part in parts) + str(root).encode()
    return hashlib.sha256(content).hexdigest()


def read_stamp(venv: Path) -> Stamp:
    """The stamp in `venv`, or NO_STAMP when there is none that can be read."""
    try:
        content = json.loads((venv / STAMP).read_text("utf-8"))
        return Stamp(content["digest"], frozenset(content["extras"]))
    except (OSError, ValueError, KeyError, TypeError):
        return NO_STAMP


def write_stamp(root: Path, venv: Path, extras: frozenset[str]) -> None:
    """Say that the installation is complete; the rename keeps a half-written stamp from ever being seen."""
    part = venv / (STAMP + ".part")
    part.write_text(json.dumps({"digest": digest(root, venv), "extras": sorted(extras)}), "utf-8")
    part.replace(venv / STAMP)


def make_venv(venv: Path) -> None:
    """Create `venv` with pip, or keep it when it is whole. Refuses to clear a folder that is no venv."""
    python = python_of(venv)
    is_whole = python.exists() and not (venv / UNFINISHED).exists()
    if is_whole and is_running([str(python), "-m", "pip", "--version"]):
        return
    if venv.is_dir() and any(venv.iterdir()) and not (venv / "pyvenv.cfg").exists():
        raise BootstrapError(f"{venv} is not a virtual environment; move it away first")
    print(f"run_bridge: making {venv}", flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", venv], capture_output=True, text=True)
    if made.returncode != 0:
        hint = "on Debian and Ubuntu install python3-venv, or use another Python 3.11 or newer"
        raise BootstrapError(f"could not make {venv} ({hint}):\n{made.stdout}{made.stderr}")


def is_running(command: list[str]) -> bool:
    """Whether a command starts and ends with exit code 0; what it prints is dropped."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def install_marked(root: Path, venv: Path, extras: frozenset[str]) -> None:
    """Install, with a mark that outlives a kill: pip cannot see that a package was left half unpacked."""
    mark = venv / UNFINISHED
    mark.touch()
    try:
        install(root, venv, extras)
    except BootstrapError:
        mark.unlink()  # pip ended by itself, and then it leaves no package half unpacked
        raise
    mark.unlink()


def install(root: Path, venv: Path, extras: frozenset[str]) -> None:
    """Install the checkout with these extras, exactly as pinned, into `venv`."""
    extra_list = f"[{','.join(sorted(extras))}]" if extras else ""
    pip_install(root, venv, ["-c", "constraints.txt", "-e", f".{extra_list}"])
    if alone := no_deps(root, extras):
        pip_install(root, venv, ["--no-deps", *alone])


def pip_install(root: Path, venv: Path, arguments: list[str]) -> None:
    """Run `pip install` in the checkout, its output condensed; raises with pip's last lines on failure."""
    command = [str(python_of(venv)), "-m", "pip", "install", "--progress-bar", "off", *arguments]
    environ = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUNBUFFERED": "1"}
    progress = Progress(sys.stdout)
    with subprocess.Popen(
        command, cwd=root, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as pip:
        for line in pip.stdout or ():
            progress.add(line)
    progress.close()
    if pip.returncode != 0:
        raise BootstrapError(f"pip could not install what is pinned:\n{progress.tail()}")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path`, so that two starts at once do not install over each other."""
    with path.open("a+") as file:
        lock_file(file)
        yield  # closing the file gives the lock back


def lock_file(file: IO[str]) -> None:
    """Wait for the lock of an open file, by the means the system has."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        while True:
            try:
                return msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            except OSError:
                continue  # LK_LOCK gives up after ten seconds; an installation takes minutes
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
