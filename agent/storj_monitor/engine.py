"""The tick: take what the sources have, commit it, and only then tell (laws 1 and 2).

One task owns the writing connection. A failed commit keeps its batches and tries again with the next tick; meanwhile
logs are not drained, so nothing grows but their sums.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from storj_monitor.alerts.keeper import Keeper, Scene
from storj_monitor.alerts.view import AgentView
from storj_monitor.core import metrics
from storj_monitor.core.columns import BY_NAME
from storj_monitor.core.facts import Batch, Reading, Sample
from storj_monitor.core.maintenance import Maintenance, over
from storj_monitor.core.satellites import Names, satellite_name
from storj_monitor.core.state import NodeState, status
from storj_monitor.publish import topics
from storj_monitor.publish.inbox import Folding
from storj_monitor.store import alerts
from storj_monitor.store.connect import finish
from storj_monitor.store.db import MAINTENANCE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from storj_monitor.board import Board
    from storj_monitor.core.facts import Notice
    from storj_monitor.sources.base import LogSourceLike
    from storj_monitor.store.alerts import Changes
    from storj_monitor.store.db import Store

_log = logging.getLogger(__name__)

TICK = 1.0
LAG_TICKS = 600
EAGER, EAGER_FOR = 2.0, 30.0
"""Just after the start somebody is probably looking: commits every two seconds, for so many seconds."""
GAUGES = 600
"""Seconds between two samples of the gauges: they change with polls and tallies, not by the second."""
RETRY_KEPT = 200
"""Batches of polled sources kept while the store refuses; the oldest give way (their next poll says the same again)."""

OLD_NEWS = 3600
"""Seconds after which a notable line of a log that is being caught up is not told any more."""


class Engine:
    """Folds facts into states, states into the board."""

    def __init__(
        self,
        store: Store,
        board: Board,
        agent: str,
        *,
        now: Callable[[], float],
        interval: float,
        told: Callable[[], Awaitable[None]],
    ) -> None:
        self.agent = agent
        self.nodes: dict[str, NodeState] = {}
        self.logs: dict[str, LogSourceLike] = {}
        self.committed_at = 0.0
        self.lag = 0.0  # seconds that a tick comes too late, a mean over about ten minutes
        self._store = store
        self._board = board
        self._now = now
        self._interval = interval
        self._told = told
        self._inbox: list[Batch] = []
        self._prompt = False
        self.ticking = asyncio.Lock()
        self._failing = False
        self._lagging = False
        self._ids: dict[str, str] = {}
        self._maintenance: dict[str, Maintenance] = {}
        self._sampled = 0
        self._unsaved: list[Batch] = []
        self._folding = Folding()
        self.names = Names()
        self.insights: Callable[[str], Sequence[Any]] = lambda _: ()
        self.keeper = Keeper(self.names, self._unusual)
        self.events: Callable[[str, dict[str, Any]], None] = lambda _topic, _event: None
        self.agent_view: Callable[[], AgentView] = lambda: AgentView(self.agent, int(self._now()))

    @property
    def failing(self) -> bool:
        """Whether the store refuses what it should keep."""
        return self._failing

    def _unusual(self, node: str) -> Sequence[Any]:
        return self.insights(node)

    def emit(self, batch: Batch) -> None:
        """Polled sources hand their facts in here; `prompt` ones are committed with the next tick."""
        self._inbox.append(batch)
        self._prompt = self._prompt or batch.prompt

    async def run(self) -> None:
        """Tick for ever; a last commit when cancelled."""
        begun, clock = self._now(), asyncio.get_running_loop().time
        try:
            while True:
                due = clock() + TICK
                await asyncio.sleep(TICK)
                self.lag += (clock() - due - self.lag) / LAG_TICKS
                interval = min(EAGER, self._interval) if self._now() - begun < EAGER_FOR else self._interval
                # Below 0 the clock was set back: waiting for it would leave everything unwritten meanwhile.
                if self._prompt or not 0 <= self._now() - self.committed_at < interval:
                    await self.tick()
        finally:
            await self.tick()

    async def tick(self) -> None:
        """Commit what there is, fold it, tell it; when it returns, what the sources had read is in the store.

        It is done to its end even when the caller is cancelled: what was taken from a source is nowhere else.
        """
        await finish(self._one_tick())

    async def _one_tick(self) -> None:
        async with self.ticking:
            await self._tick()

    async def _tick(self) -> None:
        self._prompt = False
        fresh, self._inbox = self._inbox, []
        taken = [] if self._failing else [await source.take() for source in self.logs.values()]
        fresh += [batch for batch in taken if batch is not None]
        now = int(self._now())
        if not self._failing:
            fresh += [batch for state in self.nodes.values() if (batch := state.hidden(now)) is not None]
        fresh += self._gauges()
        for batch in fresh:
            if batch.node in self.nodes:
                self.nodes[batch.node].fold(batch, now)
        scenes = await self._scenes(now)
        self.keeper.look(scenes, self.agent_view(), now)
        changes = self.keeper.changes(now)
        # What a refused commit left behind is folded already, and only waits to be written.
        batches = [*self._unsaved, *fresh]
        if not await self._commit(batches, changes):
            return
        told = self.keeper.saved(changes, now)
        self._tell(scenes, now)
        self._tell_events(told, fresh, now)
        await self._keep_the_rest(batches)

    async def _commit(self, batches: list[Batch], changes: Changes | None) -> bool:
        """Write all of it in one transaction; False when the store refused, said once."""
        also = None if changes is None else partial(alerts.save, changes=changes)
        try:
            if batches or changes:
                await self._store.commit(batches, full=bool(changes and changes.events), also=also)
        except Exception:  # noqa: BLE001 - whatever the disk says: keep the facts, say it once, try again
            if not self._failing:
                _log.exception("The store refused a commit; it is tried again every %.0f s.", self._interval)
            self._failing = True
            self._unsaved = batches[-RETRY_KEPT:]
            self.committed_at = self._now()
            return False
        if self._failing:
            _log.warning("The store takes commits again.")
            self._failing = False
        self._unsaved = []
        self.committed_at = self._now()
        return True

    async def _keep_the_rest(self, batches: list[Batch]) -> None:
        """What is written beside the facts; where the store refuses that it is tried again after the next commit."""
        try:
            await self._end_maintenance(batches)
            await self._keep_ids()
            await self._told()
        except sqlite3.Error as error:
            if not self._lagging:
                _log.warning("The store refused what is kept beside the facts; it is tried again: %s", error)
            self._lagging = True
        else:
            self._lagging = False

    def _gauges(self) -> list[Batch]:
        """Every ten minutes the values that history keeps, as samples."""
        now = int(self._now())
        if now // GAUGES == self._sampled:
            return []
        self._sampled = now // GAUGES
        return [Batch(name, samples=gauges(state, now)) for name, state in self.nodes.items()]

    # ---- maintenance ----

    async def recall_maintenance(self) -> None:
        """What was running when the agent stopped."""
        kept = await self._store.kept(MAINTENANCE)
        self._maintenance = {name: msgspec.json.decode(text, type=Maintenance) for name, text in kept.items()}

    async def set_maintenance(self, node: str, hours: float | None) -> int | None:
        """Begin (or end, with None) a node's maintenance; when it ends at the latest."""
        return await finish(self._maintain(node, hours))

    async def _maintain(self, node: str, hours: float | None) -> int | None:
        now = int(self._now())
        running = None if hours is None else Maintenance(now, now + int(hours * 3600))
        kept = None if running is None else msgspec.json.encode(running).decode()
        await self._store.keep(MAINTENANCE, {node: kept})
        self._maintenance.pop(node, None)
        if running is not None:
            self._maintenance[node] = running
        await self.tell()
        return running.until if running is not None else None

    async def _end_maintenance(self, batches: list[Batch]) -> None:
        for name, running in list(self._maintenance.items()):
            state = self.nodes.get(name)
            started = (state.payload(self._now())["started"] or 0) if state is not None else 0
            tallies = [tally for batch in batches if batch.node == name for tally in batch.tallies]
            if over(running, started, tallies, self._now()):
                await self.set_maintenance(name, None)

    async def _keep_ids(self) -> None:
        for name in self.nodes:
            node_id = self._board.get(topics.node_state(self.agent, name))["node_id"]
            if node_id and self._ids.get(name) != node_id:
                await self._store.set_node_id(name, node_id)
                self._ids[name] = node_id

    # ---- alerts ----

    async def recall_alerts(self) -> None:
        """What was open, pending, silenced and set when the agent stopped."""
        now = int(self._now())
        self.keeper.first_seen = {row.name: row.first_seen for row in await self._store.nodes()}
        self.names.update(await self._store.satellites())
        self.keeper.restore(await alerts.load(self._store.reader, now))

    async def acknowledge(self, alert_id: str, *, on: bool = True) -> int:
        """Mark an alert (or `all`) as seen, or not so, in the store before anybody hears of it; how many changed."""
        return await finish(self._acknowledge(alert_id, on=on))

    async def _acknowledge(self, alert_id: str, *, on: bool) -> int:
        async with self.ticking:  # a commit that is under way does not know of it, and would tell it as its own
            marked = self.keeper.acknowledge(alert_id, int(self._now()), on=on)
            if marked:
                await self._tick()
        return marked

    async def _scenes(self, now: int) -> list[Scene]:
        """Every node with its payloads as they are now."""
        scenes = []
        for state in self.nodes.values():
            urls = satellites_of(state)
            for satellite_id, url in urls.items():
                self.names[satellite_id] = await self._name(satellite_id, url)
            scenes.append(Scene(state, state.payload(now), {each: state.satellite(each, now) for each in urls}))
        return scenes

    async def _name(self, satellite: str, url: str) -> str:
        """A satellite's short name; the one it would get where the store refuses: the facts wait for their commit."""
        try:
            return await self._store.satellite_name(satellite, url)
        except sqlite3.Error as error:
            _log.debug("The name of the satellite %s is not kept yet: %s", satellite, error)
            return satellite_name(satellite, url)

    # ---- telling ----

    async def tell(self) -> None:
        """Set every topic of every node as it is now."""
        now = int(self._now())
        self._tell(await self._scenes(now), now)

    def _tell(self, scenes: list[Scene], now: int) -> None:
        self.keeper.book.maintenance = {name: running.until for name, running in self._maintenance.items()}
        for scene in scenes:
            name, values = scene.state.name, dict(scene.values)
            standing = self.keeper.standing(name, now)
            values["status"], values["status_text"] = status(values, name, standing)
            running = self._maintenance.get(name)
            values |= {
                "alerts_critical": sum(each["severity"] == "critical" for each in standing),
                "alerts_warning": sum(each["severity"] == "warning" for each in standing),
                "maintenance_until": running and running.until,
            }
            self._board.set(topics.node_state(self.agent, name), topics.ordered_node({"ts": now, **values}))
            self._board.set(topics.node_alerts(self.agent, name), self.keeper.payloads(name, now))
            self._board.set(topics.thresholds(self.agent, name), self.keeper.thresholds(name))
            for satellite_id, payload in scene.satellites.items():
                topic = topics.satellite_state(self.agent, name, self.names[satellite_id])
                self._board.set(topic, topics.ordered_satellite({"ts": now, **payload}))
        self._board.set(topics.agent_alerts(self.agent), self.keeper.payloads("", now))

    def _tell_events(self, told: list[dict[str, Any]], fresh: list[Batch], now: int) -> None:
        """Alerts that opened, changed, closed, and what is notable, once, to whoever listens."""
        for event in told:
            node = event["node"]
            self.events(topics.node_event(self.agent, node) if node else topics.agent_event(self.agent), event)
        for batch in fresh:
            for notice in batch.notices:
                if now - notice.at <= OLD_NEWS and notice.severity != "info":
                    self._tell_notice(batch.node, notice, now)

    def _tell_notice(self, node: str, notice: Notice, now: int) -> None:
        folded = self._folding.fold(node, now)
        if folded is None:
            return
        text = notice.text if not folded else f"{notice.text[:260]} ({folded} more were left out.)"
        said = {"at": notice.at, "severity": notice.severity, "text": text[:300], "node": node}
        satellite = self.names.get(notice.satellite) if notice.satellite else None
        self.events(topics.node_event(self.agent, node), {"event_type": "notice", **said, "satellite": satellite})


def gauges(state: NodeState, now: int) -> list[Sample]:
    """One sample for each stored gauge that is known, of the node and of its satellites."""
    own = state.payload(now)
    rows = [(metric.key, "", own) for metric in metrics.NODE if metric.tier]
    for satellite in satellites_of(state):
        values = state.satellite(satellite, now)
        rows += [(metric.key, satellite, values) for metric in metrics.SATELLITE if metric.tier]
    return [
        Sample(key, now, 1, value, value, value, value, satellite)
        for key, satellite, values in rows
        if key not in BY_NAME and isinstance(value := values.get(key), int | float)
    ]


def satellites_of(state: NodeState) -> dict[str, str]:
    """Full ids and urls of the satellites that the node's API names."""
    reading = state.readings.get("node")
    return {each.satellite: each.url for each in reading.body.satellites} if isinstance(reading, Reading) else {}
