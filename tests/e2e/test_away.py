"""What the page says while nothing can be heard, and how it comes back."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser
from tests.e2e.rig import Site, tab_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

GREY = "() => getComputedStyle(document.querySelector('main > .stale')).filter"
UNREACHABLE = r"net::ERR_(CONNECTION_REFUSED|INTERNET_DISCONNECTED)|error occurred when fetching the script"
"""What the browser itself says of requests that end nowhere; the second is of a service worker."""
SILENCE = 30_000
"""Milliseconds; more than the page waits for the agent's tick."""


async def test_a_stopped_agent_greys_the_page_until_it_is_back(with_shelf: Site, browser: Browser) -> None:
    async with tab_of(browser, with_shelf) as tab:
        await tab.open(f"{with_shelf.app.url}#/node/demo/shelf")
        before = int(with_shelf.state("shelf")["errors"])
        await tab.shows(f"errors, 24 h {before} ")
        await tab.page.wait_for_selector(".uplot canvas")
        tab.excused.append(UNREACHABLE)
        await with_shelf.stop_agent()
        await tab.shows("The agent on demo has not been heard for", "Last known: shelf", f"errors, 24 h {before} ")
        assert "grayscale" in await tab.page.evaluate(GREY)
        assert await tab.page.get_by_role("button", name="Start maintenance…").is_disabled()
        await tab.shows("away", selector="header.top")
        await tab.shoot("node-away")
        with_shelf.write("ERROR", "piecestore", "written while nobody read", "{}")
        await with_shelf.start_agent()
        await tab.shows(f"errors, 24 h {before + 1} ")
        assert "has not been heard" not in await tab.text()
        assert not (await tab.text("h1")).startswith("Last known")
        await tab.shows("live", selector="header.top")


async def test_a_dead_network_is_noticed_by_its_silence(with_shelf: Site, browser: Browser) -> None:
    async with tab_of(browser, with_shelf) as tab:
        await tab.page.clock.install()
        await tab.open(with_shelf.app.url)
        await tab.shows("attic", "cellar")
        await tab.page.wait_for_selector(".uplot canvas")
        tab.excused.append(UNREACHABLE)
        await tab.page.context.set_offline(True)
        await tab.page.clock.fast_forward(SILENCE)
        await tab.shows("The agent on demo has not been heard for", "Nothing here is current", "attic")
        await tab.page.context.set_offline(False)
        await tab.page.wait_for_selector("main > .stale", state="detached")
        await tab.shows("live", selector="header.top")


async def test_the_page_opens_without_its_agent(with_shelf: Site, browser: Browser) -> None:
    async with tab_of(browser, with_shelf) as tab:
        await tab.open(with_shelf.app.url)
        await tab.shows("attic", "cellar", "shelf")
        await tab.page.wait_for_selector(".uplot canvas")
        await tab.page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
        tab.excused.append(UNREACHABLE)
        await with_shelf.stop_agent()
        await tab.page.reload()
        await tab.shows("Last known: Everything is fine.", "attic", "cellar", "shelf", "Nothing here is current")
        assert "grayscale" in await tab.page.evaluate(GREY)
        await with_shelf.start_agent()
        await tab.page.wait_for_selector("main > .stale", state="detached")
