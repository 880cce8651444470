"""Before and after: what changed at a moment, and whether that is more than usual. Pure.

Both sides have the same length and whole hours; the hour of the moment itself is left out. What is usual is the median
of the same difference at the same hour of other days (of other weeks, for sides of a week), scaled like a standard
deviation: the rhythm of day and week is in it.
"""

from __future__ import annotations

import re
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.core import hours as sums_of
from storj_monitor.core import sketch
from storj_monitor.core.anomaly import EVENTS_MIN, HOUR, SIGMA
from storj_monitor.core.utc import DAY, moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storj_monitor.core.hours import Sums

NOTABLE = 3.0
"""Usual differences beyond which one is notable."""
HISTORY_MIN = 4
"""Earlier differences without which nothing is said to be usual."""
SHIFTS = {24: (DAY, 28), 168: (7 * DAY, 7)}
"""Hours of a side → how far apart earlier moments are, and how many."""
P95 = "download_p95"


class Measure(NamedTuple):
    """`floor`: the smallest usual difference; of bytes a share of what was before (`relative`)."""

    metric: str
    label: str
    unit: str
    floor: float
    relative: bool = False
    digits: int = 1


MEASURES = (
    Measure("upload_success", "upload success", " points", 0.25),
    Measure("download_success", "download success", " points", 0.25),
    Measure(P95, "slowest twentieth of downloads", " s", 1.0),
    Measure("ingress_bytes", "ingress", " %", 0.05, relative=True, digits=0),
    Measure("egress_bytes", "egress", " %", 0.05, relative=True, digits=0),
    Measure("errors", "error lines", "", 5, digits=0),
    Measure("log_unknown_share", "lines not understood", " points", 0.1),
)


class Compared(NamedTuple):
    """One measure: units of the metric table, durations in seconds. None = not known; `noise`: the usual difference."""

    metric: str
    label: str
    before: float | None
    after: float | None
    difference: float | None
    noise: float | None
    notable: bool | None
    text: str


class Past:
    """Hours of a node: sums, and sketches of the durations of its downloads."""

    def __init__(self, hours: Mapping[int, Sums], durations: Mapping[int, Mapping[int, int]]) -> None:
        self._hours = hours
        self._durations = durations

    def value(self, metric: str, start: int, end: int) -> float | None:
        """The value of a span of whole hours; None when less than half of it is known, or too few events."""
        known = [each for t in range(start, end, HOUR) if (each := self._hours.get(t)) is not None and each.lines]
        if 2 * len(known) < (end - start) // HOUR:
            return None
        if metric == P95:
            return self._slowest(start, end)
        value, events = sums_of.value(metric, sums_of.total(known), end - start)
        return None if events < EVENTS_MIN and metric.endswith(("_success", "_share")) else value

    def _slowest(self, start: int, end: int) -> float | None:
        found = [self._durations[t] for t in range(start, end, HOUR) if t in self._durations]
        bins = sketch.merged(found)
        return sketch.quantile(bins, 0.95) if sum(bins.values()) >= EVENTS_MIN else None


class Span(NamedTuple):
    """The two sides of a moment: before = [start, before_end), after = [after_start, after_start + length)."""

    before_end: int
    after_start: int
    length: int


def span(at: int, hours: int, now: float) -> Span | None:
    """Sides of at most `hours`, as long as what has passed since; None in the first full hour."""
    before, after = at // HOUR * HOUR, -(-at // HOUR) * HOUR
    length = min(hours * HOUR, int(now - after) // HOUR * HOUR)
    return Span(before, after, length) if length >= HOUR else None


def reach(hours: int) -> int:
    """Seconds of history before the moment that `compare` wants."""
    shift, many = SHIFTS[hours]
    return shift * many + hours * HOUR


def compare(past: Past, sides: Span, hours: int) -> list[Compared]:
    """All measures, in their order."""
    return [_compare(each, past, sides, hours) for each in MEASURES]


def _compare(measure: Measure, past: Past, sides: Span, hours: int) -> Compared:
    before, after = _sides(measure.metric, past, sides, 0)
    known = before is not None and after is not None
    difference = after - before if before is not None and after is not None else None
    shift, many = SHIFTS[hours]
    earlier = [_sides(measure.metric, past, sides, n * shift) for n in range(1, many + 1)]
    usual = [abs(b - a) for a, b in earlier if a is not None and b is not None]
    noise = SIGMA * median(usual) if len(usual) >= HISTORY_MIN else None
    notable = None
    if known and noise is not None and difference is not None:
        noise = max(noise, measure.floor * (abs(before or 0.0) if measure.relative else 1))
        notable = abs(difference) > NOTABLE * noise
    said = _said(measure, before, difference)
    return Compared(measure.metric, measure.label, before, after, difference, noise, notable, said)


def _sides(metric: str, past: Past, sides: Span, earlier: int) -> tuple[float | None, float | None]:
    first, second = sides.before_end - earlier, sides.after_start - earlier
    return past.value(metric, first - sides.length, first), past.value(metric, second, second + sides.length)


def _said(measure: Measure, before: float | None, difference: float | None) -> str:
    if before is None or difference is None:
        return ""
    if measure.relative:
        difference = 100 * difference / before if before else 0.0
    sign = "−" if difference < 0 else "+"
    return f"{measure.label} {sign}{abs(difference):.{measure.digits}f}{measure.unit}"


# ---- words ----

_LABELS = {
    "started": "Restart",
    "stopped": "Stop",
    "crashed": "Crash",
    "config": "Changed settings",
    "migrated": "Migration",
    "storage": "Change of the disk",
    "alert": "Alert",
}
_UPDATED = re.compile(r" to v?(\d+\.\d+)(?:\.\d+)?\.?$")
_LABEL_MAX = 60


def label(event: tuple[int, str, str] | None, at: int) -> str:
    """What a moment is called, by its event (at, kind, text): the new version, the note, or just its time."""
    if event is None:
        return moment(at)
    _, kind, text = event
    update = _UPDATED.search(text) if kind == "updated" else None
    if update:
        return update[1]
    if kind == "note":
        return text if len(text) <= _LABEL_MAX else f"{text[: _LABEL_MAX - 1]}…"
    return _LABELS.get(kind, moment(at))


def sentence(name: str, found: Sequence[Compared]) -> str:
    """`1.163: upload success −2.1 points.`"""
    notable = [each.text for each in found if each.notable]
    if notable:
        return f"{name}: {', '.join(notable)}."
    if all(each.notable is None for each in found):
        return f"{name}: too little is known to compare."
    return f"{name}: nothing changed more than usual."
