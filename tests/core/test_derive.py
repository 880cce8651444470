"""The contract's meanings, one by one, on readings made by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from storj_monitor.core import derive
from storj_monitor.core.facts import Down, Reading
from storj_monitor.core.readings import (
    BODIES,
    Body,
    DiskSpace,
    GrowthReading,
    Held,
    HeldReading,
    MonthReading,
    NodeReading,
    PayoutReading,
    Paystub,
    PaystubsReading,
    Prices,
    Receipt,
    ReceiptsReading,
    SatelliteReading,
    SatelliteStatus,
    Scores,
    StorageDay,
    TrafficDay,
    Window,
    body_type,
    satellite_source,
)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


NOW = at("2026-11-16T12:00:00")
MINUTE, HOUR, DAY = 60, 3600, 86400
US1, EU1 = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S", "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs"
URLS = {US1: "us1.storj.io:7777", EU1: "eu1.storj.io:7777"}
TB = 10**12


def satellite(which: str, **changes: Any) -> SatelliteReading:
    made = SatelliteReading(
        at=NOW,
        satellite=which,
        ingress=30,
        egress=20,
        traffic=(TrafficDay(at("2026-11-01"), 20, 10, 15, 4, 1),),
        storage=(StorageDay(at("2026-11-01"), 24 * TB, TB, 24),),
        average=1e12 + 0.4,
        joined=at("2025-01-01"),
        scores=Scores(URLS[which], 100, 100, 99),
        windows=(Window(NOW - HOUR, 5, 5),),
        prices=Prices(150, 200, 200, 200),
    )
    return msgspec.structs.replace(made, **changes)


def known(**changes: Any) -> dict[str, Reading]:
    """A node on two satellites, everything answered now; `changes` per source: fields, or None for no answer."""
    stub = Paystub(US1, "2026-10", None, "", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 95, 0, 95, 90)
    bodies: dict[str, Body | None] = {
        "node": NodeReading(
            at=NOW,
            node_id="1node",
            version="1.162.3",
            version_minimum="1.124.3",
            started=NOW - DAY,
            last_contact=NOW - 5,
            quic="OK",
            disk=DiskSpace(1000, 700, 50, 300, 0, 20),
            satellites=(SatelliteStatus(US1, URLS[US1], vetted=1), SatelliteStatus(EU1, URLS[EU1])),
        ),
        "month": MonthReading(
            at=NOW,
            ingress=1000,
            egress=500,
            traffic=(
                TrafficDay(at("2026-11-15"), 9, 9, 9, 9, 9),
                TrafficDay(at("2026-11-16"), 40, 2, 30, 5, 1),
            ),
            storage=(StorageDay(at("2026-11-01"), 48 * TB, 2 * TB, 24),),
            average=5.4,
            scores=(Scores(URLS[US1], 99, 98, 97), Scores(URLS[EU1], 100, 100, 100)),
        ),
        "payout": PayoutReading(at=NOW, expected=7_720_000),
        "paystubs": PaystubsReading(at=NOW, stubs=(stub, msgspec.structs.replace(stub, satellite=EU1, paid=5))),
        "held": HeldReading(at=NOW, satellites=(Held(US1, URLS[US1], 4_000_000, 2_000_000), Held("1old", "", 50, 0))),
        "receipts": ReceiptsReading(at=NOW, receipts=(Receipt(US1, "2026-10", "eth", "0xab"),), asked={"2026-10": 5}),
        satellite_source(US1): satellite(US1),
        satellite_source(EU1): satellite(EU1, scores=Scores(URLS[EU1], 98, 100, 100)),
    }
    for source, change in changes.items():
        old = bodies[source]
        assert old is not None
        bodies[source] = msgspec.structs.replace(old, **change) if isinstance(change, dict) else change
    return {source: Reading(source, body.at, body) for source, body in bodies.items() if body is not None}


def node(now: Any = NOW, down: Any = None, **changes: Any) -> dict[str, Any]:
    return derive.node_values(known(**changes) | GROWN, down or {}, now)


GROWN = {"growth": Reading("growth", NOW, GrowthReading(at=NOW, likely=120 / DAY, low=0, high=1, points=3, days=3))}
"""120 bytes a day."""


def test_everything_is_there() -> None:
    values = node()
    assert None not in values.values()
    assert values | {"payout_estimate": None} == {
        "online": True, "node_id": "1node", "version": "1.162.3", "version_minimum": "1.124.3", "started": NOW - DAY,
        "last_contact": NOW - 5, "quic": True, "disk_allocated": 1000, "disk_used": 700, "disk_trash": 50,
        "disk_reclaimable": 20, "disk_overused": 0, "disk_free": 300,
        "ingress_today": 42, "egress_today": 36, "ingress_month": 1000, "egress_month": 500,
        "day_started": at("2026-11-16"), "month_started": at("2026-11-01"),
        "audit_score": 98, "suspension_score": 100, "online_score": 99,
        "satellites": 2, "satellites_suspended": 0, "satellites_disqualified": 0,
        "payout_estimate": None, "payout_estimate_node": 7.72, "payout_last_month": 0.0001, "held_total": 2.00005,
        # 300 bytes at 120 a day; 24 TB h of each of two satellites are 1/30 TB·month × $1.50; $3 for 2 TB·months
        "disk_full_days": 2.5, "disk_growth": 120, "storage_reported": 2 * TB, "storage_reported_at": at("2026-11-01"),
        "storage_average": 5, "disk_late": 0, "disk_garbage": 0, "payout_so_far": 0.1, "held_estimate": 0,
        "earned_per_tb_month": 1.5, "earned_per_tb_disk": pytest.approx(3 / (700 / TB)),
    }  # fmt: skip


def test_nothing_known_is_null_everywhere() -> None:
    values = derive.node_values({}, {}, NOW)
    assert set(values) == set(node())
    assert set(values.values()) == {None}
    others = derive.satellite_values({}, US1, NOW)
    assert others.pop("satellite_id") == US1
    assert set(others.values()) == {None}


# ---- online ----


@pytest.mark.parametrize(
    ("answered", "contact", "online"),
    [
        (0, 5, True), (180, 185, True), (181, 5, False), (0, 2 * HOUR - 1, True), (0, 2 * HOUR, False),
        (DAY, DAY, False), (0, -30, True),
    ],
)  # fmt: skip
def test_online(answered: int, contact: int, online: bool) -> None:
    assert node(node={"at": NOW - answered, "last_contact": NOW - contact})["online"] is online


def test_a_node_just_started_has_had_no_contact_yet() -> None:
    assert node(node={"last_contact": None, "started": NOW - MINUTE})["online"] is None
    assert node(node={"last_contact": None, "started": NOW - 3 * HOUR})["online"] is False
    assert node(node={"last_contact": None, "started": None})["online"] is False


def test_a_node_that_never_answered_is_offline_after_three_minutes() -> None:
    silent = Down("node", NOW - 180, "No connection.")
    assert node(node=None, down={"node": silent})["online"] is None
    assert node(now=NOW + 1, node=None, down={"node": silent})["online"] is False


@pytest.mark.parametrize(
    ("status", "quic"), [("OK", True), ("Misconfigured", False), ("Disabled", None), ("Refreshing", None), ("", None)]
)
def test_quic(status: str, quic: bool | None) -> None:
    assert node(node={"quic": status})["quic"] is quic


# ---- traffic ----


def test_today_is_the_row_of_the_reading_s_date_and_kept_until_the_next_reading() -> None:
    values = node(now=NOW + 2 * DAY)
    assert (values["ingress_today"], values["day_started"]) == (42, at("2026-11-16"))
    before = node(month={"at": at("2026-11-17T00:00:01")})
    assert (before["ingress_today"], before["egress_today"]) == (None, None)
    assert before["day_started"] == at("2026-11-17")
    assert before["ingress_month"] == 1000


def test_sums_of_a_month_without_bookings_are_not_known() -> None:
    values = node(month={"traffic": None, "ingress": None, "egress": None})
    keys = ("ingress_today", "egress_today", "ingress_month", "egress_month")
    assert {values[key] for key in keys} == {None}
    assert values["month_started"] == at("2026-11-01")


# ---- age ----


@pytest.mark.parametrize(
    ("source", "age", "gone"),
    [
        ("node", 10 * MINUTE, {"started", "quic", "disk_used", "disk_free", "disk_allocated"}),
        ("node", 3 * HOUR, {"satellites", "satellites_suspended", "audit_score", "payout_estimate"}),
        ("payout", 6 * HOUR, {"payout_estimate_node"}),
        ("paystubs", 7 * DAY, {"payout_last_month"}),
        ("held", 7 * DAY, {"held_total"}),
        (satellite_source(US1), 3 * HOUR, {"payout_estimate"}),
    ],
)
def test_a_value_without_its_answer_is_not_known_after_its_time(source: str, age: int, gone: set[str]) -> None:
    late = known(**{source: {"at": NOW - age - 1}})
    in_time = derive.node_values(known(**{source: {"at": NOW - age}}), {}, NOW)
    values = derive.node_values(late, {}, NOW)
    assert {key for key in gone if in_time[key] is None} == set()
    assert {values[key] for key in gone} == {None}


def test_what_has_its_own_date_or_never_changes_stays() -> None:
    values = node(now=NOW + 30 * DAY)
    assert {key for key, value in values.items() if value is not None} == {
        "online", "node_id", "version", "version_minimum", "last_contact",
        "ingress_today", "egress_today", "ingress_month", "egress_month", "day_started", "month_started",
    }  # fmt: skip
    assert values["online"] is False


# ---- reputation ----


def test_the_worst_is_over_satellites_that_are_not_disqualified() -> None:
    status = (SatelliteStatus(US1, URLS[US1]), SatelliteStatus(EU1, URLS[EU1], disqualified=5, suspended=4))
    values = node(node={"satellites": status})
    assert (values["audit_score"], values["online_score"]) == (100, 99)
    assert (values["satellites_disqualified"], values["satellites_suspended"]) == (1, 1)


def test_a_score_that_is_not_known_might_be_the_worst() -> None:
    values = node(month=None, **{satellite_source(EU1): None})
    assert (values["audit_score"], values["suspension_score"]) == (None, None)


def test_the_list_of_all_stands_in_for_a_satellite_and_the_newer_one_counts() -> None:
    assert node(**{satellite_source(US1): None})["audit_score"] == 98
    assert node(**{satellite_source(US1): None})["online_score"] == 97
    later = node(month={"at": NOW + 1}, now=NOW + 1)
    assert (later["audit_score"], later["suspension_score"], later["online_score"]) == (99, 98, 97)


def test_a_node_without_satellites_yet() -> None:
    values = node(node={"satellites": ()})
    assert (values["satellites"], values["satellites_suspended"], values["audit_score"]) == (0, 0, None)
    assert values["payout_estimate"] is None


# ---- one satellite ----


def test_a_satellite_s_values() -> None:
    values = derive.satellite_values(known(), US1, NOW)
    assert values.pop("payout_estimate") > 0
    assert values == {
        "satellite_id": US1, "url": URLS[US1], "state": "vetted", "suspended": None, "disqualified": None, "vetted": 1,
        "joined": at("2025-01-01"), "audit_score": 100, "suspension_score": 100, "online_score": 99,
        "audit_distance": 0, "storage": TB, "ingress_month": 30, "egress_month": 20,
        "month_started": at("2026-11-01"), "held_total": 2, "payout_so_far": 0.05, "held_estimate": 0,
        "storage_reported": TB, "storage_reported_at": at("2026-11-01"),
    }  # fmt: skip
    other = derive.satellite_values(known(), EU1, NOW)
    assert (other["state"], other["audit_distance"], other["held_total"]) == ("vetting", 50, 0)


def test_estimates_add_up() -> None:
    """Each: 24 h + 29 days at 1 TB × $1.50, and 20 bytes of egress that weigh nothing."""
    each = [derive.satellite_values(known(), which, NOW)["payout_estimate"] for which in (US1, EU1)]
    assert each == [1.5, 1.5]
    assert node()["payout_estimate"] == 3
    lost = (SatelliteStatus(US1, URLS[US1], disqualified=1), SatelliteStatus(EU1, URLS[EU1], suspended=1))
    assert node(node={"satellites": lost})["payout_estimate"] == 1.5
    assert derive.satellite_values(known(node={"satellites": lost}), US1, NOW)["payout_estimate"] == 0
    assert node(**{satellite_source(EU1): {"prices": None}})["payout_estimate"] is None


def test_a_satellite_that_left_the_list_has_no_state_but_keeps_its_past() -> None:
    values = derive.satellite_values(known(node={"satellites": ()}), US1, NOW)
    assert (values["state"], values["url"], values["payout_estimate"]) == (None, None, None)
    assert (values["joined"], values["held_total"], values["audit_score"]) == (at("2025-01-01"), 2, 100)
    assert [each.satellite for each in derive.satellites(known())] == [US1, EU1]


# ---- money ----


def test_last_month_is_null_until_its_paystubs_exist() -> None:
    assert node(now=at("2026-11-30T23:59:59"), paystubs={"at": at("2026-11-30")})["payout_last_month"] == 0.0001
    assert node(now=at("2026-12-01"), paystubs={"at": at("2026-12-01")})["payout_last_month"] is None


def test_nothing_held_is_zero_once_the_node_has_said_so() -> None:
    assert node(held={"satellites": ()})["held_total"] == 0


# ---- what the store keeps ----


def test_every_reading_survives_the_store() -> None:
    for source, reading in known().items():
        kind = body_type(source)
        assert kind is not None
        assert msgspec.json.decode(msgspec.json.encode(reading.body), type=kind) == reading.body
    assert {body_type(source) for source in known()} == set(BODIES.values())
    assert body_type("log") is None


def test_bodies_of_another_source_are_not_taken() -> None:
    mixed = {source: Reading(source, NOW, {"at": NOW}) for source in known()}
    assert set(derive.node_values(mixed, {}, NOW).values()) == {None}
