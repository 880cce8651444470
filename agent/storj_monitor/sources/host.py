"""The host and this process, read from /proc: loads are means over ten minutes (contract, `about`).

Outside Linux there is no /proc; then every value is None, and nothing else depends on it.
"""

from __future__ import annotations

import os
import resource
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

SPAN = 600.0
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Times(NamedTuple):
    """Seconds since some start: `at` by the wall clock, `own` processor time of this process, jiffies of the host."""

    at: float
    own: float
    busy: float
    iowait: float
    total: float


class HostMeter:
    """`sample` now and then; `load` says the means since the sample ten minutes ago."""

    def __init__(self, now: Callable[[], float], proc: Path = Path("/proc")) -> None:
        self._now = now
        self._proc = proc
        self._samples: deque[Times] = deque()

    def sample(self) -> None:
        """Remember how things stand."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        busy, iowait, total = self._jiffies()
        self._samples.append(Times(self._now(), usage.ru_utime + usage.ru_stime, busy, iowait, total))
        while len(self._samples) > 2 and self._samples[1].at < self._now() - SPAN:
            self._samples.popleft()

    def load(self) -> dict[str, float | int | None]:
        """`cpu_percent` of one core, `rss` bytes, `host_cpu_percent`, `host_iowait_percent` of all cores."""
        values: dict[str, float | int | None] = {
            "cpu_percent": None,
            "host_cpu_percent": None,
            "host_iowait_percent": None,
        }
        if len(self._samples) > 1:
            first, last = self._samples[0], self._samples[-1]
            values["cpu_percent"] = _percent(last.own - first.own, last.at - first.at)
            values["host_cpu_percent"] = _percent(last.busy - first.busy, last.total - first.total)
            values["host_iowait_percent"] = _percent(last.iowait - first.iowait, last.total - first.total)
        return values | {"rss": self._rss()}

    def _jiffies(self) -> tuple[float, float, float]:
        try:
            first = (self._proc / "stat").read_text().split("\n", 1)[0]
        except OSError:
            return 0.0, 0.0, 0.0
        user, nice, system, idle, iowait, *rest = (float(each) for each in first.split()[1:9])
        return user + nice + system + sum(rest), iowait, user + nice + system + idle + iowait + sum(rest)

    def _rss(self) -> int | None:
        try:
            return int((self._proc / "self/statm").read_text().split()[1]) * _PAGE
        except OSError:
            return None


def _percent(part: float, whole: float) -> float | None:
    return round(100 * part / whole, 2) if whole > 0 else None
