"""Quiet hours and digests on the clock of people."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.alerts.hours import digest_due, hours, quiet_until

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"]
NIGHT = hours("22:00-07:00")
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> int:
    """Epoch seconds of a UTC time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-23T20:59:59", None),
        ("2026-11-23T21:00:00", "2026-11-24T06:00:00"),
        ("2026-11-24T05:59:59", "2026-11-24T06:00:00"),
        ("2026-11-24T06:00:00", None),
        # The night in which summer begins has an hour less, the one in which it ends an hour more.
        ("2026-03-28T21:00:00", "2026-03-29T05:00:00"),
        ("2026-10-24T20:00:00", "2026-10-25T06:00:00"),
    ],
)
def test_the_night_in_berlin(now: str, until: str | None) -> None:
    assert quiet_until(at(now), NIGHT, BERLIN) == (None if until is None else at(until))


def test_hours_within_a_day_and_none_at_all() -> None:
    noon = at("2026-11-23T12:00:00")
    assert quiet_until(noon, hours("11:30-12:30"), ZoneInfo("UTC")) == at("2026-11-23T12:30:00")
    assert quiet_until(noon, hours("12:00-12:00"), ZoneInfo("UTC")) is None
    assert quiet_until(noon, None, ZoneInfo("UTC")) is None


clock = st.times().map(lambda each: each.replace(second=0, microsecond=0))
moments = st.integers(at("2024-01-01T00:00:00"), at("2028-01-01T00:00:00"))


@given(moments, clock, clock, st.sampled_from(ZONES))
def test_quiet_hours_end_and_end_within_a_day(now: int, begin: time, end: time, zone: str) -> None:
    place = ZoneInfo(zone)
    until = quiet_until(now, (begin, end), place)
    steps = 0
    while until is not None:
        assert now < until <= now + 86_400 + 2 * 3600
        now, until, steps = until, quiet_until(until, (begin, end), place), steps + 1
        assert steps <= 2, "a wall time that comes twice may prolong it once"


@given(moments, clock, st.sampled_from(ZONES), st.sampled_from(["daily", "weekly"]))
def test_a_digest_is_due_once_a_day_or_a_monday(now: int, wall: time, zone: str, kind: str) -> None:
    place = ZoneInfo(zone)
    due = digest_due(now, kind, wall, place)  # type: ignore[arg-type]
    assert due is not None
    span = 1 if kind == "daily" else 7
    assert now - span * 86_400 - 2 * 3600 <= due <= now
    shown = datetime.fromtimestamp(due, place)
    if kind == "weekly":
        assert shown.weekday() == 0
    if (shown.hour, shown.minute) != (wall.hour, wall.minute):
        assert abs(shown.utcoffset() - datetime.fromtimestamp(due - 86_400, place).utcoffset())  # type: ignore[operator]


def test_no_digest_is_never_due() -> None:
    assert digest_due(at("2026-11-23T12:00:00"), "off", time(8), BERLIN) is None
