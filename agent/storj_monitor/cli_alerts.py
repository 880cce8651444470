"""`storj-monitor alerts`, `acknowledge`, `silence` and `replay`, a part of the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storj_monitor import cli_agent

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

REPLAY = (
    "Run the alert rules over old logs, on the logs' own time, and print what would have been raised when. Nothing is "
    "stored and nothing is sent."
)


def add(commands: Any) -> None:
    """Add the commands to the parser's others."""
    alerts = _of_agent(commands, "alerts", "list the open alerts", _alerts)
    alerts.add_argument("--history", action="store_true", help="closed ones, too, newest first")
    acknowledge = _of_agent(commands, "acknowledge", "mark an alert as seen", _acknowledge)
    acknowledge.add_argument("id", metavar="ID", help="as `alerts` prints it, or all")
    silence = _of_agent(commands, "silence", "tell nothing of some alerts for a while", _silence)
    silence.add_argument("hours", type=float, metavar="HOURS", help="for how long; 0 ends it")
    for option, what in (("node", "of this node"), ("rule", "of this rule"), ("satellite", "of this satellite")):
        silence.add_argument(f"--{option}", metavar="NAME", help=f"{what} only")
    replay: argparse.ArgumentParser = commands.add_parser(
        "replay", help="run the alert rules over old logs", description=REPLAY
    )
    replay.set_defaults(run=_replay)
    replay.add_argument("files", nargs="*", metavar="FILE", help="logs of one node, plain or packed, oldest first")
    replay.add_argument("--api", type=Path, metavar="DIR", help="a folder of recorded API answers (index.json)")
    replay.add_argument("--node", default="node", metavar="NAME", help="how the node is called (default %(default)s)")
    replay.add_argument("--json", action="store_true", help="print one JSON document")


def _of_agent(commands: Any, name: str, text: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.set_defaults(run=run)
    cli_agent.options(parser)
    return parser


def _alerts(arguments: argparse.Namespace) -> int:
    found = cli_agent.ask(arguments, "alerts", history=arguments.history)
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    for alert in found:
        for line in _lines(alert):
            print(line)
    if not found:
        print("No alert is open.")
    return 0


def _lines(alert: dict[str, Any]) -> Iterator[str]:
    seen = " (seen)" if alert["acknowledged"] else ""
    closed = f", closed {_when(alert['closed'])}" if alert.get("closed") else ""
    yield f"{alert['severity'].upper():<8} {alert['text']}{seen}"
    yield f"         since {_when(alert['since'])}{closed}; id {alert['id']}"
    yield f"         {alert['next_step']}"


def _acknowledge(arguments: argparse.Namespace) -> int:
    found = cli_agent.ask(arguments, "acknowledge", id=arguments.id)
    print(json.dumps(found) if arguments.json else f"{found['acknowledged']} marked as seen.")
    return 0


def _silence(arguments: argparse.Namespace) -> int:
    what = {"node": arguments.node, "rule": arguments.rule, "satellite": arguments.satellite}
    found = cli_agent.ask(arguments, "silence", hours=arguments.hours, **what)
    until = found["silenced_until"]
    said = f"Silent until {_when(until)}." if until else "Not silenced any more."
    print(json.dumps(found) if arguments.json else said)
    return 0


def _replay(arguments: argparse.Namespace) -> int:
    from storj_monitor import replay  # noqa: PLC0415 - see above
    from storj_monitor.core.errors import MonitorError  # noqa: PLC0415

    if not arguments.files and arguments.api is None:
        raise MonitorError("Give the log files to replay, or --api DIR, or both.")
    api = replay.read_folder(arguments.api) if arguments.api is not None else ()
    run = replay.Replay(arguments.node, has_log=bool(arguments.files), api=api)
    try:
        done = run.logs(arguments.files) if arguments.files else run.api()
        rows = list(replay.events(done))
    except OSError as error:
        raise MonitorError(f"{error.filename or 'The log'} cannot be read: {error.strerror or error}.") from error
    if arguments.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        print(f"{_when(row['at'])}  {row['type']:<6} {row['severity']:<8} {row['text']}")
    opened = sum(row["type"] == "open" for row in rows)
    print(f"{opened} alert{'' if opened == 1 else 's'} would have been raised.")
    return 0


def _when(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
