"""What the version server offers (agent/docs/storagenode.md §7)."""

from __future__ import annotations

from typing import Any

import msgspec

from storj_monitor.core.readings_host import VersionsReading
from storj_monitor.sources.poller import SourceError
from storj_monitor.sources.web import fetch

SECONDS = 30.0
MOST = 1 << 20
_WHAT = "the version server"


class RawVersion(msgspec.Struct):
    """A version as sent, with `v`."""

    version: str = ""


class RawRollout(msgspec.Struct):
    """Seed and cursor as hex; empty is all zeros."""

    seed: str = ""
    cursor: str = ""


class RawProcess(msgspec.Struct):
    """What is offered to one kind of process."""

    minimum: RawVersion
    suggested: RawVersion
    rollout: RawRollout | None = None


class RawVersions(msgspec.Struct):
    """The whole answer; only `storagenode` is of interest."""

    processes: dict[str, msgspec.Raw]


async def versions(url: str, at: int) -> VersionsReading:
    """What a storagenode is offered now."""
    answer = await fetch(url, what=_WHAT, seconds=SECONDS, most=MOST)
    if answer.status != 200:
        raise SourceError(f"{_WHAT.capitalize()} answers with status {answer.status}.")
    return parse(answer.body, at)


def parse(body: bytes, at: int) -> VersionsReading:
    """The answer as a reading; `SourceError` for what is none."""
    try:
        raw = msgspec.json.decode(body, type=RawVersions).processes["storagenode"]
        offer = msgspec.json.decode(raw, type=RawProcess)
    except (msgspec.DecodeError, KeyError, UnicodeDecodeError, RecursionError):
        raise SourceError(f"The answer of {_WHAT} names no versions of storagenode.") from None
    rollout = offer.rollout or RawRollout()
    return VersionsReading(
        at=at,
        minimum=offer.minimum.version.removeprefix("v"),
        suggested=offer.suggested.version.removeprefix("v"),
        seed=rollout.seed,
        cursor=rollout.cursor,
    )


def say(body: Any) -> str:
    """One sentence for `check`."""
    return f"offers storagenode {body.suggested}, at least {body.minimum}."
