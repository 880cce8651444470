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
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from storj_monitor.core import carrying, errortexts, logline, messages, transfers
from storj_monitor.core.chores import Chores
from storj_monitor.core.details import AUDIT, AUDIT_SLOW, FOLD, Cell, Details, Key
from storj_monitor.core.facts import Batch, LogReading, Reading, Tally
from storj_monitor.core.lognotes import Notes
from storj_monitor.core.openpieces import PIECE_CHARS, OpenPieces

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.core.live import LiveBuffer, Place
    from storj_monitor.core.logline import Entry
    from storj_monitor.core.openpieces import Opened
    from storj_monitor.core.transfers import Ended, Finished, Message, OldFinished, Transfer

HALF_MAX = 1 << 20
QUIET = frozenset({"DEBUG", "INFO"})
GRAVE = frozenset({"ERROR", "DPANIC", "PANIC", "FATAL"})

_STARTED = re.compile(r"^Node ([1-9A-HJ-NP-Za-km-z]{40,60}) started$")
_message_template = lru_cache(1_024)(errortexts.template)
_decode_new, _decode_old = transfers.decode_new, transfers.decode_old
_PLAIN = {message.text.encode(): message.outcome for message in transfers.MESSAGES if message.plain and message.outcome}
# No five columns, another message, no such payload.
_NOT_PLAIN = (ValueError, KeyError, msgspec.DecodeError, RecursionError)
_LEVELS = {level.encode(): level for level in logline.LEVELS}
_SECONDS = {b"%02d" % second: second for second in range(60)}


class LogReader:
    """Counts one node's lines. Not thread-safe: `feed` and `take` are called by one owner, one after the other."""

    def __init__(self, node: str, place: Callable[[str], Place | None] | None = None) -> None:
        self.node = node
        self.live: LiveBuffer | None = None
        self.chores = Chores()
        self._notes = Notes()
        self._details = Details(place)
        self._pieces = OpenPieces()
        self._half = b""
        self._last = 0
        self._latest = LogReading()
        self._decode: Callable[[bytes], Finished | OldFinished] = _decode_new
        self._minutes = logline.Minutes()
        self._before, self._after = b"", b""
        self._second = 0
        self._clear()

    def _clear(self) -> None:
        self._tallies: dict[int, dict[Key, Cell]] = {}
        self._waiting: dict[int, dict[Key, list[Ended]]] = {}
        self._cells: dict[Key, list[Ended]] = {}
        self._ended = 0
        self._leave_minute()
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
        if self._ended >= FOLD:
            self._fold()
        return len(lines)

    def _add(self, lines: list[bytes]) -> None:
        """The hot path: finished transfers here, everything else the general way.

        Transfers wait in a list for each kind and minute: `_fold` looks at them together.
        """
        opened, lost, live = self._pieces.open, self._pieces.lost, self.live
        decode, cells, current, others = self._decode, self._cells, b"", 0
        transfer: Finished | OldFinished | None
        for line in lines:
            try:
                stamp, level, _, word, payload = line.split(b"\t", 4)
                outcome = _PLAIN[word]
                transfer = decode(payload)
            except msgspec.ValidationError:
                transfer = self._with_other_keys(payload)
                decode = self._decode
            except _NOT_PLAIN:
                transfer = None
            if transfer is None or (lost and level == b"DEBUG") or (stamp != current and not self._turn(stamp)):
                self._other(line)
                decode, cells, current, others = self._decode, self._cells, b"", others + 1
                continue
            if stamp != current:
                cells, current = self._cells, stamp
            try:
                cells[transfer.satellite_id, transfer.action, outcome].append(transfer)
            except KeyError:
                cells[transfer.satellite_id, transfer.action, outcome] = [transfer]
            if opened and (began := opened.pop(transfer.piece_id[:PIECE_CHARS], None)) is not None:
                self._timed(began, transfer, outcome)
            if live is not None:
                live.transfer(self._second, transfer, outcome)
        self.understood += len(lines) - others
        self._ended += len(lines) - others

    def _with_other_keys(self, payload: bytes) -> Finished | OldFinished | None:
        """A transfer with the key names of the other era, as the lines after it will have; None if it is none."""
        other = _decode_new if self._decode is _decode_old else _decode_old
        try:
            transfer = other(payload)
        except _NOT_PLAIN:
            return None
        self._decode = other
        return transfer

    def _turn(self, stamp: bytes) -> bool:
        """Make `stamp` the current second; False when it is no timestamp."""
        second = _SECONDS.get(stamp[17:19])
        if second is None:
            return False
        if stamp[:17] != self._before or stamp[19:] != self._after:
            minute = self._minutes.of(stamp)
            if minute < 0:
                return False
            self._set_minute(minute)
            self._before, self._after = stamp[:17], stamp[19:]
        self._second = at = self._minute + second
        self._last = max(self._last, at)
        return True

    def _leave_minute(self) -> None:
        """The dictionary of the current minute is in use no more."""
        self._minute, self._before = -1, b""

    def _set_time(self, at: int) -> None:
        self._second = at
        self._last = max(self._last, at)
        self._set_minute(at - at % 60)

    def _set_minute(self, minute: int) -> None:
        if minute != self._minute:
            self._minute = minute
            self._cells = self._waiting.setdefault(minute, {})
        self._before = b""

    def _fold(self) -> None:
        """Count the transfers that wait."""
        self._details.fold(self._waiting, self._tallies, self._ended)
        self._waiting, self._cells, self._ended = {}, {}, 0
        self._leave_minute()

    # ---- the general way ----

    def _other(self, line: bytes) -> None:
        if line[:7] == b'{"log":' and (record := logline.docker(line)) is not None:
            self._unwrap(record)
            return
        columns = line.split(b"\t", 4)
        if len(columns) == 5 and self._columns(*columns):
            return
        entry = logline.parse(line)
        if entry is None:
            self._no_entry(line)
            return
        self._set_time(entry.at if entry.at is not None and entry.at > 0 else self._last or self._now)
        self._entry(entry)

    def _columns(self, stamp: bytes, level: bytes, *rest: bytes) -> bool:
        """The short way for an entry in five columns, which nearly all are; False when they are something else."""
        logger, text, payload = rest
        known, whole = _LEVELS.get(level), payload[:1] == b"{" and payload[-1:] == b"}" and b"\t" not in payload
        if known is None or not whole or not self._turn(stamp):
            return False
        name, message = logger.decode("utf-8", "replace").strip(), text.decode("utf-8", "replace").strip()
        self._entry(logline.Entry(self._second, known, name, message, payload))
        return True

    def _entry(self, entry: Entry) -> None:
        self._notes.count("log_lines", self._minute)
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
        self._notes.count("log_lines", self._minute)
        kind = messages.known_line(line)
        text = errortexts.template(line[:400].decode("utf-8", "replace").strip())
        if kind is not None or not line.strip():
            self.understood += 1
        else:
            self._notes.count("log_unknown", self._minute)
        self._notes.template("", "", text)
        self.chores.line(line, kind, text, self._second)
        if kind == "error_exit":
            self._notes.notice(self._second, "critical", text)

    def _transfer(self, entry: Entry, message: Message) -> None:
        transfer = transfers.from_fields(entry.fields())
        if transfers.complete(message, transfer):
            self.understood += 1
        else:
            self._notes.count("log_unknown", self._minute)
            self._notes.template(entry.level, entry.logger, f"{entry.message}: fields missing")
            self.chores.unknown(f"{entry.level} {entry.logger}: {entry.message}: fields missing", self._second)
        if message.outcome is None:
            self._opened(transfer)
            return
        if self._is_twin(entry, message, transfer):
            return
        self._attribute(message, transfer)
        self._end(transfer, message.outcome)
        self._notes.count("log_lines", self._minute, n=-1)  # `take` adds every transfer again
        if message.outcome == "failed":
            self._failed(entry, transfer)
        if self.live is not None:
            self.live.transfer(self._second, transfer, message.outcome)

    def _end(self, transfer: Transfer, outcome: str) -> None:
        key = (transfer.satellite_id, transfer.action, outcome)
        if transfer.size >= 0:
            self._cells.setdefault(key, []).append(transfer)
            self._ended += 1
        else:
            self._tallies.setdefault(self._minute, {}).setdefault(key, [0, 0])[0] += 1

    def _opened(self, transfer: Transfer) -> None:
        if transfer.piece_id:
            self._pieces.start(transfer.piece_id, transfer.satellite_id, transfer.action, self._second)

    def _is_twin(self, entry: Entry, message: Message, transfer: Transfer) -> bool:
        """§10 fact 4: the DEBUG line that follows a race-lost transfer's own is the same transfer."""
        if message.race:
            self._pieces.lose(transfer.piece_id)
            return False
        return entry.level == "DEBUG" and self._pieces.is_twin(transfer.piece_id)

    def _attribute(self, message: Message, transfer: Transfer) -> None:
        """§10 fact 3: a line without satellite and action takes them from its start line."""
        opened = self._pieces.end(transfer.piece_id)
        if opened is not None:
            transfer.satellite_id = transfer.satellite_id or opened.satellite
            transfer.action = transfer.action or opened.action
        if not transfer.action:
            transfer.action = transfers.UPLOAD_ACTION if message.upload else transfers.DOWNLOAD_ACTION
        if opened is not None and message.outcome is not None:
            self._timed(opened, transfer, message.outcome)

    def _timed(self, opened: Opened, transfer: Ended, outcome: str) -> None:
        """A transfer ends of which the start was seen; an audit may have been found late before."""
        self._pieces.touched = True
        if not opened.began:
            return
        self._details.timed(abs(opened.began), self._second, transfer, outcome)
        if transfer.action == AUDIT and 0 < opened.began < self._second - AUDIT_SLOW:
            self._audit_slow(opened.began, transfer.satellite_id)

    def _audit_slow(self, began: int, satellite: str) -> None:
        at = began + AUDIT_SLOW
        self._notes.count("audit_slow", at - at % 60, satellite)

    def _failed(self, entry: Entry, transfer: Transfer) -> None:
        """Why a transfer failed: its class is counted apart, its text by template."""
        error = transfer.error or ""
        self._notes.count(
            f"failed:{transfer.action}:{errortexts.error_class(error)}", self._minute, transfer.satellite_id
        )
        text = f"{entry.message}: {errortexts.template(error)}"
        self._notes.template(entry.level, entry.logger, text)
        verdict = messages.judge(messages.find(entry.message), entry.level, entry.fields())
        self._weigh(entry, verdict, f"{transfer.action} {text}", transfer.satellite_id)

    def _plain_message(self, entry: Entry) -> None:
        row = messages.find(entry.message, entry.logger, entry.level)
        text = _message_template(entry.message)
        if row is None:
            self._notes.count("log_unknown", self._minute)
            self.chores.unknown(f"{entry.level} {entry.logger}: {text}", self._second)
        else:
            self.understood += 1
        self._notes.template(entry.level, entry.logger, text)
        self.chores.entry(entry, row, self._second)
        if entry.level not in QUIET or (row is not None and row.severity != "info"):
            fields = entry.fields()
            error = fields.get("error")
            said = f"{entry.message}: {errortexts.template(error)}" if isinstance(error, str) else entry.message
            self._weigh(entry, messages.judge(row, entry.level, fields), said, str(fields.get("satellite_id", "")))
        started = _STARTED.match(entry.message)
        if started is not None:
            self._pieces.forget()
            self._latest = msgspec.structs.replace(self._latest, node_id=started.group(1), started=self._second)
        if self.live is not None:
            self.live.line(self._second, entry, row)

    def _weigh(self, entry: Entry, verdict: messages.Verdict, text: str, satellite: str) -> None:
        if entry.level in GRAVE and not verdict.benign:
            self._notes.count("errors", self._minute)
            self._details.error(self._second, entry.level, entry.logger, text)
        if verdict.severity != "info":
            self._notes.notice(self._second, verdict.severity, text, satellite)

    # ---- what comes out ----

    @property
    def last(self) -> int:
        """Time of the latest line, epoch seconds; 0 before the first."""
        return self._last

    def at_once(self) -> tuple[int, int] | None:
        """Downloads and uploads under way; None where the log does not say when one begins."""
        return self._pieces.at_once(self._last)

    @property
    def minutes(self) -> int:
        """How many minutes of event time the sums are of; memory grows with them."""
        return len(self._tallies.keys() | self._waiting.keys())

    def take(self) -> Batch:
        """Everything since the last call, and the carry when it changed; the reader starts new sums."""
        self._fold()
        for late in self._pieces.overdue(AUDIT, self._last, AUDIT_SLOW):
            self._audit_slow(late.began, late.satellite)
        for minute, cells in self._tallies.items():
            self._notes.count("log_lines", minute, n=sum(cell[0] for cell in cells.values()))
        batch = Batch(
            self.node,
            tallies=[
                Tally(minute, *key, *cell) for minute, cells in self._tallies.items() for key, cell in cells.items()
            ],
        )
        self._notes.take(batch)
        self._details.take(batch)
        self.chores.take(batch, self._last)
        if self.lines:
            self._latest = self.chores.reading(self._latest)
            self._latest = msgspec.structs.replace(self._latest, last_line=self._last)
            batch.readings.append(Reading("log", self._last, self._latest))
        if self._touched or self._pieces.touched or self.chores.touched:
            batch.carry = self.carry()
        self._clear()
        return batch

    def carry(self) -> bytes:
        """What must be there again after a restart; msgpack."""
        who, opened, began, lost = self._pieces.pack()
        return carrying.encode(carrying.Carry(who, opened, lost, self._half, self.chores.carry(), began))

    def restore(self, carry: bytes | None, latest: LogReading | None) -> None:
        """Continue with a carry and the last reading from the store."""
        kept = carrying.decode(carry) if carry else carrying.Carry()
        self._pieces.unpack(kept.who, kept.open, kept.began, kept.lost)
        self._half = kept.half
        self.chores.restore(kept.chores)
        if latest is not None:
            self._latest, self._last = latest, latest.last_line
