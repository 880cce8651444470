"""Fetches the free place file: DB-IP's City Lite database of this month, or any other that an address leads to.

https://db-ip.com/db/download/ip-to-city-lite, licensed CC BY 4.0: its origin has to be shown with the places.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import aiohttp

from storj_monitor.core import utc
from storj_monitor.core.errors import MonitorError
from storj_monitor.sources.geoip import notice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Progress = Callable[[int, int | None], object]

URL = "https://download.db-ip.com/free/dbip-city-lite-{month}.mmdb.gz"
TIMEOUT = aiohttp.ClientTimeout(total=None, connect=30, sock_read=60)
CHUNK = 1 << 18
SIZE_MAX = 4 << 30
"""Bytes after decompression; no place file is near that."""
GZIP = b"\x1f\x8b"


class Fetched(NamedTuple):
    """The file that is there now: size in bytes, type, when it was made (epoch seconds), what has to be shown."""

    file: Path
    url: str
    bytes: int
    kind: str
    built: int
    attribution: str


def update(file: Path, now: float, *, url: str | None = None, progress: Progress) -> Fetched:
    """Fetch the place file and put it in the place of the one that is there, at once.

    Without `url` this month's DB-IP City Lite, or last month's while this one is not out yet. `progress` gets the bytes
    fetched so far and those there are in all, if that is known. Raises `MonitorError`; the old file then stays.
    Blocks, with an event loop of its own.
    """
    urls = [url] if url else [URL.format(month=month) for month in months(now)]
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            come_from = asyncio.run(_first(urls, out.write, progress))
            out.flush()
            os.fsync(out.fileno())
        kind, built = _checked(part)
        part.chmod(0o644)
        size = part.stat().st_size
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return Fetched(file, come_from, size, kind, built, notice(kind))


def months(now: float) -> list[str]:
    """This month and the one before, in UTC, as `2026-11`."""
    return [utc.month_name(now), utc.month_name(now, -1)]


async def _first(urls: list[str], write: Callable[[bytes], object], progress: Progress) -> str:
    """Write what the first of some addresses leads to that exists; which one it was."""
    async with aiohttp.ClientSession(timeout=TIMEOUT, trust_env=True) as session:
        for url in urls:
            try:
                async with session.get(url) as response:
                    if response.status == 404 and url != urls[-1]:
                        continue
                    response.raise_for_status()
                    await _copy(response, write, progress)
                    return url
            except (aiohttp.ClientError, TimeoutError, OSError, zlib.error) as error:
                raise MonitorError(f"{url} could not be fetched: {error or type(error).__name__}.") from error
    raise AssertionError("there is at least one address")


async def _copy(response: aiohttp.ClientResponse, write: Callable[[bytes], object], progress: Progress) -> None:
    unpack, fetched, size = None, 0, 0
    async for chunk in response.content.iter_chunked(CHUNK):
        if not fetched and chunk.startswith(GZIP):
            unpack = zlib.decompressobj(16 + zlib.MAX_WBITS)
        fetched += len(chunk)
        for data in [chunk] if unpack is None else _unpacked(unpack, chunk):
            size += len(data)
            if size > SIZE_MAX:
                raise MonitorError("What comes is larger than any place file.")
            write(data)
        progress(fetched, response.content_length)
    if unpack is not None and not unpack.eof:
        raise MonitorError("What comes ends too early; try again.")


def _unpacked(unpack: zlib._Decompress, chunk: bytes) -> Iterator[bytes]:
    """In small parts, however large a chunk becomes."""
    while chunk:
        yield unpack.decompress(chunk, 4 * CHUNK)
        chunk = unpack.unconsumed_tail


def _checked(file: Path) -> tuple[str, int]:
    """Type and time of a database that can be read."""
    import maxminddb  # noqa: PLC0415 - see sources.geoip

    try:
        with maxminddb.open_database(file, maxminddb.MODE_AUTO) as reader:
            found = reader.metadata()
            reader.get("1.1.1.1")
    except (OSError, ValueError, RuntimeError) as error:
        raise MonitorError(f"What came is no place file: {error}") from error
    return found.database_type, int(found.build_epoch)
