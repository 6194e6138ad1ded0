"""Files that appear whole or not at all, names that hurt nobody, and songs made from nothing."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge import publish
from bridge.delivery import NewForm, Place, bars_label, deliver_new
from bridge.publish import delivery_into, safe_name, sweep_partials
from protocol.errors import ProtocolError
from tests.bridge.audio_files import WHEN, noise


def test_nothing_is_left_when_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), delivery_into(tmp_path) as delivery:
        delivery.part().write_bytes(b"half")
        raise RuntimeError("cancelled")
    assert list(tmp_path.iterdir()) == []


def test_a_set_is_published_under_one_number_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "a_full.wav").write_bytes(b"mine")
    with delivery_into(tmp_path) as delivery:
        parts = {ending: delivery.part() for ending in ("_take.wav", "_full.wav")}
        for ending, part in parts.items():
            part.write_text(ending)
        named = delivery.publish("a", parts)
    assert {path.name for path in named.values()} == {"a_2_take.wav", "a_2_full.wav"}
    assert {path.name for path in tmp_path.iterdir()} == {"a_full.wav", "a_2_take.wav", "a_2_full.wav"}
    assert (tmp_path / "a_full.wav").read_bytes() == b"mine"


def test_without_hard_links_nothing_is_overwritten_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(publish.os, "link", no_links)
    for _ in range(2):
        with delivery_into(tmp_path) as delivery:
            part = delivery.part()
            part.write_text("x")
            delivery.publish("a", {".wav": part})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.wav": "x", "a_2.wav": "x"}


def test_partials_of_a_killed_daemon_are_swept(tmp_path: Path) -> None:
    with delivery_into(tmp_path) as delivery:
        delivery.part().write_bytes(b"half")
        delivery.parts.clear()  # as if the process had ended here
    (tmp_path / "song.wav").write_bytes(b"mine")
    assert sweep_partials(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["song.wav"]
    assert sweep_partials(tmp_path / "none") == 0


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("song", "song"),
        ("../../etc/passwd", "etc_passwd"),
        ('say "hi" `rm` $x; a|b', "say_hi_rm_x_a_b"),
        ("Über Größe 夜", "Über_Größe_夜"),
        ("", "_"),
        ("...", "_"),
        ("a\0b\nc", "a_b_c"),
    ],
)
def test_names_are_safe_in_any_script(text: str, safe: str) -> None:
    assert safe_name(text) == safe


def test_long_names_are_cut_between_letters() -> None:
    assert safe_name("夜" * 500, 100) == "夜" * 33


def test_bars_in_a_name() -> None:
    assert bars_label("5|1|0", "9|1|0") == "bars5-9"
    assert bars_label("5|3|480", "9|1|0") == "bars5.3.480-9.1.0"


@pytest.mark.parametrize(
    ("container", "depth"), [("wav", "16"), ("wav", "24"), ("wav", "float"), ("aiff", "24"), ("flac", "24")]
)
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_a_new_song_has_the_form_asked_for(tmp_path: Path, container: str, depth: str, rate: int) -> None:
    audio = noise(96_000, 2).T.astype(np.float32)
    form = NewForm(rate, rate * 2 - 777, container, depth, 1_234, "bars1-2")
    delivered = deliver_new(audio, form, Place(tmp_path, "song", "job/1", WHEN), {})
    assert delivered.take and delivered.take.name.startswith("song_bars1-2_job_1_take.")
    found, stored_rate = soundfile.read(delivered.take)
    assert (len(found), stored_rate) == (rate * 2 - 777, rate)
    if rate == 48_000:
        assert np.abs(found - audio.T[: len(found)]).max() <= 2.0 ** -(15 if depth == "16" else 23)


def test_clipped_values_are_counted(tmp_path: Path) -> None:
    audio = np.zeros((2, 1920), np.float32)
    audio[0, :5], audio[1, 7] = 1.5, -1.0
    form = NewForm(48_000, 1920, "wav", "16", 0, "bars1-2")
    delivered = deliver_new(audio, form, Place(tmp_path, "s", "j", WHEN), {})
    assert delivered.warnings == ("5 values were above full scale and clipped",)


def test_flac_of_floats_is_refused(tmp_path: Path) -> None:
    form = NewForm(48_000, 1920, "flac", "float", 0, "bars1-2")
    with pytest.raises(ProtocolError, match="16 or 24"):
        deliver_new(np.zeros((2, 1920), np.float32), form, Place(tmp_path, "s", "j", WHEN), {})
    assert os.listdir(tmp_path) == []
