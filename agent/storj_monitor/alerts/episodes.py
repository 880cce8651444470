"""What a replay of old logs found, as people read it: the alerts they would have had, and how early (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from storj_monitor.alerts.rule import SEVERITIES
from storj_monitor.core import utc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storj_monitor.alerts.book import Transition

KEPT = 500
"""Episodes that are kept whole, the oldest ones; of more there is only the number."""
LATELY = 3 * utc.DAY
"""Seconds between the last line and now within which days are counted up to now."""


class Episode(msgspec.Struct):
    """One alert: times in epoch seconds, `severity` the worst it came to, `closed` None when the logs end before."""

    at: int
    rule: str
    severity: str
    text: str
    closed: int | None = None


class Found(msgspec.Struct):
    """Of logs from `first` to `last` (epoch seconds): the alerts of warning and above, `total` all of them."""

    first: int
    last: int
    total: int
    alerts: list[Episode]


class Ending(msgspec.Struct):
    """What it came to in the end, on the satellite where that was first."""

    kind: Literal["suspended", "disqualified"]
    at: int


def gather(transitions: Iterable[Transition]) -> tuple[int, list[Episode]]:
    """How many alerts were of warning or above at some time, and the first of them."""
    open_: dict[str, Episode] = {}
    found: list[Episode] = []
    for each in transitions:
        alert = each.alert
        episode = open_.get(alert.id)
        if episode is None:
            episode = open_[alert.id] = Episode(each.at, alert.rule, alert.severity, alert.text)
        if SEVERITIES.index(alert.severity) > SEVERITIES.index(episode.severity):
            episode.severity, episode.text = alert.severity, alert.text
        if each.type == "close":
            open_.pop(alert.id).closed = each.at
            found += [episode] if _counts(episode) else []
    found += [episode for episode in open_.values() if _counts(episode)]
    return len(found), sorted(found, key=lambda episode: episode.at)[:KEPT]


def _counts(episode: Episode) -> bool:
    return episode.severity != "info"


def document(found: Found, ending: Ending | None, now: float) -> dict[str, Any]:
    """`{from, to, days, alerts, total, before: {kind, at, days}|null, text}`.

    `before` only where an alert came before it, `days` earlier.
    """
    first = found.alerts[0] if found.alerts else None
    early = None if first is None or ending is None or ending.at < first.at else (ending.at - first.at) // utc.DAY
    before = None if ending is None or early is None else {"kind": ending.kind, "at": ending.at, "days": early}
    return {
        "from": found.first,
        "to": found.last,
        "days": _days(found, now),
        "alerts": msgspec.to_builtins(found.alerts),
        "total": found.total,
        "before": before,
        "text": f"{_span(found, now)}: {_said(found, before)}",
    }


def _days(found: Found, now: float) -> int:
    end = now if 0 <= now - found.last <= LATELY else found.last
    return max(1, round((end - found.first) / utc.DAY))


def _span(found: Found, now: float) -> str:
    days = _days(found, now)
    many = f"{days} days" if days != 1 else "day"
    return f"Last {many}" if 0 <= now - found.last <= LATELY else f"The {many} up to {utc.date(found.last)}"


def _said(found: Found, before: dict[str, Any] | None) -> str:
    if not found.alerts:
        return "no alert that you would have had, as far as logs alone tell."
    one = found.total == 1
    alerts = f"{found.total} alert{'' if one else 's'} you would have had"
    if before is None:
        return f"{alerts}{', ' if one else '; the first '}on {utc.date(found.alerts[0].at)}."
    noun = {"suspended": "suspension", "disqualified": "disqualification"}[before["kind"]]
    days = before["days"]
    when = f"{days} day{'s' * (days != 1)} before" if days else "on the day of"
    return f"{alerts}{',' if one else '; the first,'} {when} your {noun}."
