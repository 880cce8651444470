"""What is usual for an hour of the week, and when a value is not. Pure.

The baseline of a series is the median of each hour of the week over up to eight weeks (of each hour of the day until
there are two weeks, nothing until there are three days). Its spread is the median absolute deviation, scaled so that
it reads like a standard deviation. It is taken over all hours together, each against the median of the *other* weeks:
eight values of one slot alone would say too little, and against a median they are part of they would look too calm.

Shares are judged as they are; traffic, counts and durations by their logarithm, for they vary by factors: a stop of
traffic lies beyond four deviations even where a busy hour has three times the traffic of a quiet one.
"""

from __future__ import annotations

import math
from array import array
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.core.utc import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HOUR = 3600
WEEK = 7 * DAY
SPAN = 8 * WEEK
"""Seconds of history that a baseline is made of at most."""
LEARNING = 3 * DAY
"""Seconds of history before which nothing is judged."""
YOUNG = 2 * WEEK
"""Seconds of history before which weekends are not known apart: hours of the day, and wider limits."""
EVENTS_MIN = 30
OPENS, CLOSES = 4.0, 2.0
"""Deviations beyond which a value is unusual, and within which it is usual again."""
HOLD, KEEP = HOUR, 2 * HOUR
"""Seconds that it must be so: one lucky hour is no recovery."""
SIGMA = 1.4826
"""Median absolute deviation → standard deviation of what is normally distributed."""
SLOT_MIN = 2
SLOT_OWN = 6
"""Values of one hour of the week from which on its own spread counts, too."""
_NAN = math.nan

Left = tuple[int, int]
"""A span [from, to) that is left out of a baseline."""


class Kind(NamedTuple):
    """How a metric is judged.

    `direction`: -1 only a fall is unusual, 1 only a rise, 0 both. `zero`: added before the logarithm; None: a share in
    percent, judged as it is. `floor`: the smallest spread (points or logarithm), so that a series that stood still does
    not alarm at its first step; `young` comes on top of it until there are two weeks.
    """

    metric: str
    direction: int
    zero: float | None = None
    floor: float = 0.08
    young: float = 0.2

    def scaled(self, value: float) -> float:
        """The value as it is judged."""
        return value if self.zero is None else math.log(max(value, 0.0) + self.zero)

    def plain(self, scaled: float) -> float:
        """The value again."""
        if self.zero is None:
            return min(100.0, max(0.0, scaled))
        return max(0.0, math.exp(scaled) - self.zero)

    def noise(self, scaled: float, events: float) -> float:
        """What chance alone does to a value made of so many events."""
        if self.zero is not None:
            return 1 / math.sqrt(max(events, 1.0))
        share = min(0.995, max(0.005, scaled / 100))
        return 100 * math.sqrt(share * (1 - share) / max(events, 1.0))


class Point(NamedTuple):
    """An hour: its start, its value (None = not known) and how many events it is made of."""

    t: int
    value: float | None
    events: int


class Band(NamedTuple):
    """What is usual: `low` and `high` are the limits beyond which a value is not."""

    expected: float
    low: float
    high: float
    kind: Kind
    spread: float

    def deviations(self, value: float) -> float:
        """How many spreads a value lies on the side that matters; 0 on the other side."""
        away = (self.kind.scaled(value) - self.kind.scaled(self.expected)) / self.spread
        return abs(away) if self.kind.direction == 0 else max(0.0, away * self.kind.direction)


class Baseline:
    """What `learn` found. `ready_at`: when there will be, or was, enough to judge; None before the first point."""

    def __init__(self, kind: Kind, begun: int | None, young: bool = False) -> None:
        self.kind = kind
        self.young = young
        self.ready_at = None if begun is None else begun + LEARNING
        self.pooled = 0.0
        size = 24 if young else 168
        self._medians = array("d", [_NAN]) * size
        self._spreads = array("d", [0.0]) * size
        self._events = array("d", [0.0]) * size

    @property
    def learning(self) -> bool:
        """Whether there is too little history to judge."""
        return not self.pooled

    def band(self, t: int, events: int) -> Band | None:
        """What is usual in the hour of `t` for a value of so many events; None where that is not known.

        A value of few events says nothing, but for one that should have had many (traffic that stops).
        """
        slot = _slot(t, len(self._medians))
        middle, usual = self._medians[slot], self._events[slot]
        enough = max(events, usual) if self.kind.zero is not None else events
        if self.learning or math.isnan(middle) or enough < EVENTS_MIN:
            return None
        noise = self.kind.noise(middle, usual if self.kind.zero is not None else events)
        spread = max(self.kind.floor, noise, self.pooled, self._spreads[slot])
        if self.young:  # what weekends do comes on top of what hours do
            spread = math.hypot(spread, self.kind.young)
        low, high = (self.kind.plain(middle + side * OPENS * spread) for side in (-1, 1))
        return Band(self.kind.plain(middle), low, high, self.kind, spread)

    def fill(self, slots: dict[int, list[Point]]) -> None:
        """Medians and spreads of the slots that have enough points."""
        away: list[float] = []
        for slot, points in slots.items():
            values = sorted(self.kind.scaled(point.value) for point in points if point.value is not None)
            if len(values) < SLOT_MIN:
                continue
            self._medians[slot] = middle = median(values)
            self._events[slot] = median(point.events for point in points)
            away += _against_others(values)
            if len(values) >= SLOT_OWN:
                self._spreads[slot] = SIGMA * median(abs(value - middle) for value in values)
        self.pooled = max(SIGMA * median(away), 1e-9) if away else 0.0


def learn(points: Iterable[Point], kind: Kind, now: float, left_out: Sequence[Left] = ()) -> Baseline:
    """The baseline of the hours before `now`, without the spans of past anomalies."""
    least = EVENTS_MIN if kind.zero is None else 0
    usable = [
        point
        for point in points
        if point.value is not None
        and point.events >= least
        and now - SPAN <= point.t <= now - HOUR
        and not any(start <= point.t + HOUR - 1 and point.t < end for start, end in left_out)
    ]
    begun = min((point.t for point in usable), default=None)
    if begun is None or now - begun < LEARNING:
        return Baseline(kind, begun)
    found = Baseline(kind, begun, young=now - begun < YOUNG)
    slots: dict[int, list[Point]] = {}
    for point in usable:
        slots.setdefault(_slot(point.t, 24 if found.young else 168), []).append(point)
    found.fill(slots)
    return found


def _slot(t: int, size: int) -> int:
    return t // HOUR % size


def _against_others(values: Sequence[float]) -> list[float]:
    """How far each of some sorted values is from the median of the others."""
    n = len(values)
    middle = n // 2
    if n % 2 == 0:  # an odd number is left: its median is the middle one
        return [abs(value - values[middle if at < middle else middle - 1]) for at, value in enumerate(values)]
    low, high = values[middle - 1], values[middle + 1]
    centre = values[middle]
    halves = ((centre + high) / 2, (low + high) / 2, (low + centre) / 2)
    return [abs(value - halves[(at > middle) - (at < middle) + 1]) for at, value in enumerate(values)]
