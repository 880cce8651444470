"""Tells a watcher elsewhere once a minute that all works, as healthchecks.io and its like take it.

It is fed by the tick after its commit, so it falls silent when the store refuses, when the agent hangs and when the
host is gone, and the watcher says so.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import aiohttp

from storj_monitor import __version__
from storj_monitor.alerts import webfaults
from storj_monitor.alerts.channels import redacted
from storj_monitor.settings.notify import shown

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)

EVERY = 60.0
EARLY = 5.0
"""Commits may be a minute apart: one that comes a little early is not left out."""
LIMIT = aiohttp.ClientTimeout(total=20)


class Deadman:
    """Asks for `url` (a secret) while `beat` is called. `failures`: how many in a row went wrong."""

    def __init__(self, url: str, *, now: Callable[[], float]) -> None:
        self.failures = 0
        self._url = url
        self._now = now
        self._asked = 0.0
        self._due = asyncio.Event()

    def beat(self) -> None:
        """A commit has succeeded."""
        if not 0 <= self._now() - self._asked < EVERY - EARLY:  # below 0: the clock was set back
            self._due.set()

    async def run(self) -> None:
        """Ask once for each minute with a commit in it, until cancelled."""
        async with aiohttp.ClientSession(
            timeout=LIMIT, headers={"User-Agent": f"storj-monitor/{__version__}"}
        ) as session:
            while True:
                await self._due.wait()
                self._asked = self._now()
                self._due.clear()
                self._note(await self._ask(session))

    async def _ask(self, session: aiohttp.ClientSession) -> str | None:
        """Why it failed; None when it did not."""
        try:
            async with session.get(self._url) as answer:
                return None if 200 <= answer.status < 300 else f"HTTP {answer.status}"
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return redacted(webfaults.of_error(error), self._url)

    def _note(self, fault: str | None) -> None:
        if fault is None:
            if self.failures:
                _log.info("The ping to %s works again after %d failures.", shown(self._url), self.failures)
            self.failures = 0
            return
        self.failures += 1
        if self.failures == 1:
            _log.warning("The ping to %s failed and will be tried every minute: %s", shown(self._url), fault)
