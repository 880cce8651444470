"""The last answers of a node's sources, and how long each may be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from storj_monitor.core import readings, utc
from storj_monitor.core.readings import Body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storj_monitor.core.facts import Reading

    Readings = Mapping[str, Reading]

HOUR = 3600
MAX_AGE = {
    "life": 10 * 60,
    "standing": 3 * HOUR,
    readings.MONTH: 3 * HOUR,
    readings.SATELLITE: 3 * HOUR,
    readings.PAYOUT: 6 * HOUR,
    readings.PAYSTUBS: 7 * utc.DAY,
    readings.HELD: 7 * utc.DAY,
    readings.GROWTH: utc.DAY,
}
"""Seconds. `life` is what `/api/sno/` says of the process and its disk, `standing` what it says of the satellites."""

B = TypeVar("B", bound=Body)


def last(known: Readings, source: str, kind: type[B]) -> B | None:
    """The newest answer of a source, however old; None before the first."""
    reading = known.get(source)
    return reading.body if reading is not None and isinstance(reading.body, kind) else None


def fresh(known: Readings, source: str, kind: type[B], now: float, age: float) -> B | None:
    """The newest answer of a source if it is at most `age` seconds old."""
    body = last(known, source, kind)
    return body if body is not None and now - body.at <= age else None
