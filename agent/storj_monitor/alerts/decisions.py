"""What becomes of each event on each route: sent, kept waiting, or dropped, always with a reason. Pure.

A route knows what it has told of each alert. Its waiting events are looked at in groups, one for each alert, of which
the newest counts: an alert that came and went before it could be told is one line, not two messages.

A clock that was wrong and is set back leaves times of the future behind: no such time keeps anything waiting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

GROUP = 30
"""Seconds within which events become one message."""
REPEAT = 4 * 3600
"""Seconds after which a critical alert that nobody acknowledged is told again."""
HOURLY = 20
"""Messages an hour on one route."""
HOUR = 3600
FIRST_WAIT, LONGEST_WAIT = 10, 3600
STALE = 86_400
"""Seconds after which an event of an alert that is over is news to nobody."""
LOOK = 60
"""Seconds after which a route looks again at the latest: a silence may have ended early."""

OPEN = frozenset({"alert_opened", "alert_changed"})
MALFORMED = {"event_type": "malformed", "severity": "info"}
"""Stands for a row of the outbox that nobody can read: it must not stop those behind it."""
Alert = dict[str, Any]


class Route(msgspec.Struct, frozen=True):
    """Who wants to hear what. A machine gets each event by itself, people get few messages that say it all."""

    name: str
    severities: frozenset[str]
    nodes: frozenset[str] = frozenset()
    quiet: bool = True
    notices: bool = False
    machine: bool = False


class Told(msgspec.Struct, frozen=True):
    """What a route has last said of an alert that is open, and when."""

    severity: str
    since: int
    nodes: tuple[str, ...]
    satellites: tuple[str, ...]
    at: int


class RouteState(msgspec.Struct, frozen=True):
    """What must be remembered of a route over a restart.

    `tries` failures in a row, the last for the reason `said`, the next try at `due`; `sent`: times of the messages of
    the last hour; `held`: the limit of an hour has kept something back; `digest_at`: up to when a digest has told.
    `address`: a digest of the address that all this is about.
    """

    tries: int = 0
    due: int = 0
    said: str = ""
    sent: tuple[int, ...] = ()
    held: bool = False
    told: dict[str, Told] = {}
    digest_at: int | None = None
    address: str = ""


class Item(msgspec.Struct, frozen=True):
    """An event that waits on a route: its outbox id, when it happened, when it was put here, the contract's JSON."""

    id: int
    at: int
    queued: int
    event: Alert


class Moment(msgspec.Struct, frozen=True):
    """What is true now: the open alerts by id, and when the quiet hours end (None: outside of them)."""

    now: int
    open: Mapping[str, Alert]
    quiet_until: int | None = None


class Decision(NamedTuple):
    """`until`: when a waiting event is to be looked at again, at the latest."""

    action: Literal["send", "wait", "drop"]
    reason: str
    until: int = 0


class Case(NamedTuple):
    """One group on one route, as the checks see it."""

    group: Sequence[Item]
    route: Route
    state: RouteState
    moment: Moment

    @property
    def newest(self) -> Alert:
        """The event that counts."""
        return self.group[-1].event

    @property
    def kind(self) -> str:
        """Its type; an acknowledgement says nothing new of the alert, so what it acknowledges counts."""
        kinds: list[str] = [item.event["event_type"] for item in self.group]
        return next((kind for kind in reversed(kinds) if kind != "alert_acknowledged"), kinds[-1])

    @property
    def told(self) -> Told | None:
        """What this route has said of the alert."""
        return self.state.told.get(self.newest.get("id", ""))

    @property
    def alert(self) -> Alert:
        """The alert as it is now, or as it last was."""
        return self.moment.open.get(self.newest.get("id", ""), self.newest)

    @property
    def opening(self) -> bool:
        """Whether the group has what opened or raised the alert."""
        return any(item.event["event_type"] in OPEN for item in self.group)


def _unwanted(case: Case) -> Decision | None:
    if case.kind == MALFORMED["event_type"]:
        return Decision("drop", "it is no event of the contract")
    if case.kind == "notice" and not case.route.notices:
        return Decision("drop", "notices are not sent this way")
    mine = case.route.nodes
    nodes = {case.newest.get("node"), *case.newest.get("nodes", ())} - {None}
    if mine and nodes and not nodes & mine:
        return Decision("drop", f"{', '.join(sorted(nodes))} is not for this route")
    return None


def _untold(case: Case) -> Decision | None:
    """The end, or the acknowledgement, of what was never said."""
    if case.kind in {"alert_closed", "alert_acknowledged"} and case.told is None and not case.opening:
        return Decision("drop", "its opening was not told here")
    return None


def _severity(case: Case) -> Decision | None:
    severities = {item.event["severity"] for item in case.group}
    if severities & case.route.severities or (case.kind not in OPEN and case.told is not None):
        return None
    return Decision("drop", f"{' and '.join(sorted(severities))} is not for this route")


def _known(case: Case) -> Decision | None:
    """Said already: an alert is told again when it is worse or concerns more than was said."""
    if case.kind in OPEN and case.told is not None and not case.route.machine and not is_news(case.newest, case.told):
        return Decision("drop", "told already")
    return None


def _stale(case: Case) -> Decision | None:
    over = case.kind != "alert_closed" or case.told is None
    if over and case.newest.get("id") not in case.moment.open and case.group[-1].at <= case.moment.now - STALE:
        return Decision("drop", "older than a day, and over")
    return None


def _acknowledged(case: Case) -> Decision | None:
    """Somebody knows already. A rise after that is news."""
    if case.route.machine or case.kind == "alert_closed":
        return None
    last = case.newest["event_type"]
    if last == "alert_acknowledged" or (last == "alert_opened" and case.alert.get("acknowledged")):
        return Decision("drop", "acknowledged")
    return None


def _silenced(case: Case) -> Decision | None:
    until = case.alert.get("silenced_until") or 0
    if until <= case.moment.now:
        return None
    if case.kind == "alert_closed" and case.told is None:
        return Decision("drop", "came and went while it was silenced")
    return Decision("wait", "silenced", until)


def _retry(case: Case) -> Decision | None:
    if not must_wait(case.state, case.moment.now):
        return None
    return Decision("wait", f"tried {case.state.tries} times in vain, the next try is later", case.state.due)


def _quiet(case: Case) -> Decision | None:
    until = case.moment.quiet_until
    if until is None or not case.route.quiet or (case.kind in OPEN and case.alert["severity"] == "critical"):
        return None
    return Decision("wait", "quiet hours", until)


def _crowded(case: Case) -> Decision | None:
    until = next_slot(case.state, case.moment.now)
    return Decision("wait", LIMIT, until) if until > case.moment.now else None


LIMIT = f"{HOURLY} messages an hour are enough"
CHECKS: tuple[Callable[[Case], Decision | None], ...] = (
    _unwanted,
    _untold,
    _severity,
    _known,
    _stale,
    _acknowledged,
    _silenced,
    _retry,
    _quiet,
    _crowded,
)


def decide(group: Sequence[Item], route: Route, state: RouteState, moment: Moment) -> Decision:
    """What becomes of the waiting events of one alert (oldest first), or of one notice, and why."""
    case = Case(group, route, state, moment)
    found = (decision for check in CHECKS if (decision := check(case)) is not None)
    return next(found, None) or Decision("send", f"{case.kind.removeprefix('alert_')}, {case.newest['severity']}")


def is_news(alert: Alert, told: Told) -> bool:
    """Whether an open alert is another episode, worse, or about more nodes or satellites than was said."""
    return (
        alert["since"] != told.since
        or rank(alert["severity"]) > rank(told.severity)
        or not set(alert.get("nodes") or ()) <= set(told.nodes)
        or not set(alert.get("satellites") or ()) <= set(told.satellites)
    )


def rank(severity: str) -> int:
    """0 for what only informs, 1 for a warning, 2 for what is critical."""
    return {"warning": 1, "critical": 2}.get(severity, 0)


def must_wait(state: RouteState, now: int) -> bool:
    """Whether the next try after a failure is later."""
    return 0 < state.due - now <= LONGEST_WAIT


def next_slot(state: RouteState, now: int) -> int:
    """When the route may send its next message: never more than `HOURLY` in an hour."""
    return now if len(recent(state, now)) < HOURLY else recent(state, now)[-HOURLY] + HOUR


def recent(state: RouteState, now: int) -> tuple[int, ...]:
    """When the messages of the last hour were sent."""
    return tuple(at for at in state.sent if now - HOUR < at <= now)


def backoff(tries: int) -> int:
    """Seconds to wait after so many failures in a row: 10 s, doubling, up to an hour."""
    return min(LONGEST_WAIT, FIRST_WAIT << min(tries - 1, 20))


class Plan(NamedTuple):
    """What one look at a route's queue gives.

    `ready`: groups that go out now, as one message; `repeats`: open alerts to be told again with them; `drops`: items
    and why; `waits`: the decisions on the rest; `until`: when to look again; `held`: the limit keeps something back.
    """

    ready: list[list[Item]]
    repeats: list[Alert]
    drops: list[tuple[Item, str]]
    waits: list[tuple[Item, Decision]]
    until: int
    held: bool


def plan(queue: Iterable[Item], route: Route, state: RouteState, moment: Moment) -> Plan:
    """Decide on all that waits on a route; `queue` is in the order of the outbox."""
    ready: list[list[Item]] = []
    drops: list[tuple[Item, str]] = []
    waits: list[tuple[Item, Decision]] = []
    groups = grouped(queue)
    for group in groups.values():
        decision = decide(group, route, state, moment)
        if decision.action == "send":
            ready.append(group)
        elif decision.action == "drop":
            drops += [(item, decision.reason) for item in group]
        else:
            waits += [(item, decision) for item in group]
    repeats = due_again(groups.keys(), route, state, moment)
    gathered = min((item.queued for group in ready for item in group), default=0) + GROUP
    if ready and not repeats and not route.machine and 0 < gathered - moment.now <= GROUP:
        gathering = Decision("wait", "gathering", gathered)
        waits += [(item, gathering) for group in ready for item in group]
        ready = []
    until = min([moment.now + LOOK, *(decision.until for _, decision in waits)])
    return Plan(ready, repeats, drops, waits, until, any(each.reason == LIMIT for _, each in waits))


def grouped(queue: Iterable[Item]) -> dict[str, list[Item]]:
    """The events of each alert together; a notice stands for itself."""
    groups: dict[str, list[Item]] = {}
    for item in queue:
        groups.setdefault(item.event.get("id") or f"notice {item.id}", []).append(item)
    return groups


def due_again(waiting: Iterable[str], route: Route, state: RouteState, moment: Moment) -> list[Alert]:
    """Critical alerts that are open, known to nobody, and were told four hours ago or, on a new route, never."""
    if route.machine or must_wait(state, moment.now) or next_slot(state, moment.now) > moment.now:
        return []
    skipped = set(waiting)
    return [
        alert
        for alert in moment.open.values()
        if alert["severity"] == "critical"
        and alert["id"] not in skipped
        and not alert["acknowledged"]
        and (alert["silenced_until"] or 0) <= moment.now
        and _wants(route, alert)
        and not 0 <= moment.now - _told_at(state, alert) < REPEAT
    ]


def _wants(route: Route, alert: Alert) -> bool:
    nodes = {alert.get("node"), *alert.get("nodes", ())} - {None}
    return "critical" in route.severities and (not route.nodes or not nodes or bool(nodes & route.nodes))


def _told_at(state: RouteState, alert: Alert) -> int:
    told = state.told.get(alert["id"])
    return told.at if told is not None else -REPEAT


def after_success(state: RouteState, events: Iterable[Alert], now: int) -> RouteState:
    """The state when one message with these events, in their order, has arrived."""
    told = dict(state.told)
    for event in events:
        if event["event_type"] in OPEN:
            lists = tuple(event.get("nodes") or ()), tuple(event.get("satellites") or ())
            told[event["id"]] = Told(event["severity"], event["since"], *lists, now)
        elif event["event_type"] == "alert_closed":
            told.pop(event["id"], None)
    sent = (*recent(state, now), now)
    return msgspec.structs.replace(state, tries=0, due=0, said="", sent=sent, held=False, told=told)


def after_failure(state: RouteState, reason: str, now: int) -> RouteState:
    """The state when a message did not arrive."""
    tries = state.tries + 1
    return msgspec.structs.replace(state, tries=tries, due=now + backoff(tries), said=reason)
