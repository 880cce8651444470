"""The daily or weekly digest: one line when all is well, else what is open and what changed.

`digest` is pure; `snapshot` collects what it needs from the store and from what is true now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_monitor.alerts.hours import local
from storj_monitor.alerts.messages import Line, Message, clean, compose, notice
from storj_monitor.store import outbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from storj_monitor.store.db import Store

RECEIVED = frozenset({"PUT", "PUT_REPAIR"})
SENT = frozenset({"GET", "GET_REPAIR", "GET_AUDIT"})
CHANGES = 10
"""Alerts that came or went are named up to this number."""


async def snapshot(
    store: Store, nodes: Iterable[Mapping[str, Any]], alerts: Sequence[Mapping[str, Any]], start: int, end: int
) -> dict[str, Any]:
    """What a digest of [start, end) is made of.

    `nodes`: the state payloads; `alerts`: the open alerts. The traffic comes from the log, so it is None for a node
    that has none: `{start, end, nodes: [{name, status, payout_estimate, received, sent, downloads, uploads}], open,
    opened, closed}`, bytes, USD, percent.
    """
    events = [event for _, event in await outbox.events_between(store, start, end)]
    return {
        "start": start,
        "end": end,
        "nodes": [await _node(store, node, start, end) for node in nodes],
        "open": list(alerts),
        "opened": [event for event in events if event["event_type"] == "alert_opened"],
        "closed": [event for event in events if event["event_type"] == "alert_closed"],
    }


async def _node(store: Store, node: Mapping[str, Any], start: int, end: int) -> dict[str, Any]:
    rows = await store.reader.transfers(node["name"], start, end, ("action", "outcome"))
    return {
        "name": node["name"],
        "status": node["status"],
        "payout_estimate": node.get("payout_estimate"),
        "received": _bytes(rows, RECEIVED),
        "sent": _bytes(rows, SENT),
        "downloads": _success(rows, "GET"),
        "uploads": _success(rows, "PUT"),
    }


def _bytes(rows: Sequence[Mapping[str, Any]], actions: frozenset[str]) -> int | None:
    """Bytes of what ended well: a transfer that was cut off does not say how much came through."""
    wanted = (row["bytes"] for row in rows if row["action"] in actions and row["outcome"] == "ok")
    return sum(wanted) if rows else None


def _success(rows: Sequence[Mapping[str, Any]], action: str) -> tuple[int, int] | None:
    """(good, all); refused uploads count in neither."""
    counts = {row["outcome"]: row["count"] for row in rows if row["action"] == action and row["outcome"] != "rejected"}
    return (counts.get("ok", 0), sum(counts.values())) if counts else None


def digest(found: Mapping[str, Any], zone: ZoneInfo) -> Message:
    """The message for people, and the notice for programs."""
    now, nodes = found["end"], found["nodes"]
    loud = [alert for alert in found["open"] if (alert["silenced_until"] or 0) <= now]
    named = {name for alert in loud for name in (alert.get("node"), *(alert.get("nodes") or ()))}
    odd = [
        f"{node['name']}: {node['status']}." for node in nodes if node["status"] != "ok" and node["name"] not in named
    ]
    first = _first_line(loud, odd, nodes)
    figures = _figures(nodes, f"since {local(found['start'], zone)}")
    changes = _changes(found)
    key = f"digest-{now}"
    if not loud and not odd:
        parts = [" ".join(part for part in (first, figures, changes.replace("\n", " ")) if part)]
        title, kind = "Storj: all is well", "success"
    else:
        lines = [Line({"event_type": "alert_opened", **alert}, again=True) for alert in loud]
        blocks = compose(lines, zone, key=key).text if lines else ""
        parts = [first, blocks, changes, figures]
        title, kind = f"Storj: {first.rstrip('.')}", "warning"
    text = "\n\n".join(part for part in parts if part)
    severity = "info" if kind == "success" else "warning"
    return Message(clean(title), text, kind, notice(now, severity, f"Digest: {text}"), key)  # type: ignore[arg-type]


def _first_line(loud: Sequence[Mapping[str, Any]], odd: Sequence[str], nodes: Sequence[Mapping[str, Any]]) -> str:
    said = [f"{_count(len(loud), 'alert')} open."] if loud else []
    return " ".join([*said, *odd]) or f"All is well: {_count(len(nodes), 'node')}."


def _figures(nodes: Sequence[Mapping[str, Any]], since: str) -> str:
    """What is known of traffic, success and earnings, over all nodes; what is not known is not said."""
    said = []
    received, sent = (_sum(node[key] for node in nodes) for key in ("received", "sent"))
    if received is not None and sent is not None:
        said.append(f"{size(received)} received and {size(sent)} sent {since}")
    for key in ("downloads", "uploads"):
        pairs = [node[key] for node in nodes if node[key] is not None]
        total = sum(count for _, count in pairs)
        if total:
            said.append(f"{100 * sum(good for good, _ in pairs) / total:.1f} % of {key} succeeded")
    payout = _sum(node["payout_estimate"] for node in nodes)
    if payout is not None:
        said.append(f"${payout:.2f} expected for this month")
    return f"{'; '.join(said)}." if said else ""


def _changes(found: Mapping[str, Any]) -> str:
    rows = [
        _named("Came", found["opened"]),
        _named("Went", found["closed"]),
    ]
    return "\n".join(row for row in rows if row)


def _named(word: str, events: Sequence[Mapping[str, Any]]) -> str:
    if not events:
        return ""
    counts: dict[str, int] = {}
    for event in events:
        where = event.get("node") or ", ".join(event.get("nodes") or ()) or "the agent"
        name = f"{event['rule'].replace('_', ' ')} ({where})"
        counts[name] = counts.get(name, 0) + 1
    names = [name if n == 1 else f"{name} {n} times" for name, n in counts.items()]
    more = f" and {len(names) - CHANGES} more" if len(names) > CHANGES else ""
    return clean(f"{word}: {', '.join(names[:CHANGES])}{more}.")


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def size(count: float) -> str:
    """`1.2 GB`, in powers of 1000 as the node counts."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.2f} TB"
