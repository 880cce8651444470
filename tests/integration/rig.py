"""The agent, started inside a test: real parts, an injected clock."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
from tests.patience import PATIENCE

from storj_monitor.app import App
from storj_monitor.settings import NodeSettings, load

NOON = 1_795_435_200.0
"""2026-11-23 12:00 UTC."""
US1 = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S"
EU1 = "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs"
PIECE = "E6FQ7JQ3DBPTK2ZJ5FVQDRPZQ3VXG4MNKS2XGBHJ2QYCEHFJW{:03d}"


class Clock:
    """Time that stands still until it is set."""

    def __init__(self, at: float = NOON) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def line(  # noqa: PLR0917 - the columns of a line
    second: float,
    message: str = "uploaded",
    action: str = "PUT",
    size: int = 1000,
    satellite: str = US1,
    number: int = 0,
) -> bytes:
    """One transfer line of 1.162, `second` after noon."""
    stamp = f"2026-11-23T{12 + int(second) // 3600:02d}:{int(second) // 60 % 60:02d}:{int(second) % 60:02d}Z"
    fields: dict[str, Any] = {
        "process": "storagenode",
        "piece_id": PIECE.format(number % 1000),
        "satellite_id": satellite,
        "action": action,
    }
    fields |= {"offset": 0} if message.startswith("download") else {}
    fields |= {"size": size, "remote_address": f"203.0.113.{number % 250}:4001"}
    return f"{stamp}\tINFO\tpiecestore\t{message}\t{json.dumps(fields)}\n".encode()


@contextlib.asynccontextmanager
async def running(data: Path, nodes: Mapping[str, NodeSettings], clock: Clock, **sections: Any) -> AsyncIterator[App]:
    """An agent on `data`, ready to be asked; stopped in an orderly way at the end."""
    overrides = {
        "agent": {"name": "host"},
        "data": {"dir": str(data)},
        "bridge": {"listen": "127.0.0.1:0"},
        "versions": {"enabled": False},
        "nodes": {name: node.model_dump(exclude_none=True) for name, node in nodes.items()},
    } | sections
    app, ready = App(load(None, overrides, {}), now=clock), asyncio.Event()
    task = asyncio.create_task(app.run(lambda _: ready.set()))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        task.result()
    try:
        yield app
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def settle(app: App) -> None:
    """All that is written is read, committed and on the board."""
    for log in app._logs.values():
        await log.catch_up()
    await app._engine.tick()


class Page:
    """A browser's side of the WebSocket: keeps the state that the messages describe."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.messages: list[dict[str, Any]] = []
        self.state: dict[str, Any] = {}
        self.seq = -1
        self._asked = 0

    async def next(self, kind: str, seconds: float = PATIENCE) -> dict[str, Any]:
        """The next message of a kind; those before it are taken in."""
        async with asyncio.timeout(seconds):
            while True:
                message = await self.take()
                if message.get("t") == kind:
                    return message

    async def take(self) -> dict[str, Any]:
        message: dict[str, Any] = await self.socket.receive_json()
        self.messages.append(message)
        match message.get("t"):
            case "snapshot":
                self.state, self.seq = dict(message["state"]), message["seq"]
            case "delta":
                assert message["seq"] == self.seq + 1, "no gap"
                self.seq = message["seq"]
                self.state |= message["set"]
                for topic in message["del"]:
                    self.state.pop(topic, None)
        return message

    async def ask(self, cmd: str, **args: Any) -> dict[str, Any]:
        """Send a command, return its answer."""
        self._asked += 1
        await self.socket.send_json({"id": self._asked, "cmd": cmd, "args": args})
        async with asyncio.timeout(PATIENCE):
            while True:
                message = await self.take()
                if message.get("id") == self._asked:
                    return message

    async def until(self, true: Any, seconds: float = PATIENCE) -> None:
        """Take messages until `true(state)`."""
        async with asyncio.timeout(seconds):
            while not true(self.state):
                await self.take()


@contextlib.asynccontextmanager
async def page(app: App) -> AsyncIterator[Page]:
    """A page that has its snapshot."""
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{app.url}ws", max_msg_size=0) as socket:
        browser = Page(socket)
        await browser.next("snapshot")
        yield browser
