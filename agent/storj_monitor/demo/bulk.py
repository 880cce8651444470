"""A long log at once, for measuring: a million transfers in a few seconds, with the truth counted while writing."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.demo.lognode import SimulatedNode

if TYPE_CHECKING:
    from storj_monitor.demo.traffic import Truth

NOISE = 0.0091
"""Harmless lines per transfer, so that with the chores about 1 % of all lines are no transfers."""
_BLOCK = 200


class Written(NamedTuple):
    """What a log holds: `truth` is (satellite, action, outcome) → [count, bytes]; times are epoch seconds."""

    lines: int
    transfers: int
    size: int
    first: int
    last: int
    truth: Truth


def write_log(
    path: str | Path,
    *,
    seed: int = 1,
    transfers: int = 1_000_000,
    rate: float = 10.0,
    version: str = "1.162.3",
    start: float = 1_795_305_600.0,
    noise: float = NOISE,
) -> Written:
    """Write exactly `transfers` transfers at `rate` per second: all satellites and actions, every piece and client new.

    The same arguments give the same bytes. An existing file is replaced.
    """
    node = SimulatedNode(
        seed, start=start, version=version, rate=rate, noise=noise, unique=True, flat=True, limit=transfers
    )
    end = node.begun + math.ceil(transfers / rate)
    size, block = 0, bytearray()
    with Path(path).open("wb") as file:
        for number, lines in enumerate(node.seconds(node.begun, end)):
            block += b"".join(lines)
            if number % _BLOCK == 0:
                size += file.write(block)
                block.clear()
        size += file.write(block)
    return Written(node.lines_written, node.transfers, size, node.begun, end, node.truth)
