"""What a node's console API said, the same for every version of storagenode (agent/docs/storagenode.md §3).

Sizes are bytes, times epoch seconds, scores percent 0…100, money integer micro-dollars, prices US cents per TB. None =
the node did not say. `at` is when it said so. Nothing here names a wallet or a person. Each body survives JSON: the
store keeps the last one of each source and the state is rebuilt from them at a start.
"""

from __future__ import annotations

import msgspec


class Body(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One normalised answer."""

    at: int


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of an answer."""


class DiskSpace(Part, frozen=True):
    """The node's account of its disk in the terms of ≥ 1.143 (agent/docs/storagenode.md §3.1.1).

    `used` is everything on disk, `trash` and `reclaimable` included; `free` what the node may still take.
    `doubtful` marks 1.143 and 1.144, which account for the hashstore wrongly.
    """

    allocated: int
    used: int | None
    trash: int
    free: int
    overused: int
    reclaimable: int | None = None
    doubtful: bool = False


class SatelliteStatus(Part, frozen=True):
    """One trusted satellite (`satellite` = full id) as `/api/sno/` names it, with the dates that make its state."""

    satellite: str
    url: str
    disqualified: int | None = None
    suspended: int | None = None
    vetted: int | None = None


class NodeReading(Body, frozen=True, kw_only=True):
    """`/api/sno/`. `quic` as sent (`OK`, `Misconfigured`, `Disabled`, `Refreshing`); `traffic_month`: all bytes."""

    node_id: str
    version: str
    version_minimum: str
    up_to_date: bool | None = None
    started: int | None = None
    last_contact: int | None = None
    quic: str = ""
    disk: DiskSpace | None = None
    traffic_month: int | None = None
    satellites: tuple[SatelliteStatus, ...] = ()


class TrafficDay(Part, frozen=True):
    """One UTC day (its first second) of booked traffic."""

    day: int
    ingress_usage: int
    ingress_repair: int
    egress_usage: int
    egress_repair: int
    egress_audit: int

    @property
    def ingress(self) -> int:
        """Usage and repair."""
        return self.ingress_usage + self.ingress_repair

    @property
    def egress(self) -> int:
        """Usage, repair and audit."""
        return self.egress_usage + self.egress_repair + self.egress_audit


class StorageDay(Part, frozen=True):
    """One UTC day of stored data as tallied: `byte_hours` over `hours`, `average` bytes.

    `calculated` rows (≥ 1.162) are the node's own filling, without byte hours (agent/docs/storagenode.md §3.2).
    """

    day: int
    byte_hours: float
    average: float
    hours: float | None = None
    calculated: bool = False


class Month(Body, frozen=True, kw_only=True):
    """This UTC month, of all satellites or of one. `traffic` and the sums are None while the node has none booked."""

    ingress: int | None = None
    egress: int | None = None
    traffic: tuple[TrafficDay, ...] | None = None
    storage: tuple[StorageDay, ...] = ()
    byte_hours: float = 0
    average: float | None = None
    joined: int | None = None


class Scores(Part, frozen=True):
    """What one satellite (`url`) thinks of the node, percent."""

    url: str
    audit: float | None = None
    suspension: float | None = None
    online: float | None = None


class MonthReading(Month, frozen=True, kw_only=True):
    """`/api/sno/satellites`; `joined` is the earliest join."""

    scores: tuple[Scores, ...] = ()


class Window(Part, frozen=True):
    """One window of audits (12 h on the public network): its start, how many, how many found the node online."""

    start: int
    total: int
    online: int


class Prices(Part, frozen=True):
    """US cents per TB (1e12 bytes), storage per TB and month of 720 h."""

    storage: int
    egress: int
    repair: int
    audit: int


class SatelliteReading(Month, frozen=True, kw_only=True):
    """`/api/sno/satellite/{id}`. `rate_before`: the last tally of earlier readings, for a month without one yet."""

    satellite: str
    scores: Scores
    windows: tuple[Window, ...] = ()
    prices: Prices | None = None
    vetted: int | None = None
    rate_before: float | None = None


class PayoutMonth(Part, frozen=True):
    """One month as the node estimates it; `byte_months` of 720 h; `payout` is net of `held`."""

    egress: int
    repair_audit: int
    byte_months: float
    egress_pay: int
    repair_audit_pay: int
    storage_pay: int
    payout: int
    held: int

    @property
    def nothing(self) -> bool:
        """Whether every number is zero."""
        return not (self.egress or self.repair_audit or self.byte_months or self.payout or self.held)


class PayoutReading(Body, frozen=True, kw_only=True):
    """`/api/sno/estimated-payout`. `expected` is the net month's end; `previous` None where the node mislabels it.

    All None: zeros after other values, which is a node whose database failed (agent/docs/storagenode.md §3.5).
    """

    current: PayoutMonth | None = None
    previous: PayoutMonth | None = None
    expected: int | None = None


class Paystub(Part, frozen=True):
    """A satellite's statement of one month (`2026-10`); meanings in agent/docs/storagenode.md §5.4."""

    satellite: str
    period: str
    created: int | None
    codes: str
    byte_months: float
    get: int
    put: int
    get_repair: int
    put_repair: int
    get_audit: int
    storage_pay: int
    get_pay: int
    put_pay: int
    get_repair_pay: int
    put_repair_pay: int
    get_audit_pay: int
    surge_percent: int
    held: int
    owed: int
    disposed: int
    paid: int
    distributed: int

    @property
    def earned(self) -> int:
        """Before surge and held."""
        parts = (
            self.storage_pay,
            self.get_pay,
            self.put_pay,
            self.get_repair_pay,
            self.put_repair_pay,
            self.get_audit_pay,
        )
        return sum(parts)


class PaystubsReading(Body, frozen=True, kw_only=True):
    """`/api/heldamount/paystubs/{first}/{last}`, oldest month first."""

    first: str = ""
    stubs: tuple[Paystub, ...] = ()


class Held(Part, frozen=True):
    """What one satellite holds back and has given back."""

    satellite: str
    url: str
    held: int
    disposed: int
    joined: int | None = None


class HeldReading(Body, frozen=True, kw_only=True):
    """`/api/heldamount/held-history`."""

    satellites: tuple[Held, ...] = ()


class Receipt(Part, frozen=True):
    """Where a satellite paid a month: `kind` is the prefix (`eth`, `zksync`, `zksync-era`, `polygon` …)."""

    satellite: str
    period: str
    kind: str
    transaction: str


class ReceiptsReading(Body, frozen=True, kw_only=True):
    """`/api/heldamount/payout-history/{month}`, month by month; `asked`: month → when."""

    receipts: tuple[Receipt, ...] = ()
    asked: dict[str, int] = {}


class GrowthReading(Body, frozen=True, kw_only=True):
    """How the used space has changed, bytes per second: likely, and the range of the middle 80 %.

    Made from our own history, never stored: `points` daily means over `days`.
    """

    likely: float
    low: float
    high: float
    points: int
    days: float


NODE, MONTH, SATELLITE, PAYOUT, PAYSTUBS, HELD = "node", "month", "satellite", "payout", "paystubs", "held"
RECEIPTS, GROWTH = "receipts", "growth"

BODIES: dict[str, type[Body]] = {
    NODE: NodeReading,
    MONTH: MonthReading,
    SATELLITE: SatelliteReading,
    PAYOUT: PayoutReading,
    PAYSTUBS: PaystubsReading,
    HELD: HeldReading,
    RECEIPTS: ReceiptsReading,
}


def body_type(source: str) -> type[Body] | None:
    """What a stored reading of `source` (`node`, `satellite:<id>` …) decodes to; None when it is not of this API."""
    return BODIES.get(source.partition(":")[0])


def satellite_source(satellite: str) -> str:
    """The source name of one satellite's reading."""
    return f"{SATELLITE}:{satellite}"
