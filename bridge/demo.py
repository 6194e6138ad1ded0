"""The `demo` verb: every task on real songs through a daemon of its own, as a DAW script would, and checked.

Speaks to the daemon by OSC only; what it says about the files comes from demo_checks, which reads them anew.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.console import Console

from bridge.client import Refused, connect_osc
from bridge.demo_jobs import (
    PIECE_RATE,
    add_layer,
    back_voice,
    bring,
    cover_song,
    generate_piece,
    part_song,
    repaint_song,
    time_words,
)
from bridge.demo_page import write_page
from bridge.demo_report import Outcome, show, write_report
from bridge.demo_requests import project_of
from bridge.demo_songs import DemoError, DemoSong, results_folder, shipped_songs, song_from_options
from bridge.demo_stage import Stage, introduce
from bridge.models_list import find_model
from bridge.private_daemon import DaemonError, PrivateDaemon, private_daemon, private_folder
from engine.errors import ModelError
from protocol.errors import ProtocolError

RAMP = DemoSong(
    name="new_piece",
    file=Path(),
    tempo="0 96 ramp; 24 144",
    caption="upbeat pop, drums, bass, electric piano",
    title="a new piece that speeds up from 96 to 144 bpm",
    start_bar=1,
    end_bar=7,
)
Act = Callable[[Stage, str, DemoSong, Path], Awaitable[Outcome]]
Told = tuple[list[Outcome], dict[str, str]]


def run_demo(args: argparse.Namespace) -> int:
    """The whole tour; returns 0 only if every promise was kept."""
    console = Console()
    try:
        songs = [song_from_options(args)] if args.input else shipped_songs()
        for song in songs:
            project_of(song, PIECE_RATE)  # refuses a tempo or meter that is none, before anything is started
        model = find_model(args.model)
        folder = results_folder(args.out, Path.cwd())
        with private_folder(args.keep) as data, private_daemon(model.dit, data, folder) as daemon:
            outcomes, skipped = asyncio.run(tour(daemon, songs, folder, console))
            if args.keep:
                console.print(f"The daemon's own folder: {data}")
    except (DemoError, ProtocolError, ModelError, DaemonError, Refused, TimeoutError) as error:
        print(f"demo: {error or 'the daemon did not answer in time'}", file=sys.stderr)
        return 2
    write_report(folder, outcomes, skipped)
    write_page(folder, outcomes, skipped)
    show(console, folder, outcomes, skipped)
    return 0 if all(check.is_kept for outcome in outcomes for check in outcome.checks) else 1


async def tour(daemon: PrivateDaemon, songs: list[DemoSong], folder: Path, console: Console) -> Told:
    """Every job of the demo, one after the other; and what the model cannot do, with the reason."""
    async with connect_osc(port=daemon.osc_port) as client:
        stage = Stage(client, folder, console)
        cannot = await introduce(stage)
        tunes = [(song, bring(stage, song)) for song in songs if not song.is_voice]
        voices = [(song, bring(stage, song)) for song in songs if song.is_voice]
        outcomes = [await repaint_song(stage, f"r{n}", *tune) for n, tune in enumerate(tunes, 1)]
        repainted = (tunes[-1][0], Path(outcomes[-1].done.full))
        outcomes.append(await generate_piece(stage, "g1", RAMP))
        further: list[tuple[str, Act, tuple[DemoSong, Path]]] = [
            ("extract", part_song, tunes[0]),
            ("lego", add_layer, repainted),
            *(("vocal2bgm", back_voice, voice) for voice in voices),
            *(("align", time_words, voice) for voice in voices),
            ("cover", cover_song, tunes[-1]),
        ]
        outcomes += [await act(stage, task, *given) for task, act, given in further if task not in cannot]
        asked = {task for task, _, _ in further}
        return outcomes, {task: why for task, why in cannot.items() if task in asked}
