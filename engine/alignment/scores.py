"""How clearly the attention follows the lyrics, as the paper's alignment score does.

It is no measure of how the music sounds, of whether the voice is intelligible or of how exact the times are:
it says that the model looked at the lyrics in order while it made, or read, this audio. A model may look at
words and not sing them. Noise scores above 0 (about 0.2); one take against another of the same lyrics is what
it can rank. Scores of different checkpoints, or of different tables of heads, do not compare.
"""

import numpy as np
from numpy.typing import NDArray

from engine.alignment.path import best_path
from engine.alignment.values import Score

SEEN = 0.1  # a row, or a cell of the path, counts from this share of the strongest cell on
OVERLAP = 9  # columns (0.72 s) by which a token's middle may lie before the one of the token before it


def score(energy: NDArray[np.float32]) -> Score:
    """The score of energy (rows, columns), 0 or above, of rows that are sung; 0 when nothing stands out."""
    low, high = float(energy.min()), float(energy.max())
    if high <= low:
        return Score(0.0, 0.0, 0.0)
    share = (energy - low) / (high - low)  # 0..1
    seen = share.max(1) >= SEEN
    return Score(float(seen.mean()), monotonicity(share[seen]), confidence(share))


def monotonicity(share: NDArray[np.float32]) -> float:
    """Of all neighbours among the rows (rows, columns), the share whose second one's middle does not lie
    OVERLAP before the first one's. Says nothing of rows that were not seen; 1 for a single row.
    """
    if len(share) < 2:
        return 1.0
    middles = (share * np.arange(share.shape[1])).sum(1) / share.sum(1)
    return float(np.mean(np.diff(middles) >= -OVERLAP))


def confidence(share: NDArray[np.float32]) -> float:
    """Mean share along the best path, of its cells that are seen: how strong the attention is where it is at
    all. Low for one long note among short ones; no probability.
    """
    on_path = share[best_path(share**2)]
    strong = on_path[on_path >= SEEN]
    return float(strong.mean()) if strong.size else 0.0
