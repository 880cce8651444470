"""`storj-monitor geoip update`, a part of the command line."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

UPDATE = (
    "Fetch DB-IP's free City Lite database of this month, by which the map and the table of countries know where "
    "clients are. It is put where the settings say (geoip.database), else into the data folder; a running agent takes "
    "it up within a minute. Nothing but the file is asked for: addresses of clients never leave this host."
)


def add(commands: Any) -> None:
    """Add the command to the parser's others."""
    parser: argparse.ArgumentParser = commands.add_parser("geoip", help="fetch the file of places for the map")
    inner = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    update: argparse.ArgumentParser = inner.add_parser("update", help="fetch it", description=UPDATE)
    update.set_defaults(run=_update)
    update.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    update.add_argument("--data", type=Path, metavar="DIR", help="folder of the database")
    update.add_argument("--url", metavar="URL", help="fetch this one instead, .mmdb or .mmdb.gz")
    update.add_argument("--json", action="store_true", help="print one JSON document")


def _update(arguments: argparse.Namespace) -> int:
    from storj_monitor import settings  # noqa: PLC0415 - pydantic takes long to load
    from storj_monitor.sources.geoip import DEFAULT_NAME  # noqa: PLC0415
    from storj_monitor.sources.geoipfile import update  # noqa: PLC0415 - so does aiohttp

    overrides = {"data": {"dir": str(arguments.data)}} if arguments.data else {}
    loaded = settings.load(arguments.config, overrides, os.environ)
    file = loaded.geoip.database or loaded.data.dir / DEFAULT_NAME
    with _progress() as progress:
        done = update(file, time.time(), url=arguments.url, progress=progress)
    if arguments.json:
        print(json.dumps(done._asdict() | {"file": str(done.file)}))
        return 0
    built = datetime.fromtimestamp(done.built, UTC).date()
    print(f"{done.file}: {done.bytes / 1e6:,.1f} MB, {done.kind} of {built}.")
    print(f"{done.attribution}.")
    return 0


@contextlib.contextmanager
def _progress() -> Any:
    """A bar on a terminal, silence elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console  # noqa: PLC0415 - only on a terminal
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn  # noqa: PLC0415

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
