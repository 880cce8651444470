"""The commands `runs` and `compactions`: tasks of a node, with what they did (agent/docs/contract.md, "Commands")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from storj_monitor.core.errors import CommandError
from storj_monitor.publish.commands import Name, Node, Row, When
from storj_monitor.store import runs as stored

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from storj_monitor.core.facts import Run
    from storj_monitor.store.reader import Reader

    Names = Callable[[], Awaitable[dict[str, str]]]

PAGE = 50


class Runs(Node, kw_only=True):
    """`{node, kind?, satellite?, from?, to?, limit: 100}`: runs under way within the range, newest first."""

    kind: Name | None = None
    satellite: Name | None = None
    start: When | None = msgspec.field(name="from", default=None)
    end: When | None = msgspec.field(name="to", default=None)
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


Sort = Literal[
    "newest", "oldest", "longest", "failed", "reclaimed", "rewritten", "trash", "reclaimable", "load", "efficiency",
    "throughput",
]  # fmt: skip


class Compactions(Node, kw_only=True):
    """`{node, page: 1, size: 50, sort: "newest", from?, to?}`: those that began within the range."""

    page: Annotated[int, Meta(ge=1, le=100_000)] = 1
    size: Annotated[int, Meta(ge=1, le=200)] = PAGE
    sort: Sort = "newest"
    start: When | None = msgspec.field(name="from", default=None)
    end: When | None = msgspec.field(name="to", default=None)


def run_rows(reader: Reader, satellites: Names) -> tuple[Row, ...]:
    """`runs` → `[{kind, satellite, name, subject, started, ended, ok, stats}]`; `satellite` full id, `name` short,
    `ended` null while it runs, `ok` null while it runs and when it was interrupted, `stats` as in `core.chore_runs`.
    `compactions` → `{page, pages, total, rows, totals, days, running}`: rows as those of `runs`; `totals` is
    `store.runs.Compacted` of the whole range, `days` the same for each UTC day, with its `day` (first second);
    `running` are rows of those under way now, each with `usual_seconds` (mean of its store over 30 days, or null).
    """

    async def runs(args: Runs) -> list[dict[str, Any]]:
        names = await satellites()
        wanted = None if args.satellite is None else _id_of(args.satellite, names)
        start, end = (None if at is None else int(at) for at in (args.start, args.end))
        found = await stored.runs(reader, args.node, args.kind, wanted, start, end, args.limit)
        return [_row(run, names) for run in found]

    async def compactions(args: Compactions) -> dict[str, Any]:
        names = await satellites()
        start, end = (None if at is None else int(at) for at in (args.start, args.end))
        total, found = await stored.compactions(reader, args.node, args.page, args.size, args.sort, start, end)
        by_day = await stored.compacted_by_day(reader, args.node, start, end)
        return {
            "page": args.page,
            "pages": -(-total // args.size),
            "total": total,
            "rows": [_row(run, names) for run in found],
            "totals": (await stored.compacted(reader, args.node, start, end))._asdict(),
            "days": [{"day": day, **sums._asdict()} for day, sums in by_day],
            "running": [
                _row(run, names) | {"usual_seconds": usual} for run, usual in await stored.compacting(reader, args.node)
            ],
        }

    return Row("runs", Runs, runs), Row("compactions", Compactions, compactions)


def _row(run: Run, names: dict[str, str]) -> dict[str, Any]:
    name = names.get(run.satellite, run.satellite)
    told: dict[str, Any] = msgspec.structs.asdict(run)
    return told | {"name": name}


def _id_of(name: str, names: dict[str, str]) -> str:
    for satellite_id, short in names.items():
        if name in {short, satellite_id}:
            return satellite_id
    raise CommandError("bad_argument", f"No satellite is called {name!a}.")
