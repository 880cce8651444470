"""The likely cause of something unusual: what failed more than before, what happened just then, what ran. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.core import errortexts
from storj_monitor.core.utc import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from storj_monitor.core.facts import Run

HOUR = 3600
BEFORE, AFTER = 3 * HOUR, HOUR // 2
"""Seconds around the beginning within which an event may be why."""
RISE, RISE_MIN = 3.0, 10
"""A class of failures is named when there are this many times as many as usual, and at least so many more."""
WHY = ("updated", "migrated", "config", "started", "crashed", "storage", "dns", "note")
"""Kinds of events that change how a node fares, the most telling first."""
ACTIONS = {
    "upload_success": ("PUT",),
    "ingress_rate": ("PUT", "PUT_REPAIR"),
    "download_success": ("GET",),
    "egress_rate": ("GET", "GET_REPAIR"),
    "duration_p95": ("GET",),
}
_RUNS = {
    "gc": "a garbage collection",
    "gc_walk": "a garbage collection",
    "used_space": "a walk through all files",
    "trash_walk": "the emptying of the trash",
    "compaction": "a compaction",
    "migration": "the migration to the hashstore",
    "trash": "the emptying of the trash",
}


def risen(
    now: Mapping[str, int], before: Mapping[str, int], seconds: float, seconds_before: float
) -> list[tuple[str, int, float]]:
    """Classes (`ACTION:CLASS`) that fail more than usual: (class, how often, how often usually); most first."""
    scale = seconds / max(seconds_before, 1)
    found = [(name, n, before.get(name, 0) * scale) for name, n in now.items()]
    return sorted(
        ((name, n, usual) for name, n, usual in found if n >= RISE * usual and n - usual >= RISE_MIN),
        key=lambda each: each[2] - each[1],
    )


def likely(
    metric: str,
    since: int,
    failures: Sequence[tuple[str, int, float]] = (),
    events: Iterable[tuple[int, str, str]] = (),
    runs: Iterable[Run] = (),
) -> str:
    """One or two sentences; "" when nothing is known. `failures` as from `risen`, `events`: (at, kind, text)."""
    said = [each for each in (_failure(metric, failures), _event(since, events) or _run(since, runs)) if each]
    return " ".join(said)


def _failure(metric: str, failures: Sequence[tuple[str, int, float]]) -> str:
    actions = ACTIONS.get(metric)
    for name, n, usual in failures:
        action, _, why = name.partition(":")
        if actions is None or action in actions:
            return f"{n} transfers failed because {errortexts.CLASSES.get(why, why)}, usually {usual:.0f} in that time."
    return ""


def _event(since: int, events: Iterable[tuple[int, str, str]]) -> str:
    near = [each for each in events if each[1] in WHY and since - BEFORE <= each[0] <= since + AFTER]
    if not near:
        return ""
    at, _, text = min(near, key=lambda each: (WHY.index(each[1]), abs(each[0] - since)))
    return f"{moment(at)}: {text}"


def _run(since: int, runs: Iterable[Run]) -> str:
    for run in sorted(runs, key=lambda each: abs(each.started - since)):
        name = _RUNS.get(run.kind)
        if name is not None and since - BEFORE <= run.started <= since + AFTER:
            return f"Since {moment(run.started)} {name} is under way."
    return ""
