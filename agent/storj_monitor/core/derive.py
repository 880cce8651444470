"""Readings of the node's console API → the contract's keys (agent/docs/contract.md, "Meanings").

Pure: the last reading of each source and `now` in, plain values out; None is not known. A value whose source has not
answered for longer than its `MAX_AGE` is not known any more, but for what stands with its own date (traffic with
`day_started` and `month_started`, `last_contact`) or does not change by itself (`node_id`, versions).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_monitor.core import books, host, money, readings, reputation, utc
from storj_monitor.core.known import MAX_AGE
from storj_monitor.core.known import fresh as _fresh
from storj_monitor.core.known import last as _last
from storj_monitor.core.readings import (
    HeldReading,
    MonthReading,
    NodeReading,
    PayoutReading,
    PaystubsReading,
    SatelliteReading,
    SatelliteStatus,
    Scores,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storj_monitor.core.books import Account
    from storj_monitor.core.facts import Down
    from storj_monitor.core.known import Readings

ANSWERED = 180
"""Seconds within which the API must have answered for a node to be online."""
CONTACT = 2 * 3600
"""Seconds within which a satellite or client must have called."""
QUIC = {"OK": True, "Misconfigured": False}
SCORES = ("audit", "suspension", "online")


def node_values(
    known: Readings, down: Mapping[str, Down], now: float, accounts: Sequence[Account] | None = None
) -> dict[str, Any]:
    """The keys of `…/<node>/state` that come from the API: identity, life, storage, traffic, reputation, money.

    `accounts`: those of `books`, where they are made already.
    """
    values: dict[str, Any] = {"online": _online(known, down, now)}
    values |= _identity(known) | _life(known, now) | _traffic(known) | _standing(known, now) | _money(known, now)
    return values | books.node_values(known, books.accounts(known, now) if accounts is None else accounts, now)


def satellite_values(known: Readings, satellite: str, now: float, account: Account | None = None) -> dict[str, Any]:
    """The keys of `…/satellite/<name>/state` that come from the API; `satellite` is the full id, `account` as above."""
    node = _fresh(known, readings.NODE, NodeReading, now, MAX_AGE["standing"])
    status = next((each for each in node.satellites if each.satellite == satellite), None) if node else None
    last = _last(known, readings.satellite_source(satellite), SatelliteReading)
    fresh = _fresh(known, readings.satellite_source(satellite), SatelliteReading, now, MAX_AGE[readings.SATELLITE])
    scores = _scores_of(known, satellite, status.url if status else None, now)
    held = _fresh(known, readings.HELD, HeldReading, now, MAX_AGE[readings.HELD])
    return {
        "satellite_id": satellite,
        "url": _url(known, satellite),
        "state": reputation.state(status, node.version) if status and node else None,
        "suspended": status.suspended if status else None,
        "disqualified": status.disqualified if status else None,
        "vetted": (status.vetted if status else None) or (fresh.vetted if fresh else None),
        "joined": last.joined if last else None,
        **{f"{name}_score": _rounded(getattr(scores, name)) for name in SCORES},
        "audit_distance": _rounded(reputation.audit_distance(scores.audit)) if scores.audit is not None else None,
        "storage": round(fresh.average) if fresh and fresh.average is not None else None,
        "ingress_month": last.ingress if last else None,
        "egress_month": last.egress if last else None,
        "month_started": utc.month_start(last.at) if last else None,
        "held_total": money.usd(money.held_total(held, satellite)) if held else None,
        **books.satellite_values(
            account or (books.account(known, status, now) if status else books.Account(satellite))
        ),
    }


def satellites(known: Readings) -> Sequence[SatelliteStatus]:
    """The satellites that the node names, as last answered."""
    node = _last(known, readings.NODE, NodeReading)
    return node.satellites if node else ()


# ---- groups of the node's keys ----


def _online(known: Readings, down: Mapping[str, Down], now: float) -> bool | None:
    """API answered within 3 min and last contact < 2 h old. Not known before the first answer, for as long."""
    node, silent = _last(known, readings.NODE, NodeReading), down.get(readings.NODE)
    if node is None:
        return False if silent is not None and now - silent.at > ANSWERED else None
    if now - node.at > ANSWERED:
        return False
    if node.last_contact is None:
        return None if node.started and now - node.started < CONTACT else False
    return now - node.last_contact < CONTACT


def _identity(known: Readings) -> dict[str, Any]:
    node = _last(known, readings.NODE, NodeReading)
    return {
        "node_id": node.node_id if node else None,
        "version": node.version if node else None,
        "version_minimum": (node.version_minimum or None) if node else None,
        "last_contact": node.last_contact if node else None,
    }


def _life(known: Readings, now: float) -> dict[str, Any]:
    node = _fresh(known, readings.NODE, NodeReading, now, MAX_AGE["life"])
    disk = node.disk if node else None
    return {
        "started": node.started if node else None,
        "quic": QUIC.get(node.quic) if node else None,
        "disk_allocated": disk.allocated if disk else None,
        "disk_used": disk.used if disk else None,
        "disk_trash": disk.trash if disk else None,
        "disk_reclaimable": disk.reclaimable if disk else None,
        "disk_overused": disk.overused if disk else None,
        "disk_free": disk.free if disk else None,
    }


def _traffic(known: Readings) -> dict[str, Any]:
    """Today is the row of the reading's own UTC date; all of it is kept until the next reading."""
    month = _last(known, readings.MONTH, MonthReading)
    today = utc.day_start(month.at) if month else None
    row = next((day for day in (month.traffic or ()) if day.day == today), None) if month else None
    return {
        "ingress_today": row.ingress if row else None,
        "egress_today": row.egress if row else None,
        "ingress_month": month.ingress if month else None,
        "egress_month": month.egress if month else None,
        "day_started": today,
        "month_started": utc.month_start(month.at) if month else None,
    }


def _standing(known: Readings, now: float) -> dict[str, Any]:
    node = _fresh(known, readings.NODE, NodeReading, now, MAX_AGE["standing"])
    trusted = node.satellites if node else ()
    gone = {each.satellite for each in trusted if each.disqualified} | host.exited(known, now)
    scores = [_scores_of(known, each.satellite, each.url, now) for each in trusted if each.satellite not in gone]
    return {
        **{f"{name}_score": _worst([getattr(each, name) for each in scores]) for name in SCORES},
        "satellites": len(trusted) if node else None,
        "satellites_suspended": sum(bool(each.suspended) for each in trusted) if node else None,
        "satellites_disqualified": sum(bool(each.disqualified) for each in trusted) if node else None,
    }


def _money(known: Readings, now: float) -> dict[str, Any]:
    payout = _fresh(known, readings.PAYOUT, PayoutReading, now, MAX_AGE[readings.PAYOUT])
    stubs = _fresh(known, readings.PAYSTUBS, PaystubsReading, now, MAX_AGE[readings.PAYSTUBS])
    held = _fresh(known, readings.HELD, HeldReading, now, MAX_AGE[readings.HELD])
    last_month = utc.month_name(now, -1)
    return {
        "payout_estimate_node": money.usd(payout.expected) if payout else None,
        "payout_last_month": money.usd(money.paid_in(stubs.stubs, last_month)) if stubs else None,
        "held_total": money.usd(money.held_total(held)) if held else None,
    }


# ---- pieces ----


def _scores_of(known: Readings, satellite: str, url: str | None, now: float) -> Scores:
    """The newer of what the satellite's own answer and the list of all say."""
    source = readings.satellite_source(satellite)
    own = _fresh(known, source, SatelliteReading, now, MAX_AGE[readings.SATELLITE])
    month = _fresh(known, readings.MONTH, MonthReading, now, MAX_AGE[readings.MONTH])
    listed = next((each for each in month.scores if each.url == url), None) if month and url else None
    if own is None or (month and listed and month.at > own.at):
        return listed or Scores(url or "")
    return own.scores


def _url(known: Readings, satellite: str) -> str | None:
    return next((each.url for each in satellites(known) if each.satellite == satellite), None)


def _worst(scores: Sequence[float | None]) -> float | None:
    """The lowest; None when one is not known, for that might be the worst."""
    return None if not scores or None in scores else _rounded(min(score for score in scores if score is not None))


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 6)
