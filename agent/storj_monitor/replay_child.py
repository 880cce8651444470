"""A short-lived process that runs the alert rules over imported logs: `python -P -m …replay_child`.

What it needs is gone with it, and it keeps no core from the agent's own work: it is nice where that is let and rests as
long as it works. The order comes as JSON on standard input, `{node, files, limits}`, the result leaves as `Found`.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING

import msgspec

from storj_monitor.alerts.episodes import Found, gather
from storj_monitor.core.logline import first_time
from storj_monitor.count import blocks
from storj_monitor.replay import Replay
from storj_monitor.sources.files import READ_ERRORS, Start, find

if TYPE_CHECKING:
    from collections.abc import Iterable

REST = 0.05
"""Seconds of work after which it rests as long."""


class Order(msgspec.Struct):
    """Whose logs, which files, and the thresholds that count (`<rule>.<severity>`)."""

    node: str
    files: list[Start]
    limits: dict[str, float] = {}


class Pace:
    """Called after each piece of work; ends the process when its parent is gone, for nobody waits for the result then.

    A parent that is killed cannot take it along.
    """

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._parent = os.getppid()

    def __call__(self, _lines: int) -> None:
        worked = time.monotonic() - self._begun
        if worked >= REST:
            if os.getppid() != self._parent:
                sys.exit(1)
            time.sleep(worked)
            self._begun = time.monotonic()


def oldest_first(files: Iterable[Start]) -> list[Start]:
    """By the first time in them; those that are gone, cannot be read or have no time are left out."""
    first: dict[Start, int] = {}
    for each in files:
        path = find(each)
        try:
            at = first_time(next(blocks(path), b"")) if path is not None else 0
        except READ_ERRORS:
            continue
        if at:
            first[each] = at
    return sorted(first, key=lambda each: first[each])


def look_back(order: Order) -> Found | None:
    """What the rules would have said; None when no file can be read any more."""
    run = Replay(order.node, has_log=True, limits=order.limits, lenient=True)
    # A rotation may come while it reads: each is looked for when its turn has come.
    paths = filter(None, map(find, oldest_first(order.files)))
    total, alerts = gather(run.logs(paths, Pace()))
    return Found(run.first, run.last, total, alerts) if run.first else None


def main() -> None:
    """Take the order, give the result."""
    with contextlib.suppress(PermissionError):  # our systemd unit lets nobody touch priorities
        os.nice(19)
    found = look_back(msgspec.json.decode(sys.stdin.buffer.read(), type=Order))
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
