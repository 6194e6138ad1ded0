"""The journal: what is on the disk when its futures are done."""

import asyncio
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.jobs import Job, State
from bridge.journal import Journal, JournalLost

JOB = Job(
    id="a", command="repaint", request='{"seed": 1}', project="{}",
    client="osc:1", reply_to=("osc:127.0.0.1:9000",), folder="/out",
    staging="/out/.s", priority=3, seed=2**63 - 1, state=State.PUBLISHING,
    is_cancelled=True, starts=1, accepted_at=5.25,
    reply='{"take": "x.wav"}', parcel=(("tmp", "x.wav"),),
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal(path)
    yield journal
    journal.close()


async def test_a_job_comes_back_as_it_was(journal: Journal) -> None:
    await journal.put_job(JOB)
    assert journal.find("a") == JOB


async def test_an_unknown_id_is_none(journal: Journal) -> None:
    assert journal.find("nobody") is None


async def test_a_written_job_is_there_for_the_next_start(path: Path, journal: Journal) -> None:
    await journal.put_job(JOB)
    second = Journal(path)  # as after SIGKILL: the first one was never closed
    assert second.find("a") == JOB
    second.close()


async def test_unfinished_jobs_come_oldest_first(journal: Journal) -> None:
    for name, state, when in (("b", State.RUNNING, 2.0), ("c", State.DONE, 1.0), ("d", State.QUEUED, 1.0)):
        await journal.put_job(replace(JOB, id=name, state=state, accepted_at=when))
    assert [job.id for job in journal.unfinished()] == ["d", "b"]


async def test_a_burst_of_writes_is_all_there(journal: Journal) -> None:
    await asyncio.gather(*(journal.put_job(replace(JOB, id=str(number))) for number in range(300)))
    assert all(journal.find(str(number)) for number in range(300))


async def test_projects_are_kept_by_name(journal: Journal) -> None:
    for project in ("first", "second"):
        await journal.put_project("song", project)
    assert journal.projects() == {"song": "second"}


async def test_old_finished_jobs_are_forgotten_and_unfinished_ones_never(journal: Journal) -> None:
    for number in range(4):
        await journal.put_job(replace(JOB, id=f"done{number}", state=State.DONE, accepted_at=number))
    await journal.put_job(replace(JOB, id="waiting", state=State.QUEUED, accepted_at=-1.0))
    await journal.forget_old(keep=2)
    kept = [name for name in ("done0", "done1", "done2", "done3", "waiting") if journal.find(name)]
    assert kept == ["done2", "done3", "waiting"]


async def test_a_journal_that_cannot_be_written_says_so(path: Path, journal: Journal) -> None:
    with sqlite3.connect(path) as other:
        other.execute("DROP TABLE jobs")
    with pytest.raises(JournalLost, match="no such table"):
        await journal.put_job(JOB)


def test_a_journal_of_another_version_is_refused(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 99")
    with pytest.raises(JournalLost, match="version 99"):
        Journal(path)


def test_a_file_that_is_no_journal_is_refused(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(JournalLost, match="cannot be opened"):
        Journal(path)
