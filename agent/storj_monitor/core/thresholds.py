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
    """`key` is `<rule>.<severity>`; `text` says in a sentence what the number is, in its `unit`."""

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
        "How often the node restarts. 1 is three starts within ten minutes or five within an hour, 2 is twice as many.",
        warning=(0.5, 20),
        critical=(0.5, 20),
    ),
    _of(
        "node_silent",
        "s",
        "Seconds without a new line in the log. A node that runs writes one every hour (3600 s) at least.",
        critical=(4500, 7 * DAY),
    ),
    _of("clock_wrong", "s", "Seconds by which the node's clock is wrong.", warning=(5, 3600), critical=(5, 3600)),
    _of(
        "log_unknown", "%", "Share of the last hour's log lines that the agent does not understand.", warning=(0.1, 90)
    ),
    _of("payout_low", "%", "How much less was paid for last month than the node had estimated.", warning=(1, 100)),
    _of(
        "no_data",
        "times",
        "How long a source has not answered. 1 is as long as it may take (15 minutes for the node's API, 75 for its "
        "log), 2 is twice as long.",
        warning=(1, 100),
    ),
    _of(
        "disk_failing",
        "errors",
        "Disk errors in the log within an hour. A stop of the node because of its disk counts as five.",
        warning=_FEW,
        critical=_FEW,
    ),
    _of(
        "disk_full",
        "%",
        "Share of the space given to the node that is taken.",
        warning=(50, 99.9),
        critical=(50, 99.9),
    ),
    _of("disk_forecast", "days", "Days until the disk will be full.", warning=(1, 365)),
    _of(
        "disk_overused",
        "%",
        "How much more the node stores than it was given, as a share of what it was given.",
        warning=(0.1, 100),
        critical=(0.1, 100),
    ),
    _of(
        "database_locked",
        "times",
        "How often a database was locked. 1 is three errors within an hour or four within three hours, 2 is twice as "
        "many.",
        warning=(0.3, 100),
    ),
    _of("database_damaged", "errors", "Errors within a day that name a damaged database.", critical=_FEW),
    _of(
        "orders_old",
        "h",
        "Hours that the oldest unsent order has waited. Orders expire after 48 hours and are not paid then.",
        warning=(3, 47),
        critical=(3, 47),
    ),
    _of("compaction_failing", "times", "Compactions that failed within a day.", warning=_FEW, critical=_FEW),
    _of(
        "migration_stuck",
        "pieces",
        "Pieces that could not be moved to the hash store within a day.",
        warning=(1, 100_000),
    ),
    _of("records_lost", "times", "How often the hash store lost records within a day.", critical=_FEW),
    _of(
        "audit_score",
        "%",
        "Audit score on any satellite. At 96 % it disqualifies the node for good.",
        warning=(96.1, 99.97),
        critical=(96.1, 99.5),
    ),
    _of(
        "suspension_score",
        "%",
        "Suspension score on any satellite. At 60 % it suspends the node.",
        warning=(60.5, 99),
        critical=(60.5, 97),
    ),
    _of(
        "online_score",
        "%",
        "Online score on any satellite. Below 60 % it suspends the node.",
        warning=(60, 99.5),
        critical=(60, 99),
    ),
    _of(
        "audit_failed",
        "audits",
        "Audits of one satellite that failed within an hour. Lost and damaged pieces have rules of their own.",
        warning=_FEW,
        critical=_FEW,
    ),
    _of(
        "audit_slow",
        "audits",
        "Audits of one satellite within a day that took more than five minutes.",
        warning=_FEW,
        critical=_FEW,
    ),
    _of(
        "piece_lost",
        "points",
        "Lost pieces of one satellite that were asked for within a day: 1 point for a customer's download, 5 for an "
        "audit or a repair.",
        warning=_FEW,
        critical=_FEW,
    ),
    _of(
        "piece_damaged",
        "points",
        "Damaged pieces of one satellite that were asked for within a day: 1 point for a customer's download, 5 for an "
        "audit or a repair.",
        warning=_FEW,
        critical=_FEW,
    ),
    _of(
        "satellite_unreachable",
        "h",
        "Hours of the last three in which the node never reached a satellite. Critical after 12 hours of it, or at "
        "once when it reaches none.",
        warning=(1, 3),
        critical=(1, 3),
    ),
    _of(
        "orders_unsent",
        "times",
        "Attempts to send orders to a satellite within three hours that failed, while none succeeded.",
        critical=(1, 50),
    ),
    _of("gc_stalled", "days", "Days since a satellite's garbage was last collected.", warning=(7, 365)),
    _of("agent_lag", "s", "Seconds that the agent itself is late, because its host is overloaded.", warning=(1, 600)),
)
THRESHOLDS = {each.key: each for row in _ROWS for each in row}

CONTRACT = {"disk_full_days": "disk_forecast.warning", "online_score": "online_score.warning"}
"""Names of the contract, which MQTT and Home Assistant know; the page takes both."""
