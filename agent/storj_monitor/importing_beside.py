"""An import beside a running agent: the agent is asked and watched (agent/docs/contract.md, "Command line")."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from storj_monitor.asking import ask
from storj_monitor.core.errors import MonitorError
from storj_monitor.pastimport import LOCAL
from storj_monitor.sources.backfill import Imported
from storj_monitor.store.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

LOOK = 0.5


class Local(msgspec.Struct):
    """What the agent leaves in its data folder."""

    url: str
    secret: str
    token: str | None = None


async def import_beside(
    data: Path, node: str | None, paths: Sequence[str], *, progress: Callable[[int], object], force: bool = False
) -> Imported:
    """Let the agent that runs on `data` import the files, whose paths are absolute.

    Raises `MonitorError` when it cannot be asked or refuses.
    """
    try:
        local = msgspec.json.decode((data / LOCAL).read_bytes(), type=Local)
    except FileNotFoundError as error:
        raise MonitorError(
            f"Another process writes to {data}, and it is no agent that answers: stop it first."
        ) from error
    except OSError as error:
        raise MonitorError(
            f"An agent runs on {data}, and {data / LOCAL} cannot be read ({error.strerror}): "
            "give the command as the agent's user, or as root."
        ) from error
    if node is None:
        async with Reader.open(data) as reader:
            names = [row[0] for row in await reader.fetch("SELECT name FROM node ORDER BY name", ())]
        if len(names) != 1:
            raise MonitorError(f"Which node are the files of? Name it with --node NAME; there are {', '.join(names)}.")
        node = names[0]
    begin = {"node": node, "files": list(paths), "force": force, "secret": local.secret}
    return await _watched(local, begin, progress)


async def _watched(local: Local, begin: dict[str, Any], progress: Callable[[int], object]) -> Imported:
    """Begin, and look twice a second until it is done; when this is cancelled, the agent stops, too."""
    seen = 0
    try:
        said = await ask(local.url, local.token, "import", begin)
        while said["running"]:
            await asyncio.sleep(LOOK)
            said = await ask(local.url, local.token, "import_status", {})
            done = said["lines"] + said["skipped"]
            progress(done - seen)
            seen = done
    except asyncio.CancelledError:
        await asyncio.shield(ask(local.url, local.token, "import_stop", {}))
        raise
    if said["fault"]:
        raise MonitorError(f"The agent could not import them: {said['fault']}")
    return Imported(said["files"], said["lines"], said["skipped"], said["refused"])
