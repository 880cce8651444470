"""What is set on the page: effective at once, kept over a restart, reset to the file. No secret is ever told."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.alerts.servers import Hook, hook, mailbox, until
from tests.integration import rig
from tests.mosquitto import Client, Mosquitto
from tests.mosquitto import until as arrived

from storj_monitor import bundling
from storj_monitor.alerts.rules import DEFAULTS
from storj_monitor.app import App
from storj_monitor.check import check
from storj_monitor.pastimport import LOCAL
from storj_monitor.settings import NodeSettings
from storj_monitor.settingsdesk import ROUTES_MAX

SECRET = "correct-horse-battery-staple"
URL = f"tgram://{SECRET}/12345"
SCORED = {"alerts": {"thresholds": {"audit_score": {"warning": 99.0}, "disk_full_days": 21}}}


def nodes(folder: Path) -> dict[str, NodeSettings]:
    for name in ("attic", "cellar"):
        (folder / f"{name}.log").touch()
    return {
        "attic": NodeSettings(log=str(folder / "attic.log"), thresholds={"audit_score.warning": 98}),
        "cellar": NodeSettings(log=str(folder / "cellar.log")),
    }


async def asked(page: rig.Page, cmd: str, **args: Any) -> Any:
    answer = await page.ask(cmd, **args)
    assert answer["ok"], answer
    return answer["result"]


async def refused(page: rig.Page, **args: Any) -> str:
    answer = await page.ask("set", **args)
    assert answer["error"]["code"] == "bad_argument", answer
    return str(answer["error"]["text"])


async def test_thresholds_come_from_rule_file_and_page_in_that_order_and_stay(tmp_path: Path) -> None:
    data, known, clock, key = tmp_path / "data", nodes(tmp_path), rig.Clock(), "audit_score.warning"
    async with rig.running(data, known, clock, **SCORED) as app, rig.page(app) as page:
        found = await asked(page, "settings")
        assert found["all"][key] == {"value": 99.0, "file": 99.0, "set": False}
        assert found["thresholds"]["attic"][key] == {"value": 98.0, "file": 98.0, "set": None}
        assert found["thresholds"]["cellar"]["audit_score.critical"] == {"value": 97.0, "file": 97.0, "set": None}
        assert "agent_lag.warning" in found["all"]
        assert "agent_lag.warning" not in found["thresholds"]["attic"]
        found = await asked(page, "set", key=key, value=99.5)
        assert found["all"][key] == {"value": 99.5, "file": 99.0, "set": True}
        assert found["thresholds"]["attic"][key] == {"value": 99.5, "file": 98.0, "set": "all"}
        found = await asked(page, "set", node="attic", key=key, value=97)
        assert found["thresholds"]["attic"][key] == {"value": 97.0, "file": 98.0, "set": "node"}
        assert found["thresholds"]["cellar"][key]["set"] == "all"
        await asked(page, "set", node="cellar", key="disk_full_days", value=40)
        await page.until(lambda state: state["storj-monitor/host/cellar/thresholds"]["disk_full_days"] == 40)
        assert (await asked(page, "threshold", node="attic", key="online_score", value=80))["attic"] == {
            "disk_full_days": 21, "online_score": 80
        }  # fmt: skip
    async with rig.running(data, known, clock, **SCORED) as app, rig.page(app) as page:
        found = await asked(page, "settings")
        assert found["thresholds"]["attic"][key] == {"value": 97.0, "file": 98.0, "set": "node"}
        assert found["thresholds"]["attic"]["online_score.warning"] == {"value": 80.0, "file": 95.0, "set": "node"}
        assert page.state["storj-monitor/host/attic/thresholds"] == {"disk_full_days": 21, "online_score": 80}
        await asked(page, "set", node="attic", key=key)
        found = await asked(page, "set", key=key, value=None)
        assert found["all"][key] == {"value": 99.0, "file": 99.0, "set": False}
        assert found["thresholds"]["attic"][key] == {"value": 98.0, "file": 98.0, "set": None}


async def test_an_alert_goes_and_comes_with_the_number_that_is_set(tmp_path: Path) -> None:
    """A piece that is gone counts a whole day; a warning from five on does not wait for its end."""
    topic, log = "storj-monitor/host/attic/alerts", tmp_path / "attic.log"
    log.write_bytes(rig.line(-1, "download failed", "GET").replace(b'"size":', LOST))
    known = {"attic": NodeSettings(log=str(log))}
    async with rig.running(tmp_path / "data", known, rig.Clock()) as app, rig.page(app) as page:
        await rig.settle(app)
        await page.until(lambda state: [each["rule"] for each in state[topic]] == ["piece_lost"])
        await asked(page, "set", key="piece_lost.warning", value=5)
        await page.until(lambda state: state[topic] == [])
        await asked(page, "set", node="attic", key="piece_lost.warning", value=1)
        await page.until(lambda state: [each["severity"] for each in state[topic]] == ["warning"])
        await asked(page, "set", node="attic", key="piece_lost.critical", value=1)
        await page.until(lambda state: [each["severity"] for each in state[topic]] == ["critical"])
        (closed, open_) = reversed(await asked(page, "alerts", history=True))
        assert closed["closed"] is not None
        assert open_["closed"] is None


async def test_a_number_that_cannot_be_meant_is_refused_with_what_was_expected(tmp_path: Path) -> None:
    async with rig.running(tmp_path / "data", nodes(tmp_path), rig.Clock()) as app, rig.page(app) as page:
        for rule in (await asked(page, "settings"))["rules"]:
            wrong: tuple[Any, ...] = (rule["least"] - 0.01, rule["most"] + 0.01, "1", True, [], -1e308)
            for value in wrong:
                text = await refused(page, key=rule["key"], value=value)
                assert (
                    text
                    == f"set: {rule['key']}: expected a number, {rule['least']:g} to {rule['most']:g} {rule['unit']}."
                )
        assert "about the agent itself" in await refused(page, node="attic", key="agent_lag.warning", value=9)
        assert "expected the key of a threshold" in await refused(page, key="disqualified.critical", value=1)
        refusal = await page.ask("threshold", node="attic", key="online_score", value=100)
        assert refusal["error"]["text"] == "set: online_score.warning: expected a number, 60 to 99.5 %."
        found = await asked(page, "settings")
        assert not any(each["set"] for each in found["all"].values())


async def test_a_route_is_made_changed_switched_off_and_reset(tmp_path: Path) -> None:
    data, known, clock = tmp_path / "data", nodes(tmp_path), rig.Clock()
    async with hook() as filed, hook() as made:
        section = {"timezone": "UTC", "routes": {"program": {"url": filed.url}}}
        async with rig.running(data, known, clock, notify=section) as app, rig.page(app) as page:
            found = await asked(page, "set", key="route.phone", value={"url": made.url, "severities": ["critical"]})
            assert [(each["name"], each["url"], each["from"], each["reset"]) for each in found["routes"]] == [
                ("program", "webhook+http://127.0.0.1", "file", False),
                ("phone", "webhook+http://127.0.0.1", "page", True),
            ]
            assert found["routes"][1]["state"] == {
                "failing": False, "said": None, "waiting": 0, "due": None, "last": None
            }  # fmt: skip
            await asked(page, "notify_test", route="phone")
            await made.until(1)
            found = await asked(page, "set", key="route.phone", value={"nodes": ["attic"], "quiet": False})
            assert (found["routes"][1]["severities"], found["routes"][1]["nodes"]) == (["critical"], ["attic"])
            await asked(page, "set", key="route.program", value={"severities": ["warning"], "digest": False})
            await page_keeps(page, filed, made, clock)
        async with rig.running(data, known, clock, notify=section) as app, rig.page(app) as page:
            routes = {each["name"]: each for each in (await asked(page, "settings"))["routes"]}
            assert routes["program"]["from"] == "both"
            assert routes["program"]["severities"] == ["warning"]
            assert routes["phone"]["nodes"] == ["attic"]
            clock.at += 60
            await page_keeps(page, filed, made, clock)
            found = await asked(page, "set", key="route.program", value={"remove": True})
            assert [each["name"] for each in found["routes"]] == ["phone"]
            assert found["removed"] == [{"name": "program", "url": "webhook+http://127.0.0.1"}]
        async with rig.running(data, known, clock, notify=section) as app, rig.page(app) as page:
            assert [each["name"] for each in (await asked(page, "settings"))["routes"]] == ["phone"]
            await asked(page, "set", key="route.phone", value={"remove": True})
            found = await asked(page, "set", key="route.program", value=None)
            assert [(each["name"], each["severities"], each["from"]) for each in found["routes"]] == [
                ("program", ["critical", "warning"], "file")
            ]


async def page_keeps(page: rig.Page, filed: Hook, made: Hook, clock: rig.Clock) -> None:
    """A route whose address was not given again still has it."""
    clock.at += 60
    had = len(filed.posts), len(made.posts)
    assert all(route["ok"] for route in (await asked(page, "notify_test"))["routes"].values())
    assert (len(filed.posts), len(made.posts)) == (had[0] + 1, had[1] + 1)


async def test_a_node_that_is_gone_is_no_reason_to_refuse_another_address(tmp_path: Path) -> None:
    data, known = tmp_path / "data", nodes(tmp_path)
    async with rig.running(data, known, rig.Clock()) as app, rig.page(app) as page:
        await asked(page, "set", key="route.phone", value={"url": URL, "nodes": ["cellar"]})
    async with rig.running(data, {"attic": known["attic"]}, rig.Clock()) as app, rig.page(app) as page:
        found = await asked(page, "set", key="route.phone", value={"url": "ntfys://ntfy.sh/topic"})
        assert found["routes"][0]["url"] == "ntfys://ntfy.sh"
        assert "it has attic" in await refused(page, key="route.phone", value={"nodes": ["cellar"]})


async def test_a_document_brings_no_more_routes_than_there_may_be(tmp_path: Path) -> None:
    async with rig.running(tmp_path / "data", nodes(tmp_path), rig.Clock()) as app, rig.page(app) as page:
        every = [f"[notify.routes.r{n}]\nurl = '{URL}'\n" for n in range(ROUTES_MAX + 1)]
        answer = await page.ask("settings_import", toml="".join(every))
        assert answer["error"]["text"] == f"Nothing was changed. There may be {ROUTES_MAX} routes, not more."
        assert (await asked(page, "settings"))["routes"] == []
        await asked(page, "settings_import", toml="".join(every[1:]))
        assert "not more" in await refused(page, key="route.another", value={"url": URL})
        await asked(page, "set", key="route.r1", value={"remove": True})
        await asked(page, "set", key="route.another", value={"url": URL})


async def test_check_tries_the_routes_of_the_page(tmp_path: Path) -> None:
    known = nodes(tmp_path)
    section = {"timezone": "UTC", "routes": {"filed": {"url": "webhook+http://127.0.0.1:9/filed"}}}
    async with hook() as program, rig.running(tmp_path / "data", known, rig.Clock(), notify=section) as app:
        await app._commands("set", {"key": "route.phone", "value": {"url": program.url}}, "websocket")
        await app._commands("set", {"key": "route.filed", "value": {"remove": True}}, "websocket")
        found = {each.part: each for each in await check(app.settings)}
    assert [part for part in found if part.startswith("route ")] == ["route phone"]
    assert found["route phone"].fine


async def test_a_proxy_before_the_page_is_a_reason_to_ask_for_a_token(tmp_path: Path) -> None:
    bridge = {"listen": "127.0.0.1:0", "public_url": "https://home.example.org/storj"}
    async with rig.running(tmp_path, {}, rig.Clock(), bridge=bridge, mqtt={"url": "mqtt://127.0.0.1:1"}) as app:
        local = json.loads((tmp_path / LOCAL).read_text())
        assert local["token"] == app.new_token
        assert local["url"] == f"http://{app._bridge.address}/", "commands on this host go past the proxy"
        async with aiohttp.ClientSession(local["url"], headers={"Host": "home.example.org"}) as session:
            for headers, status in (({}, 401), ({"Authorization": f"Bearer {local['token']}"}, 200)):
                async with session.get("board", headers=headers) as answer:
                    assert answer.status == status
        said = next(each.text for each in await check(app.settings) if each.part == "page")
    assert said.startswith("public_url lets others in than this machine alone and no token is set: the agent makes one")


async def test_without_an_agent_the_routes_of_the_page_are_tried_too(tmp_path: Path) -> None:
    known, file = nodes(tmp_path), tmp_path / "my.toml"
    async with hook() as filed, hook() as phone:
        section = {"timezone": "UTC", "routes": {"filed": {"url": filed.url}, "off": {"url": filed.url}}}
        async with rig.running(tmp_path / "data", known, rig.Clock(), notify=section) as app:
            await app._commands("set", {"key": "route.phone", "value": {"url": phone.url}}, "websocket")
            await app._commands("set", {"key": "route.off", "value": {"remove": True}}, "websocket")
        routes = "".join(f'[notify.routes.{name}]\nurl = "{filed.url}"\n' for name in section["routes"])
        file.write_text(f'[data]\ndir = "{tmp_path / "data"}"\n{routes}')
        test = ("notify", "test", "--config", file, "--json")
        code, said, trouble = await storj_monitor(*test)
        assert (code, set(json.loads(said)["routes"]), trouble) == (0, {"filed", "phone"}, "")
        assert (len(filed.posts), len(phone.posts)) == (1, 1)
        (tmp_path / "data/storj-monitor.db").write_bytes(b"damaged" * 1000)
        code, said, trouble = await storj_monitor(*test)
        assert (code, set(json.loads(said)["routes"])) == (1, {"filed", "off"})
        assert "Routes that were set on the page are left out, for they cannot be read:" in trouble


async def test_quiet_hours_and_digest_are_set_and_reset(tmp_path: Path) -> None:
    data, known, section = tmp_path / "data", nodes(tmp_path), {"timezone": "UTC", "quiet_hours": "22:00-07:00"}
    async with rig.running(data, known, rig.Clock(), notify=section) as app, rig.page(app) as page:
        values = {"quiet_hours": "", "timezone": "Europe/Berlin", "digest": "daily", "digest_time": "06:30"}
        for key, value in values.items():
            found = await asked(page, "set", key=f"notify.{key}", value=value)
        assert found["notify"]["quiet_hours"] == {"value": None, "file": "22:00-07:00", "set": True}
        assert found["notify"]["digest"] == {"value": "daily", "file": "off", "set": True}
        assert "expected a time zone such as" in await refused(page, key="notify.timezone", value="Atlantis/Deep")
        assert "expected text" in await refused(page, key="notify.digest", value=3)
        assert "notify.digest_time" in await refused(page, key="notify.ping_url", value="http://x")
    async with rig.running(data, known, rig.Clock(), notify=section) as app, rig.page(app) as page:
        found = await asked(page, "settings")
        assert {key: each["value"] or "" for key, each in found["notify"].items()} == values
        assert app._notifications.settings.timezone == "Europe/Berlin"
        found = await asked(page, "set", key="notify.quiet_hours")
        assert found["notify"]["quiet_hours"] == {"value": "22:00-07:00", "file": "22:00-07:00", "set": False}


async def test_settings_go_out_as_toml_and_come_back_whole_or_not_at_all(tmp_path: Path) -> None:
    known, section = nodes(tmp_path), {"timezone": "UTC", "routes": {"mail": {"url": URL, "nodes": ["attic"]}}}
    async with (
        rig.running(tmp_path / "one", known, rig.Clock(), notify=section, **SCORED) as app,
        rig.page(app) as page,
    ):
        await asked(page, "set", node="cellar", key="piece_lost.critical", value=9)
        await asked(page, "set", key="notify.quiet_hours", value="23:00-06:00")
        await asked(page, "set", key="route.extra", value={"url": f"json://{SECRET}.example.org/x", "digest": False})
        bare = (await asked(page, "settings_export"))["toml"]
        whole = (await asked(page, "settings_export", secrets=True))["toml"]
        assert SECRET not in bare.replace(f"{SECRET}.example.org", "")
        assert whole.count(SECRET) == 2
        assert (await asked(page, "settings_import", toml=whole))["changed"] == [], "it is so already"
        assert (await asked(page, "settings_import", toml=bare))["changed"] == [], "an address left out is kept"
        before = await asked(page, "settings")
    bare_nodes = {name: NodeSettings(log=node.log) for name, node in known.items()}
    there = rig.running(tmp_path / "two", bare_nodes, rig.Clock(), notify={"timezone": "UTC"})
    async with there as app, rig.page(app) as page:
        empty = await asked(page, "settings")
        for wrong, said in wrongs(whole, bare).items():
            answer = await page.ask("settings_import", toml=wrong)
            assert said in answer["error"]["text"], answer
            assert SECRET not in json.dumps(answer)
            assert await asked(page, "settings") == empty, "one part is wrong: nothing is changed"
        tried = await asked(page, "settings_import", toml=whole, dry_run=True)
        assert tried["changed"] == []
        assert await asked(page, "settings") == empty, "a look at it changes nothing"
        assert SECRET not in json.dumps(tried).replace(f"{SECRET}.example.org", "")
        rows = {(row["node"], row["key"]): (row["old"], row["new"]) for row in tried["changes"]}
        assert rows["cellar", "piece_lost.critical"] == (5.0, 9.0)
        assert rows[None, "audit_score.warning"] == (99.95, 99.0)
        assert rows[None, "notify.quiet_hours"] == (None, "23:00-06:00")
        old, new = rows[None, "route.mail"]
        assert (old, new["url"], new["nodes"]) == (None, "tgram://…", ["attic"])
        done = await asked(page, "settings_import", toml=whole)
        changed = done["changed"]
        assert done["changes"] == tried["changes"]
        assert "piece_lost.critical of cellar is 9." in changed
        assert "notify.quiet_hours is 23:00-06:00." in changed
        assert (await asked(page, "settings_export", secrets=True))["toml"] == whole
        after = await asked(page, "settings")
        for name in ("thresholds", "all", "notify"):
            assert values(after[name]) == values(before[name])


def values(found: Any) -> Any:
    """Only what is in effect."""
    if isinstance(found, dict) and "value" in found:
        return found["value"]
    return {key: values(each) for key, each in found.items()}


def wrongs(whole: str, bare: str) -> dict[str, str]:
    """Documents with one thing wrong, and what is said of it."""
    return {
        whole.replace("piece_lost.critical = 9", "piece_lost.critical = 0"): "piece_lost.critical: expected at least 1",
        whole.replace("[nodes.cellar", "[nodes.barn"): "This agent has no node barn",
        whole.replace('nodes = ["attic"]', 'nodes = ["barn"]'): "expected nodes of this agent; it has attic, cellar",
        bare: "The route mail is new here and has no url",
        f"{whole}\n[agent]\nname = 'x'\n": "What can be imported is [alerts.thresholds]",
        whole.replace('timezone = "UTC"', f'timezone = "{SECRET}"'): "expected a time zone",
        f"{whole}\nx = [{SECRET}": "not valid TOML",
        whole.replace("tgram://", ""): "expected an address as Apprise takes it",
    }


async def test_an_import_says_what_of_a_route_differs_and_a_page_hears_of_each_change(tmp_path: Path) -> None:
    known, section = nodes(tmp_path), {"timezone": "UTC", "routes": {"mail": {"url": URL}}}
    document = f'[notify.routes.mail]\nurl = "{URL}6"\nseverities = ["critical"]\n'
    about = "storj-monitor/host/about"
    async with rig.running(tmp_path / "data", known, rig.Clock(), notify=section) as app, rig.page(app) as page:
        await page.until(lambda state: about in state)
        assert page.state[about]["settings_changed"] is None
        found = await asked(page, "settings_import", toml=document, dry_run=True)
        assert found["changes"] == [
            {
                "node": None,
                "key": "route.mail",
                "old": {"url": "tgram://…", "severities": ["critical", "warning"]},
                "new": {"url": "tgram://…", "severities": ["critical"]},
            }
        ]
        assert page.state[about]["settings_changed"] is None, "a look is no change"
        await asked(page, "settings_import", toml=document)
        await page.until(lambda state: state[about]["settings_changed"] is not None)
        first = page.state[about]["settings_changed"]
        await asked(page, "threshold", node="attic", key="online_score", value=80)
        await page.until(lambda state: state[about]["settings_changed"] > first)
        code, said, _ = await command(app, "import", "--dry-run", save(tmp_path / "a.toml", document))
        assert (code, said) == (0, "All of it was so already.\n")
        other = document.replace("critical", "info") + "[nodes.cellar]\nthresholds = { audit_score.warning = 98 }\n"
        code, said, _ = await command(app, "import", "--dry-run", save(tmp_path / "b.toml", other))
        assert (code, said) == (
            0, "audit_score.warning of cellar: 99.95 → 98\nroute.mail: severities critical → info\n"
        )  # fmt: skip
        assert (await asked(page, "settings"))["thresholds"]["cellar"]["audit_score.warning"]["value"] == 99.95


def save(file: Path, text: str) -> Path:
    file.write_text(text)
    return file


async def test_what_no_longer_fits_the_file_is_left_out_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data, known = tmp_path / "data", nodes(tmp_path)
    section = {"timezone": "UTC", "routes": {"mail": {"url": URL}}}
    async with rig.running(data, known, rig.Clock(), notify=section) as app, rig.page(app) as page:
        await asked(page, "set", key="route.mail", value={"severities": ["critical"]})
    with caplog.at_level(logging.WARNING):
        async with rig.running(data, known, rig.Clock(), notify={"timezone": "UTC"}) as app, rig.page(app) as page:
            assert (await asked(page, "settings"))["routes"] == []
    assert "What was set on the page is left out: The route mail has no address yet" in caplog.text


async def command(app: App, *arguments: object, of: tuple[str, ...] = ("settings",)) -> tuple[int | None, str, str]:
    """`storj-monitor settings …` (or `of`) at a running agent: exit code, standard output, standard error."""
    return await storj_monitor(*of, *arguments, "--url", app.url)


async def storj_monitor(*arguments: object) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "storj_monitor.cli", *map(str, arguments),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=dict(os.environ),
    )  # fmt: skip
    said, trouble = await process.communicate()
    return process.returncode, said.decode(), trouble.decode()


async def test_the_command_line_shows_exports_and_imports(tmp_path: Path) -> None:
    known, section, file = nodes(tmp_path), {"timezone": "UTC", "routes": {"mail": {"url": URL}}}, tmp_path / "my.toml"
    async with rig.running(tmp_path / "data", known, rig.Clock(), notify=section) as app:
        code, said, _ = await command(app)
        assert code == 0
        assert "attic: audit_score.warning is 98" in said
        assert "route mail: tgram://…, critical, warning" in said
        assert {line.split()[0] for line in said.splitlines() if " … " in line} == {"threshold", *DEFAULTS}
        assert json.loads((await command(app, "--json"))[1])["routes"][0]["url"] == "tgram://…"
        assert SECRET not in (await command(app, "export"))[1]
        assert (await command(app, "export", "--secrets", file))[0] == 0
        assert file.stat().st_mode & 0o777 == 0o600
        file.write_text(file.read_text().replace("audit_score.warning = 98", "audit_score.warning = 97.5"))
        code, said, _ = await command(app, "import", file)
        assert (code, said) == (0, "audit_score.warning of attic is 97.5.\n")
        assert (await command(app, "import", file))[1] == "All of it was so already.\n"
        file.write_text(file.read_text().replace("97.5", "0.5"))
        code, said, trouble = await command(app, "import", file)
        assert (code, said) == (1, "")
        assert trouble.startswith("storj-monitor: Nothing was changed. Line ")
        assert "audit_score.warning: expected at least 96.1." in trouble


HOSTILE: tuple[tuple[str, Any], ...] = (
    ("route.phone", {"url": SECRET}),
    ("route.phone", {"url": f"{SECRET}://x y"}),
    ("route.phone", {"url": [f"tgram://{SECRET}"]}),
    ("route.phone", {"url": f"tgram://{SECRET}/\ud800"}),
    ("route.phone", {"url": f"tgram://{SECRET}/{'x' * 5000}"}),
    ("route.phone", {"url": URL, "severities": [SECRET]}),
    ("route.phone", {"url": URL, "nodes": [SECRET]}),
    ("route.phone", {"url": URL, "quiet": SECRET}),
    ("route.phone", {"url": URL, SECRET: 1}),
    ("route.phone", {"url": URL, "remove": True}),
    ("route.phone", {"remove": URL}),
    ("route.phone", URL),
    ("route.phone", [URL]),
    (f"route.{SECRET.upper()}", {"url": URL}),
    ("notify.timezone", URL),
    ("notify.timezone", f"../../{SECRET}\x00"),
    ("notify.quiet_hours", SECRET),
    ("notify.digest", SECRET),
    ("notify.digest_time", [SECRET]),
    ("notify.ping_url", URL),
    (URL[:60], "x"),
    ("audit_score.warning", SECRET),
    ("audit_score.warning", {"url": URL}),
)
"""Secrets in the wrong place."""


async def test_a_secret_is_told_by_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One is planted in every place that takes one: nobody sees it again but the route and an export that asks."""
    data, known, clock = tmp_path / "data", nodes(tmp_path), rig.Clock()
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.INFO, "aiosqlite"):  # as the command line has it
        async with mailbox() as box, hook() as program, rig.running(data, known, clock) as app, rig.page(app) as page:
            answers = [await page.ask("set", key=key, value=value) for key, value in HOSTILE]
            assert [each["ok"] for each in answers] == [False] * len(HOSTILE)
            closed = f"webhook+http://me:{SECRET}@127.0.0.1:9/{SECRET}?token={SECRET}"
            routes = {"phone": {"url": closed}, "mail": {"url": box.url(SECRET)}, "program": {"url": program.url}}
            for name, value in routes.items():
                answers.append(await page.ask("set", key=f"route.{name}", value=value))
                assert answers[-1]["ok"], answers[-1]
            log = tmp_path / "attic.log"
            log.write_bytes(rig.line(-1, "download failed", "GET_AUDIT").replace(b'"size":', LOST))
            await rig.settle(app)
            await program.until(1)
            clock.at += 40
            await app._engine.tick()
            await until(lambda: all(app._notifications.status()[name]["failures"] for name in ("phone", "mail")))
            answers += [
                await page.ask(cmd) for cmd in ("notify_test", "settings", "settings_export", "alerts", "events")
            ]
            assert all(each["ok"] for each in answers[-5:])
            assert answers[-4]["result"]["routes"][0]["state"]["failing"]
            said = [json.dumps(answers, ensure_ascii=False), json.dumps(page.messages, ensure_ascii=False)]
            said += [json.dumps(page.state), json.dumps(program.posts)]
            said += [json.dumps(await app._store.reader.fetch(f"SELECT * FROM {table}")) for table in TOLD]
            board, lines = await bundling.of_agent(app.url, None)
            packed, report = bundling.pack(board, lines, [closed], bundling.redactor(board, app.settings))
            with zipfile.ZipFile(io.BytesIO(packed)) as archive:
                said += [report, *(archive.read(name).decode() for name in archive.namelist())]
            assert SECRET in (await asked(page, "settings_export", secrets=True))["toml"]
    said.append(caplog.text)
    for text in said:
        assert text
        for secret in (SECRET, SECRET.upper(), "s3cret"):
            assert secret not in text, text[max(0, text.find(secret) - 300) :][:600]


LOST = b'"error": "file does not exist", "size":'
TOLD = ("outbox", "delivery", "event", "alert")
"""Tables whose rows are told."""


async def test_what_is_done_to_an_alert_is_seen_everywhere_at_once(tmp_path: Path, broker: Mosquitto) -> None:
    """Acknowledged on the command line, silenced over MQTT, tested on each way: both pages and the broker see it."""
    log, clock, topic = tmp_path / "attic.log", rig.Clock(), "storj-monitor/host/attic/alerts"
    log.write_bytes(rig.line(-1, "download failed", "GET_AUDIT").replace(b'"size":', LOST))
    known = {"attic": NodeSettings(log=str(log))}
    async with hook() as program:
        section = {"timezone": "UTC", "routes": {"program": {"url": program.url}}}
        with Client(broker) as mqtt:
            running = rig.running(tmp_path / "data", known, clock, notify=section, mqtt={"url": broker.url})
            async with running as app, rig.page(app) as one, rig.page(app) as two:

                async def seen(key: str) -> None:
                    for page in (one, two):
                        await page.until(lambda state: [bool(each[key]) for each in state[topic]] == [True])
                    await arrived(
                        lambda: [bool(each[key]) for each in json.loads(mqtt.retained.get(topic, b"[]"))] == [True], key
                    )

                await rig.settle(app)
                await program.until(1)
                assert (await command(app, "acknowledge", "piece_lost:attic", of=()))[:2] == (0, "1 marked as seen.\n")
                await seen("acknowledged")
                mqtt.publish("storj-monitor/host/attic/command/silence", json.dumps({"hours": 2}))
                await seen("silenced_until")
                assert (await command(app, "silence", "0", "--node", "attic", of=()))[0] == 0
                for page in (one, two):
                    await page.until(lambda state: not state[topic][0]["silenced_until"])
                await program.until(2)
                mqtt.publish("storj-monitor/host/command/notify_test", "{}")
                await program.until(3)
                clock.at += 11
                assert (await command(app, "notify", "test", of=()))[:2] == (
                    0, "ok   program (webhook+http://127.0.0.1): HTTP 204 No Content\n"
                )  # fmt: skip
                clock.at += 11
                assert (await one.ask("notify_test"))["ok"]
                await program.until(5)
    kinds = [post["event_type"] for _, post in program.posts]
    assert kinds == ["alert_opened", "alert_acknowledged", "notice", "notice", "notice"]
