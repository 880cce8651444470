"""Durations, sizes and versions as Go writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.core import gotext


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7.79ms", 0.00779),
        ("470.663µs", 0.000470663),
        ("5h12m3.4s", 18723.4),
        ("0s", 0.0),
        ("1m0s", 60.0),
        ("-2s", -2.0),
        ("", None),
        ("5", None),
        ("3 s", None),
        ("9" * 50 + "s", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    found = gotext.seconds(text)
    assert found is None if seconds is None else found == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0 B", 0),
        ("612 B", 612),
        ("0.7 KiB", 717),
        ("24.7 GiB", 26521423053),
        ("1.00 TB", 10**12),
        ("500.00 MB", 500_000_000),
        ("NaN", None),
        ("12 XiB", None),
        ("1.2.3 MiB", None),
    ],
)
def test_sizes(text: str, size: int | None) -> None:
    assert gotext.size(text) == size


@pytest.mark.parametrize(
    ("text", "version"),
    [("v1.162.3", "1.162.3"), ("1.104.5", "1.104.5"), ("v1.2.3-rc", "1.2.3-rc"), ("abc", ""), (7, "")],
)
def test_versions(text: object, version: str) -> None:
    assert gotext.version(text) == version


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@given(st.dictionaries(st.text(max_size=8), anything, max_size=5))
def test_every_figure_is_a_number_that_the_store_takes(values: dict[str, object]) -> None:
    for number in gotext.flat(values).values():
        assert abs(number) < 1 << 63


def test_times_are_figures_too() -> None:
    assert gotext.plain("2026-11-23T07:38:30Z") == 1795419510
    assert gotext.plain("NaN") is None
    assert gotext.plain([3, 7, 11]) == 3
    assert gotext.flat({"TTLPercent": 0.5, "Table": {"LenTTL": "1.0 KiB"}}) == {
        "ttl_percent": 0.5,
        "table_len_ttl": 1024,
    }
