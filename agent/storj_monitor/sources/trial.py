"""Asks every smaller source once, for `storj-monitor check`: each answers, fails, or is not known to be there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from storj_monitor.core import readings_host as kinds
from storj_monitor.core.errors import MonitorError
from storj_monitor.sources.nodesources import NodeSources, clock_rows, is_alone, release_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from storj_monitor.settings import Settings
    from storj_monitor.sources.poller import Row

PARTS = {
    kinds.PROCESS: "process of",
    kinds.CONFIG: "config.yaml of",
    kinds.FILESYSTEM: "storage of",
    kinds.ORDERS: "orders of",
    kinds.DNS: "address of",
    kinds.HEALTH: "public port of",
    kinds.DEBUG: "debug metrics of",
    kinds.BOOKS: "databases of",
    kinds.VERSIONS: "version server",
    kinds.CLOCK: "clock",
}
CLOCK_OFF = 60.0
"""Seconds: satellites refuse transfers beyond some minutes, so one minute is a warning in time."""
FAULTS: Mapping[str, Callable[[Any], bool]] = {
    kinds.FILESYSTEM: lambda body: not body.present or bool(body.read_only),
    kinds.DNS: lambda body: not body.addresses,
    kinds.CLOCK: lambda body: abs(body.offset) > CLOCK_OFF,
}
NO_DEBUG = (
    "not known: most failed uploads leave no line in the log; set debug.addr in the node's config.yaml, and its "
    "address as debug here, to count them."
)


class Tried(NamedTuple):
    """A part of the settings, whether it is fine, and a sentence."""

    part: str
    fine: bool
    text: str


async def tried(settings: Settings, now: Callable[[], float]) -> list[Tried]:
    """One line for each source that is set or was found, in the order in which they need each other."""
    found: list[Tried] = []
    for name, node in settings.nodes.items():
        sources = NodeSources(node, now=now, alone=is_alone(name, settings.nodes))
        for row in sources.rows():
            line = await _tried(row, f"{PARTS[row.name]} {name}")
            if line is None and row.name == kinds.DEBUG and node.log is not None:
                line = Tried(f"{PARTS[row.name]} {name}", True, NO_DEBUG)
            found += [line] if line is not None else []
    for row in (*release_rows(settings.versions, now), *clock_rows(settings.versions, now)):
        # Nothing else depends on what lies outside, and a host without a way out is no fault.
        line = await _tried(row._replace(given=False), PARTS[row.name])
        found += [line] if line is not None else []
    return found


async def _tried(row: Row, part: str) -> Tried | None:
    """None: there is nothing to ask. What nobody has set may fail without being a fault."""
    try:
        body = await row.poll()
    except MonitorError as trouble:
        return Tried(part, not row.given, str(trouble))
    if body is None:
        return None
    return Tried(part, not FAULTS.get(row.name, lambda _: False)(body), row.say(body))
