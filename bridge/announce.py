"""Announcing the daemon by mDNS, so that programs on the network find it: only where its owner asks for that.

Two services of one name: _oscjson._tcp is the address space over HTTP (OSCQuery), _osc._udp is OSC itself,
with the text record of the OSC 1.1 draft. Local scripts need none of it: they have daemon.json.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from bridge.config import is_loopback
from bridge.parts import Bridge
from bridge.runtime_file import NAMES_OF_ALL

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

log = logging.getLogger("barline")

HTTP_TYPE = "_oscjson._tcp.local."
OSC_TYPE = "_osc._udp.local."
HTTP_TEXT = {"txtvers": "1"}
OSC_TEXT = {"txtvers": "1", "version": "1.0", "types": "ifhdsTF"}
END_S = 3.0
"""How long saying goodbye may take."""


@contextlib.asynccontextmanager
async def announced(bridge: Bridge) -> AsyncIterator[None]:
    """Both services while the daemon listens, if its owner asked for it; without multicast, nothing."""
    zeroconf = open_zeroconf(bridge.config.host) if bridge.config.announce else None
    if zeroconf is None:
        yield
        return
    naming = asyncio.create_task(register(zeroconf, services_of(bridge)), name="announce")
    try:
        yield
    finally:
        naming.cancel()
        await asyncio.gather(naming, return_exceptions=True)
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(END_S):
                await zeroconf.async_unregister_all_services()
        await zeroconf.async_close()


def open_zeroconf(host: str) -> "AsyncZeroconf | None":
    """Sockets for mDNS; None where there can be none. Imported late: most daemons never need it."""
    from zeroconf.asyncio import AsyncZeroconf

    try:
        return AsyncZeroconf(interfaces=addresses_of(host))
    except OSError as error:
        log.warning("not announced: %s", error)
        return None


async def register(zeroconf: "AsyncZeroconf", services: "list[AsyncServiceInfo]") -> None:
    """Announces; a name that somebody has already gets a number."""
    from zeroconf import Error

    for service in services:
        try:
            await (await zeroconf.async_register_service(service, allow_name_change=True))
        except (Error, OSError) as error:
            log.warning("%s is not announced: %s", service.type, error)


def services_of(bridge: Bridge) -> "list[AsyncServiceInfo]":
    """The two services."""
    from zeroconf.asyncio import AsyncServiceInfo

    host = socket.gethostname().partition(".")[0] or "localhost"
    name, addresses = f"Barline on {host}"[:63], addresses_of(bridge.config.host)
    told = ((HTTP_TYPE, bridge.ports.ws, HTTP_TEXT), (OSC_TYPE, bridge.ports.osc, OSC_TEXT))
    return [
        AsyncServiceInfo(
            type_=kind,
            name=f"{name}.{kind}",
            port=port,
            properties=text,
            parsed_addresses=addresses,
            server=f"{host}.local.",
        )
        for kind, port, text in told
    ]


def addresses_of(host: str) -> list[str]:
    """Addresses by which a daemon on `host` is reached, and on whose interfaces it is announced."""
    if host not in NAMES_OF_ALL:
        return ["127.0.0.1" if host == "localhost" else host]
    import ifaddr

    found = [address.ip for adapter in ifaddr.get_adapters() for address in adapter.ips if address.is_IPv4]
    outside = [address for address in found if isinstance(address, str) and not is_loopback(address)]
    return outside or ["127.0.0.1"]
