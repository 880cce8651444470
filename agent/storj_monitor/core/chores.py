"""What the lines tell that are no transfers: life, tasks, counts (agent/docs/storagenode.md §1.8, §2.3–§2.11).

The vocabulary stands in the modules that own it: counts by the minute in `core.chore_counts`, runs in
`core.chore_runs`, notices about the life of the node in `core.chore_life`, orders in `core.chore_orders`. Lines of
storagenode-updater tell of versions and of itself only.

What later lines need is small and bounded: it is saved with the reader's carry, in the same transaction as what came of
it (law 1), so that a kill between any two lines changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from storj_monitor.core import chore_counts, chore_life, chore_orders, chore_runs, hints
from storj_monitor.core.facts import Top

if TYPE_CHECKING:
    from storj_monitor.core.facts import Batch, LogReading
    from storj_monitor.core.logline import Entry
    from storj_monitor.core.messages import Message

HOUR = 3600
UNKNOWN_MAX = 200
"""Different unknown messages between two commits."""
QUIET = frozenset({"DEBUG", "INFO"})
LAST_WORDS = frozenset({"FATAL", "PANIC"})
KINDS = chore_counts.KINDS | chore_life.KINDS | chore_orders.KINDS


class ChoresState(msgspec.Struct):
    """What later lines need of earlier ones."""

    life: chore_life.LifeState = msgspec.field(default_factory=chore_life.LifeState)
    runs: chore_runs.RunsState = msgspec.field(default_factory=chore_runs.RunsState)
    orders: chore_orders.OrdersState = msgspec.field(default_factory=chore_orders.OrdersState)


class Chores:
    """Fed by the reader with every line that is no transfer; `take` hands on what came of them."""

    def __init__(self) -> None:
        self.touched = False
        self.pretty = False
        self._counts = chore_counts.Counts()
        self._life = chore_life.Life()
        self._runs = chore_runs.Runs()
        self._orders = chore_orders.Orders(self._counts)
        self._unknown: dict[tuple[int, str], int] = {}

    # ---- what goes in ----

    def entry(self, entry: Entry, row: Message | None, at: int) -> None:
        """Take in an entry of the second `at`, with its row of the catalogue."""
        kind = row.kind if row is not None else "fatal" if entry.level in LAST_WORDS else ""
        step = entry.message in chore_runs.STEPS
        if not step and kind not in KINDS and entry.level in QUIET:
            return
        fields = entry.fields()
        updater = fields.get("process") == chore_life.UPDATER
        if kind in chore_life.KINDS:
            self._live(entry, kind, at)
        if not updater or kind == "update_failed":
            self._counts.entry(entry, row, fields, at)
        if step and not updater:
            self.touched = True
            self._runs.entry(entry.message, fields, at)
        if kind in chore_orders.KINDS:
            self.touched = True
            self._orders.entry(entry.message, kind, fields, at)

    def _live(self, entry: Entry, kind: str, at: int) -> None:
        self.touched = True
        booting = self._life.state.boot
        fields = entry.fields()
        self._life.entry(entry, kind, fields, at)
        if fields.get("process") == chore_life.UPDATER:
            return
        if kind == "started":
            self._runs.started(at, boot_seen=bool(booting))
        elif entry.message == chore_life.BOOT:
            self._runs.boot()

    def line(self, line: bytes, kind: str | None, text: str, at: int) -> None:
        """Take in a line that is no entry: its kind as in `core.otherlines`, and its shape `text`."""
        if kind in {"error_exit", "go_panic"}:
            self.touched = True
            self._life.line(kind, line[:2000].decode("utf-8", "replace").strip(), at)
        elif kind is None and text:
            self.pretty = self.pretty or hints.is_pretty(line)
            self.unknown(text, at)

    def unknown(self, text: str, at: int) -> None:
        """Note a message that no row knows, by its shape."""
        key = (at - at % HOUR, text)
        if key in self._unknown or len(self._unknown) < UNKNOWN_MAX:
            self._unknown[key] = self._unknown.get(key, 0) + 1

    # ---- what comes out ----

    def take(self, batch: Batch, last: int) -> None:
        """Add everything since the last call to a batch; `last` is the time of the latest line."""
        self.touched = self._orders.passed(last) or self.touched
        life, runs = self._life, self._runs
        for metric, at in life.counted:
            self._counts.add(metric, at)
        batch.notices += sorted([*life.notices, *runs.notices], key=lambda notice: notice.at)
        batch.samples += self._counts.take()
        batch.runs += runs.take()
        batch.tops += [Top("unknown", hour, text, n) for (hour, text), n in self._unknown.items()]
        life.notices, life.counted, runs.notices = [], [], []
        self._unknown = {}

    def reading(self, latest: LogReading) -> LogReading:
        """`latest` with what is known of the node's life."""
        return self._life.reading(latest)

    def carry(self) -> ChoresState:
        """What must be there again after a restart."""
        self.touched = False
        return ChoresState(self._life.state, self._runs.carry(), self._orders.state)

    def restore(self, state: ChoresState) -> None:
        """Continue from `carry`."""
        self._life.state, self._orders.state = state.life, state.orders
        self._runs.restore(state.runs)
