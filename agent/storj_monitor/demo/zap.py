"""Lines as zap writes them: console and JSON encoding, Go numbers, durations and sizes (agent/docs/storagenode.md §1).

Nothing here knows what a storage node says; `demo.scribe` does.
"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

ENCODINGS = ("console", "json")


class Raw(str):
    """JSON text to be written as it is: placeholders of templates."""

    __slots__ = ()


class Reflected(dict[str, Any]):
    """An object that zap encodes by reflection: compact even on the console (hashstore's `stats`)."""


def stamp(second: int) -> str:
    """RFC 3339 with whole seconds in UTC, as every version since 1.83 writes in a container."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(value: float) -> str:
    """A Go float: a whole one without a point, never an exponent, non-finite ones as strings (§1.2)."""
    if not math.isfinite(value):
        return '"NaN"' if math.isnan(value) else '"+Inf"' if value > 0 else '"-Inf"'
    if value == int(value):
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def duration(seconds: float) -> str:
    """A Go duration string: `1m2.345s`, `350.5ms`, `12.3µs`, `1h0m0s`."""
    nanos = round(seconds * 1e9)
    if nanos < 1_000_000_000:
        for unit, size in (("ms", 1_000_000), ("µs", 1000), ("ns", 1)):
            if nanos >= size:
                return _trimmed(nanos, size) + unit
        return "0s"
    minutes, rest = divmod(nanos, 60_000_000_000)
    text = _trimmed(rest, 1_000_000_000) + "s"
    if not minutes:
        return text
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes}m{text}" if hours else f"{minutes}m{text}"


def _trimmed(value: int, unit: int) -> str:
    whole, rest = divmod(value, unit)
    digits = len(str(unit)) - 1
    return f"{whole}.{rest:0{digits}d}".rstrip("0").rstrip(".") if rest else str(whole)


def memory(size: int) -> str:
    """A size as hashstore prints it: binary units from two thirds of them on, one decimal (§2.8)."""
    for unit, name in ((1 << 50, "PiB"), (1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size > unit * 2 // 3:
            return f"{size / unit:.1f} {name}"
    return f"{size} B"


def _text(value: Any, spaced: bool) -> str:
    if isinstance(value, Raw):
        return value
    if isinstance(value, (str, int)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, dict):
        return _object(list(value.items()), spaced=spaced and not isinstance(value, Reflected))
    return "[" + (", " if spaced else ",").join(_text(item, spaced) for item in value) + "]"


def _object(fields: list[tuple[str, Any]], spaced: bool) -> str:
    comma, colon = (", ", ": ") if spaced else (",", ":")
    return "{" + comma.join(f'"{key}"{colon}{_text(value, spaced)}' for key, value in fields) + "}"


def entry(encoding: str, *, time: str, level: str, logger: str, message: str, fields: list[tuple[str, Any]]) -> bytes:
    """One complete line with its newline. Keys stay in the given order and may repeat, as with zap (§1.7)."""
    if encoding == "json":
        head: list[tuple[str, Any]] = [("L", level), ("T", time)]
        head += [("N", logger)] if logger else []
        return (_object([*head, ("M", message), *fields], spaced=False) + "\n").encode()
    parts = [time, level, *([logger] if logger else []), message, _object(fields, spaced=True)]
    return ("\t".join(parts) + "\n").encode()
