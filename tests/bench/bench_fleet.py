"""A hundred hosts with a thousand nodes on one broker: `make bench-fleet`. Figures, never assertions on time."""

from __future__ import annotations

import asyncio
import json
import resource
import time
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.bench.agent import Agent
from tests.integration import rig
from tests.mosquitto import Client, Mosquitto

from storj_monitor.core import metrics
from storj_monitor.core.facts import Batch, Sample, Tally
from storj_monitor.settings import NodeSettings
from storj_monitor.store.db import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

AGENTS, NODES, SATELLITES = 100, 10, ("us1", "eu1", "ap1", "saltlake")
TOPICS = AGENTS * (3 + NODES * (3 + len(SATELLITES)))
MINUTES = 5
ROOT = "storj-monitor"


def payload(rows: tuple[metrics.Metric, ...], number: int, **known: Any) -> dict[str, Any]:
    """A state with every key of the contract and a plausible value."""
    by_kind = {"flag": True, "text": "ok", "time": 1_795_000_000, "money": 1.25}
    by_unit = {"%": 98.5, "bytes": 1_000_000_000_000 + number, "bytes/s": 1_250_000 + number, "USD/TB": 1.5, "d": 120}
    values = {row.key: by_kind.get(row.kind, by_unit.get(row.unit or "", number)) for row in rows}
    return values | known


def retained() -> Iterator[tuple[str, bytes]]:
    """Everything that a hundred agents retain."""
    for a in range(AGENTS):
        agent = f"{ROOT}/host{a:03d}"
        about = payload(metrics.AGENT, a, nodes=NODES, instance=f"{a:012x}", contract=1, version="0.1.0", url=None)
        yield f"{agent}/status", b"online"
        yield f"{agent}/about", json.dumps(about).encode()
        yield f"{agent}/alerts", b"[]"
        for n in range(NODES):
            node = f"{agent}/node{n}"
            state = payload(metrics.NODE, n, name=f"node{n}", status="ok", status_text="node is fine.")
            yield f"{node}/state", json.dumps(state).encode()
            yield f"{node}/alerts", b"[]"
            yield f"{node}/thresholds", b'{"disk_full_days":14,"online_score":60}'
            for name in SATELLITES:
                yield f"{node}/satellite/{name}/state", json.dumps(payload(metrics.SATELLITE, n)).encode()


@pytest.fixture
def persistent(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that keeps what is retained over a restart."""
    kept = tmp_path / "kept"
    kept.mkdir()
    made = Mosquitto(tmp_path / "broker", extra=f"persistence true\npersistence_location {kept}/")
    made.start()
    try:
        yield made
    finally:
        made.stop()


def foreign(board: dict[str, Any]) -> int:
    return sum(topic.startswith(f"{ROOT}/host") for topic in board)


async def test_a_thousand_nodes_on_one_page(tmp_path: Path, persistent: Mosquitto) -> None:
    with Client(persistent, "nothing") as fleet:
        for topic, content in retained():
            fleet.publish(topic, content, retain=True)
        viewer = Agent(tmp_path / "data", "--mqtt", persistent.url)
        try:
            ready = await viewer.until(lambda board: foreign(board) == TOPICS)
            print(
                f"\n{TOPICS:,} retained topics of {AGENTS * NODES:,} nodes on the board  {ready:.1f} s after the start"
            )
            print(f"memory of the fleet viewer                    {viewer.status('VmHWM:')} MiB at most")
            await page_ready(viewer)
            begun = viewer.cpu()
            for minute in range(MINUTES):
                for topic, content in retained():
                    if topic.endswith("/state") and "/satellite/" not in topic:
                        changed = json.loads(content) | {"disk_used": minute, "ts": 60 * minute}
                        fleet.publish(topic, json.dumps(changed).encode(), retain=True)
                await viewer.until(partial(ended, at=60 * minute))
            spent = viewer.cpu() - begun
            share = 100 * spent / (60 * MINUTES)
            print(f"a value of every node each minute             {share:.1f} % of a core")
            persistent.stop()
            persistent.start()
            back = await viewer.until(lambda board: online(board) == AGENTS)
            print(f"all back after a broker's restart             {back:.1f} s")
            print(f"memory in the end                             {viewer.status('VmRSS:')} MiB")
        finally:
            viewer.stop()


def ended(board: dict[str, Any], at: int) -> bool:
    states = [value for topic, value in board.items() if topic.endswith("/state") and "/satellite/" not in topic]
    return len(states) == AGENTS * NODES and all(value["ts"] == at for value in states)


def online(board: dict[str, Any]) -> int:
    return sum(value == "online" for topic, value in board.items() if topic.startswith(f"{ROOT}/host"))


async def page_ready(viewer: Agent) -> None:
    """How long a browser takes from nothing to the drawn overview of all nodes."""
    from playwright.async_api import async_playwright  # noqa: PLC0415 - only this bench draws

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await browser.new_page()
        begun = time.monotonic()
        await page.goto(viewer.url)
        await page.get_by_text("1,000").first.wait_for()
        print(f"page ready in a browser                       {time.monotonic() - begun:.1f} s")
        await page.wait_for_timeout(500)
        await page.screenshot(path="artefacts/fleet-1000.png")
        await browser.close()


YEAR = 365 * 86_400


async def test_a_year_of_history_from_twenty_agents(tmp_path: Path, broker: Mosquitto) -> None:
    """Twenty agents with a year of hours each answer one page at the same time."""
    clock = rig.Clock(rig.NOON)
    start = int(rig.NOON) - YEAR
    async with AsyncExitStack() as stack:
        for number in range(20):
            data = tmp_path / f"pi{number}"
            store = Store(data, now=clock)
            await store.open()
            hours = range(start, int(rig.NOON), 3600)
            tallies = [Tally(at - at % 60, rig.US1, "PUT", "ok", 60, 1 << 30) for at in hours]
            await store.commit([Batch("attic", tallies=tallies)])
            await store.close()
            log = tmp_path / f"{number}.log"
            log.write_bytes(b"")
            sections = {"agent": {"name": f"pi{number}"}, "mqtt": {"url": broker.url, "fleet": False}}
            nodes = {"attic": NodeSettings(log=str(log))}
            await stack.enter_async_context(rig.running(data, nodes, clock, **sections))
        sections = {"agent": {"name": "fleet"}, "mqtt": {"url": broker.url}}
        viewer = await stack.enter_async_context(rig.running(tmp_path / "fleet", {}, clock, **sections))
        page = await stack.enter_async_context(rig.page(viewer))
        await page.until(lambda board: online_pis(board) == 20, 30)
        fleet = viewer._fleet
        assert fleet is not None
        args = {"node": "attic", "metrics": ["ingress_bytes"], "from": start, "to": int(rig.NOON), "step": 86_400}
        begun, cpu = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_utime
        answers = await asyncio.gather(*(fleet.ask(f"pi{number}", "history", args) for number in range(20)))
        spent = time.monotonic() - begun
        assert all(len(answer["rows"]) >= 365 for answer in answers)
        cpu = resource.getrusage(resource.RUSAGE_SELF).ru_utime - cpu
        print(f"\na year of history from 20 agents in parallel   {spent:.2f} s, {cpu:.2f} s of CPU for all 21 of them")


def online_pis(board: dict[str, Any]) -> int:
    return sum(board.get(f"{ROOT}/pi{number}/status") == "online" for number in range(20))


async def test_any_chart_of_two_years(tmp_path: Path) -> None:
    """Two years of ten nodes as the store keeps them: minutes of a week, hours of 400 days, days for ever."""
    clock, end = rig.Clock(rig.NOON), int(rig.NOON)
    store = Store(tmp_path, now=clock, finest={"disk_used": "hour"})
    await store.open()
    names = [f"node{number}" for number in range(10)]
    spans = (
        (end - 2 * YEAR, end - 400 * 86_400, 86_400),
        (end - 400 * 86_400, end - 7 * 86_400, 3600),
        (end - 7 * 86_400, end, 60),
    )
    for name in names:
        for low, high, step in spans:
            ticks = range(low - low % step, high, step)
            tallies = [
                Tally(at, satellite, action, "ok", 60, 1 << 24)
                for at in ticks
                for satellite in (rig.US1, rig.EU1)
                for action in ("GET", "PUT")
            ]
            samples = [Sample("disk_used", at, 1, 5e12, 5e12, 5e12, 5e12) for at in ticks if step > 60]
            await store.commit([Batch(name, tallies=tallies, samples=samples)])
    took: list[float] = []
    from storj_monitor.core.columns import column  # noqa: PLC0415
    from storj_monitor.store.reader import Column  # noqa: PLC0415

    for name in names:
        for days in (0.1, 1, 7, 30, 90, 365, 730):
            for metric in ("ingress_rate", "egress_bytes", "upload_success", "disk_used"):
                made = column(metric)
                wanted = [Column(made.name, made.metrics, made.agg, made.of)]
                begin = end - int(days * 86_400)
                begun = time.perf_counter()
                await store.reader.history(name, wanted, begin, end, max(60, (end - begin) // 400), None, max_rows=2000)
                took.append(time.perf_counter() - begun)
    size = store.file.stat().st_size / 1e6
    await store.close()
    took.sort()
    p95 = took[int(0.95 * len(took))]
    print(f"\nany chart of 2 years × 10 nodes                p95 {1000 * p95:.0f} ms, slowest {1000 * took[-1]:.0f} ms")
    print(f"the database of it                             {size:.0f} MB")
