"""The order of takes, and lyrics that move with audio that is conformed."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from bridge.align_frames import lines_of, shifted_lines
from bridge.conform_journey import with_warped_lines
from bridge.pipe import Frame
from bridge.ranking import ranked
from engine.timewarp import Warp, played_at, shift_warp, wanted_at


def take(value: float, fit: float, seed: int) -> dict[str, Any]:
    alignment = {"score": {"value": value}, "lines": [], "untimed": 0}
    return {"seed": seed, "alignment": alignment, "fit": {"total": fit}}


@pytest.mark.parametrize(("judged", "order"), [(False, [2, 1, 3]), (True, [3, 1, 2])])
def test_the_order_is_that_of_the_mean_and_equals_stay(judged: bool, order: list[int]) -> None:
    takes = [take(0.5, 0.5, 1), take(0.6, 0.2, 2), take(0.5, 0.9, 3)]
    audio = np.arange(3, dtype=np.float32)[:, None, None].repeat(2, 1)
    made = ranked(Frame("rendered", "j", {"takes": takes, "judged": judged}, {"audio": audio}))
    assert [one["seed"] for one in made.values["takes"]] == order
    assert [int(sound[0, 0]) + 1 for sound in made.arrays["audio"]] == order


def test_the_inverse_of_a_warp_brings_every_moment_back() -> None:
    warp = Warp(np.array([1.0, 2.0, 4.0]), np.array([1.1, 1.9, 4.5]))
    moments = np.linspace(0, 6, 50)
    assert np.allclose(wanted_at(warp, played_at(warp, moments)), moments)


def test_lyrics_move_with_the_audio_that_is_conformed() -> None:
    found = {
        "lines": [["hey", 96_000, 144_000, False, [["hey", 96_000, 144_000]]]],
        "score": {},
        "untimed": 0,
    }
    values = {"start": 9_600, "takes": [{"seed": 1, "alignment": found, "fit": {}}] * 2}
    moved = with_warped_lines(values, [shift_warp(0.05), None])["takes"]
    early, still = (lines_of(one["alignment"], Fraction(3)) for one in moved)
    assert early[0].start == Fraction(5) - Fraction(1, 20) and early[0].words[0].end == Fraction(119, 20)
    assert still[0].start == 5
    assert shifted_lines(found["lines"], lambda at: at) == found["lines"]
