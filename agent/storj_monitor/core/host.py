"""Readings beside the console API → keys of payloads: release, debug metrics, disk, process, clock, orders, databases.

Pure, as `core.derive` is: a value whose source has not answered for longer than its `MAX_AGE` is not known any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_monitor.core import readings_host as kinds
from storj_monitor.core import reputation, rollout, utc
from storj_monitor.core.known import HOUR, fresh, last
from storj_monitor.core.readings import NODE, NodeReading

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storj_monitor.core.known import Readings
    from storj_monitor.core.readings_host import Book, DebugReading, DebugSatellite, Times, Unsent

MAX_AGE = {
    kinds.HEALTH: HOUR,
    kinds.DEBUG: HOUR,
    kinds.VERSIONS: 3 * utc.DAY,
    kinds.CLOCK: 6 * HOUR,
    kinds.FILESYSTEM: HOUR // 6,
    kinds.PROCESS: HOUR // 6,
    kinds.CONFIG: utc.DAY,
    kinds.ORDERS: 3 * HOUR,
    kinds.DNS: 3 * HOUR,
    kinds.BOOKS: utc.DAY,
}
"""Seconds, several intervals of each source."""


def node_values(known: Readings, node_id: str | None, version: str | None, now: float) -> dict[str, Any]:
    """The keys of `…/<node>/state` that come from these sources; `node_id` and `version` as they are known."""
    return _release(known, node_id, version, now) | _debug(known, now) | _files(known, now) | _host(known, now)


def satellite_values(known: Readings, satellite: str, now: float) -> dict[str, Any]:
    """The keys of `…/satellite/<name>/state` that come from these sources, with `state` where only they know it."""
    book, debugged = _book(known, satellite, now), _debugged(known, satellite, now)
    unsent = [each for each in _unsent(known, now) or () if each.satellite == satellite]
    values: dict[str, Any] = {
        "audits": (debugged.audits if debugged else None) or (book.audits if book else None),
        **_hashstore([debugged] if debugged else []),
        **_waiting(unsent if _unsent(known, now) is not None else None),
        "offline_suspended": book.offline_suspended if book else None,
        "exit_started": book.exit_started if book else None,
        "exit_finished": book.exit_finished if book else None,
    }
    state = _state(known, satellite, book)
    return values | ({"state": state} if state else {})


def exited(known: Readings, now: float) -> set[str]:
    """Satellites that the node has left for good: they judge it no more."""
    books = fresh(known, kinds.BOOKS, kinds.BooksReading, now, MAX_AGE[kinds.BOOKS])
    return {each.satellite for each in books.satellites if each.exit_finished} if books else set()


def started(known: Readings) -> int | None:
    """When the node's process started, by the host or its own uptime."""
    process = last(known, kinds.PROCESS, kinds.ProcessReading)
    debug = last(known, kinds.DEBUG, kinds.DebugReading)
    newest = [(each.at, each.started) for each in (process, debug) if each is not None and each.started]
    return max(newest)[1] if newest else None


# ---- groups ----


def _release(known: Readings, node_id: str | None, version: str | None, now: float) -> dict[str, Any]:
    node = last(known, NODE, NodeReading)
    offer = fresh(known, kinds.VERSIONS, kinds.VersionsReading, now, MAX_AGE[kinds.VERSIONS])
    turn = rollout.turn(node_id, offer.seed) if offer and node_id else None
    return {
        "version_minimum": (node.version_minimum if node else None) or (offer.minimum if offer else None) or None,
        "version_due": rollout.due(node_id or "", version, offer) if offer and version else None,
        "version_latest": offer.suggested if offer else None,
        "rollout_percent": _rounded(rollout.percent(offer.cursor), 2) if offer else None,
        "rollout_turn": _rounded(turn, 2),
    }


def _debug(known: Readings, now: float) -> dict[str, Any]:
    debug = fresh(known, kinds.DEBUG, kinds.DebugReading, now, MAX_AGE[kinds.DEBUG])
    health = fresh(known, kinds.HEALTH, kinds.HealthReading, now, MAX_AGE[kinds.HEALTH])
    return {
        "healthy": health.healthy if health else None,
        **_quantiles("upload_time", debug.upload_times if debug else None),
        **_quantiles("download_time", debug.download_times if debug else None),
        "check_read_time": _rounded(debug.readable if debug else None, 6),
        "check_write_time": _rounded(debug.writable if debug else None, 6),
        **_hashstore(debug.satellites if debug else ()),
    }


def _files(known: Readings, now: float) -> dict[str, Any]:
    config = fresh(known, kinds.CONFIG, kinds.ConfigReading, now, MAX_AGE[kinds.CONFIG])
    dns = fresh(known, kinds.DNS, kinds.DnsReading, now, MAX_AGE[kinds.DNS])
    unsent = _unsent(known, now)
    return {
        **_waiting(unsent),
        "orders_unsent_bytes": None if unsent is None else sum(each.bytes for each in unsent),
        "log_level": (config.log_level or None) if config else None,
        "log_custom_level": (config.log_custom_level or None) if config else None,
        "address_resolves": bool(dns.addresses) if dns else None,
    }


def _host(known: Readings, now: float) -> dict[str, Any]:
    files = fresh(known, kinds.FILESYSTEM, kinds.FilesystemReading, now, MAX_AGE[kinds.FILESYSTEM])
    process = fresh(known, kinds.PROCESS, kinds.ProcessReading, now, MAX_AGE[kinds.PROCESS])
    clock = fresh(known, kinds.CLOCK, kinds.ClockReading, now, MAX_AGE[kinds.CLOCK])
    return {
        "filesystem_total": files.total if files else None,
        "filesystem_free": files.free if files else None,
        "storage_present": files.present if files else None,
        "storage_read_only": files.read_only if files else None,
        "storage_device": (files.device or None) if files else None,
        "disk_busy": files.busy if files else None,
        "disk_wait": _rounded(files.wait if files else None, 6),
        "process_cpu": process.cpu if process else None,
        "process_memory": process.rss if process else None,
        "clock_offset": _rounded(clock.offset, 1) if clock else None,
    }


# ---- pieces ----


def _state(known: Readings, satellite: str, book: Book | None) -> str | None:
    """The state by the dates of API and databases together; None where the databases add nothing."""
    node = last(known, NODE, NodeReading)
    status = next((each for each in node.satellites if each.satellite == satellite), None) if node else None
    if node is None or status is None or book is None:
        return None
    books = reputation.Exit(book.offline_suspended, book.exit_started, book.exit_finished)
    return reputation.state(status, node.version, books) if any(books) else None


def _book(known: Readings, satellite: str, now: float) -> Book | None:
    books = fresh(known, kinds.BOOKS, kinds.BooksReading, now, MAX_AGE[kinds.BOOKS])
    return next((each for each in books.satellites if each.satellite == satellite), None) if books else None


def _debugged(known: Readings, satellite: str, now: float) -> DebugSatellite | None:
    debug: DebugReading | None = fresh(known, kinds.DEBUG, kinds.DebugReading, now, MAX_AGE[kinds.DEBUG])
    return next((each for each in debug.satellites if each.satellite == satellite), None) if debug else None


def _unsent(known: Readings, now: float) -> tuple[Unsent, ...] | None:
    orders = fresh(known, kinds.ORDERS, kinds.OrdersReading, now, MAX_AGE[kinds.ORDERS])
    return orders.satellites if orders else None


def _waiting(unsent: Sequence[Unsent] | None) -> dict[str, Any]:
    known = unsent is not None
    return {
        "orders_unsent": sum(each.files for each in unsent or ()) if known else None,
        "orders_oldest": min((each.oldest for each in unsent or ()), default=None),
    }


def _hashstore(satellites: Iterable[DebugSatellite]) -> dict[str, Any]:
    """Sums over the satellites that have a hash store; None without one."""
    with_store = [each for each in satellites if each.logs is not None]

    def total(*fields: str) -> int | None:
        parts = [getattr(each, field) or 0 for each in with_store for field in fields]
        return sum(parts) if with_store else None

    return {
        "hashstore_size": total("logs", "table"),
        "hashstore_live": total("live"),
        "hashstore_trash": total("trash"),
        "hashstore_reclaimable": total("reclaimable"),
    }


def _quantiles(key: str, times: Times | None) -> dict[str, Any]:
    return {
        key: _rounded(times.p50 if times else None, 6),
        f"{key}_p90": _rounded(times.p90 if times else None, 6),
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
