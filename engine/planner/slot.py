"""The place of a planner in a process that renders: there when it is asked for, gone when it is not."""

import gc
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from engine.errors import ModelError, TaskError

if TYPE_CHECKING:
    from engine.planner.model import Planner


class PlannerSlot:
    """At most one planner in memory: it owns it, loads it when it is asked for and lets it go."""

    def __init__(self) -> None:
        self._folder = ""
        self._planner: Planner | None = None

    @property
    def planner(self) -> "Planner | None":
        """The planner that is in memory; None for none."""
        return self._planner

    def take(self, folder: str, device: torch.device) -> "Planner":
        """The planner of a folder. Raises TaskError `no-model`."""
        from engine.planner.model import load_planner  # not from the top: renders never need it

        if self._planner is None or self._folder != folder:
            self.release()
            try:
                self._planner, self._folder = load_planner(Path(folder), device), folder
            except ModelError as error:
                raise TaskError("no-model", error.text) from error
        return self._planner

    def release(self) -> None:
        """Lets the planner go, and its memory."""
        if self._planner is not None:
            self._planner, self._folder = None, ""
            gc.collect()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
