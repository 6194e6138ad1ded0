"""Commands without a controller: a clip or track renamed to "!repaint" acts, and gets its name back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .wishes import Command, command_in, plain_name

if TYPE_CHECKING:
    from Live.Clip import Clip
    from Live.Song import Song
    from Live.Track import Track


class Names:
    """The last ordinary names of what is selected. Looking leaves no listener behind."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, str]] = {}

    def look(self, song: Song) -> Command | None:
        """The command that was just written as a name, if any. Raises WishError when it is no action."""
        clip, track = song.view.detail_clip, song.view.selected_track
        found = self._look_at("clip", clip) if clip is not None else None
        return found or self._look_at("track", track)

    def _look_at(self, kind: str, named: Clip | Track) -> Command | None:
        name = named.name
        if not name.startswith("!"):
            self._seen[kind] = (named._live_ptr, name)
            return None
        pointer, last = self._seen.get(kind, (0, ""))
        before = last if pointer == named._live_ptr else kind.capitalize()
        named.name = before  # first, so that a word that is no command is not read again
        command = command_in(name)
        if command is not None and command.words:
            named.name = f"{plain_name(before)}: {command.words}"
        return command
