"""Routes and subscriptions."""

import pytest

from bridge.sessions import LEASE_S, Sessions, TooManySubscribers, osc_caller, split_route
from protocol.replies import EngineEvent, Reply, Synced

READY = EngineEvent(state="ready", text="")
REPLY = Synced(request_id="s")


class Wire:
    """Sessions whose replies are written down, and a clock to move."""

    def __init__(self, limit: int = 64) -> None:
        self.sent: list[tuple[str, int]] = []
        self.now = 0.0
        self.sessions = Sessions(limit, lambda: self.now)
        self.sessions.use_osc(lambda host, port, reply: self.sent.append((host, port)))


async def no_bytes(_: bytes) -> None:
    pass


def test_a_caller_is_answered_where_it_sent_from() -> None:
    assert Wire().sessions.routes_of(osc_caller("127.0.0.1", 5)) == ("osc:127.0.0.1:5",)


def test_a_registered_port_hears_too_and_once() -> None:
    wire, caller = Wire(), osc_caller("127.0.0.1", 5)
    wire.sessions.subscribe(caller, 9000, "own")
    wire.sessions.send(wire.sessions.routes_of(caller), REPLY)
    wire.sessions.send(wire.sessions.routes_of(osc_caller("127.0.0.1", 9000)), REPLY)
    assert wire.sent == [("127.0.0.1", 5), ("127.0.0.1", 9000), ("127.0.0.1", 9000)]


def test_a_registered_port_is_that_machines_only() -> None:
    wire = Wire()
    wire.sessions.subscribe(osc_caller("10.0.0.1", 5), 9000, "own")
    assert wire.sessions.routes_of(osc_caller("10.0.0.2", 5)) == ("osc:10.0.0.2:5",)


def test_unsubscribing_ends_both() -> None:
    wire, caller = Wire(), osc_caller("127.0.0.1", 5)
    wire.sessions.subscribe(caller, 9000, "all")
    wire.sessions.unsubscribe(caller, 9000)
    wire.sessions.send_event(READY)
    assert not wire.sent and wire.sessions.routes_of(caller) == ("osc:127.0.0.1:5",)


def test_jobs_of_others_only_for_those_who_asked() -> None:
    wire = Wire()
    wire.sessions.subscribe(osc_caller("127.0.0.1", 1), 0, "own")
    wire.sessions.subscribe(osc_caller("127.0.0.1", 2), 0, "all")
    wire.sessions.send_of_job(("osc:127.0.0.1:3",), REPLY)
    assert wire.sent == [("127.0.0.1", 3), ("127.0.0.1", 2)]


def test_events_go_to_all_subscribers() -> None:
    wire = Wire()
    for port in (1, 2):
        wire.sessions.subscribe(osc_caller("127.0.0.1", port), 0, "own")
    wire.sessions.send_event(READY)
    assert wire.sent == [("127.0.0.1", 1), ("127.0.0.1", 2)]


def test_there_is_a_limit_to_subscribers() -> None:
    wire = Wire(limit=1)
    wire.sessions.subscribe(osc_caller("127.0.0.1", 1), 0, "own")
    wire.sessions.subscribe(osc_caller("127.0.0.1", 1), 0, "all")
    with pytest.raises(TooManySubscribers):
        wire.sessions.subscribe(osc_caller("127.0.0.1", 2), 0, "own")


def test_a_silent_machine_makes_room() -> None:
    wire = Wire(limit=1)
    wire.sessions.subscribe(osc_caller("10.0.0.1", 1), 0, "own")
    wire.now = LEASE_S + 1
    wire.sessions.subscribe(osc_caller("10.0.0.2", 1), 0, "own")
    wire.sessions.send_event(READY)
    assert wire.sent == [("10.0.0.2", 1)]


def test_whoever_still_sends_is_not_dropped() -> None:
    wire = Wire(limit=1)
    wire.sessions.subscribe(osc_caller("10.0.0.1", 1), 0, "own")
    wire.now = LEASE_S
    wire.sessions.hear(osc_caller("10.0.0.1", 77))
    wire.now = LEASE_S + 1
    with pytest.raises(TooManySubscribers):
        wire.sessions.subscribe(osc_caller("10.0.0.2", 1), 0, "own")


def test_a_closed_websocket_hears_nothing_and_its_number_is_never_given_again() -> None:
    wire, heard = Wire(), list[Reply]()
    first = wire.sessions.open_socket(heard.append, no_bytes)
    wire.sessions.subscribe(first, 0, "all")
    wire.sessions.close_socket(first)
    second = wire.sessions.open_socket(heard.append, no_bytes)
    wire.sessions.send((first.route,), REPLY)
    wire.sessions.send_event(READY)
    assert not heard and first.route != second.route


def test_trust_is_by_machine() -> None:
    sessions = Wire().sessions
    sessions.trust(osc_caller("10.0.0.1", 1))
    assert sessions.is_trusted(osc_caller("10.0.0.1", 2)) and not sessions.is_trusted(
        osc_caller("10.0.0.2", 1)
    )


def test_a_route_holds_an_ipv6_address() -> None:
    assert split_route(osc_caller("::1", 7770).route) == ("::1", 7770)
