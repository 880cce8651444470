"""Brings a database to the newest schema: plain .sql files, numbered from 1.

Each has its own BEGIN, user_version and COMMIT: `executescript` commits what was open before it, so the transaction has
to be inside the script. A script that fails is rolled back as a whole; the copy made before stays beside the file.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from storj_monitor.core.errors import MonitorError
from storj_monitor.store.connect import keep_private, open_reader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import aiosqlite

_NAME = re.compile(r"^(\d{4})_\w+\.sql$")


class Migration(msgspec.Struct, frozen=True):
    """One step: afterwards `user_version` is `version`."""

    version: int
    script: str


def load() -> list[Migration]:
    """All steps of this package, oldest first."""
    folder = resources.files("storj_monitor.store") / "migrations"
    found = [
        Migration(int(match[1]), each.read_text("utf-8"))
        for each in folder.iterdir()
        if (match := _NAME.match(each.name))
    ]
    return sorted(found, key=lambda step: step.version)


async def version_of(db: aiosqlite.Connection) -> int:
    """The schema's version; 0 for an empty file."""
    return int(next(iter(await db.execute_fetchall("PRAGMA user_version")))[0])


async def refuse(file: Path, newest: int) -> None:
    """Raise `MonitorError` when `file` is of a newer version or no database of ours; it is only read for that."""
    db = await open_reader(file)
    try:
        version = await version_of(db)
        tables = next(iter(await db.execute_fetchall("SELECT count(*) FROM sqlite_schema")))[0]
    finally:
        await db.close()
    if version > newest:
        raise MonitorError(
            f"{file} was written by a newer storj-monitor (schema {version}, this one knows {newest}); "
            "install the newer version again, or choose another folder with --data. The file was left untouched.",
        )
    if version == 0 and tables:
        raise MonitorError(f"{file} is a database of another program; choose another folder with --data.")


async def migrate(db: aiosqlite.Connection, file: Path, steps: Sequence[Migration]) -> None:
    """Run the steps that are missing; a file that holds data is copied first, to `<file>.v<version>`."""
    version = await version_of(db)
    missing = [step for step in steps if step.version > version]
    if version and missing:
        await _backup(db, file.with_name(f"{file.name}.v{version}"))
    for step in missing:
        await _run(db, step)


async def _backup(db: aiosqlite.Connection, copy: Path) -> None:
    # A copy that is already there is of an earlier attempt that failed; VACUUM INTO does not overwrite.
    await asyncio.to_thread(copy.unlink, missing_ok=True)
    await asyncio.to_thread(keep_private, copy)  # VACUUM INTO takes an empty file
    await db.execute_fetchall("VACUUM INTO ?", (str(copy),))


async def _run(db: aiosqlite.Connection, step: Migration) -> None:
    try:
        await db.executescript(step.script)
    except sqlite3.Error:
        await db.rollback()
        raise
    if await version_of(db) != step.version:
        raise MonitorError(f"Migration {step.version} did not set its user_version.")
