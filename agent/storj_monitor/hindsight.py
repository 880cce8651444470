"""What the alert rules would have said of the logs that were imported, and how early.

After each import the rules run over all files that were ever imported for the node, on the logs' own time, with the
thresholds that are set now, in a process of their own that rests as long as it works. A log has no API, no disk and no
releases beside it: only the rules that read lines speak, so that a suspension is never among the alerts; when that was
is what the node's API says today. A file that was rotated meanwhile is known again by its beginning; one that is gone
is left out, and so is one whose lines overlap those before it. What is found is kept; what a stop interrupts begins
anew at the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from storj_monitor.alerts.episodes import Ending, Found, document
from storj_monitor.core import derive
from storj_monitor.publish.commands import Node, Row
from storj_monitor.sources.files import Start  # noqa: TC001 - msgspec reads the annotation
from storj_monitor.store.db import HINDSIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from storj_monitor.core.state import NodeState
    from storj_monitor.store.db import Store

_log = logging.getLogger(__name__)

CHILD = "storj_monitor.replay_child"


class Kept(msgspec.Struct):
    """Of one node: the files, whether they still have to be looked at, and what was found in them."""

    starts: list[Start] = []
    pending: bool = False
    found: Found | None = None


async def note(store: Store, node: str, files: Sequence[Start]) -> None:
    """Files of a node were imported; the next agent that runs on this store looks back over them."""
    kept = await _kept(store, node)
    kept.starts, kept.pending = list(dict.fromkeys([*kept.starts, *files])), True
    await store.keep(HINDSIGHT, {node: msgspec.json.encode(kept).decode()})


async def _kept(store: Store, node: str) -> Kept:
    text = await store.meta(HINDSIGHT + node)
    return msgspec.json.decode(text, type=Kept) if text else Kept()


class Hindsight:
    """Looks back, one node at a time. `limits(node)`: thresholds that differ from the rules' own."""

    def __init__(
        self,
        store: Store,
        nodes: Mapping[str, NodeState],
        limits: Callable[[str], Mapping[str, float]],
        *,
        now: Callable[[], float],
    ) -> None:
        self._store = store
        self._nodes = nodes
        self._limits = limits
        self._now = now
        self._keeping = asyncio.Lock()
        self._noted: set[str] = set()
        self._news = asyncio.Event()
        self._news.set()

    def rows(self) -> tuple[Row, ...]:
        """`hindsight {node}` → `{from, to, days, alerts: [{at, rule, severity, text, closed|null}], total, before:
        {kind, at, days} or null, text}`, `alerts` at most 500; null while nothing is found yet.
        """
        return (Row("hindsight", Node, self._answer),)

    async def imported(self, node: str, files: Sequence[Start]) -> None:
        """An import is done."""
        async with self._keeping:
            self._noted.add(node)
            await note(self._store, node, files)
        self._news.set()

    async def run(self) -> None:
        """Look back over what was imported, for ever."""
        while True:
            await self._news.wait()
            self._news.clear()
            for node in list(self._nodes):
                self._noted.discard(node)
                kept = await _kept(self._store, node)
                if kept.pending:
                    await self._look(node, kept.starts)

    async def _look(self, node: str, files: Sequence[Start]) -> None:
        """One node; a fault is told once, and what was found before stays."""
        _log.info("%s: looking back over %d imported log files.", node, len(files))
        found = None
        try:
            found = await _ask_child(node, files, self._limits(node))
        except (OSError, msgspec.DecodeError) as error:
            _log.error("%s: the rules could not be run over the imported logs: %s", node, error)
        async with self._keeping:
            kept = await _kept(self._store, node)  # more may have been imported meanwhile
            kept.found, kept.pending = found or kept.found, node in self._noted
            await self._store.keep(HINDSIGHT, {node: msgspec.json.encode(kept).decode()})
        if found is not None:
            _log.info("%s: %s", node, self._document(node, found)["text"])

    async def _answer(self, args: Node) -> Any:
        found = (await _kept(self._store, args.node)).found
        return None if found is None else self._document(args.node, found)

    def _document(self, node: str, found: Found) -> dict[str, Any]:
        return document(found, ending(self._nodes[node], found.first), self._now())


async def _ask_child(node: str, files: Sequence[Start], limits: Mapping[str, float]) -> Found | None:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-P", "-m", CHILD, stdin=pipe, stdout=pipe)
    try:
        said, _ = await process.communicate(msgspec.json.encode({"node": node, "files": files, "limits": limits}))
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return msgspec.json.decode(said, type=Found | None)


def ending(state: NodeState, since: int) -> Ending | None:
    """The first suspension or disqualification since a time that the node's API tells of."""
    known = derive.satellites(state.readings)
    found = [Ending("suspended", each.suspended) for each in known if each.suspended]
    found += [Ending("disqualified", each.disqualified) for each in known if each.disqualified]
    return min((each for each in found if each.at >= since), key=lambda each: each.at, default=None)
