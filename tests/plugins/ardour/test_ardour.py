"""Ardour, real, without a screen: Barline's actions on a song, and what a second Ardour reads afterwards.

The session has two tempi and a change of meter, all inside the region that is worked on. The steps build on
one another, so they are taken once, in `journey`; the tests look at what was found.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from engine.tiny import write_tiny_checkpoint
from tests.acceptance.common import MINIATURE, DaemonProcess, write_song
from tests.plugins.ardour.studio import Found, Studio, studio
from tests.plugins.peers import need

LO, HI = 288_000, 487_597
"""Bars 4 and 5 at 48 kHz: 8 beats at 120 to the bar line, then 7/8 at 97.3; as Ardour's map has them."""
SONG_AT = 24_000
"""Where the song's first sample lies in the session."""
LAST = (
    'local tracks = Session:get_tracks () for r in tracks:iter () do if r:name () == "song" then {} end end'
)
IMPORT = """
local files = C.StringVector () files:push_back ("{path}")
Editor:do_import (files, Editing.ImportDistinctFiles, Editing.ImportAsTrack, ARDOUR.SrcQuality.SrcBest,
  ARDOUR.MidiTrackNameSource.SMFTrackName, ARDOUR.MidiTempoMapDisposition.SMFTempoIgnore,
  Temporal.timepos_t ({at}), ARDOUR.PluginInfo (), ARDOUR.Track (), false)
"""
CUT = """
local list = r:to_track ():playlist ()
for _, bar in ipairs {4, 6} do
  local map = Temporal.TempoMap.read ()
  local at = Temporal.timepos_t (map:sample_at_beats (map:quarters_at_bbt (Temporal.BBT_TIME (bar, 1, 0))))
  local here = list:regions_at (at)
  for region in here:iter () do list:split_region (region, at) end
end
"""
SELECT = """
local chosen, list = ArdourUI.SelectionList (), r:to_track ():playlist ():region_list ()
for region in list:iter () do
  if region:position ():samples () == {lo} and region:layer () == 0 then
    chosen:push_back (Editor:regionview_from_region (region))
  end
end
Editor:set_selection (chosen, ArdourUI.SelectionOp.Set)
"""
RANGES = """
local names, list = "", Session:locations ():list ()
for place in list:iter () do if place:is_range_marker () then names = names .. place:name () .. "\\n" end end
return names
"""

REGIONS = """
local names, tracks = "", Session:get_tracks ()
for r in tracks:iter () do
  local list = r:to_track ():playlist ():region_list ()
  for region in list:iter () do names = names .. region:name () .. "\\n" end
end
return names
"""


@dataclass(frozen=True, slots=True)
class Journey:
    """What was found on the way."""

    song: Path
    before: Found
    repaint: dict[str, Any]
    repainted: Found
    undone: Found
    signs: str
    stems: dict[str, Any]
    layer: dict[str, Any]
    lyrics: dict[str, Any]
    after: Found
    left: str


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """Repaint and undo with the shipped miniature; then a daemon with a model that can do all tasks."""
    need("ardour", "ardour7-lua", "Xvfb")
    place = tmp_path_factory.mktemp("ardour")
    runtime = place / "runtime"
    first, second = (daemon_at(place, name) for name in ("miniature", "tiny"))
    with ThreadPoolExecutor(1) as aside:
        starting = aside.submit(first.start)
        try:
            with studio(place, runtime) as room:
                starting.result()
                yield travel(room, first, second, write_song(place / "song.wav", 24))
        finally:
            starting.cancel() or starting.exception()
            first.stop()
            second.stop()


def daemon_at(place: Path, name: str) -> DaemonProcess:
    """A daemon that is found where Ardour's scripts look. Only the miniature is shipped."""
    model = MINIATURE
    if name == "tiny":
        model = write_tiny_checkpoint(place / "models", grid_channels=10, is_turbo=False)
        (model / "acestep-v15-turbo").rename(model / "tiny-dit")
    options = ("--runtime", str(place / "runtime"), "--allow", str(place))
    return DaemonProcess(place / name, model, options)


def travel(room: Studio, first: DaemonProcess, second: DaemonProcess, song: Path) -> Journey:
    """Every step, in order."""
    room.choose(caption="drums and bass", seed=7, steps=2, stems="drums bass vocals", stem="bass")
    room.run(IMPORT.format(path=song, at=SONG_AT))
    room.run(LAST.format(CUT))
    before = room.read_back()
    select(room)
    repaint, repainted = room.act("repaint"), room.read_back()
    room.run("Editor:undo (1)")
    undone = room.read_back()
    first.stop()
    second.start()
    signs, stems = stems_with_the_daemon_killed(room, second)
    room.choose(lyrics="one two three / four five six", steps=2, stem="bass", seed=7)
    lyrics, layer = choose_and_act(room, "lyrics"), choose_and_act(room, "layer")
    after = room.read_back()
    room.run("Editor:undo (1)")
    left = room.run(REGIONS)
    return Journey(song, before, repaint, repainted, undone, signs, stems, layer, lyrics, after, left)


def select(room: Studio) -> None:
    """Selects the middle region of the song."""
    room.run(LAST.format(SELECT.format(lo=LO)))


def choose_and_act(room: Studio, action: str) -> dict[str, Any]:
    """New tracks take the selection with them, so it is made anew before each action."""
    select(room)
    return room.act(action)


def stems_with_the_daemon_killed(room: Studio, daemon: DaemonProcess) -> tuple[str, dict[str, Any]]:
    """The names of the range markers when the job was with the daemon, and what came after it was killed."""
    select(room)
    before, jobs = len(room.told), room.session / "barline-jobs.json"
    room.start_action("stems")
    room.wait_for(lambda: jobs.exists() and '"state":"sent"' in jobs.read_text(), "the job was sent")
    signs = room.run(RANGES)
    daemon.kill()
    daemon.start()
    return signs, room.landed(before)


def same(one: Found, other: Found, track: str) -> bool:
    """Has the track the same regions with the same samples?"""
    pairs = list(zip(one.on(track), other.on(track), strict=True))
    return all(a[:5] == b[:5] and np.array_equal(a.samples, b.samples) for a, b in pairs)


def test_the_session_is_what_the_test_means(journey: Journey) -> None:
    spans = [(region.position, region.position + region.length) for region in journey.before.on("song")]
    assert spans == [(SONG_AT, LO), (LO, HI), (HI, SONG_AT + 24 * 48_000)]


def test_the_daemon_was_told_ardours_tempo_map(journey: Journey) -> None:
    # Ardour keeps 97.3 as the whole number of 1/282240000 s that a quarter note lasts nearest to it
    assert journey.repaint["tempo"] == "0 120; 16 3386880000/34808633"
    assert journey.repaint["meter"] == "1 4/4; 5 7/8"
    reply = journey.repaint["reply"]
    assert (reply["start_bar"], reply["end_bar"]) == ("4|1|0", "6|1|0")


def test_the_take_lies_exactly_on_the_region(journey: Journey) -> None:
    below, take = (region for region in journey.repainted.on("song") if region.position == LO)
    assert (take.length, take.layer, below.layer) == (HI - LO, 1, 0)
    made, rate = soundfile.read(journey.repaint["reply"]["take"], dtype="float32", always_2d=True)
    assert rate == 48_000
    assert np.array_equal(take.samples, made.T)


def test_the_take_is_new_and_goes_over_into_the_song(journey: Journey) -> None:
    below, take = (region.samples for region in journey.repainted.on("song") if region.position == LO)
    assert np.abs(take[:, 0] - below[:, 0]).max() < 1e-4
    assert np.abs(take - below).max() > 0.05


def test_what_was_there_stays_as_it_was(journey: Journey) -> None:
    kept = Found(tuple(r for r in journey.repainted.regions if r.layer == 0), (), ())
    assert same(kept, journey.before, "song")


def test_one_undo_takes_the_take_away(journey: Journey) -> None:
    assert same(journey.undone, journey.before, "song")


def test_a_killed_daemons_job_lands_after_its_restart_and_once(journey: Journey) -> None:
    assert len(journey.after.on("drums")) == 1


def test_stems_come_to_four_new_tracks_and_add_up_to_the_song(journey: Journey) -> None:
    names = journey.stems["reply"]["stems"]
    assert set(names) == {"bass", "drums", "vocals", "remainder"}
    assert not set(names) & journey.before.tracks
    stems = [journey.after.on(name) for name in names]
    assert all([(r.position, r.length) for r in regions] == [(LO, HI - LO)] for regions in stems)
    song, _ = soundfile.read(journey.song, dtype="float64", always_2d=True)
    source = song[LO - SONG_AT : HI - SONG_AT].T
    assert np.abs(sum(r[0].samples.astype(np.float64) for r in stems) - source).max() < 1e-6


def test_a_layer_comes_to_a_track_of_its_own(journey: Journey) -> None:
    # the stems took the name before it
    (layer,) = journey.after.on("bass 1")
    assert (layer.position, layer.length) == (LO, HI - LO)
    made, _ = soundfile.read(journey.layer["reply"]["take"], dtype="float32", always_2d=True)
    assert np.array_equal(layer.samples, made.T)


def test_a_sung_layer_brings_its_lines_and_goes_with_one_undo(journey: Journey) -> None:
    reply = journey.layer["reply"]
    files = dict(zip(reply["lyric_names"], reply["lyric_files"], strict=True))
    lines = json.loads(Path(files["1-json"]).read_text())["lines"]
    assert {(line["text"], line["start_sample"]) for line in lines} <= set(journey.after.markers)
    names = {region.name for region in journey.after.regions}
    assert names - set(journey.left.split("\n")) == {"song.3 add layer 7"}


def test_lyrics_become_location_markers(journey: Journey) -> None:
    reply = journey.lyrics["reply"]
    files = dict(zip(reply["formats"], reply["files"], strict=True))
    lines = json.loads(Path(files["json"]).read_text())["lines"]
    assert [line["text"] for line in lines] == ["one two three", "four five six"]
    assert {(line["text"], line["start_sample"]) for line in lines} <= set(journey.after.markers)
    stamps = [line for line in Path(files["lrc"]).read_text().splitlines() if line[1:2].isdigit()]
    seconds = [60 * int(line[1:3]) + float(line[4:9]) for line in stamps]
    assert [round(s * 100) for s in seconds] == [round(line["start_sample"] / 480) for line in lines]


def test_a_range_marker_tells_of_a_job_while_it_runs(journey: Journey) -> None:
    assert "Barline: stems: " in journey.signs


def test_no_sign_of_progress_is_left(journey: Journey) -> None:
    assert [name for name in journey.after.ranges if name.startswith("Barline")] == []
