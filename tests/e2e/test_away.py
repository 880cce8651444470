"""What the page says while nothing can be heard, and how it comes back."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, async_playwright
from tests.e2e.rig import Site, eventually, tab_of

from storj_monitor.bridge import static

pytestmark = pytest.mark.asyncio(loop_scope="module")

GREY = "() => getComputedStyle(document.querySelector('main > .stale')).filter"
UNREACHABLE = r"net::ERR_(CONNECTION_REFUSED|INTERNET_DISCONNECTED)|error occurred when fetching the script"
"""What the browser itself says of requests that end nowhere; the second is of a service worker."""
KEPT = "() => navigator.serviceWorker.getRegistration().then(found => Boolean(found?.active))"
"""The worker has all its files."""
SILENCE = 30_000
"""Milliseconds; more than the page waits for the agent's tick."""


async def test_the_worker_asks_for_files_that_there_are() -> None:
    folder = static.web_folder()
    found = re.search(r"const FILES = (\[.*?\])", (folder / "sw.js").read_text())
    assert found is not None
    named = {name.removeprefix("./") for name in json.loads(found[1])} - {""}
    assert len(named) > 10
    assert not [name for name in named if not (folder / name).is_file()]


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
        await eventually(lambda: tab.page.evaluate(KEPT))
        tab.excused.append(UNREACHABLE)
        await with_shelf.stop_agent()
        await tab.page.reload()
        await tab.shows("Last known: Everything is fine.", "attic", "cellar", "shelf", "Nothing here is current")
        assert "grayscale" in await tab.page.evaluate(GREY)
        await with_shelf.start_agent()
        await tab.page.wait_for_selector("main > .stale", state="detached")


async def test_what_was_last_heard_is_shown_on_plain_http_too(tmp_path: Path, chromium: str) -> None:
    """No service worker there, so the page itself must come; its agent's WebSocket does not."""
    token = "the-token-of-this-test"
    site = await Site(tmp_path, settings={"bridge": {"allowed_hosts": ["monitor.test"], "token": token}}).start()
    async with async_playwright() as playwright:
        rule = "--host-resolver-rules=MAP monitor.test 127.0.0.1"
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", rule])
        try:
            page = await (await browser.new_context(locale="en-GB")).new_page()
            url = f"http://monitor.test:{urlsplit(site.app.url).port}/"
            await page.goto(url)
            await page.get_by_label("Token").fill(token)
            await page.get_by_role("button", name="Log in").click()
            await page.get_by_text("Everything is fine.").wait_for()
            assert await page.evaluate("() => [isSecureContext, 'serviceWorker' in navigator]") == [False, False]
            await page.route_web_socket("**/*", lambda socket: socket.close())
            await page.reload()
            await page.get_by_text("Last known: Everything is fine.").wait_for()
            assert "grayscale" in await page.evaluate(GREY)
            await page.goto(f"{url}#/settings")
            await page.get_by_text("This page cannot be installed as an app").wait_for()
        finally:
            await browser.close()
            await site.stop()


async def test_a_new_version_is_offered_and_taken(tmp_path: Path, browser: Browser) -> None:
    bundle = tmp_path / "web"
    shutil.copytree(static.web_folder(), bundle)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(static, "web_folder", lambda: bundle)
        site = await Site(tmp_path / "site").start()
    try:
        async with tab_of(browser, site) as tab:
            await tab.open(site.app.url)
            await eventually(lambda: tab.page.evaluate(KEPT))
            await tab.page.reload()
            await tab.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
            for old in bundle.glob("sw.js.*"):
                old.unlink()
            worker = bundle / "sw.js"
            worker.write_text(worker.read_text().replace('VERSION = "', 'VERSION = "new '))
            await tab.page.evaluate(
                "() => navigator.serviceWorker.ready.then(found => found.update()).then(() => null)"
            )
            await tab.shows("There is a new version of this page.", selector="body")
            await tab.page.evaluate("() => { window.old = true }")
            await tab.page.get_by_role("button", name="Reload").click()
            await tab.page.wait_for_function("() => window.old === undefined")
            await tab.shows("Everything is fine.", selector="h1")
            kept = await tab.page.evaluate("() => caches.keys()")
            assert [name.startswith("shell new ") for name in kept] == [True]
    finally:
        await site.stop()
