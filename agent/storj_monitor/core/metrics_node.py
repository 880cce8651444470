"""The rows of a node's state (agent/docs/contract.md); `core.metrics` is the door to the table."""

from __future__ import annotations

from storj_monitor.core import ha
from storj_monitor.core.ha import DAY, DIAGNOSTIC, MONTH
from storj_monitor.core.metric import (
    Metric,
    money,
    number,
    plain,
    rate,
    score,
    share,
    size,
    small,
    time,
    traffic,
    word,
)

TS = plain("ts", "As of", "When these values were true.", "time")
MONTH_STARTED = plain(MONTH, "Month", "Start of the UTC month that the values of this month belong to.", "time")

AUDIT = "Disqualified at 96 % or less, at once and for ever; worry below 99.95 %."
SUSPENSION = "Suspended at 60 % or less: no new data until it is above again; worry below 95 %."
ONLINE = "Below 60 % the node is suspended and under review; worry below 95 %."
IN = "mdi:download-network-outline"
OUT = "mdi:upload-network-outline"

NODE: tuple[Metric, ...] = (
    # identity
    TS,
    plain("name", "Name", "The node's name in the settings."),
    plain("node_id", "Node ID", "The node's identity, from its API, its log or the settings."),
    word(
        "version",
        "Software",
        "The storagenode version that runs now.",
        ha.Entity(
            platform="update",
            template=ha.UPDATE,
            category=DIAGNOSTIC,
            icon="mdi:package-up",
            extra={"tit": "storagenode"},
        ),
    ),
    word("version_minimum", "Minimum version", "Older versions get no new data from the satellites."),
    word("version_due", "Version due", "What the roll-out offers this node now; empty while it is not its turn."),
    # life
    Metric(
        "online",
        None,
        "flag",
        "minute",
        "Online",
        None,
        "The node's API answers and satellites or customers reached the node in the last two hours; "
        "for a node known by its log only: lines come.",
        ha.flag("connectivity"),
        "online",
    ),
    word(
        "status",
        "Status",
        "The worst open alert of this node that is not silenced: ok, warning or critical; unknown without a reading.",
        ha.choice(
            "ok",
            "warning",
            "critical",
            template=ha.STATUS,
            icon="mdi:server-network",
            attributes=("state", ha.STATUS_TEXT),
        ),
    ),
    word("status_text", "In words", "The status in one sentence."),
    time("started", "Started", "When the node's process started.", on=True),
    time(
        "last_contact",
        "Last contact",
        "When a satellite or a customer last reached the node; more than two hours ago counts as offline, "
        "30 days disqualify.",
    ),
    Metric(
        "quic",
        None,
        "flag",
        "hour",
        "QUIC",
        None,
        "Whether the node is reached over QUIC (UDP): off means the port is not forwarded; unknown while switched off.",
        ha.flag("connectivity", category=DIAGNOSTIC, enabled=False),
        "quic",
    ),
    time(
        "maintenance_until",
        "Maintenance until",
        "When the silence for maintenance ends at the latest; it ends earlier when the node works again.",
    ),
    # log
    time("log_last", "Last log line", "Time of the newest line read from the log."),
    Metric(
        "log_lines",
        "lines",
        "count",
        "minute",
        "Log lines",
        0,
        "Lines read from the log, in the last hour.",
        None,
        "log_lines",
    ),
    share(
        "log_unknown_share",
        "Unknown log lines",
        "Lines of the last hour that were not understood; a jump means that a new storagenode writes them differently.",
        2,
        category=DIAGNOSTIC,
        icon="mdi:text-box-search-outline",
    ),
    small(
        "log_behind",
        "Log backlog",
        "What is in the log but not yet read; it grows when the agent cannot keep up.",
        1,
        "minute",
        category=DIAGNOSTIC,
    ),
    # storage
    size(
        "disk_allocated",
        "Disk allocated",
        "What the node may use, as configured; at most the size of the disk.",
        "day",
        category=DIAGNOSTIC,
        icon="mdi:harddisk",
    ),
    size(
        "disk_used",
        "Disk used",
        "All bytes the node has on disk, trash and reclaimable space included.",
        on=True,
        icon="mdi:harddisk",
    ),
    size("disk_trash", "Trash", "Deleted pieces, kept for a week; unpaid.", icon="mdi:trash-can-outline"),
    size(
        "disk_reclaimable",
        "Reclaimable",
        "Dead bytes in the hash store that the next compactions free; unpaid. Known since storagenode 1.147.",
        icon="mdi:recycle",
    ),
    size(
        "disk_overused",
        "Disk overused",
        "What the node holds beyond its allocation; anything above 0 should shrink by itself.",
        icon="mdi:harddisk-plus",
    ),
    size(
        "disk_free",
        "Disk free",
        "What the node may still take in; below 5 GB it tells the satellites that it is full.",
        on=True,
        icon="mdi:harddisk",
    ),
    size(
        "filesystem_total",
        "Filesystem size",
        "Size of the file system that holds the data.",
        "day",
        category=DIAGNOSTIC,
        icon="mdi:harddisk",
    ),
    size(
        "filesystem_free",
        "Filesystem free",
        "Free bytes of the file system that holds the data; the node needs some of them for its databases.",
        category=DIAGNOSTIC,
        icon="mdi:harddisk",
    ),
    number(
        "disk_full_days",
        "Disk full in",
        "Days until nothing is free, at the growth of the last weeks.",
        "d",
        tier="day",
        on=True,
        device_class="duration",
    ),
    # traffic
    traffic(
        "ingress_today", "Ingress today", "Received this UTC day, uploads and repair.", reset=DAY, on=True, icon=IN
    ),
    traffic(
        "egress_today", "Egress today", "Sent this UTC day: downloads, repair, audits.", reset=DAY, on=True, icon=OUT
    ),
    traffic("ingress_month", "Ingress this month", "Received this UTC month; unpaid.", reset=MONTH, icon=IN),
    traffic("egress_month", "Egress this month", "Sent this UTC month; paid.", reset=MONTH, icon=OUT),
    plain(DAY, "Day", "Start of the UTC day that the values of today belong to.", "time"),
    MONTH_STARTED,
    rate("ingress_rate", "Ingress rate", "Received per second, over the last full minute of the log."),
    rate("egress_rate", "Egress rate", "Sent per second, over the last full minute of the log."),
    Metric(
        "transfer_rate",
        "transfers/s",
        "rate",
        "minute",
        "Transfer rate",
        1,
        "Transfers per second, over the last full minute of the log.",
        ha.measure(1, "transfers/s", enabled=False, icon="mdi:swap-vertical"),
        "transfers_per_second",
    ),
    # quality, 24 h
    share(
        "download_success",
        "Download success",
        "Downloads of the last 24 hours that ended well; the rest were lost to faster nodes or failed.",
        on=True,
    ),
    share(
        "upload_success",
        "Upload success",
        "Uploads of the last 24 hours that ended well; the rest were lost to faster nodes or failed.",
        on=True,
    ),
    share(
        "audit_success",
        "Audit success",
        "Audits of the last 24 hours that the node answered; anything below 100 % endangers the node.",
        2,
    ),
    share("repair_success", "Repair success", "Repair transfers of the last 24 hours that ended well."),
    number(
        "errors",
        "Errors",
        "Log lines of the last 24 hours at level ERROR or above that are not known to be harmless.",
        "errors",
        tier="minute",
        kind="count",
        icon="mdi:alert-octagon-outline",
    ),
    # reputation
    score(
        "audit_score", "Audit score", f"The worst of all satellites. {AUDIT}", on=True, icon="mdi:shield-check-outline"
    ),
    score(
        "suspension_score",
        "Suspension score",
        f"The worst of all satellites. {SUSPENSION}",
        on=True,
        icon="mdi:shield-alert-outline",
    ),
    score("online_score", "Online score", f"The worst of all satellites. {ONLINE}", on=True, icon="mdi:lan-connect"),
    number(
        "satellites",
        "Satellites",
        "Satellites that the node works for.",
        "satellites",
        tier="day",
        category=DIAGNOSTIC,
        icon="mdi:satellite-variant",
    ),
    number(
        "satellites_suspended",
        "Satellites suspended",
        "Satellites that send no new data because too many audits went wrong or the node was offline too long.",
        "satellites",
        tier="hour",
        icon="mdi:satellite-variant",
    ),
    number(
        "satellites_disqualified",
        "Satellites disqualified",
        "Satellites that gave the node up for ever.",
        "satellites",
        tier="hour",
        icon="mdi:satellite-variant",
    ),
    # money
    money(
        "payout_estimate",
        "Payout this month",
        "What this UTC month will have earned at its end, held amount deducted, by our own reckoning.",
        reset=MONTH,
        on=True,
    ),
    money(
        "payout_estimate_node",
        "Payout this month by the node",
        "What the node's own dashboard says; early in the month it is far off.",
        reset=MONTH,
        category=DIAGNOSTIC,
    ),
    money(
        "payout_last_month",
        "Payout last month",
        "Paid for the last UTC month by the satellites' statements, which come about a week into the month.",
        reset=MONTH,
    ),
    money(
        "held_total",
        "Held amount",
        "Held back in the first nine months: half of it is paid after fifteen months, the rest at a graceful exit.",
        reset=None,
    ),
    # alerts
    number(
        "alerts_critical",
        "Critical alerts",
        "Open critical alerts that are not silenced.",
        "alerts",
        tier="hour",
        icon="mdi:alert-octagon-outline",
    ),
    number(
        "alerts_warning",
        "Warnings",
        "Open warnings that are not silenced.",
        "alerts",
        tier="hour",
        icon="mdi:alert-outline",
    ),
)
"""`…/<node>/state`."""
