"""What becomes of an event, and why; and that nothing is lost, said twice, or said at night."""

from __future__ import annotations

from datetime import time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.alerts.events import NOON, alert, event, items, notice

from storj_monitor.alerts.decisions import (
    GROUP,
    HOUR,
    HOURLY,
    LIMIT,
    OPEN,
    REPEAT,
    STALE,
    Item,
    Moment,
    Plan,
    Route,
    RouteState,
    Told,
    after_failure,
    after_success,
    backoff,
    decide,
    is_news,
    plan,
)
from storj_monitor.alerts.hours import quiet_until

PHONE = Route("phone", frozenset({"critical", "warning"}))
TOLD = Told("warning", NOON, ("attic",), (), NOON)
KNOWS = RouteState(told={"disk_full:attic:a": TOLD})
FULL = RouteState(sent=tuple(range(NOON - 1000, NOON - 1000 + HOURLY)))
NIGHT = NOON + 3600


class Row(NamedTuple):
    """`events` of one alert on a route, and what is decided."""

    events: list[dict[str, Any]]
    action: str
    reason: str
    route: Route = PHONE
    state: RouteState = RouteState()
    open: dict[str, Any] | None = None
    quiet: int | None = None
    age: int = 0
    until: int = 0


def only(**options: Any) -> Route:
    return msgspec.structs.replace(PHONE, **options)


ROWS = {
    "new": Row([event("opened")], "send", "opened, warning"),
    "raised": Row([event("changed", severity="critical")], "send", "changed, critical", state=KNOWS),
    "fell": Row([event("changed", severity="info")], "drop", "told already", only(severities={"info"}), KNOWS),
    "again": Row([event("opened")], "drop", "told already", state=KNOWS),
    "next episode": Row([event("opened", since=NOON + 9)], "send", "opened, warning", state=KNOWS),
    "one more node": Row([event("changed", nodes=["attic", "roof"])], "send", "changed, warning", state=KNOWS),
    "over": Row([event("closed")], "send", "closed, warning", state=KNOWS),
    "over, unheard": Row([event("closed")], "drop", "its opening was not told here"),
    "came and went": Row([event("opened"), event("closed")], "send", "closed, warning"),
    "severity": Row([event("opened", severity="info")], "drop", "info is not for this route"),
    "severity, but told": Row([event("closed", severity="info")], "send", "closed, info", state=KNOWS),
    "node": Row([event("opened")], "drop", "attic is not for this route", only(nodes=frozenset({"roof"}))),
    "one of its nodes": Row([event("opened", nodes=["roof"])], "send", "opened, warning", only(nodes={"roof"})),
    "the agent": Row([event("opened", node=None, nodes=[])], "send", "opened, warning", only(nodes={"roof"})),
    "acknowledged first": Row([event("opened"), event("acknowledged")], "drop", "acknowledged"),
    "acknowledged now": Row([event("opened")], "drop", "acknowledged", open=alert(acknowledged=True)),
    "acknowledged": Row([event("acknowledged")], "drop", "acknowledged", state=KNOWS),
    "acknowledged, to a program": Row(
        [event("acknowledged")], "send", "acknowledged, warning", only(machine=True), KNOWS
    ),
    "acknowledged, then worse": Row(
        [event("opened"), event("acknowledged"), event("changed", severity="critical")], "send", "changed, critical"
    ),
    "silenced": Row([event("opened")], "wait", "silenced", open=alert(silenced_until=NOON + 99), until=NOON + 99),
    "silence is over": Row([event("opened", silenced_until=NOON)], "send", "opened, warning"),
    "silence ended early": Row(
        [event("opened", silenced_until=NOON + 9)], "send", "opened, warning", open=alert(silenced_until=None)
    ),
    "all within a silence": Row(
        [event("opened"), event("closed", silenced_until=NOON + 9)], "drop", "came and went while it was silenced"
    ),
    "quiet": Row([event("opened")], "wait", "quiet hours", quiet=NIGHT, until=NIGHT),
    "quiet, over": Row([event("closed")], "wait", "quiet hours", state=KNOWS, quiet=NIGHT, until=NIGHT),
    "quiet, critical": Row([event("opened", severity="critical")], "send", "opened, critical", quiet=NIGHT),
    "quiet, not here": Row([event("opened")], "send", "opened, warning", only(quiet=False), quiet=NIGHT),
    "failing": Row(
        [event("opened")],
        "wait",
        "tried 2 times in vain, the next try is later",
        state=RouteState(2, NOON + 20),
        until=NOON + 20,
    ),
    "crowded": Row([event("opened")], "wait", LIMIT, state=FULL, until=NOON - 1000 + HOUR),
    "old, open": Row([event("opened")], "send", "opened, warning", open=alert(), age=STALE),
    "old, over": Row([event("opened")], "drop", "older than a day, and over", age=STALE),
    "old, but told": Row([event("closed")], "send", "closed, warning", state=KNOWS, age=STALE),
    "notice": Row([notice()], "drop", "notices are not sent this way"),
    "wanted notice": Row([notice()], "send", "notice, warning", only(notices=True)),
}


@pytest.mark.parametrize("name", ROWS)
def test_each_decision_has_its_reason(name: str) -> None:
    row = ROWS[name]
    now = {each["id"]: each for each in [row.open] if each is not None}
    found = decide(items(*row.events, at=NOON - row.age), row.route, row.state, Moment(NOON, now, row.quiet))
    assert found == (row.action, row.reason, row.until)


def test_what_happens_within_half_a_minute_is_one_message_and_critical_waits_no_longer() -> None:
    queue = [Item(n, NOON, NOON + 10 * n, event("opened", str(n), "critical")) for n in range(3)]
    early = plan(queue, PHONE, RouteState(), Moment(NOON + GROUP - 1, {}))
    assert (early.ready, early.until) == ([], NOON + GROUP)
    assert {decision.reason for _, decision in early.waits} == {"gathering"}
    assert len(plan(queue, PHONE, RouteState(), Moment(NOON + GROUP, {})).ready) == 3
    assert plan(queue, only(machine=True), RouteState(), Moment(NOON, {})).ready, "a program gets each at once"


def test_a_critical_alert_is_told_again_until_somebody_knows() -> None:
    critical = alert(severity="critical")
    told = RouteState(told={critical["id"]: Told("critical", NOON, ("attic",), (), NOON)})

    def again(state: RouteState, now: int, route: Route = PHONE, **more: Any) -> bool:
        one = critical | more
        return plan([], route, state, Moment(now, {one["id"]: one})).repeats == [one]

    assert not again(told, NOON + REPEAT - 1)
    assert again(told, NOON + REPEAT)
    assert again(RouteState(), NOON), "a new route hears of what is critical now"
    for stops in ({"acknowledged": True}, {"silenced_until": NOON + 2 * REPEAT}, {"severity": "warning"}):
        assert not again(told, NOON + REPEAT, **stops), stops
    for route in (only(machine=True), only(severities=frozenset({"warning"})), only(nodes=frozenset({"roof"}))):
        assert not again(told, NOON + REPEAT, route), route
    assert not again(after_failure(told, "no", NOON + REPEAT), NOON + REPEAT)
    assert not again(msgspec.structs.replace(told, sent=(NOON + REPEAT,) * HOURLY), NOON + REPEAT)


def test_a_clock_that_was_a_year_ahead_keeps_nothing_waiting() -> None:
    """Every time that a route remembers is of the future then."""
    then = NOON + 365 * 86_400
    told = msgspec.structs.replace(TOLD, since=then, at=then)
    state = RouteState(3, then + 40, "refused", tuple(range(then - HOURLY, then)), told={"disk_full:attic:a": told})
    queue = [Item(7, NOON, then, event("opened", "b", "critical"))]
    known = alert("a", "critical")
    found = plan(queue, PHONE, state, Moment(NOON, {known["id"]: known}))
    assert [group[0].id for group in found.ready] == [7]
    assert [each["id"] for each in found.repeats] == [known["id"]]
    after = after_success(state, [queue[0].event], NOON)
    assert (after.sent, after.due) == ((NOON,), 0)


def test_the_wait_doubles_up_to_an_hour() -> None:
    assert [backoff(tries) for tries in range(1, 12)] == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
    assert backoff(10**9) == 3600


# ---- whatever happens ----

numbers = st.integers(0, 1)
ops = st.sampled_from(
    ["opened", "opened", "changed", "changed", "closed", "acknowledged", "silenced", "channel", "burst"]
)
step = st.tuples(
    st.sampled_from([0, 20, 40, 3000, 9000]), ops, numbers, st.sampled_from(["info", "warning", "critical"])
)
histories = st.lists(step, min_size=3, max_size=25)
routes = st.builds(
    Route,
    st.just("phone"),
    st.sampled_from([frozenset({"critical"}), frozenset({"critical", "warning"})]),
    quiet=st.booleans(),
    machine=st.booleans(),
)


class Simulation:
    """A route in a world of alerts, over hours: the decisions as they are, a channel that works or does not."""

    def __init__(self, route: Route) -> None:
        self.route, self.now, self.works = route, NOON, True
        self.open: dict[str, dict[str, Any]] = {}
        self.state = RouteState()
        self.queue: dict[int, Item] = {}
        self.fate: dict[int, str] = {}
        self.messages: list[tuple[int, list[dict[str, Any]]]] = []
        self.count = 0

    def put(self, kind: str, one: dict[str, Any]) -> None:
        self.count += 1
        self.queue[self.count] = Item(self.count, self.now, self.now, {"event_type": f"alert_{kind}", **one})

    def quiet(self) -> int | None:
        return quiet_until(self.now, (time(22), time(7)), ZoneInfo("UTC"))

    def obey(self, kind: str, number: int, severity: str) -> None:
        one = self.open.get(f"disk_full:attic:{number}")
        if kind == "channel":
            self.works = not self.works
        elif kind == "burst":
            for each in range(30):
                self.obey("opened", 100 + each + self.count, "critical")
        elif kind == "opened" and one is None:
            self.open[f"disk_full:attic:{number}"] = one = alert(str(number), severity, self.now)
            self.put(kind, one)
        elif kind == "silenced" and one is not None:
            self.open[one["id"]] = one | {"silenced_until": self.now + 5000}
        elif kind == "changed" and one is not None and severity != one["severity"]:
            self.open[one["id"]] = one = one | {"severity": severity}
            self.put(kind, one)
        elif kind == "acknowledged" and one is not None and not one["acknowledged"]:
            self.open[one["id"]] = one = one | {"acknowledged": True}
            self.put(kind, one)
        elif kind == "closed" and one is not None:
            self.put(kind, self.open.pop(one["id"]))

    def advance(self, to: int) -> None:
        """Let the route look whenever it wants to, until `to`."""
        while True:
            until = self.look()
            if until >= to:
                break
            self.now = max(self.now + 1, until)
        self.now = to

    def look(self) -> int:
        while True:
            found = plan(self.queue.values(), self.route, self.state, Moment(self.now, self.open, self.quiet()))
            for each, reason in found.drops:
                assert reason
                self.fate[each.id] = f"dropped: {reason}"
                del self.queue[each.id]
            if found.held:
                self.state = msgspec.structs.replace(self.state, held=True)
            if not found.ready and not found.repeats:
                return found.until
            assert self.state.due <= self.now, "no try before its time"
            if not self.works:
                self.state = after_failure(self.state, "no", self.now)
                return self.state.due
            self.send(found)

    def send(self, found: Plan) -> None:
        sent = sorted((each for group in found.ready for each in group), key=lambda each: each.id)
        if self.route.machine and not self.state.held:
            sent = sent[:1]
        self.check(found)
        again = [{"event_type": "alert_opened", **each} for each in found.repeats]
        self.messages.append((self.now, [*(each.event for each in sent), *again]))
        self.state = after_success(self.state, self.messages[-1][1], self.now)
        for each in sent:
            assert each.id not in self.fate, "told once"
            self.fate[each.id] = "sent"
            del self.queue[each.id]

    def check(self, found: Plan) -> None:
        """What holds of every message to people."""
        for group in found.ready:
            newest = next(
                (e for e in reversed(group) if e.event["event_type"] != "alert_acknowledged"), group[-1]
            ).event
            told = self.state.told.get(newest["id"])
            if newest["event_type"] in OPEN and told is not None and not self.route.machine:
                assert is_news(newest, told), "never twice for one state"
            if self.quiet() is not None and self.route.quiet:
                assert self.open[newest["id"]]["severity"] == "critical", "only what is critical breaks through"
            assert (self.open.get(newest["id"], newest)["silenced_until"] or 0) <= self.now
        for each in found.repeats:
            told = self.state.told.get(each["id"])
            assert told is None or told.at + REPEAT <= self.now


@given(histories, routes)
@settings(max_examples=150, deadline=None)
def test_nothing_is_lost_said_twice_or_said_at_night(history: list[Any], route: Route) -> None:
    world = Simulation(route)
    for wait, kind, number, severity in history:
        world.advance(world.now + wait)
        world.obey(kind, number, severity)
        world.look()
    world.works = True
    for each in list(world.open):
        world.open[each] = world.open[each] | {"silenced_until": None}
    world.advance(world.now + 2 * 86_400)

    assert not world.queue, "whatever waits goes in the end"
    assert set(world.fate) == set(range(1, world.count + 1)), "each event was sent, or dropped with a reason"
    times = [at for at, _ in world.messages]
    assert all(times[n + HOURLY] - at >= HOUR for n, at in enumerate(times[:-HOURLY]))
    for one in world.open.values():
        heard = one["id"] in world.state.told
        wanted = one["severity"] in route.severities and not one["acknowledged"]
        assert heard or not wanted, "what is open now, wanted, and known to nobody has been told"
    assert set(world.state.told) <= set(world.open), "those who were told hear that it is over"


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 9)), max_size=19))
def test_while_all_works_a_critical_alert_is_told_within_half_a_minute(waits: list[tuple[int, int]]) -> None:
    world = Simulation(PHONE)
    for wait, number in waits:
        world.advance(world.now + wait)
        world.obey("opened", number, "critical")
        world.look()
    world.advance(world.now + GROUP + 1)
    told = {(each["id"]): at for at, message in reversed(world.messages) for each in message}
    assert {each["id"]: told[each["id"]] <= each["since"] + GROUP for each in world.open.values()} == dict.fromkeys(
        world.open, True
    )
