"""What every part of the demo stands on: client, folder, console, and how a job is sent and waited for."""

import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console

from bridge.client import Client, ended_well
from bridge.demo_report import live_line
from protocol.messages import Describe, Hello, Notify, Project
from protocol.replies import DescribeDone, HelloDone, NotifyDone, Progress, ProjectDone

ANSWER_S = 30.0
JOB_S = 1800.0
REFUSED = "(not now: "
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Stage:
    """What every part of the tour needs: the daemon's client, the results' folder, and where to print."""

    client: Client
    folder: Path
    console: Console


async def introduce(stage: Stage) -> dict[str, str]:
    """What a script does first: hello, what can you do, and tell me what happens.

    Returns the tasks that the loaded model cannot do, with the reason.
    """
    ask, print_ = stage.client.ask, stage.console.print
    hello = ended_well(await ask(Hello(request_id="hello", client="demo"), ANSWER_S), HelloDone)
    print_(f"hello: Barline {hello.version}, protocol {hello.protocol}, model {hello.model}")
    tasks = ended_well(await ask(Describe(request_id="tasks", what="tasks"), ANSWER_S), DescribeDone)
    told: dict[str, str] = json.loads(tasks.content)
    cannot = {
        task: doc.split(REFUSED, 1)[1].removesuffix(")") for task, doc in told.items() if REFUSED in doc
    }
    print_(f"describe: with this model it can {', '.join(task for task in told if task not in cannot)}")
    ended_well(await ask(Notify(request_id="notify"), ANSWER_S), NotifyDone)
    return cannot


async def set_project(stage: Stage, project: Project) -> None:
    """Tell the daemon a grid. Raises Refused, TimeoutError."""
    ended_well(await stage.client.ask(project, ANSWER_S), ProjectDone)


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
