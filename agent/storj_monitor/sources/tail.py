"""Follows one log through rotation, restarts and power cuts (design §4), and never loses or doubles a line that exists.

What is guaranteed: every complete line that is in the live file or in a kept sibling (compressed ones too) when the
agent looks is handed on exactly once, whatever rename, copytruncate, truncation, replacement or kill came between,
because the positions are saved in the same transaction as what was made of the lines.

What is not: lines that copytruncate drops between its copy and its truncation; lines of a file that was removed
before it was read; the last line of a file while it has no newline. A copy of the log under a name that looks rotated
(`node.log.7`) but with another beginning, e.g. a cut-out, is not counted when its lines are older than what was
counted already.

storagenode never reopens its log: after a rename it goes on writing into the renamed file. Therefore all files that
were ever read stay watched while they exist, the live path beside them.

All methods block on the disk; `sources.logs` calls them in a thread.
"""

from __future__ import annotations

import glob
import os
from contextlib import closing
from typing import TYPE_CHECKING, Protocol

import msgspec

from storj_monitor.core.logline import first_time
from storj_monitor.core.position import HEAD, TAIL, Match, Position, digest, heads_of, same_head, same_tail
from storj_monitor.sources.files import (
    READ_ERRORS,
    LogFile,
    NotAFileError,
    first_later,
    identity,
    listing,
    siblings,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CHUNK = 256 * 1024
LINE_MAX = 1 << 20
"""Of a longer line the first part is counted as a line, the rest is passed over."""
CUT_OUT = 600
"""A new sibling that begins this many seconds before what was counted last is a cut-out, not the next file."""
WATCHED_MAX = 200
SCANS_MAX = 5


class Where(Protocol):
    """A log whose path changes with what writes it."""

    def live(self) -> str:
        """The file that is written now; a path that leads nowhere when there is none."""

    def elders(self, known: Iterable[str]) -> list[str]:
        """Of the paths that were read, those that are the log's no more but may hold lines that are not read yet."""


class Stream:
    """One file that is being read, and where."""

    def __init__(self, file: LogFile, position: Position) -> None:
        self.file = file
        self.position = position
        self.done = False

    def chunk(self) -> tuple[bytes, bytes] | None:
        """The bytes before the offset, and those from it on; None when the former are not what was counted."""
        position = self.position
        if self.file.packed:
            return b"", self.file.read(position.offset, CHUNK)
        data = self.file.read(position.offset - position.tail_len, position.tail_len + CHUNK)
        before = data[: position.tail_len]
        return (before, data[position.tail_len :]) if same_tail(position, before) else None

    def advance(self, before: bytes, block: bytes) -> None:
        """Count `block` as read; the head's digests grow until 4 KiB are known."""
        position = self.position
        if position.head_len < HEAD:
            head = self.file.read(0, min(HEAD, position.offset + len(block)))
            position.head_len, position.heads = len(head), heads_of(head)
        tail = (before + block)[-TAIL:]
        position.offset += len(block)
        position.tail_len, position.tail = len(tail), digest(tail)


class Tail:
    """Follows the log at `path` (a glob follows the newest of its files as the live one), or where `path` says it is.

    `start` with the saved positions, then `read` again and again; `positions` is what to save with what came of it.
    `say` gets a sentence when something happened that people should know.
    """

    def __init__(self, path: str | Where, say: Callable[[str], None]) -> None:
        self.path = path
        self._say = say
        self._said: set[str] = set()
        self._known: dict[int, Position] = {}
        self._streams: list[Stream] = []
        self._live: Stream | None = None
        self._followed = False

    # ---- life ----

    def start(self, saved: Iterable[Position], *, followed: bool) -> None:
        """Continue from saved positions. On the very first start (`followed` False) siblings are the past, except those
        that were imported.
        """
        self._known = {position.number: position for position in saved}
        self._followed = followed
        if not followed:
            self._remember_past()
        self._followed = True

    def stop(self) -> None:
        """Close all files."""
        for stream in self._all():
            stream.file.close()
        self._streams, self._live = [], None

    def positions(self) -> list[Position]:
        """Copies of all positions, to be saved."""
        return [
            msgspec.structs.replace(position) for position in self._known.values() if position.offset or position.past
        ]

    def past(self) -> list[str]:
        """Files beside the log that were there before the first start and are not counted, oldest first."""
        found = []
        for path in siblings(self._live_path()):
            file = self._open(path)
            if file is None:
                continue
            with closing(file):
                head = file.read(0, HEAD)
            if any(each.past and same_head(each, head) for each in self._known.values()):
                found.append(path)
        return found

    def heard(self, last: int) -> None:
        """Note the time of the latest line that was made of what was read."""
        position = self._live.position if self._live is not None else None
        if position is not None and position.offset:
            position.last_at = max(position.last_at, last)

    def behind(self) -> int:
        """Bytes that exist and are not yet read, of plain files."""
        total = 0
        for stream in self._all():
            size = stream.file.size()
            total += max(0, (size or 0) - stream.position.offset)
        return total

    # ---- reading ----

    def read(self) -> bytes:
        """The next block of complete lines, oldest file first; b"" when all is read for now."""
        for _ in range(SCANS_MAX):
            if self._live is None or self._turned():
                self._open_all()
            for stream in list(self._streams):
                block = self._read(stream)
                if block:
                    return block
                if stream.file.gone() or stream.done:
                    self._drop(stream)
            if self._live is None:
                return b""
            block = self._read(self._live)
            if block is not None:
                return block
            self._retire_live()
        return b""

    def _read(self, stream: Stream) -> bytes | None:
        """A block of complete lines; b"" when there is none now; None when the file is not what it was."""
        try:
            chunk = stream.chunk()
        except READ_ERRORS as error:
            self._once(f"{stream.file.path} cannot be read: {error}")
            stream.done = True
            return b""
        if chunk is None:
            stream.done = True
            return None
        before, data = chunk
        if stream.file.packed and len(data) < CHUNK:
            stream.done = True
        return self._lines(stream, before, data)

    def _lines(self, stream: Stream, before: bytes, data: bytes) -> bytes:
        position = stream.position
        end = data.rfind(b"\n") + 1
        if end == 0 and len(data) >= CHUNK:
            data = stream.file.read(position.offset, LINE_MAX)
            end = data.rfind(b"\n") + 1
            if end == 0 and len(data) >= LINE_MAX:
                return self._too_long(stream, before, data)
        block = data[:end]
        if not block:
            return b""
        first_line = block.find(b"\n") + 1
        stream.advance(before, block)
        if position.skipping:
            position.skipping = False
            block = block[first_line:]
            if not block:
                return self._read(stream) or b""
        if not position.first_at:
            position.first_at = first_time(block)
        return block

    def _too_long(self, stream: Stream, before: bytes, data: bytes) -> bytes:
        stream.advance(before, data)
        if stream.position.skipping:
            return self._read(stream) or b""
        stream.position.skipping = True
        return data + b"\n"

    # ---- finding files ----

    def _live_path(self) -> str:
        if not isinstance(self.path, str):
            return self.path.live()
        if not glob.has_magic(self.path):
            return self.path
        found = [each for each in glob.glob(self.path) if os.path.isfile(each)]
        return max(found, key=lambda each: (os.stat(each).st_mtime_ns, each), default=self.path)

    def _turned(self) -> bool:
        """True when the live path leads to another file, or to a shorter one, than the one that is read."""
        live = self._live
        if live is None:
            return True
        there = identity(self._live_path())
        if there is None:
            return False
        return there != live.file.identity or (live.file.size() or 0) < live.position.offset

    def _open_all(self) -> None:
        """The one opening routine: start, rotation, truncation and replacement (design §4)."""
        self._retire_live()
        path, opened = self._live_path(), list[Stream]()
        for _ in range(SCANS_MAX):
            before = listing(path)
            opened = self._claim(path)
            if listing(path) == before:
                break
            for stream in opened:
                stream.file.close()
        self._take_over(path, opened)

    def _claim(self, live: str) -> list[Stream]:
        """New streams for all files that are worth reading and not read already, oldest first, the live one last."""
        held = {stream.file.identity for stream in self._streams}
        busy = {stream.position.number for stream in self._streams if not stream.file.gone()}
        free = {number: each for number, each in self._known.items() if number not in busy and not each.past}
        claimed: list[Stream] = []
        for path in [live, *reversed(siblings(live)), *self._elders(live, free)]:
            file = self._open(path)
            if file is None:
                continue
            position = None if file.identity in held else self._position_of(file, free, path == live)
            if position is None:
                file.close()
                continue
            free.pop(position.number, None)
            claimed.append(Stream(file, position))
        return claimed[::-1]

    def _elders(self, live: str, free: dict[int, Position]) -> list[str]:
        """Files of a log that moved to another place, newest first."""
        if isinstance(self.path, str):
            return []
        elders = [each for each in self.path.elders(position.path for position in free.values()) if each != live]
        return [path for each in elders for path in [each, *reversed(siblings(each))]]

    def _position_of(self, file: LogFile, free: dict[int, Position], live: bool) -> Position | None:
        """The position that a file continues, a new one for a new file, None for a file that is not to be read."""
        try:
            for number in sorted(free, reverse=True):
                match = file.match(free[number])
                if match is Match.SAME:
                    return free[number]
                if match is Match.SHORTER:
                    return self._shortened(file, free[number]) if live else None
            if live:
                return Position(0, file.path)
            return Position(0, file.path) if self._is_next(file) and not self._is_copy(file, free) else None
        except READ_ERRORS as error:
            self._once(f"{file.path} cannot be read: {error}")
            return None

    def _shortened(self, file: LogFile, position: Position) -> Position:
        """The live file lost its end (power cut): go on with the first line that is later than what was counted."""
        lost = position.offset - (file.size() or 0)
        self._say(f"{file.path} is {lost} bytes shorter than what was read of it: going on with what is new in it.")
        position.offset = first_later(file, position.last_at)
        tail = file.read(max(0, position.offset - TAIL), min(TAIL, position.offset))
        position.tail_len, position.tail = len(tail), digest(tail)
        return position

    def _is_next(self, file: LogFile) -> bool:
        """Whether an unknown sibling came after what was counted: it begins no earlier than that ended."""
        first = first_time(file.read(0, HEAD))
        last = max((position.last_at for position in self._known.values() if not position.past), default=0)
        return bool(file.read(0, 1)) and not (first and first < last - CUT_OUT)

    def _is_copy(self, file: LogFile, free: dict[int, Position]) -> bool:
        """Whether the file is a copy of one that is read under another name, or one from before the first start."""
        head = file.read(0, HEAD)
        return any(
            each.heads == heads_of(head[: each.head_len]) if each.past else file.match(each) is not Match.OTHER
            for number, each in self._known.items()
            if number not in free and each.head_len
        )

    def _remember_past(self) -> None:
        live = self._live_path()
        for path in siblings(live):
            file = self._open(path)
            if file is None:
                continue
            try:
                head = b"" if self._is_copy(file, {}) else file.read(0, HEAD)
            except READ_ERRORS as error:
                self._once(f"{path} cannot be read: {error}")
                head = b""
            file.close()
            if head:
                self._add(
                    Position(0, path, head_len=len(head), heads=heads_of(head), first_at=first_time(head), past=True)
                )

    def _take_over(self, live: str, opened: list[Stream]) -> None:
        """Read the new streams; the one at the live path, or an old one that is there again, becomes the live one."""
        for stream in [stream for stream in self._streams if stream.file.gone() and _is_back(stream, opened)]:
            self._drop(stream)
        for stream in opened:
            if not stream.position.number:
                self._add(stream.position)
            stream.position.path = stream.file.path
        self._streams = sorted([*self._streams, *opened], key=lambda stream: stream.position.number)
        there = identity(live)
        self._live = next((stream for stream in reversed(self._streams) if stream.file.identity == there), None)
        if self._live is not None:
            self._streams.remove(self._live)
        for stream in self._streams[:-WATCHED_MAX]:
            self._drop(stream)

    def _retire_live(self) -> None:
        """The live stream is live no more: read on what its file still has, unless that is not what was counted."""
        live, self._live = self._live, None
        if live is None:
            return
        if live.done or (live.file.size() or 0) < live.position.offset or live.chunk() is None:
            live.file.close()
        else:
            self._streams.append(live)

    def _drop(self, stream: Stream) -> None:
        stream.file.close()
        if stream in self._streams:
            self._streams.remove(stream)

    def _add(self, position: Position) -> None:
        position.number = max(self._known, default=0) + 1
        self._known[position.number] = position

    def _open(self, path: str) -> LogFile | None:
        try:
            file = LogFile(path)
        except FileNotFoundError:
            return None
        except NotAFileError as error:
            self._once(f"{error}: it is left alone.")
            return None
        except READ_ERRORS as error:
            self._once(f"{path} cannot be opened: {error}")
            return None
        self._said.discard(path)
        return file

    def _all(self) -> list[Stream]:
        return [*self._streams, self._live] if self._live is not None else list(self._streams)

    def _once(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self._say(sentence)


def _is_back(gone: Stream, opened: list[Stream]) -> bool:
    """Whether what a removed file held is there again: compressed, or saved anew under another inode."""
    if any(stream.position.number == gone.position.number for stream in opened):
        return True
    head = gone.file.read(0, HEAD)
    return any(head and stream.file.read(0, len(head)) == head for stream in opened)
