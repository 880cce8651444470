"""One node's log as a source of facts: the follower and the reader, run in a thread and taken together.

The follower's positions and the reader's sums belong together (law 1), so a lock keeps `take` between two blocks.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from storj_monitor.core import hints
from storj_monitor.core.facts import Batch, LogReading, Notice
from storj_monitor.core.live import LiveBuffer
from storj_monitor.core.logreader import LogReader
from storj_monitor.sources.docker import DockerLog
from storj_monitor.sources.journal import Journal
from storj_monitor.sources.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from storj_monitor.core.live import Place
    from storj_monitor.core.position import Position

_log = logging.getLogger(__name__)

IDLE = 1.0
"""Seconds between two looks while nobody watches."""
WATCHED = 0.1
"""While somebody does; what a look has found is shown at once, so that a line waits only for the look."""
STEP = 8
"""Blocks of 256 KiB read in one go; between two goes the engine may take what is there."""


class Follower(Protocol):
    """What hands on a log's lines, each once: `Tail` for files, `Journal`. All methods but the first may block."""

    def positions(self) -> list[Position]:
        """Where to continue after what was read, to be saved with what came of it."""

    def start(self, saved: Iterable[Position], *, followed: bool) -> None:
        """Continue from saved positions; `followed` is False on the very first start."""

    def stop(self) -> None:
        """Give everything back."""

    def read(self) -> bytes:
        """The next block of complete lines; b"" when all is read for now."""

    def heard(self, last: int) -> None:
        """Note the time of the latest line that was made of what was read."""

    def behind(self) -> int | None:
        """Bytes that exist and are not yet read; None when nobody can tell."""

    def past(self) -> list[str]:
        """Files of the log that were there before the first start and are not counted, oldest first."""


def follower(log: str, say: Callable[[str], None], now: Callable[[], float]) -> Follower:
    """What follows a log of the settings: a path, a glob, `journal:UNIT` or `docker:CONTAINER`."""
    kind, _, name = log.partition(":")
    if kind == "journal":
        return Journal(name, say, now)
    return Tail(DockerLog(name, say, now) if kind == "docker" else log, say)


def _nowhere(_address: str) -> Place | None:
    """The place of a client while nobody knows places."""
    return None


class LogSource:
    """Follows the log of one node; `make` makes what follows it."""

    def __init__(
        self,
        node: str,
        log: str,
        *,
        now: Callable[[], float],
        place: Callable[[str], Place | None] | None = None,
        make: Callable[[str, Callable[[str], None], Callable[[], float]], Follower] = follower,
    ) -> None:
        self.node = node
        self.log = log
        self._now = now
        self._place = place
        self._reader = LogReader(node, place)
        self._follower = make(log, self._say, now)
        self._lock = asyncio.Lock()
        self._woken = asyncio.Event()
        self._said: list[str] = []
        self._told: set[str] = set()  # what is said once in the life of the agent
        self._behind: int | None = 0
        self._changed = False
        self._resting = False
        self._show: Callable[[dict[str, Any]], None] | None = None
        self._shown_at = 0.0

    async def start(
        self, *, followed: bool, positions: Sequence[Position], carry: bytes | None, latest: LogReading | None
    ) -> Batch:
        """Continue from what the store has; the batch to commit before anything is read marks where we begin."""
        self._reader.restore(carry, latest)
        await asyncio.to_thread(self._follower.start, positions, followed=followed)
        return Batch(self.node, positions=self._follower.positions(), carry=self._reader.carry())

    async def run(self) -> None:
        """Read for ever."""
        while True:
            if not await self._look():
                await self._pause()

    async def stop(self) -> None:
        """Close what is open."""
        async with self._lock:
            self._follower.stop()

    async def _look(self) -> bool:
        """One step in a thread. A thread cannot be cancelled: the lock is held until it is through."""
        async with self._lock:
            if self._resting:
                return False
            step = asyncio.get_running_loop().run_in_executor(None, self._step)
            try:
                more = await asyncio.shield(step)
            except asyncio.CancelledError:
                await step
                raise
            self._show_live()
            return more

    async def past(self) -> list[str]:
        """Files of the log that were there before the first start and are not counted, oldest first."""
        async with self._lock:
            return await asyncio.to_thread(self._follower.past)

    async def rest(self) -> None:
        """Read nothing until `resume`; what was read can still be taken."""
        async with self._lock:
            self._resting = True

    async def resume(self, *, positions: Sequence[Position], carry: bytes | None, latest: LogReading | None) -> None:
        """Go on from what the store has now; everything that was read has been committed before."""
        async with self._lock:
            await asyncio.to_thread(self._follower.stop)
            self._reader.restore(carry, latest)
            await asyncio.to_thread(self._follower.start, positions, followed=True)
            self._resting = False
        self._woken.set()

    async def catch_up(self) -> None:
        """Read all that is there now."""
        while await self._look():
            pass

    async def _pause(self) -> None:
        self._woken.clear()
        seconds = WATCHED if self._reader.live is not None else IDLE
        alarm = asyncio.get_running_loop().call_later(seconds, self._woken.set)
        try:
            await self._woken.wait()
        finally:
            alarm.cancel()

    def _step(self) -> bool:
        """Read up to `STEP` blocks; True when there may be more."""
        for _ in range(STEP):
            block = self._follower.read()
            if not block:
                self._behind = self._follower.behind()
                return False
            self._reader.feed(block, self._now())
            self._changed = True
            if self._reader.chores.pretty and hints.PRETTY not in self._told:
                self._told.add(hints.PRETTY)
                self._say(hints.PRETTY)
        self._follower.heard(self._reader.last)
        self._behind = self._follower.behind()
        return True

    async def take(self) -> Batch | None:
        """Sums, positions and carry of all that was read since the last call."""
        async with self._lock:
            if not (self._changed or self._said):
                return None
            self._follower.heard(self._reader.last)
            batch = self._reader.take()
            batch.positions = self._follower.positions()
            batch.behind = self._behind
            said, self._said, self._changed = self._said, [], False
        batch.notices += [Notice(int(self._now()), "info", sentence, "agent") for sentence in said]
        return batch

    def _say(self, sentence: str) -> None:
        _log.warning("%s: %s", self.node, sentence)
        self._said.append(sentence)

    # ---- while somebody watches ----

    def watch(self, show: Callable[[dict[str, Any]], None] | None) -> None:
        """Look 10 times a second and hand the fields of each `live` message to `show`; None: nobody watches."""
        self._show = show
        if show is None:
            self._reader.live = None
        elif self._reader.live is None:
            self._reader.live = LiveBuffer(self._now, self._place or _nowhere)
        self._woken.set()

    def _show_live(self) -> None:
        """Show what happened, if anything did; not more often than that while much is read at once."""
        live, at = self._reader.live, time.monotonic()
        if self._show is None or live is None or at - self._shown_at < WATCHED:
            return
        self._shown_at = at
        fields = live.take(self._reader.at_once())
        if fields is not None:
            self._show(fields)


def log_reading(body: bytes | None) -> LogReading | None:
    """The last log reading from the store's JSON."""
    return msgspec.json.decode(body, type=LogReading) if body else None
