"""Rows, their times, their failures: time is a number that the test moves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest
from tests.sources.small import Clock

from storj_monitor.core.facts import Batch, Down, Notice, Reading
from storj_monitor.core.readings import Body
from storj_monitor.core.readings_host import DnsReading
from storj_monitor.sources.poller import Poller, Row, SourceError


class Source:
    """Answers with what it is told to."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.asked: list[float] = []
        self.fault = ""
        self.nothing = False
        self.address = "203.0.113.7"

    async def poll(self) -> Body | None:
        self.asked.append(self.clock.at)
        if self.fault:
            raise SourceError(self.fault)
        return None if self.nothing else DnsReading(at=int(self.clock.at), host="a", addresses=(self.address,))


def changed(old: Body, new: Body) -> list[Notice]:
    assert isinstance(old, DnsReading)
    assert isinstance(new, DnsReading)
    return [Notice(new.at, "info", "moved", kind="dns")] if old.addresses != new.addresses else []


def row(poll: Callable[[], Awaitable[Body | None]], name: str = "dns", every: float = 600, **more: object) -> Row:
    return Row(name, every, poll, str, **more)  # type: ignore[arg-type]


def made(*rows: Row, clock: Clock, nodes: tuple[str, ...] = ("attic",), **more: object) -> tuple[Poller, list[Batch]]:
    batches: list[Batch] = []
    poller = Poller(nodes, rows, batches.append, now=clock, clock=clock, **more)  # type: ignore[arg-type]
    poller.start()
    return poller, batches


async def run(poller: Poller, clock: Clock, seconds: float) -> None:
    end = clock.at + seconds
    while clock.at < end:
        pause = await poller.step()
        clock.at = min(end, clock.at + pause)


async def test_each_row_at_its_interval_and_the_first_value_at_once() -> None:
    clock = Clock()
    often, seldom = Source(clock), Source(clock)
    poller, batches = made(row(often.poll, every=60), row(seldom.poll, "orders", first=30), clock=clock)
    await run(poller, clock, 3600)
    assert 54 <= len(often.asked) <= 60
    assert seldom.asked[0] == pytest.approx(1_795_435_230)
    assert len(seldom.asked) in {6, 5}
    prompt = [(batch.readings[0].source, batch.prompt) for batch in batches]
    assert prompt.count(("dns", True)) == prompt.count(("orders", True)) == 1


async def test_an_aligned_row_is_polled_as_a_minute_begins() -> None:
    clock = Clock(1_795_435_217)
    source = Source(clock)
    poller, _ = made(row(source.poll, every=540, aligned=True), clock=clock)
    await run(poller, clock, 3600)
    assert len(source.asked) > 5
    assert all(at % 60 == pytest.approx(0, abs=1e-3) or at % 60 > 59.999 for at in source.asked[1:])
    assert all(540 <= b - a <= 660 for a, b in zip(source.asked[1:], source.asked[2:], strict=False))


async def test_a_failure_is_said_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    source = Source(clock)
    source.fault = "The disk is silent."
    poller, batches = made(row(source.poll, every=60), clock=clock)
    await run(poller, clock, 1200)
    assert [(batch.readings, batch.prompt) for batch in batches] == [
        ([Down("dns", 1_795_435_200, "The disk is silent.")], True)
    ]
    # 60, 60, 120, 240, 240 … seconds and up to a tenth more
    assert len(source.asked) in {6, 7}
    source.fault = ""
    await run(poller, clock, 300)
    assert isinstance(batches[1].readings[0], Reading)
    assert batches[1].prompt
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_what_was_only_found_may_fail_in_silence_until_it_has_answered() -> None:
    clock = Clock()
    source = Source(clock)
    source.fault = "refused"
    poller, batches = made(row(source.poll, given=False), clock=clock)
    await run(poller, clock, 1800)
    assert batches == []
    source.fault = ""
    await run(poller, clock, 3600)
    source.fault = "refused"
    await run(poller, clock, 3600)
    assert isinstance(batches[-1].readings[0], Down)


async def test_nothing_to_ask_says_nothing_and_is_no_failure() -> None:
    clock = Clock()
    source = Source(clock)
    source.nothing = True
    poller, batches = made(row(source.poll), clock=clock)
    await run(poller, clock, 1800)
    assert batches == []
    assert len(source.asked) >= 3


async def test_news_are_told_with_their_reading_and_compared_with_what_was_remembered() -> None:
    clock = Clock()
    source = Source(clock)
    old = {"dns": Reading("dns", 1, DnsReading(at=1, host="a", addresses=("198.51.100.1",)))}
    poller, batches = made(row(source.poll, news=changed), clock=clock, remembered=old)
    await run(poller, clock, 1900)
    assert [len(batch.notices) for batch in batches[:2]] == [1, 0]
    source.address = "203.0.113.8"
    await run(poller, clock, 700)
    assert [notice.text for batch in batches for notice in batch.notices] == ["moved", "moved"]
    assert all(batch.prompt for batch in batches if batch.notices)


async def test_what_is_asked_once_is_said_of_every_node() -> None:
    clock = Clock()
    poller, batches = made(row(Source(clock).poll), clock=clock, nodes=("attic", "cellar"))
    await run(poller, clock, 10)
    assert [batch.node for batch in batches] == ["attic", "cellar"]


async def test_a_request_to_the_node_waits_for_its_turn() -> None:
    clock, turn = Clock(), asyncio.Lock()
    node, own = Source(clock), Source(clock)
    poller, _ = made(row(own.poll, "orders"), row(node.poll, asks_node=True, first=1), clock=clock, turn=turn)
    await turn.acquire()
    assert await poller.step() == 0
    assert own.asked, "what is no request does not wait"
    clock.at += 1
    step = asyncio.create_task(poller.step())
    await asyncio.sleep(0.01)
    assert not node.asked
    turn.release()
    await step
    assert node.asked
