"""Events as the rules put them into the outbox."""

from __future__ import annotations

from typing import Any

from storj_monitor.alerts.decisions import Item

NOON = 1_795_435_200
"""2026-11-23 12:00 UTC."""


def alert(label: str = "a", severity: str = "warning", since: int = NOON, **more: Any) -> dict[str, Any]:
    """An alert as the board has it."""
    return {
        "id": f"disk_full:attic:{label}",
        "rule": "disk_full",
        "node": "attic",
        "nodes": ["attic"],
        "satellite": None,
        "satellites": [],
        "severity": severity,
        "since": since,
        "text": f"The disk {label} is nearly full.",
        "next_step": "Make room.",
        "acknowledged": False,
        "silenced_until": None,
    } | more


def event(kind: str, label: str = "a", severity: str = "warning", since: int = NOON, **more: Any) -> dict[str, Any]:
    """An event: `opened`, `changed`, `acknowledged`, `closed`."""
    return {"event_type": f"alert_{kind}", **alert(label, severity, since, **more)}


def notice(text: str = "Refused.", at: int = NOON, severity: str = "warning") -> dict[str, Any]:
    return {
        "event_type": "notice", "at": at, "severity": severity, "text": text, "node": None, "satellite": None
    }  # fmt: skip


def items(*events: dict[str, Any], at: int = NOON) -> list[Item]:
    """Waiting on a route since `at`."""
    return [Item(number, at, at, each) for number, each in enumerate(events, 1)]
