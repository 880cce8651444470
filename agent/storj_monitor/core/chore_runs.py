"""Tasks of the node with start, end and figures: one table of the lines that speak of them (§2.7, §2.8, §2.10).

| run | from | to | per |
|---|---|---|---|
| `bloom_filter` | a list of pieces to keep was received | at once | satellite |
| `gc` | `Prepared to run a Retain request.` | `Moved pieces to trash during retain` | satellite |
| `gc_walk`, `trash_walk`, `used_space` | a walk over the pieces starts | it is completed or failed | satellite |
| `trash` | `emptying trash started` | `emptying trash finished` | satellite |
| `compaction` | `beginning compaction` | `finished compaction` | satellite and store |
| `migration` | `enqueued for migration` | its old folder was removed | satellite |
| `migration` | `processed a bunch of pieces` | – | node (satellite "") |

Figures (`Run.stats`) are numbers: seconds, bytes, epoch seconds, counts. `seconds` is the duration that a line tells.
Beside what the lines carry there are: `interrupted` (the node started anew before the end), `unfinished` (no end was
logged: versions up to 1.99 do not log all), `error` (class, `core.errortexts`), of the migration `pieces`, `bytes`,
`at` and the rates of its last step `pieces_rate`, `bytes_rate`, and of a satellite's `failed`, `removed`
and `remaining` folders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from storj_monitor.core import gotext
from storj_monitor.core.chore_counts import satellite_of
from storj_monitor.core.errortexts import error_class
from storj_monitor.core.facts import Notice, Run
from storj_monitor.core.satellites import folder_of

if TYPE_CHECKING:
    from collections.abc import Mapping

Stats = dict[str, Any]
Key = tuple[str, str, str]

OPEN_MAX = 256
"""Runs that are under way at most; the oldest gives way."""
STATS_MAX = 120
ENDLESS = frozenset({"migration"})
"""A restart does not interrupt them: they go on where they were."""

Edge = Literal["start", "note", "done", "failed", "point"]


class Step(NamedTuple):
    """What a line is to a run. `took`: the name its duration gets; `add`: figures are added up over several lines;
    `parent`: a run that gets the figures as well.
    """

    run: str
    edge: Edge
    took: str = "seconds"
    add: bool = False
    parent: str = ""


STEPS: dict[str, Step] = {
    "New bloomfilter is received": Step("bloom_filter", "point"),
    "Prepared to run a Retain request.": Step("gc", "start"),
    "Moved pieces to trash during retain": Step("gc", "done"),
    "retain pieces failed": Step("gc", "failed"),
    "gc-filewalker started": Step("gc_walk", "start"),
    "gc-filewalker completed": Step("gc_walk", "done", parent="gc"),
    "gc-filewalker did not complete": Step("gc_walk", "failed"),
    "emptying trash started": Step("trash", "start"),
    "emptying trash finished": Step("trash", "done"),
    "emptying trash failed": Step("trash", "failed"),
    "trash-filewalker started": Step("trash_walk", "start"),
    "trash-filewalker completed": Step("trash_walk", "done", parent="trash"),
    "used-space-filewalker started": Step("used_space", "start"),
    "used-space-filewalker completed": Step("used_space", "done"),
    "used-space-filewalker failed": Step("used_space", "failed"),
    "beginning compaction": Step("compaction", "start"),
    "compaction acquired locks": Step("compaction", "note", "lock_seconds"),
    "compaction computed details": Step("compaction", "note", "details_seconds"),
    "including log due to no rewrite candidates": Step("compaction", "note"),
    "records rewritten": Step("compaction", "note", "progress_seconds"),
    "hashtbl rewritten": Step("compaction", "note", "rewrite_seconds", add=True),
    "compact once finished": Step("compaction", "note", "rounds", add=True),
    "finished compaction": Step("compaction", "done"),
    "compaction failed": Step("compaction", "failed"),
    "enqueued for migration": Step("migration", "start"),
    "couldn't migrate": Step("migration", "note"),
    "cleanup removed empty prefix directories": Step("migration", "note"),
    "processed a bunch of pieces": Step("migration", "note"),
    "removed empty satellite directory": Step("migration", "done"),
}

RENAMED = {
    "elapsed": "seconds",
    "num_deleted": "deleted_pieces",
    "pieces_skipped_count": "pieces_skipped",
    "trash_pieces_count": "total_pieces_to_trash",
    "pieces_trashed": "trashed_pieces",
    "pieces_total": "total_pieces_size",
    "pieces_content_size": "total_pieces_content_size",
    "creation": "created_before",
    "bloom_filter_size": "filter_size",
    "records": "progress_records",
    "bytes": "progress_bytes",
}
"""One name for a figure over all versions, by its normalised key."""

_LATEST = frozenset({"total_records", "total_bytes", "reclaim_ratio"})
"""Of figures that are added up, those that are not."""
_NO_FIGURES = frozenset(
    {"process", "satellite_id", "store", "error", "stats", "id", "path", "dead", "today", "duration"}
)
_BEFORE = ("len_logs", "data_reclaimable", "trash_percent", "table_len_set", "table_len_trash", "table_load")


class OpenRun(msgspec.Struct):
    """A run that is under way."""

    kind: str
    satellite: str
    subject: str
    started: int
    stats: Stats = {}

    @property
    def key(self) -> Key:
        """What runs one at a time."""
        return self.kind, self.satellite, self.subject

    def fact(self, ended: int | None = None, *, ok: bool | None = None) -> Run:
        """The run as it stands, or as it ended."""
        end = None if ended is None else max(ended, self.started)
        return Run(self.kind, self.started, self.satellite, self.subject, end, ok, dict(self.stats))


class RunsState(msgspec.Struct):
    """What is under way; saved with the reader's carry.

    `old`: those that the process before began; `ends`: runs whose end this node's version logs; `moved`: satellites
    whose migration is through.
    """

    open: list[OpenRun] = []
    old: list[Key] = []
    ends: list[str] = []
    moved: list[str] = []


class Runs:
    """Fed with the lines of `STEPS`; collects runs, each as it stands now."""

    def __init__(self) -> None:
        self._open: dict[Key, OpenRun] = {}
        self._old: set[Key] = set()
        self._ends: set[str] = set()
        self._moved: set[str] = set()
        self._found: dict[tuple[Key, int], Run] = {}
        self.notices: list[Notice] = []

    def entry(self, message: str, fields: Mapping[str, Any], at: int) -> None:
        """Take in the entry of one of `STEPS`."""
        step = STEPS[message]
        store = fields.get("store")
        key = (step.run, satellite_of(fields)[:64], store[:16] if isinstance(store, str) else "")
        if step.run == "migration":
            self._migration(message, fields, key, at)
        elif step.edge == "point":
            self._ended(OpenRun(*key, at, _figures(step, fields)), at, ok=True)
        elif step.edge == "start":
            self._start(key, at, _before(step, fields))
        elif step.edge == "note":
            self._note(step, key, fields)
        else:
            self._end(step, key, fields, at)

    # ---- steps ----

    def _start(self, key: Key, at: int, stats: Stats) -> OpenRun:
        if key in self._open:
            self._close(key, at, restarted=key in self._old)
        self._old.discard(key)
        if len(self._open) >= OPEN_MAX:
            self._close(next(iter(self._open)), at)
        run = self._open[key] = OpenRun(*key, at, stats)
        self._found[key, at] = run.fact()
        return run

    def _note(self, step: Step, key: Key, fields: Mapping[str, Any]) -> None:
        run = self._open.get(key)
        if run is not None:
            _merge(run.stats, _figures(step, fields), add=step.add)
            self._found[key, run.started] = run.fact()

    def _end(self, step: Step, key: Key, fields: Mapping[str, Any], at: int) -> None:
        run = self._open.get(key) or self._nameless(key)
        figures = _figures(step, fields)
        if run is None:
            if step.edge == "failed":
                return  # the same failure, said again by whoever called
            run = OpenRun(*key, at - int(figures.get("seconds", 0)))
        _merge(run.stats, figures)
        self._ends.add(step.run)
        said = fields.get("error")
        ok: bool | None = step.edge == "done" and not said
        if isinstance(said, str):
            run.stats["error"] = error_class(said)
            if run.stats["error"] in {"client_gone", "stopping"}:  # the node stopped
                ok, run.stats["interrupted"] = None, True
        self._open.pop(run.key, None)
        self._ended(run, at, ok=ok)
        above = self._open.get((step.parent, key[1], key[2]))
        if above is not None:
            _merge(above.stats, {name: value for name, value in figures.items() if name != "seconds"})
            self._found[above.key, above.started] = above.fact()

    def _nameless(self, key: Key) -> OpenRun | None:
        """Of a line without satellite (`retain` up to 1.95): the run of this kind that is under way longest."""
        if key[1]:
            return None
        return next((run for run in self._open.values() if run.kind == key[0]), None)

    def _ended(self, run: OpenRun, at: int, *, ok: bool | None) -> None:
        self._found[run.key, run.started] = run.fact(at, ok=ok)

    def _close(self, key: Key, at: int, *, restarted: bool = False) -> None:
        """End a run whose own end did not come."""
        run = self._open.pop(key)
        run.stats["interrupted" if restarted and run.kind in self._ends else "unfinished"] = True
        self._ended(run, at, ok=None)

    # ---- migration: counted since the process began, over all satellites ----

    def _migration(self, message: str, fields: Mapping[str, Any], key: Key, at: int) -> None:
        match message:
            case "enqueued for migration" if key not in self._open and key[1] not in self._moved:
                self._start(key, at, {})
            case "couldn't migrate" if key in self._open and error_class(str(fields.get("error"))) != "lost_piece":
                _merge(self._open[key].stats, {"failed": 1}, add=True)
                self._found[key, self._open[key].started] = self._open[key].fact()
            case "cleanup removed empty prefix directories":
                self._note(STEPS[message], key, fields)
            case "processed a bunch of pieces":
                run = self._open.get(key) or self._start(key, at, {})
                _progress(run.stats, fields, at)
                self._found[key, run.started] = run.fact()
            case "removed empty satellite directory":
                self._moved_out(str(fields.get("dir", "")), at)

    def _moved_out(self, folder: str, at: int) -> None:
        for key in [key for key in self._open if key[0] == "migration" and key[1]]:
            if folder.rstrip("/\\").endswith(folder_of(key[1]) or "\0"):
                self._moved.add(key[1])
                self._ended(self._open.pop(key), at, ok=True)
                text = "All pieces of a satellite are in the hashstore now; its old folder was removed."
                self.notices.append(Notice(at, "info", text, "migrated", key[1]))

    # ---- life ----

    def boot(self) -> None:
        """A process of the node begins; what is under way now is of the one before, if that has ended."""
        self._old = set(self._open)

    def started(self, at: int, *, boot_seen: bool) -> None:
        """The node is up: what the process before began is over."""
        for key in [key for key in self._open if not boot_seen or key in self._old]:
            if key[0] in ENDLESS:
                self._open[key].stats.pop("at", None)  # the node counts from 0 again
            else:
                self._close(key, at, restarted=True)
        self._old = set()

    # ---- what comes out ----

    def take(self) -> list[Run]:
        """All that changed since the last call."""
        found, self._found = list(self._found.values()), {}
        return found

    def carry(self) -> RunsState:
        """What later lines need."""
        return RunsState(list(self._open.values()), sorted(self._old), sorted(self._ends), sorted(self._moved))

    def restore(self, state: RunsState) -> None:
        """Continue from `carry`."""
        self._open = {run.key: run for run in state.open}
        self._old, self._ends, self._moved = set(state.old), set(state.ends), set(state.moved)


# ---- figures ----


def _figures(step: Step, fields: Mapping[str, Any]) -> Stats:
    """The numbers that a line carries."""
    if step.took == "rounds":
        return {"rounds": 1}
    figures: Stats = {}
    for name, value in fields.items():
        if name not in _NO_FIGURES and (number := gotext.plain(value)) is not None:
            key = name.replace(" ", "_")
            figures[RENAMED.get(key, key)[:40]] = number
    took = gotext.plain(fields.get("duration"))
    if took is not None:
        figures[step.took] = took
    stats = fields.get("stats")
    return figures | gotext.flat(stats) if isinstance(stats, dict) else figures


def _before(step: Step, fields: Mapping[str, Any]) -> Stats:
    """Figures at the start; of a compaction's `stats` those that it will change."""
    figures = _figures(step, fields)
    if "stats" not in fields:
        return figures
    return {f"before_{name}": figures[name] for name in _BEFORE if name in figures}


def _merge(stats: Stats, figures: Stats, *, add: bool = False) -> None:
    for name, value in figures.items():
        if name in stats or len(stats) < STATS_MAX:
            known = stats.get(name, 0) if add and name not in _LATEST else 0
            stats[name] = value if isinstance(value, bool) else round(known + value, 6)


def _progress(stats: Stats, fields: Mapping[str, Any], at: int) -> None:
    """Numbers since the process began; a rate is that of the last step."""
    pieces, size = gotext.count(fields.get("successes")), gotext.count(fields.get("size"))
    if pieces is None or size is None:
        return
    last = stats.get("at")
    if last is not None and at > last and pieces >= stats["pieces"]:
        stats["pieces_rate"] = round((pieces - stats["pieces"]) / (at - last), 3)
        stats["bytes_rate"] = round((size - stats["bytes"]) / (at - last), 3)
    stats |= {"pieces": pieces, "bytes": size, "at": at}


def time_left(stats: Mapping[str, Any], *, bytes_left: int | None) -> int | None:
    """Seconds that a migration still takes at the rate of its last step; None when that cannot be said.

    `bytes_left`: what the old store still holds (`disk_used` less what is in the hashstore); the log does not know it.
    """
    rate = stats.get("bytes_rate")
    if bytes_left is None or not isinstance(rate, int | float) or rate <= 0:
        return None
    return int(max(bytes_left, 0) / rate)
