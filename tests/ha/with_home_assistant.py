"""The agent in a real Home Assistant: `make test-ha`."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.ha.home_assistant import HomeAssistant
from tests.integration import rig
from tests.mosquitto import Client, Mosquitto
from tests.test_home_assistant_config import cards, load

from storj_monitor.app import App
from storj_monitor.demo.runner import DemoNode
from storj_monitor.publish.publisher import Timing
from storj_monitor.settings import NodeSettings

ROOT = Path(__file__).parents[2]
SHOWN = ROOT / "artefacts" / "home-assistant.txt"
LASTING = r"(sensor|binary_sensor|switch|update)\.storj_(?!agent_\w+_(cpu|rss))"
PER_HOUR = 600
"""Recorder rows an hour that a node with its satellites may cause."""
AUTOMATIONS = """\
- alias: Alerts
  use_blueprint:
    path: storj/storj_alert.yaml
    input: {alerts: [event.storj_node1_alert, event.storj_agent_tower_alert], severities: [critical, warning, info]}
- alias: Down
  use_blueprint:
    path: storj/storj_node_down.yaml
    input:
      online: binary_sensor.storj_node1_online
      maintenance: switch.storj_node1_maintenance
      patience: {seconds: 1}
      actions:
        - action: persistent_notification.create
          data: {notification_id: node_down, message: "{{ node }} is down"}
"""


async def until(ask: Callable[[], Awaitable[Any]], what: str, seconds: float = 60) -> Any:
    """What `ask` answers once it is something."""
    end = time.monotonic() + seconds
    while not (found := await ask()):
        assert time.monotonic() < end, f"never came: {what}"
        await asyncio.sleep(0.25)
    return found


def write(node: DemoNode, begin: float, end: float) -> None:
    """What the node logs in that time."""
    with node.log.open("ab") as file:
        file.writelines(line for lines in node.node.seconds(begin, end) for line in lines)


async def hour(app: App, node: DemoNode, clock: rig.Clock) -> None:
    """Sixty minutes in which every source answers anew each minute, as fast as it goes."""
    api = app._apis["node1"]
    for _ in range(60):
        write(node, clock.at, clock.at + 60)
        clock.at += 60
        for slot in api._slots.values():
            slot.due = 0.0
        api._wake.set()
        await asyncio.sleep(0.3)
        await rig.settle(app)
        await asyncio.sleep(0.2)


async def test_everything_in_a_real_home_assistant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storj_monitor.publish.mqtt.Timing", partial(Timing, leftovers=2.0, jitter=lambda: 0.0))
    broker = Mosquitto(tmp_path / "broker", users={"tower": "t", "homeassistant": "h"},
                       acl=(ROOT / "config" / "mosquitto.acl.example").read_text()).start()  # fmt: skip
    home = HomeAssistant(Path(os.environ["HASS"]), tmp_path / "ha", AUTOMATIONS)
    shutil.copytree(ROOT / "config/home-assistant/blueprints", home.folder / "blueprints/automation/storj")
    clock = rig.Clock(time.time() // 86400 * 86400 - 43200)
    node = DemoNode(tmp_path, clock=clock, seed=1, name="node1", history=7200, rate=25.0, tick=1e9)
    await node.start()
    nodes = {"node1": NodeSettings(log=str(node.log), api=node.api)}
    agent = partial(rig.running, tmp_path / "data", clock=clock, agent={"name": "tower"},
                    mqtt={"url": broker.url, "username": "tower", "password": "t"})  # fmt: skip
    await home.start()
    try:
        await home.add_mqtt(broker, "homeassistant", "h")
        async with agent(nodes=nodes) as app:
            await rig.settle(app)
            await entities(home)
            rows = await an_hour_of_rows(home, app, node, clock)
            await cards_can_be_shown(home)
            await switches(home)
            await it_comes_back(home)
            sums = await statistics(home)
            await everything_switched_on(home)
            await show(
                home, [f"recorder rows of an hour, a node with its satellites: {rows} (at most {PER_HOUR})", *sums]
            )
            await node_goes_down(home, app, node, clock)
        assert home.complaints() == []
        # The agent without its node while Home Assistant is down: once it is back, the devices go and nothing is left.
        await home.stop()
        async with agent(nodes={}):
            await asyncio.sleep(10)
            await home.start()
            await until(lambda: gone(home), "the removal of the node", 120)
            await asyncio.sleep(3)
        with Client(broker, "storj-monitor/#", username="homeassistant", password="h") as client:
            await asyncio.sleep(1)
            assert [topic for topic in client.retained if "/node1/" in topic] == []
        assert [line for line in home.complaints() if "No device components to cleanup" not in line] == []
    finally:
        await home.stop()
        broker.stop()


async def an_hour_of_rows(home: HomeAssistant, app: App, node: DemoNode, clock: rig.Clock) -> int:
    """Rows that the recorder writes in an hour of readings, of a node with its satellites."""
    before = home.rows()
    await hour(app, node, clock)
    await asyncio.sleep(3)
    of_node = {entity: rows - before.get(entity, 0) for entity, rows in home.rows().items() if "storj_node1" in entity}
    assert of_node["sensor.storj_node1_disk_used"] > 20, "each reading is seen"
    assert of_node["sensor.storj_node1_ingress_today"] >= 1, "the node books its traffic by the hour"
    assert sum(of_node.values()) <= PER_HOUR, of_node
    return sum(of_node.values())


async def switches(home: HomeAssistant) -> None:
    """What can be pressed and switched does its work; Home Assistant finds nothing to repair."""
    for state in ("on", "off"):
        await home.call(f"switch.turn_{state}", "switch.storj_node1_maintenance")
        await until(partial(is_state, home, "switch.storj_node1_maintenance", state), f"maintenance {state}")
    await home.call("button.press", "button.storj_agent_tower_notify_test")
    await until(partial(was_pressed, home), "the test alert")
    assert await home.ask("recorder/validate_statistics") == {}
    assert (await home.ask("repairs/list_issues"))["issues"] == []


async def it_comes_back(home: HomeAssistant) -> None:
    """After a restart of Home Assistant every state is what it was."""
    kept = {entity: state["state"] for entity, state in (await home.states()).items() if re.match(LASTING, entity)}
    await home.stop()
    await home.start()

    async def same() -> bool:
        now = await home.states()
        return all(now.get(entity, {}).get("state") == state for entity, state in kept.items())

    await until(same, "the states after a restart")


async def statistics(home: HomeAssistant) -> list[str]:
    """What its long-term statistics make of the readings: the sum is what was added since the first one."""
    said = []
    for key in ("ingress_today", "egress_today", "payout_estimate"):
        entity = f"sensor.storj_node1_{key}"
        first, last = home.first_and_last(entity)

        async def compiled(entity: str = entity, last: float = last) -> Any:
            found = await home.ask("recorder/statistics_during_period", start_time="2020-01-01T00:00:00Z",
                                   statistic_ids=[entity], period="5minute", types=["state", "sum"])  # fmt: skip
            rows = found.get(entity, [])
            return rows if rows and rows[-1]["state"] == pytest.approx(last, abs=0.005) else None

        rows = await until(compiled, f"statistics of {entity}", 400)
        assert rows[-1]["sum"] == pytest.approx(last - first, abs=0.02), (first, last, rows)
        said.append(f"statistics of {entity}: from {first} to {last}, sum {rows[-1]['sum']:.3f}")
    return said


async def everything_switched_on(home: HomeAssistant) -> None:
    """The entities that are off by default have a state and no complaint, too."""
    for each in await home.ask("config/entity_registry/list"):
        if each["platform"] == "mqtt" and each["disabled_by"]:
            await home.ask("config/entity_registry/update", entity_id=each["entity_id"], disabled_by=None)
    registry = [each for each in await home.ask("config/entity_registry/list") if each["platform"] == "mqtt"]
    assert not [each for each in registry if each["disabled_by"]]

    async def there() -> bool:
        states = await home.states()
        return all(states.get(each["entity_id"], {}).get("state", "unavailable") != "unavailable" for each in registry)

    await until(there, "states of all entities", 90)
    assert await home.ask("recorder/validate_statistics") == {}


async def node_goes_down(home: HomeAssistant, app: App, node: DemoNode, clock: rig.Clock) -> None:
    """Both blueprints act."""
    await node.stop()
    for _ in range(20):
        clock.at += 61
        app._apis["node1"]._slots["node"].due = 0.0
        app._apis["node1"]._wake.set()
        await asyncio.sleep(0.1)
        await rig.settle(app)
    await until(lambda: told(home, "node_down"), "the blueprint that acts on a node that is down")
    await until(lambda: told(home, "storj_"), "the blueprint that tells of alerts")


async def was_pressed(home: HomeAssistant) -> bool:
    return (await home.states())["event.storj_agent_tower_alert"]["state"] not in {"unknown", "unavailable"}


async def is_state(home: HomeAssistant, entity: str, value: str) -> bool:
    return bool((await home.states())[entity]["state"] == value)


async def told(home: HomeAssistant, begin: str) -> bool:
    found = await home.ask("persistent_notification/get")
    return any(each["notification_id"].startswith(begin) for each in found)


async def gone(home: HomeAssistant) -> bool:
    return not [each for each in await home.ask("config/entity_registry/list") if "storj_node1" in each["entity_id"]]


async def entities(home: HomeAssistant) -> None:
    """Wait for all devices and for values; then each entity that is on has a state."""

    async def there() -> bool:
        known = await home.states()
        return all(known.get(f"sensor.storj_node1_{key}", {}).get("state") not in {None, "unknown", "unavailable"}
                   for key in ("status", "disk_used", "ingress_today", "payout_estimate"))  # fmt: skip

    await until(there, "values of the node")
    registry = await home.ask("config/entity_registry/list")
    ours = [each for each in registry if each["platform"] == "mqtt"]
    on = [each["entity_id"] for each in ours if each["disabled_by"] is None]
    node = [each for each in on if re.search(r"\.storj_node1_(?!us1|eu1|ap1|saltlake)", each)]
    assert len(node) <= 20, node
    states = await home.states()
    assert {each for each in on if each not in states} == set()
    assert [each for each in on if states[each]["state"] == "unavailable"] == []


async def show(home: HomeAssistant, lines: list[str]) -> None:
    """Write the list of entities with their values below what was measured, to be looked at."""
    states = await home.states()
    for entity, state in sorted(states.items()):
        if ".storj_" in entity:
            unit = state["attributes"].get("unit_of_measurement", "")
            lines.append(f"{entity:58} {state['attributes'].get('friendly_name', ''):44} {state['state']} {unit}")
    SHOWN.parent.mkdir(exist_ok=True)
    SHOWN.write_text("\n".join(lines) + "\n")


async def cards_can_be_shown(home: HomeAssistant) -> None:
    """Every entity of the dashboard is there, and its tables say what the states say."""
    known, dashboard = await home.states(), load("dashboard.yaml")
    text = yaml.dump(dashboard)
    assert set(re.findall(r"entity: (\w+\.\w+)", text)) <= set(known)
    tables = [card["content"] for view in dashboard["views"] for card in cards(view) if card["type"] == "markdown"]
    nodes, alerts = [await home.render(each) for each in tables]
    row = next(line for line in nodes.splitlines() if "node1" in line)
    assert row.count("|") == 6, nodes
    assert known["sensor.storj_node1_payout_estimate"]["state"] in row
    assert "None" not in nodes
    assert alerts.strip()
