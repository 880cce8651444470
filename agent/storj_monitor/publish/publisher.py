"""Two ways to publish and no third: what the broker should hold, and what happens once.

Devices are announced before their states and taken away before their topics, with a second between: Home Assistant
subscribes up to half a second after an announcement (agent/docs/home-assistant-mqtt.md §8). Events wait for it.

Not guaranteed: an event whose answer was lost with the connection is sent again, so it may arrive twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from storj_monitor.publish.desired import Desired, Event, Events
from storj_monitor.publish.leftovers import PATIENCE, leftovers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

    from storj_monitor.publish.connection import Connection, Reason
    from storj_monitor.publish.devices import Config, Devices
    from storj_monitor.publish.owners import Owners

_log = logging.getLogger(__name__)
_encode = msgspec.json.Encoder().encode

ONLINE, OFFLINE = b"online", b"offline"
CLOSED, CONFIGS, OPEN = range(3)
"""What may be sent: nothing, announcements, everything."""


def _jitter() -> float:
    return random.uniform(0, 3)  # noqa: S311 - not a secret


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. `settle` lies between announcements and the rest, `look` is how long retained messages may take."""

    settle: float = 1.2
    look: float = 0.5
    backoff: tuple[float, float] = (1.0, 60.0)
    steady: float = 60.0
    leftovers: float = PATIENCE
    owners: float = 30.0
    jitter: Callable[[], float] = field(default=_jitter)


@dataclass(slots=True)
class Hooks:
    """What the owner of the link wants to hear; all on the event loop.

    `renamed(name)` is awaited before anything is announced under another name: the board has to be there by then.
    `problem(topic, text)` says that the broker refuses a topic, with None that it takes it again.
    `remember(config topic, payload or None)` keeps what was announced, to be handed in as `announced` at the next
    start: a removal reaches only a Home Assistant that runs.
    """

    renamed: Callable[[str], Awaitable[None]]
    problem: Callable[[str, str | None], None] = lambda _topic, _text: None
    remember: Callable[[str, bytes | None], None] = lambda _topic, _payload: None


class Publisher:
    """What one agent publishes, over one connection after the other; it is the sink of the mirror."""

    def __init__(
        self,
        hooks: Hooks,
        timing: Timing,
        *,
        now: Callable[[], float],
        prefix: str,
        discovery: bool,
        wanted: Callable[[str], bool],
        announced: Mapping[str, bytes],
        owners: Owners,
    ) -> None:
        self.opened = asyncio.Event()
        self.stage = CLOSED
        self._hooks = hooks
        self._timing = timing
        self._now = now
        self._prefix = f"{prefix}/device/"
        self._discovery = discovery
        self._wanted = wanted
        self._announced = dict(announced)
        self._owners = owners
        self._withdrawn: dict[str, bytes] = {}
        self._refused: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._connection: Connection | None = None
        self._quiet_until = 0.0
        self.start_over()

    def start_over(self) -> None:
        """Forget what was to be said under another name; announced devices stay known, their identities stay."""
        while self._refused:
            self._hooks.problem(self._refused.pop(), None)
        self._desired = Desired()
        self.events = Events()
        self._event_ready = asyncio.Event()

    def attach(self, connection: Connection) -> None:
        """Send over this connection; nothing goes out before `announce_all`."""
        self._connection = connection

    def detach(self) -> None:
        """The connection is gone."""
        self._connection, self.stage = None, CLOSED
        self.opened.clear()
        self._owners.forget()
        self._desired.landed_nowhere()

    def close(self) -> None:
        """Remove at once what was to be removed in a second: nobody else would do it."""
        for task in list(self._tasks):
            task.cancel()

    # ---- what there is to say ----

    def set(self, topic: str, payload: bytes) -> None:
        """The broker should retain this."""
        self._desired.set(topic, payload)
        self._flush(topic)

    def announce(self, changed: Iterable[Config], gone: Iterable[Config]) -> None:
        """Devices to announce, parents first, and to take away, children first."""
        if not self._discovery:
            return
        for config in changed:
            self._withdrawn.pop(config.topic, None)
            self._owners.want(config.topic, config.payload)
            if self._announced.get(config.topic) != config.payload:
                self._announced[config.topic] = config.payload
                self._hooks.remember(config.topic, config.payload)
            self.set(config.topic, config.payload)
        for config in gone:
            self._withdraw(config.topic, config.payload)

    def remove(self, topics: Iterable[str]) -> None:
        """Topics that go when the devices that read them are gone."""
        task = asyncio.get_running_loop().create_task(self._remove_later(list(topics)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def event(self, topic: str, payload: Mapping[str, Any], at: float) -> None:
        """Tell what happened at `at` (epoch seconds), once."""
        self.events.put(Event(at, topic, _encode(payload)))
        self._event_ready.set()

    def once(self, topic: str, payload: bytes, *, retain: bool, correlation: bytes | None = None) -> None:
        """Send now or never: an answer to somebody who waits, or the clearing of a message."""
        if self._connection is not None:
            sent = self._connection.publish(topic, payload, retain=retain, correlation=correlation)
            sent.add_done_callback(partial(self._answered, topic))

    # ---- announcing ----

    async def announce_all(self, devices: Devices, status: str, *, birth: bool) -> None:
        """Say everything again: devices, a second, states, `online` on the topic `status`.

        After a `birth` of Home Assistant devices that were taken away are announced and taken away once more: it may
        have missed that.
        """
        await self._look()
        withdrawn = dict(self._withdrawn) if birth else {}
        self._desired.forget()
        for topic, payload in withdrawn.items():
            self._desired.set(topic, payload)
        self.stage = max(self.stage, CONFIGS)
        for topic in self._configs_due(devices):
            self._flush(topic)
        await asyncio.sleep(self._timing.settle)
        self._withdraw_for_good(withdrawn)
        self._desired.set(status, ONLINE)
        self.stage = OPEN
        for topic in self._desired.due():
            if topic != status:
                self._flush(topic)
        self._flush(status)
        self.opened.set()

    def take_leftovers_away(self, devices: Devices) -> None:
        """What earlier runs announced and no node of now stands for."""
        configs = [config.topic for config in devices.configs()] if self._discovery else []
        for each in leftovers(self._announced, configs, devices.nodes if self._discovery else ()):
            self._withdraw(each.topic, each.payload)
            self.remove(each.read)

    async def follow_owners(self) -> None:
        """Announce late nodes, and those that another agent announced and does no more; as long as we are connected."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._timing.owners):
                    await self._owners.changed.wait()
            self._owners.changed.clear()
            await self.opened.wait()
            await self._look()
            mine = [topic for topic in self._desired.due() if topic.startswith(self._prefix)]
            for topic in sorted(mine, key=lambda topic: len(topic) if self._desired[topic] else -len(topic)):
                self._flush(topic)

    async def _look(self) -> None:
        if self._connection is not None:
            await self._owners.look(self._connection, judge=self.judge, seconds=self._timing.look)

    def _withdraw_for_good(self, withdrawn: Collection[str]) -> None:
        for topic in sorted(withdrawn, key=len, reverse=True):
            if self._withdrawn.pop(topic, None) is not None:
                self._hooks.remember(topic, None)
                self._desired.set(topic, None)
                self._flush(topic)

    def _withdraw(self, topic: str, payload: bytes) -> None:
        self._announced.pop(topic, None)
        self._withdrawn[topic] = payload
        self._owners.let_go(topic, payload)
        self._desired.set(topic, None)
        self._flush(topic)

    async def _remove_later(self, topics: list[str]) -> None:
        desired = self._desired
        try:
            await asyncio.sleep(self._timing.settle)
        finally:
            for topic in topics:
                if desired is self._desired and not self._wanted(topic):
                    self._desired.set(topic, None)
                    self._flush(topic)

    def _configs_due(self, devices: Devices) -> list[str]:
        """Removals, children first, then announcements, parents first."""
        rank = {config.topic: config.rank for config in devices.configs()}
        due = [topic for topic in self._desired.due() if topic.startswith(self._prefix)]
        gone = [topic for topic in due if self._desired[topic] is None]
        there = [topic for topic in due if self._desired[topic] is not None]
        return sorted(gone, key=len, reverse=True) + sorted(there, key=lambda topic: (rank.get(topic, 3), len(topic)))

    # ---- out ----

    def _flush(self, topic: str) -> None:
        config = topic.startswith(self._prefix)
        if self._connection is None or self.stage < (CONFIGS if config else OPEN) or not self._desired.is_due(topic):
            return
        if config and not self._owners.may(topic):
            return
        if config:
            self._quiet_until = asyncio.get_running_loop().time() + self._timing.settle
            self._owners.wrote(topic)
        sent = self._connection.publish(topic, self._desired.send(topic), retain=True)
        sent.add_done_callback(partial(self._landed, topic))

    def _landed(self, topic: str, sent: asyncio.Future[Reason]) -> None:
        if not sent.cancelled():
            self.judge(topic, sent.result())
            self._desired.landed(topic)
            self._flush(topic)

    async def send_events(self, connection: Connection) -> None:
        """Send events for as long as the connection lasts."""
        loop, dropped = asyncio.get_running_loop(), self.events.dropped
        while True:
            await self.opened.wait()
            await self._event_ready.wait()
            await asyncio.sleep(max(0.0, self._quiet_until - loop.time()))
            event = self.events.take(self._now())
            if self.events.dropped > dropped:
                dropped = self.events.dropped
                _log.warning("%d events were not sent to MQTT: they grew older than an hour.", dropped)
            if event is None:
                self._event_ready.clear()
                continue
            try:
                self.judge(event.topic, await connection.publish(event.topic, event.payload, retain=False))
            except asyncio.CancelledError:
                self.events.give_back(event)
                raise

    def again(self, topic: str) -> None:
        """Somebody else wrote there."""
        self._desired.again(topic)
        self._flush(topic)

    def _answered(self, topic: str, sent: asyncio.Future[Reason]) -> None:
        if not sent.cancelled():
            self.judge(topic, sent.result())

    def judge(self, topic: str, reason: Reason) -> None:
        """Say once that the broker refuses a topic, and once that it takes it again."""
        if reason.refused and topic not in self._refused:
            self._refused.add(topic)
            _log.warning("The MQTT broker refuses %s: %s.", topic, reason.text.lower())
            self._hooks.problem(topic, reason.text)
        elif not reason.refused and topic in self._refused:
            self._refused.discard(topic)
            self._hooks.problem(topic, None)
