"""The node's own databases, read only and only when asked for (agent/docs/storagenode.md §4.5, §10 fact 12).

Nothing else tells of an offline suspension or a graceful exit. A database is opened for reading, for one short query,
and never over a network: SQLite's locks do not hold there, and a reader could then harm the node.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from storj_monitor.core import utc
from storj_monitor.core.readings_host import Book, BooksReading
from storj_monitor.core.rollout import id_text
from storj_monitor.sources.guard import Guard
from storj_monitor.sources.mounts import NETWORK, PROC, holding, mounts
from storj_monitor.sources.poller import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECONDS = 2.0
PATIENCE = 30.0
ROWS_MAX = 200
REPUTATION = ("satellite_id", "offline_suspended_at", "offline_under_review_at", "audit_total_count")
EXIT = ("satellite_id", "initiated_at", "finished_at")


class Books:
    """reputation.db and satellites.db of one node."""

    def __init__(
        self,
        folder: Callable[[], str | None],
        *,
        now: Callable[[], float],
        proc: Path = PROC,
        guard: Guard | None = None,
    ) -> None:
        self._folder = folder
        self._now = now
        self._proc = proc
        self._guard = guard or Guard("The folder of the node's databases", PATIENCE)

    async def poll(self) -> BooksReading | None:
        """What they say; None while their folder is not known. Raises `SourceError` or `HangsError`."""
        folder = self._folder()
        if folder is None:
            return None
        try:
            return await self._guard.call(self._read, folder)
        except sqlite3.Error as problem:
            raise SourceError(f"The databases in {folder} cannot be read: {problem}.") from None
        except OSError as problem:
            raise SourceError(f"The databases in {folder} cannot be read: {problem.strerror}.") from None

    def _read(self, folder: str) -> BooksReading:
        mount = holding(os.path.realpath(folder), mounts(self._proc))
        if mount is not None and mount.kind in NETWORK:
            raise SourceError(f"{folder} lies on another machine ({mount.kind}): its databases are not opened.")
        found: dict[bytes, Book] = {}
        for satellite, suspended, review, audits in _rows(f"{folder}/reputation.db", "reputation", REPUTATION):
            book = Book(id_text(satellite), utc.epoch(suspended), utc.epoch(review), audits)
            found[satellite] = book
        for satellite, started, finished in _rows(f"{folder}/satellites.db", "satellite_exit_progress", EXIT):
            book = found.get(satellite, Book(id_text(satellite)))
            changes = {"exit_started": utc.epoch(started), "exit_finished": utc.epoch(finished)}
            found[satellite] = msgspec.structs.replace(book, **changes)
        return BooksReading(at=int(self._now()), satellites=tuple(found.values()))


def _rows(file: str, table: str, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Rows of a table; a column that this version does not have is null. Raises OSError and sqlite3.Error."""
    os.stat(file)  # noqa: PTH116 - a missing file is said as such
    with closing(sqlite3.connect(f"file:{quote(file)}?mode=ro", uri=True, timeout=SECONDS)) as db:
        db.execute("PRAGMA query_only = 1")
        there = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
        chosen = ", ".join(name if name in there else f"NULL AS {name}" for name in columns)
        rows = db.execute(f"SELECT {chosen} FROM {table} LIMIT {ROWS_MAX}").fetchall()  # noqa: S608 - names are ours
    return [row for row in rows if isinstance(row[0], bytes) and len(row[0]) == 32]


def say(body: Any) -> str:
    """One sentence for `check`."""
    return f"can be read, {len(body.satellites)} satellites."
