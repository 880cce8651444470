from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.integration import rig
from tests.publish.ha_values import faults, faults_of_board, values
from tests.publish.test_discovery import REFERENCE, worst_alert

from storj_monitor.demo.runner import demo_nodes
from storj_monitor.settings import NodeSettings

NODE = REFERENCE["homeassistant/device/storj_12aXtQ9vPp7mVZbZhJf4oYH5kq1Wn8s2DcRgEuLxTtMiNoPqRsT/config"]
STATE, ALERTS, THRESHOLDS = (f"storj-monitor/tower/node1/{word}" for word in ("state", "alerts", "thresholds"))
ALWAYS = {"status", "version", "version_due"}
"""Keys whose templates rely on every payload having all keys."""
KEYS = sorted({word for each in NODE["cmps"].values() for word in json.dumps(each).split("value_json.")[1:]
               for word in [word.split()[0].strip(",)}") ]})  # fmt: skip


async def test_every_value_of_the_demo_is_one_that_home_assistant_takes(tmp_path: Path) -> None:
    clock = rig.Clock()
    nodes = demo_nodes(tmp_path, clock=clock, history=3600.0, tick=1e9)
    for node in nodes:
        await node.start()
    try:
        settings = {node.name: NodeSettings(log=str(node.log), api=node.api) for node in nodes}
        async with rig.running(tmp_path / "data", settings, clock) as app, rig.page(app) as page:
            await rig.settle(app)
            topics = [f"storj-monitor/host/{node.name}/state" for node in nodes]
            await page.until(lambda state: all(state[topic]["payout_estimate"] is not None for topic in topics))
            assert faults_of_board(app._board, "host") == []
    finally:
        for node in nodes:
            await node.stop()


numbers = st.one_of(st.integers(-(10**9), 4 * 10**9), st.floats(-1e9, 4e9))
odd_ones = st.one_of(st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=3), st.none(), max_size=2))
anything = st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=20), odd_ones)
MAY_SAY = ("is not among the options", "is empty", "is not within")
"""What a wrong value of the right type is told; none of it is a warning but for the options."""


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), anything), st.sets(st.sampled_from(KEYS)))
def test_no_value_makes_a_template_fail(odd: dict[str, Any], missing: set[str]) -> None:
    state = {key: odd.get(key) for key in KEYS if key in ALWAYS or key not in missing}
    limits = {key: value for key, value in state.items() if not isinstance(value, bool)}  # a number to Jinja
    said = faults(NODE, {STATE: json.dumps(state), THRESHOLDS: json.dumps(limits)})
    assert [each for each in said if not any(word in each for word in MAY_SAY)] == []


def test_nothing_known_is_unknown_and_no_zero() -> None:
    shown = values(NODE, {STATE: json.dumps(dict.fromkeys(KEYS)), ALERTS: "[]", THRESHOLDS: "{}"})
    assert {key: value for key, value in shown.items() if value != "None"} == {
        "alerts": "0", "maintenance": "OFF", "version": "{}",
    }  # fmt: skip
    assert faults(NODE, {STATE: json.dumps(dict.fromkeys(KEYS)), ALERTS: "[]"}) == []


def test_sizes_are_read_in_gigabytes_and_rates_in_megabits() -> None:
    state = dict.fromkeys(KEYS) | {"disk_used": 1_234_567_890_123, "ingress_rate": 1_250_000, "started": 1_795_435_200}
    shown = values(NODE, {STATE: json.dumps(state)})
    assert (shown["disk_used"], shown["ingress_rate"]) == ("1234.6", "10.0")
    assert shown["started"] == "2026-11-23T12:00:00+00:00"


@pytest.mark.parametrize(
    ("state", "fault"),
    [
        ({"status": "confused"}, "status: 'confused' is not among the options"),
        ({"day_started": 1e9, "started": 1e9}, None),
        ({"name": "x" * 300}, None),
    ],
)
def test_the_rules_can_say_no(state: dict[str, Any], fault: str | None) -> None:
    assert faults(NODE, {STATE: json.dumps(dict.fromkeys(KEYS) | state)}) == ([fault] if fault else [])


def test_the_worst_alerts_are_stored_as_they_are_rendered() -> None:
    worst = json.dumps([worst_alert(number) for number in range(50)])
    assert faults(NODE, {ALERTS: worst}) == []
    whole = {**NODE["cmps"]["alerts"], "json_attr_tpl": "{{ {'alerts': value_json} | tojson }}"}
    broken = {**NODE, "cmps": {"alerts": whole}}
    assert any("are not stored" in each for each in faults(broken, {ALERTS: worst}))
