"""WebSocket: files both ways, what is no message, and clients that do not read."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest

from bridge.client import Refused, WebClient
from bridge.ws_server import Outbox
from protocol.binary import Frame, encode_frame
from protocol.messages import Download, Hello, Upload
from protocol.replies import Accepted, Fail, HelloDone, Progress, RepaintDone, UploadDone
from tests.bridge.daemons import Daemon, ask

CONTENT = bytes(range(256)) * 10


async def send_pieces(client: WebClient, upload: Upload, frames: list[Frame]) -> Any:
    """Announces an upload and sends these frames; the reply that ends it."""
    last = None
    async with asyncio.timeout(10):
        async for last in client.request(upload):
            if isinstance(last, Accepted):
                for frame in frames:
                    await client.connection.send(encode_frame(frame))
    return last


def piece(offset: int, content: bytes, total: int = len(CONTENT), name: str = "u") -> Frame:
    return Frame("upload", name, offset, total, content)


async def test_an_uploaded_song_is_repainted_and_comes_back(daemon: Daemon) -> None:
    async with daemon.ws() as client:
        uploaded = await client.upload("u", daemon.song)
        done = await ask(client, daemon.repaint("r", source=uploaded.source))
        assert isinstance(done, RepaintDone)
        for which in ("take", "full", "sidecar"):
            content = await client.download(Download(request_id=f"d-{which}", job="r", which=which))
            assert content == Path(getattr(done, which)).read_bytes()
    assert Path(done.take).name.startswith("song_bars2-4")


async def test_the_same_file_twice_is_one_upload(daemon: Daemon) -> None:
    async with daemon.ws() as client:
        sources = {(await client.upload(name, daemon.song)).source for name in ("u1", "u2")}
    assert len(sources) == 1 and len(list((daemon.place / "data" / "uploads").iterdir())) == 1


async def test_an_upload_in_pieces_is_whole(daemon: Daemon) -> None:
    digest = hashlib.sha256(CONTENT).hexdigest()
    frames = [piece(at, CONTENT[at : at + 1000]) for at in range(0, len(CONTENT), 1000)]
    async with daemon.ws() as client:
        done = await send_pieces(client, Upload(request_id="u", name="a b.wav", size=len(CONTENT)), frames)
    assert isinstance(done, UploadDone) and done.sha256 == digest


@pytest.mark.parametrize(
    ("frames", "field"),
    [
        ([piece(0, CONTENT[:100]), piece(200, CONTENT[200:300])], "offset"),
        ([piece(0, CONTENT[:100], total=5000)], "total"),
        ([piece(0, CONTENT[::-1])], "sha256"),
    ],
)
async def test_an_upload_that_does_not_hold_together_is_refused(
    daemon: Daemon, frames: list[Frame], field: str
) -> None:
    digest = hashlib.sha256(CONTENT).hexdigest()
    upload = Upload(request_id="u", name="a.wav", size=len(CONTENT), sha256=digest)
    async with daemon.ws() as client:
        fail = await send_pieces(client, upload, [*frames, *frames[-1:]])
        await ask(client, Hello(request_id="h"))
        strays = client.client.events.qsize()
    assert isinstance(fail, Fail) and fail.field == field
    assert strays == 0, "what was still on its way is dropped in silence: one terminal reply"
    assert not list((daemon.place / "data" / "uploads").iterdir())


async def test_pieces_of_nothing_are_refused(daemon: Daemon) -> None:
    async with daemon.ws() as client:
        await client.connection.send(encode_frame(piece(0, CONTENT, name="never-announced")))
        fail = await asyncio.wait_for(client.client.events.get(), 10)
    assert isinstance(fail, Fail) and (fail.request_id, fail.code) == ("never-announced", "unknown-job")


async def test_an_upload_that_breaks_off_leaves_nothing(daemon: Daemon) -> None:
    async with daemon.ws() as client:
        await client.client.send(Upload(request_id="u", name="a.wav", size=len(CONTENT)))
        await client.connection.send(encode_frame(piece(0, CONTENT[:100])))
        await ask(client, Hello(request_id="h"))
    async with asyncio.timeout(10):
        while list((daemon.place / "data" / "uploads").iterdir()):
            await asyncio.sleep(0.01)


async def test_a_file_that_was_not_asked_for_cannot_be_downloaded(daemon: Daemon) -> None:
    async with daemon.ws() as client:
        await ask(client, daemon.repaint("r", deliver="take"))
        with pytest.raises(Refused, match="no-file"):
            await client.download(Download(request_id="d", job="r", which="full"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "malformed"),
        ("[]", "malformed"),
        ("{}", "missing-field"),
        ('{"type": "nosuch", "id": "x"}', "unknown-address"),
        ('{"type": "hello"}', "missing-field"),
        ('{"type": "hello", "id": "x", "nosuch": 1}', "unknown-field"),
        (b"BRL", "malformed"),
    ],
)
async def test_what_is_no_request_gets_a_fail(daemon: Daemon, text: str | bytes, code: str) -> None:
    async with daemon.ws() as client:
        await client.connection.send(text)
        fail = await asyncio.wait_for(client.client.events.get(), 10)
        assert isinstance(fail, Fail) and fail.code == code
        assert isinstance(await ask(client, Hello(request_id="h")), HelloDone)


async def test_a_message_above_the_limit_ends_the_connection_only_of_its_sender(daemon: Daemon) -> None:
    async with daemon.ws() as bad, daemon.ws() as good:
        await bad.connection.send("x" * (2 << 20))
        await asyncio.wait_for(bad.connection.wait_closed(), 10)
        assert isinstance(await ask(good, Hello(request_id="h")), HelloDone)


class Stuck:
    """A connection whose client does not read."""

    def __init__(self) -> None:
        self.transport = self
        self.is_aborted = False

    def abort(self) -> None:
        self.is_aborted = True


async def test_a_client_that_does_not_read_is_dropped() -> None:
    stuck = Stuck()
    outbox = Outbox(stuck, 4)  # type: ignore[arg-type]
    for number in range(5):
        assert not stuck.is_aborted
        outbox.put(Fail(request_id=str(number), command="", code="busy", field="", text=""))
    assert stuck.is_aborted


async def test_progress_is_left_out_for_a_client_that_is_behind() -> None:
    stuck = Stuck()
    outbox = Outbox(stuck, 4)  # type: ignore[arg-type]
    for step in range(100):
        outbox.put(Progress(request_id="r", stage="denoise", step=step, of=100))
    assert not stuck.is_aborted
