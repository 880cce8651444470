"""For each rule a history in which it fires, and the nearest miss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.alerts.histories import DAY, EU1, HOUR, MINUTE, NOON, TB, US1, History, disk, satellite, stamp

from storj_monitor.core.facts import Down, Run
from storj_monitor.core.insight import Insight
from storj_monitor.core.readings import GrowthReading, PayoutMonth, PayoutReading, Paystub, PaystubsReading
from storj_monitor.core.readings_host import (
    Book,
    BooksReading,
    ClockReading,
    DebugReading,
    FilesystemReading,
    OrdersReading,
    Unsent,
    VersionsReading,
)

LOST = "hashstore: file does not exist"
SHORT = "requested more data than available, requesting=535040 available=3584"
BROKEN = "hashstore: read /app/storage/s1/log-2f: input/output error"
UNREADABLE = "pieces error: read /app/storage/blobs/x/y.sj1: is a directory"
LOCKED = "bandwidthdb: database is locked"
MOUNT = (
    "piecestore monitor: error verifying location and/or readability of storage directory: "
    "open /app/config/storage/storage-dir-verification: no such file or directory"
)
NO_SATELLITE = "system clock is out of sync: system clock is out of sync with all trusted satellites"


class Row(NamedTuple):
    """A history that raises exactly one alert, of this severity and these satellites, and one that just does not."""

    fires: Callable[[], History]
    misses: Callable[[], History]
    severity: str
    satellites: tuple[str, ...] = ()


# ---- what histories are made of ----


def sound(**options: Any) -> History:
    """A node that works: an answer of its API, a transfer."""
    history = History(**options)
    if history.api:
        history.sno()
        history.scores(us1=(1, 1, 1), eu1=(1, 1, 1))
    if history.log:
        history.starts()
        history.transfer(n=3)
    return history


def busy(history: History, seconds: int, step: int = MINUTE) -> History:
    """A transfer from each satellite before every look."""
    for _ in range(seconds // step):
        history.now += step
        history.transfer()
        history.transfer(satellite=EU1)
        history.look()
    return history


def after(prepare: Callable[[History], object], seconds: int = 0, **options: Any) -> Callable[[], History]:
    """A sound node, something that happens to it, and some time."""

    def history() -> History:
        made = sound(**options).pass_()
        prepare(made)
        return made.pass_(seconds)

    return history


def lines(n: int, message: str, level: str = "ERROR", logger: str = "", **fields: Any) -> Callable[[History], None]:
    def write(history: History) -> None:
        for _ in range(n):
            history.line(message, level, logger, **fields)

    return write


def answered(**changes: Any) -> Callable[[History], None]:
    return lambda history: history.sno(**changes)


def failed(action: str, error: str, n: int = 1) -> Callable[[History], None]:
    return lambda history: history.failed(action, error, n)


def scored(*us1: float) -> Callable[[History], None]:
    return lambda history: history.scores(us1=us1, eu1=(1, 1, 1))  # type: ignore[arg-type]


# ---- life ----


def goes_silent(seconds: int) -> Callable[[], History]:
    def history() -> History:
        made = busy(sound(), 5 * MINUTE)
        made.silent()
        return made.pass_(seconds)

    return history


def api_breaks_while_it_works() -> History:
    made = sound().pass_()
    made.silent()
    return busy(made, 19 * MINUTE)


def logs_stop(seconds: int, **options: Any) -> Callable[[], History]:
    return lambda: sound(**options).pass_(seconds)


def starts_again(n: int, every: int) -> Callable[[], History]:
    def history() -> History:
        made = sound()
        for _ in range(n - 1):
            made.pass_(every)
            made.starts()
        return made.pass_()

    return history


def refuses(error: str) -> Callable[[History], None]:
    def happens(history: History) -> None:
        history.now += 30
        history.line("Configuration loaded", location="/app/config/config.yaml")
        history.dies(error)

    return happens


def ends_and_comes_back(history: History) -> None:
    refuses(MOUNT)(history)
    history.now += 30
    history.starts()


def idles(before: int, *, transfers_after: bool) -> Callable[[], History]:
    """Transfers for a while, then four hours of lines without one."""

    def history() -> History:
        made = sound(api=False)
        made.transfer(n=before)
        for minute in range(240):
            made.pass_(MINUTE)
            if minute % 10 == 0:
                made.line("expired pieces collection started", logger="collector")
            if transfers_after and minute == 120:
                made.transfer()
        return made

    return history


def fell_silent(source: str, body: Any, *, asked: bool = True) -> Callable[[], History]:
    def history() -> History:
        made = sound(log=False)
        made.read(source, body)
        if asked:
            made.state.read(Down(source, NOON + MINUTE, "timed out"))
        return made.pass_(HOUR + 10 * MINUTE)

    return history


# ---- satellites ----


def unreached(hours: int, *satellites: str) -> Callable[[], History]:
    """Check-ins at some satellites fail for so many hours; the others go on."""

    def history() -> History:
        made = sound()
        made.pass_()
        for _ in range(hours * 6):
            made.now += 10 * MINUTE
            for each in {US1, EU1} - set(satellites):
                made.transfer(satellite=each)
            for each in satellites:
                if (made.now - NOON) % HOUR == 0:
                    made.line("retries timed out for this cycle", logger="contact:service", satellite_id=each)
                made.line("ping satellite failed ", "ERROR", "contact:service", satellite_id=each, error="dial tcp: x")
            made.look()
        return made

    return history


def settles(*ends: bool) -> Callable[[], History]:
    """Hourly sendings of orders that succeed or fail."""

    def history() -> History:
        made = sound(api=False).pass_()
        for well in ends:
            busy(made, HOUR - 10 * MINUTE, 10 * MINUTE)
            made.now += 10 * MINUTE
            if not well:
                made.line(
                    "failed to settle orders for satellite", "ERROR", "orders", satelliteID=US1, satellite_id=US1,
                    error="order: failed to start settlement: rpc: dial tcp: x",
                )  # fmt: skip
            made.line("finished", logger="orders", satelliteID=US1, count=40)
            made.pass_()
        return made

    return history


def audited(minutes: int, n: int) -> Callable[[], History]:
    """Audits that take so long, by a log that shows their starts."""

    def history() -> History:
        made = sound(api=False).pass_()
        for number in range(n):
            fields: dict[str, Any] = {
                "piece_id": f"SLOW{number:048d}",
                "satellite_id": US1,
                "action": "GET_AUDIT",
                "offset": 0,
            }
            made.line("download started", "INFO", "piecestore", **fields, size=256, remote_address="203.0.113.7:4001")
            busy(made, minutes * MINUTE)
            made.line("downloaded", "INFO", "piecestore", **fields, size=256, remote_address="203.0.113.7:4001")
        return made.pass_()

    return history


def collected(days: int) -> Callable[[], History]:
    def history() -> History:
        made = sound(now=NOON + days * DAY)
        made.state.runs.add([Run("gc", NOON - HOUR, US1, "", NOON, ok=True)])
        return made.pass_(MINUTE)

    return history


def unusual(metric: str, satellite_id: str = US1) -> Callable[[History], None]:
    text = "Upload success at us1 is 91.2 %, usually 97.9 to 98.8 %."
    found = Insight(metric, "attic", satellite_id, 91.2, 98.4, 97.9, 98.8, NOON - HOUR, text)
    return lambda history: history.insights.append(found)


# ---- other sources ----


def folder(**state: Any) -> Callable[[History], None]:
    return lambda history: history.read("filesystem", FilesystemReading(at=NOON, path="/mnt/a", **state))


def grows(days: float) -> Callable[[History], None]:
    """At a pace that fills the 7 TB that are left in so many days."""
    pace = 7 * TB / (days * DAY)
    return lambda history: history.read(
        "growth", GrowthReading(at=NOON, likely=pace, low=pace, high=pace, points=30, days=15)
    )


def orders_wait(hours: int) -> Callable[[History], None]:
    unsent = Unsent(satellite=US1, files=9, bytes=9000, oldest=NOON - hours * HOUR)
    return lambda history: history.read("orders", OrdersReading(at=NOON, satellites=(unsent,)))


def clock(offset: float, margin: float = 2.0) -> Callable[[History], None]:
    return lambda history: history.read("clock", ClockReading(at=NOON, offset=offset, margin=margin, reference="us1"))


def offered(days: int) -> Callable[[], History]:
    def history() -> History:
        made = sound(log=False)
        for _ in range(days * 4):
            offer = VersionsReading(
                at=made.now, minimum="1.115.5", suggested="1.163.2", seed="8f" * 32, cursor="ff" * 32
            )
            made.read("versions", offer)
            made.pass_(6 * HOUR, 2 * MINUTE)
        return made

    return history


def paid(share: float, *, of: float = 10.0, waits_for: str = "") -> Callable[[History], None]:
    """Last month paid this share of what was estimated; `waits_for` a satellite whose statement is not there."""

    def happens(history: History) -> None:
        stubs = [stub("2026-09", US1, of / 2), stub("2026-09", EU1, of / 2)]
        stubs += [stub("2026-10", each, of / 2 * share) for each in (US1, EU1) if each != waits_for]
        history.read("paystubs", PaystubsReading(at=NOON, first="2026-09", stubs=tuple(stubs)))
        month = PayoutMonth(0, 0, 0.0, 0, 0, 0, round(of * 1e6), 0)
        history.read("payout", PayoutReading(at=NOON, previous=month))

    return happens


def stub(period: str, satellite_id: str, dollars: float) -> Paystub:
    micro = round(dollars * 1e6)
    amounts = {key: 0 for key in Paystub.__struct_fields__ if key not in {"satellite", "period", "created", "codes"}}
    amounts |= {"storage_pay": micro, "owed": micro, "paid": micro}
    return Paystub(satellite=satellite_id, period=period, created=None, codes="", **amounts)


def agent(seconds: int, **known: Any) -> Callable[[], History]:
    return lambda: History().agent(seconds, **known)


def unknown_lines(share: float) -> Callable[[], History]:
    def history() -> History:
        made = sound(api=False)
        for _ in range(12):
            made.now += MINUTE
            made.transfer(n=round(100 * (1 - share)))
            lines(round(100 * share), "something that nobody has ever read", "INFO", "new")(made)
            made.look()
        return made

    return history


def locked_late(history: History) -> None:
    """Two errors now, one after three hours."""
    lines(2, "Could not persist bandwidth cache to db", logger="bandwidth", error=LOCKED)(history)
    busy(history, 3 * HOUR, 10 * MINUTE)
    lines(1, "Could not persist bandwidth cache to db", logger="bandwidth", error=LOCKED)(history)


DQ, SUSPENDED = {"disqualified": stamp(NOON - HOUR)}, {"suspended": stamp(NOON - HOUR)}


def both(us1: dict[str, Any]) -> Callable[[History], None]:
    return answered(satellites=[satellite(US1, **us1), satellite(EU1)])


def review(*, begun: int | None) -> Callable[[History], None]:
    books = BooksReading(at=NOON, satellites=(Book(satellite=US1, offline_suspended=begun, under_review=NOON),))
    return lambda history: history.read("books", books)


CONTACT = {"lastPinged": stamp(NOON - 2 * HOUR)}
HISTORIES: dict[str, Row] = {
    "node_down": Row(goes_silent(10 * MINUTE), goes_silent(9 * MINUTE), "critical"),
    "node_refuses_to_start": Row(after(refuses(MOUNT), 60), after(ends_and_comes_back, 60), "critical"),
    "node_restarting": Row(starts_again(3, 4 * MINUTE), starts_again(3, 6 * MINUTE), "warning"),
    "node_silent": Row(logs_stop(75 * MINUTE, api=False), logs_stop(74 * MINUTE, api=False), "critical"),
    "no_traffic": Row(idles(100, transfers_after=False), idles(100, transfers_after=True), "warning"),
    "no_data": Row(
        fell_silent("debug", DebugReading(at=NOON)), fell_silent("debug", DebugReading(at=NOON), asked=False), "warning"
    ),
    "clock_wrong": Row(after(clock(75), 10 * MINUTE), after(clock(61), 10 * MINUTE), "warning"),
    "quic": Row(
        after(answered(quicStatus="Misconfigured"), 10 * MINUTE),
        after(answered(quicStatus="Misconfigured"), 9 * MINUTE),
        "warning",
    ),
    "version_minimum": Row(after(answered(version="1.115.4")), after(answered(version="1.115.5")), "critical"),
    "version_due": Row(offered(4), offered(2), "info"),
    "log_unknown": Row(unknown_lines(0.06), unknown_lines(0.04), "warning"),
    "payout_low": Row(after(paid(0.85)), after(paid(0.93)), "warning"),
    "storage_gone": Row(
        after(folder(present=False), MINUTE), after(folder(present=True, read_only=False), MINUTE), "critical"
    ),
    "disk_failing": Row(after(failed("GET", BROKEN)), after(failed("GET", "unexpected EOF", 20)), "warning"),
    "disk_full": Row(
        after(answered(diskSpace=disk(7.7)), log=False), after(answered(diskSpace=disk(7.1)), log=False), "critical"
    ),
    "disk_forecast": Row(after(grows(13)), after(grows(15)), "warning"),
    "disk_overused": Row(after(answered(diskSpace=disk(8.2))), after(answered(diskSpace=disk(7.0))), "warning"),
    "database_locked": Row(
        after(lines(3, "Could not persist bandwidth cache to db", logger="bandwidth", error=LOCKED)),
        after(locked_late),
        "warning",
    ),
    "database_damaged": Row(
        after(lines(1, "x", logger="bandwidth", error="bandwidthdb: database disk image is malformed")),
        after(lines(1, "x", logger="bandwidth", error="bandwidthdb: no such table")),
        "critical",
    ),
    "orders_old": Row(after(orders_wait(6)), after(orders_wait(5)), "warning"),
    "compaction_failing": Row(
        after(lines(2, "compaction failed", logger="hashstore", error="hashstore: hash table is full")),
        after(lines(1, "compaction failed", logger="hashstore", error="hashstore: hash table is full")),
        "warning",
    ),
    "migration_stuck": Row(
        after(lines(20, "couldn't migrate", logger="piecemigrate:chore", sat=US1, error="permission denied")),
        after(lines(99, "couldn't migrate", logger="piecemigrate:chore", sat=US1, error="file does not exist")),
        "warning",
    ),
    "records_lost": Row(
        after(lines(1, "reconciled log with invalid records", "WARN", "hashstore", id=7, path="x", invalid_count=3)),
        after(lines(1, "unclean shutdown detected: reconciling logs", "INFO", "hashstore")),
        "critical",
    ),
    "disqualified": Row(after(both(DQ)), after(both({"disqualified": stamp(NOON - 31 * DAY)})), "critical", ("us1",)),
    "suspended": Row(after(both(SUSPENDED)), after(both({"suspended": None})), "critical", ("us1",)),
    "offline_suspended": Row(after(review(begun=NOON)), after(review(begun=None)), "critical", ("us1",)),
    "audit_score": Row(after(scored(0.9995, 1, 1)), after(scored(0.9996, 1, 1)), "warning", ("us1",)),
    "suspension_score": Row(after(scored(1, 0.95, 1)), after(scored(1, 0.951, 1)), "warning", ("us1",)),
    "online_score": Row(after(scored(1, 1, 0.95)), after(scored(1, 1, 0.951)), "warning", ("us1",)),
    "audit_failed": Row(
        after(failed("GET_AUDIT", "something new")), after(failed("GET_AUDIT", "context canceled")), "warning", ("us1",)
    ),
    "audit_slow": Row(audited(6, 3), audited(4, 3), "warning", ("us1",)),
    "piece_lost": Row(after(failed("GET", LOST)), after(failed("GET", "broken pipe")), "warning", ("us1",)),
    "piece_damaged": Row(after(failed("GET", SHORT)), after(failed("GET", "unexpected EOF")), "warning", ("us1",)),
    "satellite_unreachable": Row(unreached(2, US1), unreached(1, US1), "warning", ("us1",)),
    "orders_unsent": Row(settles(False, False), settles(False, True, False), "critical", ("us1",)),
    "gc_stalled": Row(collected(30), collected(29), "warning", ("us1",)),
    "success_rate": Row(after(unusual("upload_success")), after(lambda _: None), "warning", ("us1",)),
    "traffic_unusual": Row(after(unusual("ingress_rate")), after(lambda _: None), "warning", ("us1",)),
    "agent_broker": Row(
        agent(5 * MINUTE, broker_down="The broker does not answer."),
        agent(4 * MINUTE, broker_down="The broker does not answer."),
        "warning",
    ),
    "agent_disk": Row(agent(MINUTE, disk_free=199_000_000), agent(MINUTE, disk_free=200_000_000), "critical"),
    "agent_lag": Row(agent(10 * MINUTE, lag=5.0), agent(10 * MINUTE, lag=4.9), "warning"),
    "agent_conflict": Row(agent(MINUTE, conflicts={"attic": "pi"}), agent(0, conflicts={"attic": "pi"}), "warning"),
    "agent_offline": Row(agent(0, away={"pi": NOON}), agent(0), "critical"),
}
