"""What the simulated node did before its first line: traffic, storage and audits of months, without a log.

Everything is a pure function of seed, satellite and day, so that a restart tells the same story.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import NamedTuple

from storj_monitor.demo.books import DAY, GET, GET_AUDIT, GET_REPAIR, PUT, PUT_REPAIR

_AUDIT_BYTES = 256


class Rates(NamedTuple):
    """One satellite at the first line: live bytes, and transfers' bytes per second by slot of the ledger."""

    live: float
    bytes_per_second: list[float]


def rates(rate: float, share: float, mean_size: float, live: float) -> Rates:
    """Bytes per second of `rate` transfers per second in the usual mix."""
    per_second = [0.0] * 5
    for slot, weight in ((PUT, 0.34), (PUT_REPAIR, 0.06), (GET, 0.48), (GET_REPAIR, 0.06)):
        per_second[slot] = rate * share * weight * mean_size
    per_second[GET_AUDIT] = rate * share * 0.04 * _AUDIT_BYTES
    return Rates(live, per_second)


def month_of(at: float) -> tuple[int, int]:
    """Year and month (UTC) of an epoch second."""
    moment = datetime.fromtimestamp(at, UTC)
    return moment.year, moment.month


def month_start(year: int, month: int) -> int:
    """First second of a month, which may be 0 or 13: the year follows."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp())


class Past:
    """The days before `begun`, back to `joined` (epoch seconds), for each satellite."""

    def __init__(self, seed: int, joined: float, begun: float, satellites: list[Rates]) -> None:
        self.joined = joined
        self.begun = begun
        self._seed = seed
        self._satellites = satellites
        self._wobbles: dict[tuple[int, int], float] = {}

    def _grown(self, at: float) -> float:
        """Share of today's storage that was there at `at`: fast first, then slower."""
        age = self.begun - self.joined
        return max(0.0, min(1.0, (at - self.joined) / age)) ** 0.7 if age > 0 else 0.0

    def _wobble(self, satellite: int, day: int) -> float:
        wobble = self._wobbles.get((satellite, day))
        if wobble is None:
            dice = random.Random(f"past/{self._seed}/{satellite}/{day}")  # noqa: S311
            self._wobbles[satellite, day] = wobble = dice.uniform(0.75, 1.25)
        return wobble

    def _part(self, day: int) -> float:
        """Share of the day that lies between joining and the first line."""
        return max(0.0, min(self.begun, (day + 1) * DAY) - max(self.joined, day * DAY)) / DAY

    def traffic(self, satellite: int, day: int) -> list[int]:
        """Bytes of a day (days since 1970) by slot of the ledger."""
        part = self._part(day)
        if not part:
            return [0] * 5
        wobble, grown = self._wobble(satellite, day), self._grown(day * DAY + DAY / 2)
        factor = part * DAY * wobble
        per_second = self._satellites[satellite].bytes_per_second
        # Uploads come to small nodes too; what is read grows with what is stored.
        return [
            int(rate * factor * (1.0 if slot in {PUT, PUT_REPAIR} else grown)) for slot, rate in enumerate(per_second)
        ]

    def uploads_per_day(self, satellite: int) -> int:
        """Bytes of an average day at the first line."""
        rates = self._satellites[satellite].bytes_per_second
        return int((rates[PUT] + rates[PUT_REPAIR]) * DAY)

    def stored(self, satellite: int, at: float) -> float:
        """Live bytes at a time before the first line."""
        return self._satellites[satellite].live * self._grown(at)
