"""Go's way of writing lines, numbers, durations and sizes."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.demo import zap

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.00779127, "7.79127ms"),
        (62.345, "1m2.345s"),
        (0.3505, "350.5ms"),
        (0.0000123, "12.3µs"),
        (3600, "1h0m0s"),
        (1.4137186, "1.4137186s"),
        (0, "0s"),
        (192.51, "3m12.51s"),
        (600, "10m0s"),
        (0.07, "70ms"),
    ],
)
def test_durations_are_those_of_real_lines(seconds: float, text: str) -> None:
    assert zap.duration(seconds) == text


@given(st.floats(1e-9, 1e6))
def test_a_duration_reads_back(seconds: float) -> None:
    parts = re.findall(r"([0-9.]+)(h|ms|m|s|µs|ns)", zap.duration(seconds))
    assert "".join(number + unit for number, unit in parts) == zap.duration(seconds)
    assert sum(float(number) * _UNITS[unit] for number, unit in parts) == pytest.approx(seconds, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (0.9946505803022683, "0.9946505803022683"),
        (-1e-07, "-0.0000001"),
        (float("nan"), '"NaN"'),
        (float("inf"), '"+Inf"'),
        (float("-inf"), '"-Inf"'),
        (0.0, "0"),
    ],
)
def test_numbers_have_no_exponent_and_no_idle_point(value: float, text: str) -> None:
    assert zap.number(value) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (612, "612 B"), (1 << 20, "1.0 MiB"), (800, "0.8 KiB"), (100_557_824, "95.9 MiB")]
)
def test_sizes_step_up_at_two_thirds(size: int, text: str) -> None:
    assert zap.memory(size) == text


_VALUES = st.recursive(
    st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=6,
)


@given(st.text(st.characters(exclude_categories=["C"], exclude_characters="\t")), _VALUES)
def test_a_line_is_one_line_and_reads_back(message: str, value: object) -> None:
    console = zap.entry("console", time="T", level="INFO", logger="", message=message, fields=[("a b", value)])
    *head, payload = console.decode().split("\t")
    assert head == ["T", "INFO", message]
    assert console.count(b"\n") == 1
    assert json.loads(payload) == {"a b": value}
    flat = zap.entry("json", time="T", level="WARN", logger="x", message=message, fields=[("k", value)])
    assert json.loads(flat) == {"L": "WARN", "T": "T", "N": "x", "M": message, "k": value}
    assert flat.count(b"\n") == 1
