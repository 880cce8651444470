"""Browsers and the bridge of a whole agent (tests/integration/README.md); tests/bridge has the bridge alone."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.core.recorded import LAST
from tests.integration import rig
from tests.integration.test_end_to_end_monitoring import A, polled
from tests.mosquitto import Client, Mosquitto, until
from tests.patience import PATIENCE
from tests.sources.replay import API, Replay

from storj_monitor.bridge.browser import Timing
from storj_monitor.core.facts import Batch, Sample
from storj_monitor.publish.inbox import AGENT_COMMANDS, NODE_COMMANDS
from storj_monitor.settings import NodeSettings
from storj_monitor.sources import nodeapi_parse as parse
from storj_monitor.store import growth

STATE = "storj-monitor/host/attic/state"


def nodes(folder: Path, *names: str) -> dict[str, NodeSettings]:
    for name in names:
        (folder / f"{name}.log").touch()
    return {name: NodeSettings(log=str(folder / f"{name}.log")) for name in names}


def write(folder: Path, name: str, *lines: bytes) -> None:
    with (folder / f"{name}.log").open("ab") as log:
        log.writelines(lines)


async def test_websocket_initial_connection(tmp_path: Path) -> None:
    async with (
        rig.running(tmp_path / "data", nodes(tmp_path, "attic", "cellar"), rig.Clock()) as app,
        rig.page(app) as page,
    ):
        hello, snapshot = page.messages
        assert (hello["t"], hello["v"]) == ("hello", 1)
        assert snapshot["seq"] == 0
        assert snapshot["state"] == app._board.snapshot()
        assert snapshot["state"]["storj-monitor/host/status"] == "online"
        assert {STATE, "storj-monitor/host/cellar/state", "storj-monitor/host/about"} <= set(snapshot["state"])


async def test_websocket_view_change(tmp_path: Path) -> None:
    async with (
        rig.running(tmp_path / "data", nodes(tmp_path, "attic", "cellar"), rig.Clock()) as app,
        rig.page(app) as page,
    ):
        for watched, writes in (("attic", "attic"), ("cellar", "cellar"), ("all", "attic")):
            answer = await page.ask("watch", nodes="all" if watched == "all" else [watched])
            assert answer["ok"]
            write(tmp_path, writes, rig.line(1))
            assert (await page.next("live"))["node"] == writes
        answer = await page.ask("watch", nodes=["garage"])
        assert answer["error"]["code"] == "unknown_node"


async def test_websocket_statistics_broadcast(tmp_path: Path) -> None:
    clock = rig.Clock()
    async with (
        rig.running(tmp_path / "data", nodes(tmp_path, "attic"), clock) as app,
        contextlib.AsyncExitStack() as stack,
    ):
        pages = [await stack.enter_async_context(rig.page(app)) for _ in range(5)]
        write(tmp_path, "attic", *(rig.line(n, number=n) for n in range(100)))
        clock.at += 100
        await rig.settle(app)
        for page in pages:
            await page.until(lambda state: state[STATE]["log_lines"] == 100)
            with contextlib.suppress(TimeoutError):
                await page.next("delta", 0.4)
            told = [message for message in page.messages if message["t"] == "delta" and STATE in message["set"]]
            assert len(told) == 1, "once to each"


async def test_websocket_node_specific_broadcast(tmp_path: Path) -> None:
    async with (
        rig.running(tmp_path / "data", nodes(tmp_path, "attic", "cellar"), rig.Clock()) as app,
        rig.page(app) as one,
        rig.page(app) as other,
    ):
        await one.ask("watch", nodes=["attic"])
        await other.ask("watch", nodes=["cellar"])
        write(tmp_path, "attic", rig.line(1, size=7))
        live = await one.next("live")
        assert [entry[1:] for entry in live["bins"]] == [["PUT", "ok", 1, 7]]
        with pytest.raises(TimeoutError):
            await other.next("live", 0.5)


async def test_websocket_performance_data_request(tmp_path: Path) -> None:
    clock = rig.Clock()
    async with rig.running(tmp_path / "data", nodes(tmp_path, "attic"), clock) as app, rig.page(app) as page:
        write(tmp_path, "attic", *(rig.line(n, size=600, number=n) for n in range(120)))
        write(tmp_path, "attic", *(rig.line(300 + n, "downloaded", "GET", 60, number=n) for n in range(30)))
        write(tmp_path, "attic", *(rig.line(330 + n, "download canceled", "GET", 60, number=n) for n in range(10)))
        clock.at += 600
        await rig.settle(app)
        asked = {"node": "attic", "metrics": ["ingress_rate", "egress_bytes", "download_success"]}
        span = {"from": rig.NOON, "to": rig.NOON + 600, "step": 60}
        answer = await page.ask("history", **asked, **span)
        assert answer["result"]["step"] == 60
        assert answer["result"]["columns"] == ["t", *asked["metrics"]]
        rows = {row[0]: row[1:] for row in answer["result"]["rows"]}
        assert list(rows) == [rig.NOON + 60 * n for n in range(10)], "bins aligned to UTC minutes"
        assert rows[rig.NOON][0] == 600, "bytes per second"
        assert rows[rig.NOON + 300][1:] == [30 * 60, 75.0]
        assert rows[rig.NOON + 540] == [None, None, None], "an empty bin is nulls"
        wide = await page.ask("history", **asked, **(span | {"from": rig.NOON - 380 * 86400, "step": 1}))
        assert len(wide["result"]["rows"]) <= 2000
        wrong: dict[str, Any]
        for wrong in ({"step": -1}, {"to": 0}, {"metrics": []}, {"metrics": ["x"] * 99}, {"step": "1"}):
            refused = await page.ask("history", **(asked | span | wrong))
            assert refused["error"]["code"] == "bad_argument"


async def test_websocket_reputation_data_request(tmp_path: Path) -> None:
    """Six-hour bins of two days, one of them unknown; percent, one satellite; the windows beside them."""
    clock = rig.Clock(LAST)
    async with Replay(API / "1.121.8-offline") as node, polled(tmp_path, node, clock) as (app, page):
        begun = int(LAST) // 21600 * 21600 - 8 * 21600
        samples = [
            Sample("online_score", begun + 3600 * n, 1, 90 - n, 90 - n, 90 - n, 90 - n, A)
            for n in range(48)
            if not 12 <= n < 18
        ]
        await app._store.commit([Batch("attic", samples=samples)])
        asked = {"node": "attic", "metrics": ["online_score"], "step": 21600, "satellite": A}
        span = {"from": begun, "to": begun + 48 * 3600}
        for agg, first in (("mean", 87.5), ("min", 85), ("max", 90), ("last", 85)):
            answer = (await page.ask("history", **asked, **span, agg=agg))["result"]
            assert (answer["step"], answer["columns"]) == (21600, ["t", "online_score"])
            values = dict(answer["rows"])
            assert list(values) == [begun + 21600 * n for n in range(8)]
            assert values[begun] == first
            assert values[begun + 2 * 21600] is None, "an empty bin is null, not 0"
        standing = {
            each["satellite"]: each for each in (await page.ask("reputation", node="attic"))["result"]["satellites"]
        }
        recorded = json.loads((API / "1.121.8-offline" / "satellite-0.json").read_text())
        assert standing[A]["scores"]["online"] == pytest.approx(100 * recorded["audits"]["onlineScore"])
        assert standing[A]["slope_per_day"]["online"] == pytest.approx(-24, rel=0.05), "a point an hour"
        assert standing[A]["eta_days"]["online"] == 0, "below the limit"
        windows = (await page.ask("online_windows", node="attic", satellite=A))["result"]
        assert list(windows["satellites"].values()) == [
            [
                [each.start, each.total, each.online]
                for each in parse.satellite(json.dumps(recorded).encode(), 0).windows
            ]
        ]
        for command, args in (
            ("history", asked | span | {"satellite": "mars"}),
            ("history", asked | span | {"agg": "median"}),
            ("online_windows", {"node": "attic", "satellite": "mars"}),
            ("reputation", {"node": "attic", "satellite": A}),
            ("reputation", {}),
        ):
            assert (await page.ask(command, **args))["error"]["code"] == "bad_argument", command


async def test_websocket_storage_data_request(tmp_path: Path) -> None:
    """Ten days that grow by 24 GB each: bytes by the hour and by the day, the pace, the account of the disk."""
    clock, day, pace = rig.Clock(LAST), 86400, 10**9
    async with Replay(API / "1.162.3-healthy") as node, polled(tmp_path, node, clock) as (app, page):
        end = int(LAST) // 3600 * 3600
        sizes = [(end - 3600 * n, 10**12 - pace * n) for n in range(240)]
        samples = [Sample("disk_used", at, 1, size, size, size, size) for at, size in sizes]
        await app._store.commit([Batch("attic", samples=samples)])
        asked = {"node": "attic", "metrics": ["disk_used"]}
        hours = (await page.ask("history", **asked, **{"from": end - 36000, "to": end, "step": 3600}))["result"]
        assert hours["rows"] == [[end - 3600 * n, 10**12 - pace * n] for n in range(10, 0, -1)]
        midnight = int(LAST) // day * day
        days = (await page.ask("history", **asked, **{"from": midnight - 3 * day, "to": midnight, "step": day}))[
            "result"
        ]
        ago = (end - midnight) // 3600
        # a day's mean is that of its 24 hours, the last one of yesterday being ago + 1 hours old
        assert days["rows"] == [
            [midnight - n * day, 10**12 - pace * (ago + 1 + 24 * (n - 1) + 11.5)] for n in (3, 2, 1)
        ]
        await growth.refresh(app._store.reader, app._engine.nodes["attic"], clock.at)
        found = (await page.ask("forecast", node="attic"))["result"]
        assert found["slope_per_day"] == pytest.approx(24 * pace, rel=0.05)
        assert found["slope_low"] <= found["slope_per_day"] <= found["slope_high"]
        account = (await page.ask("storage", node="attic"))["result"]
        recorded = json.loads((API / "1.162.3-healthy" / "sno.json").read_text())["diskSpace"]
        assert {key: account[key] for key in ("allocated", "used", "trash")} == {
            key: recorded[key] for key in ("allocated", "used", "trash")
        }
        assert account["free"] == recorded["available"]
        long = (await page.ask("history", **asked, **{"from": 0, "to": clock.at, "step": 60}))["result"]
        assert len(long["rows"]) <= 2000
        for command in ("forecast", "storage"):
            assert (await page.ask(command, node="garage"))["error"]["code"] == "unknown_node"
            assert (await page.ask(command, node="attic", step=1))["error"]["code"] == "bad_argument"


async def test_websocket_alert_acknowledgment(tmp_path: Path, broker: Mosquitto) -> None:
    """Acknowledged on one page: stored, on every page and in MQTT, and still so after a restart."""
    log, clock = tmp_path / "node.log", rig.Clock(rig.NOON + 61)
    failed = rig.line(60, "download failed", "GET_AUDIT", 256)
    log.write_bytes(failed.replace(b'"size":', b'"error": "file does not exist", "size":'))
    nodes, topic = {"attic": NodeSettings(log=str(log))}, "storj-monitor/host/attic/alerts"
    sections = {"mqtt": {"url": broker.url}}
    with Client(broker) as mqtt:
        async with rig.running(tmp_path / "data", nodes, clock, **sections) as app, rig.page(app) as one:
            await rig.settle(app)
            async with rig.page(app) as two:
                await two.until(lambda state: len(state[topic]) == 1)
                assert not (await two.ask("acknowledge", id="nothing:attic"))["ok"]
                said = await two.ask("acknowledge", id="piece_lost:attic")
                assert said["result"] == {"acknowledged": 1}
                assert (await two.ask("acknowledge", id="piece_lost:attic"))["result"] == {"acknowledged": 0}
            await one.until(lambda state: acknowledged(state[topic]) == {"piece_lost"})
            state = "storj-monitor/host/attic/state"
            assert one.state[state]["status"] == "critical", "seen is not mended"
            await until(lambda: acknowledged(json.loads(mqtt.retained.get(topic, b"[]"))) == {"piece_lost"}, "MQTT")
            await until(lambda: told(mqtt).count("alert_acknowledged") == 1, "the event")
            assert "alert_closed" not in told(mqtt)
            assert (await one.ask("acknowledge", id="piece_lost:attic", on=False))["result"] == {"acknowledged": 1}
            await one.until(lambda state: acknowledged(state[topic]) == set())
            await until(lambda: acknowledged(json.loads(mqtt.retained[topic])) == set(), "MQTT")
            assert told(mqtt).count("alert_acknowledged") == 1, "taken back without a word"
            assert (await one.ask("acknowledge", id="piece_lost:attic"))["result"] == {"acknowledged": 1}
            mqtt.publish("storj-monitor/host/attic/command/silence", json.dumps({"hours": 2}))
            await one.until(lambda state: all(each["silenced_until"] for each in state[topic]))
            await one.until(lambda board: board[state]["status"] == "ok")
        clock.at += 30
        async with rig.running(tmp_path / "data", nodes, clock) as app, rig.page(app) as page:
            assert acknowledged(page.state[topic]) == {"piece_lost"}
            assert {each["silenced_until"] for each in page.state[topic]} == {int(clock.at) - 30 + 7200}
            assert (await page.ask("acknowledge", id="all"))["result"] == {"acknowledged": 0}
            ends = int(clock.at) - 30 + 7200
            held = [{"node": "attic", "rule": None, "satellite": None, "until": ends}]
            assert (await page.ask("silences"))["result"] == held
            assert (await page.ask("silence", hours=0, node="attic"))["result"] == {"silenced_until": None}
            await page.until(lambda state: not any(each["silenced_until"] for each in state[topic]))
            assert (await page.ask("silences"))["result"] == []
            await page.until(lambda state: all(each["acknowledged_at"] == int(clock.at) - 30 for each in state[topic]))
            wrong = await page.ask("silence", hours=1, satellite="us-1")
            assert wrong["error"]["text"] == "No satellite is called 'us-1'; known: us1."
            assert (await page.ask("silence", hours=1, satellite=rig.US1))["ok"]
            assert [each["satellite"] for each in (await page.ask("silences"))["result"]] == ["us1"]
            await page.until(lambda state: all(each["silenced_until"] for each in state[topic]))


def told(mqtt: Client) -> list[str]:
    return [json.loads(each)["event_type"] for each in mqtt.payloads("storj-monitor/host/attic/event")]


def acknowledged(alerts: list[dict[str, Any]]) -> set[str]:
    return {each["rule"] for each in alerts if each["acknowledged"]}


async def test_websocket_error_handling(tmp_path: Path) -> None:
    clock = rig.Clock()
    async with rig.running(tmp_path / "data", nodes(tmp_path, "attic"), clock) as app, rig.page(app) as page:
        host, port = app._bridge.address.split(":")
        for _ in range(5):
            dying = socket.create_connection((host, int(port)))
            key = "GET /ws HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            key += "Sec-WebSocket-Version: 13\r\n"
            dying.sendall(
                (key + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").format(f"{host}:{port}").encode()
            )
            await asyncio.to_thread(dying.recv, 100)
            dying.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            dying.close()  # a reset, in the middle of the snapshot
            write(tmp_path, "attic", rig.line(1))
            clock.at += 1
            await rig.settle(app)
        await page.until(lambda state: state[STATE]["log_lines"] == 5)


async def test_websocket_batch_broadcasting(tmp_path: Path) -> None:
    async with rig.running(tmp_path / "data", nodes(tmp_path, "attic"), rig.Clock()) as app, rig.page(app) as page:
        await page.ask("watch", nodes=["attic"])
        write(tmp_path, "attic", *(rig.line(n // 100, size=n, number=n) for n in range(400)))
        seen, sizes, offsets = 0, list[int](), list[int]()
        while len(sizes) < 400:
            live = await page.next("live")
            seen += 1
            offsets += [live["at"] + point[0] for point in live["points"]]
            sizes += [point[3] for point in live["points"]]
        assert seen <= 10, "few messages for many lines"
        assert sizes == list(range(400)), "in order"
        assert offsets == sorted(offsets)


async def test_websocket_concurrent_clients(tmp_path: Path) -> None:
    clock = rig.Clock()
    async with (
        rig.running(tmp_path / "data", nodes(tmp_path, "attic"), clock) as app,
        contextlib.AsyncExitStack() as stack,
    ):
        pages = [await stack.enter_async_context(rig.page(app)) for _ in range(45)]
        session = await stack.enter_async_context(aiohttp.ClientSession())
        stalled = [await session.ws_connect(f"{app.url}ws") for _ in range(5)]  # nobody ever reads these
        for round_ in range(20):
            write(tmp_path, "attic", rig.line(round_, number=round_))
            clock.at += 1
            await rig.settle(app)
        await asyncio.gather(*(page.until(lambda state: state[STATE]["log_lines"] == 20) for page in pages))
        assert all(len(browser._mirror._dirty) <= len(app._board.entries) for browser in app._bridge._browsers)
        for socket_ in stalled:
            await socket_.close()


async def test_websocket_message_validation(tmp_path: Path) -> None:
    async with rig.running(tmp_path / "data", nodes(tmp_path, "attic"), rig.Clock()) as app, rig.page(app) as page:
        for text in ("no json", "{}", "[]", '{"id":1}', '{"id":1,"cmd":7}', '{"id":{},"cmd":"history"}', "x" * 200_000):
            await page.socket.send_str(text)
            answer = await page.take()
            while "ok" not in answer and "error" not in answer:
                answer = await page.take()
            assert answer["error"]["code"], text[:30]
        for cmd, args in (
            ("nonsense", {}),
            ("history", {"node": "attic", "metrics": ["egress_rate"], "from": -1, "to": 5, "step": 60}),
            ("history", {"node": "garage", "metrics": ["egress_rate"], "from": 1, "to": 5, "step": 60}),
            ("transfers", {"node": "attic", "by": ["nothing"]}),
            ("transfers", {"node": 5}),
        ):
            assert (await page.ask(cmd, **args))["error"]["code"]
        await page.socket.send_str('{"id":99,"cmd":"transfers","args":{"node":"attic","from":NaN}}')
        assert (await page.take())["error"]["code"]
        assert (await page.ask("transfers", node="attic"))["ok"], "the connection lives"


async def test_the_agent_says_what_it_can_be_asked(tmp_path: Path) -> None:
    """Each command with the JSON schema of its arguments; the schema refuses what the agent refuses."""
    async with rig.running(tmp_path / "data", nodes(tmp_path, "attic"), rig.Clock()) as app, rig.page(app) as page:
        told = (await page.ask("commands"))["result"]
        silence = told["silence"]["$defs"]["Silence"]
        assert silence["properties"]["hours"] == {"type": "number", "minimum": 0, "maximum": 8760}
        assert (silence["required"], silence["additionalProperties"]) == (["hours"], False)
        assert (told["set"]["x-channels"], told["history"]["x-channels"]) == (["websocket"], ["websocket", "mqtt"])
        assert {*NODE_COMMANDS, *AGENT_COMMANDS, "history", "report", "insights", "forecast"} <= told.keys()
        for hours in (-1, 8761, None, "8"):
            assert (await page.ask("silence", hours=hours))["error"]["code"] == "bad_argument"


async def test_websocket_data_consistency(tmp_path: Path) -> None:
    chance, clock = random.Random(7), rig.Clock()
    names = [f"n{number}" for number in range(12)]
    async with rig.running(tmp_path / "data", nodes(tmp_path, *names), clock) as app, rig.page(app) as page:
        for _ in range(60):
            write(
                tmp_path,
                chance.choice(names),
                *(rig.line(clock.at - rig.NOON, number=n) for n in range(chance.randint(1, 30))),
            )
            clock.at += chance.randint(1, 90)
            await rig.settle(app)
        async with rig.page(app) as fresh:
            await page.until(lambda state: state == fresh.state)


async def test_websocket_heartbeat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = Timing(heartbeat=0.4, tick=0.2)
    monkeypatch.setattr("storj_monitor.bridge.server.Timing", lambda: quick)
    async with rig.running(tmp_path / "data", nodes(tmp_path, "attic"), rig.Clock()) as app, rig.page(app) as live:

        async def ticks() -> int:
            return len([await live.next("tick") for _ in range(10)])

        async def silence() -> None:
            async with aiohttp.ClientSession() as session, asyncio.timeout(PATIENCE):
                silent = await session.ws_connect(f"{app.url}ws", autoping=False)
                while (await silent.receive()).type not in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}:
                    pass

        heard, _ = await asyncio.gather(ticks(), silence())
        assert heard == 10
        assert not live.socket.closed


async def test_maintenance_ends_with_the_first_transfer_after_a_restart(tmp_path: Path) -> None:
    clock, known = rig.Clock(), nodes(tmp_path, "attic")
    async with rig.running(tmp_path / "data", known, clock) as app, rig.page(app) as page:
        answer = await page.ask("maintenance", node="attic", on=True, hours=2)
        assert answer["result"] == {"maintenance_until": rig.NOON + 7200}
        await page.until(lambda state: state[STATE]["maintenance_until"] == rig.NOON + 7200)
        assert (await page.ask("maintenance", node="attic", on=True, hours=-1))["error"]["code"] == "bad_argument"
    async with rig.running(tmp_path / "data", known, clock) as app, rig.page(app) as page:
        assert page.state[STATE]["maintenance_until"] == rig.NOON + 7200, "survives a restart of the agent"
        write(tmp_path, "attic", rig.line(60, number=1))
        clock.at += 120
        await rig.settle(app)
        assert page.state[STATE]["maintenance_until"] is not None, "the node still ran"
        started = b"2026-11-23T12:10:00Z\tINFO\tNode 12vUcHz5kgpPAAhvD3SNgEXafVTAZ5kQoB2X3WNYZ2BHSvTu36W started\t{}\n"
        write(tmp_path, "attic", started, rig.line(660, number=2))
        clock.at = rig.NOON + 700
        await rig.settle(app)
        await page.until(lambda state: state[STATE]["maintenance_until"] is None)
        assert page.state[STATE]["started"] == rig.NOON + 600
