"""A simulated week of one node: its log hour by hour, its API once a day, with a failed audit on the way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.integration import rig

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storj_monitor.app import App

HOUR, DAY = 3600, 86_400
AWAY = range(60, 64)
"""Hours in which the node writes nothing."""
TRUSTED = "162LhjMGUL6MbdjVNFjWFsKVKM151Mv3k1HM4ACKWtH3MKJDf1"
"""A satellite that the recorded node trusts: others raise nothing."""
LOST = 100
"""The hour in which audits find a piece gone."""


def stamped(line: bytes, at: float) -> bytes:
    """A line of the rig with another time."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode() + line[line.index(b"\t") :]


def lines(hour: int, start: float) -> list[tuple[float, bytes]]:
    """Twelve transfers an hour, more by day, with their times; two audits of one hour fail."""
    if hour in AWAY:
        return []
    made = []
    for number in range(12 + hour % 24):
        action, message = (("PUT", "uploaded"), ("GET", "downloaded"), ("GET", "download canceled"))[number % 3]
        line = rig.line(0, message, action, 1000 + number, TRUSTED, hour * 50 + number)
        made.append((start + hour * HOUR + number * 90, line))
    if hour == LOST:
        failed = rig.line(0, "download failed", "GET_AUDIT", 256, TRUSTED)
        failed = failed.replace(b'"size":', b'"error": "file does not exist", "size":')
        made += [(start + hour * HOUR + 3400 + second, failed) for second in range(2)]
    return [(at, stamped(line, at)) for at, line in made]


def steps(hour: int, start: float) -> Iterator[tuple[float, bytes]]:
    """The times at which an agent looks in an hour, and what was written to the log since the last."""
    begun, todo = start + hour * HOUR, lines(hour, start)
    step = 120 if hour in {LOST, LOST + 1, 166, 167} else 900
    for at in range(step, HOUR + 1, step):
        now = begun + at
        yield now, b"".join(line for when, line in todo if now - step <= when < now)


def remembered(app: App) -> dict[str, Any]:
    """What must be the same with and without a restart."""
    board = {topic: value for topic, value in app._board.snapshot().items() if "/attic/" in topic}
    plain = [(topic, {**value, "ts": 0} if isinstance(value, dict) else value) for topic, value in board.items()]
    return {"board": dict(plain), "sums": sorted(app._engine.nodes["attic"].window.sums())}


def prepare(folder: Path) -> Path:
    """An empty log."""
    folder.mkdir()
    log = folder / "node.log"
    log.touch()
    return log


def write(log: Path, content: bytes) -> None:
    """More of the log."""
    with log.open("ab") as file:
        file.write(content)
