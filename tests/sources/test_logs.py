"""A log that somebody watches: what is read is shown with the look that read it."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tests.mosquitto import until

from storj_monitor.sources import logs
from storj_monitor.sources.logs import LogSource

if TYPE_CHECKING:
    from pathlib import Path

LINE = (
    b'2026-11-23T10:00:%02dZ\tINFO\tpiecestore\tdownloaded\t{"Piece ID": "P%d", "Satellite ID": "S", "Action": "GET", '
    b'"Offset": 0, "Size": 100, "Remote Address": "203.0.113.1:1"}\n'
)


def count(shown: list[dict[str, Any]]) -> int:
    return sum(row[3] for each in shown for row in each["bins"])


async def test_each_line_is_shown_once_at_most_ten_times_a_second_and_only_while_somebody_watches(
    tmp_path: Path,
) -> None:
    path, shown, at = tmp_path / "node.log", list[dict[str, Any]](), list[float]()

    def show(fields: dict[str, Any]) -> None:
        shown.append(fields)
        at.append(time.monotonic())

    path.touch()
    source = LogSource("attic", str(path), now=time.time)
    await source.start(followed=True, positions=(), carry=None, latest=None)
    running = asyncio.create_task(source.run())
    source.watch(show)
    with path.open("ab", buffering=0) as log:
        for n in range(40):
            log.write(LINE % (n, n))
            await asyncio.sleep(0.01)
        await until(lambda: count(shown) >= 40, "the last line")
        assert count(shown) == 40
        assert all(later - one > 0.9 * logs.WATCHED for one, later in pairwise(at))
        source.watch(None)
        before = len(shown)
        log.write(LINE % (41, 41))
        await source.catch_up()
        assert len(shown) == before
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await source.stop()
    batch = await source.take()
    assert batch is not None
    assert sum(tally.count for tally in batch.tallies) == 41
