"""What happened in a day, a week, a month or a year: one document over all nodes, made of the history.

Sizes are bytes, money USD, shares percent, times epoch seconds; null is not known. Days, weeks (from Monday) and months
are UTC. Traffic is what the node books (its API); what only the log tells is in `success`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from storj_monitor.core import columns, money, readings, utc
from storj_monitor.core.known import last
from storj_monitor.core.readings import PaystubsReading
from storj_monitor.store.reader import Column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storj_monitor.core.payouts import Costs
    from storj_monitor.core.readings import Paystub
    from storj_monitor.core.state import NodeState
    from storj_monitor.store.reader import Reader

EVENTS = 500
SHOWN = 50
SCORES = ("audit_score", "suspension_score", "online_score")
STORED = ("disk_allocated", "disk_used", "disk_free", "disk_trash", "disk_reclaimable", "disk_garbage")
KINDS = {"download": ("GET",), "upload": ("PUT",), "repair": ("GET_REPAIR", "PUT_REPAIR"), "audit": ("GET_AUDIT",)}


class Span(NamedTuple):
    """From `start` up to, not including, `end`; `period` is its name in words of the command."""

    period: str
    start: int
    end: int

    @property
    def months(self) -> list[str] | None:
        """The months it is made of (`2026-11`); None when it is not whole months."""
        first, found = self.start, []
        if first != utc.month_start(first) or self.end != utc.month_start(self.end):
            return None
        while first < self.end:
            found.append(utc.month_name(first))
            first = utc.month_start(first, 1)
        return found


def day(at: float) -> Span:
    """The day of `at`."""
    return Span("day", utc.day_start(at), utc.day_start(at) + utc.DAY)


def week(at: float) -> Span:
    """The week of `at`, from Monday; the first day of 1970 was a Thursday."""
    start = utc.day_start(at) - (utc.day_start(at) // utc.DAY + 3) % 7 * utc.DAY
    return Span("week", start, start + 7 * utc.DAY)


def month(at: float) -> Span:
    """The month of `at`."""
    return Span("month", utc.month_start(at), utc.month_start(at, 1))


def year(at: float) -> Span:
    """The year of `at`."""
    start = utc.month_start(at, 1 - int(utc.date(at)[5:7]))
    return Span("year", start, utc.month_start(start, 12))


SPANS = {"day": day, "week": week, "month": month, "year": year}


class Book(NamedTuple):
    """Where a report is made from: one node, its history, and what is true now if the span still runs.

    `current`: satellite id ("" for the node) → its values; the history learns of them within ten minutes.
    """

    reader: Reader
    state: NodeState
    span: Span
    now: float
    current: Mapping[str, Mapping[str, Any]]

    async def days(self, metric: str, satellite: str = "", agg: str = "last", start: int | None = None) -> list[Day]:
        """The days of a gauge that are known, oldest first; also before the span with an earlier `start`."""
        first = self.span.start if start is None else start
        column = Column(metric, (metric,), agg)
        found = await self.reader.history(
            self.state.name, [column], first, self.span.end, utc.DAY, satellite, max_rows=366 * 2
        )
        known = [(t, value) for t, value in found.rows if value is not None]
        value = self._true_now(metric, satellite)
        return known if value is None else [*known, (utc.day_start(self.now), value)]

    async def last(self, metric: str, satellite: str = "") -> Any:
        """The last value within the span."""
        found = await self.days(metric, satellite)
        return found[-1][1] if found else None

    def _true_now(self, metric: str, satellite: str) -> float | None:
        """A value of today; sums that still are those of yesterday or of last month are none."""
        values = self.current.get(satellite, {})
        started, begun = (
            ("day_started", utc.day_start(self.now))
            if metric.endswith("_today")
            else ("month_started", utc.month_start(self.now))
        )
        summed = metric.endswith(("_today", "_month")) or metric.startswith("payout_")
        value = None if summed and values.get(started) != begun else values.get(metric)
        return value if isinstance(value, int | float) else None


def _book(reader: Reader, state: NodeState, span: Span, now: float) -> Book:
    if not span.start <= now < span.end:
        return Book(reader, state, span, now, {})
    values = {each: state.satellite(each, now) for each in _satellites(state)}
    return Book(reader, state, span, now, values | {"": state.payload(now)})


Day = tuple[int, float]


async def report(
    reader: Reader,
    nodes: Mapping[str, NodeState],
    names: Mapping[str, str],
    costs: Mapping[str, Costs],
    span: Span,
    *,
    now: float,
) -> dict[str, Any]:
    """`{period, from, to, complete, nodes: [{node, traffic, success, storage, money, reputation, events}], totals}`."""
    found = [await _node(_book(reader, state, span, now), names, costs.get(name)) for name, state in nodes.items()]
    return {
        "period": span.period,
        "from": span.start,
        "to": span.end,
        "complete": span.end <= now,
        "nodes": found,
        "totals": {
            "ingress": _sum([each["traffic"]["ingress"] for each in found]),
            "egress": _sum([each["traffic"]["egress"] for each in found]),
            "disk_used": _sum([each["storage"]["disk_used"] for each in found]),
            **{key: _sum([each["money"][key] for each in found]) for key in ("estimate", "earned", "paid", "profit")},
        },
    }


async def _node(book: Book, names: Mapping[str, str], costs: Costs | None) -> dict[str, Any]:
    known = sorted(_satellites(book.state), key=lambda each: names.get(each, each))
    transfers = await book.reader.transfers(book.state.name, book.span.start, book.span.end)
    return {
        "node": book.state.name,
        "traffic": await _traffic(book, known, names),
        "success": _success(transfers, names),
        "storage": await _storage(book, known, names),
        "money": await _money(book, known, names, costs),
        "reputation": [await _reputation(book, each, names) for each in known],
        "events": await _events(book),
    }


def _satellites(state: NodeState) -> set[str]:
    return {source.partition(":")[2] for source in state.readings if source.startswith(f"{readings.SATELLITE}:")}


# ---- traffic ----


async def _traffic(book: Book, known: Sequence[str], names: Mapping[str, str]) -> dict[str, Any]:
    """Whole months by the sums of the month, which have the last hour too; days and weeks by the days.

    A satellite's traffic is known by the month only.
    """
    if book.span.months is None:
        found = {way: dict(await book.days(f"{way}_today")) for way in ("ingress", "egress")}
        return {way: round(sum(each.values())) if each else None for way, each in found.items()} | {"satellites": []}
    rows = [{"satellite": each, "name": names.get(each, each), **await _by_month(book, each)} for each in known]
    return {**await _by_month(book, ""), "satellites": rows}


async def _by_month(book: Book, satellite: str) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for way in ("ingress", "egress"):
        by_month = {utc.month_name(t): value for t, value in await book.days(f"{way}_month", satellite)}
        found[way] = round(sum(by_month.values())) if by_month else None
    return found


def _success(rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> dict[str, Any]:
    """Of each kind: counts, bytes and percent that ended well; then the same by satellite."""
    by_satellite = {
        each: _kinds([row for row in rows if row["satellite"] == each]) for each in {row["satellite"] for row in rows}
    }
    return _kinds(rows) | {
        "satellites": [
            {"satellite": each, "name": names.get(each, each), **kinds}
            for each, kinds in sorted(by_satellite.items())
            if each
        ]
    }


def _kinds(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {kind: _counted([row for row in rows if row["action"] in actions], kind) for kind, actions in KINDS.items()}


def _counted(rows: Sequence[Mapping[str, Any]], kind: str) -> dict[str, Any]:
    """An audit that was cancelled went wrong for nobody (agent/docs/storagenode.md §10, fact 7)."""
    found = {end: sum(row["count"] for row in rows if row["outcome"] == end) for end in (*columns.ENDS, "rejected")}
    whole = found["ok"] + found["failed"] + (found["canceled"] if kind != "audit" else 0)
    size = sum(row["bytes"] for row in rows if row["outcome"] == "ok")
    return {**found, "bytes": size, "percent": round(100 * found["ok"] / whole, 3) if whole else None}


# ---- storage ----


async def _storage(book: Book, known: Sequence[str], names: Mapping[str, str]) -> dict[str, Any]:
    """As it was at the end of the span (now, while it runs); `change`: of the used space since its first day."""
    used = await book.days("disk_used")
    values = {metric: _whole(await book.last(metric)) for metric in STORED}
    rows = [
        {"satellite": each, "name": names.get(each, each), "average": _whole(await book.last("storage", each))}
        for each in known
    ]
    return {
        **values,
        "change": _whole(used[-1][1] - used[0][1]) if len(used) > 1 else None,
        "average": _whole(await book.last("storage_average")),
        "reported": _whole(await book.last("storage_reported")),
        "satellites": rows,
    }


# ---- money ----


async def _money(book: Book, known: Sequence[str], names: Mapping[str, str], costs: Costs | None) -> dict[str, Any]:
    """`estimate`: ours for whole months; `earned`: what our books gained in the span, net of held; `paid`: by the
    satellites' statements of those months.
    """
    stubs = last(book.state.readings, readings.PAYSTUBS, PaystubsReading)
    months = set(book.span.months or ())
    mine = [stub for stub in (stubs.stubs if stubs else ()) if stub.period in months]
    rows = [{"satellite": each, "name": names.get(each, each), **await _earned(book, each, mine)} for each in known]
    node = await _earned(book, "", mine)
    spent = _spent(book, costs)
    income = next((node[key] for key in ("paid", "estimate") if node[key] is not None), None)
    return {
        **node,
        "estimate_node": await book.last("payout_estimate_node") if months else None,
        "costs": spent,
        "profit": round(income - spent, 6) if income is not None and spent is not None else None,
        "satellites": rows,
    }


async def _earned(book: Book, satellite: str, stubs: Sequence[Paystub]) -> dict[str, Any]:
    estimates = {utc.month_name(t): value for t, value in await book.days("payout_estimate", satellite)}
    chosen = [stub for stub in stubs if satellite in {"", stub.satellite}]
    paid = {key: money.usd(sum(getattr(stub, key) for stub in chosen)) for key in ("paid", "held", "disposed")}
    return {
        "estimate": round(sum(estimates.values()), 6) if estimates and book.span.months else None,
        "earned": await _gained(book, satellite),
        **(paid if chosen else dict.fromkeys(paid)),
    }


async def _gained(book: Book, satellite: str) -> float | None:
    """How much `payout_so_far` grew within the span; it begins anew each month."""
    before = utc.month_start(book.span.start)
    days = await book.days("payout_so_far", satellite, start=before)
    ends = {utc.month_name(t): value for t, value in days if t >= book.span.start}
    begun = [value for t, value in days if t < book.span.start]
    if not ends or (before < book.span.start and not begun):
        return None
    return round(sum(ends.values()) - (begun[-1] if begun and utc.month_name(before) in ends else 0), 6)


def _spent(book: Book, costs: Costs | None) -> float | None:
    """What the node costs over whole months; None where nothing is set."""
    if costs is None or not book.span.months:
        return None
    parts = [cost for name in book.span.months for cost in costs.of_month(utc.epoch(f"{name}-01T00:00:00Z") or 0)]
    found = [cost for cost in parts if cost is not None]
    return round(sum(found), 6) if found else None


# ---- reputation and events ----


async def _reputation(book: Book, satellite: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Each score's lowest value within the span, and its last."""
    found: dict[str, Any] = {"satellite": satellite, "name": names.get(satellite, satellite)}
    for score in SCORES:
        lowest = [value for _, value in await book.days(score, satellite, "min")]
        found[score] = await book.last(score, satellite)
        found[f"{score}_lowest"] = min(lowest) if lowest else None
    return found


async def _events(book: Book) -> dict[str, Any]:
    """`{warning, critical, more, rows}`: counts of the newest 500 of the span, `rows` the newest 50 of weight."""
    found: list[dict[str, Any]] = []
    before, more = None, False
    while len(found) < EVENTS:
        page = await book.reader.events(book.state.name, EVENTS, before)
        found += [each for each in page if book.span.start <= each["at"] < book.span.end]
        if len(page) < EVENTS or page[-1]["at"] < book.span.start:
            break
        before = page[-1]["id"]
    else:
        more = True
    heavy = [each for each in found if each["severity"] != "info"]
    counts = {word: sum(each["severity"] == word for each in found) for word in ("warning", "critical")}
    return {**counts, "more": more, "rows": heavy[:SHOWN]}


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _sum(values: Sequence[float | None]) -> float | None:
    """Of what is known; None when nothing is."""
    known = [value for value in values if value is not None]
    return round(sum(known), 6) if known else None
