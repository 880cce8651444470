"""The board: the last value of every topic. MQTT and the WebSocket are two mirrors of it (design: store, then tell).

A payload that a browser shows is byte for byte the payload that MQTT carries. A reader of the board takes a `Mirror`:
it starts with everything, then holds what changed since it was last taken, the newest value per topic only, so that a
slow reader costs one dict and never delays anybody.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

REPEAT_AFTER = 600.0
"""Seconds after which a payload is set anew although only its `ts` changed (contract: "plus every 10 minutes")."""

_encode = msgspec.json.Encoder().encode


class Entry(msgspec.Struct, frozen=True):
    """One topic's last value: `payload` is what MQTT carries, `json` what a WebSocket message embeds."""

    value: Any
    payload: bytes
    json: bytes
    set_at: float


class Mirror:
    """One reader's view: everything at first, then only what changed."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._dirty: dict[str, Entry | None] = dict(board.entries)
        self._changed = asyncio.Event()
        if self._dirty:
            self._changed.set()

    async def wait(self) -> None:
        """Return as soon as there is something to take."""
        await self._changed.wait()

    def take(self) -> dict[str, Entry | None]:
        """What changed since the last call, newest value per topic; None for a topic that was removed."""
        taken, self._dirty = self._dirty, {}
        self._changed.clear()
        return taken

    def close(self) -> None:
        """Stop receiving changes."""
        self._board.mirrors.discard(self)

    def note(self, topic: str, entry: Entry | None) -> None:
        """Called by the board alone."""
        self._dirty[topic] = entry
        self._changed.set()


class Board:
    """`{topic: value}` as it is true now. Only the event loop's thread may touch it."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.entries: dict[str, Entry] = {}
        self.mirrors: set[Mirror] = set()

    def set(self, topic: str, value: Any) -> bool:
        """Set a topic to a JSON value; a bare string is sent as it is. False when nothing but `ts` changed."""
        now, old = self._now(), self.entries.get(topic)
        if old is not None and _same(old.value, value, repeat=now - old.set_at >= REPEAT_AFTER):
            return False
        encoded = _encode(value)
        entry = Entry(value, value.encode() if isinstance(value, str) else encoded, encoded, now)
        self.entries[topic] = entry
        self._tell(topic, entry)
        return True

    def put(self, topic: str, value: Any, payload: bytes) -> None:
        """Set a topic to what another agent published, byte for byte; `payload` is its JSON, or the bare word."""
        old = self.entries.get(topic)
        if old is not None and old.payload == payload:
            return
        entry = Entry(value, payload, _encode(value) if isinstance(value, str) else payload, self._now())
        self.entries[topic] = entry
        self._tell(topic, entry)

    def remove(self, topic: str) -> None:
        """Forget a topic; mirrors see it as None."""
        if self.entries.pop(topic, None) is not None:
            self._tell(topic, None)

    def get(self, topic: str) -> Any:
        """The value of a topic, or None."""
        entry = self.entries.get(topic)
        return entry.value if entry is not None else None

    def snapshot(self) -> dict[str, Any]:
        """Every topic with its value."""
        return {topic: entry.value for topic, entry in self.entries.items()}

    def mirror(self) -> Mirror:
        """A new reader; snapshot and subscription are one step, nothing falls between them."""
        mirror = Mirror(self)
        self.mirrors.add(mirror)
        return mirror

    def _tell(self, topic: str, entry: Entry | None) -> None:
        for mirror in self.mirrors:
            mirror.note(topic, entry)


def _same(old: Any, new: Any, *, repeat: bool) -> bool:
    if old == new:
        return not (repeat and isinstance(new, dict) and "ts" in new)
    if repeat or not (isinstance(old, dict) and isinstance(new, dict) and "ts" in new):
        return False
    return {**old, "ts": None} == {**new, "ts": None}
