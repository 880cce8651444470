"""The store: one SQLite file per data folder, one writing connection, one transaction per commit (design: laws 1–3)."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from base64 import b64decode, b64encode
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from storj_monitor.core.position import Position
from storj_monitor.core.satellites import satellite_name
from storj_monitor.store import connect, migrate
from storj_monitor.store.reader import Reader
from storj_monitor.store.writer import Writer, clean, name_satellite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    import aiosqlite

    from storj_monitor.core.facts import Batch

T = TypeVar("T")

POSITIONS = """
    SELECT number, path, "offset", head_len, heads, tail_len, tail, first_at, last_at, past, skipping
    FROM log_file WHERE node = (SELECT id FROM node WHERE name = ?) ORDER BY number
"""
CARRIED = "SELECT followed, body FROM node LEFT JOIN carry ON carry.node = node.id WHERE name = ?"
SET_META = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
IMPORT, MAINTENANCE, HINDSIGHT = OF_NODES = ("import:", "maintenance:", "hindsight:")
"""Prefixes of the meta keys that are about one node each; its name follows."""
READINGS = "SELECT source, at, body, down, down_at FROM reading WHERE node = (SELECT id FROM node WHERE name = ?)"


class LogState(msgspec.Struct, frozen=True):
    """Where a node's log continues; `followed` is False until the first commit that held a position."""

    followed: bool = False
    positions: list[Position] = []
    carry: bytes | None = None


class StoredReading(msgspec.Struct, frozen=True):
    """The last good answer (`body`, JSON, of `at`), and the failure that came after it, if one did. None: never."""

    at: int | None
    body: bytes | None
    down: str | None
    down_at: int | None


class NodeRow(msgspec.Struct, frozen=True):
    """A node that was seen once; `node_id` None until it is known."""

    name: str
    node_id: str | None
    first_seen: int
    followed: bool


class Store:
    """All that is kept. `path` is the data folder; `finest` names the finest tier of metrics not kept by the minute.

    Only the engine's task writes. A write that has begun is finished even when its caller is cancelled.
    """

    reader: Reader

    def __init__(self, path: Path, *, now: Callable[[], float], finest: Mapping[str, str] | None = None) -> None:
        self.file = connect.database(path)
        self.recovered: str | None = None
        self._now = now
        self._finest = finest or {}
        self._lock = asyncio.Lock()
        self._folder = connect.FolderLock(self.file.parent)
        self._writer = Writer(now, self._finest)
        self._names: dict[str, str] = {}
        self._db: aiosqlite.Connection | None = None

    # ---- life ----

    async def open(self) -> None:
        """Lock the folder, open or create the file, migrate it.

        A damaged file is moved away and `recovered` says so. Raises `MonitorError` when the folder cannot be written or
        belongs to another process, or the file is of a newer version.
        """
        await asyncio.to_thread(self._folder.take)
        try:
            self._db = await self._open_or_replace()
            self.reader = await Reader.start(self.file, self._finest)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close the connections and free the folder."""
        async with self._lock:
            if "reader" in self.__dict__:
                await self.reader.close()
            if self._db is not None:
                await self._db.close()
                self._db = None
            self._folder.free()

    @classmethod
    @asynccontextmanager
    async def readonly(cls, path: Path, *, now: Callable[[], float]) -> AsyncIterator[Self]:
        """A store that can be asked but not written, whether an agent runs on the folder or not."""
        store = cls(path, now=now)
        store.reader = await Reader.start(store.file, store._finest)
        store._names = await store.satellites()
        try:
            yield store
        finally:
            await store.reader.close()

    async def _open_or_replace(self) -> aiosqlite.Connection:
        try:
            return await self._open_file()
        except sqlite3.DatabaseError as error:
            if not connect.is_damage(error):
                raise
            away = await asyncio.to_thread(connect.move_away, self.file, self._now())
            self.recovered = f"The database was damaged ({error}); it was moved to {away} and a new one was begun."
            return await self._open_file()

    async def _open_file(self) -> aiosqlite.Connection:
        steps = migrate.load()
        unclean = await asyncio.to_thread(connect.is_unclean, self.file)
        if await asyncio.to_thread(os.path.exists, self.file):
            await migrate.refuse(self.file, steps[-1].version)
        await asyncio.to_thread(connect.keep_private, self.file)
        db = await connect.open_writer(self.file)
        try:
            if unclean:
                await self._check(db)
            await migrate.migrate(db, self.file, steps)
        except BaseException:
            await db.close()
            raise
        return db

    async def _check(self, db: aiosqlite.Connection) -> None:
        """Read the whole file once after a stop that was not clean: a power cut is what damages files."""
        said = next(iter(await db.execute_fetchall("PRAGMA quick_check(1)")))[0]
        if said != "ok":
            error = sqlite3.DatabaseError(said)
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise error
        await asyncio.to_thread(connect.suspect(self.file).unlink, missing_ok=True)

    # ---- writing ----

    async def commit(
        self,
        batches: Sequence[Batch],
        *,
        full: bool = False,
        also: Callable[[aiosqlite.Connection], Awaitable[None]] | None = None,
    ) -> None:
        """All facts, positions and carries of `batches` in one transaction, or none of them and an error.

        `full` waits until the disk has it; `also` is written in the same transaction. When the caller is cancelled the
        commit is finished before that is raised.
        """

        async def work(db: aiosqlite.Connection) -> None:
            await self._writer.write(db, batches)
            if also is not None:
                await also(db)

        if batches or also is not None:
            await self.write(work, full=full)

    async def commit_past(self, batch: Batch, mark: bytes) -> None:
        """What was read of old files, and the mark from which reading them goes on, in one transaction."""

        async def work(db: aiosqlite.Connection) -> None:
            await self._writer.write(db, [batch], past=True)
            await db.execute(SET_META, (_mark_key(batch.node), b64encode(mark).decode()))

        await self.write(work)

    async def mark(self, node: str) -> bytes | None:
        """The mark of the last `commit_past`; None when there was none."""
        kept = await self.meta(_mark_key(node))
        return None if kept is None else b64decode(kept)

    async def write(self, work: Callable[[aiosqlite.Connection], Awaitable[T]], *, full: bool = False) -> T:
        """Run `work` in a transaction of its own, to its end; the store's own modules use this."""
        return await connect.finish(self._write(work, full=full))

    async def _write(self, work: Callable[[aiosqlite.Connection], Awaitable[T]], *, full: bool) -> T:
        async with self._lock:
            db = self._db
            if db is None:
                raise RuntimeError("the store is not open")
            if not full:
                return await self._transaction(db, work)
            await db.execute("PRAGMA synchronous = FULL")
            try:
                return await self._transaction(db, work)
            finally:
                await db.execute("PRAGMA synchronous = NORMAL")

    async def _transaction(self, db: aiosqlite.Connection, work: Callable[[aiosqlite.Connection], Awaitable[T]]) -> T:
        try:
            await db.execute("BEGIN IMMEDIATE")
            result = await work(db)
            await db.execute("COMMIT")
        except BaseException as error:
            await db.rollback()
            self._writer.forget()
            if connect.is_damage(error):
                await asyncio.to_thread(connect.suspect(self.file).touch)
            raise
        return result

    async def set_meta(self, key: str, value: str) -> None:
        """Keep one value of the agent itself."""
        await self.write(lambda db: db.execute(SET_META, (key, value)))

    async def keep(self, prefix: str, values: Mapping[str, str | None]) -> None:
        """Keep values of the agent under `prefix` + key in one transaction; None forgets one."""

        async def work(db: aiosqlite.Connection) -> None:
            gone = [(prefix + key,) for key, value in values.items() if value is None]
            await db.executemany("DELETE FROM meta WHERE key = ?", gone)
            rows = [(prefix + key, value) for key, value in values.items() if value is not None]
            await db.executemany("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", rows)

        await self.write(work)

    async def kept(self, prefix: str) -> dict[str, str]:
        """What `keep` has kept under a prefix."""
        statement = "SELECT substr(key, length(?1) + 1), value FROM meta WHERE key >= ?1 AND key < ?1 || char(1114111)"
        return {str(key): str(value) for key, value in await self.reader.fetch(statement, (prefix,))}

    async def set_node_id(self, name: str, node_id: str) -> None:
        """Keep a node's id; the node gets its row if it has none."""

        async def work(db: aiosqlite.Connection) -> None:
            row = await self._writer.node(db, name)
            await db.execute("UPDATE node SET node_id = ? WHERE id = ?", (clean(node_id), row))

        await self.write(work)

    async def delete_node(self, name: str) -> None:
        """Delete a node and all that hangs on it, by its row or by its name.

        What concerned other nodes, too, stays, and so does the outbox: those events were told.
        """

        async def work(db: aiosqlite.Connection) -> None:
            await db.execute("DELETE FROM node WHERE name = ?", (name,))
            await db.execute("DELETE FROM setting WHERE node = ?", (name,))
            await db.execute("DELETE FROM alert_timer WHERE id = ?", (name,))
            await db.executemany("DELETE FROM meta WHERE key = ?", [(prefix + name,) for prefix in OF_NODES])
            self._writer.forget()

        await self.write(work)

    async def satellite_name(self, satellite_id: str, url: str | None = None) -> str:
        """The short name: made at first sight, never changed, no name twice. "" for no satellite."""
        known = "" if not satellite_id else self._names.get(satellite_id)
        if known is not None:
            return known

        if self._db is None:
            return satellite_name(satellite_id, url)

        async def work(db: aiosqlite.Connection) -> str:
            row = await self._writer.satellite(db, satellite_id)
            if url is not None:
                await db.execute("UPDATE satellite SET url = ? WHERE id = ?", (clean(url), row))
            return await name_satellite(db, clean(satellite_id), url)

        name = self._names[satellite_id] = await self.write(work)
        return name

    # ---- reading what the writer needs ----

    async def log_state(self, node: str) -> LogState:
        """Where the node's log continues."""
        rows = list(await self.reader.fetch(CARRIED, (node,)))
        if not rows:
            return LogState()
        followed, carry = rows[0]
        positions = [_position(row) for row in await self.reader.fetch(POSITIONS, (node,))]
        return LogState(bool(followed), positions, carry)

    async def readings(self, node: str) -> dict[str, StoredReading]:
        """The last reading of each source of a node."""
        return {
            source: StoredReading(at, None if body is None else body.encode(), down, down_at)
            for source, at, body, down, down_at in await self.reader.fetch(READINGS, (node,))
        }

    async def meta(self, key: str) -> str | None:
        """One value of the agent itself; None when it was never set."""
        rows = list(await self.reader.fetch("SELECT value FROM meta WHERE key = ?", (key,)))
        return str(rows[0][0]) if rows else None

    async def nodes(self) -> list[NodeRow]:
        """All nodes that were ever seen and not deleted, by name."""
        rows = await self.reader.fetch("SELECT name, node_id, first_seen, followed FROM node ORDER BY name")
        return [NodeRow(name, node_id, first_seen, bool(followed)) for name, node_id, first_seen, followed in rows]

    async def satellites(self) -> dict[str, str]:
        """Id → name of all satellites that have a name."""
        rows = await self.reader.fetch("SELECT satellite_id, name FROM satellite WHERE name IS NOT NULL ORDER BY id")
        return {str(satellite_id): str(name) for satellite_id, name in rows}


def _mark_key(node: str) -> str:
    return IMPORT + node


def _position(row: tuple[Any, ...]) -> Position:
    number, path, offset, head_len, heads, tail_len, tail, first_at, last_at, past, skipping = row
    where = (number, os.fsdecode(path), offset)
    return Position(*where, head_len, heads, tail_len, tail, first_at, last_at, bool(past), bool(skipping))
