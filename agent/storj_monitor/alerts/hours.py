"""Quiet hours and the time of the digest, on the clock of people: with time zones and their changes. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Hours = tuple[time, time]


def hours(text: str) -> Hours:
    """`22:00-07:00` as two times of day."""
    begin, _, end = text.partition("-")
    return time.fromisoformat(begin), time.fromisoformat(end)


def quiet_until(at: int, quiet: Hours | None, zone: ZoneInfo) -> int | None:
    """When the quiet hours that hold at `at` (epoch seconds) end; None outside of them. Equal times: never quiet."""
    if quiet is None:
        return None
    begin, end = quiet
    local = datetime.fromtimestamp(at, zone)
    clock = local.time()
    inside = begin <= clock < end if begin <= end else clock >= begin or clock < end
    if not inside:
        return None
    day = local.date() + timedelta(days=begin > end and clock >= begin)
    return max(at + 1, _latest(datetime.combine(day, end, zone)))


def digest_due(at: int, kind: Literal["off", "daily", "weekly"], clock: time, zone: ZoneInfo) -> int | None:
    """The latest time not after `at` at which a digest was due; None when there is none. Weekly is on Mondays."""
    if kind == "off":
        return None
    day = datetime.fromtimestamp(at, zone).date()
    for _ in range(8):
        due = _latest(datetime.combine(day, clock, zone))
        if due <= at and (kind == "daily" or day.weekday() == 0):
            return due
        day -= timedelta(days=1)
    return None


def local(at: int, zone: ZoneInfo) -> str:
    """`2026-11-23 14:05`."""
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M")


def _latest(wall: datetime) -> int:
    """The epoch second of a wall time: of two in autumn the later, for the one that spring leaves out an hour on."""
    return max(int(wall.replace(fold=fold).timestamp()) for fold in (0, 1))
