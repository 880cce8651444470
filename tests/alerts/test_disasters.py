"""The simulated disasters: each raises exactly what it should, and not one alert more."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.alerts.disasters import DAY, HOUR, MINUTE, Watched, watched

from storj_monitor.demo.lognode import SimulatedNode
from storj_monitor.demo.trouble import TROUBLES
from storj_monitor.replay import Replay, events

C, W = "critical", "warning"

STORIES: dict[str, tuple[float, dict[str, str]]] = {
    "audits_fail": (0.5, {"piece_lost": C, "audit_score": C, "disqualified": C}),
    "disk_dies": (
        0.5,
        {"disk_failing": C, "audit_failed": C, "suspension_score": W, "node_restarting": W, "node_down": C},
    ),
    "offline": (14, {"satellite_unreachable": C, "node_down": C, "online_score": C}),
    "orders_locked": (0.5, {"database_locked": W, "orders_unsent": C}),
    "full": (0.25, {"disk_full": C}),
    "restart_loop": (0.4, {"node_restarting": C}),
    "refuses_to_start": (0.5, {"node_refuses_to_start": C}),
    "benign_noise": (31, {}),
}
"""Trouble → days, and the worst of each rule."""


def test_every_trouble_has_its_story() -> None:
    assert STORIES.keys() == TROUBLES.keys()


@pytest.fixture(scope="module")
def lived() -> dict[str, Watched]:
    """Each story told once, for all tests."""
    return {}


def life(trouble: str, lived: dict[str, Watched]) -> Watched:
    if trouble not in lived:
        days = STORIES[trouble][0]
        node = watched(trouble, rate=1 if days < 1 else 0.05)
        node.run(int(days * DAY), MINUTE if days < 1 else 10 * MINUTE if trouble == "benign_noise" else 3 * MINUTE)
        lived[trouble] = node
    return lived[trouble]


@pytest.mark.parametrize("trouble", STORIES)
def test_a_disaster_raises_what_it_is_and_nothing_more(trouble: str, lived: dict[str, Watched]) -> None:
    node = life(trouble, lived)
    assert node.worst == STORIES[trouble][1]
    assert all(count == 1 for count in node.opened.values()), "each is opened once"


REPLAYED: dict[str, dict[str, str]] = {
    "audits_fail": {"piece_lost": C, "audit_score": C},
    "disk_dies": {"disk_failing": C, "audit_failed": C, "suspension_score": C, "node_restarting": W},
    "offline": {"satellite_unreachable": C, "online_score": C},
    "orders_locked": {"database_locked": W, "orders_unsent": C},
    "full": {},
    "restart_loop": {"node_restarting": C},
    "refuses_to_start": {"node_refuses_to_start": C},
    "benign_noise": {},
}
"""Trouble → what its log alone tells, afterwards and at once; that the disk is full stands in no line of it."""


@pytest.mark.parametrize("trouble", REPLAYED)
def test_its_log_replayed_raises_what_it_is_and_says_nothing_twice(trouble: str, tmp_path: Path) -> None:
    days, log = min(14, STORIES[trouble][0]), tmp_path / "node.log"
    node = SimulatedNode(1, start=1_795_305_600.0, rate=1 if days < 1 else 0.03, trouble=trouble)
    with log.open("wb") as file:
        for lines in node.seconds(node.begun, node.begun + int(days * DAY)):
            file.write(b"".join(lines))
    worst: dict[str, str] = {}
    said = list(events(Replay("attic", has_log=True).logs([str(log)])))
    for each in said:
        worst[each["rule"]] = each["severity"] if each["type"] != "close" else worst[each["rule"]]
    assert worst == REPLAYED[trouble]
    assert [each["rule"] for each in said if each["type"] == "open"] == list(worst), "each is opened once"
    told = [(each["id"], each["type"] == "close", each["severity"], *each["satellites"]) for each in said]
    assert len(told) == len(set(told))


def test_a_node_that_loses_pieces_ends_with_the_disqualification_alone(lived: dict[str, Watched]) -> None:
    node = life("audits_fail", lived)
    assert node.open == {"disqualified"}
    assert len(node.evaluator.book.open["disqualified:attic"].members) == 4
    first = next(told for told in node.story if told.rule == "piece_lost")
    lost = next(told for told in node.story if told.rule == "disqualified")
    assert first.age < 2 * HOUR + 5 * MINUTE < lost.age, "it is known long before"


def test_a_disk_that_died_is_not_well_because_its_node_is_silent(lived: dict[str, Watched]) -> None:
    node = life("disk_dies", lived)
    assert node.open == set(STORIES["disk_dies"][1]), "nobody said that anything is good again"
    down = node.evaluator.book.open["node_down:attic"]
    assert "does not answer" in down.text


def test_days_offline_count_down_to_the_disqualification(lived: dict[str, Watched]) -> None:
    node = life("offline", lived)
    told = [each for each in node.told if each.alert.rule == "satellite_unreachable"]
    assert [each.type for each in told] == ["open", "close"]
    assert told[0].at - node.node.begun < 3 * HOUR + 10 * MINUTE
    assert "17 days left" in told[1].alert.text
    assert node.open == {"online_score"}, "when it is back, only the score is left"
    assert all(told.satellites == 4 for told in node.story if told.rule == "satellite_unreachable")


def test_a_log_alone_tells_the_days_offline_too() -> None:
    node = watched("offline", rate=0.05, api=False)
    node.run(3 * DAY, 3 * MINUTE)
    assert node.worst == {"satellite_unreachable": C}


def test_an_api_alone_tells_the_days_offline_too() -> None:
    node = watched("offline", rate=0.05, log=False)
    node.run(DAY // 4, 3 * MINUTE)
    assert node.worst == {"node_down": C, "quic": W}, "without a log nobody knows that it reaches no satellite"


def test_a_loop_ends_an_hour_after_the_last_of_its_starts(lived: dict[str, Watched]) -> None:
    node = life("restart_loop", lived)
    assert not node.open
    assert [told.type for told in node.story] == ["open", "change", "close"]


def test_the_refusal_says_why(lived: dict[str, Watched]) -> None:
    (alert,) = life("refuses_to_start", lived).evaluator.book.open.values()
    assert "a database of the node is damaged" in alert.text
    assert alert.since <= life("refuses_to_start", lived).node.begun + 2 * HOUR + 2 * MINUTE
