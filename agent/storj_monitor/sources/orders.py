"""Orders not sent yet: files in `orders/unsent`, one per satellite and hour (agent/docs/storagenode.md §2.3)."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from storj_monitor.core.readings_host import OrdersReading, Unsent
from storj_monitor.sources.guard import Guard
from storj_monitor.sources.poller import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable

FILES_MAX = 50_000
SATELLITES_MAX = 64
_FILE = re.compile(r"unsent-orders-([1-9A-HJ-NP-Za-km-z]{30,60})-(\d{16,19})\.v\d+")


class Orders:
    """The orders folder of one node."""

    def __init__(
        self, folder: Callable[[], str | None], *, now: Callable[[], float], guard: Guard | None = None
    ) -> None:
        self._folder = folder
        self._now = now
        self._guard = guard or Guard("The orders folder")

    async def poll(self) -> OrdersReading | None:
        """What waits there; None while no folder is known. Raises `SourceError` or `HangsError`."""
        folder = self._folder()
        if folder is None:
            return None
        try:
            found = await self._guard.call(_scan, f"{folder}/unsent")
        except FileNotFoundError:
            raise SourceError(f"There is no folder {folder}/unsent; see storage2.orders.path in config.yaml.") from None
        except OSError as problem:
            raise SourceError(f"The orders in {folder} cannot be looked at: {problem.strerror}.") from None
        return OrdersReading(at=int(self._now()), satellites=found)


def _scan(folder: str) -> tuple[Unsent, ...]:
    found: dict[str, tuple[int, int, int]] = {}
    with os.scandir(folder) as entries:
        for entry, _ in zip(entries, range(FILES_MAX), strict=False):
            match = _FILE.fullmatch(entry.name)
            if match is None or (match[1] not in found and len(found) >= SATELLITES_MAX):
                continue
            files, size, oldest = found.get(match[1], (0, 0, 1 << 62))
            found[match[1]] = files + 1, size + _size(entry), min(oldest, int(match[2]) // 10**9)
    return tuple(Unsent(satellite, *rest) for satellite, rest in sorted(found.items()))


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return 0  # sent in this very moment


def say(body: Any) -> str:
    """One sentence for `check`."""
    return f"{sum(each.files for each in body.satellites)} files of unsent orders."
