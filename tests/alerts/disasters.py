"""A simulated node in a disaster, watched by the rules: its log and its console, on simulated time, no agent around."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from storj_monitor.alerts.book import Transition
from storj_monitor.alerts.evaluate import Evaluator, NodeLook
from storj_monitor.alerts.rules import RULES
from storj_monitor.alerts.view import View
from storj_monitor.core import derive, readings
from storj_monitor.core.facts import Down, Reading
from storj_monitor.core.logreader import LogReader
from storj_monitor.core.state import NodeState
from storj_monitor.demo.answers import Answers
from storj_monitor.demo.lognode import SimulatedNode
from storj_monitor.sources import nodeapi_parse

START = 1_795_392_000
"""2026-11-23 00:00 UTC."""
MINUTE, HOUR, DAY = 60, 3600, 86_400
SLOW = 600
"""Seconds between two questions for what costs a node something."""

_json = msgspec.json.Encoder().encode


class Watched:
    """One simulated node and what is known of it."""

    def __init__(self, node: SimulatedNode, *, log: bool = True, api: bool = True, rules: Any = RULES) -> None:
        self.node = node
        self.state = NodeState("attic", has_log=log, has_api=api)
        self.evaluator = Evaluator(rules)
        self.told: list[Transition] = []
        self.now = START
        self._reader = LogReader("attic")
        self._log, self._api = log, api

    def run(self, seconds: int, step: int = MINUTE) -> None:
        """Time goes on by so many seconds; a look every `step`."""
        until = self.now + seconds
        while self.now < until:
            begin, self.now = self.now, self.now + step
            block = b"".join(b"".join(lines) for lines in self.node.seconds(begin, self.now))
            if self._log:
                self._reader.feed(block, self.now)
                self.state.fold(self._reader.take(), self.now)
            if self._api:
                self._ask()
            self.look()

    def look(self) -> None:
        now = self.now
        values = self.state.payload(now)
        names = {each.satellite: each.url.partition(".")[0] for each in derive.satellites(self.state.readings)}
        payloads = {each: self.state.satellite(each, now) for each in names}

        def view(at: int) -> View:
            return View("attic", self.state, now, at, values, payloads, names, START)

        look = NodeLook("attic", view, self.state.log.last_line or now, late=False)
        self.told += [each for each in self.evaluator.look([look], now) if each.tell]

    def _ask(self) -> None:
        """What a node that runs answers; one that does not run answers nothing."""
        now = self.now
        if not self.node.up:
            self.state.read(Down(readings.NODE, self.state.down.get(readings.NODE, Down("", now, "")).at, "refused"))
            return
        answers = Answers(self.node, now)
        self._read(readings.NODE, nodeapi_parse.node, answers.sno())
        if now % SLOW == 0:
            self._read(readings.MONTH, nodeapi_parse.month, answers.satellites())
            for index, account in enumerate(self.node.accounts):
                source = readings.satellite_source(account.satellite.id)
                self._read(source, nodeapi_parse.satellite, answers.satellite(index))

    def _read(self, source: str, parse: Callable[[bytes, int], Any], body: Any) -> None:
        self.state.read(Reading(source, self.now, parse(_json(body), self.now)))

    # ---- what was told ----

    @property
    def story(self) -> list[Told]:
        return [
            Told(
                each.at - START,
                each.type,
                each.alert.rule,
                each.alert.severity,
                len(each.alert.payload(None)["satellites"]),
            )
            for each in self.told
        ]

    @property
    def worst(self) -> dict[str, str]:
        """Rule → the worst that it came to."""
        order = ("info", "warning", "critical")
        found: dict[str, str] = {}
        for each in self.told:
            old = found.get(each.alert.rule, "info")
            found[each.alert.rule] = max(old, each.alert.severity, key=order.index)
        return found

    @property
    def opened(self) -> Counter[str]:
        return Counter(each.alert.rule for each in self.told if each.type == "open")

    @property
    def open(self) -> set[str]:
        return {alert.rule for alert in self.evaluator.book.open.values()}


class Told(NamedTuple):
    age: int
    type: str
    rule: str
    severity: str
    satellites: int


def watched(trouble: Any, *, rate: float = 0.5, log: bool = True, api: bool = True, **options: Any) -> Watched:
    node = SimulatedNode(7, start=START, rate=rate, trouble=trouble, **options)
    return Watched(node, log=log, api=api)
