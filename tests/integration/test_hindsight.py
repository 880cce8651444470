"""After an import the page says which alerts one would have had, and how long before a suspension."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import logging
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.alerts.histories import NODE_ID, satellite, stamp
from tests.alerts.servers import until
from tests.integration import rig
from tests.integration.test_import import done

from storj_monitor.app import App
from storj_monitor.core.facts import Batch, Reading
from storj_monitor.replay_child import REST, Pace
from storj_monitor.settings import NodeSettings
from storj_monitor.sources import nodeapi_parse
from storj_monitor.sources.files import LogFile, Start, start_of

DAY = 86_400
LOST = "hashstore: file does not exist"


def lines(day: int, *, lost: int = 0, hours: int = 24) -> bytes:
    """One line each ten minutes of a day counted back from now, and pieces that are gone in its sixth hour."""
    begin = int(rig.NOON) - day * DAY
    found = []
    for minute in range(0, hours * 60, 10):
        fields = {"piece_id": rig.PIECE.format(minute % 1000), "satellite_id": rig.US1, "action": "GET", "size": 1000}
        found.append(_line(begin + minute * 60, "INFO", "downloaded", fields))
    for n in range(lost):
        fields = {"piece_id": rig.PIECE.format(n), "satellite_id": rig.US1, "action": "GET_AUDIT", "error": LOST}
        found.append(_line(begin + 6 * 3600 + n, "ERROR", "download failed", fields))
    return b"".join(sorted(found))


def _line(at: int, level: str, message: str, fields: dict[str, Any]) -> bytes:
    return f"{stamp(at)}\t{level}\tpiecestore\t{message}\t{json.dumps({'process': 'storagenode', **fields})}\n".encode()


def make_logs(folder: Path) -> dict[str, NodeSettings]:
    """Eight days in two rotated files, one of them packed, and a live log."""
    old = b"".join(lines(day, lost=day == 7) for day in (8, 7, 6, 5))
    (folder / "node.log.2.gz").write_bytes(gzip.compress(old))
    (folder / "node.log.1").write_bytes(lines(4, lost=2) + lines(3) + lines(2) + lines(1, hours=23))
    (folder / "node.log").write_bytes(rig.line(-60))
    return {"attic": NodeSettings(log=str(folder / "node.log"))}


def starts(*paths: Path) -> list[Start]:
    """What an import remembers of its files."""
    found = []
    for path in paths:
        with contextlib.closing(LogFile(str(path))) as file:
            found.append(start_of(file))
    return found


async def looked_back(page: rig.Page) -> dict[str, Any]:
    async with asyncio.timeout(300):
        while True:
            answer = await page.ask("hindsight", node="attic")
            assert answer["ok"], answer
            if answer["result"] is not None:
                return dict(answer["result"])
            await asyncio.sleep(0.1)


def suspend(app: App, at: float) -> None:
    """What the node's API answers from now on."""
    row = satellite(rig.US1, suspended=stamp(at))
    body = {"nodeID": NODE_ID, "satellites": [row], "version": "1.162.3", "lastPinged": stamp(rig.NOON)}
    reading = nodeapi_parse.node(json.dumps(body).encode(), int(rig.NOON))
    app._engine.emit(Batch("attic", readings=[Reading("node", int(rig.NOON), reading)]))


async def test_after_an_import_the_page_says_what_one_would_have_been_told(tmp_path: Path) -> None:
    nodes, clock = make_logs(tmp_path), rig.Clock()
    async with rig.running(tmp_path / "data", nodes, clock) as app, rig.page(app) as page:
        await rig.settle(app)
        assert (await page.ask("hindsight", node="attic"))["result"] is None, "nothing was imported"
        assert (await page.ask("import_past", node="attic"))["ok"]
        assert (await done(page))["fault"] is None
        said = await looked_back(page)
        assert [(each["rule"], each["severity"]) for each in said["alerts"]] == [("piece_lost", "critical")] * 2
        assert said["alerts"][0]["at"] - (rig.NOON - 7 * DAY + 6 * 3600) < 60
        assert abs(said["alerts"][0]["closed"] - said["alerts"][0]["at"] - DAY) <= 1200
        assert said["before"] is None
        assert said["text"] == "Last 8 days: 2 alerts you would have had; the first on 2026-11-16."
        suspend(app, rig.NOON - 4 * DAY)
        await app._engine.tick()
        said = (await page.ask("hindsight", node="attic"))["result"]
        assert said["before"] == {"kind": "suspended", "at": rig.NOON - 4 * DAY, "days": 2}
        assert said["text"].endswith("the first, 2 days before your suspension.")
    async with rig.running(tmp_path / "data", nodes, clock) as app, rig.page(app) as page:
        assert (await page.ask("hindsight", node="attic"))["result"] == said, "it is kept"


async def test_what_was_imported_without_an_agent_is_looked_at_when_one_starts(tmp_path: Path) -> None:
    nodes, data = make_logs(tmp_path), tmp_path / "data"
    words = [sys.executable, "-m", "storj_monitor.cli", "import", "--data", str(data), "--node", "attic"]
    for file in (tmp_path / "node.log.2.gz", tmp_path / "node.log.1"):
        await asyncio.to_thread(subprocess.run, [*words, str(file)], check=True, capture_output=True, timeout=60)
    (tmp_path / "node.log.2.gz").unlink()
    thresholds = {"alerts": {"thresholds": {"piece_lost.warning": 20, "piece_lost.critical": 20}}}
    async with rig.running(data, nodes, rig.Clock(), **thresholds) as app, rig.page(app) as page:
        said = await looked_back(page)
        assert said["alerts"] == [], "with the thresholds that are set"
        assert said["days"] == 4, "a file that is gone is left out"


async def test_rotated_files_are_known_again_and_no_other_is_taken_for_them(tmp_path: Path) -> None:
    nodes, data = make_logs(tmp_path), tmp_path / "data"
    words = [sys.executable, "-m", "storj_monitor.cli", "import", "--data", str(data), "--node", "attic"]
    files = [str(tmp_path / f"node.log.{end}") for end in ("2.gz", "1")]
    await asyncio.to_thread(subprocess.run, [*words, *files], check=True, capture_output=True, timeout=60)
    (tmp_path / "node.log.2.gz").rename(tmp_path / "node.log.3.gz")
    (tmp_path / "node.log.2.gz").write_bytes(gzip.compress((tmp_path / "node.log.1").read_bytes()))
    (tmp_path / "node.log.1").write_bytes(lines(1, lost=50))  # followed since, and not imported
    async with rig.running(data, nodes, rig.Clock()) as app, rig.page(app) as page:
        said = await looked_back(page)
        assert (said["days"], said["total"]) == (8, 2)


def test_it_works_where_nobody_may_touch_priorities(tmp_path: Path) -> None:
    """As in our systemd unit, whose filter of system calls answers EPERM."""
    make_logs(tmp_path)
    order = {"node": "attic", "files": msgspec.to_builtins(starts(tmp_path / "node.log.1"))}
    forbid = "import os\ndef nice(_): raise PermissionError(1, 'EPERM')\nos.nice = nice\n"
    code = f"{forbid}from storj_monitor import replay_child\nreplay_child.main()"
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, input=json.dumps(order).encode(), capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout)["total"] == 1


async def test_files_that_cannot_be_read_are_no_end(tmp_path: Path) -> None:
    nodes = make_logs(tmp_path)
    whole = (tmp_path / "node.log.2.gz").read_bytes()
    (tmp_path / "node.log.2.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "node.log.3").write_bytes((tmp_path / "node.log.1").read_bytes()[5000:])
    async with rig.running(tmp_path / "data", nodes, rig.Clock()) as app, rig.page(app) as page:
        await app._hindsight.imported(
            "attic", [*starts(*(tmp_path / f"node.log.{n}" for n in ("1", "3", "2.gz"))), Start("/gone", 9, b"-")]
        )
        said = await looked_back(page)
        assert said["total"] == 1, "the part of another file adds none"
        assert said["days"] == 4


async def test_what_is_imported_while_it_looks_back_is_looked_at_next(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nodes = make_logs(tmp_path)
    with caplog.at_level(logging.INFO):
        async with rig.running(tmp_path / "data", nodes, rig.Clock()) as app:
            await app._hindsight.imported("attic", starts(tmp_path / "node.log.1"))
            await until(lambda: "looking back over 1 imported" in caplog.text)
            await app._hindsight.imported("attic", starts(tmp_path / "node.log.2.gz"))
            await until(lambda: "looking back over 2 imported" in caplog.text)
            await until(lambda: "Last 8 days: 2 alerts" in caplog.text)
            async with rig.page(app) as page:  # only now: one that reads nothing for long is closed
                assert (await looked_back(page))["days"] == 8


def test_the_process_ends_with_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is killed cannot end it."""
    pace, began = Pace(), time.monotonic()
    while time.monotonic() < began + REST:
        pace(1)
    monkeypatch.setattr("os.getppid", lambda: 1)
    time.sleep(REST)
    with pytest.raises(SystemExit):
        pace(1)
