"""Disk space and stored data: one meaning for every version (agent/docs/storagenode.md §3.1.1, §3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.core.readings import DiskSpace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_monitor.core.readings import StorageDay

TALLY_HOURS = 24.0
"""What a row of `storageDaily` covers when it does not say."""


def version_of(text: str) -> tuple[int, ...]:
    """`1.162.3` or `v1.162.3-rc` as (1, 162, 3), to compare with; () when it is no version."""
    numbers = text.removeprefix("v").partition("-")[0].split(".")
    return tuple(int(number) for number in numbers) if all(map(_plain, numbers)) else ()


def disk_space(
    version: str,
    *,
    used: int,
    available: int,
    trash: int = 0,
    overused: int | None = None,
    allocated: int | None = None,
    reclaimable: int | None = None,
) -> DiskSpace:
    """`diskSpace` as sent → one meaning; the key `allocated` tells the eras apart.

    A negative `used` (1.143, 1.144) is not known; `reclaimable` is a constant 0 before 1.147 and so not known either.
    """
    if allocated is None:
        whole = used + trash
        over = max(0, whole - available) if overused is None else overused
        return DiskSpace(available, whole, trash, max(0, available - whole), over)
    number = version_of(version)
    return DiskSpace(
        allocated,
        used if used >= 0 else None,
        trash,
        available,
        overused or 0,
        reclaimable if number >= (1, 147) else None,
        doubtful=(1, 143) <= number < (1, 145),
    )


def percent_full(disk: DiskSpace) -> float | None:
    """Share of the allocation that the node can no longer take; right with the compaction reserve of ≥ 1.148 too."""
    if disk.allocated <= 0:
        return None
    return min(100.0, max(0.0, 100 * (disk.allocated - disk.free) / disk.allocated))


def tallies(days: Sequence[StorageDay]) -> list[StorageDay]:
    """The rows that a satellite really tallied, oldest first."""
    return sorted((day for day in days if not day.calculated and day.average > 0), key=lambda day: day.day)


def hours_of(day: StorageDay) -> float:
    """How many hours a tallied row covers."""
    if day.hours is not None and day.hours > 0:
        return day.hours
    return day.byte_hours / day.average if day.byte_hours > 0 else TALLY_HOURS


def average(days: Sequence[StorageDay]) -> float | None:
    """Mean of the daily averages, as nodes before 1.67 leave to the reader; None without a row."""
    return sum(day.average for day in days) / len(days) if days else None


def last_rate(days: Sequence[StorageDay]) -> float | None:
    """Stored bytes at the last tally of these days; None when none was tallied."""
    known = tallies(days)
    return known[-1].average if known else None


def _plain(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) <= 9
