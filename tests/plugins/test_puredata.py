"""barline.pd under Pd without a window or sound: floats and symbols are all it can say."""

import re

import pytest

from tests.plugins.peers import PLUGINS, SCRIPTS, TERMINAL, Heard, Stage, assert_each_ends_once, need

PATCHES = PLUGINS / "puredata"
QUIET = ("pd", "-nogui", "-noaudio", "-nomidi", "-stderr", "-path", str(PATCHES))


def escape(text: str) -> str:
    """A symbol as Pd's own message syntax has it."""
    return re.sub(r"([ ,;$\\])", r"\\\1", text)


@pytest.fixture(scope="module")
def text(stage: Stage) -> str:
    """What Pd printed."""
    need("pd")
    port = f"barline-port {stage.osc_port}"
    song = f"barline-song symbol {escape(str(stage.song))}"
    return stage.run(*QUIET, "-open", str(SCRIPTS / "session.pd"), "-send", port, "-send", song)


@pytest.fixture(scope="module")
def heard(text: str) -> Heard:
    """The replies."""
    return re.findall(r"^HEARD: (\w+) (\S+)", text, re.MULTILINE)


def test_every_request_ends_once(heard: Heard) -> None:
    assert_each_ends_once(heard, {name for _, name in heard})


def test_describe_project_repaint_and_cancel_all_end_as_they_should(text: str, heard: Heard) -> None:
    ends = re.findall(r"^HEARD: (done|fail|cancelled|synced) \S+(?: (\w+))?", text, re.MULTILINE)
    jobs = [end for end in ends if end[1] != "hello"]  # told each second until it is answered
    wanted = ["describe", "project", "repaint", "cancel", "repaint", "repaint", ""]
    assert sorted(command for _, command in jobs) == sorted(wanted)
    assert ("done", "repaint") in ends and ("cancelled", "repaint") in ends and ("fail", "repaint") in ends
    assert {kind for kind, _ in heard} >= {*TERMINAL, "accepted", "progress"}


def test_the_outlets_tell_take_progress_and_fault(text: str) -> None:
    assert re.search(r"^TAKE: .*_take\.wav$", text, re.MULTILINE)
    assert re.search(r"^PROGRESS: .*denoise 1 \d+$", text, re.MULTILINE)
    assert re.search(r"^FAIL: repaint missing-field|^FAIL: repaint malformed", text, re.MULTILINE)


def test_job_ids_begin_with_the_daemons_fresh_word(text: str, heard: Heard) -> None:
    fresh = re.search(r"hello .* fresh (\S+)$", text, re.MULTILINE)
    assert fresh
    jobs = {name for kind, name in heard if kind == "accepted"}
    assert len(jobs) == 2 and all(name.startswith(f"{fresh[1]}-") for name in jobs)


@pytest.mark.parametrize("patch", ["barline", "barline-help"])
def test_patches_open_without_a_complaint(patch: str, stage: Stage) -> None:
    need("pd")
    text = stage.run(*QUIET, "-open", str(PATCHES / f"{patch}.pd"), "-send", "pd quit")
    assert re.findall(r".*(?:error|couldn't|no such|bad connection).*", text) == []
