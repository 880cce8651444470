"""`storj-monitor notify …`, a part of the command line."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storj_monitor import cli_agent

if TYPE_CHECKING:
    import argparse

TEST = "Send a test message on each route and say what became of it."


def add(commands: Any) -> None:
    """Add the command to the parser's others."""
    parser: argparse.ArgumentParser = commands.add_parser("notify", help="try the ways on which alerts are told")
    inner = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    test: argparse.ArgumentParser = inner.add_parser("test", help="send a test message on each route", description=TEST)
    test.set_defaults(run=_test)
    test.add_argument("--route", metavar="NAME", help="on this one only")
    source = test.add_mutually_exclusive_group()
    source.add_argument(
        "--config", type=Path, metavar="FILE", help="the routes of this file and of its data folder; no agent is needed"
    )
    cli_agent.options(test, source)


def _test(arguments: argparse.Namespace) -> int:
    from storj_monitor import asking, notifying, settings  # noqa: PLC0415 - pydantic takes long to load

    faults: list[str] = []
    if arguments.config:
        found, faults = asyncio.run(notifying.try_routes(settings.load(arguments.config), arguments.route))
    else:
        args = {"route": arguments.route} if arguments.route else {}
        found = asyncio.run(asking.ask(arguments.url, arguments.token, "notify_test", args))
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for name, route in found["routes"].items():
            print(f"{'ok  ' if route['ok'] else 'FAIL'} {name} ({route['url']}): {route['text']}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 0 if all(route["ok"] for route in found["routes"].values()) and not faults else 1
