"""The command line: the only place that prints. Messages for people go to stderr, documents to stdout.

Exit codes: 0 done, whatever the data say; 1 could not, or `check` found a fault; 2 wrong usage (contract, "Command
line").
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import importlib
import json
import logging
import os
import signal
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import storj_monitor
from storj_monitor import cli_alerts, cli_books, cli_geoip, cli_notify, cli_output, cli_settings, cli_start
from storj_monitor.core.errors import BusyError, MonitorError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from storj_monitor.settings import Settings

EPILOG = """examples:
  storj-monitor init                               find the nodes of this host, write the first settings
  storj-monitor demo                               two simulated nodes, the viewer in your browser
  storj-monitor check                              look at every part of the settings and say how to mend what fails
  storj-monitor run --data ~/monitor --node attic=/var/log/storagenode.log,http://127.0.0.1:14002
  storj-monitor run --data ~/monitor --node cellar=http://127.0.0.1:14002 --mqtt mqtt://broker.lan
  storj-monitor import --data ~/monitor --node attic node.log*
  storj-monitor count node.log node.log.1.gz       success rates of log files, nothing is stored

without --config, /etc/storj-monitor/storj-monitor.toml is read if it exists.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(format="%(levelname)s %(message)s", level=logging.DEBUG if arguments.verbose else logging.INFO)
    logging.getLogger("aiosqlite").setLevel(logging.INFO)
    try:
        return int(arguments.run(arguments) or 0)
    except MonitorError as error:
        _say(f"storj-monitor: {error}")
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        _say(f"storj-monitor: {error.filename}: {error.strerror}" if error.filename else f"storj-monitor: {error}")
        return 1


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _print_json(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False))


# ---- arguments ----


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        print(storj_monitor.__version__)
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="storj-monitor",
        description="The monitor for Storj storage nodes: follows logs, asks the nodes, keeps history, warns in time.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version")
    parser.add_argument("-v", "--verbose", action="store_true", help="say more of what is done")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in (_add_run, _add_demo, _add_check, _add_count, _add_import, _add_transfers, _add_status):
        add(commands)
    cli_start.add(commands)
    cli_books.add(commands)
    cli_notify.add(commands)
    cli_alerts.add(commands)
    cli_settings.add(commands)
    cli_geoip.add(commands)
    return parser


def commands() -> list[str]:
    """The names of all commands."""
    action = next(each for each in _parser()._actions if isinstance(each, argparse._SubParsersAction))  # noqa: SLF001
    return list(action.choices)


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int | None], text: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    parser.set_defaults(run=run)
    return parser


def _with_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the database")
    parser.add_argument("--listen", metavar="HOST:PORT", help="address of the viewer")
    parser.add_argument("--mqtt", metavar="URL", help="broker, mqtt://[USER:PASSWORD@]HOST[:PORT]")
    parser.add_argument(
        "--node",
        action="append",
        default=[],
        metavar="NAME=[LOG][,API]",
        help="a node: its log (path or glob), its API (http://…), or both; may be repeated",
    )


def _add_run(commands: Any) -> None:
    parser = _command(commands, "run", _run, "run the agent until it is stopped")
    _with_settings(parser)
    parser.add_argument(
        "--import-past",
        action="store_true",
        help="import the rotated logs found beside each log that are not counted yet, while the agent works",
    )


def _add_check(commands: Any) -> None:
    _with_settings(
        _command(commands, "check", _check, "look at every part of the settings and say how to mend what fails")
    )


def _add_demo(commands: Any) -> None:
    parser = _command(commands, "demo", _demo, "show it all on two simulated nodes in a temporary folder")
    parser.add_argument(
        "--listen", default="127.0.0.1:8787", metavar="HOST:PORT", help="address of the viewer (default %(default)s)"
    )
    parser.add_argument("--mqtt", metavar="URL", help="publish to this broker, too")
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="another seed, another life (default %(default)s)"
    )


def _add_count(commands: Any) -> None:
    parser = _command(commands, "count", _count, "count the transfers in log files; nothing is stored")
    parser.add_argument("files", nargs="+", metavar="FILE", help="plain or .gz, .xz, .bz2; - is standard input")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _add_import(commands: Any) -> None:
    parser = _command(commands, "import", _import, "count old log files into the database, each line once")
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="plain or .gz, .xz, .bz2; in any order, again and again"
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of the database")
    parser.add_argument("--node", metavar="NAME", help="whose files they are (default: the only node there is)")
    parser.add_argument(
        "--force", action="store_true", help="count a file even if it looks like a part of a counted one"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _add_transfers(commands: Any) -> None:
    parser = _command(commands, "transfers", _transfers, "read the counted transfers back from the database")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of the database")
    parser.add_argument("--node", metavar="NAME", help="of one node (default: the sum of all)")
    parser.add_argument(
        "--from", dest="start", type=_when, metavar="T", help="from this time on: epoch seconds or ISO 8601"
    )
    parser.add_argument("--to", dest="end", type=_when, metavar="T", help="before this time")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _add_status(commands: Any) -> None:
    parser = _command(
        commands, "status", _status, "print what is true now: of a running agent, or of a database as at a start"
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--data", type=Path, metavar="DIR", help="folder of the database")
    source.add_argument(
        "--url", default="http://127.0.0.1:8787", metavar="URL", help="the agent's page (default %(default)s)"
    )
    parser.add_argument(
        "--token",
        default=os.environ.get("STORJ_MONITOR_TOKEN"),
        help="its token, if it asks for one ($STORJ_MONITOR_TOKEN)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document {topic: payload}")


def _when(text: str) -> int:
    try:
        return int(float(text)) if text.replace(".", "", 1).isdigit() else int(datetime.fromisoformat(text).timestamp())
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither epoch seconds nor a time such as 2026-11-23T10:00:00Z"
        ) from None


def _settings(arguments: argparse.Namespace) -> Settings:
    from storj_monitor import settings  # noqa: PLC0415 - pydantic takes longer to load than most commands to run

    overrides: dict[str, Any] = {}
    for section, key, value in (
        ("data", "dir", arguments.data and str(arguments.data)),
        ("bridge", "listen", arguments.listen),
        ("mqtt", "url", arguments.mqtt),
    ):
        if value:
            overrides.setdefault(section, {})[key] = value
    for text in arguments.node:
        name, node = settings.parse_node(text)
        overrides.setdefault("nodes", {})[name] = node.model_dump(exclude_none=True)
    return settings.load(arguments.config, overrides, os.environ)


# ---- commands ----


def _run(arguments: argparse.Namespace) -> int:
    gc.disable()  # what is loaded is no garbage; looking through it takes a twentieth of the start. See _ready
    # aiohttp reads all CA certificates when it is imported, twice, and lets other threads work meanwhile.
    threading.Thread(target=importlib.import_module, args=("aiohttp",)).start()
    settings = _settings(arguments)
    from storj_monitor.app import App  # noqa: PLC0415 - see _settings

    if not settings.nodes and not settings.mqtt.url:
        raise MonitorError(
            "No node is set: add [nodes.NAME] to the settings, or --node NAME=LOG,API (see run --help); "
            "with --mqtt alone this is a viewer of the whole fleet."
        )
    app = App(settings, import_past=arguments.import_past)
    return _until_stopped(app.run(_ready))


def _ready(app: Any) -> None:
    gc.freeze()  # all that was loaded stays for good and is never looked through again
    gc.enable()
    nodes = len(app.settings.nodes)
    _say(f"storj-monitor {storj_monitor.__version__}: {nodes} node{'s' * (nodes != 1)}; open {app.url}")
    if app.new_token is not None:
        _say(f"The page asks for this token, shown only now: {app.new_token}")


def _until_stopped(work: Coroutine[Any, Any, None]) -> int:
    """Run until SIGINT or SIGTERM; both are an orderly end."""

    async def stoppable() -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(stoppable())
    return 0


def _demo(arguments: argparse.Namespace) -> int:
    from storj_monitor.demonstration import demonstrate  # noqa: PLC0415 - see _settings

    def ready(app: Any) -> None:
        _say(f"Two simulated storage nodes are running. Open {app.url}   (Ctrl-C ends it)")

    return _until_stopped(
        demonstrate(listen=arguments.listen, mqtt=arguments.mqtt, seed=arguments.seed, ready=ready, say=_say)
    )


def _check(arguments: argparse.Namespace) -> int:
    from storj_monitor.check import check  # noqa: PLC0415 - see _settings

    faults = 0
    for finding in asyncio.run(check(_settings(arguments))):
        faults += not finding.fine
        print(f"{'ok  ' if finding.fine else 'FAIL'} {finding.part}: {finding.text}")
    return 1 if faults else 0


def _count(arguments: argparse.Namespace) -> int:
    from storj_monitor.count import count  # noqa: PLC0415 - see _settings

    with cli_output.progress("counting", arguments.files) as progress:
        counted = count(arguments.files, time.time(), progress)
    if arguments.json:
        _print_json(counted)
        return 0
    cli_output.print_transfers(counted["transfers"])
    share = 100 * counted["understood"] / counted["lines"] if counted["lines"] else 100.0
    print(f"{counted['lines']:,} lines, {share:.2f}% understood")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    from storj_monitor.importing import import_files  # noqa: PLC0415 - see _settings

    begun = time.monotonic()
    try:
        with cli_output.progress("importing", arguments.files) as progress:
            where, how = (
                (arguments.data, arguments.node, [str(Path(file).absolute()) for file in arguments.files]),
                {"force": arguments.force},
            )
            try:
                done = asyncio.run(import_files(*where, now=time.time, progress=progress, **how))
            except BusyError:
                from storj_monitor.importing_beside import import_beside  # noqa: PLC0415 - see _settings

                done = asyncio.run(import_beside(*where, progress=progress, **how))
    except KeyboardInterrupt:
        _say("Stopped. What was counted is kept: give the same command again to go on.")
        return 1
    seconds = time.monotonic() - begun
    for sentence in done.refused:
        _say(f"storj-monitor: {sentence}")
    if arguments.json:
        figures = {"files": done.files, "lines": done.lines, "seconds": round(seconds, 3), "skipped": done.skipped}
        _print_json(figures)
    else:
        print(f"{done.files} files: {done.lines:,} lines counted in {seconds:.1f} s, {done.skipped:,} known before")
    return 1 if done.refused else 0


def _transfers(arguments: argparse.Namespace) -> int:
    from storj_monitor.look import transfers  # noqa: PLC0415 - see _settings

    rows = asyncio.run(transfers(arguments.data, arguments.node, arguments.start, arguments.end))
    if arguments.json:
        _print_json(rows)
    else:
        cli_output.print_transfers(rows)
    return 0


def _status(arguments: argparse.Namespace) -> int:
    from storj_monitor import look  # noqa: PLC0415 - see _settings

    work = look.stored_board(arguments.data) if arguments.data else look.running_board(arguments.url, arguments.token)
    board = asyncio.run(work)
    if arguments.json:
        _print_json(board)
        return 0
    for line in cli_books.status_lines(board):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
