"""`/metrics/<node>`: the names that the known dashboards ask for (agent/docs/ecosystem.md §2.1, §2.2).

The text is a drop-in for anclrii's Storj-Exporter and for the log exporter: one node, no node label, cents, `available`
= allocated, `used` without trash. Everything comes from readings that the agent has anyway and from its store; what is
not known has no sample. `storj_sat_summary` has no `currentStorageUsed`: nodes stopped telling it with 1.122.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family

from storj_monitor.core import readings
from storj_monitor.core.readings import MonthReading, NodeReading, PayoutReading, SatelliteReading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from storj_monitor.core.facts import Reading
    from storj_monitor.core.readings import PayoutMonth
    from storj_monitor.store.totals import Total

B = TypeVar("B")
CENT = 10_000
"""Micro-dollars."""
BY_SATELLITE = ("type", "satellite", "url")

Values = Iterable[tuple[str, float | None]]


TYPES = {"GET": "usage", "PUT": "usage", "GET_AUDIT": "audit", "GET_REPAIR": "repair", "PUT_REPAIR": "repair"}
WORDS = {"ok": "successful", "canceled": "canceled", "failed": "failed"}


class NodeCollector:
    """The families of one node. `urls`: full satellite id → `us1.storj.io:7777`."""

    def __init__(
        self,
        known: Mapping[str, Reading],
        totals: Sequence[Total],
        urls: Mapping[str, str],
        wallet: str | None,
    ) -> None:
        self._known = known
        self._totals = totals
        self._urls = urls
        self._wallet = wallet

    def collect(self) -> Iterator[Family]:
        """All families that have a sample."""
        node = _body(self._known, readings.NODE, NodeReading)
        month = _body(self._known, readings.MONTH, MonthReading)
        payout = _body(self._known, readings.PAYOUT, PayoutReading)
        if node is not None:
            yield _info(node, self._wallet)
            yield _typed("storj_total_diskspace", "Disk space in bytes.", _disk(node))
        if month is not None:
            used = (month.ingress or 0) + (month.egress or 0)
            yield _typed("storj_total_bandwidth", "Bytes of this month.", (("used", used), ("available", 0)))
        if payout is not None and payout.current is not None:
            values = _payout(payout.current, payout.expected)
            yield _typed(
                "storj_payout_currentMonth", "Estimated payout of this month in US cents, and its bytes.", values
            )
        yield from self._by_satellite(node)
        yield from self._pieces()

    def _by_satellite(self, node: NodeReading | None) -> Iterator[Family]:
        dates = {each.satellite: each for each in node.satellites} if node else {}
        families = {name: GaugeMetricFamily(name, help_, labels=BY_SATELLITE) for name, help_ in SATELLITE.items()}
        for source, reading in self._known.items():
            body = reading.body
            if not (source.startswith(f"{readings.SATELLITE}:") and isinstance(body, SatelliteReading)):
                continue
            labels = (body.satellite, self._urls.get(body.satellite, body.satellite))
            status = dates.get(body.satellite)
            flags = (
                ("disqualified", None if status is None else bool(status.disqualified)),
                ("suspended", None if status is None else bool(status.suspended)),
            )
            for name, values in _satellite(body, flags):
                for kind, value in values:
                    if value is not None:
                        families[name].add_metric((kind, *labels), float(value))
        yield from families.values()

    def _pieces(self) -> Iterator[Family]:
        families: dict[str, Family] = {}
        for name, labels, count in _counters(self._totals, self._urls):
            # A counter without `_total`, as the dashboards ask for it.
            family = families.setdefault(name, Family(name, "Counted in the node's log.", "unknown"))
            family.add_sample(name, labels, count)
        yield from families.values()


SATELLITE = {
    "storj_sat_summary": "This month at a satellite: byte hours, bytes, and whether it gave the node up.",
    "storj_sat_audit": "Scores of a satellite, 0 to 1.",
    "storj_sat_month_egress": "Bytes sent this month.",
    "storj_sat_month_ingress": "Bytes received this month.",
    "storj_sat_day_storage": "Stored data of the last day, byte hours.",
}


def _body(known: Mapping[str, Reading], source: str, kind: type[B]) -> B | None:
    reading = known.get(source)
    return reading.body if reading is not None and isinstance(reading.body, kind) else None


def _typed(name: str, help_: str, values: Values) -> Family:
    """A gauge with the one label `type`."""
    family = GaugeMetricFamily(name, help_, labels=("type",))
    for kind, value in values:
        if value is not None:
            family.add_metric((kind,), float(value))
    return family


def _info(node: NodeReading, wallet: str | None) -> Family:
    """One sample for each word, under a label of the same name; the wallet only when the settings name it."""
    words = {
        "nodeID": node.node_id,
        "wallet": wallet,
        "upToDate": None if node.up_to_date is None else str(node.up_to_date),
        "version": node.version,
        "allowedVersion": node.version_minimum,
        "quicStatus": node.quic,
    }
    family = Family("storj_node_info", "What the node says of itself; always 1.", "gauge")
    for kind, word in words.items():
        if word:
            family.add_sample("storj_node_info", {"type": kind, kind: word}, 1)
    return family


def _disk(node: NodeReading) -> Values:
    disk = node.disk
    if disk is None:
        return
    yield "used", None if disk.used is None else disk.used - disk.trash
    yield "available", disk.allocated
    yield "trash", disk.trash


def _payout(month: PayoutMonth, expected: int | None) -> Values:
    return (
        ("egressBandwidth", month.egress),
        ("egressBandwidthPayout", month.egress_pay / CENT),
        ("egressRepairAudit", month.repair_audit),
        ("egressRepairAuditPayout", month.repair_audit_pay / CENT),
        ("diskSpace", month.byte_months),
        ("diskSpacePayout", month.storage_pay / CENT),
        ("heldRate", 0),  # the node's answer over all satellites has 0 always
        ("payout", month.payout / CENT),
        ("held", month.held / CENT),
        ("currentMonthExpectations", None if expected is None else expected / CENT),
    )


def _satellite(body: SatelliteReading, flags: Values) -> Iterator[tuple[str, Values]]:
    traffic = None if body.ingress is None or body.egress is None else body.ingress + body.egress
    days = body.traffic or ()
    yield (
        "storj_sat_summary",
        (
            ("storageSummary", body.byte_hours),
            ("bandwidthSummary", traffic),
            ("egressSummary", body.egress),
            ("ingressSummary", body.ingress),
            *flags,
        ),
    )
    scores = (("audit", body.scores.audit), ("suspension", body.scores.suspension), ("online", body.scores.online))
    yield "storj_sat_audit", ((f"{name}Score", None if score is None else score / 100) for name, score in scores)
    yield (
        "storj_sat_month_egress",
        (
            ("repair", sum(day.egress_repair for day in days)),
            ("audit", sum(day.egress_audit for day in days)),
            ("usage", sum(day.egress_usage for day in days)),
        ),
    )
    yield (
        "storj_sat_month_ingress",
        (("repair", sum(day.ingress_repair for day in days)), ("usage", sum(day.ingress_usage for day in days))),
    )
    yield "storj_sat_day_storage", (("atRestTotal", body.storage[-1].byte_hours if body.storage else None),)


def _counters(totals: Sequence[Total], urls: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str], int]]:
    """Name, labels and count of the log exporter's counters; `started` is the sum of all that ended."""
    started: dict[tuple[str, str, str], int] = {}
    for metric, satellite, count in totals:
        kind, _, rest = metric.partition(":")
        action, _, word = rest.partition(":")
        if kind not in {"transfer", "failed"} or action not in TYPES:
            continue
        way = "upload" if action.startswith("PUT") else "download"
        labels = {"satellite": satellite, "url": urls.get(satellite, satellite), "type": TYPES[action]}
        if kind == "failed":
            yield f"storj_pieces_{way}_failed", labels | {"error": word}, count
        elif word == "rejected":
            yield "storj_pieces_upload_rejected", labels, count
        else:
            started[way, satellite, TYPES[action]] = started.get((way, satellite, TYPES[action]), 0) + count
            if word != "failed":  # those are counted with their class
                yield f"storj_pieces_{way}_{WORDS[word]}", labels, count
    for (way, satellite, kind), count in started.items():
        labels = {"satellite": satellite, "url": urls.get(satellite, satellite), "type": kind}
        yield f"storj_pieces_{way}_started", labels, count
