"""The latest run of each task, and the latest that ended well: what rules ask about chores that stall or last."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.core.facts import Run

Key = tuple[str, str, str]
GC = ("gc", "compaction")
"""What collects garbage: in the old store, in the hashstore."""
KEPT_MAX = 1_000


class LastRuns:
    """Of each (kind, satellite, subject) the latest run and the latest that ended well."""

    def __init__(self) -> None:
        self.latest: dict[Key, Run] = {}
        self.done: dict[Key, Run] = {}

    def add(self, runs: Iterable[Run]) -> None:
        """Take in runs in any order; the same run again is the run as it stands now."""
        for run in runs:
            _keep(self.latest, run)
            if run.ok:
                _keep(self.done, run)

    def done_at(self, kinds: Iterable[str], satellite: str | None = None) -> int | None:
        """When a run of one of these kinds last ended well (epoch seconds), of one satellite or of any."""
        wanted = set(kinds)
        ends = (run.ended for run in self.done.values() if run.kind in wanted and satellite in {None, run.satellite})
        return max((end for end in ends if end is not None), default=None)

    def collected_at(self, satellite: str | None = None) -> int | None:
        """When garbage was last collected, in whichever store; None when the log never told."""
        return self.done_at(GC, satellite)

    def filter_at(self, satellite: str | None = None) -> int | None:
        """When the last list of pieces to keep came; up to 1.118 only its use is logged."""
        starts = [
            run.started
            for run in self.latest.values()
            if run.kind in {"bloom_filter", "gc"} and satellite in {None, run.satellite}
        ]
        return max(starts, default=None)

    def under_way(self, kind: str | None = None) -> list[Run]:
        """Runs that have not ended, the longest first."""
        found = [run for run in self.latest.values() if run.ended is None and kind in {None, run.kind}]
        return sorted(found, key=lambda run: run.started)


def _keep(table: dict[Key, Run], run: Run) -> None:
    key = (run.kind, run.satellite, run.subject)
    known = table.get(key)
    if known is None and len(table) >= KEPT_MAX:
        return
    if known is None or run.started >= known.started:
        table[key] = run
