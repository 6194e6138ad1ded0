"""mDNS: a browser on the same interface finds both services, and loses them when the daemon ends."""

import asyncio
from pathlib import Path

import pytest

from bridge.announce import addresses_of
from bridge.config import Config
from tests.bridge.daemons import little_daemon

HTTP, OSC = "_oscjson._tcp.local.", "_osc._udp.local."


async def test_it_is_found_while_it_runs_and_then_no_more(tmp_path: Path) -> None:
    from zeroconf import ServiceStateChange as Change
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf

    news: asyncio.Queue[tuple[Change, str, str]] = asyncio.Queue()

    def hear(zeroconf: object, service_type: str, name: str, state_change: Change) -> None:
        news.put_nowait((state_change, service_type, name))

    try:
        listening = AsyncZeroconf(interfaces=["127.0.0.1"])
    except OSError as error:
        pytest.skip(f"no multicast here: {error}")
    async with listening as zeroconf, asyncio.timeout(60):
        browser = AsyncServiceBrowser(zeroconf.zeroconf, [HTTP, OSC], handlers=[hear])
        async with little_daemon(tmp_path, announce=True) as daemon:
            ports, found = daemon.bridge.ports, {}
            while len(found) < 2:
                change, kind, name = await news.get()
                info = await zeroconf.async_get_service_info(kind, name)
                if change is Change.Added and info is not None and info.port in (ports.ws, ports.osc):
                    found[kind] = info.port
        assert found == {HTTP: ports.ws, OSC: ports.osc}
        gone = set()
        while len(gone) < 2:
            change, kind, _ = await news.get()
            gone |= {kind} if change is Change.Removed else set()
        await browser.async_cancel()


def test_nothing_is_announced_unless_asked_for(tmp_path: Path) -> None:
    assert Config(tmp_path).announce is False


def test_it_is_announced_where_it_can_be_reached() -> None:
    assert addresses_of("localhost") == addresses_of("127.0.0.1") == ["127.0.0.1"]
    assert addresses_of("192.168.0.7") == ["192.168.0.7"]
    outside = addresses_of("0.0.0.0")
    assert outside and (outside == ["127.0.0.1"] or "127.0.0.1" not in outside)
