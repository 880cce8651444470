from __future__ import annotations

from typing import Any

import pytest

from storj_monitor.board import Entry
from storj_monitor.publish.mirror import URGENT, Pace


def entry(**values: Any) -> Entry:
    return Entry({"ts": 1, "online": True, "state": "vetted", **values}, b"{}", b"{}", 0)


def test_a_state_goes_on_once_an_interval_with_its_newest_values() -> None:
    pace = Pace(60)
    assert pace.wait(0) is None
    assert pace.offer("t", entry(disk_used=1), 1000)
    assert not pace.offer("t", entry(disk_used=2), 1010)
    assert not pace.offer("t", entry(disk_used=3), 1020)
    assert pace.offer("other", entry(), 1020)
    assert pace.wait(1020) == 40
    assert pace.due(1059) == []
    assert pace.due(1060) == [("t", entry(disk_used=3))]
    assert pace.due(1060) == []
    assert not pace.offer("t", entry(disk_used=4), 1119)
    assert pace.offer("t", entry(disk_used=5), 1120)
    assert pace.wait(1120) is None


@pytest.mark.parametrize("key", URGENT)
def test_news_do_not_wait_and_take_the_place_of_what_waits(key: str) -> None:
    pace = Pace(60)
    assert pace.offer("t", entry(), 1000)
    assert not pace.offer("t", entry(disk_used=1), 1001)
    assert pace.offer("t", entry(disk_used=2, **{key: "news"}), 1002)
    assert pace.due(5000) == []


def test_everything_at_once_when_it_is_said_again() -> None:
    pace = Pace(60)
    assert pace.offer("t", entry(), 1000)
    assert not pace.offer("t", entry(disk_used=1), 1001)
    assert [topic for topic, _ in pace.due(1001, everything=True)] == ["t"]
    assert not pace.offer("t", entry(disk_used=2), 1060)


def test_a_clock_that_was_set_back_stops_nothing() -> None:
    pace = Pace(60)
    assert pace.offer("t", entry(), 10_000)
    assert pace.offer("t", entry(disk_used=1), 1_000)


def test_a_topic_that_went_leaves_nothing() -> None:
    pace = Pace(60)
    assert pace.offer("t", entry(), 1000)
    assert not pace.offer("t", entry(disk_used=1), 1001)
    pace.forget("t")
    assert pace.wait(1001) is None
    assert pace.offer("t", entry(disk_used=1), 1001)
