"""A hundred and fifty nodes of fifteen agents, as they stand retained on a real broker."""

from __future__ import annotations

import csv
import time
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Browser, expect
from tests.e2e.fleet import AGENTS, Fleet, retained
from tests.e2e.rig import Tab, tab_of
from tests.e2e.test_overview import TOO_WIDE

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROWS = "section.dense tbody tr[data-row]"


async def names(tab: Tab) -> list[str]:
    return await tab.page.locator(f"{ROWS} a").all_inner_texts()


async def test_the_sentence_begins_with_the_worst_and_counts_the_rest(fleet: Fleet, browser: Browser) -> None:
    async with tab_of(browser, fleet, viewport={"width": 1440, "height": 1180}) as tab:
        await tab.open(fleet.app.url)
        await tab.shows(
            "3 of 150 nodes need you. Begin with d07: the storage folder of d07 cannot be written to.", selector="h1"
        )
        await tab.shows("145 are fine, 1 in maintenance, 1 cannot be judged.")
        alerts = await tab.page.locator("article.alert h2").all_inner_texts()
        assert [text.split()[0] for text in alerts] == ["The", "The", "k09:"], "worst first, then the oldest"
        assert "Stop the node, check the disk." in await tab.page.locator("article.alert").first.inner_text()
        await tab.shows("150 nodes on 15 hosts", "All 150", "Problems 3", "Unknown 1", "Maintenance 1")
        squares = tab.page.locator("section.fleet")
        assert await squares.locator("button").count() == len(AGENTS)
        assert await squares.locator("rect").count() == 150
        assert await squares.locator("rect.f1, rect.f2").count() == 3
        assert await squares.locator("rect.f3").count() == 2
        await tab.shoot("fleet-light")
        assert await tab.page.locator("section.dense").evaluate("one => one.scrollWidth <= one.clientWidth")
        await tab.page.emulate_media(color_scheme="dark")
        await tab.shoot("fleet-dark")
        await tab.page.get_by_role("button", name="Problems 3").click()  # axe takes its time with all 150
        assert await tab.violations() == []


async def test_the_table_groups_sorts_filters_and_goes_along(fleet: Fleet, browser: Browser, tmp_path: Path) -> None:
    async with tab_of(browser, fleet, viewport={"width": 1440, "height": 900}) as tab:
        await tab.open(fleet.app.url)
        await tab.page.locator(ROWS).nth(149).wait_for(state="attached")
        groups = tab.page.locator("section.dense tr.grp th")
        assert [text.split()[-1] for text in await groups.all_inner_texts()][:3] == ["shelf-d", "shelf-f", "shelf-k"]
        assert (await names(tab))[0] == "d07", "problems first while sorted by name"
        await tab.page.get_by_role("button", name="Flat").click()
        await tab.page.get_by_role("button", name="Audit", exact=True).click()
        assert await tab.page.locator("th[aria-sort=ascending] > button").first.inner_text() == "Audit"
        await tab.page.get_by_role("button", name="Full in", exact=True).click()
        assert (await names(tab))[0] == "f03"
        async with tab.page.expect_download() as saved:
            await tab.page.get_by_role("button", name="CSV").click()
        await (await saved.value).save_as(tmp_path / "nodes.csv")
        with (tmp_path / "nodes.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 150
        assert next(row for row in rows if row["node"] == "shelf-f/f03")["full"] == "6"
        await tab.page.get_by_role("button", name="Problems 3").click()
        assert sorted(await names(tab)) == ["d07", "f03", "k09"]
        await tab.page.keyboard.press("Escape")
        await tab.page.locator("body").press("/")
        await tab.page.keyboard.type("k09")
        assert await names(tab) == ["k09"]


async def test_the_columns_are_chosen_by_keyboard_and_kept_in_this_browser(fleet: Fleet, browser: Browser) -> None:
    async with tab_of(browser, fleet, viewport={"width": 1440, "height": 900}) as tab:
        await tab.open(fleet.app.url)
        await tab.page.locator(ROWS).nth(149).wait_for(state="attached")
        await tab.page.get_by_label("Find a node").fill("k0")  # axe takes its time with all 150
        head = tab.page.locator("section.dense thead th")
        usual = await head.count()
        button = tab.page.get_by_role("button", name="Columns")
        await button.focus()
        await tab.page.keyboard.press("Enter")
        choice = tab.page.get_by_role("group", name="Columns that are shown")
        await choice.wait_for()
        assert await choice.get_by_role("checkbox", name="Node", exact=True).count() == 0, "a row needs its name"
        assert await tab.violations() == []
        await tab.shoot("fleet-columns")
        await tab.page.keyboard.press("Tab")
        await choice.get_by_role("checkbox", name="Disk").and_(tab.page.locator(":focus")).wait_for()
        await tab.page.keyboard.press("Space")
        await head.filter(has_text="Disk").wait_for(state="detached")
        await choice.get_by_role("checkbox", name="Trash").check()
        await head.filter(has_text="Trash").wait_for()
        await expect(head).to_have_count(usual)
        await tab.page.keyboard.press("Escape")
        await choice.wait_for(state="hidden")
        await button.and_(tab.page.locator(":focus")).wait_for()
        await tab.page.reload()
        await head.filter(has_text="Trash").wait_for()
        await expect(head.filter(has_text="Disk")).to_have_count(0)
        await tab.page.set_viewport_size({"width": 360, "height": 780})
        assert await tab.page.evaluate(TOO_WIDE) == [], "the table scrolls, the page does not"
        await head.filter(has_text="Version").scroll_into_view_if_needed()
        await tab.page.set_viewport_size({"width": 1440, "height": 900})
        await button.click()
        await choice.get_by_role("button", name="Usual columns").click()
        await head.filter(has_text="Disk").wait_for()
        await head.filter(has_text="Trash").wait_for(state="detached")


async def test_some_of_the_nodes_are_one_summed_view(fleet: Fleet, browser: Browser) -> None:
    async with tab_of(browser, fleet) as tab:
        await tab.open(fleet.app.url)
        await tab.page.get_by_role("button", name="All 150 nodes").click()
        await tab.page.get_by_role("checkbox", name="a01", exact=True).check()
        await tab.page.get_by_role("checkbox", name="b01", exact=True).check()
        await tab.page.get_by_role("button", name="Show 2 nodes").click()
        await tab.shows("Everything is fine. Nothing to do.", selector="h1")
        board = fleet.app._board.entries
        used = sum(board[f"storj-monitor/shelf-{name[0]}/{name}/state"].value["disk_used"] for name in ("a01", "b01"))
        await tab.shows(f"Stored {used / 1e12:.2f} of")
        assert await tab.page.locator("article.node h3").all_inner_texts() == ["a01", "b01"]
        await tab.page.reload()
        await tab.shows("Everything is fine. Nothing to do.", selector="h1")


async def test_live_data_stay_with_the_agent_that_has_the_log(fleet: Fleet, browser: Browser) -> None:
    async with tab_of(browser, fleet) as tab:
        for page in ("", "#/live"):
            await tab.open(f"{fleet.app.url}{page}")
            await tab.shows("Live data stay with the agent that reads the log. Open its own page:")
            link = tab.page.get_by_role("link", name="shelf-c", exact=True)
            assert await link.get_attribute("href") == "http://shelf-c.invalid:8787"


async def test_a_hundred_and_fifty_nodes_fit_a_phone(fleet: Fleet, browser: Browser) -> None:
    async with tab_of(browser, fleet, viewport={"width": 360, "height": 780}) as tab:
        for page in ("", "#/compare"):
            await tab.open(f"{fleet.app.url}{page}")
            await tab.page.locator("tbody tr[data-row]").nth(149).wait_for(state="attached")
            assert await tab.page.evaluate(TOO_WIDE) == []
            if not page:
                await tab.shoot("fleet-phone")
                whole = "card => card.querySelector('table').offsetWidth <= card.clientWidth"
                assert await tab.page.locator("section.dense").evaluate(whole), "no column is cut off"


async def test_a_change_of_another_host_arrives_by_itself(fleet: Fleet, browser: Browser) -> None:
    async with tab_of(browser, fleet) as tab:
        await tab.open(fleet.app.url)
        await tab.shows("3 of 150 nodes need you.", selector="h1")
        fine = [
            (topic, payload) for topic, payload in retained(time.time(), agents=("shelf-d",)) if "d07/alerts" in topic
        ]
        healed = next(
            payload for topic, payload in retained(time.time(), agents=("shelf-d",)) if topic.endswith("d06/state")
        )
        try:
            await fleet.tell(iter([(fine[0][0], b"[]"), ("storj-monitor/shelf-d/d07/state", healed)]))
            await tab.shows("2 of 150 nodes need you. Begin with f03", selector="h1")
        finally:
            await fleet.tell(retained(time.time(), agents=("shelf-d",)))
