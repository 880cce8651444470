"""Every range is answered as if each transfer were there, up to the whole hours and days of what was forgotten."""

from __future__ import annotations

import asyncio
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storj_monitor.core.facts import Batch, Notice, Sample, Tally
from storj_monitor.store import Column, Reader, Store, prune
from storj_monitor.store.bins import TIERS, fit_step, spans, tier_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DAY = 86_400
NOW = 1_795_392_000 + 5 * 3_600 + 17 * 60 + 30
US1 = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S"

whens = st.integers(0, 12 * DAY)


@given(whens, whens, st.integers(0, 11 * 24), st.integers(0, 9))
def test_spans_cover_a_range_once_and_no_more_than_they_must(a: int, b: int, hours: int, days: int) -> None:
    start, end = sorted((a, b))
    kept = {"minute": max(hours * 3_600, days * DAY), "hour": days * DAY}
    found = spans(start, end, kept)
    covered = sorted((part.start, part.end) for part in found)

    assert all(left[1] <= right[0] for left, right in pairwise(covered))
    for tier, low, high in found:
        assert low < high
        assert low % TIERS[tier] == high % TIERS[tier] == 0
        assert low >= kept.get(tier, 0)
    if start < end:
        assert sum(high - low for low, high in covered) == covered[-1][1] - covered[0][0]
        for at, edge in ((start, covered[0][0]), (end, covered[-1][1])):
            size = DAY if at < kept["hour"] else 3_600 if at < kept["minute"] else 60
            assert abs(at - edge) < size


@given(
    st.integers(0, 1 << 33), st.integers(1, 1 << 33), st.integers(-5, 1 << 20), st.sampled_from(list(TIERS.values()))
)
def test_steps_fit(start: int, length: int, step: int, least: int) -> None:
    chosen = fit_step(start, start + length, step, least, 2_000)
    assert chosen >= max(step, least)
    assert chosen % TIERS[tier_of(chosen)] == 0
    assert DAY % chosen == 0 or chosen % DAY == 0
    assert len(range(start - start % chosen, start + length, chosen)) <= 2_000


async def ask_all(tallies: list[Tally], ranges: list[tuple[int, int]], *, pruned: bool) -> list[list[dict[str, Any]]]:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder), now=lambda: NOW)
        await store.open()
        await store.commit([Batch("attic", tallies=tallies)])
        if pruned:
            await prune(store, NOW)
        answers = [await store.reader.transfers("attic", *each, by=("action",)) for each in ranges]
        answers.append(await store.reader.transfers(None, None, None, by=()))
        await store.close()
        return answers


ages = st.one_of(st.integers(0, 3 * DAY), st.integers(6 * DAY, 9 * DAY), st.integers(398 * DAY, 403 * DAY))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(ages, st.sampled_from(("GET", "PUT")), st.integers(1, 99)), min_size=1, max_size=60),
    st.lists(st.tuples(ages, ages), min_size=1, max_size=6),
    st.booleans(),
)
def test_transfers_of_any_range(raw: list[tuple[int, str, int]], ranges: list[tuple[int, int]], pruned: bool) -> None:
    tallies = [Tally((NOW - age) // 60 * 60, US1, action, "ok", n, n * 7) for age, action, n in raw]
    asked = [(NOW - max(pair), NOW - min(pair)) for pair in ranges]
    *answers, everything = asyncio.run(ask_all(tallies, asked, pruned=pruned))

    def rounded(at: int, *, outwards: int) -> int:
        size = 60
        if pruned and at < (NOW - 400 * DAY) // DAY * DAY:
            size = DAY
        elif pruned and at < (NOW - 7 * DAY) // 3_600 * 3_600:
            size = 3_600
        return (at + (size - 1 if outwards > 0 else 0)) // size * size

    for (start, end), rows in zip(asked, answers, strict=True):
        low, high = rounded(start, outwards=-1), rounded(end, outwards=1)
        counts: dict[str, int] = {}
        for each in tallies:
            if start < end and low <= each.minute < high:
                counts[each.action] = counts.get(each.action, 0) + each.count
        assert rows == [{"action": action, "count": n, "bytes": n * 7} for action, n in sorted(counts.items())]
    total = sum(each.count for each in tallies)
    assert everything == [{"count": total, "bytes": total * 7}]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(tmp_path, now=lambda: NOW, finest={"disk_used": "hour"})
    await store.open()
    yield store
    await store.close()


async def test_history_of_counts_gauges_and_shares(store: Store) -> None:
    t = NOW // 3_600 * 3_600
    await store.commit(
        [
            Batch(
                "attic",
                tallies=[
                    Tally(t, US1, "GET", "ok", 3, 600),
                    Tally(t + 60, "other", "GET", "failed", 1, 60),
                    Tally(t + 180, US1, "PUT", "ok", 1, 5),
                ],
                samples=[
                    Sample("audit_score", t + 5, 1, 90, 90, 90, 90),
                    Sample("audit_score", t + 65, 1, 80, 80, 80, 80),
                    Sample("audit_score", t + 10, 1, 10, 10, 10, 10, satellite=US1),
                    Sample("ping", t + 10, 2, 30, 10, 20, 20, satellite=US1),
                ],
            ),
            Batch("cellar", tallies=[Tally(t, US1, "GET", "ok", 99, 9_900)]),
        ],
    )
    get = ("transfer:GET:*",)
    columns = [
        Column("egress_rate", get, "rate"),
        Column("bytes", get, "sum"),
        Column("count", get, "count"),
        Column("transfer_rate", ("transfer:*",), "count_rate"),
        Column("download_success", ("transfer:GET:ok",), "share", get),
        Column("mean", ("audit_score",), "mean"),
        Column("min", ("audit_score",), "min"),
        Column("max", ("audit_score",), "max"),
        Column("last", ("audit_score",), "last"),
        Column("ping", ("ping",), "mean"),
    ]

    found = await store.reader.history("attic", columns, t + 1, t + 240, 120)
    assert found.step == 120
    assert found.rows == [
        [t, 660 / 120, 660.0, 4, 4 / 120, 75.0, 85.0, 80.0, 90.0, 80.0, 15.0],
        [t + 120, None, None, None, 1 / 120, None, None, None, None, None, None],
    ]
    one = await store.reader.history("attic", columns, t, t + 60, 60, satellite=US1)
    assert one.rows == [[t, 10.0, 600.0, 3, 3 / 60, 100.0, 10.0, 10.0, 10.0, 10.0, 15.0]]
    assert (await store.reader.history("nobody", columns[:1], t, t + 60, 60)).rows == [[t, None]]
    assert (await store.reader.history("attic", columns, t, t, 60)).rows == []


async def test_history_is_as_fine_as_the_tier_that_still_holds_its_start(store: Store) -> None:
    t = NOW // 60 * 60
    await store.commit([Batch("attic", tallies=[Tally(t - 60 * n, US1, "GET", "ok", 1, 1) for n in range(14_400)])])
    await prune(store, NOW)
    columns = [Column("count", ("transfer:GET:*",), "count")]
    steps = {
        days: (await store.reader.history("attic", columns, NOW - days * DAY, NOW, 60)).step for days in (1, 7, 8, 401)
    }
    assert steps == {1: 60, 7: 600, 8: 3_600, 401: DAY}
    rows = (await store.reader.history("attic", columns, NOW - 10 * DAY, NOW, 60)).rows
    assert sum(row[1] for row in rows if row[1] is not None) == 14_400
    # A gauge that is kept by the hour has no minutes to show.
    assert (await store.reader.history("attic", [Column("d", ("disk_used",))], NOW - 3_600, NOW, 60)).step == 3_600


async def test_history_takes_any_number(store: Store) -> None:
    columns = [Column("count", ("transfer:*",), "count")]
    for start, end, step in ((-(10**30), 10**30, -1), (0, 10**18, 10**30), (10**19, 10**20, 60), (NOW, 0, 0)):
        assert len((await store.reader.history("attic", columns, start, end, step)).rows) <= 2_000
    assert await store.reader.transfers("attic", -(10**30), 10**30) == []


async def test_recent_minutes_rebuild_the_window(store: Store) -> None:
    t = NOW // 60 * 60
    await store.commit(
        [Batch("attic", tallies=[Tally(t - 60 * n, US1, "GET", "ok", 1, n) for n in range(4)])],
    )
    assert sorted(await store.reader.recent("attic", t - 90)) == [
        (t - 120, "transfer:GET:ok", US1, 1, 2.0),
        (t - 60, "transfer:GET:ok", US1, 1, 1.0),
        (t, "transfer:GET:ok", US1, 1, 0.0),
    ]


async def test_events_are_paged_without_loss_and_templates_are_ranked(store: Store) -> None:
    notices = [Notice(NOW - n // 3, "info", f"{n}") for n in range(20)]
    await store.commit([Batch("attic", notices=notices[::2]), Batch("cellar", notices=notices[1::2])])
    for node, expected in ((None, 20), ("attic", 10)):
        texts: list[str] = []
        before = None
        while page := await store.reader.events(node, 3, before):
            texts += [each["text"] for each in page]
            before = page[-1]["id"]
        assert len(texts) == len(set(texts)) == expected
    assert (await store.reader.events("attic", 1))[0].keys() == {
        "id",
        "node",
        "at",
        "kind",
        "severity",
        "satellite",
        "text",
    }
    await store.commit([Batch("attic", templates={("ERROR", "piecestore", "a"): 1, ("WARN", "", "b"): 5})] * 2)
    assert await store.reader.templates("attic", 1) == [
        {"level": "WARN", "logger": "", "text": "b", "n": 10, "first_at": NOW, "last_at": NOW},
    ]


async def test_a_reader_of_a_running_agent_sees_what_is_committed(store: Store, tmp_path: Path) -> None:
    async with Reader.open(tmp_path) as reader:
        for n in range(1, 4):
            await store.commit([Batch("attic", tallies=[Tally(60 * n, US1, "GET", "ok", 1, 1)])])
            assert (await reader.transfers("attic", None, None, by=()))[0]["count"] == n
