"""From a line in a log to a browser (tests/integration/README.md)."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.alerts.servers import hook, mailbox, until
from tests.core.recorded import LAST, NOVEMBER_23
from tests.integration import rig, week
from tests.mosquitto import Client, Mosquitto
from tests.sources.replay import API, FAULTS, Replay, sends

from storj_monitor.alerts.decisions import GROUP
from storj_monitor.app import App
from storj_monitor.core import sketch
from storj_monitor.core.facts import Batch, Sample, Spread, Tally
from storj_monitor.settings import NodeSettings
from storj_monitor.store import growth
from storj_monitor.store.db import Store
from storj_monitor.store.reader import Reader

ENDS = {
    "uploaded": ("PUT", "ok"),
    "upload canceled": ("PUT", "canceled"),
    "downloaded": ("GET", "ok"),
    "download canceled": ("GET", "canceled"),
}


async def test_complete_monitoring_flow(tmp_path: Path) -> None:
    chance, clock, log = random.Random(1), rig.Clock(), tmp_path / "node.log"
    want: Counter[tuple[str, str, str]] = Counter()
    size: Counter[tuple[str, str, str]] = Counter()
    log.touch()
    async with (
        rig.running(tmp_path / "data", {"attic": NodeSettings(log=str(log))}, clock) as app,
        rig.page(app) as page,
    ):
        for number in range(3000):
            message, satellite = chance.choice(list(ENDS)), chance.choice([rig.US1, rig.EU1])
            action, outcome = ENDS[message]
            want[satellite, action, outcome] += 1
            length = chance.randint(1, 2_319_360)
            size[satellite, action, outcome] += length
            with log.open("ab") as file:
                file.write(rig.line(number / 10, message, action, length, satellite, number))
            if chance.random() < 0.02:
                clock.at = rig.NOON + number / 10
                await rig.settle(app)
        clock.at = rig.NOON + 301
        await rig.settle(app)
        rows = (await page.ask("transfers", node="attic"))["result"]
        assert {(r["satellite"], r["action"], r["outcome"]): r["count"] for r in rows} == want
        assert {(r["satellite"], r["action"], r["outcome"]): r["bytes"] for r in rows} == size
        topic = "storj-monitor/host/attic/state"
        await page.until(lambda state: state[topic]["log_lines"] == 3000)
        ok, lost = (sum(n for key, n in want.items() if key[1:] == ("GET", end)) for end in ("ok", "canceled"))
        assert page.state[topic]["download_success"] == round(100 * ok / (ok + lost), 3)
        assert page.state[topic]["log_unknown_share"] == 0
        assert page.state["storj-monitor/host/attic/alerts"] == []
        with log.open("ab") as file:
            failed = rig.line(302, "download failed", "GET_AUDIT", 256, rig.EU1)
            file.write(failed.replace(b'"size":', b'"error": "file does not exist", "size":'))
        clock.at = rig.NOON + 303
        await rig.settle(app)
        await page.until(lambda state: len(state["storj-monitor/host/attic/alerts"]) == 1)
        alerts = {each["rule"]: each for each in page.state["storj-monitor/host/attic/alerts"]}
        assert set(alerts) == {"piece_lost"}, "one cause, one alert"
        assert alerts["piece_lost"]["satellites"] == ["eu1"]
        assert page.state[topic]["status"] == "critical"
    async with (
        rig.running(tmp_path / "data", {"attic": NodeSettings(log=str(log))}, clock) as app,
        rig.page(app) as page,
    ):
        await rig.settle(app)
        rows = (await page.ask("transfers", node="attic"))["result"]
        assert sum(row["count"] for row in rows) == 3001, "a restart counts nothing twice"
        assert page.state[topic]["download_success"] == round(100 * ok / (ok + lost), 3), "24 h are read back"


def lost(second: float, number: int) -> bytes:
    """An audit of a piece that is gone."""
    line = rig.line(second, "download failed", "GET_AUDIT", 256, rig.EU1, number)
    return line.replace(b'"size":', b'"error": "file does not exist", "size":')


async def test_notification_delivery_flow(tmp_path: Path) -> None:
    """A line of the log → an alert → a mailbox and a program, of which one fails at first, over a restart."""
    clock, log = rig.Clock(rig.NOON + 70), tmp_path / "node.log"
    log.write_bytes(rig.line(0) + lost(60, 1))
    nodes, data = {"attic": NodeSettings(log=str(log))}, tmp_path / "data"
    async with mailbox() as box, hook() as program:
        box.broken = True
        notify = {"timezone": "UTC", "routes": {"mail": {"url": box.url()}, "program": {"url": program.url}}}
        async with rig.running(data, nodes, clock, notify=notify) as app:
            await rig.settle(app)
            await program.until(1)
            opened = program.posts[0][1]
            assert (opened["event_type"], opened["rule"], opened["satellites"]) == (
                "alert_opened",
                "piece_lost",
                ["eu1"],
            )
            assert [alert["id"] for alert in app._open_alerts()] == [opened["id"]]
            for failures, wait in ((1, GROUP), (2, 10), (3, 20)):
                clock.at += wait - 1
                await app._engine.tick()
                assert app._notifications.status()["mail"]["failures"] == failures - 1, "not before its time"
                clock.at += 1
                await app._engine.tick()
                await until(lambda n=failures: app._notifications.status()["mail"]["failures"] == n)  # type: ignore[misc]
            assert app._notifications.status()["program"] | {"url": ""} == {
                "url": "", "waiting": 0, "failures": 0, "said": "", "due": None
            }  # fmt: skip
        box.broken, clock.at = False, clock.at + 40
        async with rig.running(data, nodes, clock, notify=notify) as app:
            await rig.settle(app)
            await until(lambda: len(box.mails) == 1)
            assert box.texts()[0].startswith("Critical: attic, piece lost\n")
            assert "attic lost pieces of eu1: 1 time within a day" in box.texts()[0]
            clock.at += 25 * HOUR
            with log.open("ab") as file:
                file.write(rig.line(9 * HOUR).replace(b"2026-11-23T21", b"2026-11-24T13"))
            await rig.settle(app)
            await program.until(2)
            clock.at += GROUP
            await app._engine.tick()
            await until(lambda: len(box.mails) == 2)
            assert box.texts()[1].startswith("Over: attic, piece lost\n")
        assert [(each["event_type"], each["id"]) for _, each in program.posts] == [
            ("alert_opened", opened["id"]),
            ("alert_closed", opened["id"]),
        ]
        assert len({key for key, _ in program.posts}) == 2


# ---- from the node's API ----

A, B = "162LhjMGUL6MbdjVNFjWFsKVKM151Mv3k1HM4ACKWtH3MKJDf1", "1fhsaP7pUjVzBoQk5t1zjJYtq3x1sbWdc1evw7RpHC83ifN7FX"
STATE = "storj-monitor/host/attic/state"
ALERTS = "storj-monitor/host/attic/alerts"
SATELLITES = {A: "127_0_0_1_10000", B: "127_0_0_1_10010"}
SOURCES = 8
"""Answers that a node on two satellites is asked for."""
GB, TB, DAY, HOUR = 10**9, 10**12, 86400, 3600


def satellite_topic(which: str) -> str:
    return f"storj-monitor/host/attic/satellite/{SATELLITES[which]}/state"


@asynccontextmanager
async def polled(data: Path, node: Replay, clock: rig.Clock, **sections: Any) -> AsyncIterator[tuple[App, rig.Page]]:
    """An agent that has asked a node everything once, and a page beside it."""
    nodes = {"attic": NodeSettings(api=node.url, watts=10, disk_cost=2)}
    async with rig.running(data, nodes, clock, **sections) as app, rig.page(app) as page:
        await asked(app)
        yield app, page


async def asked(app: App, *, again: bool = False) -> None:
    """Wait until the node has been asked everything (once more), and all of it is on the board."""
    api = app._apis["attic"]
    if again:
        for slot in api._slots.values():
            slot.due = 0
        api._wake.set()
    for _ in range(1500):
        slots = api._slots.values()
        if len(slots) == SOURCES and min(slot.due for slot in slots) > api._clock():
            break
        await asyncio.sleep(0.01)
    await rig.settle(app)


async def test_reputation_to_alert_flow(tmp_path: Path, broker: Mosquitto) -> None:
    """One satellite's audit score falls to 0.9992, below the level to worry at: a fiftieth of the way to 0.96."""
    clock, section = rig.Clock(LAST), {"mqtt": {"url": broker.url}}
    with Client(broker) as mqtt:
        async with Replay(API / "1.162.3-healthy") as node, polled(tmp_path, node, clock, **section) as (app, page):
            await reputation_falls_and_recovers(clock, node, app, page, mqtt)


def on_broker(mqtt: Client) -> tuple[list[str], list[str]]:
    """Rules of the retained alerts, and the events about alerts so far."""
    events = [json.loads(each) for each in mqtt.payloads("storj-monitor/host/attic/event")]
    open_ = json.loads(mqtt.retained.get(ALERTS, b"[]"))
    return [each["rule"] for each in open_], [each["event_type"] for each in events if "rule" in each]


async def reputation_falls_and_recovers(clock: rig.Clock, node: Replay, app: App, page: rig.Page, mqtt: Client) -> None:
    await page.until(lambda state: state[STATE]["audit_score"] == 100)
    node.edit(f"/api/sno/satellite/{A}", lambda answer: answer["audits"].update(auditScore=0.9992))
    node.edit("/api/sno/satellites", lambda answer: answer["audits"][0].update(auditScore=0.9992))
    clock.at += 700
    await asked(app, again=True)
    await page.until(lambda state: state[satellite_topic(A)]["audit_score"] == 99.92)
    state = page.state
    assert state[STATE]["audit_score"] == 99.92, "the worst of all satellites"
    assert state[satellite_topic(A)]["audit_distance"] == pytest.approx(2)
    assert state[satellite_topic(A)]["state"] == "vetted", "from the dates, not from the scores"
    assert state[satellite_topic(B)]["audit_score"] == 100
    await page.until(lambda state: len(state[ALERTS]) == 1)
    alert = page.state[ALERTS][0]
    assert (alert["rule"], alert["severity"], alert["since"]) == ("audit_score", "warning", int(clock.at))
    assert len(alert["satellites"]) == 1
    await until(lambda: on_broker(mqtt) == (["audit_score"], ["alert_opened"]))
    clock.at += 600
    await asked(app, again=True)
    await rig.settle(app)
    assert [each["id"] for each in (await page.ask("alerts", history=True))["result"]] == [alert["id"]], "no second"
    span = {"from": NOVEMBER_23, "to": NOVEMBER_23 + DAY, "step": HOUR}
    stored = await page.ask("history", node="attic", metrics=["audit_score"], satellite=A, agg="min", **span)
    assert min(row[1] for row in stored["result"]["rows"] if row[1] is not None) == pytest.approx(99.92)
    report = (await page.ask("report", period="day"))["result"]
    lowest = {each["satellite"]: each["audit_score_lowest"] for each in report["nodes"][0]["reputation"]}
    assert lowest == {A: pytest.approx(99.92), B: 100}
    node.edit(f"/api/sno/satellite/{A}", lambda answer: answer["audits"].update(auditScore=1))
    node.edit("/api/sno/satellites", lambda answer: answer["audits"][0].update(auditScore=1))
    clock.at += 700
    await asked(app, again=True)
    await page.until(lambda state: state[ALERTS] == [])
    told = await app._store.reader.fetch("SELECT event FROM outbox ORDER BY id")
    events = [json.loads(event) for (event,) in told]
    assert [(event["event_type"], event["rule"]) for event in events] == [
        ("alert_opened", "audit_score"),
        ("alert_closed", "audit_score"),
    ]
    (closed,) = (await page.ask("alerts", history=True))["result"]
    assert closed["closed"] == int(clock.at)
    await until(lambda: on_broker(mqtt) == ([], ["alert_opened", "alert_closed"]))


FORMS: dict[str, dict[str, Any]] = {
    # 9 700 GB of 10 TB on disk, 300 GB free, in the words of both eras
    "1.115.6-healthy": {"used": 9600 * GB, "available": 10 * TB, "trash": 100 * GB, "overused": 0},
    "1.162.3-healthy": {"used": 9700 * GB, "available": 300 * GB, "trash": 100 * GB, "overused": 0,
                        "allocated": 10 * TB, "reclaimable": 0},
}  # fmt: skip


async def grown(app: App, now: float) -> None:
    """Twenty days of history: 15 GB more each day, 9 700 GB now."""
    samples = []
    for hour in range(20 * 24):
        at, size = int(now) - hour * HOUR, 9700 * GB - 15 * GB * hour / 24
        samples.append(Sample("disk_used", at, 1, size, size, size, size))
    await app._store.commit([Batch("attic", samples=samples)])
    await growth.refresh(app._store.reader, app._engine.nodes["attic"], now)
    await rig.settle(app)


@pytest.mark.parametrize("folder", FORMS)
async def test_storage_to_alert_flow(tmp_path: Path, folder: str) -> None:
    """300 GB free at 15 GB a day are 20 days."""
    clock = rig.Clock(LAST)
    async with Replay(API / folder) as node:
        node.edit("/api/sno/", lambda answer: answer.update(diskSpace=FORMS[folder]))
        async with polled(tmp_path, node, clock) as (app, page):
            await page.until(lambda state: state[STATE]["disk_free"] == 300 * GB)
            assert page.state[STATE]["disk_full_days"] is None, "no history yet"
            await page.until(lambda state: any(each["rule"] == "disk_full" for each in state[ALERTS]))
            (full,) = (each for each in page.state[ALERTS] if each["rule"] == "disk_full")
            assert full["severity"] == "critical"
            assert (page.state[STATE]["disk_used"], page.state[STATE]["disk_allocated"]) == (9700 * GB, 10 * TB)
            await grown(app, clock.at)
            await page.until(lambda state: state[STATE]["disk_full_days"] is not None)
            assert page.state[STATE]["disk_full_days"] == pytest.approx(20, abs=0.3)
            found = (await page.ask("forecast", node="attic"))["result"]
            assert found["slope_per_day"] == pytest.approx(15 * GB, rel=0.02)
            assert found["full_at"]["likely"] == pytest.approx(clock.at + 20 * DAY, abs=DAY / 3)
            assert found["full_at"]["earliest"] <= found["full_at"]["likely"] <= found["full_at"]["latest"]
            assert (found["free"], found["allocated"], len(found["rows"])) == (300 * GB, 10 * TB, 21)
            days = [size for _, size in found["rows"]]
            assert days == sorted(days)
    async with Replay(API / folder) as node:  # a restart knows its pace at once
        node.edit("/api/sno/", lambda answer: answer.update(diskSpace=FORMS[folder]))
        async with polled(tmp_path, node, clock) as (app, page):
            await page.until(lambda state: state[STATE]["disk_full_days"] is not None)


@pytest.mark.parametrize("body", [b"null", b"{}", None], ids=["null", "{}", "html"])
async def test_a_satellites_endpoint_that_says_nothing_breaks_nothing(tmp_path: Path, body: bytes | None) -> None:
    clock = rig.Clock(LAST)
    async with Replay(API / "1.162.3-healthy") as node:
        node.fault["/api/sno/satellites"] = FAULTS["html"] if body is None else sends(body)
        async with polled(tmp_path, node, clock) as (_, page):
            await page.until(lambda state: state[STATE]["disk_free"] == 1607601664)
            state = page.state[STATE]
            assert state["audit_score"] == 100, "each satellite says it, too"
            assert state["ingress_month"] is None
            for command in ("storage", "forecast", "payouts", "leaks"):
                assert (await page.ask(command, node="attic"))["ok"], command


def month_of_traffic(answer: dict[str, Any], stored: float, egress: int, repair: int) -> None:
    """22 days of November: `stored` bytes all the time, `egress` and `repair` bytes on each day."""
    days = [f"2026-11-{day:02}T00:00:00Z" for day in range(1, 23)]
    answer["storageDaily"] = [
        {"atRestTotal": stored * 24, "atRestTotalBytes": stored, "intervalInHours": 24, "intervalStart": day,
         "calculated": False} for day in days
    ]  # fmt: skip
    answer["bandwidthDaily"] = [
        {"egress": {"repair": repair, "audit": 0, "usage": egress}, "ingress": {"repair": 0, "usage": GB}, "delete": 0,
         "intervalStart": day} for day in days
    ]  # fmt: skip
    answer["egressSummary"], answer["ingressSummary"] = 22 * (egress + repair), 22 * GB


async def test_earnings_calculation_flow(tmp_path: Path) -> None:
    """Two satellites at $1.49 a TB·month, $20 a TB of egress and $10 of repair; half is held back in the sixth month.

    North stores 6 TB and sends 30 GB and 4 GB of repair on each of 22 days, south 2 TB and 10 GB. The month is
    2 592 000 s, of which 1 932 000 are gone; storage goes on as at the last tally.
    """
    north = 6 * 1.49 + 22 * (0.030 * 20 + 0.004 * 10) * 2_592_000 / 1_932_000
    south = 2 * 1.49 + 22 * 0.010 * 20 * 2_592_000 / 1_932_000
    clock = rig.Clock(LAST)
    async with Replay(API / "1.115.6-healthy") as node:
        node.edit(f"/api/sno/satellite/{A}", lambda answer: month_of_traffic(answer, 6 * TB, 30 * GB, 4 * GB))
        node.edit(f"/api/sno/satellite/{B}", lambda answer: month_of_traffic(answer, 2 * TB, 10 * GB, 0))
        node.edit("/api/sno/estimated-payout", lambda answer: answer.update(currentMonthExpectations=1500))
        costs = {"costs": {"kwh_price": 0.3}}
        async with polled(tmp_path, node, clock, **costs) as (app, page):
            await page.until(lambda state: state[STATE]["payout_estimate"] is not None)
            state = page.state
            assert state[satellite_topic(A)]["payout_estimate"] == pytest.approx(north / 2, abs=0.005)
            assert state[satellite_topic(B)]["payout_estimate"] == pytest.approx(south / 2, abs=0.005)
            assert state[STATE]["payout_estimate"] == pytest.approx((north + south) / 2, abs=0.005)
            assert state[STATE]["payout_estimate_node"] == 15, "side by side"
            assert state[STATE]["held_estimate"] == pytest.approx((north + south) / 2, abs=0.005)
            so_far = 22 / 30 * 8 * 1.49 + 22 * (0.030 * 20 + 0.004 * 10 + 0.010 * 20)
            assert state[STATE]["payout_so_far"] == pytest.approx(so_far / 2, abs=0.005)
            assert state[STATE]["earned_per_tb_month"] == pytest.approx((north + south) / 8, abs=0.01)
            clock.at += 600
            await rig.settle(app)
            span = {"from": NOVEMBER_23, "to": NOVEMBER_23 + DAY, "step": DAY}
            keys = ["payout_estimate", "payout_estimate_node"]
            stored = (await page.ask("history", node="attic", metrics=keys, agg="last", **span))["result"]
            assert stored["rows"] == [[NOVEMBER_23, pytest.approx((north + south) / 2, abs=0.005), 15]]
            found = (await page.ask("payouts", node="attic"))["result"]["month"]
            assert found["estimate"] == pytest.approx((north + south) / 2, abs=0.005)
            assert (found["electricity"], found["disk_cost"]) == (pytest.approx(10 * 720 / 1000 * 0.3), 2)
            assert found["profit"] == pytest.approx((north + south) / 2 - 2.16 - 2, abs=0.005)
            month = (await page.ask("report", period="month"))["result"]
            rows = month["nodes"][0]["money"]["satellites"]
            assert [row["estimate"] for row in rows] == pytest.approx([north / 2, south / 2], abs=0.005)
            assert month["nodes"][0]["traffic"]["satellites"][0]["egress"] == 22 * 34 * GB
            assert month["totals"]["earned"] == pytest.approx(so_far / 2, abs=0.005)
            assert month["totals"]["profit"] == pytest.approx((north + south) / 2 - 4.16, abs=0.005)


# ---- what is unusual ----

ALERTS = "storj-monitor/host/attic/alerts"


def normal_hour(chance: random.Random, t: int) -> Batch:
    """420 uploads at each of two satellites, 97 of 100 in time; 300 downloads of a second or two."""
    tallies = [Tally(t, rig.US1, "GET", "ok", 300, chance.randint(250, 350) * 10**6)]
    for satellite in (rig.US1, rig.EU1):
        lost = chance.randint(9, 16)
        tallies.append(Tally(t, satellite, "PUT", "ok", 420 - lost, (420 - lost) * 10**6))
        tallies.append(Tally(t, satellite, "PUT", "canceled", lost, lost * 10**6))
    bins: sketch.Bins = {}
    for seconds, n in ((1, chance.randint(230, 270)), (2, 50)):
        sketch.add(bins, seconds, n)
    return Batch(
        "attic",
        tallies=tallies,
        samples=[Sample("log_lines", t, 1140, 1140)],
        spreads=[Spread("duration:GET", t, bins)],
    )


async def lived(data: Path, clock: rig.Clock, days: int) -> None:
    """Normal days up to now."""
    chance, store = random.Random(3), Store(data, now=clock)
    await store.open()
    try:
        hours = range(int(clock.at) - days * DAY, int(clock.at), HOUR)
        await store.commit([normal_hour(chance, t) for t in hours])
    finally:
        await store.close()


def ten_minutes(begun: int, lost: dict[str, int]) -> bytes:
    """70 uploads at each satellite, of which some are lost, and 50 downloads."""
    lines = []
    for satellite, many in lost.items():
        ends = ["upload canceled"] * many + ["uploaded"] * (70 - many)
        lines += [rig.line(begun + 8 * n, end, "PUT", 10**6, satellite, n) for n, end in enumerate(ends)]
    lines += [rig.line(begun + 11 * n, "downloaded", "GET", 10**6, rig.US1, 500 + n) for n in range(50)]
    return b"".join(lines)


async def test_analytics_and_insights_flow(tmp_path: Path) -> None:
    clock, log = rig.Clock(), tmp_path / "node.log"
    log.touch()
    nodes = {"attic": NodeSettings(log=str(log))}
    await lived(tmp_path / "data", clock, 15)
    begun = int(rig.NOON)
    async with rig.running(tmp_path / "data", nodes, clock) as app, rig.page(app) as page:
        for part in range(12):  # two hours in which eu1 loses 15 of 70 instead of 2
            with log.open("ab") as file:
                file.write(ten_minutes(600 * part, {rig.US1: 2, rig.EU1: 15}))
            clock.at = begun + 600 * (part + 1) + 150
            await rig.settle(app)
            await app._insights.look()
        answer = (await page.ask("insights", node="attic"))["result"]
        (found,) = answer["open"]
        assert (found["metric"], found["name"], found["satellite"]) == ("upload_success", "eu1", rig.EU1)
        assert found["value"] < found["low"] < found["expected"] < found["high"]
        assert found["expected"] == pytest.approx(97, abs=1)
        assert begun <= found["since"] <= begun + 1800
        assert found["text"].startswith("Upload success at eu1 is ")
        assert answer["learning"] == {}
        await page.until(lambda state: any(alert["rule"] == "success_rate" for alert in state[ALERTS]))
        (alert,) = [alert for alert in page.state[ALERTS] if alert["rule"] == "success_rate"]
        assert "eu1" in alert["text"]
    async with rig.running(tmp_path / "data", nodes, clock) as app, rig.page(app) as page:
        again = (await page.ask("insights"))["result"]["open"]
        assert [each["since"] for each in again] == [found["since"]], "stored"
        await troubled(app, clock, begun + 2 * HOUR)
        answer = (await page.ask("insights", node="attic"))["result"]
        assert [each["metric"] for each in answer["recent"]] == ["upload_success"], "usual again for two hours"
        assert answer["recent"][0]["until"] > answer["recent"][0]["since"]
        found = {each["metric"]: each for each in answer["open"]}
        assert set(found) == {"ingress_rate", "egress_rate", "duration_p95"}
        for metric in ("ingress_rate", "egress_rate"):
            assert found[metric]["value"] == 0 < found[metric]["low"]
        assert found["duration_p95"]["value"] == pytest.approx(30, rel=0.02)
        assert found["duration_p95"]["high"] < 10
        assert (await page.ask("insights", node="cellar"))["error"]["code"] == "unknown_node"


async def troubled(app: App, clock: rig.Clock, begun: int) -> None:
    """Three normal hours with slow downloads, then three without any transfer although lines come."""
    chance = random.Random(4)
    await rig.settle(app)
    for hour in range(6):
        t = begun + hour * HOUR
        batch = normal_hour(chance, t)
        bins: sketch.Bins = {}
        sketch.add(bins, 30, 300)
        batch.spreads = [Spread("duration:GET", t, bins)]
        if hour >= 3:
            batch = Batch("attic", samples=[Sample("log_lines", t, 100, 100)])
        await app._store.commit([batch])
        for part in range(6):
            clock.at = t + 600 * (part + 1) + 150
            await app._insights.look()


async def a_week(folder: Path, *, restart: bool) -> dict[str, Any]:
    """A week of an agent, in small steps where something happens; stopped and started again in its middle or not."""
    log, clock = week.prepare(folder), rig.Clock(LAST)
    found: dict[str, Any] = {}
    async with Replay(API / "1.162.3-healthy") as node:
        nodes = {"attic": NodeSettings(log=str(log), api=node.url)}
        for span in (range(84), range(84, 168)) if restart else (range(168),):
            async with rig.running(folder / "data", nodes, clock) as app, rig.page(app) as page:
                for hour in span:
                    for clock.at, content in week.steps(hour, LAST):
                        week.write(log, content)
                        await rig.settle(app)
                    if hour % 24 == 0:
                        await asked(app, again=hour > span[0])
                if span[-1] == 167:
                    rows = (await page.ask("transfers", node="attic"))["result"]
                    history = (await page.ask("alerts", history=True))["result"]
                    keys = ("id", "severity", "closed", "satellites")
                    alerts = sorted(tuple(str(alert[key]) for key in keys) for alert in history)
                    found = week.remembered(app) | {"rows": rows, "alerts": alerts}
    return found


async def test_database_consistency_during_concurrent_writes(tmp_path: Path) -> None:
    """Five logs grow at once, each looked at whenever it likes; a page and three readers of the file ask meanwhile."""
    names, lines, ended = [f"node-{n}" for n in range(5)], 400, asyncio.Event()
    nodes = {name: NodeSettings(log=str(tmp_path / f"{name}.log")) for name in names}
    for name in names:
        (tmp_path / f"{name}.log").touch()
    clock, data, chance = rig.Clock(rig.NOON + 60), tmp_path / "data", random.Random(5)

    async def write(app: App, name: str) -> None:
        for number in range(lines):
            with (tmp_path / f"{name}.log").open("ab") as file:
                file.write(rig.line(number / 10, size=number, number=number))
            if chance.random() < 0.1:
                await app._logs[name].catch_up()
                await app._engine.tick()

    async def read() -> int:
        seen = dict.fromkeys(names, 0)
        async with Reader.open(data) as reader:
            while not ended.is_set():
                for name in names:
                    rows = await reader.transfers(name, None, None, by=())
                    count, size = (rows[0]["count"], rows[0]["bytes"]) if rows else (0, 0)
                    assert count >= seen[name], "nothing is taken back"
                    assert size == count * (count - 1) // 2, "lines and bytes of one commit are seen together"
                    seen[name] = count
                await asyncio.sleep(0)
        return sum(seen.values())

    async with rig.running(data, nodes, clock) as app, rig.page(app) as page:
        readers = [asyncio.create_task(read()) for _ in range(3)]
        await asyncio.gather(*(write(app, name) for name in names))
        await rig.settle(app)
        for name in names:
            (row,) = (await page.ask("transfers", node=name, by=["outcome"]))["result"]
            assert (row["count"], row["bytes"]) == (lines, lines * (lines - 1) // 2)
        ended.set()
        assert all(await asyncio.gather(*readers)), "they had something to read"


async def test_full_monitoring_cycle(tmp_path: Path) -> None:
    whole, halves = await a_week(tmp_path / "whole", restart=False), await a_week(tmp_path / "halves", restart=True)
    assert {row["outcome"] for row in whole["rows"]} == {"ok", "canceled", "failed"}
    told = {alert[0].partition(":")[0] for alert in whole["alerts"]}
    assert {"piece_lost", "node_down"} <= told, "what happened in that week was raised"
    assert halves["rows"] == whole["rows"]
    assert halves["alerts"] == whole["alerts"]
    assert halves["sums"] == whole["sums"]
    assert halves["board"] == whole["board"]
