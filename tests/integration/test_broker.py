"""A whole agent and a real broker: what is retained, what comes back, what a clean stop says."""

from __future__ import annotations

import json
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.integration import rig
from tests.mosquitto import Client, Mosquitto, until
from tests.sources.replay import API, Replay

from storj_monitor.app import App
from storj_monitor.check import check
from storj_monitor.publish import topics
from storj_monitor.settings import NodeSettings, load

STATUS = "storj-monitor/host/status"
STATE = "storj-monitor/host/attic/state"
NODE_ID = "12aXtQ9vPp7mVZbZhJf4oYH5kq1Wn8s2DcRgEuLxTtMiNoPqRsT"


def complete(kept: dict[str, bytes]) -> bool:
    """The agent, the node, two satellites, and each of them announced."""
    parts = [sum(part in topic for topic in kept) for part in ("/satellite/", "homeassistant/device/")]
    return kept.get(STATUS) == b"online" and parts == [2, 4]


async def test_what_is_retained_is_the_board(tmp_path: Path, broker: Mosquitto) -> None:
    node, log, clock = Replay(API / "1.162.3-healthy"), tmp_path / "node.log", rig.Clock(rig.NOON + 61)
    await node.up()
    log.write_bytes(b"".join(rig.line(second, number=second) for second in range(60)))
    nodes = {"attic": NodeSettings(log=str(log), api=node.url)}
    try:
        async with rig.running(tmp_path / "data", nodes, clock, mqtt={"url": broker.url}) as app:
            await rig.settle(app)
            with Client(broker) as client:
                await until(lambda: complete(client.retained), "all topics")
                clock.at += 61  # states that changed since are due
                await rig.settle(app)
                board = {topic: entry.payload for topic, entry in app._board.entries.items()}
                await until(lambda: board.items() <= client.retained.items(), "byte for byte what a browser sees")
                kept = client.retained
            configs = [json.loads(value) for topic, value in kept.items() if topic.startswith("homeassistant/device/")]
            assert len(configs) == 4, "the agent, the node, two satellites"
            assert all(config["dev"] and config["o"] and config["cmps"] for config in configs)
            assert json.loads(kept[STATE])["log_lines"] == 60
            broker.stop()
            broker.start()
            with Client(broker) as client:
                await until(lambda: complete(client.retained), "all topics after a broker that forgot them")
                await until(lambda: set(client.retained) == set(kept), "every topic")
        with Client(broker) as client:
            await until(lambda: client.retained.get(STATUS) == b"offline", "the clean stop")
    finally:
        await node.down()


def agent_alerts(app: App) -> dict[str, str]:
    """Open alerts of the agent itself: rule → text."""
    return {alert["rule"]: alert["text"] for alert in app._board.get(topics.agent_alerts(app._agent)) or ()}


async def test_with_least_rights_agents_see_each_other_and_a_refused_topic_is_named(tmp_path: Path) -> None:
    """The ACL example on a real broker: two agents, then a third that borrows the name of the first."""
    acl = (Path(__file__).parents[2] / "config" / "mosquitto.acl.example").read_text()
    broker = Mosquitto(tmp_path / "m", users={"attic": "a", "cellar": "c"}, acl=acl).start()
    clock = rig.Clock()

    def agent(name: str, folder: str) -> AbstractAsyncContextManager[App]:
        mqtt = {"url": broker.url, "username": name, "password": name[0]}
        return rig.running(tmp_path / folder, {}, clock, agent={"name": name}, mqtt=mqtt)

    try:
        async with agent("attic", "1") as attic, agent("cellar", "2") as cellar:
            await until(lambda: cellar._board.get(topics.status("attic")) == "online", "the other's status")
            await until(lambda: attic._board.get(topics.status("cellar")) == "online", "the other's status")
            async with rig.page(attic) as page:
                asked = await page.ask("insights", agent="cellar")
                assert asked["ok"], asked
            async with agent("attic", "3") as third:
                await until(lambda: third._agent == "attic-2", "another name")
                await until(lambda: bool(third._surroundings.view().refused), "the refusal")
                for _ in range(8):
                    clock.at += 61
                    for each in (attic, cellar, third):
                        await rig.settle(each)
                assert "refuses storj-monitor/attic-2/" in agent_alerts(third)["agent_broker"]
                assert "agent_broker" not in agent_alerts(attic) | agent_alerts(cellar)
    finally:
        broker.stop()


async def test_two_agents_of_one_node_say_so(tmp_path: Path, broker: Mosquitto) -> None:
    """The second waits to announce the node, keeps publishing its state, and raises the alert on its own board."""
    node, clock = Replay(API / "1.162.3-healthy"), rig.Clock()
    await node.up()
    nodes = {"attic": NodeSettings(api=node.url)}
    sections = [{"agent": {"name": name}, "mqtt": {"url": broker.url}} for name in ("one", "two")]
    try:
        async with rig.running(tmp_path / "1", nodes, clock, **sections[0]) as one:
            with Client(broker) as client:
                await until(lambda: sum("/device/storj_1" in topic for topic in client.retained) == 3, "the node")
            async with rig.running(tmp_path / "2", nodes, clock, **sections[1]) as two:
                await until(lambda: two._surroundings.view().conflicts == {"attic": "one"}, "the conflict")
                for _ in range(3):
                    clock.at += 61
                    await rig.settle(one)
                    await rig.settle(two)
                assert "attic is announced by the agent one, too" in agent_alerts(two)["agent_conflict"]
                assert "agent_conflict" not in agent_alerts(one)
                with Client(broker) as client:
                    await until(lambda: "storj-monitor/two/attic/state" in client.retained, "its own state")
    finally:
        await node.down()


async def test_check_asks_for_an_id_that_nobody_tells(tmp_path: Path, broker: Mosquitto) -> None:
    log, data = tmp_path / "node.log", tmp_path / "data"
    log.write_bytes(rig.line(1))
    over = {"data": {"dir": str(data)}, "mqtt": {"url": broker.url}, "nodes": {"attic": {"log": str(log)}}}

    async def asked() -> list[str]:
        return [each.text for each in await check(load(None, over, {})) if each.part == "id of attic"]

    assert "set node_id" in (await asked())[0]
    with log.open("ab") as file:
        file.write(f"2026-11-23T12:00:02Z\tINFO\t\tNode {NODE_ID} started\n".encode())
    async with rig.running(data, {"attic": NodeSettings(log=str(log))}, rig.Clock()) as app:
        await rig.settle(app)
    assert await asked() == [], "an agent on this folder has read it"
    (tmp_path / "data2").mkdir()
    over |= {"data": {"dir": str(tmp_path / "data2")}, "nodes": {"attic": {"log": str(log), "node_id": NODE_ID}}}
    assert await asked() == []
