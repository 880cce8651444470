"""How the used space has changed, from our own history: means of `disk_used` → a robust slope (`core.forecast`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.core import forecast, readings, utc
from storj_monitor.core.facts import Reading
from storj_monitor.core.readings import GrowthReading
from storj_monitor.store.reader import Column

if TYPE_CHECKING:
    from storj_monitor.core.forecast import Point
    from storj_monitor.core.state import NodeState
    from storj_monitor.store.reader import Reader

DAYS = 30
BIN = utc.DAY // 2
"""Seconds of a point: half days, so that two days of history say something; 60 points are 1 770 pairs."""
SPAN = 2 * utc.DAY
"""Seconds of history below which no pace is named."""
_USED = Column("disk_used", ("disk_used",), "mean")


async def points(reader: Reader, node: str, now: float, *, days: int = DAYS, step: int = BIN) -> list[Point]:
    """Means of the used space over `step` seconds, each at its middle (epoch seconds, bytes); the last bin ends now."""
    start = int(now) - days * utc.DAY
    found = await reader.history(node, [_USED], start, int(now) + 1, step)
    return [((t + min(t + found.step, now)) / 2, value) for t, value in found.rows if value is not None]


async def growth(reader: Reader, node: str, now: float) -> GrowthReading | None:
    """The pace of the last 30 days; None while the history is too short to say."""
    known = await points(reader, node, now)
    pace = forecast.slope(known) if known and known[-1][0] - known[0][0] >= SPAN else None
    if pace is None:
        return None
    days = (known[-1][0] - known[0][0]) / utc.DAY
    return GrowthReading(
        at=int(now), likely=pace.mean, low=pace.low, high=pace.high, points=len(known), days=round(days, 2)
    )


async def refresh(reader: Reader, state: NodeState, now: float) -> None:
    """Let a node's state know its pace; what is older than a day is not believed any more (`core.known`)."""
    body = await growth(reader, state.name, now)
    if body is not None:
        state.read(Reading(readings.GROWTH, body.at, body))
