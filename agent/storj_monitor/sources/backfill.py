"""Reads old logs into the store, each line once: in any order, under any name, compressed or grown, in any number of
attempts.

A file is known again by the positions that the follower keeps, too: first bytes, length counted, checksum of the last
4 KiB before it. A copy, a renamed, a compressed or a grown file is read only beyond what was counted. A file with
another beginning whose times overlap counted ones is taken for a cut-out and refused unless forced.

What is not guaranteed: a cut-out that lies within the last counted second of a file counts as the file that came next;
a file without any time cannot be compared, and its lines get the time of the line before; a last line without newline
is counted only when nobody writes to the file any more (compressed, or untouched for a minute); files that lie within
one and the same second are read in the order in which they are given.

All of it blocks on the disk and the processor; `batches` stops at each point where what was read is to be committed.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from storj_monitor.core.facts import LogReading, Reading
from storj_monitor.core.logline import first_time, last_time
from storj_monitor.core.logreader import LogReader
from storj_monitor.core.position import HEAD, TAIL, Match, Position, digest, heads_of, same_head, same_tail
from storj_monitor.sources.files import READ_ERRORS, LogFile, start_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from storj_monitor.core.facts import Batch
    from storj_monitor.core.live import Place
    from storj_monitor.sources.files import Start

BLOCK = 1 << 20
"""Of a line that is longer the first part is counted as a line, the rest is passed over."""
LINES = 200_000
MINUTES = 720
SECONDS = 3.0
"""A batch ends after so many lines, minutes of log or seconds of work: that bounds memory and what a kill costs."""
LAST = 1 << 16
"""Of a block so much is searched for its last time."""
SETTLED = 60.0
SLACK = 2
"""Seconds that two files that follow each other may overlap."""


class Mark(msgspec.Struct):
    """What the reader carried when the first `offset` bytes of file `number` were counted."""

    number: int
    offset: int
    carry: bytes


class Imported(msgspec.Struct):
    """How it went: `lines` counted now, `skipped` counted before, and a sentence for each file that was refused."""

    files: int = 0
    lines: int = 0
    skipped: int = 0
    refused: list[str] = []


class OldFile(msgspec.Struct):
    """An open file, its first bytes, its position, and the bytes before the position's offset."""

    file: LogFile
    head: bytes
    position: Position
    before: bytes = b""

    def advance(self, block: bytes) -> None:
        """Count `block` as read."""
        position = self.position
        position.offset += len(block)
        if position.head_len < HEAD:
            head = self.head[: position.offset]
            position.head_len, position.heads = len(head), heads_of(head)
        self.before = (self.before + block[-TAIL:])[-TAIL:]
        position.tail_len, position.tail = len(self.before), digest(self.before)
        position.first_at = position.first_at or first_time(block)
        position.last_at = max(position.last_at, last_time(block[-LAST:]))


class Backfill:
    """Imports files of one node. `start` with what the store has of it, then commit each batch with its mark.

    `progress` gets the number of lines of each block; `result` tells how it went, `opened` which files it was.
    """

    def __init__(
        self,
        node: str,
        *,
        now: Callable[[], float],
        force: bool = False,
        progress: Callable[[int], object],
        place: Callable[[str], Place | None] | None = None,
    ) -> None:
        self.node = node
        self.result = Imported()
        self.opened: list[Start] = []
        self._now = now
        self._force = force
        self._progress = progress
        self._reader = LogReader(node, place)

    def start(
        self, positions: Sequence[Position], *, carry: bytes | None, latest: LogReading | None, mark: bytes | None
    ) -> None:
        """Go on from what the store has: positions and carry of the follower, the mark of the last import."""
        self._known = {position.number: position for position in positions}
        self._carry = carry
        self._latest = latest or LogReading()
        self._mark = msgspec.msgpack.decode(mark, type=Mark) if mark else None
        self._moved: dict[int, Position] = {}
        self._read_now: set[int] = set()
        self._since = self._now()

    def batches(self, paths: Sequence[str]) -> Iterator[tuple[Batch, bytes]]:
        """Read the files, oldest first; each batch is committed, with the mark, before the next is asked for."""
        for path in self._oldest_first(paths):
            try:
                with closing(LogFile(path)) as file:
                    self.result.files += 1
                    self.opened.append(start_of(file))
                    yield from self._import(file)
            except READ_ERRORS as error:
                self.result.refused.append(f"{path} cannot be read to its end ({error}).")
        if self._moved:
            yield self._take()

    def _oldest_first(self, paths: Sequence[str]) -> list[str]:
        """By the first time in them, so that pieces that are open at the end of one file are closed in the next.

        Of files that begin in the same second the one that ends first comes first.
        """
        first: dict[str, float] = {}
        for path in dict.fromkeys(paths):
            try:
                with closing(LogFile(path)) as file:
                    first[path] = first_time(file.read(0, BLOCK)) or float("inf")
            except READ_ERRORS as error:
                self.result.refused.append(f"{path} cannot be read ({error}).")
        return sorted(first, key=lambda path: (first[path], self._ends(path, first)))

    def _ends(self, path: str, first: dict[str, float]) -> int:
        """The last time in a file, asked only where another begins in the same second: a packed one is read for it."""
        if sum(each == first[path] for each in first.values()) == 1:
            return 0
        try:
            with closing(LogFile(path)) as file:
                return last_of(file)
        except READ_ERRORS:
            return 0  # said when it is imported

    # ---- one file ----

    def _import(self, file: LogFile) -> Iterator[tuple[Batch, bytes]]:
        old = self._recognise(file)
        if old is None:
            return
        position = old.position
        if not position.offset and not self._force and (other := self._overlapped(file)) is not None:
            self.result.refused.append(
                f"{file.path} begins differently, but its times overlap those of {other.path}, which is counted: "
                "it looks like a part of it. --force counts it all the same."
            )
            return
        if self._mark is not None and (self._mark.number, self._mark.offset) == (position.number, position.offset):
            self._reader.restore(self._mark.carry, None)
        elif (
            position.offset
            and position.number not in self._read_now  # else the reader has what is open at its end
            and self._carry is not None
            and not self._is_read(old)
        ):
            self._reader.restore(self._carry, None)
        yield from self._read(old)

    def _recognise(self, file: LogFile) -> OldFile | None:
        """The file with its position, a new one if need be; None when nothing in it is new."""
        head = file.read(0, HEAD)
        if not head:
            return None
        candidates = [each for each in self._known.values() if same_head(each, head)]
        for position in sorted(candidates, key=lambda each: each.offset, reverse=True):
            if position.past:
                continue
            match, lines, before = passed(file, position)
            if match is not Match.OTHER:
                self.result.skipped += lines
                self._progress(lines)
            if match is Match.SHORTER:
                return None
            if match is Match.SAME:
                return OldFile(file, head, position, before)
        past = next((each for each in candidates if each.past), None)
        number = past.number if past is not None else max(self._known, default=0) + 1
        return OldFile(file, head, Position(number, file.path))

    def _overlapped(self, file: LogFile) -> Position | None:
        """The counted file of which this one, with another beginning, seems to be a part."""
        first = first_time(file.read(0, BLOCK))
        counted = [each for each in self._known.values() if each.offset and each.first_at and each.last_at >= first]
        if not first or not counted:
            return None
        last = last_of(file)
        return next((each for each in counted if overlaps(first, last, each)), None)

    def _is_read(self, old: OldFile) -> bool:
        return not old.file.read(old.position.offset, 1)

    def _read(self, old: OldFile) -> Iterator[tuple[Batch, bytes]]:
        rest, at = b"", old.position.offset
        while data := old.file.read(at, BLOCK):
            at += len(data)
            data = rest + data
            end = data.rfind(b"\n") + 1
            if not end and len(data) < BLOCK:
                rest = data
                continue
            end = end or len(data)
            rest = data[end:]
            self._count(old, data[:end])
            if self._due():
                yield self._take()
        if rest and self._settled(old.file):
            self._count(old, rest)

    def _settled(self, file: LogFile) -> bool:
        """Whether a last line without newline is all that will ever be of it."""
        return file.packed or self._now() - Path(file.path).stat().st_mtime > SETTLED

    def _count(self, old: OldFile, block: bytes) -> None:
        """Feed a block; one without newline at its end is a line whose rest, should it come, is passed over."""
        position = old.position
        old.advance(block)
        whole = block.endswith(b"\n")
        lines = block if whole else block + b"\n"
        if position.skipping:
            lines = lines[lines.find(b"\n") + 1 :]
        position.skipping = not whole
        count = self._reader.feed(lines, self._now())
        self.result.lines += count
        self._progress(count)
        self._read_now.add(position.number)
        self._known[position.number] = self._moved[position.number] = self._last = position

    # ---- what comes out ----

    def _due(self) -> bool:
        reader = self._reader
        return reader.lines >= LINES or reader.minutes >= MINUTES or self._now() - self._since >= SECONDS

    def _take(self) -> tuple[Batch, bytes]:
        """Everything since the last batch. The follower goes on with the carry of the newest file."""
        batch, carry, last = self._reader.take(), self._reader.carry(), self._last
        newest = last.last_at >= max(each.last_at for each in self._known.values())
        batch.carry = carry if newest else None
        batch.positions = [msgspec.structs.replace(each) for each in self._moved.values()]
        batch.readings = [self._merged(each.body) for each in batch.readings if isinstance(each, Reading)]
        self._moved = {}
        self._since = self._now()
        return batch, msgspec.msgpack.encode(Mark(last.number, last.offset, carry))

    def _merged(self, read: LogReading) -> Reading:
        """What old lines say of the node adds to what newer ones said, and never replaces it."""
        self._latest = self._latest.with_older(read)
        return Reading("log", self._latest.last_line, self._latest)


def passed(file: LogFile, position: Position) -> tuple[Match, int, bytes]:
    """What a file with the position's head is to it, how many lines were counted of it, and the bytes before the
    offset. One pass: a compressed file has no shorter way.
    """
    at, lines, before = 0, 0, b""
    while at < position.offset and (data := file.read(at, min(BLOCK, position.offset - at))):
        at += len(data)
        lines += data.count(b"\n")
        before = (before + data[-TAIL:])[-TAIL:]
    lines += before[-1:] not in {b"", b"\n"}
    if at < position.offset:
        return Match.SHORTER, lines, before
    same = same_tail(position, before[len(before) - position.tail_len :])
    return Match.SAME if same else Match.OTHER, lines, before


def last_of(file: LogFile) -> int:
    """Epoch seconds of the last line that has a time; 0 when there is none."""
    size = file.size()
    if size is not None:
        return last_time(file.read(max(0, size - BLOCK), BLOCK))
    at = last = 0
    while data := file.read(at, BLOCK):
        at += len(data)
        last = last_time(data) or last
    return last


def overlaps(first: int, last: int, counted: Position) -> bool:
    """Whether lines from `first` to `last` are at the time of counted ones, as no file that came before or after is."""
    if counted.first_at < first <= last < counted.last_at:
        return True
    shared = min(last, counted.last_at) - max(first, counted.first_at)
    return shared > 0 and (shared > SLACK or shared == min(last - first, counted.last_at - counted.first_at))
