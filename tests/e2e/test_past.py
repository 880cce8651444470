"""The card that offers to import old logs, in a real browser."""

from __future__ import annotations

import gzip
import time
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from tests.e2e.rig import HISTORY, Site, eventually, tab_of
from tests.e2e.test_overview import CONTRAST, TOO_WIDE

from storj_monitor.demo.lognode import SimulatedNode
from storj_monitor.demo.trouble import TROUBLES

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_past_is_offered_imported_and_said(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> None:
    folder = tmp_path_factory.mktemp("past")
    site = Site(folder)
    begun = time.time() - 2 * HISTORY
    lost = msgspec.structs.replace(TROUBLES["audits_fail"], starts=600.0)
    past = SimulatedNode(7, name="attic", start=begun, rate=1.0, trouble=lost)
    lines = [line for second in past.seconds(past.begun, begun + HISTORY / 2) for line in second]
    log = site.nodes[0].log
    log.with_name(f"{log.name}.1.gz").write_bytes(gzip.compress(b"".join(lines)))
    try:
        await site.start()
        async with tab_of(browser, site) as tab:
            await tab.open(f"{site.app.url}#/node/demo/{site.nodes[0].name}")
            card = tab.page.locator("section.card", has=tab.page.get_by_role("heading", name="Old logs", exact=True))
            await card.get_by_text("One older log file lies beside this node's log").wait_for()
            assert await tab.page.evaluate(CONTRAST) == []
            await card.get_by_role("button", name="Import old logs").click()
            await card.get_by_text(f"Imported {len(lines):,} lines").wait_for()
            assert await card.get_by_role("button").count() == 0
            found: list[dict[str, Any]] = []

            async def is_looked_at() -> bool:
                found[:] = [await site.app._commands("hindsight", {"node": "attic"}, "websocket")]
                return found[0] is not None

            await eventually(is_looked_at)
            assert found[0]["total"] > 0, "pieces were lost"
            await card.get_by_text(found[0]["text"]).wait_for()
            await card.locator("summary").click()
            rows = await card.locator(".late li").all_inner_texts()
            assert len(rows) == found[0]["total"]
            assert found[0]["alerts"][0]["text"] in " ".join(rows[0].split())
            assert await tab.violations() == []
            await tab.shoot("past")
            await tab.open(f"{site.app.url}#/alerts")
            await tab.shows("Looking back", f"On attic: {found[0]['text']}")
            await tab.page.get_by_role("link", name="See them").click()
            await card.get_by_text(found[0]["text"]).wait_for()
            await tab.page.set_viewport_size({"width": 360, "height": 700})
            assert await tab.page.evaluate(TOO_WIDE) == []
    finally:
        await site.stop()
