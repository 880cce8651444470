"""What a rule may look at: a node as it is known at one moment (pure; the same live, catching up, in a replay)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from storj_monitor.core import derive

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from storj_monitor.core.facts import Notice
    from storj_monitor.core.state import NodeState

B = TypeVar("B")
OVER = frozenset({"disqualified", "exited"})
"""States of a satellite that has nothing more to say."""


@dataclass(frozen=True, slots=True)
class View:
    """One node.

    `now`: epoch seconds; `at`: the event time that lines are counted up to: where the log stands while it is read or
    silent, `now` while the node is known to live. `values` and `satellites` (by full id) are the contract's payloads,
    `names` the short names. `limits`: thresholds that people set. `insights`: values outside of their usual range now.
    `first_seen`: since when the agent knows the node.
    """

    node: str
    state: NodeState
    now: int
    at: int
    values: Mapping[str, Any]
    satellites: Mapping[str, Mapping[str, Any]]
    names: Mapping[str, str]
    first_seen: int = 0
    limits: Mapping[str, float] = field(default_factory=dict)
    insights: Sequence[Any] = ()

    # ---- sources ----

    def known(self, source: str) -> bool:
        """Whether a source is there and has answered before."""
        return bool(self.state.log.last_line) if source == "log" else source in self.state.readings

    def reading(self, source: str, kind: type[B]) -> B | None:
        """The last answer of a source, however old."""
        reading = self.state.readings.get(source)
        return reading.body if reading is not None and isinstance(reading.body, kind) else None

    def silent_for(self, source: str) -> int | None:
        """Seconds since a source answered; None when it never did."""
        reading = self.state.readings.get(source)
        return None if reading is None else max(0, self.now - reading.at)

    # ---- the log ----

    def count(self, metric: str, minutes: int, satellite: str | None = None) -> int:
        """Lines or transfers of the last minutes of event time, of one satellite or of all."""
        by = self.counts((metric,), minutes)
        return sum(by.values()) if satellite is None else by.get(satellite, 0)

    def counts(self, metrics: Iterable[str], minutes: int) -> dict[str, int]:
        """The same by full satellite id ("" where a line names none); only what is more than 0."""
        return self.state.window.by_satellite(metrics, self.at, minutes)

    def transfers(self, minutes: int, prefix: str = "transfer:") -> int:
        """Transfers of any kind and end in the last minutes."""
        return self.state.window.since_at(prefix, self.at, minutes)

    def notices(self, kind: str, seconds: int) -> list[Notice]:
        """Notable things of a kind (`started`, `crashed` …) of the last seconds of event time, oldest first."""
        return [each for each in self.state.notices if each.kind == kind and self.at - seconds < each.at <= self.at]

    # ---- satellites ----

    def over(self, satellite: str) -> bool:
        """Whether a satellite is disqualified, exited or not trusted any more: it raises nothing else."""
        payload = self.satellites.get(satellite)
        if payload is None:
            return bool(self.satellites) and satellite != ""
        state = payload.get("state")
        if state is None:  # not answered for hours: as it was then
            known = derive.satellites(self.state.readings)
            return any(each.satellite == satellite and each.disqualified for each in known)
        return state in OVER or bool(payload.get("disqualified"))

    @property
    def working(self) -> set[str]:
        """Satellites that the node works for, as far as is known: by its API, and by the transfers of a day."""
        moved = {who for (metric, who), _ in self.state.window.sums() if who and metric.startswith("transfer:")}
        return {each for each in {*self.satellites, *moved} if not self.over(each)}

    def name(self, satellite: str) -> str:
        """The short name of a satellite."""
        return self.names.get(satellite, satellite)


@dataclass(frozen=True, slots=True)
class AgentView:
    """The agent itself.

    `lag`: seconds that its tick is late; `disk_free`: bytes for its data folder; `refused`: topic → why the broker did
    not take it; `conflicts`: node → the agent that announces it, too; `away`: agent that went away → since when.
    """

    agent: str
    now: int
    node: str = ""
    lag: float | None = None
    store_failing: bool = False
    disk_free: int | None = None
    disk_total: int | None = None
    broker_down: str | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    conflicts: Mapping[str, str] = field(default_factory=dict)
    away: Mapping[str, int] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
