"""The last 24 hours of counts, minute by minute (contract: "last 1 440 minute buckets of event time").

One ring of 1 440 counters per series and a running sum: 5.8 KB a series, whatever the traffic.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MINUTES = 1440
AHEAD = 5
"""Minutes that a line may be ahead of the clock here: it then moves the window on; a line of next year must not."""
SET_BACK = 60
"""Minutes from which on an earlier `now` is a clock that was wrong and is right now: its hours are forgotten."""
_ZEROS = bytes(array("I").itemsize * MINUTES)

Key = tuple[str, str]
"""Metric and full satellite id ("" for none)."""


class Window:
    """Counts per series over the minutes before `now`; older ones fall out as time goes on."""

    def __init__(self) -> None:
        self._rings: dict[Key, array[int]] = {}
        self._sums: dict[Key, int] = {}
        self._named: dict[str, list[Key]] = {}  # the series of a metric
        self._now = 0  # the minute of the clock
        self._end = 0  # that of the newest count, when it is ahead of the clock

    def advance(self, now: float) -> None:
        """Let minutes fall out that are 24 h before `now` (epoch seconds)."""
        minute = int(now) // 60
        if minute <= self._now - SET_BACK:
            self._go_back(minute)
        self._now = max(self._now, minute)
        self._advance(self._now)

    def _advance(self, end: int) -> None:
        self._clear(max(self._end, end - MINUTES) + 1, end)
        self._end = max(self._end, end)

    def _go_back(self, end: int) -> None:
        """What was counted after `end` was at no time that there is; the minutes that it had replaced are lost."""
        self._clear(max(end, self._end - MINUTES) + 1, self._end)
        self._now = self._end = end

    def _clear(self, first: int, last: int) -> None:
        for minute in range(first, last + 1):
            slot = minute % MINUTES
            for key, ring in self._rings.items():
                if ring[slot]:
                    self._sums[key] -= ring[slot]
                    ring[slot] = 0

    def add(self, key: Key, at: int, n: int) -> None:
        """Count `n` more at the epoch second `at`; what lies outside the 24 hours is left out."""
        minute = at // 60
        if self._end < minute <= self._now + AHEAD:
            self._advance(minute)
        if not self._end - MINUTES < minute <= self._end:
            return
        ring = self._rings.get(key)
        if ring is None:
            ring = self._rings[key] = array("I", _ZEROS)
            self._sums[key] = 0
            self._named.setdefault(key[0], []).append(key)
        ring[minute % MINUTES] += n
        self._sums[key] += n

    def sums(self) -> Iterator[tuple[Key, int]]:
        """Every series that has counts, with its sum over 24 hours."""
        return ((key, n) for key, n in self._sums.items() if n)

    def last(self, metric: str, minutes: int) -> int:
        """The sum of a metric without satellite over the last minutes, the running one included."""
        ring = self._rings.get((metric, ""))
        if ring is None:
            return 0
        return sum(ring[minute % MINUTES] for minute in range(self._end - minutes, self._end + 1))

    def since(self, prefix: str, minutes: int) -> int:
        """The sum of all metrics that begin so over the last minutes, the running one included, of all satellites."""
        rings = [ring for (metric, _), ring in self._rings.items() if metric.startswith(prefix)]
        return sum(ring[minute % MINUTES] for ring in rings for minute in range(self._end - minutes, self._end + 1))

    def by_satellite(self, metrics: Iterable[str], at: float, minutes: int) -> dict[str, int]:
        """The sum of some metrics by satellite over the minutes up to that of `at`; only what is more than 0."""
        last = min(int(at) // 60, self._end)
        first = max(last - minutes, self._end - MINUTES) + 1
        found: dict[str, int] = {}
        for metric in set(metrics):
            for key in self._named.get(metric, ()):
                if self._sums[key] and (n := self._slice(key, first, last)):
                    found[key[1]] = found.get(key[1], 0) + n
        return found

    def has(self, metrics: Iterable[str]) -> bool:
        """Whether any of some metrics was counted within the 24 hours."""
        return any(self._sums[key] for metric in metrics for key in self._named.get(metric, ()))

    def since_at(self, prefix: str, at: float, minutes: int) -> int:
        """The sum of all metrics that begin so over the minutes that end with that of `at`."""
        metrics = [metric for metric in self._named if metric.startswith(prefix)]
        return sum(self.by_satellite(metrics, at, minutes).values())

    def _slice(self, key: Key, first: int, last: int) -> int:
        """The sum of one series from one minute to another, both included, all of them within the 24 hours."""
        if last - first >= MINUTES - 1:
            return self._sums[key]
        if last < first:
            return 0
        ring, start, end = self._rings[key], first % MINUTES, last % MINUTES + 1
        return sum(ring[start:end]) if start < end else sum(ring[start:]) + sum(ring[:end])

    def between(self, metrics: Iterable[str], start: int, end: int) -> int:
        """The sum of some metrics of all satellites from one full minute to another (epoch seconds, `end` excluded)."""
        wanted, minutes = set(metrics), range(max(start // 60, self._end - MINUTES + 1), min(end // 60, self._end + 1))
        rings = [ring for (metric, _), ring in self._rings.items() if metric in wanted]
        return sum(ring[minute % MINUTES] for ring in rings for minute in minutes)

    def total(self, metrics: Iterable[str], satellite: str | None = None) -> int:
        """The sum of some metrics over 24 hours, of one satellite or of all."""
        keys = [key for metric in set(metrics) for key in self._named.get(metric, ())]
        return sum(self._sums[key] for key in keys if satellite is None or key[1] == satellite)
