"""What people and programs get to read. Pure.

People get a title and a text; a program gets the contract's event JSON, one event a message.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from storj_monitor.alerts.decisions import HOURLY, rank
from storj_monitor.alerts.hours import local

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from storj_monitor.alerts.decisions import Item

IN_FULL = 10
"""Alerts that a message tells in full; the others are counted."""
TEXT_MAX = 300
"""Characters of a notice (contract)."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_WORDS = {"alert_closed": "Over", "notice": "Notice"}


class Message(msgspec.Struct, frozen=True):
    """One message: `title` and `text` for people, `event` (JSON) and `key` (idempotency) for a program."""

    title: str
    text: str
    kind: Literal["info", "success", "warning", "failure"]
    event: dict[str, Any]
    key: str


class Line(msgspec.Struct, frozen=True):
    """One alert in a message: the event that counts, and whether it is told again."""

    event: dict[str, Any]
    again: bool = False


def line_of(group: Sequence[Item]) -> Line:
    """What a group of waiting events comes to."""
    spoken = [item.event for item in group if item.event["event_type"] != "alert_acknowledged"]
    return Line((spoken or [group[-1].event])[-1])


def clean(text: Any) -> str:
    """One line without control characters: log lines stand in alerts, and titles become headers."""
    return " ".join(_CONTROL.sub(" ", str(text).encode("utf-8", "replace").decode()).split())


def compose(lines: Sequence[Line], zone: ZoneInfo, *, key: str, held: bool = False, last: bool = False) -> Message:
    """One message for people of all these alerts, worst first.

    `held`: the limit of an hour had kept them back; `last`: this is the last one that the limit lets through.
    """
    lines = sorted(lines, key=_worst_first)
    parts = [_block(line, zone, alone=len(lines) == 1) for line in lines[:IN_FULL]]
    if len(lines) > IN_FULL:
        parts.append(f"And {len(lines) - IN_FULL} more: {counted(lines[IN_FULL:])}.")
    if held:
        parts.insert(0, f"Kept back until now, since {HOURLY} messages an hour are enough.")
    if last:
        parts.append(f"This is message {HOURLY} of the hour: what follows is told together, later.")
    title = _title(lines[0].event) if len(lines) == 1 else counted(lines)
    return Message(title, "\n\n".join(parts), _kind(lines), {}, key)


def posted(item: Item) -> Message:
    """One event for a program, as it is."""
    return Message("", "", "info", item.event, str(item.id))


def counting(items: Sequence[Item], now: int) -> Message:
    """One message for a program in place of the events that the limit of an hour kept back."""
    worst = counted([Line(item.event) for item in items])
    text = f"{len(items)} events were not sent one by one, since {HOURLY} messages an hour are enough: {worst}."
    return Message("", "", "info", notice(now, "info", text), str(items[-1].id))


def notice(at: int, severity: str, text: str) -> dict[str, Any]:
    """The contract's notice of the agent itself."""
    return {
        "event_type": "notice",
        "at": at,
        "severity": severity,
        "text": text[:TEXT_MAX],
        "node": None,
        "satellite": None,
    }


def trial(route: str, now: int) -> Message:
    """The test message."""
    text = f"This is a test of the route {route}. Alerts will come this way."
    return Message("Test of storj-monitor", text, "info", notice(now, "info", text), f"test-{now}")


def counted(lines: Iterable[Line]) -> str:
    """`2 critical, 1 warning, 3 over`."""
    counts: dict[str, int] = {}
    for line in sorted(lines, key=_worst_first):
        word = _word(line.event)
        counts[word] = counts.get(word, 0) + 1
    return ", ".join(f"{n} {word}" for word, n in counts.items())


def _word(event: dict[str, Any]) -> str:
    severity: str = event["severity"]
    return _WORDS.get(event["event_type"], severity).lower()


def _worst_first(line: Line) -> tuple[int, int, int]:
    kind = line.event["event_type"]
    order = 1 if kind in _WORDS else 0
    return order, -rank(line.event["severity"]), line.event.get("since") or line.event.get("at") or 0


def _kind(lines: Sequence[Line]) -> Literal["info", "success", "warning", "failure"]:
    open_ones = [line.event["severity"] for line in lines if line.event["event_type"] not in _WORDS]
    if not open_ones:
        return "success" if all(line.event["event_type"] == "alert_closed" for line in lines) else "info"
    worst = max(open_ones, key=rank)
    return "failure" if worst == "critical" else "warning" if worst == "warning" else "info"


def _title(event: dict[str, Any]) -> str:
    mark = _WORDS.get(event["event_type"]) or event["severity"].capitalize()
    where = event.get("node") or ", ".join(event.get("nodes") or ())
    what = event.get("rule", "").replace("_", " ")
    return clean(f"{mark}: {', '.join(each for each in (where, what) if each) or 'storj-monitor'}")


def _block(line: Line, zone: ZoneInfo, *, alone: bool) -> str:
    event = line.event
    rows = [] if alone else [_title(event)]
    rows += [clean(event["text"]), _when(line, zone)]
    if event["event_type"] not in _WORDS and event.get("next_step"):
        rows.append(clean(event["next_step"]))
    return "\n".join(row for row in rows if row)


def _when(line: Line, zone: ZoneInfo) -> str:
    event = line.event
    if "since" not in event:
        return f"At {local(event['at'], zone)}." if "at" in event else ""
    since = local(event["since"], zone)
    if event["event_type"] == "alert_closed":
        return f"It had begun at {since}."
    return f"Still so, since {since}." if line.again else f"Since {since}."
