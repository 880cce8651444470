"""The healthcheck on the node's public port (agent/docs/storagenode.md §4.1): 200 is healthy, 503 asks for a look."""

from __future__ import annotations

from typing import Any

import msgspec

from storj_monitor.core import utc
from storj_monitor.core.readings_host import HealthReading, HealthStatus
from storj_monitor.sources.poller import SourceError
from storj_monitor.sources.web import fetch

SECONDS = 15.0
MOST = 1 << 20
ROWS_MAX = 64
_WHAT = "the healthcheck on the public port"


class RawStatus(msgspec.Struct, rename="pascal"):
    """A satellite as sent."""

    online_score: float | None = None
    satellite_id: str = msgspec.field(default="", name="SatelliteID")
    disqualified_at: str | None = None
    suspended_at: str | None = None


class RawHealth(msgspec.Struct, rename="pascal"):
    """The answer as sent; `statuses` are null without `healthcheck.details`."""

    all_healthy: bool
    statuses: list[RawStatus] | None = None


async def health(url: str, at: int) -> HealthReading:
    """Ask the port once. Only the bare path is answered, everything else is taken for a TLS connection and dropped."""
    answer = await fetch(f"{url.rstrip('/')}/", what=_WHAT, seconds=SECONDS, most=MOST)
    if answer.status not in {200, 503}:
        raise SourceError(
            f"{_WHAT.capitalize()} answers with status {answer.status}: the node's databases may be damaged."
        )
    return parse(answer.body, at)


def parse(body: bytes, at: int) -> HealthReading:
    """The answer as a reading; `SourceError` for what is none."""
    try:
        raw = msgspec.json.decode(body, type=RawHealth)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise SourceError(f"What answers in place of {_WHAT} is no storage node.") from None
    return HealthReading(
        at=at, healthy=raw.all_healthy, satellites=tuple(map(_status, (raw.statuses or [])[:ROWS_MAX]))
    )


def _status(raw: RawStatus) -> HealthStatus:
    online = None if raw.online_score is None else 100 * raw.online_score
    return HealthStatus(raw.satellite_id, online, utc.epoch(raw.disqualified_at), utc.epoch(raw.suspended_at))


def say(body: Any) -> str:
    """One sentence for `check`."""
    return "answers: healthy." if body.healthy else "answers: not healthy; a score or a suspension needs a look."
