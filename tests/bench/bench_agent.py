"""What the agent costs: idle, following 200 and 10,000 lines a second; its start. Figures, no assertions."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from tests.bench.agent import Agent
from tests.mosquitto import until

from storj_monitor.core.logreader import LogReader
from storj_monitor.demo.bulk import write_log
from storj_monitor.demo.lognode import SimulatedNode
from storj_monitor.demo.runner import DemoNode

SECONDS = 60.0
TICK = 0.02
BROWSERS = 10
TAILS = 20_000


def test_this_core() -> None:
    """What the figures are to be read by: cores differ, and one that is shared differs from hour to hour."""
    begun, total = time.process_time(), 0
    for number in range(5_000_000):
        total += number * number
    say("this core: five million squares summed up", f"{time.process_time() - begun:.2f} s")


def tails() -> list[bytes]:
    """Transfer lines of a real-looking node without their time, each of another piece."""
    node, found = SimulatedNode(1, start=1_795_305_600.0, rate=200.0, noise=0.0, unique=True, flat=True), []
    for lines in node.seconds(node.begun, node.begun + 10 * TAILS / 200):
        for line in lines:
            reader = LogReader("")
            reader.feed(line, 1.0)
            if sum(tally.count for tally in reader.take().tallies) == 1:
                found.append(line.partition(b"\t")[2])
        if len(found) >= TAILS:
            break
    return found


@dataclass
class Busy:
    """A log that grows; `written` is (transfers so far, when that many were there)."""

    path: Path
    rate: float
    written: list[tuple[int, float]] = field(default_factory=list)

    async def write(self, lines: list[bytes], seconds: float) -> int:
        """Write for so long; how many in all."""
        begun, count = time.time(), 0
        with self.path.open("ab", buffering=0) as log:
            while (spent := time.time() - begun) < seconds:
                due = int(spent * self.rate) - count
                stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ\t", time.gmtime()).encode()
                log.write(b"".join(stamp + lines[n % len(lines)] for n in range(count, count + due)))
                count += due
                self.written.append((count, time.time()))
                await asyncio.sleep(TICK)
        return count


@dataclass
class Browser:
    """A page that watches; `heard` is (transfers so far, when it knew of that many)."""

    heard: list[tuple[int, float]] = field(default_factory=list)

    async def watch(self, session: aiohttp.ClientSession, url: str) -> None:
        async with session.ws_connect(f"{url}/ws", max_msg_size=0) as socket:
            await socket.send_json({"id": 1, "cmd": "watch", "args": {"nodes": "all"}})
            total = 0
            async for message in socket:
                told: dict[str, Any] = json.loads(message.data)
                if told.get("t") == "live":
                    total += sum(row[3] for row in told["bins"])
                    self.heard.append((total, time.time()))


@contextlib.asynccontextmanager
async def browsers(agent: Agent, number: int) -> AsyncIterator[list[Browser]]:
    pages = [Browser() for _ in range(number)]
    async with aiohttp.ClientSession() as session:
        tasks = [asyncio.create_task(page.watch(session, agent.url)) for page in pages]
        await asyncio.sleep(2)
        try:
            yield pages
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def delays(written: list[tuple[int, float]], heard: list[tuple[int, float]]) -> Iterator[float]:
    """Seconds from a batch in the log to a browser that knows all of it, once for each line."""
    known = iter(heard)
    total, at = 0, math.nan
    before = 0
    for count, when in written:
        while total < count:
            total, at = next(known)
        yield from [at - when] * (count - before)
        before = count


def say(what: str, figure: str) -> None:
    print(f"\n{what:<48} {figure}", end="")


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


@contextlib.asynccontextmanager
async def agent_on(data: Path, *arguments: str) -> AsyncIterator[Agent]:
    agent = Agent(data, *arguments)
    try:
        await agent.until(lambda board: any(topic.endswith("/state") for topic in board))
        yield agent
    finally:
        agent.stop()


async def test_idle(tmp_path: Path) -> None:
    node = DemoNode(tmp_path, clock=time.time, history=3600.0, tick=1e9)
    await node.start()
    try:
        async with agent_on(tmp_path / "data", "--node", f"attic={node.log},{node.api}") as agent:
            await asyncio.sleep(15)  # what a start brings is over
            begun = agent.cpu()
            await asyncio.sleep(SECONDS)
            share = 100 * (agent.cpu() - begun) / SECONDS
            say("idle, one node with log and API", f"{share:.2f} % of a core, {agent.status('VmRSS:')} MiB")
    finally:
        await node.stop()


async def test_following_200_lines_a_second_with_a_browser(tmp_path: Path) -> None:
    node = DemoNode(tmp_path, clock=time.time, history=3600.0, rate=200.0)
    await node.start()
    try:
        async with agent_on(tmp_path / "data", "--node", f"attic={node.log},{node.api}") as agent:
            async with browsers(agent, 1):
                await asyncio.sleep(15)
                begun, before = agent.cpu(), agent.status("VmRSS:")
                await asyncio.sleep(2 * SECONDS)
                share = 100 * (agent.cpu() - begun) / (2 * SECONDS)
            memory = f"{before} MiB, two minutes later {agent.status('VmRSS:')} MiB"
            say("200 transfers/s, one browser that watches", f"{share:.2f} % of a core, {memory}")
    finally:
        await node.stop()


async def test_following_10_000_lines_a_second_with_ten_browsers(tmp_path: Path) -> None:
    log, lines = tmp_path / "node.log", tails()
    log.touch()
    busy = Busy(log, 10_000.0)
    async with agent_on(tmp_path / "data", "--node", f"attic={log}") as agent:
        async with browsers(agent, BROWSERS) as pages:
            begun = agent.cpu()
            count = await busy.write(lines, SECONDS)
            spent = 100 * (agent.cpu() - begun) / SECONDS
            await until(lambda: all(page.heard and page.heard[-1][0] >= count for page in pages), "the last line", 30)
        late = [delay for page in pages for delay in delays(busy.written, page.heard)]
        lost = [count - page.heard[-1][0] for page in pages]
        p50, p99 = (1000 * percentile(late, share) for share in (0.5, 0.99))
        say(
            "10,000 lines/s, ten browsers: line to browser",
            f"p50 {p50:.0f} ms, p99 {p99:.0f} ms; lost or double: {lost}",
        )
        say("the agent meanwhile", f"{spent:.0f} % of a core, {agent.status('VmHWM:')} MiB at most")


async def test_a_start_with_a_million_transfers_of_history(tmp_path: Path) -> None:
    log = tmp_path / "node.log"
    write_log(log)
    async with agent_on(tmp_path / "data", "--node", f"attic={log}") as agent:
        await agent.until(lambda board: board["storj-monitor/" + _name(board) + "/attic/state"]["log_behind"] == 0, 300)
        await asyncio.sleep(12)  # a commit
    took, worked = [], []
    for _ in range(5):
        begun = time.monotonic()
        agent = Agent(tmp_path / "data", "--node", f"attic={log}")
        try:
            await agent.until(lambda board: any(topic.endswith("/attic/state") for topic in board))
            took.append(time.monotonic() - begun)
            worked.append(agent.cpu())
        finally:
            agent.stop()
    every = ", ".join(f"{each:.2f}" for each in sorted(took))
    figure = f"{sorted(took)[2]:.2f} s (of five: {every}), {sorted(worked)[2]:.2f} s of a core"
    say("start to first page, a million transfers kept", figure)


def _name(board: dict[str, Any]) -> str:
    return next(topic.split("/")[1] for topic in board if topic.endswith("/attic/state"))
