"""Facts: what happened, immutable, as sources hand it on.

Times are integer epoch seconds (UTC), sizes bytes. A `Batch` is everything one source learned since it was last asked,
together with the position it came from; the engine commits both in one transaction (law 1).
"""

from __future__ import annotations

from typing import Any

import msgspec

OUTCOMES = ("ok", "canceled", "failed", "rejected")
"""The message's word for how a transfer ended (contract, "Command line")."""


class Tally(msgspec.Struct, frozen=True, gc=False):
    """`count` transfers with `bytes` in all, of one minute (its first second), satellite, action and outcome."""

    minute: int
    satellite: str
    action: str
    outcome: str
    count: int
    bytes: int


class Sample(msgspec.Struct, frozen=True, gc=False):
    """`n` observations of a metric within the minute of `at`: their sum, extremes and the latest by event time."""

    metric: str
    at: int
    n: int
    sum: float
    min: float | None = None
    max: float | None = None
    last: float | None = None
    satellite: str = ""


class Reading(msgspec.Struct, frozen=True):
    """A polled answer, already typed: `source` names the endpoint (`node`, `month`, `satellite:<id>`, `payout` …)."""

    source: str
    at: int
    body: Any


class Down(msgspec.Struct, frozen=True):
    """A polled endpoint that did not answer as it should: `text` is the sentence for people."""

    source: str
    at: int
    text: str


class LogReading(msgspec.Struct, frozen=True):
    """What a log says of its node beside counts: epoch seconds, 0 or "" while no line has told it.

    `stopped`, `crashed` and `refused` (to start): when last; `reason`: why of the last crash or refusal, as in
    `core.chore_life.reason_of`.
    """

    last_line: int = 0
    node_id: str = ""
    started: int = 0
    version: str = ""
    stopped: int = 0
    crashed: int = 0
    refused: int = 0
    reason: str = ""

    def with_older(self, read: LogReading) -> LogReading:
        """This one and what other lines, mostly older ones, say: the later of each time, and what is not known yet."""
        times = {key: max(getattr(self, key), getattr(read, key)) for key in _LATER}
        ends = max(read.crashed, read.refused) > max(self.crashed, self.refused)
        reason = read.reason if ends else self.reason
        newer = read.version and read.last_line > self.last_line
        version = read.version if newer else self.version or read.version
        return LogReading(node_id=self.node_id or read.node_id, version=version, reason=reason, **times)


_LATER = ("last_line", "started", "stopped", "crashed", "refused")


class Notice(msgspec.Struct, frozen=True):
    """One notable thing: a log line of weight, or a change of state. `severity` is info, warning or critical."""

    at: int
    severity: str
    text: str
    kind: str = "log"
    satellite: str = ""


class Run(msgspec.Struct, frozen=True):
    """A task of the node: a garbage collection, trash, filewalker, compaction or migration run, with start and end.

    One that ends is the same row (kind, satellite, subject, started) again, now with `ended`, `ok` and its `stats`.
    `subject` is the store of a compaction (`s0`, `s1`); `satellite` a full id.
    """

    kind: str
    started: int
    satellite: str = ""
    subject: str = ""
    ended: int | None = None
    ok: bool | None = None
    stats: dict[str, Any] = {}


class Top(msgspec.Struct, frozen=True):
    """`n` more of one item (a piece, a country, a reason …) within the hour of `at`, with their bytes."""

    kind: str
    at: int
    item: str
    n: int
    bytes: int = 0


class Spread(msgspec.Struct, frozen=True):
    """A distribution within the hour of `at`: bin of `core.sketch` → count."""

    metric: str
    at: int
    bins: dict[int, int]
    satellite: str = ""


class Batch(msgspec.Struct):
    """What one source of one node learned since it was last taken, and where it continues.

    `positions` and `carry` are opaque to the engine: the source gets them back from the store at the next start.
    `behind` is what of a log is not read yet, in bytes. `prompt` asks for a commit within a second instead of at the
    next interval.
    """

    node: str
    tallies: list[Tally] = []
    samples: list[Sample] = []
    readings: list[Reading | Down] = []
    notices: list[Notice] = []
    templates: dict[tuple[str, str, str], int] = {}
    runs: list[Run] = []
    tops: list[Top] = []
    spreads: list[Spread] = []
    positions: list[Any] = []
    carry: bytes | None = None
    behind: int | None = None
    prompt: bool = False
