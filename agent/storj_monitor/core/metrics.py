"""THE metric table: every key of the contract's payloads, in the contract's order (agent/docs/contract.md).

One row feeds storage, MQTT, Home Assistant, the viewer's labels and help, Prometheus and the documentation. A key never
changes its meaning. Limits in the help texts are those of agent/docs/storagenode.md §3, §5 and §6.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from storj_monitor.core import ha, metrics_books, metrics_host, metrics_node
from storj_monitor.core.ha import DIAGNOSTIC, MONTH
from storj_monitor.core.metric import (
    Metric,
    money,
    number,
    plain,
    score,
    share,
    size,
    small,
    time,
    traffic,
    word,
)
from storj_monitor.core.metrics_node import AUDIT, IN, MONTH_STARTED, ONLINE, OUT, SUSPENSION, TS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storj_monitor.core.metric import Scope

__all__ = ["AGENT", "AGENT_BY_KEY", "NODE", "NODE_BY_KEY", "SATELLITE", "SATELLITE_BY_KEY", "Metric", "ordered"]

_SATELLITE: tuple[Metric, ...] = (
    TS,
    plain("satellite_id", "Satellite ID", "The satellite's identity."),
    plain("url", "Address", "Where the satellite is reached."),
    word(
        "state",
        "State",
        "How the satellite sees this node: vetting, vetted, suspended, exiting …",
        ha.choice(
            "vetting",
            "vetted",
            "active",
            "suspended",
            "offline_suspended",
            "exiting",
            "exited",
            "disqualified",
            icon="mdi:satellite-variant",
        ),
    ),
    time("suspended", "Suspended since", "Since when too many audits went wrong.", category=None),
    time("disqualified", "Disqualified since", "Since when the satellite gave the node up.", category=None),
    time("vetted", "Vetted", "When the node was trusted with full traffic: after 100 audits and 21 days."),
    time("joined", "Joined", "When the node first worked for this satellite; held amounts count from that month."),
    score("audit_score", "Audit score", f"Share of audits answered. {AUDIT}", icon="mdi:shield-check-outline"),
    score(
        "suspension_score",
        "Suspension score",
        f"Share of audits answered without an unexpected error. {SUSPENSION}",
        icon="mdi:shield-alert-outline",
    ),
    score(
        "online_score",
        "Online score",
        f"Share of audit windows of the last 30 days in which the node was reached. {ONLINE}",
        icon="mdi:lan-connect",
    ),
    score(
        "audit_distance",
        "Way to disqualification",
        "How much of the way from a perfect audit score to disqualification is gone.",
        1,
        on=False,
        icon="mdi:shield-off-outline",
    ),
    size("storage", "Stored", "Average bytes held this month; what storage is paid for.", on=True, icon="mdi:database"),
    traffic("ingress_month", "Ingress this month", "Received this UTC month; unpaid.", reset=MONTH, icon=IN),
    traffic("egress_month", "Egress this month", "Sent this UTC month; paid.", reset=MONTH, icon=OUT),
    MONTH_STARTED,
    share("download_success", "Download success", "Downloads of the last 24 hours that ended well."),
    share("upload_success", "Upload success", "Uploads of the last 24 hours that ended well."),
    share("audit_success", "Audit success", "Audits of the last 24 hours that the node answered.", 2),
    money(
        "payout_estimate",
        "Payout this month",
        "What this UTC month will have earned at its end, held amount deducted.",
        reset=MONTH,
        on=True,
    ),
    money("held_total", "Held amount", "Held back by this satellite so far and not yet returned.", reset=None),
)

_AGENT: tuple[Metric, ...] = (
    word(
        "version",
        "Version",
        "The version of this agent.",
        ha.text(category=DIAGNOSTIC, icon="mdi:tag-outline"),
    ),
    plain("contract", "Contract", "Version of the names and meanings in these payloads."),
    plain("instance", "Instance", "The identity of this agent's data folder."),
    plain("url", "Address", "Where this agent's viewer is reached, if it is public."),
    number(
        "nodes",
        "Nodes",
        "Nodes that this agent watches.",
        "nodes",
        tier=None,
        on=True,
        category=DIAGNOSTIC,
        icon="mdi:server-network",
    ),
    Metric(
        "cpu_percent",
        "%",
        "gauge",
        None,
        "Processor use",
        1,
        "This agent's own use of one processor core, mean of ten minutes.",
        ha.measure(1, "%", category=DIAGNOSTIC, icon="mdi:cpu-64-bit"),
        "cpu_percent",
    ),
    small(
        "rss",
        "Memory use",
        "This agent's own memory, mean of ten minutes.",
        0,
        None,
        on=True,
        category=DIAGNOSTIC,
        icon="mdi:memory",
    ),
    Metric(
        "lag",
        "s",
        "gauge",
        None,
        "Lag",
        1,
        "Seconds by which the agent comes too late to its own work, mean of ten minutes; near 0 when all is well.",
        ha.measure(1, "s", device_class="duration", category=DIAGNOSTIC, enabled=False),
        "lag_seconds",
    ),
    Metric(
        "host_cpu_percent",
        "%",
        "gauge",
        None,
        "Processor load of the host",
        1,
        "Use of all processor cores of this host, mean of ten minutes.",
        None,
        "host_cpu_percent",
    ),
    Metric(
        "host_iowait_percent",
        "%",
        "gauge",
        None,
        "Waiting for disks",
        1,
        "Share of time the host's processors waited for disks, mean of ten minutes.",
        None,
        "host_iowait_percent",
    ),
)


def _scoped(rows: tuple[Metric, ...], scope: Scope) -> tuple[Metric, ...]:
    return tuple(
        replace(row, scope=scope, prometheus=f"{scope}_{row.prometheus}" if row.prometheus else None) for row in rows
    )


NODE = (*metrics_node.NODE, *metrics_books.NODE, *metrics_host.NODE)
"""`…/<node>/state`."""
SATELLITE = _scoped((*_SATELLITE, *metrics_books.SATELLITE, *metrics_host.SATELLITE), "satellite")
"""`…/<node>/satellite/<satellite>/state`."""
AGENT = _scoped(_AGENT, "agent")
"""`storj-monitor/<agent>/about`."""

NODE_BY_KEY: Mapping[str, Metric] = MappingProxyType({row.key: row for row in NODE})
SATELLITE_BY_KEY: Mapping[str, Metric] = MappingProxyType({row.key: row for row in SATELLITE})
AGENT_BY_KEY: Mapping[str, Metric] = MappingProxyType({row.key: row for row in AGENT})


def ordered(rows: tuple[Metric, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """A payload with every key of the table in its order; what is not known is null, what has no row is an error.

    Raises:
        KeyError: a value has no row, so that no key reaches users unnamed.
    """
    payload = {row.key: values.get(row.key) for row in rows}
    if len(unnamed := values.keys() - payload.keys()):
        raise KeyError(f"no row in the metric table for {', '.join(sorted(unnamed))}")
    return payload
