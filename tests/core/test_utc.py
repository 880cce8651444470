from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.core import utc


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_days_and_months() -> None:
    leap = at("2024-02-29T23:59:59")
    assert utc.day_start(leap) == at("2024-02-29")
    assert utc.month_start(leap) == at("2024-02-01")
    assert utc.month_start(leap, 1) == at("2024-03-01")
    assert utc.month_start(leap, -2) == at("2023-12-01")
    assert (utc.month_name(leap), utc.month_name(leap, -14)) == ("2024-02", "2022-12")
    assert (utc.days_in_month(leap), utc.days_in_month(leap, -1), utc.day_of_month(leap)) == (29, 31, 29)
    assert utc.date(leap) == "2024-02-29"


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ("2026-01-31", "2026-02-01", 1),
        ("2026-02-01", "2026-02-28", 0),
        ("2025-12-31", "2026-01-01", 1),
        ("2024-11-11", "2026-02-10", 15),
    ],
)
def test_calendar_months(first: str, last: str, months: int) -> None:
    assert utc.months_between(at(first), at(last)) == months


@given(st.integers(0, 4_000_000_000), st.integers(-60, 60))
def test_a_month_starts_with_its_first_second(time: int, months: int) -> None:
    start = utc.month_start(time, months)
    if start > 0:
        assert utc.month_start(start) == start
        assert utc.month_start(start - 1) == utc.month_start(time, months - 1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-11-23T07:50:29.090144177Z", at("2026-11-23T07:50:29")),
        ("2026-11-23T09:50:29+02:00", at("2026-11-23T07:50:29")),
        ("2026-11-23T07:50:29Z", at("2026-11-23T07:50:29")),
        ("0001-01-01T00:00:00Z", None),
        ("0000-12-31T16:07:02-07:52", None),
        ("0001-01-01T00:53:28+00:53", None),
        ("1969-12-31T23:59:59Z", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_times_of_the_api(text: str | None, seconds: int | None) -> None:
    assert utc.epoch(text) == seconds
