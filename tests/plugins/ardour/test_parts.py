"""Parts of Ardour's scripts on their own, in Ardour's Lua and without its windows."""

import base64
import json
import random
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bridge.grid import build_grid, time_at
from plugins_reference.ardour import install
from protocol.examples import REPLIES, REQUESTS
from protocol.json_text import encode_reply, encode_request
from protocol.maps import Meters, Tempos
from protocol.values import Beats
from tests.plugins.ardour.studio import Studio
from tests.plugins.peers import need

MAPS = 40
TEXTS = [
    *(encode_request(request) for request in REQUESTS),
    *(encode_reply(reply) for reply in REPLIES),
    r'{"a": "\u00e9\ud83c\udfb5 \" \\ \/ \n", "b": [-1, 0.1, 1e3, 9007199254740993, true, false]}',
    '{"empty": {}, "deep": [[1], [[2]]]}',
]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the scripts made of the folder's texts, maps and mail."""

    place: Path

    def lines(self, name: str) -> list[str]:
        """The lines of an answer."""
        return (self.place / f"{name}.out").read_text("utf-8").splitlines()


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """One run of Ardour's Lua for all of them."""
    need("ardour7-lua")
    place = tmp_path_factory.mktemp("parts")
    (place / "texts.txt").write_text("\n".join(TEXTS) + "\n", "utf-8")
    (place / "maps.txt").write_text("".join(map(map_lines, range(MAPS))))
    mail = place / "mailbox"
    (mail / "in").mkdir(parents=True)
    (mail / "out" / "someone").mkdir(parents=True)
    for number in (1, 2, 9, 60, 120):  # progress that was overtaken leaves gaps
        (mail / "out" / "someone" / f"{number:08d}.json").write_text(json.dumps({"id": f"r{number}"}) + "\n")
    (place / "daemon.json").write_text(json.dumps({"mailbox": str(mail), "pid": 1}))
    Studio(place, place).ask_second_ardour("parts.lua", str(install.SCRIPTS), str(place))
    yield Parts(place)


def map_lines(seed: int) -> str:
    """A tempo map with steps, ramps that reach the next tempo and ramps that do not, and changes of meter."""
    draw = random.Random(seed)
    lines, at = ["map"], 0
    for index in range(draw.randint(1, 6)):
        bpm = draw.randint(40_000, 240_000) / 1000
        end = draw.choice([bpm, draw.randint(40_000, 240_000) / 1000])
        lines.append(f"point {at} {bpm} {end} {draw.choice([4, 4, 8, 2])}")
        if index == 0 or draw.random() < 0.5:
            lines.append(f"meter {at} {draw.choice([3, 4, 5, 7])} {draw.choice([4, 8])}")
        at += 4 * draw.randint(2, 8)
    asked = (f"ask {draw.randint(0, at * 960) / 960}" for _ in range(8))
    return "\n".join([*lines, "tell", *asked, "end"]) + "\n"


def test_json_texts_come_back_as_they_were(parts: Parts) -> None:
    # Lua cannot tell an empty list from an empty object
    read = [json.loads(line) for line in parts.lines("texts")]
    assert [lists(value) for value in read] == [lists(json.loads(text)) for text in TEXTS]


def lists(value: object) -> object:
    """The value with every empty list made an empty object, and every null left out."""
    if isinstance(value, dict):
        return {key: lists(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [lists(item) for item in value] or {}
    return value


def test_replies_are_found_across_gaps_in_their_numbers(parts: Parts) -> None:
    assert parts.lines("mail") == ["r1", "r2", "r9", "r60", "r120"]


def test_a_request_is_one_whole_file(parts: Parts) -> None:
    (sent,) = (parts.place / "mailbox" / "in").iterdir()
    assert sent.name == "someone.00000001.json"
    assert json.loads(sent.read_text("utf-8")) == {"type": "cancel", "id": "c1", "job": 'é "1"'}


def test_the_tempo_text_means_ardours_own_grid(parts: Parts) -> None:
    off = []
    for line in parts.lines("maps"):
        kind, _, text = line.partition(" ")
        if kind == "tempo":
            tempo = Tempos().read(text, "tempo")
        elif kind == "meter":
            grid = build_grid(tempo, Meters().read(text, "meter"), 48_000)
        else:
            ticks, sample = map(int, text.split())
            exact = time_at(grid, Beats(Fraction(ticks, 1920))).value * 48_000
            off.append(sample - floor(exact))
    assert len(off) == 8 * MAPS
    # Ardour floors, and counts ramps in whole superclock ticks
    assert {-1, 0, 1} >= set(off)
    assert off.count(0) > 0.95 * len(off)


def test_luacheck_finds_nothing() -> None:
    need("luacheck")
    folder = install.SCRIPTS.parent
    command = ["luacheck", "--no-color", "--config", str(folder / ".luacheckrc"), str(install.SCRIPTS)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_installing_again_changes_nothing(tmp_path: Path) -> None:
    install.install(tmp_path)
    first = (tmp_path / "ui_scripts").read_bytes()
    install.install(tmp_path)
    again = (tmp_path / "ui_scripts").read_bytes()
    assert slots(first) == slots(again) == list(range(1, 11))


def slots(ui_scripts: bytes) -> list[int]:
    """Numbers of the slots that Ardour's file fills."""
    node = ElementTree.fromstring(ui_scripts).find("ActionScript")
    assert node is not None and node.text is not None
    text = base64.b64decode(node.text).decode("latin-1")
    return sorted({int(number) for number in re.findall(r"scripts\[(\d+)\] = ", text)})
