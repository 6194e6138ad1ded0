"""The songs every table is measured on, made where they are needed: no one has to carry them.

held-out: the training composer and soundfonts, seeds no training used.  strange: the same composer played
by a soundfont that was never trained on, TimGM6mb (Debian timgm6mb-soundfont).
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from engine.training.corpus.__main__ import find_soundfonts
from engine.training.corpus.dataset import write_dataset

SEED = 910
STRANGE_SEED = 920
SECONDS = 32.0
STRANGE_FONTS = ("/usr/share/sounds/sf2/TimGM6mb.sf2", "/usr/share/soundfonts/TimGM6mb.sf2")


def place() -> Path:
    """A temporary folder for songs of just this composer: another state of it makes other songs."""
    digest = hashlib.sha256()
    for path in sorted((Path(__file__).parent / "corpus").glob("*.py")):
        digest.update(path.read_bytes())
    fonts = "-".join(font.stem for font in find_soundfonts()) or "own"
    return Path(tempfile.gettempdir()) / f"barline-songs-{digest.hexdigest()[:12]}-{fonts}"


def held_out(count: int) -> Path:
    """The folder of the held-out songs, at least `count` of them."""
    folder = place() / "held-out"
    write_dataset(folder, count, SEED, SECONDS, find_soundfonts(), 2)
    return folder


def strange(count: int) -> Path | None:
    """The folder of the strange songs; None where the soundfont is missing."""
    font = next((Path(path) for path in STRANGE_FONTS if Path(path).is_file()), None)
    if font is None:
        return None
    folder = place() / "strange"
    write_dataset(folder, count, STRANGE_SEED, SECONDS, [font], 2)
    return folder
