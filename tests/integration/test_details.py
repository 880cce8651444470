"""From transfer lines to answers: what they tell beside their counts, places included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests import mmdb
from tests.integration.rig import NOON, PIECE, US1, Clock, page, running, settle

from storj_monitor.importing import import_files
from storj_monitor.settings import NodeSettings


def line(at: int, message: str, number: int, address: str = "81.2.69.142:1", action: str = "GET", **more: Any) -> str:
    fields: dict[str, Any] = {"piece_id": PIECE.format(number), "satellite_id": US1, "action": action}
    fields |= {"size": 1_000} if "started" not in message else {}
    fields |= {"remote_address": address} | more
    stamp = f"2026-11-23T12:{at // 60:02d}:{at % 60:02d}Z"
    return f"{stamp}\tINFO\tpiecestore\t{message}\t{json.dumps(fields)}\n"


LOG = "".join([
    *(line(at, "downloaded", 7) for at in range(5)),
    line(5, "downloaded", 1, "[2a02:cf40::1%eth0]:4", size=2_319_360),
    line(6, "downloaded", 2, "172.17.0.1:4"),
    line(7, "download canceled", 3, "", reason="context canceled"),
    line(8, "upload started", 4, action="PUT"),
    line(28, "uploaded", 4, action="PUT"),
    line(30, "download failed", 5, error="hashstore: file does not exist").replace("INFO", "ERROR"),
    line(40, "download started", 6, action="GET_AUDIT"),
    line(400, "downloaded", 6, action="GET_AUDIT"),
])  # fmt: skip

NETWORKS = {"81.2.69.0/24": mmdb.city("GB", 51.5142, -0.0931), "2a02:cf40::/29": mmdb.city("NO", 59.95, 10.75)}


async def test_everything_that_transfers_tell(tmp_path: Path) -> None:
    log, data = tmp_path / "node.log", tmp_path / "data"
    log.write_text(LOG)
    data.mkdir()
    mmdb.write(data / "city.mmdb", NETWORKS)
    nodes, args = {"attic": NodeSettings(log=str(log))}, {"node": "attic"}
    async with running(data, nodes, Clock(NOON + 600)) as app, page(app) as browser:
        await settle(app)

        async def top(kind: str, **more: Any) -> Any:
            return (await browser.ask("top", kind=kind, **args, **more))["result"]

        assert browser.state["storj-monitor/host/about"]["places"] == "IP geolocation by DB-IP (https://db-ip.com)"
        assert await top("pieces") == [{"piece": PIECE.format(7), "n": 5, "bytes": 5_000}]
        assert await top("countries") == [
            {"country": "GB", "n": 8, "bytes": 8_000},
            {"country": "NO", "n": 1, "bytes": 2_319_360},
        ]
        assert await top("places", limit=1) == [
            {"latitude": 51.5, "longitude": -0.1, "country": "GB", "n": 8, "bytes": 8_000}
        ]
        assert await top("reasons") == [{"text": "context canceled", "n": 1}]
        (error,) = await top("errors", **{"from": NOON, "to": NOON + 3_600})
        assert (error["level"], error["logger"], error["n"]) == ("ERROR", "piecestore", 1)
        assert "file does not exist" in error["text"]
        assert await top("errors", to=NOON) == []
        assert await top("slow") == [
            {
                "at": NOON + 400,
                "action": "GET_AUDIT",
                "outcome": "ok",
                "satellite": US1,
                "piece": PIECE.format(6),
                "name": "us1",
                "seconds": 360,
                "bytes": 1_000,
            },
            {
                "at": NOON + 28,
                "action": "PUT",
                "outcome": "ok",
                "satellite": US1,
                "piece": PIECE.format(4),
                "name": "us1",
                "seconds": 20,
                "bytes": 1_000,
            },
        ]
        sizes = await top("sizes")
        assert sizes[0] == {"action": "GET", "outcome": "canceled", "size": "2k", "least": 0, "below": 2_048, "n": 1}
        assert {"action": "GET", "outcome": "ok", "size": "max", "least": 1 << 21, "below": None, "n": 1} in sizes
        assert sum(row["n"] for row in sizes) == 11
        assert {row["text"] for row in (await browser.ask("top", node="attic", limit=5))["result"]}, "as ever"
        assert not (await browser.ask("top", node="attic", kind="wallets"))["ok"]

        slow = (await browser.ask("latency", action="GET_AUDIT", **args))["result"]
        assert (slow["n"], slow["step"], slow["rows"]) == (1, 3_600, [[NOON, 1, slow["p50"], slow["p95"], slow["p99"]]])
        assert abs(slow["p50"] - 360) <= 3.6
        assert slow["histogram"][-1] == [200, 500, 1]
        none = (await browser.ask("latency", action="GET_REPAIR", **args))["result"]
        assert (none["n"], none["p99"], none["rows"], none["histogram"]) == (0, None, [], [])

        history = await browser.ask(
            "history", metrics=["audit_slow"], **{"from": NOON, "to": NOON + 600}, step=60, **args
        )
        assert [row for row in history["result"]["rows"] if row[1]] == [[NOON + 300, 1]], "when its time was over"
        raw = b"".join(each.read_bytes() for each in data.glob("storj-monitor.db*"))
        assert PIECE.format(7).encode() in raw
        raw += json.dumps(browser.messages).encode()
        assert b"81.2.69.142" not in raw, "addresses of clients never leave the agent, nor are they stored"


async def test_an_import_tells_the_same(tmp_path: Path) -> None:
    log, data = tmp_path / "old.log", tmp_path / "data"
    log.write_text(LOG)
    data.mkdir()
    mmdb.write(data / "city.mmdb", NETWORKS)
    await import_files(data, "attic", [str(log)], now=lambda: NOON + 9_000, progress=lambda _: None)
    async with (
        running(data, {"attic": NodeSettings(log=str(tmp_path / "new.log"))}, Clock(NOON + 9_000)) as app,
        page(app) as browser,
    ):
        countries = (await browser.ask("top", node="attic", kind="countries"))["result"]
        assert [(row["country"], row["n"]) for row in countries] == [("GB", 8), ("NO", 1)]
        assert (await browser.ask("latency", node="attic", action="PUT"))["result"]["n"] == 1


async def test_without_a_place_file_nothing_has_a_place(tmp_path: Path) -> None:
    log = tmp_path / "node.log"
    log.write_text(LOG)
    async with (
        running(tmp_path / "data", {"attic": NodeSettings(log=str(log))}, Clock(NOON + 600)) as app,
        page(app) as browser,
    ):
        await settle(app)
        assert browser.state["storj-monitor/host/about"]["places"] is None
        assert (await browser.ask("top", node="attic", kind="countries"))["result"] == []
        assert len((await browser.ask("top", node="attic", kind="pieces"))["result"]) == 1
