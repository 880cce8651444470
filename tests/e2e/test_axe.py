"""Nothing that axe knows is wrong with any page, in light and in dark, and nothing stands in the way of a phone."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.async_api import Browser
from tests.e2e.rig import Site, tab_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGES = {
    "": "Traffic of all nodes",
    "#/live": "Countries",
    "#/compare": "rank",
    "#/alerts": "",
    "#/reports": "Traffic",
    "#/settings": "Keyboard",
    "#/node/demo/attic": "Reputation",
    "#/nowhere": "There is no such page.",
}


@pytest.mark.parametrize("path", PAGES)
async def test_axe_finds_nothing(demo: Site, browser: Browser, path: str) -> None:
    async with tab_of(browser, demo, viewport={"width": 1280, "height": 1600}) as tab:
        await tab.open(f"{demo.app.url}{path}")
        await tab.shows(PAGES[path])
        await tab.page.wait_for_timeout(500)  # answers fill the page: what is checked may come at any time
        schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for scheme in schemes:
            await tab.page.emulate_media(color_scheme=scheme)
            assert await tab.violations() == [], scheme


async def test_what_opens_over_the_page_is_sound_too(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo, viewport={"width": 1280, "height": 1600}) as tab:
        await tab.open(demo.app.url)
        await tab.page.get_by_role("button", name="Stored").first.click()
        await tab.shows("What it is", "With your figures", "attic", selector="#why")
        assert await tab.violations() == []
        await tab.page.keyboard.press("Escape")
        await tab.page.get_by_role("button", name="All 2 nodes").click()
        await tab.shows("Which nodes?", selector="dialog")
        assert await tab.violations() == []
        await tab.page.keyboard.press("Escape")
        await tab.page.get_by_role("button", name="Show as table").first.click()
        await tab.page.locator("figure table tbody tr").nth(20).wait_for()
        assert await tab.violations() == []
