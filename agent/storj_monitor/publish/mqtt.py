"""The agent's link to the broker: stay connected, keep a name of its own, mirror the board, listen.

What is published is the `Publisher`'s business, what comes in the `Inbox`'s, one connection the `Connection`'s.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from storj_monitor.publish import topics
from storj_monitor.publish.claim import Look, claim_name, instance_of
from storj_monitor.publish.connection import Broker, BrokerError, Connection
from storj_monitor.publish.devices import Devices
from storj_monitor.publish.inbox import Inbox
from storj_monitor.publish.mirror import MqttMirror
from storj_monitor.publish.owners import Owners
from storj_monitor.publish.publisher import OFFLINE, ONLINE, OPEN, Hooks, Publisher, Timing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from storj_monitor.board import Board
    from storj_monitor.publish.connection import Message
    from storj_monitor.settings.model import MqttSettings

    Call = Callable[[str, dict[str, Any], str], Awaitable[Any]]

__all__ = ["Hooks", "MqttLink", "Timing"]

_log = logging.getLogger(__name__)

BIRTH = "homeassistant/status"
GOODBYE = 2.0
"""Seconds a broker may take to hear that we go."""


class MqttLink:
    """Mirrors the board of one agent to the broker for as long as `run` runs; cancelling it says goodbye.

    `name` is the agent's name now, `up` whether it is connected, `reason` why not.
    """

    def __init__(
        self,
        settings: MqttSettings,
        agent: str,
        instance: str,
        board: Board,
        call: Call,
        *,
        now: Callable[[], float],
        hooks: Hooks,
        announced: Mapping[str, bytes] | None = None,
        timing: Timing | None = None,
    ) -> None:
        self.name = agent
        self.up = False
        self.reason: str | None = None
        self._settings = settings
        self._instance = instance
        self._board = board
        self._now = now
        self._hooks = hooks
        self._timing = timing or Timing()
        self._owners = Owners(instance, now=now)
        self._publisher = Publisher(
            hooks,
            self._timing,
            now=now,
            prefix=settings.discovery_prefix,
            discovery=settings.discovery,
            wanted=board.entries.__contains__,
            announced=announced or {},
            owners=self._owners,
        )
        self._mirror = self._make_mirror()
        self._inbox = Inbox(call, self, now=now)
        self._births = {BIRTH, f"{settings.discovery_prefix}/status"}
        self._birth, self._rival = asyncio.Event(), asyncio.Event()
        self._look = Look()

    # ---- for the owner ----

    async def run(self) -> None:
        """Connect, stay connected, mirror; for ever. Cancelled, it says `offline` and disconnects in good order."""
        try:
            async with asyncio.TaskGroup() as self._group:
                self._following = self._group.create_task(self._mirror.run())
                self._group.create_task(self._stay_connected())
        finally:
            await self._inbox.close()

    @property
    def dropped(self) -> int:
        """Events that were never sent because they grew too old."""
        return self._publisher.events.dropped

    def conflicts(self) -> dict[str, str]:
        """Nodes that another live agent announces, so that this one does not: node → agent."""
        return self._owners.conflicts() if self.up else {}

    def event(self, topic: str, payload: Mapping[str, Any]) -> None:
        """Tell what happened, once: now, or as soon as the broker is there within the hour."""
        self._publisher.event(topic, payload, self._now())

    # ---- for the inbox ----

    def notice(self, node: str | None, text: str) -> None:
        """A command was refused."""
        known = node if node in self._mirror.devices.nodes else None
        topic = topics.node_event(self.name, known) if known is not None else topics.agent_event(self.name)
        said = {"at": int(self._now()), "severity": "warning", "text": text, "node": known, "satellite": None}
        self.event(topic, {"event_type": "notice", **said})

    def reply(self, topic: str, payload: bytes, correlation: bytes | None) -> None:
        """Answer a question."""
        self._publisher.once(topic, payload, retain=False, correlation=correlation)

    def clear(self, topic: str) -> None:
        """Take a retained command away."""
        self._publisher.once(topic, b"", retain=True)

    # ---- one connection after the other ----

    async def _stay_connected(self) -> None:
        loop, (shortest, longest) = asyncio.get_running_loop(), self._timing.backoff
        delay = shortest
        while True:
            began = loop.time()
            reason = await self._once()
            if reason is None:
                continue  # another name: at once
            self._tell_down(reason)
            delay = shortest if loop.time() - began >= self._timing.steady else delay
            await asyncio.sleep(delay)
            delay = min(2 * delay, longest)

    async def _once(self) -> str | None:
        """One connection until it ends: why, or None when it ended because the name has to change."""
        broker, client_id = Broker.of(self._settings), f"storj-monitor-{self._instance}"
        connection = Connection(broker, client_id, self._received, will_topic=topics.status(self.name))
        try:
            await connection.open()
        except BrokerError as error:
            return str(error)
        self._publisher.attach(connection)
        work = asyncio.ensure_future(self._work(connection, broker.label))
        try:
            await asyncio.wait((work, connection.gone), return_when="FIRST_COMPLETED")
            if work.done() and not work.cancelled():
                return work.result()
        except asyncio.CancelledError:
            work.cancel()
            await self._goodbye(connection)
            raise
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            self._publisher.detach()
            self.up = False
            await connection.close()
        return f"The MQTT broker {broker.label} is gone: {connection.reason}."

    async def _work(self, connection: Connection, broker: str) -> str | None:
        look = partial(self._look.at, connection, judge=self._publisher.judge, seconds=self._timing.look)
        try:
            name = await claim_name(look, self.name, self._instance)
        except BrokerError as error:
            return str(error)
        if name != self.name:
            await self._rename(name)
            return None
        self._tell_up(broker)
        await self._listen(connection)
        await _until_first(
            self._announce_for_ever(),
            self._publisher.send_events(connection),
            self._publisher.follow_owners(),
            self._take_leftovers_away(),
            self._rival.wait(),
        )
        self._rival.clear()
        return None

    async def _rename(self, name: str) -> None:
        """Another agent has our name: start over under the new one."""
        _log.warning("Another agent called %s is online: this one is %s from now on.", self.name, name)
        self._following.cancel()  # first: what now leaves the board under the old name is not ours to remove
        await self._hooks.renamed(name)
        self.name = name
        self._publisher.start_over()
        self._mirror = self._make_mirror()
        self._following = self._group.create_task(self._mirror.run())

    def _make_mirror(self) -> MqttMirror:
        devices = Devices(self.name, self._instance, self._settings.discovery_prefix)
        interval = self._settings.interval
        return MqttMirror(self._board, self.name, devices, self._publisher, now=self._now, interval=interval)

    async def _listen(self, connection: Connection) -> None:
        name, judge = self.name, self._publisher.judge
        for topic in (topics.agent_command(name, "+"), topics.node_command(name, "+", "+"), topics.ask(name)):
            judge(topic, await connection.subscribe(topic, as_published=True))
        for topic in (topics.about(name), *self._births):
            judge(topic, await connection.subscribe(topic))

    async def _announce_for_ever(self) -> None:
        status, birth = topics.status(self.name), False
        while True:
            self._mirror.catch_up()
            await self._publisher.announce_all(self._mirror.devices, status, birth=birth)
            await self._birth.wait()
            self._birth.clear()
            birth = True
            await asyncio.sleep(self._timing.jitter())

    async def _take_leftovers_away(self) -> None:
        while True:
            await asyncio.sleep(self._timing.leftovers)
            self._publisher.take_leftovers_away(self._mirror.devices)

    async def _goodbye(self, connection: Connection) -> None:
        self._publisher.close()
        if self._publisher.stage == OPEN:
            said = connection.publish(topics.status(self.name), OFFLINE, retain=True)
            await asyncio.wait({said}, timeout=GOODBYE)

    # ---- in ----

    def _received(self, message: Message) -> None:
        place = topics.place(message.topic, self.name)
        if self._look.take(message):
            return
        for topic in self._owners.take(message):
            self._publisher.again(topic)
        if message.topic in self._births:
            if message.payload == ONLINE and not message.retain:
                self._birth.set()
        elif place is not None and place.kind == "about":
            self._meet(message)
        elif place is not None and place.kind in {"command", "ask"}:
            self._inbox.take(message, place)

    def _meet(self, message: Message) -> None:
        """Another agent writes under our name since we both started at once: the greater instance gives way."""
        other = instance_of(message.payload)
        if message.retain or other is None or other == self._instance:
            return
        if self._instance > other:
            self._rival.set()
        else:
            self._publisher.again(message.topic)

    # ---- said once ----

    def _tell_up(self, broker: str) -> None:
        _log.info("Connected to the MQTT broker %s as %s.", broker, self.name)
        self.up, self.reason = True, None

    def _tell_down(self, reason: str) -> None:
        if self.reason is None:
            _log.warning("%s It is tried again and again.", reason)
        self.reason = reason


async def _until_first(*works: Coroutine[Any, Any, object]) -> None:
    """Run together until one of them ends; its error is raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when="FIRST_COMPLETED")
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
