from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.publish.ha_rules import ATTRIBUTES_MAX, attributes_size, faults, faults_of_all

from storj_monitor.core.ha import EVENT_TYPES
from storj_monitor.core.satellites import SATELLITES, satellite_name
from storj_monitor.publish import discovery
from storj_monitor.publish.discovery import Agent
from storj_monitor.publish.topics import RESERVED

if TYPE_CHECKING:
    from collections.abc import Callable

REFERENCE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "fixtures/home-assistant-reference.json").read_text()
)
TOWER = Agent("tower", "9f3c2b7a51d0", "1.0.0", "http://192.0.2.10:8770/", "https://example.org/storj-node-monitor")
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
NODE_1 = "12aXtQ9vPp7mVZbZhJf4oYH5kq1Wn8s2DcRgEuLxTtMiNoPqRsT"
GARAGE = "1Qw8ErTyUiPaSdFgHjKzXcVbNm2Qw3ErTy4UiPaSdFgHjKzXcV"


def announced(agent: Agent, nodes: dict[str, str], satellites: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Everything an agent announces: `nodes` = name → id, `satellites` = short name → id, at each of them."""
    payloads = {discovery.config_topic(agent.id): discovery.agent_payload(agent)}
    for name, node_id in nodes.items():
        topic = discovery.config_topic(discovery.node_device(node_id))
        payloads[topic] = discovery.node_payload(agent, name, node_id, "1.162.3")
        for satellite, satellite_id in satellites.items():
            topic = discovery.config_topic(discovery.satellite_device(node_id, satellite))
            payloads[topic] = discovery.satellite_payload(agent, name, node_id, satellite, satellite_id)
    return payloads


def test_payloads_are_those_that_real_home_assistants_took() -> None:
    ours = announced(TOWER, {"node1": NODE_1}, {"us1": SATELLITES[0].id}) | announced(
        TOWER, {"garage-2": GARAGE}, {"127_0_0_1_10000": "162LhjMGUL6MbdjVNFjWFsKVKM151Mv3k1HM4ACKWtH3MKJDf1"}
    )
    assert ours.keys() == REFERENCE.keys()
    for topic, payload in REFERENCE.items():
        assert ours[topic] == payload


def test_few_entities_are_on_by_default() -> None:
    on = {topic: sum("en" not in each for each in payload["cmps"].values()) for topic, payload in REFERENCE.items()}
    assert sorted(on.values()) == [6, 6, 10, 20, 20]


def test_nothing_unknown_is_sent() -> None:
    payload = discovery.node_payload(Agent("pi", "ab12", "1.0.0"), "attic", NODE_1, None)
    assert payload["dev"].keys() == {"ids", "name", "mf", "mdl", "sn", "via_device"}
    assert payload["o"] == {"name": "storj-monitor", "sw": "1.0.0"}
    assert "cu" not in discovery.agent_payload(Agent("pi", "ab12", "1.0.0"))["dev"]


def test_a_rename_keeps_every_identity() -> None:
    old = discovery.node_payload(TOWER, "attic", NODE_1, "1.162.3")
    new = discovery.node_payload(Agent("other", "77", "1.0.0"), "cellar", NODE_1, "1.162.3")
    assert old["dev"]["ids"] == new["dev"]["ids"]
    assert [each["uniq_id"] for each in old["cmps"].values()] == [each["uniq_id"] for each in new["cmps"].values()]


def test_150_nodes_break_no_rule() -> None:
    nodes = {f"node-{i:03}": f"1{BASE58[i % 58]}{BASE58[i // 58]}{'x' * 47}" for i in range(150)}
    payloads = announced(TOWER, nodes, {each.name: each.id for each in SATELLITES})
    assert len(payloads) == 1 + 150 * 8
    assert faults_of_all(payloads) == []


names = st.from_regex(r"[a-z0-9_-]{1,40}", fullmatch=True).filter(lambda name: name not in RESERVED)
ids = st.text(BASE58, min_size=40, max_size=60)
anything = st.text(max_size=80)


@settings(max_examples=60, deadline=None)
@given(names, st.dictionaries(names, ids, max_size=3), st.lists(st.tuples(ids, anything), max_size=3))
def test_hostile_names_break_no_rule(agent: str, nodes: dict[str, str], satellites: list[tuple[str, str]]) -> None:
    nodes = {name: node_id for name, node_id in nodes.items() if list(nodes.values()).count(node_id) == 1}
    short = {satellite_name(satellite_id, url): satellite_id for satellite_id, url in satellites}
    payloads = announced(Agent(agent, "ab12", "1.0.0", "http://[::1]:1/x"), nodes, short)
    assert faults_of_all(payloads) == []


def worst_alert(number: int) -> dict[str, Any]:
    text = "ü" * 300
    where = {"node": "n" * 40, "satellite": "s" * 64, "nodes": ["n" * 40] * 150, "satellites": []}
    named = {"id": f"database_damaged:{'n' * 40}:{number}", "rule": "satellite_unreachable", "severity": "critical"}
    said = {"since": 1_795_400_000, "text": text, "next_step": text, "acknowledged": False, "silenced_until": None}
    return named | where | said


def test_attributes_of_ten_worst_alerts_are_stored_by_home_assistant() -> None:
    alerts = [worst_alert(number) for number in range(50)]
    assert 14_000 < attributes_size(alerts) < ATTRIBUTES_MAX < len(json.dumps(alerts[:10], ensure_ascii=False).encode())


def test_event_types_are_those_of_the_contract() -> None:
    text = (Path(__file__).parents[2] / "agent/docs/contract.md").read_text()
    assert "|".join(f'"{each}"' for each in EVENT_TYPES) in text


# ---- the rules must be able to say no ----


def component(payload: dict[str, Any], key: str, **changes: Any) -> None:
    payload["cmps"][key] = {k: v for k, v in (payload["cmps"][key] | changes).items() if v != "GONE"}


BROKEN: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
    ("unknown keys at the top", lambda p: p.update({"~": "storj-monitor"})),
    ("exclude each other", lambda p: p.update(avty_t="a/b")),
    ("missing {'o'}", lambda p: p.pop("o")),
    ("origin needs a name", lambda p: p["o"].pop("name")),
    ("dev: unknown keys", lambda p: p["dev"].update(entry_type="service")),
    ("neither ids nor cns", lambda p: p["dev"].pop("ids")),
    ("no name", lambda p: p["dev"].pop("name")),
    ("is no text", lambda p: p["dev"].update(sw=1)),
    ("has no scheme", lambda p: p["dev"].update(cu="pi:8787")),
    ("platform", lambda p: component(p, "online", p="binarysensor")),
    ("does not know", lambda p: component(p, "disk_used", sug_dsp_prec=1)),
    ("does not know", lambda p: component(p, "disk_used", exp_aft=300)),
    ("missing {'uniq_id'}", lambda p: component(p, "disk_used", uniq_id="GONE")),
    ("missing {'cmd_t'}", lambda p: component(p, "refresh", cmd_t="GONE")),
    ("def_ent_id begins", lambda p: component(p, "disk_used", def_ent_id="storj_node1_disk_used")),
    ("not one slug", lambda p: component(p, "disk_used", obj_id="storj_node1__disk")),
    ("not one slug", lambda p: component(p, "disk_used", obj_id="Storj", def_ent_id="sensor.Storj")),
    ("longer than 255", lambda p: component(p, "disk_used", obj_id="x" * 250, def_ent_id=f"sensor.{'x' * 250}")),
    ("name 'Storj node1", lambda p: component(p, "disk_used", name="Storj node1 disk used")),
    ("icon", lambda p: component(p, "disk_used", ic="harddisk")),
    ("category", lambda p: component(p, "disk_used", ent_cat="config")),
    ("en that is not", lambda p: component(p, "disk_used", en=True)),
    ("without template", lambda p: component(p, "status", json_attr_tpl="GONE")),
    ("braces", lambda p: component(p, "disk_used", val_tpl="{{ value_json.disk_used is number }")),
    ("class 'money'", lambda p: component(p, "held_total", dev_cla="money")),
    ("unit 'TBm'", lambda p: component(p, "disk_used", unit_of_meas="TBm")),
    ("unit 's' for timestamp", lambda p: component(p, "started", unit_of_meas="s")),
    ("state class 'measurement' for monetary", lambda p: component(p, "held_total", stat_cla="measurement")),
    ("come together", lambda p: component(p, "disk_used", stat_cla="GONE")),
    ("options and enum", lambda p: component(p, "status", ops=[])),
    ("last reset", lambda p: component(p, "ingress_today", stat_cla="measurement")),
    ("precision", lambda p: component(p, "disk_used", sug_dsp_prc="GONE")),
    ("type test", lambda p: component(p, "disk_used", val_tpl="{{ value_json.disk_used }}")),
    ("ON and OFF", lambda p: component(p, "online", val_tpl="{{ value_json.online }}")),
    ("range", lambda p: component(p, "online_score_threshold", min=100)),
    ("unit '°'", lambda p: component(p, "online_score_threshold", unit_of_meas="°")),
    ("event types", lambda p: component(p, "alert", evt_typ=[])),
    ("qos of an event", lambda p: component(p, "alert", qos="GONE")),
    ("no JSON object", lambda p: component(p, "refresh", pl_prs='"PRESS"')),
    ("no JSON object", lambda p: component(p, "maintenance", pl_on="1")),
]


@pytest.mark.parametrize(("fault", "breaking"), BROKEN, ids=[f"{i}-{fault}" for i, (fault, _) in enumerate(BROKEN)])
def test_each_rule_refuses(fault: str, breaking: Callable[[dict[str, Any]], object]) -> None:
    topic = discovery.config_topic(discovery.node_device(NODE_1))
    payload = copy.deepcopy(REFERENCE[topic])
    assert faults(topic, payload) == []
    breaking(payload)
    assert any(fault in each for each in faults(topic, payload)), faults(topic, payload)


def test_rules_over_all_refuse() -> None:
    topic = discovery.config_topic(discovery.node_device(NODE_1))
    assert "illegal discovery topic" in faults("homeassistant/device/storj.1/config", REFERENCE[topic])[0]
    twice = {topic: REFERENCE[topic], f"{topic[:-7]}x/config": REFERENCE[topic]}
    found = faults_of_all(twice)
    assert any("is used 2 times" in each for each in found)
    assert any("before its parent" in each for each in found)
