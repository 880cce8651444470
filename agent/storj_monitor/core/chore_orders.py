"""Orders sent or not: three lines that come in different order over the versions (agent/docs/storagenode.md §2.3).

`finished` is logged after a failure too, and `failed to settle orders for satellite` may come just before or just after
it. So a `finished` counts as sent once `WAIT` seconds of the log have passed without a failure of that satellite. How
many orders it were stands in `finished` from 1.113 on, before that in `sending`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from storj_monitor.core import gotext
from storj_monitor.core.chore_counts import satellite_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storj_monitor.core.chore_counts import Counts

T = TypeVar("T")

SENDING, FINISHED, FAILED = "sending", "finished", "failed to settle orders for satellite"
KINDS = frozenset({"orders_sending", "orders_sent", "orders_failed"})
WAIT = 2
SATELLITES_MAX = 64


class OrdersState(msgspec.Struct):
    """By satellite: orders being sent, [time, orders] of a `finished` that is not yet sure, time of a failure."""

    sending: dict[str, int] = {}
    waiting: dict[str, list[int]] = {}
    failed: dict[str, int] = {}


class Orders:
    """Counts `orders_sent` and `orders_failed`: n = 1 for each sending, sum = orders."""

    def __init__(self, counts: Counts) -> None:
        self.state = OrdersState()
        self._counts = counts

    def entry(self, message: str, kind: str, fields: Mapping[str, Any], at: int) -> None:
        """Take in an entry of one of `KINDS`."""
        satellite = satellite_of(fields)[:64]
        orders = gotext.count(fields.get("count"))
        if message == SENDING and orders is not None:
            _keep(self.state.sending, satellite, orders)
        elif message == FINISHED:
            self._finished(satellite, at, orders)
        elif message == FAILED:
            self._failed(satellite, at)
        elif kind == "orders_failed":
            self._counts.add("orders_failed", at, satellite, value=0)

    def _finished(self, satellite: str, at: int, orders: int | None) -> None:
        state = self.state
        before = state.sending.pop(satellite, 0)
        orders = before if orders is None else orders
        if at - state.failed.pop(satellite, -WAIT) < WAIT:
            self._counts.add("orders_failed", at, satellite, n=0, value=orders)
            return
        self._sure(satellite)
        _keep(state.waiting, satellite, [at, orders])

    def _failed(self, satellite: str, at: int) -> None:
        state = self.state
        since, orders = state.waiting.get(satellite, (0, 0))
        if since and at - since <= WAIT:
            del state.waiting[satellite]
            self._counts.add("orders_failed", since, satellite, value=orders)
            return
        _keep(state.failed, satellite, at)
        self._counts.add("orders_failed", at, satellite, value=0)

    def _sure(self, satellite: str) -> None:
        since, orders = self.state.waiting.pop(satellite, (0, 0))
        if since:
            self._counts.add("orders_sent", since, satellite, value=orders)

    def passed(self, now: int) -> bool:
        """Count what no failure can follow any more at `now`, the time of the latest line; True when there was some."""
        over = [satellite for satellite, (since, _) in self.state.waiting.items() if now - since > WAIT]
        for satellite in over:
            self._sure(satellite)
        return bool(over)


def _keep(table: dict[str, T], key: str, value: T) -> None:
    if key not in table and len(table) >= SATELLITES_MAX:
        del table[next(iter(table))]
    table[key] = value
