"""The most frequent things of each hour, and distributions by the hour: written, read, and after a while kept by day.

Both are bounded. Of a kind and hour up to twice `KEEP` rows lie in the file while it goes on; what is cut is the
smallest, so counts may be too low and are never too high. After `HOURS_KEEP` seconds the hours of a day become one row
each, at the first second of the day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from storj_monitor.core import sketch
from storj_monitor.store.bins import TIERS, down

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    import aiosqlite

    from storj_monitor.core.facts import Spread, Top
    from storj_monitor.store.db import Store
    from storj_monitor.store.reader import Reader

    SeriesId = Callable[[str, str], Awaitable[int]]

HOUR, DAY = TIERS["hour"], TIERS["day"]
HOURS_KEEP = 7 * DAY
DAYS_KEEP = 400 * DAY
KEPT = "kept_top"
"""Meta key: epoch second from which on tops and sketches are kept by the hour."""
KEEP = {"pieces": 30, "countries": 100, "places": 100, "slow": 20}
KEEP_OTHERS = 50
ITEM_MAX = 300
NUMBER_MAX = 1 << 62
DAYS_STEP = 16

_ADD = f"""
    INSERT INTO top_hour (node, kind, t, item, n, bytes) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (node, kind, t, item) DO UPDATE SET
        n = min(n + excluded.n, {NUMBER_MAX}), bytes = min(bytes + excluded.bytes, {NUMBER_MAX})
"""  # noqa: S608  # the number is a constant
_HOUR = "node = ? AND kind = ? AND t = ?"
_COUNT = f"SELECT count(*) FROM top_hour WHERE {_HOUR}"  # noqa: S608
_CUT = f"""
    DELETE FROM top_hour WHERE {_HOUR} AND item IN (
        SELECT item FROM top_hour WHERE {_HOUR} ORDER BY n DESC, bytes DESC, item LIMIT -1 OFFSET ?)
"""  # noqa: S608
_BODY = "SELECT body FROM sketch_hour WHERE series = ? AND t = ?"
_SET_BODY = "INSERT OR REPLACE INTO sketch_hour (series, t, body) VALUES (?, ?, ?)"

_TOPS = """
    SELECT item, total(n), total(bytes) FROM top_hour
    WHERE node = (SELECT id FROM node WHERE name = ?) AND kind = ? AND t >= ? AND t < ?
    GROUP BY item ORDER BY 2 DESC, 3 DESC, item LIMIT ?
"""
_SPREADS = """
    SELECT satellite_id, t, body
    FROM series JOIN satellite ON satellite.id = series.satellite JOIN sketch_hour ON sketch_hour.series = series.id
    WHERE node = (SELECT id FROM node WHERE name = ?) AND metric = ? AND t >= ? AND t < ? ORDER BY t
"""
_COUNTS = """
    SELECT metric, sum(n) FROM series JOIN sample_hour ON sample_hour.series = series.id
    WHERE series.node = (SELECT id FROM node WHERE name = ?) AND metric >= ? AND metric < ? AND t >= ? AND t < ?
    GROUP BY metric
"""

_OLD_TOPS = f"SELECT DISTINCT node, kind, t - t % {DAY} FROM top_hour WHERE t < ? AND t % {DAY} != 0 LIMIT {DAYS_STEP}"  # noqa: S608
_DAY_TOPS = "SELECT item, n, bytes FROM top_hour WHERE node = ? AND kind = ? AND t >= ? AND t < ?"
_NO_TOPS = "DELETE FROM top_hour WHERE node = ? AND kind = ? AND t >= ? AND t < ?"
_OLD_SKETCHES = (
    f"SELECT DISTINCT series, t - t % {DAY} FROM sketch_hour WHERE t < ? AND t % {DAY} != 0 LIMIT {DAYS_STEP}"  # noqa: S608
)
_DAY_SKETCHES = "SELECT body FROM sketch_hour WHERE series = ? AND t >= ? AND t < ?"
_NO_SKETCHES = "DELETE FROM sketch_hour WHERE series = ? AND t >= ? AND t < ?"
_FORGET = ("DELETE FROM top_hour WHERE t < ?", "DELETE FROM sketch_hour WHERE t < ?")


class Item(NamedTuple):
    """One of the most frequent: `n` times (of `slow`: seconds), with `bytes` in all."""

    item: str
    n: int
    bytes: int


# ---- writing, inside the transaction that is open ----


async def write(
    db: aiosqlite.Connection, node: int, tops: Iterable[Top], kept: Mapping[str, int], clean: Callable[[str], str]
) -> None:
    """Add tops to their hours. `kept`: of old files, from when on hours are kept (`top`) and anything (`hour`)."""
    rows: dict[tuple[str, int, str], list[int]] = {}
    for top in tops:
        t = _bin(top.at, kept)
        if t is not None:
            sums = rows.setdefault((clean(top.kind), t, clean(top.item[:ITEM_MAX])), [0, 0])
            sums[0] = min(sums[0] + top.n, NUMBER_MAX)
            sums[1] = min(sums[1] + top.bytes, NUMBER_MAX)
    if not rows:
        return
    await db.executemany(_ADD, [(node, *key, *sums) for key, sums in sorted(rows.items())])
    for kind, t in dict.fromkeys((kind, t) for kind, t, _ in rows):
        await _cut(db, (node, kind, t))


async def _cut(db: aiosqlite.Connection, hour: tuple[int, str, int]) -> None:
    keep = KEEP.get(hour[1], KEEP_OTHERS)
    (count,) = next(iter(await db.execute_fetchall(_COUNT, hour)))
    if count > 2 * keep:
        await db.execute(_CUT, (*hour, *hour, keep))


def _bin(at: int, kept: Mapping[str, int]) -> int | None:
    """Where something of an hour belongs; None when it is too old to be kept."""
    t = down(at, HOUR if at >= kept.get("top", 0) else DAY)
    return None if t < kept.get("hour", 0) else t


async def write_spreads(
    db: aiosqlite.Connection, spreads: Iterable[Spread], series: SeriesId, kept: Mapping[str, int]
) -> None:
    """Add distributions to their hours; `series` finds the row id of (metric, satellite)."""
    for spread in spreads:
        t = _bin(spread.at, kept)
        if t is None:
            continue
        row = await series(spread.metric, spread.satellite)
        bins = sketch.merged([*(_unpacked(await db.execute_fetchall(_BODY, (row, t)))), spread.bins])
        await db.execute(_SET_BODY, (row, t, sketch.pack(bins)))


def _unpacked(rows: Iterable[Any]) -> list[sketch.Bins]:
    return [sketch.unpack(body) for (body,) in rows]


# ---- reading ----


async def tops(  # noqa: PLR0917  # a range reads well without names
    reader: Reader, node: str, kind: str, start: int, end: int, limit: int
) -> list[Item]:
    """The largest of a kind within [start, end), largest first; the range is rounded outwards to what is kept."""
    low = await _low(reader, start)
    rows = await reader.fetch(_TOPS, (node, kind, low, end, limit))
    return [Item(item, int(n), int(size)) for item, n, size in rows]


async def spreads(  # noqa: PLR0917  # as above
    reader: Reader, node: str, metric: str, start: int, end: int, satellite: str | None = None
) -> list[tuple[int, sketch.Bins]]:
    """Distributions of [start, end) by hour (by day where no hours are kept any more): (start, sketch), over all
    satellites or of one.
    """
    low = await _low(reader, start)
    found: dict[int, sketch.Bins] = {}
    for who, t, body in await reader.fetch(_SPREADS, (node, metric, low, end)):
        if satellite in {None, who}:
            sketch.merge(found.setdefault(t, {}), sketch.unpack(body))
    return list(found.items())


async def counts(reader: Reader, node: str, prefix: str, start: int, end: int) -> dict[str, int]:
    """Sums of all series whose name begins so, over the hours of [start, end): the rest of the name → count."""
    above = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    rows = await reader.fetch(_COUNTS, (node, prefix, above, down(start, HOUR), end))
    return {metric.removeprefix(prefix): int(n) for metric, n in rows}


async def _low(reader: Reader, start: int) -> int:
    rows = list(await reader.fetch("SELECT value FROM meta WHERE key = ?", (KEPT,)))
    return down(start, HOUR if start >= (int(rows[0][0]) if rows else 0) else DAY)


# ---- forgetting ----


async def prune(store: Store, now: int) -> None:
    """Make days of old hours, and forget old days, a few at a time."""
    cutoff = down(max(0, now - HOURS_KEEP), DAY)
    # Readers have to know before the first hour is gone.
    await store.set_meta(KEPT, str(cutoff))
    for step in (_merge_tops, _merge_sketches):
        while await store.write(lambda db, step=step: step(db, cutoff)):  # type: ignore[misc]
            pass
    for statement in _FORGET:
        await store.write(lambda db, statement=statement: db.execute(statement, (now - DAYS_KEEP,)))  # type: ignore[misc]


async def _merge_tops(db: aiosqlite.Connection, cutoff: int) -> bool:
    days: Sequence[Any] = list(await db.execute_fetchall(_OLD_TOPS, (cutoff,)))
    for node, kind, t in days:
        sums: dict[str, list[int]] = {}
        for item, n, size in await db.execute_fetchall(_DAY_TOPS, (node, kind, t, t + DAY)):
            known = sums.setdefault(item, [0, 0])
            known[0] = min(known[0] + n, NUMBER_MAX)
            known[1] = min(known[1] + size, NUMBER_MAX)
        largest = sorted(sums.items(), key=lambda each: (-each[1][0], -each[1][1], each[0]))
        await db.execute(_NO_TOPS, (node, kind, t, t + DAY))
        kept = largest[: KEEP.get(kind, KEEP_OTHERS)]
        await db.executemany(_ADD, [(node, kind, t, item, *each) for item, each in kept])
    return bool(days)


async def _merge_sketches(db: aiosqlite.Connection, cutoff: int) -> bool:
    days: Sequence[Any] = list(await db.execute_fetchall(_OLD_SKETCHES, (cutoff,)))
    for series, t in days:
        bins = sketch.merged(_unpacked(await db.execute_fetchall(_DAY_SKETCHES, (series, t, t + DAY))))
        await db.execute(_NO_SKETCHES, (series, t, t + DAY))
        await db.execute(_SET_BODY, (series, t, sketch.pack(bins)))
    return bool(days)
