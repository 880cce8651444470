"""The most frequent things of a stream, in bounded memory.

`Tops` keeps the largest of each hour; what is cut off is small, and its count so far is lost: counts are never too
high. `Repeats` finds what comes again among items of which nearly all come once, for the price of one dictionary
in C.
"""

from __future__ import annotations

from collections import Counter
from heapq import nlargest
from typing import TYPE_CHECKING

from storj_monitor.core.facts import Top

if TYPE_CHECKING:
    from collections.abc import Sequence

REPEATS_MAX = 16_384
"""Items remembered at most by `Repeats`, about 2 MB."""

Sum = list[int]


class Tops:
    """Items of one kind with count and bytes by hour. Between two cuts there are up to twice `size` in all."""

    def __init__(self, kind: str, size: int) -> None:
        self.kind = kind
        self._size = size
        self._items: dict[tuple[int, str], Sum] = {}

    def add(self, hour: int, item: str, n: int = 1, size: int = 0) -> None:
        """Count `n` more of an item within the hour that begins at `hour`, with `size` bytes in all."""
        known = self._items.get((hour, item))
        if known is not None:
            known[0] += n
            known[1] += size
            return
        if len(self._items) >= 2 * self._size:
            self._items = dict(nlargest(self._size, self._items.items(), key=lambda each: each[1][0]))
        self._items[hour, item] = [n, size]

    def take(self) -> list[Top]:
        """The largest since the last call."""
        items, self._items = self._items, {}
        largest = nlargest(self._size, items.items(), key=lambda each: each[1][0])
        return [Top(self.kind, hour, item, *sums) for (hour, item), sums in largest]


class Repeats:
    """Remembers the last ten thousand items; those seen once are forgotten together when there are too many.

    An item that comes again only after that counts as new, so counts may be too low, never too high. Remembered are
    hashes of 64 bits, not the items: that is twice as fast, and two items with the same one do not meet in practice.
    """

    def __init__(self, most: int = REPEATS_MAX) -> None:
        self._most = most
        self._seen: Counter[int] = Counter()

    def add(self, items: Sequence[str], sizes: Sequence[int]) -> dict[str, Sum]:
        """Item → [n, bytes] to add for each that came at least twice by now.

        The first sight is counted with the second, as if it had had the same size.
        """
        seen = self._seen
        before = len(seen)
        seen.update(map(hash, items))
        repeated = len(seen) - before < len(items)
        grown = self._grown(items, sizes) if repeated else {}
        if len(seen) > self._most:
            self._forget()
        return grown

    def _grown(self, items: Sequence[str], sizes: Sequence[int]) -> dict[str, Sum]:
        seen, grown = self._seen, dict[str, Sum]()
        for item, size in [each for each in zip(items, sizes, strict=True) if seen[hash(each[0])] > 1]:
            known = grown.get(item)
            if known is None:
                grown[item] = [1, size]
            else:
                known[0] += 1
                known[1] += size
        for item, known in grown.items():
            if seen[hash(item)] - known[0] == 1:
                known[1] += known[1] // known[0]
                known[0] += 1
        return grown

    def _forget(self) -> None:
        kept = {item: n for item, n in self._seen.items() if n > 1}
        if len(kept) > self._most // 2:
            kept = dict(nlargest(self._most // 4, kept.items(), key=lambda each: each[1]))
        self._seen = Counter(kept)
