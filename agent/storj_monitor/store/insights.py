"""What insights need of the store: hours as sums, failures by class, durations, and the insights themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from storj_monitor.core import hours, sketch
from storj_monitor.core.anomaly import Point
from storj_monitor.core.hours import Sums
from storj_monitor.core.insight import FAILED, Insight
from storj_monitor.store import tops
from storj_monitor.store.bins import TIERS, tier_of
from storj_monitor.store.reader import Column

if TYPE_CHECKING:
    from collections.abc import Iterable

    import aiosqlite

    from storj_monitor.store.db import Store
    from storj_monitor.store.reader import Reader

DURATION = "duration:GET"
_COLUMNS = [Column(each.name, each.metrics, each.agg) for each in hours.COLUMNS]

_NODE = "(SELECT id FROM node WHERE name = ?)"
_OPEN = "SELECT body FROM insight WHERE closed IS NULL ORDER BY opened"
_RECENT = f"""
    SELECT body FROM insight WHERE node = {_NODE} AND closed IS NOT NULL AND opened >= ? ORDER BY opened DESC LIMIT ?
"""  # noqa: S608  # constants, as below
_UPDATE = f"""
    UPDATE insight SET closed = ?, body = ? WHERE node = {_NODE} AND metric = ? AND satellite = ? AND closed IS NULL
"""  # noqa: S608
_INSERT = f"INSERT INTO insight (node, metric, satellite, opened, closed, body) VALUES ({_NODE}, ?, ?, ?, ?, ?)"  # noqa: S608
_FAILED = {
    tier: f"""
    SELECT metric, t - t % ?, sum(n) FROM series JOIN satellite ON satellite.id = series.satellite
    JOIN sample_{tier} ON sample_{tier}.series = series.id
    WHERE node = {_NODE} AND metric >= 'failed:' AND metric < 'failed;' AND t >= ? AND t < ?
        AND (? IS NULL OR satellite_id = ?) GROUP BY 1, 2
    """  # noqa: S608
    for tier in TIERS
}
_SATELLITES = f"""
    SELECT DISTINCT satellite_id FROM series JOIN satellite ON satellite.id = series.satellite
    WHERE node = {_NODE} AND metric >= 'transfer:' AND metric < 'transfer;' AND satellite_id != ''
"""  # noqa: S608
_FIRST = f"""
    SELECT min((SELECT min(t) FROM sample_hour WHERE sample_hour.series = series.id)) FROM series WHERE node = {_NODE}
"""  # noqa: S608
_EVENTS = f"""
    SELECT at, kind, text FROM event WHERE node = {_NODE} AND at >= ? AND at <= ? AND kind NOT IN ('log', 'alert')
    ORDER BY at LIMIT 50
"""  # noqa: S608


async def first(reader: Reader, node: str) -> int | None:
    """The first hour of which anything is kept; None: of none."""
    rows = list(await reader.fetch(_FIRST, (node,)))
    return rows[0][0] if rows else None


async def sums(  # noqa: PLR0917  # a range reads well without names
    reader: Reader, node: str, start: int, end: int, step: int, satellite: str | None = None
) -> list[tuple[int, Sums]]:
    """(start, sums) of the bins of [start, end), of the node or of one satellite (full id)."""
    found = await reader.history(node, _COLUMNS, start, end, step, satellite)
    return [(t, Sums._make(each or 0 for each in row)) for t, *row in found.rows]


async def failed(  # noqa: PLR0917  # as above
    reader: Reader, node: str, start: int, end: int, step: int, satellite: str | None = None
) -> dict[str, dict[int, int]]:
    """Failed transfers: metric `failed:ACTION:CLASS` → start of a bin of `step` seconds → how many."""
    found: dict[str, dict[int, int]] = {}
    values = (step, node, start, end, satellite, satellite)
    for metric, t, n in await reader.fetch(_FAILED[tier_of(step)], values):
        found.setdefault(str(metric), {})[int(t)] = int(n)
    return found


async def classes(reader: Reader, node: str, start: int, end: int, satellite: str | None = None) -> dict[str, int]:
    """The same as `failed` of a whole span: `ACTION:CLASS` → how many; the span is cut to whole minutes."""
    by = await failed(reader, node, start, end, TIERS["minute" if end - start <= TIERS["day"] else "hour"], satellite)
    return {metric.removeprefix(FAILED): sum(bins.values()) for metric, bins in by.items()}


async def slowest(reader: Reader, node: str, start: int, end: int) -> list[Point]:
    """The 95th percentile of the durations of downloads (seconds) for each hour that is still kept by the hour."""
    rows = list(await reader.fetch("SELECT value FROM meta WHERE key = ?", (tops.KEPT,)))
    since = max(start, int(rows[0][0]) if rows else 0)
    found = await tops.spreads(reader, node, DURATION, since, end)
    return [Point(t, sketch.quantile(bins, 0.95), sum(bins.values())) for t, bins in found if t >= since]


async def satellites(reader: Reader, node: str) -> list[str]:
    """Full ids of the satellites that a node ever had transfers with, named or not."""
    return [str(each) for (each,) in await reader.fetch(_SATELLITES, (node,))]


async def events(reader: Reader, node: str, start: int, end: int) -> list[tuple[int, str, str]]:
    """(at, kind, text) of what happened from `start` to `end`, lines of the log left out; oldest first."""
    return [(int(at), str(kind), str(text)) for at, kind, text in await reader.fetch(_EVENTS, (node, start, end))]


# ---- insights ----


async def load(reader: Reader) -> list[Insight]:
    """Those that are open, of all nodes."""
    return [_insight(body) for (body,) in await reader.fetch(_OPEN)]


async def recent(reader: Reader, node: str, since: int, limit: int = 100) -> list[Insight]:
    """Those of a node that began after `since` and are over, newest first."""
    return [_insight(body) for (body,) in await reader.fetch(_RECENT, (node, since, limit))]


async def save(store: Store, changed: Iterable[Insight]) -> None:
    """Write insights that were opened or closed."""

    async def work(db: aiosqlite.Connection) -> None:
        for each in changed:
            await _save(db, each)

    await store.write(work)


async def _save(db: aiosqlite.Connection, each: Insight) -> None:
    body = msgspec.json.encode(each).decode()
    done = await db.execute(_UPDATE, (each.until, body, each.node, each.metric, each.satellite))
    if done.rowcount == 0:
        await db.execute(_INSERT, (each.node, each.metric, each.satellite, each.since, each.until, body))


def _insight(body: Any) -> Insight:
    return msgspec.json.decode(body, type=Insight)
