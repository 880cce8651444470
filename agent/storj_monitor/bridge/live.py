"""What is happening this very second, for those who look at it: never stored, never queued.

A browser watches nodes; only then do `live` messages of those nodes exist, and only for it. One that cannot keep up
holds one backlog per node: bins are summed and never lost, points and lines fall out at the old end and are counted.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from storj_monitor.core.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

POINTS_KEPT = 500
LINES_KEPT = 100
BINS_KEPT = 4096
_NODES_NAMED = 1024

_encode = msgspec.json.Encoder().encode


class Live:
    """Passes `live` messages from the log followers to the browsers that watch their node.

    `nodes` names the nodes of this agent; `on_watch` is told the watched set whenever it changes, so that the
    followers know for which nodes to build messages and to look often.
    """

    def __init__(self, nodes: Callable[[], Iterable[str]], on_watch: Callable[[frozenset[str]], None]) -> None:
        self._nodes = nodes
        self._on_watch = on_watch
        self._feeds: set[Feed] = set()
        self._told: frozenset[str] = frozenset()

    def watched(self) -> frozenset[str]:
        """The nodes that at least one browser watches."""
        return frozenset(node for node in self._nodes() if any(feed.wants(node) for feed in self._feeds))

    def push(self, node: str, message_fields: dict[str, Any]) -> None:
        """Hand out `{"at", "bins", "points", "lines"}` of a node; encoded once, at most, for all who watch it."""
        packet = Packet(node, message_fields)
        for feed in self._feeds:
            if feed.wants(node):
                feed.offer(packet)

    def join(self) -> Feed:
        """A new browser, which watches nothing yet."""
        feed = Feed()
        self._feeds.add(feed)
        return feed

    def leave(self, feed: Feed) -> None:
        """The browser is gone."""
        self._feeds.discard(feed)
        self._tell()

    def watch(self, feed: Feed, args: dict[str, Any]) -> dict[str, Any]:
        """The command `watch {nodes: [name] | "all" | []}`; answers what is watched now. Raises CommandError."""
        feed.want(self._checked(args.get("nodes")))
        self._tell()
        return {"nodes": feed.wanted if isinstance(feed.wanted, str) else sorted(feed.wanted)}

    def _checked(self, nodes: Any) -> frozenset[str] | Literal["all"]:
        if nodes == "all":
            return "all"
        if not isinstance(nodes, list) or len(nodes) > _NODES_NAMED or not all(isinstance(n, str) for n in nodes):
            raise CommandError("bad_argument", 'nodes is a list of node names, "all", or [] to stop watching.')
        for name in sorted(set(nodes).difference(self._nodes())):
            raise CommandError("unknown_node", f"This agent has no node {name[:60]!a}.")
        return frozenset(nodes)

    def _tell(self) -> None:
        watched = self.watched()
        if watched != self._told:
            self._told = watched
            self._on_watch(watched)


class Feed:
    """What one browser watches and has not been sent yet."""

    def __init__(self) -> None:
        self.wanted: frozenset[str] | Literal["all"] = frozenset()
        self._pending: dict[str, Packet | Backlog] = {}
        self._filled = asyncio.Event()

    def wants(self, node: str) -> bool:
        return self.wanted == "all" or node in self.wanted

    def want(self, wanted: frozenset[str] | Literal["all"]) -> None:
        self.wanted = wanted
        self._pending = {node: packet for node, packet in self._pending.items() if self.wants(node)}

    def offer(self, packet: Packet) -> None:
        """Keep for sending; together with what waits already."""
        waiting = self._pending.get(packet.node)
        if waiting is None:
            self._pending[packet.node] = packet
        elif isinstance(waiting, Backlog):
            waiting.add(packet.fields)
        else:
            self._pending[packet.node] = backlog = Backlog(packet.node)
            backlog.add(waiting.fields)
            backlog.add(packet.fields)
        self._filled.set()

    async def wait(self) -> None:
        """Return as soon as there is something to take."""
        await self._filled.wait()

    def take(self) -> list[bytes]:
        """The messages that wait, one per node."""
        taken, self._pending = self._pending, {}
        self._filled.clear()
        return [message.json() for message in taken.values()]


class Packet:
    """One message as it was pushed, shared by all who are up to date."""

    __slots__ = ("_json", "fields", "node")

    def __init__(self, node: str, fields: dict[str, Any]) -> None:
        self.node = node
        self.fields = fields
        self._json: bytes | None = None

    def json(self) -> bytes:
        if self._json is None:
            self._json = _encode({"t": "live", "node": self.node, **self.fields})
        return self._json


class Backlog:
    """Several messages of one node made one, for a browser that is behind; bounded."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._at: int | None = None
        self._bins: dict[tuple[int, str, str], tuple[int, int]] = {}
        self._points: deque[tuple[int, list[Any]]] = deque(maxlen=POINTS_KEPT)
        self._lines: deque[Any] = deque(maxlen=LINES_KEPT)
        self._dropped = 0
        self._rest: dict[str, Any] = {}

    def add(self, fields: dict[str, Any]) -> None:
        """Append a later message."""
        at, points, lines = fields["at"], fields.get("points", ()), fields.get("lines", ())
        self._at = at if self._at is None else self._at
        self._dropped += fields.get("dropped", 0) + max(0, len(self._points) + len(points) - POINTS_KEPT)
        self._points.extend((at + ms, rest) for ms, *rest in points)
        self._lines.extend(lines)
        self._rest |= {key: value for key, value in fields.items() if key not in _MERGED}
        for second, action, outcome, count, size in fields.get("bins", ()):
            self._count((second, action, outcome), count, size)
        if len(self._bins) > BINS_KEPT:
            self._fold()

    def json(self) -> bytes:
        """The merged message; `dropped` counts the points that fell out, when some did."""
        start = self._points[0][0] if self._dropped and self._points else self._at or 0
        fields = {
            "t": "live",
            "node": self._node,
            "at": start,
            "bins": [[*key, *value] for key, value in self._bins.items()],
            "points": [[at - start, *rest] for at, rest in self._points],
            "lines": list(self._lines),
            **({"dropped": self._dropped} if self._dropped else {}),
        }
        return _encode(fields | self._rest)

    def _count(self, key: tuple[int, str, str], count: int, size: int) -> None:
        had_count, had_size = self._bins.get(key, (0, 0))
        self._bins[key] = (had_count + count, had_size + size)

    def _fold(self) -> None:
        """Too many seconds: the older half becomes one, so that every count is still there."""
        seconds = sorted({key[0] for key in self._bins})
        cut = seconds[len(seconds) // 2]
        bins, self._bins = self._bins, {}
        for (second, action, outcome), (count, size) in bins.items():
            self._count((max(second, cut), action, outcome), count, size)


_MERGED = frozenset({"at", "bins", "points", "lines", "dropped"})
