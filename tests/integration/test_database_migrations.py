"""The database: a fresh file, its keys and indexes, pruning, aggregation, versions."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import aiosqlite
import pytest
from tests.integration import rig

from storj_monitor.core.errors import MonitorError
from storj_monitor.core.facts import Batch, Down, Notice, Reading, Run, Sample, Spread, Tally, Top
from storj_monitor.core.insight import Insight
from storj_monitor.core.position import Position
from storj_monitor.hindsight import note
from storj_monitor.importing import import_files
from storj_monitor.sources.files import Start
from storj_monitor.store import (
    Column,
    Reader,
    Store,
    alerts,
    bins,
    db,
    insights,
    migrate,
    outbox,
    prune,
    queries,
    writer,
)
from storj_monitor.store.migrate import Migration

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DAY = 86_400
NOW = 1_795_392_000
US1 = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S"
TABLES = {
    "meta", "node", "satellite", "series", "sample_minute", "sample_hour", "sample_day",
    "reading", "log_file", "carry", "event", "template",
    "run", "top_hour", "sketch_hour",
    "alert", "alert_timer", "silence", "outbox", "delivery", "setting", "insight",
}  # fmt: skip


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(tmp_path, now=lambda: NOW)
    await store.open()
    yield store
    await store.close()


def everything(node: str) -> Batch:
    return Batch(
        node,
        tallies=[Tally(NOW, US1, "GET", "ok", 2, 20)],
        samples=[Sample("disk_used", NOW, 1, 5, 5, 5, 5)],
        readings=[Reading("node", NOW, {"a": 1}), Down("payout", NOW, "no answer")],
        notices=[Notice(NOW, "warning", "text")],
        templates={("ERROR", "piecestore", "text"): 3},
        positions=[Position(1, "/log", 7)],
        carry=b"carried",
    )


def ask(store: Store, query: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(store.file)) as raw:
        return raw.execute(query, values).fetchall()


async def test_database_creation_from_scratch(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / "folder", now=lambda: NOW)
    await store.open()
    assert ask(store, "PRAGMA user_version") == [(migrate.load()[-1].version,)]
    assert ask(store, "PRAGMA auto_vacuum") == [(2,)]
    assert ask(store, "PRAGMA integrity_check") == [("ok",)]
    assert store.recovered is None
    await store.close()
    assert sorted(each.name for each in store.file.parent.iterdir()) == ["storj-monitor.db", "storj-monitor.lock"]


async def test_all_tables_created(store: Store) -> None:
    tables = ask(
        store, "SELECT name, strict, wr FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%'"
    )
    assert {name for name, _, _ in tables} == TABLES
    assert all(strict for _, strict, _ in tables)
    assert {name for name, _, without_rowid in tables if without_rowid} >= {
        "sample_minute",
        "sample_hour",
        "sample_day",
    }


FREQUENT = {
    **{f"totals {tier}": query for tier, query in queries.TOTALS.items()},
    **{f"bins {tier}": query for tier, query in queries.BINS.items()},
    **{f"last {tier}": query for tier, query in queries.LAST.items()},
    **{f"upsert {tier}": query for tier, query in writer.UPSERT.items()},
    **{f"add {tier}": query for tier, query in writer.ADD.items()},
    "series": queries.SERIES,
    "transfer series": queries.TRANSFER_SERIES,
    "recent": queries.RECENT,
    "events": queries.EVENTS,
    "events before": queries.EVENTS_BEFORE,
    "node events": queries.NODE_EVENTS,
    "node events before": queries.NODE_EVENTS_BEFORE,
    "templates": queries.TEMPLATES,
    "kept": queries.KEPT,
    "positions": db.POSITIONS,
    "carried": db.CARRIED,
    "readings": db.READINGS,
    "newest of the outbox": outbox.NEWEST,
    "news of the outbox": outbox.EVENTS,
    "waiting": outbox.WAITING,
}


@pytest.mark.parametrize("name", FREQUENT)
async def test_all_indexes_created(store: Store, name: str) -> None:
    query = FREQUENT[name]
    with closing(sqlite3.connect(store.file)) as raw:
        plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {query}", [None] * query.count("?"))]
    scans = [step for step in plan if step.startswith("SCAN") and "json_each" not in step and "USING INDEX" not in step]
    assert scans == []
    if "event" in name:
        assert not [step for step in plan if "TEMP B-TREE" in step]


async def test_database_functional_after_creation(store: Store) -> None:
    await store.commit([everything("attic")])
    await store.close()
    await store.open()
    assert await store.reader.transfers("attic", None, None) == [
        {"satellite": US1, "action": "GET", "outcome": "ok", "count": 2, "bytes": 20},
    ]
    history = await store.reader.history("attic", [Column("disk_used", ("disk_used",), "last")], NOW, NOW + 60, 60)
    assert history.rows == [[NOW, 5.0]]
    readings = await store.readings("attic")
    assert (readings["node"].body, readings["payout"].down) == (b'{"a":1}', "no answer")
    assert [each["text"] for each in await store.reader.events("attic")] == ["text"]
    assert [each["n"] for each in await store.reader.templates("attic")] == [3]
    state = await store.log_state("attic")
    assert (state.followed, state.positions, state.carry) == (True, [Position(1, "/log", 7)], b"carried")


async def test_wal_mode_enabled(store: Store) -> None:
    assert ask(store, "PRAGMA journal_mode") == [("wal",)]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO sample_minute (series, t, n, sum) SELECT series, t, 1, 1 FROM sample_minute LIMIT 1",
        "INSERT INTO sample_hour (series, t, n, sum) SELECT series, t, 1, 1 FROM sample_hour LIMIT 1",
        "INSERT INTO sample_minute (series, t, n, sum) SELECT series, t + 1, 1, 1 FROM sample_minute LIMIT 1",
        "INSERT INTO sample_day (series, t, n, sum) VALUES (12345, 0, 1, 1)",
        "INSERT INTO sample_day (series, t, n, sum) SELECT series, 0, 'many', 1 FROM sample_day LIMIT 1",
        "INSERT INTO series (node, satellite, metric) SELECT node, satellite, metric FROM series LIMIT 1",
        "INSERT INTO log_file SELECT * FROM log_file LIMIT 1",
        "INSERT INTO reading SELECT * FROM reading LIMIT 1",
        "INSERT INTO template SELECT * FROM template LIMIT 1",
        "INSERT INTO carry SELECT * FROM carry",
        "INSERT INTO node (name, first_seen) SELECT name, 0 FROM node",
        "INSERT INTO satellite (satellite_id, first_seen) VALUES ('', 0)",
        "UPDATE satellite SET name = 'us1'",
    ],
)
async def test_composite_keys_and_constraints(store: Store, statement: str) -> None:
    await store.commit([everything("attic")])
    with pytest.raises(sqlite3.IntegrityError):
        await store.write(lambda raw: raw.execute(statement))


async def test_database_pruning_functionality(store: Store) -> None:
    ages = (0, 6 * DAY, 8 * DAY, 399 * DAY, 402 * DAY)
    actions = [f"A{n}" for n in range(40)]
    tallies = [
        Tally(NOW - age + 60 * n, US1, action, "ok", 1, 1_000) for age in ages for n in range(60) for action in actions
    ]
    many = {("ERROR", "piecestore", f"text {n}"): 1 + n % 7 for n in range(2_500)}
    notices = [Notice(NOW - age, "info", "x" * 200) for age in ages for _ in range(2_000 if age < 400 * DAY else 8_000)]
    await store.commit([Batch("attic", tallies=tallies, notices=notices, templates=many)])
    await store.close()
    before = store.file.stat().st_size

    await store.open()
    await prune(store, NOW)
    rows = {tier: ask(store, f"SELECT count(DISTINCT t), sum(n) FROM sample_{tier}")[0] for tier in bins.TIERS}
    assert rows == {"minute": (120, 120 * 40), "hour": (4, 4 * 60 * 40), "day": (5, 5 * 60 * 40)}
    assert ask(store, "SELECT count(*) FROM event") == [(8_000,)]
    assert ask(store, "SELECT count(*), min(n) FROM template") == [(2_000, 2)]
    assert (await store.reader.transfers(None, None, None, by=()))[0]["count"] == len(tallies)
    await prune(store, NOW)  # nothing is left to do
    await store.commit([Batch("attic", tallies=tallies[:1])])
    await store.close()
    assert store.file.stat().st_size < before * 0.7


async def test_hourly_aggregation_creates_stats(tmp_path: Path) -> None:
    minutes = [NOW - 3_600 + 60 * n for n in range(120)]
    for part in (minutes[:45], minutes[45:70], minutes[70:]):  # restarts within the hour, and a commit over its change
        store = Store(tmp_path, now=lambda: NOW)
        await store.open()
        for at in part:
            await store.commit([Batch("attic", tallies=[Tally(at, US1, "GET", "ok", 1, at % 977)])])
        await store.close()
    summed = "SELECT series, t - t % 3600, sum(n), sum(sum) FROM sample_minute GROUP BY 1, 2"
    assert ask(store, summed) == ask(store, "SELECT series, t, n, sum FROM sample_hour")
    assert ask(store, "SELECT t, n FROM sample_hour") == [(NOW - 3_600, 60), (NOW, 60)]
    assert ask(store, "SELECT t, n FROM sample_day") == [(NOW - DAY, 60), (NOW, 60)]


HOURS = """
    SELECT node.name, metric, satellite_id, t, n, sum, sample_hour.min, sample_hour.max FROM sample_hour
    JOIN series ON series.id = sample_hour.series JOIN node ON node.id = series.node
    JOIN satellite ON satellite.id = series.satellite ORDER BY 1, 2, 3, 4
"""


async def test_backfill_hourly_stats(tmp_path: Path) -> None:
    """Three old files of each of two nodes fill six hours of the past, in whatever order they come, and only once."""
    logs = {}
    for node, satellite in (("attic", rig.US1), ("cellar", rig.EU1)):
        for part in range(3):
            file = tmp_path / f"{node}-{part}.log"
            seconds = range(part * 7200, part * 7200 + 7200, 90)
            file.write_bytes(b"".join(rig.line(at, satellite=satellite, number=at // 90) for at in seconds))
            logs[node, part] = str(file)
    found = []
    for name, order in (
        ("one", list(logs)),
        ("two", list(logs)[::-1]),
        ("three", sorted(logs, key=lambda key: key[1])),
    ):
        store, now = Store(tmp_path / name, now=lambda: NOW), rig.Clock(rig.NOON + DAY)
        for again in range(2):
            for node, part in order:
                done = await import_files(tmp_path / name, node, [logs[node, part]], now=now, progress=lambda _: None)
                assert (done.lines, done.skipped) == ((0, 80) if again else (80, 0))
            found.append(ask(store, HOURS))
    assert all(each == found[0] for each in found)
    counts = {(row[0], row[3]): row[4] for row in found[0] if row[1] == "transfer:PUT:ok"}
    hours = [int(rig.NOON) + 3600 * n for n in range(6)]
    assert counts == {(node, hour): 40 for node in ("attic", "cellar") for hour in hours}


async def test_database_connection_pool(store: Store, tmp_path: Path) -> None:
    """One writer and readers side by side: nobody waits for a lock, nobody sees half a commit."""

    async def read() -> None:
        async with Reader.open(tmp_path) as reader:
            last = 0
            for _ in range(20):
                rows = await reader.transfers("attic", None, None, by=("action",))
                counts = {row["count"] for row in rows}
                assert len(counts) <= 1
                assert max(counts, default=0) >= last
                last = max(counts, default=0)

    async def write() -> None:
        for _ in range(40):
            await store.commit([Batch("attic", tallies=[Tally(NOW, US1, a, "ok", 1, 1) for a in ("GET", "PUT")])])

    await asyncio.gather(write(), *(read() for _ in range(5)))
    assert (await store.reader.transfers("attic", None, None, by=()))[0]["count"] == 80


async def everything_else(store: Store, node: str) -> None:
    """What hangs on a node beside the facts of a batch: by its row or by its name."""
    batch = Batch(
        node,
        runs=[Run("gc", NOW, US1)],
        tops=[Top("pieces", NOW, "a piece", 1)],
        spreads=[Spread("duration:GET", NOW, {1: 1}, US1)],
    )
    episode = alerts.Episode(f"disk_full:{node}", node, "disk_full", "warning", NOW, None, "{}")
    await store.commit([batch], also=partial(alerts.save, changes=alerts.Changes([episode], {node: "{}"})))
    await alerts.silence(store, (node, None, None), NOW, NOW + DAY)
    await alerts.set_values(store, {(node, "disk_full.warning"): 90, ("", "disk_full.warning"): 91}, NOW)
    await insights.save(store, [Insight("errors", node, "", 9, 1, 0, 2, NOW, "many errors")])
    await store.commit_past(Batch(node), b"mark")
    await note(store, node, [Start("/log.1", 1, b"head")])
    await store.keep(db.MAINTENANCE, {node: "{}"})


async def test_foreign_keys_delete_node(store: Store) -> None:
    await store.commit([everything("cellar")])
    await everything_else(store, "cellar")
    without = contents(store.file)
    await store.commit([everything("attic")])
    await everything_else(store, "attic")
    both = contents(store.file)
    assert {table for table in TABLES if len(both[table]) > len(without[table])} == TABLES - {
        "satellite", "outbox", "delivery"
    }, "each table that a node has rows in"  # fmt: skip
    await store.delete_node("attic")
    assert contents(store.file) == without
    assert ask(store, "PRAGMA foreign_key_check") == []
    await store.commit([everything("attic")])  # it may come back
    assert [row["count"] for row in await store.reader.transfers("attic", None, None)] == [2]


SCHEMAS = Path(__file__).parents[1] / "fixtures/schema"
"""A dump of each earlier schema, with data that its own version of the agent had written from real logs."""
DUMPS = sorted(path.stem for path in SCHEMAS.glob("v*.sql"))


def load_dump(folder: Path, name: str) -> Path:
    """A database as the agent of that schema left it."""
    file = folder / "storj-monitor.db"
    with closing(sqlite3.connect(file)) as raw:
        raw.executescript((SCHEMAS / f"{name}.sql").read_text("utf-8"))
    return file


def contents(file: Path, columns: dict[str, list[str]] | None = None) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, or of the columns that an earlier schema had."""
    with closing(sqlite3.connect(file)) as raw:
        columns = columns or columns_of(file)
        return {
            table: sorted(raw.execute(f"SELECT {', '.join(map(_quoted, names))} FROM {table}").fetchall(), key=repr)
            for table, names in columns.items()
        }


def columns_of(file: Path) -> dict[str, list[str]]:
    query = """SELECT t.name, c.name FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c
        WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite%'"""
    found: dict[str, list[str]] = {}
    with closing(sqlite3.connect(file)) as raw:
        for table, column in raw.execute(query):
            found.setdefault(table, []).append(column)
    return found


def _quoted(name: str) -> str:
    return f'"{name}"'


def schema_of(file: Path) -> set[tuple[str, str]]:
    """Name and statement of each table and index, written alike."""
    with closing(sqlite3.connect(file)) as raw:
        rows = raw.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'")
        return {(name, " ".join(sql.split())) for name, sql in rows}


@pytest.mark.parametrize("name", DUMPS)
async def test_database_migration_adds_missing_columns(tmp_path: Path, store: Store, name: str) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    file = load_dump(folder, name)
    missing = {(table, each) for table, columns in columns_of(store.file).items() for each in columns} - {
        (table, each) for table, columns in columns_of(file).items() for each in columns
    }
    assert missing  # else there would be nothing to migrate
    old = Store(folder, now=lambda: NOW)
    await old.open()
    assert old.recovered is None
    assert columns_of(file) == columns_of(store.file)
    assert schema_of(file) == schema_of(store.file)
    await old.commit([everything("attic")])
    await old.close()


@pytest.mark.parametrize("name", DUMPS)
async def test_data_integrity_after_schema_upgrade(tmp_path: Path, name: str) -> None:
    file = load_dump(tmp_path, name)
    columns = columns_of(file)
    before = contents(file)
    assert sum(map(len, before.values())) > 100
    for _ in range(2):  # the second time there is nothing to do
        upgraded = Store(tmp_path, now=lambda: NOW)
        await upgraded.open()
        assert contents(file, columns) == before
        assert ask(upgraded, "PRAGMA foreign_key_check") == []
        assert ask(upgraded, "PRAGMA integrity_check") == [("ok",)]
        rows = await upgraded.reader.transfers("attic", None, None)
        assert sum(row["count"] for row in rows) == stored_transfers(file)
        await upgraded.close()
    copy = file.with_name(f"{file.name}.{name}")
    assert contents(copy) == before
    with closing(sqlite3.connect(copy)) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (int(name.removeprefix("v")),)


def stored_transfers(file: Path) -> int:
    query = """SELECT sum(n) FROM sample_day JOIN series ON series.id = series JOIN node ON node.id = node
        WHERE node.name = 'attic' AND metric LIKE 'transfer:%'"""
    with closing(sqlite3.connect(file)) as raw:
        return int(raw.execute(query).fetchone()[0])


def test_every_earlier_schema_has_a_dump() -> None:
    released = [step.version for step in migrate.load()][:-1]
    assert [f"v{version}" for version in released if version not in UNRELEASED] == DUMPS


UNRELEASED = {2}
"""Schemas that no released agent ever wrote."""


async def test_a_newer_file_is_refused_with_a_sentence_and_left_untouched(store: Store, tmp_path: Path) -> None:
    await store.commit([everything("attic")])
    await store.write(lambda raw: raw.execute("PRAGMA user_version = 999"))
    await store.close()
    before = store.file.read_bytes()
    with pytest.raises(MonitorError, match="newer storj-monitor"):
        await store.open()
    with pytest.raises(MonitorError, match="install the newer version"):
        async with Reader.open(tmp_path):
            pass
    assert store.file.read_bytes() == before


async def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "storj-monitor.db"
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("CREATE TABLE bandwidth (a)")
    before = file.read_bytes()
    with pytest.raises(MonitorError, match="another program"):
        await Store(tmp_path, now=lambda: NOW).open()
    assert file.read_bytes() == before


async def test_a_migration_that_fails_changes_nothing_and_leaves_a_copy(store: Store) -> None:
    await store.commit([everything("attic")])
    steps = migrate.load()
    newest = steps[-1].version
    bad = Migration(
        newest + 1, f"BEGIN; DELETE FROM node; PRAGMA user_version = {newest + 1}; SELECT nonsense; COMMIT;"
    )
    good = Migration(newest + 1, f"BEGIN; CREATE TABLE added (a) STRICT; PRAGMA user_version = {newest + 1}; COMMIT;")
    good = Migration(good.version, good.script.replace("(a)", "(a INTEGER)"))

    await store.close()
    raw = await aiosqlite.connect(store.file, isolation_level=None)
    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError):
            await migrate.migrate(raw, store.file, [*steps, bad])
        assert await migrate.version_of(raw) == newest
        assert ask(store, "SELECT count(*) FROM node") == [(1,)]
    for _ in range(2):
        await migrate.migrate(raw, store.file, [*steps, good])
        assert await migrate.version_of(raw) == newest + 1
    await raw.close()
    with closing(sqlite3.connect(store.file.with_name(f"{store.file.name}.v{newest}"))) as copy:
        assert copy.execute("SELECT name FROM node").fetchall() == [("attic",)]
        assert copy.execute("PRAGMA user_version").fetchone() == (newest,)
