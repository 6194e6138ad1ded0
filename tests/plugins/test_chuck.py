"""barline.ck under ChucK without sound: whole numbers, floats and texts are all it can say."""

import re

import pytest

from tests.plugins.peers import PLUGINS, Heard, Stage, assert_each_ends_once, kinds_of, need

WORDS = "hello describe project cancel sync".split()


@pytest.fixture(scope="module")
def text(stage: Stage) -> str:
    """What ChucK printed."""
    need("chuck")
    program = f"{PLUGINS / 'chuck' / 'barline.ck'}:{stage.osc_port}:{stage.song}:120:2:4"
    return stage.run("chuck", "--silent", program)


@pytest.fixture(scope="module")
def heard(text: str) -> Heard:
    """The replies."""
    return re.findall(r"^/(\w+) (\S+)", text, re.MULTILINE)


def test_every_request_ends_once(heard: Heard) -> None:
    fresh = {name for kind, name in heard if kind == "accepted"}
    assert len(fresh) == 2
    introduced = {name for _, name in heard if name.startswith("ck-notify")}
    assert_each_ends_once(heard, {*fresh, *introduced, *(f"ck-{word}" for word in WORDS)})


def test_one_repaint_is_done_and_one_cancelled(text: str, heard: Heard) -> None:
    done, stopped = (name for kind, name in heard if kind == "accepted")
    assert kinds_of(heard, done)[-1] == "done" and "progress" in kinds_of(heard, done)
    assert kinds_of(heard, stopped)[-1] == "cancelled"
    assert re.search(r"^TAKE .*_take\.wav$", text, re.MULTILINE)
