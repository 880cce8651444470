"""The six blocks of success rates that operators know: same words, same order (agent/docs/ecosystem.md §2.3).

Rates have three digits, and are 0.000% where there is nothing to rate. An audit failed critically when its piece is
lost; DELETE is 0 on nodes whose pieces all lie in a hash store.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

LOST = "failed:GET_AUDIT:lost_piece"
"""The series of audits that failed because the piece is gone."""
DELETED = frozenset({"deleted", "deleted expired piece", "delete piece"})
DELETE_FAILED = "delete failed"

Cells = Mapping[tuple[str, str], int]
"""(action, outcome) → how many."""


class Line(NamedTuple):
    """A count and its rate: `part` of `whole`, under the script's two words and a key for JSON."""

    word: str
    rate_word: str
    key: str
    part: int
    whole: int

    @property
    def rate(self) -> float:
        """Percent; 0 of nothing is 0."""
        return 100 * self.part / self.whole if self.whole else 0.0


class Block(NamedTuple):
    """One heading and its lines; `accepted` begins with the lines under the second heading of UPLOAD."""

    title: str
    lines: tuple[Line, ...]
    accepted: tuple[Line, ...] = ()


def blocks(cells: Cells, *, lost: int = 0, deleted: int = 0, delete_failed: int = 0) -> tuple[Block, ...]:
    """The six, from counts of transfers, of audits whose piece is lost, and of deletions."""
    failed = cells.get(("GET_AUDIT", "failed"), 0)
    rejected = sum(n for (_, outcome), n in cells.items() if outcome == "rejected")
    upload = _transfers(cells, "PUT")
    accepted = upload[0].whole
    deletes = deleted + delete_failed
    return (
        Block("AUDIT", _audit(cells.get(("GET_AUDIT", "ok"), 0), min(lost, failed), failed)),
        Block("DOWNLOAD", _transfers(cells, "GET")),
        Block("UPLOAD", (Line("Rejected", "Acceptance Rate", "rejected", rejected, accepted + rejected),), upload),
        Block("REPAIR DOWNLOAD", _transfers(cells, "GET_REPAIR")),
        Block("REPAIR UPLOAD", _transfers(cells, "PUT_REPAIR")),
        Block(
            "DELETE",
            (
                Line("Failed", "Fail Rate", "failed", delete_failed, deletes),
                Line("Successful", "Success Rate", "successful", deleted, deletes),
            ),
        ),
    )


def _audit(ok: int, lost: int, failed: int) -> tuple[Line, ...]:
    whole = ok + failed
    return (
        Line("Critically failed", "Critical Fail Rate", "critically_failed", lost, whole),
        Line("Recoverable failed", "Recoverable Fail Rate", "recoverable_failed", failed - lost, whole),
        Line("Successful", "Success Rate", "successful", ok, whole),
    )


def _transfers(cells: Cells, action: str) -> tuple[Line, ...]:
    failed, canceled, ok = (cells.get((action, outcome), 0) for outcome in ("failed", "canceled", "ok"))
    whole = failed + canceled + ok
    return (
        Line("Failed", "Fail Rate", "failed", failed, whole),
        Line("Canceled", "Cancel Rate", "canceled", canceled, whole),
        Line("Successful", "Success Rate", "successful", ok, whole),
    )


def _shown(line: Line) -> float:
    """The rate under a line's second word: of the rejected ones it is that of the others."""
    if line.key != "rejected":
        return line.rate
    return 100 - line.rate if line.whole else 0.0


def text(found: tuple[Block, ...]) -> str:
    """The blocks as the script prints them, without its colours."""
    rows: list[str] = []
    for block in found:
        rows += [f"{f'========== {block.title} ':=<31}", *_rows(block.lines)]
        if block.accepted:
            rows += ["---------- accepted -----------", *_rows(block.accepted)]
    return "\n".join(rows)


def _rows(lines: tuple[Line, ...]) -> list[str]:
    pairs = [(f"{line.word}:", str(line.part), f"{line.rate_word}:", f"{_shown(line):.3f}%") for line in lines]
    return [f"{word:<22} {value}" for pair in pairs for word, value in (pair[:2], pair[2:])]


def document(found: tuple[Block, ...]) -> dict[str, dict[str, Any]]:
    """`{audit: {critically_failed, critical_fail_rate, …}, download: …}`: counts, and rates in percent."""
    return {
        block.title.lower().replace(" ", "_"): {
            key: value
            for line in (*block.lines, *block.accepted)
            for key, value in ((line.key, line.part), (_snake(line.rate_word), round(_shown(line), 3)))
        }
        for block in found
    }


def _snake(words: str) -> str:
    return words.lower().replace(" ", "_")
