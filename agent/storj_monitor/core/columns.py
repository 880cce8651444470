"""What `history` can be asked for: a column is a name, the stored series it is made of, and how (contract, "Commands").

Counts are summed, gauges averaged, shares recomputed from counts. Sizes of cancelled downloads are what was asked
for, not what was sent (agent/docs/storagenode.md §2.2), so egress counts finished downloads only.
"""

from __future__ import annotations

import msgspec

from storj_monitor.core.facts import OUTCOMES
from storj_monitor.core.hidden import SERIES, UPLOADS

IN = ("PUT", "PUT_REPAIR")
OUT = ("GET", "GET_REPAIR", "GET_AUDIT")
ENDS = ("ok", "canceled", "failed")


class Column(msgspec.Struct, frozen=True):
    """`metrics` may end in `*`; `agg` is sum, count, rate (sum per second), count_rate, mean, min, max, last or share.

    A share is 100 · counts of `metrics` ÷ counts of `of`.
    """

    name: str
    metrics: tuple[str, ...]
    agg: str = "mean"
    of: tuple[str, ...] = ()


def transfers(actions: tuple[str, ...], outcomes: tuple[str, ...]) -> tuple[str, ...]:
    """Series of some actions and outcomes."""
    return tuple(f"transfer:{action}:{outcome}" for action in actions for outcome in outcomes)


def _share(
    name: str, *actions: str, lost: tuple[str, ...] = ("canceled", "failed"), more: tuple[str, ...] = ()
) -> Column:
    return Column(name, transfers(actions, ("ok",)), "share", (*transfers(actions, ("ok", *lost)), *more))


_RECEIVED, _SENT = transfers(IN, ENDS), transfers(OUT, ("ok",))

MADE = (
    Column("ingress_rate", _RECEIVED, "rate"),
    Column("egress_rate", _SENT, "rate"),
    Column("transfer_rate", ("transfer:*",), "count_rate"),
    Column("ingress_bytes", _RECEIVED, "sum"),
    Column("egress_bytes", _SENT, "sum"),
    Column("transfers", ("transfer:*",), "count"),
    Column("uploads", transfers(IN, ENDS), "count"),
    Column("downloads", transfers(OUT, ENDS), "count"),
    Column("log_lines", ("log_lines",), "count"),
    Column("errors", ("errors",), "count"),
    Column("audit_slow", ("audit_slow",), "count"),
    Column("hidden_failures", (f"{SERIES}*",), "count"),
    Column("log_unknown_share", ("log_unknown",), "share", ("log_lines",)),
    _share("download_success", "GET", more=(f"{SERIES}GET",)),
    _share("upload_success", "PUT", more=(f"{SERIES}{UPLOADS}",)),
    _share("repair_success", "GET_REPAIR", "PUT_REPAIR"),
    _share("audit_success", "GET_AUDIT", lost=("failed",)),
    *(_share(f"success:{action}", action) for action in (*IN, "GET", "GET_REPAIR")),
    _share("success:GET_AUDIT", "GET_AUDIT", lost=("failed",)),
    *(Column(f"rate:{action}", transfers((action,), ENDS), "rate") for action in IN),
    *(Column(f"rate:{action}", transfers((action,), ("ok",)), "rate") for action in OUT),
    *(Column(f"count_rate:{outcome}", (f"transfer:*:{outcome}",), "count_rate") for outcome in OUTCOMES),
)
BY_NAME = {column.name: column for column in MADE}


def column(name: str, agg: str | None = None) -> Column:
    """The column of a name; a gauge's own samples when the name is no made-up one."""
    made = BY_NAME.get(name)
    return made if made is not None else Column(name, (name,), agg or "mean")
