"""What a row of the metric table is, and the kinds of rows there are (pure data).

A kind fixes unit, rounding, Prometheus suffix and the Home Assistant entity, so that a row of `core.metrics` says only
what is its own. `help` is for operators: what it is, and where its limits are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from storj_monitor.core import ha

if TYPE_CHECKING:
    from storj_monitor.core.ha import Entity

Scope = Literal["node", "satellite", "agent"]
Kind = Literal["gauge", "count", "rate", "share", "money", "time", "flag", "text"]
Tier = Literal["minute", "hour", "day"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One key of a payload (agent/docs/contract.md) and everything that is made of it.

    `unit` is for people (bytes, bytes/s, %, USD …; None where there is none), `kind` says how a history is added up
    (counts are summed, gauges averaged, shares recomputed), `tier` is the finest history kept (None: not stored),
    `precision` the decimals shown (sizes in GB, rates in Mbit/s), `prometheus` the name without prefix.
    """

    key: str
    unit: str | None
    kind: Kind
    tier: Tier | None
    label: str
    precision: int | None
    help: str
    ha: Entity | None = None
    prometheus: str | None = None
    scope: Scope = "node"


def plain(key: str, label: str, help_: str, kind: Kind = "text") -> Metric:
    """A word or a time that stands in the payload and nowhere else."""
    return Metric(key, None, kind, None, label, None, help_)


def word(key: str, label: str, help_: str, entity: Entity | None = None) -> Metric:
    """A text; Prometheus cannot carry it."""
    return Metric(key, None, "text", None, label, None, help_, entity)


def size(key: str, label: str, help_: str, tier: Tier = "hour", *, on: bool = False, **more: Any) -> Metric:
    """Bytes that can grow and shrink; GB in Home Assistant."""
    entity = ha.measure(1, "GB", "1e9", device_class="data_size", enabled=on, **more)
    return Metric(key, "bytes", "gauge", tier, label, 1, help_, entity, f"{key}_bytes")


def small(key: str, label: str, help_: str, digits: int, tier: Tier | None, *, on: bool = False, **more: Any) -> Metric:
    """Bytes of a smaller thing; MB in Home Assistant."""
    entity = ha.measure(digits, "MB", "1e6", device_class="data_size", enabled=on, **more)
    return Metric(key, "bytes", "gauge", tier, label, digits, help_, entity, f"{key}_bytes")


def traffic(key: str, label: str, help_: str, *, reset: str, on: bool = False, icon: str) -> Metric:
    """Bytes since the start of a day or month."""
    entity = ha.total(2, "GB", reset, "1e9", device_class="data_size", enabled=on, icon=icon)
    return Metric(key, "bytes", "gauge", "day", label, 2, help_, entity, f"{key}_bytes")


def rate(key: str, label: str, help_: str) -> Metric:
    """Bytes per second; Mbit/s in Home Assistant."""
    entity = ha.measure(2, "Mbit/s", "125000", device_class="data_rate", enabled=False)
    return Metric(key, "bytes/s", "rate", "minute", label, 2, help_, entity, f"{key}_bytes_per_second")


def share(key: str, label: str, help_: str, digits: int = 1, *, on: bool = False, **more: Any) -> Metric:
    """Percent that is recomputed from counts."""
    entity = ha.measure(digits, "%", enabled=on, **({"icon": "mdi:percent"} | more))
    return Metric(key, "%", "share", "minute", label, digits, help_, entity, f"{key}_percent")


def score(key: str, label: str, help_: str, digits: int = 2, *, on: bool = True, icon: str) -> Metric:
    """Percent that the satellites computed."""
    entity = ha.measure(digits, "%", enabled=on, icon=icon)
    return Metric(key, "%", "gauge", "hour", label, digits, help_, entity, f"{key}_percent")


def money(key: str, label: str, help_: str, *, reset: str | None, on: bool = False, **more: Any) -> Metric:
    """US dollars."""
    entity = ha.total(2, "USD", reset, device_class="monetary", enabled=on, **more)
    return Metric(key, "USD", "money", "day", label, 2, help_, entity, f"{key}_usd")


def number(
    key: str,
    label: str,
    help_: str,
    unit: str,
    *,
    tier: Tier | None,
    kind: Kind = "gauge",
    on: bool = False,
    **more: Any,
) -> Metric:
    """A whole number of things."""
    return Metric(key, unit, kind, tier, label, 0, help_, ha.measure(0, unit, enabled=on, **more), key)


def time(key: str, label: str, help_: str, *, on: bool = False, category: str | None = ha.DIAGNOSTIC) -> Metric:
    """A time, epoch seconds; null when it never was."""
    entity = ha.when(enabled=on, category=category)
    return Metric(key, None, "time", None, label, None, help_, entity, f"{key}_timestamp_seconds")
