"""Messages about starting, stopping, settings, versions and updates (agent/docs/storagenode.md §1.8, §2.6, §2.11)."""

from __future__ import annotations

from storj_monitor.core.message_row import CHECK_NETWORK, CHECK_RIGHTS, REPORT, WATCH, of

_ROOT = of("")
_SERVICES = of("services", "servers")
_SERVER = of("server")
_DB = of("db")
_CLOCK = of("preflight:localtime")
_TRUST = of("trust")
_VERSION = of("version", "version:chore")
_UPDATER = of("")

_LIFE = (
    _ROOT.info("Configuration loaded", "start", "The program starts and has read its settings."),
    _ROOT.noise("Invalid configuration file key", "config", "A key in config.yaml is not for this program.", "INFO"),
    _ROOT.warning(
        "Invalid configuration file value for key",
        "config",
        "A value in config.yaml cannot be used.",
        "Correct the value of this key in config.yaml and restart the node.",
        "INFO ERROR",
    ),
    _ROOT.critical(
        "Invalid configuration.",
        "fatal",
        "The settings cannot be used; the node does not start.",
        "Correct config.yaml and start the node again.",
    ),
    _ROOT.info("Operator email", "operator", "The operator's e-mail address as set."),
    _ROOT.info("Operator wallet", "operator", "The operator's wallet as set."),
    _ROOT.warning(
        "Operator email address isn't specified.",
        "operator",
        "No e-mail address is set, so Storj cannot tell you about trouble with this node.",
        "Set operator.email in config.yaml.",
        "WARN",
    ),
    _ROOT.info("Identity loaded.", "start", "The node has read its identity."),
    _ROOT.critical(
        "Failed to load identity.",
        "fatal",
        "The identity could not be read; the node does not start.",
        "Check the identity folder: path, mount and rights.",
        "ERROR FATAL",
    ),
    _ROOT.info("Telemetry enabled", "telemetry", "The node sends anonymous figures to Storj."),
    _ROOT.info("Event collection enabled", "telemetry", "The node sends anonymous events to Storj."),
    _ROOT.info("Telemetry disabled", "telemetry", "The node sends no figures to Storj.", "DEBUG INFO"),
    _ROOT.debug("Anonymized tracing disabled", "telemetry", "The node sends no traces to Storj."),
    _ROOT.noise(
        "Failed to initialize telemetry batcher.",
        "telemetry",
        "No figures are sent to Storj; the node works as before.",
        "WARN",
    ),
    _ROOT.debug("Version info", "version", "Version and build of the program."),
    of("", "debug").debug("debug server listening on %s", "server", "The debug server listens.", "DEBUG INFO"),
    of("", "debug").info("debug server is started listening", "server", "The debug server listens."),
    of("", "console:endpoint").info("webui is started listening", "server", "The node's own dashboard listens."),
    _ROOT.info("Node %s started", "started", "The node is up."),
    _ROOT.info("Public server started on %s", "server", "The public port is open."),
    _ROOT.info("Private server started on %s", "server", "The private port is open."),
    _ROOT.info("Public server started on", "server", "The public port is open."),
    _ROOT.info("Private server started on", "server", "The private port is open."),
    _ROOT.info("Got a signal from the OS: %q", "stop", "The node was asked to stop."),
    _ROOT.info("Stop/Shutdown request received.", "stop", "Windows asked the node to stop."),
    _ROOT.critical(
        "failure during run",
        "fatal",
        "The node ends because of an error.",
        "Read the error: it names the cause, mostly the storage folder, a database or the network.",
    ),
    _ROOT.critical(
        "Unrecoverable error",
        "fatal",
        "The node ends because of an error.",
        "Read the error: it names the cause, mostly the storage folder, a database or the network.",
        "FATAL DEBUG",
    ),
    _SERVICES.debug("started", "server", "A part of the node has started."),
    _SERVICES.critical(
        "unexpected shutdown of a runner",
        "crash",
        "A part of the node failed, so the node ends.",
        "Read name and error: they tell which part failed and why.",
    ),
    _SERVICES.warning(
        "service takes long to shutdown",
        "shutdown",
        "A part of the node takes more than 15 seconds to stop.",
        WATCH,
        "WARN",
    ),
    _SERVICES.info("slow shutdown", "shutdown", "Details of a slow stop, for developers."),
    _ROOT.critical(
        "Failed preflight check.",
        "fatal",
        "The check of the clock failed; the node does not start.",
        "Check the network first: the same line comes when no satellite can be reached; then check the clock (NTP).",
    ),
    _CLOCK.info(
        "start checking local system clock with trusted satellites' system clock.",
        "clock",
        "The clock is compared with the satellites'.",
    ),
    _CLOCK.info("local system clock is in sync with trusted satellites' system clock.", "clock", "The clock is right."),
    _CLOCK.critical(
        "system clock is out of sync with satellite",
        "clock_failed",
        "The clock differs from a satellite's by more than ten minutes; orders are refused.",
        "Set the clock and let NTP keep it.",
    ),
    _CLOCK.warning(
        "unable to get satellite system time",
        "clock_failed",
        "A satellite did not tell its time; it could not be reached.",
        CHECK_NETWORK,
    ),
    _DB.info("database does not exist", "database", "A database is created; this is normal at the first start."),
    _DB.info("database does not exists", "database", "A database is created; this is normal at the first start."),
    _DB.noise(
        "database %q: schema contains unexpected indices %s",
        "database",
        "A database has an index that is not needed.",
        "WARN",
    ),
    _DB.debug("Database version is up to date", "database", "The databases have the newest layout."),
    _DB.debug("file not found; nothing to remove", "database", "An old database file is gone already."),
    _DB.debug("directory not found", "database", "An old folder is gone already."),
    _DB.debug("number of subdirs", "database", "An old folder was looked at."),
    of("db.migration").info("Database Version", "database", "The version of the databases' layout."),
    of("db.migration").info("Database Created", "database", "The databases were created."),
    of("db.migration").info("%s", "database", "The databases' layout is brought up to date."),
    _SERVER.info(
        "existing kernel support for server-side tcp fast open detected", "server", "TCP fast open can be used."
    ),
    _SERVER.info("kernel support for server-side tcp fast open enabled.", "server", "TCP fast open can be used."),
    _SERVER.noise(
        "kernel support for server-side tcp fast open not enabled.",
        "server",
        "TCP fast open is off; it only saves a little time.",
        "INFO",
    ),
    _SERVER.noise(
        "kernel support for server-side tcp fast open remains disabled.",
        "server",
        "TCP fast open is off; it only saves a little time.",
        "INFO",
    ),
    _SERVER.noise(
        "kernel support for tcp fast open unknown",
        "server",
        "TCP fast open is off; it only saves a little time.",
        "INFO",
    ),
    _SERVER.noise(
        "kernel support for tcp fast open unparsable",
        "server",
        "TCP fast open is off; it only saves a little time.",
        "INFO",
    ),
    _SERVER.noise(
        "failed to set tcp fast open for this socket: %s",
        "server",
        "TCP fast open is off; it only saves a little time.",
        "INFO",
    ),
    _SERVER.noise(
        "enable with: sysctl -w net.ipv4.tcp_fastopen=3", "server", "How to switch TCP fast open on.", "INFO"
    ),
    _SERVER.noise(
        "enable with: sysctl net.inet.tcp.fastopen.server_enable=1", "server", "How to switch TCP fast open on.", "INFO"
    ),
    _SERVER.noise(
        "enable on-boot by setting net.inet.tcp.fastopen.server_enable=1 in /etc/sysctl.conf",
        "server",
        "How to switch TCP fast open on.",
        "INFO",
    ),
    _ROOT.warning(
        "UDP Port not configured for QUIC",
        "quic",
        "The node cannot be reached by UDP; QUIC is off and some clients are slower.",
        "Forward the node's port for UDP as well as TCP.",
        "WARN",
    ),
    _ROOT.warning(
        "failed QUIC check",
        "quic",
        "The node could not be reached by UDP.",
        "Forward the node's port for UDP as well as TCP.",
        "WARN",
    ),
    _TRUST.info("Scheduling next refresh", "trust", "The list of satellites was read; the next time is set."),
    _TRUST.debug("Fetched URLs from source; updating cache", "trust", "The list of satellites was read."),
    _TRUST.debug("Satellite is trusted", "trust", "A satellite was added to the list."),
    _TRUST.debug("Satellite is no longer trusted", "trust", "A satellite was taken off the list."),
    _TRUST.warning(
        "Failed to refresh",
        "trust_failed",
        "The list of satellites could not be read; the old one stays in use.",
        CHECK_NETWORK,
    ),
    _TRUST.warning(
        "Failed to fetch URLs from source",
        "trust_failed",
        "The list of satellites could not be fetched.",
        CHECK_NETWORK,
    ),
    _TRUST.warning(
        "Failed to fetch URLs from source; used cache",
        "trust_failed",
        "The list of satellites could not be fetched; the saved one is used.",
        CHECK_NETWORK,
        "WARN",
    ),
    _TRUST.warning(
        "Unable to save list cache", "trust_failed", "The list of satellites could not be saved.", CHECK_RIGHTS, "WARN"
    ),
)

_VERSIONS = (
    _VERSION.debug("Running on allowed version.", "version", "The version is allowed."),
    _VERSION.debug("Allowed minimum version from control server.", "version", "The smallest version allowed."),
    _VERSION.warning(
        "version not allowed/outdated",
        "version_failed",
        "The version is below the smallest one allowed; satellites send no more uploads.",
        "Update the node now.",
        "WARN",
    ),
    _VERSION.warning(
        "outdated software version",
        "version_failed",
        "The version is below the smallest one allowed; satellites send no more uploads.",
        "Update the node now.",
    ),
    _VERSION.warning(
        "failed to get process version info",
        "version_failed",
        "The allowed versions could not be asked for.",
        CHECK_NETWORK,
    ),
    _VERSION.warning(
        "Failed to do periodic version check.",
        "version_failed",
        "The allowed versions could not be asked for.",
        CHECK_NETWORK,
    ),
    _VERSION.noise(
        "Failed to convert old sem version to sem version.",
        "version_failed",
        "The version server's answer had an old form.",
    ),
    _VERSION.noise(
        "failed to convert old sem version to new sem version",
        "version_failed",
        "The version server's answer had an old form.",
    ),
    _UPDATER.info("Running on version", "version", "The version of the updater itself."),
    _UPDATER.info("Downloading versions.", "update", "The updater asks for versions."),
    _UPDATER.info("Current binary version", "version", "The version that is installed."),
    _UPDATER.info("Version is up to date", "version", "There is nothing to update."),
    _UPDATER.info(
        "New version is being rolled out but hasn't made it to this node yet",
        "version",
        "A new version is coming step by step; this node's turn is later.",
    ),
    _UPDATER.info(
        "New version is being rolled out and this node is a candidate",
        "update",
        "A new version is installed on this node now.",
    ),
    _UPDATER.info(
        "Version is below minimum allowed", "update", "The installed version is too old and is replaced now."
    ),
    _UPDATER.info("Download started.", "update", "A new version is being downloaded."),
    _UPDATER.info("Download finished.", "update", "A new version was downloaded."),
    _UPDATER.info("Restarting service.", "update", "The node is restarted with the new version."),
    _UPDATER.info("Service restarted successfully.", "update", "The node runs the new version."),
    _UPDATER.info("Cleaning up old binary.", "update", "The old version is removed."),
    _UPDATER.info("Copying binary to store.", "update", "The new version is kept for the next start."),
    _UPDATER.info("Binary copied to store.", "update", "The new version is kept for the next start."),
    _UPDATER.info("Command output.", "update", "What a command of the updater printed."),
    _UPDATER.info("Service should be updated", "update", "This program has an update."),
    _UPDATER.info("Service should not be updated", "version", "This program has no update."),
    _UPDATER.noise(
        "Check interval below minimum. Overriding it minimum.",
        "config",
        "The updater looks for versions less often than set.",
    ),
    _UPDATER.warning(
        "Error updating service.", "update_failed", "The update failed; the old version goes on running.", CHECK_NETWORK
    ),
    _UPDATER.warning(
        "Error retrieving version info.",
        "update_failed",
        "The updater could not ask for versions.",
        CHECK_NETWORK,
        "ERROR FATAL",
    ),
    _UPDATER.warning(
        "Error retrieving binary version.",
        "update_failed",
        "The updater could not learn the installed version.",
        "Check the path of the storagenode binary in the updater's settings.",
        "FATAL",
    ),
    _UPDATER.warning(
        "failed to run binary",
        "update_failed",
        "The new version does not run on this host; it is not tried again.",
        "Check free space and processor type, then remove last-failed-update.*.json to try again.",
    ),
    _UPDATER.noise(
        "failed to marshal json for update failure", "update_failed", "The updater could not note a failed update."
    ),
    _UPDATER.warning(
        "failed to read update failure file",
        "update_failed",
        "The note about a failed update cannot be read.",
        CHECK_RIGHTS,
    ),
    _UPDATER.warning(
        "failed to write json for update failure",
        "update_failed",
        "The updater could not note a failed update.",
        CHECK_RIGHTS,
    ),
    _UPDATER.warning(
        "Failed to remove backup binary. Consider removing manually.",
        "update_failed",
        "An old version could not be removed.",
        "Remove the file that the line names.",
    ),
    _UPDATER.warning(
        "Error creating new logger.", "update_failed", "The updater could not open its log.", CHECK_RIGHTS
    ),
    _UPDATER.warning(
        "Error on should update version", "update_failed", "The updater could not decide whether to update.", REPORT
    ),
    _UPDATER.warning(
        "Process is not allowed",
        "update_failed",
        "The updater was asked about a program that it does not know.",
        "Correct the updater's command line.",
    ),
    _UPDATER.warning(
        "Empty node ID.",
        "update_failed",
        "The updater has no node id and does not run.",
        "Check the identity folder in the updater's settings.",
        "FATAL",
    ),
    _UPDATER.warning(
        "Error loading identity.",
        "update_failed",
        "The updater could not read the identity and does not run.",
        "Check the identity folder: path, mount and rights.",
        "FATAL",
    ),
    _UPDATER.warning(
        "Unable to find storage node executable binary.",
        "update_failed",
        "The updater does not find the node's program and does not run.",
        "Correct --binary-location in the updater's settings.",
        "FATAL",
    ),
    _UPDATER.warning(
        "Unable to find storage node updater binary path.",
        "update_failed",
        "The updater does not find its own program and does not run.",
        "Install the updater anew.",
        "FATAL",
    ),
)

ROWS = _LIFE + _VERSIONS
