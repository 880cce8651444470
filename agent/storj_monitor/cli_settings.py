"""`storj-monitor settings …`: what can be set while the agent runs, a part of the command line."""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storj_monitor import cli_agent

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOW = (
    "Show what can be set while the agent runs: the thresholds of the alert rules with their bounds, the routes, quiet "
    "hours and digest. What is set on the page (or imported) wins over the settings file until it is reset."
)
EXPORT = (
    "Write all of it as TOML, as it is in effect. The tables are those of the settings file. The addresses of routes "
    "are secrets and left out unless --secrets is given."
)
IMPORT = (
    "Set what a TOML file says and is not so yet, as `settings export` writes it; what it does not name stays. It is "
    "checked as a whole first: when one part is wrong nothing is changed. A route that is new needs its url."
)
EPILOG = """examples:
  storj-monitor settings                            every threshold with its bounds, routes, quiet hours
  storj-monitor settings export my.toml             keep it; --secrets with the addresses of the routes
  storj-monitor settings import my.toml             set it, here or (--url) at another agent; --dry-run first
"""


def add(commands: Any) -> None:
    """Add the command to the parser's others."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "settings",
        help="show, export and import what can be set while the agent runs",
        description=textwrap.fill(SHOW, 78),
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    cli_agent.options(parser)
    parser.set_defaults(run=_show)
    inner = parser.add_subparsers(title="commands", metavar="COMMAND")
    export: argparse.ArgumentParser = inner.add_parser("export", help="write it as TOML", description=EXPORT)
    export.add_argument("file", nargs="?", type=Path, metavar="FILE", help="where to (default: standard output)")
    export.add_argument("--secrets", action="store_true", help="with the addresses of the routes")
    export.set_defaults(run=_export)
    take_in: argparse.ArgumentParser = inner.add_parser("import", help="set what a file says", description=IMPORT)
    take_in.add_argument("file", metavar="FILE", help="as `settings export` wrote it; - is standard input")
    take_in.add_argument("--dry-run", action="store_true", help="only say what it would change")
    take_in.set_defaults(run=_import)
    for each in (export, take_in):
        cli_agent.options(each, inner=True)


def _show(arguments: argparse.Namespace) -> int:
    found = cli_agent.ask(arguments, "settings")
    if arguments.json:
        cli_agent.say(arguments, found, "")
        return 0
    from rich.console import Console  # noqa: PLC0415 - only for people
    from rich.table import Table  # noqa: PLC0415 - as above

    table = Table("threshold", "fires at", "", "from … to", "what it is", box=None)
    for rule in found["rules"]:
        mine = found["all"][rule["key"]]
        side = "≤" if rule["below"] else "≥"
        bounds = f"{rule['least']:g} … {rule['most']:g}"
        table.add_row(rule["key"], f"{side} {_number(mine, rule['unit'])}", _origin(mine), bounds, rule["text"])
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False, markup=False)
    console.print(table)
    for line in _lines(found):
        console.print(line)
    return 0


def _number(value: dict[str, Any], unit: str) -> str:
    return f"{value['value']:g} {unit}"


def _origin(value: dict[str, Any]) -> str:
    return f"set; the file's is {value['file']:g}" if value["set"] else ""


def _lines(found: dict[str, Any]) -> Iterator[str]:
    yield ""
    for node, numbers in found["thresholds"].items():
        for key, mine in numbers.items():
            if mine["value"] != found["all"][key]["value"]:
                where = f" (set; the file's is {mine['file']:g})" if mine["set"] else ""
                yield f"{node}: {key} is {mine['value']:g}{where}"
    for key, mine in found["notify"].items():
        where = f" (set; the file's is {mine['file'] or 'none'})" if mine["set"] else ""
        yield f"{key}: {mine['value'] or 'none'}{where}"
    for route in found["routes"]:
        nodes = f" of {', '.join(route['nodes'])}" if route["nodes"] else ""
        state = f"; fails: {route['state']['said']}" if route["state"]["failing"] else ""
        changed = {"file": "", "page": "; set", "both": "; changed, the file has it otherwise"}[route["from"]]
        yield f"route {route['name']}: {route['url']}, {', '.join(route['severities'])}{nodes}{changed}{state}"
    for route in found["removed"]:
        yield f"route {route['name']}: {route['url']}, switched off; the file has it"


def _export(arguments: argparse.Namespace) -> int:
    found = cli_agent.ask(arguments, "settings_export", secrets=arguments.secrets)
    if arguments.file is None:
        cli_agent.say(arguments, found, found["toml"].rstrip("\n"))
        return 0
    _write(arguments.file, found["toml"], private=arguments.secrets)
    cli_agent.say(arguments, {"file": str(arguments.file)}, f"Written to {arguments.file}.")
    return 0


def _write(file: Path, text: str, *, private: bool) -> None:
    """With secrets in it, nobody else may read it."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600 if private else 0o644)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        if private:
            os.fchmod(descriptor, 0o600)
        out.write(text)


def _import(arguments: argparse.Namespace) -> int:
    text = sys.stdin.read() if arguments.file == "-" else Path(arguments.file).read_text(encoding="utf-8")
    asked = {"dry_run": True} if arguments.dry_run else {}  # an agent that is older does not know the word
    found = cli_agent.ask(arguments, "settings_import", toml=text, **asked)
    lines = [_would(each) for each in found["changes"]] if arguments.dry_run else found["changed"]
    cli_agent.say(arguments, found, "\n".join(lines) or "All of it was so already.")
    return 0


def _would(change: dict[str, Any]) -> str:
    """`disk_full.warning of attic: 90 → 85`, `route.phone: new, url ntfys://…, severities critical`."""
    whose, old, new = f" of {change['node']}" if change["node"] else "", change["old"], change["new"]
    if not isinstance(new, dict):
        return f"{change['key']}{whose}: {_plain(old)} → {_plain(new)}"
    if old is None:
        return f"{change['key']}: new, {', '.join(f'{key} {_plain(value)}' for key, value in new.items())}"
    return f"{change['key']}: {', '.join(f'{key} {_route_field(key, old[key], new[key])}' for key in new)}"


def _route_field(key: str, old: Any, new: Any) -> str:
    return f"another at {new}" if key == "url" and old == new else f"{_plain(old)} → {_plain(new)}"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(value) or "all"
    return f"{value:g}" if isinstance(value, int | float) else str(value or "none")
