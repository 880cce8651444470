"""Reports for the command line: of a database, running agent or not, or of an agent by its address."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from storj_monitor import asking
from storj_monitor.core.errors import CommandError
from storj_monitor.core.payouts import Costs
from storj_monitor.look import stored_states
from storj_monitor.publish import report
from storj_monitor.publish.commands_books import UNAVAILABLE, money_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from storj_monitor.publish.report import Span

COLUMNS = (
    "node", "satellite", "ingress_bytes", "egress_bytes", "stored_bytes", "download_success_percent",
    "upload_success_percent", "estimate_usd", "earned_usd", "paid_usd", "held_usd",
)  # fmt: skip


async def of_store(data: Path, span: Span, costs: Mapping[str, Costs]) -> dict[str, Any]:
    """The report of a data folder, with what the nodes cost as far as the settings say."""
    async with stored_states(data) as (store, nodes):
        return await report.report(store.reader, nodes, await store.satellites(), costs, span, now=time.time())


async def of_agent(url: str, token: str | None, span: Span) -> dict[str, Any]:
    """The report that a running agent gives."""
    found: dict[str, Any] = await asking.ask(url, token, "report", {"period": span.period, "at": span.start})
    return found


async def taxes_of_store(data: Path, span: Span) -> list[tuple[str, ...]]:
    """One row per node, month and satellite that was paid, `node` before `core.money.TAX_COLUMNS`."""
    async with stored_states(data) as (store, nodes):
        names = await store.satellites()
        found = [
            (name, await money_of(store.reader, state, names, Costs(), time.time()))
            for name, state in nodes.items()
            if state.has_api
        ]
    return _taxes(found, span)


async def taxes_of_agent(url: str, token: str | None, span: Span) -> list[tuple[str, ...]]:
    """The same, as a running agent knows it."""
    found = []
    for each in (await of_agent(url, token, span))["nodes"]:
        try:
            args = {"node": each["node"], "months": 0, "tax": True}
            found.append((each["node"], await asking.ask(url, token, "payouts", args)))
        except CommandError as error:
            if error.code != UNAVAILABLE:
                raise
    return _taxes(found, span)


def _taxes(documents: list[tuple[str, dict[str, Any]]], span: Span) -> list[tuple[str, ...]]:
    months = set(span.months or ())
    return [(node, *row) for node, document in documents for row in document["tax"]["rows"] if row[0] in months]


def table(document: dict[str, Any]) -> list[tuple[str | float | None, ...]]:
    """Rows under `COLUMNS`: each node (with an empty satellite), then its satellites."""
    return [row for node in document["nodes"] for row in _rows(node)]


def _rows(node: dict[str, Any]) -> list[tuple[str | float | None, ...]]:
    rows = [_row(node["node"], "", node["traffic"], node["storage"]["disk_used"], node["success"], node["money"])]
    for each in node["money"]["satellites"]:
        mine = {part: _of(node[part]["satellites"], each["satellite"]) for part in ("traffic", "storage", "success")}
        stored = mine["storage"].get("average")
        rows.append(_row(node["node"], each["name"], mine["traffic"], stored, mine["success"], each))
    return rows


def _of(rows: list[dict[str, Any]], satellite: str) -> dict[str, Any]:
    return next((row for row in rows if row["satellite"] == satellite), {})


def _row(  # noqa: PLR0917  # the columns in their order
    node: str,
    satellite: str,
    traffic: dict[str, Any],
    stored: int | None,
    success: dict[str, Any],
    money: dict[str, Any],
) -> tuple[str | float | None, ...]:
    rates = [success.get(kind, {}).get("percent") for kind in ("download", "upload")]
    amounts = [money.get(key) for key in ("estimate", "earned", "paid", "held")]
    return (node, satellite, traffic.get("ingress"), traffic.get("egress"), stored, *rates, *amounts)
