"""One client of the WebSocket: everything once, then what changed, and answers to what it asks.

Nothing is queued for a client. Changes of the board wait in its mirror (the newest value per topic), live messages in
its feed (one backlog per node), and a request counts as under way until its answer is sent; so a client that does not
read costs one dict, delays nobody, and is closed after `Timing.stall`.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import WSCloseCode, WSMsgType

from storj_monitor.bridge import frames
from storj_monitor.core.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import web

    from storj_monitor.board import Board
    from storj_monitor.bridge.live import Live

    Call = Callable[[str, dict[str, Any], str], Awaitable[Any]]

log = logging.getLogger(__name__)

REQUESTS_AT_ONCE = 8
DEFLATE_FROM = 4096
"""Bytes from which a frame is compressed: see `Browser.send`."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: between deltas and between ticks; until a silent, a stalled, a not authorised peer is dropped."""

    delta: float = 0.1
    tick: float = 10.0
    heartbeat: float = 20.0
    stall: float = 30.0
    auth: float = 10.0
    request: float = 60.0
    goodbye: float = 1.0


@dataclass(frozen=True, slots=True)
class Hub:
    """What all clients share; `agent()` is the topic's name of the agent whose page this is."""

    board: Board
    call: Call
    live: Live
    version: str
    now: Callable[[], float]
    timing: Timing
    agent: Callable[[], str] = str


class _LeftError(Exception):
    """The client is going, or is sent away: ends the tasks beside it."""


class Browser:
    """Serves one prepared WebSocket until either side leaves."""

    def __init__(self, ws: web.WebSocketResponse, transport: asyncio.Transport, hub: Hub) -> None:
        self._ws = ws
        self._transport = transport
        self._hub = hub
        self._mirror = hub.board.mirror()
        self._feed = hub.live.join()
        self._sending = asyncio.Lock()
        self._requests: set[asyncio.Task[None]] = set()
        self._leaving = asyncio.Event()
        self._code = WSCloseCode.OK

    def leave(self, code: WSCloseCode) -> None:
        """Send the client away; `run` returns soon after."""
        self._code = code
        self._leaving.set()

    async def run(self) -> None:
        """Return when the connection is over, whoever ended it."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for part in (self._deltas(), self._ticks(), self._lives(), self._goodbye()):
                    tasks.create_task(part)
                await self._read(tasks)
        except* (_LeftError, ConnectionError, TimeoutError):
            log.debug("A browser left.")
        finally:
            self._mirror.close()
            self._hub.live.leave(self._feed)
            await self._close()

    async def send(self, frame: bytes) -> None:
        """Send one text frame and wait until the peer takes it. Raises ConnectionError and TimeoutError.

        Large frames (snapshot, history) are deflated by a compressor of their own: one per connection would keep
        256 KiB each and spend its time on deltas, which are small.
        """
        wbits = self._ws.compress if len(frame) >= DEFLATE_FROM else None
        async with self._sending, asyncio.timeout(self._hub.timing.stall):
            await self._ws.send_frame(frame, WSMsgType.TEXT, int(wbits or 0) or None)

    async def _deltas(self) -> None:
        await self.send(frames.hello(self._hub.version, self._hub.agent()))
        await self.send(frames.snapshot(self._mirror.take()))
        seq = 0
        while True:
            await asyncio.sleep(self._hub.timing.delta)
            await self._mirror.wait()
            seq += 1
            await self.send(frames.delta(seq, self._mirror.take()))

    async def _ticks(self) -> None:
        while True:
            await asyncio.sleep(self._hub.timing.tick)
            await self.send(frames.tick(self._hub.now()))

    async def _lives(self) -> None:
        while True:
            await self._feed.wait()
            for message in self._feed.take():
                await self.send(message)

    async def _goodbye(self) -> None:
        await self._leaving.wait()
        raise _LeftError

    async def _read(self, tasks: asyncio.TaskGroup) -> None:
        async for frame in self._ws:
            if frame.type is WSMsgType.TEXT:
                await self._take(frame.data, tasks)
            elif frame.type is WSMsgType.BINARY:
                await self.send(frames.error(None, "bad_message", "Send text frames."))
        raise _LeftError

    async def _take(self, text: str, tasks: asyncio.TaskGroup) -> None:
        try:
            request = frames.request(text)
        except frames.BadRequestError as bad:
            await self.send(frames.error(bad.id, bad.code, bad.text))
            return
        if request is None:
            return
        if len(self._requests) >= REQUESTS_AT_ONCE:
            await self.send(frames.error(request.id, "busy", f"At most {REQUESTS_AT_ONCE} requests at a time."))
            return
        task = tasks.create_task(self._serve(request))
        self._requests.add(task)
        task.add_done_callback(self._requests.discard)

    async def _serve(self, request: frames.Request) -> None:
        await self.send(await self._answer(request))

    async def _answer(self, request: frames.Request) -> bytes:
        try:
            async with asyncio.timeout(self._hub.timing.request):
                return frames.result(request.id, await self._do(request))
        except CommandError as refused:
            return frames.error(request.id, refused.code, refused.text)
        except TimeoutError:
            return frames.error(request.id, "unavailable", "This took too long; try a shorter range.")
        except Exception:  # a fault of ours in one command must not end the connection
            log.exception("The command %s failed.", ascii(request.cmd[:60]))
            return frames.error(request.id, "internal", "The agent could not do this; its log says why.")

    async def _do(self, request: frames.Request) -> Any:
        if request.cmd == "watch":
            return self._hub.live.watch(self._feed, request.args)
        return await self._hub.call(request.cmd, request.args, "websocket")

    async def _close(self) -> None:
        try:
            async with asyncio.timeout(self._hub.timing.goodbye):
                await self._ws.close(code=self._code)
        except TimeoutError:
            log.debug("A browser did not answer the goodbye.")
        finally:
            # close() waits for the peer to read what is left, which a stalled one never does.
            self._transport.abort()
