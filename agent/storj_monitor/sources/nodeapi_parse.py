"""The console API's answers → readings, the same for every version (agent/docs/storagenode.md §3, §9, §10).

Tolerant where nodes differ: lists that are null, fields that are missing or new, whole floats for integers, the zero
time, local offsets, one object for a list of one. Strict where an answer is no answer: `GarbageError` is raised for
what is not JSON, has other types, lacks what identifies it or holds numbers that no disk has.
"""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from storj_monitor.core import receipts, storage, utc
from storj_monitor.core.readings import (
    DiskSpace,
    Held,
    HeldReading,
    MonthReading,
    NodeReading,
    PayoutMonth,
    PayoutReading,
    Paystub,
    PaystubsReading,
    Prices,
    Receipt,
    SatelliteReading,
    SatelliteStatus,
    Scores,
    StorageDay,
    TrafficDay,
    Window,
)
from storj_monitor.sources.nodeapi_types import (
    Number,
    RawDisk,
    RawError,
    RawHeld,
    RawHistory,
    RawModel,
    RawMonth,
    RawNode,
    RawPayment,
    RawPayout,
    RawPayoutMonth,
    RawPaystub,
    RawPricing,
    RawSatellite,
    RawSatellites,
    RawScores,
    RawStatus,
    RawUsage,
)

LIMIT = 1 << 62
"""No size, price or sum is larger; SQLite's integers end at twice that."""
TEXT_MAX = 120
MICRO_PER_CENT = 10_000
SATELLITES_MAX = 64

T = TypeVar("T")

_ID = re.compile(r"[1-9A-HJ-NP-Za-km-z]{30,60}")
_PERIOD = re.compile(r"\d{4}-\d\d")
_VERSION = re.compile(r"v?(\d[\w.+-]{0,40})")


class GarbageError(ValueError):
    """An answer that cannot be what it should be."""


def node(data: bytes, at: int) -> NodeReading:
    """`/api/sno/`."""
    raw = _decode(data, RawNode)
    version = _version(raw.version)
    if not version or not _ID.fullmatch(raw.node_id):
        raise GarbageError("no node id or no version")
    return NodeReading(
        at=at,
        node_id=raw.node_id,
        version=version,
        version_minimum=_version(raw.allowed_version),
        up_to_date=raw.up_to_date,
        started=utc.epoch(raw.started_at),
        last_contact=utc.epoch(raw.last_pinged),
        quic=_text(raw.quic_status),
        disk=_disk(raw.disk_space, version),
        traffic_month=_whole(raw.bandwidth.used) if raw.bandwidth else None,
        satellites=tuple(_status(each) for each in (raw.satellites or [])[:SATELLITES_MAX] if _ID.fullmatch(each.id)),
    )


def month(data: bytes, at: int) -> MonthReading:
    """`/api/sno/satellites`; null is a month without anything."""
    raw = _decode(data, RawSatellites, null=RawSatellites())
    ingress, egress = _sums(raw)
    return MonthReading(
        at=at,
        ingress=ingress,
        egress=egress,
        traffic=_traffic(raw),
        storage=_storage(raw),
        byte_hours=_real(raw.storage_summary),
        average=_average(raw),
        joined=utc.epoch(raw.earliest_joined_at),
        scores=tuple(map(_scores, (raw.audits or [])[:SATELLITES_MAX])),
    )


def satellite(data: bytes, at: int) -> SatelliteReading:
    """`/api/sno/satellite/{id}`."""
    raw = _decode(data, RawSatellite)
    ingress, egress = _sums(raw)
    return SatelliteReading(
        at=at,
        satellite=raw.id,
        ingress=ingress,
        egress=egress,
        traffic=_traffic(raw),
        storage=_storage(raw),
        byte_hours=_real(raw.storage_summary),
        average=_average(raw),
        joined=utc.epoch(raw.node_joined_at),
        vetted=utc.epoch(raw.vetted_at),
        scores=_scores(raw.audits or RawScores()),
        windows=_windows(raw.audit_history),
        prices=_prices(raw.price_model),
    )


def prices(data: bytes) -> Prices | None:
    """`/api/sno/satellites/{id}/pricing`; zeros mean that the satellite is not known."""
    return _prices(_decode(data, RawPricing, null=RawPricing()))


def payout(data: bytes, at: int) -> PayoutReading:
    """`/api/sno/estimated-payout`; on days 29–31 "previous" may be the current month again and is left out (§5.3)."""
    raw = _decode(data, RawPayout)
    expected = raw.current_month_expectations
    previous = raw.previous_month if utc.day_of_month(at) <= utc.days_in_month(at, -1) else None
    return PayoutReading(
        at=at,
        current=_payout_month(raw.current_month),
        previous=_payout_month(previous) if previous else None,
        expected=None if expected is None else _micro(expected),
    )


def paystubs(data: bytes, at: int, first: str = "") -> PaystubsReading:
    """`/api/heldamount/paystubs/…`: a list, one object, or null for none."""
    one = data.lstrip().startswith(b"{")
    raw = [_decode(data, RawPaystub)] if one else _decode(data, list[RawPaystub], null=[])
    stubs = sorted(map(_paystub, raw), key=lambda stub: stub.period)
    return PaystubsReading(at=at, first=first, stubs=tuple(stubs))


def held(data: bytes, at: int) -> HeldReading:
    """`/api/heldamount/held-history`; null for none."""
    rows = [
        Held(
            raw.satellite_id,
            _text(raw.satellite_name),
            _count(raw.total_held),
            _count(raw.total_disposed),
            utc.epoch(raw.joined_at),
        )
        for raw in _decode(data, list[RawHeld], null=[])
    ]
    return HeldReading(at=at, satellites=tuple(rows))


def payments(data: bytes, period: str) -> tuple[Receipt, ...]:
    """`/api/heldamount/payout-history/{month}`: the receipts that name a transaction; null for none."""
    rows = [(raw, receipts.split(raw.receipt or "")) for raw in _decode(data, list[RawPayment], null=[])]
    return tuple(
        Receipt(raw.satellite_id, period, *parts) for raw, parts in rows if parts[1] and _ID.fullmatch(raw.satellite_id)
    )


def error(data: bytes) -> str:
    """The text of `{"error": …}`, made short and printable; empty when there is none."""
    try:
        return _text(_decode(data, RawError).error)
    except GarbageError:
        return ""


def _decode(data: bytes, kind: type[T], null: T | None = None) -> T:
    try:
        if null is not None and data.strip() == b"null":
            return null
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise GarbageError(str(problem)) from None


def _whole(number: Number | None) -> int | None:
    if number is None:
        return None
    if not -LIMIT < number < LIMIT:
        raise GarbageError(f"{number!r:.40} is no number of bytes, audits or cents")
    return int(number)


def _count(number: Number | None) -> int:
    return _whole(number) or 0


def _real(number: Number | None) -> float:
    """Byte hours of a month are far below 1e30; anything else would end as infinity somewhere."""
    if number is None:
        return 0.0
    if not -1e30 < number < 1e30:
        raise GarbageError(f"{number!r:.40} is no number of bytes")
    return float(number)


def _micro(cents: Number) -> int:
    return round(_real(cents) * MICRO_PER_CENT)


def _text(text: str | None) -> str:
    return "".join(letter for letter in (text or "")[:TEXT_MAX] if letter.isprintable())


def _version(text: str) -> str:
    found = _VERSION.fullmatch(text)
    return found[1] if found else ""


def _status(raw: RawStatus) -> SatelliteStatus:
    dates = (utc.epoch(raw.disqualified), utc.epoch(raw.suspended), utc.epoch(raw.vetted_at))
    return SatelliteStatus(raw.id, _text(raw.url), *dates)


def _disk(raw: RawDisk | None, version: str) -> DiskSpace | None:
    if raw is None or raw.used is None or raw.available is None:
        return None
    return storage.disk_space(
        version,
        used=_count(raw.used),
        available=_count(raw.available),
        trash=_count(raw.trash),
        overused=_whole(raw.overused),
        allocated=_whole(raw.allocated),
        reclaimable=_whole(raw.reclaimable),
    )


def _sums(raw: RawMonth) -> tuple[int | None, int | None]:
    """Zeros beside a null list are not yet written (§10 fact 26)."""
    if raw.bandwidth_daily is None:
        return None, None
    return _whole(raw.ingress_summary), _whole(raw.egress_summary)


def _traffic(raw: RawMonth) -> tuple[TrafficDay, ...] | None:
    if raw.bandwidth_daily is None:
        return None
    days = []
    for row in raw.bandwidth_daily:
        into, out, day = row.ingress or RawUsage(), row.egress or RawUsage(), utc.epoch(row.interval_start)
        counts = (into.usage, into.repair, out.usage, out.repair, out.audit)
        if day is not None:
            days.append(TrafficDay(utc.day_start(day), *map(_count, counts)))
    return tuple(days)


def _storage(raw: RawMonth) -> tuple[StorageDay, ...]:
    days = []
    for row in raw.storage_daily or ():
        day, total = utc.epoch(row.interval_start), _real(row.at_rest_total)
        hours = None if row.interval_in_hours is None else _real(row.interval_in_hours)
        if day is None:
            continue
        mean = (
            total / (hours or storage.TALLY_HOURS)
            if row.at_rest_total_bytes is None
            else _real(row.at_rest_total_bytes)
        )
        days.append(StorageDay(utc.day_start(day), total, mean, hours, calculated=bool(row.calculated)))
    return tuple(days)


def _average(raw: RawMonth) -> float | None:
    """As sent from 1.67 on; the mean of the days before; None without a tally."""
    days = _storage(raw)
    return storage.average(days) if not days or raw.average_usage_bytes is None else _real(raw.average_usage_bytes)


def _scores(raw: RawScores) -> Scores:
    return Scores(
        _text(raw.satellite_name), _percent(raw.audit_score), _percent(raw.suspension_score), _percent(raw.online_score)
    )


def _percent(score: Number | None) -> float | None:
    return 100 * float(score) if score is not None and 0 <= score <= 1 else None


def _windows(raw: RawHistory | None) -> tuple[Window, ...]:
    rows = raw.windows or [] if raw else []
    starts = [(utc.epoch(row.window_start), row) for row in rows]
    return tuple(
        Window(start, _count(row.total_count), _count(row.online_count)) for start, row in starts if start is not None
    )


def _prices(raw: RawModel | RawPricing | None) -> Prices | None:
    if raw is None:
        return None
    numbers = (raw.disk_space, raw.egress_bandwidth, raw.repair_bandwidth, raw.audit_bandwidth)
    return Prices(*map(_count, numbers)) if any(numbers) else None


def _payout_month(raw: RawPayoutMonth) -> PayoutMonth:
    return PayoutMonth(
        egress=_count(raw.egress_bandwidth),
        repair_audit=_count(raw.egress_repair_audit),
        byte_months=_real(raw.disk_space),
        egress_pay=_micro(raw.egress_bandwidth_payout),
        repair_audit_pay=_micro(raw.egress_repair_audit_payout),
        storage_pay=_micro(raw.disk_space_payout),
        payout=_micro(raw.payout),
        held=_micro(raw.held),
    )


def _paystub(raw: RawPaystub) -> Paystub:
    if not _PERIOD.fullmatch(raw.period):
        raise GarbageError("a paystub without a month")
    return Paystub(
        raw.satellite_id,
        raw.period,
        utc.epoch(raw.created),
        _text(raw.codes),
        _real(raw.usage_at_rest),
        *map(_count, (raw.usage_get, raw.usage_put, raw.usage_get_repair, raw.usage_put_repair, raw.usage_get_audit)),
        *map(_count, (raw.comp_at_rest, raw.comp_get, raw.comp_put)),
        *map(_count, (raw.comp_get_repair, raw.comp_put_repair, raw.comp_get_audit)),
        *map(_count, (raw.surge_percent, raw.held, raw.owed, raw.disposed, raw.paid, raw.distributed)),
    )
