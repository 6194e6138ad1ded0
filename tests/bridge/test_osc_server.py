"""Datagrams: bundles and their time, bursts, and what is no message at all."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from fractions import Fraction

import pytest

from bridge.osc_server import NTP_TO_UNIX_S
from protocol import osc
from protocol.messages import Describe, Hello, Status, Sync
from protocol.replies import Fail, HelloDone, Reply, StatusDone
from tests.bridge.daemons import Daemon, ask


class Peer:
    """A plain UDP socket that talks to the daemon."""

    def __init__(self, udp: socket.socket) -> None:
        self.udp = udp
        self.loop = asyncio.get_running_loop()

    def send(self, datagram: bytes) -> None:
        self.udp.send(datagram)

    async def hear(self, wait_s: float = 10.0) -> Reply:
        async with asyncio.timeout(wait_s):
            return osc.decode_reply(await self.loop.sock_recv(self.udp, 65_536))


@pytest.fixture
async def peer(daemon: Daemon) -> AsyncIterator[Peer]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.setblocking(False)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        udp.connect(("127.0.0.1", daemon.bridge.ports.osc))
        yield Peer(udp)


def in_seconds(wait_s: float) -> Fraction:
    """An OSC time tag so far ahead."""
    return Fraction(time.time() + wait_s) + NTP_TO_UNIX_S


async def test_every_hello_is_told_another_word_for_ids(peer: Peer) -> None:
    words = set()
    for _ in range(3):
        peer.send(osc.encode_request(Hello(request_id="h")))
        reply = await peer.hear()
        assert isinstance(reply, HelloDone) and reply.fresh[0].isalpha()
        words.add(reply.fresh)
    assert len(words) == 3


async def test_a_bundle_is_taken_message_by_message(peer: Peer) -> None:
    peer.send(osc.encode_bundle([Hello(request_id="h"), Status(request_id="s", job="nobody")], None))
    assert {type(await peer.hear()), type(await peer.hear())} == {HelloDone, Fail}


async def test_a_time_tag_is_kept_and_nobody_waits_for_it(peer: Peer) -> None:
    began = time.monotonic()
    peer.send(osc.encode_bundle([Hello(request_id="later")], in_seconds(0.4)))
    peer.send(osc.encode_request(Status(request_id="now")))
    now = await peer.hear()
    answered_s = time.monotonic() - began
    later = await peer.hear()
    assert isinstance(now, StatusDone) and answered_s < 0.2
    assert isinstance(later, HelloDone) and time.monotonic() - began >= 0.39


async def test_two_syncs_at_once_do_not_wait_for_each_other(peer: Peer) -> None:
    peer.send(osc.encode_bundle([Sync(request_id="s1"), Sync(request_id="s2")], None))
    assert {(await peer.hear()).request_id, (await peer.hear()).request_id} == {"s1", "s2"}


async def test_a_late_time_tag_acts_at_once(peer: Peer) -> None:
    peer.send(osc.encode_bundle([Hello(request_id="h")], in_seconds(-3600)))
    assert isinstance(await peer.hear(), HelloDone)


async def test_a_time_tag_beyond_the_horizon_is_refused(peer: Peer) -> None:
    peer.send(osc.encode_bundle([Hello(request_id="h")], in_seconds(100)))
    fail = await peer.hear()
    assert isinstance(fail, Fail) and (fail.request_id, fail.code) == ("h", "too-late")


@pytest.mark.parametrize(
    ("datagram", "code"),
    [
        (b"", "malformed"),
        (b"hello", "malformed"),
        (b"/hello", "malformed"),
        (b"#bundle\0", "malformed"),
        (b"/nosuch\0,s\0\0x\0\0\0", "unknown-address"),
        (b"/hel*\0\0\0,s\0\0x\0\0\0", "unknown-address"),
        (b"/hello\0\0,s\0\0x\0\0\0" + b"\0" * 8192, "too-long"),
    ],
)
async def test_what_is_no_request_gets_a_fail(peer: Peer, datagram: bytes, code: str) -> None:
    peer.send(datagram)
    fail = await peer.hear()
    assert isinstance(fail, Fail) and fail.code == code


async def test_an_answer_too_long_for_a_datagram_says_so(daemon: Daemon) -> None:
    many = tuple(daemon.bridge.config.model_roots)
    for number in range(400):
        dit = many[0] / f"model-with-quite-a-long-name-{number}-dit"
        dit.mkdir()
        for name in ("config.json", "model.safetensors", "silence_latent.pt"):
            (dit / name).touch()
    async with daemon.osc() as client:
        fail = await ask(client, Describe(request_id="d", what="models"))
    assert isinstance(fail, Fail) and (fail.command, fail.code) == ("describe", "too-long")


async def test_a_burst_is_answered_whole(peer: Peer) -> None:
    number = 500
    for index in range(number):
        peer.send(osc.encode_request(Status(request_id=f"s{index}")))
    heard = {(await peer.hear()).request_id for _ in range(number)}  # type: ignore[union-attr]
    assert len(heard) == number


async def test_a_flood_is_refused_not_stored(
    daemon: Daemon, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.desk.MAX_PENDING", 4)
    for index in range(50):
        peer.send(osc.encode_request(Describe(request_id=f"d{index}")))
    heard = [await peer.hear() for _ in range(50)]
    assert {reply.code for reply in heard if isinstance(reply, Fail)} == {"busy"}
    assert not all(isinstance(reply, Fail) for reply in heard)
