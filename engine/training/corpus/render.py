"""Renders a song's parts to stems at 48 kHz: a soundfont through
tinysoundfont, or our own synths; then the bus.
"""

import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy import fft

from .drum_synth import KITS, strike, sweep_noise, vary_hit
from .effects import RATE, active_level, add_echo, add_room, pan_gains, room_response, saturate, squeeze
from .grid import seconds_of_beats
from .singer import sing_part
from .synth import VOICES, play_note, vary_voice
from .values import Part, Song

log = logging.getLogger(__name__)

REFERENCE = 0.1  # RMS of a part with gain_db 0 before the song's gain: -20 dBFS
LONGEST_TAIL = 3.2  # seconds of room that must not wrap around
SYNTH_OF_CLASS = {  # own synths where there is no soundfont
    "woodwinds": "reed",
    "brass": "brass",
    "fx": "pad",
    "synth": "saw lead",
    "strings": "strings",
    "percussion": "mallet",
    "keyboard": "fm",
    "guitar": "plucked string",
    "bass": "square bass",
}
ROOMS = {  # style -> seconds of reverberation, lowest and highest; others ROOM
    "ambient": (1.8, 3.0),
    "cinematic": (1.4, 2.6),
    "chamber": (0.9, 1.8),
    "ballad": (0.8, 1.6),
    "synthwave": (0.8, 1.6),
    "trance": (0.8, 1.6),
    "funk": (0.2, 0.5),
    "hip hop": (0.2, 0.5),
    "techno": (0.3, 1.0),
}
ROOM = (0.3, 1.1)
SENDS = {
    "drums": 0.07,
    "bass": 0.0,
    "percussion": 0.12,
    "synth": 0.16,
    "strings": 0.25,
    "fx": 0.25,
    "vocals": 0.16,
    "backing_vocals": 0.28,
}
SEND = 0.15
DRIVES = {
    "drums": (0.8, 2.8),
    "percussion": (0.6, 2.0),
    "vocals": (-1.5, 0.8),
}  # rounds the peaks that would set the whole mix's level
DRIVE = (-1.0, 1.6)  # negative: clean
ECHOING = ("synth", "woodwinds", "guitar", "keyboard")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A soundfont in tinysoundfont's synth (typed Any: the package is optional and untyped)."""

    synth: Any
    font: int


@dataclass(frozen=True, slots=True)
class Room:
    """Spectrum of a room's response, (2, bins), for transforms of `size` samples."""

    spectrum: np.ndarray
    size: int


@lru_cache(maxsize=1)
def load_soundfont(path: str) -> Loaded | None:
    """tinysoundfont's synth with the file loaded, and its id; None (said once) without the package."""
    try:
        import tinysoundfont  # type: ignore[import-untyped]
    except ImportError:
        log.warning("tinysoundfont is not installed: every part is played by our own synths")
        return None
    synth = tinysoundfont.Synth(gain=-6, samplerate=RATE)
    return Loaded(synth, synth.sfload(path, max_voices=128))


def note_samples(song: Song, part: Part) -> tuple[np.ndarray, np.ndarray]:
    """First samples of all notes, and the samples where they are let go."""
    starts = np.array([n.beat for n in part.notes])
    stops = starts + np.array([n.length for n in part.notes])
    lo = np.rint(seconds_of_beats(song, starts) * RATE).astype(int)
    hi = np.rint(seconds_of_beats(song, stops) * RATE).astype(int)
    return lo, np.maximum(hi, lo + 1)


def select_program(synth: Any, font: int, part: Part) -> None:
    """Sets channel 0 to the part's program, or to the standard kit where the font lacks the asked one."""
    bank = 128 if part.is_drums else 0
    known = synth.sfpreset_name(font, bank, part.program) is not None
    synth.program_select(0, font, bank, part.program if known else 0, part.is_drums)


def play_soundfont(song: Song, part: Part, count: int, loaded: Loaded, cents: float) -> np.ndarray:
    """A part through the soundfont, (2, count): rendered from event to event, so sample-accurate."""
    synth, font = loaded.synth, loaded.font
    select_program(synth, font, part)
    synth.set_tuning(0, cents / 100.0)
    lo, hi = note_samples(song, part)
    events = sorted(
        [(int(at), 1, n.pitch, n.velocity) for at, n in zip(lo, part.notes, strict=True)]
        + [(int(at), 0, n.pitch, 0) for at, n in zip(hi, part.notes, strict=True)]
    )
    sound = np.zeros((count, 2), np.float32)
    done = 0
    for at, is_on, pitch, velocity in events:
        stop = min(at, count)
        if stop > done:
            synth.generate(stop - done, sound[done:stop].data.cast("B"))
            done = stop
        if is_on:
            synth.noteon(0, pitch, velocity)
        else:
            synth.noteoff(0, pitch)
    if done < count:
        synth.generate(count - done, sound[done:].data.cast("B"))
    synth.sounds_off()
    synth.generate(RATE // 10)  # what still rings must not leak into the next part
    return np.ascontiguousarray(sound.T)


def play_drum_machine(song: Song, part: Part, count: int, kit: str, rng: np.random.Generator) -> np.ndarray:
    """A part of drum hits; each sound of the kit is made once."""
    sound = np.zeros(count + 3 * RATE, np.float32)
    kit_hits = {
        pitch: strike(vary_hit(pitch, kit, rng), rng) for pitch in sorted({n.pitch for n in part.notes})
    }
    lo, _ = note_samples(song, part)
    for note, at in zip(part.notes, lo, strict=True):
        hit = kit_hits[note.pitch]
        sound[at : at + len(hit)] += hit * np.float32((note.velocity / 127.0) ** 1.6)
    return np.stack([sound[:count], sound[:count]])


def play_sweeps(song: Song, part: Part, count: int, rng: np.random.Generator) -> np.ndarray:
    """A part of risers, impacts and falls."""
    sound = np.zeros((2, count), np.float32)
    lo, hi = note_samples(song, part)
    for note, first, stop in zip(part.notes, lo, np.minimum(hi, count), strict=True):
        length = stop - first
        if length > 256:
            level = np.float32(note.velocity / 127.0)
            sound[0, first:stop] += sweep_noise(note.pitch, length, rng) * level
            sound[1, first:stop] += sweep_noise(note.pitch, length, rng) * level
    return sound


def play_voice(song: Song, part: Part, count: int, name: str, rng: np.random.Generator) -> np.ndarray:
    """A part of one of our pitched synths."""
    voice = vary_voice(VOICES[name], rng)
    sound = np.zeros((2, count), np.float32)
    lo, hi = note_samples(song, part)
    for note, first, stop in zip(part.notes, lo, hi, strict=True):
        wave = play_note(voice, note.pitch, int(stop - first), note.velocity, rng)[:, : count - first]
        sound[:, first : first + wave.shape[1]] += wave
    return sound


def play_own(song: Song, part: Part, count: int, rng: np.random.Generator) -> np.ndarray:
    """A part by our own synths, the one it asks for or the one of its class."""
    if part.synth == "singer":
        return squeeze(sing_part(song, part, count))
    if part.synth == "sweeps":
        return play_sweeps(song, part, count, rng)
    if part.is_drums or part.synth in KITS:
        kit = part.synth if part.synth in KITS else "analog kit"
        return play_drum_machine(song, part, count, kit, rng)
    return play_voice(song, part, count, part.synth or SYNTH_OF_CLASS[part.stem_class], rng)


def treat_part(song: Song, part: Part, sound: np.ndarray, room: Room, rng: np.random.Generator) -> np.ndarray:
    """The part on its bus: level, saturation, echo, room and tilt, balance."""
    level = active_level(sound)
    if level > 0.0:
        sound = sound * np.float32(REFERENCE * 10 ** (part.gain_db / 20) / level)
    low, high = DRIVES.get(part.stem_class, DRIVE)
    sound = saturate(sound, rng.uniform(low, high))
    if part.stem_class in ECHOING and rng.random() < 0.25:
        beat = 60.0 / float(song.tempo[0].bpm)
        sound = add_echo(sound, int(RATE * beat * rng.choice((0.5, 0.75))), rng.uniform(0.15, 0.4))
    send = SENDS.get(part.stem_class, SEND) * rng.uniform(0.3, 1.6)
    sound = add_room(sound, room.spectrum, room.size, send, rng.uniform(-4.0, 4.0))
    return sound * pan_gains(part.pan)


def make_room(song: Song, count: int, rng: np.random.Generator) -> Room:
    """Spectrum of the song's room, (2, bins), and the transform's size."""
    size = fft.next_fast_len(count + int(LONGEST_TAIL * RATE), real=True)
    response = room_response(rng.uniform(*ROOMS.get(song.style, ROOM)), rng)
    return Room(fft.rfft(response, size, axis=1), size)


def level_mix(stems: dict[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """All stems by one gain, so that their sum peaks in .5...95 and no stem clips."""
    mix = sum(stems.values())
    peak = max(float(np.abs(mix).max()), 1e-9)
    stem_peak = max(float(np.abs(stem).max()) for stem in stems.values())
    gain = min(rng.uniform(0.5, 0.95) / peak, 0.98 / max(stem_peak, 1e-9))
    return {name: stem * np.float32(gain) for name, stem in stems.items()}


def render_parts(song: Song, soundfont: Path | str | None) -> dict[str, np.ndarray]:
    """Stems of a song by class, (2, n) float32 at 48 kHz; their exact sum is the mix, peaking in .5...95.

    n = seconds of the song's end * 48000, rounded.  Without a soundfont every part is played by our own
    synths.
    """
    count = round(float(seconds_of_beats(song, np.array(song.beats))) * RATE)
    rng = np.random.Generator(np.random.PCG64(song.seed))
    loaded = None if soundfont is None else load_soundfont(str(soundfont))
    room = make_room(song, count, rng)
    tuning = rng.normal(0.0, 8.0) if rng.random() < 0.2 else 0.0
    stems: dict[str, np.ndarray] = {}
    for index, part in enumerate(song.parts):
        own = np.random.Generator(np.random.PCG64([song.seed, index]))
        if part.synth is not None or loaded is None:
            sound = play_own(song, part, count, own)
        else:
            sound = play_soundfont(song, part, count, loaded, tuning + own.normal(0.0, 2.0))
        sound = treat_part(song, part, sound, room, own)
        stems[part.stem_class] = stems[part.stem_class] + sound if part.stem_class in stems else sound
    return level_mix(stems, rng)
