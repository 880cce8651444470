"""Log files as the follower sees them: plain or compressed, live or rotated away."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
import stat
import zlib
from contextlib import closing
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import msgspec

from storj_monitor.core.logline import first_time
from storj_monitor.core.position import HEAD, Match, Position, heads_of, same_head, same_tail

if TYPE_CHECKING:
    from collections.abc import Callable

OPENERS: dict[str, Callable[[str], IO[bytes]]] = {
    ".gz": lambda path: cast("IO[bytes]", gzip.open(path, "rb")),
    ".xz": lambda path: cast("IO[bytes]", lzma.open(path, "rb")),
    ".bz2": lambda path: cast("IO[bytes]", bz2.open(path, "rb")),
}
READ_ERRORS = (OSError, EOFError, lzma.LZMAError, zlib.error)
"""What a damaged, vanished or unreadable file raises."""

SEARCH, LINE = 256 * 1024, 1 << 20
"""Bytes in which a line is searched by its time; of a longer line the first part is a line."""

_DATE = r"\d{4}-?\d\d-?\d\d(?:[-_T.]?\d{1,10})*"
_PACKED = r"(?:\.(?:gz|xz|bz2))?"


_NUMBERED = re.compile(rf"(?P<live>.+?)(?:\.\d{{1,4}}(?P<suffix>\.[A-Za-z]+)?)?{_PACKED}")


class Start(msgspec.Struct, frozen=True):
    """How a file begins and where it lay: rotated and packed it begins so under another name (`core.position`)."""

    path: str
    head_len: int
    heads: bytes


class NotAFileError(OSError):
    """The path is a directory, a FIFO or a device: nothing to follow."""


class LogFile:
    """One open file. Compressed files are read as if they were plain; offsets are those of the plain text."""

    def __init__(self, path: str) -> None:
        self.path = path
        opener = OPENERS.get(os.path.splitext(path)[1])
        self.packed = opener is not None
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            os.close(fd)
            raise NotAFileError(f"{path} is no regular file")
        self.identity = (status.st_dev, status.st_ino)
        self._fd = fd
        self._stream: IO[bytes] | None = None
        if opener is not None:
            os.close(fd)
            self._fd = -1
            self._stream = opener(path)

    def close(self) -> None:
        """Give the file back."""
        if self._stream is not None:
            self._stream.close()
        elif self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def read(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`."""
        if self._stream is None:
            return os.pread(self._fd, size, offset)
        if self._stream.tell() != offset:
            self._stream.seek(offset)
        return self._stream.read(size)

    def size(self) -> int | None:
        """Bytes in the file; None for a compressed one (it is known only after reading)."""
        return os.fstat(self._fd).st_size if self._stream is None else None

    def gone(self) -> bool:
        """True when no name leads to the file any more."""
        return self._stream is None and os.fstat(self._fd).st_nlink == 0

    def match(self, position: Position) -> Match:
        """What this file is to a position; reads 8 KiB at most of a plain file."""
        if not same_head(position, self.read(0, HEAD)):
            return Match.OTHER
        tail = self.read(position.offset - position.tail_len, position.tail_len)
        if same_tail(position, tail):
            return Match.SAME
        size = self.size()
        if len(tail) < position.tail_len and (size is None or size < position.offset):
            return Match.SHORTER
        return Match.OTHER


def start_of(file: LogFile) -> Start:
    """How an open file begins."""
    head = file.read(0, HEAD)
    return Start(file.path, len(head), heads_of(head))


def find(start: Start) -> str | None:
    """Where a file lies now: under its name, packed, or as another copy of the same log; None when it is gone."""
    known = Position(0, start.path, head_len=start.head_len, heads=start.heads)
    parts = _NUMBERED.fullmatch(start.path)
    live = f"{parts['live']}{parts['suffix'] or ''}" if parts is not None else start.path
    for path in dict.fromkeys([start.path, *(start.path + end for end in OPENERS), *siblings(live), live]):
        try:
            with closing(LogFile(path)) as file:
                if same_head(known, file.read(0, HEAD)):
                    return path
        except READ_ERRORS:
            continue
    return None


def siblings(live: str) -> list[str]:
    """Files beside `live` whose names say that they are rotated copies of it, oldest first as far as names tell.

    `node.log.1`, `node.log-20261123.gz`, `node-20261123.log`, `node.1.log` belong to `node.log`; `node2.log`,
    `node.log.bak` and `node-2.log` do not.
    """
    path = Path(live)
    stem, suffix = re.escape(path.stem), re.escape(path.suffix)
    number = rf"{stem}{suffix}\.(?P<n>\d{{1,4}}){_PACKED}|{stem}\.(?P<m>\d{{1,4}}){suffix}{_PACKED}"
    date = rf"{stem}{suffix}[-._](?P<d>{_DATE}){_PACKED}|{stem}[-._](?P<e>{_DATE}){suffix}{_PACKED}"
    pattern = re.compile(rf"^(?:{number}|{date})$")
    found: list[tuple[tuple[int, int, str], str]] = []
    try:
        names = os.listdir(path.parent)
    except OSError:
        return []
    for name in names:
        match = pattern.match(name)
        if match is None:
            continue
        count, day = match["n"] or match["m"], match["d"] or match["e"] or ""
        found.append(((1, -int(count), "") if count else (0, 0, re.sub(r"\D", "", day)), str(path.parent / name)))
    return [each for _, each in sorted(found)]


def first_later(file: LogFile, at: int) -> int:
    """The offset of the first line that is later than `at`; the end of the last complete line when there is none."""
    low, high = 0, file.size() or 0
    while high - low > SEARCH:
        middle = (low + high) // 2
        if first_time(file.read(middle, SEARCH // 4).partition(b"\n")[2]) > at:
            high = middle
        else:
            low = middle
    offset = low
    if low:
        offset += file.read(low, SEARCH).find(b"\n") + 1
    for line in file.read(offset, LINE).splitlines(keepends=True):
        if first_time(line) > at or not line.endswith(b"\n"):
            break
        offset += len(line)
    return offset


def identity(path: str) -> tuple[int, int] | None:
    """Device and inode of what a path leads to; None when it leads nowhere."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def listing(live: str) -> list[tuple[str, int]]:
    """The live path and its siblings with their inodes: has a rotation come in between?"""
    found = ((path, identity(path)) for path in [live, *siblings(live)])
    return [(path, there[1]) for path, there in found if there is not None]
