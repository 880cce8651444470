"""The link against a real Mosquitto."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.mosquitto import HOST, Client, Mosquitto, Proxy, until
from tests.publish.ha_rules import faults_of_all
from tests.publish.rig import BRISK, NODE_IDS, STATUS, Rig, online

from storj_monitor.core.satellites import SATELLITES
from storj_monitor.publish import discovery
from storj_monitor.publish.mqtt import Timing

if TYPE_CHECKING:
    from pytest_mqtt.capmqtt import MqttCaptureFixture

ATTIC = "storj-monitor/tower/attic/state"
AGENT_CONFIG = "homeassistant/device/storj_monitor_9f3c2b7a51d0/config"
ATTIC_CONFIG = f"homeassistant/device/storj_{NODE_IDS['attic']}/config"
CAREFUL = replace(BRISK, look=Timing().look)
REAL = replace(BRISK, settle=Timing().settle)


def is_config(topic: str) -> bool:
    return topic.endswith("/config")


def attic_satellite(name: str) -> str:
    return f"homeassistant/device/storj_{NODE_IDS['attic']}_{name}/config"


async def test_everything_is_retained_and_comes_in_order(broker: Mosquitto) -> None:
    with Client(broker) as client:
        async with Rig(broker.url, timing=REAL).fill("attic", "cellar") as rig:
            await online(client)
            seen = [each for each in client.seen if not each.topic.startswith("$")]
            assert {each.topic for each in seen if not is_config(each.topic)} == set(rig.payloads)
            assert {t: p for t, p in client.retained.items() if not is_config(t)} == rig.payloads
            assert all(each.retain and each.qos == 1 for each in seen)
            assert all(len(client.of(each.topic)) == 1 for each in seen)
            configs = [each for each in seen if is_config(each.topic)]
            models = [json.loads(each.payload)["dev"]["mdl"] for each in configs]
            assert models == ["storj-monitor"] + 2 * ["storagenode"] + 4 * ["satellite"]
            assert faults_of_all({each.topic: json.loads(each.payload) for each in configs}) == []
            states = [each for each in seen if not is_config(each.topic)]
            assert seen == configs + states
            assert states[0].at - configs[-1].at >= 1.0
            assert states[-1].topic == STATUS


async def test_a_clean_stop_says_offline_once(broker: Mosquitto) -> None:
    with Client(broker) as client:
        async with Rig(broker.url).fill("attic"):
            await online(client)
        await until(lambda: client.retained[STATUS] == b"offline", "offline")
        assert client.payloads(STATUS) == [b"online", b"offline"]
        assert client.retained[ATTIC]
        assert "Client storj-monitor-9f3c2b7a51d0 disconnected." in broker.log


async def test_the_broker_says_offline_for_a_killed_agent(broker: Mosquitto) -> None:
    code = (
        "import asyncio\n"
        "from storj_monitor.publish import connection\n"
        "from tests.publish.rig import Rig\n"
        "connection.WILL_DELAY = 1\n"
        "async def main():\n"
        f"    async with Rig({broker.url!r}).fill('attic'):\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    with Client(broker) as client:
        agent = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=Path(__file__).parents[2])
        await online(client)
        agent.kill()
        assert await agent.wait() == -signal.SIGKILL
        killed = asyncio.get_running_loop().time()
        await until(lambda: client.retained[STATUS] == b"offline", "the will")
        assert client.of(STATUS)[-1].at - killed > 0.5
        assert client.of(STATUS)[-1].retain


async def test_the_will_waits_and_the_session_lives_long_enough() -> None:
    got: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not got.done():
            got.set_result(await reader.read(4096))
        writer.close()

    server = await asyncio.start_server(deaf, HOST, 0)
    port = server.sockets[0].getsockname()[1]
    async with Rig(f"mqtt://{HOST}:{port}"):
        connect = await asyncio.wait_for(got, 5)
    server.close()
    await server.wait_closed()
    assert b"\x04MQTT\x05" in connect
    flags = connect[connect.index(b"\x04MQTT\x05") + 6]
    assert flags & 0b0011_1110 == 0b0010_1100  # retained will, QoS 1, no clean start
    assert b"\x11" + (60).to_bytes(4, "big") in connect  # session expiry
    assert b"\x18" + (30).to_bytes(4, "big") in connect  # will delay
    assert connect.endswith(b"storj-monitor/tower/status\x00\x07offline")
    assert b"storj-monitor-9f3c2b7a51d0" in connect


async def test_a_short_loss_is_told_to_nobody(broker: Mosquitto) -> None:
    with Client(broker) as client:
        async with Proxy(broker) as proxy, Rig(f"mqtt://{HOST}:{proxy.port}").fill("attic") as rig:
            await online(client)
            proxy.cut()
            rig.node("attic", version="1.163.1")
            await online(client, 2)
            assert b"offline" not in client.payloads(STATUS)
            assert json.loads(client.retained[ATTIC])["version"] == "1.163.1"
            assert rig.link.up


async def test_after_a_restart_of_the_broker_everything_is_back(
    broker: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    async with Rig(broker.url).fill("attic") as rig:
        await until(lambda: rig.link.up)
        broker.kill()
        await until(lambda: not rig.link.up)
        for number in range(50):
            rig.node("attic", disk_used=number)
        await asyncio.sleep(0.5)  # some tries in vain
        assert rig.link.reason is not None
        broker.start()
        with Client(broker) as client:
            await online(client)
            assert {t: p for t, p in client.retained.items() if not is_config(t)} == rig.payloads
            assert len([t for t in client.retained if is_config(t)]) == 4
            assert [json.loads(p)["disk_used"] for p in client.payloads(ATTIC)] == [49]
    warnings = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert len(warnings) == 1
    assert warnings[0].startswith(f"The MQTT broker 127.0.0.1:{broker.port} is gone:")


async def test_events_come_a_second_after_the_announcement(broker: Mosquitto) -> None:
    with Client(broker) as client:
        async with Rig(broker.url, timing=REAL).fill("attic") as rig:
            rig.link.event("storj-monitor/tower/attic/event", {"event_type": "notice", "text": "early"})
            event = "storj-monitor/tower/attic/event"
            await until(lambda: client.of(event), "the event")
            first = client.of(event)[0]
            assert (first.retain, first.qos) == (False, 1)
            assert first.at - max(each.at for each in client.seen if is_config(each.topic)) >= 1.0
            rig.fill("cellar")
            await until(lambda: "storj-monitor/tower/cellar/state" in client.retained)
            rig.link.event(event, {"event_type": "notice", "text": "late"})
            await until(lambda: len(client.of(event)) == 2, "the second event")
            assert client.of(event)[1].at - max(each.at for each in client.seen if is_config(each.topic)) >= 1.0
            assert [json.loads(payload)["text"] for payload in client.payloads(event)] == ["early", "late"]


async def test_events_of_an_hour_ago_are_no_news(broker: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    event = "storj-monitor/tower/event"
    rig = Rig(broker.url).fill()
    rig.link.event(event, {"event_type": "notice", "text": "old"})
    rig.time += 3601
    rig.link.event(event, {"event_type": "notice", "text": "new"})
    with Client(broker) as client:
        async with rig:
            await until(lambda: client.of(event), "the event")
    assert [json.loads(payload)["text"] for payload in client.payloads(event)] == ["new"]
    assert rig.link.dropped == 1
    assert "1 events were not sent to MQTT" in caplog.text


async def test_an_event_lost_with_the_connection_is_sent_again(broker: Mosquitto) -> None:
    event = "storj-monitor/tower/event"
    with Client(broker) as client:
        async with Proxy(broker) as proxy, Rig(f"mqtt://{HOST}:{proxy.port}").fill() as rig:
            await online(client)
            proxy.cut()
            rig.link.event(event, {"event_type": "notice"})
            await until(lambda: client.of(event), "the event")


async def test_a_node_is_taken_away_devices_first(broker: Mosquitto) -> None:
    with Client(broker) as client:
        async with Rig(broker.url, timing=REAL).fill("attic", "cellar") as rig:
            await online(client)
            before = len(client.seen)
            rig.drop("attic")
            gone = {t for t in client.retained if "attic" in t or NODE_IDS["attic"] in t}
            assert len(gone) == 8
            await until(lambda: not gone & client.retained.keys(), "an empty broker")
            emptied = [each for each in client.seen[before:] if not each.payload]
            assert {each.topic for each in emptied[:2]} == {attic_satellite("us1"), attic_satellite("eu1")}
            assert emptied[2].topic == ATTIC_CONFIG
            assert emptied[3].at - emptied[2].at >= 1.0
            assert all(each.retain for each in emptied)
            assert set(rig.payloads) <= client.retained.keys()
    assert rig.remembered[ATTIC_CONFIG] is not None  # until a birth showed that Home Assistant heard it


async def test_a_satellite_is_taken_away(broker: Mosquitto) -> None:
    with Client(broker) as client:
        async with Rig(broker.url).fill("attic") as rig:
            await online(client)
            rig.board.remove("storj-monitor/tower/attic/satellite/eu1/state")
            await until(lambda: "storj-monitor/tower/attic/satellite/eu1/state" not in client.retained)
            assert attic_satellite("eu1") not in client.retained
            assert attic_satellite("us1") in client.retained
            assert ATTIC_CONFIG in client.retained


async def test_a_removal_is_repeated_after_a_birth(broker: Mosquitto) -> None:
    with Client(broker) as client:
        async with Rig(broker.url).fill("attic") as rig:
            await online(client)
            rig.drop("attic")
            await until(lambda: ATTIC not in client.retained)
            config = client.payloads(ATTIC_CONFIG)
            assert [bool(payload) for payload in config] == [True, False]
            client.publish("homeassistant/status", "online")
            await online(client, 2)
            await until(lambda: len(client.of(ATTIC_CONFIG)) == 4, "config and removal once more")
            assert client.payloads(ATTIC_CONFIG) == [*config, *config]
            assert rig.remembered[ATTIC_CONFIG] is None
            client.publish("homeassistant/status", "online")
            await online(client, 3)
            assert len(client.of(ATTIC_CONFIG)) == 4


async def test_a_birth_is_answered_in_order(broker: Mosquitto) -> None:
    with Client(broker) as client:
        async with Rig(broker.url, timing=REAL, settings={"discovery_prefix": "ha/x"}).fill("attic") as rig:
            await online(client)
            before = len(client.seen)
            client.publish("homeassistant/status", "offline")
            client.publish("homeassistant/status", "online")
            await online(client, 2)
            seen = [each for each in client.seen[before:] if each.topic != "homeassistant/status"]
            assert sorted(each.topic for each in seen) == sorted(client.retained)
            assert [is_config(each.topic) for each in seen] == [True] * 4 + [False] * len(rig.payloads)
            assert seen[4].at - seen[3].at >= 1.0
            assert seen[0].topic.startswith("ha/x/device/")
            client.publish("ha/x/status", "online")
            await online(client, 3)


async def test_a_retained_birth_does_not_announce_twice(broker: Mosquitto) -> None:
    with Client(broker) as client:
        client.publish("homeassistant/status", "online", retain=True)
        async with Rig(broker.url).fill("attic"):
            await online(client)
            await asyncio.sleep(0.5)
            assert client.payloads(STATUS) == [b"online"]


async def test_without_discovery_and_without_an_id(broker: Mosquitto) -> None:
    with Client(broker) as client:
        async with Rig(broker.url, settings={"discovery": False}).fill("attic"):
            await online(client)
            assert not any(is_config(topic) for topic in client.retained)
        rig = Rig(broker.url, instance="b" * 12).fill("attic")
        rig.node("attic", node_id=None)
        async with rig:
            await online(client, 2)
            assert [topic for topic in client.retained if is_config(topic)] == [
                f"homeassistant/device/storj_monitor_{'b' * 12}/config"
            ]
            rig.node("attic")
            await until(lambda: ATTIC_CONFIG in client.retained)
            await until(lambda: attic_satellite("us1") in client.retained)


async def test_states_keep_their_pace_but_news_does_not_wait(broker: Mosquitto) -> None:
    with Client(broker) as client:
        async with Rig(broker.url, settings={"interval": 60}).fill("attic") as rig:
            await online(client)
            for number in range(20):
                rig.node("attic", disk_used=number)
                await asyncio.sleep(0.01)
            rig.node("attic", disk_used=20, online=False)
            await until(lambda: len(client.of(ATTIC)) == 2, "the news")
            rig.node("attic", disk_used=21, online=False)
            await asyncio.sleep(0.3)
            said = [json.loads(payload) for payload in client.payloads(ATTIC)]
            assert [(each["disk_used"], each["online"]) for each in said] == [(None, True), (20, False)]
            rig.time += 60
            rig.board.set("storj-monitor/tower/attic/thresholds", {"disk_full_days": 7, "online_score": 95})
            await until(lambda: len(client.of(ATTIC)) == 3, "the newest state")
            assert json.loads(client.retained[ATTIC])["disk_used"] == 21


async def test_what_earlier_runs_announced_is_taken_away(broker: Mosquitto) -> None:
    first = Rig(broker.url).fill("attic", "cellar")
    timing = replace(BRISK, leftovers=0.3)
    with Client(broker) as client:
        async with first:
            await online(client)
        kept = {topic: payload for topic, payload in first.remembered.items() if payload}
        async with Rig(broker.url, announced=kept, timing=timing).fill("cellar", satellites=0):
            await online(client, 2)
            assert ATTIC_CONFIG in client.retained
            await until(lambda: not any("attic" in t or NODE_IDS["attic"] in t for t in client.retained), "no attic")
            assert len([t for t in client.retained if NODE_IDS["cellar"] in t]) == 3  # its satellites may be late


# ---- names ----


async def test_a_second_agent_of_one_name_gives_way(broker: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    with Client(broker) as client:
        async with Rig(broker.url, timing=CAREFUL).fill("attic") as first:
            await online(client)
            about = client.retained["storj-monitor/tower/about"]
            async with Rig(broker.url, timing=CAREFUL, instance="0" * 12).fill("cellar") as second:
                await until(lambda: client.retained.get("storj-monitor/tower-2/status") == b"online", "tower-2")
                assert (second.names, second.link.name, first.names) == (["tower-2"], "tower-2", [])
                assert json.loads(client.retained["storj-monitor/tower-2/about"])["instance"] == "0" * 12
                assert "storj-monitor/tower/cellar/state" not in client.retained
                assert "storj-monitor/tower-2/cellar/state" in client.retained
                config = f"homeassistant/device/storj_{NODE_IDS['cellar']}/config"
                assert json.loads(client.retained[config])["stat_t"] == "storj-monitor/tower-2/cellar/state"
                client.publish("storj-monitor/tower-2/cellar/command/refresh", "{}")
                await until(lambda: second.calls, "its commands")
                async with Rig(broker.url, timing=CAREFUL, instance="1" * 12).fill():
                    await until(lambda: client.retained.get("storj-monitor/tower-3/status") == b"online", "tower-3")
            assert client.retained["storj-monitor/tower/about"] == about
            assert client.payloads(STATUS) == [b"online"]
            assert first.calls == []
    assert "Another agent called tower is online: this one is tower-2 from now on." in caplog.text


async def test_the_name_of_an_agent_that_is_away_is_free_and_mine_is_mine(broker: Mosquitto) -> None:
    with Client(broker) as client:
        async with Rig(broker.url, timing=CAREFUL).fill():
            await online(client)
        async with Rig(broker.url, timing=CAREFUL, instance="f" * 12).fill() as second:
            await online(client, 2)
            assert second.names == []
        client.publish(STATUS, "online", retain=True)  # as a crash leaves it
        async with Rig(broker.url, timing=CAREFUL, instance="f" * 12).fill() as again:
            await until(lambda: again.link.up)
            assert again.names == []


async def test_two_that_start_at_once_end_up_with_two_names(broker: Mosquitto) -> None:
    with Client(broker) as client:
        small, great = (
            Rig(broker.url, timing=CAREFUL, instance="0" * 12).fill(),
            Rig(broker.url, timing=CAREFUL, instance="f" * 12).fill(),
        )
        async with small, great:
            await until(lambda: client.retained.get("storj-monitor/tower-2/status") == b"online", "tower-2")
            await until(lambda: json.loads(client.retained["storj-monitor/tower/about"])["instance"] == "0" * 12)
            assert (small.names, great.names) == ([], ["tower-2"])
            assert client.retained[STATUS] == b"online"


# ---- rights, passwords, TLS ----

ACL = """
user agent
topic readwrite storj-monitor/tower/#
topic deny storj-monitor/tower/attic/alerts
topic write homeassistant/device/+/config
user watcher
topic read #
"""


async def test_what_the_broker_refuses_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    secured = Mosquitto(tmp_path / "m", users={"agent": "pa:ss@/word", "watcher": "w"}, acl=ACL).start()
    try:
        with Client(secured, username="watcher", password="w") as client:
            url = f"mqtt://agent:pa%3Ass%40%2Fword@{HOST}:{secured.port}"
            async with Rig(url).fill("attic") as rig:
                await online(client)
                await until(lambda: len(rig.problems) == 1, "the refusal")
                assert rig.problems == [("storj-monitor/tower/attic/alerts", "Not authorized")]
                assert ATTIC in client.retained
                assert "storj-monitor/tower/attic/alerts" not in client.retained
        assert "The MQTT broker refuses storj-monitor/tower/attic/alerts: not authorized." in caplog.text
        assert "word" not in caplog.text
    finally:
        secured.stop()


async def test_pytest_mqtt_sees_the_agent(mosquitto: Mosquitto, capmqtt: MqttCaptureFixture) -> None:
    async with Rig(mosquitto.url, name="seen").fill("attic"):
        await until(lambda: ("storj-monitor/seen/status", b"online", None) in capmqtt.records)
    topic = discovery.config_topic(discovery.satellite_device(NODE_IDS["attic"], SATELLITES[0].name))
    assert topic in [each.topic for each in capmqtt.messages]
    assert os.environ.get("MOSQUITTO") is None
