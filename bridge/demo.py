"""The `demo` verb: repaints real songs through a daemon of its own, as a DAW script would, and checks them.

Speaks to the daemon by OSC only; what it says about the files comes from demo_checks, which reads them anew.
"""

import argparse
import asyncio
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import soundfile
from rich.console import Console

from bridge.client import Client, Refused, connect_osc, ended_well
from bridge.demo_checks import Check, Span, check_generate, check_repaint, span_of_bars
from bridge.demo_report import Outcome, live_line, show, write_report
from bridge.demo_requests import generate_of, project_of, repaint_of
from bridge.demo_songs import DemoError, DemoSong, copy_song, results_folder, shipped_songs, song_from_options
from bridge.models_list import find_model
from bridge.private_daemon import DaemonError, PrivateDaemon, private_daemon, private_folder
from engine.errors import ModelError
from protocol.errors import ProtocolError
from protocol.messages import Describe, Hello, Notify
from protocol.replies import (
    DescribeDone,
    GenerateDone,
    HelloDone,
    NotifyDone,
    Progress,
    ProjectDone,
    RepaintDone,
)

ANSWER_S = 30.0
JOB_S = 1800.0
RAMP = DemoSong(
    name="new_piece",
    file=Path(),
    tempo="0 96 ramp; 24 144",
    caption="upbeat pop, drums, bass, electric piano",
    title="a new piece that speeds up from 96 to 144 bpm",
    start_bar=1,
    end_bar=7,
)
RAMP_RATE = 48_000
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Stage:
    """What every part of the tour needs: the daemon's client, the results' folder, and where to print."""

    client: Client
    folder: Path
    console: Console


def run_demo(args: argparse.Namespace) -> int:
    """The whole tour; returns 0 only if every promise was kept."""
    console = Console()
    try:
        songs = [song_from_options(args)] if args.input else shipped_songs()
        for song in songs:
            project_of(song, RAMP_RATE)  # refuses a tempo or meter that is none, before anything is started
        model = find_model(args.model)
        folder = results_folder(args.out, Path.cwd())
        with private_folder(args.keep) as data, private_daemon(model.dit, data, folder) as daemon:
            outcomes = asyncio.run(tour(daemon, songs, folder, console))
            if args.keep:
                console.print(f"The daemon's own folder: {data}")
    except (DemoError, ProtocolError, ModelError, DaemonError, Refused, TimeoutError) as error:
        print(f"demo: {error or 'the daemon did not answer in time'}", file=sys.stderr)
        return 2
    write_report(folder, outcomes)
    show(console, folder, outcomes)
    return 0 if all(check.is_kept for outcome in outcomes for check in outcome.checks) else 1


async def tour(daemon: PrivateDaemon, songs: list[DemoSong], folder: Path, console: Console) -> list[Outcome]:
    """Every job of the demo, one after the other."""
    async with connect_osc(port=daemon.osc_port) as client:
        stage = Stage(client, folder, console)
        await introduce(stage)
        outcomes = [await repaint_song(stage, f"r{n}", song) for n, song in enumerate(songs, 1)]
        return [*outcomes, await generate_piece(stage, "g1", RAMP)]


async def introduce(stage: Stage) -> None:
    """What a script does first: hello, what can you do, and tell me what happens."""
    ask, print_ = stage.client.ask, stage.console.print
    hello = ended_well(await ask(Hello(request_id="hello", client="demo"), ANSWER_S), HelloDone)
    print_(f"hello: Barline {hello.version}, protocol {hello.protocol}, model {hello.model}")
    tasks = ended_well(await ask(Describe(request_id="tasks", what="tasks"), ANSWER_S), DescribeDone)
    able = [task for task, doc in json.loads(tasks.content).items() if "(not now: " not in doc]
    print_(f"describe: with this model it can {', '.join(able)}")
    ended_well(await ask(Notify(request_id="notify"), ANSWER_S), NotifyDone)


async def repaint_song(stage: Stage, job_id: str, song: DemoSong) -> Outcome:
    """Repaint the song's bars and read the files back."""
    source = copy_song(song, stage.folder)
    rate = soundfile.info(str(source)).samplerate
    ended_well(await stage.client.ask(project_of(song, rate), ANSWER_S), ProjectDone)
    done, wall_s = await watch(stage, repaint_of(job_id, song, source, stage.folder), RepaintDone)
    span = span_of_bars(song.tempo, song.meter, (song.start_bar, song.end_bar), rate)
    checks, figures = check_repaint(source, Path(done.take), Path(done.full), span)
    checks = [named_like(span, done), *checks]
    return Outcome("repaint", song, span, source, done, checks, {"wall_s": wall_s, **figures})


async def generate_piece(stage: Stage, job_id: str, song: DemoSong) -> Outcome:
    """Make a new piece on a tempo ramp and read the file back."""
    ended_well(await stage.client.ask(project_of(song, RAMP_RATE), ANSWER_S), ProjectDone)
    done, wall_s = await watch(stage, generate_of(job_id, song, stage.folder), GenerateDone)
    span = span_of_bars(song.tempo, song.meter, (song.start_bar, song.end_bar), RAMP_RATE)
    checks, figures = check_generate(Path(done.take), span)
    checks = [named_like(span, done), *checks]
    return Outcome("generate", song, span, None, done, checks, {"wall_s": wall_s, **figures})


def named_like(span: Span, done: Any) -> Check:
    """Whether the reply names the very samples that the grid's law gives."""
    told = (done.start_sample, done.end_sample)
    return Check("reply and grid name the same samples", told == (span.lo, span.hi), f"{told[0]}..{told[1]}")


async def watch(stage: Stage, request: Any, wanted: type[Done]) -> tuple[Done, float]:
    """Send a job and show its progress in one live line; its last reply, and seconds by the clock.

    Raises Refused when it fails, TimeoutError.
    """
    begun = time.monotonic()
    with live_line(stage.console, f"{request.spec.name} {request.project}") as say:
        async with asyncio.timeout(JOB_S):
            async for reply in stage.client.request(request):
                if isinstance(reply, Progress):
                    say(reply.stage, reply.step, reply.of)
                last = reply
    return ended_well(last, wanted), round(time.monotonic() - begun, 3)
