"""Masked stems and their remainder add up to the source; windows join without a trace."""

from datetime import datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from bridge.bwf import read_time_reference
from bridge.delivery import Delivered, Place
from bridge.layer_delivery import StemForm, deliver_stems
from bridge.layer_plan import LayerPlan, cut, plan_windows
from bridge.plan import MINIATURE, Region
from bridge.sources import SourceFormat, read_format, read_span, to_float
from bridge.stem_store import add_chunk, open_raw
from engine.masks import MaskRule, framing, part_source, restore, transform, with_rivals
from protocol.values import STEMS, Seconds
from tests.bridge.audio_files import noise, steady_grid, write_song

NAMES = ("vocals", "drums", "bass")
WHEN = datetime(2026, 3, 4, 5, 6, 7)


def plan_of(source: SourceFormat, lo: str, hi: str) -> LayerPlan:
    region = Region(Seconds(Fraction(lo)), Seconds(Fraction(hi)))
    return plan_windows(source, steady_grid(source.rate), region, MINIATURE)


def masked(source: SourceFormat, plan: LayerPlan, folder: Path, depth: str) -> Delivered:
    """Stems from wrong estimates, which must not matter for what they add up to."""
    width = min(source.channels, 2)
    for number, chunk in enumerate(plan.chunks):
        heard = to_float(read_span(source, chunk.lo, chunk.hi))[:, :width]
        estimates = np.stack([noise(len(heard), width, number + seed) for seed in range(len(NAMES))])
        add_chunk(folder, plan, chunk, part_source(heard, estimates))
    form = StemForm(NAMES, depth, True)
    return deliver_stems(source, plan, form, Place(folder, "song", "e1", WHEN), {"seed": 7})


def residual_db(source: NDArray[np.float64], stems: list[NDArray[np.float64]]) -> float:
    worst = float(np.abs(source - np.sum(stems, axis=0)).max())
    return 20 * float(np.log10(max(worst, 1e-15)))


@pytest.mark.parametrize(("channels", "depth"), [(1, "16"), (2, "24"), (2, "float"), (6, "24"), (6, "float")])
@pytest.mark.parametrize("stored", ["source", "float"])
def test_stems_and_remainder_are_the_source(tmp_path: Path, channels: int, depth: str, stored: str) -> None:
    source = read_format(write_song(tmp_path / "song.wav", 44_100, depth, channels))
    plan = plan_of(source, "0.5", "3.7")
    made = masked(source, plan, tmp_path / "out", source.depth if stored == "source" else "float")
    song = soundfile.read(source.path, always_2d=True)[0][plan.lo : plan.hi]
    stems = [soundfile.read(path, always_2d=True)[0] for path in made.more]
    db = residual_db(song, stems)
    print(f"{channels} channels, {depth} stored as {stored}: residual {db:.1f} dBFS")
    assert db <= -130 and not made.warnings
    assert [path.name for path in made.more] == [
        f"song_bars1.2.0-2.4.384_e1_take-{name}.wav" for name in (*NAMES, "remainder")
    ]
    assert {read_time_reference(path) for path in made.more} == {plan.project_lo}
    assert {stem.shape for stem in stems} == {(plan.hi - plan.lo, channels)}
    assert all(np.abs(stem[:, :2]).max() > 0.01 for stem in stems[:-1])
    assert all(not stem[:, 2:].any() for stem in stems[:-1])
    assert not list((tmp_path / "out").glob("*.raw"))


def test_a_real_song_of_several_windows_adds_up(tmp_path: Path) -> None:
    song = Path(__file__).parents[2] / "bridge" / "demo_sources" / "real_song.flac"
    source = read_format(song)
    plan = plan_windows(source, steady_grid(source.rate), whole(source), MINIATURE)
    made = masked(source, plan, tmp_path / "out", source.depth)
    stems = [soundfile.read(path, always_2d=True)[0] for path in made.more]
    db = residual_db(soundfile.read(song, always_2d=True)[0], stems)
    print(f"real song, {len(plan.chunks)} windows: residual {db:.1f} dBFS")
    assert db <= -130


def whole(source: SourceFormat) -> Region:
    return Region(Seconds(Fraction(0)), Seconds(Fraction(source.frames, source.rate)))


def test_windows_overlap_and_their_weights_sum_to_one(tmp_path: Path) -> None:
    source = read_format(write_song(tmp_path / "song.wav", 8_000, "16", 1, 61))
    plan = plan_of(source, "0", "60")
    assert len(plan.chunks) == 3 and all(chunk.model_samples <= 60 * 48_000 for chunk in plan.chunks)
    for chunk in plan.chunks:
        add_chunk(tmp_path, plan, chunk, np.ones((1, chunk.hi - chunk.lo, 1)))
    raw = open_raw(tmp_path, 0, (plan.hi - plan.lo, 1))
    assert np.abs(np.asarray(raw) - 1).max() < 1e-6


def test_the_number_of_windows_grows_with_length_and_their_size_does_not() -> None:
    sizes = [[hi - lo for lo, hi, *_ in cut(0, seconds * 1000, 1000)] for seconds in (10, 100, 1000)]
    assert [len(found) for found in sizes] == [1, 5, 42]
    assert max(map(max, sizes)) <= 25_000


@pytest.mark.parametrize("length", [1, 511, 2048, 30_001])
def test_the_transform_is_undone_exactly(length: int) -> None:
    signal = noise(length, 1)[:, 0]
    padded, window, hop = framing(length)
    again = restore(transform(signal, padded, window, hop), length, window, hop)
    assert np.abs(again - signal).max() < 1e-12


def test_a_right_estimate_takes_its_tone_and_leaves_the_other() -> None:
    time_s = np.arange(48_000)[:, None] / 48_000
    low, high = 0.3 * np.sin(2 * np.pi * 200 * time_s), 0.3 * np.sin(2 * np.pi * 3000 * time_s)
    for scale in (1.0, 0.5):  # with both estimated, their common level does not matter
        stems = part_source(low + high, np.stack([low, high]) * scale)
        error = np.abs(stems[0] - low * scale)[4000:-4000].max()
        assert error < 0.01
    alone = part_source(low + high, high[None])
    assert np.abs(alone[0] - high)[4000:-4000].max() < 0.01


def test_masks_never_give_more_than_there_is() -> None:
    source = noise(9_000, 2)
    for rule in (MaskRule(), MaskRule(0.6, 1.5), MaskRule(0.5, 1.5, 0.8, mid_side=True)):
        stems = part_source(source, 50 * np.stack([noise(9_000, 2, seed) for seed in (4, 5)]), rule)
        assert np.abs(stems.sum(0) - source).max() < 1e-9


def test_a_smaller_power_shares_more_evenly() -> None:
    source, estimates = noise(9_000, 2), np.stack([noise(9_000, 2, 4), 0.1 * noise(9_000, 2, 4)])
    shares = [
        np.abs(part_source(source, 50 * estimates, MaskRule(power))).sum((1, 2)) for power in (1.0, 0.5)
    ]
    ratios = [loud / quiet for loud, quiet in shares]
    assert ratios == pytest.approx([10.0, 10.0**0.5], rel=1e-6)


def test_a_smaller_power_may_begin_above_the_bass() -> None:
    time_s = np.arange(48_000)[:, None] / 48_000
    for hz, power in ((100, 1.0), (2000, 0.5)):
        tone = np.sin(2 * np.pi * hz * time_s)
        stems = part_source(tone, np.stack([tone, 0.25 * tone]), MaskRule(0.5, 1.0, 1.0), 48_000)
        loud, soft = np.abs(stems[:, 8000:-8000]).max((1, 2))
        assert soft / loud == pytest.approx(0.25**power, rel=0.02)


def test_the_middle_and_the_sides_may_be_parted_by_themselves() -> None:
    middle, sides = noise(9_000, 1, 1), noise(9_000, 1, 2)
    source = np.concatenate((middle + sides, middle - sides), axis=1)
    estimates = np.stack([np.tile(middle, 2), np.concatenate((sides, -sides), axis=1)])
    stems = part_source(source, estimates, MaskRule(mid_side=True))
    assert np.abs(stems - estimates)[:, 4096:-4096].max() < 1e-9


def test_rivals_take_their_share_and_are_not_given() -> None:
    source, estimates = noise(9_000, 2), np.stack([noise(9_000, 2, seed) for seed in (4, 5, 6)])
    alone, beside = part_source(source, estimates[:1]), part_source(source, estimates, wanted=1)
    assert len(beside) == 1 and np.abs(beside).sum() < np.abs(alone).sum()
    assert np.array_equal(beside[0], part_source(source, estimates)[0])
    rule = MaskRule(rivals=("drums", "bass"))
    assert with_rivals(("bass", "fx"), rule) == ("bass", "fx", "drums")


def test_both_sides_know_the_same_classes() -> None:
    from engine.tasks.instructions import STEM_CLASSES

    assert STEMS == STEM_CLASSES
