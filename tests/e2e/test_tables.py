"""Tables of the node page, the reports page, notes and comparisons, in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Locator
from tests.e2e.rig import Site, Tab, tab_of
from tests.e2e.test_overview import CONTRAST, TOO_WIDE

pytestmark = pytest.mark.asyncio(loop_scope="module")

FOLDS = (
    "Hot pieces",
    "Slowest transfers",
    "What each satellite reported",
    "Paystubs and receipts",
    "Held by satellite",
    "All tasks, newest first",
    "What was unusual before",
)


async def settled(one: Locator) -> str:
    """The card's text once its table, or the sentence in its place, is there."""
    await one.locator("table, p.m").first.wait_for()
    return " ".join((await one.inner_text()).split())


def fold(tab: Tab, name: str) -> Locator:
    return tab.page.locator("details.card", has=tab.page.get_by_text(name, exact=True))


async def test_what_is_rarely_needed_is_asked_for_when_it_is_opened(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        await tab.open(f"{demo.app.url}#/node/demo/attic")
        filled = set()
        for name in FOLDS:
            one = fold(tab, name)
            await one.locator("summary").wait_for()
            assert await one.locator("table").count() == 0
            await one.locator("summary").click()
            assert "cannot be shown" not in await settled(one), name
            if await one.locator("tbody tr").count():
                filled.add(name)
        assert filled >= {
            *("Hot pieces", "Slowest transfers", "What each satellite reported", "Paystubs and receipts"),
            *("Held by satellite", "All tasks, newest first"),
        }
        assert await tab.page.evaluate(CONTRAST) == []


async def test_the_paystubs_are_those_of_the_store_and_sort(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        await tab.open(f"{demo.app.url}#/node/demo/attic")
        one = fold(tab, "Paystubs and receipts")
        await one.locator("summary").click()
        truth = (await demo.app._commands("payouts", {"node": "attic"}, "websocket"))["months"]
        months = sorted((row["period"] for row in truth for _ in row["satellites"]), reverse=True)
        rows = one.locator("tbody th")
        await rows.first.wait_for()
        assert await rows.all_inner_texts() == months[:12]
        await one.get_by_role("button", name=f"Show all {len(months)}").click()
        await one.get_by_role("button", name="Month").click()
        assert await rows.all_inner_texts() == months[::-1]
        assert await one.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
        async with tab.page.expect_download() as download:
            await one.get_by_role("button", name="CSV").click()
        text = (await (await download.value).path()).read_text()
        assert text.startswith("of.period,name,earned,")
        assert len(text.splitlines()) == 1 + len(months)


@pytest.mark.parametrize("period", ["Day", "Week", "Month"])
async def test_a_report_can_be_read_and_taken_along(demo: Site, browser: Browser, period: str) -> None:
    async with tab_of(browser, demo) as tab:
        await tab.open(demo.app.url)
        await tab.page.locator("article h3").first.wait_for()
        await tab.page.keyboard.press("g")
        await tab.page.keyboard.press("r")
        await tab.page.get_by_role("button", name=period, exact=True).click()
        await tab.shows(f"{period} report", "(UTC)", "still running", "attic", "cellar", "Traffic", "Reputation")
        assert await tab.page.evaluate(CONTRAST) == []
        async with tab.page.expect_download() as download:
            await tab.page.get_by_role("button", name="CSV").click()
        text = (await (await download.value).path()).read_text()
        assert ",attic,,traffic.egress," in text
        await tab.page.emulate_media(media="print")
        assert not await tab.page.locator("header.top").is_visible()
        assert not await tab.page.get_by_role("button", name="Print").is_visible()
        await tab.shoot(f"report-{period.lower()}-print")


async def test_a_note_becomes_a_mark_that_compares(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo, viewport={"width": 360, "height": 780}) as tab:
        await tab.open(f"{demo.app.url}#/node/demo/cellar")
        await tab.page.get_by_label("Add a note").fill("<b>another</b> switch")
        await tab.page.get_by_role("button", name="Add note").click()
        await tab.shows("<b>another</b> switch")
        await tab.page.get_by_role("button", name="Compare: The node started.").click()
        await tab.shows("Restart:")
        await tab.page.get_by_role("button", name="N", exact=False).first.wait_for(state="attached")
        assert await tab.page.evaluate(TOO_WIDE) == []
