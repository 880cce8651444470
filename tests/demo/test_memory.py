"""The demo's history: the months before a simulated node's log, as its own books tell them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.demo.helpers import START as BEGUN

from storj_monitor.demo import money, usage
from storj_monitor.demo.books import DAY
from storj_monitor.demo.lognode import SimulatedNode
from storj_monitor.demo.memory import DAYS, remembered
from storj_monitor.demo.past import month_start
from storj_monitor.store import Store, bookhistory, growth

START = int(BEGUN)
AWAY = ((12.5 * DAY, 13 * 3600.0),)


def node(version: str = "1.162.3", **options: Any) -> SimulatedNode:
    return SimulatedNode(1, start=START, version=version, name="attic", rate=4.0, away=AWAY, **options)


@pytest.mark.parametrize("version", ["1.162.3", "1.142.7"])
def test_it_is_the_same_for_the_same_seed_and_ends_before_the_log(version: str) -> None:
    first, again = remembered(node(version)), remembered(node(version))
    assert (first.tallies, first.samples, first.runs, first.notices) == (
        again.tallies,
        again.samples,
        again.runs,
        again.notices,
    )
    times = [tally.minute for tally in first.tallies] + [sample.at for sample in first.samples]
    assert max(times) < START
    assert min(tally.minute for tally in first.tallies) == (START - DAYS * DAY) // DAY * DAY
    assert {run.kind for run in first.runs} == ({"compaction"} if version == "1.162.3" else {"trash", "gc"})
    assert all(run.ended is not None and run.ended < START for run in first.runs)


def test_days_and_months_are_those_that_the_api_tells() -> None:
    simulated = node()
    batch = remembered(simulated)
    day = START // DAY - 60
    told: Counter[str] = Counter()
    for tally in batch.tallies:
        if tally.minute // DAY == day and tally.action == "GET" and tally.outcome == "ok":
            told[tally.satellite] += tally.bytes
    for index, account in enumerate(simulated.accounts):
        booked = usage.traffic(simulated, index, day)[2]
        assert told[account.satellite.id] == pytest.approx(booked, rel=0.06), "canceled ones are not in it"


def test_nothing_moves_and_the_score_falls_while_it_is_away() -> None:
    simulated = node()
    (begin, end), batch = simulated.away[0], remembered(simulated)
    moved = {tally.minute for tally in batch.tallies}
    inside = [t for t in range(START - 31 * DAY, START, 3600) if begin <= t and t + 3600 <= end]
    assert inside
    assert not moved & set(inside)
    scores = [sample for sample in batch.samples if sample.metric == "online_score" and not sample.satellite]
    assert scores[0].sum == 100
    standing = simulated.accounts[0].standing
    assert scores[-1].sum == pytest.approx(100 * standing.online_score(START), abs=0.1)
    assert 98 < scores[-1].sum < 99.5


async def test_an_agent_can_reckon_with_it(tmp_path: Path) -> None:
    simulated = node()
    store = Store(tmp_path, now=lambda: float(START))
    await store.open()
    try:
        await store.commit([remembered(simulated)])
        pace = await growth.growth(store.reader, "attic", START)
        assert pace is not None
        assert 1e9 < pace.likely * DAY < 3e10
        assert pace.low < pace.likely < pace.high
        found = await bookhistory.estimates(store.reader, "attic", [simulated.accounts[0].satellite.id], START)
        months = money.periods(simulated, START)
        assert len(months) > 20
        paid = sum(money.paystub(simulated, index, *months[-1])["paid"] for index in range(4)) / 1e6
        assert found[money.period(*months[-1]), ""] == pytest.approx(paid, rel=0.03)
        assert month_start(*months[-1]) < START
    finally:
        await store.close()


@pytest.mark.parametrize("version", ["1.162.3", "1.142.7"])
def test_the_running_month_grows_day_by_day_towards_what_the_node_says(version: str) -> None:
    simulated = node(version)
    sofar = [sample for sample in remembered(simulated).samples if sample.metric == "payout_so_far"]
    days = [sample.at // DAY for sample in sofar]
    assert days == list(range(days[0], START // DAY))
    values = [sample.last or 0.0 for sample in sofar]
    assert values == sorted(set(values))
    at = month_start(2026, 11)
    whole = sum(money.of_day(simulated, index, day) for index in range(len(simulated.accounts)) for day in days)
    assert days[0] == at // DAY
    assert values[-1] == pytest.approx(whole / 100, rel=1e-3), "nothing is held back of an old node"
