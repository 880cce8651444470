"""What the books ask of the history: a pace, estimates at the ends of months, races, and since when."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storj_monitor.core.facts import Batch, Sample, Tally
from storj_monitor.core.leaks import Races
from storj_monitor.core.state import NodeState
from storj_monitor.store import bookhistory, growth
from storj_monitor.store.db import Store

NOON = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp())
HOUR, DAY, GB = 3600, 86400, 10**9
TIERS = {"disk_used": "hour", "disk_garbage": "hour", "payout_estimate": "day"}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = Store(tmp_path, now=lambda: float(NOON), finest=TIERS)
    await made.open()
    yield made
    await made.close()


async def keep(store: Store, metric: str, values: dict[int, float], satellite: str = "") -> None:
    samples = [Sample(metric, at, 1, each, each, each, each, satellite) for at, each in values.items()]
    await store.commit([Batch("attic", samples=samples)])


def line(days: float, per_day: float, end: float = 9e12) -> dict[int, float]:
    """A sample each hour over some days until now."""
    return {NOON - hour * HOUR: end - per_day * hour / 24 for hour in range(int(days * 24) + 1)}


# ---- the pace ----


async def test_a_pace_needs_two_days_of_history(store: Store) -> None:
    assert await growth.growth(store.reader, "attic", NOON) is None
    await keep(store, "disk_used", line(1.5, 20 * GB))
    assert await growth.growth(store.reader, "attic", NOON) is None
    await keep(store, "disk_used", line(4, 20 * GB))
    found = await growth.growth(store.reader, "attic", NOON)
    assert found is not None
    assert found.likely * DAY == pytest.approx(20 * GB, rel=0.05)
    assert found.low <= found.likely <= found.high
    assert await growth.growth(store.reader, "cellar", NOON) is None


async def test_a_garbage_collection_does_not_turn_the_pace(store: Store) -> None:
    """30 days at 20 GB a day, but 400 GB less since five days: the likely pace stays that of the days."""
    values = {at: size - (400 * GB if at > NOON - 5 * DAY else 0) for at, size in line(30, 20 * GB).items()}
    await keep(store, "disk_used", values)
    found = await growth.growth(store.reader, "attic", NOON)
    assert found is not None
    assert found.likely * DAY == pytest.approx(20 * GB, rel=0.25)
    assert found.low < 0 < found.high
    assert found.points == 61


async def test_what_the_agent_did_not_see_is_a_gap_and_no_change(store: Store) -> None:
    values = {at: size for at, size in line(20, -5 * GB).items() if not 4 * DAY < NOON - at < 15 * DAY}
    await keep(store, "disk_used", values)
    state = NodeState("attic", has_log=False, has_api=True)
    await growth.refresh(store.reader, state, NOON)
    assert state.readings["growth"].body.likely * DAY == pytest.approx(-5 * GB, rel=0.02)
    assert state.payload(NOON)["disk_growth"] == pytest.approx(-5 * GB, rel=0.02)
    assert state.payload(NOON + DAY + 1)["disk_growth"] is None, "a pace is not believed for ever"


async def test_points_lie_in_the_middle_of_their_time(store: Store) -> None:
    await keep(store, "disk_used", {NOON - 2 * DAY: 5.0, NOON - HOUR: 7.0})
    midnight = NOON - 12 * HOUR
    assert await growth.points(store.reader, "attic", NOON, step=DAY) == [
        (midnight - 1.5 * DAY, 5.0),
        (midnight + 6 * HOUR, 7.0),
    ]


# ---- estimates, races, since ----


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


async def test_an_estimate_is_the_last_of_its_month(store: Store) -> None:
    await keep(store, "payout_estimate", {at("2026-09-30T23:50"): 7.3, at("2026-09-02"): 1, at("2026-10-05"): 5})
    await keep(store, "payout_estimate", {at("2026-09-30"): 4.1}, "1north")
    assert await bookhistory.estimates(store.reader, "attic", ["1north", "1new"], NOON) == {
        ("2026-09", ""): 7.3,
        ("2026-10", ""): 5,
        ("2026-09", "1north"): 4.1,
    }


async def test_races_of_the_last_week(store: Store) -> None:
    minute, old = NOON - NOON % 60 - HOUR, NOON - 9 * DAY
    cells = [
        Tally(minute, "1x", "PUT", "ok", 80, 800), Tally(minute, "1y", "PUT", "canceled", 15, 900),
        Tally(minute, "1x", "PUT", "failed", 5, 0), Tally(minute, "", "PUT", "rejected", 50, 0),
        Tally(minute, "1x", "GET_AUDIT", "ok", 9, 9), Tally(old - old % 60, "1x", "PUT", "ok", 1000, 1000),
    ]  # fmt: skip
    await store.commit([Batch("attic", tallies=cells)])
    assert await bookhistory.races(store.reader, "attic", NOON) == {"uploads": Races(100, 80, 10), "downloads": None}


async def test_since_when(store: Store) -> None:
    sizes = {9: 5, 8: 50, 7: 5, 6: 60, 5: 70, 3: 80, 0: 90}
    await keep(store, "disk_garbage", {NOON - days * DAY: size for days, size in sizes.items()})

    async def since(limit: float) -> int | None:
        return await bookhistory.since(store.reader, "attic", "disk_garbage", lambda size: size > limit, NOON)

    midnight = NOON - 12 * HOUR
    assert await since(10) == midnight - 6 * DAY
    assert await since(85) == midnight
    assert await since(95) is None, "it is not so now"
    assert await since(1) is None, "it was so before anybody looked"
