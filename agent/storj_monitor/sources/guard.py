"""Calls into the file system that may never come back: a dead disk or network mount holds a thread for ever.

Each guard has one daemon thread at most, so a call that hangs costs one thread, not the pool that logs are read with,
and does not keep the agent from stopping. While it hangs no other is begun.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from storj_monitor.core.errors import MonitorError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

PATIENCE = 10.0


class HangsError(MonitorError):
    """A call has not come back in time, or an earlier one never has."""


class Guard:
    """Calls a function in a thread; gives up after `patience` seconds without giving up the thread."""

    def __init__(self, what: str, patience: float = PATIENCE) -> None:
        self._what = what
        self._patience = patience
        self._busy = threading.Event()

    async def call(self, function: Callable[..., T], *args: Any) -> T:
        """What `function(*args)` returns or raises. Raises `HangsError` when it takes too long."""
        if self._busy.is_set():
            raise HangsError(f"{self._what} still does not answer; look at the disk and the kernel's log (dmesg).")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._busy.set()
        threading.Thread(target=self._run, args=(loop, done, partial(function, *args)), daemon=True).start()
        try:
            async with asyncio.timeout(self._patience):
                return await done
        except TimeoutError:
            text = f"{self._what} does not answer within {self._patience:g} s; look at the disk and dmesg."
            raise HangsError(text) from None

    def _run(self, loop: asyncio.AbstractEventLoop, done: asyncio.Future[T], work: Callable[[], T]) -> None:
        try:
            value, error = work(), None
        except Exception as problem:  # noqa: BLE001 - handed to the caller as it is
            value, error = None, problem
        self._busy.clear()
        with suppress(RuntimeError):  # the loop is closed: the agent has stopped, nobody waits
            loop.call_soon_threadsafe(_settle, done, value, error)


def _settle(done: asyncio.Future[Any], value: Any, error: Exception | None) -> None:
    if done.done():
        return
    if error is not None:
        done.set_exception(error)
    else:
        done.set_result(value)
