"""Every key that the settings page names, and that they can be switched off."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser
from tests.e2e.rig import Site, Tab, eventually, tab_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

GOES = {"l": "Live", "c": "Compare", "a": "Alerts", "r": "Reports", "s": "Settings", "o": "Overview"}
FOCUSED = "() => document.activeElement.textContent.trim()"


async def press(tab: Tab, *keys: str) -> None:
    for key in keys:
        await tab.page.keyboard.press(key)


async def test_g_and_a_letter_go_to_every_page(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        await tab.open(demo.app.url)
        for key, name in GOES.items():
            await press(tab, "g", key)
            await tab.page.locator("nav.nav a[aria-current=page]", has_text=name).wait_for()
            await tab.page.wait_for_function("name => document.title.includes(name)", arg=name)


async def test_j_and_k_step_and_enter_opens(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        await tab.open(demo.app.url)
        await tab.page.locator("article.node").nth(1).wait_for()
        seen = []
        for key in ("j", "j", "k"):
            await press(tab, key)
            seen.append(await tab.page.evaluate(FOCUSED))
        assert seen == ["attic", "cellar", "attic"]
        await press(tab, "j", "Enter")
        await tab.shows("cellar is fine.", selector="h1")
        await press(tab, "Escape")
        await tab.shows("Everything is fine.", selector="h1")


async def test_brackets_change_the_range_and_a_point_shows_the_table(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        await tab.open(demo.app.url)
        await tab.page.wait_for_selector(".uplot canvas")
        chosen = tab.page.locator("[data-ranges] .seg button[aria-pressed=true]").first
        ranges = [await chosen.inner_text()]
        for key in ("]", "[", "["):
            await press(tab, key)
            ranges.append(await chosen.inner_text())
        assert ranges == ["24 h", "7 d", "24 h", "1 h"]
        await press(tab, ".")
        table = tab.page.locator("figure.chart table").first
        await table.wait_for()
        assert await table.locator("thead th").all_inner_texts() == ["Time", "out, Mbit/s", "in, Mbit/s"]
        await press(tab, ".")
        await table.wait_for(state="detached")


async def test_t_turns_the_theme_and_a_question_mark_explains(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo, color_scheme="light") as tab:
        await tab.open(demo.app.url)
        themes = []
        for _ in range(3):
            await press(tab, "t")
            themes.append(await tab.page.evaluate("() => document.documentElement.dataset.theme ?? 'auto'"))
        assert themes == ["light", "dark", "auto"]
        await press(tab, "?")
        mark = "() => getComputedStyle(document.querySelector('.stat .q'), '::after').opacity"
        assert await tab.page.evaluate(mark) == "1"
        await press(tab, "?")
        assert await tab.page.evaluate(mark) == "0"


async def test_slash_finds_and_fields_keep_their_letters(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        await tab.open(f"{demo.app.url}#/live")
        await press(tab, "/")
        await tab.page.keyboard.type("go t?")
        field = tab.page.get_by_label("Search the log")
        assert await field.input_value() == "go t?"
        assert await tab.page.locator("nav.nav a[aria-current=page]").inner_text() == "Live"


async def test_single_keys_can_be_switched_off(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        await tab.open(f"{demo.app.url}#/settings")
        keys = tab.page.get_by_role("group", name="Single keys")
        await keys.get_by_role("button", name="off").click()
        await press(tab, "g", "o")
        await tab.page.reload()
        await tab.shows("Keyboard")
        await press(tab, "g", "o")
        await tab.page.wait_for_timeout(300)
        assert await tab.page.locator("nav.nav a[aria-current=page]").inner_text() == "Settings"
        await keys.get_by_role("button", name="on").click()
        await press(tab, "g", "o")

        async def gone() -> bool:
            return await tab.page.locator("nav.nav a[aria-current=page]").inner_text() == "Overview"

        await eventually(gone)
