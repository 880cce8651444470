"""The commands `top` and `latency`: what transfers tell beside their counts (agent/docs/contract.md, "Commands").

What is counted, how exactly, and what it costs stands in `core.details`; what is kept of it in `store.tops`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from storj_monitor.core import meaning, sketch
from storj_monitor.core.details import SIZES
from storj_monitor.publish.commands import ROWS_MAX, Name, Node, Row, When
from storj_monitor.store import tops as stored
from storj_monitor.store.bins import TIERS, down

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from storj_monitor.store.reader import Reader
    from storj_monitor.store.tops import Item

    Names = Callable[[], Awaitable[dict[str, str]]]
    Answers = list[dict[str, Any]]

EVER = 1 << 40
Kind = Literal["errors", "pieces", "countries", "places", "reasons", "sizes", "slow", "unknown"]
QUANTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
EDGES = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
"""Seconds at which the bars of a histogram of durations begin."""


class Range(Node, kw_only=True):
    """`{node, from?, to?}`: epoch seconds; all that is kept where one is missing."""

    start: When | None = msgspec.field(name="from", default=None)
    end: When | None = msgspec.field(name="to", default=None)

    def span(self) -> tuple[int, int]:
        """The range in whole seconds."""
        return int(self.start or 0), EVER if self.end is None else int(self.end)


class Top(Range, kw_only=True):
    """`{node, kind?, from?, to?, limit: 50}`; without `kind` the shapes of all messages since the node is known."""

    kind: Kind | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 50


class Latency(Range, kw_only=True):
    """`{node, action: "GET", from?, to?}`."""

    action: Name = "GET"


def series_rows(reader: Reader, satellites: Names) -> tuple[Row, ...]:
    """`top` → rows, largest first, by kind:

    - none: `{level, logger, text, n, first_at, last_at, …}`
    - `errors`: `{level, logger, text, n, …}`, as those above with what they mean (`core.meaning.explain`)
    - `unknown` and `reasons` (of canceled transfers): `{text, n}`
    - `pieces`: `{piece, n, bytes}`; `countries`: `{country, n, bytes}`; `places`: `{latitude, longitude, country, n,
      bytes}`
    - `slow`: `{at, action, outcome, satellite, name, piece, seconds, bytes}`
    - `sizes`: `{action, outcome, size, least, below, n}`, all of them: sizes from `least` up to, not including, `below`
      bytes, null in the class of the largest

    `latency` → `{action, n, p50, p95, p99, step, columns: ["t", "n", "p50", "p95", "p99"], rows, histogram: [[from, to,
    n]]}` of finished transfers, in seconds, right to a second; only bins with transfers; percentiles null when there is
    none. `step` is an hour, or a day for long and old ranges.
    """

    async def top(args: Top) -> Answers:
        if args.kind is None:
            return [_told(row) for row in await reader.templates(args.node, args.limit)]
        if args.kind == "sizes":
            return _sizes(await stored.counts(reader, args.node, "size:", *args.span()))
        names = await satellites()
        found = await stored.tops(reader, args.node, args.kind, *args.span(), args.limit)
        return [row for item in found if (row := _row(args.kind, item, names)) is not None]

    async def latency(args: Latency) -> dict[str, Any]:
        return _latency(args.action, await stored.spreads(reader, args.node, f"duration:{args.action}", *args.span()))

    return Row("top", Top, top), Row("latency", Latency, latency)


# ---- tops ----

COLUMNS: dict[str, tuple[str, ...]] = {
    "errors": ("level", "logger", "text"),
    "unknown": ("text",),
    "reasons": ("text",),
    "pieces": ("piece",),
    "countries": ("country",),
    "places": ("latitude", "longitude", "country"),
    "slow": ("at", "action", "outcome", "satellite", "piece"),
}
"""What the parts of an item are."""
SEPARATORS = {"errors": "\t", "slow": "\t", "places": ","}
WITH_BYTES = ("pieces", "countries", "places")


def _row(kind: str, item: Item, names: dict[str, str]) -> dict[str, Any] | None:
    """An item in words; None when it is cut short, as a line of a hostile log can bring about."""
    separator = SEPARATORS.get(kind)
    parts = item.item.split(separator) if separator else [item.item]
    if len(parts) != len(COLUMNS[kind]):
        return None
    row: dict[str, Any] = dict(zip(COLUMNS[kind], parts, strict=True))
    if kind == "slow":
        name = names.get(row["satellite"], row["satellite"])
        return row | {"at": int(row["at"]), "name": name, "seconds": item.n, "bytes": item.bytes}
    if kind == "errors":
        row = _told(row)
    if kind == "places":
        row |= {key: float(row[key]) for key in ("latitude", "longitude")}
    return row | ({"n": item.n, "bytes": item.bytes} if kind in WITH_BYTES else {"n": item.n})


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return row | meaning.explain(row["level"], row["logger"], row["text"])


def _sizes(counts: dict[str, int]) -> Answers:
    order = list(SIZES)
    bounds = [1 << bits for bits in SIZES.values()]
    rows = []
    for rest, n in counts.items():
        action, outcome, size = rest.rsplit(":", 2)
        if size in SIZES:
            number = order.index(size)
            least, below = bounds[number - 1] if number else 0, bounds[number] if size != order[-1] else None
            rows.append({"action": action, "outcome": outcome, "size": size, "least": least, "below": below, "n": n})
    return sorted(rows, key=lambda row: (row["action"], row["outcome"], row["least"]))


# ---- durations ----


def _latency(action: str, spreads: Iterable[tuple[int, sketch.Bins]]) -> dict[str, Any]:
    hours = sorted(spreads)
    wide = bool(hours) and hours[-1][0] - hours[0][0] > ROWS_MAX * TIERS["hour"]
    step = TIERS["day" if wide else "hour"]
    steps: dict[int, sketch.Bins] = {}
    for t, bins in hours:
        sketch.merge(steps.setdefault(down(t, step), {}), bins)
    whole = sketch.merged(steps.values())
    return {
        "action": action,
        **_figures(whole),
        "step": step,
        "columns": ["t", "n", *QUANTILES],
        "rows": [[t, *_figures(bins).values()] for t, bins in steps.items()],
        "histogram": _histogram(whole),
    }


def _figures(bins: sketch.Bins) -> dict[str, Any]:
    found = {name: sketch.quantile(bins, q) for name, q in QUANTILES.items()}
    return {"n": sum(bins.values())} | {name: None if v is None else round(v, 1) for name, v in found.items()}


def _histogram(bins: sketch.Bins) -> list[list[float | None]]:
    """Bars [from, to, n] up to the last that holds something; the very last has no end."""
    counts = [0] * len(EDGES)
    for number, n in bins.items():
        # A bin's value lies up to one percent beside what was counted, and whole seconds are counted: 0.99 is 1.
        value = round(sketch.value_of(number))
        counts[max(index for index, edge in enumerate(EDGES) if edge <= value)] += n
    last = max((index for index, n in enumerate(counts) if n), default=-1)
    ends = (*EDGES[1:], None)
    return [[EDGES[index], ends[index], counts[index]] for index in range(last + 1)]
