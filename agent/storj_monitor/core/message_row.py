"""The shape of a row of the message catalogue, and short words to write rows with."""

from __future__ import annotations

import msgspec

_KINDS = """
    transfer transfer_start transfer_detail rejected piece_in_trash restore
    start started stop shutdown crash fatal server config operator telemetry
    orders_sending orders_sent orders_failed orders_lost
    contact contact_failed quic amnesty trust trust_failed clock clock_failed
    gc_filter gc_queued gc_start gc_done gc_failed gc_walk_start gc_walk_done gc_walk_failed
    trash_start trash_done trash_failed trash_walk_start trash_walk_done
    filewalker_start filewalker_done filewalker_failed subprocess
    expiry expiry_failed cleanup cleanup_failed cache cache_failed disk_check disk_failing disk_space storage_failed
    compaction compaction_start compaction_done compaction_failed hashstore hashstore_failed records_lost
    migration migration_failed database bandwidth bandwidth_failed
    scores scores_failed nodestats_failed console_failed
    update update_failed version version_failed leaving leaving_failed forget forget_failed load other
"""

KINDS = frozenset(_KINDS.split())
"""Stable words for what a message is about; derivations count by them."""


class Message(msgspec.Struct, frozen=True):
    """One known message.

    `match` is the literal message without outer blanks; `%s` stands for any text, `%q` for text in double quotes.
    `loggers` and `levels` are where it was seen: hints, never conditions (law 6); "" is the root logger, and a logger
    also stands for those below it (`lazyfilewalker` for `lazyfilewalker.gc-filewalker`).
    `severity` (info, warning, critical) is that of a single line without regard to its fields; `benign` says that it
    looks worse than it is and is not worth a notice. `meaning` is one sentence for operators, `next_step` one that
    begins with a verb, or None.
    """

    match: str
    loggers: tuple[str, ...]
    levels: tuple[str, ...]
    severity: str
    benign: bool
    meaning: str
    next_step: str | None
    kind: str


class Loggers(tuple[str, ...]):
    """Makes rows for messages of these loggers; `levels` are words separated by blanks."""

    __slots__ = ()

    def debug(self, match: str, kind: str, meaning: str, levels: str = "DEBUG") -> Message:
        """A detail seen only at level DEBUG."""
        return self._row(match, kind, meaning, None, levels=levels, severity="info")

    def info(self, match: str, kind: str, meaning: str, levels: str = "INFO") -> Message:
        """Part of ordinary life."""
        return self._row(match, kind, meaning, None, levels=levels, severity="info")

    def noise(self, match: str, kind: str, meaning: str, levels: str = "ERROR") -> Message:
        """Looks bad, is harmless."""
        return self._row(match, kind, meaning, None, levels=levels, severity="info", benign=True)

    def warning(
        self, match: str, kind: str, meaning: str, next_step: str, levels: str = "ERROR", *, benign: bool = False
    ) -> Message:
        """Somebody should look, not at once; `benign`: nothing is lost while nobody does."""
        return self._row(match, kind, meaning, next_step, levels=levels, severity="warning", benign=benign)

    def critical(self, match: str, kind: str, meaning: str, next_step: str, levels: str = "ERROR") -> Message:
        """The node is down or losing data."""
        return self._row(match, kind, meaning, next_step, levels=levels, severity="critical")

    def _row(
        self,
        match: str,
        kind: str,
        meaning: str,
        step: str | None,
        *,
        levels: str,
        severity: str,
        benign: bool = False,
    ) -> Message:
        return Message(match, tuple(self), tuple(levels.split()), severity, benign, meaning, step, kind)


def of(*loggers: str) -> Loggers:
    """Rows of these loggers; `of("")` are those of the root logger."""
    return Loggers(loggers)


CHECK_DISK = "Check the disk: SMART values, cable and power, the system's log (dmesg), then the file system."
CHECK_NETWORK = "Check the internet connection, DNS and firewall; it mends itself once the satellite answers again."
CHECK_DATABASE = "Check that the disk with the databases is healthy, not full and not overloaded."
CHECK_RIGHTS = "Check that the node's user may read and write its folders, and that the disk is healthy."
REPORT = "Report the whole line in the Storj forum if it repeats."
WATCH = "Watch whether it repeats; once is harmless."
