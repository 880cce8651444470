"""Measures → timers → alerts: what is not known, what is over, what was missed, and what a restart must not change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.alerts.histories import DAY, EU1, HOUR, MINUTE, NOON, US1, History, satellite, stamp
from tests.alerts.rows import LOCKED, LOST, after, both, busy, failed, scored, sound

from storj_monitor.alerts.book import Alert
from storj_monitor.alerts.evaluate import MISSED_MAX, Evaluator, Kept, NodeLook
from storj_monitor.alerts.rule import Level, Measure, Rule
from storj_monitor.alerts.rules import AGENT_RULES, RULES
from storj_monitor.alerts.view import View

Event = tuple[int, Callable[[History], None]]


def restarted(history: History) -> None:
    """The agent stops and starts: only what JSON keeps is left of timers and alerts."""
    old = history.evaluator
    kept = msgspec.json.encode(old.kept())
    alerts = msgspec.json.encode(old.book.open)
    history.evaluator = Evaluator(RULES, AGENT_RULES)
    history.evaluator.restore(msgspec.json.decode(kept, type=dict[str, Kept]))
    history.evaluator.book.open = msgspec.json.decode(alerts, type=dict[str, Alert])


# ---- what is not known ----


def test_a_rule_whose_source_was_never_there_says_nothing() -> None:
    made = History(api=False)
    made.line("expired pieces collection started", logger="collector")
    assert not made.pass_(30 * MINUTE).told
    assert not made.evaluator.kept()["attic"].timers


def test_a_silent_log_proves_nothing() -> None:
    made = sound(api=False).pass_()
    made.failed("GET_AUDIT", LOST, 2)
    made.pass_(60 * MINUTE)
    assert made.worst == {"piece_lost": "critical"}
    made.pass_(3 * DAY, HOUR)
    assert made.worst == {"piece_lost": "critical", "node_silent": "critical"}
    made.transfer()
    made.look()
    assert not made.worst, "two days later it is known that none is lost today"


def test_a_node_that_names_no_satellites_for_a_while_is_not_well_again() -> None:
    made = after(both({"suspended": stamp(NOON)}))()
    made.sno(satellites=None)
    assert made.pass_(10 * MINUTE).worst == {"suspended": "critical"}
    made.sno(satellites=[satellite(US1), satellite(EU1)])
    assert not made.pass_(MINUTE).worst


def test_an_answer_that_is_too_old_leaves_all_as_it_is() -> None:
    made = sound(log=False)
    scored(0.5, 0.5, 0.5)(made)
    made.sno(satellites=[satellite(US1, suspended=stamp(NOON)), satellite(EU1)])
    made.pass_()
    made.answers.clear()
    made.pass_(9 * HOUR, HOUR)
    assert {"audit_score", "suspension_score", "online_score", "suspended"} <= made.worst.keys()


# ---- what is over ----


def test_a_satellite_that_is_not_trusted_any_more_is_over_at_once() -> None:
    made = after(failed("GET_AUDIT", LOST, 5))()
    scored(0.9, 1, 1)(made)
    assert set(made.pass_().worst) == {"piece_lost", "audit_score"}
    made.sno(satellites=[satellite(EU1)])
    made.scores(eu1=(1, 1, 1))
    assert not made.pass_().worst


def test_what_was_long_ago_when_the_node_was_first_seen_is_a_fact_and_no_alert() -> None:
    for days, raised in ((29, {"disqualified": "critical"}), (31, {})):
        made = sound()
        both({"disqualified": stamp(NOON - days * DAY)})(made)
        assert made.pass_(HOUR).worst == raised
    made = sound()
    made.pass_(HOUR)
    both({"disqualified": stamp(NOON + HOUR)})(made)
    made.pass_(40 * DAY, DAY)
    assert made.worst == {"disqualified": "critical"}, "what happened since does not become one"


# ---- what was missed ----


def test_what_happened_while_the_agent_was_away_is_judged_as_if_it_had_been_there() -> None:
    made = sound(api=False).pass_()
    for minutes in range(10, 600, 10):
        made.transfer()
        made.now = NOON + minutes * MINUTE
        if minutes in {100, 110, 120}:
            made.line("Could not persist bandwidth cache to db", "ERROR", "bandwidth", error=LOCKED)
    told = made.look()
    assert [(each.type, each.alert.rule, each.tell) for each in told] == [
        ("open", "database_locked", False),
        ("close", "database_locked", False),
    ], "it was over hours ago: stored, not told"
    assert [each.at for each in told] == [NOON + 120 * MINUTE, NOON + 300 * MINUTE]


def test_what_is_still_so_after_an_absence_is_told_once_with_its_true_beginning() -> None:
    made = sound(api=False).pass_()
    made.now = NOON + 5 * HOUR
    made.failed("GET_AUDIT", LOST, 2)
    made.now += HOUR
    made.transfer()
    told = [each for each in made.look() if each.tell]
    assert [(each.type, each.alert.rule, each.alert.since) for each in told] == [
        ("open", "piece_lost", NOON + 5 * HOUR)
    ]


def test_a_log_that_is_still_read_tells_nothing_yet() -> None:
    made = sound(api=False).pass_()
    made.failed("GET_AUDIT", LOST, 2)
    made.now += 9 * HOUR
    made.state.behind = 1 << 20
    assert not any(each.tell for each in made.look(late=True))
    assert made.worst == {"piece_lost": "critical"}
    made.transfer()
    made.state.behind = 0
    assert [(each.type, each.alert.since) for each in made.look() if each.tell] == [("open", NOON)]


def test_no_more_than_a_day_is_walked_through() -> None:
    asked: list[int] = []
    rule = Rule("r", "node", (), lambda view: asked.append(view.at) or {}, (), "", "", log=True, counts=("log_lines",))  # type: ignore[func-returns-value]
    made = History(api=False, rules=(rule,))
    made.transfer()
    made.look()
    for _ in range(50):
        made.now += HOUR
        made.transfer()
    asked.clear()
    made.look()
    assert MISSED_MAX - 60 <= len(asked) <= MISSED_MAX + 1
    assert asked == sorted(asked)


# ---- flapping, keep ----


def test_an_alert_keeps_the_words_it_fired_by() -> None:
    made = after(failed("GET_AUDIT", "something new", 2), api=False)()
    busy(made, 110 * MINUTE)
    assert "2 audits" in made.open["audit_failed"].text
    assert "2 audits" in busy(made, 20 * MINUTE).told[-1].alert.text
    assert not made.worst


def measured(values: dict[str, float], **options: Any) -> tuple[Evaluator, Callable[[int], list[Any]]]:
    """One rule over nodes whose number is set by hand."""
    levels = (Level("warning", 1),)
    rule = Rule("r", "node", (), lambda view: {"": Measure(values[view.node])}, levels, "{node}", "Do.", **options)
    evaluator = Evaluator((rule,))
    states = {node: History(log=False).state for node in values}

    def look(at: int) -> list[Any]:
        def view(node: str) -> Callable[[int], View]:
            return lambda when: View(node, states[node], at, when, {}, {}, {})

        return evaluator.look([NodeLook(node, view(node), at, late=False) for node in values], at)

    return evaluator, look


def test_one_cause_over_many_nodes_is_one_alert() -> None:
    values = {"attic": 0.0, "cellar": 0.0, "loft": 0.0}
    evaluator, look = measured(values, several=True)
    look(NOON)
    values.update(attic=1, cellar=1)
    assert [each.alert.id for each in look(NOON + 60)] == ["r:*"]
    values["loft"] = 1
    assert [each.type for each in look(NOON + 120)] == ["change"]
    assert evaluator.book.open["r:*"].text == "attic, cellar and loft"
    values.update(attic=0, cellar=0, loft=0)
    assert [each.type for each in look(NOON + 180)] == ["close"]


def test_alerts_of_a_node_that_is_gone_are_closed() -> None:
    values = {"attic": 1.0, "cellar": 1.0}
    evaluator, look = measured(values)
    look(NOON)
    del values["attic"]
    assert [(each.type, each.alert.id) for each in look(NOON + 60)] == [("close", "r:attic")]
    assert evaluator.book.open.keys() == {"r:cellar"}


def test_what_ended_an_alert_is_the_number_by_which_its_last_subject_let_go() -> None:
    values = {"attic": 4.0, "cellar": 4.0}
    _, look = measured(values, several=True)
    look(NOON)
    values["attic"] = 0.25
    look(NOON + 60)
    values["cellar"] = 0.5
    (closed,) = look(NOON + 120)
    assert (closed.type, closed.alert.ended, closed.alert.ended_value) == ("close", "cleared", 0.5)
    values["attic"] = 4.0
    (opened,) = look(NOON + 20 * MINUTE)
    assert opened.alert.ended_value is None
    del values["attic"]
    (gone,) = look(NOON + 21 * MINUTE)
    assert (gone.type, gone.alert.ended, gone.alert.ended_value) == ("close", "unwatched", None)


def test_a_subject_that_nobody_names_any_more_ends_its_alert_without_a_number() -> None:
    made = after(failed("GET_AUDIT", LOST, 5))()
    made.pass_()
    made.sno(satellites=[satellite(EU1)])
    made.pass_()
    (closed,) = [each.alert for each in made.told if each.type == "close"]
    assert (closed.rule, closed.ended, closed.ended_value) == ("piece_lost", "cleared", None)


# ---- any history ----

HAPPENINGS: dict[str, Callable[[History], None]] = {
    "transfer": lambda history: history.transfer(),
    "audit": failed("GET_AUDIT", "something new"),
    "lost": failed("GET", LOST),
    "locked": lambda history: history.line("x", "ERROR", "bandwidth", error=LOCKED),
    "unread": lambda history: history.line("something that nobody has ever read", "INFO", "new"),
    "start": lambda history: history.starts(),
    "contact": lambda history: history.line("retries timed out for this cycle", satellite_id=US1),
    "orders": lambda history: history.line(
        "failed to settle orders for satellite", "ERROR", "orders", satellite_id=US1, error="x"
    ),
}
happenings = st.lists(st.tuples(st.integers(1, 40), st.sampled_from(sorted(HAPPENINGS))), min_size=1, max_size=40)
"""Minutes that pass, then what happens in the first second of one."""


def live(events: list[tuple[int, str]], restart: int = -1) -> History:
    made = sound(api=False).pass_()
    for index, (minutes, name) in enumerate(events):
        made.pass_(minutes * MINUTE)
        HAPPENINGS[name](made)
        if index == restart:
            restarted(made)
        made.look()
    return made


def story(history: History) -> list[tuple[Any, ...]]:
    return [
        (each.at, each.type, each.alert.id, each.alert.severity, each.alert.since, each.tell) for each in history.told
    ]


@settings(max_examples=25, deadline=None)
@given(happenings, st.integers(0, 39))
def test_a_restart_changes_nothing(events: list[tuple[int, str]], restart: int) -> None:
    assert story(live(events)) == story(live(events, restart))


@settings(max_examples=25, deadline=None)
@given(happenings)
def test_catching_up_says_what_being_there_would_have_said(events: list[tuple[int, str]]) -> None:
    """Of the rules that count lines: the same openings and ends at the same minutes, with the same beginnings."""
    there, away = live(events), sound(api=False).pass_()
    for minutes, name in events:
        away.now += minutes * MINUTE
        HAPPENINGS[name](away)
    away.look()
    ids = {rule.id for rule in RULES if rule.log}
    first: dict[bool, list[Any]] = {}
    for was_there, history in ((True, there), (False, away)):
        opened: set[str] = set()
        first[was_there] = []
        for each in history.told:
            again = each.type == "open" and each.alert.id in opened
            (opened.discard if each.type == "close" else opened.add)(each.alert.id)
            if each.alert.rule in ids and not again:
                first[was_there].append((each.type, each.alert.id, each.alert.severity, each.alert.since))
    assert first[True] == first[False]
    assert there.worst.keys() & ids == away.worst.keys() & ids


@pytest.mark.parametrize("rule", ["gone", "log_unknown"])
def test_a_rule_that_is_gone_is_left_out_of_what_was_kept(rule: str) -> None:
    evaluator = Evaluator([each for each in RULES if each.id != "log_unknown"])
    kept = {"attic": Kept(timers={rule: {}}, walked=NOON)}
    evaluator.restore(kept)
    assert evaluator.kept()["attic"] == Kept(walked=NOON)
