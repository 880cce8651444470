import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.core import storage
from storj_monitor.core.readings import DiskSpace, StorageDay

GB = 10**9
SIZES = st.integers(0, 10**15)


def test_the_old_era_counts_live_pieces_against_the_allocation() -> None:
    # recorded with 1.71: used is live pieces, available the allocation
    disk = storage.disk_space("1.71.1", used=3381577296000, available=3500000000000, trash=117961155200, overused=0)
    assert disk == DiskSpace(
        allocated=3500000000000,
        used=3381577296000 + 117961155200,
        trash=117961155200,
        free=3500000000000 - 3381577296000 - 117961155200,
        overused=0,
    )
    assert storage.percent_full(disk) == pytest.approx(99.98681, abs=1e-5)


def test_the_new_era_says_it_all_itself() -> None:
    disk = storage.disk_space(
        "1.162.3",
        used=5213 * GB,
        available=1700 * GB,
        trash=81 * GB,
        overused=0,
        allocated=7000 * GB,
        reclaimable=312 * GB,
    )
    assert disk == DiskSpace(7000 * GB, 5213 * GB, 81 * GB, 1700 * GB, 0, 312 * GB)
    # 87 GB of the allocation are kept for compaction: full is what cannot be taken, not what is used
    assert storage.percent_full(disk) == pytest.approx(100 * 5300 / 7000)


@pytest.mark.parametrize(
    ("version", "doubtful", "reclaimable"),
    [("1.143.0", True, None), ("1.144.9", True, None), ("1.145.3", False, None), ("1.146.10", False, None),
     ("1.147.0", False, 5), ("2.0.0", False, 5)],
)  # fmt: skip
def test_known_wrong_versions_are_marked(version: str, doubtful: bool, reclaimable: int | None) -> None:
    disk = storage.disk_space(version, used=10, available=90, allocated=100, reclaimable=5)
    assert (disk.doubtful, disk.reclaimable, disk.used) == (doubtful, reclaimable, 10)


def test_a_negative_size_is_not_known() -> None:
    assert storage.disk_space("1.143.1", used=-7, available=90, allocated=100).used is None


@given(used=SIZES, available=SIZES, trash=SIZES, overused=st.none() | SIZES, allocated=st.none() | SIZES)
def test_percent_full_is_a_percentage(
    used: int, available: int, trash: int, overused: int | None, allocated: int | None
) -> None:
    disk = storage.disk_space(
        "1.150.1", used=used, available=available, trash=trash, overused=overused, allocated=allocated
    )
    full = storage.percent_full(disk)
    assert full is None or 0 <= full <= 100
    assert disk.free >= 0
    assert disk.overused >= 0


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.162.3", (1, 162, 3)), ("v1.162.3-rc", (1, 162, 3)), ("", ()), ("1.x", ()), ("1..2", ()), ("١.٢", ())],
)
def test_versions(text: str, number: tuple[int, ...]) -> None:
    assert storage.version_of(text) == number


def test_tallies_leave_out_what_the_node_filled_in() -> None:
    days = [
        StorageDay(2 * 86400, 0, 110, 24, calculated=True),
        StorageDay(86400, 2300, 100, 23),
        StorageDay(0, 0, 0, 24),
    ]
    assert storage.tallies(days) == days[1:2]
    assert storage.last_rate(days) == 100
    assert storage.last_rate(days[:1]) is None
    assert storage.average(days) == 70
    assert storage.average([]) is None


@pytest.mark.parametrize(
    ("day", "hours"),
    [(StorageDay(0, 4700, 100, 47), 47), (StorageDay(0, 4700, 100), 47), (StorageDay(0, 0, 100), 24)],
)
def test_hours_that_a_row_covers(day: StorageDay, hours: float) -> None:
    assert storage.hours_of(day) == hours
