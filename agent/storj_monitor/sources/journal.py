"""Follows the log of a systemd unit: `journalctl --follow` as a child process, its cursor as the position.

The child is told to begin with the entry that was counted last, so that it can be seen whether the journal still has
it: if so it is passed over, if not (vacuumed away, journal deleted) reading goes on by time, and that is said.

What is not guaranteed: entries that the journal dropped before they were read (rate limit, vacuum); after a vanished
cursor, entries of the very microsecond, or before it by a clock that was set back; a line longer than journald's
LineMax (48 KiB), which it cuts into several entries. Messages of systemd about the unit are not the unit's log and are
passed over.

All methods may block; `sources.logs` calls them in a thread.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import subprocess
from typing import IO, TYPE_CHECKING, Any

import msgspec

from storj_monitor.core.errors import MonitorError
from storj_monitor.core.logline import first_time
from storj_monitor.core.position import Position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

PIPE = 1 << 20
"""What journalctl may write ahead while nobody reads; Linux allows everybody as much."""
ENTRY_MAX = 8 << 20
"""A longer entry is passed over: no line is as long, and an array of bytes takes five characters for one."""
WAIT = 0.05
"""Seconds to wait for more while entries come: journalctl is slower than we are."""
CURSOR_WAIT = 60.0
"""Seconds after which a journal that has not shown the entry at the cursor is taken to have lost it."""
RECEIVES_MAX = 64
COMMAND = ("journalctl", "--output=json", "--all", "--no-pager", "--quiet")
FIELDS = "--output-fields=MESSAGE,UNIT,OBJECT_SYSTEMD_UNIT,COREDUMP_UNIT"

_CURSOR_TIME = re.compile(r"(?:^|;)t=([0-9a-f]{1,16})(?:;|$)")


class JournalError(MonitorError):
    """The journal cannot be read; the text says why and what to do."""


class JournalEntry(msgspec.Struct):
    """One line of `--output=json`. A message is an array of bytes when it is not UTF-8, of strings when it is there
    twice, and null without `--all` when it is long.
    """

    cursor: str = msgspec.field(name="__CURSOR")
    realtime: str = msgspec.field(name="__REALTIME_TIMESTAMP", default="0")
    message: str | list[Any] | None = msgspec.field(name="MESSAGE", default=None)
    about: Any = msgspec.field(name="UNIT", default=None)
    about_object: Any = msgspec.field(name="OBJECT_SYSTEMD_UNIT", default=None)
    about_core: Any = msgspec.field(name="COREDUMP_UNIT", default=None)

    @property
    def own(self) -> bool:
        """Whether the unit wrote it, and not systemd about the unit."""
        return self.about is None and self.about_object is None and self.about_core is None

    @property
    def at(self) -> int:
        """When it came, microseconds."""
        return int(self.realtime) if self.realtime.isdigit() else 0


_decode = msgspec.json.Decoder(JournalEntry).decode


def text_of(message: str | list[Any] | None) -> bytes:
    """The bytes of a message, whatever form it has."""
    if isinstance(message, str):
        return message.encode("utf-8", "surrogatepass")
    if not message:
        return b""
    if all(isinstance(each, int) and 0 <= each < 256 for each in message):
        return bytes(message)
    return b"\n".join(text_of(each) for each in message if isinstance(each, str | list))


class Child:
    """A running journalctl: complete lines of what it says, without waiting."""

    def __init__(self, command: Sequence[str]) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 - a fixed program, the unit is one of its arguments
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
            )
        except OSError as error:
            raise JournalError(f"{command[0]} cannot be started ({error.strerror}); {NO_JOURNAL}.") from error
        self._rest = b""
        self._said = b""
        self._skipping = False
        self._warm = True
        for stream in (self._out, self._err):
            os.set_blocking(stream.fileno(), False)
        with contextlib.suppress(OSError):  # a smaller pipe is slower, no more
            fcntl.fcntl(self._out.fileno(), fcntl.F_SETPIPE_SZ, PIPE)
        self._poll = select.poll()
        self._poll.register(self._out.fileno(), select.POLLIN)

    @property
    def _out(self) -> IO[bytes]:
        return self._process.stdout  # type: ignore[return-value]  # it is a pipe

    @property
    def _err(self) -> IO[bytes]:
        return self._process.stderr  # type: ignore[return-value]

    def lines(self) -> list[bytes]:
        """The next complete lines, [] when there are none now. Raises EOFError when the child has ended."""
        if not self._poll.poll(int(WAIT * 1000) if self._warm else 0):
            self._warm = False
            self._listen()
            return []
        data = self._out.read(PIPE)
        if data == b"":
            self._listen()
            raise EOFError
        self._warm = True
        return self._cut(data or b"")

    def _cut(self, data: bytes) -> list[bytes]:
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        if self._skipping and lines:
            self._skipping = False
            del lines[0]
        if len(self._rest) > ENTRY_MAX or self._skipping:
            self._rest, self._skipping = b"", True
        return lines

    def _listen(self) -> None:
        """Take what it complains of: a full pipe would stop it."""
        self._said = (self._said + (self._err.read(4096) or b""))[-2048:]

    @property
    def said(self) -> str:
        """Its last complaint."""
        return (self._said.decode("utf-8", "replace").strip() or "it gave no reason").splitlines()[-1]

    def stop(self) -> None:
        """End it and wait for that."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._out.close()
        self._err.close()


class Journal:
    """Follows the unit's journal entries; the same shape as `Tail`. `options` go to journalctl as well.

    `read` raises `JournalError` when journalctl ends; the next one starts it again where the last entry was read.
    """

    def __init__(
        self, unit: str, say: Callable[[str], None], now: Callable[[], float], options: Sequence[str] = ()
    ) -> None:
        self._unit = unit
        self._say = say
        self._now = now
        self._options = options
        self._child: Child | None = None
        self._position = Position(1, f"journal:{unit}")
        self._since = 0
        self._met = False
        self._begun = 0.0

    # ---- life ----

    def start(self, saved: Iterable[Position], *, followed: bool) -> None:  # noqa: ARG002 - a journal has no siblings
        """Continue after the saved cursor. Without one: after what was counted of another log, or with the first."""
        known = list(saved)
        own = [each for each in known if each.path == self._position.path and each.tail]
        if own:
            self._position = max(own, key=lambda each: each.number)
        else:
            self._position.number = max((each.number for each in known), default=0) + 1
            self._since = 1_000_000 * max((each.last_at for each in known if not each.past), default=0)

    def stop(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is not None:
            child.stop()

    def positions(self) -> list[Position]:
        """The cursor after what was read, to be saved."""
        return [msgspec.structs.replace(self._position)] if self._position.offset else []

    def past(self) -> list[str]:
        """No files: what the journal still has of the past, the follower reads itself."""
        return []

    def heard(self, last: int) -> None:
        """Note the time of the latest line that was made of what was read."""
        if self._position.offset:
            self._position.last_at = max(self._position.last_at, last)

    def behind(self) -> int | None:
        """Nobody can tell how much of a journal is not read yet."""
        return None

    # ---- reading ----

    def read(self) -> bytes:
        """The next lines; b"" when all is read for now."""
        for _ in range(RECEIVES_MAX):
            child = self._child or self._begin()
            try:
                lines = child.lines()
            except EOFError:
                self._ended(child)
                continue
            block = self._block(lines)
            if block:
                if not self._position.first_at:
                    self._position.first_at = first_time(block)
                return block
            if not lines and not self._is_lost():
                return b""
        return b""

    def _begin(self) -> Child:
        cursor = self._position.tail.decode()
        by_time = self._since or not cursor
        where = f"--since=@{self._since // 1_000_000}" if by_time else f"--cursor={cursor}"
        command = (*COMMAND, "--follow", "--no-tail", FIELDS, f"--unit={self._unit}", where, *self._options)
        self._met = False
        self._begun = self._now()
        self._child = Child(command)
        return self._child

    def _ended(self, child: Child) -> None:
        """The child ended by itself: go on by time when it was the cursor's fault, else let it be started later."""
        said = child.said
        self.stop()
        if "cursor" in said and not self._by_time and not self._met:
            self._go_by_time()
            return
        raise JournalError(explained(self._unit, said))

    @property
    def _by_time(self) -> bool:
        return bool(self._since) or not self._position.tail

    def _is_lost(self) -> bool:
        """Whether the entry at the cursor should have come by now; then reading goes on by time."""
        lost = not self._met and not self._by_time and self._now() - self._begun > CURSOR_WAIT
        if lost:
            self._go_by_time()
        return lost

    def _go_by_time(self) -> None:
        match = _CURSOR_TIME.search(self._position.tail.decode())
        self._since = int(match[1], 16) if match else self._position.last_at * 1_000_000
        self.stop()
        self._say(
            f"The journal no longer has the entry of {self._unit} that was read last: reading goes on by time; "
            "what was written in between may be lost."
        )

    def _block(self, lines: list[bytes]) -> bytes:
        """The lines in the messages of the entries; the cursor is that of the last."""
        messages: list[bytes] = []
        for line in lines:
            try:
                entry = _decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                messages.append(line)  # it counts as a line that is not understood
                continue
            if not self._met and self._is_old(entry):
                if self._child is None:
                    return b""
                continue
            self._position.tail = entry.cursor.encode()
            self._position.offset += 1
            if entry.own:
                messages.append(text_of(entry.message))
        return b"\n".join([*messages, b""]) if messages else b""

    def _is_old(self, entry: JournalEntry) -> bool:
        """Whether one of a child's first entries was counted already."""
        if self._by_time:
            self._met = entry.at > self._since or not self._since
            if self._met:
                self._since = 0
            return not self._met
        self._met = entry.cursor.encode() == self._position.tail
        if not self._met:
            self._go_by_time()
        return True


NO_JOURNAL = "is this a host with systemd? Else set log.output in the node's config.yaml to a file"


def explained(unit: str, said: str) -> str:
    """What journalctl complained of, with the next step."""
    if "permission" in said.lower() or "not seeing messages" in said.lower():
        return f"journal:{unit}: this user may not read the journal; {JOURNAL_RIGHT}."
    return f"journal:{unit}: journalctl ended: {said}"


JOURNAL_RIGHT = "under systemd take the drop-in journal.conf, else put the user into the group systemd-journal"


def latest(unit: str, options: Sequence[str] = ()) -> bytes:
    """The unit's last lines, for a look at them. Raises `JournalError`."""
    command = [each for each in COMMAND if each != "--quiet"]
    command += [FIELDS, f"--unit={unit}", "--lines=500", *options]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)  # noqa: S603
    except OSError as error:
        raise JournalError(f"{command[0]} cannot be started ({error.strerror}); {NO_JOURNAL}.") from error
    except subprocess.TimeoutExpired as error:
        raise JournalError(f"journal:{unit}: journalctl takes longer than a minute.") from error
    said = done.stderr.decode("utf-8", "replace").strip()
    lines = [_decode(line) for line in done.stdout.splitlines() if line[:1] == b"{"]
    if done.returncode or (not lines and said):
        raise JournalError(explained(unit, " ".join(said.split())))
    return b"".join(text_of(entry.message) + b"\n" for entry in lines if entry.own)
