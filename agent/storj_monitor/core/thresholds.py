"""The numbers of the alert rules that people may set, and between which bounds (pure data).

Rules that ask yes or no are not here. What a number is when nobody sets it stands in the rule's own row. The bounds
keep out what cannot be meant: an audit score below that of disqualification, a share above the whole, an alert that
would never end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = 86_400


class Threshold(NamedTuple):
    """`key` is `<rule>.<severity>`; `text` says what the number is, in its `unit`."""

    key: str
    least: float
    most: float
    unit: str
    text: str

    @property
    def rule(self) -> str:
        """The rule that uses it."""
        return self.key.partition(".")[0]

    @property
    def severity(self) -> str:
        """The level of the rule."""
        return self.key.partition(".")[2]

    @property
    def of_agent(self) -> bool:
        """Whether it is about the agent itself, so that nodes cannot have their own."""
        return self.key.startswith("agent_")

    @property
    def expected(self) -> str:
        """What may be set, in words: `60 to 99.5 %`."""
        return f"{self.least:g} to {self.most:g} {self.unit}"


def _of(rule: str, unit: str, text: str, **levels: tuple[float, float]) -> Iterator[Threshold]:
    for severity, (least, most) in levels.items():
        yield Threshold(f"{rule}.{severity}", least, most, unit, text)


_FEW = (1.0, 1000.0)
_ROWS = (
    _of(
        "node_restarting",
        "times",
        "Starts within ten minutes as a multiple of three, or within an hour as a multiple of five",
        warning=(0.5, 20),
        critical=(0.5, 20),
    ),
    _of("node_silent", "s", "Seconds without a line in the log; a node writes every hour", critical=(4500, 7 * DAY)),
    _of(
        "clock_wrong",
        "s",
        "Seconds by which the node's clock is off",
        warning=(5, 3600),
        critical=(5, 3600),
    ),
    _of("log_unknown", "%", "Share of the log's lines that are not understood", warning=(0.1, 90)),
    _of("payout_low", "%", "By how much a month's payout is lower than the node's own estimate", warning=(1, 100)),
    _of(
        "no_data",
        "times",
        "Time without an answer as a multiple of what is usual for the source (15 minutes for the API)",
        warning=(1, 100),
    ),
    _of("disk_failing", "errors", "Disk errors within an hour; a hung disk counts five", warning=_FEW, critical=_FEW),
    _of("disk_full", "%", "Share of the allocated space that is taken", warning=(50, 99.9), critical=(50, 99.9)),
    _of("disk_forecast", "days", "Days until the disk is full", warning=(1, 365)),
    _of(
        "disk_overused",
        "%",
        "What the node holds beyond its allocation, as a share of it",
        warning=(0.1, 100),
        critical=(0.1, 100),
    ),
    _of(
        "database_locked",
        "times",
        "Errors within an hour as a multiple of three, or within three hours as a multiple of four",
        warning=(0.3, 100),
    ),
    _of("database_damaged", "errors", "Errors of a damaged database within a day", critical=_FEW),
    _of(
        "orders_old", "h", "Hours that the oldest order waits; they expire after 48", warning=(3, 47), critical=(3, 47)
    ),
    _of("compaction_failing", "times", "Failed compactions within a day", warning=_FEW, critical=_FEW),
    _of("migration_stuck", "pieces", "Pieces within a day that could not be migrated", warning=(1, 100_000)),
    _of("records_lost", "times", "Times within a day that the hash store lost records", critical=_FEW),
    _of("audit_score", "%", "Audit score; disqualified at 96", warning=(96.1, 99.97), critical=(96.1, 99.5)),
    _of("suspension_score", "%", "Suspension score; suspended at 60", warning=(60.5, 99), critical=(60.5, 97)),
    _of("online_score", "%", "Online score; suspended below 60", warning=(60, 99.5), critical=(60, 99)),
    _of("audit_failed", "audits", "Failed audits of a satellite within an hour", warning=_FEW, critical=_FEW),
    _of("audit_slow", "audits", "Audits of a satellite within a day that took over 5 min", warning=_FEW, critical=_FEW),
    _of(
        "piece_lost",
        "points",
        "Lost pieces that were asked for within a day; one that is audited or repaired counts five",
        warning=_FEW,
        critical=_FEW,
    ),
    _of(
        "piece_damaged",
        "points",
        "Damaged pieces that were asked for within a day; one that is audited or repaired counts five",
        warning=_FEW,
        critical=_FEW,
    ),
    _of(
        "satellite_unreachable",
        "h",
        "Hours of the last three in which no attempt to reach a satellite succeeded (critical: for 12 hours on)",
        warning=(1, 3),
        critical=(1, 3),
    ),
    _of(
        "orders_unsent", "times", "Failed attempts within three hours to send orders, none succeeded", critical=(1, 50)
    ),
    _of("gc_stalled", "days", "Days since a satellite's garbage was last collected", warning=(7, 365)),
    _of("agent_lag", "s", "Seconds by which the agent is late", warning=(1, 600)),
)
THRESHOLDS = {each.key: each for row in _ROWS for each in row}

CONTRACT = {"disk_full_days": "disk_forecast.warning", "online_score": "online_score.warning"}
"""Names of the contract, which MQTT and Home Assistant know; the page takes both."""
