"""What earlier runs announced and nobody stands for any more (pure).

A removal reaches only a Home Assistant that runs; so what was announced is kept by the store until a removal was seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from storj_monitor.core.errors import UNREADABLE
from storj_monitor.publish.topics import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PATIENCE = 600.0
"""Seconds before something announced by an earlier run is taken away: a node's id may come late."""


class Leftover(NamedTuple):
    """A device to take away, and the topics it read."""

    topic: str
    payload: bytes
    read: list[str]


def leftovers(announced: Mapping[str, bytes], wanted: Iterable[str], nodes: Iterable[str]) -> list[Leftover]:
    """Devices of `announced` (config topic → payload) that are not `wanted` and whose node is none of `nodes`.

    A device of a node that is still here stays: it may be late, and its user would lose it.
    """
    here, kept = set(nodes), set(wanted)
    found = [Leftover(topic, payload, _read(payload)) for topic, payload in announced.items() if topic not in kept]
    children_first = sorted(found, key=lambda each: -len(each.topic))
    return [each for each in children_first if not any(_node(topic) in here for topic in each.read)]


def _read(payload: bytes) -> list[str]:
    """The state topics of a device, as its payload names them."""
    try:
        value: Any = msgspec.json.decode(payload)
        parts = [value, *value["cmps"].values()]
        topics = {part["stat_t"] for part in parts if "stat_t" in part}
    except (*UNREADABLE, KeyError, TypeError, AttributeError):
        return []
    return sorted(topic for topic in topics if isinstance(topic, str) and _node(topic) and not topic.endswith("/event"))


def _node(topic: str) -> str | None:
    """The node a state topic belongs to; None for an agent's."""
    parts = topic.split("/")
    return parts[2] if len(parts) >= 4 and parts[0] == ROOT else None
