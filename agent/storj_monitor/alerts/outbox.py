"""Brings the events of the outbox to the routes: one worker a route, so that a slow one delays no other.

Delivery is at least once: a message is sent, then recorded; a crash between the two sends it again. What becomes of an
event is decided in `decisions`; each decision is logged with its reason, and kept in the table `delivery`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from datetime import time as wall_time
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from storj_monitor.alerts import channels, messages
from storj_monitor.alerts.decisions import (
    HOURLY,
    LOOK,
    MALFORMED,
    Alert,
    Item,
    Moment,
    Plan,
    Route,
    RouteState,
    after_failure,
    after_success,
    must_wait,
    next_slot,
    plan,
    recent,
)
from storj_monitor.alerts.hours import Hours, digest_due, hours, quiet_until
from storj_monitor.core.errors import CommandError
from storj_monitor.settings.notify import WEBHOOK
from storj_monitor.store import outbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from storj_monitor.alerts.messages import Message
    from storj_monitor.settings import NotifySettings, RouteSettings
    from storj_monitor.store.db import Store

    Send = Callable[[str, Message], Awaitable[channels.Result]]
    Digest = Callable[[int, int], Awaitable[Message]]

_log = logging.getLogger(__name__)

SETTLED = 300
"""Seconds after the start before which no digest is made: nodes were not asked and logs not read to their ends yet."""
TEST_PAUSE = 10
"""Seconds between two tests of one route."""


class _Notice(msgspec.Struct):
    """The keys of a notice that are needed here."""

    severity: str
    text: str
    at: int


class _AlertEvent(msgspec.Struct):
    """The keys of an alert's event that are needed here."""

    event_type: Literal["alert_opened", "alert_changed", "alert_acknowledged", "alert_closed"]
    id: str
    rule: str
    severity: str
    text: str
    since: int
    nodes: list[str]
    satellites: list[str]


class World(NamedTuple):
    """What the workers need from outside: the clock, the open alerts, the digest of a time, the way out."""

    now: Callable[[], float]
    open_alerts: Callable[[], Sequence[Alert]]
    digest: Digest
    send: Send


class Parcel(NamedTuple):
    """A message, the events that are told with it (outbox ones and repeats), and the end of the time of a digest."""

    message: Message
    items: list[Item]
    repeats: list[Alert]
    digest_at: int | None = None


class Worker:
    """One route: what waits on it, what it has told, and the sending."""

    def __init__(self, name: str, settings: RouteSettings, common: NotifySettings, store: Store, world: World) -> None:
        self.name = name
        self.url = settings.url.get_secret_value()
        self.shown = settings.shown
        self.state = RouteState()
        self.queue: dict[int, Item] = {}
        self._store = store
        self._world = world
        self._route = Route(
            name,
            frozenset(settings.severities),
            frozenset(settings.nodes),
            settings.quiet,
            settings.notices,
            machine=self.url.startswith(WEBHOOK),
        )
        self._zone = ZoneInfo(common.timezone)
        self._quiet: Hours | None = hours(common.quiet_hours) if common.quiet_hours else None
        self._digest = common.digest if settings.digest else "off"
        self._digest_time = wall_time.fromisoformat(common.digest_time)
        self._waits: dict[int, str] = {}
        self._wake = asyncio.Event()
        self._settled = 0

    async def load(self) -> None:
        """What this route remembers and what waits on it, from the store."""
        self._settled = int(self._world.now()) + SETTLED
        kept = await outbox.route_state(self._store, self.name)
        self.state = known = msgspec.json.decode(kept, type=RouteState) if kept else RouteState()
        known = msgspec.structs.replace(known, digest_at=known.digest_at or int(self._world.now()))
        address = blake2b(self.url.encode(), digest_size=8).hexdigest()
        if known.address != address:  # the failures were those of another one: this one is tried at once
            known = msgspec.structs.replace(known, address=address, tries=0, due=0, said="")
        if known != self.state:
            await self._keep(known)
        self.take(item(row) for row in await outbox.waiting(self._store, self.name))

    def take(self, items: Any) -> None:
        """More events; those that are known already are no news."""
        for each in items:
            self.queue.setdefault(each.id, each)
        self.wake()

    def wake(self) -> None:
        """Look again."""
        self._wake.set()

    async def run(self) -> None:
        """Send what may go, wait for more or for the time, for ever."""
        while True:
            self._wake.clear()
            until = await self.work()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.1, min(LOOK, until - self._world.now()))):
                    await self._wake.wait()

    async def work(self) -> int:
        """Send all that may go now; when to look again (epoch seconds)."""
        while True:
            now = int(self._world.now())
            found = plan(self.queue.values(), self._route, self.state, self._moment(now))
            await self._drop(found)
            self._say_waits(found)
            parcel = self._parcel(found, now) or await self._digest_parcel(now)
            if parcel is None:
                return found.until
            if not await self._deliver(parcel):
                return self.state.due

    # ---- what goes ----

    def _moment(self, now: int) -> Moment:
        alerts = {alert["id"]: alert for alert in self._world.open_alerts()}
        return Moment(now, alerts, quiet_until(now, self._quiet, self._zone))

    def _parcel(self, found: Plan, now: int) -> Parcel | None:
        """The next message: one event for a program, all that is ready for people."""
        items = sorted((each for group in found.ready for each in group), key=lambda each: each.id)
        if not items and not found.repeats:
            return None
        if self._route.machine:
            if self.state.held and len(items) > 1:
                return Parcel(messages.counting(items, now), items, [])
            return Parcel(messages.posted(items[0]), items[:1], [])
        lines = [messages.line_of(group) for group in found.ready]
        again = [messages.Line({"event_type": "alert_opened", **alert}, again=True) for alert in found.repeats]
        key = str(items[-1].id) if items else f"again-{now}"
        last = len(recent(self.state, now)) == HOURLY - 1
        message = messages.compose([*lines, *again], self._zone, key=key, held=self.state.held, last=last)
        return Parcel(message, items, found.repeats)

    async def _digest_parcel(self, now: int) -> Parcel | None:
        due = digest_due(now, self._digest, self._digest_time, self._zone)
        since = self.state.digest_at
        if since is not None and since > now:  # the clock was set back
            await self._keep(msgspec.structs.replace(self.state, digest_at=now))
            return None
        if due is None or since is None or due <= since or 0 < self._settled - now <= SETTLED:
            return None
        if must_wait(self.state, now) or next_slot(self.state, now) > now:
            return None
        return Parcel(await self._world.digest(since, now), [], [], now)

    async def _deliver(self, parcel: Parcel) -> bool:
        result = await self._world.send(self.url, parcel.message)
        now = int(self._world.now())
        if not result.ok:
            self._say_failure(result.text)
            await self._keep(after_failure(self.state, result.text, now))
            return False
        if self.state.tries:
            _log.info("The route %s (%s) works again.", self.name, self.shown)
        again = [{"event_type": "alert_opened", **alert} for alert in parcel.repeats]
        state = after_success(self.state, [*(each.event for each in parcel.items), *again], now)
        if parcel.digest_at is not None:
            state = msgspec.structs.replace(state, digest_at=parcel.digest_at)
        await self._keep(state, [outbox.Outcome(each.id, "sent", result.text) for each in parcel.items])
        _log.info("Sent to %s (%s): %s", self.name, self.shown, _contents(parcel))
        return True

    # ---- what is remembered and said ----

    async def _keep(self, state: RouteState, outcomes: Sequence[outbox.Outcome] = ()) -> None:
        await outbox.record(self._store, self.name, msgspec.json.encode(state).decode(), outcomes)
        self.state = state
        for each in outcomes:
            self.queue.pop(each.id, None)
            self._waits.pop(each.id, None)

    async def _drop(self, found: Plan) -> None:
        for each, reason in found.drops:
            _log.info("Not sent to %s: %s, %s.", self.name, _event(each), reason)
        held = found.held or self.state.held
        if found.drops or held != self.state.held:
            outcomes = [outbox.Outcome(each.id, "dropped", reason) for each, reason in found.drops]
            await self._keep(msgspec.structs.replace(self.state, held=held), outcomes)

    def _say_waits(self, found: Plan) -> None:
        for each, decision in found.waits:
            if self._waits.get(each.id) != decision.reason:
                self._waits[each.id] = decision.reason
                _log.info("Waits for %s: %s, %s.", self.name, _event(each), decision.reason)

    def _say_failure(self, text: str) -> None:
        say = _log.debug if self.state.tries else _log.warning
        say("The route %s (%s) does not work and will be tried again: %s", self.name, self.shown, text)


class Notifications:
    """All routes. `start` comes before the first tick, `run` works until it is cancelled; `poke` after each commit."""

    def __init__(self, store: Store, settings: NotifySettings, world: World) -> None:
        self._store = store
        self._world = world
        self.settings = settings
        self._workers: dict[str, Worker] = {}
        self._tested: dict[str, float] = {}
        self._mark = 0
        self._news = asyncio.Event()
        self._changed = asyncio.Event()
        self._applied = asyncio.Event()
        self._running = False

    async def start(self) -> None:
        """Read what waits and what each route remembers."""
        routes = self.settings.routes
        made = {name: Worker(name, each, self.settings, self._store, self._world) for name, each in routes.items()}
        self._mark = await outbox.begin(self._store, list(routes))
        for worker in made.values():
            await worker.load()
        self._workers = made

    async def apply(self, settings: NotifySettings) -> None:
        """Other routes, in effect when it returns, or as soon as `run` begins. What is being sent may be sent again."""
        self.settings = settings
        self._applied.clear()
        self._changed.set()
        if self._running:
            await self._applied.wait()

    def poke(self) -> None:
        """There may be news in the outbox."""
        if self._workers:
            self._news.set()

    async def run(self) -> None:
        """Hand out the news, send them, until cancelled; with no routes it only waits for some."""
        self._running = True
        try:
            while True:
                await self._round()
        finally:
            self._running = False
            self._applied.set()

    async def _round(self) -> None:
        """With the routes as they are now, until there are others."""
        tasks = [asyncio.ensure_future(worker.run()) for worker in self._workers.values()]
        tasks += [asyncio.ensure_future(self._watch())] if tasks else []
        changed = asyncio.ensure_future(self._changed.wait())
        try:
            done, _ = await asyncio.wait({*tasks, changed}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (*tasks, changed):
                task.cancel()
            await asyncio.gather(*tasks, changed, return_exceptions=True)
        self._changed.clear()
        try:
            await self.start()
        except BaseException:
            self._changed.set()  # the store refused: they are read again in the next round
            raise
        self._applied.set()

    async def drain(self) -> None:
        """One look at everything: hand out, then let all routes send what may go now."""
        await self._spread()
        await asyncio.gather(*(worker.work() for worker in self._workers.values()))

    async def test(self, route: str | None = None) -> dict[str, Any]:
        """Send the test message on one or all routes: `{routes: {name: {ok, text, url}}}`; url as scheme and host."""
        if not self._workers:
            raise CommandError(
                "unavailable",
                "No route is set: add one on the page, or [notify.routes.NAME] with its url to the settings.",
            )
        if route is not None and route not in self._workers:
            raise CommandError("bad_argument", f"There is no route {route!a}; known: {', '.join(self._workers)}.")
        chosen = [self._workers[name] for name in ([route] if route else self._workers)]
        now = self._world.now()
        if any(0 <= now - self._tested.get(worker.name, 0) < TEST_PAUSE for worker in chosen):
            raise CommandError("unavailable", f"A test was sent less than {TEST_PAUSE} s ago; wait a little.")
        self._tested |= {worker.name: now for worker in chosen}
        trials = (self._world.send(worker.url, messages.trial(worker.name, int(now))) for worker in chosen)
        results = dict(zip(chosen, await asyncio.gather(*trials), strict=True))
        for worker, (ok, text) in results.items():
            if not ok:
                _log.warning("The test of the route %s (%s) failed: %s", worker.name, worker.shown, text)
        return {"routes": {w.name: {"ok": ok, "text": text, "url": w.shown} for w, (ok, text) in results.items()}}

    def status(self) -> dict[str, Any]:
        """How each route fares: `{name: {url, waiting, failures, said, due}}`; due is the next try, or null."""
        return {
            worker.name: {
                "url": worker.shown,
                "waiting": len(worker.queue),
                "failures": worker.state.tries,
                "said": worker.state.said,
                "due": worker.state.due or None,
            }
            for worker in self._workers.values()
        }

    def states(self) -> dict[str, RouteState]:
        """What each route remembers: what it has told of open alerts, and when."""
        return {worker.name: worker.state for worker in self._workers.values()}

    async def _watch(self) -> None:
        while True:
            await self._spread()
            await self._news.wait()
            self._news.clear()
            for worker in self._workers.values():
                worker.wake()  # the clock may have jumped, a silence may have ended

    async def _spread(self) -> None:
        rows = await outbox.spread(self._store, self._mark, list(self._workers), int(self._world.now()))
        if rows:
            self._mark = rows[-1].id
            items = [item(row) for row in rows]
            for worker in self._workers.values():
                worker.take(items)


def item(row: outbox.Waiting) -> Item:
    """A row of the store as the decisions take it."""
    try:
        event = json.loads(row.event)
        msgspec.convert(event, _Notice if event["event_type"] == "notice" else _AlertEvent)
    except (KeyError, TypeError, ValueError) as error:
        _log.error("Event %d of the outbox cannot be read: %s", row.id, error)
        event = MALFORMED
    return Item(row.id, row.at, row.queued, event)


def _event(each: Item) -> str:
    what = each.event.get("id") or "a notice"
    return f"event {each.id} ({each.event['event_type']} {what})"


def _contents(parcel: Parcel) -> str:
    if parcel.digest_at is not None:
        return "the digest."
    parts = [*(_event(each) for each in parcel.items), *(f"{alert['id']} again" for alert in parcel.repeats)]
    return f"{', '.join(parts)}."
