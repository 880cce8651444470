"""The agent and the smaller sources of a node: from real answers and folders to the board, and over a restart."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from tests.alerts.histories import NODE_ID, satellite, stamp
from tests.integration.rig import NOON, US1, Clock, line, page, running, settle
from tests.patience import PATIENCE
from tests.sources.small import serving
from tests.sources.test_books import EXIT, REPUTATION

from storj_monitor.app import ANNOUNCED, App
from storj_monitor.core.facts import Batch, Reading
from storj_monitor.settings import NodeSettings
from storj_monitor.sources import nodeapi_parse

STATE = "storj-monitor/host/attic/state"
SCOPE = 'scope="storj_io_storj_storagenode_piecestore",field="value"'
SINCE = 'scope="github_com_spacemonkeygo_monkit_v3_environment",field="uptime"'


class Node:
    """Health and counters of a node; all of it can be changed while it runs."""

    def __init__(self) -> None:
        self.ok, self.canceled, self.failed, self.uptime = 10, 2, 0, 90_000
        self.healthy = True
        self.asked: list[str] = []
        self.at_once = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        self.at_once += 1
        assert self.at_once == 1, "one request at a time"
        await asyncio.sleep(0.01)
        self.at_once -= 1
        if request.path == "/metrics":
            return web.Response(text=self.metrics())
        body = {"Statuses": None, "Help": "", "AllHealthy": self.healthy}
        return web.Response(text=json.dumps(body), status=200 if self.healthy else 503)

    def metrics(self) -> str:
        rows = {"success": self.ok, "cancel": self.canceled, "failure": self.failed}
        lines = [f"upload_{name}_count{{{SCOPE}}} {value}" for name, value in rows.items() if value]
        return "\n".join([*lines, f"process{{{SINCE}}} {self.uptime}", ""])


def folder(tmp: Path) -> Path:
    """A node's folder as docker has it on the host."""
    config = tmp / "node"
    for name in ("storage", "orders/unsent"):
        (config / name).mkdir(parents=True)
    (config / "config.yaml").write_text(
        "storage.path: /app/config/storage\nlog.level: info\n"
        'operator.wallet: "0xSECRET"\noperator.email: me@example.org\n'
    )
    for name, table in (("reputation", REPUTATION), ("satellites", EXIT)):
        with closing(sqlite3.connect(config / "storage" / f"{name}.db")) as db:
            db.execute(table)
            db.commit()
    return config


async def until(app: App, true: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The node's state on the board as soon as it is so."""
    async with asyncio.timeout(PATIENCE):
        while True:
            await settle(app)
            state: dict[str, Any] = app._board.get(STATE)
            if true(state):
                return state
            await asyncio.sleep(0.02)


async def test_from_answers_to_the_board_and_over_a_restart(tmp_path: Path) -> None:
    clock, node, log, config = Clock(NOON + 60), Node(), tmp_path / "node.log", folder(tmp_path)
    log.write_bytes(b"".join(line(second, number=second) for second in range(10)))
    async with serving(node.answer) as url:
        settings = NodeSettings(log=str(log), config=config / "config.yaml", health=url, debug=url, databases=True)
        nodes = {"attic": settings}
        async with running(tmp_path / "data", nodes, clock) as app:
            log.write_bytes(log.read_bytes() + line(20, "upload canceled") + line(21, "upload canceled", number=1))
            state = await until(app, lambda state: state["healthy"] and state["orders_unsent"] == 0)
            assert state["filesystem_total"] > state["filesystem_free"] > 0
            assert (state["storage_present"], state["storage_read_only"], state["log_level"]) == (True, False, "info")
            assert (state["success_basis"], state["hidden_failures"]) == ("log", None)
            known = app._engine.nodes["attic"].readings
            await until(app, lambda _: {"debug", "books"} <= known.keys())
            clock.at += 100  # the log is read beyond the counters' time now
            await until(app, lambda _: "hidden" in known)
            board = json.dumps(app._board.snapshot())
            assert known["hidden"].body.sums == {"PUT": 2}
        assert node.asked.count("/metrics") == node.asked.count("/") == 1
        for secret in ("SECRET", "me@example.org"):
            assert secret not in board
            assert secret.encode() not in b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())

        # half an hour later: five more lost by the counters, one of them in the log; and another level in config.yaml
        node.canceled, node.failed, node.uptime = 3, 4, 91_740
        (config / "config.yaml").write_text("storage.path: /app/config/storage\nlog.level: error\n")
        clock.at = NOON + 1800
        with log.open("ab") as file:
            file.write(line(900, "upload canceled", number=2) + line(901, number=3))
        async with running(tmp_path / "data", nodes, clock) as app:
            assert app._board.get(STATE)["storage_present"] is None, "what is half an hour old is not what is"
            await until(app, lambda state: state["log_level"] == "error" and node.asked.count("/metrics") == 2)
            clock.at += 100
            state = await until(app, lambda state: state["hidden_failures"] is not None)
            assert (state["hidden_failures"], state["success_basis"]) == (4, "log and counters")
            # 11 uploads ended well, 3 were canceled by the log, 4 failed in silence
            assert state["upload_success"] == round(100 * 11 / 18, 3)
            async with page(app) as browser:
                answer = await browser.ask(
                    "history", node="attic", metrics=["hidden_failures", "upload_success"], step=86_400,
                    **{"from": NOON - 43_200, "to": NOON + 43_200},
                )  # fmt: skip
                assert answer["result"]["rows"] == [[NOON - 43_200, 4, pytest.approx(100 * 11 / 18)]]
                events = await browser.ask("events", node="attic", limit=10)
            texts = [event["text"] for event in events["result"] if event["kind"] == "config"]
            assert texts == [
                "config.yaml was changed: log.level from info to error; it counts from the node's next start."
            ]


async def test_a_failing_source_takes_nothing_else_with_it(tmp_path: Path) -> None:
    clock, node, log = Clock(NOON + 60), Node(), tmp_path / "node.log"
    log.write_bytes(line(1))
    node.healthy = False
    async with serving(node.answer) as url:
        settings = NodeSettings(
            log=str(log), health=url, debug="http://127.0.0.1:1", storage=tmp_path, config=tmp_path / "nowhere.yaml"
        )
        async with running(tmp_path / "data", {"attic": settings}, clock) as app:
            state = await until(app, lambda state: state["healthy"] is False)
            down = app._engine.nodes["attic"].down
            await until(app, lambda _: "debug" in down)
            assert set(down) == {"debug", "config"}
            assert "does not exist" in down["config"].text
            assert state["storage_present"] is True


async def test_a_clock_that_is_set_back_stops_no_commit(tmp_path: Path) -> None:
    clock, log = Clock(NOON + 3600), tmp_path / "node.log"
    log.touch()
    async with running(tmp_path / "data", {"attic": NodeSettings(log=str(log))}, clock) as app:
        clock.at = NOON + 61
        log.write_bytes(b"".join(line(second, number=second) for second in range(60)))
        async with asyncio.timeout(20):
            while (app._board.get(STATE) or {}).get("log_lines") != 60:
                await asyncio.sleep(0.1)
                clock.at += 0.1


@contextlib.asynccontextmanager
async def refusing(app: App, table: str) -> AsyncIterator[None]:
    """A store that takes no new row of a table, as on a full disk."""
    await app._store.write(
        lambda db: db.execute(f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END")
    )
    yield
    await app._store.write(lambda db: db.execute("DROP TRIGGER full"))


async def test_a_store_that_refuses_ends_nothing_and_loses_nothing(tmp_path: Path) -> None:
    clock, log = Clock(NOON + 61), tmp_path / "node.log"
    log.touch()
    async with running(tmp_path / "data", {"attic": NodeSettings(log=str(log))}, clock) as app:
        async with refusing(app, "satellite"):
            body = {"nodeID": NODE_ID, "satellites": [satellite(US1)], "version": "1.162.3", "lastPinged": stamp(NOON)}
            reading = nodeapi_parse.node(json.dumps(body).encode(), int(NOON))
            app._engine.emit(Batch("attic", readings=[Reading("node", int(NOON), reading)]))
            log.write_bytes(b"".join(line(second, number=second) for second in range(60)))
            await settle(app)
            assert app._engine.failing
        async with refusing(app, "meta"):
            app._announced["homeassistant/device/x/config"] = "{}"
            await settle(app)
            assert not app._engine.failing
            assert (await app._store.reader.transfers("attic", None, None))[0]["count"] == 60
        await settle(app)
        assert await app._store.kept(ANNOUNCED) == {"homeassistant/device/x/config": "{}"}
        assert app._board.get("storj-monitor/host/attic/satellite/us1/state")["satellite_id"] == US1
        assert await app._store.satellites() == {US1: "us1"}
        assert not app._announced
