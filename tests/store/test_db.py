"""The store's life: one writer, all or nothing, damaged files, names that never change."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from storj_monitor.core.errors import MonitorError
from storj_monitor.core.facts import Batch, Down, Notice, Reading, Sample, Tally
from storj_monitor.core.position import Position
from storj_monitor.store import LogState, NodeRow, Reader, Store, StoredReading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import aiosqlite

NOW = 1_795_392_000.0
US1 = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(tmp_path / "data", now=lambda: NOW)
    await store.open()
    yield store
    await store.close()


def tally(count: int = 1, minute: int = int(NOW), satellite: str = US1) -> Tally:
    return Tally(minute, satellite, "GET", "ok", count, 100 * count)


async def count(store: Store) -> int:
    return sum(row["count"] for row in await store.reader.transfers(None, None, None))


async def test_counts_positions_and_carry_commit_together_or_not_at_all(store: Store) -> None:
    before = Batch("attic", tallies=[tally()], positions=[Position(1, "/log/a", 10)], carry=b"open")
    await store.commit([before])
    again = Batch("attic", tallies=[tally()], positions=[Position(1, "/log/a", 20)], carry=b"")
    broken = Batch("cellar", tallies=[tally()], notices=[Notice(None, "info", "no time")])  # type: ignore[arg-type]

    with pytest.raises(sqlite3.IntegrityError):
        await store.commit([again, broken])

    assert await count(store) == 1
    assert await store.log_state("attic") == LogState(True, [Position(1, "/log/a", 10)], b"open")
    assert [node.name for node in await store.nodes()] == ["attic"]
    # The ids that the failed commit had handed out are not used again.
    await store.commit([Batch("cellar", tallies=[tally()])])
    assert await count(store) == 2


async def test_a_commit_that_has_begun_is_finished_when_its_caller_is_cancelled(store: Store) -> None:
    for turns in range(30):
        task = asyncio.create_task(store.commit([Batch("attic", tallies=[tally(minute=60 * turns)])]))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    counted = await count(store)
    await store.commit([Batch("attic", tallies=[tally()])])
    # Cancelled before its first step it has not begun; from the first step on it is counted, always.
    assert counted == 29
    assert await count(store) == counted + 1


async def test_positions_are_updated_by_number_and_followed_is_kept(store: Store) -> None:
    assert await store.log_state("attic") == LogState()
    await store.commit([Batch("attic", tallies=[tally()])])
    assert not (await store.log_state("attic")).followed
    first = Position(1, "/log/a", 5, 3, b"heads", 2, b"tail", 100, 200, past=True)
    second = Position(2, "/log/b", 9, skipping=True)
    await store.commit([Batch("attic", positions=[first, second])])
    second.offset = 12
    await store.commit([Batch("attic", positions=[second])])
    assert await store.log_state("attic") == LogState(True, [first, second], None)


async def test_a_kill_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    script = f"""
import asyncio, os, signal
from pathlib import Path
from storj_monitor.core.facts import Batch, Tally
from storj_monitor.store import Store
async def main():
    store = Store(Path({str(tmp_path)!r}), now=lambda: 0.0)
    await store.open()
    for n in range(20):
        batch = Batch("attic", tallies=[Tally(60 * n, "", "GET", "ok", 1, 1)], carry=b"%d" % n)
        await store.commit([batch], full=n % 2 == 1)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    killed = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", script], check=False)
    assert killed.returncode == -9
    async with Reader.open(tmp_path) as reader:  # no agent, and a write-ahead log that nobody folded in
        assert (await reader.transfers("attic", None, None))[0]["count"] == 20
    store = Store(tmp_path, now=lambda: NOW)
    await store.open()
    assert await count(store) == 20
    assert (await store.log_state("attic")).carry == b"19"
    assert store.recovered is None
    await store.close()


async def test_a_second_writer_is_refused_with_a_sentence(store: Store) -> None:
    second = Store(store.file.parent, now=lambda: NOW)
    with pytest.raises(MonitorError, match="Another storj-monitor process writes to"):
        await second.open()
    await store.commit([Batch("attic", tallies=[tally()])])
    async with Reader.open(store.file.parent) as reader:
        assert len(await reader.transfers("attic", None, None)) == 1
    async with Store.readonly(store.file.parent, now=lambda: NOW) as readonly:
        assert [node.name for node in await readonly.nodes()] == ["attic"]
        with pytest.raises(RuntimeError, match="not open"):
            await readonly.set_meta("instance", "x")
    await store.close()
    await second.open()
    await second.close()


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MonitorError, match="cannot be written"):
        await Store(tmp_path / "file" / "data", now=lambda: NOW).open()
    with pytest.raises(MonitorError, match="is this the data folder"):
        async with Reader.open(tmp_path / "nowhere"):
            pass


@pytest.mark.parametrize("damage", ["no database at all", "a page in the middle", "found while running"])
async def test_a_damaged_file_is_moved_away_and_the_agent_starts(store: Store, damage: str) -> None:
    await store.commit([Batch("attic", tallies=[tally(minute=60 * n) for n in range(5_000)])])
    await store.close()
    raw = bytearray(store.file.read_bytes())
    if damage == "no database at all":
        raw[:] = b"\0" * 8_192
    else:
        raw[4_096 * 60 :] = os.urandom(len(raw) - 4_096 * 60)  # behind the schema: a start does not look there
    store.file.write_bytes(raw)

    again = Store(store.file, now=lambda: NOW)
    if damage == "a page in the middle":
        # A power cut leaves the write-ahead log behind; then the whole file is looked at.
        store.file.with_name(store.file.name + "-wal").write_bytes(b"torn")
    if damage == "found while running":
        await again.open()
        assert again.recovered is None
        with pytest.raises(sqlite3.DatabaseError):
            await again.commit([Batch("attic", tallies=[tally(minute=60 * n) for n in range(5_000)])])
        await again.close()
    await again.open()

    assert again.recovered is not None
    assert "damaged-20261123T000000Z" in again.recovered
    kept = store.file.with_name(store.file.name + ".damaged-20261123T000000Z")
    assert len(kept.read_bytes()) == len(raw)
    await again.commit([Batch("attic", tallies=[tally()])])
    assert await count(again) == 1
    await again.close()


async def test_readings_keep_the_last_answer_beside_the_failure_after_it(store: Store) -> None:
    async def after(*readings: Reading | Down) -> StoredReading:
        await store.commit([Batch("attic", readings=list(readings))])
        return (await store.readings("attic"))["node"]

    assert await after(Down("node", 5, "refused")) == StoredReading(None, None, "refused", 5)
    assert await after(Reading("node", 10, {"a": 1})) == StoredReading(10, b'{"a":1}', None, None)
    assert await after(Down("node", 20, "timeout")) == StoredReading(10, b'{"a":1}', "timeout", 20)
    assert await after(Down("node", 15, "old news")) == StoredReading(10, b'{"a":1}', "timeout", 20)
    assert await after(Reading("node", 12, [])) == StoredReading(12, b"[]", "timeout", 20)
    assert await after(Reading("node", 11, [0])) == StoredReading(12, b"[]", "timeout", 20)
    assert await after(Reading("node", 20, [2])) == StoredReading(20, b"[2]", None, None)
    assert await after(Down("node", 19, "late")) == StoredReading(20, b"[2]", None, None)


async def test_satellite_names_are_given_once_and_to_one_only(store: Store) -> None:
    await store.commit(
        [Batch("attic", samples=[Sample("errors", int(NOW), 1, 1, satellite=s) for s in (US1, "x", "y")])]
    )
    assert await store.satellites() == {US1: "us1"}
    assert await store.satellite_name("x", "US1:") == "us1_2"
    assert await store.satellite_name("y", "127.0.0.1:10000") == "127_0_0_1_10000"
    assert await store.satellite_name("y", "elsewhere:7777") == "127_0_0_1_10000"
    assert await store.satellite_name("z", None) == "z"
    assert await store.satellite_name("", "anything") == ""
    await store.close()
    again = Store(store.file, now=lambda: NOW)
    await again.open()
    assert await again.satellite_name("z", "now.it.has.one:7777") == "z"
    assert await again.satellites() == {US1: "us1", "x": "us1_2", "y": "127_0_0_1_10000", "z": "z"}
    await again.close()


async def test_meta_and_node_ids_are_kept(store: Store) -> None:
    assert await store.meta("instance") is None
    await store.set_meta("instance", "a")
    await store.set_meta("instance", "b")
    await store.set_node_id("attic", "1ABC")
    assert await store.meta("instance") == "b"
    assert await store.nodes() == [NodeRow("attic", "1ABC", int(NOW), followed=False)]


async def test_full_lasts_for_one_commit_only(store: Store) -> None:
    async def synchronous(db: aiosqlite.Connection) -> int:
        return int(next(iter(await db.execute_fetchall("PRAGMA synchronous")))[0])

    assert await store.write(synchronous, full=True) == 2
    assert await store.write(synchronous) == 1
    with pytest.raises(sqlite3.IntegrityError):
        await store.commit([Batch("attic", notices=[Notice(None, "info", "")])], full=True)  # type: ignore[arg-type]
    assert await store.write(synchronous) == 1


async def test_nobody_else_reads_what_is_kept(tmp_path: Path) -> None:
    """Addresses of routes and the token of the page are in it; a file of before loses the rights of strangers."""
    folder = tmp_path / "data"
    before = os.umask(0o022)
    try:
        for mode in (None, 0o644, 0o666):
            if mode is not None:
                (folder / "storj-monitor.db").chmod(mode)
            store = Store(folder, now=lambda: NOW)
            await store.open()
            await store.commit([Batch("attic", tallies=[tally()])])
            modes = {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir() if file.suffix != ".lock"}
            await store.close()
            assert len(modes) == 3, "the file and what SQLite puts beside it"
            assert not any(each & 0o007 for each in modes.values()), modes
        assert folder.stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(before)
