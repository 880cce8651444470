"""Forgets what is older than its tier keeps, in small steps between which commits come in, and gives the space back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.store import alerts, outbox, runs, tops

if TYPE_CHECKING:
    import aiosqlite

    from storj_monitor.store.db import Store

DAY = 86_400
KEEP = {"minute": (7 * DAY, 3_600), "hour": (400 * DAY, DAY)}
"""Seconds that a tier keeps, and the bin of the next tier: of that, either all or nothing is kept."""
EVENTS_KEEP = 400 * DAY
RUNS_KEEP = 400 * DAY
INSIGHTS_KEEP = 400 * DAY
TEMPLATES_MAX = 2_000
"""Per node."""
SERIES_STEP = 32
ROWS_STEP = 1_000
EVENTS_STEP = 5_000
PAGES_STEP = 256
PAGES_SPARE = 64
"""Free pages that stay in the file: the next hours fill them again."""

_OLD_SERIES = {
    tier: f"""
    SELECT id FROM series WHERE EXISTS (SELECT 1 FROM sample_{tier} WHERE series = id AND t < ?) LIMIT {SERIES_STEP}
    """  # noqa: S608
    for tier in KEEP
}
_DELETE = {
    tier: f"""
    DELETE FROM sample_{tier} WHERE series = ?1 AND t < ?2 AND t <= coalesce(
        (SELECT t FROM sample_{tier} WHERE series = ?1 ORDER BY t LIMIT 1 OFFSET {ROWS_STEP - 1}), ?2)
    """  # noqa: S608
    for tier in KEEP
}
_EVENTS = "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE at < ? LIMIT ?)"
_INSIGHTS = "DELETE FROM insight WHERE closed < ?"
_CROWDED = "SELECT node, count(*) - ? FROM template GROUP BY node HAVING count(*) > ?"
_TEMPLATES = """
    DELETE FROM template WHERE (node, level, logger, text) IN (
        SELECT node, level, logger, text FROM template WHERE node = ? ORDER BY n, last_at LIMIT ?)
"""


def kept_key(tier: str) -> str:
    """The meta key under which stands from when on a tier is whole (epoch seconds)."""
    return f"kept_{tier}"


async def prune(store: Store, now: float) -> None:
    """Delete what is past its time at `now`, bound the templates, shrink the file. Days are kept for ever."""
    for tier, (keep, align) in KEEP.items():
        cutoff = max(0, int(now) - keep)
        await _samples(store, tier, cutoff - cutoff % align)
    await _events(store, int(now) - EVENTS_KEEP)
    await _old_runs(store, int(now) - RUNS_KEEP)
    await tops.prune(store, int(now))
    await store.write(lambda db: db.execute(_INSIGHTS, (int(now) - INSIGHTS_KEEP,)))
    await store.write(_templates)
    await alerts.prune(store, int(now))
    await outbox.forget(store, int(now) - outbox.KEEP)
    await _shrink(store)


async def _samples(store: Store, tier: str, cutoff: int) -> None:
    # Readers have to know before the first row is gone.
    await store.set_meta(kept_key(tier), str(cutoff))

    async def step(db: aiosqlite.Connection) -> bool:
        rows = await db.execute_fetchall(_OLD_SERIES[tier], (cutoff,))
        await db.executemany(_DELETE[tier], [(series, cutoff) for (series,) in rows])
        return bool(rows)

    while await store.write(step):
        pass


async def _events(store: Store, cutoff: int) -> None:
    async def step(db: aiosqlite.Connection) -> int:
        return (await db.execute(_EVENTS, (cutoff, EVENTS_STEP))).rowcount

    while await store.write(step):
        pass


async def _old_runs(store: Store, cutoff: int) -> None:
    async def step(db: aiosqlite.Connection) -> int:
        return (await db.execute(runs.PRUNE, (cutoff, EVENTS_STEP))).rowcount

    while await store.write(step):
        pass


async def _templates(db: aiosqlite.Connection) -> None:
    for node, over in await db.execute_fetchall(_CROWDED, (TEMPLATES_MAX, TEMPLATES_MAX)):
        await db.execute(_TEMPLATES, (node, over))


async def _shrink(store: Store) -> None:
    async def step(db: aiosqlite.Connection) -> bool:
        free = next(iter(await db.execute_fetchall("PRAGMA freelist_count")))[0]
        if free <= PAGES_SPARE:
            return False
        # The pragma gives back one page for each row that is fetched.
        await db.execute_fetchall(f"PRAGMA incremental_vacuum({min(PAGES_STEP, free - PAGES_SPARE)})")
        return True

    while await store.write(step):
        pass
