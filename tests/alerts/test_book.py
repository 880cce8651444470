"""The open alerts: who is in one, what is told of it, and when."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.alerts.book import REWORD, TOGETHER, Alert, Book, Member, Silence, Transition
from storj_monitor.alerts.rule import Level, Measure, Rule

NOON = 1_795_435_200
HOUR = 3600
TEXT = "{node} {nodes:is|are} bad on {satellites}: {total:time}."


def rule(name: str = "r", scope: Any = "satellite", **options: Any) -> Rule:
    return Rule(name, scope, (), lambda _: {"": Measure(0.0)}, (Level("warning", 1),), TEXT, "Do it.", **options)


RULE, SHARED = rule(), rule("shared", "node", several=True)


def member(satellite: str = "us1", severity: str = "warning", node: str = "attic", since: int = NOON) -> Member:
    return Member(node, satellite, severity, since, {"count": 2})


def update(book: Book, *members: Member, at: int = NOON, of: Rule = RULE, **options: Any) -> list[Transition]:
    found: dict[str, list[Member]] = {"attic": [], "cellar": []}
    for each in members:
        found[each.node].append(each)
    return book.update(of, found, at, **options)


def kinds(done: list[Transition]) -> list[tuple[str, bool]]:
    return [(each.type, each.tell) for each in done]


def test_an_alert_opens_once_lists_its_satellites_and_closes() -> None:
    book = Book()
    assert kinds(update(book, member())) == [("open", True)]
    assert kinds(update(book, member(), at=NOON + 60)) == []
    assert kinds(update(book, member(), member("eu1"), at=NOON + 120)) == [("change", True)]
    (alert,) = book.open.values()
    assert alert.text == "attic is bad on eu1 and us1: 4 times."
    assert alert.payload(None) | {"text": "", "next_step": ""} == {
        "id": "r:attic", "rule": "r", "node": "attic", "nodes": ["attic"], "satellite": None,
        "satellites": ["eu1", "us1"], "severity": "warning", "since": NOON, "text": "", "next_step": "",
        "acknowledged": False, "silenced_until": None,
    }  # fmt: skip
    assert kinds(update(book, member("eu1"), at=NOON + 180)) == [], "one less is no news"
    assert kinds(update(book, at=NOON + 240)) == [("close", True)]
    assert not book.open


def test_a_rise_is_told_and_a_fall_is_not() -> None:
    book = Book()
    update(book, member())
    assert kinds(update(book, member(severity="critical"))) == [("change", True)]
    assert kinds(update(book, member())) == []
    assert book.open["r:attic"].severity == "warning"
    assert kinds(update(book, member(severity="critical"))) == [("change", True)]


def test_words_do_not_change_with_every_number() -> None:
    book = Book()
    update(book, member())
    seen = set()
    for minute in range(59):
        more = member()
        more.facts["count"] = minute
        update(book, more, at=NOON + 60 * minute)
        seen.add(book.open["r:attic"].text)
    assert len(seen) == 1
    update(book, more, at=NOON + REWORD)
    assert book.open["r:attic"].text == "attic is bad on us1: 58 times."


# ---- acknowledge ----


def test_an_acknowledgement_lasts_until_the_alert_closes() -> None:
    book = Book()
    update(book, member())
    assert kinds(book.acknowledge("r:attic", NOON)) == [("acknowledge", True)]
    assert kinds(book.acknowledge("all", NOON)) == [], "once is enough"
    assert kinds(update(book, member(severity="critical"))) == [("change", True)]
    assert book.open["r:attic"].acknowledged
    assert book.open["r:attic"].payload(None)["acknowledged_at"] == NOON
    (closed,) = update(book)
    assert closed.alert.ended == "cleared"
    update(book, member())
    assert not book.open["r:attic"].acknowledged


def test_an_acknowledgement_is_taken_back_without_a_word() -> None:
    book = Book()
    update(book, member())
    assert book.acknowledge("r:attic", NOON, on=False) == [], "it was not there"
    book.acknowledge("r:attic", NOON)
    assert kinds(book.acknowledge("all", NOON + 5, on=False)) == [("change", False)]
    assert "acknowledged_at" not in book.open["r:attic"].payload(None)
    assert kinds(book.acknowledge("r:attic", NOON + 9)) == [("acknowledge", True)]


def test_what_is_not_open_cannot_be_acknowledged() -> None:
    assert Book().acknowledge("r:attic", NOON) == []


# ---- silence and maintenance ----


@pytest.mark.parametrize("silence", [
    Silence(None, None, None, NOON + HOUR), Silence("attic", None, None, NOON + HOUR),
    Silence("attic", "r", "us1", NOON + HOUR),
])  # fmt: skip
def test_a_silence_hides_and_what_is_still_open_is_told_when_it_ends(silence: Silence) -> None:
    book = Book()
    book.silences = [silence]
    assert kinds(update(book, member())) == [("open", False)]
    alert = book.open["r:attic"]
    assert book.silenced_until(alert, NOON) == NOON + HOUR
    assert book.tell_the_rest(NOON + HOUR - 1) == []
    (told,) = book.tell_the_rest(NOON + HOUR)
    assert (told.type, told.tell, told.alert.since) == ("open", True, NOON)
    assert book.tell_the_rest(NOON + HOUR + 1) == []


@pytest.mark.parametrize("silence", [
    Silence("cellar", None, None, NOON + HOUR), Silence(None, "other", None, NOON + HOUR),
    Silence(None, None, "eu1", NOON + HOUR), Silence(None, None, None, NOON),
])  # fmt: skip
def test_a_silence_of_something_else_hides_nothing(silence: Silence) -> None:
    book = Book()
    book.silences = [silence]
    assert kinds(update(book, member())) == [("open", True)]


def test_a_silence_of_one_satellite_does_not_hide_another() -> None:
    book = Book()
    book.silences = [Silence(None, None, "us1", NOON + HOUR)]
    assert kinds(update(book, member())) == [("open", False)]
    update(book, member(), member("eu1"))
    assert kinds(book.tell_the_rest(NOON)) == [("open", True)]


def test_what_was_over_before_the_silence_is_never_told() -> None:
    book = Book()
    book.silences = [Silence(None, None, None, NOON + HOUR)]
    update(book, member())
    assert kinds(update(book, at=NOON + 60)) == [("close", False)]
    assert book.tell_the_rest(NOON + HOUR) == []


def test_what_rose_in_a_silence_is_told_after_it_and_its_end_at_once() -> None:
    book = Book()
    update(book, member())
    book.silences = [Silence(None, None, None, NOON + HOUR)]
    assert kinds(update(book, member(severity="critical"), at=NOON + 60)) == [("change", False)]
    (told,) = book.tell_the_rest(NOON + HOUR)
    assert (told.type, told.tell, told.alert.severity) == ("change", True, "critical")
    assert book.tell_the_rest(NOON + HOUR) == []
    book.silences = [Silence(None, None, None, NOON + 9 * HOUR)]
    assert kinds(update(book, at=NOON + 2 * HOUR)) == [("close", True)], "who heard of it hears that it is over"


def test_maintenance_hides_its_node_and_ends() -> None:
    book = Book()
    book.maintenance = {"attic": NOON + 4 * HOUR}
    assert kinds(update(book, member(), member(node="cellar"))) == [("open", False), ("open", True)]
    assert book.silenced_until(book.open["r:attic"], NOON) == NOON + 4 * HOUR
    book.maintenance = {}
    assert kinds(book.tell_the_rest(NOON + 60)) == [("open", True)]


# ---- while old lines are read ----


def test_what_old_lines_say_is_told_once_they_are_read_if_it_is_still_so() -> None:
    book = Book()
    assert kinds(update(book, member(), at=NOON - 9 * HOUR, late={"attic"})) == [("open", False)]
    assert book.tell_the_rest(NOON, late={"attic"}) == []
    (told,) = book.tell_the_rest(NOON)
    assert (told.type, told.tell, told.alert.since) == ("open", True, NOON)
    update(book, member("eu1"), of=rule("q"), late={"attic"})
    assert kinds(update(book, of=rule("q"), at=NOON + 60)) == [("close", False)], "over by then: only stored"


# ---- many nodes, one cause ----


def test_nodes_that_fire_together_share_one_alert() -> None:
    book = Book()
    both = (member("", node="attic"), member("", node="cellar"))
    assert kinds(update(book, *both, of=SHARED)) == [("open", True)]
    (alert,) = book.open.values()
    assert alert.payload(None)["nodes"] == ["attic", "cellar"]
    assert alert.payload(None)["node"] is None
    assert alert.text.startswith("attic and cellar are bad")
    assert kinds(update(book, both[0], of=SHARED, at=NOON + 60)) == []
    assert kinds(update(book, of=SHARED, at=NOON + 120)) == [("close", True)]


def test_a_node_that_follows_soon_joins_and_a_late_one_does_not() -> None:
    for after, ids in ((TOGETHER, {"shared:*"}), (TOGETHER + 1, {"shared:*", "shared:attic"})):
        book = Book()
        book.update(SHARED, {"cellar": [member("", node="cellar")], "loft": [member("", node="loft")]}, NOON)
        book.update(SHARED, {"attic": [member("")]}, NOON + after)
        assert book.open.keys() == ids


def test_nodes_have_their_own_alerts_where_the_rule_says_nothing_of_one_cause() -> None:
    book = Book()
    assert kinds(update(book, member(), member(node="cellar"))) == [("open", True)] * 2
    assert book.open.keys() == {"r:attic", "r:cellar"}


def test_alerts_of_nodes_that_are_not_watched_any_more_are_closed() -> None:
    book = Book()
    update(book, member("", node="attic"), member("", node="cellar"), of=SHARED)
    update(book, member())
    book.update(rule("a", "agent"), {"": [Member("", "", "warning", NOON)]}, NOON)
    assert [(each.alert.id, each.alert.ended) for each in book.leave({"cellar"}, NOON)] == [("r:attic", "unwatched")]
    assert {alert.id: [each.node for each in alert.members] for alert in book.open.values()} == {
        "shared:*": ["cellar"], "a:": [""]
    }  # fmt: skip


# ---- any history ----

steps = st.lists(
    st.tuples(
        st.sampled_from([RULE, SHARED]),
        st.lists(
            st.builds(
                member,
                st.sampled_from(["us1", "eu1"]),
                st.sampled_from(["info", "warning", "critical"]),
                st.sampled_from(["attic", "cellar"]),
            ),
            max_size=4,
            unique_by=lambda each: (each.node, each.satellite),
        ),
        st.integers(0, 1000),
        st.booleans(),
    ),
    max_size=25,
)


@given(steps)
def test_no_two_alerts_have_one_id_and_what_opens_is_what_closes(history: list[Any]) -> None:
    book, now, known, heard = Book(), NOON, set[str](), set[str]()
    for of, members, passed, quiet in history:
        now += passed
        book.silences = [Silence(None, None, None, now + 1)] if quiet else []
        for each in [*update(book, *members, at=now, of=of), *book.tell_the_rest(now)]:
            name = each.alert.id
            if each.type == "open" and name not in known:
                known.add(name)
            elif each.type == "close":
                assert each.tell == (name in heard), "the end is told to whom the beginning was"
                known.remove(name)
                heard.discard(name)
                continue
            assert name in known
            if each.tell:
                assert (name in heard) == (each.type != "open"), "told open once, then changes"
                heard.add(name)
        assert known == book.open.keys()
        nodes = [(alert.rule, each.node, each.satellite) for alert in book.open.values() for each in alert.members]
        assert len(nodes) == len(set(nodes)), "nobody is in two alerts of a rule"


@given(steps, st.integers(0, 24))
def test_a_book_goes_on_after_json_as_if_nothing_had_been(history: list[Any], stop: int) -> None:
    plain, kept, now = Book(), Book(), NOON
    for index, (of, members, passed, _) in enumerate(history):
        now += passed
        if index == stop:
            alerts = msgspec.json.decode(msgspec.json.encode(kept.open), type=dict[str, Alert])
            kept = Book()
            kept.open = alerts
        assert kinds(update(plain, *members, at=now, of=of)) == kinds(update(kept, *members, at=now, of=of))
        assert plain.open == kept.open
