"""Songs played wrong in a known way end on the grid: a few of the acceptance set's, by our own synths."""

from fractions import Fraction

import numpy as np
import pytest

from engine.training.corpus.composer import compose
from tests.acceptance.conform import NEAR_MS, judge
from tests.acceptance.conform_set import SECONDS, Fault, bend_tempo, make_case, tighten

SLOW = Fraction(103, 100)


@pytest.mark.parametrize(
    ("seed", "fault"),
    [
        (500_040, Fault("7/8, slower", Fraction(101, 100))),
        (500_044, Fault("ramps, slower and early", Fraction(203, 200), -0.5)),
        (500_012, Fault("sung, faster", Fraction(99, 100))),
    ],
)
def test_a_song_off_the_grid_ends_on_it(seed: int, fault: Fault) -> None:
    outcome = judge("even", make_case(tighten(compose(seed, SECONDS)), fault, None))
    assert outcome.before_ms > 50.0 and outcome.after_ms < NEAR_MS


def test_a_late_shuffle_ends_on_the_grid_and_keeps_its_swing() -> None:
    song = compose(500_048, SECONDS)
    outcome = judge("swung off", make_case(song, Fault("late", sixteenths=0.6), None))
    assert song.swing > 0.66 and outcome.before_ms > 90.0
    assert outcome.after_ms < NEAR_MS  # every note, the swung ones where they swing


def test_a_swung_song_on_the_grid_is_not_touched() -> None:
    outcome = judge("swung", make_case(compose(500_004, SECONDS), Fault("clean"), None))
    assert outcome.report.action == "none"


def test_the_singer_of_a_bent_song_is_bent_with_it() -> None:
    song = compose(500_012, SECONDS)
    bent = bend_tempo(song, Fault("slower", SLOW))
    assert song.sung
    for line, slower in zip(song.sung, bent.sung, strict=True):
        assert (slower.start, slower.stop) == pytest.approx(
            (line.start * float(SLOW), line.stop * float(SLOW)), abs=1 / 48_000
        )
        ends = np.array([[phone.start, phone.stop] for phone in slower.phones])
        assert (np.diff(ends, axis=1) >= 0.0).all()
