"""The state table."""

import itertools

import pytest

from bridge.jobs import TERMINAL, TRANSITIONS, Event, Job, State, WrongTransition, after, next_state

JOB = Job("a", "repaint", "{}", "{}", "client", ("ws:1",), "/out", "/out/.s")


def test_a_job_goes_from_queued_to_done() -> None:
    state = State.QUEUED
    for event in (Event.START, Event.PUBLISH, Event.FINISH):
        state = next_state(state, event)
    assert state is State.DONE


@pytest.mark.parametrize(("state", "event"), list(itertools.product(TERMINAL, Event)))
def test_nothing_happens_to_a_job_that_has_ended(state: State, event: Event) -> None:
    with pytest.raises(WrongTransition):
        next_state(state, event)


def test_a_job_that_is_being_published_can_no_longer_be_cancelled() -> None:
    with pytest.raises(WrongTransition, match="publishing cannot cancel"):
        next_state(State.PUBLISHING, Event.CANCEL)


def test_every_state_can_be_reached_and_left_unless_it_is_terminal() -> None:
    assert set(TRANSITIONS.values()) == set(State)
    assert {state for state, _ in TRANSITIONS} == set(State) - TERMINAL


def test_after_changes_a_copy() -> None:
    started = after(JOB, Event.START, starts=1)
    assert (started.state, started.starts, JOB.state) == (State.RUNNING, 1, State.QUEUED)
