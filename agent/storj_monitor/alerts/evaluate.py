"""Walks the rules over what is known, look by look: measures → timers → the book of open alerts (no I/O, no clock).

Rules that count log lines are asked for each minute of event time that was missed, up to a day, so that what happened
while the agent was down is judged as if it had been there; all others only as things are now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from storj_monitor.alerts.book import Book, Member, Transition
from storj_monitor.alerts.lifecycle import Timer
from storj_monitor.alerts.rule import UNKNOWN, Measure, answers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from storj_monitor.alerts.rule import Rule
    from storj_monitor.alerts.view import AgentView, View

MINUTE = 60
MISSED_MAX = 24 * 60
"""Minutes of missed event time that are walked through; the window of counts holds no more."""
LATE = 120
"""Seconds between the log's last line and now from which an unread log counts as not caught up."""

GONE = Measure(0.0)
"""Of a subject that a known source does not name any more: its alert is over."""
NONE_COUNTED = Measure(0.0)
"""Of a subject that no line named: it lets go as its level says."""
SILENCE = 75
"""Minutes without a line after which a log says nothing: a node writes at least every hour."""


class NodeLook(NamedTuple):
    """A node to be looked at: `view(at)` as of an event time; `late`: its log is still being caught up."""

    node: str
    view: Callable[[int], View]
    log_at: int
    late: bool


class Kept(msgspec.Struct):
    """What is saved of one node between two runs of the agent."""

    timers: dict[str, dict[str, Timer]] = {}
    walked: int = 0


class Evaluator:
    """All rules over all nodes of one agent; `book` holds what is open."""

    def __init__(self, rules: Sequence[Rule], agent_rules: Sequence[Rule] = ()) -> None:
        self.rules = {rule.id: rule for rule in (*rules, *agent_rules)}
        self.book = Book()
        self._log_rules = tuple(rule for rule in rules if rule.log)
        self._now_rules = tuple(rule for rule in rules if not rule.log)
        self._agent_rules = tuple(agent_rules)
        self._timers: dict[tuple[str, str], dict[str, Timer]] = {}
        self._walked: dict[str, int] = {}
        self._moved: set[tuple[str, str]] = set()
        self._left: dict[str, dict[str, float]] = {}
        """By rule and node the number by which the last subject let go in this look."""

    def rejudge(self, rule: str, nodes: Iterable[str]) -> None:
        """A number of a rule was changed for some nodes: at the next look what does not fire by it lets go."""
        self._moved |= {(rule, node) for node in nodes}

    # ---- a look ----

    def look(self, looks: Iterable[NodeLook], now: int) -> list[Transition]:
        """Judge every node; what changed, in order."""
        looks = list(looks)
        late = {each.node for each in looks if each.late}
        views = {each.node: each.view(self._log_time(each, now)) for each in looks}
        done = self.book.leave(views, now)
        for each in looks:
            done += self._catch_up(each, views[each.node].at)
        firing, speaking = (
            self._firing(),
            {node: view for node, view in views.items() if node in late or self._speaks(view)},
        )
        for rule in (*self._log_rules, *self._now_rules):
            asked = speaking if rule.log else views
            found = {node: self._judge(rule, view, view.at if rule.log else now) for node, view in asked.items()}
            if rule.id in firing or any(found.values()):
                said_late = late if "log" in rule.needs else ()
                done += self.book.update(rule, found, now, late=said_late, left=self._left.pop(rule.id, {}))
        for node, view in views.items():
            self._walked[node] = view.at
        return [*done, *self.book.tell_the_rest(now, late=late)]

    def _log_time(self, look: NodeLook, now: int) -> int:
        """Up to when lines are known: a silent log says nothing of the time since, unless the node is known to live."""
        if look.late:
            return look.log_at
        view = look.view(now)
        if not view.known("log") or (view.state.has_api and view.values.get("online") is True):
            return now
        return min(now, max(look.log_at, self._walked.get(look.node, 0)))

    def _speaks(self, view: View) -> bool:
        """Whether the log may say more than at the last look; one that is long silent is not asked what was."""
        return view.at > self._walked.get(view.node, 0) or view.now - view.at <= SILENCE * MINUTE

    def _catch_up(self, look: NodeLook, end: int) -> list[Transition]:
        """Ask the rules of the log for each minute that was missed."""
        done: list[Transition] = []
        for at in self._missed(look.node, end):
            view = look.view(at)
            if not view.counts(("log_lines",), SILENCE):
                continue
            firing = self._firing()
            for rule in self._log_rules:
                members = self._judge(rule, view, at)
                if members or rule.id in firing:
                    left = self._left.pop(rule.id, {})
                    done += self.book.update(rule, {look.node: members}, at, late={look.node}, left=left)
        return done

    def _firing(self) -> set[str]:
        return {alert.rule for alert in self.book.open.values()}

    def look_at_agent(self, view: AgentView) -> list[Transition]:
        """Judge the agent itself."""
        done: list[Transition] = []
        for rule in self._agent_rules:
            firing = self._times(rule, view, rule.measure(view), lambda _: GONE, view.now)
            members = [_member(rule, "", "", timer) for _, timer in firing]
            done += self.book.update(rule, {"": members}, view.now, left=self._left.pop(rule.id, {}))
        return done

    def _missed(self, node: str, end: int) -> range:
        begin = self._walked.get(node, 0)
        if not begin or end - begin <= 2 * MINUTE:
            return range(0)
        begin = max(begin, end - MISSED_MAX * MINUTE)
        return range(begin - begin % MINUTE + MINUTE, end - end % MINUTE, MINUTE)

    def _judge(self, rule: Rule, view: View, at: int) -> list[Member]:
        """The subjects of one rule that fire on one node. A source that was never there makes every answer None."""
        if rule.log and not self._timers.get((rule.id, view.node)) and not view.state.window.has(rule.counts):
            return []
        known = not rule.needs or any(view.known(source) for source in rule.needs)
        measures = rule.measure(view) if known else {}
        satellite = rule.scope == "satellite"
        if satellite and not rule.ended:
            measures = {subject: each for subject, each in measures.items() if not view.over(subject)}
        members = []
        for subject, timer in self._times(rule, view, measures, lambda who: _absent(rule, view, who, known=known), at):
            label = view.name(subject) if satellite else ""
            members.append(_member(rule, view.node, label, timer))
        return members

    def _times(
        self,
        rule: Rule,
        view: View | AgentView,
        measures: Mapping[str, Measure],
        absent: Callable[[str], Measure],
        at: int,
    ) -> list[tuple[str, Timer]]:
        """Move the timers of one rule and node on; those that fire now, by subject."""
        timers = self._timers.setdefault((rule.id, view.node), {})
        moved = (rule.id, view.node) in self._moved
        self._moved.discard((rule.id, view.node))
        firing = []
        for subject in sorted({*measures, *timers}) if timers else sorted(measures):
            measure = measures[subject] if subject in measures else absent(subject)
            said = answers(rule, measure.value, view.limits)
            fires = any(each is not None and each.fires for each in said)
            timer = timers.get(subject)
            if timer is None:
                if not fires:
                    continue
                timer = timers[subject] = Timer()
            was_on = timer.worst is not None
            if moved:
                timer.drop(said)
            if measure is GONE:
                timer.end()
            else:
                timer.look(rule.levels, said, at, measure.since)
                if was_on and timer.worst is None and measure.value is not None:
                    self._left.setdefault(rule.id, {})[view.node] = measure.value
            if fires:  # what it is about is what it fired by, not what it was when it let go
                timer.facts = dict(measure.facts)
            if timer.worst is not None:
                firing.append((subject, timer))
            elif timer.idle:
                del timers[subject]
        return firing

    # ---- over a restart ----

    def kept(self) -> dict[str, Kept]:
        """What must be saved, by node ("" for the agent itself)."""
        found: dict[str, Kept] = {node: Kept(walked=walked) for node, walked in self._walked.items()}
        for (rule, node), timers in self._timers.items():
            if timers:
                found.setdefault(node, Kept()).timers[rule] = timers
        return found

    def restore(self, kept: Mapping[str, Kept]) -> None:
        """Go on from what was saved; rules that are gone are left out."""
        for node, each in kept.items():
            if each.walked:
                self._walked[node] = each.walked
            for rule, timers in each.timers.items():
                if rule in self.rules:
                    self._timers[rule, node] = timers


def _absent(rule: Rule, view: View, subject: str, *, known: bool) -> Measure:
    """What is true of a subject that fired before and that its rule's measure leaves out now."""
    if not known:
        return UNKNOWN
    if rule.scope == "satellite" and not rule.ended and view.over(subject):
        return GONE
    if rule.log:
        return NONE_COUNTED
    # A node that starts names no satellites for a while.
    return UNKNOWN if rule.scope == "satellite" and "node" in rule.needs and not view.satellites else GONE


def _member(rule: Rule, node: str, label: str, timer: Timer) -> Member:
    worst = timer.worst
    severity = rule.levels[worst].severity if worst is not None else "info"
    return Member(node, label, severity, timer.since, {"node": node, "satellite": label, **timer.facts})
