"""Reads Live: the clip that is meant, the span that is meant, and the grid under them. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import Live

from .maps import Marker, Timeline, bar_beats, clean_markers, straight_timeline, warped_timeline
from .wishes import WishError

if TYPE_CHECKING:
    from Live.Clip import Clip, WarpMarker, WarpMarkerVector
    from Live.LomObject import LomObject
    from Live.Song import Song
    from Live.Track import Track

    from .wishes import Settings

TEMPO_DIFFERS = 1e-4
"""Relative difference from which an unwarped clip's own length shows that the tempo is automated below it."""
SAME_PLACE = 1e-6
"""Beats."""
MARKERS, MARKERS_AROUND = 120, 24
"""Warp markers that are read under a span, at most, and on each side of it: each costs Live's thread time."""
SLOTS = 200
"""Slots that are looked through."""
KEYS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
SCALES = {"Major": "major", "Minor": "minor"}
"""Live's scales that are keys on the wire."""


class Span(NamedTuple):
    """What an action works on, in values that stay when the clip is gone.

    start, end: Live's beats, of the arrangement or of a session clip's own time.
    warp_mode: -1 where the take shall play at its own speed. note: what the user should know.
    """

    source: str
    timeline: Timeline
    meter: str
    bar: float
    start: float
    end: float
    is_arrangement: bool
    slot: int
    warp_mode: int
    name: str
    note: str = ""


def find_clip(song: Song) -> Clip:
    """The clip in the detail view, else the selected track's at the arrangement loop. Raises WishError."""
    clip = song.view.detail_clip
    if clip is None and song.loop:
        start, end = song.loop_start, song.loop_start + song.loop_length
        clips = song.view.selected_track.arrangement_clips
        clip = next((c for c in clips if c.start_time < end and c.end_time > start), None)
    if clip is None:
        raise WishError("select an audio clip first")
    if not clip.is_audio_clip:
        raise WishError("this is a MIDI clip: freeze and flatten it, or resample it, to have audio")
    if clip.is_recording or not clip.file_path:
        raise WishError("this clip has no file yet: stop the recording first")
    return clip


def track_of(clip: Clip) -> Track:
    """The track that a clip lies on, in a slot, in the arrangement or in a take lane. Raises WishError."""
    owner: LomObject | None = parent_of(clip)
    while not isinstance(owner, Live.Track.Track):
        if owner is None:
            raise WishError("this clip lies on no track")
        owner = parent_of(owner)
    return owner


def parent_of(found: LomObject) -> LomObject | None:
    """What holds something of Live's. For a clip the stubs say a slot; in the arrangement it is a track."""
    return found.canonical_parent


def slot_of(track: Track, clip: Clip) -> int:
    """Which slot of its track a session clip lies in; 0 where it cannot be seen."""
    slots, owner = track.clip_slots, clip.canonical_parent
    return next((index for index in range(min(len(slots), SLOTS)) if slots[index] == owner), 0)


def read_span(song: Song, clip: Clip) -> Span:
    """The span that is meant of a clip, and its timeline. Raises WishError."""
    if clip.is_arrangement_clip:
        return arrangement_span(song, clip)
    return session_span(song, clip)


def session_span(song: Song, clip: Clip) -> Span:
    """A session clip's loop, or what it plays from its start to its end marker; in its own beats."""
    bar, meter = bar_of(clip.signature_numerator, clip.signature_denominator)
    start, end = clip.loop_start, clip.loop_end
    if clip.warping:
        timeline = warped_timeline(read_markers(clip, start, end), bar)
    else:
        rate = song.tempo / 60.0
        start, end = start * rate, end * rate
        timeline = straight_timeline(0.0, song.tempo, bar)
    slot = slot_of(track_of(clip), clip)
    mode = int(clip.warp_mode) if clip.warping else -1
    return Span(clip.file_path, timeline, meter, bar, start, end, False, slot, mode, clip.name)


def arrangement_span(song: Song, clip: Clip) -> Span:
    """The part of an arrangement clip under the loop brace, if that is on and meets it; else all of it."""
    start, end = loop_or_all(song, clip)
    bar, meter = bar_of(song.signature_numerator, song.signature_denominator)
    mode, note = -1, ""
    if clip.warping:
        added = beats_before_content(clip, start, end)
        found = read_markers(clip, start - added, end - added)
        markers = [Marker(marker.seconds, marker.beat + added) for marker in found]
        timeline, mode = warped_timeline(markers, bar), int(clip.warp_mode)
    else:
        bpm, note = measured_tempo(song, clip)
        timeline = straight_timeline(clip.start_time - clip.loop_start * bpm / 60.0, bpm, bar)
    return Span(clip.file_path, timeline, meter, bar, start, end, True, -1, mode, clip.name, note)


def loop_or_all(song: Song, clip: Clip) -> tuple[float, float]:
    """Arrangement beats of the clip under the loop brace, or of the whole clip."""
    start, end = clip.start_time, clip.end_time
    if song.loop:
        low, high = max(start, song.loop_start), min(end, song.loop_start + song.loop_length)
        if low < high:
            return low, high
    return start, end


def beats_before_content(clip: Clip, start: float, end: float) -> float:
    """What to add to the clip's beats to have the arrangement's, for the pass of its loop at start..end.

    Raises WishError when the span reaches over the seam of a loop: there one beat has two sources.
    """
    if not clip.looping:
        return clip.start_time - clip.loop_start
    added, seam = clip.start_time - clip.start_marker, clip.loop_end
    length = seam - clip.loop_start
    if length > 0 and start - added >= seam:
        added += ((start - added - seam) // length + 1) * length
    if end - added > seam + SAME_PLACE:
        raise WishError("the clip's loop begins anew inside the span: consolidate it, or set the loop brace")
    return added


def measured_tempo(song: Song, clip: Clip) -> tuple[float, str]:
    """The tempo under an unwarped clip, by its length in beats and seconds; a note where it is automated.

    Live tells a script the tempo at the playhead only. But an unwarped clip is so many seconds and so many
    beats long: where that is another tempo, the tempo changes below it, and this is its mean.
    """
    seconds, beats = clip.loop_end - clip.loop_start, clip.end_time - clip.start_time
    if clip.looping or seconds <= 0 or beats <= 0:
        return song.tempo, ""
    mean = 60.0 * beats / seconds
    if abs(mean - song.tempo) <= TEMPO_DIFFERS * song.tempo:
        return song.tempo, ""
    return mean, f"the tempo is automated here; {mean:.2f} bpm on average was used. Warp the clip to be exact"


def read_markers(clip: Clip, low: float, high: float) -> list[Marker]:
    """A warped clip's markers at low..high of its own beats and some around, clean. Raises WishError."""
    found = clip.warp_markers
    count = len(found)
    first = first_marker(found, count, low)
    last = first_marker(found, count, high)
    if last - first > MARKERS:
        text = f"there are {last - first} warp markers here, {MARKERS} are the most: choose a shorter span"
        raise WishError(text)
    near = range(max(0, first - MARKERS_AROUND), min(count, last + MARKERS_AROUND))
    markers = clean_markers([marker_of(found[index]) for index in near])
    if len(markers) < 2:
        raise WishError("this clip's warp markers make no tempo map: warp it anew, or turn warping off")
    return markers


def first_marker(found: WarpMarkerVector, count: int, beat: float) -> int:
    """The place of the first marker at or behind a beat, by halving: an auto-warped song has thousands."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if found[middle].beat_time >= beat else (middle + 1, high)
    return low


def marker_of(found: WarpMarker) -> Marker:
    """Live's marker as ours; its sample_time counts seconds, whatever its name says."""
    return Marker(found.sample_time, found.beat_time)


def loop_span(song: Song, settings: Settings) -> Span:
    """Where something new goes: the loop brace if it is on, else so many bars from the playhead's bar on."""
    bar, meter = bar_of(song.signature_numerator, song.signature_denominator)
    if song.loop:
        start, end = song.loop_start, song.loop_start + song.loop_length
    else:
        start = song.current_song_time // bar * bar
        end = start + settings.bars * bar
    track = song.view.selected_track
    timeline = straight_timeline(0.0, song.tempo, bar)
    return Span("", timeline, meter, bar, start, end, True, -1, 0, track.name)


def bar_of(numerator: int, denominator: int) -> tuple[float, str]:
    """Beats of a bar, and the signature as the daemon writes it."""
    return bar_beats(numerator, denominator), f"{numerator}/{denominator}"


def key_of(song: Song) -> str:
    """The set's key where the user has turned its scale on (Live 12); "" where Live only shows a default."""
    if not hasattr(song, "scale_mode") or not song.scale_mode or song.scale_name not in SCALES:
        return ""
    return f"{KEYS[song.root_note % 12]} {SCALES[song.scale_name]}"
