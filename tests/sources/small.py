"""A small web server on loopback, and a clock, for the tests of the smaller sources."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from aiohttp import web

API = Path(__file__).parents[1] / "fixtures/real/api"
NOW = 1_795_435_200.0
"""2026-11-23 12:00 UTC."""

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Clock:
    """Time that stands still until it is set."""

    def __init__(self, at: float = NOW) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def sends(body: bytes, status: int = 200, **headers: str) -> Answer:
    """Always the same answer."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, status=status, headers=headers)

    return answer


async def breaks_off(request: web.Request) -> web.StreamResponse:
    """The connection is lost."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@contextlib.asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[str]:
    """The address of a server that answers everything so."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def nobody() -> str:
    """An address at which nobody listens any more."""
    async with serving(breaks_off) as url:
        return url
