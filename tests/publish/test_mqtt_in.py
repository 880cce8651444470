"""Commands and questions against a real Mosquitto."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.mosquitto import Client, Mosquitto, until
from tests.publish.rig import Rig, online, refuse

from storj_monitor.publish import topics


async def test_commands_are_obeyed(broker: Mosquitto) -> None:
    with Client(broker) as client:
        async with Rig(broker.url).fill("attic") as rig:
            await online(client)
            client.publish("storj-monitor/tower/attic/command/maintenance", '{"on":true}')
            client.publish("storj-monitor/tower/command/acknowledge", '{"id":"all"}')
            client.publish("storj-monitor/tower/attic/command/refresh", '{"node":"cellar"}')
            await until(lambda: len(rig.calls) == 3, "three commands")
            assert rig.calls == [
                ("maintenance", {"on": True, "node": "attic"}, "mqtt"),
                ("acknowledge", {"id": "all"}, "mqtt"),
                ("refresh", {"node": "attic"}, "mqtt"),
            ]
            assert not client.of("storj-monitor/tower/event")


@pytest.mark.parametrize(
    ("topic", "payload", "node", "why"),
    [
        ("attic/command/refresh", "{}", "attic", "No such thing."),
        ("attic/command/history", "{}", "attic", "known commands are acknowledge"),
        ("attic/command/refresh", "PRESS", "attic", "no JSON object"),
        ("attic/command/refresh", "[]", "attic", "Expected `object`, got `array`"),
        ("attic/command/refresh", json.dumps({"x": "y" * 5000}), "attic", "larger than 4 KiB"),
        ("nobody/command/refresh", "{}", None, "No such thing."),
        ("command/set", "{}", None, "known commands are acknowledge, notify_test"),
        ("ask", "{}", None, "response topic that begins with storj-monitor/reply/"),
    ],
)
async def test_a_refused_command_becomes_a_notice(
    broker: Mosquitto, topic: str, payload: str, node: str | None, why: str
) -> None:
    event = topics.node_event("tower", node) if node else topics.agent_event("tower")
    with Client(broker) as client:
        async with Rig(broker.url, answer=refuse()).fill("attic"):
            await online(client)
            client.publish(f"storj-monitor/tower/{topic}", payload)
            await until(lambda: client.of(event), "a notice")
            notice = json.loads(client.payloads(event)[0])
            assert notice.keys() == {"event_type", "at", "severity", "text", "node", "satellite"}
            assert (notice["event_type"], notice["node"], notice["satellite"]) == ("notice", node, None)
            assert why in notice["text"]
            assert len(notice["text"]) <= 300
            assert not client.of(event)[0].retain


async def test_a_retained_command_is_refused_and_cleared(broker: Mosquitto) -> None:
    refresh, event = "storj-monitor/tower/attic/command/refresh", "storj-monitor/tower/attic/event"
    with Client(broker) as client:
        client.publish(refresh, "{}", retain=True)
        async with Rig(broker.url).fill("attic") as rig:
            await until(lambda: client.of(event), "a notice")
            await until(lambda: refresh not in client.retained, "the clearing")
            client.publish(refresh, "{}", retain=True)  # and one that comes while it listens
            await until(lambda: len(client.of(event)) == 2, "another notice")
            await until(lambda: refresh not in client.retained, "the clearing")
            assert rig.calls == []
            assert "retained" in json.loads(client.payloads(event)[0])["text"]


async def test_many_refusals_are_folded(broker: Mosquitto) -> None:
    event = "storj-monitor/tower/attic/event"
    with Client(broker) as client:
        async with Rig(broker.url, answer=refuse()).fill("attic") as rig:
            await online(client)
            for _ in range(15):
                client.publish("storj-monitor/tower/attic/command/refresh", "{}")
            await until(lambda: len(rig.calls) == 15)
            rig.time += 60
            client.publish("storj-monitor/tower/attic/command/refresh", "{}")
            await until(lambda: len(client.of(event)) == 11, "ten notices and one")
            assert json.loads(client.payloads(event)[-1])["text"].endswith("(5 more were refused.)")


async def test_questions_are_answered(broker: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    answers: dict[str, Any] = {
        "history": {"step": 60, "columns": ["t"], "rows": [[0]]},
        "big": "x" * 300_000,
        "bad": refuse("unknown_node")("", {}),
        "bug": ZeroDivisionError("a bug"),
    }
    reply = "storj-monitor/reply/viewer/7"
    with Client(broker) as client:
        async with Rig(broker.url, answer=lambda cmd, _: answers[cmd]).fill("attic") as rig:
            await online(client)
            for number, cmd in enumerate(answers):
                question = json.dumps({"id": number, "cmd": cmd, "args": {"node": "attic"}})
                client.publish("storj-monitor/tower/ask", question, response=reply, correlation=bytes([number]))
            client.publish("storj-monitor/tower/ask", "{}", response=reply, correlation=b"\x09")
            client.publish("storj-monitor/tower/ask", "x" * 70_000, response=reply)
            await until(lambda: len(client.of(reply)) == 6, "six answers")
            said = {each.correlation: json.loads(each.payload) for each in client.of(reply)}
            assert said[b"\x00"] == {"id": 0, "ok": True, "result": answers["history"]}
            assert said[b"\x01"]["error"]["text"] == "The answer is larger than 256 KiB: ask for less."
            assert said[b"\x02"] == {
                "id": 2,
                "ok": False,
                "error": {"code": "unknown_node", "text": "No such thing."},
            }
            assert said[b"\x03"]["error"]["code"] == "unavailable"
            assert said[b"\x09"]["error"]["code"] == "bad_argument"
            assert said[None]["error"]["text"] == "the message is larger than 64 KiB"
            assert all(not each.retain and each.qos == 1 for each in client.of(reply))
            assert ("history", {"node": "attic"}, "mqtt") in rig.calls
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("target", ["homeassistant/device/x/config", "storj-monitor/reply/", "storj-monitor/reply"])
async def test_answers_go_nowhere_else(broker: Mosquitto, target: str) -> None:
    with Client(broker) as client:
        async with Rig(broker.url).fill("attic") as rig:
            await online(client)
            client.publish("storj-monitor/tower/ask", '{"cmd":"history"}', response=target)
            await until(lambda: client.of("storj-monitor/tower/event"), "a notice")
            assert not client.of(target)
            assert rig.calls == []
