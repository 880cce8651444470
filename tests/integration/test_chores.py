"""From lines to answers: what a node did beside transfers, over restarts of the agent and old logs."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from tests.integration.rig import EU1, NOON, US1, Clock, page, running, settle

from storj_monitor.core import hints
from storj_monitor.settings import NodeSettings

LOGS = Path(__file__).parents[1] / "fixtures/real/logs"
SATELLITE = "162LhjMGUL6MbdjVNFjWFsKVKM151Mv3k1HM4ACKWtH3MKJDf1"
NODE = "1TVZPLS3jSWk4GdgGAkRTeyB5e7dymBZBBwRgR3owmemhqCabt"


def chore(second: int, message: str, **fields: Any) -> str:
    text = json.dumps({"process": "storagenode"} | fields)
    return f"2026-11-23T12:{second // 60:02d}:{second % 60:02d}Z\tINFO\t{message}\t{text}\n"


async def test_a_compaction_told_over_two_lives_of_the_agent(tmp_path: Path) -> None:
    log, nodes = tmp_path / "node.log", {"attic": NodeSettings(log=str(tmp_path / "node.log"))}
    place = {"satellite": US1, "store": "s1"}
    log.write_text(
        chore(1, f"Node {NODE} started")
        + chore(9, "hashstore\tbeginning compaction", **place, stats={"LenLogs": "2.0 GiB"})
    )
    async with running(tmp_path / "data", nodes, Clock(NOON + 60)) as app, page(app) as browser:
        await settle(app)
        (run,) = (await browser.ask("runs", node="attic", kind="compaction"))["result"]
        assert run == {
            "kind": "compaction",
            "satellite": US1,
            "name": "us1",
            "subject": "s1",
            "started": NOON + 9,
            "ended": None,
            "ok": None,
            "stats": {"before_len_logs": 2 << 30},
        }
        assert [run.kind for run in app._engine.nodes["attic"].runs.under_way()] == ["compaction"]
    with log.open("a") as file:
        file.write(chore(70, "hashstore\tfinished compaction", **place, duration="61s", stats={"LenLogs": "1.0 GiB"}))
        file.write(chore(80, "hashstore\tbeginning compaction", satellite=EU1, store="s0", stats={}))
        file.write(chore(90, f"Node {NODE} started"))
    async with running(tmp_path / "data", nodes, Clock(NOON + 120)) as app, page(app) as browser:
        assert [run.kind for run in app._engine.nodes["attic"].runs.under_way()] == ["compaction"], "from the store"
        await settle(app)
        answer = (await browser.ask("compactions", node="attic", sort="oldest"))["result"]
        assert (answer["page"], answer["pages"], answer["total"]) == (1, 1, 2)
        done, cut = answer["rows"]
        assert (done["ended"], done["ok"]) == (NOON + 70, True)
        assert done["stats"] == {"before_len_logs": 2 << 30, "seconds": 61, "len_logs": 1 << 30}
        assert (cut["name"], cut["ended"], cut["ok"], cut["stats"]) == ("eu1", NOON + 90, None, {"interrupted": True})
        assert (await browser.ask("runs", node="attic", satellite="us1", to=NOON))["result"] == []
        assert not (await browser.ask("runs", node="attic", satellite="mars"))["ok"]
        assert not (await browser.ask("compactions", node="attic", sort="colour"))["ok"]
        told = (await browser.ask("events", node="attic", limit=9))["result"]
        assert [event["kind"] for event in told] == ["started", "crashed", "started"]
        state = app._engine.nodes["attic"]
        assert (state.log.crashed, state.window.total(["node_crashes"])) == (NOON + 90, 1)


async def test_a_real_node_and_a_log_that_cannot_be_read(tmp_path: Path) -> None:
    nodes = {}
    for name in ("1.162.3-busy-info-console", "1.162.3-busy-info-pretty"):
        node = name.rpartition("-")[2]
        (tmp_path / f"{node}.log").write_bytes(gzip.decompress((LOGS / f"{name}.log.gz").read_bytes()))
        nodes[node] = NodeSettings(log=str(tmp_path / f"{node}.log"))
    async with running(tmp_path / "data", nodes, Clock()) as app, page(app) as browser:
        await settle(app)
        (gc,) = (await browser.ask("runs", node="console", kind="gc"))["result"]
        assert (gc["satellite"], gc["ok"], gc["stats"]["deleted_pieces"]) == (SATELLITE, True, 798)
        assert app._engine.nodes["console"].runs.collected_at() == gc["ended"]
        with (tmp_path / "pretty.log").open("ab") as file:
            file.write(b"07:59:41.862\t\x1b[34mINFO\x1b[0m\tConfiguration loaded\n")
        await settle(app)
        told = (await browser.ask("events", node="pretty", limit=50))["result"]
        assert [event["text"] for event in told if event["kind"] == "agent"].count(hints.PRETTY) == 1
