"""The Max device: its patch by structure, its Node script against a daemon, its Live script in a set."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.peers import PLUGINS, SCRIPTS, Stage, need, node_folder

PATCH = json.loads((PLUGINS / "max" / "Barline.maxpat").read_text("utf-8"))["patcher"]
BOXES = {box["box"]["id"]: box["box"] for box in PATCH["boxes"]}
SHAPES = {
    "live.thisdevice": (1, 3),
    "message": (2, 1),
    "comment": (1, 0),
    "textbutton": (1, 3),
    "textedit": (1, 4),
    "prepend": (1, 1),
    "print": (1, 0),
    "js": (1, 1),  # as many as its script declares
    "node.script": (1, 2),
    "plugin~": (2, 2),
    "plugout~": (2, 2),
}
"""Inlets and outlets of Max's objects; route has one of each per word, and one more."""


def shape_of(box: dict[str, Any]) -> tuple[int, int]:
    """Inlets and outlets that Max would give a box."""
    if box["maxclass"] != "newobj":
        return SHAPES[box["maxclass"]]
    name, *arguments = box["text"].split()
    return (len(arguments) + 1, len(arguments) + 1) if name == "route" else SHAPES[name]


@pytest.mark.parametrize("box", BOXES.values(), ids=lambda box: box.get("text", box["id"])[:30])
def test_a_box_has_the_inlets_and_outlets_of_its_object(box: dict[str, Any]) -> None:
    assert (box["numinlets"], box["numoutlets"]) == shape_of(box)
    assert len(box.get("outlettype", [])) == box["numoutlets"]


def test_every_line_of_the_patch_ends_at_boxes_that_are_there() -> None:
    for line in PATCH["lines"]:
        (source, outlet), (target, inlet) = line["patchline"]["source"], line["patchline"]["destination"]
        assert outlet < BOXES[source]["numoutlets"] and inlet < BOXES[target]["numinlets"]
    ends = {line["patchline"][end][0] for line in PATCH["lines"] for end in ("source", "destination")}
    loose = [box["text"] for box in BOXES.values() if box["id"] not in ends and box["maxclass"] != "comment"]
    assert loose == []


def test_the_patch_names_scripts_that_are_there_and_messages_they_have() -> None:
    words = {box["text"] for box in BOXES.values() if box["maxclass"] != "comment"}
    scripts = {found[1] for text in words if (found := re.match(r"(?:js|node\.script) (\S+)", text))}
    assert scripts == {"barline.live.js", "barline.n4m.js"}
    sources = {name: (PLUGINS / "max" / name).read_text("utf-8") for name in scripts}
    functions = re.findall(r"^function (\w+)\(", sources["barline.live.js"], re.MULTILINE)
    assert {"read", "place"} <= set(functions)
    routed = next(text for text in words if text.startswith("route status")).split()[1:]
    assert set(routed) == set(re.findall(r'tell\("(\w+)"', sources["barline.n4m.js"]))


@pytest.fixture(scope="module")
def told(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> list[list[Any]]:
    """Every message that came out of node.script."""
    folder = node_folder(tmp_path_factory.mktemp("max") / "device", "node/barline.mjs", "max/barline.n4m.js")
    module = folder / "node_modules" / "max-api"
    module.mkdir()
    shutil.copy(SCRIPTS / "max_api.cjs", module / "index.js")
    session = Path(shutil.copy(SCRIPTS / "max_session.cjs", folder))
    return [json.loads(line) for line in stage.run("node", str(session)).splitlines() if line.startswith("[")]


def test_a_patch_hears_the_end_of_each_of_its_messages_once(told: list[list[Any]]) -> None:
    ends = [(kind, command) for kind, command, *_ in told if kind in ("done", "fail", "cancelled")]
    assert sorted(ends) == sorted(
        [
            ("fail", "repaint"),  # before it was connected
            ("done", "describe"),
            ("done", "project"),
            ("done", "repaint"),
            ("done", "cancel"),
            ("cancelled", "repaint"),
            ("fail", "repaint"),  # fade_ms
            ("fail", "repaint"),  # a key without its value
            ("done", "project"),  # of the clip
            ("done", "repaint"),
            ("done", "sync"),
        ]
    )


def test_a_patch_hears_progress_and_faults(told: list[list[Any]]) -> None:
    assert any(message[:2] == ["progress", "denoise"] for message in told)
    codes = [message[2] for message in told if message[0] == "fail"]
    assert sorted(codes) == ["lost", "out-of-range", "wrong-type"]


def test_a_repainted_clip_comes_back_as_a_file_to_place(told: list[list[Any]]) -> None:
    placed = [json.loads(message[1]) for message in told if message[0] == "place"]
    assert len(placed) == 1 and Path(placed[0]["full"]).is_file()
    assert placed[0]["track"] == "live_set tracks 0"


@pytest.fixture(scope="module")
def live() -> dict[str, Any]:
    """What barline.live.js told, by case."""
    need("node")
    script = PLUGINS / "max" / "barline.live.js"
    command = ["node", str(SCRIPTS / "max_live.cjs"), str(script)]
    return dict(json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout))


def test_a_warped_clip_is_told_on_the_grid_of_its_markers(live: dict[str, Any]) -> None:
    [[selector, text]] = live["warped"]
    clip = json.loads(text)
    assert selector == "clip" and clip["track"] == "live_set tracks 2"
    # Markers at beats 5, 9, 21 = 0.5 s, 2.5 s, 11.5 s: 120 bpm, then 80; counted from bar line 4.
    assert clip["tempo"] == "0 120; 5 80" and (clip["start"], clip["end"]) == (4, 12)
    assert clip["source_start"] == pytest.approx(0.0)


def test_an_unwarped_clip_is_told_on_the_tempo_of_the_set(live: dict[str, Any]) -> None:
    [[_, text]] = live["straight"]
    clip = json.loads(text)
    assert (clip["tempo"], clip["source_start"], clip["start"], clip["end"]) == ("0 100", -1.5, 0, 10)


def test_what_cannot_be_repainted_is_said(live: dict[str, Any]) -> None:
    assert "MIDI" in live["midi"][0][1] and "select a clip" in live["nothing"][0][1]


def test_a_file_is_placed_in_the_next_empty_slot_or_named(live: dict[str, Any]) -> None:
    assert live["placed"] == [["status", "placed: verse (Barline)"]]
    assert live["clip"] == {"name": "verse (Barline)", "warping": 1, "file_path": "/takes/full.wav"}
    assert "12.0.5" in live["old"][0][1] and "/takes/full.wav" in live["full"][0][1]
