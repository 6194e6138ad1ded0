"""Another client's OSC library: datagrams with any type tags."""

import json
from typing import Any

from pythonosc.osc_message_builder import OscMessageBuilder

from protocol import osc


def datagram(address: str, tags: str, *arguments: Any) -> bytes:
    """What another client's OSC library would send."""
    builder = OscMessageBuilder(address)
    for tag, argument in zip(tags, arguments, strict=True):
        builder.add_arg(argument, tag)
    return builder.build().dgram


def decoded(address: str, tags: str, *arguments: Any) -> Any:
    """The one message of a datagram."""
    (timed,) = osc.decode_packet(datagram(address, tags, *arguments))
    return timed.message


def plain_datagram(message: dict[str, Any]) -> bytes:
    """A JSON message as a script would write it in OSC: units in the keys, lists as texts."""
    pairs: list[Any] = [message["id"]] if "id" in message else []
    for key, value in message.items():
        if key not in ("type", "id"):
            unit, plain = next(iter(value.items())) if isinstance(value, dict) else ("", value)
            pairs += [f"{key}.{unit}" if unit else key, listed(plain)]
    return datagram(f"/{message['type']}", "".join(map(tag_of, pairs)), *pairs)


def listed(plain: Any) -> Any:
    """A list as OSC can say it: words as one text, objects as their JSON."""
    if not isinstance(plain, list):
        return plain
    is_plain = all(isinstance(word, str | int) for word in plain)
    return " ".join(map(str, plain)) if is_plain else json.dumps(plain)


def tag_of(plain: Any) -> str:
    """The type tag of a plain value."""
    if isinstance(plain, bool):
        return "T" if plain else "F"
    if isinstance(plain, int):
        return "i" if -(2**31) <= plain < 2**31 else "h"
    return "d" if isinstance(plain, float) else "s"
