"""Half of all hosts are called raspberrypi: a second agent of one name becomes `<name>-2` (agent/docs/contract.md)."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from storj_monitor.core.errors import UNREADABLE
from storj_monitor.publish import topics
from storj_monitor.publish.connection import BrokerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from storj_monitor.publish.connection import Connection, Message, Reason

NUMBERS = 100


class Seen(NamedTuple):
    """What the broker retains under a name: the payloads of `about` and `status`, None where there is none."""

    about: bytes | None = None
    status: bytes | None = None


async def claim_name(look: Callable[[str], Awaitable[Seen]], name: str, instance: str) -> str:
    """The first of `name`, `name-2`, `name-3` … that no other agent uses now; `look` reads what is retained there.

    Raises:
        BrokerError: a hundred agents are called so.
    """
    for number in range(1, NUMBERS + 1):
        candidate = topics.numbered(name, number)
        if not is_taken(await look(candidate), instance):
            return candidate
    raise BrokerError(f"More than {NUMBERS} agents are called {name}: set agent.name.")


def is_taken(seen: Seen, instance: str) -> bool:
    """Whether another data folder's agent is online under this name."""
    other = instance_of(seen.about)
    return other is not None and other != instance and seen.status == b"online"


def instance_of(about: bytes | None) -> str | None:
    """The `instance` of an `about` payload; None when it has none."""
    try:
        value: Any = msgspec.json.decode(about or b"null")
    except UNREADABLE:
        return None
    instance = value.get("instance") if isinstance(value, dict) else None
    return instance if isinstance(instance, str) else None


class Look:
    """Reads what is retained under a name, on a connection that serves others as well."""

    def __init__(self) -> None:
        self._found: dict[str, bytes | None] = {}
        self._arrived = asyncio.Event()

    async def at(
        self, connection: Connection, name: str, *, judge: Callable[[str, Reason], None], seconds: float
    ) -> Seen:
        """Look for at most so many seconds; a broker that refuses to show it is told to `judge`."""
        wanted = topics.about(name), topics.status(name)
        self._found = dict.fromkeys(wanted)
        try:
            for topic in wanted:
                judge(topic, await connection.subscribe(topic))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._all()
            for topic in wanted:
                await connection.unsubscribe(topic)
            return Seen(*(self._found[topic] for topic in wanted))
        finally:
            self._found = {}

    def take(self, message: Message) -> bool:
        """Whether the message was looked for."""
        if message.topic not in self._found:
            return False
        self._found[message.topic] = message.payload
        self._arrived.set()
        return True

    async def _all(self) -> None:
        while None in self._found.values():
            self._arrived.clear()
            await self._arrived.wait()
