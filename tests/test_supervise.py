"""A part that falls over is started again, patiently, and the log stays short."""

from __future__ import annotations

import asyncio
import logging

import pytest
from tests.patience import PATIENCE

from storj_monitor.core.errors import MonitorError
from storj_monitor.supervise import LONGEST_WAIT, STEADY_AFTER, keep_running, wait_before

LOG = logging.getLogger("test.supervise")


class Clock:
    """Time that moves when nothing else can: the earliest sleeper wakes."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        future = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, future))
        await future

    async def advance_until(self, done: asyncio.Event) -> None:
        while not done.is_set():
            for _ in range(5):
                await asyncio.sleep(0)
            self._sleepers = [(at, future) for at, future in self._sleepers if not future.done()]
            if self._sleepers and not done.is_set():
                self.now, future = min(self._sleepers, key=lambda sleeper: sleeper[0])
                future.set_result(None)


class Part:
    """Runs by a plan: seconds it lasts and how it ends (None: returns); after the plan it stays up."""

    def __init__(self, clock: Clock, *plan: tuple[float, Exception | None]) -> None:
        self.clock = clock
        self.plan = list(plan)
        self.started: list[float] = []
        self.settled = asyncio.Event()
        self.cancelled = False

    async def run(self) -> None:
        self.started.append(self.clock.now)
        try:
            if not self.plan:
                await self.clock.sleep(STEADY_AFTER + 1)
                self.settled.set()
                await asyncio.Event().wait()
            lasts, error = self.plan.pop(0)
            if lasts:
                await self.clock.sleep(lasts)
            if error:
                raise error
        except asyncio.CancelledError:
            self.cancelled = True
            raise


async def supervised(clock: Clock, part: Part) -> None:
    task = asyncio.ensure_future(
        keep_running("The log of attic", part.run, sleep=clock.sleep, log=LOG, jitter=lambda: 1.0)
    )
    await asyncio.wait_for(clock.advance_until(part.settled), PATIENCE)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert part.cancelled


async def test_it_is_said_once_that_it_is_down_and_once_that_it_is_back(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOG.name)
    clock = Clock()
    part = Part(clock, (0, MonitorError("No such file.")), (0, OSError("boom")), (5, None))
    await supervised(clock, part)
    assert part.started == [0, 1, 3, 12]
    assert [record.getMessage() for record in caplog.records] == [
        "The log of attic is down and will be tried again: No such file.",
        "The log of attic is back after 3 tries.",
    ]
    assert not caplog.records[0].exc_info


async def test_an_error_nobody_meant_comes_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    await supervised(clock, Part(clock, (0, KeyError())))
    assert "will be tried again: KeyError" in caplog.text
    assert "Traceback" in caplog.text


async def test_one_that_lasted_begins_anew_with_short_waits(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOG.name)
    clock = Clock()
    falls = [(0.0, OSError("first"))] * 8
    part = Part(clock, *falls, (STEADY_AFTER + 1, None), (0, OSError("second")))
    await supervised(clock, part)
    gaps = [after - before for before, after in zip(part.started, part.started[1:], strict=False)]
    assert gaps == [1, 2, 4, 8, 16, 32, 60, 60, STEADY_AFTER + 1 + 1, 2]
    assert [record.getMessage().split(":")[0] for record in caplog.records] == [
        "The log of attic is down and will be tried again",
        "The log of attic is back after 8 tries.",
        "The log of attic is down and will be tried again",
        "The log of attic is back after 2 tries.",
    ]


async def test_stopping_while_it_waits_starts_nothing_more() -> None:
    clock = Clock()
    part = Part(clock, (0, OSError("boom")))
    task = asyncio.ensure_future(keep_running("x", part.run, sleep=clock.sleep, log=LOG))
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(clock.waits) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert part.started == [0]


async def test_no_timer_is_left_behind() -> None:
    clock = Clock()
    before = asyncio.all_tasks()
    await supervised(clock, Part(clock, (0, OSError("boom")), (0, OSError("boom"))))
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


def test_waits_double_to_a_limit_and_half_of_each_is_chance() -> None:
    assert [wait_before(n, 1.0) for n in (1, 2, 3, 7, 8, 10_000)] == [1, 2, 4, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]
    assert [wait_before(n, 0.0) for n in (1, 2, 10_000)] == [0.5, 1, LONGEST_WAIT / 2]
