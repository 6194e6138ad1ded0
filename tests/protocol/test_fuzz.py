"""Damaged bytes: nothing but ProtocolError ever comes out, whatever goes in."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from protocol import binary, json_text, osc
from protocol.errors import CODES, ProtocolError
from protocol.generated import golden_files

FILES = golden_files()


def _damage(content: bytes, dice: random.Random) -> bytes:
    """One to four faults: a changed byte, a cut, a lost or doubled stretch, noise."""
    damaged = bytearray(content)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(damaged) + 1)
        match dice.randrange(5):
            case 0:
                damaged[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                del damaged[at:]
            case 2:
                del damaged[at : at + dice.randint(1, 8)]
            case 3:
                damaged[at:at] = damaged[at : at + dice.randint(1, 8)]
            case _:
                damaged[at:at] = dice.randbytes(dice.randint(1, 8))
    return bytes(damaged)


def _damaged(ending: str, count: int) -> Iterator[bytes]:
    dice = random.Random(20)
    contents = [content for name, content in sorted(FILES.items()) if name.endswith(ending)]
    return (_damage(dice.choice(contents), dice) for _ in range(count))


FUZZ: list[tuple[str, int, Callable[[bytes], Any]]] = [
    (".osc", 20_000, osc.decode_packet),
    (".osc", 5_000, osc.decode_reply),
    (".json", 5_000, json_text.decode_request),
    (".json", 5_000, json_text.decode_reply),
    (".bin", 5_000, binary.decode_frame),
]


@pytest.mark.parametrize(("ending", "count", "decode"), FUZZ)
def test_damaged_bytes_raise_only_protocol_errors(
    ending: str, count: int, decode: Callable[[bytes], Any]
) -> None:
    refused = 0
    for content in _damaged(ending, count):
        try:
            decode(content)
        except ProtocolError as error:
            assert error.code in CODES
            refused += 1
    assert refused > count // 4


def test_noise_is_no_packet() -> None:
    dice = random.Random(21)
    for start in (b"", b"/", b"#bundle\0", b"/repaint\0\0\0\0,"):
        for _ in range(500):
            try:
                osc.decode_packet(start + dice.randbytes(dice.randrange(200)))
            except ProtocolError as error:
                assert error.code == "malformed"
