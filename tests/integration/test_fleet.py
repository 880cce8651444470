"""Several agents on one broker: any page shows them all, and each answers for its own nodes."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration import rig
from tests.mosquitto import HOST, Client, Mosquitto, until

from storj_monitor.publish import discovery, fleet
from storj_monitor.settings import NodeSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storj_monitor.app import App


@contextlib.asynccontextmanager
async def agent(
    folder: Path, name: str, broker: Mosquitto, clock: rig.Clock, *nodes: str, node_id: str | None = None
) -> AsyncIterator[App]:
    """One agent with a log of 60 uploads for each node."""
    known = {}
    for node in nodes:
        log = folder / f"{name}-{node}.log"
        log.write_bytes(b"".join(rig.line(second, number=second) for second in range(60)))
        known[node] = NodeSettings(log=str(log), node_id=node_id)
    sections: dict[str, Any] = {"agent": {"name": name}, "mqtt": {"url": broker.url}}
    async with rig.running(folder / name, known, clock, **sections) as app:
        await rig.settle(app)
        yield app


def state(agent_name: str, node: str) -> str:
    return f"storj-monitor/{agent_name}/{node}/state"


async def test_an_agent_without_nodes_shows_the_whole_fleet(tmp_path: Path, broker: Mosquitto) -> None:
    clock = rig.Clock(rig.NOON + 61)
    async with contextlib.AsyncExitStack() as stack:
        attic = await stack.enter_async_context(agent(tmp_path, "pi", broker, clock, "attic", "cellar"))
        await stack.enter_async_context(agent(tmp_path, "nas", broker, clock, "attic"))
        viewer = await stack.enter_async_context(agent(tmp_path, "fleet", broker, clock))
        page = await stack.enter_async_context(rig.page(viewer))
        wanted = {state("pi", "attic"), state("pi", "cellar"), state("nas", "attic")}
        await page.until(lambda board: wanted <= board.keys())
        hello = next(message for message in page.messages if message["t"] == "hello")
        assert hello["agent"] == "fleet"
        await page.until(lambda board: board.get("storj-monitor/pi/status") == "online")
        # byte for byte what the owner has
        with Client(broker) as client:
            await until(lambda: wanted <= client.retained.keys(), "what is retained")
            for topic in wanted:
                assert json.loads(client.retained[topic])["log_lines"] == 60
                assert viewer._board.entries[topic].payload == client.retained[topic]
        assert not [topic for topic in attic._engine.nodes if topic == "fleet"]

        # history comes from the owner, and its refusals too
        span = {"from": rig.NOON, "to": rig.NOON + 120, "step": 60}
        answer = await page.ask("history", agent="pi", node="cellar", metrics=["uploads"], **span)
        assert answer["result"]["rows"] == [[int(rig.NOON), 60], [int(rig.NOON) + 60, None]]
        refused = await page.ask("history", agent="pi", node="nobody", metrics=["uploads"], **span)
        assert refused["error"]["code"] == "unknown_node"
        for cmd, args, code in (
            ("set", {"agent": "pi", "key": "x", "value": 1}, "not_allowed"),
            ("events", {"agent": "nowhere"}, "unavailable"),
            ("events", {"agent": 5}, "bad_argument"),
            ("forget", {"agent": "pi"}, "not_allowed"),
            ("forget", {"agent": "fleet"}, "not_allowed"),
            ("events", {"agent": "fleet", "limit": 5}, None),
        ):
            said = await page.ask(cmd, **args)
            assert said.get("error", {}).get("code") == code, cmd

        # the owner does what a page elsewhere asks for
        assert (await page.ask("maintenance", agent="pi", node="attic", on=True, hours=1))["ok"]
        await page.until(lambda board: board[state("pi", "attic")]["maintenance_until"] == clock() + 3600)


async def test_an_agent_that_left_stays_until_it_is_forgotten(tmp_path: Path, broker: Mosquitto) -> None:
    clock = rig.Clock(rig.NOON + 61)
    async with agent(tmp_path, "fleet", broker, clock) as viewer, rig.page(viewer) as page:
        async with agent(tmp_path, "pi", broker, clock, "attic"):
            await page.until(lambda board: board.get("storj-monitor/pi/status") == "online")
            await page.until(lambda board: state("pi", "attic") in board)
        await page.until(lambda board: board["storj-monitor/pi/status"] == "offline")
        assert page.state[state("pi", "attic")]["log_lines"] == 60
        said = await page.ask(
            "history", agent="pi", node="attic", metrics=["uploads"], **{"from": 0, "to": 9, "step": 9}
        )
        assert said["error"] == {
            "code": "unavailable", "text": "pi is offline; its history is only on that host."
        }  # fmt: skip
        assert (await forget(page, "pi"))["ok"]
        await page.until(lambda board: not [topic for topic in board if "/pi/" in topic])
        with Client(broker, "storj-monitor/#") as client:
            await asyncio.sleep(0.2)
            assert not [topic for topic, payload in client.retained.items() if "/pi/" in topic and payload]


def config(node_id: str, satellite: str | None = None) -> str:
    device = discovery.satellite_device(node_id, satellite) if satellite else discovery.node_device(node_id)
    return discovery.config_topic(device)


MINE, THEIRS = "1" + "a" * 49, "1" + "b" * 49
NODE, AT_US1, OF_OTHERS = config(MINE), config(MINE, "us1"), config(THEIRS)


async def forget(page: rig.Page, name: str) -> dict[str, Any]:
    """The answer, as soon as all is read that the agent said."""
    while True:
        said = await page.ask("forget", agent=name)
        if said["ok"] or "try again in a moment" not in said["error"]["text"]:
            return said
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def gone_agent(folder: Path, broker: Mosquitto, viewer: App, client: Client) -> AsyncIterator[rig.Page]:
    """A page that sees `pi`, which is gone, with its devices and a node that another agent has taken over."""
    clock = rig.Clock(rig.NOON + 61)
    async with rig.page(viewer) as page:
        async with agent(folder, "pi", broker, clock, "attic", node_id=MINE):
            await until(lambda: client.retained.get(NODE), "the node's device")
            await page.until(lambda board: board.get("storj-monitor/pi/status") == "online")
        pi, other = (discovery.Agent(name, "ff", "1.0.0") for name in ("pi", "other"))
        client.publish(AT_US1, json.dumps(discovery.satellite_payload(pi, "attic", MINE, "us1", None)), retain=True)
        client.publish("storj-monitor/pi/attic/satellite/us1/state", "{}", retain=True)
        client.publish(OF_OTHERS, json.dumps(discovery.node_payload(other, "cellar", THEIRS, None)), retain=True)
        client.publish(state("pi", "cellar"), json.dumps({"node_id": THEIRS}), retain=True)
        client.publish(state("pi", "odd"), json.dumps({"node_id": "+/#"}), retain=True)
        await page.until(lambda board: state("pi", "odd") in board)
        await page.until(lambda board: board["storj-monitor/pi/status"] == "offline")
        yield page


async def test_forgetting_takes_the_devices_first_and_none_of_others(tmp_path: Path, broker: Mosquitto) -> None:
    clock = rig.Clock(rig.NOON + 61)
    async with agent(tmp_path, "fleet", broker, clock) as viewer:
        with Client(broker) as client:
            async with gone_agent(tmp_path, broker, viewer, client) as page:
                about = json.loads(client.retained["storj-monitor/pi/about"])
                device = discovery.config_topic(f"storj_monitor_{about['instance']}")
                assert client.retained.keys() >= {device, NODE, AT_US1, OF_OTHERS}
                assert (await forget(page, "pi"))["result"] == {"forgotten": "pi"}
                await until(lambda: not [topic for topic in client.retained if "/pi/" in topic], "the topics to go")
                emptied = {each.topic: each.at for each in client.seen if each.retain and not each.payload}
                devices = [topic for topic in emptied if topic.startswith("homeassistant/")]
                states = [at for topic, at in emptied.items() if topic.startswith("storj-monitor/pi/")]
                assert devices.index(AT_US1) < devices.index(NODE)
                assert set(devices) == {AT_US1, NODE, device}
                assert min(states) - max(emptied[topic] for topic in devices) >= 1, "Home Assistant lets go meanwhile"
                assert OF_OTHERS in client.retained


async def test_an_agent_that_comes_back_meanwhile_is_not_forgotten(tmp_path: Path, broker: Mosquitto) -> None:
    clock = rig.Clock(rig.NOON + 61)
    async with agent(tmp_path, "fleet", broker, clock) as viewer:
        with Client(broker) as client:
            async with gone_agent(tmp_path, broker, viewer, client) as page:
                before = client.retained
                asked = asyncio.create_task(forget(page, "pi"))
                await until(lambda: NODE not in client.retained, "the devices to go")
                client.publish("storj-monitor/pi/status", "online", retain=True)
                assert (await asked)["error"]["text"].startswith("pi is online; stop it first")
                await until(
                    lambda: client.retained == before | {"storj-monitor/pi/status": b"online"}, "all to be back"
                )


async def test_a_broker_that_lets_nobody_forget_is_said(tmp_path: Path) -> None:
    """With the ACL of the documentation an agent writes for itself alone."""
    clock, acl = rig.Clock(rig.NOON + 61), (Path(__file__).parents[2] / "config/mosquitto.acl.example").read_text()
    broker = Mosquitto(tmp_path / "strict", users={"fleet": "x", "pi": "x"}, acl=acl).start()
    try:
        with Client(broker, username="pi", password="x") as client:
            client.publish("storj-monitor/pi/status", "offline", retain=True)
        sections = {"agent": {"name": "fleet"}, "mqtt": {"url": f"mqtt://fleet:x@{HOST}:{broker.port}"}}
        async with rig.running(tmp_path / "fleet", {}, clock, **sections) as viewer, rig.page(viewer) as page:
            await page.until(lambda board: board.get("storj-monitor/pi/status") == "offline")
            said = (await forget(page, "pi"))["error"]
            assert said["code"] == "not_allowed"
            assert (
                "does not let this agent empty 1 topics, storj-monitor/pi/status for one (not authorized)"
                in said["text"]
            )
            assert page.state["storj-monitor/pi/status"] == "offline", "what is there is shown"
    finally:
        broker.stop()


async def test_a_fleet_survives_its_broker(tmp_path: Path, broker: Mosquitto) -> None:
    clock = rig.Clock(rig.NOON + 61)
    async with (
        agent(tmp_path, "pi", broker, clock, "attic"),
        agent(tmp_path, "fleet", broker, clock) as viewer,
        rig.page(viewer) as page,
    ):
        await page.until(lambda board: state("pi", "attic") in board)
        broker.kill()
        await page.until(lambda board: board["storj-monitor/pi/status"] == "offline")
        broker.start()
        await page.until(lambda board: board["storj-monitor/pi/status"] == "online")
        assert page.state[state("pi", "attic")]["log_lines"] == 60


async def test_what_no_agent_writes_never_reaches_the_page(tmp_path: Path, broker: Mosquitto) -> None:
    clock = rig.Clock(rig.NOON + 61)
    with Client(broker) as client:
        hostile = {
            "storj-monitor/x/status": b"<b>",
            "storj-monitor/x/about": b"[1]",
            "storj-monitor/x/alerts": b'{"a": 1}',
            "storj-monitor/x/n/state": b"\xff\x00",
            "storj-monitor/x/n/thresholds": b"[" * 90_000,
            "storj-monitor/x/n/satellite/s/state": b"17",
            "storj-monitor//n/state": b"{}",
        }
        for topic, payload in hostile.items():
            client.publish(topic, payload, retain=True)
        client.publish("storj-monitor/y/about", b'{"nodes": 1}', retain=True)
        await until(lambda: "storj-monitor/y/about" in client.retained, "the last of them")
        async with agent(tmp_path, "fleet", broker, clock) as viewer, rig.page(viewer) as page:
            await page.until(lambda board: "storj-monitor/y/about" in board)
            await asyncio.sleep(0.5)
            assert not [topic for topic in page.state if topic in hostile]
            assert not viewer._fleet or viewer._fleet.agents == ["y"]


async def test_what_does_not_fit_is_left_out_and_said(
    tmp_path: Path, broker: Mosquitto, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(fleet, "BYTES_MAX", 5_000)
    clock, topic = rig.Clock(rig.NOON + 61), state("x", "n")
    with Client(broker) as client:
        async with agent(tmp_path, "fleet", broker, clock) as viewer, rig.page(viewer) as page:
            client.publish("storj-monitor/x/status", "online", retain=True)
            client.publish(topic, json.dumps({"name": "x" * 3_000}), retain=True)
            await page.until(lambda board: topic in board)
            client.publish(state("x", "m"), json.dumps({"name": "x" * 3_000}), retain=True)
            await until(lambda: "storj-monitor/x/m/state and more are left out" in caplog.text, "the sentence")
            assert state("x", "m") not in page.state
            client.publish(topic, "", retain=True)
            client.publish(state("x", "o"), json.dumps({"name": "x" * 3_000}), retain=True)
            await page.until(lambda board: state("x", "o") in board and topic not in board)
