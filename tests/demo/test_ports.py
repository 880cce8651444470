"""The simulated node's small ports, read by the agent's own sources."""

from __future__ import annotations

from pathlib import Path

from tests.demo.helpers import START
from tests.demo.test_runner import Clock, run

from storj_monitor.core import hidden, rollout
from storj_monitor.sources.debugmetrics import debug
from storj_monitor.sources.health import health
from storj_monitor.sources.versions import versions


async def test_health_counters_and_roll_out(tmp_path: Path) -> None:
    demo = await run(tmp_path, Clock(START + 60), rate=8, seed=3, name="attic", extra=True)
    try:
        console, at = demo.console, int(START) + 60
        assert (await health(console.health_url, at)).healthy
        counted = await debug(console.debug_url, at)
        lost = sum(n for (_, _, outcome), (n, _) in demo.node.truth.items() if outcome in {"canceled", "failed"})
        assert sum((hidden.sums(counted) or {}).values()) == lost > 0
        assert counted.started is not None
        assert abs(counted.started - demo.node.begun) <= 2
        assert counted.upload_times is not None
        assert {each.satellite for each in counted.satellites} == {each.satellite.id for each in demo.node.accounts}
        offer = await versions(console.versions_url, at)
        assert rollout.percent(offer.cursor) is not None
        assert rollout.due(demo.node.node_id, "1.99.0", offer) == offer.minimum
    finally:
        await demo.stop()
