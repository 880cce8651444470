"""Where a satellite's scores are going, and why (agent/docs/storagenode.md §6). Pure. Scores: percent."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.core import errortexts, forecast, reputation
from storj_monitor.core.utc import DAY, date

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storj_monitor.core.forecast import Point
    from storj_monitor.core.readings import Window

LIMITS = {
    "audit": reputation.AUDIT_LIMIT,
    "suspension": reputation.SUSPENSION_LIMIT,
    "online": reputation.ONLINE_LIMIT,
}
SPANS = (7 * DAY, DAY)
"""A fall of today is lost in the slope of a week; the steeper of both counts."""
EXACT = 0.005
"""Points that a score differs by chance of rounding."""
AUDIT = "GET_AUDIT:"
DISK = {"disk_errors": "failed", "disk_stalled": "hung", "disk_full_errors": "was full"}
"""Counters of lines that name the disk (`core.chore_counts`)."""


class Trend(NamedTuple):
    """Points per day, and days until the limit at that pace; None = not known, not falling, or in over ten years."""

    per_day: float | None
    days: float | None


def trend(points: Sequence[Point], score: float | None, limit: float, now: float) -> Trend:
    """The steeper of the slopes of the last week and the last day."""
    known = [forecast.slope([each for each in points if each[0] >= now - span]) for span in SPANS]
    slopes = [each for each in known if each is not None]
    if not slopes or score is None:
        return Trend(None, None)
    pace = min(slopes, key=lambda each: each.mean)
    if pace.mean >= 0:
        return Trend(pace.mean * DAY, None)
    if score <= limit:
        return Trend(pace.mean * DAY, 0.0)
    return Trend(pace.mean * DAY, forecast.at_pace(pace, limit - score).days)


def causes(
    fallen: Mapping[str, bool], failures: Mapping[str, int], windows: Sequence[Window], disk: Mapping[str, int]
) -> str:
    """The likely cause of scores that fell, in one or two sentences; "" when none did or nothing tells why.

    `fallen`: by score; `failures`: `ACTION:CLASS` → how many of the last week; `disk`: see `DISK`.
    """
    said = []
    if fallen.get("audit") or fallen.get("suspension"):
        said += [_audits(failures), _disk(disk)]
    if fallen.get("online"):
        said.append(_away(windows))
    return " ".join(each for each in said if each)


def _audits(failures: Mapping[str, int]) -> str:
    found = sorted(
        ((n, name.removeprefix(AUDIT)) for name, n in failures.items() if name.startswith(AUDIT)), reverse=True
    )
    if not found:
        return ""
    n, why = found[0]
    total = sum(each for each, _ in found)
    many = "1 audit" if total == 1 else f"{total} audits"
    most = "" if n == total else f" {n} times"
    return f"{many} failed in the last 7 days:{most} {errortexts.CLASSES.get(why, why)}."


def _disk(disk: Mapping[str, int]) -> str:
    found = [f"{n} times it {DISK[name]}" for name, n in disk.items() if n and name in DISK]
    return f"The log speaks of the disk: {', '.join(found)}." if found else ""


def _away(windows: Sequence[Window]) -> str:
    missed = [each for each in windows if each.online < each.total]
    if not missed:
        return ""
    audits = sum(each.total - each.online for each in missed)
    last = max(each.start for each in missed)
    many = "1 window" if len(missed) == 1 else f"{len(missed)} windows"
    found = "1 audit" if audits == 1 else f"{audits} audits"
    return f"{found} found it away, in {many}; the last began on {date(last)}."
