import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.core import words


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (9994, "9.99 kB"), (9999, "10.0 kB"), (99_949, "99.9 kB"),
     (99_999, "100 kB"), (999_600, "1.00 MB"), (1.2e12, "1.20 TB"), (-45.4e6, "-45.4 MB"), (5e21, "5000 EB")],
)  # fmt: skip
def test_sizes(number: float, text: str) -> None:
    assert words.size(number) == text


@given(st.floats(0, 1e20))
def test_a_size_is_near_what_it_names(number: float) -> None:
    value, unit = words.size(number).split()
    named = float(value) * 1000 ** ("B", "kB", "MB", "GB", "TB", "PB", "EB").index(unit)
    assert named == pytest.approx(number, rel=0.006, abs=0.6)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "$0.00"), (1234.5, "$1,234.50"), (0.1, "$0.10"), (0.0123, "$0.0123"), (-3, "-$3.00")],
)
def test_money(number: float, text: str) -> None:
    assert words.dollars(number) == text


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["us1"], "us1"), (["us1", "eu1"], "us1 and eu1"), (["a", "b", "c"], "a, b and c")]
)
def test_lists(names: list[str], text: str) -> None:
    assert words.listed(names) == text
