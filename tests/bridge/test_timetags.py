"""Acts that wait for their time."""

import asyncio
import time

import pytest

from bridge.timetags import HORIZON_S, Schedule, TooFar, TooMany


async def test_without_a_time_it_acts_at_once() -> None:
    acts: list[str] = []
    Schedule().at(None, lambda: acts.append("now"))
    assert acts == ["now"]


async def test_a_late_act_acts_at_once() -> None:
    acts: list[str] = []
    Schedule(clock=lambda: 1000.0).at(999.0, lambda: acts.append("late"))
    assert acts == ["late"]


async def test_acts_come_in_the_order_of_their_times() -> None:
    acts: list[int] = []
    schedule = Schedule(clock=lambda: 1000.0)
    schedule.at(1000.06, lambda: acts.append(2))
    schedule.at(1000.03, lambda: acts.append(1))
    assert len(schedule) == 2
    await asyncio.sleep(0.15)
    assert acts == [1, 2] and len(schedule) == 0


async def test_nothing_waits_for_a_waiting_act() -> None:
    schedule = Schedule()
    began = time.monotonic()
    schedule.at(time.time() + 2.0, lambda: None)
    await asyncio.sleep(0)
    assert time.monotonic() - began < 0.1
    schedule.clear()


async def test_the_far_future_is_refused() -> None:
    with pytest.raises(TooFar, match="more than 60 s"):
        Schedule(clock=lambda: 0.0).at(HORIZON_S + 1, lambda: None)


async def test_only_so_many_wait() -> None:
    schedule = Schedule(clock=lambda: 0.0, limit=1)
    schedule.at(10.0, lambda: None)
    with pytest.raises(TooMany):
        schedule.at(10.0, lambda: None)
    schedule.clear()


async def test_what_was_cleared_never_acts() -> None:
    acts: list[str] = []
    schedule = Schedule(clock=lambda: 0.0)
    schedule.at(0.02, lambda: acts.append("cleared"))
    schedule.clear()
    await asyncio.sleep(0.05)
    assert not acts
