"""Sums that can be added up over hours, satellites and spans, and the values that are made of them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.core.columns import BY_NAME, Column

if TYPE_CHECKING:
    from collections.abc import Iterable


class Sums(NamedTuple):
    """Of some span: transfers and those that ended well, bytes, error lines, lines and unknown ones."""

    upload_ok: int = 0
    uploads: int = 0
    download_ok: int = 0
    downloads: int = 0
    received: int = 0
    received_bytes: float = 0.0
    sent: int = 0
    sent_bytes: float = 0.0
    errors: int = 0
    lines: int = 0
    unknown: int = 0


def total(sums: Iterable[Sums]) -> Sums:
    """All of them together."""
    return Sums._make(sum(column) for column in zip(Sums(), *sums, strict=True))


def _ends(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    made = BY_NAME[name]
    return made.metrics, made.of


_UP, _DOWN = _ends("upload_success"), _ends("download_success")
_IN, _OUT = BY_NAME["ingress_rate"].metrics, BY_NAME["egress_rate"].metrics
COLUMNS = tuple(
    Column(name, metrics, agg)
    for name, (metrics, agg) in zip(
        Sums._fields,
        (
            (_UP[0], "count"), (_UP[1], "count"), (_DOWN[0], "count"), (_DOWN[1], "count"),
            (_IN, "count"), (_IN, "sum"), (_OUT, "count"), (_OUT, "sum"),
            (("errors",), "count"), (("log_lines",), "count"), (("log_unknown",), "count"),
        ),
        strict=True,
    )
)  # fmt: skip
"""What to ask the store for, one column for each field of `Sums`."""


class Value(NamedTuple):
    """A value and the number of events it is made of; None = not known."""

    value: float | None
    events: int


def value(metric: str, sums: Sums, seconds: float) -> Value:
    """`upload_success`, `download_success`, `log_unknown_share` (percent), `ingress_rate`, `egress_rate` (bytes/s),
    `ingress_bytes`, `egress_bytes`, `errors` (lines). Nothing but shares is known to be 0 without a line.
    """
    match metric:
        case "upload_success":
            return _share(sums.upload_ok, sums.uploads)
        case "download_success":
            return _share(sums.download_ok, sums.downloads)
        case "log_unknown_share":
            return _share(sums.unknown, sums.lines)
        case "ingress_rate" | "ingress_bytes":
            size, n = sums.received_bytes, sums.received
        case "egress_rate" | "egress_bytes":
            size, n = sums.sent_bytes, sums.sent
        case _:
            size, n = float(sums.errors), sums.errors
    if not sums.lines:
        return Value(None, 0)
    return Value(size / seconds if metric.endswith("_rate") else size, n)


def _share(part: int, whole: int) -> Value:
    return Value(100 * part / whole if whole else None, whole)
