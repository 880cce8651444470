"""The commands about alerts (agent/docs/contract.md, "Commands"): see, acknowledge, silence."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

import msgspec
from msgspec import Meta

from storj_monitor.publish.commands import Name, Nothing, Row, When

AlertId = Annotated[str, Meta(min_length=1, max_length=200)]


class Alerts(msgspec.Struct, forbid_unknown_fields=True):
    """`{history?, limit?, before?}`: the open ones, or with `history` all, newest first."""

    history: bool = False
    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    before: When | None = None


class Acknowledge(msgspec.Struct, forbid_unknown_fields=True):
    """`{id, on: true}`; "all" = every open alert, `on` false takes it back. `node` comes with the topic alone."""

    id: AlertId
    on: bool = True
    node: Name | None = None


class Silence(msgspec.Struct, forbid_unknown_fields=True):
    """`{node?, rule?, satellite?, hours}`; 0 hours end it."""

    hours: Annotated[float, Meta(ge=0, le=8760)]
    node: Name | None = None
    rule: Name | None = None
    satellite: Name | None = None


class Desk(Protocol):
    """Who keeps the alerts."""

    async def listed(self, *, history: bool, limit: int, before: int | None) -> list[dict[str, Any]]:
        """Open alerts as on the board, or all with `closed` (epoch seconds or null)."""

    async def acknowledge(self, alert_id: str, *, on: bool = True) -> int:
        """How many changed by it; CommandError for an id that is not open."""

    async def silence(self, node: str | None, rule: str | None, satellite: str | None, hours: float) -> int | None:
        """Until when."""

    def silences(self) -> list[dict[str, Any]]:
        """Those that hold: of what, until when."""

    def catalogue(self) -> list[dict[str, Any]]:
        """Every rule."""


def alert_rows(desk: Desk) -> tuple[Row, ...]:
    """Rows for `publish.commands.Commands`."""

    async def alerts(args: Alerts) -> Any:
        before = None if args.before is None else int(args.before)
        return await desk.listed(history=args.history, limit=args.limit, before=before)

    async def acknowledge(args: Acknowledge) -> Any:
        return {"acknowledged": await desk.acknowledge(args.id, on=args.on)}

    async def silence(args: Silence) -> Any:
        return {"silenced_until": await desk.silence(args.node, args.rule, args.satellite, args.hours)}

    async def silences(_args: Nothing) -> Any:
        return desk.silences()

    async def rules(_args: Nothing) -> Any:
        return desk.catalogue()

    return (
        Row("alerts", Alerts, alerts),
        Row("acknowledge", Acknowledge, acknowledge),
        Row("silence", Silence, silence),
        Row("silences", Nothing, silences),
        Row("rules", Nothing, rules),
    )
