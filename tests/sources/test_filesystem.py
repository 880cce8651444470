"""The storage folder on real folders, with mounts and disks as a made-up /proc tells of them."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.patience import PATIENCE
from tests.sources.small import Clock

from storj_monitor.core.readings_host import FilesystemReading
from storj_monitor.sources import mounts
from storj_monitor.sources.filesystem import VERIFICATION, Filesystem, news, say
from storj_monitor.sources.guard import Guard, HangsError
from storj_monitor.sources.poller import SourceError

ROOT = "25 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro"


class Host:
    """A storage folder and the /proc beside it."""

    def __init__(self, tmp: Path) -> None:
        self.clock = Clock()
        self.folder = tmp / "disk with space/storage"
        self.folder.mkdir(parents=True)
        (self.folder / VERIFICATION).write_bytes(b"id")
        self.proc = tmp / "proc"
        (self.proc / "self").mkdir(parents=True)
        self.mounted()

    def mounted(self, options: str = "rw,noatime", kind: str = "ext4", device: str = "/dev/sdb1") -> None:
        point = str(self.folder.parent).replace(" ", "\\040")
        row = f"40 25 8:17 / {point} {options} shared:20 - {kind} {device} rw"
        (self.proc / "self/mountinfo").write_text(f"{ROOT}\n{row}\n")

    def unmounted(self) -> None:
        (self.proc / "self/mountinfo").write_text(f"{ROOT}\n")
        (self.folder / VERIFICATION).unlink()

    def disk(self, reads: int, reading: int, writes: int, writing: int, working: int) -> None:
        rows = ["   8       1 sda1 9 0 9 9 9 0 9 9 0 9 9 0 0 0 0 0 0"]
        rows.append(f"   8      17 sdb1 {reads} 4 9 {reading} {writes} 5 9 {writing} 0 {working} 99 0 0 0 0 0 0")
        (self.proc / "diskstats").write_text("\n".join(rows) + "\n")

    def source(self, **more: Any) -> Filesystem:
        return Filesystem(lambda: str(self.folder), now=self.clock, proc=self.proc, **more)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


async def test_a_folder_on_its_disk(host: Host) -> None:
    found = await host.source().poll()
    real = os.statvfs(host.folder)
    assert found is not None
    assert found.present
    assert found.total == real.f_blocks * real.f_frsize
    assert found.free is not None
    assert abs(found.free - real.f_bavail * real.f_frsize) < 1 << 30
    assert (found.mount, found.device, found.kind) == (str(host.folder.parent), "/dev/sdb1", "ext4")
    assert (found.read_only, found.verified) == (False, True)
    assert (found.busy, found.wait) == (None, None), "there is no diskstats"


async def test_how_busy_the_disk_was_between_two_looks(host: Host) -> None:
    source = host.source()
    host.disk(1000, 5000, 2000, 9000, 60_000)
    first = await source.poll()
    host.clock.at += 60
    host.disk(1100, 5600, 2200, 10_200, 75_000)
    second = await source.poll()
    assert first is not None
    assert second is not None
    assert (first.busy, first.wait) == (None, None)
    assert second.busy == 25.0  # 15 000 ms at work of 60 s
    assert second.wait == 0.006  # (600 + 1200) ms for 100 + 200 requests
    host.clock.at += 60
    host.disk(5, 5, 5, 5, 5)
    third = await source.poll()
    assert third is not None
    assert (third.busy, third.wait) == (None, None), "counters that fell are those of another boot"


async def test_a_disk_that_is_not_mounted_any_more_is_gone_and_comes_back(host: Host) -> None:
    source = host.source()
    there = await source.poll()
    host.unmounted()
    gone = await source.poll()
    again = await source.poll()
    assert there is not None
    assert gone is not None
    assert (gone.present, gone.total, gone.free, gone.read_only) == (False, None, None, None)
    assert again is not None
    assert not again.present, "the second look must not take the empty folder for the disk"
    assert [(n.severity, n.kind) for n in news(there, gone)] == [("critical", "storage")]
    assert news(gone, again) == []
    # the agent is restarted while the disk is away, and remembers
    later = await host.source(last=gone).poll()
    assert later is not None
    assert not later.present
    (host.folder / VERIFICATION).write_bytes(b"id")
    host.mounted()
    back = await source.poll()
    assert back is not None
    assert back.present
    assert [n.severity for n in news(gone, back)] == ["info"]


async def test_another_place_that_has_the_node_s_mark_is_its_place(host: Host) -> None:
    source = host.source()
    await source.poll()
    (host.proc / "self/mountinfo").write_text(f"{ROOT}\n")
    moved = await source.poll()
    assert moved is not None
    assert moved.present
    assert moved.device == "/dev/sda1"


async def test_a_folder_that_lost_its_mark_is_gone_and_one_that_never_had_it_is_not(host: Host) -> None:
    source = host.source()
    await source.poll()
    (host.folder / VERIFICATION).unlink()
    lost = await source.poll()
    assert lost is not None
    assert not lost.present
    fresh = await host.source().poll()
    assert fresh is not None
    assert (fresh.present, fresh.verified) == (True, False)


async def test_read_only_by_the_mount_or_by_the_file_system(host: Host) -> None:
    source = host.source()
    before = await source.poll()
    host.mounted("ro,noatime")
    after = await source.poll()
    assert before is not None
    assert after is not None
    assert (after.present, after.read_only) == (True, True)
    assert [n.text for n in news(before, after)] == [
        f"The file system {host.folder.parent} has become read-only; the kernel's log says why."
    ]
    assert "read-only" in say(after)


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EIO, errno.ENOTCONN, errno.ESTALE, errno.ENODEV])
async def test_a_folder_that_does_not_answer_with_sizes_is_gone(host: Host, number: int) -> None:
    def fails(_path: str) -> os.statvfs_result:
        raise OSError(number, os.strerror(number))

    found = await host.source(statvfs=fails).poll()
    assert found == FilesystemReading(at=int(host.clock.at), path=str(host.folder), present=False)


async def test_no_right_to_look_is_no_absence(host: Host) -> None:
    def fails(_path: str) -> os.statvfs_result:
        raise PermissionError(errno.EACCES, "Permission denied")

    with pytest.raises(SourceError, match="cannot be looked at: Permission denied"):
        await host.source(statvfs=fails).poll()


async def test_a_mount_that_hangs_does_not_hang_the_loop(host: Host) -> None:
    release = threading.Event()

    def hangs(path: str) -> os.statvfs_result:
        release.wait(20)
        return os.statvfs(path)

    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.005)

    ticking = asyncio.create_task(tick())
    source = host.source(statvfs=hangs, guard=Guard("The storage folder", patience=0.2))
    with pytest.raises(HangsError, match=r"The storage folder does not answer within 0\.2 s"):
        await source.poll()
    assert ticks > 3
    threads = threading.active_count()
    with pytest.raises(HangsError, match="still does not answer"):
        await source.poll()
    assert threading.active_count() == threads
    release.set()
    ticking.cancel()
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                found = await source.poll()
                break
            except HangsError:
                await asyncio.sleep(0.005)
    assert found is not None
    assert found.present


async def test_another_folder_has_another_past(host: Host, tmp_path: Path) -> None:
    source = host.source()
    await source.poll()
    host.folder = tmp_path
    found = await source.poll()
    assert found is not None
    assert found.present, "that its mount is another one says nothing about the new folder"


async def test_no_folder_no_reading() -> None:
    assert await Filesystem(lambda: None, now=Clock()).poll() is None


# ---- mounts ----


def test_the_mount_of_a_path() -> None:
    known = [
        mounts.Mount("/", "8:1", "ext4", "/dev/sda1", False),
        mounts.Mount("/mnt/a", "8:17", "ext4", "/dev/sdb1", False),
        mounts.Mount("/mnt/a", "8:33", "xfs", "/dev/sdc1", True),
    ]
    assert [
        getattr(mounts.holding(path, known), "device", None) for path in ("/mnt/a/x", "/mnt/a", "/mnt/ab", "/")
    ] == [
        "/dev/sdc1",
        "/dev/sdc1",
        "/dev/sda1",
        "/dev/sda1",
    ]
    assert mounts.holding("/x", []) is None


def test_this_host_s_own_mounts() -> None:
    mount = mounts.holding("/proc/self", mounts.mounts())
    assert mount is not None
    assert (mount.point, mount.kind) == ("/proc", "proc")


@given(st.text(max_size=200))
def test_no_line_of_mountinfo_breaks_it(text: str) -> None:
    mounts._mount(text)
    mounts._mount(f"36 35 98:0 / {text} rw - ext3 {text} rw")
