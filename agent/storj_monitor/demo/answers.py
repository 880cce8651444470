"""The bodies of the console API for one simulated node at one time (agent/docs/storagenode.md §3), by version.

Bodies are plain data; `demo.console` encodes them as Go does and serves them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from storj_monitor.demo import money, usage
from storj_monitor.demo.books import DAY, GET, GET_AUDIT, GET_REPAIR, PUT, PUT_REPAIR
from storj_monitor.demo.life import WALLET
from storj_monitor.demo.past import month_of

if TYPE_CHECKING:
    from storj_monitor.demo.lognode import SimulatedNode
    from storj_monitor.demo.reputation import Scores
    from storj_monitor.demo.traffic import Account

MINIMUM = "1.115.5"
_ZERO_TIME = "0001-01-01T00:00:00Z"
_TALLY_HOUR = 10 * 3600
_VETTED_AFTER = 45 * DAY
_FULL_LEAVES = 2_000_000_000
TABLE_SHARE = 400
"""One byte of hash table for so many bytes of data."""


def go_time(at: float | None) -> str:
    """RFC 3339 with as many decimals as there are; the zero time for None."""
    if at is None:
        return _ZERO_TIME
    text = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return text.rstrip("0").rstrip(".") + "Z"


def _date(at: float | None) -> str | None:
    return go_time(at) if at is not None else None


class Answers:
    """What the node `node` answers at the time `now` (epoch seconds)."""

    def __init__(self, node: SimulatedNode, now: float) -> None:
        self.node = node
        self.now = now
        self._minor = node.scribe.minor
        self._month = month_of(now)
        self._today = int(now // DAY)

    def index(self, satellite: str) -> int | None:
        """The number of a satellite by its id."""
        ids = [account.satellite.id for account in self.node.accounts]
        return ids.index(satellite) if satellite in ids else None

    def all(self) -> range:
        """The numbers of all satellites."""
        return range(len(self.node.accounts))

    def sno(self) -> dict[str, Any]:
        """`/api/sno/`."""
        node = self.node
        heard = [index for index in self.all() if node.accounts[index].standing.heard is not None]
        dark = node.change.dark
        return {
            "nodeID": node.node_id,
            "wallet": WALLET,
            "walletFeatures": None,
            "satellites": [self._row(index) for index in heard] or None,
            "diskSpace": self.disk_space(),
            "bandwidth": {"used": sum(map(sum, self._month_traffic(self.all()).values())), "available": 0},
            "lastPinged": go_time(node.last_contact),
            "version": node.version,
            "allowedVersion": MINIMUM,
            "upToDate": True,
            "startedAt": go_time(node.started_at),
            "configuredPort": "28967",
            "quicStatus": "Misconfigured" if dark else "OK",
            "lastQuicPingedAt": go_time(node.last_contact if dark else self.now - self.now % 3600),
        }

    def _row(self, index: int) -> dict[str, Any]:
        account = self.node.accounts[index]
        row = {"id": account.satellite.id, "url": account.satellite.url}
        dates = {
            "disqualified": _date(account.standing.disqualified),
            "suspended": _date(account.standing.suspended),
        }
        return {**row, **dates, **self._vetted(), **self._current_use(index)}

    def _vetted(self) -> dict[str, Any]:
        vetted = self.node.past.joined + _VETTED_AFTER
        return {"vettedAt": go_time(vetted) if vetted <= self.now else None} if self._minor >= 131 else {}

    def _current_use(self, index: int) -> dict[str, int]:
        return {"currentStorageUsed": self.node.disks[index].live[0]} if self._minor <= 121 else {}

    def disk_space(self) -> dict[str, int]:
        """`diskSpace` of both eras (§3.1.1)."""
        node = self.node
        trash, dead = sum(disk.trashed for disk in node.disks), sum(disk.dead for disk in node.disks)
        live, allocated = sum(disk.live[0] for disk in node.disks), node.allocated
        if not node.hashstore:
            dead = 0
        if node.change.full:
            live = max(live, allocated - trash - dead - _FULL_LEAVES)
        if self._minor < 143:
            overused = max(0, live + trash - allocated)
            return {"used": live, "available": allocated, "trash": trash, "overused": overused}
        used = live + trash + dead
        if node.hashstore and not node.change.full:
            used += live // TABLE_SHARE
        return {
            "used": used,
            "available": max(0, allocated - used),
            "overused": max(0, used - allocated),
            "allocated": allocated,
            "trash": trash,
            "reclaimable": dead if self._minor >= 147 else 0,
        }

    def satellites(self) -> dict[str, Any]:
        """`/api/sno/satellites`: all satellites, this month."""
        audits = [self._audits(account, heard) for account, heard in self._heard()]
        body = {**self._usage(self.all(), hours=False), "earliestJoinedAt": go_time(self.node.past.joined)}
        return {**body, "audits": audits or None}

    def _heard(self) -> list[tuple[Account, Scores]]:
        return [(each, each.standing.heard) for each in self.node.accounts if each.standing.heard is not None]

    def satellite(self, index: int) -> dict[str, Any]:
        """`/api/sno/satellite/{id}`."""
        account = self.node.accounts[index]
        standing = account.standing
        history = standing.history(int(self.now)) if standing.heard is not None else []
        windows = [{"windowStart": go_time(at), "totalCount": n, "onlineCount": online} for at, n, online in history]
        return {
            "id": account.satellite.id,
            **self._usage(range(index, index + 1), hours=True),
            **self._current_use(index),
            "audits": self._audits(account, standing.heard),
            "auditHistory": {"score": standing.heard.online if standing.heard else 0, "windows": windows or None},
            "priceModel": {
                "EgressBandwidth": money.PRICES["egress"],
                "RepairBandwidth": money.PRICES["repair"],
                "AuditBandwidth": money.PRICES["audit"],
                "DiskSpace": money.PRICES["disk"],
            },
            "nodeJoinedAt": go_time(self.node.past.joined),
            **self._vetted(),
        }

    def _audits(self, account: Account, scores: Scores | None) -> dict[str, Any]:
        return {
            "auditScore": scores.audit if scores else 0,
            "suspensionScore": scores.suspension if scores else 0,
            "onlineScore": scores.online if scores else 0,
            "satelliteName": account.satellite.url,
        }

    def _month_traffic(self, satellites: range) -> dict[int, list[int]]:
        """Days of this month that have traffic, with the sums over satellites."""
        days: dict[int, list[int]] = {}
        for day in usage.month_days(*self._month):
            rows = [usage.traffic(self.node, index, day) for index in satellites] if day <= self._today else []
            sums = [sum(column) for column in zip(*rows, strict=True)]
            if any(sums):
                days[day] = sums
        return days

    def _usage(self, satellites: range, *, hours: bool) -> dict[str, Any]:
        days = self._month_traffic(satellites)
        storage = self._storage(satellites, hours=hours)
        ingress = sum(row[PUT] + row[PUT_REPAIR] for row in days.values())
        egress = sum(row[GET] + row[GET_REPAIR] + row[GET_AUDIT] for row in days.values())
        rates = [row["atRestTotalBytes"] for row in storage]
        return {
            "storageDaily": storage or None,
            "bandwidthDaily": [_bandwidth_row(day, row) for day, row in days.items()] or None,
            "storageSummary": sum(row["atRestTotal"] for row in storage),
            "averageUsageBytes": sum(rates) / len(rates) if rates else 0,
            "bandwidthSummary": ingress + egress,
            "egressSummary": egress,
            "ingressSummary": ingress,
        }

    def _storage(self, satellites: range, *, hours: bool) -> list[dict[str, Any]]:
        """Tallied days; from 1.162 on the days since the last tally are filled in with its rate (§3.2)."""
        tallied = self._today if self.now % DAY >= _TALLY_HOUR else self._today - 1
        filled = self._minor >= 162
        rows = []
        for day in usage.month_days(*self._month):
            if (day + 1) * DAY <= self.node.past.joined or day > self._today:
                continue
            calculated = day >= tallied
            if calculated and not filled:
                continue
            # A calculated day carries on the rate of the last tallied one.
            rate = sum(usage.stored(self.node, index, min(day, tallied - 1)) for index in satellites)
            row: dict[str, Any] = {"atRestTotal": 0.0 if calculated else rate * 24, "atRestTotalBytes": rate}
            row |= {"intervalInHours": 24} if hours else {}
            row["intervalStart"] = go_time(day * DAY)
            rows.append(row | ({"calculated": calculated} if filled else {}))
        return rows

    def pricing(self, satellite: str) -> dict[str, Any]:
        """`/api/sno/satellites/{id}/pricing`: zeros for a satellite it does not know."""
        known = self.index(satellite) is not None
        keys = {
            "egressBandwidth": "egress",
            "repairBandwidth": "repair",
            "auditBandwidth": "audit",
            "diskSpace": "disk",
        }
        return {"satelliteID": satellite, **{key: money.PRICES[name] if known else 0 for key, name in keys.items()}}

    def estimated_payout(self, index: int | None) -> dict[str, Any]:
        """`/api/sno/estimated-payout`, of one satellite or of all that have not disqualified the node."""
        accounts = self.node.accounts
        chosen = [each for each in self.all() if accounts[each].standing.disqualified is None]
        chosen = chosen if index is None else [index]
        current = [money.estimate(self.node, each, *self._month, self._at_rest(each)) for each in chosen]
        year, month = money.previous_month(self.now)
        rest = {each: usage.month(self.node, each, year, month)[1] for each in chosen}
        if (year, month) == self._month:
            rest = {each: self._at_rest(each) for each in chosen}
        previous = [money.estimate(self.node, each, year, month, rest[each]) for each in chosen]
        sums = [_summed(rows, single=index is not None) for rows in (current, previous)]
        expected = sum(money.expectation(self.node, row["payout"], self.now) for row in current)
        return {"currentMonth": sums[0], "previousMonth": sums[1], "currentMonthExpectations": expected}

    def nothing_estimated(self) -> dict[str, Any]:
        """The zeros for a satellite it does not know."""
        zeros = _summed([], single=False)
        return {"currentMonth": zeros, "previousMonth": zeros, "currentMonthExpectations": 0}

    def _at_rest(self, index: int) -> float:
        rows = self._storage(range(index, index + 1), hours=False)
        if self._minor >= 162:
            return float(sum(row["atRestTotalBytes"] * 24 for row in rows))
        return float(sum(row["atRestTotal"] for row in rows))


_ESTIMATE = ("egressBandwidth", "egressBandwidthPayout", "egressRepairAudit", "egressRepairAuditPayout",
             "diskSpace", "diskSpacePayout", "heldRate", "payout", "held")  # fmt: skip


def _summed(rows: list[dict[str, Any]], *, single: bool) -> dict[str, Any]:
    """The sum over satellites, whose held rate stays 0."""
    sums = {key: sum(row[key] for row in rows) for key in _ESTIMATE}
    return sums if single else {**sums, "heldRate": 0}


def _bandwidth_row(day: int, row: list[int]) -> dict[str, Any]:
    return {
        "egress": {"repair": row[GET_REPAIR], "audit": row[GET_AUDIT], "usage": row[GET]},
        "ingress": {"repair": row[PUT_REPAIR], "usage": row[PUT]},
        "delete": 0,
        "intervalStart": go_time(day * DAY),
    }
