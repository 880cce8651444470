"""Sizes, money and shares as people read them, for the sentences of leaks, differences and reports."""

from __future__ import annotations

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


def size(number: float) -> str:
    """Decimal, three digits: `1.23 TB`, `45.4 MB`, `999 B`."""
    value, unit = abs(float(number)), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    digits = 0 if not unit or value >= 99.95 else 1 if value >= 9.995 else 2
    return f"{'-' if number < 0 else ''}{value:.{digits}f} {_UNITS[unit]}"


def dollars(number: float) -> str:
    """`$1,234.56`; below ten cents four digits: `$0.0012`."""
    digits = 4 if 0 < abs(number) < 0.1 else 2
    return f"{'-' if number < 0 else ''}${abs(number):,.{digits}f}"


def listed(names: list[str]) -> str:
    """`us1`, `us1 and eu1`, `us1, eu1 and ap1`."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
