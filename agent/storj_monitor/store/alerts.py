"""Alerts in the store: episodes, what the rules remember, silences, and what people set.

Everything that a look of the rules changed is written by `save`, inside the transaction of the facts that changed it
(design, laws 1 and 2).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import aiosqlite

    from storj_monitor.store.db import Store
    from storj_monitor.store.reader import Reader

KEEP = 400 * 86_400
"""Seconds that a closed alert stays in the history."""

OPEN = "SELECT body FROM alert WHERE closed IS NULL ORDER BY opened"
TIMERS = "SELECT id, body FROM alert_timer"
SILENCES = """
    SELECT node.name, rule, satellite, until FROM silence LEFT JOIN node ON node.id = silence.node WHERE until > ?
"""
SETTINGS = "SELECT node, key, value FROM setting"
HISTORY = "SELECT body, closed FROM alert WHERE opened < ? ORDER BY opened DESC LIMIT ?"
_NODE = "(SELECT id FROM node WHERE name = ?)"
_UPDATE = "UPDATE alert SET severity = ?, closed = ?, body = ? WHERE id = ? AND closed IS NULL"
_INSERT = f"INSERT INTO alert (id, node, rule, severity, opened, closed, body) VALUES (?, {_NODE}, ?, ?, ?, ?, ?)"  # noqa: S608
_TIMER = "INSERT OR REPLACE INTO alert_timer (id, body) VALUES (?, ?)"
_OUTBOX = "INSERT INTO outbox (at, event) VALUES (?, ?)"
_SILENCE = f"INSERT INTO silence (node, rule, satellite, made, until) VALUES ({_NODE}, ?, ?, ?, ?)"  # noqa: S608
_UNSILENCE = f"DELETE FROM silence WHERE node IS {_NODE} AND rule IS ? AND satellite IS ?"  # noqa: S608
_UNSET = "DELETE FROM setting WHERE node = ? AND key = ?"
_SET = "INSERT OR REPLACE INTO setting (node, key, value, set_at) VALUES (?, ?, ?, ?)"


class Episode(NamedTuple):
    """An alert as it stands; `body` is its JSON. Times in epoch seconds, `closed` None while it is open."""

    id: str
    node: str
    rule: str
    severity: str
    opened: int
    closed: int | None
    body: str


class Changes(NamedTuple):
    """What one look changed: `timers` by node, `events` as (time, the contract's JSON)."""

    episodes: Sequence[Episode] = ()
    timers: Mapping[str, str] = {}
    events: Sequence[tuple[int, str]] = ()


class Loaded(NamedTuple):
    """What the rules go on from after a start; `settings` by node ("" = all) and key, as JSON."""

    episodes: list[str]
    timers: dict[str, str]
    silences: list[tuple[str | None, str | None, str | None, int]]
    settings: dict[tuple[str, str], str]


async def load(reader: Reader, now: int) -> Loaded:
    """Open alerts, timers, silences that still hold, settings."""
    return Loaded(
        [str(body) for (body,) in await reader.fetch(OPEN)],
        {str(key): str(body) for key, body in await reader.fetch(TIMERS)},
        [(node, rule, satellite, until) for node, rule, satellite, until in await reader.fetch(SILENCES, (now,))],
        {(str(node), str(key)): str(value) for node, key, value in await reader.fetch(SETTINGS)},
    )


async def save(db: aiosqlite.Connection, changes: Changes) -> None:
    """Write what changed, inside the transaction that is open."""
    for each in changes.episodes:
        done = await db.execute(_UPDATE, (each.severity, each.closed, each.body, each.id))
        if done.rowcount == 0:
            await db.execute(
                _INSERT, (each.id, each.node, each.rule, each.severity, each.opened, each.closed, each.body)
            )
    await db.executemany(_TIMER, list(changes.timers.items()))
    await db.executemany(_OUTBOX, list(changes.events))


async def silence(store: Store, what: tuple[str | None, str | None, str | None], made: int, until: int | None) -> None:
    """Keep a silence of (node, rule, satellite), each None for any; `until` None ends those that are the same."""

    async def work(db: aiosqlite.Connection) -> None:
        await db.execute(_UNSILENCE, what)
        await db.execute("DELETE FROM silence WHERE until <= ?", (made,))
        if until is not None:
            await db.execute(_SILENCE, (*what, made, until))

    await store.write(work)


async def set_values(store: Store, values: Mapping[tuple[str, str], Any], at: int) -> None:
    """Keep what people set, by node ("" = all) and key, in one transaction; None resets a value to the file's."""
    await store.write(lambda db: _set_all(db, values, at))


async def _set_all(db: aiosqlite.Connection, values: Mapping[tuple[str, str], Any], at: int) -> None:
    await db.executemany(_UNSET, list(values))
    rows = [(node, key, json.dumps(value), at) for (node, key), value in values.items() if value is not None]
    await db.executemany(_SET, rows)


async def chosen(reader: Reader) -> dict[str, Any]:
    """What people set that is about no node and is no threshold: `{key: value}`."""
    rows = await reader.fetch(SETTINGS)
    return {
        str(key): json.loads(value) for node, key, value in rows if not node and key.startswith(("notify.", "route."))
    }


async def history(reader: Reader, before: int, limit: int) -> list[tuple[str, int | None]]:
    """Alerts that opened before a time, newest first: their JSON and when they closed."""
    return [(str(body), closed) for body, closed in await reader.fetch(HISTORY, (before, limit))]


async def prune(store: Store, now: int) -> None:
    """Forget alerts that closed long ago."""

    async def work(db: aiosqlite.Connection) -> None:
        await db.execute("DELETE FROM alert WHERE closed < ?", (now - KEEP,))

    await store.write(work)
