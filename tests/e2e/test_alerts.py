"""The page of alerts: two agents on one broker, whose nodes lose pieces, in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator
from tests.e2e.rig import HISTORY, Site, Tab, eventually, tab_of
from tests.e2e.test_overview import CONTRAST, TOO_WIDE
from tests.mosquitto import Mosquitto

from storj_monitor.alerts.book import Alert
from storj_monitor.core.insight import Insight
from storj_monitor.demo.runner import DemoNode
from storj_monitor.demo.trouble import TROUBLES
from storj_monitor.store import alerts, insights

pytestmark = pytest.mark.asyncio(loop_scope="module")

LISTS = ("", "/silenced", "/history", "/insights", "/rules/disk_full")


def node(folder: Path, name: str, seed: int, trouble: str = "") -> DemoNode:
    """One of two hours, whose trouble begins after the first."""
    change = msgspec.structs.replace(TROUBLES[trouble], starts=HISTORY / 2) if trouble else None
    return DemoNode(
        folder, clock=time.time, seed=seed, name=name, history=HISTORY, version="1.162.3", rate=1.5, trouble=change
    )


class Pair:
    """The agent `demo`, whose page is opened, with a sound node and one that loses pieces; and `pi` with another."""

    def __init__(self, folder: Path) -> None:
        self.broker = Mosquitto(folder / "broker")
        self._folder = folder
        self.app: Any
        self.demo: Site
        self.pi: Site

    async def start(self) -> Pair:
        self.broker.start()
        settings = {"mqtt": {"url": self.broker.url}}
        ours = [node(self._folder, "attic", 1), node(self._folder, "cellar", 2, "audits_fail")]
        self.demo = Site(self._folder / "demo", nodes=ours, settings=settings)
        self.pi = Site(
            self._folder / "pi",
            nodes=[node(self._folder, "shed", 3, "audits_fail")],
            settings=settings | {"agent": {"name": "pi"}},
        )
        await self.pi.start_nodes()
        await self.pi.start_agent()
        await self.demo.start()
        self.app = self.demo.app
        await eventually(self._is_lost)
        return self

    async def _is_lost(self) -> bool:
        """Both agents lose pieces, and the page of the one knows of both."""
        return all(self.alerts(topic) for topic in ("demo/cellar", "pi/shed"))

    def alerts(self, topic: str) -> list[dict[str, Any]]:
        """What the board of `demo` has as open alerts."""
        entry = self.app._board.entries.get(f"storj-monitor/{topic}/alerts")
        return list(entry.value) if entry else []

    async def stop(self) -> None:
        await self.demo.stop()
        await self.pi.stop()
        self.broker.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    made = Pair(tmp_path_factory.mktemp("alerts"))
    yield await made.start()
    await made.stop()


async def ask(pair: Pair, cmd: str, **args: Any) -> Any:
    """As the page asks."""
    return await pair.app._commands(cmd, args, "websocket")


def row(tab: Tab, text: str) -> Locator:
    return tab.page.locator("article.alert", has_text=text)


async def open_alerts(tab: Tab, pair: Pair, path: str = "") -> None:
    await tab.open(f"{pair.app.url}#/alerts{path}")


async def test_equal_alerts_of_two_agents_are_one_row_that_lists_its_nodes(pair: Pair, browser: Browser) -> None:
    async with tab_of(browser, pair) as tab:
        await open_alerts(tab, pair)
        lost = row(tab, "piece_lost on 2 nodes")
        await lost.get_by_role("link", name="Rule").wait_for()
        text = " ".join((await lost.inner_text()).split())
        for phrase in ("cellar lost pieces of", "shed lost pieces of", "demo", "pi", "Next step", "since"):
            assert phrase in text
        assert text.count("Each one that is audited lowers the audit score.") == 1, "what it costs is said once"
        await tab.shoot("alerts-equal")


async def test_an_acknowledgement_is_seen_on_every_page_and_the_focus_goes_on(pair: Pair, browser: Browser) -> None:
    async with tab_of(browser, pair) as tab, tab_of(browser, pair) as other:
        await open_alerts(tab, pair)
        await open_alerts(other, pair)
        lost = row(tab, "piece_lost on 2 nodes")
        await lost.get_by_role("link", name="Rule").focus()
        await tab.page.keyboard.press("a")
        said = re.compile(r"acknowledged \d\d:\d\d")
        await lost.get_by_text(said).wait_for()
        await row(other, "piece_lost on 2 nodes").get_by_text(said).wait_for()
        assert await lost.get_by_role("button", name="Acknowledge").count() == 0
        await tab.shows("Acknowledged on every screen.", selector=".toasts")
        for topic in ("demo/cellar", "pi/shed"):
            assert [each["acknowledged"] for each in pair.alerts(topic) if each["rule"] == "piece_lost"] == [True]
        focus = "() => document.activeElement.closest('.alert')?.textContent ?? document.activeElement.id"
        seen = await tab.page.evaluate(focus)
        others = await tab.page.locator("article.alert").count() > 1
        assert ("piece_lost on 2 nodes" not in seen) if others else (seen == "main")
        await tab.page.get_by_role("button", name="Undo").click()
        await row(other, "piece_lost on 2 nodes").get_by_role("button", name="Acknowledge").wait_for()

        async def is_open_again() -> bool:
            both = [*pair.alerts("demo/cellar"), *pair.alerts("pi/shed")]
            return not any(each["acknowledged"] for each in both if each["rule"] == "piece_lost")

        await eventually(is_open_again)


async def test_the_settings_say_that_other_agents_have_their_own(pair: Pair, browser: Browser) -> None:
    async with tab_of(browser, pair) as tab:
        await tab.open(f"{pair.app.url}#/settings")
        await tab.shows("of the agent on demo", "Other agents are set up on their own pages: pi", "Routes")
        assert await tab.page.locator("#set-nodes tbody th").all_inner_texts() == ["attic", "cellar"]


async def test_a_silence_is_of_what_was_chosen_and_ends_as_that(pair: Pair, browser: Browser) -> None:
    async with tab_of(browser, pair) as tab:
        await open_alerts(tab, pair, "/silenced")
        await tab.shows("Nothing is silenced.")
        await tab.page.keyboard.press("s")
        dialog = tab.page.locator("dialog")
        await dialog.get_by_role("combobox", name="Host", exact=True).select_option("demo")
        await dialog.get_by_role("combobox", name="Node", exact=True).select_option("cellar")
        await tab.shows("Silence every rule on cellar?", selector="dialog h2")
        await dialog.get_by_role("combobox", name="Satellite", exact=True).select_option("every satellite")
        await dialog.get_by_role("button", name="24 h").click()
        await tab.shows("Silence for 24 h", selector="dialog")
        assert await tab.violations() == []
        await tab.shoot("alerts-silence")
        await dialog.get_by_role("button", name="Silence for 24 h").click()
        await tab.shows("every rule on cellar", "23 h", "open alert", "cellar lost pieces", selector=".silent")
        (held,) = await ask(pair, "silences")
        assert (held["node"], held["rule"], held["satellite"]) == ("cellar", None, None)
        assert abs(held["until"] - time.time() - 86_400) < 60
        assert all(each["silenced_until"] for each in pair.alerts("demo/cellar"))
        await tab.page.get_by_role("button", name="End now: every rule on cellar").click()
        await tab.shows("Nothing is silenced.")
        assert await ask(pair, "silences") == []
        await tab.page.get_by_role("button", name="Undo").click()
        await tab.shows("every rule on cellar", selector=".silent")
        (again,) = await ask(pair, "silences")
        assert abs(again["until"] - held["until"]) < 60, "with the time that it had left"
        await tab.page.get_by_role("button", name="End now: every rule on cellar").click()
        await tab.shows("Nothing is silenced.")


async def test_a_silence_from_a_row_is_taken_back_by_undo_and_by_escape_not_begun(pair: Pair, browser: Browser) -> None:
    async with tab_of(browser, pair) as tab:
        await open_alerts(tab, pair)
        button = row(tab, "piece_lost on 2 nodes").get_by_role("button", name="Silence…")
        await button.click()
        await tab.shows("Silence piece_lost on every node?", "On every node of", selector="dialog")
        await tab.page.keyboard.press("Escape")
        await tab.page.locator("dialog").wait_for(state="detached")
        assert await tab.page.evaluate("() => document.activeElement.textContent") == "Silence…", "back where it was"
        await button.click()
        await tab.page.get_by_role("button", name="Cancel").click()
        await tab.page.locator("dialog").wait_for(state="detached")
        assert await tab.page.evaluate("() => document.activeElement.textContent") == "Silence…"
        await button.click()
        await tab.page.get_by_role("button", name="other").click()
        await tab.page.get_by_label("Hours").fill("48")
        await tab.page.get_by_role("button", name="Silence for 2 d").click()
        await tab.shows("Silent for 2 d.", selector=".toasts")
        await row(tab, "piece_lost on 2 nodes").wait_for(state="detached")
        for site in (pair.demo, pair.pi):
            (held,) = await site.app._commands("silences", {}, "websocket")
            assert (held["node"], held["rule"]) == (None, "piece_lost")
        await tab.page.get_by_role("button", name="Undo").click()
        await row(tab, "piece_lost on 2 nodes").wait_for()


async def test_maintenance_is_listed_with_its_end(pair: Pair, browser: Browser) -> None:
    async with tab_of(browser, pair) as tab:
        await open_alerts(tab, pair)
        await ask(pair, "maintenance", node="attic", on=True, hours=2)
        await tab.shows(
            "everything on attic", "maintenance until", "first transfer after a restart", selector=".silent"
        )
        await tab.page.get_by_role("button", name="End now: everything on attic").click()
        await tab.page.locator(".silent").wait_for(state="detached")
        await tab.shows("attic is watched again.", selector=".toasts")


async def test_the_history_says_what_ended_an_alert_and_goes_to_a_file(pair: Pair, browser: Browser) -> None:
    async def full(*, is_open: bool) -> None:
        await ask(pair, "set", key="disk_full.warning", value=50 if is_open else None)

        async def is_so() -> bool:
            return any(each["rule"] == "disk_full" for each in pair.alerts("demo/attic")) == is_open

        await eventually(is_so)

    async with tab_of(browser, pair) as tab:
        await open_alerts(tab, pair)
        await full(is_open=True)
        await row(tab, "The disk of attic").wait_for()
        await full(is_open=False)
        past = tab.page.locator("table.past tr", has_text="The disk of attic")
        await past.wait_for()
        await tab.shows("It was back at ", "it closes at 88% and below.", selector="table.past")
        await tab.page.get_by_role("link", name="History").click()
        await past.wait_for()
        async with tab.page.expect_download() as download:
            await tab.page.get_by_role("button", name="CSV").click()
        lines = (await (await download.value).path()).read_text().splitlines()
        assert lines[0].startswith("agent,nodes,satellites,rule,")
        truth = [each for each in await ask(pair, "alerts", history=True) if each["closed"]]
        mine = [line for line in lines[1:] if line.startswith("demo,")]
        assert len(mine) == len(truth)
        assert any(line.startswith("demo,attic,,disk_full,warning,") and ",cleared," in line for line in mine)
        await tab.page.get_by_label("Search alerts").fill("nothing has this name")
        await tab.shows("No closed alert fits.")


async def test_the_history_goes_back_page_by_page(pair: Pair, browser: Browser) -> None:
    begun = int(time.time()) - 30 * 86_400
    many = 230
    past = [
        Alert("quic:attic", "quic", "attic", "warning", begun + 60 * n, [], f"Number {n}.", closed=begun + 60 * n + 30)
        for n in range(many)
    ]
    bodies = [msgspec.json.encode(each).decode() for each in past]
    rows = [
        alerts.Episode(each.id, each.node, each.rule, each.severity, each.since, each.closed, body)
        for each, body in zip(past, bodies, strict=True)
    ]
    store = pair.app._store
    await store.write(lambda db: alerts.save(db, alerts.Changes(rows)))
    async with tab_of(browser, pair) as tab:
        await open_alerts(tab, pair, "/history")
        lines = tab.page.locator("table.past tbody tr")
        more = tab.page.get_by_role("button", name="Show earlier")
        await lines.first.wait_for()
        while await lines.count() < many:
            seen = await lines.count()
            await more.click()
            await lines.nth(seen).wait_for()
        await more.wait_for(state="detached")
        texts = await lines.locator("th").all_inner_texts()
        numbers = [int(found[1]) for text in texts if (found := re.search(r"Number (\d+)\.", text))]
        assert numbers == list(range(many))[::-1], "each once, newest first"


async def test_the_catalogue_has_every_rule_and_leads_to_its_setting(pair: Pair, browser: Browser) -> None:
    async with tab_of(browser, pair) as tab:
        await open_alerts(tab, pair)
        await row(tab, "piece_lost on 2 nodes").get_by_role("link", name="Rule").click()
        entry = tab.page.locator("details[open]")
        await entry.get_by_text("at 5 points and above").wait_for()
        assert "piece_lost" in await entry.inner_text()
        truth = {each["id"] for each in await ask(pair, "rules")}
        assert set(await tab.page.locator("details summary b").all_inner_texts()) == truth
        await tab.page.get_by_label("Find a rule").fill("quic")
        assert await tab.page.locator("details summary b").all_inner_texts() == ["quic"]
        await tab.page.get_by_label("Find a rule").fill("")
        await entry.get_by_role("link", name="Change it in the settings: piece_lost, critical").click()
        await tab.shows("Thresholds", "Routes")
        field = "() => document.activeElement.getAttribute('aria-label')"

        async def is_there() -> bool:
            return str(await tab.page.evaluate(field)).startswith("piece_lost, critical, on every node")

        await eventually(is_there)


async def test_insights_say_how_much_since_when_and_why(pair: Pair, browser: Browser) -> None:
    hour = int(time.time()) // 3600 * 3600
    text = "Upload success at us1 is 91.2 %, usually 97.9 to 98.7 %."
    told = Insight(
        "upload_success", "attic", "", 91.2, 98.3, 97.9, 98.7, hour - 7200, text, "A compaction ran.", until=hour
    )
    await insights.save(pair.app._store, [told])
    async with tab_of(browser, pair) as tab:
        await open_alerts(tab, pair, "/insights")
        await tab.shows(
            "Nothing is out of its usual range.", f"attic: {text}", "for 2 h", "Likely cause: A compaction ran."
        )
        await tab.page.get_by_label("Search alerts").fill("nothing has this name")
        await tab.shows("Nothing was out of its usual range.")


@pytest.mark.parametrize("path", LISTS)
async def test_every_list_is_sound_in_both_themes_and_fits_a_phone(pair: Pair, browser: Browser, path: str) -> None:
    async with tab_of(browser, pair) as tab:
        await open_alerts(tab, pair, path)
        await tab.page.wait_for_timeout(700)  # answers fill the page: what is checked may come at any time
        for scheme in ("light", "dark"):
            await tab.page.emulate_media(color_scheme=scheme)
            assert await tab.violations() == []
            assert await tab.page.evaluate(CONTRAST) == []
            await tab.shoot(f"alerts{path.replace('/', '-')}-{scheme}")
        await tab.page.set_viewport_size({"width": 360, "height": 780})
        assert await tab.page.evaluate(TOO_WIDE) == []
        await tab.shoot(f"alerts{path.replace('/', '-')}-phone")


async def test_an_agent_that_is_away_is_said_and_not_asked(pair: Pair, browser: Browser) -> None:
    """The last test: `pi` does not come back."""
    async with tab_of(browser, pair) as tab:
        await open_alerts(tab, pair)
        lost = row(tab, "piece_lost on 2 nodes")
        await lost.get_by_role("button", name="Acknowledge").wait_for()
        await pair.pi.stop_agent()
        await tab.page.get_by_role("link", name="History").click()
        await tab.shows("The history of pi cannot be read: The agent on pi is away.")
        await tab.page.get_by_role("link", name="Open", exact=False).first.click()
        await lost.get_by_role("button", name="Acknowledge").click()
        await tab.shows("Acknowledged on every screen.", selector=".toasts")
        assert [each["acknowledged"] for each in pair.alerts("demo/cellar") if each["rule"] == "piece_lost"] == [True]
        assert [each["acknowledged"] for each in pair.alerts("pi/shed") if each["rule"] == "piece_lost"] == [False]
        await tab.open(f"{pair.app.url}#/settings/agents")
        assert await tab.page.get_by_role("button", name="Forget… demo").count() == 0
        await tab.page.get_by_role("button", name="Forget… pi").click()
        await tab.page.get_by_role("button", name="Forget pi", exact=True).click()
        await tab.page.locator("#set-agents tbody tr", has_text="pi").wait_for(state="detached")
        assert not [topic for topic in pair.app._board.entries if topic.startswith("storj-monitor/pi/")]
