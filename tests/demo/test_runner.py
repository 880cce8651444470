"""A node in real time, driven by a clock of the test."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from typing import TYPE_CHECKING

import pytest
from tests.demo.helpers import START, counted, text

from storj_monitor.demo.lognode import SimulatedNode
from storj_monitor.demo.runner import DemoNode, demo_nodes

if TYPE_CHECKING:
    from pathlib import Path


class Clock:
    """Time that passes only in `sleep`, and stops at `end`."""

    def __init__(self, end: float) -> None:
        self.now, self.end = START, end
        self.over = asyncio.Event()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if self.now >= self.end:
            self.over.set()
            await asyncio.Event().wait()
        self.now += seconds
        await asyncio.sleep(0)


async def run(folder: Path, clock: Clock, **options: object) -> DemoNode:
    demo = DemoNode(folder, clock=clock, sleep=clock.sleep, history=3600, **options)  # type: ignore[arg-type]
    await demo.start()
    await clock.over.wait()
    return demo


async def test_history_then_life_then_a_signal(tmp_path: Path) -> None:
    clock = Clock(START + 120)
    demo = await run(tmp_path, clock, rate=8, seed=3, name="attic")
    reply = await asyncio.to_thread(urllib.request.urlopen, f"{demo.api}/api/sno/")
    assert json.load(reply)["nodeID"] == demo.node.node_id
    await demo.stop()
    written = text(demo.log.read_bytes().splitlines(keepends=True))
    assert counted(written) == demo.node.truth
    assert written[0].startswith("2026-11-22T23:00:00Z")
    assert "Got a signal" in written[-1] or any("Got a signal" in line for line in written[-20:])
    alone = SimulatedNode(3, start=START - 3600, name="attic", rate=8)
    assert text(alone.lines(START - 3600, START + 119)) == written[: len(text_until(written, "00:01:59"))]
    with pytest.raises(OSError, match=r".*"):
        await asyncio.to_thread(urllib.request.urlopen, f"{demo.api}/api/sno/")


def text_until(lines: list[str], time: str) -> list[str]:
    return [line for line in lines if line[:20] < f"2026-11-23T{time}Z"]


async def test_lines_are_spread_over_the_second(tmp_path: Path) -> None:
    clock = Clock(START + 20)
    sizes: list[int] = []
    demo = DemoNode(tmp_path, clock=clock, sleep=clock.sleep, history=60, rate=40, tick=0.1)
    await demo.start()
    while not clock.over.is_set():
        await asyncio.sleep(0)
        sizes.append(demo.log.stat().st_size)
    await demo.stop()
    assert len(set(sizes)) > 150


@pytest.mark.parametrize("rotate", ["copytruncate", "rename"])
async def test_rotation_drops_nothing_of_a_quiet_moment(tmp_path: Path, rotate: str) -> None:
    clock = Clock(START + 300)
    demo = await run(tmp_path, clock, rate=5, rotate=rotate, rotate_bytes=5_500_000)
    await demo.stop()
    kept = demo.log.with_name("demo.log.1")
    assert kept.exists()
    assert demo.log.exists() == (rotate == "copytruncate")
    data = kept.read_bytes() + (demo.log.read_bytes() if demo.log.exists() else b"")
    assert counted(text(data.splitlines(keepends=True))) == demo.node.truth


async def test_a_night_of_sleep_leaves_a_gap(tmp_path: Path) -> None:
    clock = Clock(START + 10)
    demo = await run(tmp_path, clock)
    await demo.stop()
    before = demo.log.stat().st_size
    demo._file = demo.log.open("ab", buffering=0)
    clock.now += 8 * 3600
    demo._write_present()
    clock.now += 30
    demo._write_present()
    demo._file.close()
    added = text(demo.log.read_bytes()[before:].splitlines(keepends=True))
    assert 0 < len(added) < 500
    assert added[-1][:20] > "2026-11-23T08:00:00Z"


def test_the_demo_has_a_grown_node_and_a_young_one(tmp_path: Path) -> None:
    attic, cellar = demo_nodes(tmp_path, clock=lambda: START, history=60.0)
    assert (attic.log.name, cellar.log.name) == ("attic.log", "cellar.log")
    with pytest.raises(ValueError, match="no way of rotating"):
        DemoNode(tmp_path, clock=lambda: START, rotate="often")
