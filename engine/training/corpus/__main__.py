"""python -m engine.training.corpus: writes a data set of procedurally composed songs."""

import argparse
import sys
import time
from pathlib import Path

from .composer import VOCAL_SHARE
from .dataset import write_dataset

TRAINING_FONTS = (  # usual places of the two soundfonts (both MIT); of each line the first that exists
    ("/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/soundfonts/FluidR3_GM.sf2"),
    (
        "/usr/share/sounds/sf3/MuseScore_General.sf3",
        "/usr/share/sounds/sf3/MuseScore_General_Lite.sf3",
        "/usr/share/soundfonts/MuseScore_General.sf3",
    ),
)


def find_soundfonts() -> list[Path]:
    """The training soundfonts this system has."""
    found = [next((Path(p) for p in places if Path(p).is_file()), None) for places in TRAINING_FONTS]
    return [path for path in found if path is not None]


def read_arguments(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m engine.training.corpus", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--songs", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=32.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--soundfont", type=Path, nargs="*", default=None, help="none given after it: our own synths only"
    )
    parser.add_argument(
        "--vocals", type=float, default=VOCAL_SHARE, help="share of the songs one can sing to that are sung"
    )
    return parser.parse_args(argv)


def say_progress(lengths: list[float], spent: float) -> str:
    """How much music there is after `spent` seconds."""
    total = sum(lengths)
    speed = total / max(spent, 1e-9)
    return f"{len(lengths)} songs, {total / 60:.1f} min in {spent:.0f} s, {speed:.1f}x real time"


def main(argv: list[str]) -> int:
    """Writes the songs and prints progress."""
    asked = read_arguments(argv)
    fonts = find_soundfonts() if asked.soundfont is None else asked.soundfont
    print("soundfonts:", ", ".join(font.name for font in fonts) or "none, our own synths")
    start = time.monotonic()
    lengths: list[float] = []

    def report(seconds: float) -> None:
        lengths.append(seconds)
        if len(lengths) % 20 == 0:
            print(say_progress(lengths, time.monotonic() - start), flush=True)

    write_dataset(
        asked.out, asked.songs, asked.seed, asked.seconds, fonts, asked.workers, report, asked.vocals
    )
    print("done:", say_progress(lengths, time.monotonic() - start))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
