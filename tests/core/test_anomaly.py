from __future__ import annotations

import random
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storj_monitor.core import anomaly, insight
from storj_monitor.core.anomaly import HOUR, WEEK, Point, learn
from storj_monitor.core.insight import KINDS, Insight
from storj_monitor.core.watcher import Look, Series, Watcher

DAY = 24 * HOUR
MONDAY = 1_793_577_600  # 2026-11-02 00:00 UTC
WEEKS_6 = 6 * WEEK
SATELLITES = ("us1", "eu1", "ap1", "saltlake")


def weekend(t: int) -> bool:
    return (t - MONDAY) // DAY % 7 >= 5


class Life:
    """Hours of one node: shares of uploads and downloads by satellite, traffic, errors; seeded."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.points: dict[Series, list[Point]] = {}
        self.watcher = Watcher("attic")
        self.insights: list[Insight] = []
        self.closed: list[Insight] = []

    def share(self, percent: float, events: int) -> float:
        ok = self.chance.gauss(events * percent / 100, (events * percent * (100 - percent)) ** 0.5 / 100)
        return min(100.0, 100 * ok / events)

    def hour(self, t: int, fall: float = 0, at: str = "", traffic: float = 1) -> dict[Series, Point]:
        """Uploads are two points worse and traffic a third less on weekends; downloads get slowly worse."""
        quiet, swing = (0.65 if weekend(t) else 1.0), 1 + 0.3 * ((t // HOUR % 24) in range(6, 18))
        found = {}
        sums = {"upload_success": [0.0, 0], "download_success": [0.0, 0]}
        for satellite in SATELLITES:
            for metric, usual in (
                ("upload_success", 97.5 - 2 * weekend(t) + self.chance.gauss(0, 0.3)),
                ("download_success", 98 - 3 * (t - MONDAY) / WEEKS_6 + self.chance.gauss(0, 0.3)),
            ):
                events = int(self.chance.gauss(600, 60) * quiet * swing)
                lower = fall if metric == "upload_success" and at in {satellite, "all"} else 0
                value = self.share(usual - lower, events)
                found[Series(metric, satellite)] = Point(t, value, events)
                sums[metric][0] += value * events
                sums[metric][1] += events
        for metric, (total, n) in sums.items():
            found[Series(metric)] = Point(t, total / n, int(n))
        for metric in ("ingress_rate", "egress_rate"):
            rate = (
                2e6 * quiet * swing * traffic * self.chance.lognormvariate(0, 0.25) * (1 + 0.3 * (t - MONDAY) / WEEKS_6)
            )
            found[Series(metric)] = Point(t, rate, int(2400 * quiet * swing * traffic))
        errors = self.chance.choice([0, 0, 1, 2, 5, 9])
        found[Series("errors")] = Point(t, errors, errors)
        return found

    def live(self, start: int, end: int, **trouble: float | str) -> None:
        """Look every hour; baselines are renewed once a day, without what was found unusual."""
        baselines: dict[Series, anomaly.Baseline] = {}
        for t in range(start, end, HOUR):
            hour = self.hour(t, **trouble)  # type: ignore[arg-type]
            if not baselines or t % DAY == 0:
                baselines = {s: learn(self.points.get(s, []), KINDS[s.metric], t, self.left_out(s, t)) for s in hour}
            looks = {}
            for series, point in hour.items():
                band = baselines[series].band(t, point.events)
                if band is not None and point.value is not None:
                    looks[series] = Look(t + HOUR, point.value, band)
                self.points.setdefault(series, []).append(point)
            found = self.watcher.look(looks, t + HOUR)
            self.insights += [each for each, _ in found.opened]
            self.closed += found.closed

    def left_out(self, series: Series, now: int) -> list[tuple[int, int]]:
        known = (*self.closed, *self.watcher.open.values())
        return [(each.since, each.until or now) for each in known if (each.metric, each.satellite) == series]


@pytest.mark.parametrize("seed", range(3))
def test_six_weeks_with_a_weekend_dip_and_a_slow_drift_raise_nothing_and_a_fall_raises_one(seed: int) -> None:
    life = Life(seed)
    life.live(MONDAY, MONDAY + WEEKS_6)
    assert life.insights == [], (
        "weekends two points and a third of the traffic lower, downloads three points in six weeks"
    )
    begun = MONDAY + WEEKS_6
    life.live(begun, begun + 3 * DAY, fall=5, at="eu1")
    (found,) = life.insights
    assert (found.metric, found.satellite, found.since) == ("upload_success", "eu1", begun)
    assert found.value < found.low < found.expected < found.high <= 100
    assert found.expected == pytest.approx(97.5, abs=0.6)
    assert "eu1" in insight.text_of(found, {})
    life.live(begun + 3 * DAY, begun + 4 * DAY)
    assert life.watcher.open == {}, "it closes when the rate is usual again"
    assert len(life.insights) == 1


def test_a_fall_everywhere_is_the_nodes_and_a_stop_of_traffic_is_seen() -> None:
    life = Life(5)
    life.live(MONDAY, MONDAY + 3 * WEEK)
    begun = MONDAY + 3 * WEEK
    life.live(begun, begun + 6 * HOUR, fall=6, at="all")
    (found,) = life.insights
    assert (found.metric, found.satellite) == ("upload_success", "")
    life.live(begun + 6 * HOUR, begun + 12 * HOUR)
    life.live(begun + 12 * HOUR, begun + 18 * HOUR, traffic=0.0)
    assert {each.metric for each in life.insights[1:]} == {"ingress_rate", "egress_rate"}
    stopped = life.insights[-1]
    assert stopped.value == 0 < stopped.low
    assert stopped.since == begun + 12 * HOUR


def points(values: list[float], events: int = 1000) -> list[Point]:
    return [Point(MONDAY + HOUR * n, value, events) for n, value in enumerate(values)]


def test_baselines_grow_up() -> None:
    """Learning until 3 days, hours of the day until 14, then hours of the week."""
    kind, flat = KINDS["upload_success"], [99.0] * 24 * 30

    def at(hours: int) -> anomaly.Baseline:
        return learn(points(flat[:hours]), kind, MONDAY + hours * HOUR)

    assert at(71).learning
    assert at(71).ready_at == MONDAY + 3 * DAY
    assert at(71).band(MONDAY + 71 * HOUR, 1000) is None
    assert at(0).ready_at is None
    assert at(73).young
    young, old = at(73).band(MONDAY, 1000), at(24 * 15).band(MONDAY, 1000)
    assert young is not None
    assert old is not None
    assert young.low == pytest.approx(99 - 4 * (0.3146**2 + 1) ** 0.5, abs=1e-3), "weekends are not known yet"
    assert old.low == pytest.approx(99 - 4 * 0.3146, abs=1e-3), (
        "chance in 1000 events: √(0.99·0.01/1000) = 0.3146 points"
    )
    assert old.high == 100
    assert old.deviations(100) == 0, "a success rate is never too good"
    assert at(24 * 15).band(MONDAY, 29) is None, "29 events say nothing"


def test_a_series_that_stood_still_does_not_alarm_at_its_first_step() -> None:
    band = learn(points([1e6] * 24 * 30), KINDS["egress_rate"], MONDAY + 30 * DAY).band(MONDAY, 1_000_000)
    assert band is not None
    assert band.low < 0.75e6
    assert band.high > 1.35e6
    assert band.deviations(0) > 4


def test_what_is_not_known_stops_the_clock_and_changes_nothing() -> None:
    band = learn(points([98.0] * 24 * 30), KINDS["upload_success"], MONDAY + 30 * DAY).band(MONDAY, 10_000)
    assert band is not None
    watcher, series, t = Watcher("attic"), Series("upload_success", "us1"), MONDAY

    def look(value: float | None) -> tuple[int, int]:
        nonlocal t
        t += 1800
        found = watcher.look({} if value is None else {series: Look(t, value, band)}, t)
        return len(found.opened), len(found.closed)

    assert look(90) == look(90) == (0, 0)
    assert look(None) == look(None) == look(90) == (0, 0), "half an hour is held"
    assert look(90) == (1, 0)
    assert look(None) == look(95) == (0, 0), "open while it is not known, and between two and four"
    assert look(97.9) == look(95) == (0, 0)
    assert [look(97.9) for _ in range(4)] == [(0, 0)] * 4, "two hours for the way back"
    assert look(97.9) == (0, 1)
    assert look(90) == look(90) == (0, 0)
    assert look(97) == look(90) == look(90) == (0, 0), "a usual hour begins it anew"
    assert look(90) == (1, 0)
    watcher.open = {series: watcher.open[series]}
    t += 14 * DAY
    assert look(90) == (0, 1), "after two weeks it is usual"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=2, max_size=9))
def test_each_value_is_laid_beside_the_median_of_the_others(values: list[float]) -> None:
    values.sort()
    want = [abs(value - median(values[:n] + values[n + 1 :])) for n, value in enumerate(values)]
    assert anomaly._against_others(values) == pytest.approx(want)
