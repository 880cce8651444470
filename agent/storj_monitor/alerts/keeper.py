"""Keeps the rules at work: what is known goes in, what changed goes to the store, the board and the outbox.

`look` is called before the commit of the facts it judges, `changes` is written in that commit, and only `saved` makes
what it told leave this object (design, law 2).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from storj_monitor.alerts.book import TELL, Alert, Silence, Transition
from storj_monitor.alerts.evaluate import Evaluator, Kept, NodeLook
from storj_monitor.alerts.limits import ALL, Limits
from storj_monitor.alerts.rule import SEVERITIES
from storj_monitor.alerts.rules import AGENT_RULES, RULES
from storj_monitor.alerts.view import View
from storj_monitor.core.thresholds import CONTRACT
from storj_monitor.core.thresholds import THRESHOLDS as BOUNDS
from storj_monitor.store.alerts import Changes, Episode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from storj_monitor.alerts.view import AgentView
    from storj_monitor.core.state import NodeState
    from storj_monitor.store.alerts import Loaded

TIMERS_EVERY = 60
"""Seconds between two savings of timers that merely went on."""
UNREAD = 64 * 1024
"""Bytes of a log that may be unread while it counts as caught up."""
LATE = 120

_encode = msgspec.json.Encoder().encode


class Scene(NamedTuple):
    """One node as it is known now: its payloads (satellites by full id)."""

    state: NodeState
    values: Mapping[str, Any]
    satellites: Mapping[str, Mapping[str, Any]]


class Keeper:
    """All alerts of one agent. `limits`: thresholds of the settings file and of people."""

    def __init__(self, names: Mapping[str, str], insights: Callable[[str], Sequence[Any]] = lambda _: ()) -> None:
        self.evaluator = Evaluator(RULES, AGENT_RULES)
        self.book = self.evaluator.book
        self.limits = Limits()
        self.first_seen: dict[str, int] = {}
        self._names = names
        self._insights = insights
        self._saved: dict[str, bytes] = {}
        self._waiting: list[Transition] = []
        self._events: list[tuple[int, dict[str, Any]]] = []
        self._timers_at = 0

    # ---- over a restart ----

    def restore(self, loaded: Loaded) -> None:
        """Go on from what the store has."""
        for body in loaded.episodes:
            alert = msgspec.json.decode(body, type=Alert)
            if alert.rule in self.evaluator.rules:
                self.book.open[alert.id] = alert
                self._saved[alert.id] = _encode(alert)
        self.evaluator.restore({node: msgspec.json.decode(body, type=Kept) for node, body in loaded.timers.items()})
        self.book.silences = [Silence(*each) for each in loaded.silences]
        for (node, key), value in loaded.settings.items():
            row = BOUNDS.get(CONTRACT.get(key, key))
            if row is not None:
                self.limits.choose(node, row.key, min(max(msgspec.json.decode(value), row.least), row.most))

    # ---- a look ----

    def look(self, scenes: Iterable[Scene], agent: AgentView, now: int) -> bool:
        """Judge everything; whether something changed that people must hear of or see."""
        looks = [self._look_of(scene, now) for scene in scenes]
        done = [
            *self.evaluator.look(looks, now),
            *self.evaluator.look_at_agent(replace(agent, limits=self.limits.of(ALL))),
        ]
        self._take(done, now)
        return bool(done)

    def acknowledge(self, alert_id: str, now: int, *, on: bool = True) -> int:
        """Mark an alert (or `all`), or take that back; how many changed by it."""
        done = self.book.acknowledge(alert_id, now, on=on)
        self._take(done, now)
        return len(done)

    def choose(self, node: str, key: str, value: float | None) -> None:
        """Another number of a rule, for one node or ("") for all; None: no other."""
        self.limits.choose(node, key, value)
        self.evaluator.rejudge(BOUNDS[key].rule, [node] if node else [*self.first_seen, ALL])

    def _look_of(self, scene: Scene, now: int) -> NodeLook:
        state, name = scene.state, scene.state.name
        last = state.log.last_line
        late = bool(last) and (state.behind or 0) > UNREAD and now - last > LATE
        first = self.first_seen.setdefault(name, now)
        limits, insights = self.limits.of(name), self._insights(name)

        def view(at: int) -> View:
            return View(name, state, now, at, scene.values, scene.satellites, self._names, first, limits, insights)

        return NodeLook(name, view, last or now, late)

    def _take(self, done: Sequence[Transition], now: int) -> None:
        self._waiting += done
        for each in done:
            if each.tell:
                payload = each.alert.payload(self.book.silenced_until(each.alert, now))
                self._events.append((each.at, {"event_type": TELL[each.type], **payload}))

    # ---- to the store ----

    def changes(self, now: int) -> Changes | None:
        """What the next commit must write; None: nothing."""
        episodes = [_episode(each.alert) for each in self._waiting if each.type == "close"]
        episodes += [_episode(each) for each in self.book.open.values() if self._saved.get(each.id) != _encode(each)]
        due = bool(self._waiting) or not 0 <= now - self._timers_at < TIMERS_EVERY
        timers = {node: _encode(kept).decode() for node, kept in self.evaluator.kept().items()} if due else {}
        events = [(at, _encode(event).decode()) for at, event in self._events]
        return Changes(episodes, timers, events) if episodes or timers or events else None

    def saved(self, changes: Changes | None, now: int) -> list[dict[str, Any]]:
        """They are in the store: what may be told now, as the contract's events."""
        if changes is None:
            return []
        if changes.timers:
            self._timers_at = now
        self._waiting = []
        self._saved = {alert.id: _encode(alert) for alert in self.book.open.values()}
        events, self._events = [event for _, event in self._events], []
        return events

    # ---- to the board ----

    def payloads(self, node: str, now: int) -> list[dict[str, Any]]:
        """The open alerts of a node, or ("") of the agent and of several nodes: worst first, then oldest."""
        mine = [alert for alert in self.book.open.values() if alert.node == node]
        mine.sort(key=lambda alert: (-SEVERITIES.index(alert.severity), alert.since, alert.id))
        return [alert.payload(self.book.silenced_until(alert, now)) for alert in mine]

    def standing(self, node: str, now: int) -> list[dict[str, Any]]:
        """What counts for a node: its own alerts and those over several nodes that name it, silenced ones left out."""
        shared = [each for each in self.payloads("", now) if node in each["nodes"]]
        found = [each for each in (*self.payloads(node, now), *shared) if each["silenced_until"] is None]
        return sorted(found, key=lambda each: (-SEVERITIES.index(each["severity"]), each["since"]))

    def thresholds(self, node: str) -> dict[str, float]:
        """Those of the contract that a node's rules use now, by their names there."""
        return {name: self.limits.value(node, key) for name, key in CONTRACT.items()}


def _episode(alert: Alert) -> Episode:
    body = _encode(alert).decode()
    return Episode(alert.id, alert.node, alert.rule, alert.severity, alert.since, alert.closed, body)
