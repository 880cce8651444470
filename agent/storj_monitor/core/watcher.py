"""When a value beyond its usual range becomes an insight, and when it is over. Pure: one watcher for each node.

It opens when it was beyond four deviations for an hour, closes when it was within two for two hours. What is not known
stops the clock of one that is about to open and leaves an open one as it is. One cause is told once: a satellite that
pulls the node's figure down is named instead of the node, most satellites at once are the node; failures that lower a
success rate are its cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from storj_monitor.core import anomaly, insight
from storj_monitor.core.anomaly import HOLD, HOUR, KEEP
from storj_monitor.core.insight import Insight

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from storj_monitor.core.anomaly import Band

TOGETHER = 2 * HOUR
"""Seconds within which two that begin have one cause."""
SETTLES = anomaly.YOUNG
"""Seconds after which what was unusual is usual: by then there is a baseline of it."""


class Series(NamedTuple):
    """What is watched; `satellite` is a full id or ""."""

    metric: str
    satellite: str = ""


class Look(NamedTuple):
    """The hour up to `end` (epoch seconds) beside what is usual. `parts`: (start, value) within it, oldest first."""

    end: int
    value: float
    band: Band
    parts: Sequence[tuple[int, float | None]] = ()


class Watch(msgspec.Struct):
    """A value that is beyond, or one that is usual again: since when, for how many known seconds; the last look."""

    began: int
    held: int = 0
    last: int | None = None

    def hold(self, end: int) -> None:
        """It is still so at `end`; what was not known in between does not count."""
        self.held += end - self.last if self.last is not None else 0
        self.last = end


class Changes(NamedTuple):
    """What one look changed; `opened` have no cause and no text yet but for the number of satellites alike."""

    opened: list[tuple[Insight, int]]
    closed: list[Insight]


class Watcher:
    """Follows the series of one node. `open` may be given back after a restart."""

    def __init__(self, node: str, known: Iterable[Insight] = ()) -> None:
        self.node = node
        self.open: dict[Series, Insight] = {Series(each.metric, each.satellite): each for each in known}
        self._watches: dict[Series, Watch] = {}
        self._calm: dict[Series, Watch] = {}

    def look(self, looks: Mapping[Series, Look], now: int) -> Changes:
        """Take in the newest hour of each series; one that is missing is not known."""
        self._watch(looks)
        closed = [done for series in list(self.open) if (done := self._closed(series, looks.get(series), now))]
        ready = [series for series, watch in self._watches.items() if watch.held >= HOLD and series in looks]
        opened = []
        for series in sorted(ready, key=lambda each: (len(insight.parents(each.metric)), each)):
            alike = self._alike(series, looks)
            if series not in self.open and not self._told(series, alike):
                opened.append((self._open(series, looks[series]), alike))
        return Changes(opened, closed)

    # ---- one series ----

    def _watch(self, looks: Mapping[Series, Look]) -> None:
        for watches in (self._watches, self._calm):
            for series, watch in watches.items():
                if series not in looks:
                    watch.last = None
        for series, look in looks.items():
            away = look.band.deviations(look.value)
            _keep(self._watches, series, look, true=away > anomaly.OPENS)
            _keep(self._calm, series, look, true=series in self.open and away <= anomaly.CLOSES)

    def _closed(self, series: Series, look: Look | None, now: int) -> Insight | None:
        old = self.open[series]
        calm = self._calm.get(series)
        over, settled = calm is not None and calm.held >= KEEP, now - old.since >= SETTLES
        latest = _short(look.value) if look is not None else old.latest
        if not (over or settled):
            self.open[series] = msgspec.structs.replace(old, latest=latest)
            return None
        for table in (self.open, self._watches, self._calm):
            table.pop(series, None)
        until = calm.began if over and calm is not None else now
        return msgspec.structs.replace(old, latest=latest, until=until, settled=settled and not over)

    def _open(self, series: Series, look: Look) -> Insight:
        band, began = look.band, self._watches[series].began
        values = (_short(look.value), _short(band.expected), _short(band.low), _short(band.high))
        found = Insight(series.metric, self.node, series.satellite, *values, began, "", latest=values[0])
        self.open[series] = found
        return found

    # ---- one cause ----

    def _alike(self, series: Series, looks: Mapping[Series, Look]) -> int:
        """For the node's own figure: how many satellites are beyond, if that is most of them and more than one."""
        beyond, judged = self._beyond(series.metric), sum(bool(s.satellite) for s in looks if s.metric == series.metric)
        return beyond if beyond > 1 and 2 * beyond > judged else 0

    def _beyond(self, metric: str) -> int:
        active = {*self._watches, *self.open}
        return sum(bool(each.satellite) for each in active if each.metric == metric)

    def _told(self, series: Series, alike: int) -> bool:
        """Whether something else says it already, or says it better."""
        if series.satellite:
            return alike > 0
        if not alike and self._beyond(series.metric):
            return True
        began = self._watches[series].began
        begins = [self.open[each].since for each in self.open if each.metric in insight.parents(series.metric)]
        begins += [w.began for each, w in self._watches.items() if each.metric in insight.parents(series.metric)]
        return any(abs(began - each) <= TOGETHER for each in begins)


def _keep(watches: dict[Series, Watch], series: Series, look: Look, *, true: bool) -> None:
    if true:
        watches.setdefault(series, Watch(_began(look))).hold(look.end)
    else:
        watches.pop(series, None)


def _began(look: Look) -> int:
    """When the hour began to be unusual: its first part that is."""
    parts = (t for t, value in look.parts if value is not None and look.band.deviations(value) > anomaly.OPENS)
    return next(parts, look.end - HOUR)


def _short(value: float) -> float:
    return float(f"{value:.6g}")
