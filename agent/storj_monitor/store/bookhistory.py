"""What the books need of the history: our estimates at the ends of months, races, and since when something is so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.core import leaks, utc
from storj_monitor.core.leaks import Races, Subject
from storj_monitor.store.reader import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from storj_monitor.core.state import NodeState
    from storj_monitor.store.reader import Reader

YEARS = 6
"""Of estimates; daily bins of more do not fit into one answer."""
MAX_ROWS = 366 * YEARS
SINCE_DAYS = 400
_DIRECTIONS = {"uploads": "PUT", "downloads": "GET"}


async def estimates(reader: Reader, node: str, satellites: Iterable[str], now: float) -> dict[tuple[str, str], float]:
    """(month, satellite id or "" for the node) → our own estimate in USD as last stored in that month."""
    end = int(now) + 1
    start = utc.month_start(now, -12 * YEARS + 1)
    found: dict[tuple[str, str], float] = {}
    for satellite in ("", *satellites):
        column = Column("payout_estimate", ("payout_estimate",), "last")
        history = await reader.history(node, [column], start, end, utc.DAY, satellite, max_rows=MAX_ROWS)
        for t, value in history.rows:
            if value is not None:
                found[utc.month_name(t), satellite] = value
    return found


async def races(reader: Reader, node: str, now: float) -> dict[str, Races | None]:
    """`{uploads, downloads}` of the last days, by the log; None without any."""
    rows = await reader.transfers(node, int(now) - leaks.RACE_DAYS * utc.DAY, None, ("action", "outcome"))
    found: dict[str, Races | None] = {}
    for direction, action in _DIRECTIONS.items():
        cells = {row["outcome"]: row for row in rows if row["action"] == action}
        n = sum(row["count"] for outcome, row in cells.items() if outcome != "rejected")
        ok = cells.get("ok", {"count": 0, "bytes": 0})
        found[direction] = Races(n, ok["count"], ok["bytes"] / ok["count"]) if n and ok["count"] else None
    return found


async def since(reader: Reader, node: str, metric: str, true: Callable[[float], bool], now: float) -> int | None:
    """When the run of days began in which a gauge has been so until now; None if it is not so, or always was."""
    start = int(now) - SINCE_DAYS * utc.DAY
    column = Column(metric, (metric,), "mean")
    rows = (await reader.history(node, [column], start, int(now) + 1, utc.DAY)).rows
    known = [(t, value) for t, value in rows if value is not None]
    begun = None
    for t, value in reversed(known):
        if not true(value):
            return begun
        begun = t
    return None


async def subject(reader: Reader, state: NodeState, now: float) -> Subject:
    """A node as `core.leaks` looks at it."""
    found = await races(reader, state.name, now)
    values = state.payload(now)
    limit = leaks.SMALL * (values["disk_used"] or 0)
    full = min(leaks.FULL, leaks.SMALL * (values["disk_allocated"] or 0))
    questions = {
        leaks.GARBAGE: ("disk_garbage", lambda size: size > limit),
        leaks.DEAD: ("disk_reclaimable", lambda size: size > limit),
        leaks.FULL_DISK: ("disk_free", lambda size: size <= full),
    }
    begun = {kind: await since(reader, state.name, metric, true, now) for kind, (metric, true) in questions.items()}
    return Subject(
        state.name,
        state.readings,
        found["uploads"],
        found["downloads"],
        {kind: at for kind, at in begun.items() if at is not None},
    )
