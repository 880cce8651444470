"""Where months were paid: which to ask for, and the page that shows a transaction (agent/docs/storagenode.md §3.6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from storj_monitor.core import utc
from storj_monitor.core.readings import ReceiptsReading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_monitor.core.readings import PaystubsReading, Receipt

PAGES = {
    "eth": "https://etherscan.io/tx/{}",
    "zksync-era": "https://explorer.zksync.io/tx/{}",
    "zksync": "https://zkscan.io/explorer/transactions/{}",
    "zkwithdraw": "https://zkscan.io/explorer/transactions/{}",
    "polygon": "https://polygonscan.com/tx/{}",
}
"""Prefix of a receipt → the public page of its transaction."""
AGAIN = utc.DAY
"""Seconds until a month without all its receipts is asked again."""
PATIENCE = 92 * utc.DAY
"""Seconds after which a month that has none will never have one."""

_HASH = re.compile(r"0x[0-9A-Fa-f]{1,64}", re.ASCII)


def split(receipt: str) -> tuple[str, str]:
    """`zksync:0x…` → (`zksync`, `0x…`); ("", "") for anything else, so that nothing odd becomes a link."""
    kind, _, transaction = receipt.partition(":")
    return (kind, transaction) if kind in PAGES and _HASH.fullmatch(transaction) else ("", "")


def link(receipt: Receipt) -> str | None:
    """The page of a transaction; None where there is no such page."""
    page = PAGES.get(receipt.kind)
    return page.format(receipt.transaction) if page else None


def wanted(stubs: PaystubsReading | None, known: ReceiptsReading | None, now: float) -> str | None:
    """The month to ask for next, the newest first; None when every receipt is known or was looked for lately."""
    if stubs is None:
        return None
    known = known or ReceiptsReading(at=0)
    told = {(each.satellite, each.period) for each in known.receipts}
    open_ = {stub.period for stub in stubs.stubs if stub.distributed > 0 and (stub.satellite, stub.period) not in told}
    return max((period for period in open_ if _due(known.asked.get(period), period, now)), default=None)


def _due(asked: int | None, period: str, now: float) -> bool:
    if asked is None:
        return True
    return now - asked >= AGAIN and asked - (utc.epoch(f"{period}-01T00:00:00Z") or 0) < PATIENCE


def merged(known: ReceiptsReading | None, period: str, found: Sequence[Receipt], at: int) -> ReceiptsReading:
    """What is known, with the answer for one month."""
    old = known or ReceiptsReading(at=at)
    kept = tuple(each for each in old.receipts if each.period != period)
    receipts = sorted((*kept, *found), key=lambda each: (each.period, each.satellite))
    return ReceiptsReading(at=at, receipts=tuple(receipts), asked=old.asked | {period: at})
