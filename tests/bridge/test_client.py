"""The client: ends, losses and files."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bridge.client import ConnectionLost, Refused, connect_osc, ended_well
from protocol.messages import Download, Hello, Status
from protocol.replies import Fail, StatusDone
from tests.bridge.daemons import Daemon, begun, little_daemon


async def test_many_requests_at_a_time_get_their_own_replies(daemon: Daemon) -> None:
    async with daemon.osc() as client:
        answers = await asyncio.gather(*(client.ask(Status(request_id=f"s{n}"), 10) for n in range(100)))
    assert [answer.request_id for answer in answers] == [f"s{n}" for n in range(100)]


async def test_whoever_waits_hears_that_the_daemon_went_away(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        async with little_daemon(tmp_path) as daemon:
            client = await stack.enter_async_context(daemon.ws())
            job = await begun(client, daemon.repaint("r", "steps 100 0.02"))
        with pytest.raises(ConnectionLost):
            await asyncio.wait_for(job, 10)
        with pytest.raises(ConnectionLost):
            await client.ask(Hello(request_id="h"), 10)


async def test_nobody_at_a_udp_port_is_a_timeout() -> None:
    async with connect_osc("127.0.0.1", 9) as client:
        with pytest.raises(TimeoutError):
            await client.ask(Hello(request_id="h"), 0.1)


async def test_a_refused_download_raises_with_the_reply(daemon: Daemon) -> None:
    async with daemon.ws() as client:
        with pytest.raises(Refused) as caught:
            await client.download(Download(request_id="d", job="nobody"))
    assert caught.value.reply.code == "unknown-job"


def test_ended_well_gives_what_was_wanted() -> None:
    fail = Fail(request_id="x", command="status", code="busy", field="", text="full")
    with pytest.raises(Refused, match="status: busy: full"):
        ended_well(fail, StatusDone)
