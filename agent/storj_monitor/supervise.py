"""Keep a part of the agent running: one that falls over must neither take the others down nor fill the log."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING

from storj_monitor.core.errors import MonitorError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_LOG = logging.getLogger(__name__)

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
STEADY_AFTER = 30.0
"""Seconds a part must run before it counts as up again; until then its next fall waits longer than the last."""


def wait_before(attempt: int, jitter: float) -> float:
    """Seconds before the try after the `attempt`-th fall in a row (from 1): doubling, the upper half of it is chance.

    `jitter` is 0…1. Without it, all agents of a fleet would come back to a restarted broker in the same second.
    """
    longest: float = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt - 1, 10))
    return longest * (1 + jitter) / 2


async def keep_running(
    name: str,
    run: Callable[[], Awaitable[None]],
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    log: logging.Logger = _LOG,
    jitter: Callable[[], float] = random.random,
) -> None:
    """Call `run` again whenever it ends, by itself or with an error, for ever; cancel it to stop.

    Says once that the part is down, with the reason, and once that it is back: it is when `run` has lasted
    `STEADY_AFTER` seconds. What we did not raise on purpose comes with its traceback.
    """
    falls = 0

    async def steady() -> None:
        nonlocal falls
        await sleep(STEADY_AFTER)
        if falls:
            log.info("%s is back after %d %s.", name, falls, "try" if falls == 1 else "tries")
        falls = 0

    while True:
        reason = await _until_it_falls(run, steady)
        falls += 1
        wait = wait_before(falls, jitter())
        if falls == 1:
            unexpected = reason if not isinstance(reason, MonitorError) else None
            log.warning("%s is down and will be tried again: %s", name, _words(reason), exc_info=unexpected)
        log.debug("%s: fall %d (%s), next try in %.1f s", name, falls, _words(reason), wait)
        await sleep(wait)


async def _until_it_falls(
    run: Callable[[], Awaitable[None]], steady: Callable[[], Awaitable[None]]
) -> Exception | None:
    """Run once; the error it ended with, None when it just returned. Cancellation passes through."""
    timer = asyncio.ensure_future(steady())
    try:
        await run()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is logged, and the part is started again
        return error
    finally:
        timer.cancel()
    return None


def _words(reason: Exception | None) -> str:
    if reason is None:
        return "it ended by itself"
    return str(reason) or type(reason).__name__
