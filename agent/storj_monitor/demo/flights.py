"""Transfers that take their time: a node at level DEBUG logs the start of each, and its end some seconds later.

Only such a log tells durations (agent/docs/storagenode.md §2.2): most transfers are over within the second, a few take
minutes. Uploads take longer than downloads, large pieces longer than small ones.
"""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from storj_monitor.demo.traffic import Row

_TAIL = 1.15
_LONGEST = 290.0
_BASE = {True: 0.28, False: 0.45}
_BYTES_PER_SECOND = 1_600_000


class Flight(NamedTuple):
    """A transfer that has begun; it ends in second `end`. `number` keeps those of one second in order."""

    end: int
    number: int
    row: Row
    fields: dict[bytes, Any]
    sent: int


class Flights:
    """What is in the air."""

    def __init__(self, rng: random.Random) -> None:
        self.room = 0
        self._rng = rng
        self._heap: list[Flight] = []
        self._number = 0

    def begin(self, at: int, row: Row, fields: dict[bytes, Any], sent: int) -> bytes:
        """The line of a transfer that begins in second `at`."""
        size = fields[b"s"]
        middle = _BASE[row.read] + size / _BYTES_PER_SECOND
        took = min(_LONGEST, self._rng.lognormvariate(math.log(middle), _TAIL))
        self._number += 1
        end = at + int(took + self._rng.random())
        heapq.heappush(self._heap, Flight(end, self._number, row, dict(fields), sent))
        return row.start % (fields | {b"v": self.room})

    def landed(self, at: int) -> Iterator[Flight]:
        """Those that end in second `at` or should have ended before."""
        while self._heap and self._heap[0].end <= at:
            yield heapq.heappop(self._heap)

    def drop(self) -> None:
        """The process died: what was in the air never ends."""
        self._heap.clear()
