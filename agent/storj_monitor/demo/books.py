"""The node's own books: traffic that is booked hourly, and bytes on disk.

Traffic is kept in memory and written by `Persisting bandwidth usage cache to db`, as nodes do since 1.104: until then
the API does not show it, and a crash loses it (agent/docs/storagenode.md §10 fact 26).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

DAY = 86_400
PUT, PUT_REPAIR, GET, GET_REPAIR, GET_AUDIT = range(5)
_TRASH_DAYS = 7


class Ledger:
    """Bytes by UTC day, satellite and kind of traffic (`PUT` … `GET_AUDIT`, the index of each list)."""

    def __init__(self, satellites: int) -> None:
        self.open = [[0] * 5 for _ in range(satellites)]
        self.daily: dict[int, list[list[int]]] = {}
        self._waiting: dict[int, list[list[int]]] = {}
        self._day = 0

    def turn(self, day: int) -> None:
        """Book what follows to `day` (days since 1970)."""
        if day != self._day:
            _add(self._waiting, self._day, self.open)
            self.drop()
            self._day = day

    def drop(self) -> None:
        """Forget what is only in memory. The lists stay the same objects: the traffic generator holds them."""
        for row in self.open:
            row[:] = [0] * 5

    def flush(self) -> None:
        """Write everything down."""
        _add(self._waiting, self._day, self.open)
        self.drop()
        for day, rows in self._waiting.items():
            _add(self.daily, day, rows)
        self._waiting.clear()

    def crash(self) -> None:
        """The process died without a word."""
        self._waiting.clear()
        self.drop()


def _add(days: dict[int, list[list[int]]], day: int, rows: list[list[int]]) -> None:
    if any(map(any, rows)):
        sums = days.setdefault(day, [[0] * 5 for _ in rows])
        for mine, row in zip(sums, rows, strict=True):
            mine[:] = [a + b for a, b in zip(mine, row, strict=True)]


@dataclass(slots=True)
class Disk:
    """One satellite's bytes: uploads are live, garbage collection moves some to trash, which ends after a week.

    `live` is a list of one so that the traffic generator can add to it; `dead` bytes wait in logs for compaction.
    """

    live: list[int]
    dead: int = 0
    trash: deque[tuple[int, int]] = field(default_factory=deque)
    collected_at: int = 0
    compactions: int = 0

    @property
    def trashed(self) -> int:
        return sum(size for _, size in self.trash)

    @property
    def never_freed(self) -> int:
        """Dead bytes in logs that are mostly alive: compaction leaves them."""
        return self.live[0] // 33

    def settle(self, uploads_per_day: int, today: int, *, hashstore: bool) -> None:
        """The state of a disk on which all this has been going on for long."""
        self.collected_at = self.live[0]
        self.dead = self.never_freed if hashstore else 0
        moved = _deleted(uploads_per_day, self.live[0])
        self.trash.extend((day, moved) for day in range(today - _TRASH_DAYS, today))

    def collect(self, day: int) -> int:
        """Garbage collection: what customers deleted since the last time goes to trash. Bytes moved."""
        moved = _deleted(max(0, self.live[0] - self.collected_at), self.live[0])
        self.live[0] -= moved
        self.collected_at = self.live[0]
        self.trash.append((day, moved))
        return moved

    def expire(self, day: int) -> int:
        """Trash older than a week goes. Bytes freed."""
        freed = 0
        while self.trash and self.trash[0][0] <= day - _TRASH_DAYS:
            freed += self.trash.popleft()[1]
        return freed


def _deleted(uploaded: int, live: int) -> int:
    """What customers deleted of the new and of the old in about a day."""
    return uploaded * 6 // 10 + live // 4000
