"""Success rates of log files, or of what a database holds, for the command line."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from storj_monitor.core import successrate
from storj_monitor.core.errors import MonitorError
from storj_monitor.core.logreader import LogReader
from storj_monitor.count import blocks
from storj_monitor.store.reader import Column, Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from storj_monitor.core.successrate import Block

BEFORE = 1_500_000_000
"""No storage node of this network has written a log before (2017)."""
ALL = 1_000_000


class Sums:
    """What the blocks are made of."""

    def __init__(self) -> None:
        self.cells: dict[tuple[str, str], int] = {}
        self.lost = self.deleted = self.delete_failed = 0

    def transfers(self, action: str, outcome: str, n: int) -> None:
        """Count transfers."""
        self.cells[action, outcome] = self.cells.get((action, outcome), 0) + n

    def message(self, text: str, n: int) -> None:
        """Count lines of one message."""
        self.deleted += n if text in successrate.DELETED else 0
        self.delete_failed += n if text.startswith(successrate.DELETE_FAILED) else 0

    def blocks(self) -> tuple[Block, ...]:
        """The six."""
        more: dict[str, Any] = {"lost": self.lost, "deleted": self.deleted, "delete_failed": self.delete_failed}
        return successrate.blocks(self.cells, **more)


def of_files(paths: Iterable[str], progress: Callable[[int], None]) -> tuple[Block, ...]:
    """The blocks of log files, plain or packed, in their order. Raises OSError when one cannot be read."""
    sums, reader, now = Sums(), LogReader(""), time.time()
    for path in paths:
        for block in blocks(path):
            progress(reader.feed(block, now))
            batch = reader.take()
            for tally in batch.tallies:
                sums.transfers(tally.action, tally.outcome, tally.count)
            for (_, _, text), n in batch.templates.items():
                sums.message(text, n)
            sums.lost += sum(sample.n for sample in batch.samples if sample.metric == successrate.LOST)
    return sums.blocks()


async def of_store(data: Path, node: str | None) -> tuple[Block, ...]:
    """The blocks of all that is stored, of one node or of all together."""
    sums = Sums()
    async with Reader.open(data) as reader:
        known = [str(row[0]) for row in await reader.fetch("SELECT name FROM node ORDER BY name")]
        if node is not None and node not in known:
            raise MonitorError(f"There is no node {node!a} in {data}; there are: {', '.join(known) or 'none'}.")
        for row in await reader.transfers(node, None, None, ("action", "outcome")):
            sums.transfers(row["action"], row["outcome"], row["count"])
        for name in known if node is None else [node]:
            for template in await reader.templates(name, ALL):
                sums.message(template["text"], template["n"])
            lost = Column("lost", (successrate.LOST,), "count")
            found = await reader.history(name, [lost], BEFORE, int(time.time()) + 86_400, 86_400)
            sums.lost += sum(value or 0 for _, value in found.rows)
    return sums.blocks()
