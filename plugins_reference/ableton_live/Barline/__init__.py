"""Barline inside Ableton Live: a control surface that needs no controller. Live calls `create_instance`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .surface import Host, Surface


def create_instance(c_instance: Host) -> Surface:
    """The script, as Live asks for it; called again at each reload."""
    # Imported here, so that a look at the package alone needs no Live.
    from .surface import Surface

    return Surface(c_instance)
