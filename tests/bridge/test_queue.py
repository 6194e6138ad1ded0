"""The order of the waiting jobs."""

import pytest

from bridge.jobs import Job
from bridge.queue import PLACES_PER_PRIORITY, FairQueue, QueueFull


def job(name: str, priority: int = 0) -> Job:
    """A job of the client that its first letter names."""
    return Job(
        name,
        "repaint",
        "{}",
        "{}",
        client=name[0],
        reply_to=(),
        folder="/out",
        staging="/out/.s",
        priority=priority,
    )


def filled(*names: str) -> FairQueue:
    queue = FairQueue()
    for name in names:
        queue.put(job(name))
    return queue


def drained(queue: FairQueue) -> list[str]:
    return [taken.id for taken in iter(queue.take, None)]


def test_one_client_is_served_in_order() -> None:
    assert drained(filled("a1", "a2", "a3")) == ["a1", "a2", "a3"]


def test_clients_take_turns() -> None:
    assert drained(filled("a1", "a2", "a3", "b1", "c1", "b2")) == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_order_says_what_take_will_do() -> None:
    queue = filled("a1", "a2", "b1", "c1", "a3", "b2")
    assert list(queue.order()) == drained(queue)


def test_a_higher_priority_goes_first_among_the_same_client() -> None:
    queue = filled("a1", "a2", "b1")
    queue.put(job("a3", priority=1))
    assert drained(queue) == ["a3", "b1", "a1", "a2"]


def test_urgent_jobs_cannot_starve_a_patient_one() -> None:
    queue = filled("a-patient")
    served = []
    for number in range(30 * PLACES_PER_PRIORITY):
        queue.put(job(f"a{number}", priority=10))
        taken = queue.take()
        assert taken is not None
        served.append(taken.id)
    assert served.index("a-patient") <= 10 * PLACES_PER_PRIORITY


def test_put_says_how_many_go_first() -> None:
    queue = filled("a1", "a2")
    assert queue.put(job("b1")) == 1


def test_a_removed_job_is_not_taken() -> None:
    queue = filled("a1", "a2")
    removed = queue.remove("a1")
    assert removed is not None and removed.id == "a1"
    assert drained(queue) == ["a2"] and queue.remove("a1") is None


def test_a_full_queue_refuses() -> None:
    queue = FairQueue(limit=2)
    queue.put(job("a1"))
    queue.check_room("b")
    with pytest.raises(QueueFull, match="holds 2 jobs"):
        queue.check_room("b", arriving=1)


def test_one_client_cannot_fill_the_queue() -> None:
    queue = FairQueue(limit=10, limit_per_client=1)
    queue.put(job("a1"))
    queue.check_room("b")
    with pytest.raises(QueueFull, match="client has 1"):
        queue.check_room("a")
