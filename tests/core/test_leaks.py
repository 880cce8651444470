"""Each kind of leak with its arithmetic, and their order."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.core.recorded import LAST, NOVEMBER_23, answers

from storj_monitor.core import leaks, readings
from storj_monitor.core.facts import Reading
from storj_monitor.core.leaks import Leak, Races, Subject
from storj_monitor.core.readings import (
    DiskSpace,
    GrowthReading,
    NodeReading,
    Prices,
    SatelliteReading,
    SatelliteStatus,
    Scores,
    StorageDay,
    TrafficDay,
)
from storj_monitor.core.readings_host import OrdersReading, Unsent

TB, GB, DAY, HOUR = 10**12, 10**9, 86400, 3600
US1 = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S"
ROOM = DiskSpace(8 * TB, 5 * TB, 0, 3 * TB, 0, 0)
FULL = DiskSpace(5 * TB, 5 * TB, 0, 0, 0, 0)


def known(disk: DiskSpace = ROOM, stored: float = 5 * TB, **more: Any) -> dict[str, Reading]:
    """One satellite that tallied yesterday, 150 cents a TB·month and 200 a TB of egress; nothing came in since."""
    status = SatelliteStatus(US1, "us1:7777", vetted=1, suspended=more.pop("suspended", None))
    bodies: dict[str, readings.Body] = {
        "node": NodeReading(at=LAST, node_id="1x", version="1.162.3", version_minimum="", disk=disk,
                            satellites=(status,)),
        readings.satellite_source(US1): SatelliteReading(
            at=LAST, satellite=US1, scores=Scores("us1:7777"), prices=Prices(150, 200, 200, 200),
            joined=1_600_000_000, egress=1_932 * GB,
            traffic=(TrafficDay(NOVEMBER_23 - 9 * DAY, 0, 0, 1_932 * GB, 0, 0),),
            storage=(StorageDay(NOVEMBER_23 - DAY, stored * 22 * 24, stored, 22 * 24),),
        ),
        **more,
    }  # fmt: skip
    return {source: Reading(source, body.at, body) for source, body in bodies.items()}


def ranked(*nodes: Subject) -> list[Leak]:
    return leaks.ranked(nodes, LAST, {US1: "us1"}.__getitem__)


def test_a_sound_node_has_none() -> None:
    assert ranked(Subject("attic", known())) == []
    assert ranked(Subject("attic", {})) == []
    assert leaks.document([], str) == {"usd_per_month": 0, "rows": []}


def test_garbage_costs_nothing_until_the_disk_is_full() -> None:
    """5 TB on disk, 3.8 TB reported: 1.2 TB × $1.50 are $1.80 a month."""
    (leak,) = ranked(Subject("attic", known(stored=3.8 * TB), since={"garbage": 77}))
    assert (leak.kind, leak.bytes, leak.usd_per_month, leak.since) == ("garbage", 1.2 * TB, 0, 77)
    assert leak.usd_when_full == pytest.approx(1.8)
    assert leak.text == (
        "1.20 TB on attic are garbage that is not collected yet; they cost nothing while there is room, and $1.80 a "
        "month once the disk is full."
    )
    garbage, full = ranked(Subject("attic", known(FULL, 3.8 * TB)))
    assert garbage.kind == "garbage"
    assert garbage.usd_per_month == pytest.approx(1.8)
    assert (full.kind, full.usd_per_month, full.bytes) == ("disk_full", None, None)


def test_a_hundredth_of_the_disk_is_no_leak() -> None:
    assert ranked(Subject("attic", known(stored=4.95 * TB))) == []


def test_dead_bytes() -> None:
    disk = DiskSpace(5 * TB, 5 * TB, 0, 0, 0, 400 * GB)
    (dead, _) = ranked(Subject("attic", known(disk, 4.6 * TB)))
    assert (dead.kind, dead.bytes) == ("dead_bytes", 400 * GB)
    assert dead.usd_per_month == pytest.approx(0.6)
    assert "compactions" in dead.next_step.lower()


def test_a_full_disk_costs_the_growth_it_does_not_take() -> None:
    """20 GB a day are 600 GB in 30 days, × $1.50 = $0.90 a month."""
    growth = GrowthReading(at=LAST, likely=20 * GB / DAY, low=0, high=1, points=9, days=20)
    (leak,) = ranked(Subject("attic", known(FULL, growth=growth), since={"disk_full": 5}))
    assert (leak.kind, leak.bytes, leak.since) == ("disk_full", 600 * GB, 5)
    assert leak.usd_per_month == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("disk", "full"),
    [
        (DiskSpace(8 * TB, 0, 0, 5 * GB, 0), True),
        (DiskSpace(8 * TB, 0, 0, 5 * GB + 1, 0), False),
        (DiskSpace(2 * GB, 0, 0, 20_000_000, 0), True),
        (DiskSpace(2 * GB, 0, 0, 2 * GB - 1, 0), False),
    ],
)
def test_full_is_what_the_node_reports_as_full(disk: DiskSpace, full: bool) -> None:
    assert leaks.is_full(disk) is full


def test_a_suspended_satellite_costs_its_month() -> None:
    """5 TB·months × $1.50, and 1 932 GB in 1 932 000 s: 1 MB/s for 2 592 000 s are 2.592 TB × $2."""
    (leak,) = ranked(Subject("attic", known(suspended=123)))
    assert (leak.kind, leak.satellite, leak.since, leak.bytes) == ("suspended", US1, 123, None)
    assert leak.usd_per_month == pytest.approx(7.5 + 5.184)
    assert "us1 has suspended attic" in leak.text


def test_orders_that_wait_cost_the_traffic_of_their_satellite() -> None:
    def waiting(hours: float) -> list[Leak]:
        unsent = Unsent(US1, 6, 5000, int(LAST - hours * HOUR))
        return ranked(Subject("attic", known(orders=OrdersReading(at=LAST, satellites=(unsent,)))))

    assert waiting(3) == []
    (leak,) = waiting(7.5)
    assert (leak.kind, leak.satellite, leak.since) == ("unsent_orders", US1, LAST - 7.5 * HOUR)
    assert leak.usd_per_month == pytest.approx(5.184)
    assert leak.bytes == 6 * HOUR * 10**6, "six hours at 1 MB/s"
    assert leak.text == "6 hours of orders of us1 wait on attic, the oldest for 7 h."


def test_races_are_compared_with_the_best_of_ones_own() -> None:
    """Of 7 000 uploads in 7 days 6 300 and 6 860 are won: 8 points are 560, in 30 days 2 400, of 2 MB each: 4.8 GB."""
    slow = Subject("attic", known(), uploads=Races(7000, 6300, 2e6), downloads=Races(7000, 6950, 1e6))
    quick = Subject("cellar", known(), uploads=Races(7000, 6860, 2e6), downloads=Races(7000, 6972, 1e6))
    few = Subject("shed", known(), uploads=Races(900, 900, 2e6))
    (leak,) = ranked(slow, quick, few)
    assert (leak.kind, leak.node, leak.bytes) == ("races_lost", "attic", 4_800_000_000)
    assert leak.usd_per_month == pytest.approx(4.8 * 0.0015)
    assert leak.text == "attic wins 90.0 % of its uploads, cellar 98.0 %: 2,400 transfers a month."
    assert ranked(slow) == [], "nothing to compare with"


def test_the_dearest_comes_first_and_what_is_not_known_before_what_costs_nothing() -> None:
    found = ranked(
        Subject("roof", known(stored=3 * TB)),
        Subject("attic", known(FULL)),
        Subject("cellar", known(suspended=1)),
        Subject("shed", known(FULL, 4 * TB)),
    )
    assert [(each.node, each.kind) for each in found] == [
        ("cellar", "suspended"), ("shed", "garbage"), ("attic", "disk_full"), ("shed", "disk_full"),
        ("roof", "garbage"),
    ]  # fmt: skip
    made = leaks.document(found, {US1: "us1"}.__getitem__)
    assert made["usd_per_month"] == pytest.approx(7.5 + 5.184 + 1.5)
    assert [set(row) for row in made["rows"]] == [
        {"kind", "node", "satellite", "name", "bytes", "usd_per_month", "usd_when_full", "since", "text", "next_step"}
    ] * 5
    assert all(len(row["text"]) <= 300 and len(row["next_step"]) <= 300 for row in made["rows"])
    msgspec.json.encode(made)


def test_recorded_nodes() -> None:
    found = {name: ranked_recorded(name) for name in ("1.142.7-suspended", "1.121.8-overused", "1.162.3-healthy")}
    assert [leak.kind for leak in found["1.142.7-suspended"]] == ["suspended", "suspended"]
    assert [leak.kind for leak in found["1.121.8-overused"]] == ["disk_full"]
    assert found["1.162.3-healthy"] == []
    (hashstore,) = ranked_recorded("1.162.3-hashstore-payouts")
    # 400195904 dead bytes × 149 cents a TB·month
    assert (hashstore.kind, hashstore.bytes) == ("dead_bytes", 400195904)
    assert hashstore.usd_when_full == pytest.approx(400195904 * 1.49 / TB)


def ranked_recorded(name: str) -> list[Leak]:
    return leaks.ranked([Subject(name, answers(name))], LAST, lambda each: each[:4])
