"""The window of 24 hours against a list of everything that was ever counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.core.window import MINUTES, Window

NOON = 1_795_435_200
METRICS = ("transfer:GET:ok", "transfer:GET:failed", "log_lines")
KEYS = [(metric, who) for metric in METRICS for who in ("", "a", "b")]

counts = st.tuples(st.sampled_from(KEYS), st.integers(-1500, 3000), st.integers(1, 9))
events = st.lists(st.tuples(st.integers(0, 400), counts), max_size=40)


class Plain:
    """Every count with its minute."""

    def __init__(self) -> None:
        self.now = 0
        self.counts: list[tuple[tuple[str, str], int, int]] = []

    def add(self, key: tuple[str, str], minute: int, n: int) -> None:
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
    plain.now = NOON // 60
    window.advance(NOON)
    for passed, (key, offset, n) in history:
        plain.now += passed
        window.advance(plain.now * 60)
        window.add(key, (plain.now - offset) * 60 + 59, n)
        plain.add(key, plain.now - offset, n)
    at = plain.now + before
    for metrics in ({"log_lines"}, set(METRICS)):
        assert window.by_satellite(metrics, at * 60, minutes) == plain.by_satellite(metrics, at, minutes)
    day = plain.by_satellite(set(METRICS), plain.now, MINUTES)
    assert window.total(METRICS) == sum(day.values())
    assert window.total(METRICS, "a") == day.get("a", 0)
    gets = plain.by_satellite({"transfer:GET:ok", "transfer:GET:failed"}, at, minutes)
    assert window.since_at("transfer:", at * 60, minutes) == sum(gets.values())
