"""`storj-monitor init` and `bundle`, a part of the command line."""

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
    """Add the commands to the parser's others."""
    _add_bundle(commands)
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
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
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


# ---- bundle ----

BUNDLE = (
    "Write a zip for whoever helps you, and print a block for the forum: versions, states, scores, rates, alerts, "
    "unknown lines, what `check` finds. Names of hosts and nodes, addresses, e-mail, wallets, tokens and long ids are "
    "taken out; look through it before you share it all the same."
)


def _add_bundle(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "bundle", help="write a redacted zip and a block for the forum", description=BUNDLE
    )
    parser.set_defaults(run=_bundle)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--data", type=Path, metavar="DIR", help="folder of the database, of a stopped agent")
    source.add_argument("--url", default="http://127.0.0.1:8787", metavar="URL", help="the agent (default %(default)s)")
    parser.add_argument("--token", default=os.environ.get("STORJ_MONITOR_TOKEN"), help="its token, if it asks for one")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings (TOML); checked, and their secrets known")
    parser.add_argument(
        "--output", type=Path, default=Path("storj-monitor-bundle.zip"), metavar="FILE", help="default %(default)s"
    )


def _bundle(arguments: argparse.Namespace) -> int:
    from storj_monitor import bundling, settings  # noqa: PLC0415 - pydantic takes long to load

    async def work() -> tuple[bytes, str]:
        source = bundling.of_folder(arguments.data) if arguments.data else bundling.of_agent(*where)
        board, lines = await source
        given = settings.load(arguments.config, {}, os.environ)
        checked = await bundling.findings(given) if given.nodes else None
        return bundling.pack(board, lines, checked, bundling.redactor(board, given))

    where = (arguments.url, arguments.token)
    packed, report = asyncio.run(work())
    arguments.output.write_bytes(packed)
    print(report)
    print(f"{arguments.output} is written. Look through it before you share it.", file=sys.stderr)
    return 0
