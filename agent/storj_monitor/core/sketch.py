"""A distribution in bins that grow by two percent: mergeable, small, and each quantile within one percent (DDSketch).

A sketch is a dict {bin: count}. Bin `b` holds the values of (γ^(b-1), γ^b] with γ = 1.0202…; what is not above 0 has a
bin of its own. Two sketches are merged by adding their counts, whatever the order.

C. Masson, J. E. Rim, H. K. Lee: DDSketch, a fast and fully-mergeable quantile sketch with relative-error guarantees.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ERROR = 0.01
"""Relative error of a quantile at most."""
GAMMA = (1 + ERROR) / (1 - ERROR)
ZERO = -(1 << 15)
BINS_MAX = 1_024
"""Of more bins the lowest are put together: from a microsecond to a day there are 1 260, of seconds in a day 570."""
_LOG_GAMMA = math.log(GAMMA)
_LOWEST, _HIGHEST = -(1 << 14), 1 << 14

Bins = dict[int, int]

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[int]).decode


def bin_of(value: float) -> int:
    """The bin of a value; NaN and what is not above 0 are zero, infinity lies in the highest bin."""
    if not value > 0:
        return ZERO
    if value == math.inf:
        return _HIGHEST
    return min(max(math.ceil(math.log(value) / _LOG_GAMMA - 1e-9), _LOWEST), _HIGHEST)


def value_of(number: int) -> float:
    """The value that stands for a bin: none in it is farther away than `ERROR`."""
    return 0.0 if number == ZERO else 2 * math.exp(number * _LOG_GAMMA) / (1 + GAMMA)


def add(bins: Bins, value: float, n: int = 1) -> None:
    """Count a value."""
    number = bin_of(value)
    bins[number] = bins.get(number, 0) + n


def merge(bins: Bins, other: Mapping[int, int]) -> None:
    """Add what another sketch holds; too many bins are made fewer at the low end."""
    for number, n in other.items():
        bins[number] = bins.get(number, 0) + n
    over = len(bins) - BINS_MAX
    if over > 0:
        low = sorted(number for number in bins if number != ZERO)[: over + 1]
        bins[low[-1]] = sum(bins.pop(number) for number in low)


def merged(sketches: Iterable[Mapping[int, int]]) -> Bins:
    """All of some sketches in one."""
    bins: Bins = {}
    for each in sketches:
        merge(bins, each)
    return bins


def quantile(bins: Mapping[int, int], q: float) -> float | None:
    """The value below which the share `q` (0…1) lies; None of an empty sketch."""
    rank = q * (sum(bins.values()) - 1)
    passed = 0
    for number in sorted(bins):
        passed += bins[number]
        if passed > rank:
            return value_of(number)
    return None


def pack(bins: Mapping[int, int]) -> bytes:
    """A sketch as msgpack: pairs of (distance from the bin before, count), ascending."""
    flat, before = [], 0
    for number in sorted(bins):
        flat += [number - before, bins[number]]
        before = number
    return _encode(flat)


def unpack(body: bytes) -> Bins:
    """The sketch that `pack` wrote; `msgspec.DecodeError` when it is none."""
    flat = _decode(body)
    bins: Bins = {}
    number = 0
    for distance, n in zip(flat[::2], flat[1::2], strict=False):
        number += distance
        bins[number] = bins.get(number, 0) + n
    return bins
