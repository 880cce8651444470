from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.publish import discovery
from storj_monitor.publish.discovery import Agent
from storj_monitor.publish.leftovers import leftovers

TOWER = Agent("tower", "ab12", "1.0.0")
A = "1" + "a" * 49
NODE = discovery.config_topic(discovery.node_device(A))
SATELLITE = discovery.config_topic(discovery.satellite_device(A, "us1"))
AGENT = discovery.config_topic(TOWER.id)
ANNOUNCED = {
    AGENT: json.dumps(discovery.agent_payload(TOWER)).encode(),
    NODE: json.dumps(discovery.node_payload(TOWER, "attic", A, None)).encode(),
    SATELLITE: json.dumps(discovery.satellite_payload(TOWER, "attic", A, "us1", "1x")).encode(),
}
ATTIC = "storj-monitor/tower/attic"


def test_what_nobody_stands_for_goes_children_first_with_its_topics() -> None:
    found = leftovers(ANNOUNCED, [AGENT], [])
    assert [each.topic for each in found] == [SATELLITE, NODE]
    assert found[0].read == [f"{ATTIC}/satellite/us1/state"]
    assert found[1].read == [f"{ATTIC}/alerts", f"{ATTIC}/state", f"{ATTIC}/thresholds"]
    assert [each.payload for each in found] == [ANNOUNCED[SATELLITE], ANNOUNCED[NODE]]


def test_what_is_wanted_or_late_stays() -> None:
    assert leftovers(ANNOUNCED, ANNOUNCED, []) == []
    assert leftovers(ANNOUNCED, [AGENT], ["attic"]) == []


def test_an_agent_of_another_identity_takes_no_topic_of_this_one_along() -> None:
    assert leftovers(ANNOUNCED, [NODE, SATELLITE], ["attic"])[0].read == []


def dicts(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(values) | st.dictionaries(st.sampled_from(["cmps", "stat_t", "x"]), values)


damaged = st.recursive(st.none() | st.integers() | st.text(), dicts).map(lambda value: json.dumps(value).encode())


@given(st.binary(max_size=200) | damaged)
def test_a_damaged_memory_breaks_nothing(payload: bytes) -> None:
    assert [each.topic for each in leftovers({NODE: payload}, [], [])] == [NODE]
