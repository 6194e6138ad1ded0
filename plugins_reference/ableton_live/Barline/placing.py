"""Puts results into Live: take lane, else arrangement, else session slot, else a file and a word about it.

Which of these there are is asked of the objects themselves, because it depends on the version: take lanes
came with 12.2, audio clips from files with 12.0.5. A generator makes one clip and then yields, so that a tick
holds one import at most; between two steps it keeps nothing of Live's but the song, and finds its track by
its tag.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import Live

from .maps import Marker, clean_markers, marker_seconds
from .reading import SAME_PLACE, SLOTS, marker_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from Live.Clip import Clip
    from Live.Song import Song
    from Live.Track import Track

    from .orders import Spot

TAG = "barline.tag"
COLOR = 0x1A9F8A
"""Of every clip and track made here; Live takes the nearest of its palette."""
GUESSED = 120
"""Warp markers of Live's own guess that are looked at in a new clip, at most."""
KEPT = 4
"""Guessed warp markers that are moved, at most: Live keeps the first and perhaps the last."""
WARP_ERROR_S = 0.001
LENGTH_ERROR = 1 / 960
"""Quarter notes by which a placed clip may be too long or too short before it is told."""


class TakeFile(NamedTuple):
    """One file of a result. name: of the stem, "" where there is only one."""

    path: str
    name: str


def can_place(track: Track) -> bool:
    """Can this version of Live make clips from files at all?"""
    slots = track.clip_slots
    return hasattr(track, "create_audio_clip") or (len(slots) > 0 and hasattr(slots[0], "create_audio_clip"))


def tagged_track(song: Song, tag: str) -> tuple[int, Track] | None:
    """The track with this tag and its place; None when it was deleted."""
    for index, track in enumerate(song.tracks):
        if track.get_data(TAG, "") == tag:
            return index, track
    return None


def place(song: Song, spot: Spot, files: list[TakeFile]) -> Generator[str, None, None]:
    """Places files, one for each step, under one undo step; yields what there is to say about each."""
    song.begin_undo_step()
    try:
        for number, file in enumerate(files):
            name = f"{spot.name} {file.name}".strip()
            yield place_one(song, spot._replace(name=name), file.path, number)
    finally:
        song.end_undo_step()


def place_one(song: Song, spot: Spot, path: str, number: int) -> str:
    """One file; number: how many tracks of this result there are already."""
    try:
        clip = make_clip(song, spot, path, number)
        if clip is None:
            return f"this Live makes no clips from files: drag it in from {path}"
        dress(clip, spot)
    except (RuntimeError, Live.Base.LimitationError) as error:
        return f"Live does not take it ({error}): it is here: {path}"
    return complaint(clip, spot)


def make_clip(song: Song, spot: Spot, path: str, number: int) -> Clip | None:
    """The clip in the best place there is, None where there is none. Raises RuntimeError, LimitationError."""
    home = tagged_track(song, spot.tag)
    if home is None or spot.own_tracks or not home[1].has_audio_input or home[1].is_frozen:
        return on_new_track(song, spot, path, home[0] + number if home else -1)
    track = home[1]
    if not spot.is_arrangement:
        return in_slot(song, track, spot.slot + 1, path)
    if hasattr(track, "create_take_lane"):
        lane = track.create_take_lane()
        lane.name = spot.name
        return lane.create_audio_clip(path, spot.start)
    # On its own track it would cut into the original, which stays as it is.
    return on_new_track(song, spot, path, home[0])


def on_new_track(song: Song, spot: Spot, path: str, behind: int) -> Clip | None:
    """The clip on a new audio track behind the given one; -1: at the end."""
    if not can_place(song.view.selected_track):
        return None
    index = behind + 1 if behind >= 0 else -1
    track = song.create_audio_track(index)
    track.name = spot.name
    track.color = COLOR
    if spot.is_arrangement and hasattr(track, "create_audio_clip"):
        return track.create_audio_clip(path, spot.start)
    return in_slot(song, track, max(spot.slot, 0), path)


def in_slot(song: Song, track: Track, first: int, path: str) -> Clip | None:
    """The clip in the first free slot from `first` on; in a new scene when all are taken."""
    slots = track.clip_slots
    rows = range(first, min(len(slots), first + SLOTS))
    free = next((slots[row] for row in rows if not slots[row].has_clip), None)
    if free is None:
        song.create_scene(-1)
        slots = track.clip_slots
        free = slots[len(slots) - 1]
    if not hasattr(free, "create_audio_clip"):
        return None
    return free.create_audio_clip(path)


def dress(clip: Clip, spot: Spot) -> None:
    """Name, colour, and a warp that is known: Live may have guessed one when it made the clip."""
    clip.name = spot.name
    clip.color = COLOR
    clip.warping = bool(spot.markers)
    if not spot.markers:
        return
    if spot.warp_mode > 0:
        clip.warp_mode = Live.Clip.WarpMode(spot.warp_mode)
    found = clip.warp_markers
    guessed = [found[index].beat_time for index in range(1, min(len(found), GUESSED) - 1)]
    for beat in guessed:
        drop_marker(clip, beat)
    move_rest(clip, list(spot.markers))
    for marker in spot.markers:
        set_marker(clip, marker)
    clip.looping = False
    clip.loop_end = spot.length
    clip.loop_start = 0.0


def set_marker(clip: Clip, marker: Marker) -> None:
    """Pins one second to one beat; where one stands there already, Live refuses, and `complaint` looks."""
    try:
        clip.add_warp_marker(Live.Clip.WarpMarker(marker.seconds, marker.beat))
    except RuntimeError:
        pass


def drop_marker(clip: Clip, beat: float) -> None:
    """Removes a marker that Live guessed; the last one, which Live itself needs, it does not give away."""
    try:
        clip.remove_warp_marker(beat)
    except RuntimeError:
        pass


def move_rest(clip: Clip, wanted: list[Marker]) -> None:
    """Brings the guessed markers that Live keeps onto the wanted line, so that they cross none of it."""
    turned = [Marker(marker.beat, marker.seconds) for marker in wanted]
    found = clip.warp_markers
    rest = [marker_of(found[index]) for index in range(min(len(found) - 1, KEPT))]
    for marker in reversed(rest):
        distance = marker_seconds(turned, marker.seconds) - marker.beat
        if abs(distance) > SAME_PLACE:
            try:
                clip.move_warp_marker(marker.beat, distance)
            except RuntimeError:
                pass  # `complaint` looks at what came of it


def complaint(clip: Clip, spot: Spot) -> str:
    """What is not as it should be with a placed clip; "" when it lies right."""
    if spot.is_arrangement and clip.is_arrangement_clip:
        if abs(clip.end_time - clip.start_time - spot.length) > LENGTH_ERROR:
            return "the clip's length in Live is not the region's: look at its warp and its end"
    if spot.markers and not is_warped_right(clip, spot):
        return "Live did not take all warp markers: check the take against the grid"
    return ""


def is_warped_right(clip: Clip, spot: Spot) -> bool:
    """Does every marker of the spot sound when it should?"""
    found = clip.warp_markers
    near = range(min(len(found), GUESSED + len(spot.markers)))
    markers = clean_markers([marker_of(found[index]) for index in near])
    if not clip.warping or len(markers) < 2:
        return False
    errors = [abs(marker_seconds(markers, wanted.beat) - wanted.seconds) for wanted in spot.markers]
    return max(errors) <= WARP_ERROR_S
