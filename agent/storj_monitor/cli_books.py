"""`storj-monitor report`, `successrate` and the words of `status`, parts of the command line."""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storj_monitor.core import utc, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storj_monitor.publish.report import Span

REPORT = "Print traffic, storage and money of each node and satellite: of this month, another month or a year."
RATES = "Print the success rates of audits, downloads, uploads, repair and deletions, of log files or of all stored."
UNKNOWN = "–"


def add(commands: Any) -> None:
    """Add the commands to the parser's others."""
    _add_report(commands)
    _add_successrate(commands)


def _add_report(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "report", help="print traffic, storage and money of a month or a year", description=REPORT
    )
    parser.set_defaults(run=_report)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--data", type=Path, metavar="DIR", help="folder of the database, agent running or not")
    source.add_argument(
        "--url", default="http://127.0.0.1:8787", metavar="URL", help="the agent's page (default %(default)s)"
    )
    parser.add_argument(
        "--token",
        default=os.environ.get("STORJ_MONITOR_TOKEN"),
        help="its token, if it asks for one ($STORJ_MONITOR_TOKEN)",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="with --data: settings with what the nodes cost")
    span = parser.add_mutually_exclusive_group()
    span.add_argument("--month", type=_month, metavar="YYYY-MM", help="that month, in UTC (default: this one)")
    span.add_argument("--year", type=_year, metavar="YYYY", help="that year")
    parser.add_argument("--tax", action="store_true", help="what was paid, one line per node, month and satellite, CSV")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="print comma-separated values")
    form.add_argument("--json", action="store_true", help="print one JSON document")


def _add_successrate(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "successrate", help="print success rates in the six blocks operators know", description=RATES
    )
    parser.set_defaults(run=_successrate)
    parser.add_argument("files", nargs="*", metavar="FILE", help="log files, plain or packed; - is standard input")
    parser.add_argument("--data", type=Path, metavar="DIR", help="without files: folder of the database")
    parser.add_argument("--node", metavar="NAME", help="with --data: one node (default: all together)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _month(text: str) -> int:
    at = utc.epoch(f"{text}-01T00:00:00Z")
    if at is None or len(text) != 7:
        raise argparse.ArgumentTypeError(f"{text!r} is no month such as 2026-11")
    return at


def _year(text: str) -> int:
    at = utc.epoch(f"{text}-01-01T00:00:00Z")
    if at is None or len(text) != 4:
        raise argparse.ArgumentTypeError(f"{text!r} is no year such as 2026")
    return at


# ---- report ----


def _report(arguments: argparse.Namespace) -> int:
    span = _span(arguments)
    if arguments.tax:
        return _taxes(arguments, span)
    from storj_monitor import reporting  # noqa: PLC0415 - aiohttp and the store take long to load

    if arguments.data:
        work = reporting.of_store(arguments.data, span, _costs(arguments.config))
    else:
        work = reporting.of_agent(arguments.url, arguments.token, span)
    document = asyncio.run(work)
    if arguments.json:
        print(json.dumps(document, ensure_ascii=False))
    elif arguments.csv:
        _print_csv(reporting.COLUMNS, reporting.table(document))
    else:
        _print_report(document, reporting.table(document))
    return 0


def _span(arguments: argparse.Namespace) -> Span:
    from storj_monitor.publish import report  # noqa: PLC0415 - as above

    if arguments.year is not None:
        return report.year(arguments.year)
    return report.month(time.time() if arguments.month is None else arguments.month)


def _costs(config: Path | None) -> dict[str, Any]:
    if config is None:
        return {}
    from storj_monitor import settings  # noqa: PLC0415 - pydantic takes long to load
    from storj_monitor.settings.costs import costs_of  # noqa: PLC0415 - as above

    return costs_of(settings.load(config))


def _taxes(arguments: argparse.Namespace, span: Span) -> int:
    from storj_monitor import reporting  # noqa: PLC0415 - as above
    from storj_monitor.core.money import TAX_COLUMNS  # noqa: PLC0415 - as above

    if arguments.data:
        work = reporting.taxes_of_store(arguments.data, span)
    else:
        work = reporting.taxes_of_agent(arguments.url, arguments.token, span)
    rows, columns = asyncio.run(work), ("node", *TAX_COLUMNS)
    if arguments.json:
        print(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], ensure_ascii=False))
    else:
        _print_csv(columns, rows)
    return 0


def _print_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(["" if value is None else value for value in row] for row in rows)


def _print_report(document: dict[str, Any], rows: Sequence[Sequence[Any]]) -> None:
    from rich.console import Console  # noqa: PLC0415 - only for people
    from rich.table import Table  # noqa: PLC0415 - as above

    table = Table("node", "satellite", box=None)
    for heading in ("received", "sent", "stored", "down", "up", "estimate", "earned", "paid", "held"):
        table.add_column(heading, justify="right")
    for node, satellite, *values in rows:
        shown = [_shown(value, kind) for value, kind in zip(values, "bbb%%$$$$", strict=True)]
        table.add_row("" if satellite else node, satellite, *shown, style=None if satellite else "bold")
    console = Console(width=None if sys.stdout.isatty() else 140)
    until = "" if document["complete"] else ", until now"
    console.print(f"{utc.date(document['from'])} to {utc.date(document['to'] - 1)}{until} (UTC)")
    console.print(table)
    totals = document["totals"]
    sums = [f"{key} {_shown(totals[key], '$')}" for key in ("estimate", "earned", "paid", "profit")]
    sums = [f"received {_shown(totals['ingress'], 'b')}", f"sent {_shown(totals['egress'], 'b')}", *sums]
    console.print(f"all nodes: {', '.join(sums)}")


def _shown(value: Any, kind: str) -> str:
    if value is None:
        return UNKNOWN
    if kind == "%":
        return f"{value:.2f} %"
    return words.dollars(value) if kind == "$" else words.size(value)


# ---- success rates ----


def _successrate(arguments: argparse.Namespace) -> int:
    from storj_monitor import successrate  # noqa: PLC0415 - as above
    from storj_monitor.core.successrate import document, text  # noqa: PLC0415 - as above

    if bool(arguments.files) == bool(arguments.data) or (arguments.files and arguments.node):
        print("storj-monitor successrate: give log files, or --data DIR [--node NAME]", file=sys.stderr)
        return 2
    if arguments.data:
        found = asyncio.run(successrate.of_store(arguments.data, arguments.node))
    else:
        found = successrate.of_files(arguments.files, lambda _: None)
    print(json.dumps(document(found)) if arguments.json else text(found))
    return 0


# ---- status ----


def status_lines(board: dict[str, Any]) -> list[str]:
    """What a board says, for people: each node in a sentence, its figures, and its open alerts."""
    lines: list[str] = []
    for topic, state in sorted(board.items()):
        if topic.endswith("/state") and "/satellite/" not in topic:
            lines += [f"{state['name']}: {state['status_text']}", f"  {_figures(state)}"]
            alerts = board.get(f"{topic.removesuffix('state')}alerts") or []
            lines += [f"  {alert['severity']}: {alert['text']}" for alert in alerts if not alert["silenced_until"]]
    return lines


def _figures(state: dict[str, Any]) -> str:
    def of(key: str, kind: str) -> str:
        return _shown(state.get(key), kind)

    days = state.get("disk_full_days")
    parts = [
        f"storagenode {state.get('version') or UNKNOWN}",
        f"disk {of('disk_used', 'b')} of {of('disk_allocated', 'b')}",
        *([] if days is None else [f"full in {days:.0f} days"]),
        f"today {of('ingress_today', 'b')} in, {of('egress_today', 'b')} out",
        f"audit {of('audit_score', '%')}, online {of('online_score', '%')}",
        f"this month {of('payout_estimate', '$')}",
    ]
    return " · ".join(parts)
