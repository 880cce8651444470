"""What the log messages of a storage node mean: one table, found by the message.

The rows (in `message_rows_*`) know every message that agent/docs/storagenode.md §2, §10 and Appendix A name, and those
of real logs beside it. A message counts, its logger and level are hints (law 6): the same message from a renamed
logger is still found. Storagenode-updater writes its rows into the same stream; only its `process` field tells them
apart (`Configuration loaded` is a start of the node only with process `storagenode`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from storj_monitor.core import (
    message_rows_life,
    message_rows_pieces,
    message_rows_satellites,
    message_rows_storage,
    message_rows_transfers,
)
from storj_monitor.core.errortexts import error_class, grave
from storj_monitor.core.message_row import KINDS, Message
from storj_monitor.core.otherlines import known_line

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KINDS", "ROWS", "Message", "Verdict", "find", "judge", "known", "known_line"]

ROWS: tuple[Message, ...] = (
    message_rows_transfers.ROWS
    + message_rows_life.ROWS
    + message_rows_satellites.ROWS
    + message_rows_pieces.ROWS
    + message_rows_storage.ROWS
)
"""The whole catalogue."""

ANY = "%s"
_GAPS = {"%s": "(.*)", "%q": '"(.*)"'}


def _pattern(match: str) -> re.Pattern[str]:
    parts = re.split("(%s|%q)", match)
    return re.compile("".join(_GAPS.get(part) or re.escape(part) for part in parts), re.DOTALL)


def _exact() -> dict[str, tuple[Message, ...]]:
    rows: dict[str, tuple[Message, ...]] = {}
    for row in ROWS:
        if not any(gap in row.match for gap in _GAPS):
            rows[row.match] = (*rows.get(row.match, ()), row)
    return rows


_EXACT = _exact()
_PATTERNS = tuple(
    (row.match[: row.match.index("%")], _pattern(row.match), row)
    for row in ROWS
    if row.match != ANY and any(gap in row.match for gap in _GAPS)
)
_BY_LOGGER = {logger: row for row in ROWS if row.match == ANY for logger in row.loggers}


def find(message: str, logger: str = "", level: str = "") -> Message | None:
    """The row of a message, None when no row knows it. `logger` and `level` only choose between equal messages."""
    rows = _EXACT.get(message) or _EXACT.get(message.strip())
    if rows is None:
        return _find_pattern(message.strip()) or _BY_LOGGER.get(logger)
    if len(rows) == 1:
        return rows[0]
    return max(rows, key=lambda row: (_is_of(row, logger), level in row.levels))


def _find_pattern(message: str) -> Message | None:
    for prefix, pattern, row in _PATTERNS:
        if message.startswith(prefix) and pattern.fullmatch(message):
            return row
    return None


def _is_of(row: Message, logger: str) -> bool:
    return logger in row.loggers or any(known and logger.startswith(f"{known}.") for known in row.loggers)


def known(message: str, logger: str = "", level: str = "") -> bool:
    """Whether a row knows the message: the canary's question."""
    return find(message, logger, level) is not None


def depends(row: Message) -> bool:
    """Whether a line of this message can be harmless by its error: without it nothing can be said."""
    return row.match.strip() in _HARMLESS


class Verdict(NamedTuple):
    """How much one line weighs: `severity` info, warning or critical; `benign` when it only looks bad."""

    severity: str
    benign: bool


_NOISE = Verdict("info", benign=True)
_WARNING = Verdict("warning", benign=False)
_CRITICAL = Verdict("critical", benign=False)

_WENT_AWAY = frozenset({"client_gone", "timeout", "protocol", "stopping"})
_PIECE_LOST = frozenset({"lost_piece", "damaged_piece", "disk"})
_HARMLESS = {
    "unable to delete piece": frozenset({"lost_piece"}),
    "couldn't migrate": frozenset({"lost_piece"}),
    "ping satellite failed": frozenset({"rate_limited"}),
    "upload failed": frozenset({"duplicate_piece"}),
}
_SCORE_FALLS = (("audit_score_delta", -0.0005), ("suspension_score_delta", 0.0), ("online_score_delta", -0.01))


def judge(row: Message | None, level: str = "", fields: Mapping[str, Any] | None = None) -> Verdict:
    """How much one line weighs, by its row (None: unknown), level and normalised fields (§2.1). Never raises.

    Looked at are `error`, `action`, `invalid_count` and the deltas of the scores.
    """
    fields = fields or {}
    error = str(fields.get("error") or "")
    if row is None:
        return _judge_unknown(level, error)
    if row.severity != "critical" and level == "DEBUG":
        return _NOISE
    if row.kind == "scores":
        return _judge_scores(row, fields)
    if row.kind == "transfer" and error:
        return _judge_transfer(row, error, str(fields.get("action", "")))
    return _judge_other(row, error, fields)


def _judge_unknown(level: str, error: str) -> Verdict:
    if level in {"FATAL", "PANIC", "DPANIC"} or (level != "DEBUG" and error and grave(error)):
        return _CRITICAL
    return _WARNING if level in {"ERROR", "WARN"} else Verdict("info", benign=False)


def _judge_scores(row: Message, fields: Mapping[str, Any]) -> Verdict:
    """Each poll logs a line, and a fall of 0.00001 counts as worse: only falls that mean something warn (§2.9)."""
    deltas = [(fields.get(key), limit) for key, limit in _SCORE_FALLS]
    numbers = [(delta, limit) for delta, limit in deltas if isinstance(delta, int | float)]
    if row.severity == "info" or not numbers:
        return Verdict(row.severity, row.benign)
    return _WARNING if any(delta < limit for delta, limit in numbers) else _NOISE


def _judge_transfer(row: Message, error: str, action: str) -> Verdict:
    """Lost races are noise, but not in audits; an audit or a piece that fails for another reason costs reputation."""
    name = error_class(error)
    audit = action == "GET_AUDIT"
    if name in _WENT_AWAY or name in _HARMLESS.get(row.match, ()):
        return _WARNING if audit else _NOISE
    if grave(error) or audit or (row.match == "download failed" and name in _PIECE_LOST):
        return _CRITICAL
    return Verdict(row.severity, row.benign)


def _judge_other(row: Message, error: str, fields: Mapping[str, Any]) -> Verdict:
    """Any other line: a stop of the node is noise, a failing disk or database critical wherever it appears."""
    if row.kind == "records_lost" and fields.get("invalid_count") == 0:
        return _NOISE
    if not error or row.kind in {"fatal", "crash"}:
        return Verdict(row.severity, row.benign)
    name = error_class(error)
    went_away = row.kind == "transfer_detail" and name in _WENT_AWAY
    if name == "stopping" or went_away or "context canceled" in error or name in _HARMLESS.get(row.match, ()):
        return _NOISE
    if grave(error):
        return _CRITICAL
    if row.severity == "info" and not row.benign:
        return _WARNING
    return Verdict(row.severity, row.benign)
