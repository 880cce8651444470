"""From an event in the outbox to a mailbox and a program, through a whole agent."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.alerts.events import event
from tests.alerts.servers import Hook, Mailbox, hook, mailbox, until
from tests.integration import rig

from storj_monitor.alerts.decisions import GROUP
from storj_monitor.app import App
from storj_monitor.check import check
from storj_monitor.settings import NodeSettings, load

CRITICAL = event("opened", "sda", "critical", int(rig.NOON))


async def happen(app: App, *events: dict[str, Any]) -> None:
    """Events leave the rules, in a transaction; then a tick."""
    at = int(app._now())
    rows = [(at, json.dumps(each)) for each in events]
    await app._store.write(lambda db: db.executemany("INSERT INTO outbox (at, event) VALUES (?, ?)", rows))
    await app._engine.tick()


def notify(box: Mailbox, program: Hook) -> dict[str, Any]:
    return {"timezone": "UTC", "routes": {"mail": {"url": box.url()}, "program": {"url": program.url}}}


async def test_a_failing_and_then_slow_route_delays_no_other(tmp_path: Path) -> None:
    clock, data = rig.Clock(), tmp_path / "data"
    (tmp_path / "node.log").touch()
    nodes = {"attic": NodeSettings(log=str(tmp_path / "node.log"))}
    async with mailbox() as box, hook() as program:
        box.broken = True
        async with rig.running(data, nodes, clock, notify=notify(box, program)) as app:
            await happen(app, CRITICAL)
            await program.until(1)
            assert program.posts == [("1", CRITICAL)]
            clock.at += GROUP
            await app._engine.tick()
            await until(lambda: app._notifications.status()["mail"]["failures"] == 1)
            assert "451 4.3.0 Disk of the mail server full" in app._notifications.status()["mail"]["said"]
            box.reached.clear()
            box.answers.clear()  # now the mail server is slow as well
            clock.at += 10
            await app._engine.tick()
            await until(box.reached.is_set)
            closed = event("closed", "sda", "critical", int(rig.NOON))
            await happen(app, closed)
            await program.until(2)
            await until(lambda: app._notifications.status()["program"]["waiting"] == 0)
            assert program.posts[1:] == [("2", closed)], "a slow mail server delays nobody else"
        box.broken, clock.at = False, clock.at + 20
        box.answers.set()
        async with rig.running(data, nodes, clock, notify=notify(box, program)) as app:
            clock.at += GROUP
            await app._engine.tick()
            await until(lambda: len(box.mails) == 1)
            await until(lambda: app._notifications.status()["mail"]["waiting"] == 0)
            (text,) = box.texts()
            assert text.startswith("Over: attic, disk full\n")
            assert "The disk sda is nearly full." in text
            assert len(program.posts) == 2, "what is told is not told again after a restart"


async def test_an_open_alert_says_by_which_route_people_heard_of_it_and_a_closed_one_what_ended_it(
    tmp_path: Path,
) -> None:
    clock, log = rig.Clock(), tmp_path / "node.log"
    log.write_bytes(
        rig.line(-1, "download failed", "GET").replace(b'"size":', b'"error":"file does not exist","size":')
    )
    nodes = {"attic": NodeSettings(log=str(log))}
    async with hook() as program:
        section = {
            "timezone": "UTC",
            "routes": {"program": {"url": program.url}, "later": {"url": "json://127.0.0.1:1/x"}},
        }
        running = rig.running(tmp_path / "data", nodes, clock, notify=section)
        async with running as app, rig.page(app) as page:
            begun = (await page.ask("settings"))["result"]["routes"]
            assert [route["state"]["last"] for route in begun] == [None, None]
            await rig.settle(app)
            await program.until(1)
            await until(lambda: app._notifications.status()["program"]["waiting"] == 0)
            (open_,) = (await page.ask("alerts"))["result"]
            assert open_["told"] == [{"route": "program", "at": int(clock())}]
            routes = {route["name"]: route for route in (await page.ask("settings"))["result"]["routes"]}
            assert (routes["program"]["state"]["last"], routes["later"]["state"]["last"]) == (int(clock()), None)
            await page.ask("set", key="piece_lost.warning", value=2)
            await until(lambda: not app._engine.keeper.book.open)
            (closed,) = (await page.ask("alerts", history=True))["result"]
            assert (closed["ended"], closed["ended_value"]) == ("cleared", 1.0)


async def test_the_routes_are_tried_from_the_page_and_from_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "node.log").touch()
    nodes = {"attic": NodeSettings(log=str(tmp_path / "node.log"))}
    clock = rig.Clock()
    async with mailbox() as box, hook() as program:
        section = notify(box, program)
        section["routes"]["wrong"] = {"url": box.url("wrong-battery")}
        async with rig.running(tmp_path / "data", nodes, clock, notify=section) as app, rig.page(app) as page:
            routes = (await page.ask("notify_test"))["result"]["routes"]
            assert {name: route["ok"] for name, route in routes.items()} == {
                "mail": True, "program": True, "wrong": False
            }  # fmt: skip
            assert "535" in routes["wrong"]["text"]
            assert "wrong-battery" not in json.dumps(routes)
            assert box.texts()[0].startswith("Test of storj-monitor\nThis is a test of the route mail.")
            refused = await page.ask("notify_test", route="nowhere")
            assert refused["error"]["code"] == "bad_argument"
            clock.at += 60
            assert await command("--url", app.url, "--route", "mail") == (0, "ok   mail (mailto://127.0.0.1): sent\n")
        settings = tmp_path / "settings.toml"
        settings.write_text(
            "".join(f"[notify.routes.{n}]\nurl = {json.dumps(r['url'])}\n" for n, r in section["routes"].items())
        )
        code, said = await command("--config", settings)
        assert code == 1
        assert "FAIL wrong (mailto://127.0.0.1): 535" in said
        findings = await check(load(settings, {"data": {"dir": str(tmp_path)}}, {}))
        looked_at = {each.part: each.fine for each in findings if each.part.startswith("route")}
        assert looked_at == {"route mail": True, "route program": True, "route wrong": True}, (
            "nothing is sent by a look"
        )
        assert (len(box.mails), len(program.posts)) == (3, 2)


async def command(*arguments: object) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "storj_monitor.cli", "notify", "test", *map(str, arguments),
        stdout=asyncio.subprocess.PIPE, env=dict(os.environ),
    )  # fmt: skip
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_the_digest_and_the_ping_come_from_a_running_agent(tmp_path: Path) -> None:
    log, clock = tmp_path / "node.log", rig.Clock()
    log.write_bytes(b"".join(rig.line(n, "downloaded" if n % 4 else "download canceled", "GET") for n in range(100)))
    nodes = {"attic": NodeSettings(log=str(log))}
    async with hook() as program:
        watcher = program.url.removeprefix("webhook+")
        section = {"timezone": "UTC", "digest": "daily", "digest_time": "13:00", "ping_url": watcher}
        section["routes"] = {"program": {"url": program.url}}  # type: ignore[assignment]
        async with rig.running(tmp_path / "data", nodes, clock, notify=section) as app:
            clock.at += 100
            await rig.settle(app)
            clock.at += 3500
            await app._engine.tick()
            await program.until(1)
            ((key, digest),) = program.posts
            assert key == f"digest-{int(clock.at)}"
            assert (digest["event_type"], digest["node"]) == ("notice", None)
            assert "75 kB sent since 2026-11-23 12:00; 75.0 % of downloads succeeded." in digest["text"]
            await until(lambda: program.pings > 0)
