"""One recorded `fixtures/real/api/` folder, served over HTTP at its original paths as the node served it.

Unknown paths get 200 and HTML; other paystub months are filtered from the recorded range. `fault` puts something else
in an answer's place, by path; `hits` tells what was asked, `most_at_once` how many requests ran side by side.

    async with Replay(API / "1.162.3-healthy") as node:
        node.fault["/api/sno/satellites"] = html
        ... node.url ...
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Fault = Callable[[web.Request], Awaitable[web.StreamResponse]]

API = Path(__file__).parents[1] / "fixtures/real/api"
FOLDERS = sorted(path.name for path in API.iterdir())
PAGE = "<!DOCTYPE html><html><body>Node dashboard</body></html>"
STUBS = re.compile(r"/api/heldamount/paystubs/(\d{4}-\d\d)(?:/(\d{4}-\d\d))?")


class Answer(NamedTuple):
    body: bytes
    status: int = 200
    content_type: str = "application/json"


class Replay:
    def __init__(self, folder: Path) -> None:
        self.answers: dict[str, Answer] = {}
        self.fault: dict[str, Fault] = {}
        self.hits: list[str] = []
        self.most_at_once = 0
        self._running = 0
        self._runner: web.AppRunner | None = None
        self._port = 0
        for entry in json.loads((folder / "index.json").read_text()).values():
            if entry["path"].startswith("/api"):
                content = (folder / entry["file"]).read_bytes()
                self.answers[entry["path"]] = Answer(content, entry["status"], entry["content_type"])
        self.stubs = json.loads((folder / "paystubs-range.json").read_bytes()) or []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def edit(self, path: str, change: Callable[[Any], Any]) -> None:
        """Serve the recorded answer of `path` as `change` makes it (in place, or by what it returns)."""
        value = json.loads(self.answers[path].body)
        changed = change(value)
        self.answers[path] = Answer(json.dumps(value if changed is None else changed).encode())

    async def __aenter__(self) -> Self:
        await self.up()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.down()

    async def up(self) -> None:
        """Listen; on the same port as before when it was down in between."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.01)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def down(self) -> None:
        """Stop listening: connections are refused."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.hits.append(request.path_qs)
        self._running += 1
        self.most_at_once = max(self.most_at_once, self._running)
        try:
            fault = self.fault.get(request.path)
            return await fault(request) if fault else self._answer(request)
        finally:
            self._running -= 1

    def _answer(self, request: web.Request) -> web.Response:
        if found := STUBS.fullmatch(request.path):
            return _json(self._paystubs(found[1], found[2], request.query.get("id")))
        known = self.answers.get(request.path_qs)
        if known is None:
            return web.Response(text=PAGE, content_type="text/html")
        return web.Response(body=known.body, status=known.status, headers={"Content-Type": known.content_type})

    def _paystubs(self, first: str, last: str | None, satellite: str | None) -> Any:
        stubs = [stub for stub in self.stubs if first <= stub["period"] <= (last or first)]
        if satellite:
            stubs = [stub for stub in stubs if stub["satelliteId"] == satellite]
            if last is None:
                return stubs[0] if stubs else None
        return stubs or None


def _json(value: Any) -> web.Response:
    return web.Response(text=json.dumps(value), content_type="application/json")


# ---- faults ----


def sends(body: bytes, status: int = 200, content_type: str = "application/json") -> Fault:
    async def fault(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=status, content_type=content_type)

    return fault


async def hang(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(3600)
    raise AssertionError


async def cut(request: web.Request) -> web.StreamResponse:
    """Promises more than it sends, then the connection is gone."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "5000"})
    await response.prepare(request)
    await response.write(b'{"nodeID":"')
    _drop(request)
    return response


async def reset(request: web.Request) -> web.StreamResponse:
    _drop(request)
    return web.Response()


async def huge(request: web.Request) -> web.StreamResponse:
    """JSON without end."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        await response.write(b"[")
        for _ in range(1000):
            await response.write(b"0," * 65536)
    return response


def _drop(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


FAULTS: dict[str, Fault] = {
    "html": sends(PAGE.encode(), content_type="text/html"),
    "500": sends(b'{"error":"consoleapi: database is locked"}', 500),
    "500 as text": sends(b"oops", 500, "text/plain"),
    "404": sends(b'{"error":"satellite is untrusted"}', 404),
    "405": sends(b"", 405, "text/plain"),
    "hang": hang,
    "empty": sends(b""),
    "blank": sends(b"  \n"),
    "not json": sends(b"<!DOCTYPE html>"),
    "binary": sends(bytes(range(256))),
    "truncated": sends(b'{"nodeID":"1TVZPLS3jSWk4GdgGAkRTeyB5e7dymBZBBwRgR3owmemhqCabt","satellites":[{'),
    "wrong types": sends(b'{"nodeID":5,"id":[],"storageDaily":"no","currentMonth":7,"satelliteId":{}}'),
    "a number": sends(b"17"),
    "a string": sends(b'"\\ud83d"'),
    "NaN": sends(b'{"nodeID":NaN}'),
    "deep": sends(b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "huge": huge,
    "cut": cut,
    "reset": reset,
}
