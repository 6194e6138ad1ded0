"""Touch surfaces: an Open Stage Control session and a TouchOSC script; the protocol reads what they send."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from pythonosc.osc_message_builder import OscMessageBuilder

from protocol.messages import Cancel, Hello, Project, Repaint, Request
from protocol.osc import decode_packet
from protocol.values import Bars
from tests.plugins.peers import PLUGINS, SCRIPTS, need

FOLDER = PLUGINS / "touchosc-open-stage-control"
SESSION = json.loads((FOLDER / "barline.session.json").read_text("utf-8"))
COMMON = set(
    """type id visible interaction comments left top width height expand label css value default linkId
    address preArgs typeTags decimals target ignoreDefaults bypass onCreate onValue""".split()
)
PROPERTIES = {
    "root": {"layout", "scroll", "widgets"},
    "panel": {"layout", "scroll", "widgets"},
    "input": {"numeric", "validation", "asYouType"},
    "text": {"wrap", "align"},
    "fader": {"horizontal", "design", "range", "steps", "snap"},
    "button": {"mode", "on", "off"},
    "variable": set[str](),
}
"""Widget types of Open Stage Control that are used here, and properties they have besides the common ones."""


def widgets_below(widget: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A widget and all inside of it."""
    yield widget
    for inner in widget.get("widgets", []):
        yield from widgets_below(inner)


def read(address: str, arguments: Sequence[Any]) -> Request:
    """What the daemon understands by a message."""
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument, "s" if isinstance(argument, str) else "f")
    [timed] = decode_packet(builder.build().dgram)
    assert not isinstance(timed.message, Exception), timed.message
    return timed.message


def test_a_session_file_has_the_frame_that_open_stage_control_reads() -> None:
    assert {"createdWith", "version", "type", "content"} == SESSION.keys()
    assert (SESSION["createdWith"], SESSION["type"]) == ("Open Stage Control", "session")
    assert (SESSION["content"]["type"], SESSION["content"]["id"]) == ("root", "root")


def test_every_widget_is_of_a_known_type_and_has_known_properties_only() -> None:
    wrong = {
        f"{widget['id']}.{name}"
        for widget in widgets_below(SESSION["content"])
        for name in widget.keys() - COMMON - PROPERTIES[widget["type"]]
    }
    assert wrong == set()


def test_no_two_widgets_share_an_id_and_none_sends_by_itself() -> None:
    widgets = list(widgets_below(SESSION["content"]))
    assert len({widget["id"] for widget in widgets}) == len(widgets)
    chatty = [widget["id"] for widget in widgets if widget["type"] != "variable" and not widget.get("bypass")]
    assert chatty == []


@pytest.fixture(scope="module")
def deck() -> dict[str, Any]:
    """What the session's scripts send and show."""
    need("node")
    command = ["node", str(SCRIPTS / "surface_scripts.cjs"), str(FOLDER / "barline.session.json")]
    return dict(json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout))


def test_the_decks_buttons_send_requests_that_the_protocol_reads(deck: dict[str, Any]) -> None:
    project, repaint, cancel = (read(address, arguments) for address, *arguments in deck["sent"])
    assert isinstance(project, Project) and project.name == "deck"
    assert isinstance(repaint, Repaint) and (repaint.start, repaint.end) == (Bars(17), Bars(21))
    assert isinstance(cancel, Cancel) and cancel.job == "job-7"


def test_the_deck_shows_progress_take_and_fault(deck: dict[str, Any]) -> None:
    assert deck["progress"] == 3 / 8 and deck["take"] == "/takes/a.wav  at bar 17|1|0"
    assert deck["status"] == "repaint: fade_ms=5000 is outside"


@pytest.fixture(scope="module")
def touch() -> list[list[str]]:
    """What the TouchOSC script sends and shows."""
    lua = next((name for name in ("lua5.4", "lua5.3", "lua") if shutil.which(name)), None)
    if lua is None:
        pytest.skip("no Lua installed; .ci/run installs it where apt is there")
    command = [lua, str(SCRIPTS / "touchosc.lua"), str(FOLDER / "barline.touchosc.lua")]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return [line.split("\t") for line in ran.stdout.splitlines()]


def test_the_touchosc_script_sends_requests_that_the_protocol_reads(touch: list[list[str]]) -> None:
    sent = [read(address, arguments) for kind, address, *arguments in touch if kind == "SENT"]
    assert [type(request) for request in sent] == [Hello, Hello, Project, Repaint, Cancel]
    repaint, cancel = sent[3], sent[4]
    assert isinstance(repaint, Repaint) and repaint.request_id == "k3f9-job-4" and repaint.end == Bars(21)
    assert isinstance(cancel, Cancel) and cancel.job == repaint.request_id


def test_the_touchosc_script_shows_what_it_hears(touch: list[list[str]]) -> None:
    shown = [line[1] for line in touch if line[0] == "SHOWN"]
    assert shown[2:] == [
        "denoise 3/8",
        "repaint cancelled",
        "bar 17|1|0: /takes/a.wav",
        "repaint: source is not there",
    ]
    assert ["PROGRESS", "0.375"] in touch
