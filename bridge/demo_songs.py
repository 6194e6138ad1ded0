"""The songs the demo plays with, and a voice: those that came with Barline, or the user's own.

Knows files and tempo texts; nothing of the daemon or of what is done to a song.
"""

import argparse
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "demo_sources"
FIRST_BAR, LAST_BAR = 5, 9
STEMS = ("drums", "bass", "guitar", "vocals")
COVER = "calm solo piano, slow and bright"


@dataclass(frozen=True, slots=True)
class DemoSong:
    """A song whose first sample is the first beat of bar 1, and the bars of it to work on.

    tempo, meter: as in the `project` message.  start_bar, end_bar: half-open, bars from 1.  stems: classes
    worth taking out of it.  cover: how its cover is to sound.  is_voice: a voice alone, to be given a
    backing.  sung: when each sung line of the lyrics begins and ends, seconds, where that is known.
    """

    name: str
    file: Path
    tempo: str
    meter: str = "1 4/4"
    key: str = ""
    caption: str = ""
    lyrics: str = ""
    title: str = ""
    start_bar: int = FIRST_BAR
    end_bar: int = LAST_BAR
    language: str = "en"
    stems: Sequence[str] = STEMS
    cover: str = COVER
    is_voice: bool = False
    sung: Sequence[Sequence[float]] = ()
    notes: dict[str, str] = field(default_factory=dict)


class DemoError(Exception):
    """The demo cannot start; the text says what to change on the command line."""


def shipped_songs(folder: Path = FOLDER) -> list[DemoSong]:
    """The songs listed in the folder's sources.json. Words the demo has no field for are kept as notes."""
    songs = []
    for entry in json.loads((folder / "sources.json").read_text("utf-8")):
        known = {name: entry[name] for name in DemoSong.__slots__ if name in entry}
        notes = {name: str(text) for name, text in entry.items() if name not in known}
        songs.append(DemoSong(**(known | {"file": folder / entry["file"], "notes": notes})))
    return songs


def song_from_options(args: argparse.Namespace) -> DemoSong:
    """The user's own song, as --input and its companions say. Raises DemoError."""
    if not args.bpm:
        raise DemoError("--input needs --bpm: its tempo in quarter notes per minute")
    seconds = audio_seconds(args.input)
    start_bar, end_bar = args.start_bar, args.end_bar
    if (start_bar, end_bar) == (FIRST_BAR, LAST_BAR):
        start_bar, end_bar = bars_that_fit(seconds, args.bpm, args.beats_per_bar)
    return DemoSong(
        name=args.input.stem,
        file=args.input.resolve(),
        tempo=f"0 {args.bpm}",
        meter=f"1 {args.beats_per_bar}",
        caption=args.caption,
        title=args.input.name,
        start_bar=start_bar,
        end_bar=end_bar,
    )


def bars_that_fit(seconds: float, bpm: str, meter: str) -> tuple[int, int]:
    """Bars 5 to 8, or in a shorter song its last four bars or what it has of them; half-open, from 1."""
    try:
        beats, unit = (int(number) for number in meter.split("/"))
        whole = int(seconds * float(Fraction(bpm)) / 60 / (4 * beats / unit))
    except (ValueError, ZeroDivisionError):
        return FIRST_BAR, LAST_BAR  # no tempo or meter: the message that carries it says what is wrong
    end = max(2, min(LAST_BAR, whole + 1))
    return max(1, end - (LAST_BAR - FIRST_BAR)), end


def audio_seconds(path: Path) -> float:
    """Length of an audio file. Raises DemoError unless it can be read as audio."""
    import soundfile

    try:
        return float(soundfile.info(str(path)).duration)
    except (OSError, soundfile.LibsndfileError) as error:
        raise DemoError(f"{path} cannot be read as audio: {error}") from error


def copy_song(song: DemoSong, folder: Path) -> Path:
    """A copy of the song in `folder` that every player and DAW opens: FLAC becomes WAV with the same samples.

    Returns the copy's path; never overwrites.
    """
    if song.file.suffix.lower() != ".flac":
        copy = free_name(folder / song.file.name)
        shutil.copyfile(song.file, copy)
        return copy
    import soundfile

    header = soundfile.info(str(song.file))
    # int32 holds 16, 20 and 24 bits without loss, and libsndfile cuts the same zeros off again.
    audio, rate = soundfile.read(str(song.file), dtype="int32", always_2d=True)
    copy = free_name(folder / f"{song.file.stem}.wav")
    soundfile.write(str(copy), audio, rate, subtype=header.subtype)
    return copy


def free_name(path: Path) -> Path:
    """The path itself, or the first of NAME-2, NAME-3 ... that is free."""
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return found


def results_folder(wanted: Path | None, here: Path) -> Path:
    """A new or empty folder for the results: `wanted`, or demo_out, demo_out-2 ... in `here`.

    Raises DemoError.
    """
    if wanted is not None and wanted.exists() and not is_empty_folder(wanted):
        raise DemoError(f"--out {wanted} already holds something; name a new or empty folder")
    folder = wanted or here / "demo_out"
    if not is_empty_folder(folder):
        folder = free_name(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def is_empty_folder(path: Path) -> bool:
    """Whether path is a folder with nothing in it."""
    return path.is_dir() and not any(path.iterdir())
