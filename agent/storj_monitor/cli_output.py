"""What the commands show while they count, and of what was counted."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


@contextlib.contextmanager
def progress(what: str, files: Sequence[str]) -> Any:
    """A line counter on a terminal, silence elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _lines: None
        return
    from rich.console import Console  # noqa: PLC0415 - only on a terminal
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - as above

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description} {task.completed:,.0f} lines, {task.speed:,.0f} lines/s"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{what} {len(files)} files:", total=None)
        yield lambda lines: bar.advance(task, lines)


def print_transfers(rows: Sequence[dict[str, Any]]) -> None:
    """Counted transfers as a table for people."""
    from rich.console import Console  # noqa: PLC0415 - only for people
    from rich.table import Table  # noqa: PLC0415 - as above

    from storj_monitor.core.satellites import satellite_name  # noqa: PLC0415 - as above

    table = Table("satellite", "action", "outcome", box=None)
    for name in ("count", "bytes"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            satellite_name(row["satellite"]) or "–",
            row["action"],
            row["outcome"],
            f"{row['count']:,}",
            f"{row['bytes']:,}",
        )
    Console(width=None if sys.stdout.isatty() else 120).print(table)
