"""The sections of a node's page, against what the agent itself answers."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, expect
from tests.e2e.rig import US1, Site, Tab, eventually, tab_of
from tests.e2e.test_overview import CONTRAST, TOO_WIDE

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECTIONS = ["Traffic", "Reputation", "Storage", "Money", "Tasks", "Errors", "Events"]
WEEK = 7 * 86_400
DAYS_UNTOLD = 4
"""Days at the beginning of a month in which the satellites may not have counted what a node stores."""
STORE = {"satellite": US1, "store": "s1"}


def card(tab: Tab, head: str) -> Locator:
    return tab.page.locator("section.card", has=tab.page.get_by_role("heading", name=head)).first


async def open_node(tab: Tab, site: Site, path: str = "attic") -> None:
    await tab.open(f"{site.app.url}#/node/demo/{path}")
    await tab.page.locator("nav.jump").wait_for()


async def ask(site: Site, command: str, **args: Any) -> Any:
    return await site.app._commands(command, {"node": "attic", **args}, "websocket")


async def cells(one: Locator) -> list[list[str]]:
    await one.locator("tbody tr").first.wait_for()
    rows: list[list[str]] = await one.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )
    return rows


async def as_table(one: Locator) -> list[list[str]]:
    await one.get_by_role("button", name="Show as table").click()
    return await cells(one)


async def test_the_bar_leads_to_each_section_and_says_where_one_is(told: Site, browser: Browser) -> None:
    async with tab_of(browser, told) as tab:
        await open_node(tab, told)
        await card(tab, "What happened").wait_for()
        bar = tab.page.locator("nav.jump")
        assert await bar.locator("a").all_inner_texts() == SECTIONS
        await expect(tab.page.locator("main .sk")).to_have_count(0)  # cards fill, and what lies below them moves
        for name in SECTIONS:
            await bar.get_by_role("link", name=name).click()
            await bar.locator("a[aria-current]", has_text=name).wait_for()
            assert await tab.page.evaluate("() => document.activeElement.textContent") == name
            box = await bar.bounding_box()
            assert box is not None
            assert 0 < box["y"] < 60, "the bar stays in sight"
        assert (await tab.page.evaluate("() => location.hash")).endswith("/attic/events")
        await tab.page.keyboard.press("Escape")
        await tab.shows("Everything is fine.", selector="h1")
    async with tab_of(browser, told) as tab:
        await open_node(tab, told, "attic/money")
        await tab.page.locator("nav.jump a[aria-current]", has_text="Money").wait_for()
        await card(tab, "What was paid?").wait_for()


@pytest.mark.parametrize(
    ("split", "lines"),
    [
        ("Satellite", ["us1 out", "us1 in", "eu1 out", "saltlake in"]),
        ("Action", ["Download", "Repair out", "Audit", "Upload", "Repair in"]),
        ("Outcome", ["well", "canceled", "failed", "rejected"]),
    ],
)
async def test_traffic_is_taken_apart(told: Site, browser: Browser, split: str, lines: list[str]) -> None:
    async with tab_of(browser, told) as tab:
        await open_node(tab, told)
        one = card(tab, "Traffic")
        await one.get_by_role("button", name=split, exact=True).click()
        await one.get_by_role("button", name="7 d", exact=True).click()
        await one.locator(".uplot canvas").wait_for()
        text = " ".join((await one.inner_text()).split())
        assert all(line in text for line in lines), text
        rows = await as_table(one)
        assert len(rows) > 100, "a week by the hour, most of it from before the log"
        heads = await one.locator("thead th").all_inner_texts()
        assert len(heads) == 1 + (8 if split == "Satellite" else len(lines))
        if split == "Action":
            end = int(time.time()) // 3600 * 3600
            found = await ask(told, "history", metrics=["rate:GET"], **{"from": end - WEEK, "to": end, "step": 3600})
            known = [row[1] for row in found["rows"] if row[1] is not None]
            shown = [float(row[1]) for row in rows if row[1] not in {"–", "< 0.1"}]
            assert sum(shown) == pytest.approx(sum(known) * 8e-6, rel=0.05)


async def test_durations_are_those_that_the_agent_counts(told: Site, browser: Browser) -> None:
    async with tab_of(browser, told) as tab:
        await open_node(tab, told)
        one = card(tab, "How fast does it answer?")
        await one.locator("svg.bars rect").first.wait_for()
        now = int(time.time())
        truth = await ask(told, "latency", action="GET", **{"from": now - WEEK, "to": now + 60})
        assert truth["n"] > 1000
        assert truth["histogram"][1][2] > 0, "a transfer of one second took one second"
        rows = await as_table(one)
        assert len(rows) == len(truth["histogram"])
        assert [row[0] for row in rows[:3]] == ["under 1 s", "1 s to 2 s", "2 s to 5 s"]
        counts = [int(row[1].replace(",", "")) for row in rows]
        assert sum(counts) == pytest.approx(truth["n"], rel=0.05)
        over_time = card(tab, "Did it get slower?")
        await over_time.locator(".uplot canvas").wait_for()
        assert len(await as_table(over_time)) == len(truth["rows"])
        assert "99%" in await over_time.inner_text()
        await one.get_by_label("Kind").select_option(label="Uploads")
        await one.get_by_text("Half of the uploads are done within").wait_for()


async def test_where_no_start_is_logged_no_duration_is_claimed(told: Site, browser: Browser) -> None:
    async with tab_of(browser, told) as tab:
        await open_node(tab, told, "cellar")
        await card(tab, "How fast does it answer?").get_by_text("No duration is known").wait_for()
        assert await tab.page.get_by_text("Did it get slower?").count() == 0


async def test_reasons_sizes_and_countries_are_bars_with_numbers(told: Site, browser: Browser) -> None:
    async with tab_of(browser, told) as tab:
        await open_node(tab, told)
        reasons = await cells(card(tab, "Why were transfers canceled?"))
        told_reasons = await ask(told, "top", kind="reasons")
        assert len(reasons) == len(told_reasons)
        assert "context canceled" in " ".join(row[0] for row in reasons)
        assert "the customer stopped" in " ".join(row[0] for row in reasons)
        sizes = await cells(card(tab, "Which sizes?"))
        assert [row[0] for row in sizes] == [
            *("below 2 KiB", "2 KiB to 16 KiB", "16 KiB to 64 KiB", "64 KiB to 256 KiB"),
            *("256 KiB to 1 MiB", "1 MiB to 2 MiB", "2 MiB and more"),
        ]
        assert all(row[3].endswith("%") for row in sizes)
        places = card(tab, "From where?")
        assert (await cells(places))[0][0] == "United States"
        async with tab.page.expect_download() as download:
            await places.get_by_role("button", name="CSV").click()
        assert (await (await download.value).path()).read_text().startswith("country,pieces,bytes\nUS,")


async def test_scores_their_limits_and_the_planner(told: Site, browser: Browser) -> None:
    async with tab_of(browser, told) as tab:
        await open_node(tab, told)
        standings = {row["name"]: row for row in (await ask(told, "reputation"))["satellites"]}
        left = {name: str(one["failures_left"]) for name, one in standings.items()}

        async def same() -> bool:
            return {row[0]: row[5] for row in await cells(card(tab, "Reputation"))} == left

        await eventually(same)
        planner = card(tab, "Can I switch it off?")
        assert "Yes. For 4 h nothing falls below 95%." in await planner.inner_text()
        away = {row["name"]: row for row in (await ask(told, "planner"))["satellites"]}
        hours = {row[0]: row[3] for row in await cells(planner)}
        for name, one in away.items():
            assert hours[name].split(" h")[0] == str(int(one["hours_to_95"])), "page and agent reckon alike"
        await planner.get_by_label("Hours away").fill("72")
        await planner.get_by_text("Better not for 72 h").wait_for()
        await planner.get_by_role("button", name="Start maintenance for 72 h").click()
        await tab.shows("attic is in maintenance until")
        await tab.page.get_by_role("button", name="End maintenance").click()
        await tab.page.get_by_role("button", name="Start maintenance…").wait_for()


async def test_the_forecast_is_dashed_and_stands_on_measured_days(told: Site, browser: Browser) -> None:
    async with tab_of(browser, told) as tab:
        await open_node(tab, told)
        one = card(tab, "When is it full?")
        await one.locator("path.l-dash").wait_for()
        assert await one.locator("path.a-band").count() == 1
        truth = await ask(told, "forecast")
        years = round((truth["full_at"]["likely"] - time.time()) / 86_400 / 365.25)
        assert f"In about {years} year" in await one.inner_text()
        assert len(await as_table(one)) == len(truth["rows"])
        differences = (await ask(told, "storage"))["differences"]
        if time.gmtime().tm_mday > DAYS_UNTOLD or differences:
            assert len(await cells(card(tab, "Storage truth"))) == len(differences) > 1
            assert "are on the disk but not paid." in await card(tab, "Storage truth").inner_text()


async def test_compactions_are_sorted_and_paged_by_the_agent(told: Site, browser: Browser) -> None:
    async with tab_of(browser, told) as tab:
        await open_node(tab, told)
        one = card(tab, "Compaction")
        await one.get_by_role("button", name="30 d", exact=True).click()
        span = {"from": int(time.time()) - 30 * 86_400, "to": int(time.time())}
        truth = await ask(told, "compactions", page=2, size=10, sort="reclaimed", **span)
        assert truth["total"] > 200
        await one.get_by_text(f"1 to 10 of {truth['total']}").wait_for()
        assert await card(tab, "How much does it give back?").locator("svg.bars rect").count() >= 29
        await one.get_by_role("button", name="Given back").click()
        await one.locator("th[aria-sort]", has_text="Given back").wait_for()
        await one.get_by_role("button", name="Next").click()
        await one.get_by_text(f"11 to 20 of {truth['total']}").wait_for()
        first = truth["rows"][0]

        async def second_page() -> bool:
            return (await cells(one))[0][1] == f"{first['name']} {first['subject']}"

        await eventually(second_page)
        row = (await cells(one))[0]
        assert row[4] == f"{first['stats']['reclaimed_bytes'] / 1e9:.2f} GB"
        assert row[5] == f"{first['stats']['reclaimed_bytes'] / first['stats']['rewritten_bytes']:.2f}"
        sums = await one.locator("tfoot td").all_inner_texts()
        totals = truth["totals"]
        assert sums[3] == f"{totals['reclaimed'] / 1e9:.0f} GB"
        assert sums[4] == f"{totals['reclaimed'] / totals['rewritten']:.2f}"
        assert sums[5] == f"{totals['rewritten'] / totals['busy'] / 1e6:.1f}"
        await one.locator("button.q", has_text="Efficiency").click()
        await tab.shows("Bytes given back for each byte", selector="#why")


async def test_a_compaction_under_way_is_seen(told: Site, browser: Browser) -> None:
    told.write("INFO", "hashstore", "beginning compaction", json.dumps(STORE | {"stats": {"LenLogs": "2.0 GiB"}}))
    progress = STORE | {"records": 12_345, "bytes": "1.5 GiB", "duration": "9s"}
    told.write("INFO", "hashstore", "records rewritten", json.dumps(progress))

    async def known() -> bool:
        (run,) = (await ask(told, "compactions", node="shelf"))["running"] or [{"stats": {}}]
        return "progress_records" in run["stats"]

    await eventually(known)
    async with tab_of(browser, told) as tab:
        await open_node(tab, told, "shelf")
        running = card(tab, "Compaction").locator(".run")
        await running.get_by_text("us1 s1").wait_for()
        text = " ".join((await running.inner_text()).split())
        assert "12,345 records rewritten, 1.61 GB" in text
        await card(tab, "Is it at work?").get_by_text("Under way: Compaction (us1 s1).").wait_for()


async def test_a_log_alone_says_why_there_are_no_scores_disk_and_money(told: Site, browser: Browser) -> None:
    async with tab_of(browser, told) as tab:
        await open_node(tab, told, "shelf")
        for head, why in (
            ("Reputation", "Scores come from"),
            ("Storage", "The disk is told"),
            ("Money", "Money is told"),
        ):
            await card(tab, head).get_by_text(why).wait_for()
        for head in ("Where do the scores go?", "When is it full?", "Can I switch it off?", "What was paid?"):
            assert await tab.page.get_by_role("heading", name=head).count() == 0
        assert await tab.violations() == []


def year_before(period: str) -> str:
    """`2026-12` → `2025-12`."""
    return f"{int(period[:4]) - 1}{period[4:]}"


async def test_money_is_paid_expected_and_leaking(told: Site, browser: Browser) -> None:
    async with tab_of(browser, told) as tab:
        await open_node(tab, told)
        truth = await ask(told, "payouts", months=120)
        one = card(tab, "What was paid?")
        await one.locator("svg.bars rect").first.wait_for()
        running = truth["month"]
        year = [month for month in truth["months"] if month["period"] >= year_before(running["period"])]
        assert len(year) in {11, 12}, "the satellites pay in the first half of the next month"
        assert await one.locator("svg.bars rect:not(.now)").count() == len(year)
        expected = sum(month["estimate"] is not None for month in (*year, running))
        assert await one.locator("svg.bars rect.now").count() == expected, "what was expected, and the month that runs"
        paid = sum(month["paid"] for month in year)
        assert f"${paid:.2f} in {len(year)} months." in await one.inner_text()
        last = year[0]
        (row,) = [row for row in await as_table(one) if row[0] == last["period"]]
        assert row[4:6] == [f"${last['paid']:.2f}", f"${last['estimate']:.2f}"]
        assert row[6] == f"{last['difference_percent']:+.1f}%".replace("-", "−")
        leaks = card(tab, "What leaks?")
        assert len(await cells(leaks)) == len((await ask(told, "leaks"))["rows"])
        text = " ".join((await leaks.inner_text()).split())
        if running["per_tb_month"] is not None:
            assert f"Per TB stored ${running['per_tb_month']:.2f}" in text
        assert f"Held until exit ${truth['held']['total']:.2f}" in text


async def test_tasks_and_the_meaning_of_messages(told: Site, browser: Browser) -> None:
    async with tab_of(browser, told) as tab:
        await open_node(tab, told, "cellar")
        tasks = card(tab, "Is it at work?")
        await tasks.locator("li").first.wait_for()
        text = " ".join((await tasks.inner_text()).split())
        assert "Garbage collection" in text
        assert "pieces to trash" in text
        assert "Emptying trash" in text
        assert "freed" in text
        errors = card(tab, "What the log says")
        await errors.get_by_text("benign: ").first.wait_for()
        said = await errors.inner_text()
        assert "Here: the other side went away." in said
        await errors.get_by_role("button", name="7 d", exact=True).click()
        await errors.get_by_text("The log has no error in this time.").wait_for()


async def test_every_chart_bears_marks_that_compare(told: Site, browser: Browser) -> None:
    heads = ("Traffic", "How well does it do?", "Did it get slower?", "Where do the scores go?", "When is it full?",
             "What is on the disk?", "What was paid?", "How much does it give back?", "Were there more?")  # fmt: skip
    async with tab_of(browser, told) as tab:
        await open_node(tab, told)
        for head in heads:
            one = card(tab, head)
            month = (card(tab, "Compaction") if head == "How much does it give back?" else one).get_by_role(
                "button", name="30 d", exact=True
            )
            if await month.count():
                await month.click()
            await one.locator("ul.marks li").first.wait_for()
        one = card(tab, "Where do the scores go?")
        update = one.get_by_role("button", name="The node was updated from 1.161.1 to 1.162.3.")
        await update.click()
        await one.get_by_text("h on each side").wait_for()
        assert await update.get_attribute("aria-pressed") == "true"
        assert len(await cells(one)) > 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_is_wrong_with_the_whole_page(told: Site, browser: Browser, scheme: str) -> None:
    async with tab_of(browser, told, color_scheme=scheme, viewport={"width": 1440, "height": 900}) as tab:
        await open_node(tab, told)
        for head in ("What was paid?", "Compaction", "Is anything unusual?", "What the log says"):
            await card(tab, head).wait_for()
        await tab.page.wait_for_load_state("networkidle")
        await tab.page.wait_for_timeout(1500)
        assert await tab.violations() == []
        assert await tab.page.evaluate(CONTRAST) == []
        await tab.shoot(f"node-whole-{scheme}")
        for width in (360, 390, 768):
            await tab.page.set_viewport_size({"width": width, "height": 800})
            await tab.page.wait_for_timeout(200)
            assert await tab.page.evaluate(TOO_WIDE) == [], width
        await tab.shoot(f"node-whole-768-{scheme}")
