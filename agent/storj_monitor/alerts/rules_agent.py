"""Rules about the agent itself and its neighbours on the broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.alerts.rule import HOUR, MINUTE, UNKNOWN, Level, Measure, Rule

if TYPE_CHECKING:
    from storj_monitor.alerts.rule import Measures
    from storj_monitor.alerts.view import AgentView

SPACE_MIN = 200_000_000
"""Bytes that the data folder needs: a commit, its write-ahead log, a copy before a migration."""


def _broker(view: AgentView) -> Measures:
    if view.broker_down is not None:
        return {"": Measure(1.0, {"what": view.broker_down})}
    if view.refused:
        topic, why = next(iter(sorted(view.refused.items())))
        return {"": Measure(1.0, {"what": f"The broker refuses {topic}: {why}."})}
    return {"": Measure(0.0)}


def _disk(view: AgentView) -> Measures:
    if view.store_failing:
        return {"": Measure(1.0, {"what": "cannot be written"})}
    if view.disk_free is None:
        return {"": UNKNOWN}
    return {"": Measure(float(view.disk_free < SPACE_MIN), {"what": f"has {view.disk_free / 1e6:.0f} MB left"})}


def _lag(view: AgentView) -> Measures:
    return {"": UNKNOWN if view.lag is None else Measure(view.lag, {"value": view.lag})}


def _conflict(view: AgentView) -> Measures:
    return {
        node: Measure(1.0, {"what": f"{node} is announced by the agent {other}, too"})
        for node, other in view.conflicts.items()
    }


def _away(view: AgentView) -> Measures:
    return {agent: Measure(1.0, {"agent": agent}, since) for agent, since in view.away.items()}


RULES = (
    Rule(
        "agent_broker",
        "agent",
        (),
        _broker,
        (Level("warning", 1, for_=5 * MINUTE),),
        "{what}",
        "Check that the broker runs, and that its user and access rules fit (config/mosquitto.acl.example).",
        "Home Assistant and the other agents hear nothing new of this host.",
    ),
    Rule(
        "agent_disk",
        "agent",
        (),
        _disk,
        (Level("critical", 1, for_=MINUTE),),
        "The data folder of the agent {what}.",
        "Make room on that disk, or move the folder (data.dir); no history is kept and no alert is stored meanwhile.",
        "History and alerts get lost.",
    ),
    Rule(
        "agent_lag",
        "agent",
        (),
        _lag,
        (Level("warning", 5, 2, for_=10 * MINUTE, keep=HOUR),),
        "The agent is {value:.0f} s late: this host is overloaded.",
        "Look at what uses its processor or waits for its disk; a longer data.commit_interval spares an SD card.",
        "Figures and alerts come late.",
    ),
    Rule(
        "agent_conflict",
        "agent",
        (),
        _conflict,
        (Level("warning", 1, for_=MINUTE),),
        "{what}: it is watched twice, and Home Assistant shows the first alone.",
        "Take the node out of one of the two settings.",
        "Its figures there may be those of the other agent.",
    ),
    Rule(
        "agent_offline",
        "agent",
        (),
        _away,
        (Level("critical", 1),),
        "The agent {agent} has left the broker: its host is off or out of reach, and nobody watches its nodes.",
        "Look at that host: power, network, then the service storj-monitor.",
        "Trouble there goes unnoticed.",
    ),
)
