"""What the agent says of itself on the board (agent/docs/contract.md, `…/about`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_monitor.publish import topics

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.board import Board
    from storj_monitor.sources.host import HostMeter

EVERY = 600
"""Seconds after which it is set anew at the latest."""
LOADS = ("cpu_percent", "rss", "lag", "host_cpu_percent", "host_iowait_percent")


class About:
    """`facts()` are what it is beside its loads, `lag()` how late its tick is, in seconds."""

    def __init__(
        self, board: Board, meter: HostMeter, facts: Callable[[], dict[str, Any]], lag: Callable[[], float]
    ) -> None:
        self._board = board
        self._meter = meter
        self._facts = facts
        self._lag = lag

    def set(self, agent: str, now: float) -> None:
        """Set it, at most every ten minutes unless something besides the loads changed."""
        topic, about = topics.about(agent), self._facts()
        old = self._board.entries.get(topic)
        if (
            old is not None
            and now - old.set_at < EVERY
            and all(old.value.get(key) == value for key, value in about.items())
        ):
            return
        loads = {"lag": round(self._lag(), 3)} | self._meter.load()
        self._board.set(topic, about | {key: loads.get(key) for key in LOADS})
