"""Runs of the node's tasks, as rows and as answers: one row each, written at its start, its progress and its end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

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
_COUNT = f"SELECT count(*) {_FROM} AND kind = 'compaction'"
_SECONDS = "coalesce(json_extract(stats, '$.seconds'), ended - started)"
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


async def compactions(reader: Reader, node: str, page: int, size: int, sort: str) -> tuple[int, list[Run]]:
    """How many compactions there are, and those of one page (from 1); `sort` is one of `SORTS`."""
    (total,) = next(iter(await reader.fetch(_COUNT, (node,))))
    query = f"SELECT {_COLUMNS} {_FROM} AND kind = 'compaction' {SORTS[sort]} LIMIT ?2 OFFSET ?3"
    rows = await reader.fetch(query, (node, size, (page - 1) * size))
    return int(total), [_run(row) for row in rows]
