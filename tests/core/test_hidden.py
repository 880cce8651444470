"""Hidden failures: the arithmetic on numbers made by hand, the truth on logs and counters of real nodes."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.test_logreader import log, truth

from storj_monitor.core import hidden
from storj_monitor.core.facts import Batch, LogReading, Reading, Sample, Tally
from storj_monitor.core.logreader import LogReader
from storj_monitor.core.readings_host import Counts, DebugReading, HiddenReading
from storj_monitor.core.state import NodeState

NOW = 1_795_435_200
START = NOW - 7200


def debug(at: int, lost: int, got: int = 0, started: int | None = START) -> DebugReading:
    """Counters with so many lost uploads (two thirds of them failed) and lost downloads."""
    uploads = Counts(1000, 1000 - lost, lost - 2 * lost // 3, 2 * lost // 3)
    return DebugReading(at=at, started=started, uploads=uploads, downloads={"GET": Counts(500, 500 - got, got)})


def logged(**counts: int) -> Any:
    """A log that shows so many lost transfers of an action, whenever it is asked; what it was asked for."""
    asked: list[tuple[tuple[str, ...], int, int]] = []

    def count(series: tuple[str, ...], since: int, until: int) -> int:
        asked.append((series, since, until))
        return counts.get(series[0].split(":")[1], 0)

    count.asked = asked  # type: ignore[attr-defined]
    return count


def mark(at: int, **changes: Any) -> HiddenReading:
    made = HiddenReading(at=at, since=at, started=START, sums={"PUT": 10, "GET": 5})
    return msgspec.structs.replace(made, **changes)


def test_the_difference_of_the_counters_less_that_of_the_log() -> None:
    log = logged(PUT=7, GET=4)
    found = hidden.compare(mark(NOW - 600), debug(NOW, lost=40, got=9), START, log)
    assert found is not None
    # uploads: 40 − 10 = 30 lost, 7 of them in the log; downloads: 9 − 5 = 4, all of them in the log
    assert found[1] == {"PUT": 23}
    assert found[0].sums == {"PUT": 40, "GET": 9}
    assert (found[0].debts, found[0].since) == ({}, NOW - 600)
    uploads = (
        "transfer:PUT:canceled",
        "transfer:PUT:failed",
        "transfer:PUT_REPAIR:canceled",
        "transfer:PUT_REPAIR:failed",
    )
    assert (uploads, NOW - 600, NOW) in log.asked


def test_never_below_zero_and_what_the_log_was_ahead_is_taken_off_the_next() -> None:
    first = hidden.compare(mark(NOW - 600), debug(NOW, lost=12, got=5), START, logged(PUT=5))
    assert first is not None
    assert first[1] == {}
    assert first[0].debts == {"PUT": -3}  # 12 − 10 − 5
    second = hidden.compare(first[0], debug(NOW + 600, lost=20, got=5), START, logged(PUT=1))
    assert second is not None
    assert second[1] == {"PUT": 4}  # 20 − 12 − 1 − 3


def test_nothing_before_the_process_has_counted_and_then_missing_is_zero() -> None:
    assert hidden.compare(mark(NOW - 600), DebugReading(at=NOW, started=START), START, logged()) is None
    only = DebugReading(at=NOW, started=START, uploads=Counts(3, 3), downloads={})
    found = hidden.compare(None, only, START, logged())
    assert found is not None
    assert found[0].sums == {"PUT": 0}


@pytest.mark.parametrize("seen", [False, True])
def test_the_first_time_counts_only_what_the_log_has_been_read_for(seen: bool) -> None:
    found = hidden.compare(None, debug(NOW, lost=40), START, logged(PUT=10), seen=seen)
    assert found is not None
    assert found[1] == ({"PUT": 30} if seen else {})
    assert found[0].since == (START if seen else NOW)


def test_a_restart_begins_at_zero_from_its_start_on() -> None:
    log = logged(PUT=3)
    found = hidden.compare(mark(NOW - 600), debug(NOW, lost=8, started=NOW - 300), NOW - 300, log)
    assert found is not None
    assert found[1] == {"PUT": 5}
    assert {(since, until) for _, since, until in log.asked} == {(NOW - 300, NOW)}


@pytest.mark.parametrize(
    ("old", "started", "why"),
    [
        (mark(NOW - 600, sums={"PUT": 99}), None, "counters fell, and nobody says when"),
        (mark(NOW - 600, sums={"PUT": 99}), START, "counters fell in what calls itself the same process"),
        (mark(NOW - 90_000, started=NOW - 100_000), NOW - 100_000, "more than 24 hours"),
    ],
)
def test_what_cannot_be_compared_sets_a_mark(old: HiddenReading, started: int | None, why: str) -> None:
    found = hidden.compare(old, debug(NOW, lost=40, got=9, started=started), started, logged())
    assert found is not None, why
    assert found[1] == {}
    assert found[0].since == NOW


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(0, 20))
def test_jitter_does_not_add_up(seed: int, late: int) -> None:
    """The log is seen up to `late` lines behind or ahead of the counters; in the end the sum is off by no more."""
    chance = random.Random(seed)
    state = mark(NOW, sums={"PUT": 0})
    counter = shown = truly = found = seen = 0
    for step in range(1, 101):
        lost, silent = chance.randrange(30), chance.randrange(3)
        counter, shown, truly = counter + lost + silent, shown + lost, truly + silent
        visible = shown + chance.randint(-late, late)
        result = hidden.compare(state, debug(NOW + 600 * step, lost=counter), START, logged(PUT=visible - seen))
        assert result is not None
        state, seen = result[0], visible
        found += result[1].get("PUT", 0)
    assert truly <= found + late
    assert found <= truly + late


# ---- real nodes ----

HIDDEN = {
    "1.98.3-busy-info-console": 0,  # 535 lost uploads counted, 516 + 19 logged
    "1.104.5-busy-debug-console": 0,
    "1.121.8-busy-debug-console": 0,
    "1.115.6-busy-info-console": 16,  # 19 + 36 counted, 19 + 20 logged
    "1.137.5-busy-info-console": 36,  # 21 + 42 counted, 21 + 6 logged
    "1.145.3-busy-info-console": 27,  # 21 + 32 counted, 21 + 5 logged
    "1.146.10-busy-info-console": 18,  # 17 + 20 counted, 17 + 2 logged
    "1.162.3-busy-info-console": 31,  # 29 + 31 counted, 29 logged
}


def counters(name: str, at: int, started: int) -> DebugReading:
    """The node's own counters at its end."""
    told: dict[str, int] = truth(name)["node_counters"]
    kinds = {"started": "started", "success": "ok", "cancel": "canceled", "failure": "failed"}
    counts: dict[str, dict[str, int]] = {}
    for key, value in told.items():
        way, end, action = [*key.split("_", 2), ""][:3]
        counts.setdefault(action if way == "download" else "PUT", {})[kinds[end]] = value
    made = {action: Counts(**ends) for action, ends in counts.items()}
    return DebugReading(at=at, started=started, uploads=made.pop("PUT"), downloads=made)


def read(name: str) -> tuple[NodeState, int, int]:
    """A state that has read a whole log; when the log begins and ends."""
    reader = LogReader("")
    reader.feed(log(name), 2e9)
    batch = reader.take()
    first, last = min(t.minute for t in batch.tallies), max(t.minute for t in batch.tallies)
    state, now = NodeState("attic", has_log=True, has_api=False), last + 60.0
    batch.readings = [Reading("log", last, LogReading(last_line=last, started=first))]
    batch.behind = 0
    state.fold(batch, now)
    return state, first, last + 60


@pytest.mark.parametrize("name", HIDDEN)
def test_hidden_failures_of_real_nodes(name: str) -> None:
    state, begin, end = read(name)
    before = state.payload(end)
    assert (before["success_basis"], before["hidden_failures"]) == ("log", None)
    state.read(Reading("debug", end, counters(name, end, begin)))
    assert state.hidden(end + 89) is None, "the log may not be committed yet"
    batch = state.hidden(end + 90)
    assert batch is not None
    state.fold(batch, end + 90)
    assert state.hidden(end + 90) is None, "once is enough"
    after = state.payload(end + 90)
    assert (after["success_basis"], after["hidden_failures"]) == ("log and counters", HIDDEN[name])
    told = truth(name)["node_counters"]
    if "debug" not in name:
        # exact: what the node itself says of its uploads, from its own counters alone
        exact = 100 * told["upload_success"] / (told["upload_success"] + told["upload_cancel"] + told["upload_failure"])
        assert after["upload_success"] == pytest.approx(exact, abs=0.02)
        assert after["upload_success"] <= before["upload_success"]


def test_the_count_ends_when_the_counters_do_and_survives_a_restart_of_the_agent() -> None:
    state, begin, end = read("1.162.3-busy-info-console")
    state.read(Reading("debug", end, counters("1.162.3-busy-info-console", end, begin)))
    batch = state.hidden(end + 90)
    assert batch is not None
    assert batch.samples == [Sample("hidden:PUT", end, 31, 31)]
    state.fold(batch, end + 90)
    assert state.payload(end + 3601)["success_basis"] == "log"
    assert state.payload(end + 3601)["hidden_failures"] is None
    # another run: the stored mark, the stored samples, and counters that have moved on by two
    again, _, _ = read("1.162.3-busy-info-console")
    for reading in batch.readings:
        again.read(reading)
    again.recall([(end, "hidden:PUT", "", 31, 31.0)], end)
    later = counters("1.162.3-busy-info-console", end + 600, begin)
    uploads = later.uploads or Counts()
    moved = msgspec.structs.replace(uploads, started=uploads.started + 2, failed=uploads.failed + 2)
    again.read(Reading("debug", end + 600, msgspec.structs.replace(later, uploads=moved)))
    more = again.hidden(end + 700)
    assert more is not None
    assert more.samples == [Sample("hidden:PUT", end + 600, 2, 2)]
    again.fold(more, end + 700)
    assert again.payload(end + 700)["hidden_failures"] == 33


def test_a_log_that_is_behind_waits() -> None:
    state, begin, end = read("1.162.3-busy-info-console")
    state.read(Reading("debug", end, counters("1.162.3-busy-info-console", end, begin)))
    state.fold(Batch("attic", behind=4096), end + 90)
    assert state.hidden(end + 200) is None
    state.fold(Batch("attic", [Tally(end - 60, "", "PUT", "failed", 31, 0)], behind=0), end + 210)
    batch = state.hidden(end + 210)
    assert batch is not None
    assert batch.samples == [], "the lines that were late tell of all of them"
