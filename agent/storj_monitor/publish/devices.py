"""Which devices are announced to Home Assistant, found by watching the board (pure).

A node is announced once its id is known, a satellite once its node is; both stay while a reading is missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from storj_monitor.publish import discovery

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from storj_monitor.publish.topics import Place

_encode = msgspec.json.Encoder().encode
_ID = re.compile(r"[a-zA-Z0-9_-]{1,200}", re.ASCII)
_AGENT = ""
"""Stands where a node's name stands for what belongs to the agent."""


@dataclass(slots=True)
class _Node:
    """What of a node's board decides its payloads."""

    node_id: str | None = None
    version: str | None = None
    satellites: dict[str, str | None] = field(default_factory=dict)


class Config(NamedTuple):
    """A discovery payload; `rank` 0 the agent, 1 a node, 2 a satellite: parents are announced first."""

    topic: str
    rank: int
    payload: bytes


class Devices:
    """What one agent announces: `feed` it the board's changes, `build` says what to publish."""

    def __init__(self, name: str, instance: str, prefix: str = discovery.PREFIX, home: str | None = None) -> None:
        self._name = name
        self._instance = instance
        self._prefix = prefix
        self._home = home
        self._agent: discovery.Agent | None = None
        self._nodes: dict[str, _Node] = {}
        self._made: dict[str, dict[str, Config]] = {}
        self._dirty: set[str] = set()

    @property
    def nodes(self) -> set[str]:
        """Names of the nodes on the board."""
        return set(self._nodes)

    def configs(self) -> list[Config]:
        """Everything that is announced, parents first."""
        return sorted((each for made in self._made.values() for each in made.values()), key=lambda each: each.rank)

    def feed(self, place: Place, value: Mapping[str, Any] | None) -> None:
        """Take in one topic of the board; None: it was removed."""
        if place.kind == "about" and value is not None:
            self._about(value)
        elif place.kind == "state" and place.satellite:
            self._satellite(place, value)
        elif place.kind == "state":
            self._node(place.node, value)

    def build(self) -> tuple[list[Config], list[Config]]:
        """What changed since the last call: configs to publish, parents first, and configs to empty, children first."""
        if self._agent is None or not self._dirty:
            return [], []
        agent, before = self._agent, {each.topic: each for name in self._dirty for each in self._of(name)}
        for name in self._dirty:
            self._made[name] = {each.topic: each for each in self._make(agent, name)}
        now = {each.topic: each for made in self._made.values() for each in made.values()}
        changed = [each for name in self._dirty for each in self._of(name) if before.get(each.topic) != each]
        gone = [each for topic, each in before.items() if topic not in now]
        self._dirty = set()
        return sorted(changed, key=lambda each: each.rank), sorted(gone, key=lambda each: -each.rank)

    def _of(self, name: str) -> list[Config]:
        return list(self._made.get(name, {}).values())

    # ---- what the board says ----

    def _about(self, value: Mapping[str, Any]) -> None:
        agent = discovery.Agent(self._name, self._instance, value["version"], value.get("url"), self._home)
        if agent != self._agent:
            self._agent = agent
            self._dirty |= {_AGENT, *self._nodes}

    def _node(self, name: str, value: Mapping[str, Any] | None) -> None:
        node = self._nodes.get(name)
        if value is None:
            self._nodes.pop(name, None)
            self._touch(name, node.node_id if node is not None else None)
            return
        if node is None:
            node = self._nodes[name] = _Node()
        before = node.node_id, node.version
        node.node_id, node.version = value.get("node_id") or node.node_id, value.get("version") or node.version
        if before != (node.node_id, node.version):
            self._touch(name, before[0])

    def _satellite(self, place: Place, value: Mapping[str, Any] | None) -> None:
        if value is not None:
            satellites = self._nodes.setdefault(place.node, _Node()).satellites
            known = satellites.get(place.satellite, "")
            satellites[place.satellite] = value.get("satellite_id") or known or None
            if known != satellites[place.satellite]:
                self._touch(place.node, None)
        elif place.node in self._nodes:
            self._nodes[place.node].satellites.pop(place.satellite, None)
            self._touch(place.node, None)

    def _touch(self, name: str, former_id: str | None) -> None:
        """Build this node again, and any that claimed the same id: it may be theirs now."""
        self._dirty.add(name)
        if former_id is not None:
            self._dirty |= {other for other, node in self._nodes.items() if node.node_id == former_id}

    # ---- what is made of it ----

    def _make(self, agent: discovery.Agent, name: str) -> Iterator[Config]:
        if name == _AGENT:
            yield self._config(agent.id, 0, discovery.agent_payload(agent))
            return
        node = self._nodes.get(name)
        if node is None or node.node_id is None or not self._may(name, node.node_id):
            return
        node_id = node.node_id
        payload = discovery.node_payload(agent, name, node_id, node.version)
        yield self._config(discovery.node_device(node_id), 1, payload)
        for short, satellite_id in node.satellites.items():
            if _ID.fullmatch(short):
                payload = discovery.satellite_payload(agent, name, node_id, short, satellite_id)
                yield self._config(discovery.satellite_device(node_id, short), 2, payload)

    def _may(self, name: str, node_id: str) -> bool:
        """Whether a topic can carry the id, and no other name of this agent announces it already."""
        first = next(other for other, node in self._nodes.items() if node.node_id == node_id)
        return first == name and _ID.fullmatch(node_id) is not None

    def _config(self, device: str, rank: int, payload: Mapping[str, Any]) -> Config:
        return Config(discovery.config_topic(device, self._prefix), rank, _encode(payload))
