"""How a node lives, told by its log: started, stopped, crashed, refused to start, updated, caught in restarts.

Signs (agent/docs/storagenode.md §1.8, §2.6, §10 facts 15–18):
- `Node … started` says that it is up. Without a stop or an end before it, the process before was killed or crashed; the
  first start ever seen proves nothing. `Configuration loaded` alone proves nothing either: with `log.output` set to a
  file, every command of the program (`storagenode dashboard`) writes it into the log of the node that runs.
- One end leaves several lines (`unexpected shutdown of a runner`, `failure during run`, `Error: …`), in the order in
  which things fall: the first tells it, the others are the same end.
- A bare `Error: …` may be any program's that shares the stream: while the node is up, it is only kept as the reason in
  case the node turns out to have ended.
- Storagenode-updater writes the same lines with another `process`; supervisord's lines are no entries at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from storj_monitor.core import errortexts, gotext
from storj_monitor.core.facts import LogReading, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storj_monitor.core.logline import Entry

UPDATER = "storagenode-updater"
BOOT = "Configuration loaded"
SAME_END = 300
"""Seconds in which further last words are those of the same end: a stop takes up to five minutes."""
AGAIN = 3600
"""Seconds after which the same refusal or loop is told again: a supervisor tries every minute, all night."""
LOOPS = ((3, 600), (5, 3600))
"""A restart loop: so many starts within so many seconds."""
NOTICES_MAX = 1_000

AT_START = frozenset(
    {"wrong_identity", "missing_file", "too_small", "clock", "identity", "port_in_use", "config", "database_damaged"}
)
"""Errors that a node finds while it starts; they tell a refusal where the log's level hides the start itself."""

NO_SATELLITE = "satellites"
_ALL_SATELLITES = "with all trusted satellites"
_WORDS = errortexts.CLASSES | {
    NO_SATELLITE: "no satellite answered; that is a fault of the network although it reads like one of the clock",
    "storage_gone": "the storage folder or its verification file is not there",
    "panic": "the program broke down",
    "missing_file": "a file that it needs is missing",
    "lost_piece": "a file that it needs is missing",
}


class LifeState(msgspec.Struct):
    """What is known of the node's life; saved with the reader's carry. Times are epoch seconds, 0 = never."""

    up: bool | None = None
    boot: int = 0
    ended: int = 0
    error: str = ""
    starts: list[int] = []
    looped: int = 0
    version: str = ""
    schema: int = 0
    stopped: int = 0
    crashed: int = 0
    refused: int = 0
    told: int = 0
    reason: str = ""


class Life:
    """Fed with the lines that speak of life; collects notices and counts of `node_*`."""

    def __init__(self) -> None:
        self.state = LifeState()
        self.notices: list[Notice] = []
        self.counted: list[tuple[str, int]] = []

    def entry(self, entry: Entry, kind: str, fields: Mapping[str, Any], at: int) -> None:
        """Take in an entry of one of `KINDS`."""
        if kind in _BY_UPDATER:
            self._version(fields, at)
        if str(fields.get("process", "")) == UPDATER:
            return
        match kind:
            case "start" if entry.message == BOOT:
                self._boot(at)
            case "started":
                self._started(at)
            case "stop":
                self._stop(entry.message, at)
            case "fatal" | "crash":
                said = fields.get("error")
                self.end(at, said if isinstance(said, str) else entry.message)
            case "database" if entry.message == "Database Version":
                self._schema(gotext.count(fields.get("version")) or 0, at)

    def line(self, kind: str | None, text: str, at: int) -> None:
        """Take in a line that is no entry; `kind` as in `core.otherlines`."""
        if kind == "go_panic":
            self.end(at, text, "panic")
        elif kind == "error_exit":
            error = text.partition("Error: ")[2]
            if self.state.up and not self.state.boot:
                self.state.error = error[:300]
            else:
                self.end(at, error)

    # ---- what happens ----

    def _boot(self, at: int) -> None:
        state = self.state
        if state.boot and state.up is False:
            self._crash(state.boot, "It ended while it was starting, without a word.")
            self._count_start(state.boot)
        state.boot = at

    def _started(self, at: int) -> None:
        state = self.state
        if state.up:
            why = f" Its last words: {errortexts.template(state.error)}" if state.error else ""
            self._crash(state.boot or at, f"It was killed, crashed or lost power: it started anew without a stop.{why}")
        state.up, state.boot, state.error = True, 0, ""
        self.counted.append(("node_starts", at))
        self._tell(at, "info", "started", f"The node started{_of(state.version)}.")
        self._count_start(at)

    def _count_start(self, at: int) -> None:
        state = self.state
        state.starts = [*state.starts, at][-max(many for many, _ in LOOPS) :]
        for many, within in LOOPS:
            recent = [each for each in state.starts if 0 <= at - each < within]
            if len(recent) >= many and not 0 <= at - state.looped < AGAIN:
                state.looped = at
                minutes = within // 60
                text = f"The node started {len(recent)} times within {minutes} minutes: something ends it each time."
                self._tell(at, "warning", "restart_loop", text)
                return

    def _stop(self, message: str, at: int) -> None:
        state = self.state
        if state.up is False and not state.boot:
            return
        state.up, state.boot, state.error, state.ended, state.stopped = False, 0, "", at, at
        word = message.partition('"')[2].rstrip('"') or "by Windows"
        self._tell(at, "info", "stopped", f"The node was asked to stop ({word[:40]}).")

    def end(self, at: int, error: str, reason: str = "") -> None:
        """The node says its last words; `reason` if it is known, else by the error."""
        state = self.state
        if state.up is False and not state.boot and 0 <= at - state.ended < SAME_END:
            return
        reason = reason or reason_of(error)
        refused = bool(state.boot) or (state.up is None and reason in AT_START)
        if refused and state.up:
            self._crash(state.boot, "It was killed, crashed or lost power: it started anew without a stop.")
        state.up, state.boot, state.error, state.ended = False, 0, "", at
        why = f"{_WORDS.get(reason, reason)} ({errortexts.template(error)})"
        if refused:
            self._refuse(at, reason, why)
        else:
            self._crash(at, f"It ended because of an error: {why}", reason)

    def _crash(self, at: int, text: str, reason: str = "") -> None:
        self.state.crashed, self.state.reason = max(self.state.crashed, at), reason
        self.counted.append(("node_crashes", at))
        self._tell(at, "warning", "crashed", f"The node crashed. {text}")

    def _refuse(self, at: int, reason: str, why: str) -> None:
        state = self.state
        self.counted.append(("node_refusals", at))
        if reason != state.reason or not 0 <= at - state.told < AGAIN:
            state.told = at
            self._tell(at, "critical", "refused", f"The node refuses to start: {why}.")
        state.refused, state.reason = max(state.refused, at), reason

    def _version(self, fields: Mapping[str, Any], at: int) -> None:
        """The node's version, from its own lines or the updater's about it."""
        updater = fields.get("process") == UPDATER
        if fields.get("service", "" if updater else "storagenode") != "storagenode":
            return
        state, new = self.state, gotext.version(fields.get("version") or fields.get("current_version"))
        if new and state.version and new != state.version:
            self._tell(at, "info", "updated", f"The node was updated from {state.version} to {new}.")
        state.version = new or state.version

    def _schema(self, new: int, at: int) -> None:
        state = self.state
        if new and state.schema and new != state.schema:
            text = f"The node's databases were brought from layout {state.schema} to {new}."
            self._tell(at, "info", "migrated", text)
        state.schema = new or state.schema

    def _tell(self, at: int, severity: str, kind: str, text: str) -> None:
        if len(self.notices) < NOTICES_MAX:
            self.notices.append(Notice(at, severity, text[:300], kind))

    # ---- what is known ----

    def reading(self, latest: LogReading) -> LogReading:
        """`latest` with what is known beside."""
        state = self.state
        return msgspec.structs.replace(
            latest,
            version=state.version or latest.version,
            stopped=max(state.stopped, latest.stopped),
            crashed=max(state.crashed, latest.crashed),
            refused=max(state.refused, latest.refused),
            reason=state.reason if state.crashed or state.refused else latest.reason,
        )


_BY_UPDATER = frozenset({"version", "version_failed"})
KINDS = frozenset({"start", "started", "stop", "fatal", "crash", "database"}) | _BY_UPDATER


def reason_of(error: str) -> str:
    """Why a node ended: a class of `core.errortexts`, or `satellites` when none of them answered."""
    return NO_SATELLITE if _ALL_SATELLITES in error else errortexts.error_class(error)


def words_of(reason: str) -> str:
    """A reason in words for operators; "" where it is not known."""
    return _WORDS.get(reason, "")


def _of(version: str) -> str:
    return f", version {version}" if version else ""
