"""The node's databases: real SQLite files, a writer beside the reader, and never a write of ours."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.sources.small import Clock

from storj_monitor.core.readings_host import Book
from storj_monitor.core.rollout import id_bytes
from storj_monitor.sources.books import Books
from storj_monitor.sources.poller import SourceError

US1, EU1 = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S", "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs"
NOON = 1_795_435_200
REPUTATION = """
    CREATE TABLE reputation (satellite_id BLOB NOT NULL, audit_success_count INTEGER, audit_total_count INTEGER,
    online_score REAL, audit_history BLOB, disqualified_at TIMESTAMP, suspended_at TIMESTAMP,
    offline_suspended_at TIMESTAMP, offline_under_review_at TIMESTAMP, joined_at TIMESTAMP, PRIMARY KEY (satellite_id))
"""
EXIT = """
    CREATE TABLE satellite_exit_progress (satellite_id BLOB NOT NULL, initiated_at TIMESTAMP, finished_at TIMESTAMP,
    starting_disk_usage INTEGER, bytes_deleted INTEGER, completion_receipt BLOB)
"""


def raw(satellite: str) -> bytes:
    data = id_bytes(satellite)
    assert data is not None
    return data


@pytest.fixture
def node(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The node's own writing connection, in WAL as the node has it."""
    for name, table in (("reputation", REPUTATION), ("satellites", EXIT)):
        with closing(sqlite3.connect(tmp_path / f"{name}.db")) as made:
            made.execute("PRAGMA journal_mode = WAL")
            made.execute(table)
            made.commit()
    with closing(sqlite3.connect(tmp_path / "reputation.db")) as db:
        db.execute("ATTACH ? AS satellites", (str(tmp_path / "satellites.db"),))
        suspended = "2026-11-23 10:00:00.123456+00:00"
        row = "INSERT INTO reputation (satellite_id, audit_total_count, offline_suspended_at, offline_under_review_at) "
        db.execute(f"{row} VALUES (?, 1709, ?, ?)", (raw(US1), suspended, "2026-11-23 10:00:00+00:00"))
        db.execute(f"{row} VALUES (?, 448, NULL, NULL)", (raw(EU1),))
        db.execute(
            "INSERT INTO satellite_exit_progress VALUES (?, '2026-11-23 11:00:00+00:00', NULL, 0, 0, NULL)", (raw(EU1),)
        )
        db.commit()
        yield db


def books(folder: Path, proc: Path = Path("/proc")) -> Books:
    return Books(lambda: str(folder), now=Clock(), proc=proc)


async def test_what_no_api_tells(node: sqlite3.Connection, tmp_path: Path) -> None:
    del node
    found = await books(tmp_path).poll()
    assert found is not None
    assert found.satellites == (
        Book(US1, offline_suspended=NOON - 7200, under_review=NOON - 7200, audits=1709),
        Book(EU1, audits=448, exit_started=NOON - 3600),
    )


async def test_a_node_that_writes_is_neither_waited_for_nor_disturbed(node: sqlite3.Connection, tmp_path: Path) -> None:
    node.execute("BEGIN IMMEDIATE")
    node.execute("UPDATE reputation SET audit_total_count = 9999")
    files = [tmp_path / name for name in ("reputation.db", "reputation.db-wal", "satellites.db")]
    before = [file.read_bytes() for file in files]
    found = await books(tmp_path).poll()
    assert found is not None
    assert [each.audits for each in found.satellites] == [1709, 448], "what is not committed is not there"
    assert [file.read_bytes() for file in files] == before
    node.commit()
    again = await books(tmp_path).poll()
    assert again is not None
    assert [each.audits for each in again.satellites] == [9999, 9999]


async def test_columns_and_rows_of_other_versions(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "reputation.db")) as db:
        db.execute("CREATE TABLE reputation (satellite_id BLOB, audit_total_count INTEGER)")
        db.executemany("INSERT INTO reputation VALUES (?, 5)", [(raw(US1),), (b"short",), (None,), ("text",)])
        db.commit()
    with closing(sqlite3.connect(tmp_path / "satellites.db")) as db:
        db.execute(EXIT)
        db.commit()
    found = await books(tmp_path).poll()
    assert found is not None
    assert found.satellites == (Book(US1, audits=5),)


async def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        await books(tmp_path).poll()
    assert not (tmp_path / "reputation.db").exists(), "looking must not make a database"
    (tmp_path / "reputation.db").write_bytes(os.urandom(8192))
    with pytest.raises(SourceError, match="not a database"):
        await books(tmp_path).poll()


async def test_never_over_a_network(node: sqlite3.Connection, tmp_path: Path) -> None:
    del node
    (tmp_path / "proc/self").mkdir(parents=True)
    row = f"40 1 0:50 / {tmp_path} rw - nfs4 nas:/storj rw\n"
    (tmp_path / "proc/self/mountinfo").write_text(row)
    with pytest.raises(SourceError, match=r"lies on another machine \(nfs4\)"):
        await books(tmp_path, tmp_path / "proc").poll()
