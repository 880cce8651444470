"""Runs of the node's tasks, as rows and as answers: one row each, written at its start, its progress and its end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from storj_monitor.core.facts import Run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    import aiosqlite

    from storj_monitor.store.reader import Reader

TEXT_MAX = 64

# A run that has ended does not go on; one that was only given up (below) does.
_RUN = """
    INSERT INTO run (node, kind, satellite, subject, started, ended, ok, stats) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (node, kind, satellite, subject, started) DO UPDATE SET
        ended = excluded.ended, ok = excluded.ok, stats = excluded.stats
    WHERE ended IS NULL OR excluded.ended IS NOT NULL OR json_extract(stats, '$.unfinished')
"""
# Old logs may end within a run, and be read after newer ones: a run with a later one of its kind is over.
_OVER = """
    UPDATE run SET stats = json_set(stats, '$.unfinished', json('true')), ended = (
        SELECT min(next.started) FROM run AS next
        WHERE (next.node, next.kind, next.satellite, next.subject) = (run.node, run.kind, run.satellite, run.subject)
            AND next.started > run.started)
    WHERE node = ? AND kind = ? AND satellite = ? AND subject = ? AND ended IS NULL AND started < (
        SELECT max(latest.started) FROM run AS latest
        WHERE (latest.node, latest.kind, latest.satellite, latest.subject)
            = (run.node, run.kind, run.satellite, run.subject))
"""
_FROM = """
    FROM run JOIN satellite ON satellite.id = run.satellite
    WHERE run.node = (SELECT id FROM node WHERE name = ?1)
"""
_COLUMNS = "kind, satellite_id, subject, started, ended, ok, stats"
_WANTED = """
    AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR satellite_id = ?3)
    AND (?5 IS NULL OR started < ?5) AND (?4 IS NULL OR ended IS NULL OR ended >= ?4)
"""
_NEWEST = "ORDER BY started DESC, kind, satellite_id, subject"
_LIST = f"SELECT {_COLUMNS} {_FROM} {_WANTED} {_NEWEST} LIMIT ?6"
_LATEST = f"""
    SELECT kind, satellite_id, subject, max(started), ended, ok, stats {_FROM} GROUP BY 1, 2, 3
    UNION
    SELECT kind, satellite_id, subject, max(started), ended, ok, stats {_FROM} AND ok GROUP BY 1, 2, 3
"""
_COMPACTIONS = f"""
    {_FROM} AND kind = 'compaction' AND (?2 IS NULL OR started >= ?2) AND (?3 IS NULL OR started < ?3)
"""
_SECONDS = "coalesce(json_extract(stats, '$.seconds'), ended - started)"
_REWRITTEN, _RECLAIMED = (f"coalesce(json_extract(stats, '$.{name}_bytes'), 0)" for name in ("rewritten", "reclaimed"))
_SUMS = f"""
    count(*), coalesce(sum(ok = 0), 0), coalesce(sum({_SECONDS}), 0), coalesce(sum({_REWRITTEN}), 0),
    coalesce(sum({_RECLAIMED}), 0), coalesce(sum(CASE WHEN {_REWRITTEN} > 0 THEN {_SECONDS} END), 0)
"""
_TOTAL = f"SELECT {_SUMS} {_COMPACTIONS}"
_DAYS = f"SELECT started - started % 86400, {_SUMS} {_COMPACTIONS} GROUP BY 1 ORDER BY 1 DESC LIMIT 400"
_RUNNING = f"""
    SELECT {_COLUMNS}, (
        SELECT avg({_SECONDS}) FROM run AS past
        WHERE past.node = run.node AND past.kind = run.kind AND past.satellite = run.satellite
            AND past.subject = run.subject AND past.ok AND past.started >= run.started - 30 * 86400)
    {_FROM} AND kind = 'compaction' AND ended IS NULL {_NEWEST} LIMIT 20
"""  # noqa: S608  # constants only
SORTS = {
    "newest": _NEWEST,
    "oldest": "ORDER BY started, satellite_id, subject",
    "longest": f"ORDER BY {_SECONDS} DESC, started DESC",
    "failed": "ORDER BY ok IS NULL, ok, started DESC",
    **{
        name: f"ORDER BY json_extract(stats, '$.{stat}') DESC, started DESC"
        for name, stat in (
            ("reclaimed", "reclaimed_bytes"),
            ("rewritten", "rewritten_bytes"),
            ("trash", "table_len_trash"),
            ("reclaimable", "data_reclaimable"),
            ("load", "table_load"),
        )
    },
    "efficiency": f"ORDER BY 1.0 * {_RECLAIMED} / nullif({_REWRITTEN}, 0) DESC, started DESC",
    "throughput": f"ORDER BY 1.0 * {_REWRITTEN} / nullif({_SECONDS}, 0) DESC, started DESC",
}
"""Orders in which compactions can be listed; where a figure is missing, at the end."""
PRUNE = """
    DELETE FROM run WHERE (node, kind, satellite, subject, started) IN (
        SELECT node, kind, satellite, subject, started FROM run WHERE started < ? LIMIT ?)
"""


async def write(
    db: aiosqlite.Connection,
    node: int,
    satellite: Callable[[aiosqlite.Connection, str], Awaitable[int]],
    runs: Iterable[Run],
) -> None:
    """Write runs as they stand, inside the transaction that is open."""
    keys: dict[tuple[Any, ...], None] = {}
    for run in runs:
        key = (node, _clean(run.kind), await satellite(db, run.satellite), _clean(run.subject))
        stats = msgspec.json.encode(run.stats).decode()
        await db.execute(_RUN, (*key, run.started, run.ended, run.ok, stats))
        keys[key] = None
    for key in keys:
        await db.execute(_OVER, key)


def _clean(text: str) -> str:
    return text[:TEXT_MAX].encode("utf-8", "replace").decode()


def _run(row: tuple[Any, ...]) -> Run:
    kind, satellite, subject, started, ended, ok, stats = row
    return Run(kind, started, satellite, subject, ended, None if ok is None else bool(ok), json.loads(stats))


async def runs(  # noqa: PLR0917  # a range reads well without names
    reader: Reader,
    node: str,
    kind: str | None = None,
    satellite: str | None = None,
    start: int | None = None,
    end: int | None = None,
    limit: int = 100,
) -> list[Run]:
    """Runs that were under way within [start, end), newest first; `satellite` is a full id."""
    return [_run(row) for row in await reader.fetch(_LIST, (node, kind, satellite, start, end, limit))]


async def latest(reader: Reader, node: str) -> list[Run]:
    """Of each kind, satellite and subject the last run, and the last that ended well."""
    return [_run(row) for row in await reader.fetch(_LATEST, (node,))]


class Compacted(NamedTuple):
    """Compactions added up: how many, how many of them failed, seconds, bytes rewritten and given back; `busy` are the
    seconds of those that rewrote something, by which a throughput is reckoned.
    """

    n: int
    failed: int
    seconds: float
    rewritten: int
    reclaimed: int
    busy: float


async def compactions(  # noqa: PLR0917  # a range reads well without names
    reader: Reader,
    node: str,
    page: int,
    size: int,
    sort: str,
    start: int | None = None,
    end: int | None = None,
) -> tuple[int, list[Run]]:
    """How many compactions began within [start, end), and those of one page (from 1); `sort` is one of `SORTS`."""
    total = (await compacted(reader, node, start, end)).n
    query = f"SELECT {_COLUMNS} {_COMPACTIONS} {SORTS[sort]} LIMIT ?4 OFFSET ?5"
    rows = await reader.fetch(query, (node, start, end, size, (page - 1) * size))
    return total, [_run(row) for row in rows]


async def compacted(reader: Reader, node: str, start: int | None, end: int | None) -> Compacted:
    """All compactions that began within [start, end) together."""
    return Compacted(*next(iter(await reader.fetch(_TOTAL, (node, start, end)))))


async def compacted_by_day(
    reader: Reader, node: str, start: int | None, end: int | None
) -> list[tuple[int, Compacted]]:
    """The same for each UTC day (its first second) that has some, oldest first, the newest 400."""
    rows = list(await reader.fetch(_DAYS, (node, start, end)))
    return [(int(day), Compacted(*sums)) for day, *sums in reversed(rows)]


async def compacting(reader: Reader, node: str) -> list[tuple[Run, float | None]]:
    """Compactions under way, and the seconds that those of the same store took on average in 30 days."""
    return [(_run(row[:-1]), row[-1]) for row in await reader.fetch(_RUNNING, (node,))]
