"""One subject's life: pending, firing, keep, flapping, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.alerts.lifecycle import CALM, FLAPS, GAP, Timer
from storj_monitor.alerts.rule import Level, Measure, Rule, answers

NOON = 1_795_435_200
LADDER = (Level("warning", 10, 5, for_=120, keep=180), Level("critical", 20, 15))
AT_ONCE = (Level("warning", 10, 5),)


def rule(levels: tuple[Level, ...], *, below: bool = False) -> Rule:
    return Rule("r", "node", (), lambda _: {"": Measure(0.0)}, levels, "t", "n", below=below)


def lived(
    levels: tuple[Level, ...], values: Sequence[float | None], step: int = 60, timer: Timer | None = None
) -> Timer:
    """A value before each look, `step` seconds apart."""
    timer = timer or Timer()
    for value in values:
        timer.look(levels, answers(rule(levels), value, {}), (timer.last or NOON - step) + step)
    return timer


def test_it_fires_when_its_time_is_full_and_says_since_when_it_is_so() -> None:
    assert lived(LADDER, [12, 12]).worst is None
    timer = lived(LADDER, [12, 12, 12])
    assert timer.worst == 0
    assert timer.since == NOON


def test_a_false_answer_begins_the_time_anew() -> None:
    assert lived(LADDER, [12, 12, 9, 12, 12]).worst is None


def test_what_is_not_known_stops_the_time_and_does_not_begin_it_anew() -> None:
    assert lived(LADDER, [12, 12, None, 12]).worst == 0
    stood = lived(LADDER, [12, *[None] * 30, 12])
    assert stood.worst is None
    assert stood.steps[0].held == 60, "the time not known does not count"
    assert stood.since if stood.worst is not None else stood.steps[0].since == NOON


def test_a_level_without_time_fires_at_once_and_the_heavier_one_counts() -> None:
    timer = lived(LADDER, [25])
    assert timer.worst == 1
    assert lived(LADDER, [12], timer=timer).worst is None, "the lighter one has not lasted yet"


def test_it_lets_go_beyond_its_clear_number_and_after_its_keep() -> None:
    timer = lived(LADDER, [12, 12, 12])
    for value, on in ((7, True), (5, True), (5, True), (5, True), (5, False)):
        lived(LADDER, [value], timer=timer)
        assert (timer.worst is not None) is on


def test_between_its_numbers_it_stays_and_the_calm_goes_on_where_it_was() -> None:
    timer = lived(LADDER, [12, 12, 12, 5, 5, 7, 7, 5])
    assert timer.worst == 0
    assert lived(LADDER, [12], timer=timer).steps[0].calm == -1, "one that fires again is calm no more"


def test_below_is_the_other_way_round() -> None:
    levels = (Level("warning", 95, 96),)
    low = rule(levels, below=True)
    fires, edge, free = (answers(low, value, {})[0] for value in (95.0, 95.5, 96.0))
    assert fires is not None
    assert fires.fires
    assert edge is not None
    assert not edge.fires
    assert not edge.lets_go
    assert free is not None
    assert free.lets_go
    moved = answers(low, 80.5, {low.key(levels[0]): 80})[0]
    assert moved is not None
    assert not moved.fires, "the threshold takes the clear number along"
    assert not moved.lets_go


def test_the_time_of_an_absence_counts_for_nothing() -> None:
    timer = lived(LADDER, [12])
    timer.look(LADDER, answers(rule(LADDER), 12, {}), NOON + GAP + 1)
    assert timer.worst is None
    timer.look(LADDER, answers(rule(LADDER), 12, {}), NOON + 2 * GAP + 1)
    assert timer.worst == 0


def test_a_clock_that_is_set_back_counts_for_nothing() -> None:
    timer = lived(LADDER, [12, 12])
    timer.look(LADDER, answers(rule(LADDER), 12, {}), NOON - 3600)
    assert timer.worst is None


def test_where_the_source_tells_when_it_began_that_is_said() -> None:
    timer = Timer()
    timer.look(AT_ONCE, answers(rule(AT_ONCE), 12, {}), NOON, NOON - 9000)
    assert timer.since == NOON - 9000
    timer.look(AT_ONCE, answers(rule(AT_ONCE), 12, {}), NOON + 60, NOON + 30)
    assert timer.since == NOON - 9000, "and it does not move on"
    ahead = Timer()
    ahead.look(AT_ONCE, answers(rule(AT_ONCE), 12, {}), NOON, NOON + 9000)
    assert ahead.since == NOON, "nothing begins in the future"


def test_what_opens_again_and_again_stays_open_until_it_was_calm() -> None:
    timer = lived(AT_ONCE, [12, 0] * (FLAPS - 1) + [12])
    assert lived(AT_ONCE, [0] * (CALM // 60), timer=timer).worst == 0
    assert lived(AT_ONCE, [0], timer=timer).worst is None


def test_a_timer_survives_json() -> None:
    timer = lived(LADDER, [12, 12])
    timer.facts = {"count": 3, "why": "x"}
    again = msgspec.json.decode(msgspec.json.encode(timer), type=Timer)
    assert again == timer
    assert lived(LADDER, [12], timer=again).worst == 0


values = st.lists(st.one_of(st.none(), st.sampled_from([0.0, 5.0, 7.0, 10.0, 15.0, 17.0, 20.0, 30.0])), max_size=60)


@given(values)
def test_what_is_not_known_neither_opens_nor_closes(history: list[float | None]) -> None:
    timer = Timer()
    for value in history:
        before = timer.worst
        lived(LADDER, [value], timer=timer)
        if value is None:
            assert timer.worst == before


@given(values)
def test_it_only_opens_while_it_fires_and_only_closes_while_it_may(history: list[float | None]) -> None:
    timer = Timer()
    for value in history:
        before = timer.worst
        lived(LADDER, [value], timer=timer)
        if before is None and timer.worst is not None:
            assert value is not None
            assert value >= 10
        if before is not None and timer.worst is None:
            assert value is not None
            assert value <= 15


@given(values, st.lists(st.integers(0, 60), max_size=5))
def test_looks_that_know_nothing_change_no_more_than_time(history: list[float | None], places: list[int]) -> None:
    """The same history with a look that knows nothing put in between at the same second ends the same."""
    plain, more = Timer(), Timer()
    for index, value in enumerate(history):
        at = NOON + 60 * index
        plain.look(LADDER, answers(rule(LADDER), value, {}), at)
        more.look(LADDER, answers(rule(LADDER), value, {}), at)
        if index in places:
            more.look(LADDER, [None, None], at)
    assert plain == more


@given(values, st.integers(0, 59))
def test_it_goes_on_after_json_as_if_nothing_had_been(history: list[float | None], stop: int) -> None:
    plain, kept = lived(LADDER, history), lived(LADDER, history[:stop])
    kept = msgspec.json.decode(msgspec.json.encode(kept), type=Timer)
    assert lived(LADDER, history[stop:], timer=kept) == plain
