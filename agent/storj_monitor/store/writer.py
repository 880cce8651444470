"""Turns batches into rows. Runs inside a transaction that `store.db` opens and ends.

Every sample goes into all its tiers in the same transaction, so no roll-up can be late, fail or count twice. Adding up
does not depend on order nor on how facts are split over commits: `last` is the latest by event time, of two at the same
second the greater.
"""

from __future__ import annotations

import math
import os
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from storj_monitor.core.facts import Reading
from storj_monitor.core.satellites import BY_ID
from storj_monitor.core.satellites import satellite_name as wanted_name
from storj_monitor.store import runs, tops
from storj_monitor.store.bins import TIERS, finest_tier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import aiosqlite

    from storj_monitor.core.facts import Batch, Down, Notice, Sample, Tally
    from storj_monitor.core.position import Position

BYTES_MAX = 1 << 62
"""A size no disk has; a line that claims more must not stop the commit."""

UPSERT = {
    tier: f"""
    INSERT INTO sample_{tier} (series, t, n, sum, min, max, last, last_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (series, t) DO UPDATE SET
        n = n + excluded.n,
        sum = sum + excluded.sum,
        min = coalesce(min(min, excluded.min), min, excluded.min),
        max = coalesce(max(max, excluded.max), max, excluded.max),
        last = CASE
            WHEN excluded.last_at IS NULL OR excluded.last_at < last_at THEN last
            WHEN excluded.last_at = last_at THEN max(last, excluded.last)
            ELSE excluded.last END,
        last_at = coalesce(max(last_at, excluded.last_at), last_at, excluded.last_at)
    """  # noqa: S608  # the tier's name is one of three constants
    for tier in TIERS
}
# Counts have nothing but n and sum; written so they take half the time, which an import notices.
ADD = {
    tier: f"""
    INSERT INTO sample_{tier} (series, t, n, sum) VALUES (?, ?, ?, ?)
    ON CONFLICT (series, t) DO UPDATE SET n = n + excluded.n, sum = sum + excluded.sum
    """  # noqa: S608  # as above
    for tier in TIERS
}

READING = """
    INSERT INTO reading (node, source, at, body) VALUES (?, ?, ?, ?)
    ON CONFLICT (node, source) DO UPDATE SET
        at = excluded.at,
        body = excluded.body,
        down = iif(excluded.at >= down_at, NULL, down),
        down_at = iif(excluded.at >= down_at, NULL, down_at)
    WHERE at IS NULL OR excluded.at >= at
"""
DOWN = """
    INSERT INTO reading (node, source, down_at, down) VALUES (?, ?, ?, ?)
    ON CONFLICT (node, source) DO UPDATE SET down = excluded.down, down_at = excluded.down_at
    WHERE excluded.down_at >= max(coalesce(at, 0), coalesce(down_at, 0))
"""
EVENT = "INSERT INTO event (node, at, kind, severity, satellite, text) VALUES (?, ?, ?, ?, ?, ?)"
TEMPLATE = """
    INSERT INTO template (node, level, logger, text, n, first_at, last_at) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (node, level, logger, text) DO UPDATE SET n = n + excluded.n, last_at = max(last_at, excluded.last_at)
"""
# A file that has not moved is not written again: an agent keeps the positions of a year of rotated files.
POSITION = """
    INSERT INTO log_file
        (node, number, path, "offset", head_len, heads, tail_len, tail, first_at, last_at, past, skipping)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (node, number) DO UPDATE SET
        path = excluded.path, "offset" = excluded."offset", head_len = excluded.head_len, heads = excluded.heads,
        tail_len = excluded.tail_len, tail = excluded.tail, first_at = excluded.first_at, last_at = excluded.last_at,
        past = excluded.past, skipping = excluded.skipping
    WHERE (path, "offset", head_len, heads, tail_len, tail, first_at, last_at, past, skipping)
        IS NOT (excluded.path, excluded."offset", excluded.head_len, excluded.heads, excluded.tail_len, excluded.tail,
                excluded.first_at, excluded.last_at, excluded.past, excluded.skipping)
"""
CARRY = "INSERT INTO carry (node, body) VALUES (?, ?) ON CONFLICT (node) DO UPDATE SET body = excluded.body"
FOLLOWED = "UPDATE node SET followed = 1 WHERE id = ? AND followed = 0"

Row = tuple[Any, ...]


class Key(NamedTuple):
    """What a series is of."""

    node: str
    metric: str
    satellite: str


class Cell(msgspec.Struct, gc=False):
    """What is added up in one bin of one series."""

    n: int = 0
    sum: float = 0.0
    min: float | None = None
    max: float | None = None
    last: float | None = None
    last_at: int | None = None

    @property
    def is_count(self) -> bool:
        """Whether there are no values in it, only how many and how much."""
        return self.last_at is None and self.min is None and self.max is None

    def add(self, other: Cell) -> None:
        """Add what another cell holds."""
        self.n += other.n
        self.sum += other.sum
        if other.min is not None:
            self.min = other.min if self.min is None else min(self.min, other.min)
        if other.max is not None:
            self.max = other.max if self.max is None else max(self.max, other.max)
        if other.last_at is not None and other.last is not None:
            mine = (-1, 0.0) if self.last_at is None or self.last is None else (self.last_at, self.last)
            self.last_at, self.last = max(mine, (other.last_at, other.last))


Bins = dict[int, Cell]


def clean(text: str) -> str:
    """Text that SQLite takes: a lone surrogate of a log line must not stop the commit."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _tally_cell(tally: Tally) -> Cell:
    return Cell(tally.count, float(min(tally.bytes, BYTES_MAX)))


def _sample_cell(sample: Sample) -> Cell | None:
    """The sample as a cell; None when its sum is no number, since a missing value is better than a wrong one."""
    total = _finite(sample.sum)
    if total is None:
        return None
    last = _finite(sample.last)
    return Cell(sample.n, total, _finite(sample.min), _finite(sample.max), last, None if last is None else sample.at)


def fold(batches: Iterable[Batch]) -> dict[Key, Bins]:
    """All tallies and samples by series and minute."""
    folded: dict[Key, Bins] = {}
    for batch in batches:
        transfers: dict[tuple[str, str, str], Bins] = {}  # an import brings thousands of minutes of each
        for tally in batch.tallies:
            words = (tally.satellite, tally.action, tally.outcome)
            bins = transfers.get(words)
            if bins is None:
                key = Key(batch.node, f"transfer:{tally.action}:{tally.outcome}", tally.satellite)
                bins = transfers[words] = folded.setdefault(key, {})
            _add(bins, tally.minute, _tally_cell(tally))
        for sample in batch.samples:
            cell = _sample_cell(sample)
            if cell is not None:
                key = Key(batch.node, sample.metric, sample.satellite)
                _add(folded.setdefault(key, {}), sample.at, cell)
    return folded


def _add(bins: Bins, at: int, cell: Cell) -> None:
    t = at - at % TIERS["minute"]
    known = bins.get(t)
    if known is None:
        bins[t] = cell
    else:
        known.add(cell)


def coarser(bins: Bins, size: int) -> Bins:
    """The same, added up in bins of `size` seconds."""
    summed: Bins = {}
    for at, cell in bins.items():
        summed.setdefault(at - at % size, Cell()).add(cell)
    return summed


def tier_rows(folded: Iterable[tuple[int, str, Bins]], kept: Mapping[str, int]) -> dict[str, list[Row]]:
    """Statement → rows, of (series id, finest tier to keep, minutes), in the order of the primary key.

    `kept`: tier → epoch second before which it keeps nothing any more.
    """
    rows: dict[str, list[Row]] = {statement: [] for tiers in (ADD, UPSERT) for statement in tiers.values()}
    for series, finest, minutes in folded:
        bins, counts = minutes, all(cell.is_count for cell in minutes.values())
        for tier, size in TIERS.items():
            if size > TIERS["minute"]:
                bins = coarser(bins, size)
            if size >= TIERS[finest]:
                since = kept.get(tier, 0)
                held = [(t, cell) for t, cell in sorted(bins.items()) if t >= since]
                if counts:
                    rows[ADD[tier]] += [(series, t, c.n, c.sum) for t, c in held]
                else:
                    rows[UPSERT[tier]] += [(series, t, c.n, c.sum, c.min, c.max, c.last, c.last_at) for t, c in held]
    return rows


class Writer:
    """Writes batches; remembers the ids of nodes, satellites and series. `forget` after a rollback."""

    def __init__(self, now: Callable[[], float], finest: Mapping[str, str]) -> None:
        self._now = now
        self._finest = finest
        self.forget()

    def forget(self) -> None:
        """Read all ids again when they are next needed: some may have been rolled back or deleted."""
        self._nodes: dict[str, int] = {}
        self._satellites: dict[str, int] = {"": 0}
        self._series: dict[Key, int] = {}

    async def write(self, db: aiosqlite.Connection, batches: Sequence[Batch], *, past: bool = False) -> None:
        """All of `batches`, inside the transaction that is open.

        `past`: they come from old files. Nobody follows a log by that, and what its tier has forgotten is left out.
        """
        nodes = {batch.node: await self.node(db, batch.node) for batch in batches}
        kept = await _kept(db) if past else {}
        await self._samples(db, fold(batches), kept)
        for batch in batches:
            node = nodes[batch.node]
            for reading in batch.readings:
                await db.execute(*_reading(node, reading))
            await _many(db, EVENT, [_event(node, notice) for notice in batch.notices])
            await _many(db, TEMPLATE, self._templates(node, batch))
            await runs.write(db, node, self.satellite, batch.runs)
            await tops.write(db, node, batch.tops, kept, clean)
            if batch.spreads:
                await tops.write_spreads(db, batch.spreads, partial(self._series_of, db, batch.node), kept)
            await _many(db, POSITION, [_position(node, position) for position in batch.positions])
            if batch.carry is not None:
                await db.execute(CARRY, (node, batch.carry))
            if not past and (batch.carry is not None or batch.positions):
                await db.execute(FOLLOWED, (node,))

    async def node(self, db: aiosqlite.Connection, name: str) -> int:
        """The id of a node's row, created at first sight."""
        known = self._nodes.get(name)
        if known is None:
            insert = "INSERT INTO node (name, first_seen) VALUES (?, ?) ON CONFLICT (name) DO NOTHING"
            await db.execute(insert, (name, int(self._now())))
            known = self._nodes[name] = await _one(db, "SELECT id FROM node WHERE name = ?", (name,))
        return known

    async def satellite(self, db: aiosqlite.Connection, satellite_id: str) -> int:
        """The id of a satellite's row, created at first sight; a well-known one gets its name already here."""
        known = self._satellites.get(satellite_id)
        if known is None:
            text = clean(satellite_id)
            insert = (
                "INSERT INTO satellite (satellite_id, first_seen) VALUES (?, ?) ON CONFLICT (satellite_id) DO NOTHING"
            )
            await db.execute(insert, (text, int(self._now())))
            known = await _one(db, "SELECT id FROM satellite WHERE satellite_id = ?", (text,))
            self._satellites[satellite_id] = known
            if text in BY_ID:
                await name_satellite(db, text, None)
        return known

    async def _series_of(self, db: aiosqlite.Connection, node: str, metric: str, satellite: str) -> int:
        return await self._series_id(db, Key(node, metric, satellite))

    async def _series_id(self, db: aiosqlite.Connection, key: Key) -> int:
        known = self._series.get(key)
        if known is None:
            row = (await self.node(db, key.node), clean(key.metric), await self.satellite(db, key.satellite))
            insert = "INSERT INTO series (node, metric, satellite) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
            await db.execute(insert, row)
            known = await _one(db, "SELECT id FROM series WHERE node = ? AND metric = ? AND satellite = ?", row)
            self._series[key] = known
        return known

    async def _samples(self, db: aiosqlite.Connection, folded: dict[Key, Bins], kept: Mapping[str, int]) -> None:
        series = [
            (await self._series_id(db, key), finest_tier(key.metric, self._finest), bins)
            for key, bins in folded.items()
        ]
        for statement, rows in tier_rows(sorted(series, key=lambda each: each[0]), kept).items():
            await _many(db, statement, rows)

    def _templates(self, node: int, batch: Batch) -> list[Row]:
        now = int(self._now())
        return [
            (node, clean(level), clean(logger), clean(text), n, now, now)
            for (level, logger, text), n in batch.templates.items()
        ]


def _reading(node: int, reading: Reading | Down) -> tuple[str, Row]:
    source = clean(reading.source)
    if isinstance(reading, Reading):
        return READING, (node, source, reading.at, msgspec.json.encode(reading.body).decode())
    return DOWN, (node, source, reading.at, clean(reading.text))


def _event(node: int, notice: Notice) -> Row:
    return node, notice.at, clean(notice.kind), clean(notice.severity), clean(notice.satellite), clean(notice.text)


def _position(node: int, p: Position) -> Row:
    path = os.fsencode(p.path)
    times = (p.first_at, p.last_at, int(p.past), int(p.skipping))
    return node, p.number, path, p.offset, p.head_len, p.heads, p.tail_len, p.tail, *times


async def _many(db: aiosqlite.Connection, statement: str, rows: list[Row]) -> None:
    if rows:
        await db.executemany(statement, rows)


async def _kept(db: aiosqlite.Connection) -> dict[str, int]:
    """Tier → epoch second from which on it is whole, as pruning says it."""
    rows = await db.execute_fetchall("SELECT key, value FROM meta WHERE key LIKE 'kept!_%' ESCAPE '!'")
    return {key.removeprefix("kept_"): int(value) for key, value in rows}


async def _one(db: aiosqlite.Connection, query: str, values: Row) -> int:
    return int(next(iter(await db.execute_fetchall(query, values)))[0])


async def name_satellite(db: aiosqlite.Connection, satellite_id: str, url: str | None) -> str:
    """The name of a satellite that has a row: given once, never changed, no name twice (`_2`, `_3` … are added)."""
    row = next(iter(await db.execute_fetchall("SELECT name FROM satellite WHERE satellite_id = ?", (satellite_id,))))
    if row[0] is not None:
        return str(row[0])
    wanted = name = wanted_name(satellite_id, url)
    number = 1
    while await db.execute_fetchall("SELECT 1 FROM satellite WHERE name = ?", (name,)):
        number += 1
        name = f"{wanted}_{number}"
    await db.execute("UPDATE satellite SET name = ? WHERE satellite_id = ?", (name, satellite_id))
    return name
