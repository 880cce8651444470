"""UTC days and months, as nodes and satellites count them (agent/docs/contract.md)."""

from __future__ import annotations

from datetime import UTC, datetime

DAY = 86_400


def day_start(at: float) -> int:
    """The first second of the day of `at` (epoch seconds)."""
    return int(at) // DAY * DAY


def month_start(at: float, months: int = 0) -> int:
    """The first second of the month of `at`, or of the one `months` later (earlier when negative)."""
    date = datetime.fromtimestamp(at, UTC)
    years, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return int(datetime(years, month + 1, 1, tzinfo=UTC).timestamp())


def month_name(at: float, months: int = 0) -> str:
    """The month of `at`, or of one some months away, as paystubs write it: `2026-11`."""
    return datetime.fromtimestamp(month_start(at, months), UTC).strftime("%Y-%m")


def date(at: float) -> str:
    """`2026-11-23`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def moment(at: float) -> str:
    """`2026-11-23 12:00 UTC`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def day_of_month(at: float) -> int:
    """1…31."""
    return datetime.fromtimestamp(at, UTC).day


def days_in_month(at: float, months: int = 0) -> int:
    """Days of the month of `at`, or of one some months away."""
    return (month_start(at, months + 1) - month_start(at, months)) // DAY


def months_between(first: float, last: float) -> int:
    """Calendar months from the month of `first` to that of `last`; 0 within one month."""
    a, b = datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC)
    return (b.year - a.year) * 12 + b.month - a.month


def epoch(text: str | None) -> int | None:
    """Epoch seconds of an RFC 3339 time with any offset; None for nothing, the zero time and what is no time.

    Go writes the zero time as year 1, with a local offset even as year 0 (agent/docs/storagenode.md §3.0).
    """
    if not text or text.startswith("000"):
        return None
    try:
        seconds = int(datetime.fromisoformat(text).timestamp())
    except (ValueError, OverflowError):
        return None
    return seconds if seconds > 0 else None
