"""A whole agent and a real broker: what is retained, what comes back, what a clean stop says."""

from __future__ import annotations

import json
from pathlib import Path

from tests.integration import rig
from tests.mosquitto import Client, Mosquitto, until
from tests.sources.replay import API, Replay

from storj_monitor.settings import NodeSettings

STATUS = "storj-monitor/host/status"
STATE = "storj-monitor/host/attic/state"


def complete(kept: dict[str, bytes]) -> bool:
    return kept.get(STATUS) == b"online" and sum("/satellite/" in topic for topic in kept) == 2


async def test_what_is_retained_is_the_board(tmp_path: Path, broker: Mosquitto) -> None:
    node, log, clock = Replay(API / "1.162.3-healthy"), tmp_path / "node.log", rig.Clock(rig.NOON + 61)
    await node.up()
    log.write_bytes(b"".join(rig.line(second, number=second) for second in range(60)))
    nodes = {"attic": NodeSettings(log=str(log), api=node.url)}
    try:
        async with rig.running(tmp_path / "data", nodes, clock, mqtt={"url": broker.url}) as app:
            await rig.settle(app)
            with Client(broker) as client:
                await until(lambda: complete(client.retained), "all topics", 20)
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
                await until(lambda: complete(client.retained), "all topics after a broker that forgot them", 20)
                await until(lambda: set(client.retained) == set(kept), "every topic", 20)
        with Client(broker) as client:
            await until(lambda: client.retained.get(STATUS) == b"offline", "the clean stop")
    finally:
        await node.down()
