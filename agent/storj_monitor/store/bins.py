"""Bins of time, all aligned to UTC, and which tier to take them from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

TIERS = {"minute": 60, "hour": 3_600, "day": 86_400}
"""Seconds of a bin, finest first."""
HOURLY = ("size:",)
"""Series whose names begin so have no minutes: dozens of them by the minute would be most of the file."""
STEPS = (60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400)
"""Steps that fit into a UTC day; above them whole days."""


class Span(NamedTuple):
    """Bins of one tier from `start` up to, not including, `end`."""

    tier: str
    start: int
    end: int


def finest_tier(metric: str, finest: Mapping[str, str]) -> str:
    """The finest tier that a series is kept in; `finest` names those of gauges."""
    return finest.get(metric) or ("hour" if metric.startswith(HOURLY) else "minute")


def down(at: int, size: int) -> int:
    """The start of the bin of `size` seconds that `at` lies in."""
    return at - at % size


def up(at: int, size: int) -> int:
    """The first start of a bin that is not before `at`."""
    return -(-at // size) * size


def spans(start: int, end: int, kept: Mapping[str, int]) -> list[Span]:
    """What to add up for [start, end): every minute once, from as few bins as can be.

    `kept`: tier → epoch second from which on it is whole. What is older is rounded outwards to bins of the next tier.
    """
    return _spans(down(start, 60), up(end, 60), ("minute", "hour", "day"), kept) if start < end else []


def _spans(start: int, end: int, tiers: tuple[str, ...], kept: Mapping[str, int]) -> list[Span]:
    *finer, tier = tiers
    if start >= end:
        return []
    if not finer:
        return [Span(tier, start, end)]
    size = TIERS[tier]
    held = kept.get(finer[-1], 0)
    if start < held:
        whole = up(min(end, held), size)
        return [Span(tier, down(start, size), whole), *_spans(whole, end, tiers, kept)]
    first, last = up(start, size), down(end, size)
    if first >= last:
        return _spans(start, end, tuple(finer), kept)
    return [
        *_spans(start, first, tuple(finer), kept),
        Span(tier, first, last),
        *_spans(last, end, tuple(finer), kept),
    ]


def fit_step(start: int, end: int, step: int, least: int, max_rows: int) -> int:
    """The smallest good step that is not below `step` and `least` and gives at most `max_rows` bins."""
    wanted = max(step, least, 60)
    for each in STEPS:
        if each >= wanted and _rows(start, end, each) <= max_rows:
            return each
    days = max(2, up(wanted, 86_400) // 86_400, (end - start) // (86_400 * max_rows))
    while _rows(start, end, days * 86_400) > max_rows:
        days += 1
    return days * 86_400


def _rows(start: int, end: int, step: int) -> int:
    return (up(end, step) - down(start, step)) // step


def tier_of(step: int) -> str:
    """The coarsest tier whose bins fill a step."""
    return next(tier for tier, size in reversed(TIERS.items()) if step % size == 0)
