"""Connections, the folder's lock, and what is done with a damaged file."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import fcntl
import os
import sqlite3
import stat
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import aiosqlite

from storj_monitor.core.errors import BusyError, MonitorError

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

FILE = "storj-monitor.db"
LOCK = "storj-monitor.lock"
BUSY_MS = 5_000
WAL_LIMIT = 4 << 20
"""Bytes the write-ahead log keeps on disk after a checkpoint."""

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

T = TypeVar("T")


def database(path: Path) -> Path:
    """The database of a data folder; a path that ends with `.db` is the file itself."""
    return path if path.suffix == ".db" else path / FILE


def keep_private(file: Path) -> None:
    """Addresses of routes and the page's token are in it: strangers do not read it, nor what SQLite puts beside it."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    for part in (file.with_name(file.name + end) for end in ("", "-wal", "-shm")):
        if part.exists() and part.stat().st_mode & 0o007:
            with contextlib.suppress(PermissionError):  # of another user, who gave us the right to write
                part.chmod(stat.S_IMODE(part.stat().st_mode) & ~0o007)


async def finish(work: Coroutine[None, None, T]) -> T:
    """Await `work` to its end even when the caller is cancelled, so that nobody has to guess what was committed."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                continue
        raise asyncio.CancelledError from (None if task.cancelled() else task.exception())


def is_damage(error: BaseException) -> bool:
    """Whether SQLite says that the file itself is broken, not the statement, the disk or the lock."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, sqlite3.DatabaseError) and code is not None and code & 0xFF in _DAMAGED


async def open_writer(file: Path) -> aiosqlite.Connection:
    """The writing connection. `auto_vacuum` comes before anything else: once there is a WAL it is silently ignored."""
    db = await aiosqlite.connect(file, isolation_level=None)
    try:
        for pragma in (
            "auto_vacuum = INCREMENTAL",
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "foreign_keys = ON",
            f"busy_timeout = {BUSY_MS}",
            f"journal_size_limit = {WAL_LIMIT}",
        ):
            await db.execute_fetchall(f"PRAGMA {pragma}")
    except BaseException:
        await db.close()
        raise
    return db


async def open_reader(file: Path) -> aiosqlite.Connection:
    """A read-only connection; it works beside a running agent and without one.

    Tried first without aiosqlite: its thread outlives a failed connect and then calls into a loop that may be closed.
    """
    uri = f"file:{quote(str(file))}?mode=ro"
    try:
        await asyncio.to_thread(lambda: sqlite3.connect(uri, uri=True).close())
        db = await aiosqlite.connect(uri, uri=True, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise MonitorError(f"{file} cannot be opened ({error}); is this the data folder of the agent?") from error
    await db.execute_fetchall(f"PRAGMA busy_timeout = {BUSY_MS}")
    return db


class FolderLock:
    """One writing process per data folder; the kernel frees the lock when the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK
        self._fd: int | None = None

    def take(self) -> None:
        """Create the folder and take the lock, or raise `MonitorError`."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise MonitorError(
                f"The data folder {self._path.parent} cannot be written ({error.strerror}); "
                "give the agent's user the right to write there, or choose another with --data.",
            ) from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(fd)
            raise BusyError(
                f"Another storj-monitor process writes to {self._path.parent}; "
                "stop it first, or choose another folder with --data.",
            ) from error
        self._fd = fd

    def free(self) -> None:
        """Give the lock back; the file stays, since removing it would let two processes lock two files."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def suspect(file: Path) -> Path:
    """The mark that SQLite found damage while the agent ran; the next start checks the whole file."""
    return file.with_name(file.name + ".suspect")


def wal(file: Path) -> Path:
    """The write-ahead log: not empty at a start means that the last stop was not a clean one."""
    return file.with_name(file.name + "-wal")


def is_unclean(file: Path) -> bool:
    """Whether the file deserves a full check before it is used."""
    log = wal(file)
    return suspect(file).exists() or (log.exists() and log.stat().st_size > 0)


def move_away(file: Path, now: float) -> Path:
    """Rename a damaged database and its companions, named with the time; returns the new name."""
    stamp = dt.datetime.fromtimestamp(now, dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    away = file.with_name(f"{file.name}.damaged-{stamp}")
    for end in ("", "-wal", "-shm"):
        part = file.with_name(file.name + end)
        if part.exists():
            part.rename(away.with_name(away.name + end))
    suspect(file).unlink(missing_ok=True)
    return away
