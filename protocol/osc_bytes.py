"""OSC 1.0 at the level of bytes: one message to address and arguments, one bundle to its elements.

Knows no request. Any fault in the bytes is ProtocolError("malformed"), never another exception.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pythonosc.parsing import osc_types

from protocol.errors import ProtocolError

BUNDLE = b"#bundle\0"
# OSC 1.0, "Time Tag": 63 zero bits and a one mean immediately.
IMMEDIATELY = 1
READERS: dict[str, Callable[[bytes, int], tuple[Any, int]]] = {
    "i": osc_types.get_int,
    "h": osc_types.get_int64,
    "f": osc_types.get_float,
    "d": osc_types.get_double,
    "s": osc_types.get_string,
    "T": lambda _, index: (True, index),
    "F": lambda _, index: (False, index),
}
# From here on neighbouring 32-bit floats are 2 apart: what the client meant may already be lost.
FLOAT32_WHOLE = 2**24


@dataclass(frozen=True, slots=True)
class Raw:
    """One OSC message. fault: why its arguments end early; those before it are there."""

    address: str
    tags: str
    arguments: tuple[Any, ...]
    fault: ProtocolError | None = None


def is_bundle(packet: bytes) -> bool:
    """Whether these bytes are a bundle, not a message."""
    return packet.startswith(BUNDLE)


def read_raw(packet: bytes) -> Raw:
    """Address and arguments of a message.  Raises ProtocolError(malformed)."""
    if not packet.startswith(b"/"):
        raise ProtocolError("malformed", "an OSC message begins with /, a bundle with #bundle")
    try:
        return _read_raw(packet)
    except (osc_types.ParseError, ValueError, IndexError, struct.error) as error:
        raise ProtocolError("malformed", f"this is no whole OSC message: {str(error)[:200]}") from None


def read_head(packet: bytes) -> tuple[str, Any]:
    """Address and first argument of what is refused as a whole; ("", None) if they cannot be read."""
    try:
        address, index = osc_types.get_string(packet, 0)
        tags, index = osc_types.get_string(packet, index)
        return address, READERS[tags[1]](packet, index)[0]
    except (osc_types.ParseError, ValueError, LookupError):
        return "", None


def due_of(bundle: bytes) -> Fraction | None:
    """A bundle's timetag in exact NTP seconds; None for at once."""
    if len(bundle) < 16:
        raise ProtocolError("malformed", "the bundle ends before its timetag")
    (timetag,) = struct.unpack_from(">Q", bundle, 8)
    return None if timetag == IMMEDIATELY else Fraction(timetag, 2**32)


def elements_of(bundle: bytes) -> Iterator[bytes]:
    """The messages and bundles inside a bundle."""
    index = 16
    while index < len(bundle):
        size = int.from_bytes(bundle[index : index + 4], "big")
        element = bundle[index + 4 : index + 4 + size]
        if not size or size % 4 or len(element) < size:
            raise ProtocolError(
                "malformed", f"a bundle element claims {size} bytes, {len(element)} are there"
            )
        yield element
        index += 4 + size


def write_bundle(elements: Sequence[bytes], due: Fraction | None) -> bytes:
    """A bundle of encoded elements.  due: exact NTP seconds, None for at once."""
    timetag = IMMEDIATELY if due is None else int(due * 2**32)
    return BUNDLE + struct.pack(">Q", timetag) + b"".join(struct.pack(">i", len(e)) + e for e in elements)


def _read_raw(packet: bytes) -> Raw:
    address, index = osc_types.get_string(packet, 0)
    tags, index = osc_types.get_string(packet, index) if index < len(packet) else (",", index)
    if not tags.startswith(","):
        raise ValueError("the type tags are missing")
    arguments: list[Any] = []
    for tag in tags[1:]:
        if tag not in READERS:
            return Raw(address, tags, tuple(arguments), _unsupported(tag, arguments))
        if tag == "f" and index + 4 > len(packet):
            raise ValueError("the last float is cut off")  # python-osc would read zeros
        argument, index = READERS[tag](packet, index)
        if tag == "f" and abs(argument) >= FLOAT32_WHOLE:
            return Raw(address, tags, tuple(arguments), _too_coarse(argument, arguments))
        arguments.append(argument)
    if index != len(packet):
        raise ValueError(f"{len(packet) - index} bytes follow the last argument")
    return Raw(address, tags, tuple(arguments))


def _name_of(arguments: list[Any]) -> str:
    """What the argument after these is: the key before it, or its number."""
    last = arguments[-1] if arguments and len(arguments) % 2 == 0 else None
    return last[:80] if isinstance(last, str) else f"argument {len(arguments) + 1}"


def _unsupported(tag: str, arguments: list[Any]) -> ProtocolError:
    name = _name_of(arguments)
    return ProtocolError("wrong-type", f"{name} has the OSC type {tag!r}: send one of i h f d s T F", name)


def _too_coarse(argument: float, arguments: list[Any]) -> ProtocolError:
    name = _name_of(arguments)
    text = f"{name}={argument:.1f} as a 32-bit float may have lost its last digits: send i, h, d or a text"
    return ProtocolError("wrong-type", text, name)
