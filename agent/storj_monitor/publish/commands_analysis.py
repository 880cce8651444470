"""The commands `insights`, `planner`, `reputation`, `note`, `marks`, `compare` (agent/docs/contract.md, "Commands")."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

import msgspec
from msgspec import Meta

from storj_monitor.core import compare, forecast, planner, readings, reputation, scoretrend, utc
from storj_monitor.core.errors import CommandError
from storj_monitor.core.facts import Batch, Notice
from storj_monitor.core.known import last
from storj_monitor.core.readings import SatelliteReading
from storj_monitor.publish.commands import Name, Node, Row, When
from storj_monitor.store import insights as stored
from storj_monitor.store import moments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from storj_monitor.core.insight import Insight
    from storj_monitor.core.state import NodeState
    from storj_monitor.store.db import Store
    from storj_monitor.store.reader import Reader

NOTE_MAX = 300
HOUR = 3600
QUIET_DAYS = 28
OVER = ("disqualified", "exited")
SCORES = ("audit", "suspension", "online")


class Found(Protocol):
    """Who knows what is unusual."""

    def open(self, node: str) -> list[Insight]:
        """Insights that are open now."""

    def learning(self, node: str) -> dict[str, int | None]:
        """Metric → from when on it is judged."""

    async def recent(self, node: str) -> list[Insight]:
        """Insights that are over."""


class Insights(msgspec.Struct, forbid_unknown_fields=True):
    """`{node?}`: of one node or of all."""

    node: Name | None = None


class Planner(Node, kw_only=True):
    """`{node, hours: 4}`: the quietest span of so many hours."""

    hours: Annotated[int, Meta(ge=1, le=72)] = 4


class Note(Node, kw_only=True):
    """`{node, at?, text}`; `at` epoch seconds, now where it is left out."""

    text: Annotated[str, Meta(min_length=1, max_length=NOTE_MAX)]
    at: When | None = None


class Marks(Node, kw_only=True):
    """`{node, from?, to?, limit: 200}`; the last 30 days where nothing is said."""

    start: When | None = msgspec.field(name="from", default=None)
    end: When | None = msgspec.field(name="to", default=None)
    limit: Annotated[int, Meta(ge=1, le=500)] = 200


class Compare(Node, kw_only=True):
    """`{node, at, hours: 24 | 168}`."""

    at: When
    hours: Literal[24, 168] = 24


class Analysis:
    """Answers from the store and from what is true now."""

    def __init__(
        self,
        store: Store,
        nodes: Mapping[str, NodeState],
        found: Found,
        *,
        now: Callable[[], float],
    ) -> None:
        self._store = store
        self._nodes = nodes
        self._found = found
        self._now = now

    def rows(self) -> tuple[Row, ...]:
        """One row for each command; what it answers stands at its method."""
        return (
            Row("insights", Insights, self.insights),
            Row("planner", Planner, self.planner),
            Row("reputation", Node, self.reputation),
            Row("note", Note, self.note),
            Row("marks", Marks, self.marks),
            Row("compare", Compare, self.compare),
        )

    @property
    def _reader(self) -> Reader:
        return self._store.reader

    async def insights(self, args: Insights) -> dict[str, Any]:
        """`{open, learning, recent}`: insights as `core.insight.Insight` and `name`, the satellite's short name; open
        oldest first, recent (30 days) newest first. `learning`: `{node: {metric: from when on it is judged | null}}`.
        """
        names = await self._store.satellites()
        chosen = [args.node] if args.node else list(self._nodes)
        opened = [each for node in chosen for each in self._found.open(node)]
        over = [each for node in chosen for each in await self._found.recent(node)]
        return {
            "open": [_insight(each, names) for each in sorted(opened, key=lambda each: each.since)],
            "learning": {node: found for node in chosen if (found := self._found.learning(node))},
            "recent": [_insight(each, names) for each in sorted(over, key=lambda each: -each.since)],
        }

    async def planner(self, args: Planner) -> dict[str, Any]:
        """`{satellites: [{satellite, name, score, hours_to_95, hours_to_60, recovers_at}], quietest: {weekday, hour,
        hours, share, start} | null}`; see `core.planner`. Left out: satellites that are over, or without known windows.
        """
        now, state = self._now(), self._nodes[args.node]
        names = await self._store.satellites()
        rows = []
        for satellite, reading in _satellites(state):
            if reading.windows and state.satellite(satellite, now)["state"] not in OVER:
                known = {"satellite": satellite, "name": names.get(satellite, satellite)}
                rows.append(known | planner.away(reading.windows, now))
        end = int(now) // HOUR * HOUR
        week = await stored.sums(self._reader, args.node, end - QUIET_DAYS * utc.DAY, end, HOUR)
        rates = [(t, (each.received_bytes + each.sent_bytes) / HOUR if each.lines else None) for t, each in week]
        quiet = planner.quietest(rates, args.hours, now)
        return {"satellites": rows, "quietest": None if quiet is None else quiet._asdict()}

    async def reputation(self, args: Node) -> dict[str, Any]:
        """`{satellites: [{satellite, name, state, scores, distance, failures_left, slope_per_day, eta_days,
        recovers_at, vetting, cause}]}`.

        `scores`, `slope_per_day` (points) and `eta_days` (until the limit at this pace, null = never or not known) are
        `{audit, suspension, online}`; `vetting`: `{percent, audits, audits_needed, months, old_enough, eta}`, null once
        it is over or unknown.
        """
        state = self._nodes[args.node]
        names = await self._store.satellites()
        found = [await self._standing(state, each, names) for each, _ in _satellites(state)]
        return {"satellites": found}

    async def _standing(self, state: NodeState, satellite: str, names: Mapping[str, str]) -> dict[str, Any]:
        now, reader = self._now(), self._reader
        values = state.satellite(satellite, now)
        windows = _windows(state, satellite)
        scores = {name: values[f"{name}_score"] for name in SCORES}
        points = await moments.scores(reader, state.name, satellite, now)
        trends = {name: scoretrend.trend(points[name], scores[name], scoretrend.LIMITS[name], now) for name in SCORES}
        audit, over = scores["audit"], values["state"] in OVER
        return {
            "satellite": satellite,
            "name": names.get(satellite, satellite),
            "state": values["state"],
            "scores": scores,
            "distance": values["audit_distance"],
            "failures_left": None if audit is None or over else reputation.failures_left(audit),
            "slope_per_day": {name: each.per_day for name, each in trends.items()},
            "eta_days": {name: None if over else each.days for name, each in trends.items()},
            "recovers_at": reputation.recovers_at(windows, now, planner.GOOD),
            "vetting": await self._vetting(state.name, values, now),
            "cause": await self._cause(state.name, satellite, scores, points, windows),
        }

    async def _vetting(self, node: str, values: Mapping[str, Any], now: float) -> dict[str, Any] | None:
        joined = values["joined"]
        if joined is None or values["state"] != "vetting":
            return None
        counted = await moments.audits(self._reader, node, values["satellite_id"], now)
        audits = int(counted[-1][1]) if counted else None
        done = reputation.vetting(joined, now, audits)
        return {
            "percent": round(done.percent, 1),
            "audits": audits,
            "audits_needed": reputation.VETTING_AUDITS,
            "months": utc.months_between(joined, now),
            "old_enough": done.old_enough,
            "eta": _vetted_at(counted, done.old_enough, now),
        }

    async def _cause(
        self,
        node: str,
        satellite: str,
        scores: Mapping[str, float | None],
        points: Mapping[str, Sequence[forecast.Point]],
        windows: Sequence[readings.Window],
    ) -> str:
        now, since = int(self._now()), int(self._now()) - scoretrend.SPANS[0]
        fallen = {name: _fell(score, points[name]) for name, score in scores.items()}
        if not any(fallen.values()):
            return ""
        failures = await stored.classes(self._reader, node, since, now, satellite)
        disk = await moments.disk_errors(self._reader, node, since, now)
        return scoretrend.causes(fallen, failures, windows, disk)

    async def note(self, args: Note) -> dict[str, Any]:
        """`{at, text}`: what the operator did, kept as an event of kind `note`."""
        now = self._now()
        at, text = now if args.at is None else args.at, " ".join(args.text.split())
        if not text or not text.isprintable():
            raise CommandError("bad_argument", "note: it needs some words.")
        if at > now + 60:
            raise CommandError("bad_argument", "note: its time is still to come.")
        await self._store.commit([Batch(args.node, notices=[Notice(int(at), "info", text, "note")])])
        return {"at": int(at), "text": text}

    async def marks(self, args: Marks) -> list[dict[str, Any]]:
        """`[{at, kind, text}]`, newest first: starts, updates, settings, notes, alerts … to compare around."""
        end = self._now() + 1 if args.end is None else args.end
        start = end - 30 * utc.DAY if args.start is None else args.start
        found = await moments.marks(self._reader, args.node, int(start), int(end), args.limit)
        return [{"at": at, "kind": kind, "text": text} for at, kind, text in found]

    async def compare(self, args: Compare) -> dict[str, Any]:
        """`{at, label, hours, text, measures: [{metric, label, before, after, difference, noise, notable, text}]}`;
        `hours` of each side: fewer than asked for when less time has passed. See `core.compare`.
        """
        at = int(args.at)
        sides = compare.span(at, args.hours, self._now())
        if sides is None:
            raise CommandError("unavailable", "compare: the first whole hour after it is not over yet.")
        event = await moments.mark_at(self._reader, args.node, at)
        name = compare.label(event, at)
        past = await moments.past(self._reader, args.node, sides, args.hours)
        found = await asyncio.to_thread(compare.compare, past, sides, args.hours)
        return {
            "at": at,
            "label": name,
            "hours": sides.length // HOUR,
            "text": compare.sentence(name, found),
            "measures": [each._asdict() for each in found],
        }


def _insight(each: Insight, names: Mapping[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.structs.asdict(each)
    return told | {"name": names.get(each.satellite, each.satellite)}


def _satellites(state: NodeState) -> list[tuple[str, SatelliteReading]]:
    bodies = ((source, reading.body) for source, reading in state.readings.items())
    return [(source.partition(":")[2], body) for source, body in bodies if isinstance(body, SatelliteReading)]


def _windows(state: NodeState, satellite: str) -> Sequence[readings.Window]:
    reading = last(state.readings, readings.satellite_source(satellite), SatelliteReading)
    return reading.windows if reading is not None else ()


def _fell(score: float | None, points: Sequence[forecast.Point]) -> bool:
    return score is not None and any(each > score + scoretrend.EXACT for each in (100.0, *(v for _, v in points)))


def _vetted_at(counted: Sequence[forecast.Point], old_enough: int, now: float) -> int | None:
    """When both halves of vetting are done, at the pace of the audits; None where that is not known."""
    if not counted:
        return None
    missing = reputation.VETTING_AUDITS - counted[-1][1]
    if missing <= 0:
        return old_enough
    reach = forecast.reach(counted, missing)
    return None if reach is None or reach.days is None else max(old_enough, int(now + reach.days * utc.DAY))
