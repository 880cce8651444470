"""The open alerts: what the timers found, gathered into alerts that people see, and what is told of them (pure).

One alert a rule and node lists its satellites; many nodes whose rule fires together share one alert where the rule
says that this has one cause. A rise of severity and a new member are told, a fall is not. An alert that is silenced, or
found while old lines are still being read, is told as soon as that ends, with its true beginning; one that is over by
then is only stored (design §8). The end of what was told is always told.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from storj_monitor.alerts.rule import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from storj_monitor.alerts.rule import Rule

TOGETHER = 600
"""Seconds within which the same rule on another node has the same cause."""
REWORD = 3600
"""Seconds after which the words of an alert that lasts take new numbers in."""
TELL = {
    "open": "alert_opened",
    "change": "alert_changed",
    "close": "alert_closed",
    "acknowledge": "alert_acknowledged",
}


class Member(msgspec.Struct):
    """One subject of an alert: its node, "" or a satellite's short name, how bad, since when (epoch seconds)."""

    node: str
    satellite: str
    severity: str
    since: int
    facts: dict[str, Any] = {}


class Alert(msgspec.Struct):
    """One alert as it stands. `node` is "" for the agent's own and for several nodes.

    `told`: people have heard of it; `risen`: and since then it became worse while nothing was to be told.
    `acknowledged_at` and `closed`: epoch seconds. `ended`: by its rule, or because its nodes are not watched any more;
    `ended_value`: the number of the rule by which its last subject let go, in the rule's unit.
    """

    id: str
    rule: str
    node: str
    severity: str
    since: int
    members: list[Member]
    text: str = ""
    next_step: str = ""
    worded: int = 0
    acknowledged: bool = False
    acknowledged_at: int | None = None
    told: bool = False
    risen: bool = False
    seen: int = 0
    closed: int | None = None
    ended: Literal["", "cleared", "unwatched"] = ""
    ended_value: float | None = None

    def payload(self, silenced_until: int | None) -> dict[str, Any]:
        """The alert on the board and in events (agent/docs/contract.md); `acknowledged_at` once it is."""
        nodes = sorted({member.node for member in self.members if member.node})
        satellites = sorted({member.satellite for member in self.members if member.satellite})
        return {
            "id": self.id,
            "rule": self.rule,
            "node": nodes[0] if len(nodes) == 1 else None,
            "nodes": nodes,
            "satellite": satellites[0] if len(satellites) == 1 else None,
            "satellites": satellites,
            "severity": self.severity,
            "since": self.since,
            "text": self.text,
            "next_step": self.next_step,
            "acknowledged": self.acknowledged,
            "silenced_until": silenced_until,
            **({} if self.acknowledged_at is None else {"acknowledged_at": self.acknowledged_at}),
        }


class Silence(msgspec.Struct, frozen=True):
    """Nothing is told of alerts that match until `until`; None matches all."""

    node: str | None
    rule: str | None
    satellite: str | None
    until: int

    def covers(self, alert: Alert) -> bool:
        """Whether every member of an alert is meant."""
        return self.rule in {None, alert.rule} and all(
            self.node in {None, member.node} and self.satellite in {None, member.satellite} for member in alert.members
        )


class Transition(NamedTuple):
    """What happened to an alert at `at` (event time); `tell`: people are to hear of it."""

    at: int
    type: Literal["open", "change", "close", "acknowledge"]
    alert: Alert
    tell: bool


class Book:
    """All open alerts of one agent."""

    def __init__(self) -> None:
        self.open: dict[str, Alert] = {}
        self.silences: list[Silence] = []
        self.maintenance: Mapping[str, int] = {}

    # ---- what people do ----

    def acknowledge(self, alert_id: str, now: int, *, on: bool = True) -> list[Transition]:
        """Mark one alert, or `all`; what was not marked before is told. Not `on`: take it back, without a word."""
        wanted = self.open.values() if alert_id == "all" else [self.open[alert_id]] if alert_id in self.open else []
        done = []
        for alert in wanted:
            if alert.acknowledged != on:
                alert.acknowledged, alert.acknowledged_at = on, now if on else None
                done.append(Transition(now, "acknowledge" if on else "change", _copy(alert), tell=on))
        return done

    def silenced_until(self, alert: Alert, now: int) -> int | None:
        """Until when nothing is told of an alert; None: it is told."""
        ends = [silence.until for silence in self.silences if silence.until > now and silence.covers(alert)]
        nodes = {member.node for member in alert.members if member.node}
        if nodes and all(self.maintenance.get(node, 0) > now for node in nodes):
            ends.append(min(self.maintenance[node] for node in nodes))
        return max(ends, default=None)

    # ---- what the rules found ----

    def update(
        self,
        rule: Rule,
        found: Mapping[str, Sequence[Member]],
        now: int,
        *,
        late: Collection[str] = (),
        left: Mapping[str, float] = MappingProxyType({}),
    ) -> list[Transition]:
        """Take in which subjects of a rule fire now on some nodes.

        `late`: nodes whose log is still being caught up; `left`: the number by which a node's last subject let go.
        """
        done: list[Transition] = []
        fresh: list[Member] = []
        for node, members in found.items():
            alert = self._home(rule.id, node)
            if alert is None:
                fresh += members
            else:
                others = [member for member in alert.members if member.node != node]
                if others or members:
                    done += self._go_on(rule, alert, [*others, *members], now, late)
                else:
                    done.append(self._end(alert, now, "cleared", left.get(node)))
        if fresh:
            done += self._begin(rule, fresh, now, late)
        return done

    def tell_the_rest(self, now: int, *, late: Collection[str] = ()) -> list[Transition]:
        """Alerts that could not be told when they opened and can be now."""
        done = []
        for alert in self.open.values():
            if (alert.risen or not alert.told) and self._may_tell(alert, now, late):
                done.append(Transition(now, "change" if alert.told else "open", _copy(alert), tell=True))
                alert.told, alert.risen = True, False
        return done

    def leave(self, nodes: Collection[str], now: int) -> list[Transition]:
        """Close what is open of nodes that are not watched any more; `nodes` are those that are."""
        done = []
        for alert in list(self.open.values()):
            left = [member for member in alert.members if not member.node or member.node in nodes]
            if not left:
                done.append(self._end(alert, now, "unwatched"))
            elif len(left) < len(alert.members):
                alert.members = left
                _weigh(alert)
        return done

    def _home(self, rule: str, node: str) -> Alert | None:
        mine = self.open.get(f"{rule}:{node}")
        if mine is not None:
            return mine
        shared = self.open.get(f"{rule}:*")
        return shared if shared is not None and any(member.node == node for member in shared.members) else None

    def _begin(self, rule: Rule, fresh: Sequence[Member], now: int, late: Collection[str]) -> list[Transition]:
        shared = self.open.get(f"{rule.id}:*")
        if rule.several and shared is not None and now - shared.seen <= TOGETHER:
            return self._go_on(rule, shared, [*shared.members, *fresh], now, late)
        nodes = sorted({member.node for member in fresh})
        if rule.several and len(nodes) > 1 and shared is None:
            return [self._open(rule, "", fresh, now, late)]
        mine = [[member for member in fresh if member.node == node] for node in nodes]
        return [self._open(rule, node, members, now, late) for node, members in zip(nodes, mine, strict=True)]

    def _open(self, rule: Rule, node: str, members: Sequence[Member], now: int, late: Collection[str]) -> Transition:
        shared = not node and rule.scope != "agent"
        alert = Alert(f"{rule.id}:{'*' if shared else node}", rule.id, node, "info", now, list(members), seen=now)
        self.open[alert.id] = alert
        _weigh(alert)
        _word(rule, alert, now)
        alert.told = self._may_tell(alert, now, late)
        return Transition(now, "open", _copy(alert), alert.told)

    def _may_tell(self, alert: Alert, now: int, late: Collection[str]) -> bool:
        waits = any(member.node in late for member in alert.members)
        return not waits and self.silenced_until(alert, now) is None

    def _go_on(
        self, rule: Rule, alert: Alert, members: list[Member], now: int, late: Collection[str]
    ) -> list[Transition]:
        before, was = _keys(alert.members), alert.severity
        alert.members = members
        _weigh(alert)
        worse = SEVERITIES.index(alert.severity) > SEVERITIES.index(was)
        after = _keys(members)
        if after != before or alert.severity != was or now - alert.worded >= REWORD:
            _word(rule, alert, now)
        if not worse and after <= before:
            return []
        tell = alert.told and self._may_tell(alert, now, late)
        alert.risen = alert.told and not tell
        return [Transition(now, "change", _copy(alert), tell)]

    def _end(
        self, alert: Alert, now: int, ended: Literal["cleared", "unwatched"], value: float | None = None
    ) -> Transition:
        del self.open[alert.id]
        alert.closed, alert.ended, alert.ended_value = now, ended, value
        return Transition(now, "close", _copy(alert), alert.told)


def _keys(members: Iterable[Member]) -> set[tuple[str, str]]:
    return {(member.node, member.satellite) for member in members}


def _weigh(alert: Alert) -> None:
    alert.severity = max((member.severity for member in alert.members), key=SEVERITIES.index)
    alert.since = min(member.since for member in alert.members)


def _word(rule: Rule, alert: Alert, now: int) -> None:
    """Words of the worst member; names of all."""
    worst = max(alert.members, key=lambda member: (SEVERITIES.index(member.severity), -member.since))
    satellites = sorted({member.satellite for member in alert.members if member.satellite})
    nodes = sorted({member.node for member in alert.members if member.node})
    names = {
        "node": _join(nodes),
        "nodes": len(nodes),
        "satellites": _join(satellites),
        "n": len(satellites),
        "severity": alert.severity,
        "total": sum(member.facts.get("count", 0) for member in alert.members),
        "lasted": max(0, now - alert.since),
    }
    alert.text, alert.next_step = rule.words(worst.facts | names)
    alert.worded = now


def _join(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    shown = list(names[:5]) + ([f"{len(names) - 5} more"] if len(names) > 5 else [])
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _copy(alert: Alert) -> Alert:
    return msgspec.structs.replace(alert, members=list(alert.members))
