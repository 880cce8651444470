"""The two ways to publish and no third (pure): what the broker should hold, and events that happen once.

paho's own queue is never used as one: while the broker is away it would keep the oldest and lose the newest.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

EVENT_AGE = 3600.0
"""Seconds after which an event that could not be sent is no news any more."""
EVENTS_MAX = 1000

_NEVER = object()


class Desired:
    """`{topic: payload}` that the broker should retain; None for a topic that should be empty.

    At most one message per topic is under way; a newer payload waits until the broker answered, so that a slow broker
    gets the newest, not all.
    """

    def __init__(self) -> None:
        self._wanted: dict[str, bytes | None] = {}
        self._sent: dict[str, bytes | None] = {}
        self._flying: set[str] = set()

    def __getitem__(self, topic: str) -> bytes | None:
        return self._wanted[topic]

    def set(self, topic: str, payload: bytes | None) -> None:
        """Remember; None deletes."""
        self._wanted[topic] = payload

    def forget(self) -> None:
        """Nothing of what was sent counts: another connection, or a reader that has to hear it again."""
        self._sent.clear()

    def again(self, topic: str) -> None:
        """Somebody else wrote there: it has to be sent again."""
        self._sent.pop(topic, None)

    def landed_nowhere(self) -> None:
        """The connection is gone and everything under way with it."""
        self._flying.clear()
        self._sent.clear()

    def due(self) -> list[str]:
        """Topics that the broker does not hold as they should be, in the order they were first set."""
        return [topic for topic in self._wanted if self.is_due(topic)]

    def is_due(self, topic: str) -> bool:
        """Whether a topic should be sent now."""
        if topic in self._flying or topic not in self._wanted:
            return False
        return self._sent.get(topic, _NEVER) != self._wanted[topic]

    def send(self, topic: str) -> bytes:
        """Take the payload to send; empty bytes delete a retained message."""
        payload = self._wanted[topic]
        self._flying.add(topic)
        self._sent[topic] = payload
        return payload or b""

    def landed(self, topic: str) -> None:
        """The broker answered; a deleted topic is over."""
        self._flying.discard(topic)
        if self._wanted.get(topic, _NEVER) is None and self._sent.get(topic, _NEVER) is None:
            del self._wanted[topic], self._sent[topic]


class Event(NamedTuple):
    """Something that happened at `at` (epoch seconds)."""

    at: float
    topic: str
    payload: bytes


class Events:
    """Events that wait for the broker, oldest first; `dropped` counts those that became too old or too many."""

    def __init__(self) -> None:
        self._queue: deque[Event] = deque()
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, event: Event) -> None:
        """Queue an event; the oldest gives way when there are too many."""
        if len(self._queue) >= EVENTS_MAX:
            self._queue.popleft()
            self.dropped += 1
        self._queue.append(event)

    def take(self, now: float) -> Event | None:
        """The next event that is still news."""
        while self._queue:
            event = self._queue.popleft()
            if now - event.at <= EVENT_AGE:
                return event
            self.dropped += 1
        return None

    def give_back(self, event: Event) -> None:
        """It was not sent after all."""
        self._queue.appendleft(event)
