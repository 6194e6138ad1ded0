"""What a message is beside its fields: its name on the wire, and for requests how they end and travel."""

from dataclasses import dataclass
from typing import Literal

Transport = Literal["osc", "websocket", "mailbox"]
EVERY: tuple[Transport, ...] = ("osc", "websocket", "mailbox")
WEBSOCKET: tuple[Transport, ...] = ("websocket",)


@dataclass(frozen=True, slots=True)
class Spec:
    """What a request is beside its fields.

    name: OSC address without the slash, and JSON type.  is_job: queued, answers accepted and progress before
    its end; else it ends at once.  one_of: fields of which exactly one must be given.
    """

    name: str
    is_job: bool = False
    transports: tuple[Transport, ...] = EVERY
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplySpec:
    """name: OSC address without the slash, and JSON type.  command: the request it answers, "" for any."""

    name: str
    command: str = ""
