"""Which of the smaller sources a node has, and what one of them knows from another.

What is set comes first. Then config.yaml tells where storage and orders lie, and the process's command line tells what
config.yaml does not. Addresses that were found are asked only of a process of this host that is in no container:
elsewhere the same port may be another node's, and neither healthcheck nor metrics say whose they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from storj_monitor.core import readings_host as kinds
from storj_monitor.sources import books, clock, debugmetrics, dns, filesystem, health, nodeconfig, orders, versions
from storj_monitor.sources import process as processes
from storj_monitor.sources.mounts import PROC
from storj_monitor.sources.poller import Poller, Row

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from storj_monitor.core.facts import Batch, Reading
    from storj_monitor.core.readings import Body
    from storj_monitor.settings import NodeSettings, Settings, VersionsSettings

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
PRIVATE_PORT = 7778
"""`server.private-address`: it listens on loopback too, but does not speak HTTP."""
SOON = 30.0
"""Seconds after the start at which the first request leaves this network: the nodes come first."""


def is_local(node: NodeSettings) -> bool:
    """Whether the node runs on this host, as far as its settings tell."""
    return node.log is not None or node.config is not None or urlsplit(node.api or "").hostname in LOCAL


class NodeSources:
    """The smaller sources of one node. `alone`: no other node of the settings is on this host."""

    def __init__(
        self,
        settings: NodeSettings,
        *,
        now: Callable[[], float],
        alone: bool,
        remembered: Mapping[str, Reading] | None = None,
        proc: Path = PROC,
    ) -> None:
        known = {source: reading.body for source, reading in (remembered or {}).items()}
        config = known.get(kinds.CONFIG)
        self._settings = settings
        self._now = now
        self._alone = alone
        self._config: kinds.ConfigReading | None = config if isinstance(config, kinds.ConfigReading) else None
        self._process = processes.Process(self._hints, now=now, proc=proc, last=known.get(kinds.PROCESS))
        self._reader = nodeconfig.NodeConfig(self._file, lambda: self._process.flags, now=now)
        self._disk = filesystem.Filesystem(self._storage, now=now, proc=proc, last=known.get(kinds.FILESYSTEM))
        self._orders = orders.Orders(lambda: self._told("orders"), now=now)
        self._dns = dns.Dns(lambda: self._told("external"), now=now)
        self._books = books.Books(self._databases, now=now, proc=proc)

    def rows(self) -> list[Row]:
        """A row for each source that this node can have; `first` puts those before that others need."""
        given = self._settings
        rows = [
            Row(kinds.FILESYSTEM, 60, self._disk.poll, filesystem.say, given=given.storage is not None, first=0.02,
                news=filesystem.news),
            Row(kinds.ORDERS, 600, self._orders.poll, orders.say, given=False, first=0.03),
            Row(kinds.DNS, 600, self._dns.poll, dns.say, first=0.04, news=dns.news),
            Row(kinds.HEALTH, 300, self._health, health.say, asks_node=True, given=given.health is not None,
                first=0.05),
            Row(kinds.DEBUG, 540, self._debug, debugmetrics.say, asks_node=True, given=given.debug is not None,
                aligned=True, first=0.06),
        ]  # fmt: skip
        if is_local(given):
            rows = [
                Row(kinds.PROCESS, 60, self._process.poll, processes.say, given=False),
                Row(kinds.CONFIG, 600, self._read, nodeconfig.say, given=given.config is not None, first=0.01,
                    news=nodeconfig.news),
                *rows,
            ]  # fmt: skip
        if given.databases:
            rows.append(Row(kinds.BOOKS, 3600, self._books.poll, books.say, first=0.07))
        return rows

    # ---- polls ----

    async def _read(self) -> Body | None:
        self._config = await self._reader.poll() or self._config
        return self._config

    async def _health(self) -> Body | None:
        url = self._settings.health or self._found("server.address", "server")
        return await health.health(url, int(self._now())) if url else None

    async def _debug(self) -> Body | None:
        url = self._settings.debug or self._found("debug.addr", "debug") or self._unnamed_port()
        return await debugmetrics.debug(url, int(self._now())) if url else None

    # ---- where things are ----

    def _hints(self) -> processes.Hints:
        config, api = self._settings.config, urlsplit(self._settings.api or "")
        port = api.port if api.hostname in LOCAL else None
        return processes.Hints(str(config.parent) if config else None, port, self._alone)

    def _file(self) -> str | None:
        if self._settings.config is not None:
            return str(self._settings.config)
        folder = self._process.flags.get("config-dir", "")
        return f"{folder}/config.yaml" if folder.startswith("/") and self._process.bare else None

    def _told(self, field: str) -> str | None:
        return getattr(self._config, field, None) or None

    def _storage(self) -> str | None:
        return str(self._settings.storage) if self._settings.storage is not None else self._told("storage")

    def _databases(self) -> str | None:
        return self._told("databases") or self._storage()

    def _found(self, flag: str, field: str) -> str | None:
        """The address of a listener as the process's own settings name it; port 0 is one of the system's choice."""
        text = self._process.flags.get(flag) or self._told(field)
        if not text or not self._process.bare or text.endswith(":0"):
            return None
        return debugmetrics.address(text)

    def _unnamed_port(self) -> str | None:
        """The debug server at a random port: the one listener on loopback that nothing else accounts for."""
        named = {PRIVATE_PORT, urlsplit(self._settings.api or "").port}
        named |= {_port(self._process.flags.get(key) or self._told(key.partition(".")[0]) or "")
                  for key in ("console.address", "server.address")}  # fmt: skip
        left = [port for port in self._process.ports if port not in named]
        return f"http://127.0.0.1:{left[0]}" if self._process.bare and len(left) == 1 else None


def node_poller(
    name: str,
    nodes: Mapping[str, NodeSettings],
    emit: Callable[[Batch], None],
    *,
    now: Callable[[], float],
    remembered: Mapping[str, Reading],
    turn: asyncio.Lock,
) -> Poller:
    """The loop of one node's smaller sources; `nodes` are all of the settings, `turn` is that of requests to it."""
    sources = NodeSources(nodes[name], now=now, alone=is_alone(name, nodes), remembered=remembered)
    return Poller([name], sources.rows(), emit, now=now, turn=turn, remembered=remembered)


def agent_pollers(settings: Settings, emit: Callable[[Batch], None], now: Callable[[], float]) -> dict[str, Poller]:
    """The loops that the agent runs once for all of its nodes, by name; none when they are switched off."""
    local = [name for name, node in settings.nodes.items() if is_local(node)]
    loops = {
        "version server": (list(settings.nodes), release_rows(settings.versions, now)),
        "clock": (local, clock_rows(settings.versions, now)),
    }
    return {name: Poller(nodes, rows, emit, now=now) for name, (nodes, rows) in loops.items() if nodes and rows}


def is_alone(name: str, nodes: Mapping[str, NodeSettings]) -> bool:
    """Whether no other node of the settings is on this host."""
    return [each for each, node in nodes.items() if is_local(node)] == [name]


def release_rows(settings: VersionsSettings, now: Callable[[], float]) -> list[Row]:
    """What the roll-out offers; empty when it is switched off."""

    async def ask() -> Body:
        return await versions.versions(settings.url, int(now()))

    return [Row(kinds.VERSIONS, 6 * 3600, ask, versions.say, first=SOON)] if settings.enabled else []


def clock_rows(settings: VersionsSettings, now: Callable[[], float]) -> list[Row]:
    """This host's clock against the version server's; empty when that is switched off."""

    async def ask() -> Body:
        return await clock.clock(settings.url, now)

    return [Row(kinds.CLOCK, 3600, ask, clock.say, first=SOON + 5)] if settings.enabled else []


def _port(address: Any) -> int | None:
    number = str(address).rpartition(":")[2]
    return int(number) if number.isdigit() else None
