"""Puts the parts together: settings in, one running agent out. The only module that knows every class."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from storj_monitor import __version__
from storj_monitor.about import About
from storj_monitor.alertdesk import AlertDesk
from storj_monitor.alerts import digest
from storj_monitor.alerts.channels import send
from storj_monitor.alerts.deadman import Deadman
from storj_monitor.alerts.outbox import Notifications, World
from storj_monitor.board import Board
from storj_monitor.bridge import auth
from storj_monitor.bridge.live import Live
from storj_monitor.bridge.options import options_of, token_needed
from storj_monitor.bridge.server import Bridge
from storj_monitor.core import home, metrics
from storj_monitor.core.state import NodeState
from storj_monitor.engine import Engine
from storj_monitor.hindsight import Hindsight
from storj_monitor.insights import Insights
from storj_monitor.pastimport import PastImport, write_local
from storj_monitor.publish import topics
from storj_monitor.publish.commands import Commands
from storj_monitor.publish.commands_alerts import alert_rows
from storj_monitor.publish.commands_analysis import Analysis
from storj_monitor.publish.commands_books import book_rows
from storj_monitor.publish.commands_notify import notify_rows
from storj_monitor.publish.commands_runs import run_rows
from storj_monitor.publish.commands_series import series_rows
from storj_monitor.publish.commands_settings import settings_rows
from storj_monitor.recalling import recall
from storj_monitor.sdnotify import Notifier
from storj_monitor.settings.costs import costs_of
from storj_monitor.settingsdesk import SettingsDesk, filed, recalled
from storj_monitor.sources.geoip import DEFAULT_NAME, Places
from storj_monitor.sources.host import HostMeter
from storj_monitor.sources.logs import LogSource
from storj_monitor.sources.nodeapi import NodeApi
from storj_monitor.sources.nodesources import agent_pollers, node_poller
from storj_monitor.store import growth
from storj_monitor.store.db import Store
from storj_monitor.store.prune import prune
from storj_monitor.supervise import keep_running
from storj_monitor.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from storj_monitor.alerts.messages import Message
    from storj_monitor.core.live import Place
    from storj_monitor.publish.fleet import Fleet
    from storj_monitor.publish.routed import Call
    from storj_monitor.settings import NodeSettings, Settings
    from storj_monitor.sources.poller import Poller

_log = logging.getLogger(__name__)

ABOUT = 30.0
PRUNE = 6 * 3600.0
GROWTH = 1800.0
"""Seconds between two looks at how the disks fill: a slope over a month does not change faster."""
ANNOUNCED = "announced:"
START = 600.0
"""Seconds that checking or migrating a large database may take at the start."""


class App:
    """One agent. `run` returns when it is cancelled."""

    def __init__(
        self,
        settings: Settings,
        *,
        now: Callable[[], float] = time.time,
        place: Callable[[str], Place | None] | None = None,
        import_past: bool = False,
    ) -> None:
        self.settings = settings
        self._wants_past = import_past
        self.url = ""
        self.new_token: str | None = None
        self._now = now
        self._places = Places(settings.geoip.database or settings.data.dir / DEFAULT_NAME)
        self._place = place or self._places
        self._systemd = Notifier()
        self._logs: dict[str, LogSource] = {}
        self._apis: dict[str, NodeApi] = {}
        self._pollers: dict[str, Poller] = {}
        self._announced: dict[str, str | None] = {}
        self._fleet: Fleet | None = None
        ping = settings.notify.ping_url
        self._deadman = Deadman(ping.get_secret_value(), now=now) if ping is not None else None

    async def run(self, ready: Callable[[App], None]) -> None:
        """Start everything, say `ready`, work until cancelled, stop everything."""
        async with AsyncExitStack() as stack:
            stack.callback(self._systemd.stopping)
            self._systemd.extend(START)
            await self._open(stack)
            await self._prepare_nodes(stack)
            await self._serve(stack)
            await self._engine.tick()
            self._systemd.ready(f"{len(self._engine.nodes)} nodes, {self.url}")
            ready(self)
            await self._work()

    # ---- start ----

    async def _open(self, stack: AsyncExitStack) -> None:
        settings = self.settings
        finest = {metric.key: metric.tier for metric in (*metrics.NODE, *metrics.SATELLITE) if metric.tier}
        self._store = Store(settings.data.dir, now=self._now, finest=finest)
        await self._store.open()
        stack.push_async_callback(self._store.close)
        if self._store.recovered:
            _log.error("%s", self._store.recovered)
        self._instance = await self._kept("instance", lambda: secrets.token_hex(6))
        self._agent = await self._name()
        self._board = Board(self._now)
        self._meter = HostMeter(self._now)
        world = World(self._now, self._open_alerts, self._digest, send)
        self._chosen, notify = await recalled(self._store, settings.notify)
        self._notifications = Notifications(self._store, notify, world)
        await self._notifications.start()

    async def _name(self) -> str:
        """The agent's name: the given one, or what it became when another agent was called so (contract)."""
        given = self.settings.agent.name
        if await self._store.meta("given_name") != given:
            await self._store.set_meta("given_name", given)
            await self._store.set_meta("agent", given)
        return await self._store.meta("agent") or given

    async def _kept(self, key: str, make: Callable[[], str]) -> str:
        """A value that is made once per data folder."""
        value = await self._store.meta(key)
        if value is None:
            value = make()
            await self._store.set_meta(key, value)
        return value

    async def _prepare_nodes(self, stack: AsyncExitStack) -> None:
        self._engine = Engine(
            self._store,
            self._board,
            self._agent,
            now=self._now,
            interval=self.settings.data.commit_interval,
            told=self._told,
        )
        await self._engine.recall_maintenance()
        self._engine.keeper.limits.file = filed(self.settings)
        await self._engine.recall_alerts()
        self._surroundings = Surroundings(self._engine, self.settings.data.dir, now=self._now)
        self._engine.agent_view = self._surroundings.view
        self._about = About(self._board, self._meter, self._facts, lambda: self._engine.lag)
        for name, node in self.settings.nodes.items():
            state = NodeState(name, has_log=node.log is not None, has_api=node.api is not None, node_id=node.node_id)
            await recall(self._store, state, self._now())
            self._engine.nodes[name] = state
            if node.log is not None:
                stack.push_async_callback((await self._prepare_log(name, node.log, state)).stop)
            self._prepare_polls(name, node, state)
        self._pollers |= agent_pollers(self.settings, self._engine.emit, self._now)

    def _prepare_polls(self, name: str, node: NodeSettings, state: NodeState) -> None:
        """The API and the smaller sources of a node share one turn: never more than one request at a time (law 5)."""
        turn, emit, known = asyncio.Lock(), self._engine.emit, state.readings
        if node.api is not None:
            self._apis[name] = NodeApi(name, node.api, emit, now=self._now, remembered=known, turn=turn)
        self._pollers[f"sources of {name}"] = node_poller(
            name, self.settings.nodes, emit, now=self._now, remembered=known, turn=turn
        )

    async def _prepare_log(self, name: str, path: str, state: NodeState) -> LogSource:
        """Where the log is continued is committed before anything is read, so that a kill finds it again."""
        source = LogSource(name, path, now=self._now, place=self._place)
        kept = await self._store.log_state(name)
        latest = state.log if state.log.last_line else None
        start = await source.start(followed=kept.followed, positions=kept.positions, carry=kept.carry, latest=latest)
        await self._store.commit([start])
        self._logs[name] = source
        self._engine.logs[name] = source
        return source

    async def _serve(self, stack: AsyncExitStack) -> None:
        options = options_of(self.settings.bridge)
        if options.token is None and token_needed(options):
            kept = await self._store.meta("token")
            token = await self._kept("token", auth.make_token)
            self.new_token = token if kept is None else None
            options = replace(options, token=token)
        self._insights = Insights(self._store, self._engine.nodes, self._store.satellites, now=self._now)
        await self._insights.start()
        self._engine.insights = self._insights.open
        self._hindsight = Hindsight(self._store, self._engine.nodes, self._engine.keeper.limits.of, now=self._now)
        self._past = PastImport(
            self._store, self._engine, self._logs, now=self._now, place=self._place, imported=self._hindsight.imported
        )
        stack.push_async_callback(self._past.stop)
        self._desk = SettingsDesk(
            self._engine, self._store, self._notifications, self.settings, self._chosen, now=self._now, told=self._say
        )
        self._commands = Commands(
            self._store.reader,
            self._engine.nodes,
            self._store.satellites,
            refresh=self._refresh,
            maintenance=self._engine.set_maintenance,
            more=(
                *notify_rows(self._notifications.test),
                *alert_rows(AlertDesk(self._engine, self._store, now=self._now, routes=self._notifications.states)),
                *settings_rows(self._desk),
                *Analysis(self._store, self._engine.nodes, self._insights, now=self._now).rows(),
                *self._past.rows(),
                *self._hindsight.rows(),
                *run_rows(self._store.reader, self._store.satellites),
                *series_rows(self._store.reader, self._store.satellites),
                *book_rows(
                    self._store.reader, self._engine.nodes, self._store.satellites, costs_of(self.settings), self._now
                ),
            ),
        )
        self._live = Live(lambda: self._engine.nodes, self._watch)
        self._bridge = Bridge(
            self._board,
            self._calls(),
            options,
            version=__version__,
            now=self._now,
            live=self._live,
            health=self._health,
            metrics=self._scrape,
            agent=lambda: self._agent,
        )
        self._board.set(topics.status(self._agent), "online")
        self._about.set(self._agent, self._now())
        await self._bridge.start()
        stack.push_async_callback(self._bridge.stop)
        self.url = self._bridge.url
        local = write_local(self.settings.data.dir, self._bridge.local_url, self._past.secret, options.token)
        stack.callback(local.unlink, missing_ok=True)

    def _calls(self) -> Call:
        """What answers a page: this agent, and with a broker the other agents of the fleet."""
        mqtt, seen = self.settings.mqtt, self._surroundings.seen
        if not (mqtt.url and mqtt.fleet):
            return self._commands
        from storj_monitor.publish.fleet import Fleet  # noqa: PLC0415 - paho is needed with a broker only
        from storj_monitor.publish.routed import Routed  # noqa: PLC0415

        self._fleet = Fleet(mqtt, self._board, lambda: self._agent, self._instance, now=self._now, watch=seen)
        return Routed(self._commands, self._fleet, lambda: self._agent)

    # ---- work ----

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._engine.run())
            for name, log in self._logs.items():
                group.create_task(keep_running(f"log of {name}", log.run))
            for name, poller in self._pollers.items():
                group.create_task(keep_running(name, poller.run))
            for name, api in self._apis.items():
                group.create_task(keep_running(f"API of {name}", api.run))
            group.create_task(keep_running("housekeeping", self._housekeeping))
            group.create_task(keep_running("insights", self._insights.run))
            group.create_task(keep_running("notifications", self._notifications.run))
            group.create_task(keep_running("hindsight", self._hindsight.run))
            if self._wants_past:
                group.create_task(self._past.everything())
            if self._deadman is not None:
                group.create_task(keep_running("ping", self._deadman.run))
            if self.settings.mqtt.url:
                group.create_task(keep_running("MQTT", await self._mqtt()))
            if self._fleet is not None:
                group.create_task(keep_running("fleet", self._fleet.run))

    async def _mqtt(self) -> Callable[[], Awaitable[None]]:
        from storj_monitor.publish.mqtt import Hooks, MqttLink  # noqa: PLC0415 - paho is needed with a broker only

        announced = await self._store.kept(ANNOUNCED)
        link = MqttLink(
            self.settings.mqtt,
            self._agent,
            self._instance,
            self._board,
            self._commands,
            now=self._now,
            hooks=Hooks(self._renamed, self._surroundings.problem, self._remember),
            announced={topic: payload.encode() for topic, payload in announced.items()},
        )
        self._engine.events = link.event
        self._surroundings.broker_down, self._surroundings.conflicts = lambda: link.reason, link.conflicts
        return link.run

    async def _renamed(self, name: str) -> None:
        """The board under another name; the name stays from now on."""
        old, self._agent = self._agent, name
        await self._store.set_meta("agent", name)
        self._engine.agent = name
        for topic in [topic for topic in self._board.entries if topic.startswith(f"{topics.agent(old)}/")]:
            self._board.remove(topic)
        self._board.set(topics.status(name), "online")
        self._about.set(self._agent, self._now())
        await self._engine.tell()
        if self._fleet is not None:
            self._fleet.renew()

    def _remember(self, topic: str, payload: bytes | None) -> None:
        """What was announced is kept with the next commit: a removal reaches only a Home Assistant that runs."""
        self._announced[topic] = payload.decode() if payload is not None else None

    async def _told(self) -> None:
        """After each commit: feed the watchdogs here and elsewhere, send the news, keep what was announced."""
        self._systemd.watchdog()
        if self._deadman is not None:
            self._deadman.beat()
        self._notifications.poke()
        if self._announced:
            await self._store.keep(ANNOUNCED, kept := dict(self._announced))
            self._announced = {topic: each for topic, each in self._announced.items() if kept.get(topic, "") != each}

    def _open_alerts(self) -> list[dict[str, Any]]:
        """The open alerts of the agent and of its nodes, as the board has them."""
        places = [topics.agent_alerts(self._agent), *(topics.node_alerts(self._agent, n) for n in self._engine.nodes)]
        return [alert for place in places for alert in self._board.get(place) or ()]

    async def _digest(self, start: int, end: int) -> Message:
        states = [self._board.get(topics.node_state(self._agent, name)) for name in self._engine.nodes]
        found = await digest.snapshot(self._store, filter(None, states), self._open_alerts(), start, end)
        return digest.digest(found, ZoneInfo(self._notifications.settings.timezone))

    async def _housekeeping(self) -> None:
        pruned, grown = 0.0, self._now()
        while True:
            self._meter.sample()
            self._about.set(self._agent, self._now())
            if self._now() - grown > GROWTH:
                grown = self._now()
                for state in self._engine.nodes.values():
                    await growth.refresh(self._store.reader, state, grown)
            if self._now() - pruned > PRUNE:
                await prune(self._store, self._now())
                pruned = self._now()
            await asyncio.sleep(ABOUT)

    def _say(self) -> None:
        self._about.set(self._agent, self._now())

    def _facts(self) -> dict[str, Any]:
        return {
            "version": __version__,
            "contract": topics.CONTRACT,
            "instance": self._instance,
            "url": self.settings.bridge.public_url,
            "nodes": len(self._engine.nodes),
            "places": self._places.attribution,
            "settings_changed": self._desk.changed_at,
        }

    async def _scrape(self, node: str | None) -> bytes | None:
        from storj_monitor.publish.prometheus import Scrape  # noqa: PLC0415 - only those who scrape need the library

        wallets = {name: each.wallet for name, each in self.settings.nodes.items() if each.wallet}
        return await Scrape(self._board, lambda: self._agent, self._engine.nodes, self._store.reader, wallets)(node)

    def _watch(self, watched: frozenset[str]) -> None:
        for name, log in self._logs.items():
            log.watch(partial(self._show, name) if name in watched else None)

    def _show(self, node: str, happened: dict[str, Any]) -> None:
        self._live.push(node, happened | {"home": home.of(self._engine.nodes[node].readings, self._place)})

    def _refresh(self, node: str) -> bool:
        api = self._apis.get(node)
        return api.refresh() if api is not None else False

    def _health(self) -> str | None:
        late = self._now() - self._engine.committed_at
        limit = max(60.0, 3 * self.settings.data.commit_interval)
        return f"The last commit was {late:.0f} s ago." if late > limit else None
