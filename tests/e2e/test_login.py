"""Who may come in: the token's page, behind proxies, in a frame, and hosted elsewhere; the real agent says who."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from aiohttp import ClientSession, WSMsgType, web
from multidict import CIMultiDict
from playwright.async_api import Browser
from tests.e2e.rig import Site, Tab, eventually, tab_of

from storj_monitor.bridge.auth import WRONG_TOKENS
from storj_monitor.bridge.static import web_folder

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKEN = "a-token-that-nobody-guesses"
UNAUTHORISED = r"the server responded with a status of 401|status of 429"
"""What the browser itself says of a request that needs a login first."""
SOCKET = r"WebSocket connection to .* failed"
SET_ANEW = {"connection", "upgrade", "keep-alive", "transfer-encoding", "content-length"}
"""Headers of one hop."""


class House:
    """A small web server of somebody else, on a port that is known before it has pages."""

    def __init__(self) -> None:
        self.app = web.Application()
        self._runner = web.AppRunner(self.app)
        self.port = 0

    async def open(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        await self._runner.cleanup()


class Proxy(House):
    """A reverse proxy that has the agent under a path, as nginx would: with `strip` it takes the path away."""

    def __init__(self, path: str, *, strip: bool) -> None:
        super().__init__()
        self.target = ""
        self._path, self._strip = path, strip
        self.app.router.add_route("*", f"{path}{{rest:.*}}", self._pass)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self._path}"

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        rest = request.path_qs.removeprefix(self._path) if self._strip else request.path_qs.removeprefix("/")
        headers = CIMultiDict((key, value) for key, value in request.headers.items() if key.lower() not in SET_ANEW)
        async with ClientSession(auto_decompress=False) as session:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await self._socket(request, session, f"{self.target}{rest}", headers)
            body = await request.read()
            async with session.request(
                request.method, f"{self.target}{rest}", headers=headers, data=body, allow_redirects=False
            ) as answer:
                kept = CIMultiDict((key, value) for key, value in answer.headers.items() if key.lower() not in SET_ANEW)
                return web.Response(status=answer.status, headers=kept, body=await answer.read())

    async def _socket(
        self, request: web.Request, session: ClientSession, url: str, headers: CIMultiDict[str]
    ) -> web.StreamResponse:
        asked = CIMultiDict((k, v) for k, v in headers.items() if not k.lower().startswith("sec-websocket"))
        async with session.ws_connect(url, headers=asked) as inner:
            outer = web.WebSocketResponse()
            await outer.prepare(request)

            async def back() -> None:
                async for frame in inner:
                    if frame.type is WSMsgType.TEXT:
                        await outer.send_str(frame.data)
                await outer.close()

            task = asyncio.create_task(back())
            async for frame in outer:
                if frame.type is WSMsgType.TEXT:
                    await inner.send_str(frame.data)
            task.cancel()
            return outer


class World:
    """The agent with a token, and everybody from whom its page is reached."""

    def __init__(self, folder: Path) -> None:
        self.stripping, self.keeping = Proxy("/home/storj/", strip=True), Proxy("/monitor/", strip=False)
        self.framer, self.stranger, self.host = House(), House(), House()
        self.folder = folder
        self.site: Site

    async def open(self) -> None:
        everybody = (self.stripping, self.keeping, self.framer, self.stranger, self.host)
        self.framer.app.router.add_get("/", self._framing)
        self.stranger.app.router.add_get("/", self._framing)
        self.host.app.router.add_static("/page/", web_folder())
        for each in everybody:
            await each.open()
        bridge = {
            "token": TOKEN,
            "public_url": self.keeping.url,
            "frame_ancestors": [f"http://localhost:{self.framer.port}"],
            "allowed_origins": [f"http://localhost:{self.host.port}"],
        }
        self.site = Site(self.folder, settings={"bridge": bridge})
        await self.site.start()
        address = self.site.app._bridge.address
        self.stripping.target = self.keeping.target = f"http://{address}/"

    @property
    def url(self) -> str:
        """The agent itself, without a proxy."""
        return f"http://{self.site.app._bridge.address}/"

    async def _framing(self, _request: web.Request) -> web.Response:
        frame = f"<iframe width=1000 height=700 src='{self.url}'></iframe>"
        return web.Response(
            text=f"<!doctype html><title>Home</title><link rel=icon href=data:,>{frame}",
            content_type="text/html",
        )

    async def close(self) -> None:
        await self.site.stop()
        for each in (self.stripping, self.keeping, self.framer, self.stranger, self.host):
            await each.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    made = World(tmp_path_factory.mktemp("login"))
    await made.open()
    yield made
    await made.close()


@contextlib.asynccontextmanager
async def tab_at(browser: Browser, world: World, url: str) -> AsyncIterator[Tab]:
    """A tab of which only `url`'s origin and the agent's may be asked."""
    async with tab_of(browser, world.site) as tab:
        tab.origin = urlsplit(url).netloc
        tab.excused += [UNAUTHORISED, SOCKET]
        yield tab


async def log_in(tab: Tab, token: str = TOKEN) -> None:
    await tab.page.get_by_label("Token").fill(token)
    await tab.page.keyboard.press("Enter")


async def test_the_right_token_comes_in_and_stays_in_by_a_cookie_no_script_sees(world: World, browser: Browser) -> None:
    async with tab_at(browser, world, world.url) as tab:
        await tab.open(world.url)
        await tab.shows("This agent wants its token.")
        assert await tab.page.evaluate("() => document.activeElement.name") == "token"
        assert await tab.page.get_by_role("navigation").count() == 0, "there is nowhere to go yet"
        assert await tab.violations() == []
        assert "attic" not in await tab.page.content(), "nothing is told before"
        await log_in(tab, "not the token of this agent")
        await tab.shows("This is not the token of this agent.")
        assert await tab.page.evaluate("() => document.activeElement.name") == "token", "one may type at once"
        assert await tab.violations() == []
        await tab.shoot("login-wrong")
        await log_in(tab)
        await tab.shows("Everything is fine.", "attic", "cellar")
        await tab.page.get_by_role("navigation").get_by_role("link", name="Settings").first.wait_for()
        (cookie,) = await tab.page.context.cookies()
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "Strict"
        assert TOKEN not in cookie["value"]
        assert TOKEN not in tab.page.url
        kept = await tab.page.evaluate("() => JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")
        assert TOKEN not in kept
        await tab.page.reload()
        await tab.shows("Everything is fine.", "attic")
        await tab.page.context.clear_cookies()
        await tab.page.reload()
        await tab.shows("This agent wants its token.")


@pytest.mark.parametrize("name", ["stripping", "keeping"])
async def test_behind_a_path_of_a_reverse_proxy_it_is_the_same(world: World, browser: Browser, name: str) -> None:
    proxy: Proxy = getattr(world, name)
    async with tab_at(browser, world, proxy.url) as tab:
        await tab.open(proxy.url)
        await tab.shows("This agent wants its token.")
        await log_in(tab)
        await tab.shows("Everything is fine.", "attic", "cellar")
        (cookie,) = await tab.page.context.cookies()
        assert cookie["path"] == urlsplit(proxy.url).path.rstrip("/"), "others on that host do not get it"
        await tab.page.get_by_role("link", name="Alerts").first.click()
        await tab.shows("No alert is open.", selector="h1")
        await tab.page.get_by_role("link", name="Rules").click()
        await tab.shows("What is watched", "disk_full")
        await tab.page.reload()
        await tab.shows("What is watched", "disk_full")


async def test_in_a_frame_of_a_listed_page_the_token_goes_by_the_socket(world: World, browser: Browser) -> None:
    home = f"http://localhost:{world.framer.port}/"
    async with tab_at(browser, world, home) as tab:
        await tab.page.goto(home)
        frame = tab.page.frame_locator("iframe")
        await frame.get_by_label("Token").fill("wrong in the frame")
        await frame.get_by_role("button", name="Log in").click()
        await frame.get_by_text("This is not the token of this agent.").wait_for()
        await frame.get_by_label("Token").fill(TOKEN)
        await frame.get_by_role("button", name="Log in").click()
        await frame.get_by_text("Everything is fine.").wait_for()
        agent = urlsplit(world.url).netloc
        tab.faults = [fault for fault in tab.faults if agent not in fault]
        assert await tab.page.context.cookies(home) == []


async def test_no_other_page_may_frame_it(world: World, browser: Browser) -> None:
    home = f"http://localhost:{world.stranger.port}/"
    async with tab_at(browser, world, home) as tab:
        await tab.page.goto(home)

        async def refused() -> bool:
            return any("frame-ancestors" in fault for fault in tab.faults)

        await eventually(refused)
        assert await tab.page.frame_locator("iframe").get_by_label("Token").count() == 0
        agent = urlsplit(world.url).netloc
        tab.faults = [fault for fault in tab.faults if "frame-ancestors" not in fault and agent not in fault]


async def test_a_page_hosted_elsewhere_asks_before_it_talks_to_an_agent(world: World, browser: Browser) -> None:
    agent = f"ws://{urlsplit(world.url).netloc}/ws"
    page = f"http://localhost:{world.host.port}/page/index.html?agent={agent}"
    async with tab_at(browser, world, page) as tab:
        sockets: list[str] = []
        tab.page.on("websocket", lambda socket: sockets.append(socket.url))
        await tab.open(page)
        await tab.shows("Talk to this agent?", agent)
        await tab.page.wait_for_timeout(500)
        assert sockets == [], "not a word before the reader agrees"
        await tab.page.get_by_label("Token").fill("not this one")
        await tab.page.get_by_role("button", name="Connect").click()
        await tab.shows("This is not the token of this agent.")
        await tab.page.get_by_label("Token").fill(TOKEN)
        await tab.page.get_by_role("button", name="Connect").click()
        await tab.shows("Everything is fine.", "attic")
        assert await tab.page.evaluate(f"() => localStorage.getItem('token {agent}')") == TOKEN, "by its address"
        await tab.page.reload()
        await tab.shows("Everything is fine.", "attic")
        assert set(sockets) == {agent}
        await tab.open(page.replace("/ws", "/other"))
        await tab.shows("Talk to this agent?", agent.replace("/ws", "/other"))
        assert set(sockets) == {agent}, "a new address is asked for anew, with no token on the way"
        tab.faults = [fault for fault in tab.faults if agent not in fault]


async def test_five_wrong_tokens_a_minute_then_even_the_right_one_waits(world: World, browser: Browser) -> None:
    """The last test: the minute counts for this whole machine."""
    async with tab_at(browser, world, world.url) as tab:
        await tab.open(world.url)
        seen: list[int] = []
        while 429 not in seen:
            async with tab.page.expect_response("**/login") as answer:
                await log_in(tab, f"guess number {len(seen)}")
            seen.append((await answer.value).status)
        assert seen == [401] * (len(seen) - 1) + [429]
        assert len(seen) <= WRONG_TOKENS + 1, "those of the tests before may count, too"
        await tab.shows("Too many wrong tokens. Wait a minute, then try again.")
        async with tab.page.expect_response("**/login") as answer:
            await log_in(tab)
        assert (await answer.value).status == 429
        await tab.shows("Too many wrong tokens. Wait a minute, then try again.")
        assert await tab.page.context.cookies() == []
        await tab.shoot("login-throttled")
