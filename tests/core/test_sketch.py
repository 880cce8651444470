from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.core import sketch

VALUES = st.lists(st.floats(1e-6, 1e6) | st.integers(0, 86_400).map(float), min_size=1, max_size=300)


def sketch_of(values: list[float]) -> sketch.Bins:
    bins: sketch.Bins = {}
    for value in values:
        sketch.add(bins, value)
    return bins


@given(VALUES, st.sampled_from([0.0, 0.25, 0.5, 0.95, 0.99, 1.0]))
def test_a_quantile_is_within_one_percent(values: list[float], q: float) -> None:
    found, wanted = sketch.quantile(sketch_of(values), q), sorted(values)[math.floor(q * (len(values) - 1))]
    assert found == pytest.approx(wanted, rel=sketch.ERROR * 1.001)


@given(VALUES, VALUES)
def test_two_sketches_are_one(first: list[float], second: list[float]) -> None:
    whole = sketch_of(first + second)
    assert sketch.merged([sketch_of(first), sketch_of(second)]) == whole
    assert sketch.merged([sketch_of(second), sketch_of(first)]) == whole
    assert sketch.unpack(sketch.pack(whole)) == whole


def test_a_sketch_stays_small() -> None:
    bins = sketch.merged([sketch_of([1.03**n]) for n in range(-2_000, 4_000)] + [{sketch.ZERO: 5}])
    assert len(bins) == sketch.BINS_MAX
    assert sum(bins.values()) == 6_005
    assert sketch.quantile(bins, 1.0) == pytest.approx(sketch.value_of(sketch.bin_of(1.03**3999)))
    assert sketch.quantile(bins, 0.0) == 0, "zero stays zero"
    seconds = sketch_of([float(n) for n in range(86_401)])
    assert len(sketch.pack(seconds)) < 2_500


def test_odd_values_have_a_place() -> None:
    for value in (0.0, -1.0, math.nan, -math.inf):
        assert sketch.bin_of(value) == sketch.ZERO
    assert sketch.value_of(sketch.bin_of(math.inf)) > 1e100
    assert sketch.value_of(sketch.bin_of(5e-324)) < 1e-100
    assert sketch.quantile({}, 0.5) is None


@pytest.mark.parametrize("body", [b"", b"\xc0", b"\x81\xa1a\x01", b"\x92\x01"])
def test_a_body_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        sketch.unpack(body)
