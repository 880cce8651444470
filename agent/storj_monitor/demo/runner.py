"""A simulated node in real time: it fills its log with some past, then writes as time goes by, and serves its API.

The caller composes: `storj-monitor demo` starts two of these and an agent that follows them.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO

from storj_monitor.demo.console import ConsoleServer
from storj_monitor.demo.lognode import SimulatedNode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

HISTORY = 36 * 3600.0
"""Seconds of log that are there from the start."""
ROTATIONS = ("", "copytruncate", "rename")
_ASLEEP = 60.0
_BLOCK = 500

_log = logging.getLogger(__name__)


class DemoNode:
    """One simulated node with its log file and its console API.

    Args:
        folder: where the log goes, as `<name>.log`.
        clock: epoch seconds; `sleep` waits for that clock.
        seed, name: as for `SimulatedNode`, which gets `options` too (version, rate, trouble, …).
        history: seconds of log written before the first live line.
        tick: seconds between two writes.
        rotate: "" for never, `copytruncate`, or `rename` (the node then goes on writing into the renamed file, as
            storagenode does); it happens once the log is larger than `rotate_bytes`.
        extra: open the public port's healthcheck and the debug server too (`console.health_url`, `console.debug_url`).

    After `start`: `log` (path), `api` (URL), `node` (the `SimulatedNode`), `console` (its faults can be set).
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], float],
        seed: int = 1,
        name: str = "demo",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        history: float = HISTORY,
        tick: float = 0.25,
        rotate: str = "",
        rotate_bytes: int = 64_000_000,
        extra: bool = False,
        **options: Any,
    ) -> None:
        if rotate not in ROTATIONS:
            raise ValueError(f"{rotate!r} is no way of rotating; there is {', '.join(filter(None, ROTATIONS))}.")
        self.name = name
        self.log = folder / f"{name}.log"
        self.api = ""
        self.node: SimulatedNode
        self.console: ConsoleServer
        self._clock, self._sleep, self._tick = clock, sleep, tick
        self._seed, self._history, self._options = seed, history, options
        self._rotate, self._rotate_bytes, self._extra = rotate, rotate_bytes, extra
        self._file: BinaryIO
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Write the past (in a thread, some seconds for days of it), open the API, go on writing."""
        now = self._clock()
        self.node = SimulatedNode(self._seed, name=self.name, start=now - self._history, **self._options)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        # Unbuffered appends, as the node's own: after a truncation they go on at the new end.
        self._file = self.log.open("ab", buffering=0)
        await asyncio.to_thread(self._write_past, now)
        self.console = ConsoleServer(self.node, self._clock)
        self.api = await self.console.start(extra=self._extra)
        self._task = asyncio.create_task(self._run(), name=f"demo node {self.name}")

    async def stop(self) -> None:
        """Stop as a node does when it is told to: the signal's line is the last one."""
        if self._task is None:
            return
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        await self.console.stop()
        self._file.write(b"".join(self.node.stop(self._clock())))
        self._file.close()

    def _write_past(self, until: float) -> None:
        block: list[bytes] = []
        for number, lines in enumerate(self.node.seconds(self.node.begun, until)):
            block += lines
            if number % _BLOCK == 0:
                self._file.write(b"".join(block))
                block.clear()
        self._file.write(b"".join(block))

    async def _run(self) -> None:
        while True:
            self._write_present()
            await self._sleep(self._tick)

    def _write_present(self) -> None:
        now, since = self._clock(), self.node.position
        # After a night's sleep of the host a node does not make up for what it missed.
        since = now if now - since > _ASLEEP else since
        data = b"".join(self.node.lines(since, now))
        if data:
            self._file.write(data)
        if self._rotate and self._file.tell() > self._rotate_bytes:
            self._turn_over()

    def _turn_over(self) -> None:
        kept = self.log.with_name(self.log.name + ".1")
        if self._rotate == "copytruncate":
            shutil.copyfile(self.log, kept)
            self._file.truncate(0)
        elif self.log.exists():
            self.log.rename(kept)
        else:
            return
        _log.debug("%s: log rotated by %s", self.name, self._rotate)


def demo_nodes(folder: Path, *, clock: Callable[[], float], seed: int = 1, **options: Any) -> list[DemoNode]:
    """The two nodes of `storj-monitor demo`: a grown one of 1.162 at level DEBUG and a young, small one of 1.142.

    `options` go to both (`history`, `tick`, `sleep`, …).
    """
    young = clock() - options.get("history", HISTORY) - 160 * 86_400.0
    return [
        DemoNode(
            folder, clock=clock, seed=seed, name="attic", version="1.162.3", rate=4.0, level="debug",
            away=((12.4 * 86_400, 9 * 3600.0),), **options,
        ),
        DemoNode(
            folder, clock=clock, seed=seed, name="cellar", version="1.142.7", rate=1.5,
            allocated=4_000_000_000_000, used=0.34, joined=young, **options,
        ),
    ]  # fmt: skip
