"""What costs money now: one ranked table over nodes.

`usd_per_month` is what goes missing in a month while it lasts; garbage and dead bytes cost nothing while there is room
for paid data beside them, and `usd_when_full` says what they will. None where it cannot be reckoned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from storj_monitor.core import books, derive, money, readings, readings_host, storagetruth, utc, words
from storj_monitor.core.known import MAX_AGE, fresh
from storj_monitor.core.readings import GrowthReading, NodeReading
from storj_monitor.core.readings_host import OrdersReading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from storj_monitor.core.known import Readings
    from storj_monitor.core.readings import DiskSpace, Prices

MONTH = 30 * utc.DAY
FULL = 5 * 10**9
"""Free bytes below which a node tells the satellites that it is full; on a small node one per cent."""
SMALL = 0.01
"""Share of what is on disk below which garbage and dead bytes are no leak."""
LATE_ORDERS = 3 * 3600
"""Age of an orders file in seconds that says that settling is broken (agent/docs/storagenode.md §2.3)."""
TRANSFERS_MIN = 1000
"""Fewer in the time looked at say nothing about races."""
POINTS_MIN = 0.5
"""Percent points behind the best of one's nodes below which nothing is said."""
RACE_DAYS = 7

GARBAGE, DEAD, SUSPENDED, ORDERS, RACES, FULL_DISK = (
    "garbage", "dead_bytes", "suspended", "unsent_orders", "races_lost", "disk_full",
)  # fmt: skip

NEXT_STEPS = {
    GARBAGE: "It goes with the satellites' bloom filters: look whether garbage collections of this node come to their "
    "end, and do not restart it while one runs.",
    DEAD: "Compactions free it by themselves; if it does not shrink in two weeks, look for failed compactions and for "
    "free space on the disk, which they need.",
    SUSPENDED: "Find out why audits went wrong (disk, lost pieces, offline hours), mend that, keep the node online: "
    "the suspension ends by itself.",
    ORDERS: "Look in the log for `failed to settle orders`: clock, DNS or the way out to that satellite; orders "
    "that are not sent within two days are never paid.",
    RACES: "Compare disk, file system and connection with the better node; a slow disk loses most races.",
    FULL_DISK: "Allocate more of the disk if it has room, or start another node on another disk.",
}


class Leak(NamedTuple):
    """One row. `bytes` and `since` (epoch seconds) are None where they are not known or mean nothing."""

    kind: str
    node: str
    satellite: str | None
    bytes: int | None
    usd_per_month: float | None
    usd_when_full: float | None
    since: int | None
    text: str

    @property
    def next_step(self) -> str:
        """What to do about it."""
        return NEXT_STEPS[self.kind]


class Races(NamedTuple):
    """Transfers of one direction over some days: how many, how many ended well, and the mean size of those."""

    n: int
    ok: int
    mean: float

    @property
    def percent(self) -> float:
        """Of 100."""
        return 100 * self.ok / self.n


class Subject(NamedTuple):
    """One node as leaks look at it; `since`: kind of leak → when it began, from the history."""

    node: str
    known: Readings
    uploads: Races | None = None
    downloads: Races | None = None
    since: Mapping[str, int] = {}


def ranked(nodes: Sequence[Subject], now: float, name: Callable[[str], str]) -> list[Leak]:
    """All leaks of all nodes, the dearest first; what cannot be reckoned comes before what costs nothing yet."""
    found = [leak for each in nodes for leak in _of_node(each, now, name)]
    found += _races(nodes, now)
    return sorted(found, key=_rank)


def _rank(leak: Leak) -> tuple[float, float, str]:
    return -(0.000001 if leak.usd_per_month is None else leak.usd_per_month), -(leak.usd_when_full or 0), leak.node


def _of_node(each: Subject, now: float, name: Callable[[str], str]) -> Iterator[Leak]:
    accounts = books.accounts(each.known, now)
    disk = books.truth(each.known, accounts, now)
    price = _storage_price(each.known, accounts, now)
    if disk is not None:
        yield from _space(each, disk, price)
        yield from _full(each, disk.disk, price, now)
    yield from _suspended(each, accounts, now, name)
    yield from _orders(each, accounts, now, name)


# ---- space that nobody pays for ----


def _space(each: Subject, found: storagetruth.Truth, price: float | None) -> Iterator[Leak]:
    texts = {
        GARBAGE: (found.of(storagetruth.GARBAGE), "are garbage that is not collected yet"),
        DEAD: (found.disk.reclaimable, "are dead bytes of the hash store"),
    }
    for kind, (size, what) in texts.items():
        if size is None or size <= SMALL * (found.disk.used or 0):
            continue
        worth = None if price is None else money.worth(size, price) / money.MICRO
        full = is_full(found.disk)
        text = f"{words.size(size)} on {each.node} {what}{_worth_text(worth, full=full)}."
        yield Leak(kind, each.node, None, size, worth if full else 0.0, worth, each.since.get(kind), text)


def _worth_text(worth: float | None, *, full: bool) -> str:
    if worth is None:
        return ""
    if full:
        return f"; in their place paid data would earn {words.dollars(worth)} a month"
    return f"; they cost nothing while there is room, and {words.dollars(worth)} a month once the disk is full"


def _full(each: Subject, disk: DiskSpace, price: float | None, now: float) -> Iterator[Leak]:
    if not is_full(disk):
        return
    growth = fresh(each.known, readings.GROWTH, GrowthReading, now, MAX_AGE[readings.GROWTH])
    size = round(growth.likely * MONTH) if growth and growth.likely > 0 else None
    worth = None if size is None or price is None else money.worth(size, price) / money.MICRO
    text = f"{each.node} is full and takes no new data"
    if size is not None:
        text += f"; at the growth of the last 30 days it would have gained {words.size(size)} in a month"
    yield Leak(FULL_DISK, each.node, None, size, worth, worth, each.since.get(FULL_DISK), f"{text}.")


def is_full(disk: DiskSpace) -> bool:
    """Whether the satellites are told that the node takes nothing more."""
    return disk.free <= min(FULL, SMALL * disk.allocated)


def _storage_price(known: Readings, accounts: Iterable[books.Account], now: float) -> float | None:
    """Cents per TB and month, the mean over the satellites by what they store; None while none names a price."""
    rows = [(_prices(known, each, now), each.report.bytes if each.report else 0.0) for each in accounts]
    priced = [(prices.storage, weight) for prices, weight in rows if prices is not None]
    whole = sum(weight for _, weight in priced)
    if whole > 0:
        return sum(price * weight for price, weight in priced) / whole
    return sum(price for price, _ in priced) / len(priced) if priced else None


def _prices(known: Readings, each: books.Account, now: float) -> Prices | None:
    body = books.satellite_reading(known, each.satellite, now)
    return body.prices if body else None


# ---- satellites ----


def _suspended(
    each: Subject, accounts: Sequence[books.Account], now: float, name: Callable[[str], str]
) -> Iterator[Leak]:
    node = fresh(each.known, readings.NODE, NodeReading, now, MAX_AGE["standing"])
    for status, one in zip(node.satellites if node else (), accounts, strict=False):
        state = derive.satellite_values(each.known, status.satellite, now)["state"]
        if state not in {"suspended", "offline_suspended"}:
            continue
        lost = money.usd(one.end.earned) if one.end else None
        why = "for being offline" if state == "offline_suspended" else "for failed audits"
        text = f"{name(one.satellite)} has suspended {each.node} {why}: no new data, and the month may not be paid."
        yield Leak(SUSPENDED, each.node, one.satellite, None, lost, lost, status.suspended, text)


def _orders(each: Subject, accounts: Sequence[books.Account], now: float, name: Callable[[str], str]) -> Iterator[Leak]:
    body = fresh(each.known, readings_host.ORDERS, OrdersReading, now, utc.DAY)
    by_id = {one.satellite: one for one in accounts}
    for unsent in body.satellites if body else ():
        if now - unsent.oldest <= LATE_ORDERS:
            continue
        end = by_id[unsent.satellite].end if unsent.satellite in by_id else None
        lost = money.usd(end.egress + end.repair_audit) if end else None
        hours = int((now - unsent.oldest) / 3600)
        text = (
            f"{unsent.files} hours of orders of {name(unsent.satellite)} wait on {each.node}, the oldest for {hours} h."
        )
        yield Leak(ORDERS, each.node, unsent.satellite, _egress(each, unsent, now), lost, lost, unsent.oldest, text)


def _egress(each: Subject, unsent: readings_host.Unsent, now: float) -> int | None:
    """About how many bytes those orders are for: the month's mean rate over their hours."""
    body = books.satellite_reading(each.known, unsent.satellite, now)
    if body is None or body.egress is None:
        return None
    start = max(utc.month_start(body.at), body.joined or 0)
    return round(body.egress / max(1, body.at - start) * 3600 * unsent.files)


# ---- races ----


def _races(nodes: Sequence[Subject], now: float) -> Iterator[Leak]:
    """Behind the best of one's own nodes, download and upload apart: what the lost ones would have brought."""
    for direction in ("downloads", "uploads"):
        able = [(each, found) for each in nodes if (found := _enough(getattr(each, direction))) is not None]
        best_node, best = max(able, key=lambda pair: pair[1].percent, default=(None, None))
        for each, found in able:
            if best is None or best_node is None or best.percent - found.percent < POINTS_MIN:
                continue
            more = found.n * (best.percent - found.percent) / 100 * 30 / RACE_DAYS
            size = round(more * found.mean)
            price = _race_price(each, direction, now)
            worth = None if price is None else money.worth(size, price) / money.MICRO
            text = (
                f"{each.node} wins {found.percent:.1f} % of its {direction}, {best_node.node} {best.percent:.1f} %: "
                f"{more:,.0f} transfers a month."
            )
            yield Leak(RACES, each.node, None, size, worth, worth, None, text)


def _enough(found: Races | None) -> Races | None:
    return found if found is not None and found.n >= TRANSFERS_MIN and found.ok else None


def _race_price(each: Subject, direction: str, now: float) -> float | None:
    """Cents per TB: of egress for a download; of a month of storage for an upload, which is the least it brings."""
    accounts = books.accounts(each.known, now)
    if direction == "uploads":
        return _storage_price(each.known, accounts, now)
    prices = [found.egress for one in accounts if (found := _prices(each.known, one, now)) is not None]
    return sum(prices) / len(prices) if prices else None


def document(leaks: Sequence[Leak], name: Callable[[str], str]) -> dict[str, Any]:
    """`{usd_per_month, rows: [{kind, node, satellite, name, bytes, usd_per_month, usd_when_full, since, text,
    next_step}]}`, rows as ranked.
    """
    rows = [
        {
            **leak._asdict(),
            "usd_per_month": _rounded(leak.usd_per_month),
            "usd_when_full": _rounded(leak.usd_when_full),
            "name": name(leak.satellite) if leak.satellite else None,
            "next_step": leak.next_step,
        }
        for leak in leaks
    ]
    return {"usd_per_month": _rounded(sum(leak.usd_per_month or 0 for leak in leaks)), "rows": rows}


def _rounded(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 4)
