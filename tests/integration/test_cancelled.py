"""Whoever asked leaves in the middle: nothing is half done, lost or forgotten over a restart."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

from tests.alerts.servers import hook
from tests.integration import rig

from storj_monitor.app import App
from storj_monitor.settings import NodeSettings

LOST = b'"error": "file does not exist", "size":'


@contextlib.asynccontextmanager
async def held(lock: asyncio.Lock, work: Coroutine[Any, Any, Any]) -> AsyncIterator[asyncio.Task[Any]]:
    """Work that has come as far as a lock allows; after the block the lock is free."""
    async with lock:
        task = asyncio.create_task(work)
        for _ in range(100):
            await asyncio.sleep(0)
        assert not task.done(), "it waits"
        yield task


async def left(lock: asyncio.Lock, work: Coroutine[Any, Any, Any]) -> None:
    """The connection of who asked ends while the work waits."""
    async with held(lock, work) as task:
        task.cancel()
        await asyncio.sleep(0)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def nodes(folder: Path) -> dict[str, NodeSettings]:
    for name in ("attic", "cellar"):
        (folder / f"{name}.log").touch()
    return {name: NodeSettings(log=str(folder / f"{name}.log")) for name in ("attic", "cellar")}


async def command(app: App, cmd: str, **args: Any) -> Any:
    return await app._commands(cmd, args, "websocket")


async def test_what_a_cancelled_tick_took_is_counted(tmp_path: Path) -> None:
    known, clock = nodes(tmp_path), rig.Clock()
    async with rig.running(tmp_path / "data", known, clock) as app:
        (tmp_path / "attic.log").write_bytes(b"".join(rig.line(number - 60) for number in range(25)))
        await app._logs["attic"].catch_up()
        await left(app._logs["cellar"]._lock, app._engine.tick())
        await rig.settle(app)
        assert sum(row["count"] for row in await command(app, "transfers", node="attic")) == 25


async def test_what_is_set_is_stored_and_in_effect_or_neither(tmp_path: Path) -> None:
    data, known, clock = tmp_path / "data", nodes(tmp_path), rig.Clock()
    async with hook() as program, rig.running(data, known, clock) as app:
        await app._engine.tick()
        for cmd, args in (
            ("set", {"key": "audit_score.warning", "value": 99.5}),
            ("set", {"key": "route.phone", "value": {"url": program.url}}),
            ("silence", {"node": "attic", "hours": 1}),
            ("maintenance", {"node": "attic", "on": True, "hours": 1}),
        ):
            await left(app._store._lock, command(app, cmd, **args))
        found = await command(app, "settings")
        assert found["all"]["audit_score.warning"]["value"] == 99.5
        assert [each["name"] for each in found["routes"]] == ["phone"]
        assert len(await command(app, "silences")) == 1
        assert app._board.get("storj-monitor/host/attic/state")["maintenance_until"] == clock() + 3600


async def test_what_is_acknowledged_during_a_commit_is_kept_and_told(tmp_path: Path) -> None:
    data, known, clock = tmp_path / "data", nodes(tmp_path), rig.Clock()
    log = tmp_path / "attic.log"
    async with hook() as program:
        notify = {"timezone": "UTC", "routes": {"program": {"url": program.url}}}
        async with rig.running(data, known, clock, notify=notify) as app:
            log.write_bytes(rig.line(-1, "download failed", "GET_AUDIT").replace(b'"size":', LOST))
            await rig.settle(app)
            clock.at += 600  # the timers are due to be saved
            async with held(app._store._lock, app._engine.tick()) as tick:
                marked = asyncio.create_task(command(app, "acknowledge", id="piece_lost:attic"))
                await asyncio.sleep(0.01)
            await tick
            assert await marked == {"acknowledged": 1}
            await program.until(2)
        async with rig.running(data, known, clock, notify=notify) as app:
            assert [each["acknowledged"] for each in await command(app, "alerts")] == [True]
    assert [post["event_type"] for _, post in program.posts] == ["alert_opened", "alert_acknowledged"]
