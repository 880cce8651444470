"""Runs as rows: one each, whatever is written of it and in whichever order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from storj_monitor.core.facts import Batch, Run
from storj_monitor.core.lastruns import LastRuns
from storj_monitor.store import Store, prune, runs

DAY = 86_400
NOW = 1_795_435_200
US1, EU1 = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S", "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(tmp_path, now=lambda: NOW)
    await store.open()
    yield store
    await store.close()


async def keep(store: Store, *found: Run, node: str = "attic") -> None:
    await store.commit([Batch(node, runs=list(found))])


def gc(at: int, end: int | None = None, *, ok: bool | None = None, satellite: str = US1, **stats: float) -> Run:
    return Run("gc", NOW + at, satellite, "", None if end is None else NOW + end, ok, dict(stats))


async def test_a_run_is_one_row_from_its_start_to_its_end(store: Store) -> None:
    await keep(store, gc(0))
    await keep(store, gc(0, pieces_count=7))
    assert await runs.runs(store.reader, "attic") == [gc(0, pieces_count=7)]
    await keep(store, gc(0, 60, ok=True, pieces_count=9))
    await keep(store, gc(0, pieces_count=7))
    assert await runs.runs(store.reader, "attic") == [gc(0, 60, ok=True, pieces_count=9)]


async def test_what_is_asked_for(store: Store) -> None:
    first, second, third = gc(0, 60, ok=True), gc(100, satellite=EU1), gc(200, 300, ok=False)
    await keep(store, first, second, third, Run("trash", NOW + 50, US1, ended=NOW + 55, ok=True))
    await keep(store, gc(1), node="cellar")
    reader = store.reader
    assert await runs.runs(reader, "attic", "gc") == [third, second, first]
    assert await runs.runs(reader, "attic", satellite=EU1) == [second]
    assert await runs.runs(reader, "attic", "gc", start=NOW + 61, end=NOW + 200) == [second], "it is under way"
    assert await runs.runs(reader, "attic", limit=1) == [third]
    assert await runs.runs(reader, "nobody") == []
    last = LastRuns()
    last.add(await runs.latest(reader, "attic"))
    assert last.latest["gc", US1, ""] == third
    assert last.done["gc", US1, ""] == first
    assert last.collected_at(US1) == NOW + 60
    assert last.collected_at(EU1) is None
    assert last.filter_at() == NOW + 200
    assert last.under_way() == [second]


@pytest.mark.parametrize("newer_first", [False, True])
async def test_a_run_whose_end_no_log_has_is_over_when_the_next_begins(store: Store, newer_first: bool) -> None:
    found = [gc(0, pieces_count=7), gc(1000, 1060, ok=True), gc(2000)]
    for run in reversed(found) if newer_first else found:
        await keep(store, run)
    newest, _, oldest = await runs.runs(store.reader, "attic")
    assert newest.ended is None
    assert (oldest.ended, oldest.ok, oldest.stats) == (NOW + 1000, None, {"pieces_count": 7, "unfinished": True})
    await keep(store, gc(0, 90, ok=True))
    assert (await runs.runs(store.reader, "attic"))[-1] == gc(0, 90, ok=True), "its end was in a file read later"


async def test_pages_of_compactions(store: Store) -> None:
    found = [
        Run(
            "compaction",
            NOW + at,
            US1,
            f"s{at % 2}",
            NOW + at + 1,
            at % 5 != 0,
            {"seconds": at % 7, "reclaimed_bytes": at},
        )
        for at in range(120)
    ]
    await keep(store, *found, gc(0, 1, ok=True))
    total, page = await runs.compactions(store.reader, "attic", 3, 50, "oldest")
    assert (total, page) == (120, found[100:])
    for sort in runs.SORTS:
        total, page = await runs.compactions(store.reader, "attic", 1, 50, sort)
        assert (total, len(page)) == (120, 50)
    _, page = await runs.compactions(store.reader, "attic", 1, 50, "reclaimed")
    assert page[0] == found[119]
    _, page = await runs.compactions(store.reader, "attic", 1, 50, "longest")
    assert {run.stats["seconds"] for run in page[:17]} == {6}
    _, page = await runs.compactions(store.reader, "attic", 1, 24, "failed")
    assert [run.ok for run in page] == [False] * 24


def compaction(day: int, store: str = "s0", **stats: Any) -> Run:
    end = None if stats.pop("open", False) else NOW + day * DAY + 9
    ok = stats.pop("ok", None if end is None else True)
    return Run("compaction", NOW + day * DAY, US1, store, end, ok, stats)


async def test_compactions_are_added_up_by_range_and_day(store: Store) -> None:
    await keep(
        store,
        compaction(0, seconds=60, rewritten_bytes=360, reclaimed_bytes=900),
        compaction(0, "s1", seconds=30),
        compaction(1, seconds=20, rewritten_bytes=100, reclaimed_bytes=50),
        compaction(2, ok=False),
        compaction(3, seconds=7, rewritten_bytes=70, reclaimed_bytes=7),
    )
    whole = await runs.compacted(store.reader, "attic", NOW, NOW + 3 * DAY)
    assert whole == runs.Compacted(n=4, failed=1, seconds=119, rewritten=460, reclaimed=950, busy=80)
    days = await runs.compacted_by_day(store.reader, "attic", NOW, NOW + 2 * DAY)
    assert [(day, sums.n, sums.reclaimed) for day, sums in days] == [
        (NOW // DAY * DAY, 2, 900),
        (NOW // DAY * DAY + DAY, 1, 50),
    ]
    assert (await runs.compactions(store.reader, "attic", 1, 50, "newest", NOW + DAY, NOW + 3 * DAY))[0] == 2
    _, page = await runs.compactions(store.reader, "attic", 1, 2, "efficiency")
    assert [run.stats["rewritten_bytes"] for run in page] == [360, 100]
    _, page = await runs.compactions(store.reader, "attic", 1, 2, "throughput")
    assert [run.stats["rewritten_bytes"] for run in page] == [70, 360]
    assert await runs.compacted(store.reader, "nobody", None, None) == runs.Compacted(0, 0, 0, 0, 0, 0)


async def test_a_compaction_under_way_knows_what_is_usual_of_its_store(store: Store) -> None:
    await keep(store, compaction(-40, seconds=9000), compaction(-2, seconds=100), compaction(-1, seconds=200))
    await keep(store, compaction(-1, "s1", seconds=7), compaction(0, open=True, progress_records=5))
    ((run, usual),) = await runs.compacting(store.reader, "attic")
    assert (run.subject, run.stats, usual) == ("s0", {"progress_records": 5}, 150)


async def test_text_that_is_no_text_and_runs_past_their_time(store: Store) -> None:
    await keep(store, Run("gc", NOW, "\udcff", "\udcff" * 90), gc(-500 * DAY, 9 - 500 * DAY, ok=True))
    assert len(await runs.runs(store.reader, "attic")) == 2
    await prune(store, NOW)
    (run,) = await runs.runs(store.reader, "attic")
    assert run.satellite == "?"
    assert run.subject == "?" * 64
