"""`storj-monitor init`, a part of the command line."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storj_monitor.core.errors import MonitorError

if TYPE_CHECKING:
    import argparse

INIT = (
    "Find the storage nodes of this host: running storagenode processes and their config.yaml, docker containers, "
    "systemd units, consoles on the ports from 14002 on. Shows the settings file for them, and writes it on yes. "
    "As root it sees more: docker's folders, and the logs of others. No docker socket is used."
)
TARGET = "/etc/storj-monitor/storj-monitor.toml"


def add(commands: Any) -> None:
    """Add the command to the parser's others."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "init", help="find the nodes of this host, write the first settings file", description=INIT
    )
    parser.set_defaults(run=_init)
    parser.add_argument("--output", type=Path, default=Path(TARGET), metavar="FILE", help="default %(default)s")
    parser.add_argument("--yes", action="store_true", help="write without asking")
    parser.add_argument("--replace", action="store_true", help="write even if the file is there already")
    parser.add_argument(
        "--ports", type=_ports, default="14002-14021", metavar="FROM-TO", help="consoles to ask (default %(default)s)"
    )


def _ports(text: str) -> range:
    first, _, last = text.partition("-")
    ports = range(int(first), int(last or first) + 1)
    if not 0 < len(ports) <= 1000 or ports[-1] > 65_535 or ports[0] < 1:
        raise ValueError(text)
    return ports


def _init(arguments: argparse.Namespace) -> int:
    from storj_monitor.finding import find, probe, settings_text  # noqa: PLC0415 - needs aiohttp

    print("Looking for storage nodes …", file=sys.stderr, flush=True)
    found = asyncio.run(find(probe, ports=arguments.ports))
    usable = [each for each in found if each.log or each.api]
    for each in found:
        parts = [each.origin, *(part for part in (each.log, each.api) if part), *each.notes]
        print(f"{each.name}: {'; '.join(parts)}", file=sys.stderr)
    if not usable:
        raise MonitorError(
            "No storage node was found. As root more can be seen; else name each node in the settings: "
            "[nodes.NAME] with log and api (see storj-monitor run --help)."
        )
    text = settings_text(found)
    print(text)
    target: Path = arguments.output
    if target.exists() and not arguments.replace:
        raise MonitorError(f"{target} is there already: --replace writes over it, --output FILE writes elsewhere.")
    if not arguments.yes and not _agreed(target):
        return 1
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
    with os.fdopen(fd, "w", encoding="utf-8") as out:
        out.write(text)
    fresh.rename(target)
    print(f"{target} is written. Now: storj-monitor check", file=sys.stderr)
    return 0


def _agreed(target: Path) -> bool:
    if not sys.stdin.isatty():
        raise MonitorError(f"Nobody can be asked here whether to write {target}: --yes writes it.")
    print(f"Write this to {target}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
