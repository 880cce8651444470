"""The outbox and the deliveries: what left the rules, where it has to go, what became of it.

`outbox` is written with the facts that caused an event, `delivery` by those who tell; a route's state is one JSON text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import aiosqlite

    from storj_monitor.store.db import Store

KEEP = 30 * 86_400
"""Seconds that an event is kept after it was told."""
MARK = "outbox_mark"
"""Up to which outbox id events were handed to the routes; absent while there are none."""
ROUTE = "route:"

NEWEST = "SELECT coalesce(max(id), 0) FROM outbox"
EVENTS = "SELECT id, at, event FROM outbox WHERE id > ? AND id <= ? ORDER BY id"
SINCE = "SELECT at, event FROM outbox WHERE at > ? AND at <= ? ORDER BY id"
WAITING = """
    SELECT outbox.id, at, queued, event FROM delivery JOIN outbox ON outbox.id = delivery.outbox
    WHERE route = ? AND state = 'waiting' ORDER BY outbox.id
"""
_SPREAD = """
    INSERT OR IGNORE INTO delivery (outbox, route, state, queued)
    SELECT outbox.id, name.value, 'waiting', ?3 FROM outbox, json_each(?4) AS name
    WHERE outbox.id > ?1 AND outbox.id <= ?2
"""
_DONE = "UPDATE delivery SET state = ?, said = ? WHERE outbox = ? AND route = ?"
_GONE = """
    UPDATE delivery SET state = 'dropped', said = 'the route is gone'
    WHERE state = 'waiting' AND route NOT IN (SELECT value FROM json_each(?))
"""
_FORGET = """
    DELETE FROM outbox WHERE at < ?
    AND NOT EXISTS (SELECT 1 FROM delivery WHERE outbox = outbox.id AND state = 'waiting')
"""
_STRANGERS = f"""
    DELETE FROM meta WHERE key > '{ROUTE}' AND key < '{ROUTE}' || char(1114111)
    AND substr(key, {len(ROUTE) + 1}) NOT IN (SELECT value FROM json_each(?))
"""  # noqa: S608 - a constant
_META = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"


class Waiting(NamedTuple):
    """An event on a route: times in epoch seconds, `event` the contract's JSON."""

    id: int
    at: int
    queued: int
    event: str


class Outcome(NamedTuple):
    """What became of one event on one route: `sent` or `dropped`, and why."""

    id: int
    state: str
    said: str


async def begin(store: Store, routes: Sequence[str]) -> int:
    """What waits on routes that are gone is dropped and their states are forgotten, so that one of the same name that
    comes later is a new one; the mark from which events are handed out.

    With no routes at all the mark is forgotten: the first route does not get what happened before it.
    """
    kept = await store.meta(MARK) if routes else None
    mark = int(kept) if kept is not None else await _newest(store)

    async def work(db: aiosqlite.Connection) -> None:
        for statement in (_GONE, _STRANGERS):
            await db.execute(statement, (json.dumps(routes),))
        if routes:
            await db.execute(_META, (MARK, str(mark)))
        else:
            await db.execute("DELETE FROM meta WHERE key = ?", (MARK,))

    await store.write(work)
    return mark


async def spread(store: Store, mark: int, routes: Sequence[str], now: int) -> list[Waiting]:
    """Hand the events after `mark` to all routes, in one transaction with the new mark; the events."""
    newest = await _newest(store)
    if newest <= mark:
        return []

    async def work(db: aiosqlite.Connection) -> None:
        await db.execute(_SPREAD, (mark, newest, now, json.dumps(routes)))
        await db.execute(_META, (MARK, str(newest)))

    await store.write(work)
    return [Waiting(number, at, now, event) for number, at, event in await store.reader.fetch(EVENTS, (mark, newest))]


async def waiting(store: Store, route: str) -> list[Waiting]:
    """What waits on a route, oldest first."""
    return [Waiting(*row) for row in await store.reader.fetch(WAITING, (route,))]


async def record(store: Store, route: str, state: str, outcomes: Iterable[Outcome] = ()) -> None:
    """A route's state (JSON) and what became of its events, in one transaction."""
    rows = [(each.state, each.said, each.id, route) for each in outcomes]

    async def work(db: aiosqlite.Connection) -> None:
        await db.executemany(_DONE, rows)
        await db.execute(_META, (ROUTE + route, state))

    await store.write(work)


async def route_state(store: Store, route: str) -> str | None:
    """A route's state as it was recorded; None for a new route."""
    return await store.meta(ROUTE + route)


async def events_between(store: Store, start: int, end: int) -> list[tuple[int, Mapping[str, Any]]]:
    """The events after `start` up to `end`, oldest first."""
    return [(at, json.loads(event)) for at, event in await store.reader.fetch(SINCE, (start, end))]


async def forget(store: Store, before: int) -> None:
    """Delete events older than that, with what became of them; what still waits stays."""
    await store.write(lambda db: db.execute(_FORGET, (before,)))


async def _newest(store: Store) -> int:
    return int(next(iter(await store.reader.fetch(NEWEST)))[0])
