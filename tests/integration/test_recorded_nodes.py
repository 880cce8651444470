"""Answers of real nodes, served over HTTP, through the whole agent to the board (tests/fixtures/real/README.md)."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.integration import rig
from tests.patience import PATIENCE
from tests.publish.ha_values import faults_of_board
from tests.sources.replay import API, FOLDERS, Replay

from storj_monitor.settings import NodeSettings

LAST = datetime.fromisoformat("2026-11-23T08:40:00+00:00").timestamp()


def epoch(text: str | None) -> int | None:
    return int(datetime.fromisoformat(text).timestamp()) if text else None


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text())


@pytest.mark.parametrize("name", FOLDERS)
async def test_the_board_says_what_the_node_says(tmp_path: Path, name: str) -> None:
    folder = API / name
    sno, month = read(folder, "sno"), read(folder, "satellites")
    disk, node = sno["diskSpace"], Replay(folder)
    await node.up()
    try:
        nodes = {"attic": NodeSettings(api=node.url)}
        async with rig.running(tmp_path, nodes, rig.Clock(LAST)) as app, rig.page(app) as page:
            asked = [each["id"] for each in sno["satellites"]]
            topic = "storj-monitor/host/attic/state"

            def complete(state: dict[str, Any]) -> bool:
                told = [value for key, value in state.items() if "/satellite/" in key]
                known = [value for value in told if value["audit_score"] is not None]
                return len(known) == len(asked) and state[topic]["held_total"] is not None

            async with asyncio.timeout(PATIENCE):
                while not complete(page.state):
                    await page.take()
            assert faults_of_board(app._board, "host") == [], "what Home Assistant would say"
            state = page.state[topic]
            by_id = {value["satellite_id"]: value for key, value in page.state.items() if "/satellite/" in key}
    finally:
        await node.down()
    new = "allocated" in disk
    used = disk["used"] if new else disk["used"] + disk["trash"]
    free = disk["available"] if new else max(0, disk["available"] - used)
    booked = month["bandwidthDaily"] is not None
    want = {
        "node_id": sno["nodeID"],
        "version": sno["version"],
        "disk_allocated": disk["allocated"] if new else disk["available"],
        "disk_used": used,
        "disk_free": free,
        "disk_trash": disk["trash"],
        "ingress_month": month["ingressSummary"] if booked else None,
        "egress_month": month["egressSummary"] if booked else None,
        "satellites_disqualified": sum(bool(each["disqualified"]) for each in sno["satellites"]),
        "satellites_suspended": sum(bool(each["suspended"]) for each in sno["satellites"]),
    }
    assert {key: state[key] for key in want} == want
    for each in sno["satellites"]:
        told = by_id[each["id"]]
        assert (told["disqualified"], told["suspended"]) == (epoch(each["disqualified"]), epoch(each["suspended"]))
    for number in (0, 1):
        answer = read(folder, f"satellite-{number}")
        told = by_id[answer["id"]]
        assert told["online_score"] == pytest.approx(100 * answer["audits"]["onlineScore"], abs=0.01)
        assert told["audit_score"] == pytest.approx(100 * answer["audits"]["auditScore"], abs=0.01)
