"""Starts bridge.cli from a checkout, in an environment that has what is pinned.

Knows the standard library only: before the environment exists there is nothing else.
An installed Barline (the `barline` command) never comes here.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bridge.environment import BootstrapError, ensure, has_what_is_pinned, is_inside, python_of

ROOT = Path(__file__).resolve().parent.parent
HELP = frozenset({"-h", "--help", "--version"})
# What a verb needs beyond the runtime; the verbs that are not here need nothing more.
EXTRAS_OF_VERB = {"test": frozenset({"dev"})}


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asks of the bootstrap: which extras, and what is passed on to bridge.cli."""

    extras: frozenset[str]
    argv: tuple[str, ...]
    is_bootstrapping: bool


def start(argv: list[str]) -> int:
    """Run bridge.cli with argv in an environment that has what is pinned; returns its exit code."""
    try:
        order = read_order(argv)
        if not order.is_bootstrapping or has_what_is_pinned(ROOT, order.extras):
            return run_here(ROOT, order.argv)
        venv = ROOT / ".venv"
        ensure(ROOT, venv, order.extras)
    except BootstrapError as error:
        print(f"run_bridge: {error}", file=sys.stderr)
        return 1
    if is_inside(venv):
        return run_here(ROOT, order.argv)
    return run_there(venv, argv)


def read_order(argv: list[str]) -> Order:
    """Take the bootstrap's own leading options off argv: --no-bootstrap and --with EXTRA[,EXTRA]."""
    rest, extras, is_bootstrapping = list(argv), set[str](), True
    while rest and rest[0] in ("--no-bootstrap", "--with"):
        option = rest.pop(0)
        if option == "--no-bootstrap":
            is_bootstrapping = False
        elif not rest:
            raise BootstrapError("--with needs the name of an extra: live, link, train or dev")
        else:
            extras |= set(rest.pop(0).split(","))
    verb = rest[0] if rest else ""
    asks_help = verb in HELP or (verb not in EXTRAS_OF_VERB and not HELP.isdisjoint(rest))
    return Order(
        frozenset(extras) | EXTRAS_OF_VERB.get(verb, frozenset()),
        tuple(rest),
        is_bootstrapping and not asks_help,
    )


def run_here(root: Path, argv: tuple[str, ...]) -> int:
    """Run bridge.cli in this interpreter; children find the checkout through PYTHONPATH."""
    paths = [str(root), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    from bridge.cli import main

    return main(list(argv))


def run_there(venv: Path, argv: list[str]) -> int:
    """Run this same command line with the environment's Python. On POSIX it replaces this process."""
    command = [str(python_of(venv)), str(ROOT / "run_bridge.py"), *argv]
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(command[0], command)
    # Windows' exec returns to the shell at once, so the parent stays and passes the exit code on.
    return subprocess.run(command, check=False).returncode
