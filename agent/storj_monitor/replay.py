"""`storj-monitor replay`: the rules over old logs, on the logs' own time, and what would have been raised when.

A rule whose source is not given is silent. An API folder is one state of the node, true at its newest time and held for
a day; the end of a file raises nothing, for nobody knows what came after it.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from storj_monitor.alerts.evaluate import Evaluator, NodeLook
from storj_monitor.alerts.rules import RULES
from storj_monitor.alerts.view import View
from storj_monitor.core import derive, logline, readings, satellites
from storj_monitor.core.errors import MonitorError
from storj_monitor.core.facts import Reading
from storj_monitor.core.logreader import LogReader
from storj_monitor.core.state import NodeState
from storj_monitor.count import blocks
from storj_monitor.sources import nodeapi_parse
from storj_monitor.sources.files import READ_ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from storj_monitor.alerts.book import Transition
    from storj_monitor.core.readings import Body

STEP, HOUR = 60, 3600
HELD = 24 * 3600
"""Seconds for which the answers of a folder are taken as the newest."""
SILENT = 75 * 60
"""Seconds without a line after which it is asked what the silence means, and then every hour."""
LINES_AT_ONCE, SPAN = 200, 600
"""Of what is judged at once, at most: lines, and seconds of event time."""
SLACK = 2
"""Seconds that two files that follow each other may overlap."""
GAP_MAX = 30 * 86_400
"""Seconds of silence between two lines that are taken for one node's."""


class Replay:
    """One node's log, and perhaps one state of its API, through all rules.

    `limits`: thresholds that differ from the rules' own. `lenient`: a damaged file ends where it cannot be read, and
    one that begins before the last one has ended (a copy, a part) is passed over.
    """

    def __init__(
        self,
        node: str,
        *,
        has_log: bool,
        api: Sequence[Body] = (),
        limits: Mapping[str, float] | None = None,
        lenient: bool = False,
    ) -> None:
        self._node = node
        self._limits = limits or {}
        self._lenient = lenient
        self._evaluator = Evaluator([rule for rule in RULES if rule.id != "no_data"])
        self._state = NodeState(node, has_log=has_log, has_api=bool(api))
        self._api = list(api)
        self._from = max((body.at for body in api), default=0)
        self._now = 0
        self._first = 0
        self._said: dict[str, tuple[Any, ...]] = {}

    def logs(self, paths: Iterable[str], progress: Callable[[int], None] = lambda _: None) -> Iterator[Transition]:
        """Feed all lines in the order of the files, and look as their time goes on; `progress` gets counts of lines."""
        reader = LogReader(self._node)
        for path in paths:
            for part in (part for block in self._blocks(path, reader) for part in _parts(block)):
                at = _time_of(part.partition(b"\n")[0])
                if at is not None and reader.last and SILENT <= at - reader.last <= GAP_MAX:
                    yield from self._take(reader)
                    yield from self._looks(range(reader.last + SILENT, at, HOUR))
                progress(reader.feed(part, self._now))
                if reader.last - self._now >= STEP:
                    yield from self._take(reader)
        yield from self._take(reader)
        if self._from > self._now:
            yield from self.api()

    @property
    def first(self) -> int:
        """When the first look was (epoch seconds); 0: there was none."""
        return self._first

    @property
    def last(self) -> int:
        """When the last one was."""
        return self._now

    def _blocks(self, path: str, reader: LogReader) -> Iterator[bytes]:
        """The blocks of a file, as far as they are to be read."""
        end = reader.last - SLACK if self._lenient else 0
        with suppress(*(READ_ERRORS if self._lenient else ())):
            for number, block in enumerate(blocks(path)):
                if number == 0 and end > 0 and logline.first_time(block) < end:
                    return
                yield block

    def api(self) -> Iterator[Transition]:
        """The folder's state for as long as it holds."""
        yield from self._looks(range(max(self._from, self._now), self._from + HELD, STEP))

    def _take(self, reader: LogReader) -> Iterator[Transition]:
        """Fold what was read and look, before that at each minute for which the folder's state holds."""
        last = max(reader.last, self._now)
        if self._now:
            yield from self._looks(range(max(self._now + STEP, self._from), min(last, self._from + HELD), STEP))
        self._state.fold(reader.take(), last)
        if last:
            yield from self._look(last)

    def _looks(self, times: range) -> Iterator[Transition]:
        for at in times:
            yield from self._look(at)

    def _look(self, now: int) -> Iterator[Transition]:
        self._now, self._first = now, self._first or now
        true_at = self._take_api(now)
        values = self._state.payload(true_at)
        urls = {each.satellite: each.url for each in derive.satellites(self._state.readings)}
        payloads = {each: self._state.satellite(each, true_at) for each in urls}
        names = _Names(urls)

        def view(at: int) -> View:
            return View(self._node, self._state, now, at, values, payloads, names, self._first, self._limits)

        done = self._evaluator.look([NodeLook(self._node, view, self._state.log.last_line or now, late=False)], now)
        yield from filter(self._news, done)

    def _news(self, each: Transition) -> bool:
        """Whether it was not said before: what missed minutes brought is told once more when they are over."""
        alert = each.alert
        if each.type == "close":
            return self._said.pop(alert.id, None) is not None
        what = (alert.severity, {member.satellite for member in alert.members})
        new = self._said.get(alert.id) != what and not (each.type == "open" and alert.id in self._said)
        self._said[alert.id] = what
        return new

    def _take_api(self, now: int) -> int:
        """Let the folder's state be true while it holds; when what is known now was true."""
        holds = self._from <= now < self._from + HELD
        if holds:
            for body in self._api:
                self._state.read(Reading(_source(body), body.at, body))
        elif self._api:
            self._state.readings = {key: each for key, each in self._state.readings.items() if key == "log"}
        return self._from if holds else now


class _Names(dict[str, str]):
    """Short names of satellites, made when they are asked for; the value given is the url."""

    def get(self, key: str, default: Any = None) -> Any:
        """The name of a full id."""
        return satellites.satellite_name(key, super().get(key)) if key else default


def events(transitions: Iterable[Transition]) -> Iterator[dict[str, Any]]:
    """The contract's rows: what opened, changed and closed, in event time."""
    for each in transitions:
        payload = each.alert.payload(None)
        keys = ("id", "rule", "severity", "node", "satellite", "satellites", "text")
        yield {"at": each.at, "type": each.type, **{key: payload[key] for key in keys}}


def read_folder(folder: Path) -> list[Body]:
    """The answers of a recorded API folder (`index.json` names them), all true at their newest time.

    Raises:
        MonitorError: there is no index, or an answer cannot be read.
    """
    try:
        index = msgspec.json.decode((folder / "index.json").read_bytes(), type=dict[str, dict[str, Any]])
        answers = {
            entry["path"]: (folder / entry["file"]).read_bytes()
            for entry in index.values()
            if entry.get("status") == 200 and "file" in entry
        }
    except (OSError, msgspec.DecodeError, KeyError) as error:
        raise MonitorError(f"{folder} is no folder of recorded answers: {error}.") from None
    at = _newest(answers.get("/api/sno/", b""))
    bodies: list[Body] = []
    for path, answer in answers.items():
        parse = next((parse for pattern, parse in ANSWERS if pattern.fullmatch(path)), None)
        if parse is not None:
            bodies.append(parse(answer, at))
    return bodies


ANSWERS: tuple[tuple[re.Pattern[str], Callable[[bytes, int], Body]], ...] = (
    (re.compile("/api/sno/?"), nodeapi_parse.node),
    (re.compile("/api/sno/satellites"), nodeapi_parse.month),
    (re.compile("/api/sno/satellite/[^/]+"), nodeapi_parse.satellite),
    (re.compile("/api/sno/estimated-payout"), nodeapi_parse.payout),
    (re.compile("/api/heldamount/held-history"), nodeapi_parse.held),
    (re.compile("/api/heldamount/paystubs/[^/]+/[^/]+"), nodeapi_parse.paystubs),
)
_TIME = re.compile(rb'"(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d)[^"]*Z"')


def _newest(answer: bytes) -> int:
    """The newest time that an answer names; a state without one is that of now."""
    times = [datetime.fromisoformat(found.decode() + "+00:00").timestamp() for found in _TIME.findall(answer)]
    return int(max(times, default=time.time()))


def _source(body: Body) -> str:
    kind = next(name for name, each in readings.BODIES.items() if type(body) is each)
    return readings.satellite_source(body.satellite) if isinstance(body, readings.SatelliteReading) else kind


def _parts(block: bytes) -> Iterator[bytes]:
    """A block in pieces of some lines that span some minutes at most."""
    lines = block.split(b"\n")
    if not lines[-1]:
        lines.pop()
    for start in range(0, len(lines), LINES_AT_ONCE):
        yield from _short(lines[start : start + LINES_AT_ONCE])


def _short(lines: list[bytes]) -> Iterator[bytes]:
    begin, end = _time_of(lines[0]), _time_of(lines[-1])
    if len(lines) == 1 or begin is None or end is None or end - begin <= SPAN:
        yield b"\n".join(lines) + b"\n"
        return
    half = len(lines) // 2
    yield from _short(lines[:half])
    yield from _short(lines[half:])


def _time_of(line: bytes) -> int | None:
    record = logline.docker(line) if line[:7] == b'{"log":' else None
    entry = logline.parse(line if record is None else record.log.encode("utf-8", "replace"))
    return entry.at if entry is not None else None
