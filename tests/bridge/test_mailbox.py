"""The mailbox as a client sees it: the same messages as on the WebSocket, as files."""

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from bridge.config import Limits
from protocol.limits import JSON_BYTES
from tests.bridge.daemons import Daemon, little_daemon
from tests.bridge.mailbox_client import MailClient


def client_of(daemon: Daemon, name: str = "tester") -> MailClient:
    """A client that found the mailbox by the file that says where it is."""
    found = json.loads((daemon.bridge.config.runtime_folder / "daemon.json").read_text())
    return MailClient(Path(found["mailbox"]), name)


def repaint(daemon: Daemon, name: str, caption: str = "steps 2 0", **more: Any) -> dict[str, Any]:
    """Bars 2 and 3 of the song; the caption steers the little engine."""
    place = {"source": str(daemon.song), "start": {"bars": 2}, "end": {"bars": 4}}
    return {"type": "repaint", "id": name, "caption": caption, **place, **more}


async def test_a_repaint_by_files_alone(daemon: Daemon) -> None:
    client = client_of(daemon)
    project = await client.ask(type="project", id="p1", tempo="0 120", meter="1 4/4")
    heard = await client.ask(**repaint(daemon, "r1"))
    assert [reply["type"] for reply in project] == ["done"]
    assert heard[0]["type"] == "accepted" and heard[-1]["type"] == "done"
    assert Path(heard[-1]["take"]).is_file()
    await asyncio.sleep(0.2)
    assert not list((client.folder / "in").iterdir()) and not list((client.folder / "claimed").iterdir())


async def test_requests_are_answered_in_the_order_of_their_numbers(daemon: Daemon) -> None:
    client = client_of(daemon)
    for number in range(30):
        client.send(type="sync", id=f"s{number}")
    await client.hear(lambda reply: reply["id"] == "s29")
    assert [reply["id"] for reply in client.heard] == [f"s{number}" for number in range(30)]


async def test_a_job_is_cancelled_by_a_file(daemon: Daemon) -> None:
    client = client_of(daemon)
    client.send(**repaint(daemon, "r1", "steps 1000 0.02"))
    await client.hear(lambda reply: reply.get("stage") == "denoise")
    client.send(type="cancel", id="c1", job="r1")
    heard = await client.hear(lambda reply: reply["type"] == "cancelled")
    assert heard[-1] == {"type": "cancelled", "id": "r1", "command": "repaint"}


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        (b'{"type": "sync", "id": "s1"', "s1", "malformed"),
        (b"no JSON at all", "tester.1", "malformed"),
        (b"", "tester.1", "malformed"),
        (b"\xff\xfe\x00", "tester.1", "malformed"),
        (b'{"id": 42, "type": ', "42", "malformed"),
        (b"[1, 2]", "tester.1", "malformed"),
        (b'{"type": "nonsense", "id": "n1"}', "n1", "unknown-address"),
        (b'{"type": "sync"}', "tester.1", "missing-field"),
        (b'{"type": "upload", "id": "u1", "name": "a.wav", "size": 3}', "u1", "wrong-transport"),
        (b'{"id": "big", "type": "' + b"x" * JSON_BYTES.value + b'"}', "big", "too-long"),
    ],
)
async def test_what_cannot_be_taken_is_refused_with_an_id(
    daemon: Daemon, text: bytes, name: str, code: str
) -> None:
    client = client_of(daemon)
    client.send_text(text)
    heard = await client.hear(lambda reply: reply["type"] == "fail")
    assert (heard[-1]["id"], heard[-1]["code"]) == (name, code)


async def test_two_clients_hear_only_their_own(daemon: Daemon) -> None:
    one, other = client_of(daemon, "one"), client_of(daemon, "other")
    one.send(type="sync", id="a")
    other.send(type="sync", id="b")
    await asyncio.gather(
        one.hear(lambda reply: reply["id"] == "a"), other.hear(lambda reply: reply["id"] == "b")
    )
    assert len(one.heard) == len(other.heard) == 1


async def test_a_subscriber_hears_of_other_clients_jobs(daemon: Daemon) -> None:
    client = client_of(daemon)
    await client.ask(type="notify", id="n1", jobs="all")
    async with daemon.osc() as player:
        await player.ask(daemon.generate("g1"), 20)
    heard = await client.hear(lambda reply: reply["type"] == "done")
    assert heard[-1]["command"] == "generate"


async def test_of_the_progress_nobody_reads_only_the_newest_is_kept(daemon: Daemon) -> None:
    client = client_of(daemon)
    client.send(**repaint(daemon, "r1", "steps 50 0"))
    box = client.folder / "out" / client.name
    async with asyncio.timeout(20):
        while not any(b'"done"' in path.read_bytes() for path in box.glob("*.json") if path.exists()):
            await asyncio.sleep(0.1)
    assert [reply["type"] for reply in client.read()] == ["accepted", "progress", "done"]


async def test_what_was_asked_while_no_daemon_ran_is_answered_by_the_next(tmp_path: Path) -> None:
    async with little_daemon(tmp_path) as daemon:
        client = client_of(daemon)
    client.send(**repaint(daemon, "r1"))
    async with little_daemon(tmp_path):
        heard = await client.hear(lambda reply: reply["type"] == "done")
    assert heard[0]["type"] == "accepted"


async def test_a_shutdown_from_before_the_start_does_not_end_the_daemon(tmp_path: Path) -> None:
    async with little_daemon(tmp_path) as daemon:
        client = client_of(daemon)
    client.send(type="shutdown", id="x1")
    async with little_daemon(tmp_path) as daemon:
        await client.hear(lambda reply: reply["id"] == "x1")
        await client.ask(type="sync", id="s1")
        assert not daemon.bridge.ending.is_set()
        await client.ask(type="shutdown", id="x2")
        assert daemon.bridge.ending.is_set()


async def test_a_job_that_was_accepted_tells_its_end_after_a_restart(tmp_path: Path) -> None:
    async with little_daemon(tmp_path) as daemon:
        client = client_of(daemon)
        client.send(**repaint(daemon, "r1", "steps 60 0.02"))
        await client.hear(lambda reply: reply.get("stage") == "denoise")
    async with little_daemon(tmp_path):
        heard = await client.hear(lambda reply: reply["type"] == "done")
    assert heard[-1]["id"] == "r1"


async def test_a_request_that_a_killed_daemon_had_claimed_is_taken_again(tmp_path: Path) -> None:
    async with little_daemon(tmp_path) as daemon:
        client = client_of(daemon)
    text = json.dumps(repaint(daemon, "r1"))
    (client.folder / "claimed" / f"{time.time_ns():020d}.tester.7.json").write_text(text)
    async with little_daemon(tmp_path):
        await client.hear(lambda reply: reply["type"] == "done")
        assert not list((client.folder / "claimed").iterdir())


async def test_replies_nobody_reads_are_swept_and_the_subscription_with_them(tmp_path: Path) -> None:
    limits = Limits(mailbox_s=1.0)
    async with little_daemon(tmp_path, limits=limits) as daemon:
        client = client_of(daemon)
        await client.ask(type="notify", id="n1", jobs="all")
        client.send(type="sync", id="s1")
        box = client.folder / "out" / client.name
        async with asyncio.timeout(20):
            while not list(box.glob("*.json")):
                await asyncio.sleep(0.02)
            while box.exists():
                await asyncio.sleep(0.1)
        async with daemon.osc() as player:
            await player.ask(daemon.generate("g1"), 20)
        assert not box.exists()


async def test_of_too_many_replies_the_newest_stay(tmp_path: Path) -> None:
    async with little_daemon(tmp_path, limits=Limits(mailbox_files=8)) as daemon:
        client = client_of(daemon)
        for number in range(20):
            client.send(type="sync", id=f"s{number}")
            await asyncio.sleep(0.05)
        box = client.folder / "out" / client.name
        async with asyncio.timeout(20):
            while not any(b"s19" in path.read_bytes() for path in box.glob("*.json") if path.exists()):
                await asyncio.sleep(0.05)
        assert len(client.read()) <= 8


async def test_a_link_is_not_followed(daemon: Daemon) -> None:
    client = client_of(daemon)
    secret = daemon.place / "secret.json"
    secret.write_text('{"type": "sync", "id": "stolen"}')
    (client.folder / "in" / "tester.1.json").symlink_to(secret)
    heard = await client.hear(lambda reply: reply["type"] == "fail")
    assert heard[-1]["id"] == "tester.1" and secret.exists()


async def test_a_pipe_does_not_stop_the_mailbox(daemon: Daemon) -> None:
    client = client_of(daemon)
    os.mkfifo(client.folder / "in" / "tester.1.json")
    heard = await client.hear(lambda reply: reply["type"] == "fail")
    assert heard[-1]["code"] == "malformed"


async def test_a_folder_that_is_a_link_is_not_written_to(daemon: Daemon) -> None:
    client, elsewhere = client_of(daemon), daemon.place / "elsewhere"
    elsewhere.mkdir()
    (client.folder / "out" / "tester").symlink_to(elsewhere)
    client.send(type="sync", id="s1")
    other = client_of(daemon, "other")
    await other.ask(type="sync", id="s2")
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize("name", ["../escape.1.json", "a b.1.json", "tester.json", "x" * 33 + ".1.json"])
async def test_other_names_are_no_requests(daemon: Daemon, name: str) -> None:
    client = client_of(daemon)
    path = client.folder / "in" / name
    path.write_text('{"type": "sync", "id": "s1"}')
    await client_of(daemon, "other").ask(type="sync", id="s2")
    assert path.exists() and not (client.folder / "out" / "tester").exists()


async def test_the_mailbox_is_closed_to_other_users(daemon: Daemon) -> None:
    client = client_of(daemon)
    await client.ask(type="sync", id="s1")
    client.send(type="sync", id="s2")
    await asyncio.sleep(0.3)
    folders = [client.folder, *(path for path in client.folder.rglob("*") if path.is_dir())]
    files = [path for path in client.folder.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


async def test_with_a_token_the_mailbox_needs_none(tmp_path: Path) -> None:
    async with little_daemon(tmp_path, token="secret") as daemon:
        heard = await client_of(daemon).ask(type="status", id="s1")
    assert heard[-1]["type"] == "done"
