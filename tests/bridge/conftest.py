"""A bridge on a free port of this machine, with a board, a clock and a record of what was asked."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from tests.patience import PATIENCE

from storj_monitor.board import Board
from storj_monitor.bridge.live import Live
from storj_monitor.bridge.options import BridgeOptions
from storj_monitor.bridge.server import Bridge
from storj_monitor.core.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from storj_monitor.bridge.browser import Timing

NODES = ("attic", "cellar")


@dataclass
class World:
    """The bridge under test and everything around it."""

    time: float = 1_795_400_000.0
    reason: str | None = None
    asked: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    watched: list[frozenset[str]] = field(default_factory=list)
    bridge: Bridge = field(init=False)
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.board = Board(self.now)
        self.live = Live(lambda: NODES, self.watched.append)

    def now(self) -> float:
        return self.time

    async def call(self, cmd: str, args: dict[str, Any], channel: str) -> Any:
        """`echo` answers its arguments, `hold` waits, `break` fails; anything else is unknown."""
        self.asked.append((cmd, args, channel))
        if cmd == "echo":
            return args
        if cmd == "hold":
            await self.hold.wait()
            return None
        if cmd == "break":
            raise ZeroDivisionError
        if cmd == "odd":
            return object()
        raise CommandError("unknown_command", "No such command.")

    def build(self, folder: Path | None = None, timing: Timing | None = None, **options: Any) -> Bridge:
        self.bridge = Bridge(
            self.board,
            self.call,
            BridgeOptions(**{"listen": "127.0.0.1:0", **options}),
            version="1.2.3",
            now=self.now,
            live=self.live,
            health=lambda: self.reason,
            metrics=scrape,
            web_folder=folder,
            timing=timing,
        )
        return self.bridge

    @property
    def origin(self) -> str:
        return f"http://{self.bridge.address}"

    @contextlib.asynccontextmanager
    async def page(self, query: str = "", **kwargs: Any) -> AsyncIterator[Page]:
        """A client that speaks the protocol."""
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.ws_connect(f"{self.origin}/ws{query}", max_msg_size=0, **kwargs) as ws,
        ):
            yield Page(ws)


class Page:
    """A browser's half of the protocol: applies snapshot and deltas, keeps everything else."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.state: dict[str, Any] = {}
        self.seq = -1
        self.kinds: list[str] = []

    async def read(self) -> dict[str, Any]:
        """The next message, whose `seq` must follow the last one."""
        message: dict[str, Any] = json.loads(await self.ws.receive_str(timeout=PATIENCE))
        kind = message.get("t", "reply")
        self.kinds.append(kind)
        if "seq" in message:
            assert message["seq"] == self.seq + 1
            self.seq = message["seq"]
        if kind == "snapshot":
            self.state = message["state"]
        elif kind == "delta":
            self.state |= message["set"]
            for topic in message["del"]:
                self.state.pop(topic, None)
        return message

    async def until(self, kind: str) -> dict[str, Any]:
        while (message := await self.read()).get("t", "reply") != kind:
            pass
        return message

    async def reach(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await self.read()

    async def ask(self, cmd: str, args: dict[str, Any] | None = None, request_id: Any = 7) -> dict[str, Any]:
        await self.ws.send_json({"id": request_id, "cmd": cmd, "args": args or {}})
        reply = await self.until("reply")
        assert reply["id"] == request_id
        return reply


async def scrape(node: str | None) -> bytes | None:
    """The Prometheus text of known nodes."""
    return b"storj_up 1\n" if node in {None, *NODES} else None


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Not started: tests call `build(…)` with their options, then `start()`."""
    made = World()
    made.build()
    yield made
    await made.bridge.stop()
