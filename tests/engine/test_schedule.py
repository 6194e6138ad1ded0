"""Timesteps, guidance and the grid's channels."""

import pytest
import torch
from diffusers.guiders.adaptive_projected_guidance import MomentumBuffer, normalized_guidance

from engine.config import AceStepConfig, config_from_json
from engine.errors import ModelError, TaskError
from engine.grid_condition import GRID_CHANNELS, grid_features
from engine.guidance import guide
from engine.schedule import family, plan_timesteps, timesteps
from tests.engine.tiny_shapes import seeded, worst

TURBO = AceStepConfig()
BASE = AceStepConfig(is_turbo=False, model_version="base")
# The literal tables of the published turbo model, 8 steps.
TABLES = {
    1.0: (1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125),
    2.0: (1.0, 0.9333333333, 0.8571428571, 0.7692307692, 0.6666666667, 0.5454545455, 0.4, 0.2222222222),
    3.0: (1.0, 0.9545454545, 0.9, 0.8333333333, 0.75, 0.6428571429, 0.5, 0.3),
}


@pytest.mark.parametrize("shift", TABLES)
def test_turbo_tables(shift: float) -> None:
    assert timesteps(8, shift) == pytest.approx(TABLES[shift], abs=1e-9)


def test_shift_is_continuous() -> None:
    assert timesteps(2, 1.5) == pytest.approx((1.0, 0.6))


def test_what_a_checkpoint_is_run_with_when_nothing_is_said() -> None:
    assert plan_timesteps(TURBO, None, None) == timesteps(8, 3.0)
    assert plan_timesteps(BASE, None, None) == timesteps(50, 1.0)
    own = config_from_json({"default_steps": 12, "default_shift": 2.0, "default_guidance": 3.0})
    assert (family(own).steps, family(own).shift, family(own).guidance) == (12, 2.0, 3.0)


def test_strength_starts_the_run_at_its_own_level() -> None:
    assert plan_timesteps(TURBO, 4, 1.0, 0.6) == pytest.approx((0.6, 0.5, 0.25))
    assert plan_timesteps(TURBO, 4, 1.0, 0.0) == ()


@pytest.mark.parametrize("bad", [(0, 1.0, 1.0), (21, 1.0, 1.0), (8, 0.0, 1.0), (8, 1.0, 1.5), (8, 1.0, -0.1)])
def test_out_of_range_settings_name_themselves(bad: tuple[int, float, float]) -> None:
    with pytest.raises(TaskError) as caught:
        plan_timesteps(TURBO, *bad)
    assert caught.value.code == "out-of-range"


def test_turbo_is_read_from_the_flag_or_the_version() -> None:
    assert config_from_json({}).turbo
    assert not config_from_json({"model_version": "sft"}).turbo
    assert config_from_json({"model_version": "x", "is_turbo": True}).turbo


def test_a_config_of_other_channels_is_refused() -> None:
    with pytest.raises(ModelError, match="in_channels=100"):
        config_from_json({"in_channels": 100})


def test_guidance_equals_diffusers_over_several_steps() -> None:
    buffer, running, differences = MomentumBuffer(-0.75), None, []
    for step in range(4):
        cond, plain = torch.randn(2, 3, 50, 8, generator=seeded(step))
        want = normalized_guidance(cond, plain, 6.0, buffer, 0.0, 2.5, True, (1,))
        got, running = guide(cond, plain, 7.0, running)
        differences.append(worst(got, want))
    print(f"APG: {max(differences):.2e}")
    assert max(differences) <= 1e-5


def test_grid_channels_in_their_order() -> None:
    features = grid_features(torch.tensor([[0.125, 0.25]]))
    root = 0.5**0.5
    assert features.shape == (1, GRID_CHANNELS)
    want = [root, root, 1, 0, 0, -1, 1, 0, 0, -1]
    assert features[0].tolist() == pytest.approx(want, abs=1e-6)
