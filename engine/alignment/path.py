"""Dynamic time warping: the best way down a map whose rows are sung one after the other."""

import numpy as np
from numpy.typing import NDArray

DIAGONAL, DOWN, ALONG = 0, 1, 2


def best_path(gain: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the monotone path from the first cell to the last that gains most.

    gain: (rows, columns), both at least 1. Each step goes to the next row, the next column, or both; on equal
    gain both, then the next row. Works along anti-diagonals, so the inner loop is numpy's.
    """
    came = steps_to(gain.astype(np.float64))
    row, column = gain.shape[0] - 1, gain.shape[1] - 1
    rows, columns = [row], [column]
    while row or column:
        step = came[row + column, row]
        row -= step != ALONG
        column -= step != DOWN
        rows.append(row)
        columns.append(column)
    return np.array(rows[::-1]), np.array(columns[::-1])


def steps_to(gain: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The step by which the best path comes to each cell, at [row + column, row]: (diagonals, rows)."""
    height, width = gain.shape
    came = np.full((height + width - 1, height), DOWN, np.uint8)
    # Best sums on the last two anti-diagonals, by row, with one row of nothing above.
    before, last = np.full(height + 1, -np.inf), np.full(height + 1, -np.inf)
    last[1] = gain[0, 0]
    for diagonal in range(1, height + width - 1):
        low, high = max(0, diagonal - width + 1), min(diagonal, height - 1) + 1
        rows = np.arange(low, high)
        ways = np.stack(
            (before[low:high], last[low:high], last[low + 1 : high + 1])
        )  # in the order of the constants
        step = ways.argmax(0)
        now = np.full(height + 1, -np.inf)
        now[low + 1 : high + 1] = ways[step, np.arange(high - low)] + gain[rows, diagonal - rows]
        came[diagonal, low:high] = step
        before, last = last, now
    return came


def row_spans(
    gain: NDArray[np.float32], energy: NDArray[np.float32], share: float = 0.05
) -> NDArray[np.intp]:
    """First column and the one after the last of each row on the best path of `gain`, (rows, 2).

    A row's stretch of the path is cut to where its `energy` (same shape) reaches `share` of its most there:
    between two rows lie columns that belong to neither (a rest, an interlude), and the path must give them to
    someone. A row without energy keeps its whole stretch.
    """
    rows, columns = best_path(gain)
    spans = np.zeros((gain.shape[0], 2), np.intp)
    for row in range(gain.shape[0]):
        stretch = columns[np.searchsorted(rows, row) : np.searchsorted(rows, row, "right")]
        strength = energy[row, stretch]
        loud = stretch[strength >= share * strength.max()] if strength.max() > 0 else stretch
        spans[row] = loud[0], loud[-1] + 1
    return spans
