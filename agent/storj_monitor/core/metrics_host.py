"""Rows beyond the contract's least: what debug metrics, files, process and host tell of a node.

They are in every payload, in the history and in the viewer. No entity of Home Assistant is made of them.
"""

from __future__ import annotations

from storj_monitor.core.metric import Kind, Metric, Tier, plain


def _row(
    key: str, unit: str, label: str, help_: str, *, digits: int | None = None, tier: Tier = "hour", kind: Kind = "gauge"
) -> Metric:
    ending = {"bytes": "_bytes", "%": "_percent", "s": "_seconds"}.get(unit, "")
    shown = digits if digits is not None else 3 if unit == "s" else 1
    return Metric(key, unit, kind, tier, label, shown, help_, None, f"{key}{ending}")


def _flag(key: str, label: str, help_: str) -> Metric:
    return Metric(key, None, "flag", "hour", label, None, help_, None, key)


def _time(key: str, label: str, help_: str) -> Metric:
    return Metric(key, None, "time", None, label, None, help_, None, f"{key}_timestamp_seconds")


_HASHSTORE = (
    _row("hashstore_size", "bytes", "Hash store on disk", "Log files and tables of the hash store, by debug metrics."),
    _row("hashstore_live", "bytes", "Hash store live", "Pieces in the hash store that are neither trash nor dead."),
    _row("hashstore_trash", "bytes", "Hash store trash", "Pieces in the hash store that wait for their deletion."),
    _row(
        "hashstore_reclaimable",
        "bytes",
        "Hash store reclaimable",
        "Dead bytes in the log files of the hash store that its next compactions free; unpaid.",
    ),
)
_ORDERS = (
    _row(
        "orders_unsent",
        "files",
        "Unsent orders",
        "Files of orders, one per satellite and hour, that are not yet sent; money for traffic comes from them.",
        digits=0,
        kind="gauge",
    ),
    _time("orders_oldest", "Oldest unsent orders", "The hour of the oldest; more than three hours back is a fault."),
)

NODE: tuple[Metric, ...] = (
    # what the log hides
    plain(
        "success_basis",
        "Success rates by",
        "What upload and download success are reckoned from: the log alone, which hides most failed uploads, or the "
        "log and the node's counters.",
    ),
    _row(
        "hidden_failures",
        "transfers",
        "Hidden failures",
        "Transfers of the last 24 hours that failed without a line in the log, by the node's counters.",
        digits=0,
        tier="minute",
        kind="count",
    ),
    # release
    plain("version_latest", "Latest version", "The newest storagenode that is being rolled out."),
    _row("rollout_percent", "%", "Roll-out", "How far the roll-out of the latest version is.", tier="day"),
    plain("rollout_turn", "Turn in the roll-out", "Percentage of the roll-out at which this node has its turn."),
    # the node
    _flag("healthy", "Healthcheck", "What the node says of itself on its public port: false asks for a look."),
    _row(
        "upload_time",
        "s",
        "Upload time",
        "How long an upload takes at the node, the median of recent ones; by debug metrics.",
    ),
    _row("upload_time_p90", "s", "Upload time, slow", "Nine of ten recent uploads are faster; by debug metrics."),
    _row(
        "download_time",
        "s",
        "Download time",
        "How long a customer's download takes at the node, the median of recent ones; by debug metrics.",
    ),
    _row("download_time_p90", "s", "Download time, slow", "Nine of ten recent downloads are faster; by debug metrics."),
    _row(
        "check_read_time",
        "s",
        "Reading check",
        "How long the node's last test reading of its storage took; after a minute it gives up and stops.",
    ),
    _row(
        "check_write_time",
        "s",
        "Writing check",
        "How long the node's last test writing to its storage took; after a minute it gives up and stops.",
    ),
    *_HASHSTORE,
    *_ORDERS,
    _row("orders_unsent_bytes", "bytes", "Size of unsent orders", "Bytes of the orders that are not yet sent."),
    plain("log_level", "Log level", "What log.level is set to in the node's config.yaml; null at its default, info."),
    plain(
        "log_custom_level",
        "Log levels of parts",
        "What log.custom-level is set to in the node's config.yaml; it can hide transfers.",
    ),
    _flag(
        "address_resolves",
        "Address resolves",
        "Whether the name in contact.external-address has an address; without one satellites cannot reach the node.",
    ),
    # the host
    _flag("storage_present", "Storage folder", "Whether the storage folder is there, on the disk it was on."),
    _flag("storage_read_only", "Storage read-only", "Whether the file system of the storage folder refuses writing."),
    plain("storage_device", "Storage device", "The device or share that the storage folder lies on."),
    _row("disk_busy", "%", "Disk at work", "Share of time the disk of the storage folder was at work."),
    _row(
        "disk_wait",
        "s",
        "Disk wait",
        "How long a request to the disk of the storage folder took on average.",
        digits=2,
    ),
    _row("process_cpu", "%", "Processor use of the node", "The storagenode process's use of one processor core."),
    _row("process_memory", "bytes", "Memory of the node", "Memory of the storagenode process.", digits=0),
    _row(
        "clock_offset",
        "s",
        "Clock offset",
        "Seconds by which this host's clock is ahead, behind when negative; beyond some minutes transfers are refused.",
        digits=1,
    ),
)

SATELLITE: tuple[Metric, ...] = (
    _row("audits", "audits", "Audits", "Audits by this satellite so far; 100 are needed.", digits=0, tier="day"),
    *_HASHSTORE,
    *_ORDERS,
    _time(
        "offline_suspended",
        "Suspended for being offline since",
        "Since when the satellite sends no new data because the node was away too long; from the node's database.",
    ),
    _time("exit_started", "Graceful exit since", "When the graceful exit began; from the node's database."),
    _time("exit_finished", "Graceful exit done", "When the graceful exit was finished; from the node's database."),
)
