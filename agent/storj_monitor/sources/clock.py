"""How far this host's clock is off, by the `Date` of a web server that is not of this host.

The node's own console is no reference: it runs by the same clock. `Date` has whole seconds, so half a second is added
and remains, with half of the way there and back, as the margin.
"""

from __future__ import annotations

import email.utils
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from storj_monitor.core.readings_host import ClockReading
from storj_monitor.sources.poller import SourceError
from storj_monitor.sources.web import fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SECONDS = 30.0
MOST = 1 << 20


async def clock(url: str, now: Callable[[], float]) -> ClockReading:
    """Ask for the headers only and compare."""
    sent = now()
    answer = await fetch(url, what="the clock reference", seconds=SECONDS, most=MOST, method="HEAD")
    return compare(answer.headers, sent, now(), urlsplit(url).hostname or url)


def compare(headers: Mapping[str, str], sent: float, received: float, reference: str) -> ClockReading:
    """The clock's offset by an answer's headers; `Age` is what a cache has added. `SourceError` without a `Date`."""
    try:
        told = email.utils.parsedate_to_datetime(headers["Date"]).timestamp() + int(headers.get("Age", "0"))
    except (KeyError, ValueError, TypeError):
        raise SourceError(f"{reference} does not tell the time.") from None
    offset = (sent + received) / 2 - told - 0.5
    margin = 0.5 + (received - sent) / 2
    return ClockReading(at=int(received), offset=round(offset, 3), margin=round(margin, 3), reference=reference)


def say(body: Any) -> str:
    """One sentence for `check`."""
    if abs(body.offset) <= body.margin:
        return f"agrees with {body.reference} within {body.margin:.1f} s."
    return f"is {abs(body.offset):.1f} s {'ahead of' if body.offset > 0 else 'behind'} {body.reference}."
