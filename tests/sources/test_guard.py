"""Calls that hang: the loop goes on, no second thread is spent, and the agent can stop."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest
from tests.patience import PATIENCE

from storj_monitor.sources.guard import Guard, HangsError


async def test_values_and_errors_come_back() -> None:
    guard = Guard("It")
    assert await guard.call(int, "12") == 12
    with pytest.raises(ValueError, match="invalid literal"):
        await guard.call(int, "x")
    assert await guard.call(int, "13") == 13


async def test_a_hanging_call_costs_one_thread_until_it_comes_back() -> None:
    release, entered = threading.Event(), threading.Event()

    def hang() -> str:
        entered.set()
        release.wait(20)
        return "late"

    guard = Guard("The disk", patience=0.05)
    with pytest.raises(HangsError, match=r"The disk does not answer within 0\.05 s"):
        await guard.call(hang)
    threads = threading.active_count()
    for _ in range(5):
        with pytest.raises(HangsError, match="still does not answer"):
            await guard.call(hang)
    assert threading.active_count() == threads
    release.set()
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                assert await guard.call(str, "back") == "back"
                break
            except HangsError:
                await asyncio.sleep(0.005)


def test_a_process_with_a_hanging_call_still_ends() -> None:
    program = """
import asyncio, threading
from storj_monitor.sources.guard import Guard, HangsError
async def main():
    try:
        await Guard("It", 0.05).call(threading.Event().wait)
    except HangsError:
        print("gave up")
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "gave up\n"
    assert done.stderr == ""
