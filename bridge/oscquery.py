"""OSCQuery over HTTP: what a GET is answered, on the port of the WebSocket.

Source: the OSCQuery proposal, third revision. Decides on paths and attributes only; who may ask at all is
decided before (ws_server).
"""

import json
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from bridge.address_space import find_node, read_attribute, space_of
from bridge.parts import Bridge
from bridge.runtime_file import NAMES_OF_ALL
from protocol.oscquery import ATTRIBUTES, EXTENSIONS, Node

NAME = "Barline"
NOT_ATTRIBUTES = frozenset({"token"})
"""Parts of a query that ask for nothing."""
NOT_HERE = frozenset({"CRITICAL", "CLIPMODE", "HTML"})
"""Attributes of the proposal that no node of ours has."""


class Answer(NamedTuple):
    """Status and JSON text of an answer; no text: none."""

    status: HTTPStatus
    text: str = ""


def answer_query(bridge: Bridge, target: str) -> Answer:
    """Answers a GET. target: path and query of its URL."""
    url = urlsplit(target)
    asked = [key for key, _ in parse_qsl(url.query, keep_blank_values=True) if key not in NOT_ATTRIBUTES]
    if "HOST_INFO" in asked:
        return found(host_info(bridge))
    node = find_node(space_of(bridge), unquote(url.path))
    if node is None:
        return Answer(HTTPStatus.NOT_FOUND)
    return answer_attribute(node, asked) if asked else found(node)


def answer_attribute(node: Node, asked: list[str]) -> Answer:
    """One attribute of a node."""
    if asked[0] in NOT_HERE:
        return Answer(HTTPStatus.NO_CONTENT)
    if len(asked) > 1 or asked[0] not in ATTRIBUTES:
        return Answer(HTTPStatus.BAD_REQUEST)
    attribute = read_attribute(node, asked[0])
    return Answer(HTTPStatus.NO_CONTENT) if attribute is None else found(attribute)


def found(content: dict[str, Any]) -> Answer:
    """An answer that says something."""
    return Answer(HTTPStatus.OK, json.dumps(content, ensure_ascii=False))


def host_info(bridge: Bridge) -> dict[str, Any]:
    """Who answers, and where OSC and WebSocket are."""
    host = bridge.config.host
    # Bound to all addresses there is no one to tell: the client has reached us at one that will do.
    places = {} if host in NAMES_OF_ALL else {"OSC_IP": host, "WS_IP": host}
    return places | {
        "NAME": NAME,
        "EXTENSIONS": {name: True for name in EXTENSIONS},
        "OSC_PORT": bridge.ports.osc,
        "OSC_TRANSPORT": "UDP",
        "WS_PORT": bridge.ports.ws,
    }
