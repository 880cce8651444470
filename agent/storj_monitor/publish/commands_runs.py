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


class Compactions(Node, kw_only=True):
    """`{node, page: 1, sort: "newest"}`; pages of 50."""

    page: Annotated[int, Meta(ge=1, le=100_000)] = 1
    sort: Literal["newest", "oldest", "longest", "failed", "reclaimed", "rewritten", "trash", "reclaimable", "load"] = (
        "newest"
    )


def run_rows(reader: Reader, satellites: Names) -> tuple[Row, ...]:
    """`runs` → `[{kind, satellite, name, subject, started, ended, ok, stats}]`; `satellite` full id, `name` short,
    `ended` null while it runs, `ok` null while it runs and when it was interrupted, `stats` as in `core.chore_runs`.
    `compactions` → `{page, pages, total, rows}`, rows as those of `runs`.
    """

    async def runs(args: Runs) -> list[dict[str, Any]]:
        names = await satellites()
        wanted = None if args.satellite is None else _id_of(args.satellite, names)
        start, end = (None if at is None else int(at) for at in (args.start, args.end))
        found = await stored.runs(reader, args.node, args.kind, wanted, start, end, args.limit)
        return [_row(run, names) for run in found]

    async def compactions(args: Compactions) -> dict[str, Any]:
        names = await satellites()
        total, found = await stored.compactions(reader, args.node, args.page, PAGE, args.sort)
        rows = [_row(run, names) for run in found]
        return {"page": args.page, "pages": -(-total // PAGE), "total": total, "rows": rows}

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
