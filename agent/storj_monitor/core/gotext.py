"""What Go programs write into log fields: durations, sizes for people, versions (agent/docs/storagenode.md §2.8)."""

from __future__ import annotations

import math
import re
from typing import Any

from storj_monitor.core import logline

_PARTS = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)(ns|us|µs|μs|ms|s|m|h)")
_DURATION = re.compile(rf"-?(?:{_PARTS.pattern})+")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_SIZE = re.compile(r"(-?\d{1,15}(?:\.\d{1,6})?) ?(?:([KMGTPE])(i?)B|B)")
_POWERS = "KMGTPE"
_VERSION = re.compile(r"v?(\d{1,4}\.\d{1,5}\.\d{1,5}(?:-[\w.]{1,20})?)")
_LONGEST = 40


def seconds(text: str) -> float | None:
    """Seconds of a Go duration (`5h12m3.4s`, `7.79ms`); None when it is none."""
    if len(text) > _LONGEST or not _DURATION.fullmatch(text):
        return None
    total = sum(float(number) * _SECONDS[unit] for number, unit in _PARTS.findall(text))
    return -total if text.startswith("-") else total


def size(text: str) -> int | None:
    """Bytes of a size for people (`24.7 GiB`, `500.00 MB`, `0 B`), as exact as it was written; None when it is none."""
    match = _SIZE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    number, prefix, binary = match.groups()
    power = _POWERS.index(prefix) + 1 if prefix else 0
    return round(float(number) * float(1024 if binary else 1000) ** power)


def version(text: object) -> str:
    """`1.162.3` of `v1.162.3`, "" when it is no version."""
    match = _VERSION.fullmatch(text) if isinstance(text, str) else None
    return match.group(1) if match else ""


def count(value: object) -> int | None:
    """A whole number that fits into the store; None when it is none."""
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    return int(number) if number is not None and math.isfinite(number) and abs(number) < 1 << 62 else None


def plain(value: object) -> float | bool | None:
    """A field as a number: durations in seconds, sizes in bytes, times as epoch seconds, lists by their length.

    None for everything else, `NaN` and `+Inf` among it.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if math.isfinite(value) and abs(value) < 1 << 62 else None
    if isinstance(value, list):
        return len(value)
    if not isinstance(value, str) or not value[:1].isdigit():
        return None
    known = seconds(value)
    if known is None:
        known = size(value)
    return known if known is not None else _time(value)


def _time(text: str) -> int | None:
    return logline.epoch(text.encode()) if "T" in text and len(text) <= _LONGEST else None


def flat(values: dict[str, Any], prefix: str = "") -> dict[str, float | bool]:
    """All numbers of an object and of the objects in it, keys in snake case: `table_len_set`, `trash_percent`."""
    found: dict[str, float | bool] = {}
    for name, value in values.items():
        key = prefix + logline.key_of(name.replace("TTL", "Ttl"))
        if isinstance(value, dict) and not prefix:
            found |= flat(value, f"{key}_")
        elif (number := plain(value)) is not None:
            found[key] = number
    return found
