"""What is told of a node beside its console API: the public port, debug metrics, its host, its files, its release.

Sizes are bytes, times epoch seconds, scores and shares percent, durations seconds. None = not known. Each body survives
JSON, as those of `core.readings` do. Nothing here names a wallet or a person.
"""

from __future__ import annotations

import msgspec

from storj_monitor.core.readings import Body, Part


class HealthStatus(Part, frozen=True):
    """One satellite (full id) in the healthcheck's details."""

    satellite: str
    online: float | None = None
    disqualified: int | None = None
    suspended: int | None = None


class HealthReading(Body, frozen=True, kw_only=True):
    """`GET /` on the public port (agent/docs/storagenode.md §4.1); `satellites` only with `healthcheck.details`."""

    healthy: bool
    satellites: tuple[HealthStatus, ...] = ()


class Counts(Part, frozen=True):
    """Transfers since the process started, as the node counts them whatever its log level is."""

    started: int = 0
    ok: int = 0
    canceled: int = 0
    failed: int = 0


class Times(Part, frozen=True):
    """Quantiles of the recent transfers of one kind that ended well, in seconds."""

    p50: float
    p90: float
    p99: float


class DebugSatellite(Part, frozen=True):
    """One satellite in the debug metrics: audits so far, and its hash store over both of its databases.

    `logs` is all bytes in log files, `table` those of the tables, `live` what is neither trash nor dead.
    """

    satellite: str
    audits: int | None = None
    audits_ok: int | None = None
    logs: int | None = None
    table: int | None = None
    live: int | None = None
    trash: int | None = None
    reclaimable: int | None = None


class DebugReading(Body, frozen=True, kw_only=True):
    """`/metrics` of `debug.addr` (agent/docs/storagenode.md §4.3).

    `uploads` are all of them, repair included; `downloads` are by action. Both are None until the process has counted
    its first transfer: from then on a counter that is missing is 0. `readable` and `writable`: how long the node's last
    look at its storage folder took.
    """

    started: int | None = None
    uploads: Counts | None = None
    downloads: dict[str, Counts] | None = None
    upload_times: Times | None = None
    download_times: Times | None = None
    readable: float | None = None
    writable: float | None = None
    satellites: tuple[DebugSatellite, ...] = ()


class HiddenReading(Body, frozen=True, kw_only=True):
    """How far the counters were compared with the log: their sums then, of the process that started at `started`.

    `since`: from when on they were compared. `debts` (0 or below): by how much the log was ahead of the counters, taken
    off the next difference.
    """

    since: int

    started: int | None = None
    sums: dict[str, int] = msgspec.field(default_factory=dict)
    debts: dict[str, int] = msgspec.field(default_factory=dict)


class VersionsReading(Body, frozen=True, kw_only=True):
    """What the version server offers a storagenode (agent/docs/storagenode.md §7); `seed` and `cursor` as hex."""

    minimum: str
    suggested: str
    seed: str = ""
    cursor: str = ""


class ClockReading(Body, frozen=True, kw_only=True):
    """Seconds by which this host's clock is ahead of the reference's (behind when negative), give or take `margin`."""

    offset: float
    margin: float
    reference: str


class FilesystemReading(Body, frozen=True, kw_only=True):
    """The file system that holds the node's data.

    `present` is False when the folder is gone, its mount is gone or it is not the node's any more; then sizes are None.
    `busy` is the share of time the disk was at work since the last reading, `wait` the seconds a request took.
    `ticks` are what these are counted from: when, milliseconds at work, requests, milliseconds they took.
    """

    path: str
    present: bool
    total: int | None = None
    free: int | None = None
    read_only: bool | None = None
    mount: str = ""
    device: str = ""
    kind: str = ""
    verified: bool | None = None
    busy: float | None = None
    wait: float | None = None
    ticks: tuple[float, int, int, int] | None = None


class ProcessReading(Body, frozen=True, kw_only=True):
    """The storagenode process, where this host shows it. `cpu` is percent of one core since the last reading."""

    pid: int
    started: int
    cpu_seconds: float
    rss: int
    cpu: float | None = None


class ConfigReading(Body, frozen=True, kw_only=True):
    """What config.yaml and the command line set, of what a monitor needs (agent/docs/storagenode.md §4.7).

    Paths are as this host sees them, "" when it does not; all else as written, "" when it is left at its default.
    """

    log_level: str = ""
    log_custom_level: str = ""
    log_output: str = ""
    allocated: int | None = None
    storage: str = ""
    databases: str = ""
    orders: str = ""
    debug: str = ""
    console: str = ""
    server: str = ""
    external: str = ""


class Unsent(Part, frozen=True):
    """Orders files of one satellite (full id) that wait to be sent; `oldest` is the hour of the oldest."""

    satellite: str
    files: int
    bytes: int
    oldest: int


class OrdersReading(Body, frozen=True, kw_only=True):
    """The folder `orders/unsent` (agent/docs/storagenode.md §2.3)."""

    satellites: tuple[Unsent, ...] = ()


class DnsReading(Body, frozen=True, kw_only=True):
    """What the name in `contact.external-address` resolves to; no address: the name is not known."""

    host: str
    addresses: tuple[str, ...] = ()


class Book(Part, frozen=True):
    """One satellite in the node's own databases: what no API tells (agent/docs/storagenode.md §4.5)."""

    satellite: str
    offline_suspended: int | None = None
    under_review: int | None = None
    audits: int | None = None
    exit_started: int | None = None
    exit_finished: int | None = None


class BooksReading(Body, frozen=True, kw_only=True):
    """reputation.db and satellites.db, read only."""

    satellites: tuple[Book, ...] = ()


HEALTH, DEBUG, HIDDEN, VERSIONS, CLOCK = "health", "debug", "hidden", "versions", "clock"
FILESYSTEM, PROCESS, CONFIG, ORDERS, DNS, BOOKS = "filesystem", "process", "config", "orders", "dns", "books"

BODIES: dict[str, type[Body]] = {
    HEALTH: HealthReading,
    DEBUG: DebugReading,
    HIDDEN: HiddenReading,
    VERSIONS: VersionsReading,
    CLOCK: ClockReading,
    FILESYSTEM: FilesystemReading,
    PROCESS: ProcessReading,
    CONFIG: ConfigReading,
    ORDERS: OrdersReading,
    DNS: DnsReading,
    BOOKS: BooksReading,
}
