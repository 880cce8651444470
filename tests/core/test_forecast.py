import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storj_monitor.core import forecast

DAY = 86400.0


def line(days: int, per_day: float, start: float = 0) -> list[forecast.Point]:
    return [(day * DAY, start + day * per_day) for day in range(days)]


def test_a_straight_line() -> None:
    assert forecast.reach(line(30, 10), 100) == pytest.approx((10, 10, 10, 10))
    assert forecast.reach(line(30, -0.1, 100), -4) == pytest.approx((40, 40, 40, -0.1))


def test_garbage_collections_do_not_move_it() -> None:
    """30 days at +10 GB a day, with a fall of a week's growth on the 12th that is made up by the 19th."""
    points = [(at, value - (70 - 10 * (at / DAY - 12) if 12 <= at / DAY < 19 else 0)) for at, value in line(30, 10)]
    found = forecast.reach(points, 100)
    assert found is not None
    assert found.days == pytest.approx(10)


def test_noise_gives_a_range_around_the_truth() -> None:
    rng = random.Random(1)
    points = [(at, value + rng.gauss(0, 15)) for at, value in line(60, 10)]
    found = forecast.reach(points, 1000)
    assert found is not None
    assert found.days == pytest.approx(100, rel=0.05)
    assert found.earliest is not None
    assert found.latest is not None
    assert found.earliest < 100 < found.latest


@pytest.mark.parametrize(
    ("per_day", "distance", "days"), [(-1, 100, None), (0, 100, None), (1, 100_000, None), (1, 0, 0), (-1, -50, 50)]
)
def test_what_shrinks_or_stands_never_fills(per_day: float, distance: float, days: float | None) -> None:
    found = forecast.reach(line(9, per_day), distance)
    assert found is not None
    assert found[:3] == (days, days, days)
    assert found.per_day == pytest.approx(per_day)


def test_too_few_points() -> None:
    assert forecast.slope(line(2, 1)) is None
    assert forecast.slope([(5, 1), (5, 2), (5, 3)]) is None


@example([(0, 0), (0, 0), (0, 0), (49, 11)], 1)
@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**15)), max_size=150), st.integers(-(10**15), 10**15))
def test_never_a_date_in_the_past(points: list[tuple[int, int]], distance: int) -> None:
    found = forecast.reach(points, distance)
    if found is None:
        return
    for days in found[:3]:
        assert days is None or 0 <= days <= forecast.FAR
    if found.earliest is not None and found.days is not None:
        assert found.earliest <= found.days
