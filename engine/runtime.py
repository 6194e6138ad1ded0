"""How this process uses the machine; to be called before torch is imported, and imports nothing itself."""

import os
import sys

FEW_CORES = 4  # up to here a core left idle is a large part of the machine
SPINS = 10_000
POLITE = 10  # niceness: a DAW, and the daemon's sockets, come first


def cores_here() -> int:
    """How many cores this process may run on."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 2


def default_threads() -> int:
    """All cores of a small machine, one fewer of a larger one: give_way keeps the others going."""
    cores = cores_here()
    return cores if cores <= FEW_CORES else cores - 1


def prepare_process(threads: int | None = None) -> int:
    """Set thread counts for torch through the environment; returns the number chosen.

    threads: None is default_threads().  Passive waiting keeps idle OpenMP threads from spinning, which on a
    shared machine costs far more than it gains; but a spin of microseconds bridges the gap from one small
    operation to the next, where falling asleep costs more than the operation.  Raises RuntimeError when torch
    is in.
    """
    if "torch" in sys.modules:
        raise RuntimeError("prepare_process must run before torch is imported")
    chosen = default_threads() if threads is None else threads
    os.environ["OMP_NUM_THREADS"] = str(chosen)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", str(SPINS))
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    return chosen


def give_way() -> None:
    """Let every other program of this machine run first, where the system knows how to (POSIX)."""
    if hasattr(os, "nice"):
        os.nice(POLITE)
