"""What is on the disk, what satellites pay for, and what makes the difference (agent/docs/storagenode.md §3.1.1, §3.2).

    on disk = trash + dead bytes of the hash store + live pieces
    live pieces = the satellites' last report + what came since + garbage

A report is the mean of the hours before a tally, and the hour of the tally is not known: all that arrived on its day or
later may be missing in it. That much of a difference is put down to the late tally, so garbage is never overstated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.core import storage, utc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_monitor.core.readings import DiskSpace, SatelliteReading, TrafficDay

TRASH, DEAD, LATE, GARBAGE, MISSING = "trash", "dead", "late", "garbage", "missing"


class Reported(NamedTuple):
    """What satellites last said they store here, and what has come in since the UTC day of that report began.

    `day` is the first second of that day, of several satellites the oldest; None when it was in an earlier month.
    """

    bytes: float
    day: int | None
    since: int


NOTHING = Reported(0.0, None, 0)
"""Of a satellite that pays for nothing any more."""


class Difference(NamedTuple):
    """A part of what is on disk that the satellites' last report does not have.

    `kind` is `trash`, `dead`, `late`, `garbage`; or `missing`, what the report has beyond what is on disk.
    """

    kind: str
    bytes: int
    text: str


class Truth(NamedTuple):
    """All of it in bytes; None is not known. `live`: on disk, but neither trash nor known to be dead.

    `differences` add up to used − reported (`missing` counts against it); empty while either is not known.
    """

    disk: DiskSpace
    full_percent: float | None
    live: int | None
    reported: int | None
    reported_day: int | None
    average: int | None
    differences: tuple[Difference, ...]

    def of(self, kind: str) -> int | None:
        """Bytes of one kind of difference: 0 where there is none, None while nothing is known."""
        if self.live is None or self.reported is None:
            return None
        return sum(each.bytes for each in self.differences if each.kind == kind)


def reported(satellite: SatelliteReading) -> Reported | None:
    """One satellite's last report; None when it has never tallied as far as we know."""
    known = storage.tallies(satellite.storage)
    if known:
        return Reported(known[-1].average, known[-1].day, _arrived(satellite.traffic, known[-1].day))
    if satellite.rate_before is None:
        return None
    return Reported(satellite.rate_before, None, _arrived(satellite.traffic, utc.month_start(satellite.at)))


def together(reports: Sequence[Reported | None]) -> Reported | None:
    """The reports of all satellites of a node; None while one of them, or all, are not known."""
    known = [each for each in reports if each is not None]
    if len(known) < len(reports) or not known:
        return None
    days = [each.day for each in known if each.bytes]
    whole = None not in days and bool(days)
    oldest = min(day for day in days if day is not None) if whole else None
    return Reported(sum(each.bytes for each in known), oldest, sum(each.since for each in known))


def truth(disk: DiskSpace, report: Reported | None, average: float | None) -> Truth:
    """Disk and report beside each other."""
    live = None if disk.used is None or disk.doubtful else disk.used - disk.trash - (disk.reclaimable or 0)
    return Truth(
        disk,
        storage.percent_full(disk),
        live,
        None if report is None else round(report.bytes),
        None if report is None else report.day,
        None if average is None else round(average),
        () if live is None or report is None else tuple(_differences(disk, live, report)),
    )


def _differences(disk: DiskSpace, live: int, report: Reported) -> list[Difference]:
    gap = live - round(report.bytes)
    late = min(max(gap, 0), report.since)
    parts = {
        TRASH: (disk.trash, "Deleted pieces, kept for a week and then freed; unpaid."),
        DEAD: (disk.reclaimable or 0, "Dead bytes in the hash store, which the next compactions free; unpaid."),
        LATE: (late, f"Came in since the satellites' last report{_of_day(report.day)}; the next one will have it."),
        GARBAGE: (max(gap, 0) - late, _garbage_text(disk)),
        MISSING: (max(-gap, 0), "Reported beyond what is on disk: deleted since the report, or lost."),
    }
    found = [Difference(kind, size, text) for kind, (size, text) in parts.items() if size > 0]
    return sorted(found, key=lambda each: -each.bytes)


def _garbage_text(disk: DiskSpace) -> str:
    if disk.reclaimable is None:
        return "On disk, but no satellite pays for it: garbage not collected yet, dead bytes of a hash store included."
    return "On disk, but no satellite pays for it: garbage not collected yet, and the store's own tables."


def _of_day(day: int | None) -> str:
    return "" if day is None else f" of {utc.date(day)}"


def _arrived(traffic: Sequence[TrafficDay] | None, day: int) -> int:
    return sum(each.ingress for each in traffic or () if each.day >= day)
