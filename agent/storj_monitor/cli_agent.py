"""What the commands share that ask a running agent: its address, its token, one question."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from typing import Any

URL = "http://127.0.0.1:8787"


def options(parser: argparse.ArgumentParser, group: Any = None, *, inner: bool = False) -> None:
    """Add `--url` (to `group`, where it excludes others), `--token` and `--json`.

    `inner`: the command above has them, too, and what was given there counts.
    """
    token = os.environ.get("STORJ_MONITOR_TOKEN")
    defaults = (argparse.SUPPRESS,) * 3 if inner else (URL, token, False)
    for option, default, more in zip(
        ("--url", "--token", "--json"),
        defaults,
        (
            {"metavar": "URL", "help": f"the running agent's page (default {URL})"},
            {"metavar": "TOKEN", "help": "its token, if it asks for one ($STORJ_MONITOR_TOKEN)"},
            {"action": "store_true", "help": "print one JSON document"},
        ),
        strict=True,
    ):
        place: Any = group if group is not None and option == "--url" else parser
        place.add_argument(option, default=default, **more)


def ask(arguments: argparse.Namespace, cmd: str, **args: Any) -> Any:
    """The agent's answer; None is not given. Raises MonitorError."""
    from storj_monitor import asking  # noqa: PLC0415 - aiohttp takes long to load

    given = {key: value for key, value in args.items() if value is not None}
    return asyncio.run(asking.ask(arguments.url, arguments.token, cmd, given))


def say(arguments: argparse.Namespace, document: Any, words: str) -> None:
    """The document with `--json`, else the words."""
    print(json.dumps(document, ensure_ascii=False) if arguments.json else words)
