"""A whole agent on simulated nodes, and a real browser that looks at it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Page, Request, Route, WebSocketRoute, expect
from tests.patience import PATIENCE

from storj_monitor.app import App
from storj_monitor.demo.lognode import SimulatedNode
from storj_monitor.demo.places import locate
from storj_monitor.demo.runner import DemoNode, demo_nodes
from storj_monitor.demonstration import remember
from storj_monitor.settings import load

expect.set_options(timeout=PATIENCE * 1000)

HISTORY = 2 * 3600.0
SLOW = float(os.environ.get("E2E_SLOW", "0"))
"""Seconds that a page waits longer for each message and part (`E2E_SLOW=0.5 pytest tests/e2e`): shows tests that look
before there is something to see. Those of a lost connection need the real one, without it."""
US1 = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S"
PIECE = "E6FQ7JQ3DBPTK2ZJ5FVQDRPZQ3VXG4MNKS2XGBHJ2QYCEHFJW001"
ARTEFACTS = Path(__file__).parents[2] / "artefacts" / "e2e"
AXE = Path(__file__).parents[2] / "viewer" / "node_modules" / "axe-core" / "axe.min.js"
"""The checker of accessibility, one of the viewer's npm packages; it is put into the page, not fetched by it."""
_RUN_AXE = """() => axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`)))"""

_WATCH = """
document.addEventListener('securitypolicyviolation', event =>
  console.error(`policy violated: ${event.violatedDirective} by ${event.blockedURI} ${event.sample}`))
"""


class Site:
    """Two simulated nodes that write as time goes by, `shelf`, whose log only the test writes, and one agent.

    Args:
        folder: for logs and data.
        shelf: whether there is the third node.
        nodes: others in place of the two.
        remembered: whether the agent begins with the history of months that the demo's has.
        settings: more for the sections of the agent's settings, by section.
    """

    def __init__(
        self,
        folder: Path,
        *,
        shelf: bool = False,
        remembered: bool = False,
        nodes: Sequence[DemoNode] | None = None,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.folder, self.remembered = folder, remembered
        self.nodes = list(nodes) if nodes is not None else demo_nodes(folder, clock=time.time, history=HISTORY)
        self._settings = settings or {}
        self.shelf = folder / "shelf.log" if shelf else None
        self.app: App
        self._task: asyncio.Task[None] | None = None
        self._listen = "127.0.0.1:0"

    async def start(self) -> Self:
        if self.shelf is not None:
            now = time.time() - 60
            past = SimulatedNode(7, name="shelf", start=now - HISTORY, rate=1.0)
            self.shelf.write_bytes(b"".join(line for lines in past.seconds(past.begun, now) for line in lines))
        await self.start_nodes()
        if self.remembered:
            await remember(self.folder / "data", self.nodes)
        await self.start_agent()
        await eventually(self.is_read)
        return self

    async def start_nodes(self) -> None:
        """The nodes alone, with their past."""
        await asyncio.gather(*(node.start() for node in self.nodes))

    async def stop(self) -> None:
        await self.stop_agent()
        await asyncio.gather(*(node.stop() for node in self.nodes))

    async def start_agent(self) -> None:
        """Start the agent; again on the port that it had."""
        sections: dict[str, dict[str, Any]] = {
            "agent": {"name": "demo"},
            "data": {"dir": str(self.folder / "data"), "commit_interval": 1},
            "bridge": {"listen": self._listen},
            "versions": {"enabled": False},
            "nodes": {node.name: {"log": str(node.log), "api": node.api} for node in self.nodes}
            | ({"shelf": {"log": str(self.shelf)}} if self.shelf else {}),
        }
        for name, more in self._settings.items():
            sections[name] = {**sections.get(name, {}), **more}
        self.app, ready = App(load(None, sections, {}), place=locate), asyncio.Event()
        self._task = asyncio.create_task(self.app.run(lambda _: ready.set()))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait({self._task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._task.done():
            self._task.result()
        self._listen = urlsplit(self.app.url).netloc

    async def stop_agent(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._task = None

    def state(self, node: str) -> dict[str, Any]:
        """The node's state as it stands on the board; empty before there is one."""
        entry = self.app._board.entries.get(f"storj-monitor/demo/{node}/state")
        return dict(entry.value) if entry else {}

    async def is_read(self) -> bool:
        """All logs read to their end, every polled node asked for everything."""
        logs = [self.state(name).get("log_behind") == 0 for name in self.app.settings.nodes]
        money = [self.state(node.name).get("payout_estimate_node") is not None for node in self.nodes]
        return all(logs) and all(money)

    def write(self, level: str, logger: str, message: str, fields: str) -> None:
        """Append one line, of now, to the log of `shelf`."""
        assert self.shelf is not None
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with self.shelf.open("ab") as file:
            file.write(f"{stamp}\t{level}\t{logger}\t{message}\t{fields}\n".encode())


async def eventually(true: Callable[[], Awaitable[bool]], seconds: float = PATIENCE) -> None:
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110 - boards and pages have no event for a test
            await asyncio.sleep(0.05)


class Served(Protocol):
    """What has a page: `Site`, or a fleet."""

    app: App


@dataclass
class Tab:
    """A page of the browser and everything that is wrong with it: `faults` must be empty at the end.

    `excused` are patterns of console messages that the test itself provokes, such as a refused connection.
    """

    page: Page
    origin: str
    faults: list[str] = field(default_factory=list)
    excused: list[str] = field(default_factory=list)

    async def open(self, url: str) -> None:
        """Go there and wait for a sentence."""
        await self.page.goto(url)
        await self.page.wait_for_selector("h1")

    async def text(self, selector: str = "main") -> str:
        """What can be read there, on one line."""
        return " ".join((await self.page.inner_text(selector)).split())

    async def shows(self, *phrases: str, selector: str = "main", seconds: float = PATIENCE) -> None:
        """Wait until all phrases can be read; say what stands there instead."""
        try:
            await eventually(lambda: self._has(phrases, selector), seconds)
        except TimeoutError:
            text = await self.text(selector)
            missing = [phrase for phrase in phrases if phrase not in text]
            raise AssertionError(f"{missing} cannot be read in: {text}") from None

    async def _has(self, phrases: Sequence[str], selector: str) -> bool:
        text = await self.text(selector)
        return all(phrase in text for phrase in phrases)

    async def shoot(self, name: str) -> None:
        """Keep a picture of the whole page for people to look at."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)

    async def violations(self) -> list[str]:
        """What axe finds wrong with the page as it stands now."""
        await self.page.evaluate(AXE.read_text())
        found: list[str] = await self.page.evaluate(_RUN_AXE)
        return found

    def _say(self, message: ConsoleMessage) -> None:
        text = message.text
        if message.type in {"error", "warning"} and not any(re.search(one, text) for one in self.excused):
            self.faults.append(f"console {message.type}: {text}")

    def _asked(self, url: str) -> None:
        if not url.startswith(("data:", "blob:")) and urlsplit(url).netloc != self.origin:
            self.faults.append(f"a request to another origin: {url}")

    def watch(self) -> None:
        def requested(request: Request) -> None:
            self._asked(request.url)

        self.page.on("console", self._say)
        self.page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        self.page.context.on("request", requested)
        self.page.on("websocket", lambda socket: self._asked(socket.url))


async def hold_back(page: Page) -> None:
    """Let everything that the agent sends come `SLOW` seconds later."""
    held: set[asyncio.Task[None]] = set()

    async def later(send: Callable[[str | bytes], None], message: str | bytes) -> None:
        await asyncio.sleep(SLOW)
        send(message)

    def between(socket: WebSocketRoute) -> None:
        def receive(message: str | bytes) -> None:
            task = asyncio.create_task(later(socket.send, message))
            held.add(task)
            task.add_done_callback(held.discard)

        socket.connect_to_server().on_message(receive)

    async def file(route: Route) -> None:
        await asyncio.sleep(SLOW)
        await route.continue_()

    await page.route_web_socket(re.compile("/ws"), between)
    await page.route(re.compile(r"/assets/.*\.js"), file)


@contextlib.asynccontextmanager
async def tab_of(browser: Browser, site: Served, **options: Any) -> AsyncIterator[Tab]:
    """A fresh, empty browser profile with one page; its faults fail the test."""
    given = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", "timezone_id": "UTC"} | options
    context = await browser.new_context(**given)
    context.set_default_timeout(PATIENCE * 1000)
    await context.add_init_script(_WATCH)
    tab = Tab(await context.new_page(), urlsplit(site.app.url).netloc)
    if SLOW:
        await hold_back(tab.page)
    tab.watch()
    try:
        yield tab
    finally:
        await context.close()
    assert not tab.faults, "\n".join(tab.faults)
