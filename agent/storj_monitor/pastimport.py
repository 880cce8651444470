"""Imports old logs inside the running agent: the only process that writes to its store (law 1).

While old files of a node are read, its log rests: the positions belong to one reader at a time. What the node writes
meanwhile is read afterwards. One import at a time; each batch is committed before the next is read, so a stop or a
kill costs seconds, and the same import again goes on.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from storj_monitor.core.errors import CommandError, MonitorError
from storj_monitor.core.facts import LogReading
from storj_monitor.publish.commands import Name, Node, Row
from storj_monitor.recalling import recall
from storj_monitor.sources.backfill import Backfill, Imported

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from storj_monitor.core.facts import Batch
    from storj_monitor.core.live import Place
    from storj_monitor.engine import Engine
    from storj_monitor.sources.files import Start
    from storj_monitor.sources.logs import LogSource
    from storj_monitor.store.db import Store

_log = logging.getLogger(__name__)

LOCAL = "agent.json"
"""In the data folder: address and secret by which commands on this host reach the agent that runs on it."""
SHARE = 0.5
"""Of the time so much is worked; on a host of one core the agent goes on."""


class Import(msgspec.Struct, forbid_unknown_fields=True):
    """`{node, files, force, secret}`: only who may read the data folder knows the secret."""

    node: Name
    files: Annotated[list[Annotated[str, Meta(min_length=1, max_length=4096)]], Meta(min_length=1, max_length=10_000)]
    secret: Annotated[str, Meta(max_length=128)]
    force: bool = False


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """`{}`."""


class Progress(msgspec.Struct):
    """Of the import that runs or ran last: `lines` counted now, `skipped` before; `bytes` of its files on disk."""

    node: str
    running: bool
    files: int
    bytes: int
    lines: int
    skipped: int
    seconds: float
    refused: list[str] = []
    fault: str | None = None


class PastImport:
    """Carries out imports of the nodes in `logs`; `imported` is told of what came to its end."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        logs: Mapping[str, LogSource],
        *,
        now: Callable[[], float],
        place: Callable[[str], Place | None] | None,
        imported: Callable[[str, Sequence[Start]], Awaitable[None]],
    ) -> None:
        self.secret = secrets.token_urlsafe(24)
        self._store = store
        self._engine = engine
        self._logs = logs
        self._now = now
        self._place = place
        self._imported = imported
        self._task: asyncio.Task[None] | None = None
        self._progress: Progress | None = None

    def rows(self) -> tuple[Row, ...]:
        """`past {node}` → `{files: [{path, bytes}], progress}`: files not counted yet, and the node's last import.

        `import_past {node}` and `import {…}` begin, `import_stop {}` ends; `import_status {}` → `Progress` or null.
        """
        return (
            Row("past", Node, self._past),
            Row("import_past", Node, self._import_past),
            Row("import", Import, self._import, browsers_only=True),
            Row("import_stop", Nothing, self._stop_it),
            Row("import_status", Nothing, self._status),
        )

    async def stop(self) -> None:
        """End an import that runs; what it counted is kept."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def everything(self) -> None:
        """Import the past of each node, one after the other, saying how it goes: `run --import-past`."""
        for node in list(self._logs):
            paths = await self._logs[node].past()
            if not paths:
                continue
            _log.info("%s: importing %d old log files.", node, len(paths))
            await self.begin(node, paths)
            await asyncio.gather(*([self._task] if self._task else []), return_exceptions=True)

    async def begin(self, node: str, paths: Sequence[str], *, force: bool = False) -> Progress:
        """Start an import. Raises CommandError when one runs already."""
        if node not in self._logs:
            raise CommandError("unavailable", f"{node} has no log in the settings; stop the agent to import for it.")
        size = await asyncio.to_thread(_size, paths)
        # From here on nothing waits: of two that ask at the same time, one is refused.
        if self._task is not None and not self._task.done():
            raise CommandError("unavailable", "Another import is running; ask import_status, or import_stop.")
        self._progress = Progress(node, True, len(paths), size, 0, 0, 0.0)
        self._task = asyncio.create_task(self._work(node, paths, self._progress, force=force))
        return self._progress

    # ---- commands ----

    async def _past(self, args: Node) -> dict[str, Any]:
        source = self._logs.get(args.node)
        paths = await source.past() if source is not None and not self._busy(args.node) else []
        last = self._progress if self._progress is not None and self._progress.node == args.node else None
        files = [{"path": path, "bytes": _size([path])} for path in paths]
        return {"files": files, "progress": msgspec.to_builtins(last)}

    async def _import_past(self, args: Node) -> Any:
        source = self._logs.get(args.node)
        paths = await source.past() if source is not None else []
        if not paths:
            raise CommandError(
                "unavailable", f"Beside the log of {args.node} there is no old file that is not counted."
            )
        return msgspec.to_builtins(await self.begin(args.node, paths))

    async def _import(self, args: Import) -> Any:
        if not hmac.compare_digest(args.secret.encode(), self.secret.encode()):
            raise CommandError("not_allowed", "import is for the command line on the agent's own host.")
        return msgspec.to_builtins(await self.begin(args.node, args.files, force=args.force))

    async def _stop_it(self, _args: Nothing) -> Any:
        await self.stop()
        return await self._status(_args)

    async def _status(self, _args: Nothing) -> Any:
        return msgspec.to_builtins(self._progress)

    def _busy(self, node: str) -> bool:
        progress = self._progress
        return progress is not None and progress.running and progress.node == node

    # ---- the work ----

    async def _work(self, node: str, paths: Sequence[str], progress: Progress, *, force: bool) -> None:
        source = self._logs[node]
        await source.rest()
        try:
            await self._engine.tick()
            if self._engine.failing:
                raise MonitorError("The store takes no commits at the moment; mend that first.")  # noqa: TRY301
            await self._read(node, paths, progress, force=force)
        except Exception as error:  # noqa: BLE001 - told to who asked; the log is followed again whatever it was
            progress.fault = str(error)
            _log.exception("%s: the import of old logs failed.", node)
        finally:
            await asyncio.shield(self._go_on(node, source))
            progress.running = False
        _log.info("%s: %d lines of old logs imported in %.0f s.", node, progress.lines, progress.seconds)

    async def _read(self, node: str, paths: Sequence[str], progress: Progress, *, force: bool) -> None:
        def counted(_lines: int) -> None:
            progress.lines, progress.skipped = backfill.result.lines, backfill.result.skipped
            progress.seconds = round(time.monotonic() - begun, 1)

        begun = time.monotonic()
        backfill = Backfill(node, now=self._now, force=force, progress=counted, place=self._place)
        kept = await self._store.log_state(node)
        latest = self._engine.nodes[node].log
        backfill.start(kept.positions, carry=kept.carry, latest=latest, mark=await self._store.mark(node))
        batches = backfill.batches(paths)
        while True:
            step = time.monotonic()
            made = await asyncio.shield(asyncio.to_thread(_next, batches))
            if made is None:
                break
            await self._store.commit_past(*made)
            await asyncio.sleep((time.monotonic() - step) * (1 / SHARE - 1))
        _finish(progress, backfill.result, begun)
        await self._imported(node, backfill.opened)

    async def _go_on(self, node: str, source: LogSource) -> None:
        """Follow the log again, with what the store has now."""
        async with self._engine.ticking:
            state = self._engine.nodes[node]
            await recall(self._store, state, self._now())
            kept = await self._store.log_state(node)
            latest = state.log if state.log.last_line else LogReading()
            await source.resume(positions=kept.positions, carry=kept.carry, latest=latest)


def _next(batches: Iterator[tuple[Batch, bytes]]) -> tuple[Batch, bytes] | None:
    return next(batches, None)


def _finish(progress: Progress, result: Imported, begun: float) -> None:
    progress.lines, progress.skipped, progress.refused = result.lines, result.skipped, result.refused
    progress.seconds = round(time.monotonic() - begun, 1)


def _size(paths: Sequence[str]) -> int:
    total = 0
    for path in paths:
        try:
            total += Path(path).stat().st_size
        except OSError:
            continue  # the import says what is wrong with it
    return total


def write_local(folder: Path, url: str, secret: str, token: str | None) -> Path:
    """Leave word for commands on this host; only the agent's user may read it."""
    file = folder / LOCAL
    temporary = folder / f"{LOCAL}.new"
    temporary.unlink(missing_ok=True)
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as out:
        out.write(msgspec.json.encode({"url": url, "secret": secret, "token": token}))
    temporary.rename(file)
    return file
