"""The console API's answers as sent, as far as they are used (agent/docs/storagenode.md §3).

Everything that some version leaves out or sends as null may be missing. Numbers are Go's: a float that happens to be
whole comes as an integer, so each is either. What is not named here, the wallet above all, is passed over, never built.
"""

from __future__ import annotations

import msgspec

Number = int | float


class Raw(msgspec.Struct, rename="camel"):
    """One JSON object of the API."""


class RawStatus(Raw):
    id: str
    url: str = ""
    disqualified: str | None = None
    suspended: str | None = None
    vetted_at: str | None = None


class RawDisk(Raw):
    used: Number | None = None
    available: Number | None = None
    trash: Number | None = None
    overused: Number | None = None
    allocated: Number | None = None
    reclaimable: Number | None = None


class RawUsed(Raw):
    used: Number | None = None


class RawNode(Raw):
    node_id: str = msgspec.field(name="nodeID")
    version: str
    allowed_version: str = ""
    up_to_date: bool | None = None
    started_at: str | None = None
    last_pinged: str | None = None
    quic_status: str | None = None
    disk_space: RawDisk | None = None
    bandwidth: RawUsed | None = None
    satellites: list[RawStatus] | None = None


class RawUsage(Raw):
    usage: Number | None = None
    repair: Number | None = None
    audit: Number | None = None


class RawTraffic(Raw):
    interval_start: str
    egress: RawUsage | None = None
    ingress: RawUsage | None = None


class RawStorage(Raw):
    interval_start: str
    at_rest_total: Number | None = None
    at_rest_total_bytes: Number | None = None
    interval_in_hours: Number | None = None
    calculated: bool | None = None


class RawScores(Raw):
    satellite_name: str = ""
    audit_score: Number | None = None
    suspension_score: Number | None = None
    online_score: Number | None = None


class RawMonth(Raw):
    storage_daily: list[RawStorage] | None = None
    bandwidth_daily: list[RawTraffic] | None = None
    storage_summary: Number | None = None
    average_usage_bytes: Number | None = None
    egress_summary: Number | None = None
    ingress_summary: Number | None = None


class RawSatellites(RawMonth):
    earliest_joined_at: str | None = None
    audits: list[RawScores] | None = None


class RawWindow(Raw):
    window_start: str
    total_count: Number | None = None
    online_count: Number | None = None


class RawHistory(Raw):
    windows: list[RawWindow] | None = None


class RawModel(Raw, rename="pascal"):
    egress_bandwidth: Number | None = None
    repair_bandwidth: Number | None = None
    audit_bandwidth: Number | None = None
    disk_space: Number | None = None


class RawPricing(Raw):
    egress_bandwidth: Number | None = None
    repair_bandwidth: Number | None = None
    audit_bandwidth: Number | None = None
    disk_space: Number | None = None


class RawSatellite(RawMonth, kw_only=True):
    id: str
    audits: RawScores | None = None
    audit_history: RawHistory | None = None
    price_model: RawModel | None = None
    node_joined_at: str | None = None
    vetted_at: str | None = None


class RawPayoutMonth(Raw):
    egress_bandwidth: Number = 0
    egress_bandwidth_payout: Number = 0
    egress_repair_audit: Number = 0
    egress_repair_audit_payout: Number = 0
    disk_space: Number = 0
    disk_space_payout: Number = 0
    payout: Number = 0
    held: Number = 0


class RawPayout(Raw):
    current_month: RawPayoutMonth
    previous_month: RawPayoutMonth | None = None
    current_month_expectations: Number | None = None


class RawPaystub(Raw):
    satellite_id: str
    period: str
    created: str | None = None
    codes: str | None = None
    usage_at_rest: Number = 0
    usage_get: Number = 0
    usage_put: Number = 0
    usage_get_repair: Number = 0
    usage_put_repair: Number = 0
    usage_get_audit: Number = 0
    comp_at_rest: Number = 0
    comp_get: Number = 0
    comp_put: Number = 0
    comp_get_repair: Number = 0
    comp_put_repair: Number = 0
    comp_get_audit: Number = 0
    surge_percent: Number = 0
    held: Number = 0
    owed: Number = 0
    disposed: Number = 0
    paid: Number = 0
    distributed: Number = 0


class RawHeld(Raw):
    satellite_id: str = msgspec.field(name="satelliteID")
    satellite_name: str = ""
    total_held: Number = 0
    total_disposed: Number = 0
    joined_at: str | None = None


class RawPayment(Raw):
    satellite_id: str = msgspec.field(name="satelliteID")
    receipt: str | None = None


class RawError(Raw):
    error: str = ""
