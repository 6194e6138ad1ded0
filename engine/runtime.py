"""How this process uses the machine; to be called before torch is imported, and imports nothing itself."""

import os
import sys


def prepare_process(threads: int | None = None) -> int:
    """Set thread counts for torch through the environment; returns the number chosen.

    threads: None leaves one core to the rest of the machine.  Passive waiting keeps idle OpenMP threads from
    spinning, which on a shared machine costs far more than it gains.  Raises RuntimeError when torch is in.
    """
    if "torch" in sys.modules:
        raise RuntimeError("prepare_process must run before torch is imported")
    chosen = max(1, (os.cpu_count() or 2) - 1) if threads is None else threads
    os.environ["OMP_NUM_THREADS"] = str(chosen)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    return chosen
