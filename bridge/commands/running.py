"""A verb of a client, from its command line to its exit code."""

import importlib

from bridge.commands.orders import read_order
from bridge.commands.verbs import Verb
from protocol.errors import ProtocolError


def run_verb(verb: Verb, argv: list[str]) -> int:
    """Reads the command line (without the verb), runs the verb; the exit code."""
    try:
        order = read_order(verb, argv)
    except ProtocolError as error:
        showing = importlib.import_module("bridge.commands.showing")
        wrong: int = showing.complain_here(error, verb.name, "", "--json" in argv)
        return wrong
    module, _, function = verb.run.partition(":")
    code: int = getattr(importlib.import_module(module), function)(order)
    return code
