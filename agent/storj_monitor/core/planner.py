"""When to switch a node off: what an absence may last at each satellite, and the quietest hours of the week. Pure.

All hours are UTC; days of the week count from Sunday = 0, as browsers do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from storj_monitor.core import reputation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_monitor.core.readings import Window

HOUR = 3600
WEEK_HOURS = 168
GOOD = 95.0
"""Percent of online score that nobody worries about."""
_SUNDAY = 3 * 24
"""Hours from the epoch, a Thursday, to its first Sunday."""


class Quiet(NamedTuple):
    """Hours of the week: `weekday` 0…6, `hour` 0…23, `hours` long; `share` percent of the traffic of an average such
    span, `start` when it comes next (epoch seconds).
    """

    weekday: int
    hour: int
    hours: int
    share: float
    start: int


def away(windows: Sequence[Window], now: float) -> dict[str, Any]:
    """`{score, hours_to_95, hours_to_60, recovers_at}`: whole hours from `now` on until the online score falls below
    (0: it is; null: no windows known), and when a score below 95 is there again (null: it is not below).
    """
    score = reputation.online_score(windows)
    return {
        "score": None if score is None else round(score, 3),
        "hours_to_95": _left(windows, now, score, GOOD),
        "hours_to_60": _left(windows, now, score, reputation.ONLINE_LIMIT),
        "recovers_at": reputation.recovers_at(windows, now, GOOD),
    }


def _left(windows: Sequence[Window], now: float, score: float | None, limit: float) -> float | None:
    below = score is not None and score < limit - reputation.EXACT
    return 0.0 if below else reputation.downtime_left(windows, now, limit)


def quietest(rates: Sequence[tuple[int, float | None]], hours: int, now: float) -> Quiet | None:
    """The hours of the week with the least traffic, by means of (start of an hour, bytes per second; None = not known).

    None while a part of the week is not known, or without any traffic.
    """
    slots: list[list[float]] = [[] for _ in range(WEEK_HOURS)]
    for t, rate in rates:
        if rate is not None:
            slots[t // HOUR % WEEK_HOURS].append(rate)
    if not all(slots):
        return None
    means = [sum(slot) / len(slot) for slot in slots]
    mean = sum(means) / WEEK_HOURS
    spans = [sum(means[(first + n) % WEEK_HOURS] for n in range(hours)) / hours for first in range(WEEK_HOURS)]
    if not mean:
        return None
    first = min(range(WEEK_HOURS), key=spans.__getitem__)
    weekday, hour = divmod((first - _SUNDAY) % WEEK_HOURS, 24)
    next_hour = -(-int(now) // HOUR)
    start = (next_hour + (first - next_hour) % WEEK_HOURS) * HOUR
    return Quiet(weekday, hour, hours, round(100 * spans[first] / mean, 1), start)
