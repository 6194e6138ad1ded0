"""The Python client against daemons: whole sessions, a killed daemon, cancelling, bad input, odd names."""

import ast
import asyncio
import contextlib
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from plugins_reference.python.barline_client import Barline, BarlineError, Reply, discover
from tests.bridge.daemons import write_song
from tests.bridge.little_process import ROOT, LittleProcess

FOLDER = ROOT / "plugins_reference" / "python"
BARS: dict[str, Any] = {"start": {"bars": 2}, "end": {"bars": 4}}
QUICK, SLOW = "steps 2 0", "steps 200 0.05"
"""Captions that steer the little engine."""
PATIENCE_S = 240.0
"""The machine may be busy with other things; nothing here takes longer than seconds by itself."""


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LittleProcess]:
    """One daemon for all these tests; some of them kill it and start it again."""
    process = LittleProcess(tmp_path_factory.mktemp("python"))
    process.start()
    yield process
    process.stop()


@pytest.fixture
async def barline(process: LittleProcess, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Barline]:
    """A client that finds the daemon by its port file."""
    monkeypatch.setenv("BARLINE_RUNTIME", process.environment["BARLINE_RUNTIME"])
    async with asyncio.timeout(PATIENCE_S), Barline.connect() as barline:
        yield barline


def begun() -> tuple[asyncio.Event, Callable[[str, int, int], object]]:
    """An event, and what sets it when the engine has made a step."""
    event = asyncio.Event()
    return event, lambda stage, step, of: event.set() if stage == "denoise" and step else None


async def test_a_repaint_from_words_to_a_take(barline: Barline, process: LittleProcess) -> None:
    heard: list[tuple[str, int, int]] = []
    done = await barline.repaint(
        source=process.song, caption=QUICK, on_progress=lambda *step: heard.append(step), **BARS
    )
    assert Path(done["take"]).is_file()
    assert (done["start_sample"], done["end_sample"]) == (96_000, 288_000)
    assert ("denoise", 2, 2) in heard


async def test_every_request_is_a_method(barline: Barline) -> None:
    assert (await barline.hello(client="test"))["protocol"] == 1
    assert (await barline.project(name="p", tempo="0 120; 8 90"))["tempo_points"] == 2
    assert (await barline.status())["state"] == ""
    assert (await barline.sync())["type"] == "synced"
    assert "repaint" in (await barline.describe(what="messages"))["content"]["requests"]


async def test_exact_numbers_stay_exact(barline: Barline) -> None:
    third = {"start": {"beats": Fraction(1, 3)}, "length": {"seconds": "2.5"}}
    done = await barline.generate(caption=QUICK, **third)
    assert (done["start_sample"], done["end_sample"]) == (8_000, 8_000 + 120_000)


@pytest.mark.parametrize(
    ("command", "fields", "blame"),
    [
        ("repaint", {"source": "nowhere.wav", **BARS}, ("no-file", "source")),
        ("repaint", {"source": "nowhere.wav", "start": {"bars": 2}}, ("missing-field", "end")),
        ("project", {"tempo": 5000}, ("out-of-range", "tempo")),
        ("status", {"job": "nobody's"}, ("unknown-job", "job")),
        ("repiant", {}, ("unknown-address", "")),
    ],
)
async def test_bad_input_is_an_error_with_code_and_field(
    barline: Barline, process: LittleProcess, command: str, fields: dict[str, Any], blame: tuple[str, str]
) -> None:
    if "source" in fields:
        fields = fields | {"source": process.place / fields["source"]}
    with pytest.raises(BarlineError) as caught:
        await barline.request(command, **fields)
    assert (caught.value.code, caught.value.field) == blame
    assert (await barline.status())["engine"]  # and the connection is as good as before


async def test_cancelling_the_task_cancels_the_job(barline: Barline) -> None:
    is_begun, on_progress = begun()
    task = asyncio.create_task(
        barline.generate(id="stop me", caption=SLOW, length={"bars": 1}, on_progress=on_progress)
    )
    await is_begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(BarlineError, match="cancelled"):
        await barline.wait("stop me")
    assert (await barline.status(job="stop me"))["state"] == "cancelled"


async def test_a_callback_that_fails_cancels_the_job_and_is_heard_of(barline: Barline) -> None:
    def fail(stage: str, step: int, of: int) -> None:
        raise ZeroDivisionError(stage)

    with pytest.raises(ZeroDivisionError):
        await barline.generate(id="broken", caption=SLOW, length={"bars": 1}, on_progress=fail)
    with pytest.raises(BarlineError, match="cancelled"):
        await barline.wait("broken")


async def test_a_job_outlives_a_killed_daemon(barline: Barline, process: LittleProcess) -> None:
    is_begun, on_progress = begun()
    task = asyncio.create_task(
        barline.generate(id="survivor", caption="steps 12 0.1", length={"bars": 1}, on_progress=on_progress)
    )
    await is_begun.wait()
    await asyncio.to_thread(process.kill)
    await asyncio.to_thread(process.start)
    assert Path((await task)["take"]).is_file()


async def test_a_job_of_an_earlier_program_is_fetched_after_a_restart(
    barline: Barline, process: LittleProcess
) -> None:
    done = await barline.generate(id="earlier", caption=QUICK, length={"bars": 1})
    await asyncio.to_thread(process.kill)
    await asyncio.to_thread(process.start)
    async with Barline.connect() as later:
        assert (await later.wait("earlier"))["take"] == done["take"]


async def test_waiting_for_somebody_elses_job(barline: Barline) -> None:
    heard: list[str] = []
    async with Barline.connect() as other:
        is_begun, on_progress = begun()
        job = asyncio.create_task(
            other.generate(id="theirs", caption="steps 8 0.05", length={"bars": 1}, on_progress=on_progress)
        )
        await is_begun.wait()
        done = await barline.wait("theirs", on_progress=lambda stage, step, of: heard.append(stage))
        assert done == await job
    assert "denoise" in heard


async def test_waiting_for_no_job_fails(barline: Barline) -> None:
    with pytest.raises(BarlineError, match="unknown-job"):
        await barline.wait("nobody's")


async def test_events_tell_of_other_clients_jobs_and_of_a_restart(
    barline: Barline, process: LittleProcess
) -> None:
    heard: list[Reply] = []

    async def listen() -> None:
        async with contextlib.aclosing(barline.events()) as events:
            async for event in events:
                heard.append(event)
                if event.get("id") == "second" and event["type"] == "done":
                    return

    listening = asyncio.create_task(listen())
    await barline.sync()  # the subscription was sent before
    async with Barline.connect() as other:
        await other.generate(id="first", caption=QUICK, length={"bars": 1})
        while not any(event.get("id") == "first" and event["type"] == "done" for event in heard):
            await asyncio.sleep(0.02)  # who asked hears it first; so must the others
        await asyncio.to_thread(process.kill)
        await asyncio.to_thread(process.start)
        while not any(event["type"] == "connected" for event in heard):
            await asyncio.sleep(0.02)
        await other.generate(id="second", caption=QUICK, length={"bars": 1})
    await listening
    assert [event["type"] for event in heard if event.get("id") == "second"][-1] == "done"


async def test_audio_travels_both_ways(barline: Barline, process: LittleProcess) -> None:
    source = await barline.upload(process.song)
    done = await barline.repaint(id="sent", source=source, caption=QUICK, **BARS)
    assert await barline.download("sent") == Path(done["take"]).read_bytes()
    assert await barline.download("sent", "full") == Path(done["full"]).read_bytes()
    assert len(process.song.read_bytes()) > 1 << 20  # more than one frame


async def test_a_shutdown_is_not_said_again_to_a_daemon_that_came_back(
    barline: Barline, process: LittleProcess
) -> None:
    assert (await barline.shutdown())["command"] == "shutdown"
    assert process.process is not None
    await asyncio.to_thread(process.process.wait, 30)
    await asyncio.to_thread(process.start)
    assert (await barline.hello())["version"]


async def test_who_stays_away_too_long_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = LittleProcess(tmp_path)
    await asyncio.to_thread(process.start)
    monkeypatch.setenv("BARLINE_RUNTIME", process.environment["BARLINE_RUNTIME"])
    async with asyncio.timeout(PATIENCE_S), Barline(patience_s=0.1) as barline:
        await asyncio.to_thread(process.kill)
        with pytest.raises(BarlineError, match="lost"):
            await barline.status()


async def test_the_token_is_shown_or_the_door_stays_shut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = LittleProcess(tmp_path, token="s3cret")
    await asyncio.to_thread(process.start)
    monkeypatch.setenv("BARLINE_RUNTIME", process.environment["BARLINE_RUNTIME"])
    try:
        with pytest.raises(BarlineError, match="token"):
            async with Barline.connect():
                pass
        async with Barline.connect(token="s3cret") as barline:
            assert (await barline.status())["queued"] == 0
    finally:
        process.stop()


async def test_no_daemon_is_said_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BARLINE_RUNTIME", str(tmp_path))
    with pytest.raises(BarlineError, match="start one: barline") as caught:
        async with Barline.connect(port=1):
            pass
    assert caught.value.code == "no-daemon"


def test_what_is_given_counts_before_environment_and_port_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "daemon.json").write_text('{"ws": 1, "host": "::1"}')
    monkeypatch.setenv("BARLINE_RUNTIME", str(tmp_path))
    assert discover() == ("ws://[::1]:1", "")
    monkeypatch.setenv("BARLINE_WS_PORT", "2")
    monkeypatch.setenv("BARLINE_TOKEN", "t")
    assert discover() == ("ws://[::1]:2", "t")
    assert discover("10.0.0.1", 3, "u") == ("ws://10.0.0.1:3", "u")


def test_the_file_needs_nothing_but_websockets() -> None:
    tree = ast.parse((FOLDER / "barline_client.py").read_text("utf-8"))
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert {name.split(".")[0] for name in imported} - sys.stdlib_module_names == {"websockets"}


@pytest.mark.parametrize(
    "page", [FOLDER / "README.md", ROOT / "README.md"], ids=["its page", "the front page"]
)
async def test_the_examples_run_as_they_stand(
    barline: Barline,
    process: LittleProcess,
    page: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    example = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)[0]
    assert len([line for line in example.splitlines() if line]) <= 10
    write_song(process.place / "song.wav", 30)
    monkeypatch.chdir(process.place)
    monkeypatch.syspath_prepend(str(FOLDER))
    space: dict[str, Any] = {}
    words = example.replace("brushed drums", QUICK).replace("asyncio.run(main())", "")
    exec(compile(words, str(page), "exec"), space)
    await space["main"]()
    assert Path(capsys.readouterr().out.splitlines()[-1]).is_file()
