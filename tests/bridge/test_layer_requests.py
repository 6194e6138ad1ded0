"""Every request on a source over OSC and WebSocket, good and bad, with a real engine and a tiny model."""

import asyncio
import json
import socket
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from websockets.asyncio.client import connect

from bridge.bwf import read_time_reference
from protocol import json_text, osc
from protocol.layers import Complete, Extract, Lego, Vocal2Bgm
from protocol.messages import Cover, Describe, Download, Project
from protocol.replies import DescribeDone, DownloadDone, Fail
from protocol.values import Bars, Seconds
from tests.acceptance.common import DaemonProcess, constant, engine_ready, write_able_model
from tests.bridge.daemons import ask, write_song
from tests.protocol.clients import datagram

RATE = 44_100


@pytest.fixture(scope="module")
def able(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """A daemon with a tiny model that can do everything, in two steps."""
    place = tmp_path_factory.mktemp("able")
    rivals = {"default_mask_rivals": ["bass", "drums", "guitar"], "default_mask_mid_side": True}
    folder = write_able_model(place / "models", **rivals)
    write_song(place / "song.wav", 6, RATE)
    voice = np.random.default_rng(2).standard_normal((6 * 48_000, 1)) * 0.05
    soundfile.write(place / "voice.flac", voice, 48_000, subtype="PCM_16")
    daemon = DaemonProcess(place, folder)
    daemon.start()
    yield daemon
    daemon.stop()


def song(daemon: DaemonProcess) -> str:
    return str(daemon.place / "song.wav")


BARS = {"start": Bars(2), "end": Bars(3)}
WHOLE = (0, 6 * RATE)
SECOND_BAR = (2 * RATE, 4 * RATE)
GOOD: dict[str, tuple[type, dict[str, Any], tuple[int, int]]] = {
    "extract": (Extract, {"stems": ("vocals", "drums"), **BARS}, SECOND_BAR),
    "extract the whole file": (Extract, {"stems": ("bass",)}, WHOLE),
    "extract to float": (Extract, {"stems": ("bass",), "bit_depth": "float", **BARS}, SECOND_BAR),
    "extract generated": (Extract, {"stems": ("bass", "fx"), "mode": "generated", **BARS}, SECOND_BAR),
    "lego": (Lego, {"stem": "bass", **BARS}, SECOND_BAR),
    "lego from bar 3": (Lego, {"stem": "drums", "start": Bars(3)}, (4 * RATE, WHOLE[1])),
    "complete": (Complete, {"stems": ("drums", "bass"), **BARS}, SECOND_BAR),
    "complete of its choice": (Complete, {"caption": "slow rock"}, WHOLE),
    "cover": (Cover, {"caption": "brass band", **BARS}, SECOND_BAR),
    "cover with all": (
        Cover,
        {"strength": "1/2", "raw": True, "reference": "voice.flac", "lyrics": "la", **BARS},
        SECOND_BAR,
    ),
}


def request_of(cls: type, name: str, daemon: DaemonProcess, fields: dict[str, Any]) -> Any:
    told = dict(fields)
    if "strength" in told:
        told["strength"] = Fraction(told["strength"])
    if told.get("reference"):
        told["reference"] = str(daemon.place / told["reference"])
    return cls(request_id=name, source=song(daemon), seed=5, **told)


@pytest.mark.parametrize("wire", ["osc", "ws"])
async def test_every_request_gives_files_as_long_as_its_region(able: DaemonProcess, wire: str) -> None:
    async with getattr(able, wire)() as client:
        await ask(client, Project(request_id=f"p-{wire}", tempo=constant(120), sample_rate=RATE))
        await engine_ready(client)
        for name, (cls, fields, span) in GOOD.items():
            done = await ask(client, request_of(cls, f"{wire} {name}", able, fields))
            assert not isinstance(done, Fail), f"{name}: {done}"
            assert (done.start_sample, done.end_sample, done.sample_rate) == (*span, RATE), name
            for path in getattr(done, "takes", None) or [done.take]:
                file = soundfile.info(path)
                assert (file.frames, file.samplerate, file.channels) == (span[1] - span[0], RATE, 2), name
                assert file.subtype == ("FLOAT" if "float" in name else "PCM_24")
                assert read_time_reference(Path(path)) == span[0]
                assert np.abs(soundfile.read(path)[0]).max() > 0 or "remainder" in path
            assert Path(done.sidecar).is_file() and done.seed == "5"
            assert all("no clear beat" in text for text in done.warnings), name  # random weights play none


async def test_masked_stems_add_up_and_generated_ones_stand_alone(able: DaemonProcess) -> None:
    async with able.osc() as client:
        await ask(client, Project(request_id="p-sum", tempo=constant(120), sample_rate=RATE))
        done = await ask(client, Extract(request_id="sum", source=song(able), stems=("vocals", "drums")))
        alone = await ask(
            client, Extract(request_id="alone", source=song(able), stems=("drums",), mode="generated")
        )
    assert done.stems == ("vocals", "drums", "remainder") and alone.stems == ("drums",)
    how = [json.loads(Path(told.sidecar).read_text("utf-8"))["provenance"] for told in (done, alone)]
    assert how[0]["mask"]["rivals"] == ["bass", "drums", "guitar"] and "mask" not in how[1]
    stems = [soundfile.read(path, dtype="int32")[0].astype(np.int64) for path in done.takes]
    assert np.array_equal(np.sum(stems, axis=0), soundfile.read(song(able), dtype="int32")[0])
    assert [Path(path).stem.rpartition("-")[2] for path in done.takes] == list(done.stems)


async def test_a_backing_comes_alone_or_mixed_and_is_stereo(able: DaemonProcess) -> None:
    voice = able.place / "voice.flac"
    async with able.ws() as client:
        await ask(client, Project(request_id="p-voice", tempo=constant(120)))
        request = Vocal2Bgm(request_id="bgm", source=str(voice), deliver="both", bit_depth="float")
        done = await ask(client, request)
    backing, mix = soundfile.read(done.take)[0], soundfile.read(done.full)[0]
    assert backing.shape == mix.shape == (6 * 48_000, 2)
    assert np.abs(mix - backing - soundfile.read(voice)[0][:, None]).max() < 1e-6


async def test_the_same_seed_gives_the_same_stems(able: DaemonProcess) -> None:
    async with able.osc() as client:
        await ask(client, Project(request_id="p-seed", tempo=constant(120), sample_rate=RATE))
        takes = []
        for name, seed in (("one", 5), ("two", 5), ("other", 6)):
            request = Extract(request_id=name, source=song(able), stems=("bass",), seed=seed, **BARS)
            takes.append(soundfile.read((await ask(client, request)).takes[0])[0])
    assert np.array_equal(takes[0], takes[1]) and not np.array_equal(takes[0], takes[2])


async def test_a_stem_can_be_downloaded_by_its_name(able: DaemonProcess) -> None:
    async with able.ws() as client:
        await ask(client, Project(request_id="p-load", tempo=constant(120), sample_rate=RATE))
        done = await ask(client, Extract(request_id="load", source=song(able), stems=("bass",), **BARS))
        sent = await ask(client, Download(request_id="d1", job="load", name="remainder"))
        wrong = await ask(client, Download(request_id="d2", job="load", name="kazoo"))
    assert isinstance(sent, DownloadDone) and sent.name == Path(done.takes[1]).name
    assert (wrong.code, wrong.field) == ("no-file", "name") and "kazoo" in wrong.text


BAD: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "an unknown stem": ({"type": "extract", "stems": ["kazoo"]}, "out-of-range", "stems", '"kazoo"'),
    "a stem twice": ({"type": "extract", "stems": "bass bass"}, "out-of-range", "stems", "each once"),
    "no stems": ({"type": "extract", "stems": ""}, "out-of-range", "stems", "at least 1"),
    "stems left out": ({"type": "extract"}, "missing-field", "stems", "stems is missing"),
    "stems of numbers": ({"type": "extract", "stems": 7}, "wrong-type", "stems", "7"),
    "an unknown mode": (
        {"type": "extract", "stems": "all", "mode": "magic"},
        "out-of-range",
        "mode",
        '"magic"',
    ),
    "an unknown depth": (
        {"type": "extract", "stems": "all", "bit_depth": "8"},
        "out-of-range",
        "bit_depth",
        '"8"',
    ),
    "an unknown layer": ({"type": "lego", "stem": "kazoo"}, "out-of-range", "stem", '"kazoo"'),
    "a long fade": (
        {"type": "lego", "stem": "bass", "fade_ms": 5000},
        "out-of-range",
        "fade_ms",
        "5000 is outside 0..1000",
    ),
    "much strength": ({"type": "cover", "strength": 3}, "out-of-range", "strength", "3 is outside 0..1"),
    "no such field": ({"type": "cover", "strenght": 1}, "unknown-field", "strenght", "mean strength"),
    "no reference": (
        {"type": "cover", "reference": "nowhere.wav"},
        "no-file",
        "reference",
        "nowhere.wav",
    ),
    "past the end": (
        {"type": "complete", "end": {"bars": 99}},
        "out-of-range",
        "end",
        f"0..{WHOLE[1]}",
    ),
    "before the start": (
        {"type": "vocal2bgm", "start": {"bars": 0}},
        "out-of-range",
        "start",
        "samples -88200",
    ),
    "turned round": (
        {"type": "lego", "stem": "bass", "start": {"bars": 3}, "end": {"bars": 2}},
        "out-of-range",
        "end",
        "not behind its start",
    ),
    "no backing": ({"type": "vocal2bgm", "stems": []}, "out-of-range", "stems", "at least 1"),
    "no project": ({"type": "cover", "project": "none"}, "unknown-project", "project", "'none'"),
}


async def send_osc(daemon: DaemonProcess, fields: dict[str, Any]) -> Any:
    """Sends a message as a script writes it, and gives the first reply to it."""
    pairs: list[Any] = [fields["id"]]
    for key, value in fields.items():
        if key not in ("type", "id"):
            unit, plain = next(iter(value.items())) if isinstance(value, dict) else ("", value)
            pairs += [f"{key}.{unit}" if unit else key, " ".join(plain) if isinstance(plain, list) else plain]
    tags = "".join("i" if isinstance(word, int) else "s" for word in pairs)
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.setblocking(False)
        await loop.sock_connect(wire, ("127.0.0.1", daemon.ports["osc"]))
        await loop.sock_sendall(wire, datagram(f"/{fields['type']}", tags, *pairs))
        return osc.decode_reply(await loop.sock_recv(wire, 65_536))


async def send_ws(daemon: DaemonProcess, fields: dict[str, Any]) -> Any:
    """Sends a message as JSON, and gives the first reply to it."""
    async with connect(f"ws://127.0.0.1:{daemon.ports['ws']}") as wire:
        await wire.send(json.dumps(fields))
        return json_text.decode_reply(str(await wire.recv()))


@pytest.mark.parametrize("send", [send_osc, send_ws])
async def test_every_fail_names_field_rule_and_value(able: DaemonProcess, send: Any) -> None:
    async with able.osc() as client:
        await ask(client, Project(request_id="p-bad", tempo=constant(120), sample_rate=RATE))
    for name, (fields, code, field, words) in BAD.items():
        told = {"id": f"{send.__name__} {name}", "source": song(able), **fields}
        if told.get("reference"):
            told["reference"] = str(able.place / told["reference"])
        async with asyncio.timeout(10):
            fail = await send(able, told)
        assert isinstance(fail, Fail), f"{name}: {fail}"
        assert (fail.request_id, fail.command) == (told["id"], told["type"])
        assert (fail.code, fail.field) == (code, field), f"{name}: {fail.code} {fail.field} {fail.text}"
        assert words in fail.text, f"{name}: {fail.text}"


async def test_a_turbo_model_names_the_one_that_can(real_daemon: DaemonProcess) -> None:
    async with real_daemon.osc() as client:
        await ask(client, Project(request_id="p-turbo", tempo=constant(120)))
        source = str(real_daemon.place / "song.wav")
        for request in (
            Extract(request_id="t1", source=source, stems=("bass",)),
            Lego(request_id="t2", source=source, stem="bass"),
            Complete(request_id="t3", source=source),
            Vocal2Bgm(request_id="t4", source=source),
        ):
            fail = await ask(client, request)
            assert isinstance(fail, Fail) and fail.code == "no-task"
            assert "acestep-v15-base" in fail.text
        told = await ask(client, Describe(request_id="t5", what="tasks"))
    assert isinstance(told, DescribeDone) and "acestep-v15-base" in told.content


async def test_a_region_longer_than_the_model_can_see_is_refused(able: DaemonProcess) -> None:
    long = write_song(able.place / "long.wav", 60, 8_000)
    async with able.osc() as client:
        await ask(client, Project(request_id="p-long", tempo=constant(120)))
        fail = await ask(client, Complete(request_id="too long", source=str(long)))
        stems = await ask(
            client, Extract(request_id="long", source=str(long), stems=("bass",), start=Seconds(Fraction(34)))
        )
    assert isinstance(fail, Fail) and fail.code == "too-long"
    assert soundfile.info(stems.takes[0]).frames == 26 * 8_000
