"""What the simulated node earned: paystubs, held amounts and estimates (agent/docs/storagenode.md §5).

Money of satellites is in micro-dollars, of the node's own estimate in US cents.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from storj_monitor.demo import usage
from storj_monitor.demo.books import DAY, GET, GET_AUDIT, GET_REPAIR, PUT, PUT_REPAIR
from storj_monitor.demo.past import month_of, month_start

if TYPE_CHECKING:
    from storj_monitor.demo.lognode import SimulatedNode

PRICES = {"egress": 200, "repair": 200, "audit": 200, "disk": 149}
"""US cents per TB, storage per TB·month: as the pricing endpoint has them."""
_HOURS = 720
_TB = 1e12
_DISK_DOLLARS, _EGRESS_DOLLARS = 1.5, 2.0
_PAID_AFTER = 5.5 * 86_400
_RETURNED_IN = 15


def held_percent(months: int) -> int:
    """Held back in the month that lies `months` calendar months after the one of joining."""
    return (75, 50, 25)[months // 3] if months < 9 else 0


def months_between(joined: float, year: int, month: int) -> int:
    """Calendar months from joining to a month."""
    first_year, first_month = month_of(joined)
    return (year - first_year) * 12 + month - first_month


def period(year: int, month: int) -> str:
    return f"{year:04d}-{month:02d}"


def periods(node: SimulatedNode, now: float) -> list[tuple[int, int]]:
    """The months that have been paid, oldest first: a statement comes some days into the next month."""
    year, month = month_of(node.past.joined)
    found = []
    while month_start(year, month + 1) + _PAID_AFTER <= now:
        found.append((year, month))
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found


def paystub(node: SimulatedNode, satellite: int, year: int, month: int) -> dict[str, Any]:
    """One satellite's statement of one month, as `/api/heldamount/paystubs` has it."""
    used, at_rest = usage.month(node, satellite, year, month)
    comp = {
        "compAtRest": int(at_rest / _HOURS / _TB * _DISK_DOLLARS * 1e6),
        "compGet": int(used[GET] / _TB * _EGRESS_DOLLARS * 1e6),
        "compPut": 0,
        "compGetRepair": int(used[GET_REPAIR] / _TB * _EGRESS_DOLLARS * 1e6),
        "compPutRepair": 0,
        "compGetAudit": int(used[GET_AUDIT] / _TB * _EGRESS_DOLLARS * 1e6),
    }
    age = months_between(node.past.joined, year, month)
    held, disposed = sum(comp.values()) * held_percent(age) // 100, _returned(node, satellite, age)
    owed = sum(comp.values()) - held + disposed
    created = datetime.fromtimestamp(month_start(year, month + 1) + _PAID_AFTER, UTC)
    return {
        "satelliteId": node.accounts[satellite].satellite.id,
        "period": period(year, month),
        "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "codes": "E" if held else "",
        "usageAtRest": at_rest / _HOURS,
        "usageGet": used[GET],
        "usagePut": used[PUT],
        "usageGetRepair": used[GET_REPAIR],
        "usagePutRepair": used[PUT_REPAIR],
        "usageGetAudit": used[GET_AUDIT],
        **comp,
        "surgePercent": 0,
        "held": held,
        "owed": owed,
        "disposed": disposed,
        "paid": owed,
        "distributed": owed,
    }


def _returned(node: SimulatedNode, satellite: int, age: int) -> int:
    """Half of all that was held comes back after 15 full months."""
    if age != _RETURNED_IN:
        return 0
    year, month = month_of(node.past.joined)
    ahead = (divmod(month - 1 + index, 12) for index in range(9))
    held: int = sum(paystub(node, satellite, year + more, index + 1)["held"] for more, index in ahead)
    return held // 2


def of_day(node: SimulatedNode, satellite: int, day: int) -> float:
    """US cents that one day brings, nothing held back: what left the node, and what lay there."""
    if (day + 1) * DAY <= node.past.joined:
        return 0.0
    used = usage.traffic(node, satellite, day)
    sent = used[GET] * PRICES["egress"] + used[GET_REPAIR] * PRICES["repair"] + used[GET_AUDIT] * PRICES["audit"]
    return (sent + usage.stored(node, satellite, day) * 24 / _HOURS * PRICES["disk"]) / _TB


def round2(value: float) -> float:
    """Half away from zero to two decimals, as the node rounds."""
    return math.floor(value * 100 + 0.5) / 100


def estimate(node: SimulatedNode, satellite: int, year: int, month: int, at_rest: float) -> dict[str, Any]:
    """The node's own sum of one month (§5.3): bytes, byte·months and cents."""
    egress = repair = 0
    for day in usage.month_days(year, month):
        used = usage.traffic(node, satellite, day)
        egress, repair = egress + used[GET], repair + used[GET_REPAIR] + used[GET_AUDIT]
    disk = at_rest / _HOURS
    parts = (
        round2(egress * PRICES["egress"] / _TB),
        round2(repair * PRICES["audit"] / _TB),
        round2(disk * PRICES["disk"] / _TB),
    )
    rate = held_percent(max(0, months_between(node.past.joined, year, month)))
    held = sum(parts) * rate / 100
    return {
        "egressBandwidth": egress,
        "egressBandwidthPayout": parts[0],
        "egressRepairAudit": repair,
        "egressRepairAuditPayout": parts[1],
        "diskSpace": disk,
        "diskSpacePayout": parts[2],
        "heldRate": rate,
        "payout": round2(sum(parts) - held),
        "held": held,
    }


def expectation(node: SimulatedNode, payout: float, now: float) -> int:
    """This month's payout drawn out to its end, in cents: whole minutes, cut, not rounded."""
    year, month = month_of(now)
    first, end = max(month_start(year, month), node.past.joined), month_start(year, month + 1)
    passed = int((now - first) // 60)
    return int(payout / passed * ((end - first) // 60)) if passed > 0 else 0


def previous_month(now: float) -> tuple[int, int]:
    """What Go's AddDate(0, -1, 0) makes of it: on the 31st of a month after a shorter one, the same month again."""
    today = datetime.fromtimestamp(now, UTC)
    shifted = month_start(today.year, today.month - 1) + (today.day - 1) * 86_400
    return month_of(shifted)
