"""Mutated messages by the hundred thousand: the daemon lives, and every wrong one that is readable is told.

What must come back is worked out with the same codec: for each message that is wrong, exactly one fail.

Run: python -m tests.acceptance.fuzz
"""

import argparse
import asyncio
import json
import random
import socket
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from bridge.ending import fail_reply
from bridge.mailbox import Letter, Slip
from bridge.ws_server import OSC_BEGINS
from protocol import json_text, osc
from protocol.binary import Frame, decode_frame, encode_frame
from protocol.errors import ProtocolError
from protocol.messages import Hello
from protocol.replies import HelloDone
from tests.acceptance.common import DaemonProcess, parse, ready, require, show, workplace
from tests.acceptance.mutation import MUST_NOT_ARRIVE, datagrams, mutate, texts
from tests.bridge.mailbox_client import MailClient

BATCH = 50
"""Messages sent before their answers are awaited: UDP loses what nobody reads in time."""
PATIENCE_S = 2.0
QUIET: dict[str, Any] = {"max_size": None, "proxy": None, "close_timeout": 0.5}
"""How to connect: the replies to messages that were still good are left unread at the end."""


@dataclass(slots=True)
class Count:
    """What was sent and what came."""

    sent: int = 0
    wrong: int = 0
    still_good: int = 0
    missing: int = 0
    codes: Counter[str] = field(default_factory=Counter)


def fail_to(error: ProtocolError) -> "tuple[str, ...]":
    """The fail that must come for this error, as a key."""
    reply = fail_reply(error.request_id, error.command, (error.code, error.text, error.field))
    return reply.request_id, reply.command, reply.code, reply.field, reply.text


def expect_osc(datagram: bytes, count: Count) -> list[tuple[str, ...]] | None:
    """The fails that must come for a datagram; None when it must not be sent."""
    try:
        packet = [timed.message for timed in osc.decode_packet(datagram)]
    except ProtocolError as error:
        packet = [error]
    if any(isinstance(message, MUST_NOT_ARRIVE) for message in packet):
        return None
    wrong = [message for message in packet if isinstance(message, ProtocolError)]
    count.still_good += len(packet) - len(wrong)
    count.codes.update(error.code for error in wrong)
    return [fail_to(error) for error in wrong]


async def fuzz_osc(daemon: DaemonProcess, number: int, chance: random.Random) -> Count:
    """Datagrams, batch by batch."""
    loop, count = asyncio.get_running_loop(), Count()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        udp.setblocking(False)
        udp.connect(("127.0.0.1", daemon.ports["osc"]))
        while count.sent < number:
            due: Counter[tuple[str, ...]] = Counter()
            for _ in range(BATCH):
                datagram = datagrams(chance)[:8192]
                fails = expect_osc(datagram, count)
                if fails is not None:
                    due.update(fails)
                    udp.send(datagram)
                    count.sent += 1
            count.wrong += due.total()
            deadline = loop.time() + PATIENCE_S
            while due.total() and loop.time() < deadline:
                await hear_osc(udp, due, deadline - loop.time())
            count.missing += due.total()
    return count


async def hear_osc(udp: socket.socket, due: Counter[tuple[str, ...]], wait_s: float) -> None:
    """Takes one reply; a fail that was awaited is awaited no more."""
    try:
        raw = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(udp, 65_536), wait_s)
    except TimeoutError:
        return
    strike_off(osc.decode_reply(raw), due)


def strike_off(reply: object, due: Counter[tuple[str, ...]]) -> None:
    """Marks a reply as come."""
    names = ("request_id", "command", "code", "field", "text")
    key = tuple(str(getattr(reply, name, "")) for name in names)
    if due[key] > 0:
        due[key] -= 1


def make_frame(chance: random.Random) -> str | bytes:
    """A mutated WebSocket message: mostly text, some binary."""
    if chance.random() < 0.8:
        return texts(chance)
    piece = encode_frame(Frame("upload", "u1", 0, 10, b"0123456789"))
    return mutate(piece, chance)


def expect_ws(message: str | bytes, count: Count) -> list[tuple[str, ...]] | None:
    """The fail that must come for a message; None when it must not be sent."""
    if isinstance(message, bytes) and message.startswith(OSC_BEGINS):
        return None  # after it this connection would be answered in OSC
    try:
        request = decode_frame(message) if isinstance(message, bytes) else json_text.decode_request(message)
    except ProtocolError as error:
        count.codes[error.code] += 1
        return [fail_to(error)]
    if isinstance(request, MUST_NOT_ARRIVE):
        return None
    count.still_good += 1
    return []


async def fuzz_ws(connection: ClientConnection, number: int, chance: random.Random) -> Count:
    """WebSocket messages, batch by batch."""
    loop, count = asyncio.get_running_loop(), Count()
    while count.sent < number:
        due: Counter[tuple[str, ...]] = Counter()
        for _ in range(BATCH):
            message = make_frame(chance)
            fails = expect_ws(message, count)
            if fails is not None:
                due.update(fails)
                await connection.send(message)
                count.sent += 1
        count.wrong += due.total()
        deadline = loop.time() + PATIENCE_S
        while due.total() and loop.time() < deadline:
            try:
                text = await asyncio.wait_for(connection.recv(), deadline - loop.time())
            except TimeoutError:
                break
            strike_off(json_text.decode_reply(text), due)
        count.missing += due.total()
    return count


def expect_mail(text: str, name: str, count: Count) -> list[tuple[str, ...]] | None:
    """The fail that must come for a file of this name; None when it must not be sent."""
    raw = text.encode("utf-8", "replace")
    try:
        request = json_text.decode_request(raw, "mailbox")
    except ProtocolError as error:
        count.codes[error.code] += 1
        letter = Letter(Slip("fuzz", 0, name), Path(name), raw)
        return [fail_to(error.about(error.command, error.request_id or letter.found_id))]
    if isinstance(request, MUST_NOT_ARRIVE):
        return None
    count.still_good += 1
    return []


async def fuzz_mailbox(client: MailClient, number: int, chance: random.Random) -> Count:
    """Files, batch by batch."""
    loop, count = asyncio.get_running_loop(), Count()
    while count.sent < number:
        due: Counter[tuple[str, ...]] = Counter()
        for _ in range(BATCH):
            text = texts(chance)
            fails = expect_mail(text, f"{client.name}.{client.sent + 1}.json", count)
            if fails is not None:
                due.update(fails)
                client.send_text(text.encode("utf-8", "replace"))
                count.sent += 1
        count.wrong += due.total()
        deadline = loop.time() + PATIENCE_S
        while due.total() and loop.time() < deadline:
            for reply in client.read():
                strike_off(json_text.decode_reply(json.dumps(reply)), due)
            await asyncio.sleep(0.005)
        count.missing += due.total()
    return count


async def run(daemon: DaemonProcess, options: argparse.Namespace) -> None:
    """All transports, and a good request after each."""
    chance = random.Random(options.seed)
    async with ready(daemon) as client:
        began = time.monotonic()
        by_osc = await fuzz_osc(daemon, options.datagrams, chance)
        osc_s = time.monotonic() - began
        good_osc = await client.ask(Hello(request_id="after-osc"), 10)
        async with connect(f"ws://127.0.0.1:{daemon.ports['ws']}", **QUIET) as connection:
            by_ws = await fuzz_ws(connection, options.frames, chance)
        async with daemon.ws() as web:
            good_ws = await web.ask(Hello(request_id="after-ws"), 10)
        mail = MailClient(daemon.place / "runtime" / "mailbox", "fuzz")
        by_mail = await fuzz_mailbox(mail, options.files, chance)
        good_mail = (await mail.ask(type="hello", id="after-mail"))[-1]["type"]
    sent = (("OSC datagrams", by_osc), ("WebSocket messages", by_ws), ("files in the mailbox", by_mail))
    for name, count in sent:
        codes = ", ".join(f"{code} {times}" for code, times in count.codes.most_common())
        show(
            name,
            {
                "sent": count.sent,
                "wrong messages in them": count.wrong,
                "fails that did not come": count.missing,
                "still good": count.still_good,
                "codes": codes,
            },
        )
    show(
        "after that",
        {"OSC": type(good_osc).__name__, "WebSocket": type(good_ws).__name__, "mailbox": good_mail}
        | {"OSC took, s": osc_s},
    )
    require(by_osc.missing == by_ws.missing == by_mail.missing == 0, "every wrong message gets its fail")
    require(
        isinstance(good_osc, HelloDone) and isinstance(good_ws, HelloDone) and good_mail == "done",
        "the daemon answers afterwards",
    )
    log = (daemon.place / "daemon.log").read_text()
    require("fault of ours" not in log and "Traceback" not in log, "no fault of ours in the log")


def main() -> int:
    """The script."""
    options = parse(str(__doc__), datagrams=100_000, frames=10_000, files=5_000)
    with workplace(options) as daemon:
        daemon.start()
        asyncio.run(run(daemon, options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
