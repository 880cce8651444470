"""What the node earns, what is held back, what was paid (agent/docs/storagenode.md §5).

Everything inside is integer micro-dollars (1e-6 USD); `usd` turns them into what people read. A TB is 1e12 bytes and a
month of storage 720 hours, always. Days and months are UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from storj_monitor.core import storage, utc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from storj_monitor.core.readings import (
        HeldReading,
        MonthReading,
        PayoutReading,
        Paystub,
        SatelliteReading,
        StorageDay,
    )

TB = 10**12
MONTH_HOURS = 720
MICRO_PER_CENT = 10_000
MICRO = 1_000_000

HELD_BACK = ((3, 75), (6, 50), (9, 25))
"""(before this month of age, percent); the month of joining is 0."""
UNBOOKED = 3600
"""Seconds of traffic that a node keeps in memory before it books them."""
RETURN_MONTH = 15
"""Age in months of the paystub that gives half of all held money back."""


class Pay(NamedTuple):
    """One satellite's month: what its storage and traffic earn, and how much of that is held back."""

    storage: int
    egress: int
    repair_audit: int
    held: int

    @property
    def earned(self) -> int:
        """Before the held part."""
        return self.storage + self.egress + self.repair_audit

    @property
    def net(self) -> int:
        """What is paid out."""
        return self.earned - self.held


def usd(micro: int | None) -> float | None:
    """Micro-dollars as USD."""
    return None if micro is None else micro / MICRO


def held_rate(joined: float, at: float) -> int:
    """Percent held back in the month of `at`, by calendar months since joining."""
    age = utc.months_between(joined, at)
    return next((percent for before, percent in HELD_BACK if age < before), 0)


def returned_in(joined: float) -> str:
    """The month (`2026-11`) whose paystub gives half of the held money back."""
    return utc.month_name(joined, RETURN_MONTH)


# ---- our own estimate ----


class Usage(NamedTuple):
    """What a month's pay is made of: byte hours stored; bytes of egress, repair egress and audit egress."""

    byte_hours: float
    egress: float
    repair: float
    audit: float


def so_far(satellite: SatelliteReading) -> Usage | None:
    """This month's usage as tallied and booked until now; None while no traffic is booked."""
    if satellite.traffic is None:
        return None
    return Usage(
        sum(day.byte_hours for day in storage.tallies(satellite.storage)),
        sum(day.egress_usage for day in satellite.traffic),
        sum(day.egress_repair for day in satellite.traffic),
        sum(day.egress_audit for day in satellite.traffic),
    )


def at_month_end(satellite: SatelliteReading) -> Usage | None:
    """The whole month's usage: traffic goes on at its mean rate per second, storage at its last tally.

    The month begins with the node's joining when that was in it. None while traffic or storage is not known, and in the
    first hour, of which nothing is booked yet.
    """
    now, start, end = satellite.at, utc.month_start(satellite.at), utc.month_start(satellite.at, 1)
    start = max(start, min(satellite.joined or start, now))
    usage, rate = so_far(satellite), storage.last_rate(satellite.storage)
    rate = satellite.rate_before if rate is None else rate
    if usage is None or rate is None or now - start < UNBOOKED:
        return None
    grown = (end - start) / (now - start)
    stored = usage.byte_hours + rate * _untallied_hours(satellite.storage, start, end)
    return Usage(stored, usage.egress * grown, usage.repair * grown, usage.audit * grown)


def _untallied_hours(days: Sequence[StorageDay], start: int, end: int) -> float:
    """Hours of the month after and between the tallies; before the first one nothing was stored."""
    known = storage.tallies(days)
    if not known:
        return (end - start) / 3600
    first_end = known[0].day + utc.DAY
    first = max(start, first_end - storage.hours_of(known[0]) * 3600)
    return max(0.0, (end - first) / 3600 - sum(map(storage.hours_of, known)))


def pay(satellite: SatelliteReading, usage: Usage | None) -> Pay | None:
    """What a usage earns at the satellite's prices; None without prices, joining date or usage."""
    prices = satellite.prices
    if usage is None or prices is None or satellite.joined is None:
        return None
    stored = worth(usage.byte_hours / MONTH_HOURS, prices.storage)
    egress = worth(usage.egress, prices.egress)
    other = worth(usage.repair, prices.repair) + worth(usage.audit, prices.audit)
    held = (stored + egress + other) * held_rate(satellite.joined, satellite.at) / 100
    return Pay(round(stored), round(egress), round(other), round(held))


def worth(size: float, cents_per_tb: float) -> float:
    """Micro-dollars of so many bytes (or byte months) at a price."""
    return size * cents_per_tb * MICRO_PER_CENT / TB


def filled(satellite: SatelliteReading, month: MonthReading | None) -> SatelliteReading:
    """Nothing booked or tallied by one satellite means none, once all satellites together have some this month."""
    if month is None or utc.month_start(month.at) != utc.month_start(satellite.at):
        return satellite
    idle = satellite.traffic is None and month.traffic is not None
    empty = not satellite.storage and bool(month.storage) and satellite.rate_before is None
    return msgspec.structs.replace(
        satellite,
        traffic=() if idle else satellite.traffic,
        rate_before=0.0 if empty else satellite.rate_before,
    )


def month_end(satellite: SatelliteReading) -> Pay | None:
    """Our estimate of the month's end for one satellite."""
    return pay(satellite, at_month_end(satellite))


# ---- what the node says ----


def is_lost(old: PayoutReading | None, new: PayoutReading) -> bool:
    """Whether an all-zero answer follows another one in the same month: a failed database, not a fact (§3.5)."""
    if old is None or new.current is None or utc.month_start(old.at) != utc.month_start(new.at):
        return False
    zeros = new.current.nothing and (new.previous is None or new.previous.nothing) and not new.expected
    return zeros and (old.current is None or not old.current.nothing)


def held_total(reading: HeldReading, satellite: str | None = None) -> int:
    """Σ (held − given back) over the satellites, or of one (0 where nothing is listed)."""
    rows = (row for row in reading.satellites if satellite in {None, row.satellite})
    return sum(row.held - row.disposed for row in rows)


def paid_in(stubs: Iterable[Paystub], period: str) -> int | None:
    """Σ paid of one month; None while it has no paystub."""
    paid = [stub.paid for stub in stubs if stub.period == period]
    return sum(paid) if paid else None


# ---- paystubs ----


class MonthMoney(NamedTuple):
    """One month over its satellites; `unsent` = paid − distributed, carried over below the payment threshold."""

    period: str
    earned: int
    held: int
    disposed: int
    owed: int
    paid: int
    distributed: int
    byte_months: float
    egress: int

    @property
    def unsent(self) -> int:
        """Allotted, not yet on its way."""
        return self.paid - self.distributed

    @property
    def per_tb_month(self) -> float | None:
        """Everything earned, per TB stored for the month (micro-dollars)."""
        return self.earned / (self.byte_months / TB) if self.byte_months > 0 else None


def months(stubs: Iterable[Paystub]) -> list[MonthMoney]:
    """Paystubs added up by month, oldest first."""
    by_period: dict[str, list[Paystub]] = {}
    for stub in stubs:
        by_period.setdefault(stub.period, []).append(stub)
    return [_month_money(period, by_period[period]) for period in sorted(by_period)]


def _month_money(period: str, stubs: list[Paystub]) -> MonthMoney:
    def added(of: Callable[[Paystub], int]) -> int:
        return sum(map(of, stubs))

    return MonthMoney(
        period,
        added(lambda s: s.earned),
        added(lambda s: s.held),
        added(lambda s: s.disposed),
        added(lambda s: s.owed),
        added(lambda s: s.paid),
        added(lambda s: s.distributed),
        sum(s.byte_months for s in stubs),
        added(lambda s: s.get + s.get_repair + s.get_audit),
    )


def owed_by(stub: Paystub) -> int:
    """What a paystub should owe by its own numbers: Σ comp × surge − held + disposed (a surge of 0 means 100 %)."""
    return round(stub.earned * (stub.surge_percent or 100) / 100) - stub.held + stub.disposed


def difference(expected: int, earned: int) -> float | None:
    """By how many percent the satellite counted more (+) or less (−) than expected; worth a word beyond 3."""
    return 100 * (earned - expected) / expected if expected > 0 else None


TAX_COLUMNS = (
    "month", "satellite", "created", "storage_usd", "egress_usd", "repair_usd", "audit_usd", "surge_percent",
    "held_usd", "disposed_usd", "paid_usd", "distributed_usd",
)  # fmt: skip


def tax_rows(stubs: Iterable[Paystub], name: Callable[[str], str]) -> list[tuple[str, ...]]:
    """One row per paystub under `TAX_COLUMNS`; `name` turns a satellite id into words. Amounts with six decimals."""
    return [
        (
            stub.period,
            name(stub.satellite),
            utc.date(stub.created) if stub.created else "",
            *map(_amount, (stub.storage_pay, stub.get_pay, stub.get_repair_pay, stub.get_audit_pay)),
            str(stub.surge_percent or 100),
            *map(_amount, (stub.held, stub.disposed, stub.paid, stub.distributed)),
        )
        for stub in stubs
    ]


def _amount(micro: int) -> str:
    """Exact: integer arithmetic, never a float."""
    whole, rest = divmod(abs(micro), MICRO)
    return f"{'-' if micro < 0 else ''}{whole}.{rest:06d}"
