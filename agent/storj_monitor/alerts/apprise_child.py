"""A short-lived process that sends one message to one address with Apprise: `python -P -m …apprise_child`.

Apprise and what it needs take 50 MB: here they are gone again with the process. The message comes as JSON on standard
input, `{url, title, text, kind, check}` (`check`: only look at the address), the result leaves as `{ok, text}`. Nothing
secret is on the command line or in the environment; what may be in the result is taken out by the parent.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import sys
from typing import Any

_REASON = re.compile(r"Socket Exception: (?P<said>.*)", re.DOTALL)
_SMTP = re.compile(r"\((?P<code>\d{3}), b?['\"](?P<said>.*?)['\"](, .*)?\)", re.DOTALL)
_ERRNO = re.compile(r"\[Errno -?\d+\] (?P<said>[^')\]]+)")


class _Said(logging.Handler):
    """What Apprise says on the way; why a connection failed is among its debugging lines only."""

    def __init__(self) -> None:
        super().__init__()
        self.reasons: list[str] = []
        self.warnings: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        reason = _REASON.match(text)
        if reason is not None:
            self.reasons.append(shortened(reason["said"]))
        elif record.levelno >= logging.WARNING and "://" not in text:  # one that quotes the address says nothing else
            self.warnings.append(text)


def shortened(said: str) -> str:
    """A reason without the wrapping of Python's exceptions: `535 5.7.8 Authentication failed`."""
    smtp = _SMTP.search(said)
    if smtp is not None:
        return f"{smtp['code']} {smtp['said']}"
    errno = _ERRNO.search(said)
    return errno["said"].rstrip('"') if errno is not None else said


def send(order: dict[str, Any]) -> dict[str, Any]:
    """Do what standard input asks for."""
    import apprise  # noqa: PLC0415 - after the handler of the logger, and not when this module is only looked at

    target = apprise.Apprise()
    if not target.add(order["url"]):
        return {"ok": False, "text": "Apprise does not understand this address; its scheme or a part of it is wrong"}
    if order["check"]:
        return {"ok": True, "text": "Apprise understands the address"}
    ok = target.notify(
        body=order["text"], title=order["title"], notify_type=order["kind"], body_format=apprise.NotifyFormat.TEXT
    )
    return {"ok": bool(ok), "text": "sent"}


def main() -> None:
    """Read the order, carry it out, write the result."""
    with contextlib.suppress(OSError):  # the service may not change priorities; then the unit's own hold
        os.nice(5)
    said, logger = _Said(), logging.getLogger("apprise")
    logger.addHandler(said)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    result = send(json.load(sys.stdin))
    if not result["ok"]:
        words = dict.fromkeys(said.reasons or said.warnings)
        result["text"] = "; ".join(words) or result["text"]
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
