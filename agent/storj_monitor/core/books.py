"""One satellite's books, and those of a node: what is stored, earned and held, made of the node's answers.

A value whose answer is too old, or of which one satellite's share is not known, is not known (None).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from storj_monitor.core import forecast, money, readings, storagetruth, utc
from storj_monitor.core.known import MAX_AGE, fresh, last
from storj_monitor.core.readings import GrowthReading, MonthReading, NodeReading, SatelliteReading

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from storj_monitor.core.known import Readings
    from storj_monitor.core.readings import SatelliteStatus


class Account(NamedTuple):
    """One satellite's month: `end` at its end, `now` as booked until now, `byte_months` stored over all of it."""

    satellite: str
    end: money.Pay | None = None
    now: money.Pay | None = None
    byte_months: float | None = None
    report: storagetruth.Reported | None = None


def account(known: Readings, status: SatelliteStatus, now: float) -> Account:
    """The books of one satellite; a disqualified one pays nothing any more."""
    if status.disqualified:
        nothing = money.Pay(0, 0, 0, 0)
        return Account(status.satellite, nothing, nothing, 0.0, storagetruth.NOTHING)
    satellite = satellite_reading(known, status.satellite, now)
    if satellite is None:
        return Account(status.satellite)
    usage = money.at_month_end(satellite)
    return Account(
        status.satellite,
        money.pay(satellite, usage),
        money.pay(satellite, money.so_far(satellite)),
        usage.byte_hours / money.MONTH_HOURS if usage else None,
        storagetruth.reported(satellite),
    )


def accounts(known: Readings, now: float) -> list[Account]:
    """The books of all satellites that the node names; none while it has not said so for long."""
    node = fresh(known, readings.NODE, NodeReading, now, MAX_AGE["standing"])
    return [account(known, each, now) for each in node.satellites] if node else []


def satellite_reading(known: Readings, satellite: str, now: float) -> SatelliteReading | None:
    """A satellite's answer while it is fresh, with what the list of all says beside it (`money.filled`)."""
    source = readings.satellite_source(satellite)
    body = fresh(known, source, SatelliteReading, now, MAX_AGE[readings.SATELLITE])
    return money.filled(body, last(known, readings.MONTH, MonthReading)) if body else None


def together(pays: Sequence[money.Pay | None]) -> money.Pay | None:
    """The satellites' pay together; None while one of them, or all, are not known."""
    known = [each for each in pays if each is not None]
    return money.Pay(*map(sum, zip(*known, strict=True))) if known and len(known) == len(pays) else None


def truth(known: Readings, each: Sequence[Account], now: float) -> storagetruth.Truth | None:
    """Disk against the satellites' reports; None while the disk is not known."""
    node = fresh(known, readings.NODE, NodeReading, now, MAX_AGE["life"])
    if node is None or node.disk is None:
        return None
    month = fresh(known, readings.MONTH, MonthReading, now, MAX_AGE[readings.MONTH])
    report = storagetruth.together([one.report for one in each])
    return storagetruth.truth(node.disk, report, month.average if month else None)


def storage_document(known: Readings, now: float, name: Callable[[str], str]) -> dict[str, Any] | None:
    """`{allocated, used, free, trash, reclaimable, overused, doubtful, full_percent, live, reported, reported_at,
    average, differences: [{kind, bytes, text}], satellites: [{satellite, name, reported, reported_at, came_since}]}`.

    Bytes and epoch seconds, `live` without trash and dead bytes; `doubtful`: this version's account is known to be
    wrong. None while the disk is not known.
    """
    each = accounts(known, now)
    found = truth(known, each, now)
    if found is None:
        return None
    disk, rest = found.disk, found._asdict()
    return {
        **{key: getattr(disk, key) for key in disk.__struct_fields__},
        **{key: rest[key] for key in ("full_percent", "live", "reported", "average")},
        "reported_at": found.reported_day,
        "differences": [one._asdict() for one in found.differences],
        "satellites": [
            {
                "satellite": one.satellite,
                "name": name(one.satellite),
                "reported": round(one.report.bytes) if one.report else None,
                "reported_at": one.report.day if one.report else None,
                "came_since": one.report.since if one.report else None,
            }
            for one in each
        ],
    }


def full_in(known: Readings, now: float) -> forecast.Reach | None:
    """When the disk will be full at its growth; None while free space or growth are not known."""
    node = fresh(known, readings.NODE, NodeReading, now, MAX_AGE["life"])
    growth = fresh(known, readings.GROWTH, GrowthReading, now, MAX_AGE[readings.GROWTH])
    if node is None or node.disk is None or growth is None or node.disk.doubtful:
        return None
    return forecast.at_pace(forecast.Slope(growth.likely, growth.low, growth.high), node.disk.free)


# ---- keys of the payloads ----


def node_values(known: Readings, each: Sequence[Account], now: float) -> dict[str, Any]:
    """The keys of `…/<node>/state` that these books give."""
    end, so_far = together([one.end for one in each]), together([one.now for one in each])
    stored = [one.byte_months for one in each]
    byte_months = None if None in stored else sum(size for size in stored if size is not None)
    disk = truth(known, each, now)
    return {
        "payout_estimate": money.usd(end.net) if end else None,
        "payout_so_far": money.usd(so_far.net) if so_far else None,
        "held_estimate": money.usd(end.held) if end else None,
        "earned_per_tb_month": per_tb(end, byte_months),
        "earned_per_tb_disk": per_tb(end, disk.disk.used if disk else None),
        **_storage(known, disk, now),
    }


def satellite_values(one: Account) -> dict[str, Any]:
    """The keys of `…/satellite/<name>/state` that its books give."""
    return {
        "payout_estimate": money.usd(one.end.net) if one.end else None,
        "payout_so_far": money.usd(one.now.net) if one.now else None,
        "held_estimate": money.usd(one.end.held) if one.end else None,
        "storage_reported": round(one.report.bytes) if one.report else None,
        "storage_reported_at": one.report.day if one.report else None,
    }


def per_tb(pay: money.Pay | None, size: float | None) -> float | None:
    """USD earned per TB of some bytes."""
    return round(pay.earned / money.MICRO / (size / money.TB), 4) if pay and size else None


def _storage(known: Readings, disk: storagetruth.Truth | None, now: float) -> dict[str, Any]:
    reach = full_in(known, now)
    growth = fresh(known, readings.GROWTH, GrowthReading, now, MAX_AGE[readings.GROWTH])
    days = 0.0 if disk and disk.disk.free <= 0 else reach.days if reach else None
    return {
        "disk_full_days": None if days is None else round(days, 1),
        "disk_growth": round(growth.likely * utc.DAY) if growth else None,
        "storage_reported": disk.reported if disk else None,
        "storage_reported_at": disk.reported_day if disk else None,
        "storage_average": disk.average if disk else None,
        "disk_late": disk.of(storagetruth.LATE) if disk else None,
        "disk_garbage": disk.of(storagetruth.GARBAGE) if disk else None,
    }
