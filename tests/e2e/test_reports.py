"""The reports page of a real agent: its figures, its choice of nodes, its paper and its file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser
from tests.e2e.rig import Site, Tab, tab_of
from tests.e2e.test_overview import CONTRAST, TOO_WIDE

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def truth(site: Site, period: str) -> dict[str, Any]:
    found: dict[str, Any] = await site.app._commands("report", {"period": period}, "websocket")
    return found


UNITS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"))


def terabytes(value: float) -> str:
    """As the page writes sizes of this order: three figures."""
    amount, unit = next((value / one, unit) for one, unit in UNITS if value >= 0.9995 * one)
    return f"{amount:.{0 if amount >= 99.95 else 1 if amount >= 9.995 else 2}f} {unit}"


async def open_report(tab: Tab, site: Site, period: str) -> None:
    await tab.open(f"{site.app.url}#/reports")
    await tab.page.get_by_role("button", name=period, exact=True).click()
    await tab.shows(f"{period} report", "(UTC)", "Traffic", "What happened")


async def test_the_figures_are_those_of_the_agent(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        await open_report(tab, demo, "Month")
        report = await truth(demo, "month")
        totals = report["totals"]
        await tab.shows(terabytes(totals["disk_used"]), f"${totals['earned']:.2f}", selector=".band")
        for each in report["nodes"]:
            row = tab.page.locator("tr", has=tab.page.get_by_role("rowheader", name=each["node"], exact=True)).first
            assert terabytes(each["traffic"]["egress"]) in await row.inner_text()
        critical = sum(each["events"]["critical"] for each in report["nodes"])
        await tab.shows(f"{critical} critical", selector=".band")


async def test_every_number_says_what_it_is(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        await open_report(tab, demo, "Month")
        await tab.shows("Reputation")
        silent = tab.page.locator(".report .stat, .report th.num").filter(has_not=tab.page.locator(".q"))
        assert set(await silent.all_inner_texts()) <= {"Count"}, "of what happened"
        await tab.page.get_by_role("button", name="Change", exact=True).click()
        await tab.shows("Used at the end of the span less used at its beginning", "Source", selector="[popover]")


async def test_a_choice_in_the_header_is_a_choice_of_the_report(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        await open_report(tab, demo, "Month")
        await tab.page.get_by_role("button", name="All 2 nodes").click()
        await tab.page.get_by_role("checkbox", name="cellar").check()
        await tab.page.get_by_role("button", name="Show 1 node").click()
        await tab.shows("1 of 2 nodes, as chosen in the header")
        (cellar,) = [each for each in (await truth(demo, "month"))["nodes"] if each["node"] == "cellar"]
        await tab.shows(terabytes(cellar["storage"]["disk_used"]), selector=".band")
        assert await tab.page.get_by_role("rowheader", name="attic", exact=True).count() == 0
        async with tab.page.expect_download() as download:
            await tab.page.get_by_role("button", name="CSV").click()
        lines = (await (await download.value).path()).read_text().splitlines()[1:]
        assert {line.split(",")[2] for line in lines} == {"cellar"}


async def test_a_day_without_money_leads_to_the_month(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        await open_report(tab, demo, "Day")
        # On the first day of a month all that is earned was earned on that day.
        await tab.page.get_by_role("button", name="Before", exact=True).click()
        await tab.page.get_by_role("button", name="See the month").click()
        await tab.shows("Month report", "Earned", "Estimate")


async def test_what_is_perfect_is_a_sentence_that_can_be_opened(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        await open_report(tab, demo, "Week")
        rows = [each for node in (await truth(demo, "week"))["nodes"] for each in node["reputation"]]
        card = tab.page.locator("section.card", has=tab.page.get_by_role("heading", name="Reputation"))
        shown = await card.locator("tbody tr").count()
        assert shown < len(rows), "the demo has satellites that are content"
        await card.get_by_role("button", name="Show them").click()
        assert await card.locator("tbody tr").count() == len(rows)


async def test_on_paper_it_is_a_report_and_nothing_else(demo: Site, browser: Browser, tmp_path: Path) -> None:
    async with tab_of(browser, demo) as tab:
        await open_report(tab, demo, "Month")
        paper = tmp_path / "report.pdf"
        await tab.page.pdf(path=paper, format="A4")
        data = paper.read_bytes()
        assert len(re.findall(rb"/Type\s*/Page\b", data)) in {1, 2}, "two nodes fit on two sheets"
        await tab.page.emulate_media(media="print")
        assert (await tab.text("body")).startswith("Month report"), "neither pages nor buttons"
        for name in ("Print", "CSV", "Before", "Show them"):
            assert not await tab.page.get_by_role("button", name=name).is_visible()


async def test_it_is_sound_in_both_themes_and_fits_a_phone(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        await open_report(tab, demo, "Year")
        for scheme in ("light", "dark"):
            await tab.page.emulate_media(color_scheme=scheme)
            assert await tab.violations() == []
            assert await tab.page.evaluate(CONTRAST) == []
            await tab.shoot(f"reports-{scheme}")
        await tab.page.set_viewport_size({"width": 360, "height": 780})
        assert await tab.page.evaluate(TOO_WIDE) == []
        await tab.shoot("reports-phone")
