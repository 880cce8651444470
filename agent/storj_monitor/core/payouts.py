"""A node's money in one document: the month that runs, the months that were paid, what is held, what it all costs.

Micro-dollars inside, USD in the document; None is not known (agent/docs/storagenode.md §3.6, §5.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from storj_monitor.core import books, money, readings, receipts, utc
from storj_monitor.core.known import MAX_AGE, fresh, last
from storj_monitor.core.readings import HeldReading, NodeReading, PayoutReading, PaystubsReading, ReceiptsReading

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from storj_monitor.core.known import Readings
    from storj_monitor.core.readings import Paystub, Receipt

NOTEWORTHY = 3.0
"""Percent between what was expected and what the satellites counted beyond which it is worth a word (§5.4)."""

Estimates = Mapping[tuple[str, str], float]
"""(month, satellite id or "" for the node) → our own estimate, USD net, as it stood at the month's end."""


class Costs(NamedTuple):
    """What a node costs: USD per kWh, watts, USD a month for its disk; None where nobody said."""

    kwh_price: float | None = None
    watts: float | None = None
    disk: float | None = None

    def of_month(self, at: float) -> tuple[float | None, float | None]:
        """USD of the month of `at` for electricity and for the disk."""
        hours = 24 * utc.days_in_month(at)
        power = None if self.watts is None or self.kwh_price is None else self.watts * hours / 1000 * self.kwh_price
        return power, self.disk


def document(
    known: Readings, now: float, *, name: Callable[[str], str], estimates: Estimates, costs: Costs
) -> dict[str, Any]:
    """`{currency, month, months, totals, held, tax}`: the answer to the command `payouts` (agent/docs/contract.md).

    `month` is the running one; `months` the paid ones, newest first, each with its satellites; `tax` the columns and
    rows of `core.money.tax_rows`; `name` makes a satellite's id a word.
    """
    stubs = last(known, readings.PAYSTUBS, PaystubsReading)
    paid = stubs.stubs if stubs else ()
    return {
        "currency": "USD",
        "month": _running(known, now, name, costs),
        "months": _paid(paid, last(known, readings.RECEIPTS, ReceiptsReading), name, estimates),
        "totals": _totals(paid) if stubs else None,
        "held": _held(known, now, name, paid),
        "tax": {"columns": money.TAX_COLUMNS, "rows": money.tax_rows(paid, name)},
    }


# ---- the running month ----


def _running(known: Readings, now: float, name: Callable[[str], str], costs: Costs) -> dict[str, Any]:
    node = fresh(known, readings.NODE, NodeReading, now, MAX_AGE["standing"])
    payout = fresh(known, readings.PAYOUT, PayoutReading, now, MAX_AGE[readings.PAYOUT])
    each = books.accounts(known, now)
    end, so_far = books.together([one.end for one in each]), books.together([one.now for one in each])
    power, disk = costs.of_month(now)
    spent = sum(cost or 0 for cost in (power, disk)) if power is not None or disk is not None else None
    net, per_tb = money.usd(end.net) if end else None, books.node_values(known, each, now)
    return {
        "period": utc.month_name(now),
        "estimate": net,
        "estimate_node": money.usd(payout.expected) if payout else None,
        "so_far": money.usd(so_far.net) if so_far else None,
        **_pay(end),
        "per_tb_month": per_tb["earned_per_tb_month"],
        "per_tb_disk": per_tb["earned_per_tb_disk"],
        "electricity": _cents(power),
        "disk_cost": _cents(disk),
        "profit": _cents(net - spent) if net is not None and spent is not None else None,
        "satellites": [_satellite(known, one, now, name) for one in each] if node else [],
    }


def _satellite(known: Readings, one: books.Account, now: float, name: Callable[[str], str]) -> dict[str, Any]:
    body = books.satellite_reading(known, one.satellite, now)
    joined = body.joined if body else None
    return {
        "satellite": one.satellite,
        "name": name(one.satellite),
        "month_number": utc.months_between(joined, now) + 1 if joined is not None else None,
        "held_percent": money.held_rate(joined, now) if joined is not None else None,
        "estimate": money.usd(one.end.net) if one.end else None,
        "so_far": money.usd(one.now.net) if one.now else None,
        **_pay(one.end),
        "per_tb_month": books.per_tb(one.end, one.byte_months),
    }


def _pay(pay: money.Pay | None) -> dict[str, float | None]:
    parts = {"storage": 0, "egress": 0, "repair_audit": 0, "earned": 0, "held": 0}
    return {key: money.usd(getattr(pay, key)) if pay else None for key in parts}


# ---- paid months ----


def _paid(
    stubs: Sequence[Paystub], known: ReceiptsReading | None, name: Callable[[str], str], estimates: Estimates
) -> list[dict[str, Any]]:
    by_key = {(each.period, each.satellite): each for each in (known.receipts if known else ())}
    found = []
    for month in reversed(money.months(stubs)):
        mine = [stub for stub in stubs if stub.period == month.period]
        estimate = estimates.get((month.period, ""))
        found.append(
            {
                "period": month.period,
                **_amounts(month),
                **_compared(estimate, sum(map(_net, mine))),
                "byte_months": round(month.byte_months),
                "egress_bytes": month.egress,
                "per_tb_month": _per(month.per_tb_month),
                "satellites": [
                    _stub(stub, by_key.get((stub.period, stub.satellite)), name, estimates) for stub in mine
                ],
            }
        )
    return found


def _amounts(month: money.MonthMoney) -> dict[str, float | None]:
    keys = ("earned", "held", "disposed", "owed", "paid", "distributed", "unsent")
    return {key: money.usd(getattr(month, key)) for key in keys}


def _stub(stub: Paystub, receipt: Receipt | None, name: Callable[[str], str], estimates: Estimates) -> dict[str, Any]:
    (month,) = money.months([stub])
    return {
        "satellite": stub.satellite,
        "name": name(stub.satellite),
        "created": stub.created,
        "codes": stub.codes,
        "surge_percent": stub.surge_percent or 100,
        "storage": money.usd(stub.storage_pay),
        "egress": money.usd(stub.get_pay),
        "repair_audit": money.usd(stub.get_repair_pay + stub.get_audit_pay),
        **_amounts(month),
        **_compared(estimates.get((stub.period, stub.satellite)), _net(stub)),
        "byte_months": round(stub.byte_months),
        "egress_bytes": month.egress,
        "per_tb_month": _per(month.per_tb_month),
        "receipt": {"kind": receipt.kind, "link": receipts.link(receipt)} if receipt else None,
    }


def _net(stub: Paystub) -> int:
    """What the satellite counted for that month alone: after surge and held, without what it gave back."""
    return money.owed_by(stub) - stub.disposed


def _compared(estimate: float | None, net: int) -> dict[str, Any]:
    """Our estimate beside what was counted; `difference_percent`: by how much more (+) or less (−) that was."""
    expected = None if estimate is None else round(estimate * money.MICRO)
    off = None if expected is None else money.difference(expected, net)
    return {
        "estimate": estimate,
        "difference_percent": None if off is None else round(off, 2),
        "noteworthy": None if off is None else abs(off) > NOTEWORTHY,
    }


def _totals(stubs: Sequence[Paystub]) -> dict[str, float | None]:
    months = money.months(stubs)
    keys = ("earned", "held", "disposed", "paid", "distributed", "unsent")
    return {key: money.usd(sum(getattr(month, key) for month in months)) for key in keys}


# ---- held, and what a graceful exit would bring ----


def _held(known: Readings, now: float, name: Callable[[str], str], stubs: Sequence[Paystub]) -> dict[str, Any] | None:
    body = fresh(known, readings.HELD, HeldReading, now, MAX_AGE[readings.HELD])
    if body is None:
        return None
    node = last(known, readings.NODE, NodeReading)
    lost = {each.satellite for each in (node.satellites if node else ()) if each.disqualified}
    rows = [_held_by(each, now, name, stubs, lost=each.satellite in lost) for each in body.satellites]
    return {
        "total": money.usd(money.held_total(body)),
        "returned": money.usd(sum(each.disposed for each in body.satellites)),
        "comes_back": _cents(sum(row["comes_back"] for row in rows)),
        "on_exit": _cents(sum(row["on_exit"] for row in rows)),
        "satellites": rows,
    }


def _held_by(
    each: readings.Held, now: float, name: Callable[[str], str], stubs: Sequence[Paystub], *, lost: bool
) -> dict[str, Any]:
    """One satellite's held amount: half of all ever held comes back after 15 months, what is left at a graceful exit.

    `lost`: the satellite has given the node up and keeps it.
    """
    left = each.held - each.disposed
    half = 0 if lost or each.joined is None or _returned(each, now) else each.held // 2
    return {
        "satellite": each.satellite,
        "name": name(each.satellite) or each.url,
        "joined": each.joined,
        "held": money.usd(each.held),
        "returned": money.usd(each.disposed),
        "left": money.usd(left),
        "lost": lost,
        "by_percent": _by_percent(each, stubs),
        "comes_back": money.usd(half),
        "comes_back_in": money.returned_in(each.joined) if half and each.joined is not None else None,
        "on_exit": money.usd(0 if lost else left),
    }


def _returned(each: readings.Held, now: float) -> bool:
    """Whether the paystub that gives half back has been due for a month, or has come."""
    return each.disposed > 0 or utc.months_between(each.joined or 0, now) > money.RETURN_MONTH + 1


def _by_percent(each: readings.Held, stubs: Sequence[Paystub]) -> dict[str, float | None]:
    """Held by the share that was held back in that month, by the paystubs: `{"75": …, "50": …, "25": …}`."""
    found = {str(percent): 0 for _, percent in money.HELD_BACK}
    for stub in stubs:
        at = utc.epoch(f"{stub.period}-01T00:00:00Z")
        if stub.satellite == each.satellite and stub.held and each.joined is not None and at is not None:
            rate = str(money.held_rate(each.joined, at))
            found[rate] = found.get(rate, 0) + stub.held
    return {percent: money.usd(amount) for percent, amount in found.items()}


def _cents(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 6)


def _per(micro: float | None) -> float | None:
    return None if micro is None else round(micro / money.MICRO, 4)
