"""The songs every table is measured on, made where they are needed: no one has to carry them.

held-out: the training composer and soundfonts, seeds no training used.  Strange songs, unlike the corpus:
ood, the same composer played by a soundfont that was never trained on, TimGM6mb; mma, another program's
composing played by that soundfont; real, recordings of a band.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from engine.training import charts, recordings
from engine.training.corpus.__main__ import find_soundfonts
from engine.training.corpus.dataset import write_dataset
from engine.training.corpus.render import load_soundfont

SEED = 910
SUNG_SEED = 912
STRANGE_SEED = 920
SECONDS = 32.0
STRANGE_FONTS = ("/usr/share/sounds/sf2/TimGM6mb.sf2", "/usr/share/soundfonts/TimGM6mb.sf2")


def place() -> Path:
    """A temporary folder for songs of just this composer: another state of it makes other songs."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in (*sorted((here / "corpus").glob("*.py")), here / "charts.py", here / "recordings.py"):
        digest.update(path.read_bytes())
    fonts = "-".join(font.stem for font in find_soundfonts()) or "own"
    return Path(tempfile.gettempdir()) / f"barline-songs-{digest.hexdigest()[:12]}-{fonts}"


def held_out(count: int) -> Path:
    """The folder of the held-out songs, at least `count` of them."""
    folder = place() / "held-out"
    write_dataset(folder, count, SEED, SECONDS, find_soundfonts(), 2)
    return folder


def sung(count: int) -> Path:
    """The folder of held-out songs that are all sung."""
    folder = place() / "sung"
    write_dataset(folder, count, SUNG_SEED, SECONDS, find_soundfonts(), 2, vocals=1.0)
    return folder


def strange(count: int) -> dict[str, Path]:
    """The folders of the strange songs by the name of their set, without those whose packages are missing."""
    makers = {"ood": other_soundfont, "mma": other_composer, "real": real_audio}
    made = {kind: maker(place() / kind, count) for kind, maker in makers.items()}
    for kind, folder in made.items():
        if isinstance(folder, str):
            print(f"{kind} songs skipped: {folder}", flush=True)
    return {kind: folder for kind, folder in made.items() if isinstance(folder, Path)}


def strange_font() -> Path | None:
    """TimGM6mb, where it is installed."""
    return next((Path(path) for path in STRANGE_FONTS if Path(path).is_file()), None)


def other_soundfont(folder: Path, count: int) -> Path | str:
    """The composer's songs by another soundfont; a text says what is missing."""
    font = strange_font()
    if font is None:
        return "no TimGM6mb.sf2 (Debian timgm6mb-soundfont)"
    write_dataset(folder, count, STRANGE_SEED, SECONDS, [font], 2)
    return folder


def other_composer(folder: Path, count: int) -> Path | str:
    """Another composer's songs by another soundfont; a text says what is missing."""
    font = strange_font()
    if font is None or load_soundfont(str(font)) is None or not charts.is_installed():
        return "they need mma and TimGM6mb.sf2 (Debian mma, timgm6mb-soundfont) and tinysoundfont"
    charts.write_chart_songs(folder, count, SECONDS, font)
    return folder


def real_audio(folder: Path, count: int) -> Path | str:
    """Excerpts of recordings; a text says what is missing."""
    if not recordings.find_songs():
        return "no recordings (Debian fretsonfire-songs-sectoid)"
    recordings.write_recordings(folder, count, SECONDS)
    return folder
