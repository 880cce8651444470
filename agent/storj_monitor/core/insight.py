"""Insights: values outside of their usual range, in words. Pure; `core.anomaly` says what is usual."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from storj_monitor.core import errortexts
from storj_monitor.core.anomaly import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXT_MAX = 300
FAILED = "failed:"
"""Metrics `failed:ACTION:CLASS` count failed transfers by class of error."""


class Insight(msgspec.Struct, frozen=True):
    """One value outside of its usual range.

    `satellite`: full id, "" for the node as a whole. `value` of the hour that made it one, `expected` with its limits
    `low` and `high` (units of the metric table), `since` and `until` (None while it is open) epoch seconds, `latest`
    the last value known. `settled`: it ended because it had been so for two weeks, which is usual from then on.
    """

    metric: str
    node: str
    satellite: str
    value: float
    expected: float
    low: float
    high: float
    since: int
    text: str
    cause: str = ""
    latest: float | None = None
    until: int | None = None
    settled: bool = False


class Words(NamedTuple):
    """How a metric is spoken of: `scale` makes its unit of it."""

    label: str
    unit: str
    scale: float = 1.0
    digits: int = 1


KINDS = {
    kind.metric: kind
    for kind in (
        Kind("upload_success", -1, floor=0.25, young=1.0),
        Kind("download_success", -1, floor=0.25, young=1.0),
        Kind("ingress_rate", 0, 1.0),
        Kind("egress_rate", 0, 1.0),
        Kind("errors", 1, 1.0),
        Kind("duration_p95", 1, 1.0),
    )
}
PER_SATELLITE = ("upload_success", "download_success")
_WORDS = {
    "upload_success": Words("Upload success", " %"),
    "download_success": Words("Download success", " %"),
    "ingress_rate": Words("Ingress", " MB/s", 1e-6, 2),
    "egress_rate": Words("Egress", " MB/s", 1e-6, 2),
    "errors": Words("Error lines", " an hour", 1, 0),
    "duration_p95": Words("The slowest twentieth of downloads", " s", 1, 1),
}
_ACTIONS = {
    "PUT": "uploads", "GET": "downloads", "GET_AUDIT": "audits", "GET_REPAIR": "repair downloads",
    "PUT_REPAIR": "repair uploads",
}  # fmt: skip


def kind_of(metric: str) -> Kind:
    """How a metric is judged; every class of error alike."""
    return KINDS.get(metric) or Kind(metric, 1, 1.0)


def parents(metric: str) -> tuple[str, ...]:
    """The metrics that say the same in a better way when they become unusual at the same time."""
    if metric.startswith(FAILED):
        return ("upload_success", "download_success", "errors")
    return ("upload_success", "download_success") if metric == "errors" else ()


def words_of(metric: str) -> Words:
    """How a metric is spoken of."""
    known = _WORDS.get(metric)
    if known is not None:
        return known
    _, action, name = (*metric.split(":"), "", "")[:3]
    what = f"{_ACTIONS.get(action, action)}, {errortexts.CLASSES.get(name, name)}"
    return Words(f"Failed {what}:", " an hour", 1, 0)


def text_of(insight: Insight, names: Mapping[str, str], alike: int = 0) -> str:
    """One sentence: what, where, how much, what is usual. `alike`: how many satellites it is so at, for the node."""
    words = words_of(insight.metric)
    where = f" at {names.get(insight.satellite, insight.satellite)}" if insight.satellite else ""
    where = f" at {alike} satellites alike" if alike else where
    value, low, high = (f"{each * words.scale:.{words.digits}f}" for each in (insight.value, insight.low, insight.high))
    verb = "" if words.label.endswith(":") else " take" if words.label.startswith("The slowest") else " is"
    verb = " are" if words.label == "Error lines" else verb
    text = f"{words.label}{where}{verb} {value}{words.unit}, usually {low} to {high}{words.unit}."
    return text[:TEXT_MAX]
