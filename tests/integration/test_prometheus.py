"""What Prometheus reads of a running agent: our own names, and those that the known dashboards ask for."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.integration import rig
from tests.integration.test_recorded_nodes import LAST, read
from tests.patience import PATIENCE
from tests.sources.replay import API, Replay

from storj_monitor.core import metrics
from storj_monitor.publish.prometheus import PREFIX, name_of
from storj_monitor.settings import NodeSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = API / "1.162.3-healthy"
WALLET = "0x00000000000000000000000000000000000000aa"
NAME = "storj-monitor/host/attic/state"

DASHBOARDS = {
    "storj_node_info": {"nodeID", "wallet", "upToDate", "version", "allowedVersion", "quicStatus"},
    "storj_total_diskspace": {"used", "available", "trash"},
    "storj_total_bandwidth": {"used", "available"},
    "storj_payout_currentMonth": {
        "egressBandwidth", "egressBandwidthPayout", "egressRepairAudit", "egressRepairAuditPayout", "diskSpace",
        "diskSpacePayout", "heldRate", "payout", "held", "currentMonthExpectations",
    },
    "storj_sat_summary": {
        "storageSummary", "bandwidthSummary", "egressSummary", "ingressSummary", "disqualified", "suspended",
    },
    "storj_sat_audit": {"auditScore", "suspensionScore", "onlineScore"},
    "storj_sat_month_egress": {"repair", "audit", "usage"},
    "storj_sat_month_ingress": {"repair", "usage"},
    "storj_sat_day_storage": {"atRestTotal"},
}  # fmt: skip
"""Every name and `type` that the two Grafana dashboards and their forks query (agent/docs/ecosystem.md §2.1)."""


def samples(text: str) -> Iterator[tuple[str, dict[str, str], float]]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            yield sample.name, dict(sample.labels), sample.value


async def scraped(tmp_path: Path) -> tuple[dict[str, Any], dict[str, str], list[str]]:
    """The board, the text of each path, and what the node was asked for the scrapes."""
    log = tmp_path / "node.log"
    log.write_bytes(
        rig.line(1)
        + rig.line(2, "downloaded", "GET", 5000)
        + rig.line(3, "upload canceled", "PUT_REPAIR")
        + rig.line(4, "downloaded", "GET_AUDIT", 256)
        + rig.line(5, "upload failed", "PUT").replace(b'"size":', b'"error": "disk I/O error", "size":')
    )
    node = Replay(FOLDER)
    await node.up()
    try:
        attic = NodeSettings(log=str(log), api=node.url, wallet=WALLET)
        async with rig.running(tmp_path / "data", {"attic": attic}, rig.Clock(LAST)) as app, rig.page(app) as page:
            async with asyncio.timeout(PATIENCE):
                await page.until(lambda state: state[NAME]["held_total"] is not None and _scored(state))
            await rig.settle(app)
            await asyncio.sleep(0)
            board, before = app._board.snapshot(), len(node.hits)
            async with aiohttp.ClientSession() as session:
                texts = {}
                for path in ("metrics", "metrics/attic"):
                    async with session.get(f"{app.url}{path}") as answer:
                        assert answer.status == 200
                        assert answer.content_type == "text/plain"
                        texts[path] = await answer.text()
                async with session.get(f"{app.url}metrics/cellar") as answer:
                    assert answer.status == 404
            return board, texts, node.hits[before:]
    finally:
        await node.down()


def _scored(state: dict[str, Any]) -> bool:
    told = [value for key, value in state.items() if "/satellite/" in key]
    return bool(told) and all(value["ingress_month"] is not None for value in told if value["audit_score"] is not None)


@pytest.fixture
async def world(tmp_path: Path) -> tuple[dict[str, Any], dict[str, str], list[str]]:
    return await scraped(tmp_path)


async def test_metrics_are_the_board_and_no_node_is_asked(world: Any) -> None:
    board, texts, asked = world
    assert asked == []
    found = {(name, tuple(sorted(labels.items()))): value for name, labels, value in samples(texts["metrics"])}
    state = board[NAME]
    for key, name in (
        ("disk_used", "storj_monitor_disk_used_bytes"),
        ("audit_score", "storj_monitor_audit_score_percent"),
        ("held_total", "storj_monitor_held_total_usd"),
        ("last_contact", "storj_monitor_last_contact_timestamp_seconds"),
    ):
        assert found[name, (("node", "attic"),)] == pytest.approx(state[key]), key
    for topic, value in board.items():
        if "/satellite/" in topic and value["storage"] is not None:
            labels = (("node", "attic"), ("satellite", topic.split("/")[4]))
            assert found["storj_monitor_satellite_storage_bytes", labels] == value["storage"]
    unknown = [name for name, labels, _ in samples(texts["metrics"]) if name == "storj_monitor_satellites_suspended"]
    assert len(unknown) == 1


async def test_the_exposition_of_metrics_is_clean_for_promtool(world: Any) -> None:
    _, texts, _ = world
    said = await asyncio.to_thread(
        subprocess.run,
        ["promtool", "check", "metrics"],
        input=texts["metrics"].encode(),
        capture_output=True,
        check=False,
    )
    assert (said.returncode, said.stdout.decode(), said.stderr.decode()) == (0, "", "")


async def test_known_dashboards_find_every_name(world: Any) -> None:
    _, texts, _ = world
    rows = list(samples(texts["metrics/attic"]))
    for name, types in DASHBOARDS.items():
        assert {labels["type"] for each, labels, _ in rows if each == name} == types, name
    assert {tuple(sorted(labels)) for name, labels, _ in rows if name.startswith("storj_sat_")} == {
        ("satellite", "type", "url")
    }
    assert not [labels for _, labels, _ in rows if "node" in labels]
    sno, payout = read(FOLDER, "sno"), read(FOLDER, "estimated-payout")

    def one(name: str, **labels: str) -> float:
        values = [value for each, have, value in rows if each == name and labels.items() <= have.items()]
        assert len(values) == 1, (name, labels)
        return values[0]

    assert one("storj_total_diskspace", type="available") == sno["diskSpace"]["allocated"]
    disk = sno["diskSpace"]
    assert one("storj_total_diskspace", type="used") == disk["used"] - disk["trash"]
    month = payout["currentMonth"]
    for key in ("payout", "held", "egressBandwidthPayout", "diskSpacePayout", "diskSpace", "egressRepairAudit"):
        assert one("storj_payout_currentMonth", type=key) == pytest.approx(month[key], rel=1e-4, abs=1e-4), key
    assert one("storj_payout_currentMonth", type="currentMonthExpectations") == payout["currentMonthExpectations"]
    assert one("storj_node_info", type="wallet", wallet=WALLET) == 1
    answer = read(FOLDER, "satellite-0")
    assert one("storj_sat_audit", type="onlineScore", satellite=answer["id"]) == pytest.approx(
        answer["audits"]["onlineScore"]
    )
    assert one("storj_sat_month_egress", type="usage", satellite=answer["id"]) == sum(
        day["egress"]["usage"] for day in answer["bandwidthDaily"]
    )


async def test_the_counters_of_the_log_exporter(world: Any) -> None:
    _, texts, _ = world
    rows = {
        (name.removesuffix("_total"), labels["type"], labels.get("error")): value
        for name, labels, value in samples(texts["metrics/attic"])
        if name.startswith("storj_pieces_")
    }
    assert rows == {
        ("storj_pieces_upload_started", "usage", None): 2,
        ("storj_pieces_upload_successful", "usage", None): 1,
        ("storj_pieces_upload_failed", "usage", "disk"): 1,
        ("storj_pieces_upload_started", "repair", None): 1,
        ("storj_pieces_upload_canceled", "repair", None): 1,
        ("storj_pieces_download_started", "usage", None): 1,
        ("storj_pieces_download_successful", "usage", None): 1,
        ("storj_pieces_download_started", "audit", None): 1,
        ("storj_pieces_download_successful", "audit", None): 1,
    }
    # The parser adds `_total` to a counter's name; the exporter had none.
    assert not [line for line in texts["metrics/attic"].splitlines() if "pieces" in line and "_total" in line]
    kinds = [line.split()[3] for line in texts["metrics/attic"].splitlines() if line.startswith("# TYPE storj_pieces_")]
    assert set(kinds) == {"counter"}


DASHBOARD = Path(__file__).parents[2] / "config/grafana/storj-nodes.json"


def test_the_grafana_dashboard_asks_for_names_that_exist() -> None:
    board = json.loads(DASHBOARD.read_text("utf-8"))
    known = {name_of(row)[0] for row in (*metrics.NODE, *metrics.SATELLITE, *metrics.AGENT) if row.prometheus}
    known |= {f"{PREFIX}node_info", f"{PREFIX}alert_open"}
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    queries += [row["definition"] for row in board["templating"]["list"] if row["type"] == "query"]
    assert len(queries) > 15
    for query in queries:
        names = re.findall(rf"{PREFIX}\w+", query)
        assert names, query
        assert set(names) <= known, query
    places = [panel["gridPos"] for panel in board["panels"]]
    cells = [
        (x, y) for at in places for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells)), "panels overlap"
    assert all(panel["description"] and panel["fieldConfig"]["defaults"]["unit"] for panel in board["panels"])
