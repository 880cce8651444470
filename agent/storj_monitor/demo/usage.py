"""Traffic and storage of any day, from before the first line and from the log: what both the API and the money use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.demo.books import DAY
from storj_monitor.demo.past import month_start

if TYPE_CHECKING:
    from storj_monitor.demo.lognode import SimulatedNode


def traffic(node: SimulatedNode, satellite: int, day: int) -> list[int]:
    """Bytes of a UTC day (days since 1970) that are booked, by slot of the ledger."""
    before = node.past.traffic(satellite, day)
    since = node.ledger.daily.get(day)
    return [a + b for a, b in zip(before, since[satellite], strict=True)] if since is not None else before


def stored(node: SimulatedNode, satellite: int, day: int) -> float:
    """Average live bytes of a day."""
    middle = day * DAY + DAY / 2
    if middle < node.begun:
        return node.past.stored(satellite, middle)
    kept = node.midnights.get(day) or node.midnights.get(day + 1)
    return float(kept[satellite] if kept else node.disks[satellite].live[0])


def month_days(year: int, month: int) -> range:
    """The days of a month (which may be 0 or 13)."""
    return range(month_start(year, month) // DAY, month_start(year, month + 1) // DAY)


def month(node: SimulatedNode, satellite: int, year: int, month: int) -> tuple[list[int], float]:
    """A whole past month: bytes by slot, and byte·hours at rest."""
    sums, at_rest = [0] * 5, 0.0
    for day in month_days(year, month):
        if (day + 1) * DAY <= node.past.joined:
            continue
        sums = [a + b for a, b in zip(sums, traffic(node, satellite, day), strict=True)]
        at_rest += stored(node, satellite, day) * 24
    return sums, at_rest
