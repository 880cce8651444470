"""Histories to try rules on: log lines through the reader, API bodies through the parsers, at any time one likes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from storj_monitor.alerts.book import Alert, Transition
from storj_monitor.alerts.evaluate import Evaluator, NodeLook
from storj_monitor.alerts.rules import AGENT_RULES, RULES
from storj_monitor.alerts.view import AgentView, View
from storj_monitor.core import derive, readings
from storj_monitor.core.facts import Down, Reading
from storj_monitor.core.logreader import LogReader
from storj_monitor.core.readings import Body
from storj_monitor.core.state import NodeState
from storj_monitor.sources import nodeapi_parse

NOON = 1_795_435_200
"""2026-11-23 12:00 UTC."""
MINUTE, HOUR, DAY = 60, 3600, 86_400
US1 = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S"
EU1 = "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs"
NAMES = {US1: "us1", EU1: "eu1"}
NODE_ID = "1TVZPLS3jSWk4GdgGAkRTeyB5e7dymBZBBwRgR3owmemhqCabt"
PIECE = "E6FQ7JQ3DBPTK2ZJ5FVQDRPZQ3VXG4MNKS2XGBHJ2QYCEHFJW{:03d}"
TB = 1_000_000_000_000


def stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class History:
    """One node and what happens to it; every `pass_` looks at it each minute (or `step`).

    `limits`: thresholds that people set.
    """

    limits: Mapping[str, float] = {}

    def __init__(self, *, log: bool = True, api: bool = True, now: int = NOON, rules: Sequence[Any] = RULES) -> None:
        self.state = NodeState("attic", has_log=log, has_api=api)
        self.evaluator = Evaluator(rules, AGENT_RULES)
        self.now = self.began = now
        self.told: list[Transition] = []
        self.insights: list[Any] = []
        self.answers: dict[str, Any] = {}
        self.log, self.api = log, api
        self._reader = LogReader("attic")
        self._piece = 0

    # ---- the log ----

    def line(self, message: str, level: str = "INFO", logger: str = "", at: int | None = None, **fields: Any) -> None:
        """One line of 1.162; `at`: not now."""
        columns = [stamp(self.now if at is None else at), level, *([logger] if logger else []), message]
        self.raw("\t".join([*columns, json.dumps({"process": "storagenode", **fields})]))

    def raw(self, text: str) -> None:
        self._reader.feed(f"{text}\n".encode(), self.now)
        self.state.fold(self._reader.take(), self.now)

    def transfer(
        self, message: str = "downloaded", action: str = "GET", satellite: str = US1, error: str = "", n: int = 1
    ) -> None:
        """Some transfers that end now."""
        for _ in range(n):
            self._piece += 1
            piece = PIECE.format(self._piece % 1000)
            fields: dict[str, Any] = {
                "piece_id": piece,
                "satellite_id": satellite,
                "action": action,
                "offset": 0,
                "size": 256,
            }
            fields |= {"remote_address": "203.0.113.7:4001"} | ({"error": error} if error else {})
            self.line(message, "ERROR" if error else "INFO", "piecestore", **fields)

    def failed(self, action: str, error: str, n: int = 1, satellite: str = US1) -> None:
        self.transfer("download failed", action, satellite, error, n)

    def starts(self) -> None:
        """A start that succeeds."""
        self.line("Configuration loaded", location="/app/config/config.yaml")
        self.line(f"Node {NODE_ID} started")

    def dies(self, error: str) -> None:
        """Last words."""
        self.line("failure during run", "ERROR", error=error)
        self.raw(f"Error: {error}")

    # ---- the API and other sources ----

    def sno(self, **changes: Any) -> None:
        """What `/api/sno/` answers from now on; it is asked before each look."""
        known = self.answers.get("sno") or {
            "nodeID": NODE_ID,
            "satellites": [satellite(US1), satellite(EU1)],
            "diskSpace": disk(),
            "version": "1.162.3",
            "allowedVersion": "1.115.5",
            "startedAt": stamp(self.began - DAY),
            "quicStatus": "OK",
        }
        self.answers["sno"] = known | changes

    def silent(self) -> None:
        """The API answers no more."""
        self.answers.pop("sno", None)
        self.state.read(Down(readings.NODE, self.now, "refused"))

    def scores(self, **of: tuple[float, float, float]) -> None:
        """Audit, suspension and online score, 0–1, by short name."""
        audits = [
            {"auditScore": audit, "suspensionScore": suspension, "onlineScore": online, "satelliteName": f"{name}:7777"}
            for name, (audit, suspension, online) in of.items()
        ]
        self.answers["month"] = {"audits": audits}

    def read(self, source: str, body: Body) -> None:
        self.state.read(Reading(source, body.at, body))

    # ---- time ----

    def pass_(self, seconds: int = 0, step: int = MINUTE) -> History:
        """Time goes on; a look now and each `step`."""
        self.look()
        for at in range(self.now + step, self.now + seconds + 1, step):
            self.now = at
            self.look()
        return self

    def ask(self) -> None:
        if "sno" in self.answers:
            body = {"lastPinged": stamp(self.now), **self.answers["sno"]}
            self.read(readings.NODE, nodeapi_parse.node(json.dumps(body).encode(), self.now))
        if "month" in self.answers:
            self.read(readings.MONTH, nodeapi_parse.month(json.dumps(self.answers["month"]).encode(), self.now))

    def look(self, *, late: bool = False) -> list[Transition]:
        self.ask()
        log_at = self.state.log.last_line or self.now
        done = self.evaluator.look([NodeLook("attic", self.view, log_at, late)], self.now)
        self.told += done
        return done

    def view(self, at: int) -> View:
        values = self.state.payload(self.now)
        known = derive.satellites(self.state.readings)
        payloads = {each.satellite: self.state.satellite(each.satellite, self.now) for each in known}
        return View("attic", self.state, self.now, at, values, payloads, NAMES, self.began, self.limits, self.insights)

    def agent(self, seconds: int = 0, **known: Any) -> History:
        """The agent itself, looked at every minute."""
        for at in range(self.now, self.now + seconds + 1, MINUTE):
            self.now = at
            self.told += self.evaluator.look_at_agent(AgentView("host", at, **{"limits": self.limits, **known}))
        return self

    # ---- what came of it ----

    @property
    def open(self) -> dict[str, Alert]:
        return {alert.rule: alert for alert in self.evaluator.book.open.values()}

    @property
    def worst(self) -> dict[str, str]:
        return {alert.rule: alert.severity for alert in self.evaluator.book.open.values()}


def satellite(satellite_id: str, **dates: Any) -> dict[str, Any]:
    """A row of `/api/sno/`; its url is the short name."""
    return {"id": satellite_id, "url": f"{NAMES[satellite_id]}:7777", "disqualified": None, "suspended": None, **dates}


def disk(used: float = 1.0, allocated: float = 8.0, **more: Any) -> dict[str, Any]:
    """`diskSpace` of ≥ 1.143, in TB."""
    free = max(0.0, allocated - used)
    sizes = {"used": used, "allocated": allocated, "available": free, "overused": max(0.0, used - allocated)}
    return {key: int(size * TB) for key, size in sizes.items()} | {"trash": 0, "reclaimable": 0} | more
