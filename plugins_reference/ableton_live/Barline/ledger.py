"""What was asked for and has not come to its end: kept in the Live set itself, so that a reload of the
script, or the set opened again, finds it; and what the daemon's replies mean for it. Knows no sockets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .orders import Order, fetch_id, grid_id, order_of, orders_from_text, orders_to_text
from .placing import TakeFile

if TYPE_CHECKING:
    from Live.Song import Song

KEPT = "barline.orders"
"""The set's own data with this key holds the orders as JSON."""
AGAIN = {"not-ready", "busy"}
"""Refusals that pass: the same is sent again with the next connection, or after a while."""
TEXT_LENGTH = 200
"""Characters of a text in Live's status bar."""


class Verdict(NamedTuple):
    """What a reply means: a text, and where `order` is given, what becomes of it.

    ends: it is over; files: what it brought; again: it is asked for once more, now; none of them: later.
    """

    text: str
    order: Order | None = None
    ends: bool = False
    files: tuple[TakeFile, ...] = ()
    again: bool = False


class Ledger:
    """The open orders, oldest first. Every change is written to the set."""

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}

    def load(self, song: Song) -> list[Order]:
        """Takes up what an earlier run of this script left in the set; those orders."""
        kept: Any = song.get_data(KEPT, "")
        found = orders_from_text(kept) if isinstance(kept, str) and kept else []
        self._orders.update((order.id, order) for order in found)
        return found

    def add(self, song: Song, order: Order) -> None:
        """One more order."""
        self._orders[order.id] = order
        self._save(song)

    def end(self, song: Song, order_id: str) -> None:
        """An order is over."""
        if self._orders.pop(order_id, None) is not None:
            self._save(song)

    def open_orders(self) -> list[Order]:
        """All that are not over, oldest first."""
        return list(self._orders.values())

    def _save(self, song: Song) -> None:
        song.set_data(KEPT, orders_to_text(self.open_orders()))

    def judge(self, reply: dict[str, Any]) -> Verdict | None:
        """What a reply means; None when it is none of ours or says nothing new."""
        request_id = text_of(reply, "id")
        order = self._orders.get(order_of(request_id))
        judge_kind = JUDGES.get(text_of(reply, "type"))
        if order is None or judge_kind is None:
            return None
        return judge_kind(order, request_id, reply)


def judge_accepted(order: Order, request_id: str, reply: dict[str, Any]) -> Verdict | None:
    """It is in the queue."""
    ahead = reply.get("position")
    return Verdict(f"{order.label}: {ahead} ahead" if ahead else f"{order.label}: begins")


def judge_progress(order: Order, request_id: str, reply: dict[str, Any]) -> Verdict | None:
    """It goes on."""
    return Verdict(f"{order.label}: {text_of(reply, 'stage')} {reply.get('step')} of {reply.get('of')}")


def judge_cancelled(order: Order, request_id: str, reply: dict[str, Any]) -> Verdict | None:
    """It was stopped."""
    return Verdict(f"{order.label}: cancelled", order, ends=True)


def judge_fail(order: Order, request_id: str, reply: dict[str, Any]) -> Verdict | None:
    """It cannot be; or only the asking failed, and then the order stands."""
    code, text = text_of(reply, "code"), text_of(reply, "text")[:TEXT_LENGTH]
    if request_id == fetch_id(order.id) and code == "unknown-job":
        return Verdict(f"{order.label}: the daemon no longer knows it; ask for it anew", order, ends=True)
    if request_id == fetch_id(order.id):
        return Verdict(f"{order.label}: goes on", order, again=True)
    if request_id not in (order.id, grid_id(order.id)):
        return Verdict(f"{order.label}: {text}")
    if code in AGAIN:
        return Verdict(f"{order.label}: waits, {text}", order)
    return Verdict(f"{order.label}: {text}", order, ends=True)


def judge_done(order: Order, request_id: str, reply: dict[str, Any]) -> Verdict | None:
    """Its result is here, or one of the small answers on the way."""
    if request_id != order.id:
        return None
    files = files_of(reply)
    if not files:
        return Verdict(f"{order.label}: done, but without a file", order, ends=True)
    warnings = "; ".join(lines_of(reply, "warnings"))
    text = f"{order.label}: done" + (f" ({warnings})" if warnings else "")
    return Verdict(text[:TEXT_LENGTH], order, ends=True, files=tuple(files))


JUDGES = {
    "accepted": judge_accepted,
    "progress": judge_progress,
    "cancelled": judge_cancelled,
    "fail": judge_fail,
    "done": judge_done,
}


def files_of(reply: dict[str, Any]) -> list[TakeFile]:
    """The files of a result: one for each stem, or the one take."""
    paths, names = lines_of(reply, "takes"), lines_of(reply, "stems")
    if names and len(names) == len(paths):
        return [TakeFile(path, names[index]) for index, path in enumerate(paths)]
    take = text_of(reply, "take")
    return [TakeFile(take, "")] if take else []


def text_of(reply: dict[str, Any], name: str) -> str:
    """A text of a reply; "" where it has none."""
    value = reply.get(name)
    return value if isinstance(value, str) else ""


def lines_of(reply: dict[str, Any], name: str) -> list[str]:
    """The lines of a reply's field, whether they came as a list or as one text."""
    value: Any = reply.get(name)
    if isinstance(value, str):
        return value.splitlines()
    if not isinstance(value, list):
        return []
    return [line for line in cast("list[Any]", value) if isinstance(line, str)]
