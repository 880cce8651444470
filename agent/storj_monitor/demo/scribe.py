"""What a storage node says: the shape of every message the simulation writes, in both key eras.

Shapes were taken from logs of running nodes (1.121 to 1.162) and from agent/docs/storagenode.md §2 and appendix A.
A key is written `new|old` where its spelling changed with 1.146; the process field comes first in every line.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from storj_monitor.demo import zap

SNAKE_CASE_SINCE = 146
OLDEST = 116
"""Minor versions: the first with snake case keys, and the first of which all messages here are true."""


class Shape(NamedTuple):
    """A message: `keys` in the order of the call; `was` = (minor, level) for versions before `minor`."""

    level: str
    logger: str
    message: str
    keys: tuple[str, ...] = ()
    was: tuple[int, str] | None = None
    process: str = "storagenode"


_SAT = "satellite_id|Satellite ID"
_WALK = "satellite_id|satelliteID"
_AGAIN = "process|Process"
_ERROR = ("error", "errorVerbose")
_DOWN = ("piece_id|Piece ID", _SAT, "action|Action", "offset|Offset", "size|Size", "remote_address|Remote Address")
_UP = ("piece_id|Piece ID", _SAT, "action|Action", "remote_address|Remote Address", "size|Size")
_CACHE = "cache_path|cachePath"
_STORE = ("satellite", "store")
_TRASH = "lazyfilewalker.trash-cleanup-filewalker"
_GC = "lazyfilewalker.gc-filewalker"
_USED = "lazyfilewalker.used-space-filewalker"
_SCORES = (
    "total_audits|Total Audits", "successful_audits|Successful Audits", "audit_score|Audit Score",
    "online_score|Online Score", "suspension_score|Suspension Score", "audit_score_delta|Audit Score Delta",
    "online_score_delta|Online Score Delta", "suspension_score_delta|Suspension Score Delta",
)  # fmt: skip
_RETAINED = (
    _CACHE, "deleted_pieces|Deleted pieces", "failed_to_delete|Failed to delete",
    "pieces_failed_to_read|Pieces failed to read", "pieces_count|Pieces count", _SAT, "duration|Duration",
    "retain_status|Retain Status",
)  # fmt: skip
_WALKED = (
    _SAT, "lazy_file_walker|Lazy File Walker", "total_pieces_size|Total Pieces Size",
    "total_pieces_content_size|Total Pieces Content Size", "total_pieces_count|Total Pieces Count",
    "duration|Duration",
)  # fmt: skip
_COLLECTED = (
    _WALK, _AGAIN, "pieces_count|piecesCount", "total_pieces_to_trash|Total Pieces To Trash",
    "trashed_pieces|Trashed Pieces", "pieces_skipped|Pieces Skipped",
)  # fmt: skip
_DETAILS = (
    *_STORE, "nset", "nexist", "modifications", "curr_log_slots", "curr logSlots size",
    "next_log_slots", "next logSlots size", "candidates", "rewrite", "duration",
)  # fmt: skip
_REWRITTEN = (
    *_STORE, "duration", "total_records", "total_bytes",
    "rewritten_records", "rewritten_bytes", "trashed_records",
    "trashed_bytes", "restored_records", "restored_bytes",
    "expired_records", "expired_bytes", "reclaimed_logs",
    "reclaimed_bytes", "reclaim_ratio",
)  # fmt: skip
_UPDATER = "storagenode-updater"

SHAPES: dict[str, Shape] = {
    # transfers
    "uploaded": Shape("INFO", "piecestore", "uploaded", _UP),
    "upload_canceled": Shape("INFO", "piecestore", "upload canceled", _UP),
    "upload_failed": Shape("WARN", "piecestore", "upload failed", (*_UP, *_ERROR), was=(147, "ERROR")),
    "upload_internal": Shape("WARN", "piecestore", "upload internal error", _ERROR, was=(147, "ERROR")),
    "upload_rejected": Shape("INFO", "piecestore", "upload rejected, too many requests",
                             ("live_requests|live requests", "request_limit|requestLimit"), was=(122, "ERROR")),
    "downloaded": Shape("INFO", "piecestore", "downloaded", _DOWN),
    "download_canceled": Shape("INFO", "piecestore", "download canceled", (*_DOWN, "reason")),
    "upload_started": Shape("DEBUG", "piecestore", "upload started", (*_UP[:-1], "available_space|Available Space")),
    "download_started": Shape("DEBUG", "piecestore", "download started", _DOWN),
    "download_failed": Shape("ERROR", "piecestore", "download failed", (*_DOWN, *_ERROR)),
    # start and end
    "config": Shape("INFO", "", "Configuration loaded", ("location|Location",)),
    "email": Shape("INFO", "", "Operator email", ("address|Address",)),
    "wallet": Shape("INFO", "", "Operator wallet", ("address|Address",)),
    "database": Shape("INFO", "db.migration", "Database Version", ("version",)),
    "fastopen": Shape("INFO", "server", "existing kernel support for server-side tcp fast open detected"),
    "hint": Shape("INFO", "hashstore", "loaded hint file", (*_STORE, "path", "writable", "largest", "skip")),
    "opened": Shape("INFO", "hashstore", "hashstore opened successfully", (
        "satellite", "open_time", "logs_skipped", "logs_matched", "logs_mismatched")),
    "opened_before_146": Shape("INFO", "hashstore", "hashstore opened successfully", ("satellite", "open_time")),
    "migration_ready": Shape("INFO", "piecemigrate:chore", "piece migration chore initialized", (
        "old_blobs_path", "cleanup_enabled")),
    "clock_start": Shape("INFO", "preflight:localtime",
                         "start checking local system clock with trusted satellites' system clock."),
    "clock_ok": Shape("INFO", "preflight:localtime",
                      "local system clock is in sync with trusted satellites' system clock."),
    "started": Shape("INFO", "", "Node {} started"),
    "public": Shape("INFO", "", "Public server started on {}"),
    "private": Shape("INFO", "", "Private server started on {}"),
    "signal": Shape("INFO", "", 'Got a signal from the OS: "{}"'),
    "runner_died": Shape("ERROR", "services", "unexpected shutdown of a runner", ("name", *_ERROR)),
    "run_failed": Shape("ERROR", "", "failure during run", _ERROR),
    "fatal": Shape("FATAL", "", "Unrecoverable error", _ERROR),
    # chores
    "trust": Shape("INFO", "trust", "Scheduling next refresh", ("after",)),
    "orders_finished": Shape("INFO", "orders", "finished", (_WALK, "count")),
    "orders_failed": Shape("ERROR", "orders", "failed to settle orders for satellite", (
        _WALK, "satellite_id|satellite ID", *_ERROR)),
    "bandwidth": Shape("INFO", "bandwidth", "Persisting bandwidth usage cache to db"),
    "bandwidth_failed": Shape("ERROR", "bandwidth", "Could not persist bandwidth cache to db", _ERROR),
    "space_failed": Shape("ERROR", "piecestore:cache", "error persisting cache totals to the database: ", _ERROR),
    "collect": Shape("INFO", "collector", "expired pieces collection started"),
    "collected": Shape("INFO", "collector", "expired pieces collection completed", ("count",)),
    "undeletable": Shape("WARN", "collector", "unable to delete piece", (_SAT, "piece_id|Piece ID", *_ERROR)),
    "scores_updated": Shape("INFO", "reputation:service", "node scores updated", (_SAT, *_SCORES)),
    "scores_worsened": Shape("WARN", "reputation:service", "node scores worsened", (_SAT, *_SCORES)),
    "scores_failed": Shape("ERROR", "reputation:chore", "reputation chore failed", _ERROR),
    "usage_failed": Shape("ERROR", "nodestats:cache", "Get disk space usage query failed", _ERROR),
    "payouts_failed": Shape("ERROR", "nodestats:cache", "payouts err", ("satellite",)),
    "held_failed": Shape("ERROR", "nodestats:cache", "Get held amount query failed", _ERROR),
    "ping_failed": Shape("ERROR", "contact:service", "ping satellite failed ", (_SAT, "attempts", *_ERROR)),
    "ping_given_up": Shape("INFO", "contact:service", "retries timed out for this cycle", (_SAT,)),
    "quic": Shape("WARN", "contact:service", "Your node is still considered to be online but encountered an error.",
                  (_SAT, "error|Error")),
    # old store: trash, garbage collection, used space, migration
    "trash_start": Shape("INFO", "pieces:trash", "emptying trash started", (_SAT,)),
    "trash_end": Shape("INFO", "pieces:trash", "emptying trash finished", (_SAT, "elapsed")),
    "trash_spawn": Shape("INFO", _TRASH, "starting subprocess", (_WALK,)),
    "trash_spawned": Shape("INFO", _TRASH, "subprocess started", (_WALK,)),
    "trash_walk": Shape("INFO", f"{_TRASH}.subprocess", "trash-filewalker started", (
        _WALK, _AGAIN, "date_before|dateBefore")),
    "trash_db": Shape("INFO", f"{_TRASH}.subprocess", "Database started", (_WALK, _AGAIN)),
    "trash_walked": Shape("INFO", f"{_TRASH}.subprocess", "trash-filewalker completed", (
        _WALK, _AGAIN, "bytes_deleted|bytesDeleted", "num_keys_deleted|numKeysDeleted")),
    "trash_exit": Shape("INFO", _TRASH, "subprocess finished successfully", (_WALK,)),
    "bloom": Shape("INFO", "piecestore", "New bloomfilter is received", ("satellite", "creation")),
    "retain_queued": Shape("INFO", "retain", "Retain job queued", (_CACHE, _SAT)),
    "retain": Shape("INFO", "retain", "Prepared to run a Retain request.", (
        _CACHE, "created_before|Created Before", "filter_size|Filter Size", _SAT)),
    "gc_spawn": Shape("INFO", _GC, "starting subprocess", (_WALK,)),
    "gc_spawned": Shape("INFO", _GC, "subprocess started", (_WALK,)),
    "gc_db": Shape("INFO", f"{_GC}.subprocess", "Database started", (_WALK, _AGAIN)),
    "gc_walk": Shape("INFO", f"{_GC}.subprocess", "gc-filewalker started", (
        _WALK, _AGAIN, "created_before|createdBefore", "bloom_filter_size|bloomFilterSize")),
    "gc_walked": Shape("INFO", f"{_GC}.subprocess", "gc-filewalker completed", _COLLECTED),
    "gc_exit": Shape("INFO", _GC, "subprocess finished successfully", (_WALK,)),
    "retained": Shape("INFO", "retain", "Moved pieces to trash during retain", _RETAINED),
    "used_start": Shape("INFO", "pieces", "used-space-filewalker started", (_SAT,)),
    "used_spawn": Shape("INFO", _USED, "starting subprocess", (_WALK,)),
    "used_spawned": Shape("INFO", _USED, "subprocess started", (_WALK,)),
    "used_db": Shape("INFO", f"{_USED}.subprocess", "Database started", (_WALK, _AGAIN)),
    "used_exit": Shape("INFO", _USED, "subprocess finished successfully", (_WALK,)),
    "used_end": Shape("INFO", "pieces", "used-space-filewalker completed", _WALKED),
    "enqueued": Shape("INFO", "piecemigrate:chore", "enqueued for migration", ("sat",)),
    "migration_sleeps": Shape("INFO", "piecemigrate:chore",
                              "all enqueued for migration; will sleep before next pooling", ("active", "interval")),
    "migrated": Shape("INFO", "piecemigrate:chore", "processed a bunch of pieces", ("successes", "size")),
    # hashstore
    "compaction": Shape("INFO", "hashstore", "beginning compaction", (*_STORE, "stats")),
    "compact_once": Shape("INFO", "hashstore", "compact once started", (*_STORE, "today")),
    "compact_details": Shape("INFO", "hashstore", "compaction computed details", _DETAILS),
    "compact_progress": Shape("INFO", "hashstore", "records rewritten", (*_STORE, "records", "bytes", "duration")),
    "compact_rewritten": Shape("INFO", "hashstore", "hashtbl rewritten", _REWRITTEN),
    "compact_done": Shape("INFO", "hashstore", "compact once finished", (*_STORE, "duration", "completed")),
    "compacted": Shape("INFO", "hashstore", "finished compaction", (*_STORE, "duration", "stats")),
    # the updater, which shares the stream in a container
    "updater_check": Shape("INFO", "", "Downloading versions.", ("server_address|Server Address",), None, _UPDATER),
    "updater_current": Shape("INFO", "", "Current binary version", ("service|Service", "version|Version"), None,
                             _UPDATER),
    "updater_fine": Shape("INFO", "", "Version is up to date", ("service|Service",), None, _UPDATER),
}  # fmt: skip


def minor_of(version: str) -> int:
    """The minor of `1.162.3`. Raises ValueError for another shape, or one older than the simulation knows."""
    parts = version.split(".")
    if len(parts) != 3 or parts[0] != "1" or not all(part.isdigit() for part in parts):
        raise ValueError(f"{version!r} is not a storagenode version such as 1.162.3.")
    if int(parts[1]) < OLDEST:
        raise ValueError(f"The simulated node speaks 1.{OLDEST} and later, not {version}.")
    return int(parts[1])


class Scribe:
    """Writes lines as one version of storagenode does in one encoding."""

    def __init__(self, version: str, encoding: str = "console") -> None:
        if encoding not in zap.ENCODINGS:
            raise ValueError(f"{encoding!r} is none of the encodings {', '.join(zap.ENCODINGS)}.")
        self.minor = minor_of(version)
        self.encoding = encoding
        self._new = self.minor >= SNAKE_CASE_SINCE

    def line(self, at: int, name: str, *values: Any, text: str = "") -> bytes:
        """The line `name` of `SHAPES` at epoch second `at`; `values` in the order of its keys."""
        return self.at(zap.stamp(at), name, *values, text=text)

    def at(self, time: str, name: str, *values: Any, text: str = "", level: str = "") -> bytes:
        """As `line`, with the time already written."""
        shape = SHAPES[name]
        keys = ("process|Process", *shape.keys)
        fields = [(self._key(key), value) for key, value in zip(keys, (shape.process, *values), strict=True)]
        message = shape.message.replace("{}", text)
        level = level or self._level(shape)
        return zap.entry(self.encoding, time=time, level=level, logger=shape.logger, message=message, fields=fields)

    def _key(self, key: str) -> str:
        new, _, old = key.partition("|")
        return new if self._new or not old else old

    def _level(self, shape: Shape) -> str:
        return shape.was[1] if shape.was is not None and self.minor < shape.was[0] else shape.level
