"""The mailbox's files, without a daemon: who claims what, and how often it is looked for."""

import json
import os
import threading
from pathlib import Path

from bridge.config import Limits
from bridge.mailbox import Letter, Mailbox, slip_of
from bridge.mailbox_server import BUSY_S, CALM_S, IDLE_S, Rhythm, put_reply
from protocol.replies import DescribeDone, Progress, Synced


def waiting(folder: Path, *names: str) -> None:
    """Requests that wait."""
    for name in names:
        (folder / "in" / name).write_text(json.dumps({"type": "sync", "id": name}))


def test_two_daemons_never_both_take_a_request(tmp_path: Path) -> None:
    boxes = [Mailbox(tmp_path / "mailbox", Limits()) for _ in range(2)]
    names = [f"c{number % 5}.{number}.json" for number in range(200)]
    waiting(tmp_path / "mailbox", *names)
    taken: list[list[Letter]] = [[], []]

    def take(index: int) -> None:
        while letters := boxes[index].collect():
            taken[index] += letters

    threads = [threading.Thread(target=take, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rest = [letter for box in boxes for letter in box.collect()]
    claimed = [letter.slip.name for letter in (*taken[0], *taken[1], *rest)]
    assert sorted(claimed) == sorted(names)


def test_numbers_are_compared_as_numbers(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path, Limits())
    waiting(tmp_path, "a.10.json", "a.9.json", "a.100.json")
    assert [letter.slip.number for letter in mailbox.collect()] == [9, 10, 100]


def test_more_requests_of_one_client_than_may_wait_are_turned_away(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path, Limits(mailbox_files=8))
    waiting(tmp_path, "b.1.json", *(f"a.{number}.json" for number in range(12)))
    told = {letter.found_id: letter.fault and letter.fault.code for letter in mailbox.collect()}
    assert [name for name, code in told.items() if code] == [f"a.{number}.json" for number in range(8, 12)]
    assert set(told.values()) == {None, "busy"} and len(told) == 13


def test_what_a_dead_daemon_claimed_comes_in_its_order(tmp_path: Path) -> None:
    waiting_box = Mailbox(tmp_path, Limits())
    waiting(tmp_path, "a.1.json", "b.1.json", "a.2.json")
    first = [letter.text for letter in waiting_box.collect()]
    assert [letter.text for letter in Mailbox(tmp_path, Limits()).left_over()] == first


def test_names_of_requests() -> None:
    assert slip_of("reaper.12.json") == ("reaper", 12, "reaper.12.json")
    assert slip_of("reaper.12.part") is None and slip_of(".reaper.12.json") is None


def test_reply_numbers_go_on_where_unread_replies_lie(tmp_path: Path) -> None:
    Mailbox(tmp_path, Limits()).put("a", Synced(request_id="s1"))
    Mailbox(tmp_path, Limits()).put("a", Synced(request_id="s2"))
    assert sorted(os.listdir(tmp_path / "out" / "a")) == ["00000001.json", "00000002.json"]


def test_newer_progress_has_a_greater_number_than_what_came_between(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path, Limits())
    for reply in (progress(1), Synced(request_id="s"), progress(2)):
        mailbox.put("a", reply)
    assert sorted(os.listdir(tmp_path / "out" / "a")) == ["00000002.json", "00000003.json"]


def test_a_large_answer_fits_and_a_larger_one_becomes_a_fail(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path, Limits())
    for name, size in (("large", 200_000), ("larger", 300_000)):
        content = json.dumps(["x" * size])
        put_reply(mailbox, "a", DescribeDone(request_id=name, what="all", content=content))
    told = [json.loads((tmp_path / "out" / "a" / f"0000000{number}.json").read_text()) for number in (1, 2)]
    assert told[0]["type"] == "done" and len(told[0]["content"][0]) == 200_000
    assert (told[1]["type"], told[1]["id"], told[1]["code"]) == ("fail", "larger", "too-long")


def progress(step: int) -> Progress:
    return Progress(request_id="r", stage="denoise", step=step, of=2)


def test_it_looks_often_while_something_goes_on_and_seldom_later() -> None:
    rhythm = Rhythm()
    assert rhythm.is_due(changed_at=5, now=100.0) and rhythm.wait_s(100.0) == BUSY_S
    assert rhythm.wait_s(110.0) == CALM_S and rhythm.wait_s(200.0) == IDLE_S


def test_without_a_change_it_lists_once_a_second_at_most() -> None:
    rhythm = Rhythm()
    rhythm.is_due(changed_at=5, now=100.0)
    looks = [110 + number / 20 for number in range(100)]
    assert 4 <= sum(rhythm.is_due(changed_at=5, now=now) for now in looks) <= 6


def test_a_change_within_the_clock_of_the_disk_is_not_missed() -> None:
    rhythm = Rhythm()
    rhythm.is_due(changed_at=5, now=100.0)
    assert rhythm.is_due(changed_at=5, now=100.01)
