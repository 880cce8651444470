"""Rows beyond the contract's least: what storage and money come to when disk, tallies and prices are laid side by side.

They are in every payload, in the history and in the viewer. No entity of Home Assistant is made of them.
"""

from __future__ import annotations

from storj_monitor.core.metric import Metric, plain


def _size(key: str, label: str, help_: str) -> Metric:
    return Metric(key, "bytes", "gauge", "hour", label, 1, help_, None, f"{key}_bytes")


def _usd(key: str, label: str, help_: str, precision: int = 2) -> Metric:
    return Metric(key, "USD", "money", "day", label, precision, help_, None, f"{key}_usd")


REPORTED = _size(
    "storage_reported",
    "Stored by the last report",
    "What the satellites last said they store here, the mean of the hours before their tally; paid.",
)
REPORTED_AT = plain(
    "storage_reported_at",
    "Last report",
    "The UTC day of the satellites' last report, the oldest of them; null before the first report of a month.",
    "time",
)
SO_FAR = _usd(
    "payout_so_far", "Earned so far", "What this UTC month has earned until now, as booked, held amount deducted."
)
HELD = _usd(
    "held_estimate", "Held this month", "What of this month's earnings will be held back, by our own reckoning."
)

NODE: tuple[Metric, ...] = (
    REPORTED,
    REPORTED_AT,
    _size("storage_average", "Stored on average", "Average bytes held this month by the satellites' tallies; paid."),
    _size(
        "disk_late",
        "Not yet reported",
        "What came in since the satellites' last report and will be in the next one.",
    ),
    _size(
        "disk_garbage",
        "Uncollected garbage",
        "What is on disk beyond the satellites' last report, trash, dead bytes and what came since; unpaid. Never "
        "overstated; unknown on 1.143 and 1.144, whose account is wrong.",
    ),
    Metric(
        "disk_growth",
        "bytes/day",
        "gauge",
        "day",
        "Growth",
        1,
        "By how much the used space grows a day, the robust slope of the last 30 days; negative when it shrinks.",
        None,
        "disk_growth_bytes_per_day",
    ),
    SO_FAR,
    HELD,
    Metric(
        "earned_per_tb_month",
        "USD/TB",
        "gauge",
        "day",
        "Earned per TB·month",
        2,
        "What this month earns before the held amount, per terabyte that the satellites pay for all month.",
        None,
        "earned_usd_per_terabyte_month",
    ),
    Metric(
        "earned_per_tb_disk",
        "USD/TB",
        "gauge",
        "day",
        "Earned per TB on disk",
        2,
        "What this month earns before the held amount, per terabyte that is on disk, trash and garbage included.",
        None,
        "earned_usd_per_terabyte_disk",
    ),
)
"""After the contract's rows of a node."""

SATELLITE: tuple[Metric, ...] = (REPORTED, REPORTED_AT, SO_FAR, HELD)
"""After the contract's rows of a satellite."""
