"""What hides a node's traffic from its log, in words: an encoding that cannot be read, levels that leave lines out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storj_monitor.core.window import Window

PRETTY = (
    "The log is written with log.encoding=pretty, which has no dates and spreads one entry over several lines: it "
    "cannot be read with certainty. Set `log.encoding: console` in the node's config.yaml and restart the node."
)
_PRETTY = re.compile(rb"(?:^|\s)\d\d:\d\d:\d\d\.\d{3}\t\x1b\[\d+m(?:DEBUG|INFO|WARN|ERROR|DPANIC|PANIC|FATAL)\x1b\[0m")

TRAFFIC_HOURS = 3
LINES_MIN = 5
"""A node logs that many lines in three hours whatever its traffic is: hourly chores, scores, check-ins."""
MOVED_MIN = 1 << 20


def is_pretty(line: bytes) -> bool:
    """Whether a line is the first of an entry in the encoding `pretty` (agent/docs/storagenode.md §10 fact 24)."""
    return b"\x1b[" in line[:200] and _PRETTY.search(line[:200]) is not None


def traffic_hint(window: Window, moved: int | None, hours: int = TRAFFIC_HOURS) -> str | None:
    """Why the log shows no traffic although there is some; None when it shows some, or nothing is known.

    `moved`: bytes by which the API's ingress and egress of the month rose in the last `hours`, None when not known.
    """
    lines = window.last("log_lines", hours * 60)
    if moved is None or moved < MOVED_MIN or lines < LINES_MIN or window.since("transfer:", hours * 60):
        return None
    return (
        f"The log had {lines} lines in {hours} hours, none of them about a transfer, while the node moved "
        f"{moved / 1e6:,.0f} MB: the level hides them. Set `log.level: info` in config.yaml, look whether "
        "log.custom-level silences piecestore, and restart the node."
    )
