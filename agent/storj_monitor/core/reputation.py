"""What the scores mean, how far the limits are and what is left (agent/docs/storagenode.md §6). Scores: percent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.core.storage import version_of
from storj_monitor.core.utc import DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_monitor.core.readings import SatelliteStatus, Window

AUDIT_LIMIT = 96.0
"""At or below: disqualified, at once and for ever."""
SUSPENSION_LIMIT = 60.0
"""At or below: suspended until above."""
ONLINE_LIMIT = 60.0
"""Below, with a full history: suspended for being offline until above."""
AUDIT_MEMORY = 0.999
"""What one audit leaves of α and β; their sum stays 1000, so one failure multiplies the score with this."""
WINDOW = 12 * 3600
HISTORY = 30 * DAY
EXACT = 1e-9
"""Scores are means of fractions: equal within this."""
VETTING_AUDITS = 100
VETTING_AGE = 21 * DAY

STATES = ("disqualified", "exited", "exiting", "suspended", "offline_suspended", "vetted", "vetting", "active")


def audit_distance(score: float) -> float:
    """Percent of the way from perfect (0) to disqualified (100)."""
    return min(100.0, max(0.0, 100 * (100 - score) / (100 - AUDIT_LIMIT)))


def failures_left(score: float) -> int:
    """How many audits must fail in a row until the node is disqualified: 41 at 100, 21 at 98, 0 at 96 and below."""
    if score <= AUDIT_LIMIT:
        return 0
    return math.ceil(math.log(AUDIT_LIMIT / score) / math.log(AUDIT_MEMORY))


class Exit(NamedTuple):
    """What only the node's own databases tell: offline suspension and graceful exit (times or None)."""

    offline_suspended: int | None = None
    started: int | None = None
    finished: int | None = None


NOT_KNOWN = Exit()


def state(status: SatelliteStatus, version: str, books: Exit = NOT_KNOWN) -> str:
    """The first that holds of `STATES`, by the dates and never by the scores (§10 fact 11).

    A missing date of vetting means vetting from 1.137 on; before, the node may not know: `active`.
    """
    held = {
        "disqualified": status.disqualified,
        "exited": books.finished,
        "exiting": books.started,
        "suspended": status.suspended,
        "offline_suspended": books.offline_suspended,
        "vetted": status.vetted,
        "vetting": version_of(version) >= (1, 137),
        "active": True,
    }
    return next(name for name in STATES if held[name])


# ---- online windows ----


def online_score(windows: Sequence[Window]) -> float | None:
    """Mean of online ÷ total over the complete windows: all but the last, which ran when the satellite counted.

    100 while the first one runs, as satellites count; None without windows.
    """
    shares = [window.online / window.total for window in _sorted(windows)[:-1] if window.total > 0]
    return _mean(shares) if windows else None


def downtime_left(windows: Sequence[Window], now: float, limit: float, length: int = WINDOW) -> float | None:
    """Hours (≤ 720) the node can be away from `now` on until the online score passes `limit`; None without windows.

    Assumes audits in every window and a node that is online before and after.
    """
    if not windows:
        return None
    for hours in range(1, HISTORY // 3600 + 1):
        away = hours * 3600
        if _score_at(_window_end(now + away, length), windows, now, away, length) < limit - EXACT:
            return float(hours - 1)
    return HISTORY / 3600


def recovers_at(windows: Sequence[Window], now: float, target: float, length: int = WINDOW) -> int | None:
    """When the online score reaches `target` if the node stays online; None when it is there or nothing is known."""
    score = online_score(windows)
    if score is None or score >= target - EXACT:
        return None
    end = _window_end(now, length)
    while _score_at(end, windows, now, 0, length) < target - EXACT:
        end += length
    return end


def _score_at(end: int, windows: Sequence[Window], now: float, away: float, length: int) -> float:
    """The score when the window that ends at `end` is counted, after an absence of `away` seconds from `now`."""
    running = _window_end(now, length) - length
    old = [w.online / w.total for w in windows if w.total > 0 and end - HISTORY <= w.start < running]
    new = [
        1 - max(0.0, min(start + length, now + away) - max(start, now)) / length
        for start in range(max(running, end - HISTORY), end, length)
    ]
    return _mean(old + new)


def _mean(shares: Sequence[float]) -> float:
    return 100 * sum(shares) / len(shares) if shares else 100.0


def _window_end(at: float, length: int) -> int:
    return int(at) // length * length + length


def _sorted(windows: Sequence[Window]) -> list[Window]:
    return sorted(windows, key=lambda window: window.start)


# ---- vetting ----


class Vetting(NamedTuple):
    """`percent` of the way through vetting and when age alone would end it (`old_enough`, epoch seconds)."""

    percent: float
    old_enough: int


def vetting(joined: int, now: float, audits: int | None = None) -> Vetting:
    """The slower of 100 audits and 21 days; the days alone where the number of audits is not known."""
    age = (now - joined) / VETTING_AGE
    done = age if audits is None else min(age, audits / VETTING_AUDITS)
    return Vetting(100 * min(1.0, max(0.0, done)), joined + VETTING_AGE)
