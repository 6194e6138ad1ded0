"""Several takes, several regions and regions that reach past the source, from the wire to files."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from protocol.messages import Download, Generate, Project, Repaint
from protocol.replies import DownloadDone, Fail
from protocol.values import BarCount, Bars, FurtherRegion, Samples
from tests.acceptance.common import DaemonProcess, constant, ready
from tests.bridge.audio_files import write_song
from tests.bridge.daemons import ask

BAR = 96_000


def stored(path: str) -> Any:
    return soundfile.read(path, dtype="int32", always_2d=True)[0]


def repaint(request_id: str, song: Path, **more: Any) -> Repaint:
    fields = {"start": Bars(2), "end": Bars(3), "seed": 2**32 - 1, "steps": 2} | more
    return Repaint(request_id=request_id, source=str(song), caption="drums", **fields)


async def test_takes_have_seeds_of_their_own_and_the_full_song_holds_the_first(
    real_daemon: DaemonProcess,
) -> None:
    song = real_daemon.place / "song.wav"
    async with ready(real_daemon) as client:
        done = await ask(client, repaint("takes", song, takes=3))
        alone = await ask(client, repaint("alone", song, seed=1))
    assert done.seeds == (str(2**32 - 1), "0", "1") and done.take == done.takes[0]
    takes = [stored(path) for path in done.takes]
    assert len({take.tobytes() for take in takes}) == 3
    assert np.array_equal(takes[2], stored(alone.take))
    assert np.array_equal(stored(done.full)[BAR : 2 * BAR], takes[0])
    assert [Path(path).stem.rpartition("_")[2] for path in done.takes] == ["take-1", "take-2", "take-3"]


async def test_generated_takes_can_be_downloaded_by_number(real_daemon: DaemonProcess) -> None:
    async with ready(real_daemon), real_daemon.ws() as client:
        request = Generate(request_id="gen", length=BarCount(1), caption="piano", takes=2, steps=2, seed=4)
        done = await ask(client, request)
        sent = await ask(client, Download(request_id="g-2", job="gen", name="2"))
        first = await ask(client, Download(request_id="g-1", job="gen"))
        wrong = await ask(client, Download(request_id="g-3", job="gen", name="3"))
    assert done.seeds == ("4", "5") and not np.array_equal(*map(stored, done.takes))
    assert isinstance(sent, DownloadDone) and sent.name == Path(done.takes[1]).name
    assert first.name == Path(done.take).name and (wrong.code, wrong.field) == ("no-file", "name")


async def test_a_reference_reaches_the_new_piece(real_daemon: DaemonProcess) -> None:
    async with ready(real_daemon) as client:
        takes = []
        for name, reference in (("plain", ""), ("timbre", str(real_daemon.place / "song.wav"))):
            fields = {"length": BarCount(1), "caption": "piano", "steps": 2, "seed": 4}
            done = await ask(client, Generate(request_id=name, reference=reference, **fields))
            takes.append(stored(done.take))
    assert not np.array_equal(*takes)


@pytest.mark.parametrize("ending", [".wav", ".flac"])
async def test_regions_are_painted_in_one_job_with_words_of_their_own(
    real_daemon: DaemonProcess, ending: str
) -> None:
    song = write_song(real_daemon.place / f"regions{ending}", 48_000, "24", 2, 12)
    places = ((Bars(4), Bars(5)), (Bars(6), Bars(7)))
    more = tuple(FurtherRegion(*place, lyrics="la") for place in places)
    async with ready(real_daemon) as client:
        done = await ask(client, repaint(f"regions{ending}", song, more=more, takes=2))
        request = repaint(f"fourth{ending}", song, start=Bars(4), end=Bars(5), lyrics="la")
        fourth = await ask(client, request)
    before, after = stored(str(song)), stored(done.full)
    takes = [stored(path) for path in done.takes]
    assert len(takes) == len(done.seeds) == 6
    for index, bar in enumerate((1, 3, 5)):
        span = slice(bar * BAR, (bar + 1) * BAR)
        assert np.array_equal(after[span], takes[2 * index])
        assert np.array_equal(after[span.stop : span.stop + BAR], before[span.stop : span.stop + BAR])
    assert np.array_equal(after[:BAR], before[:BAR])
    same = 2 + done.seeds[2:4].index(fourth.seed)  # takes that are sung are ranked
    assert np.array_equal(takes[same], stored(fourth.take))
    told = json.loads(done.regions)
    assert [(one["start_bar"], one["takes"]) for one in told] == [("2|1|0", 2), ("4|1|0", 2), ("6|1|0", 2)]


@pytest.mark.parametrize("ending", [".wav", ".aiff", ".flac"])
async def test_outpainting_makes_the_song_longer_and_changes_nothing_of_it(
    real_daemon: DaemonProcess, ending: str
) -> None:
    song = write_song(real_daemon.place / f"short{ending}", 48_000, "24", 6 if ending == ".wav" else 2, 6)
    project = Project(request_id=f"p{ending}", name="out", tempo=constant(120), source_start=Samples(BAR))
    further = (FurtherRegion(Bars(1), Bars(2)),)
    async with ready(real_daemon) as client:
        await ask(client, project)
        fields = {"start": Bars(5), "end": Bars(6), "project": "out", "outpaint": True}
        done = await ask(client, repaint(f"both{ending}", song, **fields, more=further))
        behind = await ask(client, repaint(f"behind{ending}", song, **fields))
    before, after = stored(str(song)), stored(done.full)
    assert len(after) == 5 * BAR and (done.full_start, behind.full_start) == (0, BAR)
    assert np.array_equal(after[BAR : 4 * BAR], before)
    assert np.array_equal(after[4 * BAR :], stored(done.takes[0]))
    assert np.array_equal(after[:BAR], stored(done.takes[1]))
    assert np.array_equal(stored(behind.full), after[BAR:])
    assert soundfile.info(done.full).subtype == soundfile.info(song).subtype
    assert all(np.abs(stored(path)[:, :2]).max() > 0 for path in done.takes)


BAD: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "overlap": (
        {"more": (FurtherRegion(Bars(2, 3), Bars(4)),)},
        "out-of-range",
        "more",
        "samples 144000..288000 and 96000..192000 of the source overlap",
    ),
    "outside": ({"more": (FurtherRegion(Bars(99), Bars(100)),)}, "out-of-range", "more", "more[0]"),
    "takes of full": ({"takes": 2, "deliver": "full"}, "out-of-range", "takes", "takes=2"),
    "past the end": ({"end": Bars(9)}, "out-of-range", "end", "0..576000"),
    "far past it": (
        {"start": Bars(50), "end": Bars(51), "outpaint": True},
        "out-of-range",
        "end",
        "0..576000",
    ),
}


async def test_every_fail_names_field_rule_and_value(real_daemon: DaemonProcess) -> None:
    async with ready(real_daemon) as client:
        for name, (fields, code, field, words) in BAD.items():
            fail = await ask(client, repaint(name, real_daemon.place / "song.wav", **fields))
            assert isinstance(fail, Fail) and (fail.code, fail.field) == (code, field), f"{name}: {fail}"
            assert words in fail.text, f"{name}: {fail.text}"
