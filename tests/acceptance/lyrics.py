"""How exact lyric times are on made-up attention with known paths, by noise and script, and how fast.

`python -m tests.acceptance.lyrics [--seeds N]` prints the tables. Attention of real checkpoints on real songs
is another matter: see `find_alignment_heads`, which measures it from known line times.
"""

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from engine.alignment.align import Sheet, align_attention, read_sheet
from engine.alignment.times import COLUMN
from engine.models import Models
from engine.store import load_models
from engine.tasks.values import Prompt
from engine.tiny import write_tiny_checkpoint
from tests.engine.sung import LYRICS, perform

NOISES = (0.02, 0.2, 0.5, 0.7, 0.9, 1.2)
LONG = "\n".join(f"line {number} of a long song that never ends" for number in range(45))


def token_errors(sheet: Sheet, seed: int, noise: float, heads: int = 7) -> NDArray[np.float64]:
    """Absolute errors of every token's start, seconds."""
    sung = perform(sheet, seed, heads, noise)
    found = align_attention(sheet, sung.attention)
    starts = np.array([token.start for token in found.tokens])
    return np.abs(starts - sung.columns[:, 0] * COLUMN) / 48_000


def table(models: Models, seeds: int) -> None:
    """Median, 95th percentile and worst error of token starts at each noise."""
    sheets = [read_sheet(models, Prompt("", lyrics)) for lyrics in LYRICS.values()]
    print(f"{len(sheets)} scripts, {seeds} performances each; errors of token starts in ms")
    print("noise  median    95 %   worst")
    for noise in NOISES:
        parts = [token_errors(sheet, seed, noise) for sheet in sheets for seed in range(seeds)]
        errors = 1000 * np.concatenate(parts)
        print(f"{noise:5.2f} {np.median(errors):7.0f} {np.percentile(errors, 95):7.0f} {errors.max():7.0f}")


def speed(models: Models) -> None:
    """Seconds of one core that a long song takes, attention apart."""
    sheet = read_sheet(models, Prompt("", LONG))
    sung = perform(sheet, 1, 7)
    began = time.process_time()
    align_attention(sheet, sung.attention)
    spent, (_, rows, columns) = time.process_time() - began, sung.attention.shape
    print(f"{rows} tokens, {columns * 0.08:.0f} s of audio: {spent:.2f} s of one core")


def main() -> None:
    """Prints both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        models = load_models(write_tiny_checkpoint(Path(folder)), device="cpu")
    table(models, options.seeds)
    speed(models)


if __name__ == "__main__":
    main()
