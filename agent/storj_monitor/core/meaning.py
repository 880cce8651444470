"""What the shape of a logged message means, in the words of the catalogue (`core.messages`, `core.errortexts`)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from storj_monitor.core import messages
from storj_monitor.core.errortexts import CLASSES, error_class

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.core.message_row import Message

UNKNOWN: dict[str, Any] = {
    "meaning": None, "next_step": None, "cause": None, "benign": False, "severity": None, "depends": False,
}  # fmt: skip


@lru_cache(maxsize=1024)
def explain(level: str, logger: str, text: str) -> dict[str, Any]:
    """`{meaning, next_step, cause, benign, severity, depends}` of a template `message: error`.

    `cause` is the class of its error in words, or None; `severity` and `benign` are those of a line of this shape that
    is no audit; `depends`: it may be harmless, by an error that the template does not hold. Texts are None of a message
    that no row knows. Remembered, as a page asks for the same ones again and again: not to be changed.
    """
    for message, error in _cuts(text):
        row = messages.find(message, logger, level)
        if row is not None:
            return _told(row, level, error)
    return UNKNOWN


def _cuts(text: str) -> Iterator[tuple[str, str]]:
    """The whole, then ever shorter heads with what follows them: messages hold colons themselves."""
    yield text, ""
    at = text.rfind(": ")
    while at > 0:
        yield text[:at], text[at + 2 :]
        yield text[: at + 1], text[at + 2 :]
        at = text.rfind(": ", 0, at)


def _told(row: Message, level: str, error: str) -> dict[str, Any]:
    verdict = messages.judge(row, level, {"error": error} if error else None)
    return {
        "meaning": row.meaning,
        "next_step": None if verdict.benign else row.next_step,
        "cause": CLASSES[error_class(error)] if error else None,
        "benign": verdict.benign,
        "severity": verdict.severity,
        "depends": not error and messages.depends(row),
    }
