"""Life, tasks and counts over logs of real nodes (counted by hand with grep) and over stories made of their lines."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storj_monitor.core import chore_runs, hints, messages
from storj_monitor.core.chore_runs import time_left
from storj_monitor.core.facts import Batch, LogReading, Run
from storj_monitor.core.logreader import LogReader
from storj_monitor.core.satellites import SATELLITES, folder_of
from storj_monitor.core.window import Window

LOGS = Path(__file__).parents[1] / "fixtures/real/logs"
NOON = 1_795_435_200
NODE = "1TVZPLS3jSWk4GdgGAkRTeyB5e7dymBZBBwRgR3owmemhqCabt"
US1, EU1 = SATELLITES[0].id, SATELLITES[1].id


@cache
def log(name: str) -> bytes:
    return gzip.decompress((LOGS / f"{name}.log.gz").read_bytes())


def entry(second: float, message: str, level: str = "INFO", process: str = "storagenode", **fields: Any) -> str:
    minute, left = divmod(int(second), 60)
    stamp = f"2026-11-23T{12 + minute // 60:02d}:{minute % 60:02d}:{left:02d}Z"
    return f"{stamp}\t{level}\t{message}\t{json.dumps({'process': process} | fields)}"


def boot(second: float) -> str:
    return entry(second, "Configuration loaded", location="/app/config/config.yaml")


def started(second: float) -> str:
    return entry(second, f"Node {NODE} started")


def stop(second: float, word: str = "terminated") -> str:
    return entry(second, f'Got a signal from the OS: "{word}"')


def fatal(second: float, error: str) -> str:
    return entry(second, "failure during run", "ERROR", error=error)


def read(*lines: str) -> Batch:
    reader = LogReader("n")
    reader.feed("".join(f"{line}\n" for line in lines).encode(), NOON)
    return reader.take()


def life(batch: Batch) -> list[tuple[str, int]]:
    return [(notice.kind, notice.at - NOON) for notice in batch.notices if notice.kind != "log"]


def reading(batch: Batch) -> LogReading:
    body = batch.readings[0].body  # type: ignore[union-attr]
    assert isinstance(body, LogReading)
    return body


def counted(batch: Batch) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for sample in batch.samples:
        if sample.metric.startswith("scores:"):  # as many as `total_audits`
            continue
        sums[sample.metric] += sample.n
    return dict(sums)


def ended(batch: Batch) -> dict[tuple[str, bool | None], int]:
    return dict(Counter((run.kind, run.ok) for run in batch.runs))


# ---- real logs ----

BY_HAND: dict[str, tuple[list[str], dict[tuple[str, bool | None], int], dict[str, int]]] = {
    "1.162.3-busy-info-json": (
        ["started", "stopped"],
        {("compaction", True): 44, ("trash", True): 4, ("trash_walk", True): 4, ("migration", None): 2},
        {"contact_failed": 6, "contact_lost": 1, "stats_failed": 4, "total_audits": 11, "expired": 4, "node_starts": 1},
    ),
    "1.162.3-busy-debug-console": (
        ["started", "migrated", "migrated", "stopped"],
        {
            ("compaction", True): 36,
            ("trash", True): 2,
            ("trash_walk", True): 2,
            ("used_space", True): 2,
            ("migration", True): 2,
        },
        {"contact_ok": 16, "disk_check": 4, "total_audits": 10, "expired": 3},
    ),
    "1.137.5-trouble-info-console": (
        ["started", "stopped"],
        {("trash", True): 4, ("trash_walk", True): 4, ("used_space", True): 2, ("migration", None): 2},
        {
            "db_locked": 3,
            "contact_failed": 6,
            "quic_failed": 9,
            "total_audits": 11,
            "stats_failed": 4,
            "cache_failed": 1,
        },
    ),
    "1.115.6-trouble-info-console": (
        ["started", "crashed"],
        {("trash", True): 2, ("trash_walk", True): 2, ("used_space", False): 2},
        {"node_crashes": 1, "filewalker_failed": 4, "quic_failed": 4, "total_audits": 4, "expired": 2},
    ),
    "1.98.3-busy-info-console": (
        ["started", "stopped"],
        {("trash", None): 2, ("gc", True): 1, ("gc_walk", True): 1},
        {"stats_failed": 5, "quic_failed": 18, "total_audits": 26},
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_real_logs_tell_what_was_counted_by_hand(name: str) -> None:
    reader = LogReader("n")
    reader.feed(log(name), NOON)
    batch = reader.take()
    kinds, runs, counts = BY_HAND[name]
    assert [kind for kind, _ in life(batch)] == kinds
    assert ended(batch) == runs
    found = counted(batch)
    assert {metric: found.get(metric) for metric in counts} == counts
    assert not [top for top in batch.tops if top.kind == "unknown"]


def test_a_real_collection_of_garbage_with_its_figures() -> None:
    reader = LogReader("n")
    reader.feed(log("1.162.3-busy-info-console"), NOON)
    runs = {run.kind: run for run in reader.take().runs if run.kind in {"gc", "bloom_filter"}}
    assert runs["bloom_filter"].stats == {"created_before": 1795419510}
    gc = runs["gc"]
    assert (gc.started, gc.ended, gc.ok) == (1795419557, 1795419558, True)
    assert gc.satellite == "162LhjMGUL6MbdjVNFjWFsKVKM151Mv3k1HM4ACKWtH3MKJDf1"
    assert gc.stats == {
        "created_before": 1795419505,
        "filter_size": 470,
        "pieces_count": 2077,
        "total_pieces_to_trash": 798,
        "trashed_pieces": 798,
        "pieces_skipped": 0,
        "deleted_pieces": 798,
        "failed_to_delete": 0,
        "pieces_failed_to_read": 0,
        "seconds": 1.413719,
    }


def test_a_real_compaction_with_its_figures() -> None:
    reader = LogReader("n")
    reader.feed(log("1.162.3-rejected-info-console"), NOON)
    run = next(run for run in reader.take().runs if run.stats.get("rewritten_records"))
    wanted = {
        "before_len_logs": 256 << 20,
        "candidates": 1,
        "rewrite": 1,
        "rounds": 1,
        "rewritten_records": 1925,
        "rewritten_bytes": 134008013,  # 127.8 MiB
        "reclaimed_logs": 1,
        "reclaimed_bytes": 20582,
        "reclaim_ratio": 0.000153,
        "total_records": 2120,
        "len_logs": 256 << 20,
        "table_num_set": 2120,
        "table_load": 0.129395,
        "ttl_percent": 0.054377,
        "seconds": 0.094008,
    }
    assert (run.kind, run.subject, run.ok) == ("compaction", "s1", True)
    assert {name: run.stats[name] for name in wanted} == wanted
    assert run.stats["rewritten_bytes"] == round(127.8 * (1 << 20))


def test_the_updater_is_not_the_node() -> None:
    reader = LogReader("n")
    reader.feed(log("1.162.3-updater-info-console"), NOON)
    batch = reader.take()
    assert life(batch) == []
    assert reading(batch).version == "1.145.3", "it tells the version of the node's program all the same"
    assert counted(batch)["update_failed"] == 1


def test_the_pretty_encoding_is_recognised() -> None:
    reader = LogReader("n")
    reader.feed(log("1.162.3-busy-info-pretty"), NOON)
    assert reader.chores.pretty
    assert not hints.is_pretty(b"2026-11-23T07:50:41Z\t\x1b[34mINFO\x1b[0m\tConfiguration loaded")


# ---- split anywhere ----


def split(data: bytes, cuts: list[int]) -> list[Batch]:
    """The batches of a log that is read in parts, each by a new reader that gets carry and reading of the last."""
    lines = data.splitlines(keepends=True)
    edges = sorted({0, len(lines), *(cut % (len(lines) + 1) for cut in cuts)})
    batches, carry, latest = list[Batch](), b"", LogReading()
    for low, high in pairwise(edges):
        reader = LogReader("n")
        reader.restore(carry or None, latest)
        reader.feed(b"".join(lines[low:high]), NOON)
        batches.append(reader.take())
        carry, latest = batches[-1].carry or carry, reading(batches[-1])
    return batches


def facts(batches: list[Batch]) -> dict[str, Any]:
    """All that came of the batches, added up as the store does it."""
    runs: dict[tuple[str, str, str, int], Run] = {}
    sums: dict[tuple[str, str, int], list[float]] = {}
    gauges: dict[tuple[str, str, int], tuple[int, float]] = {}
    for batch in batches:
        runs |= {(run.kind, run.satellite, run.subject, run.started): run for run in batch.runs}
        for sample in batch.samples:
            key = (sample.metric, sample.satellite, sample.at - sample.at % 60)
            cell = sums.setdefault(key, [0, 0])
            cell[0], cell[1] = cell[0] + sample.n, round(cell[1] + sample.sum, 6)
            if sample.last is not None:
                gauges[key] = max(gauges.get(key, (0, 0.0)), (sample.at, sample.last))
    told = [notice for batch in batches for notice in batch.notices if notice.kind != "log"]
    return {"runs": runs, "sums": sums, "gauges": gauges, "told": told, "last": reading(batches[-1])}


REPLY = "system clock is out of sync: system clock is out of sync with all trusted satellites"
STORY = "\n".join([
    boot(0), started(1),
    entry(2, "pieces:trash\temptying trash started", satellite_id=US1),
    entry(3, "orders\tsending", satellite_id=US1, count=40),
    entry(3, "orders\tfinished", satellite_id=US1),
    entry(9, "orders\tfinished", satellite_id=EU1, count=7),
    entry(9, "orders\tfailed to settle orders for satellite", "ERROR", satellite_id=EU1, error="rpc: context deadline"),
    entry(20, "hashstore\tbeginning compaction", satellite=US1, store="s0", stats={"LenLogs": "1.0 GiB"}),
    entry(30, "hashstore\thashtbl rewritten", satellite=US1, store="s0", reclaimed_bytes="1.0 MiB", duration="1s"),
    entry(31, "hashstore\thashtbl rewritten", satellite=US1, store="s0", reclaimed_bytes="2.0 MiB", duration="2s"),
    entry(40, "hashstore\tbeginning compaction", satellite=EU1, store="s1", stats={"LenLogs": "9.0 GiB"}),
    entry(41, "hashstore\tfinished compaction", satellite=US1, store="s0", duration="21s", stats={"LenLogs": "2 B"}),
    boot(100), entry(100, "pieces:trash\temptying trash started", satellite_id=US1), started(101),
    entry(130, "pieces:trash\temptying trash finished", satellite_id=US1, elapsed="30s"),
    entry(140, "reputation:service\tnode scores updated", satellite_id=US1, total_audits=7, successful_audits=7),
    stop(200), boot(210), fatal(211, REPLY), "Error: " + REPLY,
    boot(270), started(271), stop(300), boot(310), started(311),
    entry(400, "unheard of", "ERROR", satellite_id=US1, error="disk I/O error"),
])  # fmt: skip


@pytest.mark.parametrize("cut", range(STORY.count("\n") + 1))
def test_a_story_cut_after_any_line_is_the_same_story(cut: int) -> None:
    data = f"{STORY}\n".encode()
    assert facts(split(data, [cut])) == facts(split(data, []))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 20_000), max_size=12), st.sampled_from(sorted(BY_HAND)))
def test_a_real_log_cut_anywhere_is_the_same_log(cuts: list[int], name: str) -> None:
    whole = _whole(name)
    assert facts(split(log(name), cuts)) == whole


@cache
def _whole(name: str) -> dict[str, Any]:
    return facts(split(log(name), []))


def test_what_the_story_tells() -> None:
    batch = read(*STORY.split("\n"))
    assert life(batch) == [
        ("started", 1),
        ("crashed", 100),
        ("started", 101),
        ("stopped", 200),
        ("refused", 211),
        ("started", 271),
        ("restart_loop", 271),
        ("stopped", 300),
        ("started", 311),
    ]
    last = reading(batch)
    assert (last.started, last.stopped, last.crashed, last.refused) == tuple(NOON + at for at in (311, 300, 100, 211))
    assert last.reason == "satellites"
    runs = {(run.kind, run.satellite, run.started - NOON): run for run in batch.runs}
    done = runs["compaction", US1, 20]
    assert (done.ended, done.ok) == (NOON + 41, True)
    assert done.stats == {
        "before_len_logs": 1 << 30,
        "reclaimed_bytes": 3 << 20,
        "rewrite_seconds": 3,
        "seconds": 21,
        "len_logs": 2,
    }
    cut = runs["compaction", EU1, 40]
    assert (cut.ended, cut.ok, cut.stats.get("interrupted")) == (NOON + 101, None, True)
    lost, kept = runs["trash", US1, 2], runs["trash", US1, 100]
    assert (lost.ended, lost.ok, kept.ended, kept.ok) == (NOON + 100, None, NOON + 130, True)
    samples = {(each.metric, each.satellite): (each.n, each.sum) for each in batch.samples}
    assert samples["orders_sent", US1] == (1, 40)
    assert samples["orders_failed", EU1] == (1, 7)
    assert ("orders_sent", EU1) not in samples
    assert samples["disk_errors", US1] == (1, 1)
    unknown = [(top.item, top.n) for top in batch.tops if top.kind == "unknown"]
    assert unknown == [("ERROR : unheard of", 1)]


# ---- life ----

VERIFICATION = (
    "piecestore monitor: error verifying location and/or readability of storage directory: "
    "open /app/config/storage/storage-dir-verification: no such file or directory"
)
MALFORMED = "Error migrating tables for database on storagenode: migrate: v57: database disk image is malformed"
UPDATER = "storagenode-updater"

STORIES: dict[str, tuple[list[str], list[str]]] = {
    "the first start is no crash": ([boot(0), started(1)], ["started"]),
    "killed": ([started(1), boot(90), started(91)], ["started", "crashed", "started"]),
    "killed while it had lost its folder": (
        [started(1), boot(90), fatal(91, VERIFICATION), f"Error: {VERIFICATION}"],
        ["started", "crashed", "refused"],
    ),
    "dies of a runner": (
        [
            started(1),
            entry(9, "services\tunexpected shutdown of a runner", "ERROR", name="retain", error=VERIFICATION),
            entry(9, "contact:service\tping satellite failed ", "ERROR", satellite_id=US1, error="context canceled"),
            fatal(10, VERIFICATION),
            f"Error: {VERIFICATION}",
        ],
        ["started", "crashed"],
    ),
    "a stop with last words is a stop": (
        [started(1), stop(50), stop(51, "interrupt"), fatal(80, "context canceled"), boot(90), started(91)],
        ["started", "stopped", "started"],
    ),
    "a panic": (
        [started(1), "panic: runtime error: invalid memory address", "goroutine 1 [running]:", boot(60), started(61)],
        ["started", "crashed", "started"],
    ),
    "only a bare error, as up to 1.96": (
        [started(1), f"Error: {VERIFICATION}", boot(60), started(61)],
        ["started", "crashed", "started"],
    ),
    "a bare error of another program": ([started(1), "Error: updater: no such host", stop(60)], ["started", "stopped"]),
    "a command writes into the node's log": (
        [started(1), boot(20), boot(40), entry(41, "Identity loaded."), stop(60)],
        ["started", "stopped"],
    ),
    "starts hidden by the level, the reason told": ([fatal(1, MALFORMED), f"Error: {MALFORMED}"], ["refused"]),
    "refused all night": (
        [line for at in range(0, 7200, 60) for line in (boot(at), fatal(at + 1, MALFORMED))],
        ["refused", "refused"],
    ),
    "killed while starting": ([started(1), stop(5), boot(9), boot(20), boot(30), started(31)],
                              ["started", "stopped", "crashed", "crashed", "restart_loop", "started"]),
    "the updater lives beside it": (
        [
            started(1),
            entry(2, "Configuration loaded", process=UPDATER),
            entry(3, "Current binary version", process=UPDATER, service="storagenode", version="v1.161.2"),
            entry(4, "Current binary version", process=UPDATER, service=UPDATER, version="v1.150.1"),
            entry(5, 'Got a signal from the OS: "terminated"', process=UPDATER),
            entry(6, "Unrecoverable error", "FATAL", UPDATER, error="no such host"),
            "2026-01-20 10:11:12,345 WARN exited: storagenode (exit status 1; not expected)",
            stop(30, "interrupt"),
            boot(40),
            started(41),
            entry(900, "Current binary version", process=UPDATER, service="storagenode", version="v1.162.3"),
        ],
        ["started", "stopped", "started", "updated"],
    ),
    "five starts within an hour": (
        [line for at in (0, 700, 1400, 2100, 2800, 2900) for line in (started(at), stop(at + 90))],
        [*["started", "stopped"] * 4, "started", "restart_loop", "stopped", "started", "stopped"],
    ),
    "the databases get a new layout": (
        [entry(at, "db.migration\tDatabase Version", version=layout) for at, layout in ((0, 57), (60, 57), (90, 62))],
        ["migrated"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_life(name: str) -> None:
    lines, kinds = STORIES[name]
    assert [kind for kind, _ in life(read(*lines))] == kinds


@pytest.mark.parametrize(
    ("error", "reason", "words"),
    [
        (VERIFICATION, "storage_gone", "verification file"),
        (REPLY, "satellites", "fault of the network"),
        (MALFORMED, "database_damaged", "database of the node is damaged"),
        ("listen tcp :28967: bind: address already in use", "port_in_use", "another program has the port"),
        ("Failed to load identity: file or directory not found: identity.cert", "missing_file", "file that it needs"),
        ("piecestore monitor: disk space requirement not met", "too_small", "less space"),
        ("node ID in file (A) does not match running node's ID (B)", "wrong_identity", "belongs to another node"),
        ("Invalid configuration: contact.external-address", "config", "settings are wrong"),
    ],
)
def test_a_refusal_says_why(error: str, reason: str, words: str) -> None:
    batch = read(boot(0), fatal(1, error))
    notice = next(each for each in batch.notices if each.kind == "refused")
    assert words in notice.text
    assert notice.severity == "critical"
    assert reading(batch).reason == reason
    assert counted(batch)["node_refusals"] == 1


def test_refusals_are_counted_though_not_all_are_told() -> None:
    assert counted(read(*STORIES["refused all night"][0]))["node_refusals"] == 120


def test_old_lines_add_to_what_newer_ones_said() -> None:
    new = LogReading(900, "A", 800, "1.162.3", stopped=700)
    old = LogReading(400, "", 300, "1.98.3", crashed=200, reason="panic")
    assert new.with_older(old) == LogReading(900, "A", 800, "1.162.3", 700, 200, 0, "panic")
    assert LogReading().with_older(old) == old


# ---- tasks ----


def test_compactions_that_fail_and_that_a_stop_cuts_short() -> None:
    fields = {"satellite": US1, "store": "s0"}
    full = "not enough free space on logs disk to compact"
    batch = read(
        entry(0, "hashstore\tbeginning compaction", **fields, stats={}),
        entry(60, "hashstore\tfinished compaction", **fields, duration="60s", error=full, stats={}),
        entry(60, "hashstore\tcompaction failed", "ERROR", **fields, error=full),
        entry(100, "hashstore\tbeginning compaction", **fields, stats={}),
        entry(110, "hashstore\tfinished compaction", **fields, duration="10s", error="context canceled", stats={}),
        entry(110, "hashstore\tcompaction failed", "ERROR", **fields, error="context canceled"),
    )
    first, second = batch.runs
    assert (first.ok, first.stats["error"], first.ended) == (False, "disk_full", NOON + 60)
    assert (second.ok, second.stats["interrupted"], second.ended) == (None, True, NOON + 110)
    assert counted(batch)["compaction_failed"] == 1


def test_the_migration_tells_its_rate() -> None:
    batch = read(
        entry(0, "piecemigrate:chore\tenqueued for migration", sat=US1),
        entry(1, "piecemigrate:chore\tprocessed a bunch of pieces", successes=10_000, size=2_000_000_000),
        entry(5, "piecemigrate:chore\tcouldn't migrate", sat=US1, id="A", error="pieces error: input/output error"),
        entry(6, "piecemigrate:chore\tcouldn't migrate", sat=US1, id="B", error="file does not exist"),
        entry(9, "piecemigrate:chore\tcleanup removed empty prefix directories", sat=US1, removed=24, remaining=1000),
        entry(101, "piecemigrate:chore\tprocessed a bunch of pieces", successes=20_000, size=5_000_000_000),
        entry(300, "piecemigrate:chore\tremoved empty satellite directory", dir=f"/blobs/{folder_of(US1)}"),
        entry(600, "piecemigrate:chore\tenqueued for migration", sat=US1),
    )
    own, whole = (next(run for run in batch.runs if run.satellite == each) for each in (US1, ""))
    assert (own.started, own.ended, own.ok) == (NOON, NOON + 300, True)
    assert own.stats == {"failed": 1, "removed": 24, "remaining": 1000}
    assert len(batch.runs) == 2, "a satellite that is through does not begin again"
    assert whole.stats == {
        "pieces": 20_000, "bytes": 5_000_000_000, "at": NOON + 101, "pieces_rate": 100.0, "bytes_rate": 3e7,
    }  # fmt: skip
    assert time_left(whole.stats, bytes_left=600_000_000) == 20
    assert time_left(whole.stats, bytes_left=None) is None
    assert time_left({}, bytes_left=1) is None
    assert [(each.kind, each.satellite) for each in batch.notices] == [("migrated", US1)]


def test_a_run_that_ends_where_the_log_begins_knows_its_start() -> None:
    (run,) = read(entry(100, "retain\tMoved pieces to trash during retain", satellite_id=US1, duration="1m30s")).runs
    assert (run.started, run.ended, run.ok) == (NOON + 10, NOON + 100, True)


@pytest.mark.parametrize(
    ("index", "folder"),
    [
        (0, "ukfu6bhbboxilvt7jrwlqk7y2tapb5d2r2tsmj2sjxvw5qaaaaaa"),
        (1, "v4weeab67sbgvnbwd5z7tweqsqqun7qox2agpbxy44mqqaaaaaaa"),
    ],
)
def test_the_folder_of_a_satellite(index: int, folder: str) -> None:
    assert folder_of(SATELLITES[index].id) == folder


@pytest.mark.parametrize("name", ["", "0OIl", "z" * 60, "satellite"])
def test_what_is_no_id_has_a_folder_that_nobody_has(name: str) -> None:
    assert len(folder_of(name)) in {0, 52}


# ---- hostile lines ----

names = st.sampled_from(sorted({*chore_runs.STEPS, *(row.match for row in messages.ROWS if "%" not in row.match)}))
keys = st.sampled_from(
    ["error", "satellite_id", "satellite", "sat", "store", "stats", "duration", "elapsed", "count", "successes", "size",
     "dir", "version", "service", "process", "total_audits", "invalid_count", "reclaimed_bytes", "remaining", "active"]
)  # fmt: skip
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(["1h", "9.9 EiB"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
lines = st.lists(
    st.tuples(st.integers(0, 7000), names, st.sampled_from(["INFO", "ERROR", "FATAL"]), st.dictionaries(keys, junk)),
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(lines, st.integers(0, 30))
def test_no_line_breaks_it_and_no_cut_changes_it(rows: list[tuple[int, str, str, dict[str, Any]]], cut: int) -> None:
    text = [
        entry(at, message, level, **{key: value for key, value in fields.items() if key != "process"})
        for at, message, level, fields in sorted(rows, key=lambda row: row[0])
    ]
    data = "".join(f"{line}\n" for line in text).encode("utf-8", "replace")
    if data:
        assert facts(split(data, [cut])) == facts(split(data, []))


# ---- hints ----


def window(lines: int, transfers: int) -> Window:
    counts = Window()
    counts.advance(NOON)
    counts.add(("log_lines", ""), NOON - 600, lines)
    counts.add(("transfer:GET:ok", US1), NOON - 600, transfers)
    return counts


@pytest.mark.parametrize(
    ("lines", "transfers", "moved", "told"),
    [
        (40, 0, 1 << 30, True),
        (40, 1, 1 << 30, False),
        (40, 0, None, False),
        (40, 0, 100, False),
        (0, 0, 1 << 30, False),
    ],
)
def test_no_traffic_lines_is_not_no_traffic(lines: int, transfers: int, moved: int | None, told: bool) -> None:
    hint = hints.traffic_hint(window(lines, transfers), moved)
    assert (hint is not None) == told
    assert hint is None or ("log.level" in hint and "log.custom-level" in hint and len(hint) <= 300)


def test_traffic_before_the_hours_does_not_count() -> None:
    counts = window(40, 0)
    counts.add(("transfer:GET:ok", US1), NOON - 4 * 3600, 99)
    assert hints.traffic_hint(counts, 1 << 30) is not None
