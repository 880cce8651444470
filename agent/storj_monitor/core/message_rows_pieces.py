"""Messages about used space, garbage collection, trash and expiry (agent/docs/storagenode.md §2.7)."""

from __future__ import annotations

from storj_monitor.core.message_row import CHECK_DATABASE, CHECK_DISK, CHECK_RIGHTS, REPORT, WATCH, of

_WALKER = of("lazyfilewalker")
_PROGRESS = of("filewalker")
_TRASH = of("pieces:trash", "")
_RETAIN = of("retain")
_EXPIRY = of("collector", "collector:service")
_EXPIRY_LIST = of("pieceexpiration")

_WALKS = (
    _WALKER.info("starting subprocess", "subprocess", "A helper process that walks over the pieces is started."),
    _WALKER.info("subprocess started", "subprocess", "A helper process walks over the pieces."),
    _WALKER.info("subprocess finished successfully", "subprocess", "A helper process has walked over all pieces."),
    _WALKER.noise(
        "subprocess exited with status",
        "subprocess",
        "A helper process ended early; normal when the node stops.",
        "INFO",
    ),
    _WALKER.warning(
        "failed to start subprocess", "filewalker_failed", "A helper process could not be started.", CHECK_RIGHTS
    ),
    _WALKER.warning(
        "subprocess exited with error", "filewalker_failed", "A helper process ended with an error.", WATCH
    ),
    _WALKER.warning(
        "failed to decode response from subprocess", "filewalker_failed", "A helper process gave a wrong answer.", WATCH
    ),
    _WALKER.warning(
        "failed to unmarshal data from subprocess", "filewalker_failed", "A helper process gave a wrong answer.", WATCH
    ),
    _WALKER.warning(
        "gc-filewalker did not complete",
        "gc_walk_failed",
        "Garbage collection did not get through all pieces; it goes on at the next turn.",
        "Watch whether it repeats without a restart of the node.",
        "WARN",
    ),
    of("lazyfilewalker", "").info("Database started", "subprocess", "A helper process has opened its databases."),
    _WALKER.warning("failed to create logger", "filewalker_failed", "A helper process could not open its log.", REPORT),
    _WALKER.warning(
        "failed to register logger sink", "filewalker_failed", "A helper process could not open its log.", REPORT
    ),
    _WALKER.warning(
        "failed to set log encoding", "filewalker_failed", "A helper process could not open its log.", REPORT
    ),
    _WALKER.info("logger sink already registered", "subprocess", "A helper process uses the node's log."),
    _WALKER.info("gc-filewalker started", "gc_walk_start", "Garbage collection walks over a satellite's pieces."),
    _WALKER.info("gc-filewalker completed", "gc_walk_done", "Garbage collection walked over a satellite's pieces."),
    _WALKER.info("trash-filewalker started", "trash_walk_start", "Old trash of a satellite is being deleted."),
    _WALKER.info("trash-filewalker completed", "trash_walk_done", "Old trash of a satellite was deleted."),
    of("pieces", "lazyfilewalker").info(
        "used-space-filewalker started", "filewalker_start", "The space used by a satellite is being counted."
    ),
    of("pieces", "lazyfilewalker").info(
        "used-space-filewalker completed", "filewalker_done", "The space used by a satellite was counted."
    ),
    of("pieces").warning(
        "used-space-filewalker failed",
        "filewalker_failed",
        "The space used by a satellite could not be counted; the node's figures may be wrong.",
        CHECK_DISK,
    ),
    of("pieces").warning(
        "lazyfilewalker failed",
        "filewalker_failed",
        "A slow walk over the pieces failed; the node walks at full speed instead.",
        CHECK_DISK,
    ),
    of("pieces").warning(
        "failed to lazywalk space used by satellite",
        "filewalker_failed",
        "A slow walk over the pieces failed; the node walks at full speed instead.",
        CHECK_DISK,
    ),
    of("filewalker", "lazyfilewalker", "retain").warning(
        "failed to determine mtime of blob",
        "gc_failed",
        "The age of a piece could not be read; it is kept.",
        CHECK_DISK,
        "WARN",
    ),
    _PROGRESS.warning(
        "failed to get progress from database",
        "filewalker_failed",
        "A walk over the pieces begins from the start again.",
        CHECK_DATABASE,
    ),
    _PROGRESS.warning(
        "failed to reset progress in database",
        "filewalker_failed",
        "The progress of a walk could not be noted.",
        CHECK_DATABASE,
    ),
    _PROGRESS.warning(
        "failed to save progress in the database",
        "filewalker_failed",
        "The progress of a walk could not be noted.",
        CHECK_DATABASE,
    ),
    _PROGRESS.warning(
        "failed to store the batch of prefixes",
        "filewalker_failed",
        "The progress of a walk could not be noted.",
        CHECK_DATABASE,
    ),
    _PROGRESS.warning(
        "failed to store the last batch of prefixes",
        "filewalker_failed",
        "The progress of a walk could not be noted.",
        CHECK_DATABASE,
    ),
    _PROGRESS.warning(
        "failed to get total used space from the database",
        "filewalker_failed",
        "The space counted before is not known.",
        CHECK_DATABASE,
    ),
    of("filewalker").warning(
        "stored blob has invalid pieceID",
        "storage_failed",
        "A file in the storage folder has a name that is no piece.",
        WATCH,
    ),
    of("pieces").warning(
        "stored blob has invalid PieceID",
        "storage_failed",
        "A file in the storage folder has a name that is no piece.",
        WATCH,
    ),
)

_GARBAGE = (
    _RETAIN.info("no more BFs to process", "gc_done", "Garbage collection has no more lists to work on."),
    _RETAIN.info("Prepared to run a Retain request.", "gc_start", "Garbage collection for a satellite begins."),
    _RETAIN.info("Moved pieces to trash during retain", "gc_done", "Garbage collection for a satellite ended."),
    _RETAIN.warning(
        "retain pieces failed",
        "gc_failed",
        "Garbage collection for a satellite broke off; it starts again with the next list.",
        CHECK_DISK,
    ),
    _RETAIN.warning(
        "failed to trash piece", "gc_failed", "A piece could not be moved to the trash.", CHECK_RIGHTS, "WARN"
    ),
    _RETAIN.warning(
        "failed to delete piece", "gc_failed", "A piece could not be moved to the trash.", CHECK_RIGHTS, "WARN"
    ),
    _RETAIN.warning(
        "encountered error(s) while loading cache",
        "gc_failed",
        "Saved lists of pieces to keep could not be read; the satellites send them again.",
        CHECK_RIGHTS,
        "WARN",
    ),
    _RETAIN.warning(
        "encountered an error while adding request to queue",
        "gc_failed",
        "A list of pieces to keep could not be saved.",
        CHECK_RIGHTS,
        "WARN",
    ),
    _RETAIN.warning(
        "encountered an error while removing request from queue",
        "gc_failed",
        "A used list of pieces to keep could not be removed.",
        REPORT,
        "WARN",
    ),
    _TRASH.info("emptying trash started", "trash_start", "Old trash of a satellite is to be deleted."),
    _TRASH.debug("starting to empty trash", "trash_start", "Old trash of a satellite is to be deleted."),
    _TRASH.info("emptying trash finished", "trash_done", "Old trash of a satellite was deleted."),
    _TRASH.warning(
        "emptying trash failed", "trash_failed", "Old trash of a satellite could not be deleted.", CHECK_RIGHTS
    ),
    _TRASH.info("skipping emptying trash", "trash_done", "The trash was emptied not long ago."),
    of("pieces:trash", "piecestore").info("restore trash started", "restore", "A satellite asked for its trash back."),
    of("pieces:trash", "piecestore").info("restore trash finished", "restore", "A satellite has its trash back."),
    of("pieces:trash", "piecestore").warning(
        "restore trash failed",
        "trash_failed",
        "A satellite asked for its trash back and it could not be restored.",
        CHECK_DISK,
    ),
    of("pieces").info(
        "migrating trash namespace to use per-day directories", "trash_start", "The trash gets a folder for each day."
    ),
    of("pieces").info("trash namespace migration complete", "trash_done", "The trash has a folder for each day."),
    of("pieces").warning(
        "Couldn't delete trash directory",
        "trash_failed",
        "A folder of old trash could not be deleted.",
        CHECK_RIGHTS,
        "WARN",
    ),
)

_EXPIRED = (
    _EXPIRY.info("expired pieces collection started", "expiry", "Pieces that have expired are looked for."),
    _EXPIRY.info("expired pieces collection completed", "expiry", "Pieces that had expired were deleted."),
    _EXPIRY.info("no expired pieces to collect", "expiry", "No piece has expired."),
    _EXPIRY.info("collect", "expiry", "Pieces that had expired were deleted."),
    _EXPIRY.info("delete expired", "expiry", "A piece that had expired was deleted."),
    _EXPIRY.info("deleted expired piece", "expiry", "A piece that had expired was deleted.", "INFO DEBUG"),
    _EXPIRY.info(
        "deleted expired piece info from DB", "expiry", "An expired piece was taken off the books.", "INFO DEBUG"
    ),
    _EXPIRY.noise("file does not exist", "expiry", "An expired piece was gone before.", "INFO WARN"),
    _EXPIRY.warning(
        "unable to delete piece", "expiry_failed", "An expired piece could not be deleted.", CHECK_RIGHTS, "ERROR WARN"
    ),
    _EXPIRY.warning(
        "unable to delete expired piece info from DB",
        "expiry_failed",
        "An expired piece stays on the books.",
        CHECK_DATABASE,
    ),
    _EXPIRY.warning(
        "unable to update piece info", "expiry_failed", "An expired piece stays on the books.", CHECK_DATABASE
    ),
    _EXPIRY.warning(
        "error during collecting pieces:", "expiry_failed", "Expired pieces could not be deleted.", CHECK_DATABASE
    ),
    _EXPIRY.warning(
        "error during deleting expired pieces:", "expiry_failed", "Expired pieces could not be deleted.", CHECK_DATABASE
    ),
    _EXPIRY.warning(
        "error during expired pieces collection",
        "expiry_failed",
        "Expired pieces could not be deleted.",
        CHECK_DATABASE,
    ),
    _EXPIRY.noise(
        "ExpirationGracePeriod cannot not be less than 30 minutes. Using default",
        "config",
        "The setting for expired pieces is too small; the default is used.",
        "WARN",
    ),
    _EXPIRY.info("Deleting expired files", "expiry", "Pieces that have expired are being deleted."),
    _EXPIRY.info("Expired files deleted", "expiry", "Pieces that had expired were deleted."),
    _EXPIRY.info(
        "No more expired files to handle, we are done!", "expiry", "All expired pieces of a satellite were deleted."
    ),
    _EXPIRY.warning(
        "Couldn't delete expired file", "expiry_failed", "An expired piece could not be deleted.", CHECK_RIGHTS, "WARN"
    ),
    _EXPIRY.warning(
        "Couldn't delete flat file",
        "expiry_failed",
        "A list of expired pieces could not be deleted.",
        CHECK_RIGHTS,
        "WARN",
    ),
    _EXPIRY.warning(
        "Couldn't fully process expired file",
        "expiry_failed",
        "Some expired pieces could not be deleted.",
        CHECK_RIGHTS,
        "WARN",
    ),
    of("collector", "").warning(
        "Invalid namespace", "cleanup_failed", "A folder in the storage folder has a name that is no satellite.", WATCH
    ),
    _EXPIRY_LIST.warning(
        "failed to complete writes to piece expiration list",
        "expiry_failed",
        "A list of expiring pieces could not be written.",
        CHECK_DISK,
    ),
    _EXPIRY_LIST.warning(
        "failed to create piece expiration directory",
        "expiry_failed",
        "A folder for expiring pieces could not be made.",
        CHECK_RIGHTS,
    ),
    _EXPIRY_LIST.warning(
        "failed to flush piece expiration data",
        "expiry_failed",
        "A list of expiring pieces could not be written.",
        CHECK_DISK,
    ),
    _EXPIRY_LIST.warning(
        "failed to flush writes to piece expiration list",
        "expiry_failed",
        "A list of expiring pieces could not be written.",
        CHECK_DISK,
    ),
    _EXPIRY_LIST.warning(
        "failed to open piece expiration file",
        "expiry_failed",
        "A list of expiring pieces could not be opened.",
        CHECK_RIGHTS,
    ),
    _EXPIRY_LIST.warning(
        "failed to truncate piece expiration file",
        "expiry_failed",
        "A damaged list of expiring pieces could not be mended.",
        CHECK_DISK,
    ),
    _EXPIRY_LIST.noise(
        "not a piece expiration file", "expiry", "A file lies where only lists of expiring pieces should.", "WARN"
    ),
    _EXPIRY_LIST.noise(
        "unexpected file in piece expiration directory",
        "expiry",
        "A file lies where only lists of expiring pieces should.",
        "WARN",
    ),
    _EXPIRY_LIST.noise(
        "piece_expierations directory doesn't exist", "expiry", "There are no lists of expiring pieces yet.", "WARN"
    ),
    _EXPIRY_LIST.noise(
        "truncating piece expiration file to a multiple of record size",
        "expiry",
        "A list of expiring pieces that was cut by an unclean stop is mended.",
        "WARN",
    ),
)

ROWS = _WALKS + _GARBAGE + _EXPIRED
