"""Old logs are imported by the agent that runs: asked by a page, by the command line, or at its start."""

from __future__ import annotations

import asyncio
import gzip
import json
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.integration.rig import Clock, line, page, running, settle
from tests.patience import PATIENCE

from storj_monitor.core.errors import CommandError
from storj_monitor.pastimport import LOCAL
from storj_monitor.settings import NodeSettings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.rig import Page

    from storj_monitor.app import App

OLD, NEW = 400, 25


def make_logs(folder: Path) -> dict[str, NodeSettings]:
    """A live log, and one that was rotated away and packed before the agent first came."""
    old = b"".join(line(number - 7200) for number in range(OLD))
    (folder / "node.log.1.gz").write_bytes(gzip.compress(old))
    (folder / "node.log").write_bytes(b"".join(line(number - 60) for number in range(NEW)))
    return {"attic": NodeSettings(log=str(folder / "node.log"))}


async def counted(browser: Page) -> int:
    answer = await browser.ask("transfers", node="attic")
    return sum(row["count"] for row in answer["result"])


async def done(browser: Page) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE):
        while True:
            said: dict[str, Any] = (await browser.ask("import_status"))["result"]
            if not said["running"]:
                return said
            await asyncio.sleep(0.02)


async def test_of_two_that_import_at_the_same_time_one_is_refused(tmp_path: Path) -> None:
    nodes = make_logs(tmp_path)
    async with running(tmp_path / "data", nodes, Clock()) as app, page(app) as browser:
        await settle(app)
        files = await app._logs["attic"].past()
        answers = await asyncio.gather(*(app._past.begin("attic", files) for _ in range(2)), return_exceptions=True)
        assert [isinstance(each, CommandError) for each in answers].count(True) == 1
        assert (await done(browser))["fault"] is None
        assert await counted(browser) == OLD + NEW


async def test_a_page_imports_the_past_while_the_node_writes_on(tmp_path: Path) -> None:
    nodes = make_logs(tmp_path)
    async with running(tmp_path / "data", nodes, Clock()) as app, page(app) as browser:
        await settle(app)
        assert await counted(browser) == NEW
        found = (await browser.ask("past", node="attic"))["result"]["files"]
        assert [each["path"] for each in found] == [str(tmp_path / "node.log.1.gz")]
        begun = await browser.ask("import_past", node="attic")
        assert begun["ok"], begun
        with (tmp_path / "node.log").open("ab") as live:
            live.write(line(-1))
        said = await done(browser)
        assert (said["lines"], said["refused"], said["fault"]) == (OLD, [], None)
        await settle(app)
        assert await counted(browser) == OLD + NEW + 1
        assert (await browser.ask("past", node="attic"))["result"]["files"] == []
        refused = await browser.ask("import_past", node="attic")
        assert "no old file" in refused["error"]["text"]
        state = app._engine.nodes["attic"]
        assert state.window.total(["transfer:PUT:ok"]) == OLD + NEW + 1, "the day that the page shows has them, too"


async def test_after_a_restart_nothing_is_read_again(tmp_path: Path) -> None:
    nodes = make_logs(tmp_path)
    for _ in range(2):
        async with running(tmp_path / "data", nodes, Clock()) as app, page(app) as browser:
            await app._past.everything()
            await settle(app)
            assert await counted(browser) == OLD + NEW
    assert not (tmp_path / "data" / LOCAL).exists()


async def command(app: App, *arguments: str) -> subprocess.CompletedProcess[str]:
    data = str(app.settings.data.dir)
    words = [sys.executable, "-m", "storj_monitor.cli", "import", "--data", data, "--json", *arguments]
    return await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True, check=False, timeout=60)


async def test_the_command_line_has_the_running_agent_do_it(tmp_path: Path) -> None:
    nodes = make_logs(tmp_path)
    old = str(tmp_path / "node.log.1.gz")
    token = {"bridge": {"listen": "127.0.0.1:0", "token": "a-long-token-of-the-test"}}
    async with running(tmp_path / "data", nodes, Clock(), **token) as app:
        assert stat.S_IMODE((tmp_path / "data" / LOCAL).stat().st_mode) == 0o600
        first = await command(app, old)
        assert first.returncode == 0, first.stderr
        assert json.loads(first.stdout)["lines"] == OLD
        again = await command(app, "--node", "attic", old)
        assert json.loads(again.stdout) | {"seconds": 0} == {"files": 1, "lines": 0, "seconds": 0, "skipped": OLD}
        missing = await command(app, str(tmp_path / "nothing.log"))
        assert missing.returncode == 1
        assert "nothing.log cannot be read" in missing.stderr


async def test_only_who_can_read_the_data_folder_names_files(tmp_path: Path) -> None:
    async with running(tmp_path / "data", make_logs(tmp_path), Clock()) as app, page(app) as browser:
        answer = await browser.ask("import", node="attic", files=["/etc/passwd"], secret="guessed")
        assert answer["error"]["code"] == "not_allowed"
        assert (await browser.ask("import_status"))["result"] is None
        assert app._past.secret not in json.dumps(browser.messages)
