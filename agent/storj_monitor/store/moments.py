"""What happened to a node and when: moments that one compares before and after, and what a comparison reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.core import compare, scoretrend
from storj_monitor.core.anomaly import HOUR
from storj_monitor.core.compare import Past
from storj_monitor.core.utc import DAY
from storj_monitor.store import insights, tops
from storj_monitor.store.reader import Column

if TYPE_CHECKING:
    from storj_monitor.core.compare import Span
    from storj_monitor.core.forecast import Point
    from storj_monitor.store.reader import Reader

NEAR = 60
"""Seconds from an event within which a moment is that event's."""
_NODE = "(SELECT id FROM node WHERE name = ?1)"
_MARKS = f"""
    SELECT at, kind, text FROM event WHERE node = {_NODE} AND at >= ?2 AND at < ?3 AND kind != 'log'
    UNION ALL SELECT opened, 'alert', rule FROM alert WHERE node = {_NODE} AND opened >= ?2 AND opened < ?3
    UNION ALL SELECT started, kind, subject FROM run WHERE node = {_NODE} AND kind = 'compaction'
        AND started >= ?2 AND started < ?3 AND ended - started >= 600
    ORDER BY 1 DESC LIMIT ?4
"""  # noqa: S608  # constants only
_SCORES = ("audit", "suspension", "online")
_SCORE_STEP = 2 * HOUR
_GAUGE_STEP = 6 * HOUR
_ALL = 400 * DAY


async def marks(reader: Reader, node: str, start: int, end: int, limit: int = 200) -> list[tuple[int, str, str]]:
    """(at, kind, text), newest first: events but for log lines, alerts (their rule), long compactions (their store)."""
    rows = await reader.fetch(_MARKS, (node, start, end, limit))
    return [(int(at), str(kind), str(text)) for at, kind, text in rows]


async def mark_at(reader: Reader, node: str, at: int) -> tuple[int, str, str] | None:
    """The mark nearest to a time, within a minute."""
    found = await marks(reader, node, at - NEAR, at + NEAR + 1)
    return min(found, key=lambda each: abs(each[0] - at), default=None)


async def past(reader: Reader, node: str, sides: Span, hours: int) -> Past:
    """The hours that `core.compare` wants around a moment."""
    start = sides.before_end - compare.reach(hours)
    end = sides.after_start + sides.length
    known = await insights.sums(reader, node, start, end, HOUR)
    durations = await tops.spreads(reader, node, insights.DURATION, start, end)
    return Past(dict(known), dict(durations))


async def scores(reader: Reader, node: str, satellite: str, now: float) -> dict[str, list[Point]]:
    """Means of two hours over the last week, by score: (middle of the bin, percent)."""
    columns = [Column(name, (f"{name}_score",), "mean") for name in _SCORES]
    start = int(now) - scoretrend.SPANS[0]
    found = await reader.history(node, columns, start, int(now) + 1, _SCORE_STEP, satellite)
    return {
        name: [(row[0] + found.step / 2, row[at]) for row in found.rows if row[at] is not None]
        for at, name in enumerate(_SCORES, 1)
    }


async def audits(reader: Reader, node: str, satellite: str, now: float) -> list[Point]:
    """How many audits the satellite has counted, as the log told it: (start of a bin of six hours, audits)."""
    column = Column("total_audits", ("total_audits",), "last")
    found = await reader.history(node, [column], int(now) - 30 * DAY, int(now) + 1, _GAUGE_STEP, satellite)
    points = [(float(t), float(n)) for t, n in found.rows if n is not None]
    if points:
        return points
    older = await reader.history(node, [column], int(now) - _ALL, int(now) + 1, DAY, satellite)
    return [(float(t), float(n)) for t, n in older.rows if n is not None][-1:]


async def disk_errors(reader: Reader, node: str, start: int, end: int) -> dict[str, int]:
    """Lines that name the disk, by counter (`core.scoretrend.DISK`)."""
    columns = [Column(name, (name,), "count") for name in scoretrend.DISK]
    found = await reader.history(node, columns, start, end, HOUR)
    return {name: sum(row[at] or 0 for row in found.rows) for at, name in enumerate(scoretrend.DISK, 1)}
