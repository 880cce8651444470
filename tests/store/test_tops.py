"""Tops and distributions as rows: added up, bounded, made days of, forgotten."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from storj_monitor.core import sketch
from storj_monitor.core.facts import Batch, Sample, Spread, Top
from storj_monitor.store import Store, prune, tops
from storj_monitor.store.tops import Item

HOUR, DAY = 3_600, 86_400
NOW = 1_795_435_200
US1, EU1 = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S", "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(tmp_path, now=lambda: NOW)
    await store.open()
    yield store
    await store.close()


def ask(store: Store, query: str) -> list[Any]:
    with closing(sqlite3.connect(store.file)) as raw:
        return raw.execute(query).fetchall()


async def keep(store: Store, *found: Top, node: str = "attic") -> None:
    await store.commit([Batch(node, tops=list(found))])


async def of(
    store: Store, kind: str, start: int = 0, end: int = 1 << 40, limit: int = 500
) -> dict[str, tuple[int, int]]:
    return {item: (n, size) for item, n, size in await tops.tops(store.reader, "attic", kind, start, end, limit)}


async def test_tops_are_added_up_by_the_hour(store: Store) -> None:
    await keep(
        store, Top("countries", NOW, "NL", 2, 20), Top("countries", NOW + 59, "NL", 1, 5), Top("pieces", NOW, "NL", 9)
    )
    await keep(store, Top("countries", NOW + 1, "NL", 1, 1), Top("countries", NOW + HOUR, "DE", 7, 70))
    await keep(store, Top("countries", NOW, "FR", 99), node="cellar")
    assert await of(store, "countries") == {"DE": (7, 70), "NL": (4, 26)}
    assert await of(store, "countries", NOW + 600, NOW + HOUR) == {"NL": (4, 26)}, "whole hours"
    assert await of(store, "countries", NOW + HOUR) == {"DE": (7, 70)}
    assert await tops.tops(store.reader, "attic", "countries", 0, NOW + DAY, 1) == [Item("DE", 7, 70)]
    assert await of(store, "pieces") == {"NL": (9, 0)}
    assert await tops.tops(store.reader, "nobody", "countries", 0, NOW + DAY, 9) == []


async def test_an_hour_is_bounded_and_keeps_the_largest(store: Store) -> None:
    for number in range(500):
        await keep(store, Top("pieces", NOW, f"{number}", 1 + number, number), Top("pieces", NOW, "hot", 1_000, 5))
    ((rows,),) = ask(store, "SELECT count(*) FROM top_hour")
    assert rows <= 2 * tops.KEEP["pieces"]
    found = await tops.tops(store.reader, "attic", "pieces", 0, NOW + DAY, 5)
    assert [item.item for item in found] == ["hot", "499", "498", "497", "496"]
    assert found[0] == Item("hot", 500_000, 2_500)


async def test_hostile_items_do_not_stop_a_commit(store: Store) -> None:
    huge = Top("reasons", NOW, "x" * 10_000 + "\ud800", 1 << 62, 1 << 70)
    await keep(store, huge, huge, Top("reasons", NOW, "\ud800", 1), Top("reasons", NOW, "", 1))
    await keep(store, huge)
    found = await of(store, "reasons")
    assert found["x" * tops.ITEM_MAX] == (1 << 62, 1 << 62)
    assert len(found) == 3


async def test_distributions_are_merged(store: Store) -> None:
    def batch(at: int, satellite: str, *seconds: float) -> Batch:
        bins: sketch.Bins = {}
        for each in seconds:
            sketch.add(bins, each)
        return Batch("attic", spreads=[Spread("duration:GET", at, bins, satellite)])

    await store.commit([batch(NOW, "", 1, 2), batch(NOW + 10, "", 2), batch(NOW, US1, 9)])
    await store.commit([batch(NOW + HOUR, EU1, 100)])
    found = dict(await tops.spreads(store.reader, "attic", "duration:GET", 0, NOW + DAY))
    assert {t: sum(bins.values()) for t, bins in found.items()} == {NOW: 4, NOW + HOUR: 1}
    assert sketch.quantile(found[NOW], 0.4) == pytest.approx(2, rel=0.01)
    only = await tops.spreads(store.reader, "attic", "duration:GET", 0, NOW + DAY, EU1)
    assert [t for t, _ in only] == [NOW + HOUR]


async def test_old_hours_become_days_and_old_days_go(store: Store) -> None:
    for hour in range(48):
        at = NOW - NOW % DAY + hour * HOUR
        bins = {sketch.bin_of(hour + 1): 2}
        some = [Top("reasons", at, f"{hour} {number}", number) for number in range(60)]
        batch = Batch(
            "attic", tops=[Top("reasons", at, "always", 10, 1), *some], spreads=[Spread("duration:GET", at, bins)]
        )
        await store.commit([batch])
    before, first = await of(store, "reasons"), NOW - NOW % DAY
    await prune(store, NOW + 8 * DAY)
    rows = ask(store, "SELECT t, count(*), count(DISTINCT item) FROM top_hour GROUP BY t ORDER BY t")
    assert rows[0] == (first, tops.KEEP_OTHERS, tops.KEEP_OTHERS), "one day of its hours"
    assert [t for t, *_ in rows[1:]] == [first + DAY + hour * HOUR for hour in range(24)], "the next day is too young"
    assert (await of(store, "reasons"))["always"] == before["always"] == (480, 48)
    assert (await of(store, "reasons", first + 5 * HOUR, first + DAY))["always"] == (240, 24), "rounded to the day"
    sketches = dict(await tops.spreads(store.reader, "attic", "duration:GET", 0, NOW + 9 * DAY))
    assert sum(sketches[first].values()) == 48
    assert len(sketches) == 25

    late = Batch("attic", tops=[Top("reasons", first + 7 * HOUR, "always", 1)])
    await store.commit_past(late, b"")
    assert (await of(store, "reasons", first, first + DAY))["always"] == (241, 24), "old files add to the day"
    assert ask(store, "SELECT count(*) FROM top_hour WHERE t > (SELECT min(t) FROM top_hour)")[0][0] == sum(
        n for _, n, _ in rows[1:]
    )

    await prune(store, NOW + 500 * DAY)
    assert ask(store, "SELECT count(*) FROM top_hour") == ask(store, "SELECT count(*) FROM sketch_hour") == [(0,)]
    await store.commit_past(late, b"")
    assert await of(store, "reasons") == {}, "what is forgotten is not written again"


async def test_sizes_have_no_minutes(store: Store) -> None:
    samples = [Sample("size:GET:ok:2k", NOW + at, 1, 1) for at in (0, 61, HOUR)]
    await store.commit([Batch("attic", samples=[*samples, Sample("size:PUT:ok:2k", NOW, 5, 5)])])
    assert ask(store, "SELECT count(*) FROM sample_minute") == [(0,)]
    assert ask(store, "SELECT count(*) FROM sample_hour") == [(3,)]
    assert await tops.counts(store.reader, "attic", "size:", NOW, NOW + HOUR) == {"GET:ok:2k": 2, "PUT:ok:2k": 5}
    assert await tops.counts(store.reader, "attic", "size:GET", 0, NOW + DAY) == {":ok:2k": 3}


async def test_a_node_takes_its_tops_along(store: Store) -> None:
    await store.commit(
        [Batch("attic", tops=[Top("errors", NOW, "a", 1)], spreads=[Spread("duration:GET", NOW, {1: 1})])]
    )
    await store.delete_node("attic")
    assert ask(store, "SELECT count(*) FROM top_hour") == ask(store, "SELECT count(*) FROM sketch_hour") == [(0,)]
