"""Adds up a node's log: complete lines in, facts out (agent/docs/storagenode.md §1, §2, §10).

One `LogReader` per node. `feed` takes a block of complete lines and adds to dictionaries whose size depends on the
number of series, never on the number of lines; `take` hands the sums on. What later lines may need (open pieces,
just-lost pieces, a half docker record) is the *carry*: it is saved in the same transaction as the sums and the file
position (law 1), so a kill between any two lines neither loses nor doubles a transfer.

The hot path is for transfer lines of the console encoding: one split, one typed decode, one dictionary. Everything
else, every other encoding included, goes through `core.logline`.
"""

from __future__ import annotations

import re
from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from storj_monitor.core import errortexts, logline, messages, transfers
from storj_monitor.core.chores import Chores, ChoresState
from storj_monitor.core.facts import Batch, LogReading, Notice, Reading, Sample, Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.core.live import LiveBuffer
    from storj_monitor.core.logline import Entry
    from storj_monitor.core.transfers import Message, OldTransfer, Transfer

OPEN_MAX = 4_096
"""Open pieces remembered at most; the oldest give way (their race-lost line of ≤1.98 has no satellite then)."""
PIECE_CHARS = 16
"""Of a piece id, 80 bits tell it apart; the carry is written at every commit of an old node, so it is kept small."""
LOST_MAX = 1_024
HALF_MAX = 1 << 20
QUIET = frozenset({"DEBUG", "INFO"})
GRAVE = frozenset({"ERROR", "DPANIC", "PANIC", "FATAL"})
TEMPLATES_MAX = 500
NOTICES_MAX = 200
MINUTES_CACHED = 4_096

_STARTED = re.compile(r"^Node ([1-9A-HJ-NP-Za-km-z]{40,60}) started$")
_message_template = lru_cache(1_024)(errortexts.template)
_decode_new, _decode_old = transfers.decode_new, transfers.decode_old
_PLAIN = {message.text.encode(): message.outcome for message in transfers.MESSAGES if message.plain and message.outcome}
_NOT_PLAIN = (ValueError, KeyError, msgspec.DecodeError, RecursionError)
"""No five columns, another message, no such payload."""

NOTHING = transfers.Transfer()

Cell = list[int]


class Carry(msgspec.Struct):
    """What the reader still needs of earlier lines; saved with the position."""

    who: list[tuple[str, str]] = []
    open: dict[str, int] = {}
    lost: list[str] = []
    half: bytes = b""
    chores: ChoresState = msgspec.field(default_factory=ChoresState)


_decode_carry = msgspec.msgpack.Decoder(Carry).decode
_encode = msgspec.msgpack.Encoder().encode


class LogReader:
    """Counts one node's lines. Not thread-safe: `feed` and `take` are called by one owner, one after the other."""

    def __init__(self, node: str) -> None:
        self.node = node
        self.live: LiveBuffer | None = None
        self.chores = Chores()
        self._open: dict[str, tuple[str, str]] = {}
        self._lost: deque[str] = deque(maxlen=LOST_MAX)
        self._half = b""
        self._last = 0
        self._latest = LogReading()
        self._decode: Callable[[bytes], Transfer | OldTransfer] = _decode_new
        self._minutes: dict[bytes, int] = {}
        self._stamp = b""
        self._second = 0
        self._minute = -1
        self._clear()

    def _clear(self) -> None:
        self._tallies: dict[int, dict[tuple[str, str, str], Cell]] = {}
        self._cells: dict[tuple[str, str, str], Cell] = {}
        self._minute = -1
        self._stamp = b""
        self._counts: dict[tuple[str, str, int], int] = {}
        self._templates: dict[tuple[str, str, str], int] = {}
        self._notices: dict[tuple[str, str], Notice] = {}
        self._touched = False
        self.lines = 0
        self.understood = 0

    # ---- what goes in ----

    def feed(self, block: bytes, now: float) -> int:
        """Count the lines of a block that ends with a newline; returns how many. `now` dates lines without a time."""
        self._now = int(now)
        lines = block.split(b"\n")
        lines.pop()
        self._add(lines)
        self.lines += len(lines)
        return len(lines)

    def _add(self, lines: list[bytes]) -> None:
        """The hot path: finished transfers here, everything else the general way."""
        opened, lost, live = self._open, self._lost, self.live
        plain = 0
        for line in lines:
            try:
                stamp, level, _, word, payload = line.split(b"\t", 4)
                outcome = _PLAIN[word]
                transfer = self._decode(payload)
            except _NOT_PLAIN:
                self._other(line)
                continue
            satellite = transfer.satellite_id
            if not satellite:
                transfer = self._with_other_keys(payload)
                satellite = transfer.satellite_id
            action, piece, size = transfer.action, transfer.piece_id, transfer.size
            whole = satellite and action and piece and size >= 0 and transfer.remote_address is not None
            if not whole or (lost and level == b"DEBUG") or (stamp != self._stamp and not self._turn(stamp)):
                self._other(line)
                continue
            cell = self._cells.get((satellite, action, outcome))
            if cell is None:
                cell = self._cells[satellite, action, outcome] = [0, 0]
            cell[0] += 1
            cell[1] += size
            plain += 1
            if opened:
                opened.pop(piece[:PIECE_CHARS], None)
            if live is not None:
                live.transfer(self._second, transfer, outcome)
        self.understood += plain

    def _with_other_keys(self, payload: bytes) -> Transfer | OldTransfer:
        """A payload without satellite, read with the key names of the other era; so are the lines after it."""
        self._decode = _decode_new if self._decode is _decode_old else _decode_old
        try:
            return self._decode(payload)
        except _NOT_PLAIN:
            return NOTHING

    def _turn(self, stamp: bytes) -> bool:
        """Make `stamp` the current second; False when it is no timestamp.

        The minute is cached by the stamp without its seconds, offset included: the first 16 bytes repeat in a DST
        night.
        """
        dot = stamp[19:20] == b"."
        key = stamp[:16] + (stamp[23:] if dot else stamp[19:])
        minute = self._minutes.get(key)
        seconds = stamp[17:19]
        if minute is None or not seconds.isdigit():
            at = logline.epoch(stamp)
            if at is None or at <= 0 or not seconds.isdigit():
                return False
            minute = at - at % 60
            if len(self._minutes) >= MINUTES_CACHED:
                self._minutes.clear()
            self._minutes[key] = minute
        self._set_time(minute + int(seconds))
        self._stamp = stamp
        return True

    def _set_time(self, at: int) -> None:
        self._second = at
        self._last = max(self._last, at)
        minute = at - at % 60
        if minute != self._minute:
            self._minute = minute
            self._cells = self._tallies.setdefault(minute, {})

    # ---- the general way ----

    def _other(self, line: bytes) -> None:
        if line[:7] == b'{"log":' and (record := logline.docker(line)) is not None:
            self._unwrap(record)
            return
        entry = logline.parse(line)
        if entry is None:
            self._no_entry(line)
            return
        self._stamp = b""
        self._set_time(entry.at if entry.at is not None and entry.at > 0 else self._last or self._now)
        self._count("log_lines")
        message = transfers.BY_TEXT.get(entry.message)
        if message is None:
            self._plain_message(entry)
        else:
            self._transfer(entry, message)

    def _unwrap(self, record: logline.DockerRecord) -> None:
        """Count the line inside docker's record, once all of it has come."""
        inner = self._half + record.log.encode("utf-8", "surrogatepass")
        whole = inner.endswith(b"\n") or len(inner) > HALF_MAX
        if self._half or not whole:
            self._touched = True
        self._half = b"" if whole else inner
        if whole:
            self._add([inner.rstrip(b"\r\n")])
        else:
            self.understood += 1

    def _no_entry(self, line: bytes) -> None:
        self._set_time(self._last or self._now)
        self._stamp = b""
        self._count("log_lines")
        kind = messages.known_line(line)
        text = errortexts.template(line[:400].decode("utf-8", "replace").strip())
        if kind is not None or not line.strip():
            self.understood += 1
        else:
            self._count("log_unknown")
        self._template("", "", text)
        self.chores.line(line, kind, text, self._second)
        if kind == "error_exit":
            self._notice("critical", text)

    def _transfer(self, entry: Entry, message: Message) -> None:
        transfer = transfers.from_fields(entry.fields())
        if transfers.complete(message, transfer):
            self.understood += 1
        else:
            self._count("log_unknown")
            self._template(entry.level, entry.logger, f"{entry.message}: fields missing")
            self.chores.unknown(f"{entry.level} {entry.logger}: {entry.message}: fields missing", self._second)
        if message.outcome is None:
            self._opened(transfer)
            return
        if self._is_twin(entry, message, transfer):
            return
        self._attribute(message, transfer)
        cell = self._cells.setdefault((transfer.satellite_id, transfer.action, message.outcome), [0, 0])
        cell[0] += 1
        cell[1] += max(transfer.size, 0)
        self._count("log_lines", n=-1)  # `take` adds every transfer again
        if message.outcome == "failed":
            self._failed(entry, transfer)
        if self.live is not None:
            self.live.transfer(self._second, transfer, message.outcome)

    def _opened(self, transfer: Transfer) -> None:
        if not transfer.piece_id:
            return
        if len(self._open) >= OPEN_MAX:
            del self._open[next(iter(self._open))]
        self._touched = True
        self._open[transfer.piece_id[:PIECE_CHARS]] = (transfer.satellite_id, transfer.action)

    def _is_twin(self, entry: Entry, message: Message, transfer: Transfer) -> bool:
        """§10 fact 4: the DEBUG line that follows a race-lost transfer's own is the same transfer."""
        if message.race:
            self._lost.append(transfer.piece_id[:PIECE_CHARS])
            self._touched = True
            return False
        piece = transfer.piece_id[:PIECE_CHARS]
        if entry.level != "DEBUG" or piece not in self._lost:
            return False
        self._lost.remove(piece)
        self._touched = True
        return True

    def _attribute(self, message: Message, transfer: Transfer) -> None:
        """§10 fact 3: a line without satellite and action takes them from its start line."""
        opened = self._open.pop(transfer.piece_id[:PIECE_CHARS], None) if self._open else None
        if opened is not None:
            self._touched = True
            transfer.satellite_id = transfer.satellite_id or opened[0]
            transfer.action = transfer.action or opened[1]
        if not transfer.action:
            transfer.action = transfers.UPLOAD_ACTION if message.upload else transfers.DOWNLOAD_ACTION

    def _failed(self, entry: Entry, transfer: Transfer) -> None:
        """Why a transfer failed: its class is counted apart, its text by template."""
        error = transfer.error or ""
        self._count(f"failed:{transfer.action}:{errortexts.error_class(error)}", transfer.satellite_id)
        text = f"{entry.message}: {errortexts.template(error)}"
        self._template(entry.level, entry.logger, text)
        verdict = messages.judge(messages.find(entry.message), entry.level, entry.fields())
        self._weigh(entry, verdict, f"{transfer.action} {text}", transfer.satellite_id)

    def _plain_message(self, entry: Entry) -> None:
        row = messages.find(entry.message, entry.logger, entry.level)
        text = _message_template(entry.message)
        if row is None:
            self._count("log_unknown")
            self.chores.unknown(f"{entry.level} {entry.logger}: {text}", self._second)
        else:
            self.understood += 1
        self._template(entry.level, entry.logger, text)
        self.chores.entry(entry, row, self._second)
        if entry.level not in QUIET or (row is not None and row.severity != "info"):
            fields = entry.fields()
            error = fields.get("error")
            said = f"{entry.message}: {errortexts.template(error)}" if isinstance(error, str) else entry.message
            self._weigh(entry, messages.judge(row, entry.level, fields), said, str(fields.get("satellite_id", "")))
        started = _STARTED.match(entry.message)
        if started is not None:
            self._latest = msgspec.structs.replace(self._latest, node_id=started.group(1), started=self._second)
        if self.live is not None:
            self.live.line(self._second, entry, row)

    def _weigh(self, entry: Entry, verdict: messages.Verdict, text: str, satellite: str) -> None:
        if entry.level in GRAVE and not verdict.benign:
            self._count("errors")
        if verdict.severity != "info":
            self._notice(verdict.severity, text, satellite)

    def _count(self, metric: str, satellite: str = "", n: int = 1) -> None:
        key = (metric, satellite, self._minute)
        self._counts[key] = self._counts.get(key, 0) + n

    def _template(self, level: str, logger: str, text: str) -> None:
        key = (level, logger, text)
        if key in self._templates or len(self._templates) < TEMPLATES_MAX:
            self._templates[key] = self._templates.get(key, 0) + 1

    def _notice(self, severity: str, text: str, satellite: str = "") -> None:
        key = (text, satellite)
        if key not in self._notices and len(self._notices) < NOTICES_MAX:
            self._notices[key] = Notice(self._second, severity, text[:300], "log", satellite)

    # ---- what comes out ----

    @property
    def last(self) -> int:
        """Time of the latest line, epoch seconds; 0 before the first."""
        return self._last

    @property
    def minutes(self) -> int:
        """How many minutes of event time the sums are of; memory grows with them."""
        return len(self._tallies)

    def take(self) -> Batch:
        """Everything since the last call, and the carry when it changed; the reader starts new sums."""
        for minute, cells in self._tallies.items():
            key = ("log_lines", "", minute)
            self._counts[key] = self._counts.get(key, 0) + sum(cell[0] for cell in cells.values())
        batch = Batch(
            self.node,
            tallies=[
                Tally(minute, *key, *cell) for minute, cells in self._tallies.items() for key, cell in cells.items()
            ],
            samples=[
                Sample(metric, minute, n, n, satellite=who) for (metric, who, minute), n in self._counts.items() if n
            ],
            notices=list(self._notices.values()),
            templates=self._templates,
        )
        self.chores.take(batch, self._last)
        if self.lines:
            self._latest = self.chores.reading(self._latest)
            self._latest = msgspec.structs.replace(self._latest, last_line=self._last)
            batch.readings.append(Reading("log", self._last, self._latest))
        if self._touched or self.chores.touched:
            batch.carry = self.carry()
        self._clear()
        return batch

    def carry(self) -> bytes:
        """What must be there again after a restart; msgpack."""
        who = list(dict.fromkeys(self._open.values()))
        number = {each: index for index, each in enumerate(who)}
        opened = {piece: number[each] for piece, each in self._open.items()}
        return _encode(Carry(who, opened, list(self._lost), self._half, self.chores.carry()))

    def restore(self, carry: bytes | None, latest: LogReading | None) -> None:
        """Continue with a carry and the last reading from the store."""
        kept = _decode_carry(carry) if carry else Carry()
        self._open = {piece: kept.who[index] for piece, index in kept.open.items()}
        self._lost = deque(kept.lost, LOST_MAX)
        self._half = kept.half
        self.chores.restore(kept.chores)
        if latest is not None:
            self._latest, self._last = latest, latest.last_line
