"""Takes the devices of an agent that is gone out of Home Assistant (agent/docs/home-assistant-mqtt.md §8).

Only the announcements of what the board has of that agent are read, and of these only those that name its status are
emptied: a node that another agent has taken over meanwhile stays that one's.

Not guaranteed: a Home Assistant that does not run meanwhile keeps the devices, unavailable, until they are deleted
there.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import msgspec

from storj_monitor.core.errors import UNREADABLE
from storj_monitor.publish import discovery, topics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from storj_monitor.publish.connection import Connection, Message, Reason

AT_ONCE = 100
"""Announcements that are read at once, some 20 kB each: a broker drops what it must send to one client beyond 1 000."""
LOOK = 3.0
"""Seconds that retained announcements may take once the broker has agreed; waited for only where some are missing."""
ANSWER = 10.0


class Announced:
    """What one agent announced: `read` it, `empty` it, and `restore` it when the agent turns out to live."""

    def __init__(self, connection: Connection, agent: str) -> None:
        self._connection = connection
        self._status = topics.status(agent)
        self._heard: dict[str, bytes | None] = {}
        self._arrived = asyncio.Event()
        self._mine: dict[str, bytes] = {}

    def take(self, message: Message) -> bool:
        """Whether the message is one of those that were asked for."""
        if message.topic not in self._heard:
            return False
        self._heard[message.topic] = message.payload
        self._arrived.set()
        return True

    async def read(self, configs: list[str]) -> None:
        """Look at these config topics; those of the agent are followed until `close`."""
        for start in range(0, len(configs), AT_ONCE):
            await self._read(configs[start : start + AT_ONCE])

    async def _read(self, some: list[str]) -> None:
        self._heard |= dict.fromkeys(some)
        await asyncio.wait([self._connection.subscribe(topic) for topic in some], timeout=ANSWER)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK):
                while None in [self._heard[topic] for topic in some]:
                    self._arrived.clear()
                    await self._arrived.wait()
        heard = {topic: self._heard[topic] or b"" for topic in some}
        mine = {topic: payload for topic, payload in heard.items() if _status_of(payload) == self._status}
        self._mine |= mine
        await self._leave(heard.keys() - mine)

    async def empty(self) -> dict[str, Reason]:
        """Take them away, children first; what the broker refused."""
        self._heard = dict.fromkeys(self._mine)
        return await clear(self._connection, sorted(self._mine, key=len, reverse=True))

    async def restore(self) -> None:
        """Announce again, parents first, what nobody has announced since."""
        lost = sorted((topic for topic in self._mine if not self._heard[topic]), key=len)
        sent = [self._connection.publish(topic, self._mine[topic], retain=True) for topic in lost]
        if sent:
            await asyncio.wait(sent, timeout=ANSWER)

    async def close(self) -> None:
        """Follow them no longer."""
        await self._leave(set(self._heard))

    async def _leave(self, some: set[str]) -> None:
        for topic in some:
            del self._heard[topic]
        left = [self._connection.unsubscribe(topic) for topic in some]
        if left:
            await asyncio.wait(left, timeout=ANSWER)


async def clear(connection: Connection, some: Iterable[str]) -> dict[str, Reason]:
    """Empty retained topics in this order; what the broker refused, by topic."""
    sent = {topic: connection.publish(topic, b"", retain=True) for topic in some}
    if sent:
        await asyncio.wait(sent.values(), timeout=ANSWER)
    answers = {topic: each.result() for topic, each in sent.items() if each.done() and not each.cancelled()}
    return {topic: reason for topic, reason in answers.items() if reason.refused}


def configs(board: Mapping[str, Any], agent: str, prefix: str) -> list[str]:
    """The config topics that an agent's devices have, by what the board (topic → value) has of it."""
    places = {place: value for topic, value in board.items() if (place := topics.place(topic, agent)) is not None}
    states = {place: value for place, value in places.items() if place.kind == "state"}
    told = ((place.node, value.get("node_id")) for place, value in states.items() if not place.satellite)
    ids = {node: node_id for node, node_id in told if isinstance(node_id, str) and node_id}
    instance = places.get(topics.Place("about"), {}).get("instance")
    devices = [discovery.Agent(agent, str(instance), "").id, *map(discovery.node_device, ids.values())]
    devices += [
        discovery.satellite_device(ids[node], satellite)
        for _, node, satellite, _ in states
        if satellite and node in ids
    ]
    return [discovery.config_topic(each, prefix) for each in devices if discovery.OBJECT_ID.fullmatch(each)]


def _status_of(payload: bytes) -> Any:
    """The topic that says whether who announced this is online; None for what is no announcement of an agent."""
    try:
        return msgspec.json.decode(payload or b"null")["avty"][0]["t"]
    except (*UNREADABLE, TypeError, KeyError, IndexError):
        return None
