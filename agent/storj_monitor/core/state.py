"""What is true of a node now: facts are folded in, payloads come out (agent/docs/contract.md).

No I/O and no clock: `now` is always an argument, so that yesterday can be folded as well as today.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from storj_monitor.core import books, derive, hidden, host, metrics, readings_host
from storj_monitor.core.columns import BY_NAME, IN
from storj_monitor.core.facts import Batch, Down, LogReading, Notice, Reading, Sample
from storj_monitor.core.lastruns import LastRuns
from storj_monitor.core.window import MINUTES, Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


LOG_SILENT = 75 * 60
"""Seconds without a line after which a log-only node is not known to be online (contract, "Meanings")."""
RATE_MINUTES = 5
SCORES = "scores:"
"""Scores as the log tells them: when and percent, by metric and satellite."""
NOTICES_MAX = 500
"""Notable things remembered, lines of a log left out."""
QUALITY = {
    "download_success": ("GET",),
    "upload_success": ("PUT",),
    "repair_success": ("GET_REPAIR", "PUT_REPAIR"),
}
SATELLITE_QUALITY = {"download_success": ("GET",), "upload_success": ("PUT",)}
AUDIT = "GET_AUDIT"
GONE = f"failed:{AUDIT}:client_gone"
SETTLED = 90
"""Seconds after which a log that is read to its end has been read beyond that time: longer than a commit takes."""
COUNTED = 3600
"""Seconds for which a comparison of log and counters is believed."""
_GAUGES = frozenset(row.key for row in (*metrics.NODE, *metrics.SATELLITE) if row.tier) - BY_NAME.keys()


class NodeState:
    """One node's readings and the last 24 hours of its log."""

    def __init__(self, name: str, *, has_log: bool, has_api: bool, node_id: str | None = None) -> None:
        self.name = name
        self.node_id = node_id  # as set, for a node whose API and log do not tell it
        self.has_log = has_log
        self.has_api = has_api
        self.readings: dict[str, Reading] = {}
        self.down: dict[str, Down] = {}
        self.window = Window()
        self.runs = LastRuns()
        self.scored: dict[tuple[str, str], tuple[int, float]] = {}
        self.notices: deque[Notice] = deque(maxlen=NOTICES_MAX)
        self.behind: int | None = None
        self._minutes: dict[int, list[int]] = {}
        self._booked: tuple[tuple[float, list[Reading]], dict[str, books.Account]] | None = None

    # ---- facts in ----

    def fold(self, batch: Batch, now: float) -> None:
        """Take in what a committed batch says."""
        self.window.advance(now)
        for tally in batch.tallies:
            self.window.add((f"transfer:{tally.action}:{tally.outcome}", tally.satellite), tally.minute, tally.count)
            minute = self._minutes.setdefault(tally.minute, [0, 0, 0])
            if tally.action in IN or tally.outcome == "ok":  # as in `core.columns`
                minute[0 if tally.action in IN else 1] += tally.bytes
            minute[2] += tally.count
        for sample in batch.samples:
            if sample.last is None:
                self.window.add((sample.metric, sample.satellite), sample.at, sample.n)
            elif sample.metric.startswith(SCORES):  # nobody asks how often a gauge was sampled
                self.scored[sample.metric, sample.satellite] = (sample.at, sample.last)
        self.runs.add(batch.runs)
        self.notices.extend(notice for notice in batch.notices if notice.kind != "log")
        for reading in batch.readings:
            self.read(reading)
        if batch.behind is not None:
            self.behind = batch.behind
        for old in [minute for minute in self._minutes if minute < now - RATE_MINUTES * 60]:
            del self._minutes[old]

    def read(self, reading: Reading | Down) -> None:
        """Take in the newest answer of one source, or that it gave none."""
        if isinstance(reading, Down):
            self.down[reading.source] = reading
            return
        self.down.pop(reading.source, None)
        self.readings[reading.source] = reading

    def recall(self, rows: Iterable[tuple[int, str, str, int, float]], now: float) -> None:
        """Fill the window anew from stored minutes: (minute, metric, satellite, n, sum)."""
        self.window = Window()
        self.window.advance(now)
        for minute, metric, satellite, n, _ in rows:
            if metric not in _GAUGES and not metric.startswith(SCORES):
                self.window.add((metric, satellite), minute, n)

    # ---- payloads out ----

    @property
    def log(self) -> LogReading:
        """The last thing the log said; empty when it never did."""
        reading = self.readings.get("log")
        return reading.body if reading is not None and isinstance(reading.body, LogReading) else LogReading()

    def payload(self, now: float) -> dict[str, Any]:
        """The node's `…/state` payload but for its alerts; null = not known."""
        self.window.advance(now)
        accounts = self._accounts(now)
        values = derive.node_values(self.readings, self.down, now, list(accounts.values()))
        log = self.log
        values["name"] = self.name
        values["node_id"] = values.get("node_id") or log.node_id or self.node_id
        values["started"] = values.get("started") or log.started or None
        values["version"] = values.get("version") or log.version or None
        values["started"] = values["started"] or host.started(self.readings)
        values |= host.node_values(self.readings, values["node_id"], values["version"], now)
        values |= self._log_values(now) | self._quality(now)
        if not self.has_api:
            values["online"] = True if log.last_line and now - log.last_line <= LOG_SILENT else None
        return values

    def satellite(self, satellite_id: str, now: float) -> dict[str, Any]:
        """One satellite's `…/state` payload."""
        values = derive.satellite_values(self.readings, satellite_id, now, self._accounts(now).get(satellite_id))
        values |= host.satellite_values(self.readings, satellite_id, now)
        values |= {key: self._success(actions, satellite_id) for key, actions in SATELLITE_QUALITY.items()}
        values["audit_success"] = self._audits(satellite_id)
        return values

    def _accounts(self, now: float) -> dict[str, books.Account]:
        """The books of each satellite; made once for the node's payload and those of its satellites.

        They are a third of what a tick reckons. A new answer or another time makes them anew.
        """
        made_of = (now, list(self.readings.values()))
        if self._booked is None or self._booked[0] != made_of:
            self._booked = made_of, {each.satellite: each for each in books.accounts(self.readings, now)}
        return self._booked[1]

    def _log_values(self, now: float) -> dict[str, Any]:
        log = self.log
        if not self.has_log or not log.last_line:
            keys = ("log_last", "log_lines", "log_unknown_share", "ingress_rate", "egress_rate", "transfer_rate")
            return dict.fromkeys(keys) | {"log_behind": self.behind}
        lines = self.window.last("log_lines", 60)
        unknown = self.window.last("log_unknown", 60)
        minute = self._minutes.get(int(now) // 60 * 60 - 60, [0, 0, 0])
        silent = now - log.last_line > LOG_SILENT
        rates = [None if silent else round(each / 60, 3) for each in minute]
        return {
            "log_last": log.last_line,
            "log_lines": lines,
            "log_unknown_share": round(100 * unknown / lines, 3) if lines else None,
            "log_behind": self.behind,
            "ingress_rate": rates[0],
            "egress_rate": rates[1],
            "transfer_rate": rates[2],
        }

    def _quality(self, now: float) -> dict[str, Any]:
        counted = self._is_counted(now)
        values: dict[str, Any] = {key: self._success(actions, counted=counted) for key, actions in QUALITY.items()}
        basis = "log and counters" if counted else "log"
        values["success_basis"] = basis if self.log.last_line else None
        values["hidden_failures"] = self.window.since(hidden.SERIES, MINUTES - 1) if counted else None
        values["audit_success"] = self._audits()
        values["errors"] = self.window.total(("errors",)) if self.log.last_line else None
        return values

    def _success(
        self, actions: tuple[str, ...], satellite: str | None = None, *, counted: bool = False
    ) -> float | None:
        """Percent of transfers that ended well, over 24 h; `counted`: with the failures that only counters tell of."""
        ok = self.window.total([f"transfer:{action}:ok" for action in actions], satellite)
        lost = [f"transfer:{action}:{outcome}" for action in actions for outcome in ("canceled", "failed")]
        lost += [f"{hidden.SERIES}{action}" for action in actions if counted]
        return _percent(ok, ok + self.window.total(lost, satellite))

    def _is_counted(self, now: float) -> bool:
        reading = self.readings.get(readings_host.HIDDEN)
        mark = reading.body if reading is not None else None
        fresh = isinstance(mark, readings_host.HiddenReading) and mark.since < mark.at and now - mark.at <= COUNTED
        return fresh and bool(self.log.last_line)

    def hidden(self, now: float) -> Batch | None:
        """The failures that the node counted and the log did not show, once the log is read to the counters' time.

        None while there is nothing new to compare.
        """
        reading, mark = self.readings.get(readings_host.DEBUG), self.readings.get(readings_host.HIDDEN)
        debug = reading.body if reading is not None else None
        if not isinstance(debug, readings_host.DebugReading) or (mark is not None and mark.at >= debug.at):
            return None
        if self.behind != 0 or not self.log.last_line or now - debug.at < SETTLED:
            return None
        self.window.advance(now)
        logged = self.log.started
        started = debug.started or logged or None
        seen = started is not None and abs(started - logged) <= hidden.SAME_START
        old = mark.body if mark is not None else None
        found = hidden.compare(old, debug, started, self.window.between, seen=seen)
        if found is None:
            return None
        body, counts = found
        samples = [Sample(f"{hidden.SERIES}{action}", debug.at, n, n) for action, n in counts.items()]
        return Batch(self.name, samples=samples, readings=[Reading(readings_host.HIDDEN, debug.at, body)])

    def _audits(self, satellite: str | None = None) -> float | None:
        """Ok of (ok + failed); failures because the client went away are left out (contract, "Meanings")."""
        ok = self.window.total((f"transfer:{AUDIT}:ok",), satellite)
        failed = self.window.total((f"transfer:{AUDIT}:failed",), satellite) - self.window.total((GONE,), satellite)
        return _percent(ok, ok + max(failed, 0))


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 3) if whole else None


def status(values: dict[str, Any], name: str, standing: Sequence[Mapping[str, Any]] = ()) -> tuple[str, str]:
    """The node's status and one sentence: `standing` are the alerts that count, worst first (contract, "Meanings")."""
    worst = standing[0] if standing else None
    if worst is not None and worst["severity"] != "info":
        more = len(standing) - 1
        others = f" {more} more alert{'s' if more > 1 else ''}." if more else ""
        return worst["severity"], f"{worst['text']}{others}"
    if values.get("online") is None:
        return "unknown", f"{name} cannot be judged: no answer from its API and no recent log line."
    return "ok", f"{name} is fine."
