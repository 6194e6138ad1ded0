"""Another client's OSC library: datagrams with any type tags."""

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
