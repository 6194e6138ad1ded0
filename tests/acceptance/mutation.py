"""Messages that are nearly right: good ones with bytes flipped, cut, doubled, swapped or spliced."""

import json
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from pythonosc.osc_message_builder import OscMessageBuilder

from protocol import json_text, osc
from protocol.messages import (
    Cancel,
    Describe,
    Fetch,
    Generate,
    Hello,
    Notify,
    Project,
    Repaint,
    Request,
    Shutdown,
    Status,
    Sync,
    Upload,
)
from protocol.osc_bytes import read_raw
from protocol.values import BarCount, Bars, Beats, MeterPoint, Seconds, TempoPoint

TEMPO = (TempoPoint(Fraction(0), Fraction(120), "beats"), TempoPoint(Fraction(16), Fraction(90)))
GOOD: tuple[Request, ...] = (
    Hello(request_id="h1", client="fuzz"),
    Describe(request_id="d1", what="limits"),
    Sync(request_id="s1"),
    Status(request_id="q1", job="nobody"),
    Cancel(request_id="c1", job="nobody"),
    Fetch(request_id="f1", job="nobody"),
    Notify(request_id="n1", on=False),
    Project(request_id="p1", name="fuzz", tempo=TEMPO, meter=(MeterPoint(1, 4, 4), MeterPoint(9, 7, 8))),
    Repaint(
        request_id="r1", source="/no/such.wav", start=Bars(5), end=Bars(9, 2), caption="drums", lyrics="la"
    ),
    Repaint(request_id="r2", source="/no/such.wav", start=Beats(Fraction(33, 2)), end=Seconds(Fraction(20))),
    Generate(request_id="g1", project="nowhere", length=BarCount(8), caption="piano"),
)
MUST_NOT_ARRIVE = (Shutdown, Generate, Notify, Upload)
"""Good requests of these kinds would change what is measured: a mutation that made one is left out."""


def flip(message: bytearray, chance: random.Random) -> None:
    """A few bits."""
    for _ in range(chance.randint(1, 6)):
        message[chance.randrange(len(message))] ^= 1 << chance.randrange(8)


def cut(message: bytearray, chance: random.Random) -> None:
    """The end, or a piece within."""
    first = chance.randrange(len(message))
    del message[first : first + chance.randint(1, len(message))]


def insert(message: bytearray, chance: random.Random) -> None:
    """Some bytes of anything."""
    at = chance.randrange(len(message) + 1)
    message[at:at] = chance.randbytes(chance.randint(1, 40))


def double(message: bytearray, chance: random.Random) -> None:
    """A piece, twice."""
    first = chance.randrange(len(message))
    message += message[first : first + 64]


def overwrite(message: bytearray, chance: random.Random) -> None:
    """A byte by one that means something to OSC or JSON."""
    message[chance.randrange(len(message))] = chance.choice(b'\0,/#sifhdTFNb[]{}":\\-.eE0179')


MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (flip, cut, insert, double, overwrite)


def mutate(message: bytes, chance: random.Random) -> bytes:
    """One to three mutations; never empty."""
    changed = bytearray(message)
    for _ in range(chance.randint(1, 3)):
        if changed:
            chance.choice(MUTATIONS)(changed, chance)
    return bytes(changed) or b"\0"


JUNK: tuple[Any, ...] = (
    0, -1, 2**31 - 1, -(2**31), 2**40, 1e30, 0.1, -0.5, float("nan"), float("inf"), True, False,
    "", " ", "0", "-1", "1/0", "1/3", "5|3|960", "0|0|0", "999999999|1|0", "1e400", "x" * 2000, "\u202e",
    "upload:", "upload:../../etc", "/etc/passwd", "~", "..", "\\\\host\\share",
    "0 120; 0 120", "0 0", "4/0", "1 4/4; 1 3/4",
)  # fmt: skip
"""Values that are good for some field and wrong for most."""


def scramble_osc(request: Request, chance: random.Random) -> bytes:
    """A datagram that is sound as OSC, with some of its arguments exchanged for junk."""
    raw = read_raw(osc.encode_request(request))
    arguments = [chance.choice(JUNK) if chance.random() < 0.25 else argument for argument in raw.arguments]
    if chance.random() < 0.2:
        chance.shuffle(arguments)
    builder = OscMessageBuilder(raw.address)
    for argument in arguments:
        builder.add_arg(argument, "h" if isinstance(argument, int) and abs(argument) > 2**31 - 1 else None)
    return builder.build().dgram


def scramble_json(request: Request, chance: random.Random) -> str:
    """A text that is sound as JSON, with some of its values exchanged for junk."""
    plain = json.loads(json_text.encode_request(request))
    for name in list(plain):
        if chance.random() < 0.25:
            plain[name] = chance.choice((*JUNK, None, [], {}, [[]], {"bars": []}, {"beats": {}}))
        if chance.random() < 0.05:
            del plain[name]
    return json.dumps(plain)


def datagrams(chance: random.Random) -> bytes:
    """An OSC datagram: a third sound with wrong values, the others with wrong bytes, some of them bundles."""
    request, kind = chance.choice(GOOD), chance.random()
    if kind < 0.33:
        return scramble_osc(request, chance)
    if kind < 0.5:
        due = None if chance.random() < 0.5 else Fraction(chance.randrange(2**32))
        return mutate(osc.encode_bundle([request, chance.choice(GOOD)], due), chance)
    return mutate(osc.encode_request(request), chance)


def texts(chance: random.Random) -> str:
    """A JSON text: half of them sound with wrong values, half with wrong bytes."""
    request = chance.choice(GOOD)
    if chance.random() < 0.5:
        return scramble_json(request, chance)
    return mutate(json_text.encode_request(request).encode(), chance).decode("utf-8", "replace")
