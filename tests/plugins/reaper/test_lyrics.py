"""When lyrics are sung, as marks in the project, with the test as the daemon."""

from pathlib import Path
from typing import Any

import pytest

from tests.plugins.reaper.daw import Reaper
from tests.plugins.reaper.paper import PaperDaemon, asked, windows

LRC = "[offset:500]\n[00:01.50]first line\n[00:02.00][00:04.00]twice\n[00:03.50]\n"


@pytest.fixture
def paper(paper: PaperDaemon, song: Path) -> PaperDaemon:
    """A daemon in the test's hand, and a selected item of eight seconds."""
    return paper


def sung(reaper: Reaper, paper: PaperDaemon, kind: str) -> dict[str, Any]:
    """A repaint with lyrics, placed, and its alignment too."""
    reaper.run("settings", {"lyrics as": kind})
    paper.finish(asked(reaper, paper, lyrics="first line / twice"))
    request = paper.ask(reaper, "align")
    (paper.runtime / "a.lrc").write_text("﻿" + LRC)
    (paper.runtime / "a.txt").write_text("1.1.00\tfirst \t1.2.00\tline\t")
    files = [str(paper.runtime / "a.lrc"), str(paper.runtime / "a.txt")]
    told = {"start_sample": 0, "end_sample": 8 * 48_000, "sample_rate": 48_000}
    paper.reply(request, "done", formats=["lrc", "reaper"], files=files, **told)
    return reaper.settle()


def test_lyrics_become_regions(reaper: Reaper, paper: PaperDaemon) -> None:
    marks = sung(reaper, paper, "regions")["markers"]
    spans = [(mark["name"], mark["first"], mark["last"]) for mark in marks if mark["is_region"]]
    assert spans == [("first line", 1, 1.5), ("twice", 1.5, 3), ("twice", 3.5, 8)]


def test_lyrics_become_markers_in_one_undo_step(reaper: Reaper, paper: PaperDaemon) -> None:
    report = sung(reaper, paper, "markers")
    assert [mark["first"] for mark in report["markers"] if not mark["is_region"]] == [1, 1.5, 3.5]
    assert report["last_undo"] == "Barline: lyrics 1.1.00 - 5.1.00"


def test_lyrics_become_take_markers_of_the_new_take(reaper: Reaper, paper: PaperDaemon) -> None:
    sung(reaper, paper, "take")
    marks = reaper.do("return user.item(1).takes[2].markers")
    assert [(mark["name"], mark["at"]) for mark in marks] == [
        ("first line", 1),
        ("twice", 1.5),
        ("twice", 3.5),
    ]


def test_lyrics_become_midi_lyrics(reaper: Reaper, paper: PaperDaemon) -> None:
    tracks = sung(reaper, paper, "midi")["tracks"]
    assert tracks[1]["name"] == "Lyrics" and tracks[1]["lyrics"] == "1.1.00\tfirst \t1.2.00\tline\t"


def test_lyrics_that_cannot_be_timed_are_no_alarm(reaper: Reaper, paper: PaperDaemon) -> None:
    paper.finish(asked(reaper, paper, lyrics="la"))
    paper.fail(paper.ask(reaper, "align"), "no-task", text="this model cannot")
    assert "this model cannot" in windows(reaper)
    reaper.tick(100)
    assert reaper.report()["scripts"] == 0, "the window closes by itself"


def test_no_lyrics_no_question(reaper: Reaper, paper: PaperDaemon) -> None:
    paper.finish(asked(reaper, paper))
    reaper.settle()
    reaper.tick(5)
    assert paper.requests() == []
