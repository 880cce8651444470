"""Tables of the node page, the reports page, notes and comparisons, in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Locator
from tests.e2e.rig import Site, Tab, tab_of
from tests.e2e.test_overview import CONTRAST, TOO_WIDE

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECTIONS = ("Transfers in detail", "Outlook", "Where the bytes are", "Payouts and leaks", "Tasks and what is unusual")


def card(tab: Tab, head: str) -> Locator:
    return tab.page.locator("section.card", has=tab.page.get_by_role("heading", name=head, exact=True))


async def settled(one: Locator) -> str:
    """The card's text once its table, or the sentence in its place, is there."""
    await one.locator("table, p.m").first.wait_for()
    return " ".join((await one.inner_text()).split())


async def test_every_table_has_rows_or_says_why_not(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        await tab.open(f"{demo.app.url}#/node/demo/attic")
        filled = set()
        for head in SECTIONS:
            one = card(tab, head)
            choice = one.get_by_label("Table", exact=True)
            await choice.wait_for()
            for name in await choice.locator("option").all_inner_texts():
                await choice.select_option(label=name)
                text = await settled(one)
                assert "cannot be shown" not in text, (head, name)
                if await one.locator("tbody tr").count():
                    filled.add(name)
        assert filled >= {
            *("Countries", "Sizes", "Where the scores go", "Stored but not paid", "By satellite", "When it is full"),
            *("What happened", "Months", "This month", "This month by satellite", "Paystubs", "Held"),
        }
        # Each store is compacted once a day, at an hour of its own: the node's two hours hold some or none.
        done = (await demo.app._commands("compactions", {"node": "attic"}, "websocket"))["total"]
        assert ("Compactions" in filled) == (done > 0)


async def test_the_months_are_those_of_the_store_and_sort(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        await tab.open(f"{demo.app.url}#/node/demo/attic")
        one = card(tab, "Payouts and leaks")
        truth = (await demo.app._commands("payouts", {"node": "attic"}, "websocket"))["months"]
        months = sorted((row["period"] for row in truth), reverse=True)
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
        assert text.startswith("period,earned,")
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
