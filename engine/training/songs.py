"""Songs of a corpus folder in memory: stems as int16, so that hours of music fit and a crop costs a copy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.training.corpus.dataset import read_song
from engine.training.corpus.values import Song, song_to_json


@dataclass(frozen=True, slots=True)
class SongAudio:
    """A song with its sound: `stems` int16 (S, 2, n) at 48 kHz, in the order of `names`; the mix is their
    sum.
    """

    song: Song
    names: tuple[str, ...]
    stems: NDArray[np.int16]


def song_folders(corpus: Path) -> list[Path]:
    """The finished songs of a corpus folder, in order."""
    return sorted(p.parent for p in corpus.glob("song_*/song.json"))


def load_corpora(corpora: list[Path]) -> list[SongAudio]:
    """Every song of some corpus folders. Raises FileNotFoundError when one of them has none."""
    return [song for corpus in corpora for song in load_audio(corpus)]


def load_audio(corpus: Path, limit: int | None = None) -> list[SongAudio]:
    """Read the songs of a corpus folder into memory. Raises FileNotFoundError when there are none."""
    folders = song_folders(corpus)[:limit]
    if not folders:
        raise FileNotFoundError(
            f"no songs in {corpus}: write some with `python -m engine.training corpus --out {corpus}`"
        )
    return [SongAudio(song, tuple(names), np.array(audio)) for song, names, audio in map(read_song, folders)]


def mix_of(audio: SongAudio) -> NDArray[np.float32]:
    """The mix (2, n) in -1..1."""
    out: NDArray[np.float32] = (audio.stems.sum(0, dtype=np.int32) / 32768).astype(np.float32)
    return out


def write_audio(folder: Path, song: Song, stems: dict[str, NDArray[np.float32]]) -> None:
    """A song of a corpus folder from stems (2, n) in -1..1, by class. The sheet is written last."""
    folder.mkdir(parents=True, exist_ok=True)
    audio = np.stack([np.rint(np.clip(stem, -1, 1) * 32767).astype(np.int16) for stem in stems.values()])
    np.save(folder / "audio.npy", audio)
    sheet = {"song": json.loads(song_to_json(song)), "stems": list(stems), "soundfont": None}
    (folder / "song.json").write_text(json.dumps(sheet), encoding="utf-8")
