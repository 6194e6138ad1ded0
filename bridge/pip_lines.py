"""Condenses pip's output to a few lines. Knows pip's wording and nothing of Barline."""

import re
import time
from collections import deque
from typing import IO

KEPT = 30
QUIET_S = 10.0
COLLECTING = re.compile(r"Collecting ([A-Za-z0-9._-]+)")
LOADING = re.compile(r"\s*(?:Downloading|Using cached|Processing) (?:\S*/)?([A-Za-z0-9._]+)-\S+ ?(\(\d.*\))?")
UNPACKING = re.compile(r"Installing collected packages: (.*)")


class Progress:
    """One line that is rewritten on a terminal, or a line every ten seconds elsewhere.

    A class because it owns that line: it must be closed before anything else is printed.
    """

    def __init__(self, out: IO[str]) -> None:
        self.out = out
        self.is_live = out.isatty()
        self.names: set[str] = set()
        self.last_lines: deque[str] = deque(maxlen=KEPT)
        self.shown_at = 0.0

    def add(self, line: str) -> None:
        """Take one line of pip's output, and show what it means when it means something."""
        self.last_lines.append(line.rstrip())
        if found := COLLECTING.match(line):
            self.names.add(found[1].lower().replace("_", "-"))
            self.show(f"{len(self.names)} packages, {found[1]}")
        elif found := LOADING.match(line):
            self.names.add(found[1].lower().replace("_", "-"))
            self.show(f"{len(self.names)} packages, {found[1]} {found[2] or ''}".rstrip())
        elif found := UNPACKING.match(line):
            self.show(f"unpacking {found[1].count(',') + 1} packages", is_important=True)

    def show(self, text: str, is_important: bool = False) -> None:
        """Rewrite the line on a terminal; elsewhere print it if it is important or none came for a while."""
        now = time.monotonic()
        if self.is_live:
            self.out.write(f"\r\x1b[Krun_bridge: {text}"[:110])
        elif is_important or now - self.shown_at >= QUIET_S:
            self.out.write(f"run_bridge: {text}\n")
            self.shown_at = now
        self.out.flush()

    def close(self) -> None:
        """End the line that was being rewritten."""
        if self.is_live:
            self.out.write("\r\x1b[K")
            self.out.flush()

    def tail(self) -> str:
        """pip's last lines, for a message about its failure."""
        return "\n".join(self.last_lines)
