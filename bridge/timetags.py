"""Acts at the moment an OSC time tag names, without anything ever waiting for it.

An act whose time has passed happens at once (OSC 1.0: "immediately"); one further ahead than the horizon is
refused, so that nobody can fill the memory with the far future. Knows nothing of messages: an act is a
function.
"""

import asyncio
import time
from collections.abc import Callable

HORIZON_S = 60.0
MAX_PENDING = 1024


class TooFar(Exception):
    """The time lies beyond the horizon."""


class TooMany(Exception):
    """As many acts wait as may."""


class Schedule:
    """Acts that wait for their time. Owns their timers; `clear` gives them back."""

    def __init__(self, clock: Callable[[], float] = time.time, limit: int = MAX_PENDING) -> None:
        self._clock = clock
        self._limit = limit
        self._timers: set[asyncio.TimerHandle] = set()

    def __len__(self) -> int:
        return len(self._timers)

    def at(self, when: float | None, act: Callable[[], object]) -> None:
        """Calls `act` at `when` (unix seconds; None = at once). Raises TooFar or TooMany."""
        wait = 0.0 if when is None else when - self._clock()
        if wait <= 0:
            act()
            return
        if wait > HORIZON_S:
            raise TooFar(f"the time tag is {wait:.1f} s ahead, more than {HORIZON_S:.0f} s")
        if len(self._timers) >= self._limit:
            raise TooMany(f"{self._limit} messages wait for their time, the most that may")
        self._start(wait, act)

    def clear(self) -> None:
        """Forgets everything that waits."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _start(self, wait: float, act: Callable[[], object]) -> None:
        def ring() -> None:
            self._timers.discard(timer)
            act()

        timer = asyncio.get_running_loop().call_later(wait, ring)
        self._timers.add(timer)
