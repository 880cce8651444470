from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.replay import API

from storj_monitor.core import money
from storj_monitor.core.readings import (
    MonthReading,
    PaystubsReading,
    Prices,
    SatelliteReading,
    Scores,
    StorageDay,
    TrafficDay,
)
from storj_monitor.sources import nodeapi_parse

TB = 10**12
DAY = 86400
PRICES = Prices(storage=150, egress=200, repair=100, audit=50)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


NOVEMBER = at("2026-11-01")


def satellite(**changes: Any) -> SatelliteReading:
    """On the 16th of November at noon: 1.5 TB egress, 0.5 TB repair, 0.1 TB audit; 4 TB tallied for 15 days."""
    made = SatelliteReading(
        at=at("2026-11-16T12:00:00"),
        satellite="1x",
        scores=Scores("us1.storj.io:7777"),
        traffic=(TrafficDay(NOVEMBER, 7, 7, TB, 0, 0), TrafficDay(NOVEMBER + DAY, 0, 0, TB // 2, TB // 2, TB // 10)),
        storage=tuple(StorageDay(NOVEMBER + day * DAY, 4 * TB * 24, 4 * TB, 24) for day in range(15)),
        prices=PRICES,
        joined=at("2025-01-05"),
    )
    return msgspec.structs.replace(made, **changes)


def test_what_is_earned_so_far() -> None:
    pay = money.pay(satellite(), money.so_far(satellite()))
    # 4 TB × 15 d × 24 h / 720 h = 2 TB·months × $1.50; 1.5 TB × $2; 0.5 TB × $1 + 0.1 TB × $0.50
    assert pay == money.Pay(3_000_000, 3_000_000, 550_000, 0)
    assert (pay.earned, pay.net) == (6_550_000, 6_550_000)


def test_the_month_s_end() -> None:
    # traffic: 30 days over 15.5; storage: 15 tallied days + 15 more at 4 TB = 4 TB·months × $1.50
    pay = money.month_end(satellite())
    assert pay == money.Pay(6_000_000, round(3_000_000 * 30 / 15.5), round(550_000 * 30 / 15.5), 0)


@pytest.mark.parametrize(
    ("joined", "at_", "percent"),
    [
        ("2026-11-30", "2026-11-30", 75), ("2026-09-01", "2026-11-30", 75), ("2026-08-31", "2026-11-01", 50),
        ("2026-06-30", "2026-11-23", 50), ("2026-05-20", "2026-11-23", 25), ("2026-03-01", "2026-11-23", 25),
        ("2026-02-28", "2026-11-23", 0), ("2020-01-01", "2026-11-23", 0), ("2026-12-01", "2026-11-23", 75),
    ],
)  # fmt: skip
def test_held_back_by_calendar_months(joined: str, at_: str, percent: int) -> None:
    assert money.held_rate(at(joined), at(at_)) == percent


def test_held_back_is_taken_from_everything() -> None:
    pay = money.month_end(satellite(joined=at("2026-09-30")))
    assert pay is not None
    assert pay.held == pytest.approx(pay.earned * 0.75, abs=1)
    assert pay.net == pay.earned - pay.held


def test_half_of_it_comes_back_in_month_16() -> None:
    """1.121.8-offline joined in November 2024; its paystub of February 2026 has the disposed half."""
    assert money.returned_in(at("2024-11-11")) == "2026-02"
    stubs = recorded("1.121.8-offline").stubs
    assert {stub.period for stub in stubs if stub.disposed} == {"2026-02"}
    held = nodeapi_parse.held((API / "1.121.8-offline" / "held-history.json").read_bytes(), 0)
    assert money.held_total(held) == (12009395 - 6004697) + (4203279 - 2101639)
    assert money.held_total(held, "1fhsaP7pUjVzBoQk5t1zjJYtq3x1sbWdc1evw7RpHC83ifN7FX") == 4203279 - 2101639
    assert money.held_total(held, "1unknown") == 0


# ---- tallies ----


def stored(**changes: Any) -> float:
    """TB·months at the month's end."""
    usage = money.at_month_end(satellite(**changes))
    assert usage is not None
    return usage.byte_hours / 720 / TB


def tallied(*days: tuple[int, float, float], calculated: bool = False) -> tuple[StorageDay, ...]:
    """(day of November from 1, hours, TB)."""
    return tuple(StorageDay(NOVEMBER + (d - 1) * DAY, tb * h * TB, tb * TB, h, calculated) for d, h, tb in days)


def test_a_missing_day_is_in_the_hours_of_the_next_tally() -> None:
    # 1: 24 h, 3: 47 h, 4: 25 h = 96 h of 4 TB; 26 days to come
    assert stored(storage=tallied((1, 24, 4), (3, 47, 4), (4, 25, 4))) == pytest.approx(4)


def test_growth_goes_on_from_the_last_tally() -> None:
    # 24 h × 3 TB + 24 h × 6 TB + 28 days × 6 TB
    assert stored(storage=tallied((1, 24, 3), (2, 24, 6))) == pytest.approx((3 + 6 + 28 * 6) / 30)


def test_a_lost_tally_is_filled_and_projected_rows_are_not_counted_twice() -> None:
    days = tallied((1, 24, 3), (3, 24, 6)) + tallied((2, 24, 6), (4, 24, 6), calculated=True)
    days = tuple(msgspec.structs.replace(day, byte_hours=0) if day.calculated else day for day in days)
    assert stored(storage=days) == pytest.approx((3 + 6 + 28 * 6) / 30)


def test_a_node_that_joined_this_month() -> None:
    """Joined on the 10th at noon: its month is 20.5 days, of which 6 are gone on the 16th at noon."""
    new = satellite(joined=at("2026-11-10T12:00:00"), storage=tallied((11, 24, 2)))
    usage = money.at_month_end(new)
    assert usage is not None
    assert usage.egress == pytest.approx(1.5 * TB * 20.5 / 6)
    # the tally on the 11th covers that day; 19 more days follow
    assert usage.byte_hours == pytest.approx(2 * TB * 24 * 20)


def test_before_the_first_tally_of_a_month_the_last_one_counts() -> None:
    assert stored(storage=(), rate_before=5.0 * TB) == pytest.approx(5)
    assert money.month_end(satellite(storage=())) is None


def test_a_day_of_23_hours_and_one_of_25_are_a_whole_month() -> None:
    days = tallied(*((day, 23 if day % 2 else 25, 4) for day in range(1, 31)))
    assert stored(storage=days, at=at("2026-11-30T23:59:59")) == pytest.approx(4)


@pytest.mark.parametrize(
    "changes", [{"traffic": None}, {"prices": None}, {"joined": None}, {"at": NOVEMBER + 3599, "storage": ()}]
)
def test_what_is_not_known_is_no_estimate(changes: dict[str, Any]) -> None:
    assert money.month_end(satellite(**changes)) is None


@given(st.integers(3600, 30 * DAY - 1), st.integers(0, 400))
def test_an_estimate_never_falls_below_what_is_booked(later: int, joined_days: int) -> None:
    now = NOVEMBER + later
    days = tuple(day for day in satellite().storage if day.day + DAY <= now) or tallied((1, 24, 4))
    each = satellite(at=now, storage=days, joined=NOVEMBER - joined_days * DAY)
    pay, booked = money.month_end(each), money.pay(each, money.so_far(each))
    assert pay is not None
    assert booked is not None
    assert pay.earned >= booked.earned - 3
    assert pay.storage == 6_000_000


def test_a_satellite_without_traffic_has_none_once_others_have_some() -> None:
    month = MonthReading(at=at("2026-11-16"), traffic=(), storage=tallied((1, 24, 4)))
    idle = satellite(traffic=None, storage=())
    assert money.month_end(money.filled(idle, month)) == money.Pay(0, 0, 0, 0)
    october = msgspec.structs.replace(month, at=at("2026-10-31"))
    assert money.month_end(money.filled(idle, october)) is None
    assert money.month_end(money.filled(idle, None)) is None
    early = msgspec.structs.replace(month, traffic=None, storage=())
    assert money.month_end(money.filled(idle, early)) is None
    waiting = satellite(storage=(), rate_before=3.0 * TB)
    assert stored_pay(money.filled(waiting, month)) == 3 * 1_500_000


def stored_pay(each: SatelliteReading) -> int:
    pay = money.month_end(each)
    assert pay is not None
    return pay.storage


# ---- paystubs ----


def recorded(folder: str) -> PaystubsReading:
    return nodeapi_parse.paystubs((API / folder / "paystubs-range.json").read_bytes(), 0)


def test_months_of_real_paystubs() -> None:
    stubs = recorded("1.162.3-hashstore-payouts").stubs
    months = {month.period: month for month in money.months(stubs)}
    assert list(months) == [f"2026-{number:02}" for number in range(1, 11)]
    # 2026-09: 6669000 + 400140 + 106704 + 17 and 2334150 + 140049 + 37346 + 6
    september = months["2026-09"]
    assert september.earned == 7175861 + 2511551
    assert (september.held, september.paid) == (1793965 + 627887, 5381896 + 1883664)
    assert september.unsent == 0
    assert september.egress == (200070000000 + 53352000000 + 8892000) + (70024500000 + 18673200000 + 3112200)
    assert september.per_tb_month == pytest.approx((7175861 + 2511551) / (4.50775 + 1.5777125))
    assert months["2026-01"].unsent == 104104 + 36436
    assert money.paid_in(stubs, "2026-09") == 5381896 + 1883664
    assert money.paid_in(stubs, "2026-11") is None


@pytest.mark.parametrize("folder", ["1.98.3-payouts", "1.121.8-offline", "1.162.3-hashstore-payouts"])
def test_paystubs_add_up(folder: str) -> None:
    for stub in recorded(folder).stubs:
        # these nodes' satellites leave `disposed` out of `owed` and add it to `paid`
        assert money.owed_by(stub) - stub.disposed == pytest.approx(stub.owed, abs=2)
        assert stub.paid == stub.owed + stub.disposed


def test_surge() -> None:
    stub = msgspec.structs.replace(recorded("1.98.3-payouts").stubs[0], surge_percent=150, held=100, disposed=7)
    assert money.owed_by(stub) == round(stub.earned * 1.5) - 100 + 7


def test_difference_between_expected_and_counted() -> None:
    assert money.difference(1_000_000, 960_000) == pytest.approx(-4)
    assert money.difference(0, 5) is None


def test_tax_rows_are_exact() -> None:
    stub = recorded("1.162.3-hashstore-payouts").stubs[0]
    (row,) = money.tax_rows([stub], {"162LhjMGUL6MbdjVNFjWFsKVKM151Mv3k1HM4ACKWtH3MKJDf1": "us9"}.__getitem__)
    assert dict(zip(money.TAX_COLUMNS, row, strict=True)) == {
        "month": "2026-01", "satellite": "us9", "created": "2026-02-06", "storage_usd": "0.387000",
        "egress_usd": "0.023220", "repair_usd": "0.006192", "audit_usd": "0.000001", "surge_percent": "100",
        "held_usd": "0.312309", "disposed_usd": "0.000000", "paid_usd": "0.104104", "distributed_usd": "0.000000",
    }  # fmt: skip


@given(st.integers(-(10**15), 10**15))
def test_amounts_lose_nothing(micro: int) -> None:
    stub = msgspec.structs.replace(recorded("1.98.3-payouts").stubs[0], paid=micro)
    paid = money.tax_rows([stub], str)[0][-2]
    assert int(paid.replace(".", "")) == micro
