"""Spans, and what a report makes of the history at their edges."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.core.facts import Batch, Notice, Reading, Sample, Tally
from storj_monitor.core.payouts import Costs
from storj_monitor.core.readings import MonthReading, TrafficDay
from storj_monitor.core.state import NodeState
from storj_monitor.publish import report
from storj_monitor.store.db import Store

DAY = 86400
TIERS = dict.fromkeys(("ingress_today", "egress_today", "ingress_month", "payout_so_far", "payout_estimate"), "day")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


NOW = at("2026-11-23T12:00")


# ---- spans ----


@pytest.mark.parametrize(
    ("kind", "start", "end", "months"),
    [
        ("day", "2026-11-23", "2026-11-24", None),
        ("week", "2026-11-23", "2026-11-30", None),  # a Monday
        ("month", "2026-11-01", "2026-12-01", ["2026-11"]),
        ("year", "2026-01-01", "2027-01-01", [f"2026-{month:02}" for month in range(1, 13)]),
    ],
)
def test_spans(kind: str, start: str, end: str, months: list[str] | None) -> None:
    span = report.SPANS[kind](NOW)
    assert span == (kind, at(start), at(end))
    assert span.months == months


@given(st.integers(0, 4_000_000_000), st.sampled_from(sorted(report.SPANS)))
def test_every_moment_lies_in_one_span_of_each_kind(moment: int, kind: str) -> None:
    span = report.SPANS[kind](moment)
    assert span.start <= moment < span.end
    assert report.SPANS[kind](span.start) == report.SPANS[kind](span.end - 1) == span
    assert report.SPANS[kind](span.end).start == span.end
    if kind == "week":
        assert datetime.fromtimestamp(span.start, UTC).weekday() == 0


# ---- from the history ----


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = Store(tmp_path, now=lambda: float(NOW), finest=TIERS)
    await made.open()
    yield made
    await made.close()


async def keep(store: Store, metric: str, values: dict[str, float]) -> None:
    samples = [Sample(metric, at(when), 1, each, each, each, each) for when, each in values.items()]
    await store.commit([Batch("attic", samples=samples)])


async def reported(store: Store, kind: str, when: str, costs: Costs | None = None) -> dict[str, Any]:
    nodes = {"attic": NodeState("attic", has_log=True, has_api=True)}
    made = await report.report(
        store.reader, nodes, {}, {"attic": costs} if costs else {}, report.SPANS[kind](at(when)), now=NOW
    )
    node: dict[str, Any] = made["nodes"][0]
    return node


async def test_traffic_of_a_week_is_that_of_its_days_each_as_last_seen(store: Store) -> None:
    await keep(store, "ingress_today", {"2026-11-15T23:50": 999, "2026-11-16T10:00": 1, "2026-11-16T23:50": 7,
                                        "2026-11-18T23:50": 5, "2026-11-23T00:10": 999})  # fmt: skip
    found = await reported(store, "week", "2026-11-18")
    assert (found["traffic"]["ingress"], found["traffic"]["egress"]) == (12, None)
    assert (await reported(store, "day", "2026-11-16"))["traffic"]["ingress"] == 7


async def test_traffic_of_months_is_the_last_sum_of_each(store: Store) -> None:
    await keep(store, "ingress_month", {"2026-09-30": 70, "2026-10-02": 3, "2026-10-31T23:50": 80, "2026-11-20": 9})
    assert (await reported(store, "month", "2026-10-05"))["traffic"]["ingress"] == 80
    assert (await reported(store, "year", "2026-05-05"))["traffic"]["ingress"] == 159


async def test_what_is_true_now_counts_before_the_history_knows_it(store: Store) -> None:
    """The last stored sum of today was 7 and is 9 now; of a day and month that are over nothing is carried on."""
    await keep(store, "ingress_today", {"2026-11-22T23:50": 5, "2026-11-23T10:00": 7})
    state = NodeState("attic", has_log=False, has_api=True)

    async def ingress(kind: str, now: int) -> Any:
        made = await report.report(store.reader, {"attic": state}, {}, {}, report.SPANS[kind](now), now=now)
        return made["nodes"][0]["traffic"]["ingress"]

    days = (TrafficDay(at("2026-11-23"), 9, 0, 0, 0, 0),)
    state.read(Reading("month", NOW, MonthReading(at=NOW, ingress=77, egress=0, traffic=days)))
    assert await ingress("day", NOW) == 9
    assert await ingress("week", NOW) == 9
    assert await ingress("month", NOW) == 77
    assert await ingress("day", at("2026-11-22")) == 5
    assert await ingress("day", NOW + DAY) is None
    assert await ingress("month", NOW + 10 * DAY) is None


async def test_earned_is_what_the_books_gained_and_begins_anew_each_month(store: Store) -> None:
    await keep(store, "payout_so_far", {"2026-10-25": 4, "2026-10-31T23:50": 5, "2026-11-01T23:50": 0.25})
    assert (await reported(store, "month", "2026-10-05"))["money"]["earned"] == 5
    # Monday 26 October to Sunday 1 November: 5 − 4 and 0.25
    assert (await reported(store, "week", "2026-10-28"))["money"]["earned"] == 1.25
    assert (await reported(store, "day", "2026-11-01"))["money"]["earned"] == 0.25
    assert (await reported(store, "day", "2026-10-25"))["money"]["earned"] is None, "nobody knows what was before"
    assert (await reported(store, "month", "2026-08-01"))["money"]["earned"] is None


async def test_estimates_and_costs_are_for_whole_months(store: Store) -> None:
    await keep(store, "payout_estimate", {"2026-10-03": 9, "2026-10-31": 12, "2026-11-20": 8})
    costs = Costs(0.3, 10, 2)  # October: 744 h × 10 W × $0.30 = $2.232 and $2
    october = (await reported(store, "month", "2026-10-05", costs))["money"]
    assert (october["estimate"], october["costs"]) == (12, 4.232)
    assert october["profit"] == pytest.approx(12 - 4.232)
    assert (await reported(store, "year", "2026-10-05"))["money"]["estimate"] == 20
    week = (await reported(store, "week", "2026-10-28", costs))["money"]
    assert (week["estimate"], week["costs"], week["profit"]) == (None, None, None)


async def test_events_within_the_span_are_counted_and_those_of_weight_shown(store: Store) -> None:
    def notice(when: str, severity: str, text: str) -> Notice:
        return Notice(at(when), severity, text)

    await store.commit([Batch("attic", notices=[notice("2026-11-22T12:00", "info", f"{n}") for n in range(600)])])
    heavy = [
        notice("2026-11-21T23:59", "critical", "before"),
        notice("2026-11-22T00:00", "warning", "first"),
        notice("2026-11-22T23:59", "critical", "last"),
        notice("2026-11-23T00:00", "critical", "after"),
    ]
    await store.commit([Batch("attic", notices=heavy)])
    found = (await reported(store, "day", "2026-11-22"))["events"]
    assert [row["text"] for row in found["rows"]] == ["last", "first"]
    assert (found["warning"], found["critical"], found["more"]) == (1, 1, False)


async def test_an_audit_that_was_cancelled_went_wrong_for_nobody(store: Store) -> None:
    minute = at("2026-11-22T12:00")
    cells = [Tally(minute, "1x", "GET_AUDIT", end, n, n) for end, n in (("ok", 99), ("canceled", 50), ("failed", 1))]
    await store.commit([Batch("attic", tallies=[*cells, Tally(minute, "1x", "GET", "canceled", 1, 1)])])
    found = (await reported(store, "day", "2026-11-22"))["success"]
    assert found["audit"] == {"ok": 99, "canceled": 50, "failed": 1, "rejected": 0, "bytes": 99, "percent": 99}
    assert (found["download"]["percent"], found["upload"]["percent"]) == (0, None)
    assert [each["audit"]["percent"] for each in found["satellites"]] == [99]
