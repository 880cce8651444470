"""Where a line of points is going: a robust slope (Theil and Sen) and what follows from it.

The median of all pairwise slopes stands through almost a third of wild points: a garbage collection, a migration, a
week without the agent. Its range is that of the middle 80 % of the slopes.
"""

from __future__ import annotations

from itertools import combinations
from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.core.utc import DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

POINTS_MAX = 120
"""The newest points are used: 7 140 pairs at most."""
POINTS_MIN = 3
FAR = 3650.0
"""Days beyond which a date says nothing."""

Point = tuple[float, float]
"""(epoch seconds, value)."""


class Slope(NamedTuple):
    """Change per second: the median and the range of the middle 80 %."""

    mean: float
    low: float
    high: float


class Reach(NamedTuple):
    """Days until a level is reached: the likely number and its range; None = not at this pace, or in over ten years."""

    days: float | None
    earliest: float | None
    latest: float | None
    per_day: float


def slope(points: Sequence[Point]) -> Slope | None:
    """The robust slope of at least three points at different times; None with fewer."""
    newest = sorted(points)[-POINTS_MAX:]
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(newest, 2) if b[0] > a[0]]
    if len(newest) < POINTS_MIN or len(slopes) < POINTS_MIN:
        return None
    tenths = quantiles(slopes, n=10, method="inclusive")
    middle = median(slopes)
    # Of equal slopes the two functions differ in the last digit.
    return Slope(middle, min(middle, tenths[0]), max(middle, tenths[-1]))


def reach(points: Sequence[Point], distance: float) -> Reach | None:
    """Days until the value has moved by `distance` from now (negative: downwards); None when the pace is not known."""
    pace = slope(points)
    return None if pace is None else at_pace(pace, distance)


def at_pace(pace: Slope, distance: float) -> Reach:
    """The same for a pace that is known already."""
    quick, slow = (pace.high, pace.low) if distance >= 0 else (pace.low, pace.high)
    return Reach(_days(distance, pace.mean), _days(distance, quick), _days(distance, slow), pace.mean * DAY)


def _days(distance: float, per_second: float) -> float | None:
    if distance == 0:
        return 0.0
    if per_second == 0 or distance / per_second < 0:
        return None
    days = distance / per_second / DAY
    return days if days <= FAR else None
