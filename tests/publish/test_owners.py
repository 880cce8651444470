"""Two agents that watch one node, against a real Mosquitto: one announces it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.mosquitto import Client, Mosquitto, until
from tests.publish.rig import BRISK, NODE_IDS, Rig

from storj_monitor.publish import discovery, owners
from storj_monitor.publish.owners import AWAY, Announced, read

if TYPE_CHECKING:
    from collections.abc import Iterator

GATE = f"homeassistant/device/storj_{NODE_IDS['attic']}/config"
US1 = f"homeassistant/device/storj_{NODE_IDS['attic']}_us1/config"
PATIENT = replace(BRISK, look=0.3, owners=0.1)
SMALL, GREAT = "000000000001", "ffffffffffff"


def rig(broker: Mosquitto, name: str, instance: str) -> Rig:
    return Rig(broker.url, name=name, instance=instance, timing=PATIENT)


def announcer(client: Client, topic: str = GATE) -> str | None:
    """The agent that the device there belongs to."""
    payload = client.retained.get(topic)
    return json.loads(payload)["avty"][0]["t"].split("/")[1] if payload else None


@pytest.mark.parametrize("newcomer", [SMALL, GREAT])
async def test_the_second_lets_the_first_announce_and_says_so(broker: Mosquitto, newcomer: str) -> None:
    first = rig(broker, "first", "888888888888").fill("attic")
    second = rig(broker, "second", newcomer).fill("attic", "cellar")
    with Client(broker) as client:
        async with first:
            await until(lambda: client.retained.get("storj-monitor/first/status") == b"online", "first online")
            async with second:
                await until(lambda: client.retained.get("storj-monitor/second/status") == b"online", "second online")
                await asyncio.sleep(0.5)
                assert second.link.conflicts() == {"attic": "first"}
                assert first.link.conflicts() == {}
                assert {announcer(client), announcer(client, US1)} == {"first"}
                assert announcer(client, GATE.replace(NODE_IDS["attic"], NODE_IDS["cellar"])) == "second"
                assert len(client.payloads(GATE)) == 1
                assert client.retained["storj-monitor/second/attic/state"]
                second.drop("attic")
                await asyncio.sleep(0.5)
                assert {announcer(client), announcer(client, US1)} == {"first"}
                assert second.link.conflicts() == {}
                assert not second.problems


async def test_a_node_is_taken_over_when_its_agent_stays_away(broker: Mosquitto) -> None:
    second = rig(broker, "second", GREAT).fill("attic")
    with Client(broker) as client:
        async with rig(broker, "first", SMALL).fill("attic"):
            await until(lambda: announcer(client, US1) == "first", "first's devices")
            await second.__aenter__()
            await until(lambda: second.link.conflicts() == {"attic": "first"}, "the conflict")
            await until(lambda: client.retained.get("storj-monitor/second/status") == b"online", "second online")
        await until(lambda: client.retained["storj-monitor/first/status"] == b"offline", "first's end")
        await asyncio.sleep(0.5)
        assert announcer(client) == "first", "a restart takes a while"
        second.time += AWAY
        await until(lambda: announcer(client, US1) == "second", "the node in new hands")
        assert announcer(client) == "second"
        assert second.link.conflicts() == {}
        async with rig(broker, "first", SMALL).fill("attic") as first:
            await until(lambda: first.link.conflicts() == {"attic": "second"}, "the first to wait in turn")
            assert announcer(client) == "second"
        await second.stop()


async def test_a_node_that_moved_is_not_emptied_by_the_host_it_left(broker: Mosquitto) -> None:
    old = rig(broker, "old", SMALL).fill("attic", "cellar")
    with Client(broker) as client:
        async with old:
            await until(lambda: announcer(client, US1) == "old", "old's devices")
        announced = {topic: payload for topic, payload in old.remembered.items() if payload is not None}
        async with rig(broker, "new", GREAT).fill("attic"):
            await until(lambda: announcer(client, US1) == "new", "the node on its new host, at once")
            again = replace(rig(broker, "old", SMALL), announced=announced, timing=replace(PATIENT, leftovers=0.3))
            async with again.fill("cellar"):
                await until(lambda: again.remembered.get("x", b"") == b"" and again.link.up, "old to be back")
                await asyncio.sleep(1.0)
            assert {announcer(client), announcer(client, US1)} == {"new"}
            assert b"" not in client.payloads(GATE) + client.payloads(US1)


async def test_two_that_start_at_once_end_with_one(broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owners, "AWAY", 1e9)
    with Client(broker) as client:
        small, great = rig(broker, "one", SMALL).fill("attic"), rig(broker, "two", GREAT).fill("attic")
        async with small, great:
            await until(lambda: great.link.conflicts() == {"attic": "one"}, "the greater to give way")
            await until(lambda: {announcer(client), announcer(client, US1)} == {"one"}, "the smaller's devices")
            await asyncio.sleep(0.5)
            assert small.link.conflicts() == {}
            assert {announcer(client), announcer(client, US1)} == {"one"}
            assert len(client.payloads(GATE)) < 6


@pytest.mark.parametrize("name", ["#", "+", "a#", "x" * 70_000, "\0", ""])
async def test_an_announcement_of_nonsense_is_written_over(broker: Mosquitto, name: str) -> None:
    """Whoever may write discovery could else end another agent's link for good."""
    payload = discovery.node_payload(discovery.Agent(name, "ff", "1.0.0"), "attic", NODE_IDS["attic"], None)
    with Client(broker) as client:
        client.publish(GATE, json.dumps(payload), retain=True)
        async with rig(broker, "first", SMALL).fill("attic"):
            await until(lambda: announcer(client) == "first", "the node's device")
            await until(lambda: client.retained.get("storj-monitor/first/status") == b"online", "first online")


def payloads() -> Iterator[tuple[str, Any, Announced | None]]:
    agent = discovery.Agent("pi", SMALL, "1.0.0")
    node = discovery.node_payload(agent, "attic", "id1", "1.1.1")
    satellite = discovery.satellite_payload(agent, "attic", "id1", "us1", None)
    gate = "ha/device/storj_id1/config"
    yield gate, node, Announced(gate, "attic", "pi", SMALL)
    yield "ha/device/storj_id1_us1/config", satellite, Announced(gate, "attic", "pi", None)
    yield "ha/device/storj_monitor_x/config", discovery.agent_payload(agent), None
    odd: list[Any] = [None, 1, [], {}, {"dev": None}, {"dev": {}, "stat_t": 1}]
    for hostile in [*odd, {"dev": {"via_device": 3}, "stat_t": "a/b/c"}]:
        yield gate, hostile, None


@pytest.mark.parametrize(("topic", "payload", "expected"), list(payloads()))
def test_what_a_config_says(topic: str, payload: Any, expected: Announced | None) -> None:
    assert read(topic, json.dumps(payload).encode()) == expected
    assert read(topic, b"\xff{") is None
