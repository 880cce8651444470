"""Unsent orders in real folders."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.sources.small import Clock

from storj_monitor.core.readings_host import OrdersReading, Unsent
from storj_monitor.sources.orders import Orders, say
from storj_monitor.sources.poller import SourceError

US1 = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S"
EU1 = "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs"
HOUR = 1_795_431_600


async def test_files_bytes_and_the_oldest_by_satellite(tmp_path: Path) -> None:
    unsent = tmp_path / "unsent"
    unsent.mkdir()
    for satellite, hours, size in ((US1, 0, 100), (US1, -5, 250), (EU1, 0, 7)):
        (unsent / f"unsent-orders-{satellite}-{HOUR + hours * 3600}000000000.v1").write_bytes(b"x" * size)
    for name in ("unsent-orders-nobody-1.v1", "README", f"archived-orders-{US1}-{HOUR}000000000-1-ACCEPTED.v1"):
        (unsent / name).write_bytes(b"x")
    found = await Orders(lambda: str(tmp_path), now=Clock()).poll()
    assert found == OrdersReading(
        at=1_795_435_200, satellites=(Unsent(US1, 2, 350, HOUR - 5 * 3600), Unsent(EU1, 1, 7, HOUR))
    )
    assert say(found) == "3 files of unsent orders."


async def test_nothing_waits(tmp_path: Path) -> None:
    (tmp_path / "unsent").mkdir()
    assert await Orders(lambda: str(tmp_path), now=Clock()).poll() == OrdersReading(at=1_795_435_200)
    assert await Orders(lambda: None, now=Clock()).poll() is None


async def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"There is no folder .*/unsent; see storage2\.orders\.path"):
        await Orders(lambda: str(tmp_path), now=Clock()).poll()
