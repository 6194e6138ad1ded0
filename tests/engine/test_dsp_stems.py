"""Drums and bass by signal processing: what strikes, what sounds on below the crossover, and the rest."""

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.dsp_stems import RATE, DspExtractTask, part_mix
from engine.errors import Cancelled, TaskError

SECONDS = 3


def quiet(stage: str, step: int, of: int) -> None:
    pass


def parts_of_a_mix() -> dict[str, NDArray[np.float64]]:
    """Clicks every half second, a low and a high tone; each (2, n)."""
    time_s = np.arange(SECONDS * RATE) / RATE
    noise = np.random.default_rng(1).standard_normal(len(time_s))
    parts = {
        "drums": 0.5 * np.exp(-200 * (time_s % 0.5)) * noise,
        "bass": 0.2 * np.sin(2 * np.pi * 80 * time_s),
        "rest": 0.2 * np.sin(2 * np.pi * 1200 * time_s),
    }
    return {name: np.stack([part, part]) for name, part in parts.items()}


def share(stem: NDArray[np.float32], part: NDArray[np.float64]) -> float:
    """How much of a part's energy is in a stem, by projection."""
    return float(np.sum(stem * part) / np.sum(part**2))


def test_each_part_lands_in_its_stem() -> None:
    parts = parts_of_a_mix()
    mix = sum(parts.values())
    drums, bass = part_mix(DspExtractTask(mix, 0, mix.shape[1], ("drums", "bass")), quiet)
    assert share(drums, parts["drums"]) > 0.8 and share(drums, parts["bass"]) < 0.1
    assert share(bass, parts["bass"]) > 0.9 and share(bass, parts["drums"]) < 0.1
    assert abs(share(drums, parts["rest"])) < 0.1 and abs(share(bass, parts["rest"])) < 0.02


def test_it_does_as_an_independent_separation_does() -> None:
    librosa = pytest.importorskip("librosa")
    mix = sum(parts_of_a_mix().values())[0]
    theirs = librosa.effects.percussive(y=mix, kernel_size=31, power=2.0)
    (ours,) = part_mix(DspExtractTask(np.stack([mix, mix]), 0, len(mix), ("drums",)), quiet)
    assert np.corrcoef(ours[0], theirs)[0, 1] > 0.97


def test_the_parts_are_the_mixs_own_and_no_more_than_it() -> None:
    mix = np.random.default_rng(2).standard_normal((2, RATE)) * 0.1
    stems = part_mix(DspExtractTask(mix, 0, RATE, ("drums", "bass")), quiet)
    rest = mix - stems.sum(0)
    assert np.sum(rest**2) < np.sum(mix**2) and np.isfinite(stems).all() and stems.shape == (2, 2, RATE)


def test_an_unknown_class_is_refused_by_name() -> None:
    with pytest.raises(TaskError, match=r"drums, bass .*'vocals'"):
        part_mix(DspExtractTask(np.zeros((2, 100)), 0, 100, ("vocals",)), quiet)


def test_it_can_be_cancelled() -> None:
    def stop(stage: str, step: int, of: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        part_mix(DspExtractTask(np.zeros((2, 100)), 0, 100, ("bass",)), stop)
