"""From a line in a log to a browser (tests/integration/README.md)."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

from tests.integration import rig

from storj_monitor.settings import NodeSettings

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
    async with (
        rig.running(tmp_path / "data", {"attic": NodeSettings(log=str(log))}, clock) as app,
        rig.page(app) as page,
    ):
        await rig.settle(app)
        rows = (await page.ask("transfers", node="attic"))["result"]
        assert sum(row["count"] for row in rows) == 3000, "a restart counts nothing twice"
        assert page.state[topic]["download_success"] == round(100 * ok / (ok + lost), 3), "24 h are read back"
