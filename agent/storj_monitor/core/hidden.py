"""Failures that the log does not show (agent/docs/storagenode.md §10 facts 1 and 2).

At INFO most failed uploads leave no line, but the node counts them. Over the same time

    hidden = Δ(canceled + failed) of the node's counters − (canceled + failed) of the log, never below 0

and never of failures alone: until 1.112 the node books uploads lost in a race as failures, which the log calls
canceled. Counters are by direction for uploads and by action for downloads. The log is counted by the minute and read
a moment after the counters, so a difference below 0 is carried over, or such jitter would add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.core.readings_host import HiddenReading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from storj_monitor.core.readings_host import Counts, DebugReading

UPLOADS = "PUT"
"""Name for all uploads: the node does not count those of repair apart."""
LOGGED = {UPLOADS: ("PUT", "PUT_REPAIR")}
SERIES = "hidden:"
"""With an action: the stored series of hidden failures."""
DAY = 86_400
SAME_START = 60
"""Seconds by which two accounts of a process's start may differ: uptime is rounded and clocks are set."""


def sums(debug: DebugReading) -> dict[str, int] | None:
    """Canceled and failed transfers by action since the process started; None before it has counted anything."""
    if debug.uploads is None and debug.downloads is None:
        return None
    found = {action: _lost(counts) for action, counts in (debug.downloads or {}).items()}
    return found | ({UPLOADS: _lost(debug.uploads)} if debug.uploads is not None else {})


def compare(
    mark: HiddenReading | None,
    debug: DebugReading,
    started: int | None,
    logged: Callable[[tuple[str, ...], int, int], int],
    *,
    seen: bool = False,
) -> tuple[HiddenReading, dict[str, int]] | None:
    """The hidden failures by action between `mark` and these counters, and the mark for the next time.

    `started`: when the node's process started, by its own account or else the log's; `seen`: the log has been read from
    there on. `logged(series, since, until)` counts lines of the log from one full minute to another, at most 24 hours
    back. None when there is nothing to compare yet; without a mark, or after a long pause, the counters only set one.
    """
    now = sums(debug)
    if now is None:
        return None
    again = mark is None or _restarted(mark, now, started)
    since = _begin(mark, started, again=again, seen=seen)
    if since is None or not debug.at - DAY < since <= debug.at:
        return HiddenReading(at=debug.at, since=debug.at, started=started, sums=now), {}
    before: Mapping[str, int] = {} if mark is None or again else mark.sums
    debts: Mapping[str, int] = {} if mark is None or again else mark.debts
    shown = {action: logged(_series(action), _minute(since), _minute(debug.at)) for action in now}
    found = {
        action: total - before.get(action, 0) + debts.get(action, 0) - shown[action] for action, total in now.items()
    }
    owed = {action: n for action, n in found.items() if n < 0}
    hidden = {action: n for action, n in found.items() if n > 0}
    first = mark.since if mark is not None else since
    return HiddenReading(at=debug.at, since=first, started=started, sums=now, debts=owed), hidden


def _begin(mark: HiddenReading | None, started: int | None, *, again: bool, seen: bool) -> int | None:
    """From when on counters and log can be compared: the mark, or the start of the process that counts now."""
    if mark is None:
        return started if seen else None
    if not again:
        return mark.at
    return started if started is not None and started >= mark.at - SAME_START else None


def _restarted(mark: HiddenReading, now: Mapping[str, int], started: int | None) -> bool:
    """Whether another process counts now: it started later, or a counter fell."""
    if started is not None and mark.started is not None and started > mark.started + SAME_START:
        return True
    return any(now.get(action, 0) < total for action, total in mark.sums.items())


def _series(action: str) -> tuple[str, ...]:
    actions = LOGGED.get(action, (action,))
    return tuple(f"transfer:{each}:{outcome}" for each in actions for outcome in ("canceled", "failed"))


def _lost(counts: Counts) -> int:
    return counts.canceled + counts.failed


def _minute(at: float) -> int:
    return int(at) // 60 * 60
