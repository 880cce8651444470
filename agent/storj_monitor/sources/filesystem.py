"""The file system under the node's storage folder: its size, its mount, how busy its disk is.

Everything that touches the folder runs under a guard: a disk that does not answer must not take the agent with it.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from storj_monitor.core.facts import Notice
from storj_monitor.core.readings_host import FilesystemReading
from storj_monitor.sources.guard import Guard
from storj_monitor.sources.mounts import PROC, Mount, holding, mounts
from storj_monitor.sources.poller import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from storj_monitor.core.readings import Body

VERIFICATION = "storage-dir-verification"
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOTCONN, errno.ESTALE}


class Look(NamedTuple):
    """What touching the folder told: its place without links, sizes, and whether the node's mark lies in it."""

    place: str
    total: int
    free: int
    read_only: bool
    verified: bool | None


class Filesystem:
    """The storage folder of one node; remembers the last reading, for what is counted from it."""

    def __init__(
        self,
        folder: Callable[[], str | None],
        *,
        now: Callable[[], float],
        last: Body | None = None,
        proc: Path = PROC,
        statvfs: Callable[[str], os.statvfs_result] = os.statvfs,
        guard: Guard | None = None,
    ) -> None:
        self._folder = folder
        self._now = now
        self._last = last if isinstance(last, FilesystemReading) else None
        self._proc = proc
        self._statvfs = statvfs
        self._guard = guard or Guard("The storage folder")

    async def poll(self) -> FilesystemReading | None:
        """How the folder is now; None while no folder is known. Raises `SourceError` or `HangsError`."""
        path = self._folder()
        if path is None:
            return None
        if self._last is not None and self._last.path != path:
            self._last = None
        try:
            look = await self._guard.call(self._look, path)
        except OSError as problem:
            if problem.errno not in _GONE:
                raise SourceError(f"The storage folder {path} cannot be looked at: {problem.strerror}.") from None
            self._last = self._absent(path)
            return self._last
        self._last = self._made(path, look)
        return self._last

    def _look(self, path: str) -> Look:
        sizes = self._statvfs(path)
        place = os.path.realpath(path)
        total, free = sizes.f_blocks * sizes.f_frsize, sizes.f_bavail * sizes.f_frsize
        return Look(place, total, free, bool(sizes.f_flag & os.ST_RDONLY), _verified(path))

    def _made(self, path: str, look: Look) -> FilesystemReading:
        mount, old = holding(look.place, mounts(self._proc)), self._last
        if self._is_gone(mount, look):
            return self._absent(path)
        ticks = _ticks(self._proc, mount, self._now()) if mount else None
        busy, wait = _load(old.ticks if old and mount and old.device == mount.device else None, ticks)
        return FilesystemReading(
            at=int(self._now()),
            path=path,
            present=True,
            total=look.total,
            free=look.free,
            read_only=look.read_only or (mount is not None and mount.read_only),
            mount=mount.point if mount else "",
            device=mount.device if mount else "",
            kind=mount.kind if mount else "",
            verified=look.verified,
            busy=busy,
            wait=wait,
            ticks=ticks,
        )

    def _is_gone(self, mount: Mount | None, look: Look) -> bool:
        """A folder that now lies on what its mount point lay on is the empty folder under it: the disk is gone.

        So is one that has lost the file that the node once made in it; with that file it is there wherever it lies.
        """
        old = self._last
        if old is None or look.verified:
            return False
        uncovered = mount is not None and old.mount.startswith(mount.point) and len(mount.point) < len(old.mount)
        return uncovered or (old.verified is True and look.verified is False)

    def _absent(self, path: str) -> FilesystemReading:
        """Gone; where it was mounted stays known, so that it is recognised when it is back."""
        old = self._last
        if old is None:
            return FilesystemReading(at=int(self._now()), path=path, present=False)
        return FilesystemReading(
            at=int(self._now()),
            path=path,
            present=False,
            mount=old.mount,
            device=old.device,
            kind=old.kind,
            verified=old.verified,
        )


def news(old: Any, new: Any) -> list[Notice]:
    """Coming and going of the storage folder, and its becoming read-only or writable."""
    said: list[tuple[str, str]] = []
    if old.path == new.path and old.present != new.present:
        said.append(
            ("info", f"The storage folder {new.path} is back.")
            if new.present
            else ("critical", f"The storage folder {new.path} is gone: not mounted, or not the node's.")
        )
    if new.present and old.present and old.read_only is not None and new.read_only != old.read_only:
        word = ("critical", "read-only; the kernel's log says why") if new.read_only else ("info", "writable again")
        said.append((word[0], f"The file system {new.mount} has become {word[1]}."))
    return [Notice(new.at, severity, text, kind="storage") for severity, text in said]


def say(body: Any) -> str:
    """One sentence for `check`."""
    if not body.present:
        return f"{body.path} is not there; is its disk mounted?"
    sizes = (
        f"{body.path} on {body.device or 'an unknown device'}: {body.free / 1e9:.0f} of {body.total / 1e9:.0f} GB free"
    )
    return f"{sizes}, but it is read-only." if body.read_only else f"{sizes}."


def _verified(path: str) -> bool | None:
    try:
        os.stat(os.path.join(path, VERIFICATION))  # noqa: PTH116, PTH118
    except FileNotFoundError:
        return False
    except OSError:
        return None
    return True


def _ticks(proc: Path, mount: Mount, at: float) -> tuple[float, int, int, int] | None:
    """When, and of the disk since the boot: milliseconds at work, requests, milliseconds that they took.

    None for what has no disk of its own (a network, tmpfs, btrfs with its made-up numbers).
    """
    try:
        lines = (proc / "diskstats").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        fields = line.split()
        if len(fields) >= 14 and f"{fields[0]}:{fields[1]}" == mount.number:
            reads, reading, writes, writing, working = (int(fields[n]) for n in (3, 6, 7, 10, 12))
            return at, working, reads + writes, reading + writing
    return None


def _load(
    old: tuple[float, int, int, int] | None, new: tuple[float, int, int, int] | None
) -> tuple[float | None, float | None]:
    """Percent of the time at work and seconds a request; None without two counts of one boot."""
    if old is None or new is None or new[0] <= old[0] or any(b < a for a, b in zip(old, new, strict=True)):
        return None, None
    seconds, working, requests, waiting = (b - a for a, b in zip(old, new, strict=True))
    return round(min(100.0, working / seconds / 10), 2), round(waiting / requests / 1000, 5) if requests else None
