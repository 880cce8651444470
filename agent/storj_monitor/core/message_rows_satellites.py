"""Messages about satellites: contact, scores, statistics, leaving, forgetting (agent/docs/storagenode.md §2.4, 2.9)."""

from __future__ import annotations

from storj_monitor.core.message_row import CHECK_DATABASE, CHECK_NETWORK, CHECK_RIGHTS, REPORT, WATCH, of

_CONTACT = of("contact:service")
_AMNESTY = of("contact:amnesty")
_REPUTATION = of("reputation:service", "reputation:chore")
_STATS = of("nodestats:cache", "nodestats:service")
_EXIT = of("gracefulexit", "gracefulexit:chore", "gracefulexit:service")
_FORGET = of("forgetsatellite", "forgetsatellite:chore", "forgetsatellite:cleaner", "forgetsatellite:endpoint")
_FORGET_COMMAND = of("")

_SEEN = (
    _CONTACT.warning(
        "ping satellite failed",
        "contact_failed",
        "The check-in at a satellite failed; after an hour without one the node counts as offline there.",
        "Check port forwarding, external address, DNS and firewall when it lasts or concerns all satellites.",
    ),
    _CONTACT.info(
        "retries timed out for this cycle", "contact_failed", "A whole hour of check-ins at a satellite failed."
    ),
    _CONTACT.info("context cancelled", "contact", "A check-in was given up because the node stopped."),
    _CONTACT.warning(
        "Your node is still considered to be online but encountered an error.",
        "quic",
        "A satellite reached the node by TCP but not by UDP (QUIC); some clients are slower.",
        "Forward the node's port for UDP as well as TCP, or set server.disable-quic.",
        "WARN",
        benign=True,
    ),
    _CONTACT.noise(
        "failed PingMe request to satellite", "quic", "The node could not ask a satellite for a QUIC test.", "WARN"
    ),
    _CONTACT.warning(
        "checkin callback failed", "contact_failed", "What a satellite asked for at check-in could not be done.", REPORT
    ),
    of("contact:chore").debug("Starting cycle", "contact", "The check-ins at a satellite begin."),
    of("contact:endpoint").debug("pinged", "contact", "A satellite looked whether the node is there."),
    _AMNESTY.warning(
        "sending amnesty batch to satellite",
        "amnesty",
        "The node tells a satellite about pieces that it lost in an unclean stop, so that they do not fail audits.",
        "Stop the node cleanly and check the disk if more than a few pieces are concerned.",
        "INFO",
    ),
    _AMNESTY.warning(
        "failed to dial satellite for amnesty report",
        "amnesty",
        "A satellite could not be told about lost pieces.",
        CHECK_NETWORK,
    ),
    _AMNESTY.warning(
        "failed to get satellite URL for amnesty report",
        "amnesty",
        "A satellite could not be told about lost pieces.",
        WATCH,
    ),
    _AMNESTY.warning(
        "failed to send amnesty report", "amnesty", "A satellite could not be told about lost pieces.", CHECK_NETWORK
    ),
    of("piecestore", "hashstore").warning(
        "failed to report bad piece to amnesty",
        "amnesty",
        "A damaged piece could not be noted for the satellite.",
        WATCH,
    ),
    _REPUTATION.info("node scores updated", "scores", "The scores at a satellite; none of them fell."),
    _REPUTATION.warning(
        "node scores worsened",
        "scores",
        "One of the scores at a satellite fell.",
        "Look which one: audit means lost pieces, suspension unreadable ones or errors, online means time away.",
        "WARN",
    ),
    _REPUTATION.warning(
        "reputation chore failed", "scores_failed", "The scores could not be fetched from a satellite.", CHECK_NETWORK
    ),
    of("reputation:chore", "nodestats:cache").warning(
        "failed to store reputation", "scores_failed", "The scores could not be written.", CHECK_DATABASE
    ),
    _STATS.warning(
        "Get stats query failed", "nodestats_failed", "The scores could not be fetched from a satellite.", CHECK_NETWORK
    ),
    _STATS.warning(
        "Get disk space usage query failed",
        "nodestats_failed",
        "A satellite's storage figures could not be fetched.",
        CHECK_NETWORK,
    ),
    _STATS.warning(
        "Get held amount query failed",
        "nodestats_failed",
        "A satellite's payout figures could not be fetched.",
        CHECK_NETWORK,
    ),
    _STATS.warning(
        "Get pricing-model/join date failed",
        "nodestats_failed",
        "A satellite's prices could not be fetched.",
        CHECK_NETWORK,
    ),
    _STATS.warning(
        "payouts err", "nodestats_failed", "A satellite's payout figures could not be fetched.", CHECK_NETWORK
    ),
)

_LEFT = (
    _EXIT.info("graceful exit completed.", "leaving", "The node has left a satellite; held money is paid out."),
    _EXIT.critical(
        "graceful exit failed.",
        "leaving_failed",
        "The node did not manage to leave a satellite; held money is lost.",
        "Read the reason and ask in the Storj forum.",
    ),
    _EXIT.warning(
        "unknown graceful exit message.",
        "leaving_failed",
        "A satellite said something about leaving that the node does not know.",
        REPORT,
    ),
    _EXIT.warning("worker failed", "leaving_failed", "Leaving a satellite broke off; it goes on later.", CHECK_NETWORK),
    _EXIT.warning(
        "worker failed on close.", "leaving_failed", "Leaving a satellite broke off; it goes on later.", WATCH
    ),
    _EXIT.warning("closing worker failed", "leaving_failed", "Leaving a satellite broke off; it goes on later.", WATCH),
    _EXIT.warning(
        "error retrieving satellites.",
        "leaving_failed",
        "The list of satellites to leave could not be read.",
        CHECK_DATABASE,
    ),
    _EXIT.warning(
        "failed to delete all pieces",
        "leaving_failed",
        "Pieces of a satellite that was left could not be deleted.",
        CHECK_RIGHTS,
    ),
    _EXIT.warning(
        "failed to delete piece",
        "leaving_failed",
        "A piece of a satellite that was left could not be deleted.",
        CHECK_RIGHTS,
    ),
    _EXIT.warning(
        "failed to delete piece.",
        "leaving_failed",
        "A piece of a satellite that was left could not be deleted.",
        CHECK_RIGHTS,
    ),
    _EXIT.warning(
        "failed to get piece size", "leaving_failed", "The size of a piece could not be read.", CHECK_RIGHTS, "WARN"
    ),
    _EXIT.warning(
        "failed to get satellite address", "leaving_failed", "The address of a satellite is not known.", REPORT
    ),
    _EXIT.warning(
        "failed to marshal exit completed message.",
        "leaving_failed",
        "The receipt for leaving could not be kept.",
        REPORT,
    ),
    _EXIT.warning(
        "failed to marshal exit failed message.", "leaving_failed", "The receipt for leaving could not be kept.", REPORT
    ),
    _EXIT.warning(
        "failed to send notification about piece transfer.",
        "leaving_failed",
        "A satellite could not be told about a moved piece.",
        CHECK_NETWORK,
    ),
    of("gracefulexit:endpoint").warning(
        "graceful exit: get satellite address", "leaving_failed", "The address of a satellite is not known.", REPORT
    ),
    of("gracefulexit:blobscleaner").warning(
        "couldn't delete blobs/satelliteID folder",
        "leaving_failed",
        "The folder of a satellite that was left could not be deleted.",
        CHECK_RIGHTS,
    ),
    of("gracefulexit:blobscleaner").warning(
        "couldn't receive satellite's GE status",
        "leaving_failed",
        "It is not known whether a satellite was left.",
        CHECK_DATABASE,
    ),
    of("piecetransfer").info(
        "piece transferred to new storagenode",
        "leaving",
        "A piece moved to another node because this one leaves a satellite.",
    ),
)

_FORGOTTEN = (
    _FORGET.info("initializing forget satellite", "forget", "A satellite is to be forgotten."),
    _FORGET.info("removing satellite from trust cache", "forget", "A satellite is taken off the list."),
    _FORGET.info("satellite removed from trust cache", "forget", "A satellite was taken off the list."),
    _FORGET.info("cleaning up satellite data", "forget", "The data of a forgotten satellite is deleted."),
    _FORGET.info("cleaning up the trash", "forget", "The trash of a forgotten satellite is deleted."),
    _FORGET.info(
        "removing satellite info from reputation DB", "forget", "The scores of a forgotten satellite are deleted."
    ),
    _FORGET.info(
        "removing satellite v0 pieces if any", "forget", "Very old pieces of a forgotten satellite are deleted."
    ),
    _FORGET.info("cleanup completed", "forget", "A satellite was forgotten."),
    _FORGET.warning("cleanup failed", "forget_failed", "Forgetting a satellite failed.", CHECK_RIGHTS),
    _FORGET.warning(
        "error running forget-satellite worker", "forget_failed", "Forgetting a satellite failed.", CHECK_RIGHTS
    ),
    _FORGET.warning(
        "Failed to update satellite status.",
        "forget_failed",
        "Forgetting a satellite could not be noted.",
        CHECK_DATABASE,
    ),
    _FORGET.warning(
        "failed to update satellite status",
        "forget_failed",
        "Forgetting a satellite could not be noted.",
        CHECK_DATABASE,
    ),
    _FORGET.warning(
        "failed to get satellite info", "forget_failed", "A satellite to forget could not be looked up.", CHECK_DATABASE
    ),
    _FORGET.warning(
        "failed to get satellites", "forget_failed", "The satellites could not be looked up.", CHECK_DATABASE
    ),
    _FORGET.warning(
        "failed to remove satellite from trust cache",
        "forget_failed",
        "A satellite could not be taken off the list.",
        CHECK_RIGHTS,
    ),
    _FORGET_COMMAND.info("Cleaning up satellite data.", "forget", "The data of a forgotten satellite is deleted."),
    _FORGET_COMMAND.info("Cleaning up the trash.", "forget", "The trash of a forgotten satellite is deleted."),
    _FORGET_COMMAND.info(
        "Removing satellite from satellites DB.", "forget", "A forgotten satellite is taken off the books."
    ),
    _FORGET_COMMAND.info("Removing satellite from trust cache.", "forget", "A satellite is taken off the list."),
    _FORGET_COMMAND.info("Satellite removed from trust cache.", "forget", "A satellite was taken off the list."),
    _FORGET_COMMAND.info(
        "Removing satellite info from reputation DB.", "forget", "The scores of a forgotten satellite are deleted."
    ),
    _FORGET_COMMAND.info(
        "Removing satellite v0 pieces if any.", "forget", "Very old pieces of a forgotten satellite are deleted."
    ),
    _FORGET_COMMAND.info(
        "No untrusted satellites found. You can add satellites to the exclusions list in the config.yaml file.",
        "forget",
        "There is no satellite to forget.",
    ),
    _FORGET_COMMAND.noise("Satellite already cleaned up", "forget", "This satellite was forgotten before.", "WARN"),
    _FORGET_COMMAND.noise(
        "Satellite is already being cleaned up", "forget", "This satellite is being forgotten already."
    ),
    _FORGET_COMMAND.noise(
        "Satellite not found in satelliteDB cache. Forcing removal of satellite data.",
        "forget",
        "The satellite is not on the books; its data is deleted all the same.",
        "WARN",
    ),
    _FORGET_COMMAND.noise("Satellite is not untrusted. Skipping", "forget", "A satellite in use is not forgotten."),
    _FORGET_COMMAND.noise(
        "Satellite is not untrusted. Specify --force to force data deletion",
        "forget",
        "A satellite in use is not forgotten.",
    ),
    _FORGET_COMMAND.noise(
        "Satellite not found. Specify --force to force data deletion", "forget", "The satellite is not on the books."
    ),
    _FORGET_COMMAND.warning(
        "Failed to parse satellite URL from exclusions list",
        "forget_failed",
        "An entry of the list of excluded satellites cannot be read.",
        "Correct storage2.trust.exclusions in config.yaml.",
        "WARN",
    ),
    _FORGET_COMMAND.warning(
        "Failed to get forget satellite status", "forget_failed", "The node did not answer the command.", WATCH
    ),
    _FORGET_COMMAND.warning(
        "Failed to initialize forget satellite", "forget_failed", "The node did not take the command.", WATCH
    ),
)

_SERVED = (
    of("reputation:service", "version:chore").noise(
        "Failed to receive notification", "other", "A notice for the node's dashboard got lost."
    ),
    of("reputation:service").noise(
        "failed to receive notification", "other", "A notice for the node's dashboard got lost."
    ),
    of("load").info("disk stats monitoring initialized", "load", "The node watches the load of its disk."),
    of("load").noise("could not read disk stats", "load", "The load of the disk is not known to the node.", "WARN"),
    of("load").noise(
        "could not resolve block device for disk stats",
        "load",
        "The load of the disk is not known to the node.",
        "WARN",
    ),
    of("console:service", "console:endpoint").noise(
        "unable to get Satellite URL",
        "console_failed",
        "The node's API was asked about a satellite that has retired; forget-satellite ends these lines.",
        "WARN",
    ),
    of("console:service").noise(
        "unable to get Satellite Current Storage Used",
        "console_failed",
        "The node's dashboard lacks the use by one satellite.",
        "WARN",
    ),
    of("console:service").warning(
        "unable to get storage status",
        "console_failed",
        "The node's dashboard lacks the use of storage.",
        CHECK_DATABASE,
    ),
    of("console:endpoint").noise(
        "failed to encode json response", "console_failed", "A client of the node's API went away."
    ),
    of("console:endpoint").noise(
        "failed to write json error response", "console_failed", "A client of the node's API went away."
    ),
    of("console:endpoint").noise(
        "failed to encode json list notifications response", "console_failed", "A client of the node's API went away."
    ),
    of("multinode").warning(
        "bandwidth internal error", "console_failed", "The multinode dashboard got no traffic figures.", CHECK_DATABASE
    ),
    of("multinode").warning(
        "disk space internal error",
        "console_failed",
        "The multinode dashboard got no figures of space.",
        CHECK_DATABASE,
    ),
)

ROWS = _SEEN + _LEFT + _FORGOTTEN + _SERVED
