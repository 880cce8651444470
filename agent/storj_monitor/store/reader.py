"""Questions to the store, over a read-only connection of its own: it never waits for the writer, nor the writer for it.

A range is answered from the coarsest bins that fill it, and from finer ones at its edges while they are kept; where
they are no longer kept, the edge is rounded outwards to whole hours or days. All bins are aligned to UTC.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from contextlib import asynccontextmanager
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

import msgspec

from storj_monitor.core.errors import MonitorError
from storj_monitor.store import connect, migrate, queries
from storj_monitor.store.bins import TIERS, down, finest_tier, fit_step, spans, tier_of, up
from storj_monitor.store.prune import KEEP, kept_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    import aiosqlite

Rows = Iterable[tuple[Any, ...]]
T = TypeVar("T")

TIME_MAX = 1 << 40
ADDITIVE = ("sum", "count", "rate", "count_rate", "share")
GROUPS = ("satellite", "action", "outcome")


class Column(msgspec.Struct, frozen=True):
    """One column of a history: `metrics` are patterns (`transfer:GET:*`).

    `agg`: `sum`, `count`, `rate` (sum per second), `count_rate` (n per second), `mean`, `min`, `max`, `last`, or
    `share`, the count of `metrics` as percent of the count of `of`.
    """

    name: str
    metrics: tuple[str, ...]
    agg: str = "mean"
    of: tuple[str, ...] = ()


class History(msgspec.Struct):
    """`rows` are `[t, value of each column…]`, t = start of the bin of `step` seconds; None where nothing is known."""

    step: int
    rows: list[list[Any]]


class Series(NamedTuple):
    """A stored series of one node."""

    id: int
    metric: str
    satellite: str


class Reader:
    """Asks one database. `async with Reader.open(folder)` for a command; the store starts its own."""

    def __init__(self, db: aiosqlite.Connection, finest: Mapping[str, str]) -> None:
        self._db = db
        self._finest = finest
        self._lock = asyncio.Lock()

    @classmethod
    async def start(cls, file: Path, finest: Mapping[str, str]) -> Self:
        """A reader of a file; `MonitorError` when there is none or its version is not ours."""
        db = await connect.open_reader(file)
        try:
            await _same_version(db, file)
        except BaseException:
            await db.close()
            raise
        return cls(db, finest)

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path, finest: Mapping[str, str] | None = None) -> AsyncIterator[Self]:
        """A reader of a data folder, whether an agent runs on it or not."""
        reader = await cls.start(connect.database(path), finest or {})
        try:
            yield reader
        finally:
            await reader.close()

    async def close(self) -> None:
        """Close the connection, after what was asked is answered."""
        async with self._lock:
            await self._db.close()

    async def fetch(self, query: str, values: tuple[Any, ...] = ()) -> Rows:
        """All rows of one statement."""
        async with self._lock:
            return await connect.finish(self._fetch(query, values))

    async def _fetch(self, query: str, values: tuple[Any, ...]) -> Rows:
        return list(await self._db.execute_fetchall(query, values))  # type: ignore[arg-type]  # a Row is a tuple here

    async def _in_snapshot(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Run several statements on one state of the database."""
        async with self._lock:
            return await connect.finish(self._snapshot(ask))

    async def _snapshot(self, ask: Callable[[], Awaitable[T]]) -> T:
        try:
            await self._db.execute("BEGIN")
            return await ask()
        finally:
            await self._db.rollback()

    async def _kept(self) -> dict[str, int]:
        kept = {tier: list(await self._fetch(queries.KEPT, (kept_key(tier),))) for tier in KEEP}
        return {tier: int(rows[0][0]) if rows else 0 for tier, rows in kept.items()}

    async def _series(self, query: str, values: tuple[Any, ...]) -> list[Series]:
        return [Series(*row) for row in await self._fetch(query, values)]

    # ---- transfers ----

    async def transfers(
        self,
        node: str | None,
        start: int | None,
        end: int | None,
        by: Sequence[str] = GROUPS,
    ) -> list[dict[str, Any]]:
        """Counts and bytes of [start, end), grouped; all nodes without `node`, all time without a bound.

        Whole minutes count: the one that `start` lies in is in. Rows hold the keys of `by`, then `count` and `bytes`.
        """
        low = 0 if start is None else min(max(0, start), TIME_MAX)
        high = TIME_MAX if end is None else min(max(0, end), TIME_MAX)

        async def ask() -> list[dict[str, Any]]:
            series = await self._series(
                *((queries.TRANSFER_SERIES_ALL, ()) if node is None else (queries.TRANSFER_SERIES, (node,)))
            )
            ids = json.dumps([each.id for each in series])
            parts = spans(low, high, await self._kept())
            totals = [
                row
                for part in parts
                for row in await self._fetch(queries.TOTALS[part.tier], (ids, part.start, part.end))
            ]
            return _grouped(totals, {each.id: each for each in series}, by)

        return await self._in_snapshot(ask)

    # ---- history ----

    async def history(  # noqa: PLR0917  # a range reads well without names
        self,
        node: str,
        columns: Sequence[Column],
        start: int,
        end: int,
        step: int,
        satellite: str | None = None,
        max_rows: int = 2_000,
    ) -> History:
        """Bins of [start, end); `step` is raised to fit `max_rows` and the tier that still holds `start`.

        Without `satellite` (its id) counts are added up over satellites; a gauge is the node's own where it has one.
        """
        low, high = (min(max(0, at), TIME_MAX) for at in (start, end))

        async def ask() -> History:
            if low >= high:
                return History(fit_step(low, low, step, 60, max_rows), [])
            series = await self._series(queries.SERIES, (node,))
            chosen = fit_step(low, high, min(step, TIME_MAX), self._least(columns, low, await self._kept()), max_rows)
            mine = [each for each in series if satellite is None or each.satellite == satellite]
            span = (down(low, chosen), up(high, chosen))
            answers = [await self._column(column, mine, chosen, span) for column in columns]
            return History(chosen, [[t, *(answer.get(t) for answer in answers)] for t in range(*span, chosen)])

        return await self._in_snapshot(ask)

    def _least(self, columns: Sequence[Column], start: int, kept: Mapping[str, int]) -> int:
        """The finest bin that all columns have, and that still reaches back to `start`."""
        least = max(
            (TIERS[finest_tier(name, self._finest)] for column in columns for name in column.metrics), default=60
        )
        for tier, coarser in (("minute", "hour"), ("hour", "day")):
            if start < kept[tier]:
                least = max(least, TIERS[coarser])
        return least

    async def _column(
        self, column: Column, series: Sequence[Series], step: int, span: tuple[int, int]
    ) -> dict[int, Any]:
        tier = tier_of(step)

        async def bins(query: dict[str, str], patterns: tuple[str, ...]) -> Rows:
            ids = json.dumps(_chosen(series, patterns, additive=column.agg in ADDITIVE))
            return await self._fetch(query[tier], (step, ids, *span))

        if column.agg == "last":
            return {t: value for t, value, _ in await bins(queries.LAST, column.metrics)}
        rows = await bins(queries.BINS, column.metrics)
        if column.agg == "share":
            return _shares(rows, await bins(queries.BINS, column.of))
        return {t: _value(column.agg, step, values) for t, *values in rows}

    # ---- lists ----

    async def recent(self, node: str, since: int) -> list[tuple[int, str, str, int, float]]:
        """Minutes since `since`: (minute, metric, satellite id, n, sum)."""
        return list(await self.fetch(queries.RECENT, (node, down(since, 60))))

    async def events(
        self, node: str | None = None, limit: int = 100, before: int | None = None
    ) -> list[dict[str, Any]]:
        """Newest first: {id, node|null, at, kind, severity, satellite (id or ""), text}.

        `before` is the id of the last one that is known already.
        """
        page = () if before is None else (before,)
        if node is None:
            rows = await self.fetch(queries.EVENTS_BEFORE if page else queries.EVENTS, (*page, limit))
        else:
            rows = await self.fetch(queries.NODE_EVENTS_BEFORE if page else queries.NODE_EVENTS, (node, *page, limit))
        keys = ("id", "node", "at", "kind", "severity", "satellite", "text")
        return [dict(zip(keys, row, strict=True)) for row in rows]

    async def templates(self, node: str, limit: int = 100) -> list[dict[str, Any]]:
        """Most frequent first: {level, logger, text, n, first_at, last_at}, times of when they were stored."""
        keys = ("level", "logger", "text", "n", "first_at", "last_at")
        return [dict(zip(keys, row, strict=True)) for row in await self.fetch(queries.TEMPLATES, (node, limit))]


async def _same_version(db: aiosqlite.Connection, file: Path) -> None:
    version, newest = await migrate.version_of(db), migrate.load()[-1].version
    if version != newest:
        advice = "install the newer version" if version > newest else "start the agent once to bring it up to date"
        raise MonitorError(f"{file} has schema {version}, this storj-monitor reads {newest}; {advice}.")


def _grouped(totals: Rows, series: Mapping[int, Series], by: Sequence[str]) -> list[dict[str, Any]]:
    sums: dict[tuple[str, ...], list[int]] = {}
    for series_id, count, size in totals:
        _, metric, satellite = series[series_id]
        action, outcome = metric.removeprefix("transfer:").rsplit(":", 1)
        words = dict(zip(GROUPS, (satellite, action, outcome), strict=True))
        cell = sums.setdefault(tuple(words[each] for each in by), [0, 0])
        cell[0] += count
        cell[1] += int(size)
    return [
        {**dict(zip(by, words, strict=True)), "count": count, "bytes": size}
        for words, (count, size) in sorted(sums.items())
    ]


def _chosen(series: Sequence[Series], patterns: tuple[str, ...], *, additive: bool) -> list[int]:
    names = frozenset(patterns)
    wild = [each for each in patterns if "*" in each]
    found = [each for each in series if each.metric in names or any(fnmatchcase(each.metric, one) for one in wild)]
    own = [] if additive else [each for each in found if not each.satellite]
    return [each.id for each in own or found]


def _shares(parts: Rows, wholes: Rows) -> dict[int, float]:
    counts = {t: n for t, n, *_ in parts}
    return {t: 100 * counts.get(t, 0) / n for t, n, *_ in wholes if n}


def _value(agg: str, step: int, values: Sequence[Any]) -> float | None:
    n, total, least, most = values
    match agg:
        case "sum":
            return float(total)
        case "count":
            return int(n)
        case "rate":
            return float(total / step)
        case "count_rate":
            return float(n / step)
        case "mean":
            return float(total / n) if n else None
        case "min" | "max":
            value = least if agg == "min" else most
            return None if value is None else float(value)
    raise ValueError(f"no such aggregation: {agg}")
