"""The commands `storage`, `forecast`, `payouts`, `leaks` and `report` (agent/docs/contract.md, "Commands")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from storj_monitor.core import books, leaks, payouts, readings, utc
from storj_monitor.core.errors import CommandError
from storj_monitor.core.known import last
from storj_monitor.core.payouts import Costs
from storj_monitor.core.readings import GrowthReading
from storj_monitor.publish import report
from storj_monitor.publish.commands import Name, Node, Row, When
from storj_monitor.store import bookhistory, growth

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from storj_monitor.core.state import NodeState
    from storj_monitor.store.reader import Reader

    Names = Callable[[], Awaitable[dict[str, str]]]


UNAVAILABLE = "unavailable"


class Payouts(Node, kw_only=True):
    """`{node, months: 36, tax: false}`: the newest paid months; `tax` (of all months) is null unless asked for."""

    months: Annotated[int, Meta(ge=0, le=600)] = 36
    tax: bool = False


class Leaks(msgspec.Struct, forbid_unknown_fields=True):
    """`{node?}`; races are always against the best of all nodes of this agent."""

    node: Name | None = None


class Report(msgspec.Struct, forbid_unknown_fields=True):
    """`{period, at?}`; the span that `at` (epoch seconds; default now) lies in."""

    period: Literal["day", "week", "month", "year"]
    at: When | None = None


def book_rows(
    reader: Reader,
    nodes: Mapping[str, NodeState],
    satellites: Names,
    costs: Mapping[str, Costs],
    now: Callable[[], float],
) -> tuple[Row, ...]:
    """`storage`: `core.books.storage_document`; `forecast`: `forecast`; `payouts`: `core.payouts.document`;
    `leaks`: `core.leaks.document`; `report`: `publish.report.report`.
    """

    async def of_storage(args: Node) -> dict[str, Any]:
        names = await satellites()
        found = books.storage_document(nodes[args.node].readings, now(), lambda each: names.get(each, each))
        if found is None:
            raise CommandError(UNAVAILABLE, f"storage: {args.node} has not told its disk in the last ten minutes.")
        return found

    async def of_forecast(args: Node) -> dict[str, Any]:
        return await forecast(reader, nodes[args.node], now())

    async def of_payouts(args: Payouts) -> dict[str, Any]:
        cost = costs.get(args.node, Costs())
        found = await money_of(reader, nodes[args.node], await satellites(), cost, now())
        return found | {"months": found["months"][: args.months], "tax": found["tax"] if args.tax else None}

    async def of_leaks(args: Leaks) -> dict[str, Any]:
        names = await satellites()
        subjects = [await bookhistory.subject(reader, state, now()) for state in nodes.values()]
        found = leaks.ranked(subjects, now(), lambda each: names.get(each, each))
        chosen = [leak for leak in found if args.node in {None, leak.node}]
        return leaks.document(chosen, lambda each: names.get(each, each))

    async def of_report(args: Report) -> dict[str, Any]:
        span = report.SPANS[args.period](now() if args.at is None else args.at)
        return await report.report(reader, nodes, await satellites(), costs, span, now=now())

    return (
        Row("storage", Node, of_storage),
        Row("forecast", Node, of_forecast),
        Row("payouts", Payouts, of_payouts),
        Row("leaks", Leaks, of_leaks),
        Row("report", Report, of_report),
    )


async def forecast(reader: Reader, state: NodeState, now: float) -> dict[str, Any]:
    """When the disk will be full.

    `{free, used, allocated, days, slope_per_day, slope_low, slope_high, history_days, full_at: {likely, earliest,
    latest}, columns: ["t", "disk_used"], rows}`: bytes, bytes per day and epoch seconds; `rows` are daily means of the
    used space over the last 90 days, each at its middle. A date is null when it is not known, is more than ten years
    away, or is never reached at that pace.
    """
    values, reach = state.payload(now), books.full_in(state.readings, now)
    pace = last(state.readings, readings.GROWTH, GrowthReading)
    rows = await growth.points(reader, state.name, now, days=90, step=utc.DAY)

    def per_day(each: float | None) -> int | None:
        return None if each is None else round(each * utc.DAY)

    def date(days: float | None) -> int | None:
        return None if days is None else int(now + days * utc.DAY)

    return {
        "free": values["disk_free"],
        "used": values["disk_used"],
        "allocated": values["disk_allocated"],
        "days": values["disk_full_days"],
        "slope_per_day": per_day(pace.likely if pace else None),
        "slope_low": per_day(pace.low if pace else None),
        "slope_high": per_day(pace.high if pace else None),
        "history_days": pace.days if pace else None,
        "full_at": {
            "likely": date(values["disk_full_days"]),
            "earliest": date(reach.earliest if reach else None),
            "latest": date(reach.latest if reach else None),
        },
        "columns": ["t", "disk_used"],
        "rows": [[int(t), round(size)] for t, size in rows],
    }


async def money_of(
    reader: Reader, state: NodeState, names: Mapping[str, str], costs: Costs, now: float
) -> dict[str, Any]:
    """The document of `core.payouts` for one node.

    Raises CommandError for a node without an API: its log says nothing of money.
    """
    if not state.has_api:
        raise CommandError(UNAVAILABLE, f"payouts: {state.name} is known by its log only, which says nothing of money.")
    known = [source.partition(":")[2] for source in state.readings if source.startswith(f"{readings.SATELLITE}:")]
    estimates = await bookhistory.estimates(reader, state.name, known, now)
    return payouts.document(
        state.readings, now, name=lambda each: names.get(each, each), estimates=estimates, costs=costs
    )
