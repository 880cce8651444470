from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright
from tests.e2e.fleet import Fleet, retained
from tests.e2e.rig import Site

from storj_monitor.bridge.static import web_folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's browser; without it nothing here is proved, so that is a failure."""
    found = shutil.which("chromium")
    if found is None:
        pytest.fail("The page's tests need the browser chromium: sudo apt-get install chromium", pytrace=False)
    if not (web_folder() / "index.html").is_file():
        pytest.fail("The page's tests need the built viewer: make viewer", pytrace=False)
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        # Root may not use the sandbox, and the pages are our own.
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """An agent on the two nodes of the demo."""
    site = Site(tmp_path_factory.mktemp("demo"))
    try:
        yield await site.start()
    finally:
        await site.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """The two nodes and the shelf, and an agent that has known them for months."""
    site = Site(tmp_path_factory.mktemp("told"), shelf=True, remembered=True)
    try:
        yield await site.start()
    finally:
        await site.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def with_shelf(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """The same and a node without an API, whose log the test writes."""
    site = Site(tmp_path_factory.mktemp("shelf"), shelf=True)
    try:
        yield await site.start()
    finally:
        await site.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fleet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    """A viewer of fifteen agents with ten nodes each, on a broker."""
    made = Fleet(tmp_path_factory.mktemp("fleet"))
    try:
        yield await made.start(retained(time.time()))
    finally:
        await made.stop()
