"""Who announces a node: two agents that watch one node must not both tell Home Assistant of it.

Before a node is announced, what the broker retains under its device is read. Another agent that is online keeps it, and
this one waits until that one has been away for five minutes or lets go; what another announces is never emptied. Two
that start at once both announce: the greater instance gives way.

Not guaranteed: a broker that does not let us read announcements leaves us blind; the refusal is told like any other.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from storj_monitor.core.errors import UNREADABLE
from storj_monitor.core.names import is_name
from storj_monitor.publish import discovery, topics

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.publish.connection import Connection, Message, Reason

AWAY = 300.0
"""Seconds after which the node of an agent that left may be announced by another; a restart of its host takes less."""
GONE = float("-inf")
_MINE, _NODE = discovery.node_device(""), discovery.Agent("", "", "").id


class Announced(NamedTuple):
    """What a config payload says: the config topic of its node, that node's name, and who announces it."""

    gate: str
    node: str
    agent: str
    instance: str | None


def read(topic: str, payload: bytes) -> Announced | None:
    """Take a config of a node or satellite apart; None for an agent's and for anything else. `instance`: nodes only."""
    try:
        value: Any = msgspec.json.decode(payload or b"null")
        via, state = value["dev"]["via_device"], value["stat_t"].split("/")
        agent, node = state[1], state[2]
    except (*UNREADABLE, KeyError, TypeError, AttributeError, IndexError):
        return None
    # Topics are made of them, and the client refuses a wildcard in the wrong place with an error.
    if not (is_name(agent) and is_name(node)) or not isinstance(via, str) or not via.startswith(_MINE):
        return None
    if via.startswith(_NODE):
        return Announced(topic, node, agent, via.removeprefix(_NODE))
    return Announced(discovery.config_topic(via, topic.partition("/device/")[0]), node, agent, None)


class Owners:
    """Whether a config topic is ours to write. `changed` is set when that may have become different."""

    def __init__(self, instance: str, *, now: Callable[[], float]) -> None:
        self.changed = asyncio.Event()
        self._heard = asyncio.Event()
        self._instance = instance
        self._now = now
        self._gates: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self.forget()

    def forget(self) -> None:
        """The connection is gone: all is read anew on the next one."""
        self._looked: set[str] = set()
        self._others: dict[str, Announced] = {}
        self._asked: set[str] = set()
        self._left: dict[str, float | None] = {}

    # ---- what we want ----

    def want(self, topic: str, payload: bytes) -> None:
        """This is to be announced."""
        self._enter(topic, payload, wanted=True)

    def let_go(self, topic: str, payload: bytes) -> None:
        """This is to be taken away."""
        self._enter(topic, payload, wanted=False)

    def may(self, topic: str) -> bool:
        """Whether to write there now; an agent's own device always."""
        gate = self._gates.get(topic)
        return gate is None or (gate in self._looked and self._owner(gate) is None)

    def conflicts(self) -> dict[str, str]:
        """Nodes of ours that another live agent announces: node → agent."""
        found = ((node, self._owner(gate)) for gate, node in self._names.items())
        return {node: owner for node, owner in found if owner is not None}

    def _enter(self, topic: str, payload: bytes, *, wanted: bool) -> None:
        mine = read(topic, payload)
        if mine is None:
            return
        self._gates[topic] = mine.gate
        if wanted:
            self._names[mine.gate] = mine.node
        elif topic == mine.gate:
            self._names.pop(topic, None)
        if mine.gate not in self._looked:
            self.changed.set()

    def _owner(self, gate: str) -> str | None:
        other = self._others.get(gate)
        left = self._left.get(other.agent) if other is not None else GONE
        return other.agent if other is not None and (left is None or self._now() - left < AWAY) else None

    # ---- what the broker says ----

    async def look(self, connection: Connection, *, judge: Callable[[str, Reason], None], seconds: float) -> None:
        """Read who announces what we want to, and whether they live; at most so many seconds for each of the two."""
        new = sorted(set(self._gates.values()) - self._looked)
        for topic, answer in [(topic, connection.subscribe(topic)) for topic in new]:
            judge(topic, await answer)
        if new:
            await asyncio.sleep(seconds)
        agents = sorted({other.agent for other in self._others.values()} - self._asked)
        self._asked.update(agents)
        for agent in agents:
            judge(topics.status(agent), await connection.subscribe(topics.status(agent)))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self._left.keys() >= set(agents):
                    self._heard.clear()
                    await self._heard.wait()
        for agent in agents:
            self._left.setdefault(agent, GONE)
        self._looked.update(new)
        if new or agents:
            self.changed.set()

    def take(self, message: Message) -> list[str]:
        """Take in what others wrote; answers the config topics that they wrote over."""
        if message.topic in self._gates.values():
            return self._claimed(message)
        for agent in self._asked:
            if message.topic == topics.status(agent):
                self._status(agent, online=message.payload == b"online", before=message.retain)
        return []

    def wrote(self, topic: str) -> None:
        """We announce this from now on."""
        self._others.pop(topic, None)

    def _claimed(self, message: Message) -> list[str]:
        gate, theirs = message.topic, read(message.topic, message.payload)
        self.changed.set()
        if theirs is None or theirs.instance in {None, self._instance}:
            self._others.pop(gate, None)
            return []
        first = gate not in self._others and gate in self._names
        if message.retain or not first or self._instance > (theirs.instance or ""):
            self._others[gate] = theirs
        return [topic for topic, its in self._gates.items() if its == gate]

    def _status(self, agent: str, *, online: bool, before: bool) -> None:
        """Offline before we came: for how long is not known, so it counts as gone."""
        self._left[agent] = None if online else GONE if before else self._now()
        self._heard.set()
        self.changed.set()
