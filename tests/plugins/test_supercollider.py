"""Barline.sc under sclang, as an extension of a fresh home folder."""

import re

import pytest

from tests.plugins.peers import PLUGINS, SCRIPTS, Heard, Stage, assert_each_ends_once, kinds_of, need

IDS = "sc-describe sc-project sc-repaint sc-long sc-cancel sc-wrong sc-sync".split()
WITHOUT_SCREEN = {
    "QT_QPA_PLATFORM": "offscreen",
    "QTWEBENGINE_DISABLE_SANDBOX": "1",  # else sclang ends at once when root starts it
    "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox",
}


@pytest.fixture(scope="module")
def text(stage: Stage) -> str:
    """What sclang posted."""
    need("sclang")
    config = stage.daemon.place / "sclang_conf.yaml"
    config.write_text(f"includePaths:\n    - {PLUGINS / 'supercollider'}\nexcludePaths:\n    []\n")
    command = ("sclang", "-u", "57198", "-l", str(config), str(SCRIPTS / "session.scd"))
    return stage.run(*command, **WITHOUT_SCREEN)


@pytest.fixture(scope="module")
def heard(text: str) -> Heard:
    """The replies."""
    return re.findall(r"^HEARD (\w+) ([\w-]+)", text, re.MULTILINE)


def test_every_request_ends_once(heard: Heard) -> None:
    mine = [(kind, name) for kind, name in heard if name in IDS]
    again = [name for kind, name in mine if kind == "done"].count("sc-repaint")
    assert again == 2, "once done, and once fetched"
    mine.remove(("done", "sc-repaint"))
    assert_each_ends_once(mine, IDS)


def test_a_repaint_tells_its_progress_and_loads_its_take(text: str, heard: Heard) -> None:
    assert kinds_of(heard, "sc-repaint")[0] == "accepted" and "STEP denoise" in text
    loaded = re.search(r"^LOAD (.+_take\.wav)$", text, re.MULTILINE)
    assert loaded and f"DONE {loaded[1]} 2.0 1 192000" in text


def test_a_stopped_job_and_a_refused_one_call_on_fail(text: str) -> None:
    assert "STOPPED cancelled" in text and "REFUSED out-of-range fade_ms" in text


def test_fetch_tells_a_jobs_end_again(text: str) -> None:
    assert "FETCHED 96000" in text
