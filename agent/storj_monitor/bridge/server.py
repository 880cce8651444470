"""The bridge: one small web server with the viewer's files, its WebSocket, and the board as JSON.

Every request passes `Bridge._guard` first. All URLs are relative to the page, so that a reverse proxy may put it under
any path; one that does not strip that path finds the same routes under the path of `public_url`.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import parse_qs

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web
from aiohttp.http_exceptions import HttpProcessingError

from storj_monitor.bridge import frames, static
from storj_monitor.bridge.auth import SESSION_SECONDS, Entry, From, Gate
from storj_monitor.bridge.browser import Browser, Hub, Timing
from storj_monitor.bridge.options import BridgeOptions, check_options, is_wildcard
from storj_monitor.core.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from storj_monitor.board import Board
    from storj_monitor.bridge.browser import Call
    from storj_monitor.bridge.live import Live

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = logging.getLogger(__name__)
http_log = logging.getLogger(f"{__name__}.http")

BROWSERS = 256
WAITING_FOR_AUTH = 32
BODY_LIMIT = 4096
SHUTDOWN = 3.0
KEEP_ALIVE = 30.0
FRAME_LIMIT = 1024 * 1024
"""A frame between `frames.MESSAGE_LIMIT` and this is answered with an error, a larger one ends the connection."""

CLOSE_WRONG_TOKEN = 4401
CLOSE_THROTTLED = 4429

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors "
)
_TEXTS = {
    Entry.UNKNOWN: "A token is needed: log in, or send it as Authorization: Bearer.",
    Entry.THROTTLED: "Too many wrong tokens: wait a minute.",
}


class Bridge:
    """Serves browsers from the board.

    `health()` is None while all is well, else the reason as one sentence (`/healthz`). `metrics(node | None)` is the
    Prometheus text of `/metrics` and `/metrics/<node>`, None for an unknown node. `web` is the viewer's folder.
    """

    def __init__(
        self,
        board: Board,
        call: Call,
        options: BridgeOptions,
        *,
        version: str,
        now: Callable[[], float],
        live: Live,
        health: Callable[[], str | None],
        metrics: Callable[[str | None], Awaitable[bytes | None]] | None = None,
        web_folder: Path | None = None,
        timing: Timing | None = None,
        agent: Callable[[], str] = str,
    ) -> None:
        self._options = options
        self._health = health
        self._metrics = metrics
        self._folder = web_folder or static.web_folder()
        self._gate = Gate(options, now)
        self._hub = Hub(board, call, live, version, now, timing or Timing(), agent)
        self._browsers: set[Browser] = set()
        self._unproven = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen. Raises SettingsError, with a sentence, when the options or the address cannot be used."""
        check_options(self._options)
        http_log.addFilter(_MALFORMED)
        app = web.Application(client_max_size=BODY_LIMIT, middlewares=[self._guard])
        app.on_response_prepare.append(self._dress)
        app.on_shutdown.append(self._send_away)
        self._add_routes(app.router)
        self._runner = web.AppRunner(
            app, access_log=None, logger=http_log, shutdown_timeout=3.0, keepalive_timeout=30.0
        )
        await self._runner.setup()
        host, port = self._options.address
        try:
            await web.TCPSite(self._runner, host if host not in {"", "*"} else None, port).start()
        except OSError as error:
            await self.stop()
            reason = error.strerror or str(error)
            raise SettingsError(
                f"Cannot listen on {self._options.listen}: {reason}. Choose another address."
            ) from error

    async def stop(self) -> None:
        """Say goodbye to every browser and stop listening; returns within seconds whatever they do."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def address(self) -> str:
        """`HOST:PORT` it listens on, the port being the real one. Only after `start`."""
        if self._runner is None:
            raise RuntimeError("the bridge is not started")
        host, port, *_ = self._runner.addresses[0]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def url(self) -> str:
        """Where to open the page: `public_url`, else an address that works on this machine."""
        return self._options.public_url or self.local_url

    @property
    def local_url(self) -> str:
        """The address that works on this machine, past any proxy."""
        host, port = self.address.rsplit(":", 1)
        return f"http://{'127.0.0.1' if is_wildcard(host.strip('[]')) else host}:{port}/"

    def _add_routes(self, router: web.UrlDispatcher) -> None:
        base = self._options.base
        for prefix in dict.fromkeys((base, "")):
            router.add_get(f"{prefix}/ws", self._websocket)
            router.add_post(f"{prefix}/login", self._login)
            router.add_get(f"{prefix}/api/session", self._session)
            router.add_get(f"{prefix}/healthz", self._healthz)
            router.add_get(f"{prefix}/board", self._board)
            if self._metrics is not None:
                router.add_get(f"{prefix}/metrics", self._prometheus)
                router.add_get(f"{prefix}/metrics/{{node}}", self._prometheus)
            router.add_get(f"{prefix}/{{path:.*}}", self._static)
        if base:
            router.add_get(base, self._to_folder)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.headers.get("Host")
        arrived_at = request.transport.get_extra_info("sockname")[0] if request.transport else ""
        if not self._gate.knows_host(host, arrived_at):
            named = ascii(host[:80]) if host else "no name"
            return _refusal(403, f"This agent is not known as {named}. If it is yours, add it to allowed_hosts.")
        if self._origin(request) is From.ELSEWHERE:
            named = ascii(request.headers.get("Origin", "")[:80])
            return _refusal(403, f"A page of {named} may not talk to this agent. If it may, add it to allowed_origins.")
        return await handler(request)

    async def _dress(self, _request: web.Request, response: web.StreamResponse) -> None:
        ancestors = " ".join(self._options.frame_ancestors) or "'none'"
        response.headers["Content-Security-Policy"] = _CSP + ancestors
        response.headers["X-Content-Type-Options"] = "nosniff"
        # Not no-referrer: it would make browsers send "Origin: null" with a login form.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.popall("Server", None)

    async def _send_away(self, _app: web.Application) -> None:
        for browser in self._browsers:
            browser.leave(WSCloseCode.GOING_AWAY)

    def _origin(self, request: web.Request) -> From:
        return self._gate.origin(request.headers.get("Origin"), request.headers.get("Host", ""))

    def _enter(self, request: web.Request) -> Entry:
        authorization = request.headers.get("Authorization")
        entry = self._gate.enter(self._origin(request), request.cookies, authorization, request.remote or "")
        return _noted(entry, request) if authorization else entry

    async def _login(self, request: web.Request) -> web.Response:
        async with asyncio.timeout(self._hub.timing.auth):
            token = _sent_token(request.content_type, await request.read())
        if token is None:
            return _refusal(400, 'Send the token as JSON {"token": …} or as the form field "token".')
        entry = self._try(token, request)
        if entry is not Entry.OPEN:
            return _refused(entry)
        response = web.Response(status=204)
        response.set_cookie(
            self._gate.cookie,
            self._gate.session(),
            max_age=SESSION_SECONDS,
            path="",  # not "/": the browser then takes the folder of this page, which a proxy may share with others
            httponly=True,
            samesite="Strict",
            secure=self._gate.wants_secure(request.headers.get("Origin")) or None,
        )
        return response

    def _try(self, token: str, request: web.Request) -> Entry:
        return _noted(self._gate.try_token(token, request.remote or ""), request)

    async def _session(self, request: web.Request) -> web.Response:
        entry = self._enter(request)
        if entry is not Entry.OPEN:
            return _refused(entry)
        return web.json_response({"ok": True, "token_needed": self._gate.needs_token})

    async def _healthz(self, _request: web.Request) -> web.Response:
        reason = self._health()
        return web.Response(text="ok\n") if reason is None else _refusal(503, reason)

    async def _board(self, request: web.Request) -> web.Response:
        entry = self._enter(request)
        if entry is not Entry.OPEN:
            return _refused(entry)
        return web.Response(body=frames.board(self._hub.board.entries), content_type="application/json")

    async def _prometheus(self, request: web.Request) -> web.Response:
        entry = self._enter(request)
        if entry is not Entry.OPEN or self._metrics is None:
            return _refused(entry)
        text = await self._metrics(request.match_info.get("node"))
        if text is None:
            return _refusal(404, "This agent has no such node.")
        return web.Response(body=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def _static(self, request: web.Request) -> web.Response:
        path, accepted = request.match_info["path"], request.headers.get("Accept-Encoding", "")
        asset = await asyncio.to_thread(static.load, self._folder, path, accepted)
        if asset is None and path in {"", "index.html"}:
            return web.Response(status=503, body=static.NO_BUNDLE, content_type="text/html", charset="utf-8")
        if asset is None:
            return _refusal(404, "There is no such page.")
        headers = {"Content-Type": asset.content_type, "Cache-Control": asset.cache_control, "Vary": "Accept-Encoding"}
        if asset.encoding:
            headers["Content-Encoding"] = asset.encoding
        known = any(tag.value in {asset.etag, "*"} for tag in request.if_none_match or ())
        response = web.Response(status=304 if known else 200, body=None if known else asset.body, headers=headers)
        response.etag = asset.etag
        return response

    async def _to_folder(self, _request: web.Request) -> NoReturn:
        raise web.HTTPTemporaryRedirect(self._options.base.rpartition("/")[2] + "/")

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        entry = self._enter(request)
        may_prove = entry is Entry.UNKNOWN and self._proves_by_frame(request)
        if entry is not Entry.OPEN and not may_prove:
            return _refused(entry)
        if len(self._browsers) >= BROWSERS or (may_prove and self._unproven >= WAITING_FOR_AUTH):
            return _refusal(503, "Too many pages are open: close one.")
        ws = await self._upgrade(request)
        if not may_prove or await self._proved(ws, request):
            await self._serve(ws, request.transport)
        return ws

    def _proves_by_frame(self, request: web.Request) -> bool:
        """Pages hosted elsewhere, and our own inside another site's frame, where browsers keep the cookie back."""
        return self._origin(request) is From.LISTED or request.query.get("auth") == "frame"

    async def _upgrade(self, request: web.Request) -> web.WebSocketResponse:
        timing = self._hub.timing
        ws = web.WebSocketResponse(
            timeout=timing.goodbye,
            heartbeat=timing.heartbeat,
            max_msg_size=FRAME_LIMIT,
            writer_limit=0,  # wait for the peer after every frame, not after each 256 KiB
        )
        await ws.prepare(request)
        if ws._writer is not None:  # noqa: SLF001 - aiohttp can compress all frames or none; we choose by frame
            ws._writer.compress = 0  # noqa: SLF001
        return ws

    async def _proved(self, ws: web.WebSocketResponse, request: web.Request) -> bool:
        """Wait for the first frame `{"t":"auth","token":…}`; nothing was sent before it."""
        self._unproven += 1
        try:
            frame = await ws.receive(timeout=self._hub.timing.auth)
        except TimeoutError:
            await ws.close(code=CLOSE_WRONG_TOKEN, message=b"no token came")
            return False
        finally:
            self._unproven -= 1
        token = frames.auth_token(frame.data) if frame.type is WSMsgType.TEXT else None
        entry = Entry.UNKNOWN if token is None else self._try(token, request)
        if entry is not Entry.OPEN:
            code = CLOSE_THROTTLED if entry is Entry.THROTTLED else CLOSE_WRONG_TOKEN
            await ws.close(code=code, message=_TEXTS[entry].encode())
        return entry is Entry.OPEN

    async def _serve(self, ws: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        if transport is None:
            return
        browser = Browser(ws, transport, self._hub)
        self._browsers.add(browser)
        try:
            await browser.run()
        except Exception:  # a fault of ours: the HTTP layer must not answer it into an open WebSocket
            log.exception("A browser's connection failed.")
        finally:
            self._browsers.discard(browser)


class _Login(msgspec.Struct):
    token: str


class _Malformed(logging.Filter):
    """One short line for bytes that are no HTTP, instead of a traceback that quotes them."""

    def filter(self, record: logging.LogRecord) -> bool:
        cause = record.exc_info[1] if record.exc_info else None
        if isinstance(cause, HttpProcessingError):
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True


_MALFORMED = _Malformed()


def _sent_token(content_type: str, body: bytes) -> str | None:
    try:
        if content_type == "application/json":
            return msgspec.json.decode(body, type=_Login).token
        return parse_qs(body.decode(), max_num_fields=4)["token"][0]
    except (ValueError, KeyError, RecursionError):
        return None


def _noted(entry: Entry, request: web.Request) -> Entry:
    if entry is Entry.UNKNOWN:  # not when throttled: five lines a minute are enough
        log.warning("A wrong token came from %s.", request.remote)
    return entry


def _refused(entry: Entry) -> web.Response:
    headers = {"Retry-After": "60"} if entry is Entry.THROTTLED else {"WWW-Authenticate": "Bearer"}
    return _refusal(entry, _TEXTS[entry], headers)


def _refusal(status: int, text: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=text + "\n", headers=headers)
