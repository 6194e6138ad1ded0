"""Between the link and the ledger: sends orders, sends them again when the daemon was away, collects results.

Knows the set only as the place where the ledger is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .ledger import Ledger
from .link import OPEN, Link
from .orders import fetch_id
from .wishes import WishError

if TYPE_CHECKING:
    from collections.abc import Callable

    from Live.Song import Song

    from .finding import Address
    from .ledger import Verdict
    from .orders import Order

WAIT_TICKS = 100
"""Ticks after which what the daemon could not take yet is sent again."""
ASKED = 2
"""Orders that are asked for again in one tick, at most."""


class Desk:
    """Open orders and the connection that carries them."""

    def __init__(self, find: Callable[[], Address], token: Callable[[], str]) -> None:
        self._link = Link(find, token)
        self._ledger = Ledger()
        self._openings = 0
        self._wait = WAIT_TICKS
        self._problem = ""
        self._to_ask: list[str] = []
        self._old: set[str] = set()
        self._refused: set[str] = set()
        self.results: list[Verdict] = []
        """What is to be placed, oldest first."""

    def load(self, song: Song) -> None:
        """Takes up what the set remembers of an earlier run."""
        self._old = {order.id for order in self._ledger.load(song)}

    def place_order(self, song: Song, order: Order) -> str:
        """Takes an order; what to say about it."""
        self._ledger.add(song, order)
        if self._link.state != OPEN:
            return "waits for the daemon; start it with: python run_bridge.py"
        if self._send(order):
            return "sent"
        self._ledger.end(song, order.id)
        raise WishError("that is more text than the daemon takes: shorten the lyrics")

    def cancel(self, song: Song) -> str:
        """Stops the newest order. Raises WishError when there is none, or nobody can be told."""
        orders = self._ledger.open_orders()
        if not orders:
            raise WishError("nothing is under way")
        order = orders[-1]
        if self._link.send({"type": "cancel", "id": f"{order.id}.cancel", "job": order.id}):
            return f"{order.label}: is being stopped"
        if self._openings > 0 or order.id in self._old:
            raise WishError("the daemon does not answer, so it cannot be told to stop")
        self._ledger.end(song, order.id)
        return f"{order.label}: taken back"

    def end(self, song: Song, order_id: str) -> None:
        """An order's result is placed."""
        self._ledger.end(song, order_id)

    def tick(self, song: Song) -> str:
        """One bounded step; what there is to say, "" for nothing."""
        said = [
            self._take(song, verdict) for verdict in map(self._ledger.judge, self._link.tick()) if verdict
        ]
        self._plan_asking()
        self._ask()
        texts = [text for text in said if text]
        return texts[-1] if texts else self._new_problem()

    def close(self) -> None:
        """Gives the socket back."""
        self._link.close()

    def _take(self, song: Song, verdict: Verdict) -> str:
        order = verdict.order
        if order is None:
            return verdict.text
        if verdict.files:
            if all(order is not result.order for result in self.results):
                self.results.append(verdict)
            return ""
        if verdict.ends:
            self._ledger.end(song, order.id)
        elif verdict.again:
            self._old.discard(order.id)
            self._to_ask.append(order.id)
        else:
            self._refused.add(order.id)
        return verdict.text

    def _plan_asking(self) -> None:
        """A new connection asks for everything that is open; a while later, for what was refused for now."""
        if self._link.openings != self._openings:
            self._openings = self._link.openings
            self._to_ask = [order.id for order in self._ledger.open_orders()]
        self._wait -= 1
        if self._wait <= 0:
            self._wait = WAIT_TICKS
            self._to_ask += self._refused
            self._refused = set()

    def _ask(self) -> None:
        orders = {order.id: order for order in self._ledger.open_orders()}
        placed = {result.order.id for result in self.results if result.order}
        for order_id in self._to_ask[:ASKED] if self._link.state == OPEN else []:
            self._to_ask.remove(order_id)
            if order_id in self._old and order_id not in placed:
                self._link.send({"type": "fetch", "id": fetch_id(order_id), "job": order_id})
            elif order_id in orders and order_id not in placed:
                self._send(orders[order_id])

    def _send(self, order: Order) -> bool:
        """The grid and the request; the same id again is the same order to the daemon."""
        return self._link.send(order.project) and self._link.send(order.request)

    def _new_problem(self) -> str:
        """Why there is no connection, once, and only if somebody waits for it."""
        problem = self._link.problem
        if problem == self._problem or not self._ledger.open_orders():
            return ""
        self._problem = problem
        return f"no daemon: {problem}" if problem else ""
