"""Counts log files without storing anything: exactly the code that follows a log, run over whole files."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, Any

from storj_monitor.core import transfers
from storj_monitor.core.logreader import LogReader
from storj_monitor.sources.files import OPENERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

BLOCK = 1 << 20
_OWN = tuple(f"{text}: " for text in transfers.BY_TEXT)
"""Templates of failed transfers begin so; they are counted as transfers, not as messages."""


def blocks(path: str) -> Iterator[bytes]:
    """Blocks of complete lines of a file, plain or compressed (`-`: standard input); the last may lack its newline."""
    stream: IO[bytes]
    suffix = "." + path.rsplit(".", 1)[-1]
    stream = sys.stdin.buffer if path == "-" else OPENERS[suffix](path) if suffix in OPENERS else open(path, "rb")  # noqa: PTH123, SIM115
    with stream:
        rest = b""
        while data := stream.read(BLOCK):
            end = data.rfind(b"\n") + 1
            if end:
                yield rest + data[:end]
                rest = data[end:]
            else:
                rest += data
        if rest:
            yield rest + b"\n"


def count(paths: Iterable[str], now: float, progress: Callable[[int], None]) -> dict[str, Any]:
    """`{lines, understood, transfers, messages}` of files in their order (contract, "Command line").

    `progress` gets the number of lines of each block. Raises OSError when a file cannot be read.
    """
    lines = understood = 0
    cells: dict[tuple[str, str, str], list[int]] = {}
    said: dict[tuple[str, str, str], int] = {}
    reader = LogReader("")
    for path in paths:
        for block in blocks(path):
            progress(reader.feed(block, now))
            lines, understood = lines + reader.lines, understood + reader.understood
            batch = reader.take()
            for tally in batch.tallies:
                cell = cells.setdefault((tally.satellite, tally.action, tally.outcome), [0, 0])
                cell[0] += tally.count
                cell[1] += tally.bytes
            for key, n in batch.templates.items():
                said[key] = said.get(key, 0) + n
    return {
        "lines": lines,
        "understood": understood,
        "transfers": [
            {"satellite": who, "action": action, "outcome": outcome, "count": n, "bytes": size}
            for (who, action, outcome), (n, size) in sorted(cells.items())
        ],
        "messages": [
            {"level": level, "logger": logger, "message": text, "count": n}
            for (level, logger, text), n in sorted(said.items(), key=lambda item: -item[1])
            if not text.startswith(_OWN)
        ],
    }
