"""The simulated node's console API over HTTP, with its oddities (agent/docs/storagenode.md §3), and faults on demand.

Unknown paths answer 200 and a page, missing slashes redirect, empty lists are null, and while the process is down
the connection breaks off.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from storj_monitor.demo import money, ports
from storj_monitor.demo.answers import Answers, go_time
from storj_monitor.demo.identity import well_formed
from storj_monitor.demo.past import month_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from storj_monitor.demo.lognode import SimulatedNode

    Handler = Callable[[web.Request, Answers], web.Response]

_PAGE = '<!DOCTYPE html><html lang="en"><head><title>Node Dashboard</title></head><body></body></html>\n'
_BAD_ID = "node ID: invalid format: version and/or checksum bytes missing"
_PERIOD = re.compile(r"\d{4}-\d\d")
_GARBAGE = b'{"nodeID":"1\xff\xfe", "satellites": [{'


class Fault(msgspec.Struct, frozen=True):
    """What a path does instead of answering.

    `kind`: `status` (an error body with `status`), `hang` (for `seconds`, then it breaks off), `garbage` (half a JSON
    document that is no UTF-8), `html` (200 and the page), `empty` (200, JSON type, no body), `drop` (connection lost).
    """

    kind: str
    status: int = 500
    seconds: float = 3600.0


class ConsoleServer:
    """Serves one node on loopback. `faults[path]` (or `faults["*"]`) makes a path fail; `requests` counts them."""

    def __init__(self, node: SimulatedNode, clock: Callable[[], float]) -> None:
        self._node = node
        self._clock = clock
        self._runners: list[web.AppRunner] = []
        self.faults: dict[str, Fault] = {}
        self.requests: dict[str, int] = {}
        self.url = ""
        self.health_url = ""
        self.debug_url = ""
        self.versions_url = ""

    async def start(self, port: int = 0, *, extra: bool = False) -> str:
        """Listen; `extra` opens healthcheck, debug and version server too. The console's URL without a slash."""
        self.url = await self._listen(_application(self._guarded), port)
        if extra:
            health, debug, versions = web.Application(), web.Application(), web.Application()
            health.router.add_get("/", self._health)
            debug.router.add_get("/metrics", self._metrics)
            versions.router.add_get("/", _versions)
            self.health_url = await self._listen(health, 0) + "/"
            self.debug_url = await self._listen(debug, 0)
            self.versions_url = await self._listen(versions, 0)
        return self.url

    async def stop(self) -> None:
        """Close every port."""
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()

    async def _listen(self, app: web.Application, port: int) -> str:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def _health(self, request: web.Request) -> web.Response:
        if not self._node.up:
            return _dropped(request)
        status, body = ports.health(self._node)
        return web.Response(status=status, text=body, content_type="text/plain", charset="utf-8")

    async def _metrics(self, request: web.Request) -> web.Response:
        if not self._node.up:
            return _dropped(request)
        return web.Response(text=ports.metrics(self._node), content_type="text/plain", charset="utf-8")

    def _guarded(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            self.requests[request.path] = self.requests.get(request.path, 0) + 1
            fault = self.faults.get(request.path) or self.faults.get("*")
            if fault is not None:
                return await _failed(request, fault)
            if not self._node.up:
                return _dropped(request)
            return handler(request, Answers(self._node, self._clock()))

        return guarded


async def _versions(_request: web.Request) -> web.Response:
    return _json(ports.versions())


async def _failed(request: web.Request, fault: Fault) -> web.StreamResponse:
    if fault.kind == "hang":
        await asyncio.sleep(fault.seconds)
    answers = {
        "status": lambda: _error(fault.status, "something is broken"),
        "garbage": lambda: web.Response(body=_GARBAGE, content_type="application/json"),
        "empty": lambda: web.Response(body=b"", content_type="application/json"),
        "html": lambda: web.Response(text=_PAGE, content_type="text/html"),
    }
    return answers[fault.kind]() if fault.kind in answers else _dropped(request)


def _dropped(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)


def _application(guarded: Callable[[Handler], Any]) -> web.Application:
    app = web.Application()
    app.router.add_get("/api/sno", _moved("/api/sno/"))
    app.router.add_get("/api/sno/satellites/", _moved("/api/sno/satellites"))
    for path, handler in _ROUTES:
        app.router.add_get(path, guarded(handler))
    app.router.add_route("*", "/{path:.*}", guarded(_fallback))
    return app


def _moved(path: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def moved(_request: web.Request) -> web.Response:
        return web.Response(status=301, headers={"Location": path})

    return moved


def encode(value: Any) -> bytes:
    """JSON as Go writes it: compact, whole floats without a point, a newline at the end."""
    return json.dumps(_whole(value), separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _whole(value: Any) -> Any:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("Go encodes no such number either.")
        return int(value) if value == int(value) and abs(value) < 1e21 else value
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(status=status, body=encode(value), content_type="application/json")


def _error(status: int, text: str) -> web.Response:
    return _json({"error": f"consoleapi storagenode: {text}"}, status)


def _sno(_request: web.Request, answers: Answers) -> web.Response:
    return _json(answers.sno())


def _satellites(_request: web.Request, answers: Answers) -> web.Response:
    return _json(answers.satellites())


def _satellite(request: web.Request, answers: Answers) -> web.Response:
    satellite = request.match_info["id"]
    if not well_formed(satellite):
        return _error(400, _BAD_ID)
    index = answers.index(satellite)
    if index is None:
        return _error(404, f"SNO service: trust: satellite {json.dumps(satellite)} is untrusted")
    return _json(answers.satellite(index))


def _pricing(request: web.Request, answers: Answers) -> web.Response:
    satellite = request.match_info["id"]
    return _json(answers.pricing(satellite)) if well_formed(satellite) else _error(400, _BAD_ID)


def _estimated(request: web.Request, answers: Answers) -> web.Response:
    satellite = request.query.get("id", "")
    if not satellite:
        return _json(answers.estimated_payout(None))
    if not well_formed(satellite):
        return _error(400, _BAD_ID)
    index = answers.index(satellite)
    if index is not None and answers.node.accounts[index].standing.disqualified is not None:
        return _error(500, "console: estimationservice: node was disqualified on satellite")
    return _json(answers.estimated_payout(index) if index is not None else answers.nothing_estimated())


def _stubs(request: web.Request, answers: Answers, first: str, last: str) -> list[dict[str, Any]] | web.Response:
    """Paystubs of a range, oldest first, of the satellite in the query or of all."""
    satellite = request.query.get("id", "")
    if satellite and not well_formed(satellite):
        return _error(400, _BAD_ID)
    chosen = [answers.index(satellite)] if satellite else list(answers.all())
    months = [month for month in money.periods(answers.node, answers.now) if first <= money.period(*month) <= last]
    return [money.paystub(answers.node, each, *month) for month in months for each in chosen if each is not None]


def _paystubs(request: web.Request, answers: Answers) -> web.Response:
    period = request.match_info["period"]
    stubs = _stubs(request, answers, period, period)
    if isinstance(stubs, web.Response):
        return stubs
    if request.query.get("id"):
        return _json(stubs[0] if stubs else None)
    return _json(stubs or None)


def _paystub_range(request: web.Request, answers: Answers) -> web.Response:
    first, last = request.match_info["first"], request.match_info["last"]
    if not (_PERIOD.fullmatch(first) and _PERIOD.fullmatch(last)) or first > last:
        return _error(400, "period has wrong format")
    stubs = _stubs(request, answers, first, last)
    return stubs if isinstance(stubs, web.Response) else _json(stubs or None)


def _periods(_request: web.Request, answers: Answers) -> web.Response:
    return _json([money.period(*month) for month in money.periods(answers.node, answers.now)] or None)


def _held_history(_request: web.Request, answers: Answers) -> web.Response:
    node, rows = answers.node, []
    months = money.periods(node, answers.now)
    for index in answers.all() if months else ():
        stubs = [money.paystub(node, index, *month) for month in months]
        thirds = [sum(stub["held"] for stub in stubs[at : at + 3]) for at in (0, 3, 6)]
        joined = node.past.joined // 60 * 60
        rows.append(
            {
                "satelliteID": node.accounts[index].satellite.id,
                "satelliteName": node.accounts[index].satellite.url,
                "holdForFirstPeriod": thirds[0],
                "holdForSecondPeriod": thirds[1],
                "holdForThirdPeriod": thirds[2],
                "totalHeld": sum(thirds),
                "totalDisposed": sum(stub["disposed"] for stub in stubs),
                "joinedAt": go_time(joined),
            }
        )
    return _json(rows or None)


def _payout_history(request: web.Request, answers: Answers) -> web.Response:
    period, node = request.match_info["period"], answers.node
    stubs = _stubs(request, answers, period, period)
    if isinstance(stubs, web.Response):
        return stubs
    today = month_of(answers.now)
    age = money.months_between(node.past.joined, *today)
    return _json([_paid(answers, stub, age) for stub in stubs] or None)


def _paid(answers: Answers, stub: dict[str, Any], age: int) -> dict[str, Any]:
    earned = sum(stub[key] for key in ("compAtRest", "compGet", "compGetRepair", "compGetAudit"))
    year, month = map(int, stub["period"].split("-"))
    index = answers.index(stub["satelliteId"]) or 0
    return {
        "satelliteID": stub["satelliteId"],
        "satelliteURL": answers.node.accounts[index].satellite.url,
        "age": age,
        "earned": earned,
        "surge": earned,
        "surgePercent": 100,
        "held": stub["held"],
        "heldPercent": money.held_percent(money.months_between(answers.node.past.joined, year, month)),
        "afterHeld": earned - stub["held"],
        "disposed": stub["disposed"],
        "paid": stub["paid"],
        "receipt": f"zksync-era:0x{abs(stub['paid']) * 7919:064x}" if stub["distributed"] else "",
        "isExitComplete": False,
        "distributed": stub["distributed"],
    }


def _notifications(request: web.Request, _answers: Answers) -> web.Response:
    if not (request.query.get("limit", "").isdigit() and request.query.get("page", "").isdigit()):
        return _error(400, "notifications: limit and page are required")
    page = {"notifications": [], "offset": 0, "limit": 0, "currentPage": 0, "pageCount": 0}
    return _json({"page": page, "unreadCount": 0, "totalCount": 0})


def _fallback(request: web.Request, _answers: Answers) -> web.Response:
    """The page, for every path there is not; 405 for a known one asked in another way."""
    if request.method not in {"GET", "HEAD"}:
        return web.Response(status=405)
    return web.Response(text=_PAGE, content_type="text/html")


_ROUTES: tuple[tuple[str, Handler], ...] = (
    ("/api/sno/", _sno),
    ("/api/sno/satellites", _satellites),
    ("/api/sno/satellite/{id}", _satellite),
    ("/api/sno/satellites/{id}/pricing", _pricing),
    ("/api/sno/estimated-payout", _estimated),
    ("/api/heldamount/paystubs/{period}", _paystubs),
    ("/api/heldamount/paystubs/{first}/{last}", _paystub_range),
    ("/api/heldamount/held-history", _held_history),
    ("/api/heldamount/periods", _periods),
    ("/api/heldamount/payout-history/{period}", _payout_history),
    ("/api/notifications/list", _notifications),
)
