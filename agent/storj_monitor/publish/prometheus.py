"""The Prometheus text of `/metrics`, from the board: no node is ever asked because Prometheus scrapes.

Every key of the metric table that is a number, a time or a flag is a gauge `storj_monitor_<name>` with its unit as
suffix: of a node with label `node`, of a satellite with `node` and `satellite`, of the agent with `agent`. A value that
is not known has no sample. `publish.exporters` has the names of the other known exporters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from storj_monitor.core import derive, metrics
from storj_monitor.publish import exporters, topics
from storj_monitor.store.totals import totals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from prometheus_client import Metric as Family

    from storj_monitor.board import Board
    from storj_monitor.core.metric import Metric
    from storj_monitor.core.state import NodeState
    from storj_monitor.store.reader import Reader

PREFIX = "storj_monitor_"


SECONDS = {"d": ("_days", 86_400.0), "ms": ("_milliseconds", 0.001)}
"""Prometheus has one unit of time: how a key's unit ends, and how many seconds it is."""


class Source(NamedTuple):
    """A payload of the board with the labels of its samples."""

    labels: tuple[str, ...]
    payload: Mapping[str, Any]


class BoardCollector:
    """What `prometheus_client` asks for the families; `agent` is the topic's name of this agent."""

    def __init__(self, board: Board, agent: str) -> None:
        self._board = board
        self._agent = agent

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """All families, each with its samples."""
        placed = [(topics.place(topic, self._agent), entry.value) for topic, entry in self._board.entries.items()]
        states = [(place, value) for place, value in placed if place is not None and place.kind == "state"]
        nodes = [Source((place.node,), value) for place, value in states if not place.satellite]
        satellites = [Source((place.node, place.satellite), value) for place, value in states if place.satellite]
        agents = [
            Source((self._agent,), value) for place, value in placed if place is not None and place.kind == "about"
        ]
        yield from families(metrics.NODE, ("node",), nodes)
        yield from families(metrics.SATELLITE, ("node", "satellite"), satellites)
        yield from families(metrics.AGENT, ("agent",), agents)
        yield _info(nodes)
        yield _alerts(
            alert for place, value in placed if place is not None and place.kind == "alerts" for alert in value
        )


def _info(nodes: Iterable[Source]) -> GaugeMetricFamily:
    words = ("node_id", "version", "status")
    family = GaugeMetricFamily(
        f"{PREFIX}node_info", "Identity, version and status of a node; always 1.", labels=("node", *words)
    )
    for node in nodes:
        family.add_metric((*node.labels, *(str(node.payload.get(word) or "") for word in words)), 1)
    return family


def _alerts(alerts: Iterable[Mapping[str, Any]]) -> GaugeMetricFamily:
    labels = ("node", "rule", "severity", "id")
    family = GaugeMetricFamily(
        f"{PREFIX}alert_open", "An open alert; always 1, and gone when it closes.", labels=labels
    )
    for alert in alerts:
        family.add_metric([str(alert.get(label) or "") for label in labels], 1)
    return family


def name_of(row: Metric) -> tuple[str, float]:
    """The name of a row that has one, and what its values are multiplied with."""
    name = f"{PREFIX}{row.prometheus}"
    ending, scale = SECONDS.get(row.unit or "", ("", 1.0))
    return (f"{name.removesuffix(ending)}_seconds", scale) if ending else (name, 1.0)


def families(rows: Iterable[Metric], labels: tuple[str, ...], sources: Iterable[Source]) -> Iterator[GaugeMetricFamily]:
    """One gauge for each row that Prometheus can carry."""
    sources = list(sources)
    for row in rows:
        if row.prometheus is None:
            continue
        unit = f" Unit: {'seconds' if row.unit in SECONDS else row.unit}." if row.unit else ""
        name, scale = name_of(row)
        family = GaugeMetricFamily(name, f"{row.help}{unit}", labels=labels)
        for source in sources:
            value = source.payload.get(row.key)
            if isinstance(value, int | float):
                family.add_metric(source.labels, float(value) * scale)
        yield family


class Collector(Protocol):
    """What has families to show."""

    def collect(self) -> Iterable[Family]:
        """All of them."""


def text(collector: Collector) -> bytes:
    """The exposition of one collector, as Prometheus reads it."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    return generate_latest(registry)


class Scrape:
    """Answers `/metrics` (None) and `/metrics/<node>`; None for a node that this agent has not."""

    def __init__(
        self,
        board: Board,
        agent: Callable[[], str],
        nodes: Mapping[str, NodeState],
        reader: Reader,
        wallets: Mapping[str, str],
    ) -> None:
        self._board = board
        self._agent = agent
        self._nodes = nodes
        self._reader = reader
        self._wallets = wallets

    async def __call__(self, node: str | None) -> bytes | None:
        """The exposition, from what is known already."""
        if node is None:
            return text(BoardCollector(self._board, self._agent()))
        state = self._nodes.get(node)
        if state is None:
            return None
        urls = {each.satellite: each.url for each in derive.satellites(state.readings)}
        counted = await totals(self._reader, node)
        exposition = text(exporters.NodeCollector(state.readings, counted, urls, self._wallets.get(node)))
        # The library writes `untyped` for a counter without `_total`, which is how the log exporter called its own.
        return exposition.replace(b" untyped\n", b" counter\n")
