"""Planner, before and after, trends of scores, likely causes: hand-computed."""

from __future__ import annotations

import math

import pytest

from storj_monitor.core import causes, compare, planner, scoretrend, sketch
from storj_monitor.core.compare import Past
from storj_monitor.core.facts import Run
from storj_monitor.core.hours import Sums
from storj_monitor.core.readings import Window

HOUR, DAY = 3600, 86_400
SUNDAY = 1_794_700_800  # 2026-11-15 00:00 UTC
NOON = 1_795_435_200  # Monday 2026-11-23 12:00 UTC

# ---- planner ----


def windows(shares: list[float]) -> list[Window]:
    """Windows of 12 hours with 100 audits, the last one running at noon."""
    return [Window(NOON - 12 * HOUR * (len(shares) - 1 - n), 100, round(100 * share)) for n, share in enumerate(shares)]


def test_how_long_a_node_may_be_away() -> None:
    """60 full windows: 57 are 95 %, so three may be missed; below 60 % after 24."""
    found = planner.away(windows([1.0] * 61), NOON)
    assert found == {"score": 100, "hours_to_95": 36, "hours_to_60": 24 * 12, "recovers_at": None}
    low = planner.away(windows([1.0] * 50 + [0.0] * 10 + [1.0]), NOON)
    assert low["score"] == pytest.approx(100 * 50 / 60, abs=1e-3)
    assert low["hours_to_95"] == 0
    assert low["recovers_at"] is not None
    assert low["recovers_at"] > NOON
    unknown = {"score": None, "hours_to_95": None, "hours_to_60": None, "recovers_at": None}
    assert planner.away((), NOON) == unknown


def test_the_quietest_hours_of_the_week_are_found_over_its_end() -> None:
    """100 at all hours but Saturday 23:00 (20) and Sunday 0:00 (40)."""
    quiet = {6 * 24 + 23: 20.0, 0: 40.0}
    rates: list[tuple[int, float | None]] = [(SUNDAY + n * HOUR, quiet.get(n % 168, 100.0)) for n in range(-168, 168)]
    found = planner.quietest(rates, 2, NOON)
    assert found is not None
    mean = (166 * 100 + 60) / 168
    assert (found.weekday, found.hour, found.hours) == (6, 23, 2)
    assert found.share == pytest.approx(100 * 30 / mean, abs=0.1)
    assert found.start == SUNDAY + (13 * 24 + 23) * HOUR, "the next one, on the 28th"
    assert planner.quietest(rates[:100], 2, NOON) is None, "a week that is known in part only"
    assert planner.quietest([(t, 0.0) for t, _ in rates], 2, NOON) is None, "no traffic at all"


# ---- before and after ----


def past(*, fall: float = 0.0, since: int = NOON, hours: int = 40 * 24, slow: int = 2) -> Past:
    """1 000 uploads an hour, 96 of 100 in time, at one half of the days 97; from `since` on fewer."""
    sums, durations = {}, {}
    for t in range(NOON - hours * HOUR, NOON + 2 * DAY, HOUR):
        share = 96 + t // DAY % 2 - (fall if t >= since else 0)
        sums[t] = Sums(
            upload_ok=round(10 * share), uploads=1000, received=1000, received_bytes=1e9, sent=10, sent_bytes=1e7,
            errors=3, lines=2000, unknown=1,
        )  # fmt: skip
        durations[t] = {sketch.bin_of(slow if t >= since else 2): 100}
    return Past(sums, durations)


def test_a_fall_beyond_the_usual_is_said_in_words() -> None:
    sides = compare.span(NOON, 24, NOON + 3 * DAY)
    assert sides == (NOON, NOON, DAY)
    found = compare.compare(past(fall=4.0, slow=12), sides, 24)
    by = {each.metric: each for each in found}
    upload = by["upload_success"]
    assert upload.before == pytest.approx(96.5), "noon to noon: half a day of each kind"
    assert upload.after == pytest.approx(92.5)
    assert upload.difference == pytest.approx(-4)
    assert upload.noise == pytest.approx(0.25), "no difference at noon on other days: the floor"
    assert upload.notable
    assert by["download_p95"].difference == pytest.approx(10, abs=0.2)
    assert by["ingress_bytes"].difference == 0
    assert not by["ingress_bytes"].notable
    assert by["download_success"] == compare.Compared(
        "download_success", "download success", None, None, None, None, None, ""
    )
    label = compare.label((NOON, "updated", "The node was updated from 1.162.3 to 1.163.1."), NOON)
    assert compare.sentence(label, found) == (
        "1.163: upload success −4.0 points, slowest twentieth of downloads +10.1 s."
    )


def test_what_is_usual_is_not_notable_and_what_is_new_is_not_judged() -> None:
    midnight = NOON - 12 * HOUR
    sides = compare.span(midnight, 24, NOON + DAY)
    assert sides is not None
    usual = {each.metric: each for each in compare.compare(past(), sides, 24)}["upload_success"]
    assert abs(usual.difference or 0) == pytest.approx(1), "a point up and a point down, every day"
    assert usual.noise == pytest.approx(1.4826)
    assert usual.notable is False
    young = compare.compare(past(hours=48), sides, 24)
    assert {each.notable for each in young} == {None}
    assert compare.sentence("Restart", young) == "Restart: too little is known to compare."


def test_sides_are_as_long_as_the_time_since_and_leave_the_hour_out() -> None:
    at = NOON + 1000
    assert compare.span(at, 24, NOON + 7000) is None
    assert compare.span(at, 24, NOON + 3 * HOUR + 100) == (NOON, NOON + HOUR, 2 * HOUR)
    assert compare.span(at, 168, NOON + 99 * DAY) == (NOON, NOON + HOUR, 7 * DAY)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (None, "2026-11-23 12:00 UTC"),
        ((NOON, "started", "The node started, version 1.162.3."), "Restart"),
        ((NOON, "note", "moved to SSD"), "moved to SSD"),
        ((NOON, "note", "x" * 200), "x" * 59 + "…"),
        ((NOON, "updated", "odd words"), "2026-11-23 12:00 UTC"),
    ],
)
def test_a_moment_is_called_by_what_happened(event: tuple[int, str, str] | None, said: str) -> None:
    assert compare.label(event, NOON) == said


# ---- scores ----


def falling(per_day: float, days: float, last: float) -> list[tuple[float, float]]:
    """Every two hours, 100 until it began to fall, `last` now."""
    points = []
    for n in range(84):
        ago = n * 2 * HOUR
        points.append((float(NOON - ago), min(100.0, last + per_day * ago / DAY) if ago <= days * DAY else 100.0))
    return points


def test_a_score_that_falls_today_has_a_date() -> None:
    """Half a point a day, since two days: 99 now, the limit 3 points below is 6 days away."""
    found = scoretrend.trend(falling(0.5, 2, 99), 99, 96, NOON)
    assert found.per_day == pytest.approx(-0.5)
    assert found.days == pytest.approx(6)
    steady = scoretrend.trend(falling(0, 0, 100), 100, 96, NOON)
    assert (steady.per_day, steady.days) == (0, None)
    assert scoretrend.trend([(NOON, 100.0)], 100, 96, NOON) == (None, None)
    assert scoretrend.trend(falling(0.5, 2, 95), 95, 96, NOON).days == 0


def test_a_fallen_score_has_a_cause() -> None:
    failures = {"GET_AUDIT:lost_piece": 3, "GET_AUDIT:timeout": 1, "PUT:disk": 9}
    away = windows([1.0] * 10 + [0.5, 0.0, 1.0])
    said = scoretrend.causes({"audit": True, "online": True}, failures, away, {"disk_errors": 2, "disk_stalled": 0})
    assert said == (
        "4 audits failed in the last 7 days: 3 times the piece is gone. The log speaks of the disk: 2 times it failed. "
        "150 audits found it away, in 2 windows; the last began on 2026-11-23."
    )
    assert scoretrend.causes({"audit": False}, failures, away, {"disk_errors": 2}) == ""


# ---- insights ----


def test_the_likely_cause_names_failures_and_what_happened_just_then() -> None:
    """A week has 168 hours: 336 failures in it are 4 in two hours."""
    found = causes.risen({"PUT:disk": 90, "PUT:timeout": 12}, {"PUT:disk": 336, "PUT:timeout": 672}, 7200, 7 * DAY)
    assert [(name, n, math.isclose(usual, 4)) for name, n, usual in found] == [("PUT:disk", 90, True)]
    updated = (NOON - HOUR, "updated", "The node was updated from 1.162.3 to 1.163.1.")
    other = (NOON - 60, "agent", "Something else.")
    assert causes.likely("upload_success", NOON, found, [other, updated]) == (
        "90 transfers failed because the disk or file system fails, or a file cannot be read, usually 4 in that time. "
        "2026-11-23 11:00 UTC: The node was updated from 1.162.3 to 1.163.1."
    )
    run = Run("used_space", NOON - 600)
    assert causes.likely("download_success", NOON, found, [], [run]) == (
        "Since 2026-11-23 11:50 UTC a walk through all files is under way."
    )
    assert causes.likely("download_success", NOON, found, [(NOON - DAY, "updated", "Long ago.")]) == ""
