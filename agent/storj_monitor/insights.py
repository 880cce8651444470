"""The insights service: every ten minutes the last hour of each node beside what is usual, off the hot path.

Baselines are learned from the store once a day and kept as medians; a look reads one hour of minutes. What becomes an
insight is stored, then told.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import msgspec

from storj_monitor.core import causes, hours, insight
from storj_monitor.core.anomaly import HOUR, SPAN, Baseline, Point, learn
from storj_monitor.core.insight import KINDS, PER_SATELLITE, Insight
from storj_monitor.core.utc import DAY
from storj_monitor.core.watcher import Look, Series, Watcher
from storj_monitor.store import insights as stored

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from storj_monitor.core.hours import Sums
    from storj_monitor.core.state import NodeState
    from storj_monitor.store.db import Store

_log = logging.getLogger(__name__)

STEP = 600
"""Seconds between two looks, and of the parts of an hour that is looked at."""
FIRST = 60
SETTLED = 120
"""Seconds after which minutes are complete in the store: commits may come once a minute."""
LATENCY = "duration_p95"
FROM_SUMS = tuple(metric for metric in KINDS if metric != LATENCY)
RECENT = 30 * DAY
CLASSES = ("client_gone", "stopping")
"""Not counted among the failures by class: a lost race is part of the success rate, a stop is nobody's fault."""


class Known:
    """What is remembered of one node; `learned`: when its baselines were (epoch seconds), None: to be done."""

    def __init__(self, node: str, opened: Sequence[Insight]) -> None:
        self.watcher = Watcher(node, opened)
        self.learned: int | None = None
        self.baselines: dict[Series, Baseline] = {}

    def stale(self, now: int) -> bool:
        """Whether it is time to learn: once a day, every hour while there is too little (old logs may be imported)."""
        if self.learned is None or self.learned // DAY != now // DAY:
            return True
        return now - self.learned >= HOUR and all(each.learning for each in self.baselines.values())

    @property
    def open(self) -> list[Insight]:
        """Those that are open now, oldest first."""
        return sorted(self.watcher.open.values(), key=lambda each: each.since)


class Insights:
    """`look` once, or `run` for ever; `open`, `learning` and `recent` answer."""

    def __init__(
        self,
        store: Store,
        nodes: Mapping[str, NodeState],
        satellites: Callable[[], Awaitable[dict[str, str]]],
        *,
        now: Callable[[], float],
    ) -> None:
        self._store = store
        self._nodes = nodes
        self._satellites = satellites
        self._now = now
        self._known: dict[str, Known] = {}

    async def start(self) -> None:
        """Remember what was open when the agent stopped."""
        kept = await stored.load(self._store.reader)
        self._known = {name: Known(name, [each for each in kept if each.node == name]) for name in self._nodes}

    async def run(self) -> None:
        """A look every ten minutes, the first when the start is over."""
        await asyncio.sleep(FIRST)
        while True:
            await self.look()
            await asyncio.sleep(STEP)

    # ---- answers ----

    def open(self, node: str) -> list[Insight]:
        """The insights of a node that are open now, oldest first."""
        known = self._known.get(node)
        return known.open if known is not None else []

    def learning(self, node: str) -> dict[str, int | None]:
        """Metric → when it will be judged from on (epoch seconds; None before its first value), while it is learned."""
        known = self._known.get(node)
        baselines = known.baselines.items() if known is not None else ()
        return {s.metric: each.ready_at for s, each in baselines if not s.satellite and each.learning}

    async def recent(self, node: str) -> list[Insight]:
        """Those of the last 30 days that are over, newest first."""
        return await stored.recent(self._store.reader, node, int(self._now()) - RECENT)

    # ---- looking ----

    async def look(self) -> None:
        """Look at each node once; store what changed."""
        names = await self._satellites()
        for name in self._nodes:
            known = self._known.setdefault(name, Known(name, ()))
            now = int(self._now())
            if known.stale(now):
                known.baselines, known.learned = await self._learn(name, known), now
            await self._look(name, known, names)

    async def _look(self, name: str, known: Known, names: Mapping[str, str]) -> None:
        now = int(self._now())
        found = known.watcher.look(await self._looks(name, known), now)
        opened = [await self._worded(each, alike, names) for each, alike in found.opened]
        for each in opened:
            known.watcher.open[Series(each.metric, each.satellite)] = each
            _log.info("%s: %s", name, each.text)
        if opened or found.closed:
            await stored.save(self._store, [*found.closed, *opened])
        if any(each.settled for each in found.closed):
            known.learned = None  # what is usual has changed

    async def _looks(self, name: str, known: Known) -> dict[Series, Look]:
        """The last complete hour of each series that is known and has a baseline."""
        if self._nodes[name].behind:  # what is not read yet would be missing
            return {}
        end = int(self._now() - SETTLED) // STEP * STEP
        reader = self._store.reader
        parts = await stored.sums(reader, name, end - HOUR, end, STEP)
        looks = _looks(known.baselines, parts, "", end, FROM_SUMS)
        if hours.total(each for _, each in parts).lines:
            failed = await stored.failed(reader, name, end - HOUR, end, STEP)
            looks |= _failed_looks(known.baselines, failed, end)
        for satellite in {series.satellite for series in known.baselines} - {""}:
            parts = await stored.sums(reader, name, end - HOUR, end, STEP, satellite)
            looks |= _looks(known.baselines, parts, satellite, end, PER_SATELLITE)
        return looks | await self._latency(name, known, end)

    async def _latency(self, name: str, known: Known, end: int) -> dict[Series, Look]:
        """Durations are kept by the hour: the last whole one is looked at, once."""
        hour, series = end // HOUR * HOUR - HOUR, Series(LATENCY)
        baseline = known.baselines.get(series)
        if baseline is None or (point := await self._slowest(name, hour)) is None or point.value is None:
            return {}
        band = baseline.band(hour, point.events)
        return {} if band is None else {series: Look(hour + HOUR, point.value, band)}

    async def _slowest(self, name: str, hour: int) -> Point | None:
        found = await stored.slowest(self._store.reader, name, hour, hour + HOUR)
        return found[0] if found else None

    # ---- learning ----

    async def _learn(self, name: str, known: Known) -> dict[Series, Baseline]:
        now = int(self._now())
        start, end = (now - SPAN) // HOUR * HOUR, now // HOUR * HOUR
        first = await stored.first(self._store.reader, name)
        start = max(start, first if first is not None else end)  # a new agent need not read weeks of nothing
        past = await stored.recent(self._store.reader, name, start, limit=1000)
        left = _Left([*past, *known.open], now)
        node = await stored.sums(self._store.reader, name, start, end, HOUR)
        found = {Series(metric): left.learn(Series(metric), _points(metric, node)) for metric in FROM_SUMS}
        failed = await stored.failed(self._store.reader, name, start, end, HOUR)
        for metric in failed:
            if not metric.endswith(CLASSES):
                points = [Point(t, n, n) for t, each in node if each.lines for n in (failed[metric].get(t, 0),)]
                found[Series(metric)] = left.learn(Series(metric), points)
        for satellite in await stored.satellites(self._store.reader, name):
            own = await stored.sums(self._store.reader, name, start, end, HOUR, satellite)
            for series in (Series(metric, satellite) for metric in PER_SATELLITE):
                if points := [each for each in _points(series.metric, own) if each.value is not None]:
                    found[series] = left.learn(series, points)
                    await asyncio.sleep(0)
        if slow := await stored.slowest(self._store.reader, name, start, end):
            found[Series(LATENCY)] = left.learn(Series(LATENCY), slow)
        return found

    # ---- words ----

    async def _worded(self, each: Insight, alike: int, names: Mapping[str, str]) -> Insight:
        """The insight with its sentence and its likely cause."""
        reader, now, node = self._store.reader, int(self._now()), each.node
        satellite = each.satellite or None
        counts = await stored.classes(reader, node, each.since, now, satellite)
        before = await stored.classes(reader, node, each.since - 7 * DAY, each.since, satellite)
        failures = causes.risen(counts, before, now - each.since, 7 * DAY)
        events = await stored.events(reader, node, each.since - causes.BEFORE, each.since + causes.AFTER)
        runs = self._nodes[node].runs.under_way()
        cause = causes.likely(each.metric, each.since, failures, events, runs)
        return msgspec.structs.replace(each, text=insight.text_of(each, names, alike), cause=cause[: insight.TEXT_MAX])


class _Left:
    """Spans of past anomalies, by series, left out of what is learned; before a settled one nothing counts."""

    def __init__(self, past: Sequence[Insight], now: int) -> None:
        self._past = past
        self._now = now

    def learn(self, series: Series, points: Sequence[Point]) -> Baseline:
        mine = [each for each in self._past if (each.metric, each.satellite) == series]
        settled = max((each.since for each in mine if each.settled), default=0)
        spans = [(each.since, each.until or self._now) for each in mine if each.since > settled]
        points = [point for point in points if point.t >= settled]
        return learn(points, insight.kind_of(series.metric), self._now, spans)


def _points(metric: str, rows: Sequence[tuple[int, Sums]]) -> list[Point]:
    return [Point(t, *hours.value(metric, each, HOUR)) for t, each in rows]


def _looks(
    baselines: Mapping[Series, Baseline],
    parts: Sequence[tuple[int, Sums]],
    satellite: str,
    end: int,
    metrics: Sequence[str],
) -> dict[Series, Look]:
    whole = hours.total(each for _, each in parts)
    found = {}
    for series in (Series(metric, satellite) for metric in metrics):
        value, events = hours.value(series.metric, whole, HOUR)
        band = baselines[series].band(end - HOUR // 2, events) if series in baselines else None
        if band is not None and value is not None:
            scale = 6 if series.metric == "errors" else 1  # lines of ten minutes beside those of an hour
            bins = [(t, hours.value(series.metric, each, STEP).value) for t, each in parts]
            scaled = [(t, None if value is None else value * scale) for t, value in bins]
            found[series] = Look(end, value, band, scaled)
    return found


def _failed_looks(
    baselines: Mapping[Series, Baseline], failed: Mapping[str, Mapping[int, int]], end: int
) -> dict[Series, Look]:
    found = {}
    for series, baseline in baselines.items():
        if series.metric.startswith(insight.FAILED):
            bins = failed.get(series.metric, {})
            n = sum(bins.values())
            band = baseline.band(end - HOUR // 2, n)
            if band is not None:
                found[series] = Look(end, n, band, [(t, 6 * part) for t, part in sorted(bins.items())])
    return found
