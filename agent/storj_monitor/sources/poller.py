"""Polls the smaller sources of a node, one after the other: each is a row of what to ask, how often, and how.

A poll gives a reading, nothing (it has nothing to ask yet), or raises `SourceError`: that becomes one `Down` and one
line in our log until the next proper answer. What was only guessed (an address found in config.yaml) is not held
against the node before it has answered once.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.core.errors import MonitorError
from storj_monitor.core.facts import Batch, Down, Notice, Reading

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from storj_monitor.core.readings import Body

_log = logging.getLogger(__name__)

JITTER = 0.1
MINUTE = 60
SLOWEST = 4
"""A failing source is asked after 1, 1, 2, 4, 4 … times its interval."""


class SourceError(MonitorError):
    """A source gave no proper answer; the text is for people."""


class Row(NamedTuple):
    """One source: `poll()` every so many seconds, `first` after so many.

    `asks_node`: it is a request to the node, so it waits for its turn. `given`: somebody set it, so a failure is told
    at once. `aligned`: polled at the begin of a minute. `say` puts an answer into words, `news` says what changed.
    """

    name: str
    every: float
    poll: Callable[[], Awaitable[Body | None]]
    say: Callable[[Body], str]
    asks_node: bool = False
    given: bool = True
    aligned: bool = False
    first: float = 0.0
    news: Callable[[Body, Body], list[Notice]] | None = None


class Slot:
    """When a row is due, and how it has gone."""

    def __init__(self, row: Row, due: float, last: Body | None) -> None:
        self.row = row
        self.due = due
        self.last = last
        self.failures = 0

    def delay(self) -> float:
        """Seconds until it is asked again."""
        return self.row.every * min(1 << max(0, self.failures - 2), SLOWEST)


class Poller:
    """The rows of one node, or of the agent for all of its `nodes`: what they say is said of each."""

    def __init__(
        self,
        nodes: Sequence[str],
        rows: Sequence[Row],
        emit: Callable[[Batch], None],
        *,
        now: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
        turn: asyncio.Lock | None = None,
        remembered: Mapping[str, Reading] | None = None,
    ) -> None:
        self._nodes = nodes
        self._rows = rows
        self._emit = emit
        self._now = now
        self._clock = clock
        self._turn = turn or asyncio.Lock()
        self._remembered = remembered or {}
        self._slots: list[Slot] = []

    def start(self) -> None:
        """Make every row due."""
        at = self._clock()
        known = {source: reading.body for source, reading in self._remembered.items()}
        self._slots = [Slot(row, at + row.first, known.get(row.name)) for row in self._rows]

    async def run(self) -> None:
        """Poll for ever; cancel to stop."""
        self.start()
        while self._slots:
            pause = await self.step()
            if pause > 0:
                await asyncio.sleep(pause)

    async def step(self) -> float:
        """Do the poll that is due, if one is; seconds until the next one (0 = at once)."""
        slot = min(self._slots, key=lambda each: each.due)
        pause = slot.due - self._clock()
        if pause > 0:
            return pause
        if slot.row.asks_node:
            async with self._turn:
                await self._poll(slot)
        else:
            await self._poll(slot)
        return 0.0

    async def _poll(self, slot: Slot) -> None:
        try:
            body = await slot.row.poll()
        except MonitorError as trouble:
            self._failed(slot, str(trouble))
        else:
            if body is not None:
                self._answered(slot, body)
        wait = slot.delay() * (1 + JITTER * random.random())  # noqa: S311 - no secret
        if slot.row.aligned:
            wait += -(self._now() + wait) % MINUTE
        slot.due = self._clock() + wait

    def _answered(self, slot: Slot, body: Body) -> None:
        row, old = slot.row, slot.last
        back = slot.failures > 0
        if back and self._told(slot):
            _log.info("%s: %s answers again", self._who(), row.name)
        news = row.news(old, body) if row.news is not None and old is not None else []
        prompt = old is None or back or bool(news)
        slot.failures, slot.last = 0, body
        for node in self._nodes:
            self._emit(Batch(node, readings=[Reading(row.name, body.at, body)], notices=news, prompt=prompt))

    def _failed(self, slot: Slot, text: str) -> None:
        slot.failures += 1
        if slot.failures > 1:
            return
        if not self._told(slot):
            _log.debug("%s: %s: %s", self._who(), slot.row.name, text)
            return
        _log.warning("%s: %s", self._who(), text)
        for node in self._nodes:
            self._emit(Batch(node, readings=[Down(slot.row.name, int(self._now()), text)], prompt=True))

    def _told(self, slot: Slot) -> bool:
        return slot.row.given or slot.last is not None

    def _who(self) -> str:
        return self._nodes[0] if len(self._nodes) == 1 else "agent"
