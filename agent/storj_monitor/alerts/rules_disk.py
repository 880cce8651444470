"""Rules about a node's disk, databases and stores (agent/docs/storagenode.md §2.1, §2.7, §2.8, §3.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_monitor.alerts.measures import ACTIONS, counted
from storj_monitor.alerts.rule import FORUM, HOUR, MINUTE, UNKNOWN, Level, Measure, Rule
from storj_monitor.core import words
from storj_monitor.core.readings_host import FilesystemReading, OrdersReading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storj_monitor.alerts.rule import Measures
    from storj_monitor.alerts.view import View

DISK_TROUBLE = (
    *("disk_errors", "disk_failing", "disk_stalled"),
    *(f"failed:{action}:{why}" for action in ACTIONS for why in ("disk", "read_only", "storage_gone")),
)
DISK_ENDS = frozenset({"storage_stalled", "disk"})
"""Reasons of an end of the process that weigh as much as five errors."""
NO_SPACE = ("disk_full_errors", *(f"failed:{action}:disk_full" for action in ACTIONS))
LAST_PERCENT = 0.01
OVER = 1.0
"""Percent of the allocation: less than that is the node's own rounding, and shrinks by itself."""
NEARLY, NEVER = 90.0, 1e9


def _storage_gone(view: View) -> Measures:
    files = view.reading("filesystem", FilesystemReading)
    if files is None:
        return {"": UNKNOWN}
    what = "is not there" if not files.present else "is read-only" if files.read_only else "is there"
    return {"": Measure(float(not files.present or bool(files.read_only)), {"path": files.path, "what": what})}


def _failing(view: View) -> Measures:
    n = sum(view.counts(DISK_TROUBLE, 60).values())
    log = view.state.log
    hung = log.reason in DISK_ENDS and view.at - HOUR < log.crashed <= view.at
    return {"": Measure(float(n + 5 * hung), {"count": n + hung})}


def _full(view: View) -> Measures:
    """Percent of the allocation that is taken; 100 where the log or the file system says that nothing is left."""
    used, allocated, free = (view.values.get(key) for key in ("disk_used", "disk_allocated", "disk_free"))
    over, days = view.values.get("disk_overused") or 0, view.values.get("disk_full_days")
    errors = sum(view.counts(NO_SPACE, 60).values())
    total, left = view.values.get("filesystem_total"), view.values.get("filesystem_free")
    if errors or (total and left is not None and left < LAST_PERCENT * total):
        return {"": Measure(100.0, {"why": "its file system has no space left"})}
    if used is None or not allocated or free is None:
        return {"": Measure(0.0) if not view.state.has_api else UNKNOWN}
    if 100 * over / allocated >= view.limits.get("disk_overused.warning", OVER):
        return {"": Measure(0.0)}  # told by `disk_overused`
    share = min(100.0, max(100 * used / allocated, 100 * (allocated - free) / allocated))
    when = f", full in {_days(days)}" if days is not None else ""
    return {"": Measure(share, {"why": f"{words.size(free)} free ({share:.0f} % taken){when}"})}


def _days(days: float) -> str:
    n = round(days)
    return "less than a day" if n < 1 else f"about {n} day{'' if n == 1 else 's'}"


def _forecast(view: View) -> Measures:
    """Days; once the disk is nearly full, that is what is told."""
    days, used = view.values.get("disk_full_days"), view.values.get("disk_used")
    allocated, over = view.values.get("disk_allocated"), view.values.get("disk_overused")
    if days is None:
        return {"": UNKNOWN}
    nearly = view.limits.get("disk_full.warning", NEARLY)
    if over or (used is not None and allocated and used >= nearly / 100 * allocated):
        return {"": Measure(NEVER)}
    return {"": Measure(float(days), {"when": _days(days)})}


def _overused(view: View) -> Measures:
    over, allocated = view.values.get("disk_overused"), view.values.get("disk_allocated")
    if over is None or not allocated:
        return {"": UNKNOWN}
    return {"": Measure(100 * over / allocated, {"size": words.size(over)})}


def _locked(view: View) -> Measures:
    """1: three errors within an hour, or four within three hours."""
    hour, three = (sum(view.counts(("db_locked",), minutes).values()) for minutes in (60, 180))
    return {"": Measure(max(hour / 3, three / 4), {"count": three})}


def _orders_old(view: View) -> Measures:
    """Hours that the oldest order waits; where the log says why, `orders_unsent` tells it."""
    orders = view.reading("orders", OrdersReading)
    if orders is None or view.counts(("orders_failed", "orders_lost"), 180):
        return {"": UNKNOWN}
    oldest = min((each.oldest for each in orders.satellites), default=orders.at)
    hours = max(0, orders.at - oldest) // HOUR
    return {"": Measure(float(hours), {"count": hours})}


def _gone_step(facts: Mapping[str, Any]) -> str:
    if facts["what"] == "is read-only":
        return "Look at dmesg and check the file system: it is made read-only when the disk fails."
    return "Stop the node at once if it still runs, then mount the disk; without its data it fails every audit."


RULES = (
    Rule(
        "storage_gone",
        "node",
        ("filesystem",),
        _storage_gone,
        (Level("critical", 1, for_=MINUTE),),
        "The storage folder of {node} {what}.",
        _gone_step,
        "Every audit of a missing piece brings it nearer to disqualification.",
        link=FORUM + "7089",
    ),
    Rule(
        "disk_failing",
        "node",
        ("log",),
        _failing,
        (Level("warning", 1, 0, keep=6 * HOUR), Level("critical", 5, 0, keep=6 * HOUR)),
        "The disk of {node} fails: {count:error} within an hour.",
        "Look at SMART values, cable, power and dmesg; if it goes on, stop the node and copy the data to another disk.",
        "A dying disk ends in disqualification.",
        link=FORUM + "7910",
        log=True,
        counts=(*DISK_TROUBLE, "node_crashes"),
    ),
    Rule(
        "disk_full",
        "node",
        ("node", "log"),
        _full,
        (Level("warning", NEARLY, NEARLY - 2), Level("critical", 95, 93)),
        "The disk of {node} is nearly full: {why}.",
        "Give it more space (storage.allocated-disk-space), or let it be: a full node earns, but takes nothing new.",
        "A full node takes nothing new and earns for what it has.",
        link=FORUM + "8894",
    ),
    Rule(
        "disk_forecast",
        "node",
        ("node",),
        _forecast,
        (Level("warning", 14, 21),),
        "The disk of {node} will be full in {when}.",
        "Plan more space; leave 10 % of the disk free for trash, databases and compactions.",
        "From then on it takes nothing new.",
        link=FORUM + "27468",
        below=True,
    ),
    Rule(
        "disk_overused",
        "node",
        ("node",),
        _overused,
        (Level("warning", OVER, OVER / 5), Level("critical", 10, 5)),
        "{node} uses {size} more than it was given.",
        "See that the disk has room for it; it shrinks as data is deleted. Older versions count wrongly: update.",
        "Beyond what it was given it takes nothing new.",
        link=FORUM + "28724",
    ),
    Rule(
        "database_locked",
        "node",
        ("log",),
        _locked,
        (Level("warning", 1, 0),),
        "The databases of {node} are locked: {count:error} within three hours.",
        "Move them to an SSD (storage2.database-dir), for the disk is too slow, and stop what else reads the disk.",
        "Orders that cannot be kept are not paid.",
        log=True,
        counts=("db_locked",),
    ),
    Rule(
        "database_damaged",
        "node",
        ("log",),
        counted(("db_damaged",), 24 * 60),
        (Level("critical", 1, 0),),
        "A database of {node} is damaged.",
        "Stop the node, make a copy, mend the database (sqlite3 .recover) or let the node make a new one.",
        "With a damaged database a node may refuse its next start.",
        link=FORUM + "8479",
        log=True,
        counts=("db_damaged",),
    ),
    Rule(
        "orders_old",
        "node",
        ("orders",),
        _orders_old,
        (Level("warning", 6, 3), Level("critical", 36, 24)),
        "{node} has orders that wait for {count:hour} to be sent.",
        "Read the errors of the logger orders in its log; orders expire after 48 hours.",
        "Unsent orders are unpaid egress.",
    ),
    Rule(
        "compaction_failing",
        "node",
        ("log",),
        counted(("compaction_failed",), 24 * 60),
        (Level("warning", 2, 0), Level("critical", 6, 0)),
        "Compactions of {node} fail: {count:time} within a day.",
        "Read the error: mostly too little free space on the disk, or the disk fails.",
        "Garbage stays on the disk, unpaid, and grows.",
        link=FORUM + "28724",
        log=True,
        counts=("compaction_failed",),
    ),
    Rule(
        "migration_stuck",
        "node",
        ("log",),
        counted(("migration_failed",), 24 * 60),
        (Level("warning", 20, 5),),
        "The migration of {node} to the hash store fails: {count:piece} within a day.",
        "Read the errors of piecemigrate; lost pieces stay behind, a failing disk stops it.",
        "Pieces that cannot be read there fail audits, too.",
        link=FORUM + "30658",
        log=True,
        counts=("migration_failed",),
    ),
    Rule(
        "records_lost",
        "node",
        ("log",),
        counted(("records_lost",), 24 * 60),
        (Level("critical", 1, 0),),
        "The hash store of {node} lost records after a stop that was not clean.",
        "Give the node time to stop (docker stop -t 300, TimeoutStopSec=300) and the disk a write cache that survives "
        "a power cut.",
        "Lost pieces that are audited lower the audit score.",
        log=True,
        counts=("records_lost",),
    ),
)
