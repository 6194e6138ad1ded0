"""The control surface: what Live calls, and what it does at each tick. Everything runs on Live's one thread.

A tick does one of two things: it places one file of a result, or it moves a bounded number of bytes and
messages and looks whether a name has become a command. Both are short, so that Live is never held up.
"""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import Live

from .desk import Desk
from .finding import find_daemon, runtime_folder
from .naming import Names
from .orders import Wanted, make_order
from .placing import TAG, can_place, place
from .reading import find_clip, key_of, loop_span, read_span, track_of
from .wishes import VERBS, Settings, WishError, caption_in, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Protocol

    from Live.Song import Song
    from Live.Track import Track

    from .ledger import Verdict
    from .reading import Span

    class Host(Protocol):
        """What Live hands to a script; the part of it that is used here."""

        def song(self) -> Song: ...

        def show_message(self, text: str) -> None: ...

        def handle(self) -> int: ...


TICK_MS = 50
LOOK_TICKS = 4
"""Every so many ticks the names are looked at."""
NOTE_ON, CONTROL = 0x90, 0xB0
MESSAGE_LENGTH = 250
SAMPLES = Path("Samples", "Barline")
"""Folder in the User Library for takes that this version of Live cannot place."""


class Surface:
    """One run of the script, from Live's create_instance to its disconnect."""

    def __init__(self, c_instance: Host) -> None:
        self._host = c_instance
        self._settings = Settings()
        self._desk, self._names = Desk(find_daemon, lambda: self._settings.token), Names()
        self._placing: Generator[str, None, None] | None = None
        self._complaint = ""
        self._count = 0
        self._is_loaded = False
        self._guard(self._read_settings)
        self._timer = Live.Base.Timer(self.tick, TICK_MS, True, True)

    def disconnect(self) -> None:
        """The script ends: another set, a reload, or Live itself."""
        self._timer.stop()
        if self._placing is not None:
            self._placing.close()  # ends its undo step
        self._desk.close()

    def update_display(self) -> None:
        """Live's own slow tick: a timer that an error has stopped goes on."""
        if not self._timer.running:
            self._timer.start()

    def build_midi_map(self, midi_map_handle: int) -> None:
        """Asks Live for the notes and controllers that are actions."""
        channel = self._settings.channel - 1
        for number in range(len(VERBS)):
            note, controller = self._settings.note + number, self._settings.controller + number
            Live.MidiMap.forward_midi_note(self._host.handle(), midi_map_handle, channel, note)
            Live.MidiMap.forward_midi_cc(self._host.handle(), midi_map_handle, channel, controller)

    def receive_midi(self, midi_bytes: tuple[int, ...]) -> None:
        """A key or a button was pressed."""
        if len(midi_bytes) != 3 or midi_bytes[0] & 0x0F != self._settings.channel - 1:
            return
        kind, number, value = midi_bytes[0] & 0xF0, midi_bytes[1], midi_bytes[2]
        first = {NOTE_ON: self._settings.note, CONTROL: self._settings.controller}.get(kind, 128)
        is_press = value > 0 if kind == NOTE_ON else value >= 64
        if is_press and 0 <= number - first < len(VERBS):
            self.act(VERBS[number - first], "")

    def act(self, verb: str, words: str) -> None:
        """One action; words: a caption, where it does not stand in a name."""
        self._guard(lambda: self._act(verb, words))

    def tick(self) -> None:
        """One short step."""
        self._guard(self._step)

    def _guard(self, run: Callable[[], None]) -> None:
        """What the user, the set or Live's limits bring about becomes a message; Live never sees it."""
        try:
            run()
        except WishError as error:
            self._say(str(error))
        except (RuntimeError, Live.Base.LimitationError) as error:
            self._say(f"Live does not do it: {error}")

    def _step(self) -> None:
        song = self._set()
        self._count += 1
        if self._desk.results:
            self._place_next(song, self._desk.results[0])
        else:
            self._say(self._desk.tick(song))
            if self._count % LOOK_TICKS == 0:
                self._look_at_names(song)

    def _set(self) -> Song:
        """The Live set; what it remembers is taken up first, but not while Live starts the script."""
        song = self._host.song()
        if not self._is_loaded:
            self._is_loaded = True
            self._desk.load(song)
        return song

    def _look_at_names(self, song: Song) -> None:
        command = self._names.look(song)
        if command is not None:
            self._act(command.verb, command.words)

    def _act(self, verb: str, words: str) -> None:
        self._read_settings()
        song = self._set()
        self._say(self._desk.cancel(song) if verb == "cancel" else self._order(song, verb, words))

    def _order(self, song: Song, verb: str, words: str) -> str:
        span, track = self._meant(song, verb)
        caption = words or caption_in(span.name) or caption_in(track.name) or self._settings.caption
        settings = self._settings
        if not settings.out and not can_place(track):
            settings = settings._replace(out=str(user_library() / SAMPLES))
        wanted = Wanted(span, caption, settings, key_of(song))
        order = make_order(verb, wanted, mark(track), f"live-{uuid.uuid4().hex[:16]}")
        said = self._desk.place_order(song, order)
        return f"{order.label}: {span.note or said}"

    def _meant(self, song: Song, verb: str) -> tuple[Span, Track]:
        if verb == "generate":
            return loop_span(song, self._settings), song.view.selected_track
        clip = find_clip(song)
        return read_span(song, clip), track_of(clip)

    def _place_next(self, song: Song, result: Verdict) -> None:
        """One file of a result; with the last one, the order is over."""
        assert result.order is not None
        placing = self._placing or place(song, result.order.spot, list(result.files))
        self._placing = placing
        complaint = next(placing, None)
        if complaint is not None:
            self._complaint = self._complaint or complaint
            return
        self._say(f"{result.order.label}: {self._complaint}" if self._complaint else result.text)
        self._placing, self._complaint = None, ""
        del self._desk.results[0]
        self._desk.end(song, result.order.id)

    def _say(self, text: str) -> None:
        if text:
            self._host.show_message(f"Barline   {text}"[:MESSAGE_LENGTH])

    def _read_settings(self) -> None:
        self._settings = read_settings(runtime_folder())


def mark(track: Track) -> str:
    """The tag by which the track is found again, however long the daemon takes."""
    tag = track.get_data(TAG, "")
    if not isinstance(tag, str) or not tag:
        tag = uuid.uuid4().hex[:12]
        track.set_data(TAG, tag)
    return tag


def user_library() -> Path:
    """Live's User Library: the one this script is installed in, else where Live makes it."""
    here = Path(__file__).resolve()
    if here.parents[1].name == "Remote Scripts":
        return here.parents[2]
    return Path.home() / ("Music" if sys.platform == "darwin" else "Documents") / "Ableton" / "User Library"
