"""The ping that falls silent with the agent."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import pytest
from tests.alerts.servers import Hook, hook, until
from tests.integration.rig import Clock

from storj_monitor.alerts.deadman import Deadman


async def test_one_ping_a_minute_while_commits_come_and_failures_are_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    async with hook() as watcher:
        url = watcher.url.removeprefix("webhook+").replace("me:s3cret@", "") + "?check=very-secret"
        watcher.status = 503
        deadman = Deadman(url, now=clock)
        task = asyncio.create_task(deadman.run())
        try:
            for minute in range(3):
                await beaten(deadman, watcher, minute + 1)
                deadman.beat()
                clock.at += 60
            assert (deadman.failures, watcher.refused) == (3, 3)
            watcher.status = 201
            deadman.beat()
            await until(lambda: deadman.failures == 0)
            clock.at += 30
            deadman.beat()
            clock.at += 25
            assert not deadman._due.is_set(), "not more than one a minute"
            clock.at -= 7200
            deadman.beat()
            await until(lambda: watcher.refused == 5)
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
    said = [each.message for each in caplog.records if "ping" in each.message]
    where = "http://127.0.0.1"
    assert said == [
        f"The ping to {where} failed and will be tried every minute: HTTP 503",
        f"The ping to {where} works again after 3 failures.",
    ]
    assert "very-secret" not in caplog.text


async def beaten(deadman: Deadman, watcher: Hook, count: int) -> None:
    deadman.beat()
    await until(lambda: watcher.refused == count and deadman.failures == count)


async def test_nobody_there_is_a_failure_without_the_address(caplog: pytest.LogCaptureFixture) -> None:
    async with hook() as watcher:
        url = watcher.url.removeprefix("webhook+") + "/very-secret"
    deadman = Deadman(url, now=Clock())
    task = asyncio.create_task(deadman.run())
    deadman.beat()
    await until(lambda: deadman.failures == 1)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert "failed and will be tried every minute" in caplog.text
    assert not {"very-secret", "s3cret"} & set(caplog.text.replace("/", " ").split())
