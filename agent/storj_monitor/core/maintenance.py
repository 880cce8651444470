"""Maintenance: the operator is at the node, so that what is missing now is no news (agent/docs/contract.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.core.facts import Tally


class Maintenance(msgspec.Struct, frozen=True):
    """From `begun` to `until` at the latest, epoch seconds."""

    begun: int
    until: int


def over(running: Maintenance, started: int, tallies: Iterable[Tally], now: float) -> bool:
    """Whether it has ended: its time is up, or a transfer succeeded after the node was started again.

    `started` is when the node started last, 0 when that is not known; `tallies` are those since the last question.
    """
    if now >= running.until:
        return True
    if started <= running.begun:
        return False
    return any(tally.outcome == "ok" and tally.minute + 59 >= started for tally in tallies)
