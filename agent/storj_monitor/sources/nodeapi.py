"""Polls a node's console API gently (agent/docs/storagenode.md §3).

The node comes first: one request at a time, heavy ones at most every ten minutes, nothing because somebody looks. An
endpoint that fails is asked less and less often; while the cheapest one, `/api/sno/`, gets no connection or no answer
in time, the others are left alone, and they are caught up on as soon as it answers again. Whatever comes instead of an
answer (a web page with 200, an error, nothing, garbage, too much) becomes one `Down` and one line in our log until the
next proper answer.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from typing import TYPE_CHECKING, NamedTuple

import aiohttp
import msgspec

from storj_monitor.core import money, readings, receipts, storage, utc
from storj_monitor.core.facts import Batch, Down, Reading
from storj_monitor.core.readings import (
    Body,
    MonthReading,
    NodeReading,
    PayoutReading,
    PaystubsReading,
    ReceiptsReading,
    SatelliteReading,
)
from storj_monitor.sources import nodeapi_parse as parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_log = logging.getLogger(__name__)

BODY_MAX = 8 << 20
"""Bytes. Years of paystubs of many satellites are below one MiB."""
JITTER = 0.1
"""Share by which an interval is longer, by chance."""
REFRESH = 60.0
"""Seconds between two polls that somebody asked for."""
FIRST_PAYSTUB = "2020-01"
RETRY = 600.0
PACE_MAX = 4
"""A failing endpoint is asked after 1, 1, 2, 4, 4 … times its interval or `RETRY`, whichever is shorter."""


class Poll(NamedTuple):
    """One endpoint: asked `every` so many seconds, given up after `timeout`."""

    path: str
    every: float
    timeout: float


POLLS = {
    readings.NODE: Poll("/api/sno/", 60, 30),
    readings.MONTH: Poll("/api/sno/satellites", 600, 90),
    readings.SATELLITE: Poll("/api/sno/satellite/{satellite}", 600, 90),
    readings.PAYOUT: Poll("/api/sno/estimated-payout", 900, 90),
    readings.PAYSTUBS: Poll("/api/heldamount/paystubs/{first}/{last}", 6 * 3600, 90),
    readings.HELD: Poll("/api/heldamount/held-history", 6 * 3600, 90),
    readings.RECEIPTS: Poll("/api/heldamount/payout-history/{period}", 600, 90),
}
PARSERS: dict[str, Callable[[bytes, int], Body]] = {
    readings.NODE: parse.node,
    readings.MONTH: parse.month,
    readings.PAYSTUBS: parse.paystubs,
    readings.HELD: parse.held,
}
PRICING = "/api/sno/satellites/{satellite}/pricing"


class Slot:
    """When one source is due, and how it has gone."""

    def __init__(self, source: str, poll: Poll, due: float) -> None:
        self.source = source
        self.poll = poll
        self.due = due
        self.failures = 0
        self.costly = 0
        self.prompt = True

    def delay(self) -> float:
        """Seconds until it is asked again: a refused connection costs a node nothing, everything else is asked less."""
        if not self.failures:
            return self.poll.every
        return min(self.poll.every, RETRY) * min(1 << max(0, self.costly - 2), PACE_MAX)


class TroubleError(Exception):
    """No proper answer. `shut`: not even a connection, or nothing in time; `costly`: the node has worked for it."""

    def __init__(self, text: str, *, shut: bool = False, costly: bool = True) -> None:
        super().__init__(text)
        self.text = text
        self.shut = shut
        self.costly = costly


class NodeApi:
    """The console API of one node as a source of readings.

    `now` is epoch seconds for what is said, `clock` any steady seconds for when to ask. `remembered` are the last
    readings of an earlier run: an estimate that was known and is all zeros now, and stored data before the month's
    first tally, are judged by them.
    """

    def __init__(
        self,
        node: str,
        url: str,
        emit: Callable[[Batch], None],
        *,
        now: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
        session: aiohttp.ClientSession | None = None,
        polls: Mapping[str, Poll] = POLLS,
        remembered: Mapping[str, Reading] | None = None,
        turn: asyncio.Lock | None = None,
    ) -> None:
        self.name = f"api:{node}"
        self.node = node
        self._url = url.rstrip("/").removesuffix("/api/sno")
        self._emit = emit
        self._now = now
        self._clock = clock
        self._session = session
        self._own: aiohttp.ClientSession | None = None
        self._polls = polls
        self._turn = turn or asyncio.Lock()
        self._last: dict[str, Body] = {key: each.body for key, each in (remembered or {}).items()}
        self._slots: dict[str, Slot] = {}
        self._shut = False
        self._refreshed: float | None = None
        self._wake = asyncio.Event()

    # ---- life ----

    async def start(self) -> None:
        """Open the session and make every poll due."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=1, force_close=True)
            self._own = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        at = self._clock()
        kept = (source for source in self._polls if source != readings.SATELLITE)
        self._slots = {source: Slot(source, self._polls[source], at) for source in kept}
        if readings.RECEIPTS in self._slots:
            self._slots[readings.RECEIPTS].due += self._polls[readings.RECEIPTS].every  # nobody waits for them

    async def stop(self) -> None:
        """Close the session, if it is ours."""
        if self._own is not None:
            await self._own.close()
            self._own = None

    async def run(self) -> None:
        """Poll for ever; cancel to stop."""
        await self.start()
        try:
            while True:
                pause = await self.step()
                if pause > 0:
                    await self._sleep(pause)
        finally:
            await self.stop()

    def refresh(self) -> bool:
        """Bring the next cheap poll forward, at most once a minute; False when it is too soon."""
        at = self._clock()
        node = self._slots.get(readings.NODE)
        if node is None or (self._refreshed is not None and at - self._refreshed < REFRESH):
            return False
        self._refreshed, node.due, node.prompt = at, at, True
        self._wake.set()
        return True

    async def step(self) -> float:
        """Do the poll that is due, if one is; seconds until the next one (0 = at once)."""
        at, node = self._clock(), self._slots[readings.NODE]
        alone = self._shut or node.due <= at  # whether a node is online must not wait for slow answers
        slot = node if alone else min(self._slots.values(), key=lambda each: each.due)
        pause = slot.due - at
        if pause > 0:
            return pause
        async with self._turn:
            await self._poll(slot)
        return 0.0

    async def _sleep(self, seconds: float) -> None:
        self._wake.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    # ---- one poll ----

    async def _poll(self, slot: Slot) -> None:
        if slot.source == readings.RECEIPTS and self._unpaid() is None:
            slot.due = self._clock() + slot.poll.every
            return
        try:
            body = await self._read(slot)
        except TroubleError as trouble:
            self._failed(slot, trouble)
        else:
            self._answered(slot, body)
        slot.due = self._clock() + slot.delay() * (1 + JITTER * random.random())  # noqa: S311 - no secret

    async def _read(self, slot: Slot) -> Body:
        """The answer of one source as a reading; TroubleError for anything else."""
        if slot.source == readings.RECEIPTS:
            return await self._receipts(slot.poll, self._unpaid() or "")
        path = self._path(slot)
        data = await self._get(path, slot.poll)
        try:
            body = self._parsed(slot.source, data, int(self._now()))
        except parse.GarbageError as problem:
            raise TroubleError(f"The node's answer to {path} makes no sense: {problem}.") from None
        if isinstance(body, SatelliteReading) and body.prices is None:
            return await self._priced(body, slot.poll)
        return body

    def _path(self, slot: Slot) -> str:
        satellite = slot.source.partition(":")[2]
        month = self._last.get(readings.MONTH)
        joined = month.joined if isinstance(month, MonthReading) else None
        first = utc.month_name(joined) if joined is not None else FIRST_PAYSTUB
        last = utc.month_name(self._now())
        return slot.poll.path.format(satellite=satellite, first=min(first, last), last=last)

    def _parsed(self, source: str, data: bytes, at: int) -> Body:
        if source == readings.PAYOUT:
            return self._believed(parse.payout(data, at))
        if source.startswith(f"{readings.SATELLITE}:"):
            return self._carried(source, parse.satellite(data, at))
        return PARSERS[source](data, at)

    def _believed(self, new: PayoutReading) -> PayoutReading:
        """Zeros after other values are not known, unless every satellite is lost and zero is the truth."""
        old, node = self._last.get(readings.PAYOUT), self._last.get(readings.NODE)
        lost = isinstance(node, NodeReading) and all(each.disqualified for each in node.satellites)
        if not lost and money.is_lost(old if isinstance(old, PayoutReading) else None, new):
            return PayoutReading(at=new.at)
        return new

    def _carried(self, source: str, new: SatelliteReading) -> SatelliteReading:
        """Stored data as last tallied, for the days of a month before its first tally."""
        if source != readings.satellite_source(new.satellite):
            raise parse.GarbageError("another satellite's")
        old = self._last.get(source)
        if not isinstance(old, SatelliteReading):
            return new
        rate = storage.last_rate(old.storage)
        return msgspec.structs.replace(new, rate_before=old.rate_before if rate is None else rate)

    async def _priced(self, body: SatelliteReading, poll: Poll) -> SatelliteReading:
        """With the prices of an endpoint of their own, for a satellite whose answer has none."""
        try:
            prices = parse.prices(await self._get(PRICING.format(satellite=body.satellite), poll))
        except (TroubleError, parse.GarbageError) as problem:
            _log.debug("%s: no prices of %s: %s", self.node, body.satellite, problem)
            return body
        return msgspec.structs.replace(body, prices=prices)

    def _unpaid(self) -> str | None:
        """The month whose receipts are to be asked for; None when there is none, and the node is left alone."""
        stubs, known = self._last.get(readings.PAYSTUBS), self._last.get(readings.RECEIPTS)
        known = known if isinstance(known, ReceiptsReading) else None
        return receipts.wanted(stubs if isinstance(stubs, PaystubsReading) else None, known, self._now())

    async def _receipts(self, poll: Poll, period: str) -> ReceiptsReading:
        """With one more month; a month that the node cannot tell is tried another day, and is no trouble of the node's.

        A joining date that it does not know empties that answer (agent/docs/storagenode.md §3.6).
        """
        found: tuple[readings.Receipt, ...] = ()
        try:
            found = parse.payments(await self._get(poll.path.format(period=period), poll), period)
        except TroubleError as trouble:
            if trouble.shut:
                raise
            _log.debug("%s: no receipts of %s: %s", self.node, period, trouble.text)
        except parse.GarbageError as problem:
            _log.debug("%s: no receipts of %s: %s", self.node, period, problem)
        known = self._last.get(readings.RECEIPTS)
        return receipts.merged(known if isinstance(known, ReceiptsReading) else None, period, found, int(self._now()))

    # ---- HTTP ----

    async def _get(self, path: str, poll: Poll) -> bytes:
        session = self._session or self._own
        if session is None:
            raise RuntimeError("start() comes first")
        try:
            async with session.get(self._url + path, timeout=aiohttp.ClientTimeout(total=poll.timeout)) as answer:
                return await _proper(answer, path)
        except TimeoutError:
            raise TroubleError(f"The node gives no answer to {path} within {poll.timeout:g} s.", shut=True) from None
        except aiohttp.ClientConnectorError as problem:
            text = f"No connection to the node's API: {_why(problem)}."
            raise TroubleError(text, shut=True, costly=False) from None
        except (aiohttp.ClientError, OSError) as problem:
            raise TroubleError(f"The node's answer to {path} broke off ({type(problem).__name__}).") from None

    # ---- what it means ----

    def _answered(self, slot: Slot, body: Body) -> None:
        if slot.failures:
            _log.info("%s: %s answers again", self.node, slot.poll.path)
        source, back = slot.source, slot.failures > 0
        slot.failures = slot.costly = 0
        self._last[source] = body
        self._tell(Reading(source, body.at, body), prompt=slot.prompt or back)
        slot.prompt = False
        if isinstance(body, NodeReading):
            self._open(body, back=back)

    def _failed(self, slot: Slot, trouble: TroubleError) -> None:
        if slot.source == readings.NODE:
            self._shut = trouble.shut
        slot.failures += 1
        slot.costly += trouble.costly
        if slot.failures > 1:
            return
        _log.warning("%s: %s", self.node, trouble.text)
        self._tell(Down(slot.source, int(self._now()), trouble.text), prompt=True)

    def _tell(self, what: Reading | Down, *, prompt: bool) -> None:
        self._emit(Batch(node=self.node, readings=[what], prompt=prompt))

    def _open(self, node: NodeReading, *, back: bool) -> None:
        """The cheapest poll answers: satellites come and go with it; after an absence, what failed is due."""
        self._shut = False
        at, poll = self._clock(), self._polls[readings.SATELLITE]
        wanted = {readings.satellite_source(each.satellite) for each in node.satellites}
        for source in [source for source in self._slots if ":" in source and source not in wanted]:
            del self._slots[source]
        for source in sorted(wanted - self._slots.keys()):
            self._slots[source] = Slot(source, poll, at)
        if back:
            for slot in self._slots.values():
                slot.due = at if slot.failures else slot.due


async def _proper(answer: aiohttp.ClientResponse, path: str) -> bytes:
    """The body of an answer that is JSON with status 200; TroubleError otherwise."""
    data = await _body(answer, path)
    if answer.status != 200:
        said = parse.error(data)
        raise TroubleError(f"The node answers {path} with status {answer.status}{f': {said}' if said else ''}.")
    if answer.content_type != "application/json":
        raise TroubleError(f"The node answers {path} with a web page: its version does not know this path.")
    if not data.strip():
        raise TroubleError(f"The node's answer to {path} is empty.")
    return data


async def _body(answer: aiohttp.ClientResponse, path: str) -> bytes:
    data = bytearray()
    async for chunk in answer.content.iter_chunked(1 << 16):
        data += chunk
        if len(data) > BODY_MAX:
            raise TroubleError(f"The node's answer to {path} is larger than {BODY_MAX >> 20} MiB.")
    return bytes(data)


def _why(problem: aiohttp.ClientConnectorError) -> str:
    if isinstance(problem, aiohttp.ClientConnectorDNSError):
        return "its host name is not known"
    return "it is refused" if isinstance(problem.os_error, ConnectionRefusedError) else "its host does not answer"
