"""The page of one node, fed by a log that only the test writes."""

from __future__ import annotations

import json
import time
from collections import Counter

import pytest
from playwright.async_api import Browser
from tests.e2e.rig import PIECE, US1, Site, Tab, eventually, tab_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

KINDS = {
    "GET": "Download",
    "PUT": "Upload",
    "GET_REPAIR": "Repair out",
    "PUT_REPAIR": "Repair in",
    "GET_AUDIT": "Audit",
}
OTHERS = {
    "node/demo/attic": ".facts",
    "settings": "#set-browser",
    "alerts": ".tabsrow",
    "reports": ".report",
    "live": ".world",
    "compare": ".wide-table",
}
"""Pages by their address, each with a part that only it has."""
HOSTILE = """<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>"""


async def table(tab: Tab, head: str) -> list[list[str]]:
    """The cells of the table of the card with this heading, when it has rows."""
    card = tab.page.locator("section", has=tab.page.get_by_role("heading", name=head, exact=True))
    await card.locator("tbody tr").first.wait_for()
    rows: list[list[str]] = await card.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )
    return rows


async def stored(site: Site) -> dict[str, Counter[str]]:
    """By the word for the kind: how many of each outcome the store has."""
    now = int(time.time())
    found: dict[str, Counter[str]] = {}
    for row in await site.app._store.reader.transfers("shelf", now - 86_400, now + 60):
        found.setdefault(KINDS[row["action"]], Counter())[row["outcome"]] += row["count"]
    return found


def expected(kind: str, outcomes: Counter[str]) -> list[str]:
    """Count, success, canceled, failed: an audit whose satellite went away judges nobody."""
    ended = sum(outcomes.values()) - outcomes["rejected"]
    judged = ended - (outcomes["canceled"] if kind == "Audit" else 0)
    share = f"{100 * outcomes['ok'] / judged:.2f}%"
    return [kind, f"{ended:,}", share, f"{outcomes['canceled']:,}", f"{outcomes['failed']:,}"]


async def test_the_counts_are_those_of_the_store(with_shelf: Site, browser: Browser) -> None:
    async with tab_of(browser, with_shelf) as tab:
        await tab.open(f"{with_shelf.app.url}#/node/demo/shelf")
        await tab.shows("Download", "Audit")
        truth = await stored(with_shelf)
        assert set(truth) == set(KINDS.values())
        assert sum(sum(outcomes.values()) for outcomes in truth.values()) > 5000
        shown = [row[:5] for row in await table(tab, "Races and answers")]
        assert shown == [expected(kind, truth[kind]) for kind in KINDS.values()]


async def test_a_line_reaches_the_page_that_is_open(with_shelf: Site, browser: Browser) -> None:
    fields = {"piece_id": PIECE, "satellite_id": US1, "action": "GET", "offset": 0, "size": 5_000_000}
    async with tab_of(browser, with_shelf) as tab:
        await tab.open(f"{with_shelf.app.url}#/node/demo/shelf")
        await tab.shows("Waiting for the first transfer.")
        await tab.page.evaluate("() => { window.same = true }")

        async def watched() -> bool:
            return "shelf" in with_shelf.app._live.watched()

        await eventually(watched)
        with_shelf.write(
            "INFO", "piecestore", "downloaded", json.dumps(fields | {"remote_address": "203.0.113.1:4001"})
        )
        chart = tab.page.get_by_role("img", name="The last 60 seconds: now 8.0 Mbit/s out, 0.0 Mbit/s in")
        await chart.wait_for()
        lines = tab.page.locator(".facts span", has_text="last log line").locator("b")

        async def young() -> bool:
            text = await lines.inner_text()
            return text.endswith(" s ago") and int(text.split()[0]) < 25

        await eventually(young)
        assert await tab.page.evaluate("() => window.same"), "without a reload"


async def test_text_from_a_log_never_becomes_an_element(with_shelf: Site, browser: Browser) -> None:
    async with tab_of(browser, with_shelf) as tab:
        await tab.open(f"{with_shelf.app.url}#/node/demo/shelf")
        elements = "() => document.querySelectorAll('main img, main script, main iframe').length"
        before = int(with_shelf.state("shelf")["errors"])
        with_shelf.write("ERROR", HOSTILE, HOSTILE, json.dumps({"error": HOSTILE, HOSTILE: HOSTILE}))
        await tab.shows(f"errors, 24 h {before + 1}")
        await tab.open(f"{with_shelf.app.url}#/")
        await tab.shows("<img src=x onerror=")
        assert await tab.page.evaluate(elements) == 0
        await tab.open(f"{with_shelf.app.url}#/node/demo/shelf")
        await tab.page.reload()  # the page asks for the templates every two minutes
        await tab.shows("What the log says", "<img src=x onerror=")
        assert await tab.page.evaluate(elements) == 0
        assert await tab.page.title() != "taken"
        await tab.shoot("node-hostile")


async def test_the_overview_looks_the_same_after_a_visit_to_a_node(told: Site, browser: Browser) -> None:
    """The style of a page that comes later must not reach those before it."""
    looks = """() => ['.stat', '.stat .q', '.stat .v', '.stat .sub', 'article.node', 'article.node h3', '.key span']
      .map(selector => {
        const { padding, margin, display, fontSize, color } = getComputedStyle(document.querySelector(selector))
        return `${selector}: ${padding} ${margin} ${display} ${fontSize} ${color}`
      })"""
    async with tab_of(browser, told) as tab:
        await tab.open(told.app.url)
        await tab.page.locator("article.node h3").first.wait_for()
        before = await tab.page.evaluate(looks)
        for page, part in OTHERS.items():
            await tab.page.goto(f"{told.app.url}#/{page}")
            await tab.page.locator(part).first.wait_for()
        await tab.page.goto(f"{told.app.url}#/")
        await tab.page.locator("article.node h3").first.wait_for()
        assert await tab.page.evaluate(looks) == before
