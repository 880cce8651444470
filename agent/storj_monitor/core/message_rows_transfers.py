"""Messages about pieces, orders and bandwidth (agent/docs/storagenode.md §2.2, §2.3, §2.9, Appendix A)."""

from __future__ import annotations

from storj_monitor.core.message_row import CHECK_DATABASE, CHECK_DISK, CHECK_NETWORK, CHECK_RIGHTS, WATCH, of

_PIECES = of("piecestore", "piecestore:endpoint")
_ORDERS = of("orders", "orders:service")
_ORDER_FILES = of("ordersfilestore")
_BANDWIDTH = of("bandwidth")

ROWS = (
    _PIECES.info("upload started", "transfer_start", "A client began to store a piece.", "INFO DEBUG"),
    _PIECES.info("uploaded", "transfer", "A piece was stored."),
    _PIECES.info(
        "upload canceled", "transfer", "The client had enough faster nodes and stopped this upload.", "INFO DEBUG"
    ),
    _PIECES.info(
        "upload canceled (race lost or node shutdown)",
        "transfer",
        "The client had enough faster nodes and stopped this upload.",
    ),
    _PIECES.warning(
        "upload failed",
        "transfer",
        "An upload broke off; its error says whether the client or this node was the cause.",
        "Read the error: nothing is to be done when the client went away; look at the disk when it names files.",
        "ERROR WARN DEBUG",
    ),
    _PIECES.info("download started", "transfer_start", "A client began to fetch a piece.", "INFO DEBUG"),
    _PIECES.info("downloaded", "transfer", "A piece was sent in full."),
    _PIECES.info(
        "download canceled", "transfer", "The client had what it needed and stopped this download.", "INFO DEBUG"
    ),
    _PIECES.info(
        "download canceled (race lost or node shutdown)",
        "transfer",
        "The client had what it needed and stopped this download.",
        "INFO DEBUG",
    ),
    _PIECES.warning(
        "download failed",
        "transfer",
        "A download broke off; its error says whether the client went away or this node could not read the piece.",
        "Read the error: a missing or damaged piece costs reputation, so check the disk first.",
        "ERROR WARN DEBUG",
    ),
    _PIECES.info("deleted", "transfer_detail", "A piece was deleted at the owner's wish."),
    _PIECES.warning(
        "delete failed", "transfer_detail", "A piece could not be deleted at the owner's wish.", CHECK_RIGHTS
    ),
    _PIECES.warning(
        "upload rejected, too many requests",
        "rejected",
        "The node refused an upload because its own limit of concurrent requests was reached.",
        "Raise storage2.max-concurrent-requests or set it to 0 (no limit) if this happens often.",
        "ERROR INFO",
    ),
    _PIECES.noise(
        "upload internal error",
        "transfer_detail",
        "A client went away before it had told what to upload; no piece is concerned.",
        "ERROR WARN",
    ),
    _PIECES.warning(
        "file found in trash",
        "piece_in_trash",
        "A piece that was asked for lay in the trash; it was restored and served.",
        "Watch the number: a few are harmless, many mean that garbage collection removed live pieces.",
        "WARN",
    ),
    _PIECES.noise(
        "error during canceling a piece write", "transfer_detail", "An upload that was given up left a temporary file."
    ),
    _PIECES.critical(
        "error reading from piecereader",
        "transfer_detail",
        "A piece could not be read from the disk.",
        CHECK_DISK,
    ),
    _PIECES.critical(
        "error seeking on piecereader",
        "transfer_detail",
        "A piece could not be read from the disk.",
        CHECK_DISK,
    ),
    _PIECES.warning(
        "failed to close piece reader", "transfer_detail", "A piece could not be closed after reading.", CHECK_DISK
    ),
    _PIECES.warning(
        "could not get hash and order limit",
        "transfer_detail",
        "The header of a piece could not be read for a repair; the piece is probably damaged.",
        CHECK_DISK,
    ),
    _PIECES.noise(
        "error sending hash and order limit", "transfer_detail", "A repair worker went away before it had its answer."
    ),
    _PIECES.noise("error sending response", "transfer_detail", "A client went away before it had its answer."),
    _PIECES.warning(
        "failed to add order",
        "orders_lost",
        "A signed order could not be written down; this transfer will not be paid.",
        "Check free space and rights of the orders folder.",
    ),
    _PIECES.warning(
        "failed to unlock orders file",
        "orders_lost",
        "The file of unsent orders could not be released.",
        "Check free space and rights of the orders folder.",
    ),
    of("piecestore", "orders").warning(
        "failed to add bandwidth usage",
        "bandwidth_failed",
        "A transfer is missing in the node's own traffic statistics; it is paid all the same.",
        CHECK_DATABASE,
    ),
    _PIECES.info("New bloomfilter is received", "gc_filter", "A satellite sent the list of pieces to keep."),
    _PIECES.info(
        "failed to set bloom filter", "gc_failed", "A list of pieces to keep could not be queued; another one follows."
    ),
    _PIECES.info(
        "failed to set bloom filter in manager",
        "gc_failed",
        "A list of pieces to keep could not be queued; another one follows.",
    ),
    of("retain", "piecestore").info(
        "Retain job queued", "gc_queued", "Garbage collection for a satellite waits for its turn."
    ),
    _PIECES.info(
        "Retain job not queued (job already exists)",
        "gc_queued",
        "Garbage collection for this satellite already waits.",
    ),
    of("piecestore", "retain").info(
        "Retain job not queued (queue is closed)",
        "gc_queued",
        "The node was stopping; the satellite sends the list again.",
    ),
    _PIECES.warning(
        "failed to iterate over migration state directories",
        "migration_failed",
        "The state of the migration to the hashstore could not be read.",
        CHECK_RIGHTS,
        "WARN",
    ),
    of("piecestore", "").warning(
        "failed to unmarshal migration state",
        "migration_failed",
        "A state file of the migration to the hashstore is damaged.",
        "Check the files *.migrate in the folder hashstore/meta; the node writes them anew when they are removed.",
        "WARN",
    ),
    of("").warning(
        "Couldn't read migration state",
        "migration_failed",
        "A state file of the migration to the hashstore could not be read.",
        CHECK_RIGHTS,
        "WARN",
    ),
    _ORDERS.info("sending", "orders_sending", "The node sends its signed orders to a satellite.", "INFO DEBUG"),
    _ORDERS.info(
        "finished", "orders_sent", "Sending orders to a satellite ended; this line comes after a failure too."
    ),
    _ORDERS.debug("no orders to send", "orders_sending", "There was no paid traffic to settle."),
    _ORDERS.debug("cleaning", "orders_sending", "Old settled orders are being removed."),
    _ORDERS.debug("cleanup finished", "orders_sending", "Old settled orders were removed."),
    _ORDERS.warning(
        "failed to settle orders for satellite",
        "orders_failed",
        "A satellite did not take the orders of past transfers; they are sent again hourly and lapse after two days.",
        "Check the connection to this satellite if it lasts for more than a few hours.",
    ),
    _ORDERS.warning(
        "rpc client when sending new orders settlements",
        "orders_failed",
        "The connection broke while orders were sent; they are sent again in an hour.",
        CHECK_NETWORK,
    ),
    _ORDERS.warning(
        "rpc client error when closing sender",
        "orders_failed",
        "The connection broke after orders were sent; they are sent again in an hour.",
        CHECK_NETWORK,
    ),
    _ORDERS.warning(
        "unable to get satellite address",
        "orders_failed",
        "The node does not know the address of a satellite that it has orders for.",
        "Check the trust settings and whether this satellite still exists.",
    ),
    _ORDERS.warning(
        "listing orders",
        "orders_failed",
        "The folder of unsent orders could not be read; nothing is settled.",
        CHECK_RIGHTS,
    ),
    _ORDERS.warning(
        "failed to archive orders",
        "orders_failed",
        "Settled orders could not be moved to the archive.",
        "Check free space and rights of the orders folder.",
    ),
    _ORDERS.warning(
        "cleaning filestore archive", "orders_failed", "Old settled orders could not be removed.", CHECK_RIGHTS
    ),
    _ORDERS.warning("clean archive failed", "orders_failed", "Old settled orders could not be removed.", CHECK_RIGHTS),
    _ORDERS.warning("cleaning DB archive", "orders_failed", "Old settled orders could not be removed.", CHECK_DATABASE),
    _ORDERS.noise(
        "skipping order settlement for untrusted satellite. Order will be archived",
        "orders_sending",
        "Orders of a satellite that has retired are put aside.",
        "WARN",
    ),
    _ORDER_FILES.warning(
        "Corrupted order detected in orders file",
        "orders_lost",
        "A file of unsent orders is damaged, mostly after a power cut; part of one hour's traffic is not paid.",
        "Stop the node cleanly and give the host an uninterruptible supply if this repeats.",
        "WARN",
    ),
    _ORDER_FILES.warning(
        "Unable to close unsent orders file", "orders_failed", "A file of orders could not be closed.", WATCH, "WARN"
    ),
    _BANDWIDTH.info(
        "Persisting bandwidth usage cache to db", "bandwidth", "Traffic statistics of the last hour are written."
    ),
    _BANDWIDTH.info("Performing bandwidth usage rollups", "bandwidth", "Traffic statistics are summed up."),
    _BANDWIDTH.warning(
        "Could not persist bandwidth cache to db",
        "bandwidth_failed",
        "Traffic statistics could not be written; they stay in memory until the next hour.",
        CHECK_DATABASE,
    ),
    _BANDWIDTH.warning(
        "Could not rollup bandwidth usage",
        "bandwidth_failed",
        "Traffic statistics could not be summed up.",
        CHECK_DATABASE,
    ),
    of("usedserials", "").info(
        "ExpirationGracePeriod cannot be less than 30 minutes. Using default.",
        "config",
        "The setting for expired orders is too small; the default is used.",
        "WARN",
    ),
    of("").info(
        "error encountered loading bloom filters",
        "gc_failed",
        "A saved list of pieces to keep could not be read; another one follows.",
    ),
)
