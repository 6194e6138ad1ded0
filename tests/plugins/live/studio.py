"""A Live set on the strict stand-in, the script loaded in it, and the clock that drives both."""

import importlib
import socket
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

from tests.plugins.live import acting
from tests.plugins.live.acting import Desk
from tests.plugins.live.strict import Misused, Rules, build_live
from tests.plugins.live.stubs import read_stubs, stub_folder

SCRIPT = "plugins_reference.ableton_live.Barline"
MODULES = {"Base", "Clip", "ClipSlot", "LomObject", "MidiMap", "Scene", "Song", "TakeLane", "Track"}
"""Those of Live's modules that are acted here; what lies in another one is not there."""
LIVE_12_1 = frozenset({"Track.create_take_lane", "TakeLane.create_audio_clip"})
LIVE_11 = LIVE_12_1 | {
    "Track.create_audio_clip",
    "ClipSlot.create_audio_clip",
    "Song.scale_mode",
    "Clip.is_take_lane_clip",
    "Clip.is_session_clip",
}
"""What older versions do not have; the slots' and tracks' create_audio_clip came with 12.0.5."""
MOST_TOUCHES = 1500
"""Touches of Live in one tick: at 3 microseconds each they take 4.5 ms."""
MOST_BYTES = 48 << 10
MOST_CLIPS = 1


@dataclass(slots=True)
class Studio:
    """One run of Live with one set."""

    desk: Desk
    live: ModuleType
    song: Any
    messages: list[str] = field(default_factory=list)
    bytes_moved: int = 0
    surface: Any = None
    worst: dict[str, int] = field(default_factory=lambda: {"touches": 0, "bytes": 0, "clips": 0})

    # What Live's handle does for a script.

    def handle(self) -> int:
        """The script's number in the MIDI map."""
        return 7

    def show_message(self, text: str) -> None:
        """The status bar."""
        self.desk.rules.touch(None, "c_instance.show_message")
        assert isinstance(text, str)
        self.messages.append(text)

    # What a test does.

    def load(self) -> None:
        """Live starts the script, fresh from its files."""
        for name in [name for name in sys.modules if name.startswith(SCRIPT)]:
            del sys.modules[name]
        sys.modules["Live"] = self.live
        package = importlib.import_module(SCRIPT)
        link = importlib.import_module(f"{SCRIPT}.link")
        vars(link)["socket"] = counting_sockets(self)
        self.desk.is_starting = True
        handle = SimpleNamespace(song=lambda: self.song, show_message=self.show_message, handle=self.handle)
        self.surface = package.create_instance(handle)
        self.desk.is_starting = False

    def unload(self) -> None:
        """Live ends the script."""
        self.surface.disconnect()
        self.desk.timers.clear()
        sys.modules.pop("Live", None)

    def tick(self) -> None:
        """Live's timers come due once."""
        for timer in list(self.desk.timers):
            if timer._fake["running"]:
                self.measure(timer._fake["callback"])

    def measure(self, run: Callable[[], None]) -> None:
        """Runs something on Live's thread, which must keep within its bounds."""
        touches, moved, clips = self.desk.rules.touches, self.bytes_moved, self.desk.clips_made
        run()
        used = {
            "touches": self.desk.rules.touches - touches,
            "bytes": self.bytes_moved - moved,
            "clips": self.desk.clips_made - clips,
        }
        self.worst = {name: max(self.worst[name], count) for name, count in used.items()}
        limits = {"touches": MOST_TOUCHES, "bytes": MOST_BYTES, "clips": MOST_CLIPS}
        if any(used[name] > most for name, most in limits.items()):
            raise Misused(f"a tick used {used}, but may use {limits}")

    def run_until(self, is_so: Callable[[], object], seconds: float = 120.0) -> None:
        """Ticks until something is so."""
        end = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < end, f"it did not come; the last messages: {self.messages[-5:]}"
            self.tick()
            time.sleep(0.005)

    def hears(self, words: str) -> bool:
        """Was a message with these words shown?"""
        return any(words in message for message in self.messages)

    def press(self, number: int) -> None:
        """A key of the controller."""
        self.measure(lambda: self.surface.receive_midi((0x9F, number, 100)))

    @property
    def tracks(self) -> list[Any]:
        """The set's tracks."""
        found: list[Any] = self.song._fake["tracks"]._fake["items"]
        return found

    def add_clip(self, path: str, start: float = 0.0, track: int = 0) -> Any:
        """An audio clip in the arrangement, selected."""
        clip = acting.create_in(self.desk, self.tracks[track], path, start, self.song)
        self.select(clip)
        return clip

    def add_session_clip(self, path: str, slot: int = 0) -> Any:
        """An audio clip in the session, selected."""
        slots = self.tracks[0]._fake["clip_slots"]._fake["items"]
        clip = acting.create_in_slot(self.desk, slots[slot], path, self.song)
        self.select(clip)
        return clip

    def select(self, clip: Any) -> None:
        """The clip is in the detail view."""
        self.song._fake["view"]._fake["detail_clip"] = clip

    def loop(self, start: float, length: float) -> None:
        """The loop brace, on."""
        self.song._fake |= {"loop": True, "loop_start": start, "loop_length": length}


def open_studio(missing: Iterable[str] = ()) -> Studio:
    """A set with one audio track and two scenes at 120 bpm, in the version of Live that lacks `missing`."""
    folder = stub_folder()
    assert folder is not None
    rules = Rules(missing=frozenset(missing))
    live = build_live(tuple(stub for stub in read_stubs(folder) if stub.name in MODULES), rules)
    desk = Desk(rules)
    song = acting.new(desk, "Song", tempo=120.0, signature_numerator=4, signature_denominator=4, data={})
    song._fake |= {"loop": False, "loop_start": 0.0, "loop_length": 16.0, "current_song_time": 0.0}
    song._fake |= {"scale_mode": False, "scale_name": "Major", "root_note": 0}
    song._fake |= {"tracks": acting.vector(desk, []), "scenes": acting.vector(desk, [])}
    act(rules, desk, song)
    begin = [acting.create_scene(desk, song, -1) for _ in range(2)]
    track = acting.make_track(desk, song, name="Guitar: nylon strings")
    view = acting.new(desk, "Song.View", detail_clip=None, selected_track=track, selected_scene=begin[0])
    song._fake["view"] = view
    desk.made_loose.clear()
    return Studio(desk, live, song)


def act(rules: Rules, desk: Desk, song: Any) -> None:
    """Fills the tables of what Live's objects do."""
    rules.read |= {
        ("Clip", "end_time"): acting.clip_end,
        ("Clip", "warp_markers"): lambda clip: acting.markers_of(desk, clip),
        ("ClipSlot", "has_clip"): lambda slot: slot._fake["clip"] is not None,
        ("Timer", "running"): lambda timer: timer._fake["running"],
    }
    rules.write |= {
        ("", ""): lambda owner, name, value: write_plain(desk, owner, name, value),
        ("Clip", "warping"): lambda clip, name, value: acting.set_warping(desk, clip, value),
        ("Clip", "loop_start"): lambda clip, name, value: acting.set_loop_point(desk, clip, name, value),
        ("Clip", "loop_end"): lambda clip, name, value: acting.set_loop_point(desk, clip, name, value),
    }
    rules.call |= {
        ("Song", "begin_undo_step"): lambda song: acting.begin_undo(desk),
        ("Song", "end_undo_step"): lambda song: acting.end_undo(desk),
        ("Song", "undo"): lambda song: acting.undo(desk),
        ("Song", "create_audio_track"): lambda song, index: acting.make_track(desk, song, index),
        ("Song", "create_scene"): lambda song, index: acting.create_scene(desk, song, index),
        ("Track", "create_take_lane"): lambda track: acting.create_lane(desk, track),
        ("Track", "create_audio_clip"): lambda track, path, at: acting.create_in(desk, track, path, at, song),
        ("TakeLane", "create_audio_clip"): lambda lane, path, at: acting.create_in(
            desk, lane, path, at, song
        ),
        ("ClipSlot", "create_audio_clip"): lambda slot, path: acting.create_in_slot(desk, slot, path, song),
        ("Clip", "add_warp_marker"): lambda clip, marker: acting.add_marker(desk, clip, marker),
        ("Clip", "move_warp_marker"): lambda clip, at, by: acting.move_marker(desk, clip, at, by),
        ("Clip", "remove_warp_marker"): lambda clip, beat: acting.remove_marker(desk, clip, beat),
        ("WarpMarker", "__init__"): lambda marker, second, beat: marker._fake.update(
            sample_time=second, beat_time=beat
        ),
        ("Timer", "__init__"): lambda timer, *given: start_timer(desk, timer, *given),
        ("Timer", "start"): lambda timer: timer._fake.update(running=True),
        ("Timer", "stop"): lambda timer: timer._fake.update(running=False),
        ("MidiMap", "forward_midi_note"): lambda _, *given: forward(desk, "note", *given),
        ("MidiMap", "forward_midi_cc"): lambda _, *given: forward(desk, "cc", *given),
    }
    for owner in ("Song", "Track"):
        rules.call[owner, "get_data"] = lambda found, key, usual: found._fake["data"].get(key, usual)
        rules.call[owner, "set_data"] = lambda found, key, value: found._fake["data"].update({key: value})


def write_plain(desk: Desk, owner: Any, name: str, value: Any) -> None:
    """A property that is only kept."""
    kept = owner._fake[name]
    desk.change(f"{name}", lambda: owner._fake.update({name: kept}))
    owner._fake[name] = value


def start_timer(desk: Desk, timer: Any, callback: Any, interval: int, *flags: bool) -> None:
    """A timer of Live's; flags: repeat, start."""
    repeat, start = (*flags, False, False)[:2]
    assert interval >= 1 and repeat
    timer._fake.update(callback=callback, running=start)
    desk.timers.append(timer)


def forward(desk: Desk, kind: str, *given: int) -> bool:
    """A note or controller that the script wants; given: script, map, channel, number."""
    desk.forwarded.append((kind, given[2], given[3]))
    return True


def counting_sockets(studio: Studio) -> Any:
    """The module `socket`, with sockets that count what goes through them."""

    class Counting(socket.socket):
        def send(self, data: Any, flags: int = 0) -> int:
            sent = super().send(data, flags)
            studio.bytes_moved += sent
            return sent

        def recv(self, size: int, flags: int = 0) -> bytes:
            got = super().recv(size, flags)
            studio.bytes_moved += len(got)
            return got

    return SimpleNamespace(**(vars(socket) | {"socket": Counting}))
