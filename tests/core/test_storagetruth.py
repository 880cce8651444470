"""Disk against reports: by hand, and for every recorded node with its arithmetic."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from tests.core.recorded import FOLDERS, NOVEMBER_23, answers

from storj_monitor.core import books, storagetruth
from storj_monitor.core.readings import DiskSpace, SatelliteReading, Scores, StorageDay, TrafficDay
from storj_monitor.core.storagetruth import Reported

GB = 10**9
DAY = 86400
DAY_20, DAY_22 = NOVEMBER_23 - 3 * DAY, NOVEMBER_23 - DAY


class Case(NamedTuple):
    """What one recorded node holds, as a person adds it up from its answers."""

    allocated: int
    used: int
    free: int
    trash: int
    dead: int | None
    reported: float
    came_in: int
    full_percent: float
    garbage: int | None = None


CASES = {
    # up to 1.142: on disk = used + trash, free = available − that; reported and came in: satellite 0 + satellite 1
    "1.98.3-healthy": Case(
        2000000000, 347025408 + 54269696, 2000000000 - 347025408 - 54269696, 54269696, None,
        243016.07591763837 + 64851.78307386532, 161648896 + 253403136, 100 * (347025408 + 54269696) / 2e9,
    ),
    "1.98.3-payouts": Case(
        2000000000, 481325312 + 56739584, 2000000000 - 481325312 - 56739584, 56739584, None,
        703487.5900929441 + 371406.3064775243, 225692672 + 326204416, 100 * (481325312 + 56739584) / 2e9,
    ),
    "1.115.6-healthy": Case(
        2000000000, 347051008 + 46705408, 2000000000 - 347051008 - 46705408, 46705408, None,
        240677.03151432934 + 91713.21121764962, 148126976 + 252606976, 100 * (347051008 + 46705408) / 2e9,
    ),
    "1.121.8-offline": Case(
        2000000000, 394201600 + 49513472, 2000000000 - 394201600 - 49513472, 49513472, None,
        3593378.749572379 + 2667833.223073737, 247383552 + 1105920 + 332688896 + 4331008,
        100 * (394201600 + 49513472) / 2e9,
    ),
    # 100 MB allocated, 438.5 MB on disk: nothing free, full
    "1.121.8-overused": Case(
        100000000, 389016832 + 49513472, 0, 49513472, None,
        817580.195104974 + 531118.871001352, 223353600 + 332688896, 100.0,
    ),
    "1.137.5-healthy": Case(
        2000000000, 349577728 + 42527488, 2000000000 - 349577728 - 42527488, 42527488, None,
        233995.1149402041 + 97764.74734815503, 143929088 + 254582272, 100 * (349577728 + 42527488) / 2e9,
    ),
    "1.142.7-suspended": Case(
        566231040, 387335936 + 51583232, 566231040 - 387335936 - 51583232, 51583232, None,
        1434743.183366697 + 1187348.202666762, 214722048 + 335458048, 100 * (387335936 + 51583232) / 566231040,
    ),
    # from 1.143 on: on disk = used, free = available; dead bytes are not known before 1.147
    "1.145.3-healthy": Case(
        2000000000, 407280640, 1592719360, 49600768, None,
        241147.2840080509 + 98148.34587239982, 153475328 + 261598976, 100 * (2000000000 - 1592719360) / 2e9,
    ),
    # 885 242 624 live − 6 462 750 reported − 615 717 888 arrived that day
    "1.145.3-repair-payouts": Case(
        2000000000, 934843392, 1065156608, 49600768, None,
        3406956.325970896 + 3055793.617161997, 238492928 + 18937344 + 323097600 + 35190016,
        100 * (2000000000 - 1065156608) / 2e9, garbage=885242624 - 6462750 - 615717888,
    ),
    "1.146.10-healthy": Case(
        2000000000, 298572288, 1701427712, 52153344, None,
        236932.42260273875 + 25325.405162672487, 150808576 + 153082368, 100 * (2000000000 - 1701427712) / 2e9,
    ),
    "1.162.3-healthy": Case(
        2000000000, 392398336, 1607601664, 45421056, 0,
        236239.7031802823 + 96778.14913604042, 148532736 + 256126976, 100 * (2000000000 - 1607601664) / 2e9,
    ),
    "1.162.3-hashstore-payouts": Case(
        2000000000, 922046976, 1052688896, 45421056, 400195904,
        762547.5041278478 + 539827.8959167596, 210825216 + 331619840, 100 * (2000000000 - 1052688896) / 2e9,
    ),
    # both satellites have given the node up: they pay for nothing of what is there
    "1.162.3-disqualified": Case(
        2000000000, 373747712, 1600988160, 48684288, 0, 0, 0, 100 * (2000000000 - 1600988160) / 2e9,
        garbage=373747712 - 48684288,
    ),
}  # fmt: skip


def test_every_recorded_node_is_there() -> None:
    assert sorted(CASES) == sorted(FOLDERS)


@pytest.mark.parametrize("name", CASES)
def test_a_recorded_node(name: str) -> None:
    case, known = CASES[name], answers(name)
    now = known["node"].at
    found = books.truth(known, books.accounts(known, now), now)
    assert found is not None
    disk = found.disk
    assert (disk.allocated, disk.used, disk.free, disk.trash) == (case.allocated, case.used, case.free, case.trash)
    assert disk.reclaimable == case.dead
    assert disk.overused == max(0, case.used - case.allocated)
    assert found.full_percent == pytest.approx(case.full_percent)
    live = case.used - case.trash - (case.dead or 0)
    assert (found.live, found.reported) == (live, round(case.reported))
    assert found.reported_day == (NOVEMBER_23 if case.reported else None)
    gap = live - round(case.reported)
    garbage = case.garbage or 0
    assert found.of(storagetruth.GARBAGE) == garbage
    assert found.of(storagetruth.LATE) == gap - garbage <= case.came_in
    assert found.of(storagetruth.DEAD) == (case.dead or 0)
    assert sum(each.bytes for each in found.differences) == case.used - round(case.reported)
    assert [each.bytes for each in found.differences] == sorted((e.bytes for e in found.differences), reverse=True)


def test_the_document_of_a_recorded_node() -> None:
    known = answers("1.145.3-repair-payouts")
    found = books.storage_document(known, known["node"].at, lambda each: each[:3])
    assert found is not None
    garbage = 885242624 - 6462750 - 615717888
    assert [(each["kind"], each["bytes"]) for each in found["differences"]] == [
        ("late", 615717888), ("garbage", garbage), ("trash", 49600768),
    ]  # fmt: skip
    assert (found["used"], found["reclaimable"], found["doubtful"]) == (934843392, None, False)
    assert [row["reported"] for row in found["satellites"]] == [round(3406956.325970896), round(3055793.617161997)]
    assert [row["came_since"] for row in found["satellites"]] == [238492928 + 18937344, 323097600 + 35190016]
    assert found["average"] == round(6462749.943132893)
    assert books.storage_document({}, 0, str) is None


# ---- by hand ----


def satellite(**changes: Any) -> SatelliteReading:
    """Tallied on the 22nd with 4 TB; 30 GB came in on each of the last days."""
    made: dict[str, Any] = {
        "at": NOVEMBER_23 + 3600,
        "satellite": "1x",
        "scores": Scores("us1.storj.io:7777"),
        "storage": (StorageDay(DAY_20, 3.9e12 * 24, 3.9e12, 24), StorageDay(DAY_22, 4e12 * 47, 4e12, 47)),
        "traffic": tuple(TrafficDay(NOVEMBER_23 - n * DAY, 20 * GB, 10 * GB, 1, 1, 1) for n in range(5)),
    }
    return SatelliteReading(**(made | changes))


def test_a_report_is_the_last_tally_and_what_came_since_that_day() -> None:
    assert storagetruth.reported(satellite()) == Reported(4e12, DAY_22, 60 * GB)
    filled = (*satellite().storage, StorageDay(NOVEMBER_23, 0, 5e12, 24, calculated=True))
    assert storagetruth.reported(satellite(storage=filled)) == Reported(4e12, DAY_22, 60 * GB), "the node's own filling"


def test_before_the_first_tally_of_a_month_the_last_one_counts_without_its_day() -> None:
    assert storagetruth.reported(satellite(storage=())) is None
    assert storagetruth.reported(satellite(storage=(), rate_before=3e12)) == Reported(3e12, None, 150 * GB)
    assert storagetruth.reported(satellite(storage=(), rate_before=3e12, traffic=None)) == Reported(3e12, None, 0)


def test_reports_together_are_as_old_as_the_oldest() -> None:
    new, old = Reported(10, NOVEMBER_23, 1), Reported(20, DAY_20, 2)
    assert storagetruth.together([new, old]) == Reported(30, DAY_20, 3)
    assert storagetruth.together([new, Reported(5, None, 0)]) == Reported(15, None, 1), "one is of an earlier month"
    assert storagetruth.together([new, storagetruth.NOTHING]) == new
    assert storagetruth.together([new, None]) is None
    assert storagetruth.together([]) is None


def test_the_parts_of_a_difference() -> None:
    # 5 000 GB: 81 trash, 312 dead, 4 607 live; 4 000 reported, 60 came since: 547 are garbage
    disk = DiskSpace(7000 * GB, 5000 * GB, 81 * GB, 1787 * GB, 0, 312 * GB)
    found = storagetruth.truth(disk, Reported(4000 * GB, DAY_22, 60 * GB), 3.95e12)
    assert [(each.kind, each.bytes // GB) for each in found.differences] == [
        ("garbage", 547), ("dead", 312), ("trash", 81), ("late", 60),
    ]  # fmt: skip
    assert found.average == 3.95e12
    texts = {each.kind: each.text for each in found.differences}
    assert "of 2026-11-22" in texts["late"]
    assert "store's own tables" in texts["garbage"]
    old = storagetruth.truth(DiskSpace(7000 * GB, 5000 * GB, 0, 1, 0), Reported(4000 * GB, None, 0), None)
    assert "dead bytes of a hash store included" in old.differences[0].text


def test_more_reported_than_there_is() -> None:
    found = storagetruth.truth(DiskSpace(10, 7, 0, 3, 0, 0), Reported(9, DAY_22, 5), None)
    assert [(each.kind, each.bytes) for each in found.differences] == [("missing", 2)]
    assert (found.of("garbage"), found.of("late"), found.of("missing")) == (0, 0, 2)


@pytest.mark.parametrize(
    ("disk", "report"),
    [
        (DiskSpace(10, 7, 0, 3, 0, 0, doubtful=True), Reported(5, None, 0)),
        (DiskSpace(10, None, 0, 3, 0, 0), Reported(5, None, 0)),
        (DiskSpace(10, 7, 0, 3, 0, 0), None),
    ],
)
def test_what_is_not_known_is_no_difference(disk: DiskSpace, report: Reported | None) -> None:
    found = storagetruth.truth(disk, report, None)
    assert found.differences == ()
    assert found.of("garbage") is None
