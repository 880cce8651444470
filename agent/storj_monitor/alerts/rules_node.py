"""Rules about a node itself: life, disk, databases, clock, versions, the unusual (agent/docs/storagenode.md §2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_monitor.alerts.rule import DAY, HOUR, MINUTE, UNKNOWN, Level, Measure, Rule
from storj_monitor.core import chore_life
from storj_monitor.core.readings import NodeReading
from storj_monitor.core.readings_host import ClockReading, DnsReading, FilesystemReading, OrdersReading
from storj_monitor.core.storage import version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from storj_monitor.alerts.rule import Measures
    from storj_monitor.alerts.view import View

LINES_MIN = 100
LASTING = frozenset(
    {
        "storage_gone",
        "wrong_identity",
        "database_damaged",
        "read_only",
        "too_small",
        "missing_file",
        "identity",
        "config",
    }
)
"""Reasons of an end that will end the next start, too, until somebody mends them."""
SILENT = 75 * MINUTE
TRANSFERS = ("GET", "GET_AUDIT", "GET_REPAIR", "PUT", "PUT_REPAIR")
DISK_TROUBLE = (
    *("disk_errors", "disk_failing", "disk_stalled"),
    *(f"failed:{action}:{why}" for action in TRANSFERS for why in ("disk", "read_only", "storage_gone")),
)
NO_SPACE = ("disk_full_errors", *(f"failed:{action}:disk_full" for action in TRANSFERS))
SOURCES = {
    "month": 6 * HOUR,
    "payout": 12 * HOUR,
    "filesystem": HOUR,
    "debug": HOUR,
    "health": HOUR,
    "orders": 3 * HOUR,
}
"""Seconds without an answer after which a source that had answered is told of; the node itself is `node_down`'s."""


def _counted(metrics: tuple[str, ...], minutes: int) -> Callable[[View], Measures]:
    """Lines of the last minutes, of all satellites."""

    def measure(view: View) -> Measures:
        n = sum(view.counts(metrics, minutes).values())
        return {"": Measure(float(n), {"count": n})}

    return measure


# ---- life ----


def _down(view: View) -> Measures:
    online = view.values.get("online")
    if not view.state.has_api or online is None:
        return {"": UNKNOWN}
    silent = view.state.down.get("node")
    why = "satellites and customers have not reached it for two hours" if silent is None else "its API does not answer"
    dns = view.reading("dns", DnsReading)
    if dns is not None and not dns.addresses:
        why = f"{why}, and its name {dns.host} does not resolve"
    return {"": Measure(float(not online), {"why": why})}


def _refuses(view: View) -> Measures:
    ended = _ended_for_good(view)
    said = [each for kind in ("refused", "crashed") for each in view.notices(kind, DAY) if each.at == ended]
    why = said[-1].text.partition(": ")[2] if said else chore_life.words_of(view.state.log.reason)
    holds = bool(ended) and ended >= view.state.log.started
    return {"": Measure(float(holds), {"why": why.rstrip(".") or "its log says why"}, ended or None)}


def _ended_for_good(view: View) -> int:
    """When the node last refused to start, or ended by what will end the next start, too; 0: never."""
    log = view.state.log
    return max(log.refused, log.crashed if log.reason in LASTING else 0)


def _restarts(view: View) -> Measures:
    """1 is a loop: three starts within ten minutes or five within an hour (also of a node that never gets up)."""
    if view.at - HOUR < _ended_for_good(view) <= view.at:
        return {"": Measure(0.0)}  # told by `node_refuses_to_start`
    metrics = ("node_starts", "node_refusals")
    ten, hour = (sum(view.counts(metrics, minutes).values()) for minutes in (10, 60))
    return {"": Measure(max(ten / 3, hour / 5), {"count": hour})}


def _silent(view: View) -> Measures:
    """Minutes without a line, while the API (if there is one) is dead, too."""
    last = view.state.log.last_line
    if not last:
        return {"": UNKNOWN}
    alive = view.state.has_api and view.values.get("online") is True
    return {"": Measure(0.0 if alive else float(max(0, view.at - last)), {}, last)}


def _no_traffic(view: View) -> Measures:
    lines, traffic = view.count("log_lines", 180), view.transfers(180)
    if traffic or lines < LINES_MIN // 20:
        return {"": Measure(0.0)}
    moved = (view.values.get("ingress_today") or 0) + (view.values.get("egress_today") or 0)
    begun = view.values.get("day_started") or view.at
    hidden = moved > 1 << 20 and view.at - begun > 3 * HOUR and not view.transfers(24 * 60)
    before = view.transfers(24 * 60) > 0
    why = (
        "its log shows no transfers although it has traffic: its level hides them (log.level, log.custom-level)"
        if hidden
        else "its log has lines but no transfer"
    )
    return {"": Measure(float(hidden or before), {"why": why})}


def _no_data(view: View) -> Measures:
    silent = {source: view.silent_for(source) for source in SOURCES}
    down = view.values.get("online") is False
    return {
        source: Measure(0.0 if down else seconds / SOURCES[source], {"source": source})
        for source, seconds in silent.items()
        if seconds is not None
    }


# ---- disk ----


def _storage_gone(view: View) -> Measures:
    files = view.reading("filesystem", FilesystemReading)
    if files is None:
        return {"": UNKNOWN}
    what = "is not there" if not files.present else "is read-only" if files.read_only else "is there"
    return {"": Measure(float(not files.present or bool(files.read_only)), {"path": files.path, "what": what})}


def _full(view: View) -> Measures:
    used, allocated, over = (view.values.get(key) for key in ("disk_used", "disk_allocated", "disk_overused"))
    if used is None or not allocated:
        return {"": UNKNOWN}
    days = view.values.get("disk_full_days")
    when = f"; it is full in about {days:.0f} days" if days is not None else ""
    share = 0.0 if over else 100 * used / allocated
    return {"": Measure(share, {"value": share, "when": when})}


def _forecast(view: View) -> Measures:
    days = view.values.get("disk_full_days")
    if days is None or view.values.get("disk_overused"):
        return {"": UNKNOWN if days is None else Measure(1e9)}
    return {"": Measure(float(days), {"value": days})}


def _overused(view: View) -> Measures:
    over, allocated = view.values.get("disk_overused"), view.values.get("disk_allocated")
    if over is None or not allocated:
        return {"": UNKNOWN}
    return {"": Measure(100 * over / allocated, {"gb": over / 1e9})}


def _orders_old(view: View) -> Measures:
    orders = view.reading("orders", OrdersReading)
    if orders is None:
        return {"": UNKNOWN}
    oldest = min((each.oldest for each in orders.satellites), default=None)
    return {"": Measure(0.0 if oldest is None else (orders.at - oldest) / HOUR)}


# ---- clock, address, versions ----


def _clock(view: View) -> Measures:
    clock = view.reading("clock", ClockReading)
    if clock is not None and view.now - clock.at < 6 * HOUR:
        off = max(0.0, abs(clock.offset) - clock.margin)
        return {"": Measure(off, {"off": f"is off by {abs(clock.offset):.0f} s"})}
    n = view.count("clock_wrong", 120)
    return {"": Measure(3600.0 if n else 0.0, {"off": "differs from the satellites', says its log"})}


def _quic(view: View) -> Measures:
    quic = view.values.get("quic")
    return {"": UNKNOWN if quic is None else Measure(float(not quic))}


def _outdated(view: View) -> Measures:
    node = view.reading("node", NodeReading)
    if node is None:
        return {"": UNKNOWN}
    have, least = version_of(node.version), version_of(node.version_minimum or "")
    facts = {"version": node.version, "least": node.version_minimum}
    return {"": Measure(float(bool(have and least) and have < least), facts)}


def _due(view: View) -> Measures:
    due, have = view.values.get("version_due"), view.values.get("version")
    if due is None or have is None:
        return {"": UNKNOWN}
    return {"": Measure(float(version_of(have) < version_of(due)), {"version": have, "due": due})}


# ---- what is unusual ----


def _insights(*metrics: str) -> Callable[[View], Measures]:
    def measure(view: View) -> Measures:
        mine = [each for each in view.insights if each.metric in metrics]
        return {f"{each.metric}:{each.satellite}": Measure(1.0, {"text": each.text}, int(each.since)) for each in mine}

    return measure


def _unknown(view: View) -> Measures:
    lines, unknown = view.count("log_lines", 60), view.count("log_unknown", 60)
    if lines < LINES_MIN:
        return {"": Measure(0.0)}
    return {"": Measure(100 * unknown / lines, {"value": 100 * unknown / lines})}


def _payout(view: View) -> Measures:
    """How much less than estimated the last month paid, percent."""
    paid, estimated = view.values.get("payout_last_month"), view.values.get("payout_estimate_last_month")
    if paid is None or not estimated:
        return {"": UNKNOWN}
    return {"": Measure(100 * (1 - paid / estimated), {"paid": paid, "estimated": estimated})}


def _level_hint(facts: Mapping[str, Any]) -> str:
    return f"{facts['node']}: {facts['why']}."


RULES = (
    Rule(
        "node_down",
        "node",
        ("node",),
        _down,
        (Level("critical", 1, for_=5 * MINUTE),),
        "{node} is offline: {why}.",
        "Check that the storagenode process runs, then the internet connection and the port forwarding (TCP and "
        "UDP 28967).",
        "Its online score falls, and it earns nothing.",
        several=True,
    ),
    Rule(
        "node_refuses_to_start",
        "node",
        ("log",),
        _refuses,
        (Level("critical", 1, keep=5 * MINUTE),),
        "{node} cannot run: {why}.",
        "Mend what the sentence names before the next start. Never create the verification file by hand on an empty "
        "or other disk: that disqualifies the node.",
    ),
    Rule(
        "node_restarting",
        "node",
        ("log",),
        _restarts,
        (Level("warning", 1, 0.4, keep=10 * MINUTE), Level("critical", 2, 0.4, keep=10 * MINUTE)),
        "{node} restarts again and again: {count} starts within an hour.",
        "Read the last lines before each start: they name the error. Too many check-ins block it at the "
        "satellites, too.",
        log=True,
    ),
    Rule(
        "node_silent",
        "node",
        ("log",),
        _silent,
        (Level("critical", SILENT, SILENT - 1),),
        "The log of {node} has had no line for over an hour.",
        "Check that the node runs, and that its log still goes to the file that is followed (storj-monitor check).",
        several=True,
    ),
    Rule(
        "no_traffic",
        "node",
        ("log",),
        _no_traffic,
        (Level("warning", 1, for_=30 * MINUTE),),
        _level_hint,
        "With traffic on its dashboard, set log.level to info; without, check port forwarding, suspension and "
        "free space.",
    ),
    Rule(
        "storage_gone",
        "node",
        ("filesystem",),
        _storage_gone,
        (Level("critical", 1, for_=MINUTE),),
        "The storage folder of {node} {what}.",
        "Stop the node at once if it still runs, then mount the disk; a node that runs without its data fails audits.",
        "Every audit of a missing piece brings it nearer to disqualification.",
    ),
    Rule(
        "disk_failing",
        "node",
        ("log",),
        _counted(DISK_TROUBLE, 60),
        (Level("warning", 1, 0, keep=6 * HOUR), Level("critical", 5, 0, keep=6 * HOUR)),
        "The disk of {node} fails: {count} error(s) within an hour.",
        "Look at SMART values, cable, power and dmesg; if it goes on, stop the node and copy the data to another disk.",
        "A dying disk ends in disqualification.",
        log=True,
    ),
    Rule(
        "disk_full",
        "node",
        ("node",),
        _full,
        (Level("warning", 90, 88), Level("critical", 95, 93)),
        "The disk of {node} is {value:.0f} % full{when}.",
        "Give it more space (storage.allocated-disk-space) or let it be: a full node earns, but takes nothing new.",
    ),
    Rule(
        "disk_forecast",
        "node",
        ("node",),
        _forecast,
        (Level("warning", 14, 21, threshold="disk_full_days"),),
        "The disk of {node} will be full in about {value:.0f} days.",
        "Plan more space; leave 10 % of the disk free for trash, databases and compactions.",
        below=True,
    ),
    Rule(
        "disk_overused",
        "node",
        ("node",),
        _overused,
        (Level("warning", 0.000001), Level("critical", 10, 5)),
        "{node} uses {gb:.1f} GB more than it was given.",
        "See that the disk has room for it; it shrinks as data is deleted. Older versions count wrongly: update.",
    ),
    Rule(
        "database_locked",
        "node",
        ("log",),
        _counted(("db_locked",), 60),
        (Level("warning", 3, 0, keep=HOUR),),
        "The databases of {node} are locked: {count} error(s) within an hour.",
        "The disk is too slow for them: put them on an SSD (storage2.database-dir), and stop what else reads the disk.",
        "Orders that cannot be kept are not paid.",
        log=True,
    ),
    Rule(
        "database_damaged",
        "node",
        ("log",),
        _counted(("db_damaged",), 24 * 60),
        (Level("critical", 1, 0),),
        "A database of {node} is damaged.",
        "Stop the node, make a copy, mend the database (sqlite3 .recover) or let the node make a new one.",
        log=True,
    ),
    Rule(
        "orders_old",
        "node",
        ("orders",),
        _orders_old,
        (Level("warning", 6, 3), Level("critical", 36, 24)),
        "{node} has orders that wait for hours to be sent.",
        "Read the errors of the logger orders in its log; orders expire after 48 hours.",
        "Unsent orders are unpaid egress.",
    ),
    Rule(
        "compaction_failing",
        "node",
        ("log",),
        _counted(("compaction_failed",), 24 * 60),
        (Level("warning", 2, 0), Level("critical", 6, 0)),
        "Compactions of {node} fail: {count} within a day.",
        "Read the error: mostly too little free space on the disk, or the disk fails.",
        "Garbage stays on the disk, unpaid, and grows.",
        log=True,
    ),
    Rule(
        "migration_stuck",
        "node",
        ("log",),
        _counted(("migration_failed",), 24 * 60),
        (Level("warning", 20, 5),),
        "The migration of {node} to the hash store fails: {count} pieces within a day.",
        "Read the errors of piecemigrate; lost pieces stay behind, a failing disk stops it.",
        log=True,
    ),
    Rule(
        "records_lost",
        "node",
        ("log",),
        _counted(("records_lost",), 24 * 60),
        (Level("critical", 1, 0),),
        "The hash store of {node} lost records after a stop that was not clean.",
        "Give the node time to stop (docker stop -t 300, TimeoutStopSec=300) and the disk a write cache that "
        "survives power.",
        "Lost pieces that are audited lower the audit score.",
        log=True,
    ),
    Rule(
        "clock_wrong",
        "node",
        ("clock", "log"),
        _clock,
        (Level("warning", 60, 30, for_=10 * MINUTE), Level("critical", 600, 300)),
        "The clock of {node} {off}.",
        "Switch time synchronisation on (timedatectl set-ntp true); with a wrong clock orders and audits are refused.",
        several=True,
    ),
    Rule(
        "quic",
        "node",
        ("node",),
        _quic,
        (Level("warning", 1, for_=10 * MINUTE),),
        "{node} cannot be reached by QUIC: its UDP port is closed.",
        "Forward UDP 28967 beside TCP, and see that the firewall lets it through.",
        "Customers who use QUIC take other nodes.",
        several=True,
    ),
    Rule(
        "version_minimum",
        "node",
        ("node",),
        _outdated,
        (Level("critical", 1),),
        "{node} runs {version}, older than the {least} that satellites ask for.",
        "Update it now; where an updater or watchtower does that, see why it did not.",
        "It gets no new data.",
    ),
    Rule(
        "version_due",
        "node",
        ("node",),
        _due,
        (Level("info", 1, for_=3 * DAY), Level("warning", 1, for_=14 * DAY)),
        "{node} could have {due} for days and still runs {version}.",
        "Update it, or see why the updater does not.",
    ),
    Rule(
        "success_rate",
        "node",
        ("log",),
        _insights("upload_success", "download_success"),
        (Level("warning", 1),),
        "{node}: {text}",
        "Look what else keeps the disk or the line busy; before and after on the node's page shows since when.",
        "Lost races are unpaid work.",
    ),
    Rule(
        "traffic_unusual",
        "node",
        ("log",),
        _insights("ingress_rate", "egress_rate", "duration_p95", "errors"),
        (Level("warning", 1),),
        "{node}: {text}",
        "Compare with your other nodes: on one alone look at the node, on all at the network.",
    ),
    Rule(
        "log_unknown",
        "node",
        ("log",),
        _unknown,
        (Level("warning", 5, 2, for_=10 * MINUTE),),
        "{value:.0f} % of the log lines of {node} are not understood; its figures may be too low.",
        "Update storj-monitor; if it is new, send the unknown lines (storj-monitor bundle).",
        log=True,
    ),
    Rule(
        "payout_low",
        "node",
        ("paystubs",),
        _payout,
        (Level("warning", 10, 8),),
        "{node} was paid ${paid:.2f} for last month, estimated were ${estimated:.2f}.",
        "See the payouts page for the satellite that paid less: suspended time, late tallies or unsent orders.",
    ),
    Rule(
        "no_data",
        "node",
        (),
        _no_data,
        (Level("warning", 1, for_=5 * MINUTE),),
        "{node}: no answer any more from its {source}.",
        "storj-monitor check says what is wrong with it; what depends on it is not judged meanwhile.",
    ),
)
