"""What is shown while somebody watches: transfers as they are read. Never stored (law 2's one exception)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.core.logline import Entry
    from storj_monitor.core.messages import Message
    from storj_monitor.core.transfers import Ended

POINTS_MAX = 500
LINES_MAX = 100

Place = tuple[float | None, float | None, str]
"""Latitude and longitude rounded to 0.1 degrees (None where only the country is known), ISO country code."""


class LiveBuffer:
    """Collects between two messages to the browsers. Client addresses end here: only their place goes on."""

    def __init__(self, clock: Callable[[], float], place: Callable[[str], Place | None]) -> None:
        self._clock = clock
        self._place = place
        self._open: tuple[int, int] | None = None
        self._clear()

    def _clear(self) -> None:
        self._at = int(self._clock() * 1000)
        self._bins: dict[tuple[int, str, str], list[int]] = {}
        self._points: list[list[Any]] = []
        self._lines: list[list[Any]] = []

    def transfer(self, second: int, transfer: Ended, outcome: str) -> None:
        """One transfer that ended in the event-time second `second`."""
        size = max(transfer.size, 0)
        cell = self._bins.setdefault((second, transfer.action, outcome), [0, 0])
        cell[0] += 1
        cell[1] += size
        if len(self._points) < POINTS_MAX:
            place = self._place(transfer.remote_address or "") or (None, None, None)
            offset = max(0, int(self._clock() * 1000) - self._at)
            self._points.append([offset, transfer.action, outcome, size, *place])

    def line(self, second: int, entry: Entry, row: Message | None) -> None:
        """One line that is no transfer, with what the catalogue says of it."""
        if entry.level == "DEBUG" or len(self._lines) >= LINES_MAX:
            return
        meaning, severity = (row.meaning, row.severity) if row is not None else (None, "info")
        self._lines.append([second, entry.level, entry.logger, entry.message[:300], meaning, severity])

    def take(self, under_way: tuple[int, int] | None = None) -> dict[str, Any] | None:
        """The fields of one `live` message, or None when nothing happened.

        `under_way`: downloads and uploads that have begun and not ended, None where nobody can tell.
        """
        changed, self._open = under_way != self._open, under_way
        if not (self._bins or self._lines or changed):
            self._clear()
            return None
        bins = [[*key, *cell] for key, cell in self._bins.items()]
        message = {"at": self._at, "bins": bins, "points": self._points, "lines": self._lines, "open": under_way}
        self._clear()
        return message
