"""The commands, the same for a browser and for MQTT (agent/docs/contract.md, "Commands"). Every argument is bounded.

A command is a row: its name, the type of its arguments, who may call it, and what answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from storj_monitor.core import columns
from storj_monitor.core.errors import CommandError
from storj_monitor.store.reader import Column

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from storj_monitor.core.state import NodeState
    from storj_monitor.store.reader import Reader

ROWS_MAX = 2000
Name = Annotated[str, Meta(min_length=1, max_length=64)]
When = Annotated[float, Meta(ge=0, le=1e11)]
Step = Annotated[float, Meta(gt=0, le=1e9)]


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """`{}`."""


class Node(msgspec.Struct, forbid_unknown_fields=True):
    """`{node}`."""

    node: Name


class History(Node):
    """`{node, metrics, from, to, step, satellite?, agg?}`; times epoch seconds, step seconds."""

    metrics: Annotated[list[Name], Meta(min_length=1, max_length=32)]
    start: When = msgspec.field(name="from")
    end: When = msgspec.field(name="to")
    step: Step
    satellite: Name | None = None
    agg: Literal["mean", "min", "max", "last"] | None = None


class Transfers(Node):
    """`{node, from, to, by}`."""

    start: When | None = msgspec.field(name="from", default=None)
    end: When | None = msgspec.field(name="to", default=None)
    by: tuple[Literal["satellite", "action", "outcome"], ...] = ("satellite", "action", "outcome")


class OnlineWindows(Node):
    """`{node, satellite?}`."""

    satellite: Name | None = None


class Maintenance(Node, kw_only=True):
    """`{node, on, hours: 4}`."""

    on: bool
    hours: Annotated[float, Meta(gt=0, le=168)] = 4


class Events(msgspec.Struct, forbid_unknown_fields=True):
    """`{node?, limit, before?}`."""

    node: Name | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 50
    before: When | None = None


class Row(msgspec.Struct):
    """One command."""

    name: str
    arguments: type
    answer: Callable[[Any], Awaitable[Any]]
    browsers_only: bool = False


class Commands:
    """Answers commands from the store and from what is true now."""

    def __init__(
        self,
        reader: Reader,
        nodes: Mapping[str, NodeState],
        satellites: Callable[[], Awaitable[dict[str, str]]],
        *,
        refresh: Callable[[str], bool],
        maintenance: Callable[[str, float | None], Awaitable[int | None]],
        more: Iterable[Row] = (),
    ) -> None:
        self._reader = reader
        self._nodes = nodes
        self._satellites = satellites
        self._refresh = refresh
        self._maintenance = maintenance
        rows = (
            Row("history", History, self._history),
            Row("transfers", Transfers, self._transfers),
            Row("online_windows", OnlineWindows, self._online_windows),
            Row("events", Events, self._events),
            Row("refresh", Node, self._refreshed),
            Row("maintenance", Maintenance, self._maintained),
            Row("commands", Nothing, self._described),
            *more,
        )
        self._rows = {row.name: row for row in rows}

    async def __call__(self, cmd: str, args: dict[str, Any], channel: str) -> Any:
        """Answer a command or raise CommandError. `channel` is websocket or mqtt."""
        row = self._rows.get(cmd)
        if row is None:
            raise CommandError("unknown_command", f"There is no command {cmd[:40]!a}; known: {', '.join(self._rows)}.")
        if row.browsers_only and channel != "websocket":
            raise CommandError("not_allowed", f"{cmd} is for the agent's own page alone.")
        try:
            arguments: Any = msgspec.convert(args, row.arguments)
        except msgspec.ValidationError as error:
            raise CommandError("bad_argument", f"{cmd}: {error}") from None
        node = getattr(arguments, "node", None)
        if node is not None and node not in self._nodes:
            raise CommandError(
                "unknown_node", f"This agent has no node {node!a}; it has {', '.join(self._nodes) or 'none'}."
            )
        return await row.answer(arguments)

    async def _history(self, args: History) -> dict[str, Any]:
        if args.end <= args.start:
            raise CommandError("bad_argument", "history: `to` must be later than `from`.")
        wanted = [_column(metric, args.agg) for metric in args.metrics]
        satellite = await self._satellite_id(args.satellite) if args.satellite else None
        found = await self._reader.history(
            args.node, wanted, int(args.start), int(args.end), max(1, int(args.step)), satellite, max_rows=ROWS_MAX
        )
        return {"step": found.step, "columns": ["t", *args.metrics], "rows": found.rows}

    async def _transfers(self, args: Transfers) -> list[dict[str, Any]]:
        start = None if args.start is None else int(args.start)
        end = None if args.end is None else int(args.end)
        rows = await self._reader.transfers(args.node, start, end, args.by)
        names = await self._satellites()
        return [
            row | {"name": names.get(row["satellite"], row["satellite"])} if "satellite" in row else row for row in rows
        ]

    async def _online_windows(self, args: OnlineWindows) -> dict[str, Any]:
        wanted = await self._satellite_id(args.satellite) if args.satellite else None
        names = await self._satellites()
        found = {}
        for source, reading in self._nodes[args.node].readings.items():
            kind, _, satellite = source.partition(":")
            if kind == "satellite" and wanted in {None, satellite}:
                found[names.get(satellite, satellite)] = [
                    [each.start, each.total, each.online] for each in reading.body.windows
                ]
        return {"columns": ["t", "total", "online"], "satellites": found}

    async def _events(self, args: Events) -> list[dict[str, Any]]:
        before = None if args.before is None else int(args.before)
        return await self._reader.events(args.node, args.limit, before)

    async def _refreshed(self, args: Node) -> dict[str, Any]:
        return {"refreshed": self._refresh(args.node)}

    async def _maintained(self, args: Maintenance) -> dict[str, Any]:
        return {"maintenance_until": await self._maintenance(args.node, args.hours if args.on else None)}

    async def _described(self, _args: Nothing) -> dict[str, Any]:
        """`{command: JSON schema of its arguments}`; `x-channels` says by which ways it may be called."""
        every = ("websocket", "mqtt")
        return {
            name: {**msgspec.json.schema(row.arguments), "x-channels": every[:1] if row.browsers_only else every}
            for name, row in self._rows.items()
        }

    async def _satellite_id(self, name: str) -> str:
        names = await self._satellites()
        for satellite_id, short in names.items():
            if name in {short, satellite_id}:
                return satellite_id
        raise CommandError("bad_argument", f"No satellite is called {name!a}.")


def _column(metric: str, agg: str | None) -> Column:
    """The column as the store takes it."""
    made = columns.column(metric, agg)
    return Column(made.name, made.metrics, made.agg, made.of)
