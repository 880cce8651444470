"""Nodes beside each other: ranks, a sortable table, a chart of each quantity, all of it to take along."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page
from tests.e2e.rig import Site, tab_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def saved(page: Page, button: str, path: Path) -> list[dict[str, str]]:
    async with page.expect_download() as download:
        await page.locator(button).last.click()
    await (await download.value).save_as(path)
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


async def test_ranks_are_those_of_the_values_and_sort(demo: Site, browser: Browser, tmp_path: Path) -> None:
    async with tab_of(browser, demo, viewport={"width": 1440, "height": 900}) as tab:
        await tab.open(f"{demo.app.url}#/compare")
        await tab.shows("attic", "cellar", "the best of a column is bold")
        table = tab.page.locator("section.dense table")
        stored = {name: demo.state(name)["disk_used"] for name in ("attic", "cellar")}
        best = max(stored, key=lambda name: stored[name])
        column = (await table.locator("thead th").all_inner_texts()).index("Stored")
        row = table.locator("tbody tr", has_text=best)
        assert await row.locator("td").nth(column - 1).locator("b").count() == 1
        assert (await row.locator("td").nth(column - 1).locator("sup").inner_text()).strip() == "1"
        await table.get_by_role("button", name="Stored", exact=True).click()
        assert (await table.locator("tbody tr th").all_inner_texts())[0] == best
        await table.get_by_role("button", name="Stored", exact=True).click()
        assert (await table.locator("tbody tr th").all_inner_texts())[-1] == best
        rows = await saved(tab.page, "section.dense button.bare", tmp_path / "compare.csv")
        assert {row["node"]: round(float(row["stored"]) / 1e11) for row in rows} == {
            f"demo/{name}": round(used / 1e11) for name, used in stored.items()
        }


async def test_its_columns_are_chosen_too(demo: Site, browser: Browser, tmp_path: Path) -> None:
    async with tab_of(browser, demo, viewport={"width": 1440, "height": 900}) as tab:
        await tab.open(f"{demo.app.url}#/compare")
        head = tab.page.locator("section.dense thead th")
        await head.filter(has_text="Upload success").wait_for()
        await tab.page.get_by_role("button", name="Columns").click()
        await tab.page.get_by_role("checkbox", name="Upload success").uncheck()
        await head.filter(has_text="Upload success").wait_for(state="detached")
        assert await tab.violations() == []
        await tab.page.keyboard.press("Escape")
        (row, *_) = await saved(tab.page, "section.dense button.bare", tmp_path / "fewer.csv")
        assert "upload" not in row
        assert "download" in row


async def test_each_quantity_is_a_chart_with_its_numbers(demo: Site, browser: Browser, tmp_path: Path) -> None:
    async with tab_of(browser, demo) as tab:
        await tab.open(f"{demo.app.url}#/compare")
        card = tab.page.locator("section[data-ranges]")
        await card.locator(".uplot canvas").wait_for()
        await card.get_by_label("What is shown").select_option(label="Upload success")
        await card.get_by_role("heading", name="Upload success").wait_for()
        await card.get_by_role("button", name="1 h").click()
        await card.get_by_role("button", name="Show as table").click()
        await card.locator("tbody tr").nth(30).wait_for()
        assert await card.locator("thead th").all_inner_texts() == ["Time", "attic", "cellar"]
        rows = await saved(tab.page, "section[data-ranges] figcaption button.bare", tmp_path / "upload.csv")
        known = [float(row["attic"]) for row in rows if row["attic"]]
        assert known
        assert all(0 <= value <= 100 for value in known)
