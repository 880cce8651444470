"""Follows the board and says what the broker should hold.

A state is passed on at once when something people wait for changed, else at most every `interval` seconds with its
newest values; everything else at once. `status` is left out: only the connection knows whether it is true.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from storj_monitor.publish import topics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from storj_monitor.board import Board, Entry, Mirror
    from storj_monitor.publish.devices import Config, Devices

URGENT = (
    *("online", "status", "version", "version_minimum", "version_due", "node_id"),
    *("alerts_critical", "alerts_warning", "maintenance_until"),
    *("state", "suspended", "disqualified"),
)
"""Keys of a node's or satellite's state that do not wait: life, versions, alerts, and what a switch just set."""


class Sink(Protocol):
    """Who publishes."""

    def set(self, topic: str, payload: bytes) -> None:
        """The broker should retain this."""

    def announce(self, changed: Iterable[Config], gone: Iterable[Config]) -> None:
        """Devices to announce, parents first, and devices to take away, children first."""

    def remove(self, topics: Iterable[str]) -> None:
        """The broker should hold nothing there; announcements go first."""


class _Told(NamedTuple):
    at: float
    urgent: tuple[Any, ...]


class Pace:
    """Which state may be passed on now (pure; `now` in epoch seconds)."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._told: dict[str, _Told] = {}
        self._waiting: dict[str, Entry] = {}

    def offer(self, topic: str, entry: Entry, now: float) -> bool:
        """Whether this entry goes on now; otherwise it waits and the next one replaces it."""
        told, urgent = self._told.get(topic), tuple(entry.value.get(key) for key in URGENT)
        if told is not None and told.urgent == urgent and 0 <= now - told.at < self._interval:
            self._waiting[topic] = entry
            return False
        self._waiting.pop(topic, None)
        self._told[topic] = _Told(now, urgent)
        return True

    def due(self, now: float, *, everything: bool = False) -> list[tuple[str, Entry]]:
        """Entries that waited long enough."""
        ready = [topic for topic in self._waiting if everything or now - self._told[topic].at >= self._interval]
        taken = [(topic, self._waiting.pop(topic)) for topic in ready]
        for topic in ready:
            self._told[topic] = self._told[topic]._replace(at=now)
        return taken

    def wait(self, now: float) -> float | None:
        """Seconds until something is due; None when nothing waits."""
        if not self._waiting:
            return None
        return max(0.0, min(self._told[topic].at for topic in self._waiting) + self._interval - now)

    def forget(self, topic: str) -> None:
        """The topic is gone."""
        self._told.pop(topic, None)
        self._waiting.pop(topic, None)


class MqttMirror:
    """The board of one agent, passed on to a `sink`; `devices` is what it announces on the way."""

    def __init__(
        self, board: Board, agent: str, devices: Devices, sink: Sink, *, now: Callable[[], float], interval: float
    ) -> None:
        self.devices = devices
        self._board = board
        self._agent = agent
        self._sink = sink
        self._now = now
        self._pace = Pace(interval)

    async def run(self) -> None:
        """Follow for ever."""
        mirror = self._board.mirror()
        try:
            while True:
                await self._wait(mirror)
                self._pass_on(mirror.take())
        finally:
            mirror.close()

    def catch_up(self) -> None:
        """Everything is about to be said again: let nothing wait."""
        for topic, entry in self._pace.due(self._now(), everything=True):
            self._sink.set(topic, entry.payload)

    async def _wait(self, mirror: Mirror) -> None:
        try:
            async with asyncio.timeout(self._pace.wait(self._now())):
                await mirror.wait()
        except TimeoutError:
            return

    def _pass_on(self, taken: dict[str, Entry | None]) -> None:
        now, ready, removed = self._now(), {}, []
        for topic, entry in taken.items():
            place = topics.place(topic, self._agent)
            if place is None or place.kind == "status":
                continue
            self.devices.feed(place, entry.value if entry is not None else None)
            if entry is None:
                self._pace.forget(topic)
                removed.append(topic)
            elif place.kind != "state" or self._pace.offer(topic, entry, now):
                ready[topic] = entry
        self._sink.announce(*self.devices.build())
        for topic, entry in (*ready.items(), *self._pace.due(now)):
            self._sink.set(topic, entry.payload)
        if removed:
            self._sink.remove(removed)
