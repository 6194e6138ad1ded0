"""How the stand-in's songs, tracks and clips act: plain functions over their state, in the tables of Rules.

Every change is undoable, and is noted as loose when it was made outside an undo step. Live's own guesses (a
new clip may be warped to a tempo Live believes in) are made on purpose, and badly.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import soundfile

from tests.plugins.live.strict import Rules, make

LATEST = 1_576_800.0
"""Furthest beat of an arrangement, as the stubs say."""
SHADOW = 1 / 32
"""Beats behind the last marker at which Live keeps one of its own."""


@dataclass(slots=True)
class Desk:
    """What a test looks at besides the song."""

    rules: Rules
    guesses_tempo: bool = False
    is_starting: bool = False
    depth: int = 0
    steps: list[list[Callable[[], None]]] = field(default_factory=list)
    made_loose: list[str] = field(default_factory=list)
    clips_made: int = 0
    timers: list[Any] = field(default_factory=list)
    forwarded: list[tuple[str, int, int]] = field(default_factory=list)
    pointer: int = 1000

    def change(self, what: str, back: Callable[[], None]) -> None:
        """Notes a change; Live refuses all changes while it starts a script."""
        if self.is_starting:
            raise RuntimeError("changes cannot be made while a script is being started")
        if self.depth:
            self.steps[-1].append(back)
        else:
            self.made_loose.append(what)


def new(desk: Desk, kind: str, /, **state: Any) -> Any:
    """A living object of Live's."""
    desk.pointer += 1
    return make(desk.rules, kind, _live_ptr=desk.pointer, **state)


def vector(desk: Desk, items: list[Any], name: str = "Vector") -> Any:
    """A vector over a list that is not copied."""
    return make(desk.rules, name, items=items)


def make_track(desk: Desk, song: Any, index: int = -1, name: str = "Audio", is_audio: bool = True) -> Any:
    """A track with as many slots as there are scenes."""
    tracks = song._fake["tracks"]._fake["items"]
    place = len(tracks) if index == -1 else index
    if not 0 <= place <= len(tracks):
        raise RuntimeError("no such place for a track")
    track = new(desk, "Track", name=name, color=0, is_frozen=False, has_audio_input=is_audio, data={})
    state = track._fake
    state |= {"canonical_parent": song, "arrangement_clips": vector(desk, []), "take_lanes": vector(desk, [])}
    rows = len(song._fake["scenes"]._fake["items"])
    state["clip_slots"] = vector(desk, [make_slot(desk, track) for _ in range(rows)])
    tracks.insert(place, track)
    desk.change("track", lambda: tracks.remove(track))
    return track


def make_slot(desk: Desk, track: Any) -> Any:
    """An empty slot."""
    return new(desk, "ClipSlot", clip=None, canonical_parent=track)


def make_clip(desk: Desk, path: str, parent: Any, start: float, song: Any) -> Any:
    """A clip of a file, as Live makes it: at its own speed, or warped to a tempo that Live guesses."""
    if not Path(path).is_file():
        raise RuntimeError(f"{path} is no audio file")
    header = soundfile.info(path)
    desk.clips_made += 1
    clip = new(desk, "Clip", file_path=path, name=Path(path).stem, color=0, gain=1.0, looping=False)
    seconds = header.frames / header.samplerate
    clip._fake |= {
        "seconds": seconds,
        "sample_length": header.frames,
        "sample_rate": float(header.samplerate),
        "warping": False,
        "warp_mode": desk.rules.classes["WarpMode"](0),
        "markers": [],
        "loop_start": 0.0,
        "loop_end": seconds,
        "start_marker": 0.0,
        "end_marker": seconds,
        "start_time": start,
        "canonical_parent": parent,
        "song": song,
        "is_audio_clip": True,
        "is_recording": False,
        "is_arrangement_clip": type(parent).__name__ != "ClipSlot",
        "signature_numerator": song._fake["signature_numerator"],
        "signature_denominator": song._fake["signature_denominator"],
    }
    if desk.guesses_tempo:
        warp(clip, [(0.0, 0.0), (seconds / 3, 1.7 * seconds / 3), (seconds, 2.3 * seconds)])
    return clip


def warp(clip: Any, markers: list[tuple[float, float]]) -> None:
    """Warps a clip along (second, beat), all of its file."""
    shadow = (markers[-1][0] + SHADOW * 0.5, markers[-1][1] + SHADOW)
    clip._fake |= {"warping": True, "markers": [*markers, shadow]}
    clip._fake |= {"loop_start": markers[0][1], "start_marker": markers[0][1]}
    clip._fake |= {"loop_end": markers[-1][1], "end_marker": markers[-1][1]}


def set_warping(desk: Desk, clip: Any, value: bool) -> None:
    """Warp on: the file at the set's tempo; off: its own speed."""
    state = clip._fake
    kept = dict(state)
    desk.change("warping", lambda: state.update(kept))
    if value and not state["warping"]:
        warp(clip, [(0.0, 0.0), (state["seconds"], state["seconds"] * state["song"]._fake["tempo"] / 60)])
    elif not value:
        whole = {"loop_start": 0.0, "start_marker": 0.0, "loop_end": state["seconds"]}
        state.update({"warping": False, "markers": [], "end_marker": state["seconds"], **whole})


def clip_end(clip: Any) -> float:
    """Where an arrangement clip ends: its content's length in beats behind its start."""
    state = clip._fake
    length = state["loop_end"] - state["loop_start"]
    if state["looping"] and "arranged" in state:
        length = state["arranged"]
    beats = length if state["warping"] else length * state["song"]._fake["tempo"] / 60
    return float(state.get("ends_at") or state["start_time"] + beats)


def set_loop_point(desk: Desk, clip: Any, name: str, value: float) -> None:
    """Start or end of what plays; they may not cross."""
    state = clip._fake
    other = state["loop_end" if name == "loop_start" else "loop_start"]
    if (value >= other) if name == "loop_start" else (value <= other):
        raise RuntimeError("loop start must be before loop end")
    kept = state[name]
    desk.change(name, lambda: state.update({name: kept}))
    state[name] = float(value)


def add_marker(desk: Desk, clip: Any, marker: Any) -> None:
    """One more warp marker, if neither its second nor its beat is taken, and they go the same way."""
    state, found = clip._fake, (marker._fake["sample_time"], marker._fake["beat_time"])
    if not state["warping"]:
        raise RuntimeError("the clip is not warped")
    real = state["markers"][:-1]
    if any(abs(found[0] - second) < 1e-6 or abs(found[1] - beat) < 1e-6 for second, beat in real):
        raise RuntimeError("there is a warp marker already")
    if any((found[0] > second) != (found[1] > beat) for second, beat in real):
        raise RuntimeError("warp markers may not cross")
    kept = list(state["markers"])
    desk.change("marker", lambda: state.update(markers=kept))
    real = sorted([*real, found])
    state["markers"] = [*real, (real[-1][0] + SHADOW * 0.5, real[-1][1] + SHADOW)]


def remove_marker(desk: Desk, clip: Any, beat: float) -> None:
    """Takes a marker away; Live's own last one stays."""
    state = clip._fake
    real = [found for found in state["markers"][:-1] if abs(found[1] - beat) > 1e-6]
    if len(real) == len(state["markers"]) - 1 or len(real) < 2:
        raise RuntimeError("no such warp marker")
    kept = list(state["markers"])
    desk.change("marker", lambda: state.update(markers=kept))
    state["markers"] = [*real, state["markers"][-1]]


def move_marker(desk: Desk, clip: Any, beat: float, distance: float) -> None:
    """Shifts a marker on the beats, not over its neighbours."""
    state = clip._fake
    kept, real = list(state["markers"]), state["markers"][:-1]
    moved = [(s, b + distance) if abs(b - beat) < 1e-6 else (s, b) for s, b in real]
    if moved == real or sorted(moved, key=lambda found: found[1]) != moved:
        raise RuntimeError("no such warp marker, or one is in the way")
    desk.change("marker", lambda: state.update(markers=kept))
    state["markers"] = [*moved, (moved[-1][0] + SHADOW * 0.5, moved[-1][1] + SHADOW)]


def markers_of(desk: Desk, clip: Any) -> Any:
    """The warp markers as Live hands them out."""
    made = [make(desk.rules, "WarpMarker", sample_time=s, beat_time=b) for s, b in clip._fake["markers"]]
    return vector(desk, made, "WarpMarkerVector")


def create_in(desk: Desk, holder: Any, path: str, start: float, song: Any) -> Any:
    """An arrangement clip on a track or lane."""
    track = holder if type(holder).__name__ == "Track" else holder._fake["canonical_parent"]
    if not 0 <= start <= LATEST:
        raise RuntimeError(f"{start} is outside the arrangement")
    if track._fake["is_frozen"] or not track._fake["has_audio_input"]:
        raise RuntimeError("not on a frozen or MIDI track")
    clip = make_clip(desk, path, holder, start, song)
    clips = holder._fake["arrangement_clips"]._fake["items"]
    clips.append(clip)
    desk.change("clip", lambda: clips.remove(clip))
    return clip


def create_in_slot(desk: Desk, slot: Any, path: str, song: Any) -> Any:
    """A session clip."""
    if slot._fake["clip"] is not None:
        raise RuntimeError("the slot is not empty")
    clip = make_clip(desk, path, slot, 0.0, song)
    slot._fake["clip"] = clip
    desk.change("clip", lambda: slot._fake.update(clip=None))
    return clip


def create_lane(desk: Desk, track: Any) -> Any:
    """A take lane."""
    lane = new(desk, "TakeLane", name="Take", canonical_parent=track, arrangement_clips=vector(desk, []))
    lanes = track._fake["take_lanes"]._fake["items"]
    lanes.append(lane)
    desk.change("lane", lambda: lanes.remove(lane))
    return lane


def create_scene(desk: Desk, song: Any, index: int) -> Any:
    """A scene at the end."""
    assert index == -1
    scene = new(desk, "Scene", name="")
    scenes = song._fake["scenes"]._fake["items"]
    scenes.append(scene)
    for track in song._fake["tracks"]._fake["items"]:
        track._fake["clip_slots"]._fake["items"].append(make_slot(desk, track))
    desk.change("scene", lambda: scenes.remove(scene))
    return scene


def begin_undo(desk: Desk) -> None:
    """A step begins."""
    desk.depth += 1
    desk.steps.append([])


def end_undo(desk: Desk) -> None:
    """A step ends."""
    if desk.depth <= 0:
        raise RuntimeError("no undo step was begun")
    desk.depth -= 1


def undo(desk: Desk) -> str:
    """Takes the last step back."""
    for back in reversed(desk.steps.pop()):
        back()
    return ""
