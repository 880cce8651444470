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

    # ---- a look ----

    def look(self, looks: Iterable[NodeLook], now: int) -> list[Transition]:
        """Judge every node; what changed, in order."""
        looks = list(looks)
        late = {each.node for each in looks if each.late}
        done: list[Transition] = []
        for each in looks:
            for at in self._missed(each, now):
                view = each.view(at)
                for rule in self._log_rules:
                    done += self.book.update(rule, {each.node: self._judge(rule, view, at)}, at, late={each.node})
        views = {each.node: each.view(each.log_at if each.late else now) for each in looks}
        for rule in (*self._log_rules, *self._now_rules):
            found = {node: self._judge(rule, view, view.at if rule.log else now) for node, view in views.items()}
            done += self.book.update(rule, found, now, late=late)
        for each in looks:
            self._walked[each.node] = each.log_at if each.late else now
        return [*done, *self.book.tell_the_rest(now, late=late)]

    def look_at_agent(self, view: AgentView) -> list[Transition]:
        """Judge the agent itself."""
        done: list[Transition] = []
        for rule in self._agent_rules:
            firing = self._times(rule, view, rule.measure(view), GONE, view.now)
            members = [_member(rule, "", "", timer) for _, timer in firing]
            done += self.book.update(rule, {"": members}, view.now)
        return done

    def _missed(self, look: NodeLook, now: int) -> range:
        end = look.log_at if look.late else now
        begin = self._walked.get(look.node, 0)
        if not begin or end - begin <= 2 * MINUTE:
            return range(0)
        begin = max(begin, end - MISSED_MAX * MINUTE)
        return range(begin - begin % MINUTE + MINUTE, end - end % MINUTE, MINUTE)

    def _judge(self, rule: Rule, view: View, at: int) -> list[Member]:
        """The subjects of one rule that fire on one node. A source that was never there makes every answer None."""
        known = not rule.needs or any(view.known(source) for source in rule.needs)
        measures = rule.measure(view) if known else {}
        satellite = rule.scope == "satellite"
        if satellite and not rule.ended:
            measures = {subject: each for subject, each in measures.items() if not view.over(subject)}
        absent = GONE if known else UNKNOWN
        members = []
        for subject, timer in self._times(rule, view, measures, absent, at):
            label = view.name(subject) if satellite else ""
            members.append(_member(rule, view.node, label, timer))
        return members

    def _times(
        self,
        rule: Rule,
        view: View | AgentView,
        measures: Mapping[str, Measure],
        absent: Measure,
        at: int,
    ) -> list[tuple[str, Timer]]:
        """Move the timers of one rule and node on; those that fire now, by subject."""
        timers = self._timers.setdefault((rule.id, view.node), {})
        firing = []
        for subject in sorted({*measures, *timers}):
            measure = measures.get(subject, absent)
            timer = timers.get(subject)
            if timer is None:
                if measure.value is None:
                    continue
                timer = timers[subject] = Timer()
            if measure is GONE:
                timer.end()
            else:
                timer.look(rule.levels, answers(rule, measure.value, view.limits), at, measure.since)
            if measure.value is not None:
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


def _member(rule: Rule, node: str, label: str, timer: Timer) -> Member:
    worst = timer.worst
    severity = rule.levels[worst].severity if worst is not None else "info"
    return Member(node, label, severity, timer.since, {"node": node, "satellite": label, **timer.facts})
