"""Which lines are counted by the minute, and under which name: the vocabulary that alert rules count with.

A sample has n = lines, and as its sum what a line says beside (`orders_*`: orders, `records_lost`: records,
`expired`: pieces, `disk_check`: seconds), otherwise the lines again. Transfers that failed are not among them; they are
counted as `failed:ACTION:CLASS`. Per satellite where the line names one.

| metric | one line for |
|---|---|
| `orders_sent`, `orders_failed` | each sending of orders to a satellite that ended well, or did not |
| `orders_lost` | orders that are damaged or could not be kept |
| `contact_failed` | an attempt to check in at a satellite that failed |
| `contact_limited` | the same, refused because there were too many: a restart loop, or two nodes with one identity |
| `contact_lost` | an hour in which no attempt succeeded |
| `contact_ok` | a ping from a satellite (level DEBUG only) |
| `quic_failed` | a satellite could not reach the node by UDP |
| `stats_failed` | scores, storage figures or payouts that could not be fetched |
| `scores_worsened` | a score that fell by more than noise |
| `total_audits`, `successful_audits` | gauges: what the satellite counted so far |
| `scores:audit`, `scores:suspension`, `scores:online` | gauges: the scores as the node last heard them, percent |
| `db_locked`, `db_damaged`, `db_failed` | an error that names a database as busy, damaged, unusable |
| `disk_errors`, `disk_stalled`, `disk_full_errors` | an error that names the disk: fails, hangs, is full |
| `disk_failing` | a check of the storage folder that failed |
| `disk_check` | a check of the storage folder that passed (level DEBUG, or 1.111 and 1.112) |
| `gc_failed`, `trash_failed`, `filewalker_failed`, `compaction_failed`, `migration_failed` | a chore that failed |
| `expired` | a collection of expired pieces |
| `records_lost` | a file of the hashstore with invalid records after an unclean stop |
| `pieces_reported` | a report of lost pieces to a satellite |
| `piece_in_trash` | a piece that was asked for and lay in the trash |
| `storage_failed`, `cache_failed`, `hashstore_failed` | other trouble with pieces, the count of space, the hashstore |
| `clock_wrong`, `clock_unknown` | a clock that differs from a satellite's; a satellite that did not tell its time |
| `version_outdated`, `update_failed` | a version below the minimum; an update that failed |
| `node_starts`, `node_crashes`, `node_refusals` | what `core.chore_life` makes of starts and ends |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from storj_monitor.core import gotext, messages
from storj_monitor.core.errortexts import error_class, grave
from storj_monitor.core.facts import Sample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storj_monitor.core.logline import Entry
    from storj_monitor.core.messages import Message


class Count(NamedTuple):
    """Lines of a catalogue kind that count as `metric`.

    `begins`: only messages that begin so; `only` and `never`: only or never errors of these classes; `value`: the field
    whose number is added up.
    """

    metric: str
    kind: str
    begins: str = ""
    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    value: str = ""


_STOP = ("client_gone", "stopping")
"""The node cut it short itself because it stopped."""

TABLE = (
    Count("orders_lost", "orders_lost"),
    Count("contact_limited", "contact_failed", "ping satellite failed", only=("rate_limited",)),
    Count("contact_failed", "contact_failed", "ping satellite failed", never=(*_STOP, "rate_limited")),
    Count("contact_lost", "contact_failed", "retries timed out"),
    Count("contact_ok", "contact", "pinged"),
    Count("quic_failed", "quic", never=_STOP),
    Count("stats_failed", "nodestats_failed", never=_STOP),
    Count("stats_failed", "scores_failed", never=_STOP),
    Count("disk_failing", "disk_failing"),
    Count("disk_check", "disk_check", value="duration"),
    Count("gc_failed", "gc_failed", "retain pieces failed", never=_STOP),
    Count("gc_failed", "gc_failed", "failed to set bloom filter", never=_STOP),
    Count("gc_failed", "gc_walk_failed", never=_STOP),
    Count("trash_failed", "trash_failed", never=_STOP),
    Count("filewalker_failed", "filewalker_failed", never=_STOP),
    Count("compaction_failed", "compaction_failed", never=_STOP),
    Count("migration_failed", "migration_failed", never=(*_STOP, "lost_piece")),
    Count("expired", "expiry", "expired pieces collection completed", value="count"),
    Count("expired", "expiry", "collect", value="count"),
    Count("records_lost", "records_lost", value="invalid_count"),
    Count("pieces_reported", "amnesty", "sending amnesty batch"),
    Count("piece_in_trash", "piece_in_trash"),
    Count("storage_failed", "storage_failed", never=_STOP),
    Count("cache_failed", "cache_failed", never=_STOP),
    Count("hashstore_failed", "hashstore_failed", never=_STOP),
    Count("clock_wrong", "clock_failed", "system clock is out of sync"),
    Count("clock_unknown", "clock_failed", "unable to get satellite system time", never=_STOP),
    Count("version_outdated", "version_failed", "version not allowed"),
    Count("version_outdated", "version_failed", "outdated software version"),
    Count("update_failed", "update_failed"),
)
BY_KIND = {kind: tuple(row for row in TABLE if row.kind == kind) for kind in {row.kind for row in TABLE}}

BY_CLASS = {
    "database_locked": "db_locked",
    "database_damaged": "db_damaged",
    "database": "db_failed",
    "disk": "disk_errors",
    "read_only": "disk_errors",
    "storage_gone": "disk_errors",
    "storage_stalled": "disk_stalled",
    "disk_full": "disk_full_errors",
}
"""Errors that count wherever they appear; of the class `disk` those whose words leave no doubt."""

SCORES = "scores"
GAUGES = ("total_audits", "successful_audits")
PERCENT = {f"scores:{name}": f"{name}_score" for name in ("audit", "suspension", "online")}
KINDS = frozenset(BY_KIND) | {SCORES}
_ONE_DEATH = frozenset({"fatal", "crash"})
"""Several lines of one end repeat one error: it is told by the notice of that end."""


class Counts:
    """Sums by metric, satellite and minute."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str, int], list[float]] = {}
        self._gauges: dict[tuple[str, str, int], Sample] = {}

    def add(self, metric: str, at: int, satellite: str = "", *, n: int = 1, value: float | None = None) -> None:
        """Count `n` lines; `value` is what they say beside, if that is not the number of lines."""
        key = (metric, satellite, at - at % 60)
        cell = self._sums.setdefault(key, [0, 0])
        cell[0] += n
        cell[1] += n if value is None else value

    def entry(self, entry: Entry, row: Message | None, fields: Mapping[str, Any], at: int) -> None:
        """Count one entry under all names that fit."""
        kind = row.kind if row is not None else ""
        said = fields.get("error")
        name = error_class(said) if isinstance(said, str) else ""
        satellite = satellite_of(fields)
        for count in BY_KIND.get(kind, ()):
            if _fits(count, entry.message, name):
                self.add(count.metric, at, satellite, value=_value(count, fields))
        if name in BY_CLASS and kind not in _ONE_DEATH and (name != "disk" or grave(str(said))):
            self.add(BY_CLASS[name], at, satellite)
        if kind == SCORES:
            self._scores(entry, row, fields, at)

    def _scores(self, entry: Entry, row: Message | None, fields: Mapping[str, Any], at: int) -> None:
        satellite = satellite_of(fields)
        for metric in GAUGES:
            value = gotext.count(fields.get(metric))
            if value is not None:
                self._gauge(metric, at, satellite, value)
        for metric, field in PERCENT.items():
            score = fields.get(field)
            if isinstance(score, int | float) and 0 <= score <= 1:
                self._gauge(metric, at, satellite, round(100 * score, 6))
        if messages.judge(row, entry.level, fields).severity != "info":
            self.add("scores_worsened", at, satellite)

    def _gauge(self, metric: str, at: int, satellite: str, value: float) -> None:
        key = (metric, satellite, at - at % 60)
        new = Sample(metric, at, 1, value, value, value, value, satellite)
        known = self._gauges.get(key)
        self._gauges[key] = new if known is None else _together(known, new)

    def take(self) -> list[Sample]:
        """All sums since the last call."""
        samples = [
            Sample(metric, minute, int(n), total, satellite=satellite)
            for (metric, satellite, minute), (n, total) in self._sums.items()
        ]
        samples += self._gauges.values()
        self._sums, self._gauges = {}, {}
        return samples


def satellite_of(fields: Mapping[str, Any]) -> str:
    """The satellite that a line names, "" when none; a satellite's ping names it as `by`."""
    named = fields.get("satellite_id") or fields.get("by")
    return named if isinstance(named, str) else ""


def _together(one: Sample, two: Sample) -> Sample:
    """Both as one; `last` is the later, of two at the same second the greater, as the store has it."""
    values = [each.sum / each.n if each.last is None else each.last for each in (one, two)]
    at, last = max((one.at, values[0]), (two.at, values[1]))
    low, high = (
        pick(each for sample in (one, two) for each in (sample.min, sample.max) if each is not None)
        for pick in (min, max)
    )
    return Sample(one.metric, at, one.n + two.n, one.sum + two.sum, low, high, last, one.satellite)


def _fits(count: Count, message: str, name: str) -> bool:
    return message.startswith(count.begins) and name not in count.never and (not count.only or name in count.only)


def _value(count: Count, fields: Mapping[str, Any]) -> float | None:
    if not count.value:
        return None
    value = gotext.plain(fields.get(count.value))
    return 0.0 if value is None else float(value)
