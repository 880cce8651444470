"""`storj-monitor demo`: simulated nodes and a whole agent that follows them, in a temporary folder."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storj_monitor.app import App
from storj_monitor.core import metrics
from storj_monitor.demo.memory import remembered
from storj_monitor.demo.places import PLACES, locate
from storj_monitor.demo.runner import demo_nodes
from storj_monitor.settings import load
from storj_monitor.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from storj_monitor.demo.runner import DemoNode

HOME = next(place.block for place in PLACES if place.city == "Frankfurt") + ".0.1"
"""Where the simulated nodes are."""

_COSTS: dict[str, dict[str, Any]] = {"attic": {"watts": 6.0, "disk_cost": 1.5}}
"""What the large node costs; of the small one nobody has said it."""


async def demonstrate(
    *, listen: str, mqtt: str | None, seed: int, ready: Callable[[App], None], say: Callable[[str], None]
) -> None:
    """Run until cancelled; the folder is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="storj-monitor-demo-") as folder:
        nodes = demo_nodes(Path(folder), clock=time.time, seed=seed, extra=True)
        say(f"Writing 36 hours of log for {len(nodes)} simulated nodes …")
        await asyncio.gather(*(node.start() for node in nodes))
        config = Path(folder) / "config.yaml"
        config.write_text(f"contact.external-address: {HOME}:28967\n")
        try:
            sections: dict[str, Any] = {
                "agent": {"name": "demo"},
                "data": {"dir": f"{folder}/data", "commit_interval": 5},
                "bridge": {"listen": listen},
                "nodes": {
                    node.name: _sources(node) | {"config": str(config)} | _COSTS.get(node.name, {}) for node in nodes
                },
                "costs": {"kwh_price": 0.3},
                "versions": {"url": nodes[0].console.versions_url},
            }
            if mqtt:
                sections["mqtt"] = {"url": mqtt}
            await remember(Path(folder) / "data", nodes)
            await App(load(None, sections, {}), place=locate).run(ready)
        finally:
            await asyncio.gather(*(node.stop() for node in nodes))


async def remember(data: Path, nodes: Iterable[DemoNode]) -> None:
    """Give a new data folder the history that an agent would have by now."""
    finest = {metric.key: metric.tier for metric in (*metrics.NODE, *metrics.SATELLITE) if metric.tier}
    store = Store(data, now=time.time, finest=finest)
    await store.open()
    try:
        for node in nodes:
            await store.commit([remembered(node.node)])
    finally:
        await store.close()


def _sources(node: DemoNode) -> dict[str, Any]:
    """Everything that a node can be asked by; its storage lies on this host's disk."""
    console = node.console
    return {
        "log": str(node.log),
        "api": node.api,
        "health": console.health_url,
        "debug": console.debug_url,
        "storage": str(node.log.parent),
    }
