"""Where on the map a client is, by a database in MaxMind's format (GeoLite2 or DB-IP Lite, cities or countries).

The file is optional and never fatal: absent, damaged or of another kind, nobody has a place; what is wrong is said
once. It is looked at once a minute, so that a file that comes or is replaced is used without a restart. Places are
rounded to 0.1 degrees, about 10 km, and are all that is kept of an address.

What is not guaranteed: the file is mapped into memory, so it must be replaced by renaming another one over it, as
`storj-monitor geoip update` and MaxMind's geoipupdate do; a file overwritten in place can end any program that maps it.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import threading
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from maxminddb import Reader

    from storj_monitor.core.live import Place

_log = logging.getLogger(__name__)

DEFAULT_NAME = "city.mmdb"
"""In the data folder, unless the settings name a file."""
LOOK = 60.0
REMEMBERED = 8_192
"""Clients whose places are remembered: one client makes many transfers."""
NOTICES = {
    "DBIP": "IP geolocation by DB-IP (https://db-ip.com)",
    "GeoLite2": "This product includes GeoLite2 data created by MaxMind, available from https://www.maxmind.com",
}
"""First word of the database's type → what its licence asks to be shown."""


SPECIAL = frozenset({"", "0", "10", "100", "127", "169", "172", "192", "198", "203"})
"""First numbers of the IPv4 ranges that hold private and other special networks."""


class Places:
    """Call it with an address as storagenode logs it (`host:port`, `[host%zone]:port`, ""); from any thread."""

    def __init__(self, file: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.file = file
        self._clock = clock
        self._lock = threading.Lock()
        self._reader: Reader | None = None
        self._seen: tuple[int, int, int] | None = None
        self._looked = -LOOK
        self._place_of = lru_cache(REMEMBERED)(self._look_up)

    def __call__(self, address: str) -> Place | None:
        """The client's place; None when it is private, invalid or not in the database."""
        if self._clock() - self._looked >= LOOK:
            self._look()
        return self._place_of(host_of(address)) if self._reader is not None else None

    @property
    def attribution(self) -> str | None:
        """What has to be shown with places; None while there are none."""
        if self._clock() - self._looked >= LOOK:
            self._look()
        reader = self._reader
        return notice(reader.metadata().database_type) if reader is not None else None

    def _look(self) -> None:
        """Open the file if it is another one than before."""
        with self._lock:
            self._looked = self._clock()
            seen = _identity(self.file)
            if seen == self._seen:
                return
            self._seen = seen
            # A reader in use by another thread is closed when that lets go of it.
            self._reader = None if seen is None else _opened(self.file)
            self._place_of.cache_clear()

    def _look_up(self, host: str) -> Place | None:
        reader = self._reader
        host = public(host) if reader is not None else ""
        if reader is None or not host:
            return None
        try:
            return place_of(reader.get(host))
        except (ValueError, OSError, RuntimeError):  # no address, or none of this database's kind; damaged; closed
            return None


def _identity(file: Path) -> tuple[int, int, int] | None:
    try:
        stat = os.stat(file)  # noqa: PTH116 - once a minute, and as cheap as can be
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _opened(file: Path) -> Reader | None:
    import maxminddb  # noqa: PLC0415 - only those who have a file need it

    try:
        reader = maxminddb.open_database(file, maxminddb.MODE_AUTO)
        kind = reader.metadata().database_type
    except (OSError, ValueError, RuntimeError) as error:  # its own error is a RuntimeError
        _log.error("The place file %s cannot be used, so the map stays empty: %s", file, error)
        return None
    _log.info("Places come from %s (%s).", file, kind)
    return reader


def notice(database_type: str) -> str:
    """What has to be shown with places of a type of database (`DBIP-City-Lite`, `GeoLite2-City` …)."""
    return NOTICES.get(database_type.partition("-")[0], f"IP geolocation by {database_type}")


def host_of(address: str) -> str:
    """The host of Go's `host:port` without brackets and zone; a bare address stays as it is."""
    if address.startswith("["):
        address = address[1:].partition("]")[0]
    elif address.count(":") == 1:
        address = address.partition(":")[0]
    return address.partition("%")[0]


def public(host: str) -> str:
    """The address that can be looked up; "" when it is none or of a private range."""
    first = host.partition(".")[0]
    if (first not in SPECIAL and host.count(".") == 3 and ":" not in first) or (
        host[:1] in {"2", "3"} and host.find(":") == 4
    ):
        return host  # most are nothing special, which is seen in a tenth of the time; the reader refuses what is none
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None)
    found = found if mapped is None else mapped
    return str(found) if found.is_global and not found.is_multicast else ""


def place_of(record: Any) -> Place | None:
    """The place in a record of a city or country database; None when it names no country."""
    if not isinstance(record, dict):
        return None
    country = _dict(record, "country") or _dict(record, "registered_country")
    code = country.get("iso_code")
    location = _dict(record, "location")
    latitude, longitude = (_degrees(location.get(key)) for key in ("latitude", "longitude"))
    if not (isinstance(code, str) and code):
        return None
    if latitude is None or longitude is None:
        return None, None, code
    return latitude, longitude, code


def _dict(record: dict[str, Any], key: str) -> dict[str, Any]:
    value = record.get(key)
    return value if isinstance(value, dict) else {}


def _degrees(value: Any) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not -180 <= value <= 180:
        return None
    return round(float(value), 1) + 0.0  # no minus zero
