from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.core import metrics
from storj_monitor.publish import topics
from storj_monitor.publish.topics import Place

MADE = [
    (topics.status("tower"), Place("status")),
    (topics.about("tower"), Place("about")),
    (topics.agent_alerts("tower"), Place("alerts")),
    (topics.agent_event("tower"), Place("event")),
    (topics.ask("tower"), Place("ask")),
    (topics.agent_command("tower", "notify_test"), Place("command", command="notify_test")),
    (topics.node_state("tower", "attic"), Place("state", "attic")),
    (topics.node_alerts("tower", "attic"), Place("alerts", "attic")),
    (topics.node_event("tower", "attic"), Place("event", "attic")),
    (topics.thresholds("tower", "attic"), Place("thresholds", "attic")),
    (topics.node_command("tower", "attic", "refresh"), Place("command", "attic", command="refresh")),
    (topics.satellite_state("tower", "attic", "us1"), Place("state", "attic", "us1")),
]


@pytest.mark.parametrize(("topic", "where"), MADE)
def test_every_topic_is_taken_apart_as_it_was_made(topic: str, where: Place) -> None:
    assert topics.place(topic, "tower") == where
    assert topics.place(topic, "towe") is None


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "storj-monitor/tower",
        "storj-monitor/tower/",
        "storj-monitor/tower/command/",
        "storj-monitor/tower/command/command/refresh",
        "storj-monitor/tower/ask/state",
        "storj-monitor/tower//state",
        "storj-monitor/tower/attic",
        "storj-monitor/tower/attic/state/more",
        "storj-monitor/tower/attic/satellite//state",
        "homeassistant/storj-monitor/tower/status",
    ],
)
def test_other_topics_are_nobodys(topic: str) -> None:
    assert topics.place(topic, "tower") is None


@given(st.text())
def test_no_topic_breaks_it(topic: str) -> None:
    topics.place(topic, "tower")
    topics.place(f"storj-monitor/tower/{topic}", "tower")


def test_names() -> None:
    assert topics.default_agent_name("Pi 4.lan") == "pi-4"
    assert topics.default_agent_name("status.lan") == "agent"
    assert topics.default_agent_name("") == "agent"
    assert topics.check_name("garage-2") == "garage-2"
    for bad in ("", "Attic", "a/b", "a+", "ü", "x" * 41, "command"):
        with pytest.raises(ValueError, match="for example"):
            topics.check_name(bad)


@given(st.from_regex(r"[a-z0-9_-]{1,40}", fullmatch=True), st.integers(1, 99))
def test_a_numbered_name_is_a_name(name: str, number: int) -> None:
    made = topics.numbered(name, number)
    assert len(made) <= topics.NAME_MAX
    assert made == name if number == 1 else made.endswith(f"-{number}")


def test_slugs() -> None:
    assert topics.slug("storj_garage-2_online") == "storj_garage_2_online"
    assert topics.slug("__A--b__") == "a_b"


def test_a_payload_has_every_key_in_order_and_no_other() -> None:
    state = topics.ordered_node({"online": True, "ts": 1})
    assert list(state) == [row.key for row in metrics.NODE]
    assert state["online"] is True
    assert state["disk_used"] is None
    assert list(topics.ordered_satellite({})) == [row.key for row in metrics.SATELLITE]
    with pytest.raises(KeyError, match="no row in the metric table for diskUsed"):
        topics.ordered_node({"diskUsed": 1})
