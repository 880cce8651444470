"""Messages about storage folder, space cache and hashstore (agent/docs/storagenode.md §2.5, §2.7, §2.8, §2.10)."""

from __future__ import annotations

from storj_monitor.core.message_row import CHECK_DATABASE, CHECK_DISK, CHECK_NETWORK, CHECK_RIGHTS, WATCH, of

_MONITOR = of("piecestore:monitor")
_SPACE = of("piecestore:monitor", "")
_CACHE = of("piecestore:cache", "blobscache")
_BLOBS = of("pieces", "blobscache")
_CLEANUP = of("")
_HASH = of("hashstore")
_MIGRATE = of("piecemigrate:chore")

_MOUNT = (
    "Check at once that the storage disk is mounted at the right place, can be read and written, and is this node's."
)
_TOO_SMALL = "Make room or lower storage.allocated-disk-space; a node needs 500 GB unless set otherwise."

_FOLDER = (
    _MONITOR.info(
        "readability check done",
        "disk_check",
        "The storage folder can be read; the duration tells how busy the disk is.",
        "INFO DEBUG",
    ),
    _MONITOR.info(
        "writability check done",
        "disk_check",
        "The storage folder can be written; the duration tells how busy the disk is.",
        "INFO DEBUG",
    ),
    _MONITOR.critical(
        "timed out while verifying readability of storage directory",
        "disk_failing",
        "The storage disk did not answer in time.",
        CHECK_DISK,
    ),
    _MONITOR.critical(
        "timed out while verifying writability of storage directory",
        "disk_failing",
        "The storage disk did not answer in time.",
        CHECK_DISK,
    ),
    _MONITOR.critical(
        "error verifying location and/or readability of storage directory",
        "disk_failing",
        "The storage folder is gone, cannot be read or belongs to another node.",
        _MOUNT,
    ),
    _MONITOR.critical(
        "error verifying writability of storage directory",
        "disk_failing",
        "The storage folder cannot be written.",
        _MOUNT,
    ),
    _SPACE.warning(
        "Disk space is less than requested. Allocated space is",
        "disk_space",
        "The disk has less room than was allocated; the node uses what there is.",
        "Lower storage.allocated-disk-space to what the disk can hold.",
        "WARN",
    ),
    _SPACE.warning(
        "Used more space than allocated. Allocated space is",
        "disk_space",
        "The node holds more than was allocated; it takes no uploads until enough is deleted.",
        "Raise storage.allocated-disk-space if the disk has room, otherwise wait.",
        "WARN",
    ),
    _SPACE.critical(
        "Total disk space is less than required minimum",
        "disk_space",
        "There is too little space; the node does not start.",
        _TOO_SMALL,
    ),
    _SPACE.critical(
        "Total disk space (minus reserved bytes) is less than required minimum",
        "disk_space",
        "There is too little space on the dedicated disk; the node does not start.",
        _TOO_SMALL,
    ),
    _SPACE.warning(
        "unable to get disk space info, using zeros",
        "disk_space",
        "The node does not know how much room the disk has.",
        CHECK_DISK,
        "WARN",
    ),
    _MONITOR.warning(
        "error during updating node information:",
        "contact_failed",
        "The satellites could not be told about free space.",
        CHECK_NETWORK,
    ),
    _MONITOR.warning(
        "error notifying satellites:",
        "contact_failed",
        "The satellites could not be told about free space.",
        CHECK_NETWORK,
    ),
)

_SPACE_CACHE = (
    _CACHE.info(
        "Startup piece scan omitted by configuration", "cache", "Used space is not counted at the start, as set."
    ),
    _CACHE.noise(
        "%s < 0", "cache", "The count of used space was off and was set to zero; normal while pieces migrate."
    ),
    _CACHE.warning(
        "error persisting cache totals to the database:",
        "cache_failed",
        "The used space could not be written; some versions end because of it.",
        CHECK_DATABASE,
    ),
    _CACHE.warning(
        "error during init space usage db:",
        "cache_failed",
        "The database of used space could not be read.",
        CHECK_DATABASE,
    ),
    _CACHE.warning(
        "error getting current used space:", "cache_failed", "The used space could not be counted.", CHECK_DISK
    ),
    _CACHE.warning(
        "error getting current used space for trash:",
        "cache_failed",
        "The size of the trash could not be counted.",
        CHECK_DISK,
    ),
    _CACHE.warning(
        "error getting all storing satellites:", "cache_failed", "The used space could not be counted.", CHECK_DISK
    ),
    _CACHE.warning(
        "encountered error while computing space used by satellite",
        "cache_failed",
        "The space used by a satellite could not be counted; the node's figures may be wrong.",
        CHECK_DISK,
    ),
    _CACHE.warning(
        "CacheServiceInit error during initializing space usage cache GetTotal:",
        "cache_failed",
        "The used space could not be read.",
        CHECK_DATABASE,
    ),
    _CACHE.warning(
        "CacheServiceInit error during initializing space usage cache GetTotalsForAllSatellites:",
        "cache_failed",
        "The used space could not be read.",
        CHECK_DATABASE,
    ),
    _CACHE.warning(
        "CacheServiceInit error during initializing space usage cache GetTrashTotal:",
        "cache_failed",
        "The size of the trash could not be read.",
        CHECK_DATABASE,
    ),
    _CACHE.warning(
        "CacheServiceInit error during initializing space usage cache UpdatePieceTotalsForAllSatellites:",
        "cache_failed",
        "The used space could not be written.",
        CHECK_DATABASE,
    ),
    of("").warning(
        "Failed to initialize CacheService.",
        "cache_failed",
        "The used space could not be read at the start.",
        CHECK_DATABASE,
    ),
    of("").warning(
        "could not pre-initialize blobstore space cache from DB",
        "cache_failed",
        "The used space could not be read at the start; it is counted anew.",
        CHECK_DATABASE,
        "WARN",
    ),
    _BLOBS.debug("deleted piece", "cache", "A piece was deleted from the disk."),
    _BLOBS.warning(
        "Failed to calculate piece size, cannot update the cache",
        "cache_failed",
        "The count of used space is off by one piece.",
        WATCH,
    ),
    _BLOBS.warning("failed to stat", "storage_failed", "The size of a piece could not be read.", CHECK_DISK),
    _BLOBS.warning("failed to stat blob", "storage_failed", "The size of a piece could not be read.", CHECK_DISK),
    _BLOBS.warning(
        "failed to stat blob in trash",
        "storage_failed",
        "The size of a piece in the trash could not be read.",
        CHECK_DISK,
    ),
    _BLOBS.noise(
        "Couldn't delete blobstore cache entry", "cache", "The cache of piece sizes keeps an old entry.", "WARN"
    ),
    _BLOBS.warning(
        "failed to migrate v0 piece. Piece may not be recoverable",
        "storage_failed",
        "A very old piece could not be renamed.",
        CHECK_DISK,
        "WARN",
    ),
)

_CLEANED = (
    _CLEANUP.info("starting cleanup chores", "cleanup", "Chores run while the node has little to do."),
    _CLEANUP.info("checking availability conditions", "cleanup", "The node looks whether it has time for chores."),
    _CLEANUP.info(
        "stopping the running chores, as running conditions are not met",
        "cleanup",
        "Chores wait because the node is busy.",
    ),
    _CLEANUP.warning(
        "availabilityCondition is failed",
        "cleanup_failed",
        "The node cannot tell whether it has time for chores.",
        WATCH,
        "WARN",
    ),
    _CLEANUP.warning("execution is failed", "cleanup_failed", "A chore failed.", WATCH, "WARN"),
    _CLEANUP.warning(
        "couldn't get list of namespaces", "cleanup_failed", "The storage folder could not be listed.", CHECK_DISK
    ),
    _CLEANUP.info("Deleting empty directory", "cleanup", "An empty folder is deleted."),
    _CLEANUP.info("Deleting zero sized file", "cleanup", "An empty file is deleted."),
    _CLEANUP.warning(
        "Couldn't delete directory", "cleanup_failed", "An empty folder could not be deleted.", CHECK_RIGHTS, "WARN"
    ),
    _CLEANUP.warning(
        "Couldn't delete zero sized file", "cleanup_failed", "An empty file could not be deleted.", CHECK_RIGHTS, "WARN"
    ),
    _CLEANUP.warning(
        "Files couldn't be listed under prefixDir",
        "cleanup_failed",
        "A folder of pieces could not be listed.",
        CHECK_DISK,
    ),
    _CLEANUP.warning(
        "Prefix dirs couldn't be listed under namespace",
        "cleanup_failed",
        "A folder of pieces could not be listed.",
        CHECK_DISK,
    ),
)

_HASHSTORE = (
    of("hashstore", "piecestore").info(
        "hashstore opened successfully", "hashstore", "The hashstore of a satellite is open."
    ),
    _HASH.info("loaded hint file", "hashstore", "The hashstore knows which files it need not check."),
    _HASH.info("beginning compaction", "compaction_start", "A compaction begins: the hashstore collects garbage."),
    _HASH.info("compaction acquired locks", "compaction", "A compaction had to wait for writers."),
    _HASH.info("compact once started", "compaction", "A round of the compaction begins."),
    _HASH.info("compaction computed details", "compaction", "A round of the compaction knows what to do."),
    _HASH.info(
        "including log due to no rewrite candidates",
        "compaction",
        "A compaction takes the file with the most dead data.",
    ),
    _HASH.info("records rewritten", "compaction", "A compaction makes progress."),
    _HASH.info("hashtbl rewritten", "compaction", "A round of the compaction wrote its new table."),
    _HASH.info("compact once finished", "compaction", "A round of the compaction ended."),
    _HASH.info("finished compaction", "compaction_done", "A compaction ended; an error field says that it failed."),
    _HASH.critical(
        "compaction failed",
        "compaction_failed",
        "A compaction failed; while this lasts no garbage is collected and the store may fill up.",
        "Read the error: make room on the disk, or check it when it cannot be read.",
    ),
    _HASH.critical(
        "hash table is full",
        "compaction_failed",
        "The table of pieces is full; nothing more can be stored for this satellite.",
        "Check that compactions end without error and that the disk has room.",
    ),
    _HASH.debug("matched log tail", "hashstore", "A file of the hashstore is in order."),
    _HASH.info(
        "unclean shutdown detected: reconciling logs",
        "hashstore",
        "The node was not stopped cleanly; the hashstore checks its files.",
    ),
    _HASH.warning(
        "mismatched log tail",
        "hashstore",
        "The end of a file of the hashstore is not as expected, mostly after a power cut.",
        "Watch for lost records, and stop the node cleanly.",
        "WARN",
    ),
    _HASH.critical(
        "reconciled log with invalid records",
        "records_lost",
        "Pieces were lost because the node was not stopped cleanly.",
        "Check the disk and its write cache, and give the host an uninterruptible supply.",
        "WARN",
    ),
    _HASH.warning(
        "trashed record was read",
        "piece_in_trash",
        "A piece that was asked for lay in the trash; it was restored and served.",
        "Watch the number: a few are harmless, many mean that garbage collection removed live pieces.",
        "WARN",
    ),
    _HASH.warning(
        "unable to revive record", "hashstore_failed", "A piece in the trash could not be restored.", CHECK_DISK
    ),
    _HASH.warning(
        "unable to write hint file",
        "hashstore_failed",
        "The hashstore could not note which files are in order; the next start takes longer.",
        CHECK_RIGHTS,
    ),
)

_MIGRATION = (
    _MIGRATE.info("piece migration chore initialized", "migration", "The migration to the hashstore is ready."),
    _MIGRATE.info(
        "enqueued for migration", "migration", "The pieces of a satellite wait to be moved to the hashstore."
    ),
    _MIGRATE.info(
        "all enqueued for migration; will sleep before next pooling",
        "migration",
        "All satellites were looked at for migration.",
    ),
    _MIGRATE.info(
        "processed a bunch of pieces",
        "migration",
        "Pieces were moved to the hashstore; the numbers count since the start.",
    ),
    _MIGRATE.debug("migrated a piece", "migration", "A piece was moved to the hashstore."),
    _MIGRATE.info(
        "couldn't migrate", "migration_failed", "A piece could not be moved; harmless when its file does not exist."
    ),
    _MIGRATE.warning(
        "failed to enqueue for migration",
        "migration_failed",
        "The pieces of a satellite could not be listed.",
        CHECK_DISK,
    ),
    _MIGRATE.info(
        "cleanup removed empty prefix directories", "migration", "Empty folders of the old store were removed."
    ),
    _MIGRATE.info(
        "removed empty satellite directory", "migration", "The old store of a satellite is empty and was removed."
    ),
)

ROWS = _FOLDER + _SPACE_CACHE + _CLEANED + _HASHSTORE + _MIGRATION
