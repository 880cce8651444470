"""The settings page on a real agent: a change is stored, holds at once, is seen on other pages, and can be undone."""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Locator, expect
from tests.e2e.rig import Site, Tab, eventually, tab_of
from tests.e2e.test_overview import CONTRAST, TOO_WIDE

from storj_monitor.alerts.outbox import TEST_PAUSE

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "hook-that-nobody-guesses"


class Program:
    """Somebody's program that takes webhooks at a secret path."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.port = 0
        app = web.Application()
        app.router.add_post(f"/{SECRET}", self._take)
        self._runner = web.AppRunner(app)

    async def start(self) -> Program:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def _take(self, request: web.Request) -> web.Response:
        self.got.append(json.loads(await request.read()))
        return web.Response()

    @property
    def url(self) -> str:
        return f"webhook+http://127.0.0.1:{self.port}/{SECRET}"

    async def stop(self) -> None:
        await self._runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def program() -> AsyncIterator[Program]:
    made = await Program().start()
    yield made
    await made.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(program: Program, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """An agent whose settings file has one route that works, and quiet hours."""
    notify = {"quiet_hours": "22:00-07:00", "timezone": "UTC", "routes": {"house": {"url": program.url}}}
    site = Site(tmp_path_factory.mktemp("settings"), settings={"notify": notify})
    yield await site.start()
    await site.stop()


async def now(site: Site) -> dict[str, Any]:
    """The settings as the agent has them."""
    found: dict[str, Any] = await site.app._commands("settings", {}, "websocket")
    return found


async def becomes(site: Site, *path: str, value: Any) -> None:
    """Wait until the agent has this value there."""

    async def is_so() -> bool:
        found: Any = await now(site)
        for key in path:
            found = found[key]
        return bool(found == value)

    await eventually(is_so)


def route(tab: Tab, name: str) -> Locator:
    return tab.page.locator(".routes > li", has=tab.page.get_by_role("heading", name=name))


async def open_settings(tab: Tab, site: Site, path: str = "") -> None:
    await tab.open(f"{site.app.url}#/settings{path}")
    await tab.shows("Routes", "Thresholds", "Nodes seen")


async def test_a_threshold_holds_at_once_is_seen_elsewhere_and_is_undone(told: Site, browser: Browser) -> None:
    name = "disk_full, warning, on every node: at and above"
    async with tab_of(browser, told) as tab, tab_of(browser, told) as other:
        await open_settings(tab, told)
        await open_settings(other, told)
        field = tab.page.get_by_label(name)
        await field.fill("20")
        await field.press("Enter")
        await tab.shows("From 50% to 99.9%.")
        await expect(field).to_have_attribute("aria-invalid", "true")
        assert (await now(told))["all"]["disk_full.warning"]["set"] is False, "what cannot be meant is not sent"
        await field.fill("55")
        await field.press("Enter")
        await becomes(told, "all", "disk_full.warning", "value", value=55)
        await tab.shows("disk_full.warning opens at 55% on every node now.", selector=".toasts")
        await tab.shows("In the file: 90%.", selector="#set-thresholds")
        await other.shows("In the file: 90%.", selector="#set-thresholds")
        await expect(other.page.get_by_label(name)).to_have_value("55")
        opened = f"{told.app.url}#/alerts"
        await other.open(opened)
        await other.shows("The disk of attic is nearly full")
        await field.fill("60")
        await field.press("Enter")
        await becomes(told, "all", "disk_full.warning", "value", value=60)
        await tab.page.get_by_role("button", name="Undo").click()
        await becomes(told, "all", "disk_full.warning", "value", value=55)
        await tab.page.get_by_role("button", name="Reset: disk_full.warning, every node").click()
        await becomes(told, "all", "disk_full.warning", value={"value": 90, "file": 90, "set": False})
        await other.shows("No alert is open.")
        await expect(field).to_have_value("90")


async def test_what_is_set_elsewhere_shows_at_once_and_nothing_is_asked_meanwhile(told: Site, browser: Browser) -> None:
    async with tab_of(browser, told) as tab:
        asked: list[str] = []
        tab.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: asked.append(str(frame))))
        await open_settings(tab, told)

        def questions() -> int:
            return sum('"cmd":"settings"' in frame for frame in asked)

        before = questions()
        assert before >= 1
        await tab.page.wait_for_timeout(7000)
        assert questions() == before, "while nobody sets anything"
        await told.app._commands("threshold", {"key": "online_score", "value": 91, "node": "cellar"}, "mqtt")
        await tab.page.get_by_role("combobox", name="For").select_option("cellar")
        own = tab.page.get_by_label("online_score, warning, on cellar: at and below")
        await expect(own).to_have_value("91")  # sooner than the page asks by itself
        assert before < questions() <= before + 2
        await told.app._commands("set", {"key": "online_score.warning", "node": "cellar", "value": None}, "websocket")


async def test_an_alert_says_when_it_was_told_by_which_route(told: Site, program: Program, browser: Browser) -> None:
    loud = {"url": program.url, "quiet": False}  # house keeps quiet hours, in which this may run
    await told.app._commands("set", {"key": "route.loud", "value": loud}, "websocket")
    async with tab_of(browser, told) as tab:
        await tab.open(f"{told.app.url}#/alerts")
        await tab.shows("loud no alert sent yet", selector=".routes-brief")
        await told.app._commands("set", {"key": "disk_full.warning", "value": 55}, "websocket")
        alert = tab.page.get_by_role("article").filter(has_text="The disk of attic is nearly full")
        await alert.get_by_text("loud at ").wait_for()
        await tab.shows("The last notice went out at ", " by ", " after the alert opened.", selector=".say")
        await tab.shows("loud works · last sent ", selector=".routes-brief")
        assert await tab.violations() == []
    await told.app._commands("set", {"key": "disk_full.warning", "value": None}, "websocket")
    await told.app._commands("set", {"key": "route.loud", "value": {"remove": True}}, "websocket")


async def test_a_node_has_its_own_threshold_beside_that_of_all(told: Site, browser: Browser) -> None:
    async with tab_of(browser, told) as tab:
        await open_settings(tab, told, "/thresholds/online_score.critical")
        every = tab.page.get_by_label("online_score, critical, on every node: at and below")
        await every.and_(tab.page.locator(":focus")).wait_for()
        await every.fill("75")
        await every.press("Enter")
        await becomes(told, "all", "online_score.critical", "value", value=75)
        await tab.page.get_by_role("combobox", name="For").select_option("cellar")
        own = tab.page.get_by_label("online_score, critical, on cellar: at and below")
        await tab.shows("Set for all nodes.", selector="#set-thresholds")
        await expect(own).to_have_value("75")
        await own.fill("80")
        await own.press("Enter")
        await becomes(
            told, "thresholds", "cellar", "online_score.critical", value={"value": 80, "file": 70, "set": "node"}
        )
        assert (await now(told))["thresholds"]["attic"]["online_score.critical"]["value"] == 75
        assert await tab.page.get_by_label("agent_lag").count() == 0, "is about the agent, not about a node"
        await tab.page.get_by_role("button", name="Changed 1").click()
        await expect(tab.page.locator(".limits > li")).to_have_count(1)
        await tab.page.get_by_role("button", name="Reset: online_score.critical, cellar").click()
        await becomes(
            told, "thresholds", "cellar", "online_score.critical", value={"value": 75, "file": 70, "set": "all"}
        )
        await tab.page.get_by_role("combobox", name="For").select_option("All nodes")
        await tab.page.get_by_role("button", name="Reset: online_score.critical, every node").click()
        await becomes(told, "all", "online_score.critical", "set", value=False)
        await tab.page.get_by_label("Find a threshold").fill("piece_")

        async def is_found() -> bool:
            return await tab.page.locator(".limits h3").all_inner_texts() == ["piece_lost", "piece_damaged"]

        await eventually(is_found)


async def test_a_route_is_made_tested_changed_and_removed_and_its_address_never_comes_back(
    told: Site, program: Program, browser: Browser
) -> None:
    async with tab_of(browser, told) as tab:
        frames: list[str] = []
        tab.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
        await open_settings(tab, told)
        await tab.page.get_by_role("button", name="Add route…").click()
        dialog = tab.page.locator("dialog")
        await dialog.get_by_label("Name").fill("Phone!")
        address = dialog.get_by_label("Address")
        assert await address.get_attribute("type") == "password"
        await address.fill("not an address")
        await dialog.get_by_role("button", name="Add Phone!").click()
        await tab.shows("A name is 1 to 40 of a–z, 0–9, _ and -.", selector="dialog")
        assert await tab.violations() == []
        await tab.shoot("settings-route")
        await dialog.get_by_label("Name").fill("phone")
        await dialog.get_by_role("button", name="Add phone").click()
        await tab.shows("That did not work:", selector=".toasts")
        await address.fill(program.url)
        await dialog.get_by_label("warning").uncheck()
        await dialog.get_by_label("attic").check()
        await dialog.get_by_label("Keep the quiet hours").uncheck()
        await dialog.get_by_role("button", name="Add phone").click()
        await dialog.wait_for(state="detached")
        made = route(tab, "phone")
        await made.get_by_text("critical · attic · also in quiet hours · digest").wait_for()
        assert "webhook+http://127.0.0.1" in await made.inner_text()
        assert "made on this page" in await made.inner_text()

        await made.get_by_role("button", name="Test: phone").click()
        await made.get_by_role("status").wait_for()
        assert "ok" in str(await made.get_by_role("status").locator("svg").get_attribute("class"))
        assert [each["event_type"] for each in program.got], "the program was told"

        await made.get_by_role("button", name="Change… phone").click()
        assert await address.input_value() == ""
        await dialog.get_by_label("info").check()
        await dialog.get_by_role("button", name="Change phone").click()
        await made.get_by_text("critical, info · attic · also in quiet hours · digest").wait_for()
        assert SECRET not in await tab.page.content()
        assert not [frame for frame in frames if SECRET in frame], "nor did it come over the wire"

        await made.get_by_role("button", name="Remove: phone").click()
        await dialog.get_by_role("button", name="Remove phone").click()
        await made.wait_for(state="detached")
        assert [each["name"] for each in (await now(told))["routes"]] == ["house"]


async def test_a_route_of_the_file_is_switched_off_and_comes_back(told: Site, browser: Browser) -> None:
    async with tab_of(browser, told) as tab:
        await open_settings(tab, told)
        house = route(tab, "house")
        assert "from the file" in await house.inner_text()
        await house.get_by_role("button", name="Remove: house").click()
        await tab.shows("stands in the settings file", selector="dialog")
        await tab.page.get_by_role("button", name="Remove house").click()
        await house.get_by_text("in the file, switched off here").wait_for()
        await becomes(told, "routes", value=[])
        await house.get_by_role("button", name="Reset: house").click()
        await house.get_by_role("button", name="Test: house").wait_for()
        await becomes(told, "removed", value=[])


async def test_a_route_that_fails_says_why(told: Site, browser: Browser) -> None:
    deaf = "webhook+http://127.0.0.1:9/nobody"
    await told.app._commands("set", {"key": "route.deaf", "value": {"url": deaf}}, "websocket")
    async with tab_of(browser, told) as tab:
        await tab.open(f"{told.app.url}#/alerts")
        await tab.shows("deaf", selector=".routes-brief")
        await tab.page.get_by_role("button", name="Test alert").click()
        await tab.shows("1 route did not take the test alert.", selector=".toasts")
        await open_settings(tab, told)
        test = tab.page.get_by_role("button", name="Test all routes")
        await test.click()
        await tab.shows("A test was sent less than", selector=".toasts")
        await asyncio.sleep(TEST_PAUSE)
        await test.click()
        said = route(tab, "deaf").get_by_role("status")
        await said.wait_for()
        assert "nothing listens there: see whether it runs" in await said.inner_text()
        await route(tab, "house").get_by_role("status").wait_for()
    await told.app._commands("set", {"key": "route.deaf", "value": {"remove": True}}, "websocket")


async def test_quiet_hours_zone_and_digest_are_kept_and_reset(told: Site, browser: Browser) -> None:
    async with tab_of(browser, told) as tab:
        await open_settings(tab, told)
        start = tab.page.get_by_label("Quiet hours, From")
        await start.fill("23:30")
        await start.press("Enter")
        await becomes(told, "notify", "quiet_hours", value={"value": "23:30-07:00", "file": "22:00-07:00", "set": True})
        await tab.shows("In the file: 22:00-07:00.")
        quiet = tab.page.get_by_role("group", name="Quiet hours")
        await quiet.get_by_role("button", name="off").click()
        await becomes(told, "notify", "quiet_hours", "value", value=None)
        await tab.page.get_by_role("button", name="Reset: Quiet hours").click()
        await becomes(told, "notify", "quiet_hours", "set", value=False)
        zone = tab.page.get_by_label("Time zone")
        await zone.fill("Mars/Phobos")
        await zone.press("Enter")
        await tab.shows("Choose a time zone such as Europe/Berlin or UTC.")
        await zone.fill("Europe/Lisbon")
        await zone.press("Enter")
        await becomes(told, "notify", "timezone", "value", value="Europe/Lisbon")
        await tab.page.get_by_role("button", name="weekly, Mondays").click()
        await becomes(told, "notify", "digest", "value", value="weekly")
        await tab.page.get_by_role("button", name="Undo").click()
        await becomes(told, "notify", "digest", "set", value=False)
        await tab.page.get_by_role("button", name="Reset: Time zone").click()
        await becomes(told, "notify", "timezone", "set", value=False)


async def test_settings_go_out_without_secrets_and_come_in_with_what_changed(
    told: Site, browser: Browser, tmp_path: Path
) -> None:
    async with tab_of(browser, told) as tab:
        await open_settings(tab, told, "/carry")
        async with tab.page.expect_download() as download:
            await tab.page.get_by_role("button", name="Export settings").click()
        text = (await (await download.value).path()).read_text()
        assert SECRET not in text
        assert tomllib.loads(text)["notify"]["quiet_hours"] == "22:00-07:00"
        await tab.page.get_by_label("Include the addresses of routes").check()
        async with tab.page.expect_download() as download:
            await tab.page.get_by_role("button", name="Export with secrets").click()
        assert SECRET in (await (await download.value).path()).read_text()

        changed = tmp_path / "mine.toml"
        changed.write_text('[notify]\ndigest = "daily"\n[nodes.cellar.thresholds]\n"disk_full.warning" = 77\n')
        await tab.page.get_by_label("File (TOML)").set_input_files(changed)
        await tab.page.get_by_role("button", name="Look into mine.toml").click()
        rows = "disk_full.warning on cellar 90% 77% Digest off daily"
        await tab.shows("It would make 2 changes:", f"What Now Then {rows}", selector="#set-carry")
        assert (await now(told))["notify"]["digest"]["value"] == "off", "nothing is changed before it was seen"
        assert await tab.violations() == []
        await tab.shoot("settings-import")
        await tab.page.get_by_role("button", name="Cancel").click()
        await tab.page.get_by_role("button", name="Look into mine.toml").click()
        await tab.page.get_by_role("button", name="Apply 2 changes").click()
        await tab.shows("2 changes made:", "disk_full.warning of cellar is 77.", "notify.digest is daily.")
        await becomes(told, "thresholds", "cellar", "disk_full.warning", "value", value=77)
        await tab.page.get_by_role("button", name="Look into mine.toml").click()
        await tab.shows("It would change nothing: all of it is so already.", selector="#set-carry")
        broken = tmp_path / "broken.toml"
        broken.write_text("[notify]\ndigest = sometimes\n")
        await tab.page.get_by_label("File (TOML)").set_input_files(broken)
        await tab.page.get_by_role("button", name="Look into broken.toml").click()
        await tab.shows("That did not work:", "line 2", selector=".toasts")
        for key in ("notify.digest",):
            await told.app._commands("set", {"key": key, "value": None}, "websocket")
        await told.app._commands("set", {"node": "cellar", "key": "disk_full.warning", "value": None}, "websocket")


async def test_nodes_seen_and_what_the_agent_costs_are_told(told: Site, browser: Browser) -> None:
    async with tab_of(browser, told) as tab:
        await open_settings(tab, told)
        seen = tab.page.locator("#set-nodes tbody tr")
        assert await seen.locator("th").all_inner_texts() == ["attic", "cellar"]
        first = await seen.first.inner_text()
        for phrase in (told.state("attic")["node_id"], str(told.nodes[0].log), told.nodes[0].api, "yes"):
            assert phrase in first
        assert await tab.page.locator("#set-agents tbody th").all_inner_texts() == ["demo"]
        assert "MB" in await tab.page.locator("#set-agents tbody tr").inner_text()


async def test_a_choice_of_this_browser_stays_in_it(told: Site, browser: Browser) -> None:
    async with tab_of(browser, told) as tab:
        await open_settings(tab, told)
        await tab.page.get_by_role("button", name="TiB, 1024").click()
        await tab.page.get_by_role("button", name="dark", exact=True).click()
        await tab.page.get_by_role("group", name="Single keys").get_by_role("button", name="off").click()
        await tab.page.reload()
        await tab.shows("MiB", selector="#set-agents")
        assert await tab.page.evaluate("() => document.documentElement.dataset.theme") == "dark"
        await tab.page.keyboard.press("t")
        assert await tab.page.evaluate("() => document.documentElement.dataset.theme") == "dark", "single keys are off"


async def test_the_page_is_sound_in_both_themes_and_fits_a_phone(told: Site, browser: Browser) -> None:
    await told.app._commands("set", {"key": "disk_full.warning", "value": 60}, "websocket")
    async with tab_of(browser, told) as tab:
        await open_settings(tab, told)
        for scheme in ("light", "dark"):
            await tab.page.emulate_media(color_scheme=scheme)
            assert await tab.violations() == []
            assert await tab.page.evaluate(CONTRAST) == []
            await tab.shoot(f"settings-{scheme}")
        await tab.page.set_viewport_size({"width": 360, "height": 780})
        assert await tab.page.evaluate(TOO_WIDE) == []
        await tab.shoot("settings-phone")
        await tab.page.get_by_role("link", name="Agents").click()
        await tab.page.locator("#set-agents").and_(tab.page.locator(":visible")).wait_for()
        at = await tab.page.locator("#set-agents h2").bounding_box()
        assert at is not None
        assert 0 < at["y"] < 780, "the address of a part leads to it"
    await told.app._commands("set", {"key": "disk_full.warning", "value": None}, "websocket")
