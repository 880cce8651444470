"""The live page, fed by a log that only the test writes: places, seconds, what is under way, lines."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from tests.e2e.rig import PIECE, US1, Site, Tab, eventually, tab_of
from tests.e2e.test_away import UNREACHABLE
from tests.e2e.test_overview import TOO_WIDE

from storj_monitor.demo.places import PLACES

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKYO = next(place for place in PLACES if place.city == "Tokyo")
PAINTED = """() => [...document.querySelectorAll('.world canvas')].map(one => {
  const { data } = one.getContext('2d').getImageData(0, 0, one.width, one.height)
  return data.filter((value, at) => at % 4 === 3 && value > 0).length
})"""


def transfer(message: str, action: str, number: int, size: int) -> tuple[str, str]:
    fields = {"piece_id": PIECE.replace("E6FQ", f"E{number:03d}"), "satellite_id": US1, "action": action, "size": size}
    return message, json.dumps(fields | {"offset": 0, "remote_address": f"{TOKYO.block}.1.1:4001"})


ELEMENTS = "() => document.querySelectorAll('main :is(img, script, iframe)').length"


async def shelf(tab: Tab, site: Site) -> None:
    """Look at the node that the test alone writes, until what comes from it is seen."""
    await tab.open(f"{site.app.url}#/live")
    await tab.page.get_by_role("button", name="All 3 nodes").click()
    await tab.page.get_by_role("checkbox", name="shelf").check()
    await tab.page.get_by_role("button", name="Show 1 node").click()
    await tab.shows("1 node ·")
    await tab.page.locator(".world canvas").nth(2).wait_for()

    async def watched() -> bool:
        return site.app._live.watched() == {"shelf"}

    await eventually(watched)


async def test_a_piece_is_seen_where_it_goes(with_shelf: Site, browser: Browser, tmp_path: Path) -> None:
    async with tab_of(browser, with_shelf, viewport={"width": 1440, "height": 1000}) as tab:
        tab.excused.append("willReadFrequently")  # only the test reads pixels
        await shelf(tab, with_shelf)
        land, glow, _ = await tab.page.evaluate(PAINTED)
        assert land > 10_000, "the land is drawn"
        assert glow == 0
        for number in range(5):
            with_shelf.write("INFO", "piecestore", *transfer("downloaded", "GET", number, 2_000_000))
        await tab.shows("Japan 5 10.0 MB")

        async def glows() -> bool:
            return bool((await tab.page.evaluate(PAINTED))[1] > 100)

        await eventually(glows)
        await tab.page.get_by_role("img", name="The last 5 minutes: now", exact=False).first.wait_for()
        await hover_over_japan(tab)
        await tab.shows("Japan", "pieces a minute", "Mbit/s", selector=".map-tip")
        await tab.shoot("live-light")
        await tab.page.get_by_role("button", name="In", exact=True).click()

        async def dark() -> bool:
            return bool((await tab.page.evaluate(PAINTED))[1] == 0)

        await eventually(dark)
        async with tab.page.expect_download() as saved:
            await tab.page.locator("section", has_text="Countries").get_by_role("button", name="CSV").last.click()
        await (await saved.value).save_as(tmp_path / "countries.csv")
        with (tmp_path / "countries.csv").open(newline="") as file:
            assert list(csv.reader(file))[1] == ["JP", "5", "10000000", "0"]


async def hover_over_japan(tab: Tab) -> None:
    """Move the pointer over the east of the map until something is under it."""
    box = await tab.page.locator(".world").bounding_box()
    assert box is not None
    for x in range(78, 92):
        for y in range(24, 40, 2):
            await tab.page.mouse.move(box["x"] + box["width"] * x / 100, box["y"] + box["height"] * y / 100)
            if await tab.page.locator(".map-tip").count():
                return


async def test_what_is_under_way_is_counted_where_the_log_tells(with_shelf: Site, browser: Browser) -> None:
    async with tab_of(browser, with_shelf) as tab:
        await shelf(tab, with_shelf)
        with_shelf.write("INFO", "piecestore", *transfer("uploaded", "PUT", 20, 1000))
        await tab.shows("The log does not say when a transfer begins")
        for number in (21, 22, 23):
            with_shelf.write("DEBUG", "piecestore", *transfer("download started", "GET", number, 1000))
        with_shelf.write("DEBUG", "piecestore", *transfer("upload started", "PUT", 24, 1000))
        label = "Transfers under way, the last 5 minutes: now {} out, {} in"
        await tab.page.get_by_role("img", name=label.format(3, 1)).wait_for()
        with_shelf.write("INFO", "piecestore", *transfer("downloaded", "GET", 22, 1000))
        await tab.page.get_by_role("img", name=label.format(2, 1)).wait_for()
        card = tab.page.locator("section", has=tab.page.get_by_role("button", name="At once"))
        await card.get_by_role("button", name="Show as table").click()
        await card.locator("tbody tr").nth(299).wait_for()
        await expect(card.locator("tbody tr").first.locator("td")).to_have_text(["2", "1"])
        assert await tab.violations() == []


async def test_what_passed_while_the_agent_was_away_is_not_known_rather_than_zero(
    with_shelf: Site, browser: Browser
) -> None:
    async with tab_of(browser, with_shelf) as tab:
        tab.excused.append(UNREACHABLE)
        await shelf(tab, with_shelf)
        with_shelf.write("INFO", "piecestore", *transfer("downloaded", "GET", 30, 1_000_000))
        card = tab.page.locator("section", has=tab.page.get_by_role("button", name="Rate"))
        await card.get_by_role("button", name="Show as table").click()
        out = card.locator("tbody tr td:nth-of-type(1)")
        await card.get_by_text("8.0", exact=True).first.wait_for()
        await with_shelf.stop_agent()
        await tab.shows("The agent on demo has not been heard for")
        await tab.page.wait_for_timeout(2000)
        await with_shelf.start_agent()
        await tab.page.get_by_role("status").filter(has_text="has not been heard").wait_for(state="detached")

        async def has_gap() -> bool:
            """Newest first: seconds that are known, some that are not, and again known ones."""
            kinds = ["unknown" if text.strip() == "–" else "known" for text in await out.all_inner_texts()]
            runs = [kind for kind, before in zip(kinds, ["", *kinds], strict=False) if kind != before]
            return runs[:3] == ["known", "unknown", "known"]

        await eventually(has_gap)
        assert await tab.violations() == []


async def test_equal_lines_are_folded_found_and_explained(with_shelf: Site, browser: Browser) -> None:
    async with tab_of(browser, with_shelf) as tab:
        await shelf(tab, with_shelf)
        for number in range(17):
            fields = json.dumps({"satellite_id": US1, "attempts": 1, "error": f"reset {number}"})
            with_shelf.write("ERROR", "contact:service", "ping satellite failed", fields)
        with_shelf.write("INFO", "bandwidth", "Persisting bandwidth usage cache to db", "{}")
        rows = tab.page.locator("ol.log li")
        await tab.shows("17 ×", "Persisting bandwidth usage")
        await expect(rows).to_have_count(2)
        await tab.page.get_by_role("button", name="Errors").click()
        await expect(rows).to_have_count(1)
        await tab.page.get_by_role("button", name="All", exact=True).last.click()
        await expect(rows).to_have_count(2)
        await tab.page.get_by_label("Search the log").fill("bandwidth")
        await expect(rows).to_have_count(1)
        await tab.page.get_by_label("Search the log").fill("nowhere")
        await tab.shows("No line fits.")


async def test_a_pause_holds_the_picture(with_shelf: Site, browser: Browser) -> None:
    async with tab_of(browser, with_shelf) as tab:
        await shelf(tab, with_shelf)
        with_shelf.write("INFO", "piecestore", *transfer("downloaded", "GET", 40, 1_000_000))
        await tab.shows("Japan 1")
        await tab.page.get_by_role("button", name="Pause").click()
        before = with_shelf.state("shelf")["log_lines"]
        with_shelf.write("INFO", "piecestore", *transfer("downloaded", "GET", 41, 1_000_000))

        async def counted() -> bool:
            return bool(with_shelf.state("shelf")["log_lines"] > before)

        await eventually(counted)
        await tab.page.wait_for_timeout(1000)
        await tab.shows("Japan 1")
        await tab.page.get_by_role("button", name="Go on").click()
        with_shelf.write("INFO", "piecestore", *transfer("downloaded", "GET", 42, 1_000_000))
        await tab.shows("Japan 2")


async def test_without_a_place_file_the_map_says_how_to_get_one(with_shelf: Site, browser: Browser) -> None:
    async with tab_of(browser, with_shelf) as tab:
        await shelf(tab, with_shelf)
        for number in range(25):
            message, fields = transfer("downloaded", "GET", 50 + number, 1000)
            nowhere = json.loads(fields) | {"remote_address": "203.0.113.9:4001"}
            with_shelf.write("INFO", "piecestore", message, json.dumps(nowhere))
        await tab.shows("the agent has no file of places", "storj-monitor geoip update", "place not known 25")
        assert await tab.violations() == []


HOSTILE = {
    "script": "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">",
    "right to left": "\u202egnp.exe\u202c \u0645\u0631\u062d\u0628\u0627",
    "long": "x" * 100_000,
    "nul": "before\x00after",
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_whatever_a_log_says_is_text(with_shelf: Site, browser: Browser, kind: str) -> None:
    text = f"{kind} {HOSTILE[kind]}"
    async with tab_of(browser, with_shelf) as tab:
        await shelf(tab, with_shelf)
        with_shelf.write("ERROR", "piecestore", text, json.dumps({"error": text}))
        row = tab.page.locator("ol.log li", has_text=kind).first
        await row.wait_for()
        assert len(await row.inner_text()) < 1000
        for path in ("#/live", "#/", "#/node/demo/shelf", "#/alerts"):
            await tab.page.goto(f"{with_shelf.app.url}{path}")
            await tab.page.wait_for_selector("h1")
            await tab.page.wait_for_timeout(300)
            assert (
                await tab.page.evaluate("() => document.querySelectorAll('main :is(img, script, iframe)').length") == 0
            )
            assert await tab.page.evaluate(TOO_WIDE) == [], path
        assert "taken" not in await tab.page.title()
