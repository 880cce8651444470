"""The window of 24 hours against a list of everything that was ever counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.core.window import AHEAD, MINUTES, SET_BACK, Window

NOON = 1_795_435_200
METRICS = ("transfer:GET:ok", "transfer:GET:failed", "log_lines")
KEYS = [(metric, who) for metric in METRICS for who in ("", "a", "b")]

counts = st.tuples(st.sampled_from(KEYS), st.integers(-10, 10) | st.integers(-1500, 3000), st.integers(1, 9))
events = st.lists(st.tuples(st.integers(0, 400) | st.integers(-100, 10) | st.integers(-4000, 0), counts), max_size=40)


class Plain:
    """Every count with its minute."""

    def __init__(self) -> None:
        self.clock = self.latest = self.now = 0
        self.counts: list[tuple[tuple[str, str], int, int]] = []

    def advance(self, minutes: int) -> None:
        self.clock += minutes
        if self.clock <= self.latest - SET_BACK:
            self.counts = [each for each in self.counts if self.now - MINUTES < each[1] <= self.clock]
            self.latest = self.now = self.clock
        self.latest = max(self.latest, self.clock)
        self.now = max(self.now, self.latest)

    def add(self, key: tuple[str, str], minute: int, n: int) -> None:
        if minute <= self.latest + AHEAD:
            self.now = max(self.now, minute)
        if self.now - MINUTES < minute <= self.now:
            self.counts.append((key, minute, n))

    def by_satellite(self, metrics: set[str], at: int, minutes: int) -> dict[str, int]:
        last = min(at, self.now)
        first = max(last - minutes, self.now - MINUTES) + 1
        found: dict[str, int] = {}
        for (metric, who), minute, n in self.counts:
            if metric in metrics and first <= minute <= last:
                found[who] = found.get(who, 0) + n
        return found


@given(events, st.integers(-1600, 10), st.sampled_from([1, 2, 60, 180, MINUTES, 3 * MINUTES]))
def test_every_sum_is_that_of_what_was_counted(history: list, before: int, minutes: int) -> None:  # type: ignore[type-arg]
    window, plain = Window(), Plain()
    plain.advance(NOON // 60)
    window.advance(NOON)
    for passed, (key, offset, n) in history:
        plain.advance(passed)
        window.advance(plain.clock * 60)
        window.add(key, (plain.clock - offset) * 60 + 59, n)
        plain.add(key, plain.clock - offset, n)
    at = plain.now + before
    for metrics in ({"log_lines"}, set(METRICS)):
        assert window.by_satellite(metrics, at * 60, minutes) == plain.by_satellite(metrics, at, minutes)
    day = plain.by_satellite(set(METRICS), plain.now, MINUTES)
    assert window.total(METRICS) == sum(day.values())
    assert window.total(METRICS, "a") == day.get("a", 0)
    gets = plain.by_satellite({"transfer:GET:ok", "transfer:GET:failed"}, at, minutes)
    assert window.since_at("transfer:", at * 60, minutes) == sum(gets.values())


def test_a_node_whose_clock_is_ahead_loses_nothing_and_no_line_ends_the_day() -> None:
    window, key = Window(), ("log_lines", "")
    window.advance(NOON)
    for second in range(0, 600, 10):  # its clock is half a minute ahead
        window.advance(NOON + second)
        window.add(key, NOON + second + 30, 1)
    assert window.total({"log_lines"}) == 60
    window.add(key, NOON + 600 + (AHEAD + 1) * 60, 1)
    assert window.total({"log_lines"}) == 60, "a line of another time moves nothing"
