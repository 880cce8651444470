"""An agent's link to a real broker, with a board, a clock and a record of everything it says."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from tests.mosquitto import Client, until

from storj_monitor.board import Board
from storj_monitor.core.errors import CommandError
from storj_monitor.core.satellites import SATELLITES
from storj_monitor.publish import topics
from storj_monitor.publish.mqtt import Hooks, MqttLink, Timing
from storj_monitor.settings.model import MqttSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NODE_IDS = {
    "attic": "12aXtQ9vPp7mVZbZhJf4oYH5kq1Wn8s2DcRgEuLxTtMiNoPqRsT",
    "cellar": "1Qw8ErTyUiPaSdFgHjKzXcVbNm2Qw3ErTy4UiPaSdFgHjKzXcV",
}
STATUS = "storj-monitor/tower/status"
START = 1_795_400_000.0
BRISK = Timing(settle=0.05, look=0.05, backoff=(0.05, 0.2), jitter=lambda: 0.0)
"""For tests that are not about the second after an announcement."""


@dataclass
class Rig:
    """`async with Rig(url)`: a running link; `board` is filled before by `fill`."""

    url: str
    name: str = "tower"
    instance: str = "9f3c2b7a51d0"
    timing: Timing = BRISK
    settings: dict[str, Any] = field(default_factory=dict)
    announced: Mapping[str, bytes] = field(default_factory=dict)
    answer: Callable[[str, dict[str, Any]], Any] = lambda _cmd, _args: {}
    time: float = START
    calls: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    problems: list[tuple[str, str | None]] = field(default_factory=list)
    remembered: dict[str, bytes | None] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.board = Board(self.now)
        hooks = Hooks(self.renamed, lambda *problem: self.problems.append(problem), self.remembered.__setitem__)
        settings = MqttSettings(url=self.url, **self.settings)
        self.link = MqttLink(
            settings,
            self.name,
            self.instance,
            self.board,
            self.call,
            now=self.now,
            hooks=hooks,
            announced=self.announced,
            timing=self.timing,
        )

    def now(self) -> float:
        return self.time

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.link.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Stop in good order; an error of the link is raised here."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def call(self, cmd: str, args: dict[str, Any], channel: str) -> Any:
        self.calls.append((cmd, args, channel))
        found = self.answer(cmd, args)
        if isinstance(found, Exception):
            raise found
        return found

    async def renamed(self, name: str) -> None:
        self.names.append(name)
        await asyncio.sleep(0.05)  # as a store takes its time
        old, self.name = self.name, name
        values = {topic: entry.value for topic, entry in self.board.entries.items()}
        for topic, value in values.items():
            self.board.remove(topic)
            self.board.set(topic.replace(topics.agent(old), topics.agent(name), 1), value)

    # ---- the board ----

    def fill(self, *nodes: str, satellites: int = 2) -> Self:
        """Put an agent and its nodes on the board."""
        about = {"version": "1.0.0", "contract": 1, "instance": self.instance, "url": None, "nodes": len(nodes)}
        self.board.set(topics.about(self.name), about)
        self.board.set(topics.status(self.name), "online")
        self.board.set(topics.agent_alerts(self.name), [])
        for node in nodes:
            self.node(node)
            self.board.set(topics.node_alerts(self.name, node), [])
            self.board.set(topics.thresholds(self.name, node), {"disk_full_days": 14, "online_score": 95})
            for satellite in SATELLITES[:satellites]:
                state = {"ts": int(self.time), "satellite_id": satellite.id, "state": "vetted"}
                place = topics.satellite_state(self.name, node, satellite.name)
                self.board.set(place, topics.ordered_satellite(state))
        return self

    def node(self, node: str, **values: Any) -> None:
        """Set a node's state."""
        self.time += 0.001
        known = {"ts": int(self.time), "name": node, "node_id": NODE_IDS[node], "version": "1.162.3", "online": True}
        self.board.set(topics.node_state(self.name, node), topics.ordered_node(known | {"status": "ok"} | values))

    def drop(self, node: str) -> None:
        """Take a node off the board."""
        for topic in [topic for topic in self.board.entries if topic.startswith(topics.node(self.name, node) + "/")]:
            self.board.remove(topic)

    @property
    def payloads(self) -> dict[str, bytes]:
        """What the broker should retain of the board."""
        return {topic: entry.payload for topic, entry in self.board.entries.items()}


def refuse(code: str = "bad_argument", text: str = "No such thing.") -> Callable[[str, dict[str, Any]], Any]:
    """An answer that is a refusal."""
    return lambda _cmd, _args: CommandError(code, text)


async def online(client: Client, times: int = 1) -> None:
    """Wait until the agent said so many times that everything is announced."""
    await until(lambda: client.payloads(STATUS).count(b"online") >= times, "online")
