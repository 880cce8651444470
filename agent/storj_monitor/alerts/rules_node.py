"""Rules about a node itself: life, clock, address, versions, money, lines (agent/docs/storagenode.md §2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.alerts import measures
from storj_monitor.alerts.rule import DAY, FORUM, GITHUB, HOUR, MINUTE, UNKNOWN, Level, Measure, Rule
from storj_monitor.core import money, utc
from storj_monitor.core.readings import NodeReading, PayoutReading, PaystubsReading
from storj_monitor.core.readings_host import ClockReading, DnsReading
from storj_monitor.core.storage import version_of

if TYPE_CHECKING:
    from storj_monitor.alerts.rule import Measures
    from storj_monitor.alerts.view import View

LINES_MIN = 100
STARTS = ("node_starts", "node_refusals")
API_SILENT = 180
SILENT = 75 * MINUTE
BUSY = 100
"""Transfers of a day from which three hours without one are no chance: at even pace a dozen would have come."""
SMALL = 250_000
"""Micro-dollars by which a payout may be lower without a word."""
SOURCES = {
    "node": 15 * MINUTE,
    "month": 6 * HOUR,
    "payout": 12 * HOUR,
    "filesystem": HOUR,
    "debug": HOUR,
    "health": HOUR,
    "orders": 3 * HOUR,
}
"""Seconds without an answer after which a source that had answered, and is still asked, is told of."""


# ---- life ----


def _down(view: View) -> Measures:
    online, node = view.values.get("online"), view.reading("node", NodeReading)
    if online is None or node is None or measures.refuses(view):
        return {"": UNKNOWN}  # one that refuses to start is told of by name
    silent = view.now - node.at > API_SILENT
    why = "its API does not answer" if silent else "satellites and customers have not reached it for two hours"
    dns = view.reading("dns", DnsReading)
    if dns is not None and not dns.addresses:
        why = f"{why}, and its name {dns.host} does not resolve"
    return {"": Measure(float(measures.down(view)), {"why": why}, node.at if silent else node.last_contact)}


def _refuses(view: View) -> Measures:
    return {
        "": Measure(
            float(measures.refuses(view)),
            {"why": measures.last_words(view)},
            measures.ended_for_good(view) or None,
        )
    }


def _restarts(view: View) -> Measures:
    """1 is a loop: three starts within ten minutes or five within an hour (also of a node that never gets up)."""
    # A refusal that is known already, though it came later, is of the same loop: minutes are caught up in pieces.
    if abs(view.at - measures.ended_for_good(view)) < HOUR:
        return {"": Measure(0.0)}  # told by `node_refuses_to_start`
    ten, hour = (sum(view.counts(STARTS, minutes).values()) for minutes in (10, 60))
    return {"": Measure(max(ten / 3, hour / 5), {"count": hour})}


def _silent(view: View) -> Measures:
    """Seconds without a line; a node whose API says how it is is `node_down`'s."""
    last = view.state.log.last_line
    if not last or view.state.behind:
        return {"": UNKNOWN}
    if view.state.has_api and view.known("node") and view.values.get("online") is not None:
        return {"": Measure(0.0)}
    if measures.refuses(view):
        return {"": UNKNOWN}
    return {"": Measure(float(max(0, view.now - last)), {}, last)}


def _no_traffic(view: View) -> Measures:
    """Lines, and for three hours no transfer, of a node that had some; not known where other rules say why."""
    day, lines = view.transfers(24 * 60), view.count("log_lines", 180)
    if day and view.transfers(180):
        return {"": Measure(0.0)}
    told = measures.down(view) or measures.refuses(view) or measures.unreachable(view)
    over = bool(view.satellites) and not view.working
    if told or over or lines < LINES_MIN // 20:
        return {"": UNKNOWN}
    if _hidden(view, day):
        why = "its log shows no transfers although it has traffic: its level hides them (log.level, log.custom-level)"
        return {"": Measure(1.0, {"why": why})}
    if not day:
        return {"": UNKNOWN}
    return {"": Measure(float(day >= BUSY), {"why": "its log has lines but no transfer for three hours"})}


def _hidden(view: View, day: int) -> bool:
    moved = (view.values.get("ingress_today") or 0) + (view.values.get("egress_today") or 0)
    begun = view.values.get("day_started") or view.at
    return not day and moved > 1 << 20 and view.at - begun > 3 * HOUR


def _no_data(view: View) -> Measures:
    """How overdue each source is, as a share; while the node is down that is told instead."""
    if measures.down(view) or measures.refuses(view):
        return dict.fromkeys((*SOURCES, "log"), UNKNOWN)
    silent = {source: view.silent_for(source) for source in SOURCES}
    found = {
        source: Measure(seconds / SOURCES[source], {"source": NAMES.get(source, source)})
        for source, seconds in silent.items()
        if seconds is not None and source in view.state.down
    }
    return found | {"log": _log_gone(view)}


NAMES = {"node": "API", "month": "API (satellites)", "payout": "API (payout)", "debug": "debug port"}


def _log_gone(view: View) -> Measure:
    """A log that stands still although the API says that the node is online, of a node that logged transfers."""
    last = view.state.log.last_line
    if not last or view.state.behind or view.values.get("online") is not True or not view.transfers(24 * 60):
        return UNKNOWN
    return Measure((view.now - last) / SILENT, {"source": "log"})


# ---- clock, address, versions ----


def _clock(view: View) -> Measures:
    clock = view.reading("clock", ClockReading)
    if clock is not None and view.now - clock.at < 6 * HOUR:
        off = max(0.0, abs(clock.offset) - clock.margin)
        return {"": Measure(off, {"off": f"is {abs(clock.offset):.0f} s {'ahead' if clock.offset > 0 else 'behind'}"})}
    n = view.count("clock_wrong", 120)
    return {"": Measure(3600.0 if n else 0.0, {"off": "differs from the satellites' by more than ten minutes"})}


def _quic(view: View) -> Measures:
    quic = view.values.get("quic")
    # A node that reaches nobody has no QUIC either, and other rules say so.
    if quic is None or measures.down(view) or view.working <= view.counts(("contact_failed",), 60).keys():
        return {"": UNKNOWN}
    return {"": Measure(float(not quic))}


def _outdated(view: View) -> Measures:
    have, least = view.values.get("version"), view.values.get("version_minimum")
    if not have or not least or not version_of(have) or not version_of(least):
        return {"": UNKNOWN}
    return {"": Measure(float(version_of(have) < version_of(least)), {"version": have, "least": least})}


def _due(view: View) -> Measures:
    due, have = view.values.get("version_due"), view.values.get("version")
    if due is None or have is None:
        return {"": UNKNOWN}
    return {"": Measure(float(version_of(have) < version_of(due)), {"version": have, "due": due})}


# ---- what is unusual ----


def _unknown(view: View) -> Measures:
    lines, unknown = view.count("log_lines", 60), view.count("log_unknown", 60)
    if lines < LINES_MIN:
        return {"": UNKNOWN if unknown else Measure(0.0)}
    return {"": Measure(100 * unknown / lines, {"value": 100 * unknown / lines})}


def _payout(view: View) -> Measures:
    """How much less than the node's own estimate the last month paid, percent; once all statements are there."""
    stubs, payout = view.reading("paystubs", PaystubsReading), view.reading("payout", PayoutReading)
    if (
        stubs is None
        or payout is None
        or payout.previous is None
        or utc.month_start(payout.at) != utc.month_start(view.now)
    ):
        return {"": UNKNOWN}
    last, before = utc.month_name(view.now, -1), utc.month_name(view.now, -2)
    came = {each.satellite for each in stubs.stubs if each.period == last}
    if not came or not {each.satellite for each in stubs.stubs if each.period == before} <= came:
        return {"": UNKNOWN}
    paid = sum(money.owed_by(each) - each.disposed for each in stubs.stubs if each.period == last)
    estimated = payout.previous.payout
    low = 100 * (1 - paid / estimated) if estimated - paid > SMALL else 0.0
    return {"": Measure(low, {"paid": money.usd(paid), "estimated": money.usd(estimated)})}


RULES = (
    Rule(
        "node_down",
        "node",
        ("node",),
        _down,
        (Level("critical", 1, for_=5 * MINUTE),),
        "{node} {nodes:is|are} offline: {why}.",
        "Check that the storagenode process runs, then the internet connection and the port forwarding (TCP and "
        "UDP 28967).",
        "Its online score falls, and it earns nothing.",
        link=FORUM + "23645/62",
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
        "While it is down its online score falls, and it earns nothing.",
        link=FORUM + "7089",
    ),
    Rule(
        "node_restarting",
        "node",
        ("log",),
        _restarts,
        (Level("warning", 1, 0.4, keep=10 * MINUTE), Level("critical", 2, 0.4, keep=10 * MINUTE)),
        "{node} restarts again and again: {count:start} within an hour.",
        "Read the last lines before each start: they name the error. Satellites refuse a node that checks in too "
        "often.",
        "While it starts nobody reaches it, and each start reads the disk anew.",
        log=True,
        counts=STARTS,
    ),
    Rule(
        "node_silent",
        "node",
        ("log",),
        _silent,
        (Level("critical", SILENT, SILENT - 1),),
        "The {nodes:log|logs} of {node} {nodes:has|have} had no line for over an hour.",
        "Check that it runs, and that its log still goes to the file that is followed (storj-monitor check).",
        "If it is down, its online score falls and it earns nothing.",
        several=True,
    ),
    Rule(
        "no_traffic",
        "node",
        ("log",),
        _no_traffic,
        (Level("warning", 1, for_=30 * MINUTE),),
        "{node}: {why}.",
        "Look at its dashboard: with traffic there, set log.level to info; without, check port forwarding, suspension "
        "and free space.",
        "It earns less, or cannot be watched.",
    ),
    Rule(
        "clock_wrong",
        "node",
        ("clock", "log"),
        _clock,
        (Level("warning", 60, 30, for_=10 * MINUTE), Level("critical", 600, 300)),
        "The {nodes:clock|clocks} of {node} {off}.",
        "Switch time synchronisation on (timedatectl set-ntp true); with a wrong clock orders and audits are refused.",
        "Refused orders are unpaid, refused audits lower its scores.",
        several=True,
    ),
    Rule(
        "quic",
        "node",
        ("node",),
        _quic,
        (Level("warning", 1, for_=10 * MINUTE),),
        "{node} cannot be reached by QUIC: the UDP port is closed.",
        "Forward UDP 28967 beside TCP, and see that the firewall lets it through.",
        "Customers who use QUIC take other nodes.",
        link=GITHUB + "5442",
        several=True,
    ),
    Rule(
        "version_minimum",
        "node",
        ("node", "versions"),
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
        "{node} still runs {version}; {due} has been offered to it for days.",
        "Update it, or see why the updater does not.",
        "Once the minimum version rises it gets no new data.",
    ),
    Rule(
        "log_unknown",
        "node",
        ("log",),
        _unknown,
        (Level("warning", 5, 2, for_=10 * MINUTE),),
        "{value:.0f} % of the log lines of {node} are not understood; its figures may be too low.",
        "Update storj-monitor; if it is new, send the unknown lines (storj-monitor bundle).",
        "What is not understood is not watched either.",
        log=True,
        counts=("log_unknown",),
    ),
    Rule(
        "payout_low",
        "node",
        ("paystubs",),
        _payout,
        (Level("warning", 10, 8),),
        "{node} was paid ${paid:.2f} for last month, estimated were ${estimated:.2f}.",
        "See the payouts page for the satellite that paid less: suspended time, late tallies or unsent orders.",
        "The difference is missing.",
        link=GITHUB + "7806",
    ),
    Rule(
        "no_data",
        "node",
        (),
        _no_data,
        (Level("warning", 1, for_=5 * MINUTE),),
        "{node}: no answer any more from its {source}.",
        "Run storj-monitor check: it says what is wrong with it. What depends on it is not judged meanwhile.",
        "What would show there goes unnoticed.",
    ),
)
