"""The node's debug server: `/metrics` of `debug.addr` (agent/docs/storagenode.md §4.3).

A busy node answers with some megabytes, nearly all of them times of its functions. Lines are chosen by the begin of
their name as they arrive, and only those few hundred reach the parser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from storj_monitor.core.readings_host import Counts, DebugReading, DebugSatellite, Times
from storj_monitor.sources.poller import SourceError
from storj_monitor.sources.web import fetch

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 60.0
MOST = 16 << 20
LINES_MAX = 20_000
SATELLITES_MAX = 64
ACTIONS_MAX = 16
_WHAT = "the debug server"
_ENDS = {"started": "started", "success": "ok", "cancel": "canceled", "failure": "failed"}
_COUNTERS = {f"{way}_{end}_count": (way, key) for way in ("upload", "download") for end, key in _ENDS.items()}
_AUDITS = {
    ("audit_total_count", "recent"): "audits",  # the only one before 1.119
    ("audit_success_count", "recent"): "audits_ok",
    ("reputation_audits_total", "value"): "audits",
    ("reputation_audits_success", "value"): "audits_ok",
}
_STORE = {"LenLogs": "logs", "TableSize": "table", "LenTrash": "trash", "DataReclaimable": "reclaimable"}
_CHECKS = ("readability_check", "writability_check")
_TIMES = ("upload_success_duration_ns", "download_success_duration_ns")
_QUANTILES = {"r50": "p50", "r90": "p90", "r99": "p99"}
_UPTIME = ("process", "github_com_spacemonkeygo_monkit_v3_environment")
_WANTED = tuple(
    f"{name}{{".encode()
    for name in (*_COUNTERS, *(name for name, _ in _AUDITS), *_CHECKS, *_TIMES, "hashstore", _UPTIME[0])
)
_USER = "GET"
"""Downloads of customers: their times are what speed is judged by."""


class Value(NamedTuple):
    """One line of the exposition."""

    name: str
    labels: dict[str, str]
    field: str
    value: float


async def debug(url: str, at: int) -> DebugReading:
    """Ask once; never more often than every five minutes, for the node gathers all of it."""
    answer = await fetch(f"{address(url)}/metrics", what=_WHAT, seconds=SECONDS, most=MOST)
    if answer.status != 200:
        raise SourceError(f"{_WHAT.capitalize()} answers with status {answer.status}.")
    return parse(answer.body, at)


def address(text: str) -> str:
    """`127.0.0.1:5999`, `:5999` or an address with or without the path, as the begin of one."""
    whole = text if "://" in text else f"http://{text}"
    host = whole.replace("://:", "://127.0.0.1:").replace("://0.0.0.0", "://127.0.0.1").replace("://[::]", "://[::1]")
    return host.rstrip("/").removesuffix("/metrics")


def parse(body: bytes, at: int) -> DebugReading:
    """The exposition as a reading; `SourceError` for what is none of a storage node."""
    chosen = [line for line in body.split(b"\n") if line.startswith(_WANTED)][:LINES_MAX]
    if not chosen:
        raise SourceError(f"What answers in place of {_WHAT} has no metrics of a storage node.")
    try:
        values = list(_values(b"\n".join(chosen).decode()))
    except ValueError:
        raise SourceError(f"The answer of {_WHAT} makes no sense.") from None
    counters = _counters(values)
    return DebugReading(
        at=at,
        started=_started(values, at),
        uploads=counters.get("upload", {}).get("", Counts()) if counters else None,
        downloads=counters.get("download", {}) if counters else None,
        readable=_recent(values, _CHECKS[0]),
        writable=_recent(values, _CHECKS[1]),
        upload_times=_times(values, _TIMES[0], None),
        download_times=_times(values, _TIMES[1], _USER),
        satellites=_satellites(values),
    )


def say(body: Any) -> str:
    """One sentence for `check`."""
    counting = body.uploads is not None
    return "answers, with counters of transfers." if counting else "answers; the node has counted no transfer yet."


def _values(text: str) -> Iterator[Value]:
    from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415 - few nodes have it open

    for family in text_string_to_metric_families(f"{text}\n"):
        for sample in family.samples:
            if sample.value == sample.value and abs(sample.value) < 1 << 62:  # neither NaN nor beyond what is kept
                yield Value(sample.name, sample.labels, sample.labels.get("field", ""), sample.value)


def _counters(values: list[Value]) -> dict[str, dict[str, Counts]]:
    """Direction → action ("" for uploads) → counts; what was never counted is 0, once anything was."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for name, labels, field, value in values:
        if field == "value" and name in _COUNTERS:
            way, end = _COUNTERS[name]
            actions = found.setdefault(way, {})
            action = labels.get("action", "") if way == "download" else ""
            if action in actions or len(actions) < ACTIONS_MAX:
                counts = actions.setdefault(action, {})
                counts[end] = counts.get(end, 0) + max(0, int(value))
    return {way: {action: Counts(**ends) for action, ends in actions.items()} for way, actions in found.items()}


def _started(values: list[Value], at: int) -> int | None:
    mine = (each for each in values if (each.name, each.labels.get("scope")) == _UPTIME)
    return next((at - int(each.value) for each in mine if each.field == "uptime"), None)


def _recent(values: list[Value], name: str) -> float | None:
    return next((each.value for each in values if each.name == name and each.field == "recent"), None)


def _times(values: list[Value], name: str, action: str | None) -> Times | None:
    """Quantiles in seconds; None without a single transfer."""
    chosen = (each for each in values if each.name == name and each.labels.get("action") == action)
    rows = {_QUANTILES[each.field]: each.value / 1e9 for each in chosen if each.field in _QUANTILES}
    return Times(**rows) if len(rows) == len(_QUANTILES) else None


def _satellites(values: list[Value]) -> tuple[DebugSatellite, ...]:
    """Audits, and the hash store where the line has no `db`: the sum of both databases."""
    found: dict[str, dict[str, int]] = {}
    for name, labels, field, value in values:
        satellite = (labels.get("satellite") or labels.get("satellite_id", "")).removeprefix("_")
        key = _AUDITS.get((name, field), "")
        if name == "hashstore" and "db" not in labels:
            key = "set" if field == "LenSet" else _STORE.get(field, "")
        if key and satellite and (satellite in found or len(found) < SATELLITES_MAX):
            found.setdefault(satellite, {})[key] = int(value)
    return tuple(_satellite(satellite, fields) for satellite, fields in sorted(found.items()))


def _satellite(satellite: str, fields: dict[str, int]) -> DebugSatellite:
    length = fields.pop("set", None)
    live = None if length is None else max(0, length - fields.get("trash", 0))
    return DebugSatellite(satellite, live=live, **fields)
